//! RFC 7644 section 3.5.1: replacing with PUT.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&REPLACED_STATUS, &PUT_SUPPORTED];

static REPLACED_STATUS: Check = Check {
    id: "rfc7644/3.5.1/replaced-status",
    requirements: &["RFC7644-3.5.1-13", "RFC7644-3.5.1-01", "RFC7644-3.2-06"],
    title: "A PUT that succeeds answers 200",
    why: "Okta reads the user's new state from the answer to its PUT.",
    fix: "Answer 200 OK with the whole resource; never make a resource by PUT.",
    judge: Judge::Exchange(replaced_status),
};

fn replaced_status(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Replace || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(201) => expect::status(subject, "200 OK").of("RFC7644-3.5.1-01").into(),
        _ => expect::status(subject, "200 OK").into(),
    }
}

static PUT_SUPPORTED: Check = Check {
    id: "rfc7644/3.5.1/put-supported",
    requirements: &["RFC7644-3.5-01", "RFC7644-3.2-09", "RFC7644-3.2-10"],
    title: "Users and Groups can be replaced with PUT",
    why: "Okta's integrations write every change of a profile by PUT.",
    fix: "Implement PUT; it is the one way to change a resource that every server must have.",
    judge: Judge::Exchange(put_supported),
};

fn put_supported(subject: &Subject<'_>) -> Judgement {
    let known = |id: &str| id.eq_ignore_ascii_case(urn::USER) || id.eq_ignore_ascii_case(urn::GROUP);
    let ours = subject.kind.resource.is_some_and(|resource| known(&resource.core.id));
    if subject.kind.operation != Operation::Replace || !ours {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(405 | 501) => expect::status(subject, "200 OK").into(),
        Some(200..300) => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}
