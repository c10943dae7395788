//! What becomes of `active` (RFC 7643 section 4.1.1).

use crate::scim::json::{Json, object};
use crate::scim::urn;

use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, swap};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "active-false-text-is-true",
        "\"False\" as a text counts as true.",
        &[Hook::Stored(|content, call, _| {
            let mut texts = call.operations().iter().filter(|o| sets_active(o)).filter_map(|o| value_of(o)?.as_str());
            if texts.any(|text| !text.is_empty()) {
                content.set("active", true.into());
            }
        })],
    ),
    mistake(
        "active-text-refused",
        "active as a text is refused.",
        &[Hook::Asked(|call, _| {
            let mut values = call.operations().iter().filter(|o| sets_active(o)).filter_map(value_of);
            values.any(|value| value.as_str().is_some()).then(|| refuse_as("invalidValue", "active must be a Boolean."))
        })],
    ),
    mistake(
        "active-text-stored",
        "active as a text is stored as a text.",
        &[Hook::Stored(|content, call, _| {
            let mut texts = call.operations().iter().filter(|o| sets_active(o)).filter_map(value_of);
            if let Some(text) = texts.rfind(|value| value.as_str().is_some()) {
                content.set("active", text.clone());
            }
        })],
    ),
    mistake(
        "active-only-with-path",
        "active without a path is refused.",
        &[Hook::Asked(|call, _| {
            let bare =
                call.operations().iter().any(|o| o.get("path").is_none() && o.pointer("/value/active").is_some());
            bare.then(|| refuse_as("invalidPath", "path must be active."))
        })],
    ),
    mistake(
        "active-ignored",
        "active does not change.",
        &[Hook::Stored(|content, call, before| {
            if let Some(old) = before.filter(|_| call.on_users()).and_then(|before| before.get("active")) {
                content.set("active", old.clone());
            }
        })],
    ),
    mistake(
        "active-never-again",
        "A user who was deactivated stays so.",
        &[Hook::Stored(|content, _, before| {
            if before.and_then(|before| before.get("active")).and_then(Json::as_bool) == Some(false) {
                content.set("active", false.into());
            }
        })],
    ),
    mistake(
        "inactive-unreadable",
        "A deactivated user cannot be read.",
        &[Hook::Told(|answer, call, _| {
            if call.is_get() && call.id().is_some() && is_inactive(answer) {
                *answer = refuse(404, "User not found.");
            }
        })],
    ),
    mistake(
        "inactive-deleted",
        "A deactivation deletes the user.",
        &[Hook::Told(|answer, call, desk| {
            if call.writes() && !call.creates() && is_inactive(answer) {
                desk.send("DELETE", &call.path, "");
            }
        })],
    ),
    mistake(
        "inactive-unchangeable",
        "A deactivated user cannot be changed.",
        &[Hook::Asked(|call, desk| {
            let content = desk.content(call.id().filter(|_| call.writes())?)?;
            (content.get("active").and_then(Json::as_bool) == Some(false))
                .then(|| refuse(409, "The user is suspended."))
        })],
    ),
    mistake(
        "inactive-loses-attributes",
        "A deactivation takes title and phone numbers away.",
        &[Hook::Stored(|content, _, _| {
            if content.get("active").and_then(Json::as_bool) == Some(false) {
                content.remove("title");
                content.remove("phoneNumbers");
                content.remove("name");
            }
        })],
    ),
    mistake(
        "inactive-renamed",
        "A deactivation changes the userName.",
        &[Hook::Stored(|content, _, _| {
            if content.get("active").and_then(Json::as_bool) == Some(false) {
                swap(content, "userName", |name| format!("deleted_{}", name.as_str().unwrap_or_default()).into());
            }
        })],
    ),
    mistake(
        "inactive-leaves-groups",
        "A deactivation takes the user out of the groups.",
        &[Hook::Told(|answer, call, desk| {
            if call.writes() && !call.creates() && is_inactive(answer) {
                let groups = answer
                    .body
                    .as_ref()
                    .and_then(|body| body.get("groups"))
                    .and_then(Json::as_array)
                    .unwrap_or_default();
                for group in groups.iter().filter_map(|group| group.get("value")?.as_str()) {
                    let path = format!("members[value eq \"{}\"]", call.id().unwrap_or_default());
                    let operation = object([("op", "remove".into()), ("path", path.into())]);
                    desk.send("PATCH", &format!("/Groups/{group}"), &patch(vec![operation]));
                }
            }
        })],
    ),
    mistake(
        "active-answered-not-kept",
        "active changes in the answer and not in the store.",
        &[Hook::Told(|answer, call, desk| {
            let content = call.id().and_then(|id| desk.content(id));
            if let (Some(id), Some(mut content)) = (call.id(), content.filter(|_| call.writes() && is_inactive(answer)))
            {
                content.set("active", true.into());
                desk.keep(id, content);
            }
        })],
    ),
    mistake(
        "active-number-in-patch",
        "A PATCH of active stores a number.",
        &[Hook::Stored(|content, call, _| {
            if call.method == "PATCH" && call.operations().iter().any(sets_active) {
                swap(content, "active", |active| number(u8::from(active.as_bool() == Some(true))));
            }
        })],
    ),
];

/// A PATCH message.
fn patch(operations: Vec<Json>) -> String {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", operations.into())]).to_string()
}

fn sets_active(operation: &Json) -> bool {
    value_of(operation).is_some()
}

/// The value that an operation gives to `active`.
fn value_of(operation: &Json) -> Option<&Json> {
    match operation.get("path").and_then(Json::as_str) {
        Some(path) if path.eq_ignore_ascii_case("active") => operation.get("value"),
        Some(_) => None,
        None => operation.get("value")?.get("active"),
    }
}

fn is_inactive(answer: &Answer) -> bool {
    answer.status == 200
        && answer.body.as_ref().and_then(|body| body.get("active")).and_then(Json::as_bool) == Some(false)
}
