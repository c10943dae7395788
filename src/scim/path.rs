//! Attribute paths (RFC 7644 section 3.10) and PATCH paths (section 3.5.2).

use super::filter::{Deviation, Filter, SyntaxError};

/// `urn:…:User:name.givenName`: a schema URN, an attribute, a sub-attribute; names as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// Schema URN in front, if any.
    pub urn: Option<String>,
    /// Attribute name.
    pub attribute: String,
    /// Sub-attribute name, if any.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads attribute notation.
    ///
    /// # Errors
    /// The place where the text is no attribute path.
    pub fn parse(_text: &str) -> Result<Self, SyntaxError> {
        todo!("helper: scim")
    }
}

impl std::fmt::Display for AttributePath {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!("helper: scim")
    }
}

/// The path of a PATCH operation: `emails[type eq "work"].value`, `urn:…:User` (a whole extension).
#[derive(Clone, Debug, PartialEq)]
pub enum PatchPath {
    /// A whole extension (or the core schema): only a URN.
    Schema(String),
    /// An attribute, possibly with a value filter and, behind it, a sub-attribute (`target.sub` without a filter).
    Attribute {
        /// What is selected; its `sub` is the part behind the brackets when there is a filter.
        target: AttributePath,
        /// Between the brackets.
        filter: Option<Filter>,
    },
}

impl PatchPath {
    /// Reads a PATCH path, by the grammar of the RFC or as IdPs really write it; how it departs from the grammar is told.
    ///
    /// # Errors
    /// The place where the text is no path even by the lenient grammar.
    pub fn parse(_text: &str) -> Result<(Self, Vec<Deviation>), SyntaxError> {
        todo!("helper: scim")
    }
}
