//! Members of groups (RFC 7643 section 4.2).

use crate::scim::json::{Json, object};
use crate::scim::urn;

use super::super::call::{Call, Operation};
use super::super::desk::{Desk, refuse, refuse_as};
use super::super::value::{append, each};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "members-remove-value-empties",
        "A remove of members with a value empties the group.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "remove" && operation.path == "members" {
                    operation.set("value", None);
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-remove-value-refused",
        "A remove of members with a value is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = operations(call);
            let has = operations.any(|o| o.op == "remove" && o.path == "members" && o.value().is_some());
            has.then(|| refuse_as("invalidValue", "A remove operation carries no value."))
        })],
    ),
    mistake(
        "members-remove-value-ignored",
        "A remove of members with a value is ignored.",
        &[Hook::Asked(|call, desk| {
            without(call, desk, |o| o.op == "remove" && o.path == "members" && o.value().is_some())
        })],
    ),
    mistake(
        "members-remove-value-first",
        "A remove of members with a value removes the first of them only.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                let first = operation.value().and_then(Json::as_array).and_then(|all| all.first()).cloned();
                if let Some(first) = first.filter(|_| operation.op == "remove") {
                    operation.set("value", Some(Json::Array(vec![first])));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-remove-value-wrong",
        "A remove of members with a value removes the first member.",
        &[Hook::Stored(|content, call, before| {
            let has = operations(call).any(|o| o.op == "remove" && o.path == "members");
            let old = before.filter(|_| has).and_then(|before| before.get("members")).and_then(Json::as_array);
            if let Some([_, rest @ ..]) = old {
                content.set("members", rest.to_vec().into());
            }
        })],
    ),
    mistake(
        "members-remove-filter-ignored",
        "A remove with a filter on members is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |o| o.op == "remove" && o.path.starts_with("members[")))],
    ),
    mistake(
        "members-remove-filter-refused",
        "A remove with a filter on members is refused.",
        &[Hook::Asked(|call, _| {
            let has = operations(call).any(|o| o.op == "remove" && o.path.starts_with("members["));
            has.then(|| refuse_as("invalidPath", "The path cannot be read."))
        })],
    ),
    mistake(
        "members-remove-filter-empties",
        "A remove with a filter on members empties the group.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "remove" && operation.path.starts_with("members[") {
                    operation.set("path", Some("members".into()));
                    operation.set("value", None);
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-remove-stranger-404",
        "The removal of somebody who is no member is answered with 404.",
        &[Hook::Asked(|call, desk| {
            let members =
                Json::Object(desk.content(call.id()?)?).get("members").map(Json::to_string).unwrap_or_default();
            let mut removals = operations(call).filter(|o| o.op == "remove" && o.path.starts_with("members["));
            let stranger = removals.any(|o| o.path.split('"').nth(1).is_some_and(|id| !members.contains(id)));
            stranger.then(|| refuse(404, "There is no such member."))
        })],
    ),
    mistake(
        "members-add-replaces",
        "An add of members replaces those who are there.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "add" && operation.path == "members" {
                    operation.set("op", Some("replace".into()));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-add-first-only",
        "An add of several members adds the first of them.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                let first = operation.value().and_then(Json::as_array).and_then(|all| all.first()).cloned();
                if let Some(first) = first.filter(|_| operation.op == "add" && operation.path == "members") {
                    operation.set("value", Some(Json::Array(vec![first])));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-add-last-lost",
        "Of two adds of members in one request the last wins.",
        &[Hook::Stored(|content, call, before| {
            let adds: Vec<_> = operations(call).filter(|o| o.op == "add" && o.path == "members").collect();
            if let [_, .., last] = adds.as_slice() {
                let old = before.and_then(|before| before.get("members")).and_then(Json::as_array).unwrap_or_default();
                content.set("members", old.to_vec().into());
                append(content, "members", last.value().and_then(Json::as_array).unwrap_or_default().to_vec());
            }
        })],
    ),
    mistake(
        "members-add-ignored",
        "An add of members is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |o| o.op == "add" && o.path == "members"))],
    ),
    mistake(
        "members-add-again-409",
        "An add of somebody who is a member is answered with 409.",
        &[Hook::Asked(|call, desk| {
            let members =
                Json::Object(desk.content(call.id()?)?).get("members").map(Json::to_string).unwrap_or_default();
            let mut added =
                operations(call).filter(|o| o.op == "add" && o.path == "members").flat_map(|o| ids(o.value()));
            added
                .any(|id| members.contains(&id))
                .then(|| refuse_as("uniqueness", "already a member"))
                .map(|a| Answer { status: 409, ..a })
        })],
    ),
    mistake(
        "members-add-again-twice",
        "An add of somebody who is a member makes a second element.",
        &[Hook::Stored(|content, call, before| {
            let old = before.and_then(|before| before.get("members")).and_then(Json::as_array).unwrap_or_default();
            let known = |id: &String| old.iter().any(|m| m.get("value").and_then(Json::as_str) == Some(id));
            let added = operations(call).filter(|o| o.op == "add" && o.path == "members").flat_map(|o| ids(o.value()));
            let again: Vec<Json> = added.filter(known).map(|id| object([("value", id.into())])).collect();
            if !again.is_empty() {
                append(content, "members", again);
            }
        })],
    ),
    mistake(
        "members-unknown-500",
        "A member that there is not ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            let detail =
                answer.body.as_ref().and_then(|body| body.get("detail")).and_then(Json::as_str).unwrap_or_default();
            if call.on_groups() && detail.contains("no member") {
                *answer = refuse(500, "violates foreign key constraint");
            }
        })],
    ),
    mistake(
        "members-replace-adds",
        "A replace of members adds to those who are there.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "replace" && operation.path == "members" {
                    operation.set("op", Some("add".into()));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "members-replace-501",
        "A replace of members is not implemented.",
        &[Hook::Asked(|call, _| {
            operations(call).any(|o| o.op == "replace" && o.path == "members").then(|| refuse(501, "Not Implemented"))
        })],
    ),
    mistake(
        "members-replace-empty-refused",
        "A replace of members by an empty list is refused.",
        &[Hook::Asked(|call, _| {
            let empty = operations(call).any(|o| o.path == "members" && o.value().is_some_and(Json::is_unassigned));
            empty.then(|| refuse_as("invalidValue", "members must not be empty."))
        })],
    ),
    mistake(
        "members-replace-empty-ignored",
        "A replace of members by an empty list is ignored.",
        &[Hook::Asked(|call, desk| {
            without(call, desk, |o| o.path == "members" && o.value().is_some_and(Json::is_unassigned))
        })],
    ),
    mistake(
        "members-pathless-ignored",
        "Members in an operation without a path are ignored.",
        &[Hook::Stored(|content, call, before| {
            let has =
                call.operations().iter().any(|o| o.get("path").is_none() && o.pointer("/value/members").is_some());
            if let Some(before) = before.filter(|_| has) {
                content.remove("members");
                content.0.extend(before.get("members").map(|members| ("members".to_owned(), members.clone())));
            }
        })],
    ),
    mistake(
        "members-type-required",
        "A member without a type is refused.",
        &[Hook::Asked(|call, _| {
            let mut members = sent_members(call);
            members.any(|member| member.get("type").is_none()).then(|| refuse_as("invalidValue", "type is required."))
        })],
    ),
    mistake(
        "members-display-refused",
        "A member with display is refused.",
        &[Hook::Asked(|call, _| {
            let mut members = sent_members(call);
            members
                .any(|member| member.get("display").is_some())
                .then(|| refuse_as("invalidSyntax", "display is not known."))
        })],
    ),
    mistake(
        "members-null-display-refused",
        "Members are shown without display, and one whose display is null is refused.",
        &[
            Hook::Asked(|call, _| {
                let mut members = sent_members(call);
                let null = members.any(|member| member.get("display") == Some(&Json::Null));
                null.then(|| refuse_as("invalidValue", "display must be a text."))
            }),
            Hook::Shown(|resource, _| {
                each(resource, "members", |member| {
                    member.remove("display");
                    true
                });
            }),
        ],
    ),
    mistake(
        "members-immutable",
        "The members of a group cannot be changed by PUT.",
        &[Hook::Asked(|call, desk| {
            let body = call.json.as_ref().filter(|_| call.is("PUT", "Groups"))?;
            let old = Json::Object(desk.content(call.id()?)?);
            let sorted = |json: Option<&Json>| {
                let mut ids = ids(json);
                ids.sort();
                ids
            };
            (sorted(old.get("members")) != sorted(body.get("members")))
                .then(|| refuse_as("mutability", "members is immutable."))
        })],
    ),
    mistake(
        "members-at-most-two",
        "A group keeps two members at most.",
        &[Hook::Stored(|content, _, _| {
            let mut left = 2;
            each(content, "members", |_| {
                left -= 1;
                left >= 0
            });
        })],
    ),
    mistake(
        "members-lost-by-rename",
        "A rename empties the group.",
        &[Hook::Stored(|content, call, before| {
            let old = before.and_then(|before| before.get("displayName"));
            if call.on_groups() && call.method == "PATCH" && old.is_some() && old != content.get("displayName") {
                content.remove("members");
            }
        })],
    ),
    mistake(
        "members-lost-by-user-change",
        "A change of a user takes it out of the groups.",
        &[Hook::Told(|answer, call, desk| {
            if call.on_users() && matches!(call.method.as_str(), "PUT" | "PATCH") {
                let groups = answer.body.as_ref().and_then(|body| body.get("groups"));
                for group in ids(groups) {
                    let path = format!("members[value eq \"{}\"]", call.id().unwrap_or_default());
                    let operation = object([("op", "remove".into()), ("path", path.into())]);
                    desk.send("PATCH", &format!("/Groups/{group}"), &patch(vec![operation]));
                }
            }
        })],
    ),
    mistake(
        "empty-group-404",
        "A group without members cannot be read.",
        &[Hook::Told(|answer, call, _| {
            let empty = answer.body.as_ref().is_some_and(|group| group.get("members").is_none());
            if call.is_get() && call.on_groups() && call.id().is_some() && !call.projects() && empty {
                *answer = refuse(404, "There is no such group.");
            }
        })],
    ),
    mistake(
        "groups-of-user-stale",
        "A user still shows the groups that it has left.",
        &[Hook::Told(|answer, call, desk| {
            let Some(id) = call.id().filter(|_| call.on_users() && answer.status == 200).map(str::to_owned) else {
                return;
            };
            let key = format!("groups {id}");
            let Some(user) = answer.body.as_mut().and_then(Json::as_object_mut) else { return };
            let shown = user.get("groups").cloned();
            match (shown, desk.recall(&key)) {
                (Some(groups), _) => desk.remember(&key, groups),
                (None, Some(groups)) => user.set("groups", groups),
                (None, None) => {}
            }
        })],
    ),
    mistake(
        "group-rename-ignored",
        "A group keeps its name.",
        &[Hook::Stored(|content, call, before| {
            if let Some(old) = before.filter(|_| call.on_groups()).and_then(|before| before.get("displayName")) {
                content.set("displayName", old.clone());
            }
        })],
    ),
    mistake(
        "group-rename-refused",
        "A change of a group's name is refused.",
        &[Hook::Asked(|call, desk| {
            let old = Json::Object(desk.content(call.id().filter(|_| call.is("PATCH", "Groups"))?)?);
            let new = |o: &Operation| match o.path.as_str() {
                "displayname" => o.value().cloned(),
                "" => o.value().and_then(|value| value.get("displayName")).cloned(),
                _ => None,
            };
            let other = operations(call).filter_map(|o| new(&o)).any(|name| Some(&name) != old.get("displayName"));
            other.then(|| refuse_as("mutability", "displayName is immutable."))
        })],
    ),
    mistake(
        "group-name-unique",
        "A group of a name that is taken is answered with 500.",
        &[Hook::Asked(|call, desk| {
            let name =
                call.json.as_ref().filter(|_| call.creates() && call.on_groups())?.get("displayName")?.to_string();
            let key = format!("group {name}");
            let known = desk.recall(&key).is_some();
            desk.remember(&key, true.into());
            known.then(|| refuse(500, "duplicate key value violates unique constraint"))
        })],
    ),
    mistake(
        "groups-405",
        "Groups cannot be made, changed or deleted.",
        &[Hook::Asked(|call, _| {
            (call.on_groups() && !call.is_get()).then(|| refuse(405, "Groups are read-only.").header("allow", "GET"))
        })],
    ),
    mistake(
        "groups-404",
        "There are no groups.",
        &[Hook::Asked(|call, _| call.on_groups().then(|| refuse(404, "There is nothing here.")))],
    ),
];

fn operations(call: &Call) -> impl Iterator<Item = Operation> + use<> {
    let on_groups = call.on_groups();
    call.operations().to_vec().into_iter().filter(move |_| on_groups).map(Operation::read)
}

/// The ids in a list of references.
fn ids(members: Option<&Json>) -> Vec<String> {
    let members = members.and_then(Json::as_array).unwrap_or_default().iter();
    members.filter_map(|member| member.get("value")?.as_str().map(str::to_owned)).collect()
}

/// The members that a request sends, wherever they stand.
fn sent_members(call: &Call) -> impl Iterator<Item = Json> + use<> {
    let body = call.json.as_ref().filter(|_| call.on_groups()).and_then(|body| body.get("members")).cloned();
    let values = operations(call).filter_map(|o| match o.path.as_str() {
        "members" if o.op != "remove" => o.value().cloned(),
        "" => o.value().and_then(|value| value.get("members")).cloned(),
        _ => None,
    });
    let all: Vec<Json> = values.chain(body).collect();
    all.into_iter().flat_map(|members| members.as_array().unwrap_or_default().to_vec())
}

fn patch(operations: Vec<Json>) -> String {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", operations.into())]).to_string()
}

/// Leaves operations out; when none is left, nothing changes.
fn without(call: &mut Call, desk: &mut Desk<'_>, is_left_out: impl Fn(&Operation) -> bool) -> Option<Answer> {
    if !call.on_groups() || call.operations().is_empty() {
        return None;
    }
    call.each_operation(|operation| !is_left_out(operation));
    call.operations().is_empty().then(|| desk.send("GET", &call.path, ""))
}
