//! What a filter says about a resource (RFC 7644 section 3.4.2.2), and where the RFC does not say it.

use std::cmp::Ordering;

use super::{Filter, Operator, Truth};
use crate::scim::date_time;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};
use crate::scim::sub_attribute::sub_attribute;

/// What a filter is applied to.
#[derive(Clone, Copy)]
pub(in crate::scim) enum Context<'a> {
    /// A whole resource.
    Resource { resource: &'a Json, schema: &'a ResourceSchema },
    /// One value of a multi-valued attribute: what stands between brackets.
    Element { element: &'a Json, parent: Option<&'a Attribute> },
}

/// The value of a filter, and the answer that clients expect where it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scim) struct Verdict {
    /// What follows from the RFC.
    pub truth: Truth,
    /// What is usual; the same where the RFC decides.
    pub usual: bool,
}

impl Verdict {
    fn is(yes: bool) -> Self {
        Self { truth: if yes { Truth::Yes } else { Truth::No }, usual: yes }
    }

    fn open(ambiguity: u8, usual: bool) -> Self {
        Self { truth: Truth::Open(ambiguity), usual }
    }

    fn and(self, other: Self) -> Self {
        let truth = match (self.truth, other.truth) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Open(n), _) | (_, Truth::Open(n)) => Truth::Open(n),
            (Truth::Yes, Truth::Yes) => Truth::Yes,
        };
        Self { truth, usual: self.usual && other.usual }
    }

    fn not(self) -> Self {
        let truth = match self.truth {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            open @ Truth::Open(_) => open,
        };
        Self { truth, usual: !self.usual }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    fn any(verdicts: impl Iterator<Item = Self>) -> Self {
        verdicts.fold(Self::is(false), Self::or)
    }
}

/// Evaluates a filter; the logic is Kleene's.
pub(in crate::scim) fn verdict(filter: &Filter, context: Context<'_>) -> Verdict {
    evaluate(filter, context, false)
}

/// `negated`: inside a `not`, where a missing value may count as "unknown" instead of "does not match" (ambiguity 28).
fn evaluate(filter: &Filter, context: Context<'_>, negated: bool) -> Verdict {
    match filter {
        Filter::Present(path) => present(&Field::find(path, context)),
        Filter::Compare(path, operator, literal) => compare(&Field::find(path, context), *operator, literal, negated),
        Filter::Element(path, inner, behind) => {
            let field = Field::find(path, context);
            if field.values.is_empty() {
                return nothing(&field, negated);
            }
            Verdict::any(field.values.iter().map(|element| {
                let context = Context::Element { element, parent: field.definition };
                let behind = behind.as_ref().map_or(Verdict::is(true), |behind| evaluate(behind, context, negated));
                evaluate(inner, context, negated).and(behind)
            }))
        }
        Filter::Not(inner) => evaluate(inner, context, true).not(),
        Filter::And(left, right) => evaluate(left, context, negated).and(evaluate(right, context, negated)),
        Filter::Or(left, right) => evaluate(left, context, negated).or(evaluate(right, context, negated)),
    }
}

/// What an attribute path finds.
struct Field<'a> {
    definition: Option<&'a Attribute>,
    /// Whether the schema or the resource knows the attribute.
    known: bool,
    /// Its values, none of them unassigned.
    values: Vec<&'a Json>,
    /// How many elements have no value for the sub-attribute.
    missing: usize,
    /// Whether it holds several values.
    several: bool,
}

impl<'a> Field<'a> {
    fn find(path: &AttributePath, context: Context<'a>) -> Self {
        let whole = match context {
            Context::Element { element, parent } => Self::in_element(path, element, parent),
            Context::Resource { resource, schema } => Self::in_resource(path, resource, schema),
        };
        match &path.sub {
            Some(sub) => whole.sub(sub),
            None => whole,
        }
    }

    fn in_resource(path: &AttributePath, resource: &'a Json, schema: &'a ResourceSchema) -> Self {
        let definition = schema.find(&AttributePath { sub: None, ..path.clone() });
        let container = match &path.urn {
            Some(urn) if !urn.eq_ignore_ascii_case(&schema.core.id) => resource.get(urn),
            _ => Some(resource),
        };
        Self::new(definition, container.and_then(|container| container.get(&path.attribute)))
    }

    fn in_element(path: &AttributePath, element: &'a Json, parent: Option<&'a Attribute>) -> Self {
        // The values of a simple attribute have no members; "value" is the value itself.
        if element.as_object().is_none() && path.attribute.eq_ignore_ascii_case("value") {
            return Self { several: false, ..Self::new(parent, Some(element)) };
        }
        Self::new(parent.and_then(|parent| sub_attribute(parent, &path.attribute)), element.get(&path.attribute))
    }

    fn new(definition: Option<&'a Attribute>, value: Option<&'a Json>) -> Self {
        let several = definition.is_some_and(|d| d.multi_valued) || matches!(value, Some(Json::Array(_)));
        let known = definition.is_some() || value.is_some();
        Self { definition, known, values: values(value), missing: 0, several }
    }

    /// The same for a sub-attribute.
    fn sub(&self, name: &str) -> Self {
        let definition = self.definition.and_then(|definition| sub_attribute(definition, name));
        let inner: Vec<Vec<&Json>> = self.values.iter().map(|element| values(element.get(name))).collect();
        let missing = inner.iter().filter(|values| values.is_empty()).count();
        let values: Vec<&Json> = inner.into_iter().flatten().collect();
        let known = definition.is_some() || !values.is_empty();
        Self { definition, known, values, missing, several: self.several }
    }

    fn is_complex(&self) -> bool {
        self.definition.is_some_and(|d| d.kind == Type::Complex) || self.values.iter().any(|v| v.as_object().is_some())
    }
}

/// The assigned values of an attribute: of an array its elements.
fn values(value: Option<&Json>) -> Vec<&Json> {
    match value {
        Some(Json::Array(items)) => items.iter().filter(|item| !item.is_unassigned()).collect(),
        Some(value) if !value.is_unassigned() => vec![value],
        _ => Vec::new(),
    }
}

fn present(field: &Field<'_>) -> Verdict {
    if field.known { Verdict::is(field.values.iter().any(|value| has_content(value))) } else { nothing(field, false) }
}

/// `pr` wants a value that is not empty, or a complex one with a node that is not (RFC 7644 table 3).
fn has_content(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => items.iter().any(has_content),
        Json::Object(members) => members.iter().any(|(_, member)| has_content(member)),
        Json::Bool(_) | Json::Number(_) => true,
    }
}

/// A positive statement about an attribute without value.
fn nothing(field: &Field<'_>, negated: bool) -> Verdict {
    match (field.known, negated) {
        (false, _) => Verdict::open(24, false),
        (true, true) => Verdict::open(28, false),
        (true, false) => Verdict::is(false),
    }
}

fn compare(field: &Field<'_>, operator: Operator, literal: &Json, negated: bool) -> Verdict {
    if *literal == Json::Null {
        return compare_null(field, operator);
    }
    if field.is_complex() {
        let value = compare(&field.sub("value"), operator, literal, negated);
        return if field.several { value } else { Verdict::open(26, value.usual) };
    }
    if operator == Operator::Ne {
        return unequal(field, literal);
    }
    if field.values.is_empty() {
        return nothing(field, negated);
    }
    Verdict::any(field.values.iter().map(|value| holds(value, operator, literal, field.definition)))
}

/// `eq null`: no value, or never true. `ne null`: a value, or never true (ambiguity 28).
fn compare_null(field: &Field<'_>, operator: Operator) -> Verdict {
    let present = present(field);
    match (operator, present.truth) {
        (_, Truth::Open(_)) => present,
        (Operator::Eq, Truth::No) => Verdict::open(28, true),
        (Operator::Ne, _) => Verdict::open(28, present.usual),
        // One value of several has it, another has not.
        (Operator::Eq, _) if field.missing > 0 => Verdict::open(28, false),
        _ => Verdict::is(false),
    }
}

/// `ne`: by the text any differing value matches; with an equal one beside it, or with a missing one, readers differ.
fn unequal(field: &Field<'_>, literal: &Json) -> Verdict {
    if !field.known {
        return nothing(field, false);
    }
    if field.values.is_empty() {
        return Verdict::open(28, true);
    }
    let each: Vec<Verdict> =
        field.values.iter().map(|value| holds(value, Operator::Ne, literal, field.definition)).collect();
    let any = Verdict::any(each.iter().copied());
    let mixed = any.truth == Truth::Yes && each.iter().any(|verdict| verdict.truth == Truth::No);
    let incomplete = any.truth == Truth::No && field.missing > 0;
    if mixed || incomplete { Verdict::open(28, any.usual) } else { any }
}

/// One value against one literal.
fn holds(value: &Json, operator: Operator, literal: &Json, definition: Option<&Attribute>) -> Verdict {
    let kind = definition.map(|definition| definition.kind);
    if kind == Some(Type::Boolean) || matches!((value, literal), (Json::Bool(_), _)) {
        return boolean(value, operator, literal);
    }
    let exact = is_exact(definition);
    if let (Some(text), Some(part)) = (value.as_str(), literal.as_str()) {
        let (text, part) = (fold(text, exact), fold(part, exact));
        match operator {
            Operator::Co => return Verdict::is(text.contains(&part)),
            Operator::Sw => return Verdict::is(text.starts_with(&part)),
            Operator::Ew => return Verdict::is(text.ends_with(&part)),
            _ => {}
        }
    }
    let order = order(value, literal, kind, exact);
    Verdict::is(match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        // Binary values have no order (RFC 7644 table 3).
        _ if kind == Some(Type::Binary) => false,
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    })
}

/// A Boolean is equal or not; whether `"true"` in quotes is one is ambiguity 11.
fn boolean(value: &Json, operator: Operator, literal: &Json) -> Verdict {
    let (Operator::Eq | Operator::Ne) = operator else { return Verdict::is(false) };
    let negative = operator == Operator::Ne;
    let literally = (value == literal) != negative;
    let (Some(left), Some(right)) = (as_boolean(value), as_boolean(literal)) else { return Verdict::is(negative) };
    let meant = (left == right) != negative;
    if meant == literally { Verdict::is(meant) } else { Verdict::open(11, meant) }
}

/// A Boolean, also in quotes and in any case, as Entra ID sends it.
pub(in crate::scim) fn as_boolean(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(boolean) => Some(*boolean),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether case counts: as published, and always for binary values and references (RFC 7643 sections 2.3.6, 2.3.7).
fn is_exact(definition: Option<&Attribute>) -> bool {
    definition.is_some_and(|d| d.case_exact || matches!(d.kind, Type::Binary | Type::Reference))
}

fn fold(text: &str, exact: bool) -> String {
    if exact { text.to_owned() } else { text.to_lowercase() }
}

/// The order of two simple values; `None` when they cannot be compared.
fn order(left: &Json, right: &Json, kind: Option<Type>, exact: bool) -> Option<Ordering> {
    match (left, right) {
        (Json::String(left), Json::String(right)) => {
            let instants = || Some(date_time::parse(left)?.cmp(&date_time::parse(right)?));
            let as_times = if kind == Some(Type::DateTime) { instants() } else { None };
            as_times.or_else(|| Some(fold(left, exact).cmp(&fold(right, exact))))
        }
        (Json::Number(_), Json::Number(_)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
        },
        (Json::Bool(left), Json::Bool(right)) if left == right => Some(Ordering::Equal),
        _ => None,
    }
}

/// Whether two simple values are equal as `eq` compares them.
pub(in crate::scim) fn same_value(left: &Json, right: &Json, definition: Option<&Attribute>) -> bool {
    order(left, right, definition.map(|d| d.kind), is_exact(definition)) == Some(Ordering::Equal)
}
