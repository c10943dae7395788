//! The small vocabulary of checks: findings and how they become a judgement.

use super::{Finding, Judgement, Location, Reading, Subject};
use crate::scim::json::{Json, same_name};

pub(super) use crate::scim::schema::value::in_words;

/// One answer tells a defect this often at most: a hundred items with the same slip are one slip.
const MOST: usize = 5;

impl Finding {
    /// A defect: where, what should be, what is.
    #[must_use]
    pub fn new(at: Location, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { at, expected: expected.into(), actual: actual.into(), reading: None, requirement: None }
    }

    /// What is, in other words.
    #[must_use]
    pub fn actually(mut self, actual: impl Into<String>) -> Self {
        self.actual = actual.into();
        self
    }

    /// The severity comes from this reading of an ambiguous place.
    #[must_use]
    pub fn read_as(mut self, reading: Reading) -> Self {
        self.reading = Some(reading);
        self
    }

    /// It violates this requirement, not the check's first.
    #[must_use]
    pub fn of(mut self, requirement: &'static str) -> Self {
        self.requirement = Some(requirement);
        self
    }
}

impl From<Finding> for Judgement {
    fn from(finding: Finding) -> Self {
        Self::Violates(vec![finding])
    }
}

impl From<Option<Finding>> for Judgement {
    /// No finding: as it should be.
    fn from(finding: Option<Finding>) -> Self {
        finding.map_or(Self::Conforms, Self::from)
    }
}

/// Findings as they are gathered; empty becomes [`Judgement::Conforms`].
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn tell(&mut self, finding: Finding) {
        if self.0.len() < MOST {
            self.0.push(finding);
        }
    }

    pub(super) fn judgement(self) -> Judgement {
        if self.0.is_empty() { Judgement::Conforms } else { Judgement::Violates(self.0) }
    }
}

/// The status as it came: `200 OK`.
pub(super) fn status_line(subject: &Subject<'_>) -> String {
    subject
        .received()
        .map_or_else(String::new, |answer| format!("{} {}", answer.status, answer.reason).trim().to_owned())
}

/// A finding about the status.
pub(super) fn status(subject: &Subject<'_>, expected: &str) -> Finding {
    Finding::new(Location::Status, expected, status_line(subject))
}

/// A finding about a header; `None`: it is not there.
pub(super) fn header(name: &str, expected: impl Into<String>, actual: Option<&str>) -> Finding {
    let actual = actual.map_or_else(|| "no such header".to_owned(), str::to_owned);
    Finding::new(Location::Header(name.to_owned()), expected, actual)
}

/// A finding about a place in the body; `None`: nothing is there.
pub(super) fn body(pointer: impl Into<String>, expected: impl Into<String>, actual: Option<&Json>) -> Finding {
    Finding::new(Location::Body(pointer.into()), expected, actual.map_or_else(|| "nothing".to_owned(), in_words))
}

/// Whether a `schemas` array names a URN, compared without case (RFC 8141 section 3.1 keeps it; ambiguity 33).
pub(super) fn names_schema(resource: &Json, urn: &str) -> bool {
    resource.get("schemas").is_some_and(|schemas| holds(schemas, urn))
}

/// Whether an array of strings holds a URN, compared without case.
pub(super) fn holds(array: &Json, urn: &str) -> bool {
    array.as_array().is_some_and(|items| items.iter().any(|s| s.as_str().is_some_and(|s| same_name(s, urn))))
}
