//! What a write specified of the attributes that are returned on request: its answer shows them (RFC 7643 section 7).

use crate::scim::json::{Json, Object};
use crate::scim::schema::{Attribute, ResourceSchema, Returned};

/// Adds to an answer what the body of its request specified and is returned on request only.
pub(super) fn add(shown: &mut Json, whole: &Json, body: &Json, schema: &ResourceSchema) {
    let Some(members) = shown.as_object_mut() else { return };
    for attribute in on_request(&schema.core.attributes).filter(|attribute| names(body, None, attribute)) {
        if let Some(value) = whole.get(&attribute.name) {
            members.set(&attribute.name, value.clone());
        }
    }
    for (extension, _) in &schema.extensions {
        let Some(container) = whole.get(&extension.id) else { continue };
        let named = on_request(&extension.attributes).filter(|attribute| names(body, Some(&extension.id), attribute));
        let values =
            named.filter_map(|attribute| Some((attribute.name.clone(), container.get(&attribute.name)?.clone())));
        let values: Object = values.collect();
        if values.is_empty() {
            continue;
        }
        let mut merged = members.get(&extension.id).and_then(Json::as_object).cloned().unwrap_or_default();
        merged.0.extend(values.0);
        members.set(&extension.id, Json::Object(merged));
    }
}

fn on_request(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.returned == Returned::Request)
}

/// Whether a resource, or an operation of a PATCH, names an attribute.
fn names(body: &Json, urn: Option<&str>, attribute: &Attribute) -> bool {
    let within = |value: &Json| match urn {
        None => value.get(&attribute.name).is_some(),
        Some(urn) => value.get(urn).is_some_and(|container| container.get(&attribute.name).is_some()),
    };
    let path = urn.map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
    let operation = |operation: &Json| {
        let named = operation.get("path").and_then(Json::as_str).unwrap_or_default();
        let named = named.split('[').next().unwrap_or_default();
        named.eq_ignore_ascii_case(&path) || operation.get("value").is_some_and(within)
    };
    within(body) || body.get("Operations").and_then(Json::as_array).is_some_and(|all| all.iter().any(operation))
}
