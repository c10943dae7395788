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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scim::schema::builtin;
    use crate::scim::urn;

    fn parse(text: &str) -> (PatchPath, Vec<Deviation>) {
        PatchPath::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn attribute_paths() {
        let cases = [
            ("userName", (None, "userName", None)),
            ("name.givenName", (None, "name", Some("givenName"))),
            ("members.$ref", (None, "members", Some("$ref"))),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
                (Some(urn::ENTERPRISE_USER), "manager", Some("displayName")),
            ),
            (
                "http://schemas.example.com/2.0/Group:label",
                (Some("http://schemas.example.com/2.0/Group"), "label", None),
            ),
        ];
        for (text, (urn, attribute, sub)) in cases {
            let path = AttributePath::parse(text).unwrap();
            assert_eq!((path.urn.as_deref(), path.attribute.as_str(), path.sub.as_deref()), (urn, attribute, sub));
            assert_eq!(path.to_string(), text);
        }
        for text in ["", "a b", "a.", ".a", "a.b.c", "1a", "a:b", ":a", "urn:x:", "emails/0", "a[b pr]", "_a"] {
            assert!(AttributePath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn patch_paths() {
        let texts = [
            "members",
            "name.familyName",
            "addresses[type eq \"work\"]",
            "members[value eq \"2819c223-7f76-453a-919d-413861904646\"].display",
            "emails[type eq \"work\" and value ew \"example.com\"].value",
            "urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:contacts[primary eq true].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ];
        for text in texts {
            let (path, deviations) = parse(text);
            assert_eq!((path.to_string().as_str(), deviations.is_empty()), (text, true), "{text}");
        }
        let (path, deviations) = parse("roles[primary eq \"True\"].value");
        assert_eq!(deviations, [Deviation::QuotedBoolean("True".into())]);
        assert_eq!(path.to_string(), "roles[primary eq \"True\"].value");
        assert_eq!(parse("members[value eq\"2819\"]").1, [Deviation::Blanks]);
        for text in
            ["", "emails[0].value", "emails/0", "emails[", "emails[type eq \"work\"]value", "a[b pr].c.d", "a b"]
        {
            assert!(PatchPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn schema_urns_need_a_schema() {
        let user = builtin::user_type();
        let resolved = |text: &str| parse(text).0.resolve(&user);
        let enterprise = PatchPath::Schema(urn::ENTERPRISE_USER.to_owned());
        assert_eq!(resolved(urn::ENTERPRISE_USER), enterprise);
        assert_eq!(resolved(&urn::ENTERPRISE_USER.to_uppercase()), enterprise);
        assert_eq!(resolved(urn::USER), PatchPath::Schema(urn::USER.to_owned()));
        assert!(matches!(resolved("urn:example:other:User"), PatchPath::Attribute { .. }));
        // What ends like a version cannot be an attribute.
        assert_eq!(parse("urn:example:badge:2.0").0, PatchPath::Schema("urn:example:badge:2.0".to_owned()));
        assert_eq!(AttributePath::parse(urn::USER).unwrap().schema_urn(&user), Some(urn::USER));
        assert_eq!(AttributePath::parse("User").unwrap().schema_urn(&user), None);
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_panic(text in "[a-c$ .:()\\[\\]\"'eqpr01:-]{0,30}") {
            if let Ok((path, _)) = PatchPath::parse(&text) {
                prop_assert_eq!(PatchPath::parse(&path.to_string()).map(|(path, _)| path), Ok(path), "{}", text);
            }
        }
    }
}
