//! A write has the effect that it asks for, and no other.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::scim::json::Json;
use crate::scim::path::PatchPath;
use crate::scim::schema::Type;
use crate::shadow::compare::{Gap, Kind};
use crate::shadow::{Operation, Record, Write};

pub(super) static CREATED: Check = Check {
    id: "state/created",
    requirements: &["RFC7644-3.3-01", "RFC7644-3.3-08", "RFC7644-3.1-06"],
    title: "A create keeps every value of the advertised attributes",
    why: "What is lost on the way in is wrong on the account from its first day, and nobody is told.",
    fix: "Store every attribute that /Schemas advertises and answer with the stored resource. What you do not store, \
          do not advertise.",
    judge: Judge::State,
};

pub(super) static REPLACED: Check = Check {
    id: "state/replaced",
    requirements: &["RFC7644-3.5.1-03", "RFC7644-3.5.1-13", "RFC7643-2.5-02", "RFC7644-3.5.1-05", "RFC7644-3.1-06"],
    title: "A PUT replaces every value that it gives",
    why: "Okta's profile push and its deactivation are PUTs: a value that does not arrive leaves the account as it \
          was.",
    fix: "Take every writable attribute of the body over, clear those given as null or [], and answer 200 with the \
          whole resource as it is stored.",
    judge: Judge::State,
};

pub(super) static PATCHED: Check = Check {
    id: "state/patched",
    requirements: &[
        "RFC7644-3.2-07",
        "RFC7644-3.5.2.3-02",
        "RFC7644-3.5.2.3-03",
        "RFC7644-3.5.2.3-01",
        "RFC7644-3.5.2.3-08",
        "RFC7644-3.5.2.1-07",
        "RFC7644-3.5.2.1-06",
        "RFC7644-3.5.2.1-03",
        "RFC7644-3.5.2.1-04",
        "RFC7644-3.5.2.2-02",
        "RFC7644-3.5.2.2-03",
        "RFC7644-3.5.2.2-06",
        "RFC7644-3.5.2-27",
        "RFC7644-3.5.2-19",
        "RFC7644-3.5.2-20",
        "RFC7644-3.5.2.1-05",
        "RFC7644-3.5.2.1-08",
        "RFC7644-3.5.2.1-09",
        "RFC7644-3.5.2.2-05",
        "RFC7644-3.5.2.2-07",
        "RFC7644-3.5.2.2-08",
        "RFC7644-3.5.2.3-04",
        "RFC7644-3.5.2.3-05",
        "RFC7644-3.5.2.3-06",
        "RFC7644-3.5.2.3-07",
        "RFC7644-3.1-06",
    ],
    title: "A PATCH changes what it names and nothing else",
    why: "Okta and Entra ID send differences. One that is answered with success and not applied is never sent again; \
          one that changes more damages the account.",
    fix: "Apply every operation to the stored resource, all or none, and leave alone what no operation names.",
    judge: Judge::State,
};

/// The check of a kind of write.
pub(super) fn check_of(operation: Operation) -> &'static Check {
    match operation {
        Operation::Create => &CREATED,
        Operation::Replace => &REPLACED,
        Operation::Patch => &PATCHED,
    }
}

/// What a departure says of a write that touched the attribute, or that should have left it alone.
pub(super) fn told(gap: &Gap<'_>, record: &Record<'_>, write: &Write<'_>, touched: bool, at: Location) -> Told {
    let check = check_of(write.operation);
    let attribute = words::short_path(&gap.path);
    let mut expected = words::expected(gap);
    let harm = match (write.operation, touched) {
        (Operation::Create, _) if gap.actual.is_none() => {
            format!("{attribute} is lost when {} is created", words::the(record))
        }
        (Operation::Create, _) => format!("{attribute} is altered when {} is created", words::the(record)),
        (_, true) => format!("the change of {attribute} does not arrive"),
        (_, false) => format!("{attribute} is lost when something else changes"),
    };
    if !touched {
        expected.push_str(", as before");
    }
    let finding = Finding::new(at, expected, words::actual(gap));
    let finding = match write.operation {
        Operation::Patch => {
            let sentence = if touched { requirement(gap, write) } else { of_other_parts(gap, write) };
            sentence.into_iter().fold(finding, Finding::of)
        }
        Operation::Replace if touched && gap.expected.is_none() => finding.of("RFC7643-2.5-02"),
        _ => finding,
    };
    Told::new(check, finding).cause(write.turn).harm(harm)
}

/// The answer to a write left out what the resource turned out to have.
pub(super) fn partial(operation: Operation, path: &str, at: Location) -> Told {
    let attribute = words::short_path(path);
    let (requirement, expected) = match operation {
        Operation::Create => ("RFC7644-3.3-08", "the resource as it is stored"),
        Operation::Replace => ("RFC7644-3.5.1-13", "the whole resource"),
        Operation::Patch => ("RFC7644-3.5.2-27", "the whole resource, or 204 without a body"),
    };
    let finding = Finding::new(at, expected, format!("no {attribute}, which the resource has")).of(requirement);
    Told::new(check_of(operation), finding)
}

/// The sentence of RFC 7644 section 3.5.2 that says what the operation on this attribute must do.
fn requirement(gap: &Gap<'_>, write: &Write<'_>) -> Option<&'static str> {
    let (op, target) = operation_on(gap, write.body)?;
    let several = gap.attribute.multi_valued;
    if let Some(sentence) = of_several(gap, write.body, target) {
        return Some(sentence);
    }
    let in_container = write.before.get(gap.urn).and_then(|container| container.get(&gap.attribute.name));
    let before = write.before.get(&gap.attribute.name).or(in_container).filter(|value| !value.is_unassigned());
    let complex = gap.attribute.kind == Type::Complex && !several;
    Some(match (op.as_str(), target) {
        ("add", Target::Keys) => "RFC7644-3.5.2.1-03",
        ("add", Target::Elements | Target::Part) if several && before.is_some() => "RFC7644-3.5.2.1-09",
        ("add", Target::Elements) => "RFC7644-3.5.2.1-04",
        ("add", Target::Attribute) if several => "RFC7644-3.5.2.1-06",
        ("add", Target::Attribute) if before.is_none() => "RFC7644-3.5.2.1-08",
        ("add", Target::Attribute) if complex => "RFC7644-3.5.2.1-05",
        ("add", Target::Attribute | Target::Part) => "RFC7644-3.5.2.1-07",
        ("remove", Target::Part) => "RFC7644-3.5.2.2-07",
        ("remove", Target::Elements) if gap.expected.is_none() => "RFC7644-3.5.2.2-08",
        ("remove", Target::Elements) => "RFC7644-3.5.2.2-06",
        ("remove", _) if several => "RFC7644-3.5.2.2-03",
        ("remove", _) => "RFC7644-3.5.2.2-02",
        (_, Target::Keys) => "RFC7644-3.5.2.3-01",
        (_, Target::Elements) => "RFC7644-3.5.2.3-07",
        (_, Target::Part) if several => "RFC7644-3.5.2.3-08",
        (_, Target::Attribute) if several => "RFC7644-3.5.2.3-03",
        (_, Target::Attribute) if before.is_none() => "RFC7644-3.5.2.3-04",
        (_, Target::Attribute) if complex => "RFC7644-3.5.2.3-05",
        (_, Target::Attribute | Target::Part) => "RFC7644-3.5.2.3-02",
    })
}

/// Several operations of one request name the attribute: their order decides, or the later works on what the earlier
/// made.
fn of_several(gap: &Gap<'_>, body: &Json, last: Target) -> Option<&'static str> {
    let operations = body.get("Operations")?.as_array()?;
    let one = |operation: &Json| {
        let alone = crate::scim::json::object([("Operations", Json::Array(vec![operation.clone()]))]);
        operation_on(gap, &alone).is_some()
    };
    let naming = operations.iter().filter(|operation| one(operation)).count();
    let selects = matches!(last, Target::Elements | Target::Part) && gap.attribute.multi_valued;
    match (naming > 1, selects) {
        (false, _) => None,
        (true, true) => Some("RFC7644-3.5.2-20"),
        (true, false) => Some("RFC7644-3.5.2-19"),
    }
}

/// The sentence that keeps the parts of a complex attribute which an operation on it does not name.
fn of_other_parts(gap: &Gap<'_>, write: &Write<'_>) -> Option<&'static str> {
    let of_part = gap.attribute.kind == Type::Complex && !gap.attribute.multi_valued;
    let (op, target) = operation_on(gap, write.body).filter(|_| of_part)?;
    match (op.as_str(), target) {
        ("replace", Target::Attribute) => Some("RFC7644-3.5.2.3-06"),
        ("add", Target::Attribute) => Some("RFC7644-3.5.2.1-05"),
        _ => None,
    }
}

/// How an operation names what it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// By the keys of its value: it has no path.
    Keys,
    /// By a path with a filter.
    Elements,
    /// By a path.
    Attribute,
    /// By a path that ends in a sub-attribute.
    Part,
}

/// The last operation of a PATCH that names the attribute of a departure: its `op` in lower case, and how it names it.
pub(super) fn operation_on(gap: &Gap<'_>, body: &Json) -> Option<(String, Target)> {
    let operations = body.get("Operations")?.as_array()?;
    let named = |name: &str| {
        let last = words::short_path(name).split(['.', '[']).next().unwrap_or(name);
        last.eq_ignore_ascii_case(&gap.attribute.name)
    };
    let key = |(name, value): (&str, &Json)| {
        named(name) || (name.eq_ignore_ascii_case(gap.urn) && value.get(&gap.attribute.name).is_some())
    };
    operations.iter().rev().find_map(|operation| {
        let op = operation.get("op")?.as_str()?.to_ascii_lowercase();
        let Some(path) = operation.get("path").and_then(Json::as_str) else {
            let by_key = operation.get("value")?.as_object()?.iter().any(key);
            return by_key.then_some((op, Target::Keys));
        };
        let PatchPath::Attribute { target, filter } = PatchPath::parse(path).ok()?.0 else { return None };
        let target_sub = target.sub.is_some();
        let target = target.attribute.eq_ignore_ascii_case(&gap.attribute.name).then_some(Target::Attribute)?;
        Some((
            op,
            match (filter.is_some(), target_sub) {
                (_, true) => Target::Part,
                (true, false) => Target::Elements,
                (false, false) => target,
            },
        ))
    })
}

/// Whether a departure means that nothing is there at all, so that an answer may merely have left it out.
pub(super) fn is_absent(gap: &Gap<'_>) -> bool {
    gap.kind == Kind::Missing && std::ptr::eq(gap.leaf, gap.attribute)
}
