//! Users and filters about them, from pools so small that they often meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scimproof::scim::filter::{Filter, Operator};
use scimproof::scim::json::{Json, Object, object};
use scimproof::scim::path::AttributePath;
use scimproof::scim::urn;

const WORDS: &[&str] = &["ada", "bea", "byron", "Ada", "ada byron", "o'neil", "say \"a\\b\"", "zoë", "", "7"];
const MAILS: &[&str] = &["ada@example.com", "bea@example.com", "Ada@example.com", "ada@example.org"];
const INSTANTS: &[&str] = &[
    "2026-11-22T08:00:00Z",
    "2026-11-22T09:00:00+01:00",
    "2026-11-22T07:30:00Z",
    "2026-11-22T10:00:00.5Z",
    "2026-11-22T23:00:00-05:00",
];
const NUMBERS: &[&str] = &["7", "-1", "1.5", "1e1"];
const URLS: &[&str] = &["https://example.com/a.png", "https://example.com/A.png"];
const IDS: &[&str] = &["u-1", "U-1", "u-2"];

/// The seed of what is generated for the libraries; another one may be given to look further.
pub(crate) fn seed() -> u64 {
    std::env::var("SCIMPROOF_TEST_SEED").map_or(1, |seed| seed.parse().unwrap())
}

/// The first `count` values of a strategy, the same for the same seed.
pub(crate) fn sample<S: Strategy>(strategy: &S, seed: u64, count: usize) -> Vec<S::Value> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn text(pool: &'static [&'static str]) -> impl Strategy<Value = Json> + Clone {
    select(pool).prop_map(Json::from)
}

/// Members that may be missing; an object without any of them is no object.
fn members(parts: Vec<(&'static str, BoxedStrategy<Json>)>) -> impl Strategy<Value = Json> {
    let parts: Vec<_> = parts
        .into_iter()
        .map(|(name, value)| option::of(value).prop_map(move |value| value.map(|value| (name.to_owned(), value))))
        .collect();
    parts.prop_map(|members| Json::Object(members.into_iter().flatten().collect()))
}

/// A value of `emails` and its like: the value, and perhaps a type; which one is primary is decided for the list.
fn element(values: &'static [&'static str]) -> impl Strategy<Value = Json> {
    (text(values), option::of(text(&["work", "home"])), option::of(text(WORDS))).prop_map(|(value, kind, display)| {
        let parts = [("value", Some(value)), ("type", kind), ("display", display)];
        Json::Object(parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    })
}

fn list(values: &'static [&'static str]) -> impl Strategy<Value = Json> {
    let flagged = option::of((any::<prop::sample::Index>(), any::<bool>()));
    (vec(element(values), 1..4), flagged).prop_map(|(mut items, flagged)| {
        // A list does not say the same of one value twice (RFC 7643 section 2.4).
        let key = |item: &Json| {
            let text = |name: &str| item.get(name).and_then(Json::as_str).unwrap_or_default().to_lowercase();
            (text("value"), text("type"))
        };
        let mut seen = Vec::new();
        items.retain(|item| {
            !seen.contains(&key(item)) && {
                seen.push(key(item));
                true
            }
        });
        if let Some((index, primary)) = flagged {
            let index = index.index(items.len());
            items[index].as_object_mut().unwrap().set("primary", primary.into());
        }
        Json::Array(items)
    })
}

fn is_empty(value: &Json) -> bool {
    value.as_object().is_some_and(Object::is_empty)
}

fn without_empty(members: &Json) -> Json {
    let members = members.as_object().unwrap().iter().filter(|(_, value)| !is_empty(value));
    Json::Object(members.map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

/// A user as a service provider shows it.
pub(crate) fn user() -> impl Strategy<Value = Json> {
    let name = || members(vec![("givenName", text(WORDS).boxed()), ("familyName", text(WORDS).boxed())]);
    let manager = || members(vec![("value", text(IDS).boxed()), ("displayName", text(WORDS).boxed())]);
    let enterprise = members(vec![("department", text(WORDS).boxed()), ("manager", manager().boxed())]);
    let optional = members(vec![
        ("externalId", text(WORDS).boxed()),
        ("displayName", text(WORDS).boxed()),
        ("title", text(WORDS).boxed()),
        ("active", any::<bool>().prop_map(Json::Bool).boxed()),
        ("name", name().boxed()),
        ("emails", list(MAILS).boxed()),
        ("photos", list(URLS).boxed()),
    ]);
    (text(IDS), text(&["ada", "Ada", "bea"]), optional, option::of(enterprise), text(INSTANTS)).prop_map(
        |(id, user_name, optional, enterprise, created)| {
            let mut schemas = vec![Json::from(urn::USER)];
            let mut user = Object::default();
            user.set("schemas", Json::Null);
            user.set("id", id);
            user.set("userName", user_name);
            for (name, value) in optional.as_object().unwrap().iter().filter(|(_, value)| !is_empty(value)) {
                user.set(name, value.clone());
            }
            let enterprise = enterprise.map(|members| without_empty(&members));
            if let Some(enterprise) = enterprise.filter(|members| !is_empty(members)) {
                schemas.push(urn::ENTERPRISE_USER.into());
                user.set(urn::ENTERPRISE_USER, enterprise);
            }
            user.set("schemas", Json::Array(schemas));
            user.set("meta", object([("resourceType", "User".into()), ("created", created)]));
            Json::Object(user)
        },
    )
}

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

fn number() -> impl Strategy<Value = Json> {
    select(NUMBERS).prop_map(|token| Json::Number(token.into()))
}

/// A literal of the kind that an attribute has, or, more rarely, of any kind.
fn literal(kind: &'static str) -> BoxedStrategy<Json> {
    let fitting = match kind {
        "mail" => text(MAILS).boxed(),
        "url" => text(URLS).boxed(),
        "id" => text(IDS).boxed(),
        "time" => text(INSTANTS).boxed(),
        "kind" => text(&["work", "home", "Work"]).boxed(),
        "flag" => any::<bool>().prop_map(Json::Bool).boxed(),
        "urn" => text(&[urn::USER, urn::ENTERPRISE_USER]).boxed(),
        _ => text(WORDS).boxed(),
    };
    let any = prop_oneof![text(WORDS), number(), any::<bool>().prop_map(Json::Bool), Just(Json::Null)];
    prop_oneof![9 => fitting, 1 => any].boxed()
}

fn operator() -> impl Strategy<Value = Operator> {
    let all = ["eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
    select(all.map(|name| Operator::named(name).unwrap()).to_vec())
}

/// A statement about one attribute.
fn statement(attributes: &'static [(&'static str, &'static str)]) -> impl Strategy<Value = Filter> {
    select(attributes).prop_flat_map(|(name, kind)| {
        let present = Just(Filter::Present(path(name)));
        let compare = (operator(), literal(kind));
        prop_oneof![
            1 => present,
            5 => compare.prop_map(move |(operator, value)| Filter::Compare(path(name), operator, value)),
        ]
    })
}

fn logic(leaf: impl Strategy<Value = Filter> + 'static, depth: u32) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(depth, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Filter::Or(Box::new(a), Box::new(b))),
        ]
    })
}

const ATTRIBUTES: &[(&str, &str)] = &[
    ("userName", "word"),
    ("USERNAME", "word"),
    ("externalId", "word"),
    ("id", "id"),
    ("displayName", "word"),
    ("title", "word"),
    ("active", "flag"),
    ("name", "word"),
    ("name.givenName", "word"),
    ("name.familyname", "word"),
    ("emails", "mail"),
    ("emails.value", "mail"),
    ("emails.type", "kind"),
    ("emails.primary", "flag"),
    ("photos.value", "url"),
    ("photos.display", "word"),
    ("meta.created", "time"),
    ("meta.resourceType", "word"),
    ("schemas", "urn"),
    ("urn:ietf:params:scim:schemas:core:2.0:User:title", "word"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "word"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "id"),
    ("favourite", "word"),
];

const SUB_ATTRIBUTES: &[(&str, &str)] =
    &[("value", "mail"), ("type", "kind"), ("Type", "kind"), ("primary", "flag"), ("display", "word")];

/// A filter over users.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let element = (select(vec!["emails", "photos", "Emails"]), logic(statement(SUB_ATTRIBUTES), 2))
        .prop_map(|(name, inner)| Filter::Element(path(name), Box::new(inner), None));
    logic(prop_oneof![4 => statement(ATTRIBUTES), 1 => element], 3)
}

/// The text of a filter, sometimes with one sign more, less or other.
pub(crate) fn near_filter() -> impl Strategy<Value = String> {
    let change = option::weighted(
        0.5,
        (any::<prop::sample::Index>(), 0..3, select(" ()[]\"\\.:ab1-NO".chars().collect::<Vec<_>>())),
    );
    (filter(), change).prop_map(|(filter, change)| {
        let mut signs: Vec<char> = filter.to_string().chars().collect();
        match change {
            Some((index, 0, sign)) => signs.insert(index.index(signs.len()), sign),
            Some((index, 1, _)) => drop(signs.remove(index.index(signs.len()))),
            Some((index, _, sign)) => {
                let index = index.index(signs.len());
                signs[index] = sign;
            }
            None => {}
        }
        signs.into_iter().collect()
    })
}

const SIMPLE: &[(&str, &str)] = &[
    ("title", "word"),
    ("displayName", "word"),
    ("externalId", "word"),
    ("active", "flag"),
    ("name.givenName", "word"),
    ("name.familyName", "word"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "word"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "id"),
    ("urn:ietf:params:scim:schemas:core:2.0:User:title", "word"),
    ("nickname", "word"),
    ("favourite", "word"),
    ("id", "id"),
    ("userName", "word"),
];

const WHOLE: &[&str] = &["name", "emails", "photos", urn::ENTERPRISE_USER];
const VALUE_FILTERS: &[&str] = &[
    "type eq \"work\"",
    "type eq \"home\"",
    "value eq \"ada@example.com\"",
    "value co \"example.org\"",
    "primary eq true",
    "type eq \"work\" and value eq \"ada@example.com\"",
    "not (type pr)",
];

fn operation(op: &str, path: Option<&str>, value: Option<Json>) -> Json {
    let parts = [("op", Some(op.into())), ("path", path.map(Json::from)), ("value", value)];
    Json::Object(parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?))).collect())
}

/// What `add` and `replace` put into a whole attribute.
fn whole(name: &'static str) -> BoxedStrategy<Json> {
    match name {
        "name" => members(vec![("givenName", text(WORDS).boxed()), ("familyName", text(WORDS).boxed())]).boxed(),
        "emails" => list(MAILS).boxed(),
        "photos" => list(URLS).boxed(),
        _ => members(vec![("department", text(WORDS).boxed()), ("costCenter", text(WORDS).boxed())]).boxed(),
    }
}

/// One operation of a PATCH on a user.
fn any_operation() -> impl Strategy<Value = Json> {
    let write = || select(vec!["add", "replace"]);
    let simple = (write(), select(SIMPLE)).prop_flat_map(|(op, (name, kind))| {
        literal(kind).prop_map(move |value| operation(op, Some(name), Some(value)))
    });
    let in_whole = (write(), select(WHOLE))
        .prop_flat_map(|(op, name)| whole(name).prop_map(move |value| operation(op, Some(name), Some(value))));
    let without_path = (write(), select(WHOLE), select(SIMPLE)).prop_flat_map(|(op, name, (plain, kind))| {
        let plain = if plain.contains([':', '.']) { "title" } else { plain };
        (whole(name), literal(kind))
            .prop_map(move |(whole, value)| operation(op, None, Some(object([(name, whole), (plain, value)]))))
    });
    let removal = select(SIMPLE.iter().map(|(name, _)| *name).chain(WHOLE.iter().copied()).collect::<Vec<_>>())
        .prop_map(|name| operation("remove", Some(name), None));
    let of_element = (select(vec!["add", "replace", "remove"]), select(VALUE_FILTERS), select(SUB_ATTRIBUTES))
        .prop_flat_map(|(op, filter, (sub, kind))| {
            let path = format!("emails[{filter}].{sub}");
            literal(kind).prop_map(move |value| operation(op, Some(&path), Some(value).filter(|_| op != "remove")))
        });
    let element =
        (select(vec!["replace", "remove"]), select(VALUE_FILTERS), element(MAILS)).prop_map(|(op, filter, value)| {
            operation(op, Some(&format!("emails[{filter}]")), Some(value).filter(|_| op == "replace"))
        });
    prop_oneof![4 => simple, 3 => in_whole, 2 => without_path, 2 => removal, 3 => of_element, 2 => element]
}

/// What is written to a simple attribute or a whole one.
pub(crate) fn write() -> impl Strategy<Value = (&'static str, Json)> {
    prop_oneof![
        select(SIMPLE).prop_flat_map(|(name, kind)| literal(kind).prop_map(move |value| (name, value))),
        select(WHOLE).prop_flat_map(|name| whole(name).prop_map(move |value| (name, value))),
    ]
}

/// A PATCH of a user.
pub(crate) fn patch() -> impl Strategy<Value = Json> {
    vec(any_operation(), 1..3).prop_map(|operations| message(Json::Array(operations)))
}

/// The message around operations.
pub(crate) fn message(operations: Json) -> Json {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", operations)])
}
