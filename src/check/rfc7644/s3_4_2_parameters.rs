//! RFC 7644 section 3.4.2: parameters that a server does not know.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::exchange::decode_query;

pub(super) static CHECKS: &[&Check] = &[&UNKNOWN_PARAMETER];

/// The parameters of section 3.4.2, table 6, and of RFC 9865.
const KNOWN: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];

static UNKNOWN_PARAMETER: Check = Check {
    id: "rfc7644/3.4.2/unknown-parameter",
    requirements: &["RFC7644-3.4.2-03"],
    title: "A parameter that the server does not know is ignored",
    why: "Clients and proxies add parameters of their own, and the base URL of an integration may hold one.",
    fix: "Read the parameters of the standard and leave the others alone.",
    judge: Judge::Exchange(unknown_parameter),
};

fn unknown_parameter(subject: &Subject<'_>) -> Judgement {
    let asked = subject.kind.is(&[Operation::List, Operation::Read]);
    let Some(query) = subject.exchange().sent.query().filter(|query| asked && !query.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let name = |pair: &str| decode_query(pair.split('=').next().unwrap_or_default());
    let known = |pair: &str| KNOWN.iter().any(|known| name(pair).eq_ignore_ascii_case(known));
    // With a parameter of the standard beside it nobody knows which of them is refused.
    if query.split('&').any(known) {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(400 | 422) => expect::status(subject, "200 OK, the parameter ignored").into(),
        _ => Judgement::NotApplicable,
    }
}
