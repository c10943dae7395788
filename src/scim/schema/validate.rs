//! SCIM schemas as compiled JSON Schema validators.

use crate::scim::json::Json;

use super::ResourceSchema;

/// A compiled validator; make it once.
pub struct Validator;

/// One place where a document does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// JSON pointer into the document, names as the document spells them.
    pub pointer: String,
    /// What the schema asks for: `a boolean`, `one of …`, `the member "userName"`.
    pub expected: String,
    /// What is there: `the string "True"`.
    pub actual: String,
}

impl Validator {
    /// For resources of that type, as a service provider returns them.
    #[must_use]
    pub fn resource(_schema: &ResourceSchema) -> Self {
        todo!("helper: scim")
    }

    /// Every place where the document does not fit.
    #[must_use]
    pub fn check(&self, _document: &Json) -> Vec<Mismatch> {
        todo!("helper: scim")
    }
}

/// Validators of the messages and discovery documents, compiled on first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// RFC 7644 section 3.4.2; the resources themselves are not looked into.
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
    pub fn check(self, _document: &Json) -> Vec<Mismatch> {
        todo!("helper: scim")
    }
}
