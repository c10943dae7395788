//! Bodies and values composed from a schema: what a client sends to a resource type that it only knows from `/Schemas`.
//!
//! Templates see [`Sample::to_value`] as `type`: `type.least`, `type.one`, `type.two`, … are whole bodies, and each of
//! `type.attributes` (bound as `attribute` in a step that is played for attributes) has values of its own. What is JSON is
//! marked as such, so that a template puts it into a body as it is.

use minijinja::Value;

use super::cast::Inventor;
use crate::facts::OwnType;
use crate::scim::json::{Json, Object, object};
use crate::scim::schema::{Attribute, Mutability, Returned, Type, Uniqueness};
use crate::scim::urn;

/// A declared type with where its invented values come from.
#[derive(Clone, Debug)]
pub struct Sample {
    declared: OwnType,
    inventor: Inventor,
    domain: String,
}

impl Sample {
    /// Values for a declared type; `domain` for addresses.
    #[must_use]
    pub fn new(declared: OwnType, inventor: Inventor, domain: &str) -> Self {
        Self { declared, inventor, domain: domain.to_owned() }
    }

    /// What templates see.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let schema = &self.declared.schema;
        let attributes: Vec<Value> = self.attributes().iter().map(|a| self.attribute(a)).collect();
        let changed = self.changed();
        let mut fields = vec![
            ("name", Value::from(schema.name.as_str())),
            ("endpoint", Value::from_safe_string(schema.endpoint.clone())),
            ("least", raw(&self.body(3, |a| a.required, |_| 3))),
            ("one", raw(&self.body(1, |_| true, |_| 1))),
            ("two", raw(&self.body(2, |_| true, immutable_as_one))),
            ("attributes", Value::from(attributes)),
            ("unique", Value::from(self.attributes().iter().any(|a| a.uniqueness != Uniqueness::None))),
        ];
        fields.extend(changed.map(|body| ("changed", raw(&body))));
        Value::from_pairs(fields)
    }

    /// The attributes that are tried: those of the extension, or of the type with its extensions.
    fn attributes(&self) -> &[Attribute] {
        match &self.declared.extension {
            Some(extension) => &extension.attributes,
            None => &self.declared.schema.core.attributes,
        }
    }

    /// A body with the attributes that `which` takes, each in the `version` it asks for; `n` numbers the resource.
    fn body(&self, n: u8, which: impl Fn(&Attribute) -> bool, version: impl Fn(&Attribute) -> u8 + Copy) -> Json {
        let schema = &self.declared.schema;
        let mut schemas = vec![Json::from(schema.core.id.as_str())];
        let mut body = Object::default();
        body.set("schemas", Json::Null);
        body.set("externalId", format!("{}-{n}", self.word()).into());
        match &self.declared.extension {
            None => {
                for (name, value) in self.members(&schema.core.attributes, &which, version).0 {
                    body.set(&name, value);
                }
                for (extension, required) in &schema.extensions {
                    let members = self.members(&extension.attributes, |a| *required && which(a), version);
                    if !members.is_empty() {
                        schemas.push(extension.id.as_str().into());
                        body.set(&extension.id, Json::Object(members));
                    }
                }
            }
            Some(extension) => {
                let name = format!("{}-{n}", self.word());
                if schema.core.id.eq_ignore_ascii_case(urn::USER) {
                    body.set("userName", format!("{name}@{}", self.domain).into());
                } else {
                    body.set("displayName", name.into());
                }
                let members = self.members(&extension.attributes, &which, version);
                if !members.is_empty() {
                    schemas.push(extension.id.as_str().into());
                    body.set(&extension.id, Json::Object(members));
                }
            }
        }
        body.set("schemas", Json::Array(schemas));
        Json::Object(body)
    }

    fn members(
        &self,
        attributes: &[Attribute],
        which: impl Fn(&Attribute) -> bool,
        version: impl Fn(&Attribute) -> u8,
    ) -> Object {
        let taken = attributes.iter().filter(|a| a.mutability != Mutability::ReadOnly && which(a));
        taken.filter_map(|a| Some((a.name.clone(), self.value(a, version(a))?))).collect()
    }

    /// `two` with another value of an immutable attribute, if there is one.
    fn changed(&self) -> Option<Json> {
        self.attributes().iter().find(|a| a.mutability == Mutability::Immutable && self.value(a, 1).is_some())?;
        Some(self.body(2, |_| true, |_| 2))
    }

    fn word(&self) -> String {
        self.inventor.at("declared").word()
    }

    /// A valid value, another one for every `n`; `None` where none can be made up, as for a reference to a resource.
    fn value(&self, attribute: &Attribute, n: u8) -> Option<Json> {
        let one = self.single(attribute, n)?;
        if !attribute.multi_valued {
            return Some(one);
        }
        let mut values = vec![one];
        if attribute.kind == Type::Complex
            && let Some(Json::Object(mut second)) = self.single(attribute, n + 4)
        {
            second.remove("primary");
            values.push(Json::Object(second));
        }
        Some(Json::Array(values))
    }

    fn single(&self, attribute: &Attribute, n: u8) -> Option<Json> {
        let word = || format!("{}-{}-{n}", attribute.name, self.word());
        Some(match attribute.kind {
            Type::String if !attribute.canonical_values.is_empty() => {
                let canonical = &attribute.canonical_values;
                canonical[(usize::from(n) - 1) % canonical.len()].as_str().into()
            }
            Type::String => word().into(),
            Type::Boolean => (n % 2 == 1).into(),
            Type::Integer => Json::Number(self.number(attribute, n).to_string().into()),
            Type::Decimal => Json::Number(format!("{}.5", self.number(attribute, n)).into()),
            Type::DateTime => format!("2024-0{}-15T10:00:00Z", 1 + n % 9).into(),
            // Four bytes that differ: base64 of `SP0n`.
            Type::Binary => format!("U1Aw{}A==", char::from(b'M' + n % 8)).into(),
            Type::Reference => {
                let free = |kind: &String| ["external", "uri"].iter().any(|known| kind.eq_ignore_ascii_case(known));
                let types = &attribute.reference_types;
                (types.is_empty() || types.iter().any(free))
                    .then(|| format!("https://{}/{}", self.domain, word()))?
                    .into()
            }
            Type::Complex => {
                let members = self.members(&attribute.sub_attributes, |_| true, |_| n);
                (!members.is_empty()).then_some(Json::Object(members))?
            }
        })
    }

    /// Small numbers; where they must be unique, of their own.
    fn number(&self, attribute: &Attribute, n: u8) -> i64 {
        let own = self.inventor.at("number").at(&attribute.name).text("123456789", 7).parse::<i64>().unwrap_or(7);
        if attribute.uniqueness == Uniqueness::None { i64::from(n) } else { own + i64::from(n) }
    }

    /// An attribute as templates see it. What it has not is not there.
    fn attribute(&self, attribute: &Attribute) -> Value {
        let extension = self.declared.extension.as_ref();
        let path = extension.map_or_else(|| attribute.name.clone(), |e| format!("{}:{}", e.id, attribute.name));
        let published = attribute_words(attribute);
        let mut fields: Vec<(&str, Value)> = vec![
            ("name", attribute.name.as_str().into()),
            ("path", path.as_str().into()),
            ("multi", attribute.multi_valued.into()),
            ("required", attribute.required.into()),
            ("caseExact", attribute.case_exact.into()),
            ("unique", (attribute.uniqueness != Uniqueness::None).into()),
        ];
        fields.extend(published.map(|(name, word)| (name, word.into())));
        for (name, n) in [("one", 1), ("two", 2), ("three", 3)] {
            fields.extend(self.value(attribute, n).map(|value| (name, raw(&value))));
        }
        fields.extend(wrong(attribute).map(|value| ("wrong", raw(&value))));
        if attribute.required {
            fields.push(("without", raw(&self.body(6, |a| a.name != attribute.name, |_| 6))));
        }
        fields.extend(self.compared(attribute, &path));
        Value::from_pairs(fields)
    }

    /// What filters name: the path of a simple value with its two versions, and for a complex value the condition that
    /// selects the first version within `[…]`.
    fn compared(&self, attribute: &Attribute, path: &str) -> Vec<(&'static str, Value)> {
        let simple = |a: &&Attribute| a.kind != Type::Complex && a.mutability != Mutability::ReadOnly;
        let (compared, path) = match attribute.kind {
            Type::Complex => {
                let named = attribute.sub("value").filter(simple);
                let Some(sub) = named.or_else(|| attribute.sub_attributes.iter().find(simple)) else {
                    return Vec::new();
                };
                (sub, format!("{path}.{}", sub.name))
            }
            _ => (attribute, path.to_owned()),
        };
        let (Some(one), Some(two)) = (self.single(compared, 1), self.single(compared, 2)) else { return Vec::new() };
        let mut fields = vec![
            ("comparedPath", path.into()),
            ("comparedType", attribute_words(compared)[0].1.into()),
            ("comparedExact", compared.case_exact.into()),
            ("comparedOne", raw(&one)),
            ("comparedTwo", raw(&two)),
        ];
        if let Some(text) = one.as_str() {
            fields.push(("otherCase", raw(&text.to_uppercase().as_str().into())));
        }
        if attribute.kind == Type::Complex {
            fields.push(("sub", compared.name.as_str().into()));
            fields.push(("selector", format!("{} eq {one}", compared.name).into()));
            fields.push(("subMutability", attribute_words(compared)[1].1.into()));
        }
        fields
    }
}

fn immutable_as_one(attribute: &Attribute) -> u8 {
    if attribute.mutability == Mutability::Immutable { 1 } else { 2 }
}

/// Type, mutability and returned, in the RFC's words.
fn attribute_words(attribute: &Attribute) -> [(&'static str, &'static str); 3] {
    let kind = match attribute.kind {
        Type::String => "string",
        Type::Boolean => "boolean",
        Type::Decimal => "decimal",
        Type::Integer => "integer",
        Type::DateTime => "dateTime",
        Type::Binary => "binary",
        Type::Reference => "reference",
        Type::Complex => "complex",
    };
    let mutability = match attribute.mutability {
        Mutability::ReadOnly => "readOnly",
        Mutability::ReadWrite => "readWrite",
        Mutability::Immutable => "immutable",
        Mutability::WriteOnly => "writeOnly",
    };
    let returned = match attribute.returned {
        Returned::Always => "always",
        Returned::Never => "never",
        Returned::Default => "default",
        Returned::Request => "request",
    };
    [("type", kind), ("mutability", mutability), ("returned", returned)]
}

/// A value of another type than the attribute has.
fn wrong(attribute: &Attribute) -> Option<Json> {
    if attribute.multi_valued {
        return None;
    }
    Some(match attribute.kind {
        Type::String => object([("not", "a string".into())]),
        Type::Boolean => "sometimes".into(),
        Type::Integer => "many".into(),
        Type::Decimal => "much".into(),
        Type::DateTime => "yesterday".into(),
        Type::Binary => "*not base64*".into(),
        Type::Reference => object([("not", "a reference".into())]),
        Type::Complex => "plain".into(),
    })
}

/// JSON that a template puts into a body as it is.
fn raw(json: &Json) -> Value {
    Value::from_safe_string(json.to_string())
}
