//! Baselines: what this endpoint answered last time, as files that read well in a pull request.
//!
//! One file a scenario, every answer of the client's steps in order, normalised: ids, times, versions, hosts and invented
//! names are replaced by what they stand for, so that two runs with different seeds give the same text.

pub mod normalise;
pub mod store;

use similar::TextDiff;

use crate::check::{Finding, Location, Severity};
use crate::trace::{Ending, Trace};
use crate::verdict::{Judged, Outcome, Tally, Verdict};
use store::Store;

/// A scenario whose answers are not those of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the baseline holds; `None`: nothing yet.
    pub before: Option<String>,
    /// What was answered.
    pub after: String,
}

impl Change {
    /// A unified difference; of a new scenario every line.
    #[must_use]
    pub fn diff(&self) -> String {
        let before = self.before.as_deref().unwrap_or_default();
        TextDiff::from_lines(before, &self.after).unified_diff().context_radius(3).to_string()
    }
}

/// What differs between a scenario and its baseline; `None`: nothing, or it is not to be compared.
///
/// # Errors
/// The baseline cannot be read.
pub fn change(store: &Store, trace: &Trace) -> std::io::Result<Option<Change>> {
    if !compares(trace) {
        return Ok(None);
    }
    let (before, after) = (store.read(trace)?, normalise::scenario(trace));
    Ok((before.as_ref() != Some(&after)).then_some(Change { before, after }))
}

/// A scenario that was cut short is not compared; of several rounds the first is.
fn compares(trace: &Trace) -> bool {
    !matches!(trace.ending, Ending::Undetermined { .. }) && !trace.place.variant.is_empty() && trace.place.round == 0
}

/// Compares scenarios with a baseline, or writes it.
#[derive(Debug)]
pub struct Baseline {
    store: Store,
    update: bool,
}

impl Baseline {
    /// Over a folder; `update` writes new and changed answers.
    #[must_use]
    pub fn new(store: Store, update: bool) -> Self {
        Self { store, update }
    }

    /// Adds what changed in a scenario to its judgement. A scenario that was cut short is not compared.
    pub fn compare(&self, trace: &Trace, judged: &mut Judged) {
        if !compares(trace) {
            return;
        }
        let actual = normalise::scenario(trace);
        let verdict = match self.store.read(trace) {
            Ok(Some(expected)) if expected == actual => {
                judged.tallies.entry(&"baseline/changed".into()).conforms += 1;
                return;
            }
            _ if self.update => match self.store.write(trace, &actual) {
                Ok(()) => return,
                Err(error) => verdict(
                    trace,
                    "baseline/unwritable",
                    Severity::Error,
                    "the baseline can be written",
                    error.to_string(),
                ),
            },
            Ok(Some(expected)) => {
                let diff = TextDiff::from_lines(&expected, &actual).unified_diff().context_radius(3).to_string();
                verdict(trace, "baseline/changed", Severity::Error, "the answers are those of the baseline", diff)
            }
            Ok(None) => verdict(
                trace,
                "baseline/new",
                Severity::Warning,
                "the scenario has a baseline",
                "there is none yet".to_owned(),
            ),
            Err(error) => {
                verdict(trace, "baseline/unreadable", Severity::Error, "the baseline can be read", error.to_string())
            }
        };
        let tally: &mut Tally = judged.tallies.entry(&verdict.rule);
        match verdict.outcome {
            Outcome::Violates { severity: Severity::Error, .. } => tally.errors += 1,
            _ => tally.warnings += 1,
        }
        judged.verdicts.push(verdict);
    }
}

fn verdict(trace: &Trace, rule: &str, severity: Severity, title: &str, actual: String) -> Verdict {
    Verdict {
        rule: rule.into(),
        requirement: None,
        title: title.to_owned(),
        place: trace.place.clone(),
        seq: None,
        request_id: None,
        outcome: Outcome::Violates {
            severity,
            finding: Finding {
                at: Location::Body(String::new()),
                expected: "what the baseline holds".to_owned(),
                actual,
                reading: None,
                requirement: None,
            },
        },
        breaks: None,
        known: None,
        fix: "If the change is meant, run again with --update-baseline and commit the folder.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
