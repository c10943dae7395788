//! RFC 7644 section 1.3: addresses.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&NO_QUERY];

static NO_QUERY: Check = Check {
    id: "rfc7644/1.3/no-query",
    requirements: &["RFC7644-1.3-01"],
    title: "The addresses of resources have no query",
    why: "Clients append parameters to an address; a query that is there already breaks them.",
    fix: "Put what tells tenants apart into the path.",
    judge: Judge::Exchange(no_query),
};

fn no_query(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let location = resource.json.pointer("/meta/location");
        if location.and_then(Json::as_str).is_some_and(|text| text.contains('?')) {
            findings.tell(expect::body(resource.pointer("/meta/location"), "an address without a query", location));
        }
    })
}
