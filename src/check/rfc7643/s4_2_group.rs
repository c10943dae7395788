//! RFC 7643 section 4.2: groups.

use super::super::expect;
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Subject};
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&DISPLAY_NAME, &MEMBER_VALUE, &MEMBER_REFERENCE];

fn is_group(resource: &Resource<'_>) -> bool {
    resource.schema.is_some_and(|schema| schema.core.id.eq_ignore_ascii_case(urn::GROUP))
}

static DISPLAY_NAME: Check = Check {
    id: "rfc7643/4.2/display-name",
    requirements: &["RFC7643-4.2-02"],
    title: "Every group has a displayName",
    why: "Okta and Entra ID link groups by their name.",
    fix: "Return displayName with every group.",
    judge: Judge::Exchange(display_name),
};

fn display_name(subject: &Subject<'_>) -> Judgement {
    let projected = subject.is_projected();
    subject.each(|resource, findings| {
        if !is_group(resource) {
            return;
        }
        let value = resource.members.get("displayName");
        let missing = value.is_none_or(Json::is_unassigned);
        let empty = value.and_then(Json::as_str) == Some("");
        if empty || (missing && !projected) {
            findings.tell(expect::body(resource.pointer("/displayName"), "the name of the group", value));
        }
    })
}

static MEMBER_VALUE: Check = Check {
    id: "rfc7643/4.2/member-value",
    requirements: &["RFC7643-4.2-05", "RFC7643-4.1.2-27"],
    title: "Every member of a group is named by its id",
    why: "The IdP compares the members by id with those it wants, and adds them all again.",
    fix: "Put the id of the member into value of each element.",
    judge: Judge::Exchange(member_value),
};

fn member_value(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        for (index, member) in members(resource) {
            let Some(object) = member.as_object() else { continue };
            let value = object.get("value");
            let wrong = value.is_none_or(Json::is_unassigned) || value.and_then(Json::as_str) == Some("");
            if wrong && !subject.is_projected() {
                let pointer = resource.pointer(&format!("/members/{index}/value"));
                findings.tell(expect::body(pointer, "the id of the member", value));
            }
        }
    })
}

static MEMBER_REFERENCE: Check = Check {
    id: "rfc7643/4.2/member-reference",
    requirements: &["RFC7643-4.2-06"],
    title: "The $ref of a member is the address of that member",
    why: "A client that follows it reads somebody else.",
    fix: "Build $ref from base URL, endpoint and the member's id.",
    judge: Judge::Exchange(member_reference),
};

fn member_reference(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        for (index, member) in members(resource) {
            let text = |name: &str| member.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
            let (Some(id), Some(reference)) = (text("value"), text("$ref")) else { continue };
            let path = reference.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or_default();
            if last == id || crate::exchange::decode_path(last) == id {
                continue;
            }
            if resource.id().is_some_and(|id| subject.is_ours(id)) {
                let pointer = resource.pointer(&format!("/members/{index}/$ref"));
                findings.tell(expect::body(pointer, format!("an address that ends in /{id}"), member.get("$ref")));
            }
        }
    })
}

fn members<'r>(resource: &Resource<'r>) -> impl Iterator<Item = (usize, &'r Json)> {
    let items = resource.members.get("members").and_then(Json::as_array).filter(|_| is_group(resource));
    items.unwrap_or_default().iter().enumerate()
}
