//! Paths of a PATCH: filters, URNs, dots, and keys that are paths (RFC 7644 section 3.5.2).

use crate::scim::json::{Json, Object, object};
use crate::scim::urn;

use super::super::call::{Call, Operation};
use super::super::desk::{Desk, refuse, refuse_as};
use super::super::value::{append, each, within};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "patch-value-path-refused",
        "A path with a filter is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            operations.any(|o| o.path.contains('[')).then(|| refuse_as("invalidPath", "The path cannot be read."))
        })],
    ),
    mistake(
        "patch-value-path-ignored",
        "An operation with a filter in its path is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.path.contains('[')))],
    ),
    mistake(
        "patch-value-path-no-target",
        "A path whose filter finds nothing is refused for add too.",
        &[Hook::Asked(|call, desk| {
            let content = Json::Object(desk.content(call.id()?)?);
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            let missing = operations.any(|o| {
                let attribute = o.path.split('[').next().unwrap_or_default().to_owned();
                o.op != "remove" && o.path.contains('[') && content.get(&attribute).is_none()
            });
            missing.then(|| refuse_as("noTarget", "The filter finds nothing."))
        })],
    ),
    mistake(
        "patch-value-path-appends",
        "An operation with a filter in its path always makes an element.",
        &[Hook::Stored(|content, call, before| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                let attribute = operation.path.split('[').next().unwrap_or_default().to_owned();
                let old = before.and_then(|before| before.get(&attribute)).and_then(Json::as_array).unwrap_or_default();
                let is_value = operation.path.ends_with("].value") && operation.op != "remove";
                if let Some(value) = operation.value().filter(|_| is_value && !old.is_empty()) {
                    let more = object([("type", "work".into()), ("value", value.clone())]);
                    content.set(&attribute, old.to_vec().into());
                    append(content, &attribute, [more]);
                }
            }
        })],
    ),
    mistake(
        "patch-value-path-without-type",
        "An element that a path with a filter makes has no type.",
        &[Hook::Stored(|content, call, before| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                let attribute = operation.path.split('[').next().unwrap_or_default().to_owned();
                if operation.path.contains('[') && before.is_none_or(|before| before.get(&attribute).is_none()) {
                    each(content, &attribute, |element| {
                        element.remove("type");
                        true
                    });
                }
            }
        })],
    ),
    mistake(
        "patch-value-path-one-each",
        "Each operation with a filter in its path makes an element of its own.",
        &[Hook::Stored(|content, call, before| {
            let operations = call.operations().iter().cloned().map(Operation::read);
            let parts: Vec<_> = operations.filter(|o| o.path.starts_with("addresses[")).collect();
            if parts.len() > 1 && before.is_none_or(|before| before.get("addresses").is_none()) {
                let name = |path: &str| match path.rsplit('.').next().unwrap_or_default() {
                    "streetaddress" => "streetAddress".to_owned(),
                    "postalcode" => "postalCode".to_owned(),
                    other => other.to_owned(),
                };
                let made = parts.iter().filter_map(|o| {
                    let members = vec![("type".to_owned(), "work".into()), (name(&o.path), o.value()?.clone())];
                    Some(Json::Object(Object(members)))
                });
                content.set("addresses", made.collect::<Vec<_>>().into());
            }
        })],
    ),
    mistake(
        "patch-value-path-takes-all",
        "An operation with a filter in its path deletes the other elements.",
        &[Hook::Stored(|content, call, _| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                let attribute = operation.path.split('[').next().unwrap_or_default().to_owned();
                if operation.path.contains('[') && operation.op != "remove" {
                    each(content, &attribute, |element| element.get("type").and_then(Json::as_str) == Some("work"));
                }
            }
        })],
    ),
    mistake(
        "patch-value-path-first",
        "A path with a filter means the first element, whatever the filter says.",
        &[Hook::Stored(|content, call, before| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                let attribute = operation.path.split('[').next().unwrap_or_default().to_owned();
                let old = before.and_then(|before| before.get(&attribute)).and_then(Json::as_array).unwrap_or_default();
                if let Some(value) =
                    operation.value().filter(|_| operation.path.ends_with("].value") && !old.is_empty())
                {
                    let mut all = old.to_vec();
                    if let Some(first) = all.first_mut().and_then(Json::as_object_mut) {
                        first.set("value", value.clone());
                    }
                    content.set(&attribute, all.into());
                }
            }
        })],
    ),
    mistake(
        "patch-value-path-500",
        "A path with a filter on an attribute without a value ends in a server error.",
        &[Hook::Asked(|call, desk| {
            let content = Json::Object(desk.content(call.id()?)?);
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            let missing = operations.any(|o| {
                let attribute = o.path.split('[').next().unwrap_or_default().to_owned();
                o.path.contains('[') && content.get(&attribute).is_none_or(Json::is_unassigned)
            });
            missing.then(|| refuse(500, "Cannot read properties of undefined (reading 'find')"))
        })],
    ),
    mistake(
        "patch-null-ignored",
        "A replace by null or an empty list is ignored.",
        &[Hook::Asked(|call, desk| {
            without(call, desk, |o| o.op == "replace" && o.value().is_some_and(Json::is_unassigned))
        })],
    ),
    mistake(
        "patch-names-case-sensitive",
        "A path in other letters than the schema's is ignored.",
        &[Hook::Asked(|call, desk| {
            let spelt = |o: &Operation| o.json.get("path").and_then(Json::as_str).unwrap_or_default().to_owned();
            without(call, desk, |o| spelt(o).starts_with(|c: char| c.is_ascii_uppercase()))
        })],
    ),
    mistake(
        "patch-primary-stays",
        "A new primary value leaves the old one primary too.",
        &[Hook::Stored(|content, call, before| {
            let was = |element: &Object| {
                let old = before.and_then(|before| before.get("emails")).and_then(Json::as_array).unwrap_or_default();
                old.iter().any(|o| o.get("primary") == Some(&true.into()) && o.get("value") == element.get("value"))
            };
            if call.method == "PATCH" && call.operations().iter().any(|o| o.to_string().contains("primary")) {
                each(content, "emails", |element| {
                    if was(element) {
                        element.set("primary", true.into());
                    }
                    true
                });
            }
        })],
    ),
    mistake(
        "patch-remove-takes-first",
        "A remove with a filter takes the first value away, whatever the filter says.",
        &[Hook::Stored(|content, call, before| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                let attribute = operation.path.split('[').next().unwrap_or_default().to_owned();
                let old = before.and_then(|before| before.get(&attribute)).and_then(Json::as_array).unwrap_or_default();
                if operation.op == "remove" && operation.path.ends_with(']') && old.len() > 1 {
                    content.set(&attribute, old[1..].to_vec().into());
                }
            }
        })],
    ),
    mistake(
        "patch-backwards",
        "The operations of a PATCH are carried out from the last to the first.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().to_vec();
            operations.reverse();
            if let Some(body) = call.json.as_mut().and_then(Json::as_object_mut).filter(|_| operations.len() > 1) {
                body.set("Operations", operations.into());
            }
            None
        })],
    ),
    mistake(
        "patch-only-last",
        "Only the last operation of a PATCH is carried out.",
        &[Hook::Asked(|call, _| {
            let mut left = call.operations().len();
            call.each_operation(|_| {
                left -= 1;
                left == 0
            });
            None
        })],
    ),
    mistake(
        "patch-dotted-keys-literal",
        "Dotted keys of a value are stored as they stand.",
        &[Hook::Stored(|content, call, before| dotted(content, call, before, true))],
    ),
    mistake(
        "patch-dotted-keys-ignored",
        "Dotted keys of a value are ignored.",
        &[Hook::Stored(|content, call, before| {
            dotted(content, call, before, false);
        })],
    ),
    mistake(
        "patch-urn-keys-ignored",
        "Keys of a value that begin with a URN are ignored.",
        &[Hook::Asked(|call, _| {
            call.each_operation(|operation| {
                let value =
                    operation.json.as_object_mut().and_then(|o| o.get_mut("value")).and_then(Json::as_object_mut);
                if let Some(value) = value {
                    value.0.retain(|(name, _)| !name.starts_with("urn:"));
                }
                true
            });
            None
        })],
    ),
    mistake(
        "patch-urn-keys-literal",
        "Keys of a value that begin with a URN are stored as they stand.",
        &[Hook::Stored(|content, call, _| {
            let values = call.operations().iter().filter_map(|operation| operation.get("value")?.as_object());
            for (name, value) in values.flat_map(Object::iter) {
                let part = name.strip_prefix(urn::ENTERPRISE_USER).and_then(|rest| rest.strip_prefix(':'));
                if let Some(part) = part {
                    within(content, urn::ENTERPRISE_USER, |extension| drop(extension.remove(part)));
                    content.set(name, value.clone());
                }
            }
        })],
    ),
    mistake(
        "patch-urn-path-refused",
        "A path that begins with a URN is refused.",
        &[Hook::Asked(|call, _| {
            let mut operations = call.operations().iter().cloned().map(Operation::read);
            operations.any(|o| o.path.starts_with("urn:")).then(|| refuse_as("invalidPath", "The path cannot be read."))
        })],
    ),
    mistake(
        "patch-urn-path-ignored",
        "An operation whose path begins with a URN is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.path.starts_with("urn:")))],
    ),
    mistake(
        "patch-dotted-path-ignored",
        "An operation with a dotted path is ignored.",
        &[Hook::Asked(|call, desk| without(call, desk, |operation| operation.path.starts_with("name.")))],
    ),
    mistake(
        "patch-replaces-whole-name",
        "A part of name that is written takes the others away.",
        &[Hook::Stored(|content, call, _| {
            for operation in call.operations().iter().cloned().map(Operation::read) {
                if let Some(part) = operation.path.strip_prefix("name.") {
                    within(content, "name", |name| name.0.retain(|(key, _)| key.eq_ignore_ascii_case(part)));
                }
            }
        })],
    ),
];

/// Leaves operations out; when none is left, nothing changes.
fn without(call: &mut Call, desk: &mut Desk<'_>, is_left_out: impl Fn(&Operation) -> bool) -> Option<Answer> {
    let before = call.operations().len();
    call.each_operation(|operation| !is_left_out(operation));
    (before > 0 && call.operations().is_empty()).then(|| desk.send("GET", &call.path, ""))
}

/// What dotted keys of a path-less value did is undone; `literal` keeps them as they stand.
fn dotted(content: &mut Object, call: &Call, before: Option<&Object>, literal: bool) {
    let values = call.operations().iter().filter_map(|operation| operation.get("value")?.as_object());
    for (name, value) in values.flat_map(Object::iter).filter(|(name, _)| name.contains('.') && !name.contains(':')) {
        let attribute = name.split(['.', '[']).next().unwrap_or_default();
        content.remove(attribute);
        let old = before.and_then(|before| before.get(attribute));
        content.0.extend(old.map(|old| (attribute.to_owned(), old.clone())));
        if literal {
            content.set(name, value.clone());
        }
    }
}
