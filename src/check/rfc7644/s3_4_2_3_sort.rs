//! RFC 7644 section 3.4.2.3: sorted lists.
//!
//! Only own resources are compared: what belongs to strangers is masked. Two texts are compared where every alphabet
//! that knows Latin letters and digits agrees; what a locale does with other characters is not judged.

use std::cmp::Ordering;

use super::super::expect;
use super::super::resource::last_shown;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;
use crate::scim::date_time;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};
use crate::scim::urn::SEARCH_REQUEST;

pub(super) static CHECKS: &[&Check] = &[&SORTED, &SORT_OFFERED];

/// What the query asks for.
struct Asked {
    path: AttributePath,
    order: Option<String>,
    cursor: bool,
}

impl Asked {
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let sent = &subject.exchange().sent;
        let body = if subject.kind.operation == Operation::Search { Some(sent.json()?) } else { None };
        let text = |name: &str| match &body {
            Some(body) => body.get(name)?.as_str(),
            None => sent.parameter(name),
        };
        if !subject.kind.is(&[Operation::List, Operation::Search]) {
            return None;
        }
        let path = AttributePath::parse(text("sortBy")?.trim()).ok()?;
        let order = text("sortOrder").filter(|order| !order.trim().is_empty()).map(|o| o.trim().to_ascii_lowercase());
        Some(Self { path, order, cursor: text("cursor").is_some() })
    }

    fn is_descending(&self) -> bool {
        self.order.as_deref() == Some("descending")
    }

    fn is_known(&self) -> bool {
        self.order.as_deref().is_none_or(|order| matches!(order, "ascending" | "descending"))
    }
}

/// The attribute that a path sorts by: a simple one, or a part of a complex one.
fn sorted_by<'s>(path: &AttributePath, schema: &'s ResourceSchema) -> Option<(&'s Attribute, &'s Attribute)> {
    let whole = schema.find(&AttributePath { sub: None, ..path.clone() })?;
    let part = schema.find(path)?;
    (part.kind != Type::Complex).then_some((whole, part))
}

static SORTED: Check = Check {
    id: "rfc7644/3.4.2.3/sorted",
    requirements: &[
        "RFC7644-3.4.2.3-02",
        "RFC7644-3.4.2.3-03",
        "RFC7644-3.4.2.3-04",
        "RFC7644-3.4.2.3-05",
        "RFC7644-3.4.2.3-06",
        "RFC7644-3.4.2.3-07",
        "RFC7644-3.4.2.3-08",
        "RFC7644-3.4.2.3-09",
        "RFC7644-3.4.2.3-10",
        "RFC7644-3.4.3-08",
        "RFC7644-3.4.3-09",
        "RFC7644-3.4.3-10",
        "RFC9865-2.2-01",
    ],
    title: "A list is in the order that sortBy and sortOrder ask for",
    why: "A client that pages through a sorted list misses people when the order is another.",
    fix: "Sort by the attribute's type, texts without case unless they are caseExact, and put resources without a \
          value last, or first when descending.",
    judge: Judge::Exchange(sorted),
};

fn sorted(subject: &Subject<'_>) -> Judgement {
    let advertised = subject.scene.facts.supports(Feature::Sort) == Some(true);
    let Some(asked) = Asked::of(subject).filter(|asked| advertised && asked.is_known()) else {
        return Judgement::NotApplicable;
    };
    let mut own: Vec<(usize, Option<Json>, &Attribute, &Attribute)> = Vec::new();
    for resource in subject.resources() {
        let (Some(item), Some(id), Some(schema)) = (resource.item, resource.id(), resource.schema) else { continue };
        let Some((whole, part)) = sorted_by(&asked.path, schema).filter(|_| subject.is_ours(id)) else { continue };
        // An item of a list may show less than there is.
        let shown = last_shown(&subject.scene, subject.index, id).map(|(_, shown)| shown);
        let value = value_of(resource.json, &asked.path).or_else(|| value_of(shown?, &asked.path));
        if value.is_some() || shown.is_some() {
            own.push((item, value, whole, part));
        }
    }
    let mut decided = false;
    for pair in own.windows(2) {
        let [(_, first, ..), (item, second, whole, part)] = pair else { continue };
        match departure(first.as_ref(), second.as_ref(), whole, part, &asked, subject.kind.operation) {
            Order::Open => {}
            Order::Right => decided = true,
            Order::Wrong(requirement) => {
                let show = |value: &Option<Json>| value.as_ref().map_or("no value".to_owned(), ToString::to_string);
                let order = if asked.is_descending() { "descending" } else { "ascending" };
                let expected = format!("{} {order}", asked.path);
                let actual = format!("{} behind {}", show(second), show(first));
                let finding = expect::body(format!("/Resources/{item}"), expected, None).actually(actual);
                return finding.of(requirement).into();
            }
        }
    }
    if decided { Judgement::Conforms } else { Judgement::NotApplicable }
}

/// The value by which a resource is sorted: of several the primary one, else the first.
fn value_of(resource: &Json, path: &AttributePath) -> Option<Json> {
    let container = path.urn.as_ref().and_then(|urn| resource.get(urn)).unwrap_or(resource);
    let value = container.get(&path.attribute).filter(|value| !value.is_unassigned())?;
    let one = match value {
        Json::Array(items) => {
            let primary = items.iter().find(|item| item.get("primary").and_then(Json::as_bool) == Some(true));
            primary.or_else(|| items.first())?
        }
        other => other,
    };
    let part = match &path.sub {
        Some(sub) => one.get(sub)?,
        None => one,
    };
    (!part.is_unassigned() && part.as_str() != Some("")).then(|| part.clone())
}

/// Whether two neighbours are in order.
enum Order {
    /// It cannot be said.
    Open,
    Right,
    /// The sentence that is violated.
    Wrong(&'static str),
}

/// Judges two neighbours.
fn departure(
    first: Option<&Json>,
    second: Option<&Json>,
    whole: &Attribute,
    part: &Attribute,
    asked: &Asked,
    operation: Operation,
) -> Order {
    let descending = asked.is_descending();
    let (wrong, missing, by_case) = match (first, second) {
        (Some(a), Some(b)) => {
            let Some((ordering, by_case)) = compare(a, b, part) else { return Order::Open };
            (ordering == if descending { Ordering::Less } else { Ordering::Greater }, false, by_case)
        }
        (None, Some(_)) => (!descending, true, false),
        (Some(_), None) => (descending, true, false),
        (None, None) => return Order::Open,
    };
    if !wrong {
        return Order::Right;
    }
    Order::Wrong(match (operation, missing) {
        _ if asked.cursor => "RFC9865-2.2-01",
        (Operation::Search, _) if asked.path.urn.is_some() => "RFC7644-3.4.3-09",
        (Operation::Search, _) if descending => "RFC7644-3.4.3-10",
        (Operation::Search, _) => "RFC7644-3.4.3-08",
        (_, true) if descending => "RFC7644-3.4.2.3-06",
        (_, true) => "RFC7644-3.4.2.3-05",
        _ if whole.multi_valued => "RFC7644-3.4.2.3-03",
        _ if asked.path.sub.is_some() => "RFC7644-3.4.2.3-04",
        _ if part.case_exact => "RFC7644-3.4.2.3-10",
        _ if by_case => "RFC7644-3.4.2.3-09",
        _ if descending => "RFC7644-3.4.2.3-07",
        _ if asked.order.is_none() => "RFC7644-3.4.2.3-08",
        _ => "RFC7644-3.4.2.3-02",
    })
}

/// The order of two values, and whether it is another when case counts; `None` where locales disagree.
fn compare(a: &Json, b: &Json, attribute: &Attribute) -> Option<(Ordering, bool)> {
    if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
        return a.partial_cmp(&b).map(|ordering| (ordering, false));
    }
    let (a, b) = (a.as_str()?, b.as_str()?);
    if attribute.kind == Type::DateTime {
        return Some((date_time::parse(a)?.cmp(&date_time::parse(b)?), false));
    }
    let folded = agreed(&a.to_lowercase(), &b.to_lowercase())?;
    let exact = a.cmp(b);
    let by_case = folded != exact && folded != Ordering::Equal;
    // Among texts with exact case an alphabet may put all capitals first, or beside their small letters.
    if attribute.case_exact && by_case { None } else { Some((folded, by_case)) }
}

/// The order of two texts where it is the same in every alphabet: their first difference is between two letters or two
/// digits, or the one begins with the other.
fn agreed(a: &str, b: &str) -> Option<Ordering> {
    let mut pairs = a.chars().zip(b.chars());
    match pairs.find(|(a, b)| a != b) {
        None => Some(a.len().cmp(&b.len())),
        Some((a, b)) => {
            let alike =
                (a.is_ascii_alphabetic() && b.is_ascii_alphabetic()) || (a.is_ascii_digit() && b.is_ascii_digit());
            alike.then(|| a.cmp(&b))
        }
    }
}

static SORT_OFFERED: Check = Check {
    id: "rfc7644/3.4.2.3/sort-offered",
    requirements: &["RFC7644-3.4.2.3-02", "RFC7644-3.4.3-08"],
    title: "Sorting works where the configuration says so",
    why: "A client that is told of sorting leaves it to the server, and its query fails.",
    fix: "Accept sortBy and sortOrder for every attribute of /Schemas, or announce sort.supported false.",
    judge: Judge::Exchange(sort_offered),
};

fn sort_offered(subject: &Subject<'_>) -> Judgement {
    let advertised = subject.scene.facts.supports(Feature::Sort) == Some(true);
    let asked = Asked::of(subject).filter(|asked| advertised && asked.is_known());
    let known = |asked: &Asked| subject.kind.resource.is_some_and(|schema| sorted_by(&asked.path, schema).is_some());
    if !asked.as_ref().is_some_and(known) {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(400 | 501) if only_sorts(subject) => {
            let finding = expect::status(subject, "a sorted list, since sort.supported is true");
            let search = subject.kind.operation == Operation::Search;
            let requirement = if search { "RFC7644-3.4.3-08" } else { "RFC7644-3.4.2.3-02" };
            finding.of(requirement).read_as(ambiguity::A29_ADVERTISED).into()
        }
        _ => Judgement::NotApplicable,
    }
}

/// Whether a query has nothing but its order that could be refused.
fn only_sorts(subject: &Subject<'_>) -> bool {
    let sent = &subject.exchange().sent;
    let others = ["filter", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
    match subject.kind.operation {
        Operation::Search => sent.json().is_some_and(|body| {
            expect::names_schema(body, SEARCH_REQUEST) && others.iter().all(|name| body.get(name).is_none())
        }),
        _ => others.iter().all(|name| sent.parameter(name).is_none()),
    }
}
