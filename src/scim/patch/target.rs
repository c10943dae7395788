//! What the path of an operation points to.

use super::{Refusal, Terms};
use crate::scim::filter::{Deviation, Filter, Reason, in_brackets};
use crate::scim::path::{AttributePath, PatchPath, known_urn};
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Type};
use crate::scim::sub_attribute::sub_attribute;

/// A place in a resource.
pub(super) enum Place<'s> {
    /// A whole extension, by its URN; `None`: the top level, under the core schema's URN.
    Schema(Option<&'s str>),
    /// An attribute, or what is in it.
    Attribute(Target<'s>),
}

/// An attribute with the selection of its values.
pub(super) struct Target<'s> {
    /// URN of the extension that holds it; `None`: the top level.
    pub(super) extension: Option<&'s str>,
    /// Its definition.
    pub(super) attribute: &'s Attribute,
    /// Which of its values.
    pub(super) filter: Option<Filter>,
    /// Which part of them.
    pub(super) sub: Option<&'s Attribute>,
}

impl<'s> Target<'s> {
    /// A whole attribute.
    pub(super) fn whole(extension: Option<&'s str>, attribute: &'s Attribute) -> Self {
        Self { extension, attribute, filter: None, sub: None }
    }

    pub(super) fn is_read_only(&self) -> bool {
        let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        read_only(self.attribute) || self.sub.is_some_and(read_only)
    }

    /// Attribute notation, for messages.
    pub(super) fn name(&self) -> String {
        let sub = self.sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        format!("{}{sub}", self.attribute.name)
    }
}

/// Understands a path.
pub(super) fn read<'s>(text: &str, schema: &'s ResourceSchema, terms: &mut Terms) -> Result<Place<'s>, Refusal> {
    let (path, deviations) =
        PatchPath::parse(text).map_err(|error| Refusal::path(format!("the path \"{text}\": {error}")))?;
    for deviation in deviations {
        judge(&deviation, terms)?;
    }
    resolve(path, None, schema, terms)
}

/// A path that was parsed; without a URN it starts at `extension`.
pub(super) fn resolve<'s>(
    path: PatchPath,
    extension: Option<&'s str>,
    schema: &'s ResourceSchema,
    terms: &mut Terms,
) -> Result<Place<'s>, Refusal> {
    match path.resolve(schema) {
        PatchPath::Schema(urn) => match known_urn(&urn, schema) {
            Some(urn) => Ok(Place::Schema(Some(urn).filter(|urn| *urn != schema.core.id))),
            None => Err(Refusal::path(format!("no schema has the URN {urn}"))),
        },
        PatchPath::Attribute { mut target, filter } => {
            target.urn = target.urn.or_else(|| extension.map(str::to_owned));
            let place = attribute(&target, filter, schema, terms)?;
            Ok(Place::Attribute(place))
        }
    }
}

/// How a path departs from the grammar: the RFC itself prints one without a blank, the rest is for IdPs only.
fn judge(deviation: &Deviation, terms: &mut Terms) -> Result<(), Refusal> {
    match deviation {
        Deviation::Blanks => terms.reading(25),
        Deviation::Unquoted(word) | Deviation::Spelling(word) => {
            terms.tolerate(25, || Refusal::path(format!("{word} is not written as JSON")))?;
        }
        // Judged where the schema is at hand.
        Deviation::QuotedBoolean(_) | Deviation::ComparisonBehindBrackets => {}
    }
    Ok(())
}

fn attribute<'s>(
    path: &AttributePath,
    filter: Option<Filter>,
    schema: &'s ResourceSchema,
    terms: &mut Terms,
) -> Result<Target<'s>, Refusal> {
    let (extension, attribute) =
        locate(path, schema, terms).ok_or_else(|| Refusal::path(format!("no schema defines {path}")))?;
    let sub = match &path.sub {
        None => None,
        Some(name) => Some(
            sub_attribute(attribute, name)
                .ok_or_else(|| Refusal::path(format!("{} has no sub-attribute {name}", attribute.name)))?,
        ),
    };
    if let Some(filter) = &filter {
        fitting(filter, path, attribute, terms)?;
    }
    Ok(Target { extension, attribute, filter, sub })
}

/// The definition behind a path, and the extension that it is in.
pub(super) fn locate<'s>(
    path: &AttributePath,
    schema: &'s ResourceSchema,
    terms: &mut Terms,
) -> Option<(Option<&'s str>, &'s Attribute)> {
    let whole = AttributePath { sub: None, ..path.clone() };
    if let Some(attribute) = schema.find(&whole) {
        let urn = path.urn.as_ref().and_then(|urn| known_urn(urn, schema));
        return Some((urn.filter(|urn| *urn != schema.core.id), attribute));
    }
    if path.urn.is_some() || !terms.tolerant() {
        return None;
    }
    // Old Entra ID jobs write "manager" for the extension's attribute; the URN is a SHOULD (RFC 7644 section 3.10).
    let (urn, attribute) = schema
        .extensions
        .iter()
        .find_map(|(extension, _)| Some((extension.id.as_str(), extension.attribute(&path.attribute)?)))?;
    terms.reading(6);
    Some((Some(urn), attribute))
}

/// Whether a value filter fits the attribute.
fn fitting(filter: &Filter, path: &AttributePath, attribute: &Attribute, terms: &mut Terms) -> Result<(), Refusal> {
    if !attribute.multi_valued {
        let refusal = || Refusal::path(format!("{} has one value: there is nothing to select", attribute.name));
        if attribute.kind != Type::Complex {
            return Err(refusal());
        }
        // Entra ID removes a manager by manager[value eq "id"].
        terms.tolerate(38, refusal)?;
    }
    for problem in in_brackets(filter, path, attribute) {
        match problem.reason {
            Reason::Unknown => return Err(Refusal::path(problem.to_string())),
            Reason::QuotedBoolean => terms.tolerate(11, || Refusal::filter(problem.to_string()))?,
            Reason::NoOrder | Reason::Complex | Reason::LiteralType => {
                return Err(Refusal::filter(problem.to_string()));
            }
        }
    }
    Ok(())
}
