//! Filters (RFC 7644 section 3.4.2.2): parser, evaluator, text form.

use super::json::Json;
use super::path::AttributePath;
use super::schema::ResourceSchema;

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `title pr`
    Present(AttributePath),
    /// `userName eq "x"`; the value is a JSON literal that is no array or object.
    Compare(AttributePath, Operator, Json),
    /// `emails[type eq "work"]`; with a comparison behind the brackets (`….value eq "x"`, outside the grammar, Entra
    /// sends it) the second part holds the sub-attribute and the comparison.
    Element(AttributePath, Box<Filter>, Option<Box<Filter>>),
    /// `not (…)`
    Not(Box<Filter>),
    /// `… and …`
    And(Box<Filter>, Box<Filter>),
    /// `… or …`
    Or(Box<Filter>, Box<Filter>),
}

/// Where a text is no filter or path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset.
    pub offset: usize,
    /// What was expected there.
    pub expected: String,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {} at character {}", self.expected, self.offset + 1)
    }
}

impl std::error::Error for SyntaxError {}

/// How a text departs from the RFC's grammar although it is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// `emails[type eq "work"].value eq "x"` (ambiguity 27).
    ComparisonBehindBrackets,
    /// A word without quotes where a JSON string belongs (ambiguity 25).
    Unquoted(String),
    /// `True` for `true`, single quotes, a missing blank, and the like.
    Spelling(String),
}

/// The value of a filter for one resource. The RFC leaves some cases open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It matches.
    Yes,
    /// It does not.
    No,
    /// The RFC leaves it open; the number of the ambiguity (such as 28: `ne` on a missing value).
    Open(u8),
}

impl Filter {
    /// Reads a filter: by the RFC's grammar, and beyond it what IdPs are known to send; deviations are told.
    ///
    /// # Errors
    /// The place where the text is no filter even so.
    pub fn parse(_text: &str) -> Result<(Self, Vec<Deviation>), SyntaxError> {
        todo!("helper: scim")
    }

    /// Whether a resource matches; what the schema does not know is compared as the JSON type it has.
    #[must_use]
    pub fn matches(&self, _resource: &Json, _schema: &ResourceSchema) -> Truth {
        todo!("helper: scim")
    }
}

/// The filter's text, by the RFC's grammar where it can be.
impl std::fmt::Display for Filter {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!("helper: scim")
    }
}
