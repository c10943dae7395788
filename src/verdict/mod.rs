//! Verdicts: judgements with their severity, after known deviations.

mod by_rule;
pub mod deviation;
pub mod judge;
mod rule;
pub mod standards;

pub use by_rule::ByRule;
pub use rule::RuleId;

use crate::check::{Finding, Severity};
use crate::exchange::Place;

/// One violation, or something that could not be known.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Check id (`rfc7644/3.3/created-status`), need id (`entra/list-resources`), or `state/…`, `baseline/…`.
    pub rule: RuleId,
    /// The requirement behind it (`RFC7644-3.3-09`), if a standard's.
    pub requirement: Option<String>,
    /// The duty or need, a sentence.
    pub title: String,
    /// Where in the run.
    pub place: Place,
    /// The exchange, by its number; `None` when it is about the scenario.
    pub seq: Option<u64>,
    /// The target's own id of the request (`x-request-id` and the like), so that its owner finds it in a log.
    pub request_id: Option<String>,
    /// What was found.
    pub outcome: Outcome,
    /// Whether the feature breaks through this (a client's need, a state error): not merely an RFC violation.
    pub breaks: Option<String>,
    /// The reason of the known deviation that covers it.
    pub known: Option<String>,
    /// How to mend it.
    pub fix: String,
}

/// The outcomes that are told one by one; conforming ones are only counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A violation.
    Violates {
        /// How bad.
        severity: Severity,
        /// What and where.
        finding: Finding,
    },
    /// It could not be known; why.
    Undetermined(String),
}

/// How often a rule was judged, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Conforming judgements.
    pub conforms: u64,
    /// Violations that are errors.
    pub errors: u64,
    /// Violations that are warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
    /// Could not be known.
    pub undetermined: u64,
}

impl Tally {
    /// Counts one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Violates { severity: Severity::Error, .. } => self.errors += 1,
            Outcome::Violates { severity: Severity::Warning, .. } => self.warnings += 1,
            Outcome::Violates { severity: Severity::Note, .. } => self.notes += 1,
            Outcome::Undetermined(_) => self.undetermined += 1,
        }
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: Self) {
        self.conforms += other.conforms;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.notes += other.notes;
        self.undetermined += other.undetermined;
    }
}

impl Verdict {
    /// How bad it is; `None` when it could not be known.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        match &self.outcome {
            Outcome::Violates { severity, .. } => Some(*severity),
            Outcome::Undetermined(_) => None,
        }
    }
}

/// What judging one scenario gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What is told one by one, in the order of the exchanges.
    pub verdicts: Vec<Verdict>,
    /// Every rule that applied, with its counts.
    pub tallies: ByRule<Tally>,
}
