//! RFC 7644 section 3.4.1: retrieving a known resource.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&RETRIEVED_STATUS, &ONE_RESOURCE];

static RETRIEVED_STATUS: Check = Check {
    id: "rfc7644/3.4.1/retrieved-status",
    requirements: &["RFC7644-3.4.1-01", "RFC7644-3.2-03"],
    title: "Reading a resource that exists answers 200",
    why: "Any other success tells a client that there is nothing to read.",
    fix: "Answer 200 OK with the resource.",
    judge: Judge::Exchange(retrieved_status),
};

fn retrieved_status(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Read || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    (subject.status() != Some(200)).then(|| expect::status(subject, "200 OK")).into()
}

static ONE_RESOURCE: Check = Check {
    id: "rfc7644/3.4.1/one-resource",
    requirements: &[
        "RFC7644-3.4.1-01",
        "RFC7644-3.4.1-02",
        "RFC7644-3.3-08",
        "RFC7644-3.5.1-13",
        "RFC7644-3.5.2-27",
        "RFC7644-3.2-17",
    ],
    title: "What is answered about one resource is that resource and no other message",
    why: "A client looks for the id at the top level and finds none in a list; an error under 200 passes for a user.",
    fix: "Put the resource itself into the body; answer errors with their own status.",
    judge: Judge::Exchange(one_resource),
};

fn one_resource(subject: &Subject<'_>) -> Judgement {
    let requirement = match subject.kind.operation {
        Operation::Read => "RFC7644-3.4.1-01",
        Operation::Create => "RFC7644-3.3-08",
        Operation::Replace => "RFC7644-3.5.1-13",
        Operation::Patch => "RFC7644-3.5.2-27",
        _ => return Judgement::NotApplicable,
    };
    let Some(body) = subject.body().filter(|body| subject.exchange().succeeded() && body.as_object().is_some()) else {
        return Judgement::NotApplicable;
    };
    let finding = |found: &str| Judgement::from(expect::body("", "the resource", None).actually(found).of(requirement));
    match message(body) {
        Some("an error") => finding(&format!("an error under the status {}", expect::status_line(subject))),
        Some(other) => finding(other),
        None => Judgement::Conforms,
    }
}

/// The message that stands where a resource belongs.
fn message(body: &Json) -> Option<&'static str> {
    if expect::names_schema(body, urn::ERROR) {
        return Some("an error");
    }
    let list =
        expect::names_schema(body, urn::LIST_RESPONSE) || body.get("Resources").is_some_and(|r| r.as_array().is_some());
    if list {
        return Some("a list");
    }
    expect::names_schema(body, urn::PATCH_OP).then_some("the PATCH that was sent")
}
