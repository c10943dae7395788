//! SCIM schemas as compiled JSON Schema validators.
//!
//! Only what a value *is* is judged here: its type, and whether what is required is there. Who may write it and when it is
//! returned is no matter of the document alone; `canonicalValues` are suggestions (RFC 7643 section 7), and attributes that
//! no schema knows are left alone.

use std::sync::LazyLock;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::scim::date_time;
use crate::scim::json::{Json, Object, pointer_part, same_name};

use super::folded::Folded;
use super::value::{in_words, is_base64};
use super::{ResourceSchema, Schema, builtin, compile};

/// A compiled validator; make it once.
pub struct Validator {
    /// The JSON Schema: it holds the words for what it asks for.
    schema: Value,
    /// Our own schemas always compile; if one did not, every check says so.
    compiled: Result<jsonschema::Validator<Folded>, String>,
}

/// One place where a document does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// JSON pointer into the document, names as the document spells them.
    pub pointer: String,
    /// What the schema asks for: `a boolean`, `one of …`, `the member "userName"`.
    pub expected: String,
    /// What is there: `the string "True"`.
    pub actual: String,
    /// Whether something required has no value; a projected answer may leave it out.
    pub missing: bool,
}

impl Validator {
    /// For resources of that type, as a service provider returns them.
    #[must_use]
    pub fn resource(schema: &ResourceSchema) -> Self {
        Self::new(compile::resource(schema), None)
    }

    fn document(schema: &Schema) -> Self {
        Self::new(compile::document(schema), Some(schema.id.clone()))
    }

    /// `urn` is the format by which a document must name its schema.
    fn new(schema: Value, urn: Option<String>) -> Self {
        let mut options = jsonschema::options_for::<Folded>()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format(compile::DATE_TIME, date_time::is_valid)
            .with_format(compile::BINARY, is_base64);
        if let Some(urn) = urn {
            options = options.with_format(urn.clone(), move |text| text.eq_ignore_ascii_case(&urn));
        }
        let compiled = options.build(&schema).map_err(|error| error.to_string());
        Self { schema, compiled }
    }

    /// Every place where the document does not fit.
    #[must_use]
    pub fn check(&self, document: &Json) -> Vec<Mismatch> {
        match &self.compiled {
            Ok(compiled) => compiled.iter_errors(document).map(|error| self.mismatch(&error, document)).collect(),
            Err(error) => vec![Mismatch {
                pointer: String::new(),
                expected: "a schema that compiles".to_owned(),
                actual: error.clone(),
                missing: false,
            }],
        }
    }

    /// The error in SCIM's words.
    fn mismatch(&self, error: &ValidationError<'_>, document: &Json) -> Mismatch {
        let (pointer, value) = locate(document, error.instance_path().as_str());
        let keyword = error.schema_path().as_str();
        let site = self.schema.pointer(keyword.rsplit_once('/').map_or("", |(site, _)| site)).unwrap_or(&Value::Null);
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let folded = property.as_str().unwrap_or_default();
                let name = word(&site["properties"][folded], "title").unwrap_or(folded);
                missing(pointer, value, name)
            }
            ValidationErrorKind::AnyOf { .. } => missing(pointer, value, word(site, "title").unwrap_or_default()),
            ValidationErrorKind::Contains => told(pointer, word(&site["contains"], "description"), value),
            _ => told(pointer, word(site, "description"), value),
        }
    }
}

fn word<'v>(schema: &'v Value, name: &str) -> Option<&'v str> {
    schema.get(name)?.as_str()
}

fn told(pointer: String, expected: Option<&str>, value: &Json) -> Mismatch {
    let expected = expected.unwrap_or("another value").to_owned();
    Mismatch { pointer, expected, actual: in_words(value), missing: false }
}

/// A required member that is not there is told at its object; one that is there without a value, at its place.
fn missing(pointer: String, parent: &Json, name: &str) -> Mismatch {
    let expected = format!("the member {name:?}");
    match parent.as_object().and_then(|object| last(object, name)) {
        Some((spelling, value)) => {
            let pointer = format!("{pointer}/{}", pointer_part(spelling));
            Mismatch { pointer, expected: format!("{expected} with a value"), actual: in_words(value), missing: true }
        }
        None => Mismatch { pointer, expected, actual: "nothing".to_owned(), missing: true },
    }
}

/// The place of a pointer whose names are folded: with the document's spelling, and the value there.
fn locate<'j>(document: &'j Json, folded: &str) -> (String, &'j Json) {
    let mut pointer = String::new();
    let mut here = document;
    for part in folded.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let next = match here {
            Json::Object(object) => last(object, &name),
            Json::Array(items) => name.parse().ok().and_then(|i: usize| items.get(i)).map(|item| (name.as_str(), item)),
            _ => None,
        };
        let Some((spelling, value)) = next else { break };
        pointer.push('/');
        pointer.push_str(&pointer_part(spelling));
        here = value;
    }
    (pointer, here)
}

fn last<'o>(object: &'o Object, name: &str) -> Option<(&'o str, &'o Json)> {
    object.0.iter().rev().find(|(n, _)| same_name(n, name)).map(|(n, v)| (n.as_str(), v))
}

/// Validators of the messages and discovery documents, compiled on first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// RFC 7644 section 3.4.2; the resources themselves are not looked into. With a cursor `totalResults` may be left out
    /// (RFC 9865 section 2).
    ListResponse,
    /// RFC 7644 section 3.12.
    Error,
    /// RFC 7644 section 3.5.2.
    PatchOp,
    /// RFC 7644 section 3.7.
    BulkResponse,
    /// RFC 7643 section 5.
    ServiceProviderConfig,
    /// RFC 7643 section 6.
    ResourceType,
    /// RFC 7643 section 7.
    Schema,
}

impl Document {
    /// Every place where the document does not fit.
    #[must_use]
    pub fn check(self, document: &Json) -> Vec<Mismatch> {
        self.validator().check(document)
    }

    fn validator(self) -> &'static Validator {
        static LIST_RESPONSE: LazyLock<Validator> = LazyLock::new(list_response);
        static ERROR: LazyLock<Validator> = LazyLock::new(|| Validator::document(&builtin::error()));
        static PATCH_OP: LazyLock<Validator> = LazyLock::new(|| Validator::document(&builtin::patch_op()));
        static BULK_RESPONSE: LazyLock<Validator> = LazyLock::new(|| Validator::document(&builtin::bulk_response()));
        static SERVICE_PROVIDER_CONFIG: LazyLock<Validator> =
            LazyLock::new(|| Validator::document(&builtin::service_provider_config()));
        static RESOURCE_TYPE: LazyLock<Validator> = LazyLock::new(|| Validator::document(&builtin::resource_type()));
        static SCHEMA: LazyLock<Validator> = LazyLock::new(|| Validator::document(&builtin::schema()));
        match self {
            Self::ListResponse => &LIST_RESPONSE,
            Self::Error => &ERROR,
            Self::PatchOp => &PATCH_OP,
            Self::BulkResponse => &BULK_RESPONSE,
            Self::ServiceProviderConfig => &SERVICE_PROVIDER_CONFIG,
            Self::ResourceType => &RESOURCE_TYPE,
            Self::Schema => &SCHEMA,
        }
    }
}

fn list_response() -> Validator {
    let schema = builtin::list_response();
    let mut compiled = compile::document(&schema);
    compile::require_unless(&mut compiled, "totalResults", &["nextCursor", "previousCursor"]);
    Validator::new(compiled, Some(schema.id))
}

#[cfg(test)]
mod tests;
