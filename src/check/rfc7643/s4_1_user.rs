//! RFC 7643 section 4.1: users.

use super::super::expect;
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Subject};
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&USER_NAME, &PASSWORD];

/// Whether a resource is a user by its type.
pub(super) fn is_user(resource: &Resource<'_>) -> bool {
    resource.schema.is_some_and(|schema| schema.core.id.eq_ignore_ascii_case(urn::USER))
}

static USER_NAME: Check = Check {
    id: "rfc7643/4.1.1/user-name",
    requirements: &["RFC7643-4.1.1-01", "RFC7643-4.1.1-03"],
    title: "Every user has a userName with something in it",
    why: "Every IdP finds and links users by userName.",
    fix: "Return userName with every user.",
    judge: Judge::Exchange(user_name),
};

fn user_name(subject: &Subject<'_>) -> Judgement {
    let projected = subject.is_projected();
    subject.each(|resource, findings| {
        if !is_user(resource) {
            return;
        }
        let value = resource.members.get("userName");
        let missing = value.is_none_or(Json::is_unassigned);
        // Another type is told by the check of data types.
        let empty = value.and_then(Json::as_str).is_some_and(|text| text.trim().is_empty());
        if empty || (missing && !projected) {
            findings.tell(expect::body(resource.pointer("/userName"), "a string that is not empty", value));
        }
    })
}

static PASSWORD: Check = Check {
    id: "rfc7643/4.1.1/password",
    requirements: &[
        "RFC7643-4.1.1-31",
        "RFC7643-4.1.1-21",
        "RFC7643-4.1.1-22",
        "RFC7643-4.1.1-32",
        "RFC7643-7-34",
        "RFC7643-7-30",
    ],
    title: "A password is never returned, not as a hash either",
    why: "It gets into the logs of the IdP and of everybody who reads the directory.",
    fix: "Leave password out of every answer.",
    judge: Judge::Exchange(password),
};

fn password(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let value = resource.members.get("password").filter(|value| !value.is_unassigned());
        if is_user(resource) && value.is_some() {
            let finding = expect::body(resource.pointer("/password"), "no password", None);
            findings.tell(finding.actually("a password"));
        }
    })
}
