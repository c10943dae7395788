//! What is kept of a body: known attributes with a value, spelled and ordered as the schema does.

use std::collections::HashSet;

use crate::scim::json::{Json, Object};
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Type, builtin};

/// The attributes of a resource that clients may write, in canonical form: unknown and readOnly ones, `null`, `[]`, `{}` and
/// repeated values are left out, and so is what follows from a reference.
pub(super) fn canonical(resource: &Json, schema: &ResourceSchema) -> Object {
    let external_id = builtin::common("externalId").into_iter();
    let mut content = attributes(resource, external_id.chain(&schema.core.attributes));
    for (extension, _) in &schema.extensions {
        let Some(container) = resource.get(&extension.id) else { continue };
        let members = attributes(container, extension.attributes.iter());
        if !members.is_empty() {
            content.set(&extension.id, Json::Object(members));
        }
    }
    content
}

/// The same body with what identity providers are known to write beyond the RFC read as they mean it: quoted Booleans, and
/// a complex value (`manager`) written as a bare string.
pub(super) fn tolerated(body: &Json, schema: &ResourceSchema) -> Json {
    let mut body = body.clone();
    mean(&mut body, &schema.core.attributes);
    for (extension, _) in &schema.extensions {
        if let Some(container) = body.as_object_mut().and_then(|members| members.get_mut(&extension.id)) {
            mean(container, &extension.attributes);
        }
    }
    body
}

fn mean(container: &mut Json, definitions: &[Attribute]) {
    let Some(Object(members)) = container.as_object_mut() else { return };
    for (name, value) in members {
        if let Some(definition) = definitions.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) {
            mean_value(value, definition);
        }
    }
}

fn mean_value(value: &mut Json, definition: &Attribute) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| mean_value(item, definition)),
        Json::Object(_) => mean(value, &definition.sub_attributes),
        Json::String(text) => {
            if let Some(meant) = meant(text, definition) {
                *value = meant;
            }
        }
        _ => {}
    }
}

/// What a string stands for where the attribute is no string.
fn meant(text: &str, definition: &Attribute) -> Option<Json> {
    match definition.kind {
        Type::Boolean if text.eq_ignore_ascii_case("true") => Some(true.into()),
        Type::Boolean if text.eq_ignore_ascii_case("false") => Some(false.into()),
        Type::Complex if definition.multi_valued || definition.sub("value").is_none() => None,
        Type::Complex if text.is_empty() => Some(Json::Null),
        Type::Complex => Some(Json::Object(Object(vec![("value".to_owned(), text.into())]))),
        _ => None,
    }
}

fn attributes<'a>(container: &Json, definitions: impl Iterator<Item = &'a Attribute>) -> Object {
    let writable = definitions.filter(|attribute| attribute.mutability != Mutability::ReadOnly);
    let found = writable.filter_map(|attribute| {
        let value = assigned(container.get(&attribute.name)?, attribute)?;
        Some((attribute.name.clone(), value))
    });
    found.collect()
}

/// A value in canonical form; `None` when nothing is left of it.
fn assigned(value: &Json, definition: &Attribute) -> Option<Json> {
    match value {
        Json::Null => None,
        Json::Array(items) => {
            let items = distinct(items.iter().filter_map(|item| assigned(item, definition)).collect(), definition);
            (!items.is_empty()).then_some(Json::Array(items))
        }
        Json::Object(_) => {
            let members = sub_attributes(value, definition);
            (!members.is_empty()).then_some(Json::Object(members))
        }
        other => Some(other.clone()),
    }
}

fn sub_attributes(element: &Json, definition: &Attribute) -> Object {
    let kept = definition.sub_attributes.iter().filter(|sub| !is_derived(definition, sub));
    let mut members = attributes(element, kept);
    if definition.sub("$ref").is_some() && members.get("value").is_none() {
        let referenced = element.get("$ref").and_then(Json::as_str).and_then(|uri| uri.rsplit('/').next());
        if let Some(id) = referenced {
            members.set("value", id.into());
        }
    }
    members
}

/// Whether a sub-attribute follows from the `value` beside it.
fn is_derived(definition: &Attribute, sub: &Attribute) -> bool {
    matches!((definition.name.as_str(), sub.name.as_str()), ("members", "$ref" | "type") | ("manager", "$ref"))
}

/// No value twice: of two with the same `value` and `type` the first stays (RFC 7643 section 2.4), of two members with the
/// same `value` too.
fn distinct(items: Vec<Json>, definition: &Attribute) -> Vec<Json> {
    let mut seen = HashSet::new();
    let mut identity = |item: &Json| {
        let part = |name: &str| item.get(name).map(Json::to_string);
        let key = match part("value") {
            Some(value) if definition.name == "members" => (value, None),
            Some(value) => (value, part("type")),
            None => (item.to_string(), None),
        };
        seen.insert(key)
    };
    items.into_iter().filter(|item| identity(item)).collect()
}

/// Whether two canonical contents are the same: values of multi-valued attributes have no order.
pub(super) fn same(a: &Object, b: &Object) -> bool {
    a.0.len() == b.0.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same_value(value, other)))
}

fn same_value(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => same(a, b),
        (Json::Array(a), Json::Array(b)) => {
            a == b || (a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| same_value(x, y))))
        }
        _ => a == b,
    }
}
