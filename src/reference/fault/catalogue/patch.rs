//! PATCH (RFC 7644 section 3.5.2).

use crate::scim::json::{Json, Object, object};
use crate::scim::urn;

use super::super::call::{Call, Operation};
use super::super::desk::{Desk, refuse, refuse_as};
use super::super::value::within;
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "patch-405",
        "PATCH is not implemented: 405.",
        &[Hook::Asked(|call, _| {
            (call.method == "PATCH")
                .then(|| refuse(405, "PATCH is not possible here.").header("allow", "GET, PUT, DELETE"))
        })],
    ),
    mistake(
        "patch-501",
        "PATCH is not implemented: 501.",
        &[Hook::Asked(|call, _| (call.method == "PATCH").then(|| refuse(501, "PATCH is not implemented.")))],
    ),
    mistake(
        "patch-501-for-groups",
        "PATCH of groups is not implemented.",
        &[Hook::Asked(|call, _| call.is("PATCH", "Groups").then(|| refuse(501, "Not Implemented")))],
    ),
    mistake(
        "patch-200-without-body",
        "A PATCH is answered with 200 and no body.",
        &[Hook::Told(|answer, call, _| {
            if patched(answer, call) {
                answer.body = None;
            }
        })],
    ),
    mistake(
        "patch-202",
        "A PATCH is answered with 202.",
        &[Hook::Told(|answer, call, _| {
            if patched(answer, call) {
                answer.status = 202;
            }
        })],
    ),
    mistake(
        "patch-201",
        "A PATCH is answered with 201.",
        &[Hook::Told(|answer, call, _| {
            if patched(answer, call) {
                answer.status = 201;
            }
        })],
    ),
    mistake(
        "patch-answers-part",
        "The answer to a PATCH shows only what was changed.",
        &[Hook::Told(|answer, call, _| {
            let sent = call.operations().iter().map(Json::to_string).collect::<String>();
            let body = answer.body.as_mut().filter(|_| call.method == "PATCH").and_then(Json::as_object_mut);
            if let Some(body) = body.filter(|body| body.get("id").is_some()) {
                body.0.retain(|(name, _)| {
                    matches!(name.as_str(), "id" | "schemas" | "meta") || sent.contains(name.as_str())
                });
            }
        })],
    ),
    mistake(
        "patch-answers-request",
        "The answer to a PATCH is the request.",
        &[Hook::Told(|answer, call, _| {
            if patched(answer, call) {
                answer.body.clone_from(&call.json);
            }
        })],
    ),
    mistake(
        "patch-answers-old",
        "The answer to a PATCH shows the resource as it was.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "PATCH" {
                    let old = desk.read(&call.path)?;
                    desk.remember("patch-answers-old", old);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                if patched(answer, call) {
                    answer.body = desk.forget("patch-answers-old");
                }
            }),
        ],
    ),
    mistake(
        "patch-ignored",
        "A PATCH is answered with 200 and changes nothing.",
        &[Hook::Stored(|content, call, before| {
            undone(content, call, before);
        })],
    ),
    mistake(
        "patch-ignored-for-groups",
        "A PATCH of a group is answered with 200 and changes nothing.",
        &[Hook::Stored(|content, call, before| {
            if call.on_groups() {
                undone(content, call, before);
            }
        })],
    ),
    mistake(
        "patch-only-first",
        "Only the first operation of a PATCH is carried out.",
        &[Hook::Asked(|call, _| {
            let mut first = true;
            call.each_operation(|_| std::mem::replace(&mut first, false));
            None
        })],
    ),
    mistake(
        "patch-not-atomic",
        "The operations before one that fails are kept.",
        &[Hook::Told(|answer, call, desk| {
            if call.method == "PATCH" && answer.status == 400 {
                for operation in call.operations() {
                    let body = patch(vec![operation.clone()]);
                    desk.send("PATCH", &call.path, &body);
                }
            }
        })],
    ),
    mistake(
        "patch-op-case",
        "An op in capitals is refused.",
        &[Hook::Asked(|call, _| {
            let mut ops = call.operations().iter().filter_map(|operation| operation.get("op")?.as_str());
            ops.any(|op| op.starts_with(char::is_uppercase)).then(|| refuse_as("invalidSyntax", "op is not known."))
        })],
    ),
    mistake(
        "patch-op-case-ignored",
        "An op in capitals is ignored.",
        &[Hook::Asked(|call, desk| {
            call.each_operation(|operation| {
                operation.json.get("op").and_then(Json::as_str).is_some_and(|op| op.starts_with(char::is_lowercase))
            });
            let nothing = call.method == "PATCH" && call.operations().is_empty();
            nothing.then(|| desk.send("GET", &call.path, ""))
        })],
    ),
    mistake(
        "patch-op-lower-case-refused",
        "An op in lower case is refused.",
        &[Hook::Asked(|call, _| {
            let mut ops = call.operations().iter().filter_map(|operation| operation.get("op")?.as_str());
            ops.any(|op| op.starts_with(char::is_lowercase)).then(|| refuse_as("invalidSyntax", "op is not known."))
        })],
    ),
    mistake(
        "patch-path-required",
        "An operation without a path is refused.",
        &[Hook::Asked(|call, _| {
            let bare = call.operations().iter().any(|operation| operation.get("path").is_none());
            bare.then(|| refuse_as("invalidPath", "path is required."))
        })],
    ),
    mistake(
        "patch-pathless-500",
        "An operation without a path ends in a server error.",
        &[Hook::Asked(|call, _| {
            let bare = call.operations().iter().any(|operation| operation.get("path").is_none());
            bare.then(|| refuse(500, "Cannot read properties of undefined (reading 'split')"))
        })],
    ),
    mistake(
        "patch-pathless-ignored",
        "An operation without a path is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.path.is_empty()))],
    ),
    mistake(
        "patch-pathless-replaces-all",
        "A replace without a path replaces the whole resource by its value.",
        &[Hook::Stored(|content, call, before| {
            let values = call.operations().iter().filter(|operation| operation.get("path").is_none());
            let mut values = values.filter_map(|operation| operation.get("value")?.as_object());
            let Some(value) = values.next() else { return };
            let name = before.and_then(|before| before.get("userName").or(before.get("displayName"))).cloned();
            let named = |name: &str| value.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
            content.0.retain(|(key, _)| {
                named(key)
                    || matches!(key.as_str(), "userName")
                    || (key == "displayName" && name.is_some() && call.on_groups())
            });
        })],
    ),
    mistake(
        "patch-id-in-value-refused",
        "An operation without a path whose value repeats the id is refused.",
        &[Hook::Asked(|call, _| {
            let repeats = call.operations().iter().any(|o| o.get("path").is_none() && o.pointer("/value/id").is_some());
            repeats.then(|| refuse_as("mutability", "id is readOnly."))
        })],
    ),
    mistake(
        "patch-array-required",
        "A value that is no array is refused.",
        &[Hook::Asked(|call, _| {
            let bare = call
                .operations()
                .iter()
                .any(|o| o.get("path").is_some() && o.get("value").is_some_and(|v| v.as_array().is_none()));
            bare.then(|| refuse_as("invalidValue", "value must be an array."))
        })],
    ),
    mistake(
        "patch-add-refused",
        "add of an attribute that has one value is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            operations
                .any(|o| o.op == "add" && o.path != "members" && call.on_users())
                .then(|| refuse_as("invalidValue", "\"add\" is not a valid choice."))
        })],
    ),
    mistake(
        "patch-add-replaces",
        "add replaces the values that are there.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "add" && !operation.path.is_empty() && !operation.path.contains('[') {
                    operation.set("op", Some("replace".into()));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "patch-replace-adds",
        "replace adds to the values that are there.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                if operation.op == "replace" && operation.value().and_then(Json::as_array).is_some() {
                    operation.set("op", Some("add".into()));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "patch-remove-ignored",
        "remove is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.op == "remove"))],
    ),
    mistake(
        "patch-remove-refused",
        "remove of an attribute without a value is refused.",
        &[Hook::Asked(|call, desk| {
            let content = desk.content(call.id()?)?;
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            let missing = operations
                .any(|o| o.op == "remove" && !o.path.contains(['[', '.', ':']) && content.get(&o.path).is_none());
            missing.then(|| refuse_as("noTarget", "There is nothing to remove."))
        })],
    ),
    mistake(
        "patch-unknown-500",
        "A path that is not known ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "PATCH" && answer.status == 400 {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "patch-manager-text-refused",
        "A manager as a text is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            let bare =
                operations.any(|o| o.path.ends_with(":manager") && o.value().is_some_and(|v| v.as_str().is_some()));
            bare.then(|| refuse_as("invalidValue", "manager must be an object."))
        })],
    ),
    mistake(
        "patch-manager-ignored",
        "A manager is not changed.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.path.ends_with(":manager")))],
    ),
    mistake(
        "patch-external-id-refused",
        "A change of externalId is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            operations.any(|o| o.path == "externalid").then(|| refuse_as("mutability", "externalId is immutable."))
        })],
    ),
    mistake(
        "patch-external-id-ignored",
        "A change of externalId is ignored.",
        &[Hook::Stored(|content, call, before| {
            if let Some(old) = before.filter(|_| !call.creates()) {
                content.remove("externalId");
                content.0.extend(old.get("externalId").map(|id| ("externalId".to_owned(), id.clone())));
            }
        })],
    ),
    mistake(
        "patch-user-name-ignored",
        "A change of userName is ignored.",
        &[Hook::Stored(|content, call, before| {
            if let Some(old) = before.filter(|_| call.method == "PATCH").and_then(|before| before.get("userName")) {
                content.set("userName", old.clone());
            }
        })],
    ),
    mistake(
        "patch-read-only-changes",
        "A client may overwrite the id and the times.",
        &[Hook::Told(|answer, call, desk| {
            let written = format!("written {}", call.path);
            let operations = call.operations().iter().cloned().map(Operation::read);
            let values = operations.filter(|o| o.path == "id" || o.path.starts_with("meta."));
            let values: Object = values.filter_map(|o| Some((o.path.clone(), o.value()?.clone()))).collect();
            if call.method == "PATCH" && answer.status == 400 && !values.is_empty() {
                desk.remember(&written, Json::Object(values));
                *answer = desk.send("GET", &call.path, "");
            }
            let over = desk.recall(&written);
            let shown = answer.body.as_mut().filter(|_| answer.status == 200).and_then(Json::as_object_mut);
            if let (Some(shown), Some(over)) = (shown, over.as_ref().and_then(Json::as_object)) {
                for (path, value) in over.iter() {
                    match path.strip_prefix("meta.") {
                        Some(part) => within(shown, "meta", |meta| meta.set(part, value.clone())),
                        None => shown.set(path, value.clone()),
                    }
                }
            }
        })],
    ),
    mistake(
        "patch-flat-body-only",
        "A PATCH takes a bare resource and no operations.",
        &[Hook::Asked(|call, _| {
            (call.method == "PATCH" && call.json.as_ref()?.get("Operations").is_some())
                .then(|| refuse_as("invalidSyntax", "Operations is not known."))
        })],
    ),
    mistake(
        "patch-merges-body",
        "A PATCH without Operations is taken as a merge.",
        &[Hook::Told(|answer, call, desk| {
            if call.method == "PATCH" && answer.status == 400 && call.operations().is_empty() {
                *answer = desk.send("GET", &call.path, "");
            }
        })],
    ),
    mistake(
        "patch-nothing-moves-modified",
        "A PATCH that changes nothing moves lastModified.",
        &[Hook::Stored(|content, call, before| {
            // Another order is a change to the store, and to nobody else.
            if call.method == "PATCH" && before == Some(content) {
                content.0.rotate_left(1);
            }
        })],
    ),
    mistake(
        "patch-nothing-409",
        "A PATCH that changes nothing is answered with 409.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "PATCH" {
                    let old = desk.read(&call.path)?;
                    desk.remember("patch-nothing-409", old);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                if patched(answer, call) && desk.forget("patch-nothing-409") == answer.body {
                    *answer = refuse(409, "Nothing has changed.");
                }
            }),
        ],
    ),
];

fn patched(answer: &Answer, call: &Call) -> bool {
    call.method == "PATCH" && answer.status == 200
}

/// A PATCH message.
fn patch(operations: Vec<Json>) -> String {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", operations.into())]).to_string()
}

fn undone(content: &mut Object, call: &Call, before: Option<&Object>) {
    if let Some(before) = before.filter(|_| call.method == "PATCH") {
        *content = before.clone();
    }
}

/// Leaves operations out; when none is left, nothing changes.
fn without(call: &mut Call, desk: &mut Desk<'_>, is_left_out: impl Fn(&Operation) -> bool) -> Option<Answer> {
    let before = call.operations().len();
    call.each_operation(|operation| !is_left_out(operation));
    (before > 0 && call.operations().is_empty()).then(|| desk.send("GET", &call.path, ""))
}
