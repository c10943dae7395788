//! Schemas as data (RFC 7643 sections 2.2 and 7): what attributes a resource has and how they behave.
//!
//! [`builtin`] holds the RFC's own schemas, [`Schema::from_json`] reads a target's, [`validate`] compiles either into a
//! JSON Schema validator.

pub mod builtin;
mod compile;
mod document;
mod folded;
pub mod validate;
pub mod value;

use std::sync::Arc;

use crate::scim::json::same_name;
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
    /// For people; may be empty.
    pub description: String,
    /// Suggested values.
    pub canonical_values: Vec<String>,
    /// What a reference may point to.
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
    /// Characteristics that the definition leaves to their defaults (RFC 7643 section 2.2).
    pub silent: Silent,
}

/// Characteristics that a definition does not mention, by their member names.
#[derive(Clone, Debug, Default)]
pub struct Silent(pub Vec<&'static str>);

/// What is left to its default is as good as what is spelt out.
impl PartialEq for Silent {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Attribute {
    /// The sub-attribute of that name, compared without case.
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|a| same_name(&a.name, name))
    }

    /// Whether the definition does not mention a characteristic, so that its default holds.
    #[must_use]
    pub fn is_silent_on(&self, characteristic: &str) -> bool {
        self.silent.0.contains(&characteristic)
    }
}

/// A schema: its URN and its attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// URN.
    pub id: String,
    /// Name for people; may be empty.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Attributes in their published order.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, compared without case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| same_name(&a.name, name))
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
            // The characteristics of common attributes win over what a schema lists (RFC 7643 section 3.1).
            None => builtin::common(&path.attribute).or_else(|| self.core.attribute(&path.attribute))?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::urn;

    fn found(path: &str) -> Option<(String, Type)> {
        let path = AttributePath::parse(path).unwrap();
        builtin::user_type().find(&path).map(|a| (a.name.clone(), a.kind))
    }

    #[test]
    fn finds_by_path_without_case() {
        let is = |name: &str, kind| Some((name.to_owned(), kind));
        assert_eq!(found("USERNAME"), is("userName", Type::String));
        assert_eq!(found("name.GivenName"), is("givenName", Type::String));
        assert_eq!(found("meta.created"), is("created", Type::DateTime));
        assert_eq!(found(&format!("{}:emails.primary", urn::USER.to_ascii_uppercase())), is("primary", Type::Boolean));
        assert_eq!(found(&format!("{}:manager.$ref", urn::ENTERPRISE_USER)), is("$ref", Type::Reference));
        for unknown in ["manager", "userName.value", "nothing", "urn:x:userName"] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
        assert_eq!(found(&format!("{}:userName", urn::ENTERPRISE_USER)), None);
    }

    #[test]
    fn common_attributes_win_over_what_a_schema_lists() {
        let mut schema = (*builtin::group_type()).clone();
        let mut core = (*schema.core).clone();
        core.attributes.push(Attribute { kind: Type::Integer, ..builtin::common("id").unwrap().clone() });
        schema.core = core.into();
        assert_eq!(schema.find(&AttributePath::parse("id").unwrap()).unwrap().kind, Type::String);
    }
}
