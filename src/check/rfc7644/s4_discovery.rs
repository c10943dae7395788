//! RFC 7644 section 4: the discovery endpoints.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] =
    &[&OFFERED, &CONFIG_SCHEMA, &LISTS, &SINGLE, &NO_MESSAGE_SCHEMAS, &FILTER_FORBIDDEN, &PARAMETERS_IGNORED];

const DISCOVERY: [Operation; 3] = [Operation::ServiceProviderConfig, Operation::ResourceTypes, Operation::Schemas];

static OFFERED: Check = Check {
    id: "rfc7644/4/offered",
    requirements: &["RFC7644-3.2-11", "RFC7644-3.2-12", "RFC7644-3.2-13", "RFC7644-4-01"],
    title: "/ServiceProviderConfig, /ResourceTypes and /Schemas answer",
    why: "By them a client learns what the server can do instead of being configured by hand.",
    fix: "Offer the three endpoints; their content may be fixed.",
    judge: Judge::Exchange(offered),
};

fn offered(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&DISCOVERY) || subject.kind.id.is_some() {
        return Judgement::NotApplicable;
    }
    let (requirement, reading) = match subject.kind.operation {
        Operation::ServiceProviderConfig => ("RFC7644-3.2-11", ambiguity::A39_CONFIG_MISSING),
        Operation::ResourceTypes => ("RFC7644-3.2-12", ambiguity::A39_SCHEMAS_MISSING),
        _ => ("RFC7644-3.2-13", ambiguity::A39_SCHEMAS_MISSING),
    };
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(404 | 405 | 501) => expect::status(subject, "200 OK").of(requirement).read_as(reading).into(),
        _ => Judgement::NotApplicable,
    }
}

static CONFIG_SCHEMA: Check = Check {
    id: "rfc7644/4/config-schema",
    requirements: &["RFC7644-4-02", "RFC7643-5-01"],
    title: "The configuration names its schema",
    why: "A client that validates it takes it for something else.",
    fix: "Put \"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig\"] into it.",
    judge: Judge::Exchange(config_schema),
};

fn config_schema(subject: &Subject<'_>) -> Judgement {
    let shown = subject.kind.operation == Operation::ServiceProviderConfig && subject.status() == Some(200);
    let Some(body) = subject.body().filter(|body| shown && body.as_object().is_some()) else {
        return Judgement::NotApplicable;
    };
    if expect::names_schema(body, urn::SERVICE_PROVIDER_CONFIG) {
        return Judgement::Conforms;
    }
    let found = body.get("schemas").map_or_else(|| "nothing".to_owned(), ToString::to_string);
    expect::body("/schemas", format!("[{:?}]", urn::SERVICE_PROVIDER_CONFIG), None).actually(found).into()
}

static LISTS: Check = Check {
    id: "rfc7644/4/lists",
    requirements: &["RFC7644-4-07", "RFC7644-4-03", "RFC7644-4-05", "RFC7644-3.4.2-04"],
    title: "/ResourceTypes and /Schemas answer with a ListResponse",
    why: "A client that looks for Resources finds no schema in a bare array.",
    fix: "Wrap the list: schemas, totalResults, Resources.",
    judge: Judge::Exchange(lists),
};

fn lists(subject: &Subject<'_>) -> Judgement {
    let asked = subject.kind.is(&DISCOVERY[1..]) && subject.kind.id.is_none() && subject.status() == Some(200);
    let Some(body) = subject.body().filter(|_| asked) else { return Judgement::NotApplicable };
    let Some(list) = body.as_object() else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let told = |finding: super::super::Finding| finding.read_as(ambiguity::A39_NOT_A_LIST);
    if !expect::names_schema(body, urn::LIST_RESPONSE) {
        let found = list.get("schemas").map_or_else(|| "nothing".to_owned(), ToString::to_string);
        findings.tell(told(expect::body("/schemas", format!("[{:?}]", urn::LIST_RESPONSE), None).actually(found)));
    }
    if list.get("totalResults").and_then(Json::as_i64).is_none() {
        findings.tell(told(expect::body("/totalResults", "a whole number", list.get("totalResults"))));
    }
    let resources = list.get("Resources");
    if resources.and_then(Json::as_array).is_none() {
        findings.tell(told(expect::body("/Resources", "an array", resources)));
    }
    findings.judgement()
}

static SINGLE: Check = Check {
    id: "rfc7644/4/single",
    requirements: &["RFC7644-4-06", "RFC7644-4-04", "RFC7644-3.4.1-02"],
    title: "One schema or resource type is answered as one object",
    why: "A client that asks for one schema by its URN does not look into a list.",
    fix: "Answer /Schemas/{urn} and /ResourceTypes/{name} with the object itself.",
    judge: Judge::Exchange(single),
};

fn single(subject: &Subject<'_>) -> Judgement {
    let Some(id) = subject.kind.id.filter(|_| subject.kind.is(&DISCOVERY[1..])) else {
        return Judgement::NotApplicable;
    };
    if let Some(404 | 405 | 501) = subject.status() {
        return not_single(subject, &crate::exchange::decode_path(id));
    }
    let shown = subject.status() == Some(200);
    let Some(body) = subject.body().filter(|body| shown && body.as_object().is_some()) else {
        return Judgement::NotApplicable;
    };
    let list = expect::names_schema(body, urn::LIST_RESPONSE) || body.get("Resources").is_some();
    list.then(|| expect::body("", "the object itself", None).actually("a list")).into()
}

/// What the list of its kind has is not there by itself.
fn not_single(subject: &Subject<'_>, id: &str) -> Judgement {
    let facts = subject.scene.facts;
    let (listed, requirement, reading) = if subject.kind.operation == Operation::Schemas {
        let published = facts.published.iter().any(|urn| urn.eq_ignore_ascii_case(id));
        (published, "RFC7644-4-04", ambiguity::A39_SCHEMAS_MISSING)
    } else {
        let declared = facts.types_published && facts.types.iter().any(|known| known.name == id);
        (declared, "RFC7644-4-06", ambiguity::A39_SINGLE_TYPE_MISSING)
    };
    if !listed {
        return Judgement::NotApplicable;
    }
    expect::status(subject, &format!("200 OK with {id}, which is in the list")).of(requirement).read_as(reading).into()
}

static NO_MESSAGE_SCHEMAS: Check = Check {
    id: "rfc7644/4/no-message-schemas",
    requirements: &["RFC7644-3.1-04"],
    title: "/Schemas lists resources, no messages",
    why: "A client takes every schema in the list for something that can be provisioned.",
    fix: "Leave the schemas of messages (urn:ietf:params:scim:api:messages:…) out of /Schemas.",
    judge: Judge::Exchange(no_message_schemas),
};

fn no_message_schemas(subject: &Subject<'_>) -> Judgement {
    let shown = subject.kind.operation == Operation::Schemas && subject.status() == Some(200);
    let Some(body) = subject.body().filter(|_| shown) else { return Judgement::NotApplicable };
    let items = body.get("Resources").and_then(Json::as_array).unwrap_or_default();
    let mut findings = Findings::default();
    for (index, item) in items.iter().enumerate() {
        let id = item.get("id").and_then(Json::as_str).unwrap_or_default();
        if id.to_ascii_lowercase().starts_with("urn:ietf:params:scim:api:") {
            findings.tell(expect::body(format!("/Resources/{index}/id"), "a schema of resources", item.get("id")));
        }
    }
    findings.judgement()
}

static FILTER_FORBIDDEN: Check = Check {
    id: "rfc7644/4/filter-forbidden",
    requirements: &["RFC7644-4-09"],
    title: "A filter on a discovery endpoint is refused with 403",
    why: "Otherwise a client takes the whole list for what its filter matched.",
    fix: "Answer 403 Forbidden when a discovery endpoint is asked with a filter.",
    judge: Judge::Exchange(filter_forbidden),
};

fn filter_forbidden(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&DISCOVERY) || subject.exchange().sent.parameter("filter").is_none() {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(403) => Judgement::Conforms,
        Some(200..300 | 400) => expect::status(subject, "403 Forbidden").read_as(ambiguity::A39_FILTER).into(),
        _ => Judgement::NotApplicable,
    }
}

static PARAMETERS_IGNORED: Check = Check {
    id: "rfc7644/4/parameters-ignored",
    requirements: &["RFC7644-4-08"],
    title: "Discovery answers the whole whatever is asked of paging and sorting",
    why: "A client that pages by habit sees a part of the schemas and takes it for all.",
    fix: "Ignore startIndex, count, sortBy, sortOrder, attributes and excludedAttributes on these endpoints.",
    judge: Judge::Exchange(parameters_ignored),
};

fn parameters_ignored(subject: &Subject<'_>) -> Judgement {
    let facts = subject.scene.facts;
    let whole = match subject.kind.operation {
        Operation::Schemas if facts.schemas_published => facts.published.len(),
        Operation::ResourceTypes if facts.types_published => facts.types.len(),
        _ => return Judgement::NotApplicable,
    };
    let sent = &subject.exchange().sent;
    let given = ["startIndex", "count", "sortBy", "sortOrder"].iter().any(|name| sent.parameter(name).is_some());
    if !given || subject.kind.id.is_some() || sent.parameter("filter").is_some() {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => {
            let resources = subject.body().and_then(|body| body.get("Resources"));
            let listed = resources.and_then(Json::as_array).map_or(0, <[Json]>::len);
            let expected = || format!("all {whole}, as without parameters");
            (listed < whole).then(|| expect::body("/Resources", expected(), None).actually(listed.to_string())).into()
        }
        Some(400) => expect::status(subject, "200 OK, the parameters ignored").into(),
        _ => Judgement::NotApplicable,
    }
}
