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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scim::schema::{ResourceSchema, Schema, builtin};

    fn sample(attributes: &str, extends: bool) -> Sample {
        let text = format!(r#"{{"id":"urn:example:Room","name":"Room","attributes":[{attributes}]}}"#);
        let schema = Arc::new(Schema::from_json(&Json::parse(text.as_bytes()).unwrap()).0);
        let mut user = ResourceSchema::clone(&builtin::user_type());
        user.extensions.push((Arc::clone(&schema), false));
        let (name, endpoint) = ("Room".to_owned(), "/Rooms".to_owned());
        let room = ResourceSchema { name, endpoint, core: Arc::clone(&schema), extensions: Vec::new() };
        let own = if extends {
            OwnType { schema: Arc::new(user), extension: Some(schema) }
        } else {
            OwnType { schema: Arc::new(room), extension: None }
        };
        Sample::new(own, Inventor::new(1), "example.com")
    }

    const ALL: &str = r#"{"name":"code","type":"string","required":true,"uniqueness":"server"},
        {"name":"kind","type":"string","mutability":"immutable","canonicalValues":["a","b"]},
        {"name":"floor","type":"integer"},{"name":"area","type":"decimal"},{"name":"open","type":"boolean"},
        {"name":"since","type":"dateTime"},{"name":"key","type":"binary"},{"name":"label","type":"string","mutability":"readOnly"},
        {"name":"plan","type":"reference","referenceTypes":["external"]},
        {"name":"owner","type":"reference","referenceTypes":["User"]},
        {"name":"things","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string"},
        {"name":"primary","type":"boolean"}]}"#;

    fn field(of: &Value, name: &str) -> Json {
        Json::parse(of.get_attr(name).unwrap().to_string().as_bytes()).unwrap()
    }

    #[test]
    fn bodies_fit_the_schema_they_are_made_from() {
        let sample = sample(ALL, false);
        let of = sample.to_value();
        let whole = field(&of, "one");
        for attribute in sample.attributes() {
            match whole.get(&attribute.name) {
                Some(Json::Array(items)) => assert!(items.iter().all(|item| attribute.kind.fits(item)), "{whole}"),
                Some(value) => assert!(attribute.kind.fits(value), "{} in {whole}", attribute.name),
                // Nobody can make up who a reference to a resource means, or what is readOnly.
                None => assert!(["owner", "label"].contains(&attribute.name.as_str()), "{}", attribute.name),
            }
        }
        let primary =
            whole.get("things").and_then(Json::as_array).unwrap().iter().filter(|t| t.get("primary").is_some());
        assert_eq!(primary.count(), 1);
        let least = field(&of, "least");
        assert!(least.get("code").is_some() && least.get("floor").is_none(), "{least}");
        let (two, changed) = (field(&of, "two"), field(&of, "changed"));
        assert_eq!(two.get("kind"), whole.get("kind"));
        assert_ne!(changed.get("kind"), whole.get("kind"));
        assert_ne!(two.get("code"), whole.get("code"));
    }

    #[test]
    fn attributes_have_values_of_their_own() {
        let of = sample(ALL, false).to_value();
        let attributes: Vec<Value> = of.get_attr("attributes").unwrap().try_iter().unwrap().collect();
        let named = |name: &str| {
            attributes.iter().find(|a| a.get_attr("name").unwrap().as_str() == Some(name)).unwrap().clone()
        };
        assert!(field(&named("code"), "without").get("code").is_none());
        assert!(named("floor").get_attr("without").unwrap().is_undefined());
        assert_eq!(field(&named("floor"), "wrong"), Json::from("many"));
        assert!(named("things").get_attr("selector").unwrap().to_string().starts_with("value eq \""));
        assert_eq!(named("things").get_attr("comparedPath").unwrap().to_string(), "things.value");
        assert!(named("owner").get_attr("one").unwrap().is_undefined());
    }

    #[test]
    fn an_extension_comes_with_the_least_of_its_type() {
        let of = sample(ALL, true).to_value();
        let body = field(&of, "one");
        assert!(body.get("userName").unwrap().as_str().unwrap().ends_with("-1@example.com"), "{body}");
        assert!(body.get("urn:example:Room").unwrap().get("code").is_some(), "{body}");
        assert_eq!(body.get("schemas").and_then(Json::as_array).unwrap().len(), 2);
    }
}
