//! RFC 7644 section 3.8: what a server takes, and the forms in which it can be asked.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&REQUEST_TYPE, &ACCEPT_JSON];

static REQUEST_TYPE: Check = Check {
    id: "rfc7644/3.8/request-type",
    requirements: &["RFC7644-3.8-01"],
    title: "A request in JSON is taken",
    why: "Entra ID sends application/scim+json with charset=utf-8, others application/json.",
    fix: "Accept application/scim+json and application/json, with and without charset=utf-8.",
    judge: Judge::Exchange(request_type),
};

fn request_type(subject: &Subject<'_>) -> Judgement {
    let sent = &subject.exchange().sent;
    let writes = subject.kind.is(&[Operation::Create, Operation::Replace, Operation::Patch, Operation::Search]);
    let header = sent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let Some((_, value)) = header.filter(|_| writes && sent.json().is_some()) else { return Judgement::NotApplicable };
    let value = value.to_ascii_lowercase();
    let media = value.split(';').next().unwrap_or_default().trim();
    if !matches!(media, "application/scim+json" | "application/json") {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200..300) => Judgement::Conforms,
        Some(415) => {
            let finding = expect::status(subject, &format!("an answer to {value}"));
            let plain = value.trim() == "application/scim+json";
            if plain { finding.into() } else { finding.read_as(ambiguity::A39_REQUEST_REFUSED).into() }
        }
        _ => Judgement::NotApplicable,
    }
}

static ACCEPT_JSON: Check = Check {
    id: "rfc7644/3.8/accept-json",
    requirements: &["RFC7644-3.8-08"],
    title: "A client that accepts application/json gets an answer",
    why: "Many HTTP libraries ask for application/json.",
    fix: "Answer in application/scim+json or application/json, and not with 406.",
    judge: Judge::Exchange(accept_json),
};

fn accept_json(subject: &Subject<'_>) -> Judgement {
    let headers = &subject.exchange().sent.headers;
    let accept = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept"));
    let asked = accept.is_some_and(|(_, value)| {
        value.split(',').any(|media| media.split(';').next().unwrap_or_default().trim() == "application/json")
    });
    match subject.status().filter(|_| asked) {
        Some(200 | 201) => Judgement::Conforms,
        Some(406 | 415) => expect::status(subject, "an answer in JSON").into(),
        _ => Judgement::NotApplicable,
    }
}
