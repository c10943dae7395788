//! Why a filter does not fit a schema: what a service provider must or may refuse with `invalidFilter`.

use super::evaluate::as_boolean;
use super::{Filter, Operator};
use crate::scim::date_time;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};
use crate::scim::sub_attribute::sub_attribute;

/// One place where a filter does not fit a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The attribute, inside brackets with its parent in front.
    pub path: AttributePath,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with an attribute in a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No schema defines it (ambiguity 24: refused, or without value).
    Unknown,
    /// `gt`, `ge`, `lt`, `le` on a Boolean or binary value must be refused (RFC 7644 section 3.4.2.2).
    NoOrder,
    /// A single-valued complex attribute is compared without a sub-attribute (ambiguity 26: refused, or no match).
    Complex,
    /// A Boolean is compared with a quoted word (ambiguity 11: refused, or read as what it says).
    QuotedBoolean,
    /// The literal's JSON type is another than the attribute's.
    LiteralType,
}

impl Reason {
    /// Whether refusing is the only way; otherwise a service provider may also take the filter.
    #[must_use]
    pub fn must_refuse(self) -> bool {
        self == Self::NoOrder
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = &self.path;
        match self.reason {
            Reason::Unknown => write!(f, "no schema defines {path}"),
            Reason::NoOrder => write!(f, "{path} has no order"),
            Reason::Complex => write!(f, "{path} is complex: name one of its sub-attributes"),
            Reason::QuotedBoolean => write!(f, "{path} is a Boolean: write true or false without quotes"),
            Reason::LiteralType => write!(f, "{path} is compared with a value of another type"),
        }
    }
}

/// The problems of a filter over whole resources.
pub(super) fn in_resource(filter: &Filter, schema: &ResourceSchema) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(filter, &|path| schema.find(path), None, &mut problems);
    problems
}

/// The problems of a filter over the values of one attribute.
pub(in crate::scim) fn in_brackets(filter: &Filter, path: &AttributePath, attribute: &Attribute) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(filter, &|sub| element_attribute(attribute, sub), Some(path), &mut problems);
    problems
}

/// What a name between brackets means; `value` of a simple attribute is the value itself.
fn element_attribute<'a>(parent: &'a Attribute, path: &AttributePath) -> Option<&'a Attribute> {
    let plain = path.urn.is_none() && path.sub.is_none();
    let itself = parent.kind != Type::Complex && path.attribute.eq_ignore_ascii_case("value");
    if itself { Some(parent) } else { sub_attribute(parent, &path.attribute) }.filter(|_| plain)
}

type Find<'f, 'a> = &'f dyn Fn(&AttributePath) -> Option<&'a Attribute>;

fn walk(filter: &Filter, find: Find<'_, '_>, parent: Option<&AttributePath>, problems: &mut Vec<Problem>) {
    let mut add = |path: &AttributePath, reason: Option<Reason>| {
        let full = parent.map_or_else(
            || path.clone(),
            |parent| AttributePath { sub: Some(path.attribute.clone()), ..parent.clone() },
        );
        problems.extend(reason.map(|reason| Problem { path: full, reason }));
    };
    match filter {
        Filter::Present(path) => add(path, find(path).is_none().then_some(Reason::Unknown)),
        Filter::Compare(path, operator, literal) => add(path, comparison(find(path), *operator, literal)),
        Filter::Element(path, inner, behind) => match find(path) {
            None => add(path, Some(Reason::Unknown)),
            Some(attribute) => {
                for filter in std::iter::once(inner).chain(behind) {
                    problems.extend(in_brackets(filter, path, attribute));
                }
            }
        },
        Filter::Not(inner) => walk(inner, find, parent, problems),
        Filter::And(left, right) | Filter::Or(left, right) => {
            walk(left, find, parent, problems);
            walk(right, find, parent, problems);
        }
    }
}

fn comparison(attribute: Option<&Attribute>, operator: Operator, literal: &Json) -> Option<Reason> {
    let Some(mut attribute) = attribute else { return Some(Reason::Unknown) };
    if attribute.kind == Type::Complex {
        let value = attribute.sub("value").filter(|_| attribute.multi_valued);
        let Some(value) = value else { return Some(Reason::Complex) };
        attribute = value;
    }
    let ordering = matches!(operator, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
    if ordering && matches!(attribute.kind, Type::Boolean | Type::Binary) {
        return Some(Reason::NoOrder);
    }
    // Times have a chronological order only (RFC 7644 table 3): a text that names no instant has no place in it.
    let no_time = attribute.kind == Type::DateTime && literal.as_str().is_some_and(|text| !date_time::is_valid(text));
    if ordering && no_time {
        return Some(Reason::LiteralType);
    }
    literal_type(attribute, literal)
}

fn literal_type(attribute: &Attribute, literal: &Json) -> Option<Reason> {
    let fits = match (attribute.kind, literal) {
        (_, Json::Null) => true,
        (Type::Boolean, Json::String(_)) if as_boolean(literal).is_some() => return Some(Reason::QuotedBoolean),
        (Type::Boolean, literal) => literal.as_bool().is_some(),
        (Type::Integer | Type::Decimal, literal) => literal.as_f64().is_some(),
        (_, literal) => literal.as_str().is_some(),
    };
    (!fits).then_some(Reason::LiteralType)
}
