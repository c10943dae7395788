//! RFC 7643 section 4.3: the enterprise extension.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&MANAGER];

static MANAGER: Check = Check {
    id: "rfc7643/4.3/manager",
    requirements: &["RFC7643-4.3-03", "RFC7643-4.3-04"],
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
            // `{}` and an object without an id are ways to write that there is none (ambiguity 34).
            Json::Object(object) => {
                let value = object.get("value").filter(|value| !value.is_unassigned());
                if let Some(value) = value.filter(|value| value.as_str().is_none()) {
                    let at = format!("{}/value", pointer());
                    findings
                        .tell(expect::body(at, "the id of the manager, a string", Some(value)).of("RFC7643-4.3-04"));
                }
            }
            Json::String(text) if text.is_empty() => {}
            other => {
                let finding = expect::body(pointer(), "an object", Some(other));
                findings.tell(finding.read_as(ambiguity::A38_MANAGER_STRING));
            }
        }
    })
}
