//! RFC 7644 section 3.6: deleting. That a deleted resource is gone is told by the checks of the state.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Scene, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&DELETED_STATUS, &DELETE_REFUSED, &NAME_FREE];

static DELETED_STATUS: Check = Check {
    id: "rfc7644/3.6/deleted-status",
    requirements: &["RFC7644-3.6-09", "RFC7644-3.2-08"],
    title: "A DELETE that succeeds answers 204",
    why: "A client that waits for 204 deletes again and again.",
    fix: "Answer 204 No Content without a body.",
    judge: Judge::Exchange(deleted_status),
};

fn deleted_status(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Delete || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    let finding = || expect::status(subject, "204 No Content").read_as(ambiguity::A40_OTHER_SUCCESS);
    (subject.status() != Some(204)).then(finding).into()
}

static DELETE_REFUSED: Check = Check {
    id: "rfc7644/3.6/refused",
    requirements: &["RFC7644-3.12-08"],
    title: "A DELETE of what is there is not answered as a malformed request",
    why: "The account of somebody who left stays, and the IdP stops trying: a 400 will not get better.",
    fix: "Delete, and take the resource out of what refers to it; or say 403 or 409 where it may not be deleted.",
    judge: Judge::Exchange(delete_refused),
};

fn delete_refused(subject: &Subject<'_>) -> Judgement {
    let id = subject.kind.id.filter(|_| subject.kind.operation == Operation::Delete);
    if !id.is_some_and(|id| subject.is_ours(&crate::exchange::decode_path(id))) {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(400 | 422) => expect::status(subject, "204 No Content: there is nothing wrong with the request").into(),
        Some(200..300) => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}

/// Every DELETE that was the first to succeed on its path.
fn deletions<'a>(scene: &Scene<'a>) -> Vec<(usize, &'a str)> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (index, turn) in scene.trace.turns.iter().enumerate() {
        let exchange = &turn.exchange;
        if exchange.sent.method != "DELETE" || !exchange.succeeded() {
            continue;
        }
        let path = exchange.sent.path();
        let of_resource = scene.kind(index).operation == Operation::Delete;
        if of_resource && !found.iter().any(|(_, other)| *other == path) {
            found.push((index, path));
        }
    }
    found
}

fn last(path: &str) -> String {
    crate::exchange::decode_path(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}

static NAME_FREE: Check = Check {
    id: "rfc7644/3.6/name-free",
    requirements: &["RFC7644-3.6-08", "RFC7644-3.6-07"],
    title: "The name of a deleted resource can be used again",
    why: "An employee who comes back cannot be provisioned.",
    fix: "Leave deleted resources out of the check for unique values.",
    judge: Judge::Scenario(name_free),
};

fn name_free(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let deleted = deletions(scene);
    let mut judged = Vec::new();
    for (at, path) in &deleted {
        let Some(name) = name_of(scene, &last(path)) else { continue };
        for (index, turn) in scene.trace.turns.iter().enumerate().skip(at + 1) {
            let exchange = &turn.exchange;
            let again =
                exchange.sent.method == "POST" && exchange.sent.json().and_then(user_name) == Some(name.clone());
            match exchange.status().filter(|_| again) {
                Some(201) => judged.push((index, Judgement::Conforms)),
                Some(409) => {
                    let subject = Subject::new(*scene, index);
                    let finding = expect::status(&subject, "201 Created, since the other was deleted");
                    judged.push((index, finding.read_as(ambiguity::A40_RECREATE_CONFLICT).into()));
                }
                _ => {}
            }
            if again {
                break;
            }
        }
    }
    judged
}

/// The userName under which the resource of that id was created.
fn name_of(scene: &Scene<'_>, id: &str) -> Option<String> {
    let created = scene.trace.turns.iter().find(|turn| {
        let exchange = &turn.exchange;
        let answered = exchange.answer().and_then(|body| body.get("id")).and_then(Json::as_str);
        exchange.sent.method == "POST" && exchange.succeeded() && answered == Some(id)
    })?;
    user_name(created.exchange.sent.json()?)
}

fn user_name(body: &Json) -> Option<String> {
    Some(body.get("userName")?.as_str()?.to_lowercase())
}
