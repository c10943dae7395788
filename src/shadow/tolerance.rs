//! Departures that a target may be forgiven, and why.

use super::compare::{Gap, Kind};
use super::{Operation, Record, intent};
use crate::facts::Facts;
use crate::scim::json::Json;
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::urn;

/// Why a departure weighs less than its requirement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// It does not.
    None,
    /// The published schemas do not have the attribute: it may be dropped.
    NotAdvertised,
    /// A PUT names an immutable attribute that has a value: a check of its own tells what came of it.
    Immutable,
    /// No published schema tells whether the target knows the attribute.
    Unpublished,
    /// The target makes it itself: `name.formatted`, a display name.
    Derived,
    /// The same value in another spelling: a telephone number, a language tag.
    Normalised,
    /// Supporting it is optional: `externalId`.
    Optional,
    /// A label of a value: `type`, `primary`.
    Label,
    /// A PUT left it out, and the target keeps it (RFC 7644 section 3.5.1 leaves that to the target).
    Kept,
}

/// What is known of an attribute from `/Schemas`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advertised {
    Yes,
    No,
    Unknown,
}

/// How a departure of an own resource is to be seen; `actual` is the whole representation.
#[must_use]
pub fn tolerance(gap: &Gap<'_>, record: &Record<'_>, actual: &Json, facts: &Facts) -> Tolerance {
    let advertised = advertised(gap.urn, record, facts);
    let absent = matches!(gap.kind, Kind::Missing | Kind::ElementMissing);
    if gap.path.eq_ignore_ascii_case("externalId") {
        return if absent { Tolerance::Optional } else { Tolerance::None };
    }
    if gap.attribute.mutability == Mutability::Immutable
        && record.touched_by(&gap.path).is_some_and(|write| {
            write.operation == Operation::Replace && write.before.get(&gap.attribute.name).is_some()
        })
    {
        return Tolerance::Immutable;
    }
    if !absent && gap.expected.is_none() && is_kept(gap, record) {
        return Tolerance::Kept;
    }
    if advertised == Advertised::No {
        return if absent { Tolerance::NotAdvertised } else { Tolerance::Unpublished };
    }
    if is_derived(gap, record, actual) {
        return Tolerance::Derived;
    }
    if gap.attribute.multi_valued && matches!(gap.leaf.name.as_str(), "type" | "primary") {
        return Tolerance::Label;
    }
    if let (Some(expected), Some(there)) = (gap.expected, gap.actual)
        && is_normalised(expected, there, gap)
    {
        return Tolerance::Normalised;
    }
    if gap.kind == Kind::Missing && advertised == Advertised::Unknown && !is_essential(gap, record) {
        return Tolerance::Unpublished;
    }
    Tolerance::None
}

/// Whether the last write that could have cleared the value is a PUT that does not speak of it.
fn is_kept(gap: &Gap<'_>, record: &Record<'_>) -> bool {
    let write = record.touched_by(&gap.path);
    write.is_some_and(|w| w.operation == Operation::Replace && !intent::mentions(w.body, &gap.path))
}

fn advertised(urn: &str, record: &Record<'_>, facts: &Facts) -> Advertised {
    let published = |urn: &str| facts.published.iter().any(|p| p.eq_ignore_ascii_case(urn));
    if published(urn) {
        Advertised::Yes
    } else if published(&record.schema.core.id) {
        Advertised::No
    } else {
        Advertised::Unknown
    }
}

/// Attributes without which no client can work: no schema needs to announce them.
fn is_essential(gap: &Gap<'_>, record: &Record<'_>) -> bool {
    let core = &record.schema.core.id;
    let name = gap.attribute.name.as_str();
    (core == urn::USER && matches!(name, "userName" | "active"))
        || (core == urn::GROUP && matches!(name, "displayName" | "members"))
}

/// `name.formatted` and its parts stand for each other (RFC 7643 section 4.1.1); a display name may be made from the
/// name. One that merely kept its old value is none.
fn is_derived(gap: &Gap<'_>, record: &Record<'_>, actual: &Json) -> bool {
    if record.schema.core.id != urn::USER || gap.urn != urn::USER {
        return false;
    }
    let part = |pointer: &str| actual.pointer(pointer).and_then(Json::as_str).filter(|text| !text.is_empty());
    match gap.path.as_str() {
        "name.formatted" => true,
        "name.givenName" | "name.familyName" | "name.middleName" => {
            gap.kind == Kind::Missing && part("/name/formatted").is_some()
        }
        "displayName" => {
            let Some(shown) = gap.actual.and_then(Json::as_str) else { return false };
            let kept = record.writes.iter().any(|write| {
                write.operation != Operation::Create
                    && write.before.get("displayName").and_then(Json::as_str) == Some(shown)
            });
            let parts = [part("/name/givenName"), part("/name/familyName")];
            let from_parts = parts.iter().flatten().count() > 0 && parts.iter().flatten().all(|p| shown.contains(p));
            let copied = [part("/name/formatted"), part("/userName")].contains(&Some(shown));
            !kept && (from_parts || copied)
        }
        _ => false,
    }
}

/// Spellings that carry the same value.
fn is_normalised(expected: &Json, actual: &Json, gap: &Gap<'_>) -> bool {
    let (Some(expected), Some(actual)) = (expected.as_str(), actual.as_str()) else { return false };
    let same = |form: &dyn Fn(&str) -> String| form(expected) == form(actual);
    if same(&|text| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()) && !gap.leaf.case_exact {
        return true;
    }
    let of = |attribute: &Attribute, names: &[&str]| names.iter().any(|n| attribute.name.eq_ignore_ascii_case(n));
    if of(gap.attribute, &["phoneNumbers"]) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        return same(&digits) && !digits(expected).is_empty();
    }
    if of(gap.attribute, &["preferredLanguage", "locale"]) {
        return same(&|text| text.replace('_', "-").to_lowercase());
    }
    if gap.leaf.kind == Type::Reference {
        return same(&|text| text.trim_end_matches('/').to_lowercase());
    }
    // Entra ID writes an application role as JSON inside a string; what a target makes of it is its own affair.
    of(gap.attribute, &["roles", "entitlements"]) && expected.trim_start().starts_with('{')
}
