//! Schema resources (RFC 7643 section 7) read into [`Schema`] and written again.

use crate::scim::json::{Json, Object};
use crate::scim::urn;

use super::{Attribute, Mutability, Returned, Schema, SchemaProblem, Silent, Type, Uniqueness};

/// How the URNs of messages start (RFC 7644 section 8.2).
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:";

/// A characteristic whose values are words.
trait Word: Copy + PartialEq + 'static {
    /// Each value with its word.
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }
}

impl Word for Type {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::String, "string"),
        (Self::Boolean, "boolean"),
        (Self::Decimal, "decimal"),
        (Self::Integer, "integer"),
        (Self::DateTime, "dateTime"),
        (Self::Binary, "binary"),
        (Self::Reference, "reference"),
        (Self::Complex, "complex"),
    ];
}

impl Word for Mutability {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::ReadWrite, "readWrite"),
        (Self::ReadOnly, "readOnly"),
        (Self::Immutable, "immutable"),
        (Self::WriteOnly, "writeOnly"),
    ];
}

impl Word for Returned {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Default, "default"), (Self::Always, "always"), (Self::Never, "never"), (Self::Request, "request")];
}

impl Word for Uniqueness {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::None, "none"), (Self::Server, "server"), (Self::Global, "global")];
}

impl Schema {
    /// Reads a Schema resource (RFC 7643 section 7), taking the RFC's defaults for what is missing or wrong.
    #[must_use]
    pub fn from_json(resource: &Json) -> (Self, Vec<SchemaProblem>) {
        let mut reader = Reader::default();
        let Json::Object(members) = resource else {
            reader.tell("", format!("expected an object, found {}", resource.kind()));
            return (Self::default(), reader.problems);
        };
        let id = reader.text(members, "", "id").unwrap_or_else(|| {
            reader.tell("/id", "has no value");
            String::new()
        });
        reader.may_nest = id.eq_ignore_ascii_case(urn::SCHEMA) || id.starts_with(MESSAGES);
        if members.get("attributes").is_none_or(Json::is_unassigned) {
            reader.tell("/attributes", "has no value");
        }
        let schema = Self {
            id,
            name: reader.text(members, "", "name").unwrap_or_default(),
            description: reader.text(members, "", "description").unwrap_or_default(),
            attributes: reader.attributes(members, "", "attributes"),
        };
        (schema, reader.problems)
    }

    /// The Schema resource, without `meta`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut members = Object::default();
        members.set("schemas", Json::Array(vec![urn::SCHEMA.into()]));
        for (name, text) in [("id", &self.id), ("name", &self.name), ("description", &self.description)] {
            if !text.is_empty() {
                members.set(name, text.as_str().into());
            }
        }
        members.set("attributes", self.attributes.iter().map(attribute_json).collect::<Vec<_>>().into());
        Json::Object(members)
    }
}

/// The published form of an attribute: every characteristic that means something for its type is spelled out.
fn attribute_json(attribute: &Attribute) -> Json {
    let a = attribute;
    let texts = |values: &[String]| Json::Array(values.iter().map(|v| v.as_str().into()).collect());
    let mut members = Object::default();
    members.set("name", a.name.as_str().into());
    members.set("type", a.kind.word().into());
    members.set("multiValued", a.multi_valued.into());
    if !a.description.is_empty() {
        members.set("description", a.description.as_str().into());
    }
    members.set("required", a.required.into());
    if !a.canonical_values.is_empty() {
        members.set("canonicalValues", texts(&a.canonical_values));
    }
    if a.case_exact || matches!(a.kind, Type::String | Type::Reference | Type::Binary) {
        members.set("caseExact", a.case_exact.into());
    }
    members.set("mutability", a.mutability.word().into());
    members.set("returned", a.returned.word().into());
    if a.uniqueness != Uniqueness::None || matches!(a.kind, Type::String | Type::Reference | Type::Integer) {
        members.set("uniqueness", a.uniqueness.word().into());
    }
    if !a.reference_types.is_empty() {
        members.set("referenceTypes", texts(&a.reference_types));
    }
    if !a.sub_attributes.is_empty() {
        members.set("subAttributes", a.sub_attributes.iter().map(attribute_json).collect::<Vec<_>>().into());
    }
    Json::Object(members)
}

/// Reads members and collects what is wrong with them.
#[derive(Default)]
struct Reader {
    problems: Vec<SchemaProblem>,
    /// Among resources only Schema may have complex sub-attributes (RFC 7643 section 7); messages may as well.
    may_nest: bool,
}

impl Reader {
    fn tell(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(SchemaProblem { pointer: pointer.to_owned(), message: message.into() });
    }

    /// The member's value if it has one and `read` can read it; otherwise a problem.
    fn member<'j, T>(
        &mut self,
        members: &'j Object,
        at: &str,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'j Json) -> Option<T>,
    ) -> Option<T> {
        let value = members.get(name).filter(|v| !v.is_unassigned())?;
        let read = read(value);
        if read.is_none() {
            self.tell(&format!("{at}/{name}"), format!("expected {expected}, found {}", value.kind()));
        }
        read
    }

    fn text(&mut self, members: &Object, at: &str, name: &str) -> Option<String> {
        self.member(members, at, name, "a string", Json::as_str).map(str::to_owned)
    }

    fn flag(&mut self, members: &Object, at: &str, name: &str) -> bool {
        self.member(members, at, name, "a boolean", Json::as_bool).unwrap_or_default()
    }

    fn texts(&mut self, members: &Object, at: &str, name: &str) -> Vec<String> {
        let items = self.member(members, at, name, "an array of strings", Json::as_array).unwrap_or_default();
        let mut texts = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.tell(&format!("{at}/{name}/{i}"), format!("expected a string, found {}", item.kind())),
            }
        }
        texts
    }

    /// A word is understood in any case; that `mutability` and its like are case exact is told.
    fn word<W: Word>(&mut self, members: &Object, at: &str, name: &str, default: W) -> W {
        let Some(text) = self.text(members, at, name) else { return default };
        let known = W::WORDS.iter().find(|(_, word)| word.eq_ignore_ascii_case(&text));
        if known.is_none_or(|(_, word)| *word != text && name != "type") {
            let words: Vec<_> = W::WORDS.iter().map(|(_, word)| *word).collect();
            self.tell(&format!("{at}/{name}"), format!("expected one of {}, found {text:?}", words.join(", ")));
        }
        known.map_or(default, |(value, _)| *value)
    }

    fn attributes(&mut self, members: &Object, at: &str, name: &str) -> Vec<Attribute> {
        let items = self.member(members, at, name, "an array", Json::as_array).unwrap_or_default();
        let mut attributes: Vec<Attribute> = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let at = format!("{at}/{name}/{i}");
            let Some(attribute) = self.attribute(item, &at) else { continue };
            if attributes.iter().any(|a| a.name.eq_ignore_ascii_case(&attribute.name)) {
                self.tell(&format!("{at}/name"), format!("{:?} is defined twice", attribute.name));
            } else {
                attributes.push(attribute);
            }
        }
        attributes
    }

    fn attribute(&mut self, item: &Json, at: &str) -> Option<Attribute> {
        let Json::Object(members) = item else {
            self.tell(at, format!("expected an object, found {}", item.kind()));
            return None;
        };
        let Some(name) = self.text(members, at, "name") else {
            self.tell(&format!("{at}/name"), "has no value");
            return None;
        };
        if !is_attribute_name(&name) {
            self.tell(&format!("{at}/name"), format!("{name:?} is no attribute name"));
        }
        let kind = self.word(members, at, "type", Type::String);
        let sub_attributes = self.attributes(members, at, "subAttributes");
        if kind != Type::Complex && !sub_attributes.is_empty() {
            self.tell(&format!("{at}/subAttributes"), format!("an attribute of type {} has none", kind.word()));
        }
        if !self.may_nest {
            for (i, _) in sub_attributes.iter().enumerate().filter(|(_, sub)| sub.kind == Type::Complex) {
                self.tell(&format!("{at}/subAttributes/{i}/type"), "complex attributes do not nest");
            }
        }
        Some(Attribute {
            kind,
            multi_valued: self.flag(members, at, "multiValued"),
            required: self.flag(members, at, "required"),
            case_exact: self.flag(members, at, "caseExact"),
            mutability: self.word(members, at, "mutability", Mutability::ReadWrite),
            returned: self.word(members, at, "returned", Returned::Default),
            uniqueness: self.word(members, at, "uniqueness", Uniqueness::None),
            description: self.text(members, at, "description").unwrap_or_default(),
            canonical_values: self.texts(members, at, "canonicalValues"),
            reference_types: self.texts(members, at, "referenceTypes"),
            silent: silent(members),
            sub_attributes,
            name,
        })
    }
}

/// The characteristics of section 2.2 that a definition does not mention.
fn silent(members: &Object) -> Silent {
    const KNOWN: [&str; 6] = ["type", "required", "caseExact", "mutability", "returned", "uniqueness"];
    Silent(KNOWN.into_iter().filter(|name| members.get(name).is_none_or(Json::is_unassigned)).collect())
}

/// RFC 7643 section 2.1, and `$ref`, which the RFC itself uses against its grammar.
fn is_attribute_name(name: &str) -> bool {
    let name = name.strip_prefix('$').filter(|rest| rest.eq_ignore_ascii_case("ref")).unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    fn read(text: &str) -> (Schema, Vec<(String, String)>) {
        let (schema, problems) = Schema::from_json(&Json::parse(text.as_bytes()).unwrap());
        (schema, problems.into_iter().map(|p| (p.pointer, p.message)).collect())
    }

    #[test]
    fn silence_means_the_defaults() {
        let (schema, problems) = read(r#"{"ID": "urn:x", "Attributes": [{"NAME": "a", "canonicalValues": null}]}"#);
        assert_eq!(problems, []);
        let a = &schema.attributes[0];
        assert_eq!((a.kind, a.mutability, a.returned), (Type::String, Mutability::ReadWrite, Returned::Default));
        assert_eq!((a.uniqueness, a.required, a.case_exact, a.multi_valued), (Uniqueness::None, false, false, false));
    }

    #[test]
    fn problems_are_told_with_their_place_and_the_rest_is_read() {
        let (schema, problems) = read(
            r#"{"id": 1, "name": "X", "attributes": [
                {"name": "a", "type": "Boolean", "required": "true", "mutability": "readonly", "returned": "sometimes"},
                "b", {"type": "string"}, {"name": "A"}, {"name": "1c", "type": "text", "canonicalValues": ["x", 1]},
                {"name": "d", "type": "complex", "subAttributes": [{"name": "$ref"}, {"name": "e", "type": "complex"}]},
                {"name": "f", "subAttributes": [{"name": "g"}], "referenceTypes": "User"}]}"#,
        );
        let expected = [
            ("/id", "expected a string, found number"),
            ("/id", "has no value"),
            ("/attributes/0/required", "expected a boolean, found string"),
            (
                "/attributes/0/mutability",
                "expected one of readWrite, readOnly, immutable, writeOnly, found \"readonly\"",
            ),
            ("/attributes/0/returned", "expected one of default, always, never, request, found \"sometimes\""),
            ("/attributes/1", "expected an object, found string"),
            ("/attributes/2/name", "has no value"),
            ("/attributes/3/name", "\"A\" is defined twice"),
            ("/attributes/4/name", "\"1c\" is no attribute name"),
            (
                "/attributes/4/type",
                "expected one of string, boolean, decimal, integer, dateTime, binary, reference, complex, found \"text\"",
            ),
            ("/attributes/4/canonicalValues/1", "expected a string, found number"),
            ("/attributes/5/subAttributes/1/type", "complex attributes do not nest"),
            ("/attributes/6/subAttributes", "an attribute of type string has none"),
            ("/attributes/6/referenceTypes", "expected an array of strings, found string"),
        ];
        assert_eq!(problems, expected.map(|(pointer, message)| (pointer.to_owned(), message.to_owned())));
        let names: Vec<_> = schema.attributes.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["a", "1c", "d", "f"]);
        assert_eq!((schema.attributes[0].kind, schema.attributes[0].mutability), (Type::Boolean, Mutability::ReadOnly));
        assert_eq!(read("[]").1, [(String::new(), "expected an object, found array".to_owned())]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let all = [builtin::user(), builtin::group(), builtin::enterprise_user(), builtin::service_provider_config()];
        for schema in all.into_iter().chain([builtin::resource_type(), builtin::schema()]) {
            assert_eq!(Schema::from_json(&schema.to_json()), ((*schema).clone(), vec![]));
        }
    }

    #[test]
    fn the_published_form_spells_characteristics_out() {
        let json = builtin::user().to_json();
        assert_eq!(
            json.pointer("/attributes/0").map(ToString::to_string).unwrap_or_default(),
            r#"{"name":"userName","type":"string","multiValued":false,"description":"Name to sign in with, unique on the service provider","required":true,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"server"}"#
        );
        let json = builtin::group().to_json();
        assert_eq!(
            json.pointer("/attributes/1/subAttributes/1").map(ToString::to_string).unwrap_or_default(),
            r#"{"name":"$ref","type":"reference","multiValued":false,"description":"Address of the member","required":false,"caseExact":true,"mutability":"immutable","returned":"default","uniqueness":"none","referenceTypes":["User","Group"]}"#
        );
    }
}
