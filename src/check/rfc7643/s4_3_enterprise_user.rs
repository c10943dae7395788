//! RFC 7643 section 4.3: the enterprise extension.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::s6_resource_type::each as documents;
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&EXTENSION_URI, &MANAGER, &MANAGER_PARTS];

static EXTENSION_URI: Check = Check {
    id: "rfc7643/4.3/uri",
    requirements: &["RFC7643-4.3-01"],
    title: "The enterprise extension has its own URI",
    why: "Entra ID and Okta write department and manager under that URI, and look for them nowhere else.",
    fix: "Use urn:ietf:params:scim:schemas:extension:enterprise:2.0:User, not the URI of SCIM 1.1.",
    judge: Judge::Exchange(extension_uri),
};

/// Whether a URI is meant to be that of the enterprise extension, and is another one: that of SCIM 1.1, or a slip in a
/// name that belongs to the IETF.
fn is_mistaken(uri: &str) -> bool {
    let uri = uri.to_ascii_lowercase();
    let meant = ["urn:scim:schemas:extension:enterprise:", "urn:ietf:params:scim:schemas:extension:enterprise"];
    !uri.eq_ignore_ascii_case(urn::ENTERPRISE_USER) && meant.iter().any(|start| uri.starts_with(start))
}

fn extension_uri(subject: &Subject<'_>) -> Judgement {
    let told = |at: String, uri: &str| expect::body(at, urn::ENTERPRISE_USER, None).actually(uri);
    if subject.kind.operation == Operation::ResourceTypes {
        return documents(subject, Operation::ResourceTypes, |at, document, findings| {
            let extensions = document.get("schemaExtensions").and_then(Json::as_array).unwrap_or_default();
            for (index, extension) in extensions.iter().enumerate() {
                let uri = extension.get("schema").and_then(Json::as_str).filter(|uri| is_mistaken(uri));
                if let Some(uri) = uri {
                    findings.tell(told(format!("{at}/schemaExtensions/{index}/schema"), uri));
                }
            }
        });
    }
    subject.each(|resource, findings| {
        for (name, _) in resource.members.iter().filter(|(name, _)| is_mistaken(name)) {
            findings.tell(told(resource.pointer(&format!("/{}", pointer_part(name))), name));
        }
    })
}

static MANAGER: Check = Check {
    id: "rfc7643/4.3/manager",
    requirements: &["RFC7643-4.3-03"],
    title: "A manager is returned as an object with a value",
    why: "Entra ID sends a bare id and reads manager.value back; a string makes it write the manager for ever.",
    fix: "Return {\"value\": \"…\"}, also where the client sent a string.",
    judge: Judge::Exchange(manager),
};

fn manager(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let manager = resource.members.get(urn::ENTERPRISE_USER).and_then(|extension| extension.get("manager"));
        let Some(manager) = manager.filter(|manager| !manager.is_unassigned()) else { return };
        let pointer = || resource.pointer(&format!("/{}/manager", pointer_part(urn::ENTERPRISE_USER)));
        match manager {
            // What is in it is told by the check of data types; an empty one says that there is none (ambiguity 34).
            Json::Object(_) => {}
            Json::String(text) if text.is_empty() => {}
            other => {
                let finding = expect::body(pointer(), "an object", Some(other));
                findings.tell(finding.read_as(ambiguity::A38_MANAGER_STRING));
            }
        }
    })
}

static MANAGER_PARTS: Check = Check {
    id: "rfc7643/4.3/manager-parts",
    requirements: &["RFC7643-4.3-04", "RFC7643-4.3-05"],
    title: "A manager has a value and a $ref",
    why: "By the value a client finds the manager among the users; a name alone may be anybody's.",
    fix: "Return the id of the manager's user as value, and its address as $ref.",
    judge: Judge::Exchange(manager_parts),
};

fn manager_parts(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        let manager = resource.members.get(urn::ENTERPRISE_USER).and_then(|extension| extension.get("manager"));
        let has = |value: &Json| !value.is_unassigned() && value.as_str() != Some("");
        let Some(manager) = manager.and_then(Json::as_object).filter(|_| !subject.is_projected()) else { return };
        // An empty one says that there is none (ambiguity 34).
        if !manager.iter().any(|(_, value)| has(value)) {
            return;
        }
        asked = true;
        let at = |part: &str| resource.pointer(&format!("/{}/manager/{part}", pointer_part(urn::ENTERPRISE_USER)));
        if !manager.get("value").is_some_and(has) {
            findings.tell(expect::body(at("value"), "the id of the manager", manager.get("value")));
        } else if !manager.get("$ref").is_some_and(has) {
            let finding = expect::body(at("$ref"), "the address of the manager", manager.get("$ref"));
            findings.tell(finding.of("RFC7643-4.3-05").read_as(ambiguity::A38_MEMBER_WITHOUT_REF));
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}
