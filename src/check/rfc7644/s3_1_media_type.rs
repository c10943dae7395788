//! RFC 7644 section 3.1: the media type of answers.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use crate::exchange::Sent;
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&MEDIA_TYPE];

static MEDIA_TYPE: Check = Check {
    id: "rfc7644/3.1/media-type",
    requirements: &["RFC7644-3.1-01", "RFC7644-3.8-07", "RFC7644-3.8-09", "RFC7644-8.1-01"],
    title: "An answer with a body is application/scim+json",
    why: "Clients choose their parser by the media type; Entra ID wants application/scim+json back.",
    fix: "Set Content-Type to application/scim+json on every answer with a body, errors too.",
    judge: Judge::Exchange(media_type),
};

fn media_type(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| answer.json().is_some()) else {
        return Judgement::NotApplicable;
    };
    if (300..400).contains(&answer.status) {
        return Judgement::NotApplicable;
    }
    let value = answer.header("content-type");
    let found = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if found.eq_ignore_ascii_case("application/scim+json") {
        return Judgement::Conforms;
    }
    let finding = || expect::header("Content-Type", "application/scim+json", value);
    if !found.eq_ignore_ascii_case("application/json") {
        return finding().into();
    }
    if wants_only_json(&subject.exchange().sent) {
        return Judgement::Conforms;
    }
    finding().read_as(ambiguity::A39_ANSWER_JSON).into()
}

/// Whether the client asked for application/json and would not take application/scim+json.
fn wants_only_json(sent: &Sent) -> bool {
    let accept = sent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept"));
    let Some((_, accept)) = accept else { return false };
    let mut json = false;
    for range in accept.split(',') {
        match range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => json = true,
            "application/scim+json" | "application/*" | "*/*" => return false,
            _ => {}
        }
    }
    json
}
