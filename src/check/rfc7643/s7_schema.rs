//! RFC 7643 section 7: schemas.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::s6_resource_type::each;
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::schema::Schema;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[
    &DEFINITIONS,
    &SCHEMA_SCHEMAS,
    &DESCRIBED,
    &SUB_ATTRIBUTES,
    &REFERENCE_TYPES,
    &REFERENCE_CASE,
    &COMMON_ATTRIBUTES,
    &URI_CASE,
];

static DEFINITIONS: Check = Check {
    id: "rfc7643/7/definitions",
    requirements: &[
        "RFC7643-7-07",
        "RFC7643-7-08",
        "RFC7643-7-03",
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
            let projected = subject.exchange().sent.parameter("attributes").is_some();
            let row = match row(&problem.pointer, &problem.message) {
                // Whatever part is asked for, the id comes.
                "RFC7643-7-08" if projected => "RFC7643-7-03",
                _ if projected => continue,
                row => row,
            };
            findings.tell(finding.actually(problem.message.as_str()).of(row));
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

static DESCRIBED: Check = Check {
    id: "rfc7643/7/described",
    requirements: &["RFC7643-7-09", "RFC7643-7-10", "RFC7643-7-16"],
    title: "Schemas and attributes have names and descriptions for people",
    why: "The console of an IdP shows them to the administrator who maps attributes.",
    fix: "Give every schema a name and a description, and every attribute a description.",
    judge: Judge::Exchange(described),
};

fn described(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        for (name, requirement) in [("name", "RFC7643-7-09"), ("description", "RFC7643-7-10")] {
            let value = document.get(name);
            let empty = value.and_then(Json::as_str).is_some_and(|text| text.trim().is_empty());
            if empty || value.is_none_or(Json::is_unassigned) {
                let finding = expect::body(format!("{at}/{name}"), format!("a {name} for people"), value);
                findings.tell(finding.of(requirement).read_as(ambiguity::A50_NOT_DESCRIBED));
            }
        }
        let mut first = None;
        walk(at, "attributes", document, &mut |pointer: &str, attribute: &Object| {
            let missing =
                attribute.get("description").is_none_or(|text| text.is_unassigned() || text.as_str() == Some(""));
            if missing && first.is_none() {
                first = Some(format!("{pointer}/description"));
            }
        });
        if let Some(pointer) = first {
            let finding = expect::body(pointer, "a description for people", None).of("RFC7643-7-16");
            findings.tell(finding.read_as(ambiguity::A50_ATTRIBUTE_NOT_DESCRIBED));
        }
    })
}

static SUB_ATTRIBUTES: Check = Check {
    id: "rfc7643/7/sub-attributes",
    requirements: &["RFC7643-7-13"],
    title: "A complex attribute lists its sub-attributes",
    why: "A client cannot map what it does not know the parts of.",
    fix: "Define the sub-attributes of every attribute with type \"complex\".",
    judge: Judge::Exchange(sub_attributes),
};

fn sub_attributes(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        walk(at, "attributes", document, &mut |pointer: &str, attribute: &Object| {
            let complex =
                attribute.get("type").and_then(Json::as_str).is_some_and(|t| t.eq_ignore_ascii_case("complex"));
            let subs = attribute.get("subAttributes");
            // Sub-attributes of sub-attributes are told by the check of definitions.
            let nested = pointer.contains("/subAttributes/");
            if complex && !nested && subs.is_none_or(Json::is_unassigned) {
                findings.tell(expect::body(format!("{pointer}/subAttributes"), "the sub-attributes", subs));
            }
        });
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

static REFERENCE_CASE: Check = Check {
    id: "rfc7643/7/reference-case",
    requirements: &["RFC7643-2.3.7-04"],
    title: "References are published as case exact",
    why: "Two addresses that differ in case may be two resources.",
    fix: "Publish caseExact true for attributes of type \"reference\"; the schemas that the RFC prints have it wrong.",
    judge: Judge::Exchange(reference_case),
};

fn reference_case(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        walk(at, "attributes", document, &mut |pointer: &str, attribute: &Object| {
            let kind = attribute.get("type").and_then(Json::as_str).unwrap_or("string");
            let exact = attribute.get("caseExact").and_then(Json::as_bool);
            if kind.eq_ignore_ascii_case("reference") && exact == Some(false) {
                let finding = expect::body(format!("{pointer}/caseExact"), "true", attribute.get("caseExact"));
                findings.tell(finding.read_as(ambiguity::A49_NOT_AS_PRINTED));
            }
        });
    })
}

static COMMON_ATTRIBUTES: Check = Check {
    id: "rfc7643/7/common-attributes",
    requirements: &["RFC7643-3.1-05"],
    title: "A schema does not give common attributes other characteristics",
    why: "A client that goes by the schema writes an id that it must not write.",
    fix: "Leave id, externalId and meta out of schemas, or give them the characteristics of RFC 7643 section 3.1.",
    judge: Judge::Exchange(common_attributes),
};

/// Common attribute, characteristic, the value that section 3.1 gives it.
const COMMON: [(&str, &str, &str); 6] = [
    ("id", "type", "string"),
    ("id", "mutability", "readOnly"),
    ("externalId", "type", "string"),
    ("externalId", "mutability", "readWrite"),
    ("meta", "type", "complex"),
    ("meta", "mutability", "readOnly"),
];

fn common_attributes(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::Schemas, |at, document, findings| {
        // The schemas of discovery documents describe ids of their own (sections 6 and 7).
        let uri = document.get("id").and_then(Json::as_str).unwrap_or_default();
        if [urn::SCHEMA, urn::RESOURCE_TYPE, urn::SERVICE_PROVIDER_CONFIG]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(uri))
        {
            return;
        }
        let attributes = document.get("attributes").and_then(Json::as_array).unwrap_or_default();
        for (index, attribute) in attributes.iter().enumerate() {
            let name = attribute.get("name").and_then(Json::as_str).unwrap_or_default();
            for (_, characteristic, value) in COMMON.iter().filter(|(common, ..)| common.eq_ignore_ascii_case(name)) {
                let published = attribute.get(characteristic).and_then(Json::as_str);
                if published.is_some_and(|published| !published.eq_ignore_ascii_case(value)) {
                    let pointer = format!("{at}/attributes/{index}/{characteristic}");
                    let finding = expect::body(pointer, format!("{value:?}"), attribute.get(characteristic));
                    findings.tell(finding.read_as(ambiguity::A49_COMMON_LISTED_OTHERWISE));
                }
            }
        }
    })
}

static URI_CASE: Check = Check {
    id: "rfc7643/7/uri-case",
    requirements: &["RFC7643-7-04"],
    title: "A schema is found under its URI in any case",
    why: "Clients keep URIs in the case in which somebody once typed them.",
    fix: "Compare the URI in /Schemas/{uri} without case.",
    judge: Judge::Exchange(uri_case),
};

fn uri_case(subject: &Subject<'_>) -> Judgement {
    let asked = subject.kind.id.filter(|_| subject.kind.operation == Operation::Schemas);
    let Some(uri) = asked.map(crate::exchange::decode_path) else { return Judgement::NotApplicable };
    let published = &subject.scene.facts.published;
    let other_case = !published.contains(&uri) && published.iter().any(|known| known.eq_ignore_ascii_case(&uri));
    match subject.status().filter(|_| other_case) {
        Some(200) => Judgement::Conforms,
        Some(404) => expect::status(subject, "200 OK").read_as(ambiguity::A33_URN_CASE_IN_SCHEMAS).into(),
        _ => Judgement::NotApplicable,
    }
}

fn walk(at: &str, name: &str, parent: &Object, look: &mut impl FnMut(&str, &Object)) {
    let items = parent.get(name).and_then(Json::as_array).unwrap_or_default();
    for (index, attribute) in items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?))) {
        let at = format!("{at}/{name}/{index}");
        look(&at, attribute);
        walk(&at, "subAttributes", attribute, look);
    }
}
