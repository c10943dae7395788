//! RFC 7643 section 2.3: data types.

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Subject, validators};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};
use crate::scim::schema::validate::Mismatch;
use crate::scim::schema::{Attribute, ResourceSchema, Type, builtin};

pub(super) static CHECKS: &[&Check] = &[&DATA_TYPES, &DECIMAL, &DATE_TIME_OFFSET];

static DATA_TYPES: Check = Check {
    id: "rfc7643/2.3/data-types",
    requirements: &[
        "RFC7643-2.3-02",
        "RFC7643-2.2-07",
        "RFC7643-2.3-03",
        "RFC7643-2.3-04",
        "RFC7643-2.3-05",
        "RFC7643-2.3-06",
        "RFC7643-2.3-07",
        "RFC7643-2.3-08",
        "RFC7643-2.3-09",
        "RFC7643-2.3.2-01",
        "RFC7643-2.3.4-01",
        "RFC7643-2.3.5-01",
        "RFC7643-2.3.5-02",
        "RFC7643-2.3.5-03",
        "RFC7643-2.3.6-01",
        "RFC7643-2.4-01",
        "RFC7643-2.4-02",
        "RFC7644-3.8-10",
        "RFC7644-3.8-11",
        "RFC7644-3.8-12",
        "RFC7643-4.1.1-20",
        "RFC7643-4.3-02",
        "RFC7643-4.1.2-33",
    ],
    title: "Every value has the type that its schema gives it",
    why: "A client that compares \"True\" with true finds a difference in every cycle and writes for ever.",
    fix: "Return booleans and numbers without quotes, several values as an array, complex values as objects.",
    judge: Judge::Exchange(data_types),
};

fn data_types(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        for mismatch in validators::of(schema).check(resource.json) {
            tell(subject, resource, schema, &mismatch, findings);
        }
    })
}

fn tell(
    subject: &Subject<'_>,
    resource: &Resource<'_>,
    schema: &ResourceSchema,
    mismatch: &Mismatch,
    findings: &mut Findings,
) {
    let named = attribute_at(schema, &mismatch.pointer);
    // What is missing, and what has a check of its own.
    if mismatch.missing || has_own_check(&mismatch.pointer) {
        return;
    }
    let Some((attribute, element)) = named else { return };
    // The mask of a stranger keeps letters and digits, not the form of a date.
    let formal = matches!(attribute.kind, Type::DateTime | Type::Binary);
    if formal && !resource.id().is_some_and(|id| subject.is_ours(id)) {
        return;
    }
    let finding = expect::body(resource.pointer(&mismatch.pointer), mismatch.expected.as_str(), None);
    let finding = finding.actually(mismatch.actual.as_str()).of(row(attribute, element));
    let text = attribute.kind == Type::Boolean && mismatch.actual.starts_with("the string");
    findings.tell(if text { finding.read_as(ambiguity::A11_BOOLEAN_RETURNED_AS_STRING) } else { finding });
}

/// `schemas`, `id`, `meta` and the manager are told by their own checks.
fn has_own_check(pointer: &str) -> bool {
    let first = pointer.split('/').nth(1).unwrap_or_default();
    let last = pointer.rsplit('/').next().unwrap_or_default();
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    is(first, "schemas") || is(first, "id") || is(first, "externalId") || is(first, "meta") || is(last, "manager")
}

/// The attribute at a pointer, and whether the pointer is at one element of it.
fn attribute_at<'s>(schema: &'s ResourceSchema, pointer: &str) -> Option<(&'s Attribute, bool)> {
    let mut parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = parts.next()?;
    let extension = schema.extensions.iter().find(|(extension, _)| extension.id.eq_ignore_ascii_case(&first));
    let mut here = match extension {
        Some((extension, _)) => extension.attribute(&parts.next()?)?,
        None => builtin::common(&first).or_else(|| schema.core.attribute(&first))?,
    };
    let mut element = false;
    for part in parts {
        if part.bytes().all(|b| b.is_ascii_digit()) && here.multi_valued {
            element = true;
        } else {
            here = here.sub(&part)?;
            element = false;
        }
    }
    Some((here, element))
}

/// The requirement behind a type; the whole of a multi-valued attribute has to be an array whatever it holds.
fn row(attribute: &Attribute, element: bool) -> &'static str {
    if attribute.multi_valued && !element {
        return "RFC7643-2.4-01";
    }
    match attribute.kind {
        Type::String if attribute.is_silent_on("type") => "RFC7643-2.2-07",
        Type::String => "RFC7643-2.3-02",
        Type::Boolean => "RFC7643-2.3-03",
        Type::Decimal => "RFC7643-2.3-04",
        Type::Integer => "RFC7643-2.3-05",
        Type::DateTime => "RFC7643-2.3.5-01",
        Type::Binary => "RFC7643-2.3.6-01",
        Type::Reference => "RFC7643-2.3-08",
        Type::Complex => "RFC7643-2.3-09",
    }
}

static DECIMAL: Check = Check {
    id: "rfc7643/2.3.3/decimal",
    requirements: &["RFC7643-2.3.3-01"],
    title: "A decimal has a digit on both sides of its point",
    why: "A client that keeps decimals and integers apart by their form takes 5 for an integer.",
    fix: "Write 5.0 for an attribute of type decimal.",
    judge: Judge::Exchange(decimal),
};

fn decimal(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        // Hardly any schema has one: where is looked only then.
        let is_decimal = |attribute: &&Attribute| attribute.kind == Type::Decimal;
        let core = schema.core.attributes.iter().filter(is_decimal);
        let core = core.map(|attribute| (String::new(), resource.members.get(&attribute.name), attribute));
        let extensions = schema.extensions.iter().flat_map(|(extension, _)| {
            extension.attributes.iter().filter(is_decimal).map(|attribute| {
                let at = format!("/{}", pointer_part(&extension.id));
                let value = resource.members.get(&extension.id).and_then(|inner| inner.get(&attribute.name));
                (at, value, attribute)
            })
        });
        for (at, value, attribute) in core.chain(extensions) {
            let items = value.map(|value| value.as_array().unwrap_or(std::slice::from_ref(value))).unwrap_or_default();
            for token in items.iter().filter_map(|item| if let Json::Number(token) = item { Some(token) } else { None })
            {
                asked = true;
                if !token.contains(['.', 'e', 'E']) {
                    let pointer = resource.pointer(&format!("{at}/{}", pointer_part(&attribute.name)));
                    let finding = expect::body(pointer, "a number with a point", None).actually(token.as_ref());
                    findings.tell(finding.read_as(ambiguity::A51_WHOLE_DECIMAL));
                }
            }
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

static DATE_TIME_OFFSET: Check = Check {
    id: "rfc7643/2.3.5/offset",
    requirements: &["RFC7643-2.3.5-01"],
    title: "A time has its offset from UTC",
    why: "Without it every client takes another hour for the right one.",
    fix: "Write times in UTC with a Z at the end.",
    judge: Judge::Exchange(date_time_offset),
};

fn date_time_offset(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(Json::Object(meta)) = resource.members.get("meta") else { return };
        for name in ["created", "lastModified"] {
            let Some(text) = meta.get(name).and_then(Json::as_str) else { continue };
            // `2008-01-23T04:56:22`: what follows the clock is the offset.
            let bare = text.len() >= 19 && text.as_bytes()[10] == b'T' && !text[10..].contains(['Z', 'z', '+', '-']);
            if bare {
                let finding =
                    expect::body(resource.pointer(&format!("/meta/{name}")), "a time with its offset", meta.get(name));
                findings.tell(finding.read_as(ambiguity::A36_NO_OFFSET));
            }
        }
    })
}
