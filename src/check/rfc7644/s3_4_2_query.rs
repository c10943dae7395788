//! RFC 7644 section 3.4.2: queries and their `ListResponse`.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&QUERY_STATUS, &NO_MATCH, &LIST_SCHEMAS, &TOTAL_RESULTS, &RESOURCES];

static QUERY_STATUS: Check = Check {
    id: "rfc7644/3.4.2/query-status",
    requirements: &["RFC7644-3.4.2-11", "RFC7644-3.4.3-13"],
    title: "A query that succeeds answers 200",
    why: "Every IdP looks a user up before it creates one; another status is read as a failure of the look-up.",
    fix: "Answer 200 OK with a ListResponse, also when nothing matches.",
    judge: Judge::Exchange(query_status),
};

fn query_status(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&[Operation::List, Operation::Search]) || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    if subject.status() == Some(200) {
        return Judgement::Conforms;
    }
    let finding = expect::status(subject, "200 OK");
    if subject.kind.operation == Operation::Search {
        return finding.of("RFC7644-3.4.3-13").read_as(ambiguity::A30_NOT_A_QUERY).into();
    }
    finding.into()
}

static NO_MATCH: Check = Check {
    id: "rfc7644/3.4.2/no-match",
    requirements: &["RFC7644-3.4.2-11"],
    title: "A query without matches answers 200 with an empty list",
    why: "Okta and Entra ID look for a user before they create it; on 404 they stop instead of creating.",
    fix: "Answer 200 with totalResults 0 when a filter matches nothing.",
    judge: Judge::Exchange(no_match),
};

fn no_match(subject: &Subject<'_>) -> Judgement {
    let filtered = subject.kind.operation == Operation::List && subject.exchange().sent.parameter("filter").is_some();
    if !filtered {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(404) if endpoint_exists(subject) => {
            expect::status(subject, "200 OK with an empty list").read_as(ambiguity::A23_NOT_FOUND).into()
        }
        Some(404) => Judgement::Undetermined("whether the endpoint exists is not known".to_owned()),
        _ => Judgement::NotApplicable,
    }
}

/// Groups are optional and so is everything else that is not published; only an endpoint that exists can be empty.
fn endpoint_exists(subject: &Subject<'_>) -> bool {
    let Some(resource) = subject.kind.resource else { return false };
    let answered = || {
        subject.scene.trace.turns.iter().any(|turn| {
            let first = turn.exchange.sent.path().trim_start_matches('/').split('/').next().unwrap_or_default();
            turn.exchange.succeeded() && first == resource.endpoint.trim_matches('/')
        })
    };
    subject.scene.facts.types_published || resource.core.id.eq_ignore_ascii_case(urn::USER) || answered()
}

static LIST_SCHEMAS: Check = Check {
    id: "rfc7644/3.4.2/list-schemas",
    requirements: &["RFC7644-3.4.2-04", "RFC7644-3.1-03", "RFC7643-2.1-02", "RFC7643-3-01"],
    title: "The answer to a query names the ListResponse schema",
    why: "Clients that validate answers refuse a list that does not say what it is.",
    fix: "Put \"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"] into the body.",
    judge: Judge::Exchange(list_schemas),
};

fn list_schemas(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let schemas = list.get("schemas");
    if schemas.is_some_and(|schemas| expect::holds(schemas, urn::LIST_RESPONSE)) {
        return Judgement::Conforms;
    }
    let found = schemas.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    expect::body("/schemas", format!("[{:?}]", urn::LIST_RESPONSE), None).actually(found).into()
}

static TOTAL_RESULTS: Check = Check {
    id: "rfc7644/3.4.2/total-results",
    requirements: &["RFC7644-3.4.2-05", "RFC7644-3.4.2.4-11"],
    title: "A list has totalResults, a whole number that covers what is listed",
    why: "Okta and Entra ID decide by totalResults whether a user exists.",
    fix: "Count all matches, not those of the page, and write the number without quotes.",
    judge: Judge::Exchange(total_results),
};

fn total_results(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let total = list.get("totalResults").filter(|total| !total.is_unassigned());
    let Some(total) = total else {
        // RFC 9865 section 2 lets it be left out with a cursor.
        let cursor = list.get("nextCursor").is_some() || list.get("previousCursor").is_some();
        return (!cursor).then(|| expect::body("/totalResults", "the number of matches", None)).into();
    };
    let number = total.as_i64().filter(|number| *number >= 0);
    let Some(number) = number.and_then(|number| usize::try_from(number).ok()) else {
        return expect::body("/totalResults", "a whole number, 0 or more", Some(total)).of("RFC7644-3.4.2.4-11").into();
    };
    let listed = listed(list);
    let finding = || expect::body("/totalResults", format!("at least {listed}, as many as are listed"), Some(total));
    (number < listed).then(|| finding().of("RFC7644-3.4.2.4-11")).into()
}

static RESOURCES: Check = Check {
    id: "rfc7644/3.4.2/resources",
    requirements: &["RFC7644-3.4.2-07"],
    title: "A list with matches has an array Resources",
    why: "The client finds that there is a user but not which.",
    fix: "Put the matches into \"Resources\", with a capital R.",
    judge: Judge::Exchange(resources),
};

fn resources(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let member = list.0.iter().find(|(name, _)| name.eq_ignore_ascii_case("Resources"));
    match member {
        Some((name, _)) if name != "Resources" => {
            let finding =
                expect::body(format!("/{name}"), "the name Resources", None).actually(format!("the name {name}"));
            finding.read_as(ambiguity::A33_RESOURCES_CASE).into()
        }
        Some((_, Json::Array(items))) => {
            let stray = items.iter().position(|item| item.as_object().is_none());
            stray.map(|index| expect::body(format!("/Resources/{index}"), "a resource", Some(&items[index]))).into()
        }
        Some((_, Json::Null)) | None if nothing_to_list(subject, list) => Judgement::Conforms,
        other => expect::body("/Resources", "an array of resources", other.map(|(_, value)| value)).into(),
    }
}

/// No match, `count=0`, or a page beyond the end: then Resources may be left out (ambiguity 20).
fn nothing_to_list(subject: &Subject<'_>, list: &Object) -> bool {
    let total = list.get("totalResults").and_then(Json::as_i64).unwrap_or(0);
    let asked = super::s3_4_2_4_pagination::Asked::of(subject);
    total <= 0 || asked.count == Some(0) || asked.start_index.is_some_and(|start| start > total)
}

/// The body of a query that succeeded.
pub(super) fn list<'a>(subject: &Subject<'a>) -> Option<&'a Object> {
    if !subject.kind.is(&[Operation::List, Operation::Search]) || subject.status() != Some(200) {
        return None;
    }
    subject.body()?.as_object()
}

/// How many resources a list holds.
pub(super) fn listed(list: &Object) -> usize {
    list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len)
}
