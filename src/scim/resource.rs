//! Resources: comparing them as SCIM does, projecting them, writing them whole.

use super::json::Json;
use super::path::AttributePath;
use super::schema::{Attribute, ResourceSchema};

/// One place where two representations differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// JSON pointer into the expected resource (or the actual one, for what is too much).
    pub pointer: String,
    /// Attribute notation, such as `emails.value` or `urn:…:User:department`.
    pub attribute: String,
    /// What was expected; `None`: no value.
    pub expected: Option<Json>,
    /// What is there; `None`: no value.
    pub actual: Option<Json>,
}

/// Where `actual` departs from `expected`, by SCIM's equality: names without case, values with case only where
/// `caseExact`, no order among values of a multi-valued attribute, absent = `null` = `[]`, times by instant.
/// Attributes that only `actual` has are told too.
#[must_use]
pub fn differences(_expected: &Json, _actual: &Json, _schema: &ResourceSchema) -> Vec<Difference> {
    todo!("helper: scim")
}

/// Whether two values of an attribute are equal by SCIM's rules; `None` for an attribute that no schema knows.
#[must_use]
pub fn equal(_a: &Json, _b: &Json, _attribute: Option<&Attribute>) -> bool {
    todo!("helper: scim")
}

/// What is returned of a resource for `attributes` and `excludedAttributes` (RFC 7644 section 3.9; RFC 7643
/// section 2.2 `returned`). Both empty: the default set.
#[must_use]
pub fn project(
    _resource: &Json,
    _schema: &ResourceSchema,
    _attributes: &[AttributePath],
    _excluded: &[AttributePath],
) -> Json {
    todo!("helper: scim")
}

/// What becomes of a resource when `body` replaces it (RFC 7644 section 3.5.1): readOnly values stay, what is left out is
/// cleared. An error is a `scimType` and a text.
///
/// # Errors
/// An immutable attribute would change; a required one has no value; a value has the wrong type.
pub fn replace(_current: &Json, _body: &Json, _schema: &ResourceSchema) -> Result<Json, (&'static str, String)> {
    todo!("helper: scim")
}
