//! Attribute paths (RFC 7644 section 3.10) and PATCH paths (section 3.5.2).

use super::filter::{self, Deviation, Filter, SyntaxError};
use super::schema::ResourceSchema;

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
    /// Reads attribute notation. A schema URN alone reads as an attribute too (`User` behind the last colon): only a
    /// schema can tell, see [`AttributePath::schema_urn`].
    ///
    /// # Errors
    /// The place where the text is no attribute path.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        filter::attribute_path(text)
    }

    /// The schema of that resource type whose URN is this whole path: `urn:…:User` names no attribute but a schema.
    #[must_use]
    pub fn schema_urn<'s>(&self, schema: &'s ResourceSchema) -> Option<&'s str> {
        self.urn.as_ref()?;
        known_urn(&self.to_string(), schema)
    }
}

impl std::fmt::Display for AttributePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute)?;
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
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
    /// The text alone does not tell a schema URN from an attribute: call [`PatchPath::resolve`] on the result.
    ///
    /// # Errors
    /// The place where the text is no path even by the lenient grammar.
    pub fn parse(text: &str) -> Result<(Self, Vec<Deviation>), SyntaxError> {
        filter::patch_path(text)
    }

    /// The same path, read by those who know the schemas: a whole schema URN is [`PatchPath::Schema`].
    #[must_use]
    pub fn resolve(self, schema: &ResourceSchema) -> Self {
        if let Self::Attribute { target, filter: None } = &self
            && let Some(urn) = target.schema_urn(schema)
        {
            return Self::Schema(urn.to_owned());
        }
        self
    }
}

impl std::fmt::Display for PatchPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Schema(urn) => f.write_str(urn),
            Self::Attribute { target, filter: None } => write!(f, "{target}"),
            Self::Attribute { target, filter: Some(filter) } => {
                let AttributePath { sub, .. } = target;
                let parent = AttributePath { sub: None, ..target.clone() };
                write!(f, "{parent}[{filter}]")?;
                sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
            }
        }
    }
}

/// The published spelling of a core or extension URN.
pub(super) fn known_urn<'s>(urn: &str, schema: &'s ResourceSchema) -> Option<&'s str> {
    let extensions = schema.extensions.iter().map(|(extension, _)| &extension.id);
    std::iter::once(&schema.core.id).chain(extensions).find(|id| id.eq_ignore_ascii_case(urn)).map(String::as_str)
}
