//! RFC 7643 section 4.1.2: the groups of a user.

use super::super::expect;
use super::super::{Check, Finding, Judge, Judgement, Kind, Location, Operation, Scene, Subject};
use super::s4_1_user::is_user;
use crate::exchange::{Exchange, decode_path};
use crate::scim::json::Json;
use crate::shadow::fold::{Extent, created_id};

pub(super) static CHECKS: &[&Check] = &[&GROUPS, &GROUP_REFERENCE, &MEMBERSHIPS];

static GROUPS: Check = Check {
    id: "rfc7643/4.1.2/groups",
    requirements: &["RFC7643-4.1.2-27", "RFC7643-2.3-02"],
    title: "The groups of a user are named by their ids",
    why: "A client cannot find the group in /Groups.",
    fix: "Put the id of the group into value of each element.",
    judge: Judge::Exchange(groups),
};

fn groups(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(Json::Array(items)) = resource.members.get("groups").filter(|_| is_user(resource)) else { return };
        for (index, item) in items.iter().enumerate() {
            let Some(members) = item.as_object() else { continue };
            let value = members.get("value");
            // A number is told by the check of data types; asking for a part of groups may leave value out.
            let wrong = value.is_none_or(Json::is_unassigned) || value.and_then(Json::as_str) == Some("");
            if wrong && !subject.is_projected() {
                let pointer = resource.pointer(&format!("/groups/{index}/value"));
                findings.tell(expect::body(pointer, "the id of the group", value));
            }
        }
    })
}

static GROUP_REFERENCE: Check = Check {
    id: "rfc7643/4.1.2/group-reference",
    requirements: &["RFC7643-4.1.2-28"],
    title: "The $ref of a user's group is the address of that group",
    why: "A client that follows it reads another group.",
    fix: "Build $ref from base URL, endpoint and the group's id.",
    judge: Judge::Exchange(group_reference),
};

fn group_reference(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        let own = is_user(resource) && resource.id().is_some_and(|id| subject.is_ours(id));
        let items = resource.members.get("groups").and_then(Json::as_array).filter(|_| own).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let text = |name: &str| item.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
            let (Some(id), Some(reference)) = (text("value"), text("$ref")) else { continue };
            asked = true;
            let path = reference.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or_default();
            if last != id && decode_path(last) != id {
                let pointer = resource.pointer(&format!("/groups/{index}/$ref"));
                findings.tell(expect::body(pointer, format!("an address that ends in /{id}"), item.get("$ref")));
            }
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

static MEMBERSHIPS: Check = Check {
    id: "rfc7643/4.1.2/memberships",
    requirements: &["RFC7643-4.1.2-25", "RFC7643-4.1.2-26"],
    title: "The groups of a user are those that have the user as a member",
    why: "A client that reads a person's groups grants access by a list that is not true.",
    fix: "Make groups from the members of the groups, with type direct or indirect, or do not return it.",
    judge: Judge::Scenario(memberships),
};

/// A group of the run with its members as they were shown last.
struct Known<'a> {
    id: String,
    members: Vec<&'a str>,
    /// Members that a change took away.
    former: Vec<&'a str>,
}

fn memberships(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = &scene.trace.turns;
    let mut groups: Vec<Known<'_>> = Vec::new();
    let mut told = Vec::new();
    for (index, turn) in turns.iter().enumerate() {
        let exchange = &*turn.exchange;
        let kind = scene.kind(index);
        let core = kind.resource.map(|resource| resource.core.id.as_str());
        if core == Some(crate::scim::urn::GROUP) {
            follow(&mut groups, exchange, kind);
        } else if core == Some(crate::scim::urn::USER) && kind.operation == Operation::Read {
            // What a later reading of the same state shows otherwise came too early here.
            let readings = turns[index + 1..].iter().take_while(|later| later.exchange.sent.method == "GET");
            let again = readings.into_iter().any(|later| later.exchange.sent.resource == exchange.sent.resource);
            told.extend(of_user(&groups, exchange).filter(|_| !again).map(|judgement| (index, judgement)));
        }
    }
    told
}

/// Keeps the members of the run's groups. A group that was written and not shown since is not known any more.
fn follow<'a>(groups: &mut Vec<Known<'a>>, exchange: &'a Exchange, kind: Kind<'_>) {
    if !exchange.succeeded() {
        return;
    }
    let whole =
        exchange.answer().filter(|answer| answer.get("id").is_some() && Extent::of(exchange) == Some(Extent::Whole));
    let id = match kind.operation {
        Operation::Create => created_id(exchange),
        _ => kind.id.map(decode_path),
    };
    let Some(id) = id else { return };
    let ids = |group: &'a Json| -> Vec<&'a str> {
        let members = group.get("members").and_then(Json::as_array).unwrap_or_default();
        members.iter().filter_map(|member| member.get("value")?.as_str()).collect()
    };
    let known = groups.iter().position(|group| group.id == id);
    match (kind.operation, whole, known) {
        (Operation::Create, Some(group), None) if exchange.sent.json().is_some() => {
            groups.push(Known { id, members: ids(group), former: Vec::new() });
        }
        (Operation::Delete, ..) | (Operation::Replace | Operation::Patch, None, _) => {
            groups.retain(|group| group.id != id);
        }
        (Operation::Replace | Operation::Patch | Operation::Read, Some(group), Some(at)) => {
            let now = ids(group);
            let gone: Vec<&str> = groups[at].members.iter().copied().filter(|member| !now.contains(member)).collect();
            groups[at].former.retain(|member| !now.contains(member));
            groups[at].former.extend(gone);
            groups[at].members = now;
        }
        _ => {}
    }
}

/// Holds the groups that a user shows against those that have the user. Showing none at all is the server's choice.
fn of_user(groups: &[Known<'_>], exchange: &Exchange) -> Option<Judgement> {
    let answer = exchange.answer().filter(|_| exchange.succeeded())?;
    let user = answer.get("id")?.as_str()?;
    let shown = answer.get("groups")?.as_array().filter(|items| !items.is_empty())?;
    let of = |id: &str| shown.iter().position(|item| item.get("value").and_then(Json::as_str) == Some(id));
    let mut findings = Vec::new();
    for (index, item) in shown.iter().enumerate() {
        let kind = item.get("type").filter(|kind| !kind.is_unassigned());
        let known = |kind: &Json| {
            kind.as_str().is_some_and(|kind| ["direct", "indirect"].iter().any(|k| k.eq_ignore_ascii_case(kind)))
        };
        if let Some(kind) = kind.filter(|kind| !known(kind)) {
            findings.push(expect::body(format!("/groups/{index}/type"), "\"direct\" or \"indirect\"", Some(kind)));
        }
    }
    let whole = Extent::of(exchange) == Some(Extent::Whole);
    for group in groups {
        match of(&group.id) {
            None if whole && group.members.contains(&user) => {
                let expected = format!("the group {:?}, which has the user as a member", group.id);
                findings.push(Finding::new(Location::Body("/groups".to_owned()), expected, "not among them"));
            }
            Some(index) if group.former.contains(&user) => {
                let indirect = shown[index].get("type").and_then(Json::as_str) == Some("indirect");
                let at = Location::Body(format!("/groups/{index}"));
                let expected = format!("no group {:?}, from which the user was removed", group.id);
                let finding = Finding::new(at, expected, "it is among them").of("RFC7643-4.1.2-26");
                findings.extend((!indirect).then_some(finding));
            }
            _ => {}
        }
    }
    Some(if findings.is_empty() { Judgement::Conforms } else { Judgement::Violates(findings) })
}
