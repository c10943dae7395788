//! Schemas as data (RFC 7643 sections 2.2 and 7): what attributes a resource has and how they behave.
//!
//! [`builtin`] holds the RFC's own schemas, [`Schema::from_json`] reads a target's, [`validate`] compiles either into a
//! JSON Schema validator.

pub mod builtin;
pub mod validate;

use std::sync::Arc;

use crate::scim::json::Json;
use crate::scim::path::AttributePath;

/// Data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Type {
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// Who may write an attribute (RFC 7643 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Returned {
    Always,
    Never,
    Default,
    Request,
}

/// Among what the values of an attribute are unique (RFC 7643 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Uniqueness {
    None,
    Server,
    Global,
}

/// One attribute definition (RFC 7643 section 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Name as published.
    pub name: String,
    /// Data type.
    pub kind: Type,
    /// Whether it holds several values.
    pub multi_valued: bool,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether its string values are compared with case.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Among what it is unique.
    pub uniqueness: Uniqueness,
    /// Suggested values.
    pub canonical_values: Vec<String>,
    /// What a reference may point to.
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute of that name, compared without case.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
    }
}

/// A schema: its URN and its attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// URN.
    pub id: String,
    /// Name for people; may be empty.
    pub name: String,
    /// Attributes in their published order.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, compared without case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
    }
}

/// What a resource of one type consists of: the core schema, the extensions, and the common attributes
/// (`schemas`, `id`, `externalId`, `meta`; RFC 7643 section 3.1), which are in no published schema.
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    /// Name of the resource type: `User`.
    pub name: String,
    /// Where it lives, with a leading slash: `/Users`.
    pub endpoint: String,
    /// Core schema.
    pub core: Arc<Schema>,
    /// Extensions, each with whether it is required.
    pub extensions: Vec<(Arc<Schema>, bool)>,
}

impl ResourceSchema {
    /// The definition that a path points to, sub-attribute included; `None` when the schema does not know it.
    #[must_use]
    pub fn find(&self, path: &AttributePath) -> Option<&Attribute> {
        let schema = match &path.urn {
            None => None,
            Some(urn) if urn.eq_ignore_ascii_case(&self.core.id) => None,
            Some(urn) => Some(&self.extensions.iter().find(|(e, _)| e.id.eq_ignore_ascii_case(urn))?.0),
        };
        let attribute = match schema {
            Some(extension) => extension.attribute(&path.attribute)?,
            None => self.core.attribute(&path.attribute).or_else(|| builtin::common(&path.attribute))?,
        };
        match &path.sub {
            Some(sub) => attribute.sub(sub),
            None => Some(attribute),
        }
    }
}

/// Something in a published schema that cannot be read, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProblem {
    /// JSON pointer into the Schema resource.
    pub pointer: String,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
}

impl Schema {
    /// Reads a Schema resource (RFC 7643 section 7), taking the RFC's defaults for what is missing or wrong.
    #[must_use]
    pub fn from_json(_resource: &Json) -> (Self, Vec<SchemaProblem>) {
        todo!("helper: scim")
    }

    /// The Schema resource, without `meta`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        todo!("helper: scim")
    }
}
