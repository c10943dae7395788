//! RFC 7643 section 3.1: id and externalId.

use super::super::expect::{self, Findings};
use super::super::resource::stays_apart;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&ID, &ID_UNIQUE, &EXTERNAL_ID, &EXTERNAL_ID_INVENTED];

static ID: Check = Check {
    id: "rfc7643/3.1/id",
    requirements: &["RFC7643-3.1-06", "RFC7643-3.1-02", "RFC7643-3.1-11", "RFC7643-3.1-01"],
    title: "Every resource has an id, a string with something in it",
    why: "The IdP keeps the id and addresses every later change to it.",
    fix: "Return the id as a string in every representation; the word bulkId must not be in it.",
    judge: Judge::Exchange(id),
};

fn id(subject: &Subject<'_>) -> Judgement {
    if subject.is_projected() {
        // Told by the check of the minimum set.
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let value = resource.members.get("id");
        match value.and_then(Json::as_str) {
            None | Some("") => {
                findings.tell(expect::body(resource.pointer("/id"), "a string that is not empty", value));
            }
            Some(text) if text.contains("bulkId") => {
                let finding = expect::body(resource.pointer("/id"), "an id without the word bulkId", value);
                findings.tell(finding.of("RFC7643-3.1-11"));
            }
            Some(_) => {}
        }
    })
}

static ID_UNIQUE: Check = Check {
    id: "rfc7643/3.1/id-unique",
    requirements: &["RFC7643-3.1-07"],
    title: "No two resources of a list have the same id",
    why: "An import links two accounts to one person.",
    fix: "Make ids unique over all resources of the server, and list each resource once.",
    judge: Judge::Exchange(id_unique),
};

fn id_unique(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&[Operation::List, Operation::Search]) {
        return Judgement::NotApplicable;
    }
    let mut seen = std::collections::HashSet::new();
    let mut findings = Findings::default();
    let mut any = false;
    for resource in subject.resources() {
        any = true;
        let id = resource.members.get("id").and_then(Json::as_str).filter(|id| !id.is_empty());
        let again = id.filter(|id| !seen.insert(*id));
        if let Some(id) = again.filter(|id| stays_apart(id) || subject.is_ours(id)) {
            let finding = expect::body(resource.pointer("/id"), "an id that is not listed yet", None);
            findings.tell(finding.actually(format!("{id:?} again")));
        }
    }
    if any { findings.judgement() } else { Judgement::NotApplicable }
}

static EXTERNAL_ID: Check = Check {
    id: "rfc7643/3.1/external-id",
    requirements: &["RFC7643-2.3-02", "RFC7643-3.1-15"],
    title: "externalId is a string",
    why: "Entra ID matches users by externalId and compares it as a text.",
    fix: "Keep the externalId as the client wrote it.",
    judge: Judge::Exchange(external_id),
};

fn external_id(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let value = resource.members.get("externalId").filter(|value| !value.is_unassigned());
        if let Some(value) = value.filter(|value| value.as_str().is_none()) {
            findings.tell(expect::body(resource.pointer("/externalId"), "a string", Some(value)));
        }
    })
}

static EXTERNAL_ID_INVENTED: Check = Check {
    id: "rfc7643/3.1/external-id-invented",
    requirements: &["RFC7643-3.1-16"],
    title: "Only the client sets an externalId",
    why: "The IdP takes the invented value for its own and links the wrong account.",
    fix: "Leave externalId without a value until a client sends one.",
    judge: Judge::Exchange(external_id_invented),
};

fn external_id_invented(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create || subject.status() != Some(201) {
        return Judgement::NotApplicable;
    }
    let Some(sent) = subject.exchange().sent.body.as_deref() else { return Judgement::NotApplicable };
    // The bytes tell without parsing them again.
    if sent.windows(10).any(|window| window.eq_ignore_ascii_case(b"externalId")) {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let value = resource.members.get("externalId").filter(|value| !value.is_unassigned());
        // An empty string is a way to write that there is none (ambiguity 34).
        if let Some(value) = value.filter(|value| value.as_str() != Some("")) {
            findings.tell(expect::body("/externalId", "nothing, since the client sent none", Some(value)));
        }
    })
}
