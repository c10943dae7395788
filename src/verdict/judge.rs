//! Judges a played scenario: asks every check, every need of the client, and the shadow directory, and turns what they
//! say into verdicts.

mod client;

use std::sync::LazyLock;

use super::{ByRule, Judged, Outcome, RuleId, Tally, Verdict};
use crate::check::state::{self, Observation};
use crate::check::{self, Check, Finding, Judge, Judgement, Options, Scene, Severity, Subject};
use crate::exchange::{Exchange, Origin};
use crate::facts::Facts;
use crate::profile::model::{Grade, Step};
use crate::requirement;
use crate::trace::Trace;

/// Judges one scenario. Pure: the same trace gives the same verdicts, in a run as well as from a transcript.
#[must_use]
pub fn scenario(trace: &Trace, facts: &Facts, options: &Options) -> Judged {
    let trace = &*trace.judged();
    let classified = check::classify(trace, facts);
    let scene = Scene { trace, facts, options, classified: &classified };
    let mut court = Court { scene, ruled: Vec::new(), tallies: ByRule::default() };
    court.standards();
    court.state();
    court.client();
    court.ruled.sort_by_key(|(turn, _)| *turn);
    Judged { verdicts: court.ruled.into_iter().map(|(_, verdict)| verdict).collect(), tallies: court.tallies }
}

/// Headers in which servers and proxies tell the id of a request, the best known first.
const REQUEST_IDS: [&str; 8] = [
    "x-request-id",
    "x-correlation-id",
    "request-id",
    "x-amzn-requestid",
    "x-okta-request-id",
    "x-ms-request-id",
    "cf-ray",
    "traceparent",
];

/// The target's own id of a request, if its answer tells one.
#[must_use]
pub fn request_id(exchange: &Exchange) -> Option<String> {
    let answer = exchange.got.as_ref().ok()?;
    REQUEST_IDS.iter().find_map(|name| answer.header(name)).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What a verdict says of its rule.
#[derive(Clone, Copy)]
struct Rule<'r> {
    id: &'r str,
    title: &'r str,
    fix: &'r str,
}

impl<'r> From<&'r Check> for Rule<'r> {
    fn from(check: &'r Check) -> Self {
        Self { id: check.id, title: check.title, fix: check.fix }
    }
}

/// Every check with the name under which it is counted.
static CATALOGUE: LazyLock<Vec<(RuleId, &'static Check)>> =
    LazyLock::new(|| check::all().map(|check| (check.into(), check)).collect());

struct Court<'a> {
    scene: Scene<'a>,
    /// Verdicts with the turn they belong to; those about the scenario stand behind all turns.
    ruled: Vec<(usize, Verdict)>,
    tallies: ByRule<Tally>,
}

impl<'a> Court<'a> {
    /// The checks of the RFCs. Our own clean-up is not judged.
    fn standards(&mut self) {
        let turns = 0..self.scene.trace.turns.len();
        let judged = turns.filter(|turn| self.exchange(*turn).origin != Origin::CleanUp);
        let subjects: Vec<Subject<'a>> = judged.map(|turn| Subject::new(self.scene, turn)).collect();
        let writes = check::history::writes(&self.scene);
        for (rule, check) in CATALOGUE.iter() {
            let mut tally = Tally::default();
            match check.judge {
                Judge::Exchange(judge) => {
                    for subject in &subjects {
                        self.standard(check, subject.index, judge(subject), &mut tally);
                    }
                }
                Judge::Write(judge) => {
                    for write in &writes {
                        self.standard(check, write.shown_at, judge(write), &mut tally);
                    }
                }
                Judge::Scenario(judge) => {
                    for (turn, judgement) in judge(&self.scene) {
                        self.standard(check, turn, judgement, &mut tally);
                    }
                }
                Judge::State => {}
            }
            self.count(rule, tally);
        }
    }

    fn standard(&mut self, check: &'static Check, turn: usize, judgement: Judgement, tally: &mut Tally) {
        match judgement {
            Judgement::NotApplicable => {}
            Judgement::Conforms => tally.conforms += 1,
            Judgement::Undetermined(why) => {
                let verdict = self.verdict(check.into(), Some(turn), Outcome::Undetermined(why));
                tally.add(&verdict.outcome);
                self.ruled.push((turn, verdict));
            }
            Judgement::Violates(findings) => {
                for finding in findings {
                    let verdict = self.violation(check, turn, finding);
                    tally.add(&verdict.outcome);
                    self.ruled.push((turn, verdict));
                }
            }
        }
    }

    /// A violation of the standard: its severity comes from the requirement alone.
    fn violation(&self, check: &'static Check, turn: usize, finding: Finding) -> Verdict {
        let id = finding.requirement.or(check.requirements.first().copied());
        let severity = id.and_then(requirement::get).map_or(Severity::Error, |requirement| {
            requirement::severity(requirement, finding.reading, self.scene.options.strict)
        });
        let outcome = Outcome::Violates { severity, finding };
        Verdict { requirement: id.map(str::to_owned), ..self.verdict(check.into(), Some(turn), outcome) }
    }

    /// The shadow directory: a state error breaks the feature unless only an inferred request led to it.
    fn state(&mut self) {
        for observation in state::observe(&self.scene) {
            let before = self.ruled.len();
            let mut tally = Tally::default();
            let Observation { check, turn, .. } = observation;
            self.standard(check, turn, observation.judgement.clone(), &mut tally);
            self.count(&check.into(), tally);
            if let (Some(step), Judgement::Violates(_)) = (self.blamed(&observation), &observation.judgement) {
                self.harm(&observation, step, before);
            }
        }
    }

    /// What the violation of an observation, the last verdict from `before` on, means for the client.
    fn harm(&mut self, observation: &Observation, step: &Step, before: usize) {
        if step.breaks.as_deref() == Some("") {
            // The client takes either outcome.
            return;
        }
        let words = step.breaks.clone().filter(|_| observation.step_knows);
        let breaks = words.unwrap_or_else(|| observation.harm.clone());
        let Some((turn, told)) = self.ruled.get_mut(before).filter(|_| !breaks.is_empty()) else { return };
        if told.severity() == Some(Severity::Error) {
            told.breaks = (!is_inferred(Some(step))).then_some(breaks);
        } else if observation.against_intent {
            let (turn, told) = (*turn, told.clone());
            self.against_intent(told, turn, breaks, step);
        }
    }

    /// The verdict of the client on what the letter of the RFC allows and it did not mean.
    fn against_intent(&mut self, told: Verdict, turn: usize, breaks: String, step: &Step) {
        let Outcome::Violates { finding, .. } = told.outcome else { return };
        let finding = Finding { reading: None, requirement: None, ..finding };
        let id = format!("{}/{}", self.scene.trace.profile.id, told.rule);
        let rule = Rule { id: &id, title: &told.title, fix: &told.fix };
        let verdict = self.expectation(rule, Some(turn), finding, Some(step), breaks);
        self.push(turn, verdict);
    }

    /// The client's step behind an observation: the write that is to blame, else the request that shows it.
    fn blamed(&self, observation: &Observation) -> Option<&'a Step> {
        let turns = [observation.cause, Some(observation.turn)];
        let client = |turn: usize| self.exchange(turn).origin == Origin::Client;
        turns
            .into_iter()
            .flatten()
            .find(|turn| client(*turn))
            .and_then(|turn| self.step(&self.exchange(turn).place.step))
    }

    fn exchange(&self, turn: usize) -> &'a Exchange {
        &self.scene.trace.turns[turn].exchange
    }

    fn step(&self, id: &str) -> Option<&'a Step> {
        let scenario = self.scene.trace.profile.scenario(&self.scene.trace.place.scenario)?;
        scenario.steps.iter().find(|step| step.id == id)
    }

    /// An expectation of the client: an error that breaks the feature, or a note where the request is inferred.
    fn expectation(
        &self,
        rule: Rule<'_>,
        turn: Option<usize>,
        finding: Finding,
        step: Option<&Step>,
        breaks: String,
    ) -> Verdict {
        let inferred = is_inferred(step);
        let severity = if inferred { Severity::Note } else { Severity::Error };
        let outcome = Outcome::Violates { severity, finding };
        Verdict { breaks: (!inferred).then_some(breaks), ..self.verdict(rule, turn, outcome) }
    }

    /// A verdict about one exchange, or about the scenario.
    fn verdict(&self, rule: Rule<'_>, turn: Option<usize>, outcome: Outcome) -> Verdict {
        let exchange = turn.map(|turn| self.exchange(turn));
        Verdict {
            rule: rule.id.into(),
            requirement: None,
            title: rule.title.to_owned(),
            place: exchange.map_or_else(|| self.scene.trace.place.clone(), |exchange| exchange.place.clone()),
            seq: exchange.map(|exchange| exchange.seq),
            request_id: exchange.and_then(request_id),
            outcome,
            breaks: None,
            known: None,
            fix: rule.fix.to_owned(),
        }
    }

    fn push(&mut self, turn: usize, verdict: Verdict) {
        self.tallies.entry(&verdict.rule).add(&verdict.outcome);
        self.ruled.push((turn, verdict));
    }

    fn count(&mut self, rule: &RuleId, tally: Tally) {
        if tally != Tally::default() {
            self.tallies.entry(rule).merge(tally);
        }
    }
}

/// Whether it is only concluded that the client sends this: then it proves nothing.
fn is_inferred(step: Option<&Step>) -> bool {
    step.is_some_and(|step| step.evidence.grade == Grade::Inferred)
}

#[cfg(test)]
pub(crate) mod tests;
