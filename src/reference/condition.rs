//! Filters of requests (RFC 7644 section 3.4.2.2): read, fitted to the resource types, refused where they do not fit.

use std::sync::Arc;

use crate::scim::filter::{Deviation, Filter, Reason};
use crate::scim::json::Json;
use crate::scim::patch::Policy;
use crate::scim::path::AttributePath;
use crate::scim::schema::{ResourceSchema, Returned};

use super::refusal::Refusal;

/// A filter that fits what is searched.
pub(super) struct Condition(Filter);

impl Condition {
    /// Reads a filter over one type, or over several (section 3.4.2.1), where an attribute may be unknown to some.
    ///
    /// # Errors
    /// 400 `invalidFilter` for what is no filter, or asks what the schemas cannot answer.
    pub(super) fn read(text: &str, types: &[Arc<ResourceSchema>], policy: Policy) -> Result<Self, Refusal> {
        let (mut filter, deviations) = Filter::parse(text).map_err(|error| invalid(&format!("{error}.")))?;
        if let Some(deviation) = deviations.iter().find(|deviation| !is_tolerated(deviation, policy)) {
            return Err(invalid(&format!("The filter departs from the grammar of RFC 7644: {deviation:?}.")));
        }
        if policy == Policy::Tolerant {
            filter = qualified(filter, types);
        }
        for schema in types {
            check(&filter, schema, types.len() > 1, policy)?;
        }
        Ok(Self(filter))
    }

    /// Whether a resource is found.
    pub(super) fn selects(&self, representation: &Json, schema: &ResourceSchema) -> bool {
        self.0.selects(representation, schema)
    }

    /// The expression.
    pub(super) fn filter(&self) -> &Filter {
        &self.0
    }
}

fn invalid(detail: &str) -> Refusal {
    Refusal::bad("invalidFilter", detail)
}

/// What identity providers are known to write; a word without quotes is nobody's habit.
fn is_tolerated(deviation: &Deviation, policy: Policy) -> bool {
    policy == Policy::Tolerant && !matches!(deviation, Deviation::Unquoted(_) | Deviation::Spelling(_))
}

fn check(filter: &Filter, schema: &ResourceSchema, several: bool, policy: Policy) -> Result<(), Refusal> {
    let problems = filter.problems(schema);
    let refused = problems.iter().find(|problem| match problem.reason {
        Reason::Unknown => !several,
        Reason::Complex => policy == Policy::Strict || !has_value(&problem.path, schema),
        Reason::QuotedBoolean => policy == Policy::Strict,
        Reason::NoOrder | Reason::LiteralType => true,
    });
    if let Some(problem) = refused {
        return Err(invalid(&format!("{problem}.")));
    }
    let hidden = |path: &AttributePath| schema.find(path).is_some_and(|found| found.returned == Returned::Never);
    match filter.attributes().into_iter().find(hidden) {
        Some(path) => Err(invalid(&format!("{path} is never returned, and no filter may guess it."))),
        None => Ok(()),
    }
}

/// Whether a complex attribute has a `value` that a bare comparison can mean.
fn has_value(path: &AttributePath, schema: &ResourceSchema) -> bool {
    schema.find(path).is_some_and(|attribute| attribute.sub("value").is_some())
}

/// The filter with the extension's URN in front of attributes that only an extension has: Entra ID asks for `manager`.
fn qualified(filter: Filter, types: &[Arc<ResourceSchema>]) -> Filter {
    let again = |inner: Box<Filter>| Box::new(qualified(*inner, types));
    match filter {
        Filter::Present(path) => Filter::Present(qualified_path(path, types)),
        Filter::Compare(path, operator, value) => Filter::Compare(qualified_path(path, types), operator, value),
        Filter::Element(path, inner, behind) => Filter::Element(qualified_path(path, types), inner, behind),
        Filter::Not(inner) => Filter::Not(again(inner)),
        Filter::And(left, right) => Filter::And(again(left), again(right)),
        Filter::Or(left, right) => Filter::Or(again(left), again(right)),
    }
}

fn qualified_path(path: AttributePath, types: &[Arc<ResourceSchema>]) -> AttributePath {
    if types.iter().any(|schema| schema.find(&path).is_some()) {
        return path;
    }
    let extensions = types.iter().flat_map(|schema| &schema.extensions);
    match extensions.map(|(extension, _)| extension).find(|extension| extension.attribute(&path.attribute).is_some()) {
        Some(extension) if path.urn.is_none() => AttributePath { urn: Some(extension.id.clone()), ..path },
        _ => path,
    }
}
