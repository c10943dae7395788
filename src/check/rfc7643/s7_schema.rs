//! RFC 7643 section 7: schemas.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::s6_resource_type::each;
use crate::scim::json::{Json, Object};
use crate::scim::schema::Schema;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&DEFINITIONS, &SCHEMA_SCHEMAS, &REFERENCE_TYPES];

static DEFINITIONS: Check = Check {
    id: "rfc7643/7/definitions",
    requirements: &[
        "RFC7643-7-07",
        "RFC7643-7-08",
        "RFC7643-7-11",
        "RFC7643-7-12",
        "RFC7643-7-14",
        "RFC7643-7-15",
        "RFC7643-7-17",
        "RFC7643-7-20",
        "RFC7643-7-24",
        "RFC7643-7-32",
        "RFC7643-7-40",
        "RFC7643-7-48",
        "RFC7643-2.1-03",
        "RFC7643-2.3.8-03",
        "RFC7643-1.2-02",
    ],
    title: "A schema defines its attributes in the words of the standard",
    why: "A client learns from it what it may write and what is held; another word is read as the default.",
    fix: "Use the names, types and keywords of RFC 7643 section 7, spelt as there.",
    judge: Judge::Exchange(definitions),
};

fn definitions(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        let json = Json::Object(document.clone());
        for problem in Schema::from_json(&json).1 {
            let pointer = format!("{at}/{}", problem.pointer.trim_start_matches('/'));
            let finding = expect::body(pointer.trim_end_matches('/'), "a definition by RFC 7643 section 7", None);
            findings.tell(finding.actually(problem.message.as_str()).of(row(&problem.pointer, &problem.message)));
        }
    })
}

/// The requirement that a problem of a definition violates, by the member that it is about.
fn row(pointer: &str, message: &str) -> &'static str {
    let member = pointer.split('/').rfind(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()));
    match member.unwrap_or_default() {
        "id" => "RFC7643-7-08",
        "name" if message.ends_with("is no attribute name") => "RFC7643-2.1-03",
        "name" => "RFC7643-7-11",
        "type" if message.ends_with("do not nest") => "RFC7643-2.3.8-03",
        "type" => "RFC7643-7-12",
        "multiValued" => "RFC7643-7-15",
        "required" => "RFC7643-7-17",
        "caseExact" => "RFC7643-7-20",
        "mutability" => "RFC7643-7-24",
        "returned" => "RFC7643-7-32",
        "uniqueness" => "RFC7643-7-40",
        "referenceTypes" => "RFC7643-7-48",
        "subAttributes" if message.ends_with("has none") => "RFC7643-1.2-02",
        "subAttributes" => "RFC7643-7-14",
        _ => "RFC7643-7-07",
    }
}

static SCHEMA_SCHEMAS: Check = Check {
    id: "rfc7643/7/schemas",
    requirements: &["RFC7643-7-05", "RFC7643-8.7.2-01"],
    title: "A schema names the Schema schema",
    why: "Schemas are resources like others; a client that validates them refuses one that does not say so.",
    fix: "Put \"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:Schema\"] into every schema.",
    judge: Judge::Exchange(schema_schemas),
};

fn schema_schemas(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        let schemas = document.get("schemas");
        if schemas.is_some_and(|schemas| expect::holds(schemas, urn::SCHEMA)) {
            return;
        }
        let found = schemas.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        // The schemas that the RFC prints leave it out; an erratum adds it.
        let requirement = if schemas.is_some() { "RFC7643-7-05" } else { "RFC7643-8.7.2-01" };
        let finding = expect::body(format!("{at}/schemas"), urn::SCHEMA, None).actually(found);
        findings.tell(finding.of(requirement));
    })
}

static REFERENCE_TYPES: Check = Check {
    id: "rfc7643/7/reference-types",
    requirements: &["RFC7643-7-49", "RFC7643-7-48", "RFC7643-2.3.7-05"],
    title: "References say what they refer to, and nothing else does",
    why: "A client does not know whether a value is a text or the address of another resource.",
    fix: "Give attributes of type \"reference\" their referenceTypes, and take them away from all others.",
    judge: Judge::Exchange(reference_types),
};

fn reference_types(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        walk(at, "attributes", document, &mut |pointer: &str, attribute: &Object| {
            let kind = attribute.get("type").and_then(Json::as_str).unwrap_or("string");
            let is_reference = kind.eq_ignore_ascii_case("reference");
            let types = attribute.get("referenceTypes");
            let at = || format!("{pointer}/referenceTypes");
            match types.filter(|types| !types.is_unassigned()) {
                Some(_) if !is_reference => {
                    findings.tell(expect::body(at(), format!("none at the type {kind}"), types));
                }
                None if is_reference => {
                    findings.tell(expect::body(at(), "what it refers to", types).of("RFC7643-2.3.7-05"));
                }
                _ => {}
            }
        });
    })
}

fn walk(at: &str, name: &str, parent: &Object, look: &mut impl FnMut(&str, &Object)) {
    let items = parent.get(name).and_then(Json::as_array).unwrap_or_default();
    for (index, attribute) in items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?))) {
        let at = format!("{at}/{name}/{index}");
        look(&at, attribute);
        walk(&at, "subAttributes", attribute, look);
    }
}
