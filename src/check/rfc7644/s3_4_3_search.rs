//! RFC 7644 section 3.4.3: queries by POST.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&SEARCH_OFFERED, &SEARCH_REQUEST];

static SEARCH_OFFERED: Check = Check {
    id: "rfc7644/3.4.3/search-offered",
    requirements: &["RFC7644-3.4.3-01", "RFC7644-3.2-15"],
    title: "A POST to .search is a query",
    why: "Clients search by POST to keep personal data out of addresses and logs.",
    fix: "Route POST to /.search below every resource endpoint like a GET with the same parameters.",
    judge: Judge::Exchange(search_offered),
};

fn search_offered(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Search {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(404 | 405 | 501) => {
            let reading =
                if subject.kind.resource.is_some() { ambiguity::A30_MISSING } else { ambiguity::A30_MISSING_AT_ROOT };
            expect::status(subject, "200 OK").read_as(reading).into()
        }
        _ => Judgement::NotApplicable,
    }
}

static SEARCH_REQUEST: Check = Check {
    id: "rfc7644/3.4.3/search-request",
    requirements: &["RFC7644-3.4.3-03"],
    title: "A search names the SearchRequest schema",
    why: "A body that was meant for something else is not a query.",
    fix: "Answer 400 with invalidSyntax to a search without the SearchRequest schema.",
    judge: Judge::Exchange(search_request),
};

fn search_request(subject: &Subject<'_>) -> Judgement {
    let body = subject.exchange().sent.json().filter(|_| subject.kind.operation == Operation::Search);
    let Some(body) = body.filter(|body| body.as_object().is_some()) else { return Judgement::NotApplicable };
    let named = expect::names_schema(body, urn::SEARCH_REQUEST);
    match (named, subject.status()) {
        (true, Some(200)) | (false, Some(400)) => Judgement::Conforms,
        (false, Some(200)) => {
            let expected = "400 Bad Request: no SearchRequest in schemas";
            expect::status(subject, expected).read_as(ambiguity::A47_WITHOUT_SCHEMAS).into()
        }
        (true, Some(400)) => {
            let about_schemas = subject.body().and_then(|error| error.get("detail")).and_then(Json::as_str);
            let refused = about_schemas.is_some_and(|detail| detail.contains(urn::SEARCH_REQUEST));
            if refused { expect::status(subject, "200 OK").into() } else { Judgement::NotApplicable }
        }
        _ => Judgement::NotApplicable,
    }
}
