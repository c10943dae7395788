//! Whom bodies name: ids anywhere, members of groups, and what those are called.

use super::cast::Cast;
use crate::scim::json::Json;

/// All texts in a value.
pub(super) fn texts(json: &Json, out: &mut Vec<String>) {
    match json {
        Json::String(text) => out.push(text.clone()),
        Json::Number(number) => out.push(number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Json::Object(object) => object.iter().for_each(|(_, value)| texts(value, out)),
        _ => {}
    }
}

/// Ids of members in a group or in a change of one.
pub(super) fn members(json: &Json) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(value) = json.get("members") {
        values(value, &mut out);
    }
    for op in json.get("Operations").and_then(Json::as_array).unwrap_or_default() {
        out.extend(members_of_operation(op));
    }
    out
}

/// What members are called where they are named.
pub(super) fn displays(json: &Json, cast: &mut Cast) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| displays(item, cast)),
        Json::Object(object) => {
            let text = |name| json.get(name).and_then(Json::as_str);
            if let (Some(id), Some(display)) = (text("value"), text("display")) {
                let what = if display.contains('@') { "userName" } else { "displayName" };
                if let Some(actor) = cast.actors.iter_mut().find(|actor| actor.id.as_deref() == Some(id)) {
                    actor.value(what, display);
                }
            }
            object.iter().for_each(|(_, value)| displays(value, cast));
        }
        _ => {}
    }
}

/// Ids of members in one operation of a change.
pub(super) fn members_of_operation(op: &Json) -> Vec<String> {
    let mut out = Vec::new();
    let path = op.get("path").and_then(Json::as_str).unwrap_or_default();
    if path.to_ascii_lowercase().starts_with("members") {
        out.extend(path.split('"').nth(1).map(str::to_owned));
        if let Some(value) = op.get("value") {
            values(value, &mut out);
        }
    } else if let Some(inner) = op.get("value").and_then(|value| value.get("members")) {
        values(inner, &mut out);
    }
    out
}

fn values(json: &Json, out: &mut Vec<String>) {
    match json {
        Json::String(id) => out.push(id.clone()),
        Json::Array(items) => items.iter().for_each(|item| values(item, out)),
        Json::Object(_) => out.extend(json.get("value").and_then(Json::as_str).map(str::to_owned)),
        _ => {}
    }
}
