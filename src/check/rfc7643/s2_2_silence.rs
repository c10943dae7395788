//! RFC 7643 section 2.2: what holds where a schema is silent, as refusals show it.

use super::super::contrast::{Contrast, contrasts};
use super::super::{Check, Finding, Judge, Judgement, Location, Scene};
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type, builtin};

pub(super) static CHECKS: &[&Check] = &[&OPTIONAL, &ANY_VALUE];

/// The status of a turn as it came.
pub(super) fn refusal(scene: &Scene<'_>, turn: usize, expected: impl Into<String>) -> Finding {
    let answer = scene.trace.turns[turn].exchange.got.as_ref();
    let actual =
        answer.map_or_else(|_| String::new(), |got| format!("{} {}", got.status, got.reason).trim().to_owned());
    Finding::new(Location::Status, expected, actual)
}

/// Judges every refusal that can be compared with a success.
pub(super) fn each(scene: &Scene<'_>, judge: impl Fn(&Contrast<'_>) -> Option<Finding>) -> Vec<(usize, Judgement)> {
    let mut told: Vec<(usize, Judgement)> = Vec::new();
    for contrast in contrasts(scene) {
        let known = told.iter().any(|(turn, judgement)| *turn == contrast.refused && *judgement != Judgement::Conforms);
        if !known {
            told.push((contrast.refused, judge(&contrast).into()));
        }
    }
    told
}

/// The attribute at a pointer of a body: `/title`, `/name/givenName`, `/urn:…:User/department`.
fn attribute_at<'s>(schema: &'s ResourceSchema, pointer: &str) -> Option<&'s Attribute> {
    let mut parts = pointer.split('/').skip(1);
    let first = parts.next()?;
    let (urn, attribute) = if first.contains(':') { (Some(first.to_owned()), parts.next()?) } else { (None, first) };
    let path = AttributePath { urn, attribute: attribute.to_owned(), sub: parts.next().map(str::to_owned) };
    schema.find(&path)
}

/// Whether the RFC's own schema of the same URN requires an attribute.
fn is_required_by_rfc(schema: &ResourceSchema, pointer: &str) -> bool {
    let types = [builtin::user_type(), builtin::group_type()];
    let own = types.iter().find(|known| known.core.id.eq_ignore_ascii_case(&schema.core.id));
    own.is_some_and(|known| attribute_at(known, pointer).is_some_and(|attribute| attribute.required))
}

static OPTIONAL: Check = Check {
    id: "rfc7643/2.2/optional",
    requirements: &["RFC7643-2.2-01"],
    title: "A resource without an optional attribute is accepted",
    why: "Many people have no telephone; an IdP that goes by the schema cannot provision them.",
    fix: "Publish as required what you demand, or accept the resource without it.",
    judge: Judge::Scenario(optional),
};

/// The same resource was accepted with an attribute and refused without it, and no schema requires the attribute.
fn optional(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    each(scene, |contrast| {
        let lacks = &contrast.difference.lacks;
        // What the text of the RFC requires (userName, a group's displayName) is required whatever is published.
        let by_rfc = |pointer: &String| is_required_by_rfc(contrast.schema, pointer);
        let optional = |pointer: &String| {
            attribute_at(contrast.schema, pointer).is_some_and(|attribute| !attribute.required) && !by_rfc(pointer)
        };
        let only = contrast.difference.only(|difference| difference.lacks.clear());
        let expected = || format!("success: {} is not required", lacks.join(" and "));
        (only && lacks.iter().all(optional)).then(|| refusal(scene, contrast.refused, expected()))
    })
}

static ANY_VALUE: Check = Check {
    id: "rfc7643/2.2/any-value",
    requirements: &["RFC7643-2.2-02", "RFC7643-4.1.1-15"],
    title: "An attribute without canonical values takes any value",
    why: "Every customer has titles and kinds of users of its own; what is refused is never provisioned.",
    fix: "Accept any string, or publish canonicalValues.",
    judge: Judge::Scenario(any_value),
};

/// Attributes whose texts have no form of their own.
const FREE: [&str; 7] = ["userType", "title", "department", "division", "organization", "costCenter", "nickName"];

/// The same resource was accepted with one value and refused with another.
fn any_value(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    each(scene, |contrast| {
        let alters = &contrast.difference.alters;
        let only = contrast.difference.only(|difference| difference.alters.clear());
        let [pointer] = alters.as_slice() else { return None };
        let attribute = attribute_at(contrast.schema, pointer)?;
        let is_free = FREE.iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        let is_open = attribute.kind == Type::String && attribute.canonical_values.is_empty();
        let short = is_short(scene, contrast.refused, pointer);
        let for_its_value = contrast.scim_type.as_deref() == Some("invalidValue");
        if !(only && is_free && is_open && short && for_its_value) {
            return None;
        }
        let finding = refusal(scene, contrast.refused, format!("success: {pointer} has no canonical values"));
        let user_type = attribute.name.eq_ignore_ascii_case("userType");
        Some(if user_type { finding.of("RFC7643-4.1.1-15") } else { finding })
    })
}

/// Whether the value that was sent is one that any store can hold.
fn is_short(scene: &Scene<'_>, turn: usize, pointer: &str) -> bool {
    let body = scene.trace.turns[turn].exchange.sent.json();
    let value = body.as_ref().and_then(|body| body.pointer(pointer)).and_then(Json::as_str);
    value.is_some_and(|text| {
        !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    })
}
