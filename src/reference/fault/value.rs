//! Small changes to JSON that departures have in common.

use crate::scim::json::{Json, Object};

/// A number.
pub(super) fn number(value: impl Into<i64>) -> Json {
    Json::Number(value.into().to_string().into())
}

/// A number by its token.
pub(super) fn token(text: &str) -> Json {
    Json::Number(text.into())
}

/// Goes over the elements of a multi-valued attribute; `false` takes one out.
pub(super) fn each(object: &mut Object, name: &str, mut change: impl FnMut(&mut Object) -> bool) {
    if let Some(Json::Array(items)) = object.get_mut(name) {
        items.retain_mut(|item| item.as_object_mut().is_none_or(&mut change));
    }
}

/// Goes over a complex attribute.
pub(super) fn within(object: &mut Object, name: &str, change: impl FnOnce(&mut Object)) {
    if let Some(inner) = object.get_mut(name).and_then(Json::as_object_mut) {
        change(inner);
    }
}

/// Gives an attribute that has a value another.
pub(super) fn swap(object: &mut Object, name: &str, change: impl FnOnce(&Json) -> Json) {
    if let Some(value) = object.get_mut(name) {
        *value = change(value);
    }
}

/// Gives a text another.
pub(super) fn reword(object: &mut Object, name: &str, change: impl FnOnce(&str) -> String) {
    swap(object, name, |value| value.as_str().map_or_else(|| value.clone(), |text| change(text).into()));
}

/// Spells a member's name in another way.
pub(super) fn rename(object: &mut Object, from: &str, to: &str) {
    for (name, _) in &mut object.0 {
        if name == from {
            to.clone_into(name);
        }
    }
}

/// Every text in a value, at any depth.
pub(super) fn each_text(value: &mut Json, change: &mut impl FnMut(&mut String)) {
    match value {
        Json::String(text) => change(text),
        Json::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Json::Object(Object(members)) => members.iter_mut().for_each(|(_, member)| each_text(member, change)),
        _ => {}
    }
}

/// Adds elements to a multi-valued attribute, which is made if it is not there.
pub(super) fn append(object: &mut Object, name: &str, more: impl IntoIterator<Item = Json>) {
    let there = object.get(name).and_then(Json::as_array).unwrap_or_default().to_vec();
    object.set(name, Json::Array(there.into_iter().chain(more).collect()));
}

/// The text of a member.
pub(super) fn text<'o>(object: &'o Object, name: &str) -> &'o str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}
