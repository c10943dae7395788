//! RFC 9865 section 2.1: errors of paging by cursor.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use super::{Asked, announces};
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&UNKNOWN_CURSOR, &COUNT];

static UNKNOWN_CURSOR: Check = Check {
    id: "rfc9865/2.1/unknown-cursor",
    requirements: &["RFC9865-2.1-02", "RFC9865-2.1-01", "RFC9865-2.1-03", "RFC9865-5.2-04"],
    title: "A cursor that the server did not give is refused with 400 and invalidCursor",
    why: "A client whose cursor is no longer good begins again when it is told so.",
    fix: "Make cursors that cannot be guessed or forged, and answer 400 with invalidCursor or expiredCursor.",
    judge: Judge::Exchange(unknown_cursor),
};

fn unknown_cursor(subject: &Subject<'_>) -> Judgement {
    let asked = Asked::of(subject).filter(|_| announces(subject.scene.facts, "cursor") == Some(true));
    let Some(cursor) = asked.and_then(|asked| asked.cursor).filter(|cursor| !cursor.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    let keyword = scim_type.and_then(Json::as_str);
    if is_given(subject, cursor) {
        // One that was given may have expired; then the keyword says so.
        let expired = subject.status() == Some(400)
            && !matches!(keyword, Some("expiredCursor" | "invalidCursor" | "invalidCount"));
        let finding = || expect::body("/scimType", "\"expiredCursor\"", scim_type).of("RFC9865-2.1-03");
        return if expired { finding().into() } else { Judgement::NotApplicable };
    }
    match subject.status() {
        Some(400) if matches!(keyword, Some("invalidCursor" | "expiredCursor")) => Judgement::Conforms,
        Some(400) => expect::body("/scimType", "\"invalidCursor\"", scim_type).into(),
        Some(200..300) => {
            expect::status(subject, "400 Bad Request: nobody gave this cursor").of("RFC9865-5.2-04").into()
        }
        Some(404 | 409 | 422 | 500) => expect::status(subject, "400 Bad Request").of("RFC9865-2.1-01").into(),
        _ => Judgement::NotApplicable,
    }
}

/// Whether an earlier answer gave the cursor.
fn is_given(subject: &Subject<'_>, cursor: &str) -> bool {
    subject.scene.trace.turns[..subject.index].iter().any(|turn| {
        let answer = turn.exchange.answer();
        ["nextCursor", "previousCursor"]
            .iter()
            .any(|name| answer.and_then(|answer| answer.get(name)).and_then(Json::as_str) == Some(cursor))
    })
}

static COUNT: Check = Check {
    id: "rfc9865/2.1/count",
    requirements: &["RFC9865-2.1-04", "RFC9865-2-03"],
    title: "A count that the server does not take is refused with invalidCount, a negative one counts as 0",
    why: "A client that is told which parameter is wrong asks again with another.",
    fix: "Answer 400 with invalidCount, or fewer resources.",
    judge: Judge::Exchange(count),
};

fn count(subject: &Subject<'_>) -> Judgement {
    let asked = Asked::of(subject).filter(|_| announces(subject.scene.facts, "cursor") == Some(true));
    let Some(asked) = asked.filter(|asked| asked.cursor.is_some() && asked.count.is_some()) else {
        return Judgement::NotApplicable;
    };
    let known = asked.cursor.is_some_and(|cursor| cursor.is_empty() || is_given(subject, cursor));
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    match (subject.status(), asked.number()) {
        (Some(200), Some(_)) => Judgement::Conforms,
        (Some(400), Some(..0)) => {
            let finding = expect::status(subject, "200 OK without resources").of("RFC9865-2-03");
            finding.read_as(ambiguity::A47_NEGATIVE_COUNT_REFUSED).into()
        }
        (Some(400), _) if known => {
            let fits =
                matches!(scim_type.and_then(Json::as_str), Some("invalidCount" | "expiredCursor" | "invalidCursor"));
            (!fits).then(|| expect::body("/scimType", "\"invalidCount\"", scim_type)).into()
        }
        _ => Judgement::NotApplicable,
    }
}
