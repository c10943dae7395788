//! RFC 7643 section 4.2: groups.

use super::super::expect;
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::path::PatchPath;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] =
    &[&DISPLAY_NAME, &MEMBER_VALUE, &MEMBER_REFERENCE, &MEMBER_TYPE, &MEMBER_IN_PLACE];

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
            let ours = resource.id().is_some_and(|id| subject.is_ours(id));
            if last == id || crate::exchange::decode_path(last) == id {
                let told = elsewhere(subject, member, id, path).filter(|_| ours).map(|endpoint| {
                    let pointer = resource.pointer(&format!("/members/{index}/$ref"));
                    expect::body(pointer, format!("an address that ends in {endpoint}/{id}"), member.get("$ref"))
                });
                if let Some(told) = told {
                    findings.tell(told);
                }
                continue;
            }
            if ours {
                let pointer = resource.pointer(&format!("/members/{index}/$ref"));
                findings.tell(expect::body(pointer, format!("an address that ends in /{id}"), member.get("$ref")));
            }
        }
    })
}

/// The endpoint of a member whose address names that of another type. The same id may stand for a user and for a group;
/// so the member's own type tells, or what this run created.
fn elsewhere<'a>(subject: &Subject<'a>, member: &Json, id: &str, path: &str) -> Option<&'a str> {
    let facts = subject.scene.facts;
    let segment = path.rsplit('/').nth(1).filter(|segment| !segment.is_empty())?;
    let named = facts.types.iter().find(|known| known.endpoint.trim_matches('/') == segment)?;
    let kind = member.get("type").and_then(Json::as_str);
    let declared = kind.and_then(|kind| facts.types.iter().find(|known| known.name == kind));
    let created = subject.scene.trace.turns.iter().map(|turn| &turn.exchange).filter(|exchange| {
        let made = exchange.sent.method == "POST" && exchange.succeeded();
        made && exchange.answer().and_then(|body| body.get("id")).and_then(Json::as_str) == Some(id)
    });
    let created: Vec<_> = created.filter_map(|exchange| facts.type_at(exchange.sent.path())).collect();
    let own = created.first().filter(|_| created.iter().all(|known| known.name != named.name));
    let is = declared.or(own.copied())?;
    (is.name != named.name).then_some(is.endpoint.as_str())
}

static MEMBER_TYPE: Check = Check {
    id: "rfc7643/4.2/member-type",
    requirements: &["RFC7643-4.2-09"],
    title: "The type of a member is the name of a resource type",
    why: "A client looks the member up among the resources of that type.",
    fix: "Write User or Group, or the name that /ResourceTypes gives.",
    judge: Judge::Exchange(member_type),
};

fn member_type(subject: &Subject<'_>) -> Judgement {
    let types = &subject.scene.facts.types;
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        for (index, member) in members(resource) {
            let kind = member.get("type").filter(|kind| !kind.is_unassigned());
            let Some(kind) = kind.filter(|_| resource.id().is_some_and(|id| subject.is_ours(id))) else { continue };
            asked = true;
            if !kind.as_str().is_some_and(|kind| types.iter().any(|known| known.name == kind)) {
                let pointer = resource.pointer(&format!("/members/{index}/type"));
                findings.tell(expect::body(pointer, "the name of a resource type", Some(kind)));
            }
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

static MEMBER_IN_PLACE: Check = Check {
    id: "rfc7643/4.2/member-in-place",
    requirements: &["RFC7643-4.2-04"],
    title: "A member is added or removed, not turned into another one",
    why: "The change bypasses what the server does when somebody joins or leaves a group.",
    fix: "Refuse a PATCH of members[…].value with 400 and scimType mutability.",
    judge: Judge::Exchange(member_in_place),
};

fn member_in_place(subject: &Subject<'_>) -> Judgement {
    let patches = subject.kind.operation == Operation::Patch
        && subject.kind.resource.is_some_and(|schema| schema.core.id == urn::GROUP);
    let Some(sent) = subject.exchange().sent.body.as_deref().filter(|_| patches) else {
        return Judgement::NotApplicable;
    };
    // The bytes tell without parsing them again.
    if memchr::memmem::find(sent, b"].value").is_none() {
        return Judgement::NotApplicable;
    }
    let body = subject.exchange().sent.json();
    let operations = body.as_ref().and_then(|body| body.get("Operations")).and_then(Json::as_array).unwrap_or_default();
    let Some(new) = operations.iter().find_map(exchanged) else { return Judgement::NotApplicable };
    if !subject.exchange().succeeded() {
        return if subject.status() == Some(400) { Judgement::Conforms } else { Judgement::NotApplicable };
    }
    let path = subject.exchange().sent.path();
    let later = subject.scene.trace.turns[subject.index..].iter().map(|turn| &turn.exchange);
    let shown = later.filter(|e| e.succeeded() && e.sent.path() == path).find_map(|e| e.answer()?.get("members"));
    let Some(shown) = shown.and_then(Json::as_array) else { return Judgement::NotApplicable };
    let changed = shown.iter().any(|member| member.get("value").and_then(Json::as_str) == Some(new));
    let finding = || {
        let finding = expect::status(subject, "400 with scimType mutability");
        finding.read_as(ambiguity::A12_CHANGED_IN_PLACE)
    };
    changed.then(finding).into()
}

/// The id that an operation writes over that of a member.
fn exchanged(operation: &Json) -> Option<&str> {
    let (path, _) = PatchPath::parse(operation.get("path")?.as_str()?).ok()?;
    let PatchPath::Attribute { target, filter: Some(_) } = path else { return None };
    let is_value = target.sub.is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
    let replaces = operation.get("op")?.as_str()?.eq_ignore_ascii_case("replace");
    let of_member = target.attribute.eq_ignore_ascii_case("members") && is_value && replaces;
    operation.get("value")?.as_str().filter(|_| of_member)
}

fn members<'r>(resource: &Resource<'r>) -> impl Iterator<Item = (usize, &'r Json)> {
    let items = resource.members.get("members").and_then(Json::as_array).filter(|_| is_group(resource));
    items.unwrap_or_default().iter().enumerate()
}
