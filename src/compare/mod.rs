//! Two runs side by side: before and after a release, staging and production, two products.
//!
//! A feature or a cause that is worse makes the whole worse; a cause is the same in both when its fingerprint is. What was
//! not played on both sides is not compared.

mod text;

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::event::Event;
use crate::report::Report;
use crate::report::cause::{Cause, Standing};
use crate::report::matrix::Cell;
use crate::snapshot::normalise;
use crate::trace::Ending;

/// Variant and scenario.
type Name = (String, String);

/// One of the two runs.
#[derive(Debug, Default)]
pub struct Side {
    /// The run.
    pub report: Report,
    /// Normalised answers of each scenario, of its first round.
    answers: BTreeMap<Name, String>,
}

impl Side {
    /// Takes an event in.
    pub fn apply(&mut self, event: &Event) {
        self.report.apply(event);
        if let Event::ScenarioEnded(trace, _) = event {
            let place = &trace.place;
            let whole = !matches!(trace.ending, Ending::Undetermined { .. });
            if place.round == 0 && whole && !place.variant.is_empty() {
                let name = (place.variant.clone(), place.scenario.clone());
                self.answers.insert(name, normalise::scenario(trace));
            }
        }
    }

    /// Scenarios that came to an end, and the run itself.
    fn played(&self) -> BTreeSet<Name> {
        let mut out = BTreeSet::from([(String::new(), String::new())]);
        for (column, row) in self.report.scenarios.keys().filter(|(column, _)| *column > 0) {
            let of = &self.report.columns()[column - 1];
            if let Some(planned) = of.scenarios.get(*row) {
                out.insert((of.label.clone(), planned.id.clone()));
            }
        }
        out
    }

    /// Errors and warnings that no known deviation covers.
    fn causes(&self) -> Vec<&Cause> {
        let counts = |cause: &&Cause| matches!(cause.standing, Standing::Error | Standing::Warning);
        self.report.causes().into_iter().filter(|cause| cause.known.is_none()).filter(counts).collect()
    }
}

/// A feature that is not in the state that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Variant.
    pub variant: String,
    /// The feature in the console's words.
    pub feature: String,
    /// What it was.
    pub before: Cell,
    /// What it is.
    pub after: Cell,
}

/// A cause that only one of the runs has.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The cause.
    pub cause: Cause,
}

/// A scenario whose answers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// Variant and scenario.
    pub name: Name,
    /// A unified difference.
    pub diff: String,
}

/// What two runs say of each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Features that got better.
    pub better: Vec<Moved>,
    /// Features that got worse.
    pub worse: Vec<Moved>,
    /// Causes that are gone.
    pub gone: Vec<Changed>,
    /// Causes that are new.
    pub new: Vec<Changed>,
    /// Answers that differ.
    pub answers: Vec<Differs>,
    /// Scenarios that only one of the runs has played.
    pub alone: Vec<Name>,
}

impl Comparison {
    /// Compares what two runs have both played.
    #[must_use]
    pub fn of(before: &Side, after: &Side) -> Self {
        let (one, other) = (before.played(), after.played());
        let mut comparison = Self { alone: one.symmetric_difference(&other).cloned().collect(), ..Self::default() };
        comparison.features(before, after);
        let in_both: BTreeSet<Name> = one.intersection(&other).cloned().collect();
        comparison.new = only(&after.causes(), &before.causes(), &in_both);
        comparison.gone = only(&before.causes(), &after.causes(), &in_both);
        for (name, was) in &before.answers {
            if let Some(is) = after.answers.get(name).filter(|is| *is != was) {
                let diff = TextDiff::from_lines(was, is).unified_diff().context_radius(2).to_string();
                comparison.answers.push(Differs { name: name.clone(), diff });
            }
        }
        comparison
    }

    /// Whether something got worse: a feature, or a new error; with `warnings` a new warning too.
    #[must_use]
    pub fn is_worse(&self, warnings: bool) -> bool {
        let counts = |changed: &Changed| warnings || changed.cause.standing == Standing::Error;
        !self.worse.is_empty() || self.new.iter().any(counts)
    }

    fn features(&mut self, before: &Side, after: &Side) {
        let cells = |side: &Side| -> BTreeMap<(String, String), Cell> {
            let rows = side.report.matrix().into_iter().flat_map(|matrix| {
                let columns = matrix.columns;
                matrix.rows.into_iter().flat_map(move |row| {
                    let named = columns.clone().into_iter().zip(row.cells);
                    named.map(move |(label, cell)| ((label, row.title.clone()), cell))
                })
            });
            rows.collect()
        };
        let was = cells(before);
        for ((variant, feature), after) in cells(after) {
            let Some(before) = was.get(&(variant.clone(), feature.clone())) else { continue };
            let (Some(old), Some(new)) = (rank(before), rank(&after)) else { continue };
            let list = match new.cmp(&old) {
                std::cmp::Ordering::Less => &mut self.better,
                std::cmp::Ordering::Greater => &mut self.worse,
                std::cmp::Ordering::Equal => continue,
            };
            list.push(Moved { variant, feature, before: before.clone(), after });
        }
    }
}

/// How bad a state is; `None`: nothing is known of it.
fn rank(cell: &Cell) -> Option<u8> {
    match cell {
        Cell::Works => Some(0),
        Cell::WorksWithWarnings => Some(1),
        Cell::Breaks(_) => Some(2),
        Cell::NotPlayed(_) | Cell::Undetermined(_) | Cell::SendsNothing(_) => None,
    }
}

/// Causes of one run that the other has not, although it has played where they show.
fn only(mine: &[&Cause], others: &[&Cause], in_both: &BTreeSet<Name>) -> Vec<Changed> {
    let known: BTreeSet<&str> = others.iter().map(|cause| cause.id.as_str()).collect();
    let told = |cause: &&&Cause| {
        !known.contains(cause.id.as_str())
            && cause
                .spots
                .iter()
                .any(|spot| spot.variant.is_empty() || in_both.contains(&(spot.variant.clone(), spot.scenario.clone())))
    };
    mine.iter().filter(told).map(|cause| Changed { cause: (**cause).clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::stream;

    fn side(keep: impl Fn(&Event) -> bool) -> Side {
        let mut side = Side::default();
        for event in stream::events().iter().filter(|event| keep(event)) {
            side.apply(event);
        }
        side
    }

    /// Without what was found in a scenario.
    fn mended(scenario: &str) -> Side {
        let mut side = Side::default();
        for event in stream::events() {
            match event {
                Event::ScenarioEnded(trace, _) if trace.place.scenario == scenario => {
                    let trace = crate::trace::Trace { ending: Ending::Played, ..crate::trace::Trace::clone(&trace) };
                    side.apply(&Event::ScenarioEnded(trace.into(), std::sync::Arc::default()));
                }
                other => side.apply(&other),
            }
        }
        side
    }

    #[test]
    fn a_run_is_as_good_as_itself() {
        let comparison = Comparison::of(&side(|_| true), &side(|_| true));
        assert_eq!(comparison, Comparison::default());
        assert!(!comparison.is_worse(true));
    }

    #[test]
    fn what_is_mended_is_better_and_the_other_way_round_worse() {
        let better = Comparison::of(&side(|_| true), &mended("disable-user"));
        let names = |list: &[Moved]| list.iter().map(|moved| moved.feature.clone()).collect::<Vec<_>>();
        let rules = |list: &[Changed]| list.iter().map(|changed| changed.cause.rule.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&better.better), rules(&better.gone)),
            (vec!["Disable users".into()], vec!["acme/goes-on".into()])
        );
        assert!(better.worse.is_empty() && better.new.is_empty() && !better.is_worse(true));
        let worse = Comparison::of(&mended("disable-user"), &side(|_| true));
        assert_eq!(
            (names(&worse.worse), rules(&worse.new)),
            (vec!["Disable users".into()], vec!["acme/goes-on".into()])
        );
        assert!(worse.is_worse(false));
    }

    #[test]
    fn what_was_not_played_is_not_compared() {
        let without =
            side(|event| !matches!(event, Event::ScenarioEnded(trace, _) if trace.place.scenario == "disable-user"));
        let comparison = Comparison::of(&side(|_| true), &without);
        assert!(comparison.gone.is_empty() && comparison.better.is_empty(), "{comparison:?}");
        assert_eq!(comparison.alone.len(), 2);
    }
}
