//! A SCIM schema as a JSON Schema (draft 2020-12) for documents whose names are folded.
//!
//! Beside the constraints every subschema says what it asks for: `description` in words, `title` the attribute's name as
//! published. A document that does not fit is then told in SCIM's terms, not in those of JSON Schema.

use serde_json::{Map, Value, json};

use super::folded::fold;
use super::{Attribute, ResourceSchema, Schema, Type, builtin};

/// Name of the `format` for [`Type::DateTime`].
pub(super) const DATE_TIME: &str = "scim-dateTime";
/// Name of the `format` for [`Type::Binary`].
pub(super) const BINARY: &str = "scim-binary";

/// For resources of a type: core schema, common attributes, extensions under their URN.
pub(super) fn resource(schema: &ResourceSchema) -> Value {
    let mut members = Members::with_commons(true);
    members.extend(schema.core.attributes.iter().filter(|a| builtin::common(&a.name).is_none()));
    for (extension, required) in &schema.extensions {
        let mut inner = Members::default();
        inner.extend(extension.attributes.iter());
        members.insert(&extension.id, inner.into_schema(), *required);
    }
    members.into_schema()
}

/// For messages and discovery documents: the schema with `schemas`, which must name it, an optional `id`, and `meta`.
pub(super) fn document(schema: &Schema) -> Value {
    let mut members = Members::with_commons(false);
    members.extend(schema.attributes.iter());
    let mut compiled = members.into_schema();
    compiled["properties"]["schemas"]["contains"] =
        json!({ "format": schema.id, "description": format!("the URN {:?}", schema.id) });
    compiled
}

/// `name` is required unless one of `instead` is there.
pub(super) fn require_unless(compiled: &mut Value, name: &str, instead: &[&str]) {
    let one_of: Vec<_> = [name].iter().chain(instead).map(|n| json!({ "required": [fold(n)] })).collect();
    compiled["allOf"] = json!([{ "title": name, "anyOf": one_of }]);
}

/// `properties` and `required` of an object.
#[derive(Default)]
struct Members {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Members {
    /// The common attributes; an `id` must not be empty (RFC 7643 section 3.1).
    fn with_commons(id_required: bool) -> Self {
        let mut members = Self::default();
        members.extend(builtin::commons().iter().filter(|a| a.name != "id"));
        let id = json!({ "type": "string", "minLength": 1, "description": "a string that is not empty" });
        members.insert("id", id, id_required);
        members
    }

    fn extend<'a>(&mut self, attributes: impl Iterator<Item = &'a Attribute>) {
        for attribute in attributes {
            self.insert(&attribute.name, property(attribute), attribute.required);
        }
    }

    fn insert(&mut self, name: &str, mut property: Value, required: bool) {
        property["title"] = name.into();
        let name = fold(name).into_owned();
        if required {
            self.required.push(name.as_str().into());
        }
        self.properties.insert(name, property);
    }

    fn into_schema(self) -> Value {
        let mut schema = json!({ "type": "object", "description": Type::Complex.in_words() });
        if !self.properties.is_empty() {
            schema["properties"] = self.properties.into();
        }
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        schema
    }
}

fn property(attribute: &Attribute) -> Value {
    let value = value(attribute);
    if attribute.multi_valued { json!({ "type": "array", "items": value, "description": "an array" }) } else { value }
}

fn value(attribute: &Attribute) -> Value {
    let mut value = match attribute.kind {
        Type::String | Type::Reference => json!({ "type": "string" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Decimal => json!({ "type": "number" }),
        Type::Integer => json!({ "type": "integer" }),
        Type::DateTime => json!({ "type": "string", "format": DATE_TIME }),
        Type::Binary => json!({ "type": "string", "format": BINARY }),
        Type::Complex => {
            let mut members = Members::default();
            members.extend(attribute.sub_attributes.iter());
            members.into_schema()
        }
    };
    value["description"] = attribute.kind.in_words().into();
    value
}
