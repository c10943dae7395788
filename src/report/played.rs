//! What came of one scenario, all its rounds together.

use std::collections::BTreeMap;
use std::time::Duration;

use super::cause::Standing;
use crate::profile::model::Grade;
use crate::trace::Trace;
use crate::verdict::{ByRule, Judged, Outcome, Verdict};

/// How many verdicts of one rule in one scenario are kept word for word.
const TOLD: usize = 3;

/// Verdicts by standing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
    /// What could not be known.
    pub undetermined: u64,
    /// Of all standings, what a known deviation covers; counted here only.
    pub known: u64,
}

impl Counts {
    /// Counts a verdict.
    pub fn add(&mut self, standing: Standing, known: bool) {
        let count = match (known, standing) {
            (true, _) => &mut self.known,
            (_, Standing::Error) => &mut self.errors,
            (_, Standing::Warning) => &mut self.warnings,
            (_, Standing::Undetermined) => &mut self.undetermined,
            (_, Standing::Note) => &mut self.notes,
        };
        *count += 1;
    }
}

/// One scenario of one variant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Played {
    /// Rounds that came to an end.
    pub rounds: u32,
    /// Rounds whose end is undetermined.
    pub undetermined_rounds: u32,
    /// Time of its exchanges.
    pub took: Duration,
    /// The step after which the client could not go on, and why; of the first round where that happened.
    pub stuck_at: Option<(String, String)>,
    /// What it says, all in all.
    pub whole: Said,
    /// What it says about each feature that its steps came to.
    pub features: BTreeMap<String, Said>,
    /// Every rule that was judged in it.
    pub rules: ByRule<Ruled>,
}

/// What was said about a feature, or about a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Why it breaks, if it does, in an administrator's words.
    pub breaks: Option<String>,
    /// Why its outcome is not known, if it is not.
    pub undetermined: Option<String>,
    /// Whether there is an error or warning; a known deviation counts only if the feature would break through it.
    pub warned: bool,
}

/// One rule in one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruled {
    /// Conforming judgements.
    pub conforms: u64,
    /// The other ones.
    pub counts: Counts,
    /// The first of them, word for word; a few of each standing.
    pub told: Vec<Told>,
}

/// One verdict, as far as a list of test cases tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How bad.
    pub standing: Standing,
    /// The duty or need.
    pub title: String,
    /// The requirement, if a standard's.
    pub requirement: Option<String>,
    /// Step and place in the answer: `deactivate, status`.
    pub at: String,
    /// What should be.
    pub expected: String,
    /// What is, or why it is not known.
    pub actual: String,
    /// How to mend it.
    pub fix: String,
    /// The target's own id of the request.
    pub request_id: Option<String>,
    /// The reason of the known deviation that covers it.
    pub known: Option<String>,
}

impl Played {
    /// Whether no round told anything: none came to its end, and none broke.
    #[must_use]
    pub fn tells_nothing(&self) -> bool {
        let stopped = self.stuck_at.is_some() && self.whole.undetermined.is_some();
        self.rounds == self.undetermined_rounds || stopped && self.whole.breaks.is_none()
    }

    /// A step about a feature was played.
    pub fn begun(&mut self, feature: &str) {
        if !self.features.contains_key(feature) {
            self.features.insert(feature.to_owned(), Said::default());
        }
    }

    /// A round came to no end; why.
    pub fn cut_off(&mut self, reason: &str) {
        for said in self.features.values_mut().chain([&mut self.whole]) {
            said.undetermined.get_or_insert_with(|| reason.to_owned());
        }
    }

    fn say(&mut self, feature: &str, say: impl Fn(&mut Said)) {
        say(&mut self.whole);
        say(self.features.entry(feature.to_owned()).or_default());
    }

    /// The client could not go on after a step. That breaks the feature that the step is about, unless the deviation is
    /// known; after a request that is only inferred, nobody knows. Other features that further steps are about are left
    /// in the open.
    pub fn stuck(&mut self, trace: &Trace, judged: &Judged, step: &str, reason: &str) {
        self.stuck_at.get_or_insert_with(|| (step.to_owned(), reason.to_owned()));
        let here = || judged.verdicts.iter().filter(|verdict| verdict.place.step == step);
        let scenario = trace.profile.scenario(&trace.place.scenario);
        let steps = scenario.map(|scenario| scenario.steps.as_slice()).unwrap_or_default();
        let mut from = steps.iter().skip_while(|played| played.id != step);
        let played = from.next();
        let of = |step| scenario.map_or("", |scenario| scenario.feature_of(step));
        let feature = played.map_or_else(|| scenario.map_or("", |scenario| &scenario.feature), of);
        if here().any(|verdict| verdict.known.is_some() && verdict.breaks.is_some()) {
            self.say(feature, |said| said.warned = true);
        } else if played.is_some_and(|step| step.evidence.grade == Grade::Inferred) {
            let why = format!("after `{step}`, which is only inferred, the client could not go on: {reason}");
            self.say(feature, |said| _ = said.undetermined.get_or_insert_with(|| why.clone()));
        } else {
            let told = here().find_map(|verdict| verdict.breaks.clone());
            let why = told.or_else(|| played?.breaks.clone()).unwrap_or_else(|| reason.to_owned());
            self.say(feature, |said| _ = said.breaks.get_or_insert_with(|| why.clone()));
        }
        for other in from.map(of).filter(|other| *other != feature) {
            if let Some(said) = self.features.get_mut(other) {
                said.undetermined.get_or_insert_with(|| format!("the client could not go on after `{step}`"));
            }
        }
    }

    /// Takes a verdict in; `need`: its rule is a need of the client; `feature`: what its step is about.
    pub fn take(&mut self, verdict: &Verdict, standing: Standing, need: bool, feature: &str) {
        let known = verdict.known.is_some();
        self.say(feature, |said| {
            if !known {
                match (standing, &verdict.breaks) {
                    (Standing::Error, Some(reason)) => {
                        said.breaks.get_or_insert_with(|| reason.clone());
                    }
                    (Standing::Undetermined, breaks) if need || breaks.is_some() => {
                        said.undetermined.get_or_insert_with(|| told(verdict, standing).actual);
                    }
                    _ => {}
                }
            }
            // An accepted deviation keeps a feature from breaking, not from being told.
            let tells = matches!(standing, Standing::Error | Standing::Warning);
            said.warned |= tells && (!known || verdict.breaks.is_some());
        });
        let ruled = self.rules.entry(&verdict.rule);
        ruled.counts.add(standing, known);
        let same = |t: &&Told| t.standing == standing && t.known.is_some() == known;
        if ruled.told.iter().filter(same).count() < TOLD {
            ruled.told.push(told(verdict, standing));
        }
    }
}

fn told(verdict: &Verdict, standing: Standing) -> Told {
    let (place, expected, actual) = match &verdict.outcome {
        Outcome::Violates { finding, .. } => {
            (format!(", {}", finding.at), finding.expected.clone(), finding.actual.clone())
        }
        Outcome::Undetermined(reason) => (String::new(), String::new(), reason.clone()),
    };
    Told {
        standing,
        title: verdict.title.clone(),
        requirement: verdict.requirement.clone(),
        at: format!("{}{place}", verdict.place.step).trim_start_matches(", ").to_owned(),
        expected,
        actual,
        fix: verdict.fix.clone(),
        request_id: verdict.request_id.clone(),
        known: verdict.known.clone(),
    }
}
