//! RFC 7644 section 3.4.2.2: filters. What a filter matches is told by the checks of the state.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;
use crate::scim::filter::Filter;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&INVALID_FILTER];

static INVALID_FILTER: Check = Check {
    id: "rfc7644/3.4.2.2/invalid-filter",
    requirements: &[
        "RFC7644-3.4.2.2-51",
        "RFC7644-3.4.2.2-52",
        "RFC7644-3.4.2.2-05",
        "RFC7644-3.4.2.2-06",
        "RFC7644-3.4.2.2-42",
        "RFC7644-3.12-17",
        "RFC7644-3.12-08",
    ],
    title: "What is no filter is refused with 400 and scimType invalidFilter",
    why: "A client that gets a list for a filter that the server did not understand links the first person in it.",
    fix: "Refuse a filter that cannot be read instead of ignoring it.",
    judge: Judge::Exchange(invalid_filter),
};

fn invalid_filter(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&[Operation::List, Operation::Search]) {
        return Judgement::NotApplicable;
    }
    let sent = &subject.exchange().sent;
    let filter = match subject.kind.operation {
        Operation::Search => sent.json().and_then(|body| Some(body.get("filter")?.as_str()?.to_owned())),
        _ => sent.parameter("filter"),
    };
    let supported = subject.scene.facts.supports(Feature::Filter) != Some(false);
    let Some(error) = filter.filter(|_| supported).and_then(|filter| Filter::parse(&filter).err()) else {
        return Judgement::NotApplicable;
    };
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    match subject.status() {
        Some(200..300) => expect::status(subject, &format!("400 Bad Request: {error}")).into(),
        Some(400) if scim_type.and_then(Json::as_str) == Some("invalidFilter") => Judgement::Conforms,
        Some(400) => {
            let finding = expect::body("/scimType", "\"invalidFilter\"", scim_type).of("RFC7644-3.12-17");
            finding.read_as(ambiguity::A15_OTHER_SCIM_TYPE).into()
        }
        Some(404 | 409 | 422) => expect::status(subject, "400 Bad Request").of("RFC7644-3.4.2.2-52").into(),
        _ => Judgement::NotApplicable,
    }
}
