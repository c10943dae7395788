//! What a PUT makes of a resource.

use std::collections::HashMap;

use crate::scim::json::{Json, Object};
use crate::scim::schema::value::in_words;
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Schema, Type, builtin};

use super::equality::{equal, key};

/// A `scimType` of RFC 7644 table 9 and a text.
type Refusal = (&'static str, String);

/// What becomes of a resource when `body` replaces it (RFC 7644 section 3.5.1): readOnly values stay, what is left out is
/// cleared. An error is a `scimType` and a text.
///
/// `id` and `meta` stay, as does a writeOnly value that the body does not give. What no schema of the type knows is
/// dropped, `null` and `[]` become absent, and `schemas` names what is in use. Where an element of a multi-valued attribute
/// is kept (it has the `value` of an old one), its readOnly and immutable sub-attributes are kept too. With an empty
/// object as `current` it is what a POST creates, without `id` and `meta`.
///
/// # Errors
/// An immutable attribute would change; a required one has no value; a value has the wrong type.
pub fn replace(current: &Json, body: &Json, schema: &ResourceSchema) -> Result<Json, (&'static str, String)> {
    let Json::Object(body) = body else {
        return Err(("invalidSyntax", format!("the body must be an object, not {}", in_words(body))));
    };
    let none = Object::default();
    let current = current.as_object().unwrap_or(&none);
    let own = schema.core.attributes.iter().filter(|a| builtin::common(&a.name).is_none());
    let commons = builtin::commons().iter().filter(|a| !matches!(a.name.as_str(), "schemas" | "meta"));
    let mut merged = Object::default();
    merge_members(commons.chain(own), current, body, "", true, &mut merged)?;
    let mut schemas = vec![schema.core.id.as_str().into()];
    for (extension, required) in &schema.extensions {
        if let Some(value) = merge_extension(extension, *required, current, body)? {
            schemas.push(extension.id.as_str().into());
            merged.0.push((extension.id.clone(), value));
        }
    }
    merged.0.insert(0, ("schemas".to_owned(), Json::Array(schemas)));
    merged.0.extend(current.get("meta").map(|meta| ("meta".to_owned(), meta.clone())));
    Ok(Json::Object(merged))
}

fn merge_extension(
    extension: &Schema,
    required: bool,
    current: &Object,
    body: &Object,
) -> Result<Option<Json>, Refusal> {
    let none = Object::default();
    let given = match assigned(body, &extension.id) {
        Some(Json::Object(given)) => Some(given),
        Some(other) => return Err(wrong(&extension.id, Type::Complex.in_words(), other)),
        None if required => return Err(("invalidValue", format!("{} is required", extension.id))),
        None => None,
    };
    let before = assigned(current, &extension.id).and_then(Json::as_object).unwrap_or(&none);
    let mut merged = Object::default();
    let within = format!("{}:", extension.id);
    merge_members(extension.attributes.iter(), before, given.unwrap_or(&none), &within, given.is_some(), &mut merged)?;
    Ok((!merged.is_empty()).then_some(Json::Object(merged)))
}

/// Attribute by attribute; `within` stands before the names in messages.
fn merge_members<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    current: &Object,
    body: &Object,
    within: &str,
    check_required: bool,
    merged: &mut Object,
) -> Result<(), Refusal> {
    for attribute in attributes {
        let path = format!("{within}{}", attribute.name);
        let (before, given) = (assigned(current, &attribute.name), assigned(body, &attribute.name));
        match merge(attribute, before, given, &path)? {
            Some(value) => merged.0.push((attribute.name.clone(), value)),
            None if check_required && attribute.required && attribute.mutability != Mutability::ReadOnly => {
                return Err(("invalidValue", format!("{path} is required")));
            }
            None => {}
        }
    }
    Ok(())
}

fn assigned<'o>(object: &'o Object, name: &str) -> Option<&'o Json> {
    object.get(name).filter(|value| !value.is_unassigned())
}

fn merge(
    attribute: &Attribute,
    current: Option<&Json>,
    body: Option<&Json>,
    path: &str,
) -> Result<Option<Json>, Refusal> {
    match (attribute.mutability, current, body) {
        (Mutability::ReadOnly, ..) | (Mutability::WriteOnly | Mutability::Immutable, _, None) => Ok(current.cloned()),
        (_, _, None) => Ok(None),
        (Mutability::Immutable, Some(current), Some(body)) if !equal(current, body, Some(attribute)) => {
            Err(("mutability", format!("{path} is immutable and has another value")))
        }
        (Mutability::Immutable, Some(current), _) => Ok(Some(current.clone())),
        (_, _, Some(body)) if attribute.multi_valued => merge_elements(attribute, current, body, path),
        (_, _, Some(body)) => merge_value(attribute, current, body, path),
    }
}

fn merge_elements(
    attribute: &Attribute,
    current: Option<&Json>,
    body: &Json,
    path: &str,
) -> Result<Option<Json>, Refusal> {
    let Json::Array(items) = body else { return Err(wrong(path, "an array", body)) };
    // Of several old elements with the same value the first counts.
    let old = current.and_then(Json::as_array).unwrap_or_default().iter().rev();
    let old: HashMap<_, _> = old.filter_map(|item| Some((key(item, "value", Some(attribute))?, item))).collect();
    let mut merged = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let kept = key(item, "value", Some(attribute)).and_then(|value| old.get(&value).copied());
        let item = match kept {
            Some(old) => keep_immutable(attribute, old, item),
            None => item.clone(),
        };
        merged.extend(merge_value(attribute, kept, &item, &format!("{path}[{i}]"))?);
    }
    let primary = |item: &&Json| item.get("primary").and_then(Json::as_bool) == Some(true);
    if merged.iter().filter(primary).count() > 1 {
        return Err(("invalidValue", format!("{path} has more than one primary value")));
    }
    Ok((!merged.is_empty()).then_some(Json::Array(merged)))
}

/// An element that stays keeps its immutable sub-attributes: a stale `display` in the body is no attempt to change it.
fn keep_immutable(attribute: &Attribute, old: &Json, item: &Json) -> Json {
    let mut item = item.clone();
    let immutable = attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable);
    if let Json::Object(members) = &mut item {
        for sub in immutable {
            if let Some(value) = old.get(&sub.name).filter(|v| !v.is_unassigned()) {
                members.set(&sub.name, value.clone());
            }
        }
    }
    item
}

/// One value. Sub-attributes that the server sets describe what `value` points to, so they go when it changes.
fn merge_value(
    attribute: &Attribute,
    current: Option<&Json>,
    body: &Json,
    path: &str,
) -> Result<Option<Json>, Refusal> {
    if !attribute.kind.fits(body) {
        return Err(wrong(path, attribute.kind.in_words(), body));
    }
    let Json::Object(given) = body else {
        let no_value = attribute.required && body.as_str() == Some("");
        return Ok((!no_value).then(|| body.clone()));
    };
    let none = Object::default();
    let before = current.and_then(Json::as_object).filter(|before| {
        let same =
            |sub| equal(before.get("value").unwrap_or(&Json::Null), given.get("value").unwrap_or(&Json::Null), sub);
        attribute.sub("value").is_none_or(|sub| same(Some(sub)))
    });
    let mut merged = Object::default();
    merge_members(
        attribute.sub_attributes.iter(),
        before.unwrap_or(&none),
        given,
        &format!("{path}."),
        true,
        &mut merged,
    )?;
    Ok((!merged.is_empty()).then_some(Json::Object(merged)))
}

fn wrong(path: &str, expected: &str, found: &Json) -> Refusal {
    ("invalidValue", format!("{path} must be {expected}, not {}", in_words(found)))
}
