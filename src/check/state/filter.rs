//! A filtered list holds what matches, and nothing else.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::requirement::ambiguity::{A29_UNFILTERED, A40_INACTIVE_HIDDEN};
use crate::scim::filter::{Filter, Operator, Truth};
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{ResourceSchema, Returned, Type};
use crate::scim::urn;
use crate::shadow::Record;

pub(super) static FILTER: Check = Check {
    id: "state/filter",
    requirements: &["RFC7644-3.4.2.2-02", "RFC7644-3.4.2.2-09", "RFC7644-3.4.2.2-54", "RFC7643-4.1.1-20"],
    title: "A filtered list holds the resources that match and no other",
    why: "Every IdP looks before it creates. A look-up that misses makes a second account; one that finds somebody \
          else lets the IdP take over that account.",
    fix: "Evaluate the filter over all resources, the inactive ones too, comparing userName without case; refuse with \
          400 and invalidFilter what you cannot evaluate, never ignore it.",
    judge: Judge::State,
};

/// A filter with the place where its list answers.
#[derive(Clone, Copy)]
pub(super) struct Query<'q> {
    /// The filter.
    pub(super) filter: &'q Filter,
    /// The type that is asked for.
    pub(super) schema: &'q ResourceSchema,
    /// Filtering is advertised as not supported.
    pub(super) unsupported: bool,
    /// Whether a value was invented by this run, or is an id that it got: nobody else has it.
    pub(super) invented: &'q dyn Fn(&str) -> bool,
}

impl Query<'_> {
    /// What the filter says about an own resource; `None` when its values are not known well enough.
    pub(super) fn truth(&self, record: &Record<'_>) -> Option<Truth> {
        let paths = self.filter.attributes();
        if record.uncertain || paths.iter().any(|path| !self.is_reliable(path, record)) {
            return None;
        }
        Some(self.filter.matches(&record.state, self.schema))
    }

    /// An own resource that matches is not in the list.
    pub(super) fn missing(&self, record: &Record<'_>) -> Told {
        let the = words::the(record);
        let inactive = record.state.get("active").and_then(Json::as_bool) == Some(false);
        let name = words::name(record);
        let expected = format!("{the} {name} for {}", self.filter);
        let mut finding = Finding::new(Location::Body("/Resources".to_owned()), expected, "not in the list");
        let mut harm = format!("the look-up does not find {the}");
        if inactive {
            finding = finding.of("RFC7643-4.1.1-20").read_as(A40_INACTIVE_HIDDEN);
            finding.actual = format!("not in the list: {the} is inactive");
            harm = format!("{the} is not found once deactivated, and is created a second time");
        } else if self.differs_in_case(record) {
            finding = finding.of("RFC7644-3.4.2.2-54");
            finding.actual.push_str(": the case of the letters differs");
        }
        self.read(Told::new(&FILTER, finding).harm(harm).step_knows())
    }

    /// An own resource that does not match is in the list.
    pub(super) fn wrong(&self, record: &Record<'_>, index: usize) -> Told {
        let at = Location::Body(format!("/Resources/{index}"));
        let expected = format!("only resources for which {} holds", self.filter);
        let finding = Finding::new(at, expected, format!("{} {}", words::the(record), words::name(record)));
        self.read(Told::new(&FILTER, finding).harm("the look-up finds somebody else").step_knows())
    }

    /// Resources of other people came although the filter names an invented value.
    pub(super) fn ignored(&self, strangers: usize, first: usize) -> Told {
        let at = Location::Body(format!("/Resources/{first}"));
        let actual = match strangers {
            1 => "a resource that does not match: the filter is ignored".to_owned(),
            n => format!("{n} resources that do not match: the filter is ignored"),
        };
        let finding = Finding::new(at, format!("only resources for which {} holds", self.filter), actual);
        self.read(Told::new(&FILTER, finding).harm("the look-up finds somebody else").step_knows())
    }

    /// Whether a resource of somebody else cannot match: the filter compares an identifying attribute with an invented
    /// value. A masked value keeps its length, so one of another length is another value.
    pub(super) fn excludes(&self, stranger: &Json) -> bool {
        let Some((path, wanted)) = self.decides(self.filter) else { return false };
        if self.filter.matches(stranger, self.schema) != Truth::No {
            return false;
        }
        let shown = stranger.get(&path.attribute);
        match shown {
            Some(Json::String(text)) => text.chars().count() != wanted.chars().count(),
            Some(Json::Array(_) | Json::Object(_)) => true,
            _ => !path.attribute.eq_ignore_ascii_case("userName"),
        }
    }

    fn read(&self, mut told: Told) -> Told {
        if self.unsupported {
            told.finding.reading = Some(A29_UNFILTERED);
            return told.against_intent(true);
        }
        told
    }

    /// A comparison with a value that only this run can have, if one decides alone.
    fn decides<'f>(&self, filter: &'f Filter) -> Option<(&'f AttributePath, &'f str)> {
        match filter {
            Filter::Compare(path, Operator::Eq, Json::String(value)) => {
                let name = path.attribute.as_str();
                let is = |known: &str| name.eq_ignore_ascii_case(known);
                let identifies = is("userName")
                    || is("externalId")
                    || is("emails")
                    || (is("displayName") && self.schema.core.id == urn::GROUP)
                    || (self.invented)(value);
                identifies.then_some((path, value.as_str()))
            }
            Filter::Element(path, _, Some(behind)) if path.attribute.eq_ignore_ascii_case("emails") => {
                match &**behind {
                    Filter::Compare(_, Operator::Eq, Json::String(value)) => Some((path, value.as_str())),
                    _ => None,
                }
            }
            Filter::And(left, right) => self.decides(left).or_else(|| self.decides(right)),
            _ => None,
        }
    }

    /// Whether the value of an attribute is known: it was read, or it is one that every target keeps. Left out are
    /// values that are never shown, and the ambiguous comparison of a whole complex attribute.
    fn is_reliable(&self, path: &AttributePath, record: &Record<'_>) -> bool {
        let whole = AttributePath { sub: None, ..path.clone() };
        let Some(attribute) = self.schema.find(&whole) else { return false };
        let hidden = matches!(attribute.returned, Returned::Never | Returned::Request);
        if hidden || (attribute.kind == Type::Complex && path.sub.is_none()) {
            return false;
        }
        if ["id", "userName"].iter().any(|known| path.attribute.eq_ignore_ascii_case(known)) {
            return true;
        }
        let group_name = path.attribute.eq_ignore_ascii_case("displayName") && self.schema.core.id == urn::GROUP;
        let container = path.urn.as_ref().and_then(|urn| record.state.get(urn));
        let value = container.unwrap_or(&record.state).get(&path.attribute);
        let dropped = value.is_none() && record.has_set(&whole.to_string());
        group_name || (record.shown && !dropped)
    }

    fn differs_in_case(&self, record: &Record<'_>) -> bool {
        let Filter::Compare(path, Operator::Eq, Json::String(value)) = self.filter else { return false };
        let stored = record.state.get(&path.attribute).and_then(Json::as_str);
        stored.is_some_and(|stored| stored != value && stored.to_lowercase() == value.to_lowercase())
    }
}
