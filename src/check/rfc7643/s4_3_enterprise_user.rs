//! RFC 7643 section 4.3: the enterprise extension.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&MANAGER];

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
