//! What holds for every PATCH, whatever the resource.

use proptest::prelude::*;
use proptest::sample::select;
use scimproof::scim::json::{Json, object};
use scimproof::scim::patch::{Patched, Policy, apply};
use scimproof::scim::schema::builtin;
use scimproof::scim::urn;

use super::generate::{message, patch, user, write};

const POLICIES: [Policy; 2] = [Policy::Strict, Policy::Tolerant];

/// Attributes with a value that nobody has, and the path by which it is taken away again.
const NEW: &[(&str, &str, &str)] = &[
    ("nickName", r#""new""#, "nickName"),
    ("userType", r#""new""#, "userType"),
    ("name", r#"{"middleName":"new"}"#, "name.middleName"),
    ("emails", r#"[{"value":"new@example.com","type":"other"}]"#, r#"emails[value eq "new@example.com"]"#),
    ("emails", r#"[{"value":"new@example.com","type":"other"}]"#, r#"emails[type eq "other" and value sw "new@"]"#),
    ("photos", r#"[{"value":"https://example.com/new"}]"#, r#"photos[value ew "/new"]"#),
    ("addresses", r#"[{"type":"work","locality":"Ghent"}]"#, "addresses"),
    (
        urn::ENTERPRISE_USER,
        r#"{"costCenter":"new"}"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    ),
];

fn operation(op: &str, path: Option<&str>, value: Option<Json>) -> Json {
    let parts = [("op", Some(op.into())), ("path", path.map(Json::from)), ("value", value)];
    let operation = Json::Object(parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?))).collect());
    message(Json::Array(vec![operation]))
}

fn patched(resource: &Json, patch: &Json, policy: Policy) -> Patched {
    apply(resource, patch, &builtin::user_type(), policy).unwrap_or_else(|error| panic!("{patch}\n{resource}\n{error}"))
}

/// The values of a list that have not changed, in their order.
fn kept<'j>(before: &'j Json, after: &'j Json, list: &str) -> [Vec<&'j Json>; 2] {
    let items = |json: &'j Json| json.get(list).and_then(Json::as_array).unwrap_or_default();
    let common = |these: &'j [Json], others: &'j [Json]| these.iter().filter(|item| others.contains(item)).collect();
    [common(items(before), items(after)), common(items(after), items(before))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_added_and_removed_was_never_there(user in user(), new in select(NEW), with_path in any::<bool>()) {
        let (name, value, removal) = new;
        let value = Json::parse(value.as_bytes()).unwrap();
        let add = if with_path {
            operation("add", Some(name), Some(value))
        } else {
            operation("add", None, Some(object([(name, value)])))
        };
        for policy in POLICIES {
            let added = patched(&user, &add, policy);
            prop_assert!(added.changed && added.readings.is_empty(), "{:?}", added);
            let removed = patched(&added.resource, &operation("remove", Some(removal), None), policy);
            prop_assert_eq!(&removed.resource, &user, "{}", add);
        }
    }

    #[test]
    fn what_is_written_twice_is_written_once((path, value) in write(), user in user()) {
        for (op, policy) in [("replace", Policy::Strict), ("replace", Policy::Tolerant), ("add", Policy::Tolerant)] {
            let write = operation(op, Some(path), Some(value.clone()));
            let Ok(once) = apply(&user, &write, &builtin::user_type(), policy) else { continue };
            let twice = patched(&once.resource, &write, policy);
            prop_assert!(!twice.changed, "{} {}\n{}\n{}", op, path, once.resource, twice.resource);
        }
    }

    #[test]
    fn what_is_not_touched_keeps_its_place(user in user(), patch in patch()) {
        for policy in POLICIES {
            let Ok(Patched { resource, changed, .. }) = apply(&user, &patch, &builtin::user_type(), policy) else { continue };
            prop_assert_eq!(changed, resource != user);
            for list in ["emails", "photos"] {
                let texts = patch.to_string();
                let replaced = texts.contains(&format!(r#""op":"replace","path":"{list}""#)) || !texts.contains("\"path\"") ;
                let [before, after] = kept(&user, &resource, list);
                prop_assert!(replaced || before == after, "{}: {:?} {:?}", patch, before, after);
            }
        }
    }

    /// All operations of a request, or none of them: one that fails leaves nothing behind.
    #[test]
    fn one_request_is_as_good_as_one_after_the_other(user in user(), first in patch(), second in patch()) {
        let operations = |patch: &Json| patch.get("Operations").and_then(Json::as_array).unwrap().to_vec();
        let both = message(Json::Array([operations(&first), operations(&second)].concat()));
        for policy in POLICIES {
            let schema = builtin::user_type();
            let apart = apply(&user, &first, &schema, policy).and_then(|done| apply(&done.resource, &second, &schema, policy));
            let together = apply(&user, &both, &schema, policy);
            prop_assert_eq!(together.map(|done| done.resource).ok(), apart.map(|done| done.resource).ok());
        }
    }
}
