//! RFC 7644 section 3.4.3: queries by POST.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&SEARCH_OFFERED];

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
