//! Filters (RFC 7644 section 3.4.2.2): parser, evaluator, text form.

mod evaluate;
mod parse;
mod problem;
#[cfg(test)]
mod tests;

use evaluate::Context;

use super::json::Json;
use super::path::AttributePath;
use super::schema::{Attribute, ResourceSchema};

pub(super) use evaluate::{Verdict, as_boolean, same_value};
pub use parse::{MAX_DEPTH, MAX_LENGTH};
pub(super) use parse::{attribute_path, patch_path};
pub(super) use problem::in_brackets;
pub use problem::{Problem, Reason};

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
    /// A Boolean in quotes: `primary eq "True"` (ambiguity 11).
    QuotedBoolean(String),
    /// `True` for `true`, single quotes; the text as it was written (ambiguity 25).
    Spelling(String),
    /// A missing blank, or one where the grammar has none (ambiguity 25).
    Blanks,
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

impl Operator {
    const ALL: [(Self, &str); 9] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Co, "co"),
        (Self::Sw, "sw"),
        (Self::Ew, "ew"),
        (Self::Gt, "gt"),
        (Self::Ge, "ge"),
        (Self::Lt, "lt"),
        (Self::Le, "le"),
    ];

    /// The operator of that name, compared without case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| n.eq_ignore_ascii_case(name)).map(|(operator, _)| *operator)
    }

    /// Its name in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(operator, _)| *operator == self).map_or("", |(_, name)| name)
    }
}

impl Filter {
    /// Reads a filter: by the RFC's grammar, and beyond it what IdPs are known to send; deviations are told.
    ///
    /// # Errors
    /// The place where the text is no filter even so.
    pub fn parse(text: &str) -> Result<(Self, Vec<Deviation>), SyntaxError> {
        parse::filter(text)
    }

    /// Whether a resource matches; what the schema does not know is compared as the JSON type it has.
    #[must_use]
    pub fn matches(&self, resource: &Json, schema: &ResourceSchema) -> Truth {
        evaluate::verdict(self, Context::Resource { resource, schema }).truth
    }

    /// Whether a resource matches, with the answer that clients expect where the RFC leaves it open: a quoted Boolean is
    /// a Boolean, `name eq "x"` looks at `value`, a missing value is unequal to every other, `eq null` means no value.
    #[must_use]
    pub fn selects(&self, resource: &Json, schema: &ResourceSchema) -> bool {
        evaluate::verdict(self, Context::Resource { resource, schema }).usual
    }

    /// The same for one value of a multi-valued attribute: what a value filter between brackets says about it.
    pub(super) fn on_element(&self, element: &Json, parent: &Attribute) -> Verdict {
        evaluate::verdict(self, Context::Element { element, parent: Some(parent) })
    }

    /// Why a service provider may or must refuse this filter for resources of a type.
    #[must_use]
    pub fn problems(&self, schema: &ResourceSchema) -> Vec<Problem> {
        problem::in_resource(self, schema)
    }

    /// Every attribute that the filter looks at, in its order; those between brackets with their parent in front.
    #[must_use]
    pub fn attributes(&self) -> Vec<AttributePath> {
        match self {
            Self::Present(path) | Self::Compare(path, ..) => vec![path.clone()],
            Self::Not(inner) => inner.attributes(),
            Self::And(left, right) | Self::Or(left, right) => {
                let mut paths = left.attributes();
                paths.extend(right.attributes());
                paths
            }
            Self::Element(parent, inner, behind) => {
                let mut paths = inner.attributes();
                paths.extend(behind.iter().flat_map(|behind| behind.attributes()));
                paths.into_iter().map(|sub| AttributePath { sub: Some(sub.attribute), ..parent.clone() }).collect()
            }
        }
    }
}

/// The filter's text, by the RFC's grammar where it can be.
impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(path, operator, value) => write!(f, "{path} {} {value}", operator.name()),
            Self::Element(path, inner, None) => write!(f, "{path}[{inner}]"),
            Self::Element(path, inner, Some(behind)) => write!(f, "{path}[{inner}].{behind}"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(left, right) => {
                grouped(f, left, matches!(**left, Self::Or(..)))?;
                f.write_str(" and ")?;
                grouped(f, right, matches!(**right, Self::Or(..) | Self::And(..)))
            }
            Self::Or(left, right) => {
                write!(f, "{left} or ")?;
                grouped(f, right, matches!(**right, Self::Or(..)))
            }
        }
    }
}

/// Parentheses where precedence, or the side on which operators of one kind bind, needs them.
fn grouped(f: &mut std::fmt::Formatter<'_>, filter: &Filter, parentheses: bool) -> std::fmt::Result {
    if parentheses { write!(f, "({filter})") } else { write!(f, "{filter}") }
}
