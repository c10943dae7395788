//! Membership: who is added is in, who is removed is out, everybody else stays.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::requirement::ambiguity::A52_INACTIVE_MEMBER_GONE;
use crate::scim::json::Json;
use crate::shadow::compare::{Gap, Kind, items, same_element};
use crate::shadow::{Operation, Record};

pub(super) static ADDED: Check = Check {
    id: "state/member-added",
    requirements: &["RFC7644-3.5.2.1-06", "RFC7644-3.5.2.3-03", "RFC7644-3.5.1-03", "RFC7644-3.3-01"],
    title: "Who is added to a group is in it",
    why: "Groups decide what people may do; who is missing cannot work.",
    fix: "Append the given members to those that are there, also when an operation carries several, or display and \
          $ref beside the value.",
    judge: Judge::State,
};

pub(super) static REMOVED: Check = Check {
    id: "state/member-removed",
    requirements: &[
        "RFC7644-3.5.2.2-04",
        "RFC7644-3.5.2.2-05",
        "RFC7644-3.5.2.2-03",
        "RFC7644-3.5.2.3-03",
        "RFC7644-3.5.1-03",
    ],
    title: "Who is removed from a group is out of it",
    why: "Somebody who must no longer see something keeps seeing it.",
    fix: "Remove the members that the filter in the path selects, or, as Entra ID sends it, those whose ids stand in \
          the value.",
    judge: Judge::State,
};

pub(super) static KEPT: Check = Check {
    id: "state/members-kept",
    requirements: &["RFC7644-3.5.2.2-04", "RFC7644-3.5.2.2-03", "RFC7644-3.5.2.1-06", "RFC7644-3.2-07"],
    title: "A change of one member leaves the others in the group",
    why: "Removing one person must not lock out a whole department, and no IdP reads the members back to notice.",
    fix: "Change only the members that the request names. A remove of \"members\" with a value array means those \
          members, not all.",
    judge: Judge::State,
};

/// Findings about the members of a group, from its departures in `members`.
pub(super) fn told(gaps: &[&Gap<'_>], record: &Record<'_>, actual: &Json, at: &dyn Fn(&str) -> Location) -> Vec<Told> {
    let Some(first) = gaps.first() else { return Vec::new() };
    // The last state that the target itself has shown, in a reading or in the answer to a write.
    let unconfirmed = record.writes.iter().find(|write| !write.answered).or(record.writes.last());
    let before = unconfirmed.map(|write| items_of(&write.before)).unwrap_or_default();
    let mut missing: Vec<&Json> = Vec::new();
    for gap in gaps {
        match (gap.kind, gap.expected) {
            (Kind::Missing | Kind::Differs, Some(expected)) => missing.extend(items(expected)),
            (_, Some(expected)) => missing.push(expected),
            _ => {}
        }
    }
    let was_in = |member: &&&Json| before.iter().any(|b| same_element(b, member, first.attribute));
    let known = |member: &&&Json| record.writes.is_empty() || was_in(member);
    let (kept, added): (Vec<&Json>, Vec<&Json>) = missing.iter().partition(known);
    let is_inactive =
        |member: &&Json| member.get("value").and_then(Json::as_str).is_some_and(|id| record.has_inactive(id));
    let (inactive, kept): (Vec<&Json>, Vec<&Json>) = kept.into_iter().partition(is_inactive);
    let left: Vec<&Json> = gaps.iter().filter(|g| g.kind == Kind::ElementLeft).filter_map(|g| g.actual).collect();
    let pointer = |gap: Option<&&Gap<'_>>| at(&gap.map_or_else(|| "/members".to_owned(), |gap| gap.pointer.clone()));
    let mut told = Vec::new();
    if !kept.is_empty() {
        told.push(lost(&kept, record, actual, at("/members")));
    }
    if !inactive.is_empty() {
        told.push(gone_inactive(&inactive, at("/members")));
    }
    if !added.is_empty() {
        told.push(not_added(&added, record, at("/members")));
    }
    if !left.is_empty() {
        told.push(not_removed(&left, record, pointer(gaps.iter().find(|g| g.kind == Kind::ElementLeft))));
    }
    let cause = record.touched_by("members").map_or(record.last_write, |write| write.turn);
    told.into_iter().map(|told| told.cause(cause)).collect()
}

fn lost(kept: &[&Json], record: &Record<'_>, actual: &Json, at: Location) -> Told {
    let wanted = items_of(&record.state).len();
    let there = items_of(actual).len();
    let (actual, harm) = if there == 0 {
        let expected = if wanted == 1 { "1 member".to_owned() } else { format!("{wanted} members") };
        (format!("the group is emptied: {expected} expected, 0 left"), "the group is emptied")
    } else {
        (format!("{} gone: {wanted} members expected, {there} left", ids(kept)), "other members lose the group")
    };
    let finding = Finding::new(at, format!("{} stay{}", ids(kept), third_person(kept)), actual);
    let finding = match operation(record) {
        Some("add") => finding.of("RFC7644-3.5.2.1-06"),
        Some("remove") => finding,
        _ => finding.of("RFC7644-3.2-07"),
    };
    Told::new(&KEPT, finding).harm(harm)
}

/// What active means is the server's to say (RFC 7643 section 4.1.1); but the client that reactivates somebody does not
/// write the groups again.
fn gone_inactive(members: &[&Json], at: Location) -> Told {
    let expected = format!("{} stay{}, though inactive", ids(members), third_person(members));
    let finding = Finding::new(at, expected, "gone with the deactivation").of("RFC7644-3.2-07");
    Told::new(&KEPT, finding.read_as(A52_INACTIVE_MEMBER_GONE)).harm("who comes back has lost the groups")
}

fn not_added(added: &[&Json], record: &Record<'_>, at: Location) -> Told {
    let finding = Finding::new(at, format!("{} among the members", ids(added)), "not among them");
    let write = record.touched_by("members").map(|write| write.operation);
    let finding = match (write, operation(record)) {
        (Some(Operation::Create), _) => {
            // The group is there: what its step says of a group that is not would be too much.
            let finding = finding.of("RFC7644-3.3-01");
            return Told::new(&ADDED, finding).harm("the group is created without its members");
        }
        (Some(Operation::Replace), _) => finding.of("RFC7644-3.5.1-03"),
        (_, Some("replace")) => finding.of("RFC7644-3.5.2.3-03"),
        _ => finding,
    };
    Told::new(&ADDED, finding).harm("the member does not get into the group").step_knows()
}

fn not_removed(left: &[&Json], record: &Record<'_>, at: Location) -> Told {
    let finding = Finding::new(at, format!("no member {}", ids(left)), "still a member");
    let write = record.touched_by("members").map(|write| write.operation);
    let finding = match (write, operation(record)) {
        (Some(Operation::Replace), _) => finding.of("RFC7644-3.5.1-03"),
        (_, Some("replace")) => finding.of("RFC7644-3.5.2.3-03"),
        _ if items_of(&record.state).is_empty() => finding.of("RFC7644-3.5.2.2-05"),
        _ => finding,
    };
    Told::new(&REMOVED, finding).harm("the member stays in the group").step_knows()
}

/// The `op` of the last PATCH that touched the members.
fn operation(record: &Record<'_>) -> Option<&'static str> {
    let write = record.touched_by("members").filter(|write| write.operation == Operation::Patch)?;
    let operations = write.body.get("Operations")?.as_array()?;
    let mut ops = operations.iter().rev().filter_map(|o| o.get("op")?.as_str());
    let known = |op: &str| ["add", "remove", "replace"].into_iter().find(|known| op.eq_ignore_ascii_case(known));
    ops.next().and_then(known)
}

fn items_of(group: &Json) -> &[Json] {
    group.get("members").map(items).unwrap_or_default()
}

/// `"u-1"`, `"u-1" and "u-2"`, `"u-1" and 4 others`.
fn ids(members: &[&Json]) -> String {
    let id = |member: &Json| member.get("value").map_or_else(|| words::value(member), words::value);
    match members {
        [] => String::new(),
        [one] => id(one),
        [one, two] => format!("{} and {}", id(one), id(two)),
        [one, rest @ ..] => format!("{} and {} others", id(one), rest.len()),
    }
}

fn third_person(members: &[&Json]) -> &'static str {
    if members.len() == 1 { "s" } else { "" }
}
