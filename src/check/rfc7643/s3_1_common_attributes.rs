//! RFC 7643 section 3.1: id and externalId.

use super::super::expect::{self, Findings};
use super::super::resource::stays_apart;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::scim::json::{Json, pointer_part};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&ID, &ID_UNIQUE, &NO_NAMESPACE, &EXTERNAL_ID, &EXTERNAL_ID_INVENTED];

static ID: Check = Check {
    id: "rfc7643/3.1/id",
    requirements: &["RFC7643-3.1-06", "RFC7643-3.1-02", "RFC7643-3.1-11", "RFC7643-3.1-01", "RFC7643-3-07"],
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
                let finding = expect::body(resource.pointer("/id"), "a string that is not empty", value);
                // Users and groups have their ids; what a server adds of its own has them as well.
                let own_type = resource.schema.is_some_and(|schema| !RFC_TYPES.contains(&schema.core.id.as_str()));
                findings.tell(if own_type { finding.of("RFC7643-3-07") } else { finding });
            }
            Some(text) if text.contains("bulkId") => {
                let finding = expect::body(resource.pointer("/id"), "an id without the word bulkId", value);
                findings.tell(finding.of("RFC7643-3.1-11"));
            }
            Some(_) => {}
        }
    })
}

/// The resource types of the RFC itself.
const RFC_TYPES: [&str; 2] = [urn::USER, urn::GROUP];

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

static NO_NAMESPACE: Check = Check {
    id: "rfc7643/3.1/no-namespace",
    requirements: &["RFC7643-3.1-03"],
    title: "Common attributes stand at the top and have no schema of their own",
    why: "A client looks for id, externalId and meta in one place, whatever the resource.",
    fix: "Return them as members of the resource itself, and list no schema for them.",
    judge: Judge::Exchange(no_namespace),
};

fn no_namespace(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        for (name, container) in resource.members.iter().filter(|(name, _)| name.contains(':')) {
            let declared = resource.schema.and_then(|schema| {
                schema.extensions.iter().map(|(e, _)| e).find(|extension| extension.id.eq_ignore_ascii_case(name))
            });
            for common in ["id", "externalId", "meta"] {
                // Of an extension that nobody published it is not known what is in it.
                let foreign = declared
                    .is_some_and(|extension| !extension.attributes.is_empty() && extension.attribute(common).is_none());
                let value = container.get(common).filter(|value| !value.is_unassigned() && foreign);
                if let Some(value) = value {
                    let pointer = resource.pointer(&format!("/{}/{common}", pointer_part(name)));
                    findings.tell(expect::body(pointer, format!("{common} at the top of the resource"), Some(value)));
                }
            }
        }
        let listed = resource.members.get("schemas").and_then(Json::as_array).unwrap_or_default();
        let common = |item: &Json| {
            let own = ["urn:ietf:params:scim:schemas:core:2.0", "urn:ietf:params:scim:schemas:core:2.0:common"];
            item.as_str().is_some_and(|uri| own.iter().any(|known| uri.eq_ignore_ascii_case(known)))
        };
        if let Some(index) = listed.iter().position(common) {
            let pointer = resource.pointer(&format!("/schemas/{index}"));
            findings.tell(expect::body(pointer, "no schema for the common attributes", listed.get(index)));
        }
    })
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
