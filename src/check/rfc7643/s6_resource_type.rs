//! RFC 7643 section 6: resource types.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::relative_endpoint;
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&TYPE_MEMBERS, &TYPE_SCHEMAS, &TYPE_DESCRIBED, &TYPE_DISTINCT, &SCHEMA_KNOWN];

/// Discovery documents in an answer, each with its pointer: the items of a list, or the one that was asked for.
pub(super) fn documents<'a>(subject: &Subject<'a>, operation: Operation) -> Vec<(String, &'a Object)> {
    if subject.kind.operation != operation || subject.status() != Some(200) {
        return Vec::new();
    }
    let Some(body) = subject.body() else { return Vec::new() };
    match body.get("Resources") {
        Some(Json::Array(items)) => {
            let item = |(index, item): (usize, &'a Json)| Some((format!("/Resources/{index}"), item.as_object()?));
            items.iter().enumerate().filter_map(item).collect()
        }
        _ if subject.kind.id.is_some() => body.as_object().map(|object| (String::new(), object)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Judges every document; not applicable where there is none.
pub(super) fn each(
    subject: &Subject<'_>,
    operation: Operation,
    mut judge: impl FnMut(&str, &Object, &mut Findings),
) -> Judgement {
    let documents = documents(subject, operation);
    if documents.is_empty() {
        return Judgement::NotApplicable;
    }
    let mut findings = Findings::default();
    for (at, document) in &documents {
        judge(at, document, &mut findings);
    }
    findings.judgement()
}

static TYPE_MEMBERS: Check = Check {
    id: "rfc7643/6/members",
    requirements: &[
        "RFC7643-6-03",
        "RFC7643-6-05",
        "RFC7643-6-08",
        "RFC7643-6-09",
        "RFC7643-6-12",
        "RFC7643-6-14",
        "RFC7643-3.2-01",
    ],
    title: "A resource type has name, endpoint and schema; an extension has schema and required",
    why: "Clients build their requests from them.",
    fix: "Fill them in; the endpoint is relative to the base URL, such as /Users.",
    judge: Judge::Exchange(type_members),
};

fn type_members(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::ResourceTypes, |at, document, findings| {
        for (name, requirement) in [("name", "RFC7643-6-05"), ("endpoint", "RFC7643-6-08"), ("schema", "RFC7643-6-09")]
        {
            let value = document.get(name);
            let text = value.and_then(Json::as_str).filter(|text| !text.trim().is_empty());
            if text.is_none() {
                let finding = expect::body(format!("{at}/{name}"), "a string that is not empty", value);
                findings.tell(finding.of(requirement));
            }
        }
        let endpoint = document.get("endpoint");
        let sent = &subject.exchange().sent;
        let base = sent.target.strip_suffix(sent.resource.as_str()).unwrap_or_default();
        if let Some(text) = endpoint.and_then(Json::as_str).filter(|text| !text.trim().is_empty()) {
            let finding = || {
                let expected = format!("/{}, relative to the base URL", relative_endpoint(text, base));
                expect::body(format!("{at}/endpoint"), expected, endpoint).of("RFC7643-6-08")
            };
            if text.contains("://") {
                findings.tell(finding());
            } else if relative_endpoint(text, base) != text.trim_matches('/') {
                findings.tell(finding().read_as(ambiguity::A39_ENDPOINT_WITH_BASE));
            }
        }
        let extensions = document.get("schemaExtensions").and_then(Json::as_array).unwrap_or_default();
        for (index, extension) in extensions.iter().enumerate() {
            let at = |name: &str| format!("{at}/schemaExtensions/{index}/{name}");
            if extension.get("schema").and_then(Json::as_str).is_none() {
                findings.tell(expect::body(at("schema"), "a schema URI", extension.get("schema")).of("RFC7643-6-12"));
            }
            if extension.get("required").and_then(Json::as_bool).is_none() {
                findings
                    .tell(expect::body(at("required"), "true or false", extension.get("required")).of("RFC7643-6-14"));
            }
        }
    })
}

static TYPE_SCHEMAS: Check = Check {
    id: "rfc7643/6/schemas",
    requirements: &["RFC7643-6-02"],
    title: "A resource type names its own schema",
    why: "A client that validates discovery refuses it.",
    fix: "Put \"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:ResourceType\"] into every resource type.",
    judge: Judge::Exchange(type_schemas),
};

fn type_schemas(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::ResourceTypes, |at, document, findings| {
        let schemas = document.get("schemas");
        if !schemas.is_some_and(|schemas| expect::holds(schemas, urn::RESOURCE_TYPE)) {
            let found = schemas.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            findings.tell(expect::body(format!("{at}/schemas"), urn::RESOURCE_TYPE, None).actually(found));
        }
    })
}

static TYPE_DESCRIBED: Check = Check {
    id: "rfc7643/6/described",
    requirements: &["RFC7643-6-07"],
    title: "A resource type has a description",
    why: "An administrator chooses by it what to provision.",
    fix: "Say in a sentence what the resources of the type are.",
    judge: Judge::Exchange(type_described),
};

fn type_described(subject: &Subject<'_>) -> Judgement {
    each(subject, Operation::ResourceTypes, |at, document, findings| {
        let value = document.get("description");
        let empty = value.and_then(Json::as_str).is_some_and(|text| text.trim().is_empty());
        if empty || value.is_none_or(Json::is_unassigned) {
            let finding = expect::body(format!("{at}/description"), "a description for people", value);
            findings.tell(finding.read_as(ambiguity::A50_NOT_DESCRIBED));
        }
    })
}

static TYPE_DISTINCT: Check = Check {
    id: "rfc7643/6/distinct",
    requirements: &["RFC7643-6-06", "RFC7643-6-08"],
    title: "No two resource types share a name or an endpoint",
    why: "A client cannot tell which type lives there.",
    fix: "Give every resource type a name and an endpoint of its own.",
    judge: Judge::Exchange(type_distinct),
};

fn type_distinct(subject: &Subject<'_>) -> Judgement {
    let documents = documents(subject, Operation::ResourceTypes);
    if documents.len() < 2 {
        return Judgement::NotApplicable;
    }
    let mut findings = Findings::default();
    for (name, requirement) in [("name", "RFC7643-6-06"), ("endpoint", "RFC7643-6-08")] {
        let text = |document: &Object| document.get(name).and_then(Json::as_str).map(str::to_owned);
        for (index, (at, document)) in documents.iter().enumerate() {
            let Some(own) = text(document) else { continue };
            if documents[..index].iter().any(|(_, other)| text(other).as_ref() == Some(&own)) {
                let finding = expect::body(format!("{at}/{name}"), format!("a {name} of its own"), document.get(name));
                findings.tell(finding.of(requirement));
            }
        }
    }
    findings.judgement()
}

static SCHEMA_KNOWN: Check = Check {
    id: "rfc7643/6/schema-known",
    requirements: &["RFC7643-6-10", "RFC7643-6-13", "RFC7643-7-01"],
    title: "Every schema that a resource type names is in /Schemas",
    why: "A client cannot learn which attributes the type has.",
    fix: "Publish the schema under the same URI, or correct the URI in the resource type.",
    judge: Judge::Exchange(schema_known),
};

fn schema_known(subject: &Subject<'_>) -> Judgement {
    let facts = subject.scene.facts;
    if !facts.schemas_published {
        return Judgement::NotApplicable;
    }
    let published = |uri: &str| facts.published.iter().any(|known| known.eq_ignore_ascii_case(uri));
    each(subject, Operation::ResourceTypes, |at, document, findings| {
        let mut look = |pointer: String, value: Option<&Json>, requirement: &'static str| {
            if let Some(uri) = value.and_then(Json::as_str).filter(|uri| !published(uri)) {
                let finding = expect::body(pointer, "a schema that /Schemas has", None).actually(format!("{uri:?}"));
                findings.tell(finding.of(requirement));
            }
        };
        look(format!("{at}/schema"), document.get("schema"), "RFC7643-6-10");
        let extensions = document.get("schemaExtensions").and_then(Json::as_array).unwrap_or_default();
        for (index, extension) in extensions.iter().enumerate() {
            look(format!("{at}/schemaExtensions/{index}/schema"), extension.get("schema"), "RFC7643-6-13");
        }
    })
}
