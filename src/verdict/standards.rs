//! What a run says of each requirement of the standards: the fold of everything that was judged.

use std::collections::BTreeMap;

use super::{ByRule, Judged, Tally};
use crate::check;
use crate::facts::Facts;
use crate::requirement::{self, Requirement};

/// What a run says of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was judged, and is kept.
    Passed,
    /// It is violated.
    Failed,
    /// It is violated, mildly or with a known deviation.
    Warned,
    /// What it is about is not advertised: this.
    NotAdvertised(String),
    /// Nothing in this run asked for it.
    NotExercised,
    /// It was asked for, and could not be known.
    Undetermined,
}

impl Answer {
    /// The word used in files and reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warned => "warning",
            Self::NotAdvertised(_) => "not advertised",
            Self::NotExercised => "not exercised",
            Self::Undetermined => "undetermined",
        }
    }

    /// The words of all standings, the good ones first.
    pub const WORDS: [&'static str; 6] =
        ["passed", "failed", "warning", "not advertised", "not exercised", "undetermined"];
}

/// One requirement with its checks and what came of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// Ids of the checks that serve it.
    pub checks: Vec<&'static str>,
    /// What came of it.
    pub answer: Answer,
    /// What was counted for it: violations of it, and what its checks let pass or could not know.
    pub tally: Tally,
    /// Violations that a known deviation covers.
    pub known: u64,
}

/// What was judged so far, by check and by requirement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standards {
    checks: ByRule<Tally>,
    violated: BTreeMap<String, (Tally, u64)>,
    lacking: Vec<String>,
}

impl Standards {
    /// Takes in what the target advertises.
    pub fn learn(&mut self, facts: &Facts) {
        let needs = requirement::all().iter().filter_map(|row| row.needs.as_deref()).flat_map(|needs| needs.split('+'));
        self.lacking = needs.filter(|need| facts.lacks(need)).map(str::to_owned).collect();
        self.lacking.sort();
        self.lacking.dedup();
    }

    /// Takes in what was judged.
    pub fn take(&mut self, judged: &Judged) {
        self.checks.add(&judged.tallies, |counts, tally| counts.merge(*tally));
        for verdict in &judged.verdicts {
            let Some(id) = &verdict.requirement else { continue };
            let (tally, known) = self.violated.entry(id.clone()).or_default();
            if verdict.known.is_some() {
                *known += 1;
            } else {
                tally.add(&verdict.outcome);
            }
        }
    }

    /// Every requirement that a check serves, in the order of the catalogue.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut serving: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        for check in check::all() {
            for id in check.requirements {
                serving.entry(id).or_default().push(check.id);
            }
        }
        let row = |requirement: &'static Requirement| {
            let checks = serving.remove(requirement.id.as_str())?;
            Some(self.row(requirement, checks))
        };
        requirement::all().iter().filter_map(row).collect()
    }

    fn row(&self, requirement: &'static Requirement, checks: Vec<&'static str>) -> Row {
        let (violations, known) = self.violated.get(&requirement.id).copied().unwrap_or_default();
        let mut tally = violations;
        for counted in checks.iter().filter_map(|check| self.checks.get(&(*check).into())) {
            tally.conforms += counted.conforms;
            tally.undetermined += counted.undetermined;
        }
        let needs = requirement.needs.as_deref().unwrap_or_default();
        let lacking = needs.split('+').find(|need| self.lacking.iter().any(|lacking| lacking == need));
        let answer = match (tally, lacking) {
            (Tally { errors: 1.., .. }, _) => Answer::Failed,
            (Tally { warnings: 1.., .. }, _) => Answer::Warned,
            _ if known > 0 => Answer::Warned,
            (_, Some(need)) => Answer::NotAdvertised(need.to_owned()),
            (Tally { conforms: 1.., .. }, None) => Answer::Passed,
            (Tally { undetermined: 1.., .. }, None) => Answer::Undetermined,
            // A note on it is no violation, and its check was there.
            (Tally { notes: 1.., .. }, None) => Answer::Passed,
            _ => Answer::NotExercised,
        };
        Row { requirement, checks, answer, tally, known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, Location, Severity};
    use crate::exchange::Place;
    use crate::scim::json::Json;
    use crate::verdict::{Outcome, Verdict};

    const CREATED: (&str, &str) = ("rfc7644/3.3/created-status", "RFC7644-3.3-07");

    fn judged(rule: &str, tally: Tally, requirement: Option<(&str, Severity, bool)>) -> Judged {
        let verdict = |(id, severity, known): (&str, Severity, bool)| Verdict {
            rule: rule.into(),
            requirement: Some(id.to_owned()),
            title: String::new(),
            place: Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() },
            seq: None,
            request_id: None,
            outcome: Outcome::Violates { severity, finding: Finding::new(Location::Status, "201", "200") },
            breaks: None,
            known: known.then(|| "known".to_owned()),
            fix: String::new(),
        };
        let verdicts = requirement.map(verdict).into_iter().collect();
        Judged { verdicts, tallies: [(rule.into(), tally)].into_iter().collect() }
    }

    fn standing(standards: &Standards, id: &str) -> Answer {
        standards.rows().into_iter().find(|row| row.requirement.id == id).unwrap().answer
    }

    #[test]
    fn each_requirement_has_a_standing() {
        let (rule, id) = CREATED;
        let check = check::get(rule).unwrap();
        assert!(check.requirements.contains(&id), "{check:?}");
        let of = |tally: Tally, violated| {
            let mut standards = Standards::default();
            standards.take(&judged(rule, tally, violated));
            standing(&standards, id)
        };
        let good = Tally { conforms: 1, ..Tally::default() };
        assert_eq!(of(good, None), Answer::Passed);
        assert_eq!(of(good, Some((id, Severity::Error, false))), Answer::Failed);
        assert_eq!(of(good, Some((id, Severity::Warning, false))), Answer::Warned);
        assert_eq!(of(good, Some((id, Severity::Error, true))), Answer::Warned);
        assert_eq!(of(good, Some((id, Severity::Note, false))), Answer::Passed);
        assert_eq!(of(Tally { undetermined: 1, ..Tally::default() }, None), Answer::Undetermined);
        assert_eq!(of(Tally::default(), None), Answer::NotExercised);
    }

    #[test]
    fn what_is_not_advertised_is_said_with_its_name() {
        let config = Json::parse(br#"{"bulk":{"supported":false},"filter":{"supported":true}}"#).unwrap();
        let mut standards = Standards::default();
        standards.learn(&Facts { config: Some(config), ..Facts::default() });
        let bulk = |row: &Row| row.requirement.needs.as_deref() == Some("bulk");
        let rows: Vec<Row> = standards.rows().into_iter().filter(bulk).collect();
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| row.answer == Answer::NotAdvertised("bulk".to_owned())), "{rows:?}");
    }
}
