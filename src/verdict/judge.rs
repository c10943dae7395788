//! Judges a played scenario: asks every check, every need of the client, and the shadow directory, and turns what they say
//! into verdicts.

use std::collections::BTreeMap;

use super::{Judged, Outcome, Tally, Verdict};
use crate::check::state::{self, Observation};
use crate::check::{self, Check, Finding, Judge, Judgement, Location, Options, Scene, Severity, Subject, needs, settled};
use crate::exchange::{Exchange, Failure, FailureKind, Origin, Place};
use crate::facts::Facts;
use crate::profile::model::{Grade, Level, Step};
use crate::requirement;
use crate::trace::{Ending, Trace};

/// Judges one scenario. Pure: the same trace gives the same verdicts, in a run as well as from a transcript.
#[must_use]
pub fn scenario(trace: &Trace, facts: &Facts, options: &Options) -> Judged {
    let scene = Scene { trace, facts, options };
    let mut court = Court { scene, ruled: Vec::new(), tallies: BTreeMap::new() };
    court.standards();
    court.state();
    court.client();
    court.settled();
    court.ending();
    court.ruled.sort_by_key(|(turn, _)| *turn);
    Judged { verdicts: court.ruled.into_iter().map(|(_, verdict)| verdict).collect(), tallies: court.tallies }
}

struct Court<'a> {
    scene: Scene<'a>,
    /// Verdicts with the turn they belong to; those about the scenario stand behind all turns.
    ruled: Vec<(usize, Verdict)>,
    tallies: BTreeMap<String, Tally>,
}

impl<'a> Court<'a> {
    fn exchange(&self, turn: usize) -> &'a Exchange {
        &self.scene.trace.turns[turn].exchange
    }

    /// The checks of the RFCs. Our own clean-up is not judged.
    fn standards(&mut self) {
        let turns = 0..self.scene.trace.turns.len();
        let subjects: Vec<Subject<'a>> = turns
            .filter(|turn| self.exchange(*turn).origin != Origin::CleanUp)
            .map(|turn| Subject::new(self.scene, turn))
            .collect();
        for check in check::all() {
            let mut tally = Tally::default();
            match check.judge {
                Judge::Exchange(judge) => {
                    for subject in &subjects {
                        self.standard(check, subject.index, judge(subject), &mut tally);
                    }
                }
                Judge::Scenario(judge) => {
                    for (turn, judgement) in judge(&self.scene) {
                        self.standard(check, turn, judgement, &mut tally);
                    }
                }
                Judge::State => {}
            }
            self.count(check.id, tally);
        }
    }

    fn standard(&mut self, check: &'static Check, turn: usize, judgement: Judgement, tally: &mut Tally) {
        match judgement {
            Judgement::NotApplicable => {}
            Judgement::Conforms => tally.conforms += 1,
            Judgement::Undetermined(why) => {
                tally.undetermined += 1;
                let verdict = self.verdict(check.id, check.title, check.fix, turn, Outcome::Undetermined(why));
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
        let row = finding.requirement.or(check.requirements.first().copied());
        let severity = row.and_then(requirement::get).map_or(Severity::Error, |row| {
            requirement::severity(row, finding.reading, self.scene.options.strict)
        });
        let outcome = Outcome::Violates { severity, finding };
        Verdict {
            requirement: row.map(str::to_owned),
            ..self.verdict(check.id, check.title, check.fix, turn, outcome)
        }
    }

    /// The shadow directory: a state error breaks the feature unless only an inferred request led to it.
    fn state(&mut self) {
        for observation in state::observe(&self.scene) {
            let mut tally = Tally::default();
            let Observation { check, turn, judgement, .. } = &observation;
            let before = self.ruled.len();
            self.standard(check, *turn, judgement.clone(), &mut tally);
            self.count(check.id, tally);
            let Some(step) = self.blamed(&observation).filter(|_| matches!(judgement, Judgement::Violates(_))) else {
                continue;
            };
            let inferred = is_inferred(Some(step));
            let words = step.breaks.clone().filter(|_| observation.step_knows);
            let breaks = words.unwrap_or_else(|| observation.harm.clone());
            if breaks.is_empty() {
                continue;
            }
            let Some((_, told)) = self.ruled[before..].first_mut() else { continue };
            if told.severity() == Some(Severity::Error) && !inferred {
                told.breaks = Some(breaks);
            } else if observation.against_intent && told.severity() < Some(Severity::Error) {
                let intent = Verdict { requirement: None, ..told.clone() };
                self.against_intent(intent, *turn, breaks, inferred);
            }
        }
    }

    /// What the letter of the RFC allows and the client did not mean.
    fn against_intent(&mut self, verdict: Verdict, turn: usize, breaks: String, inferred: bool) {
        let Outcome::Violates { mut finding, .. } = verdict.outcome else { return };
        finding.reading = None;
        finding.requirement = None;
        let severity = if inferred { Severity::Note } else { Severity::Error };
        let outcome = Outcome::Violates { severity, finding };
        let rule = format!("{}/{}", self.scene.trace.profile.id, verdict.rule);
        self.push(turn, Verdict { rule, outcome, breaks: (!inferred).then_some(breaks), ..verdict });
    }

    /// The client's step behind an observation: the write that is to blame, else the request that shows it.
    fn blamed(&self, observation: &Observation) -> Option<&'a Step> {
        let turns = [observation.cause, Some(observation.turn)];
        let client = |turn: usize| self.exchange(turn).origin == Origin::Client;
        turns.into_iter().flatten().find(|turn| client(*turn)).and_then(|turn| self.step(&self.exchange(turn).place))
    }

    fn step(&self, place: &Place) -> Option<&'a Step> {
        let scenario = self.scene.trace.profile.scenario(&self.scene.trace.place.scenario)?;
        scenario.steps.iter().find(|step| step.id == place.step)
    }

    /// What the client needs of each answer, and whether it got one.
    fn client(&mut self) {
        for (turn, played) in self.scene.trace.turns.iter().enumerate() {
            let exchange = &*played.exchange;
            if exchange.origin != Origin::Client {
                continue;
            }
            let step = self.step(&exchange.place);
            if let Err(failure) = &exchange.got {
                self.failure(turn, exchange, failure, step);
            }
            for bound in &played.needs {
                self.need(turn, exchange, bound, step);
            }
        }
    }

    fn need(&mut self, turn: usize, exchange: &Exchange, bound: &crate::profile::model::BoundNeed, step: Option<&Step>) {
        let profile = &self.scene.trace.profile;
        let Some(need) = profile.need(&bound.id) else { return };
        let rule = format!("{}/{}", profile.id, need.id);
        let grade = step.map_or(need.evidence.grade, |step| step.evidence.grade.min(need.evidence.grade));
        let severity = match need.level {
            _ if grade == Grade::Inferred => Severity::Note,
            Level::Note => Severity::Note,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        };
        let fix = need.fix.as_deref().unwrap_or_default();
        match needs::judge(need, bound, exchange) {
            Judgement::NotApplicable => {}
            Judgement::Conforms => self.tally(&rule).conforms += 1,
            Judgement::Undetermined(why) => {
                self.push(turn, self.verdict(&rule, &need.text, fix, turn, Outcome::Undetermined(why)));
            }
            Judgement::Violates(findings) => {
                for finding in findings {
                    let outcome = Outcome::Violates { severity, finding };
                    let breaks = (severity == Severity::Error).then(|| need.breaks.clone());
                    self.push(turn, Verdict { breaks, ..self.verdict(&rule, &need.text, fix, turn, outcome) });
                }
            }
        }
    }

    /// What the client would have written again although it had written everything.
    fn settled(&mut self) {
        let trace = self.scene.trace;
        let rule = format!("{}/settled", trace.profile.id);
        let title = format!("{} finds nothing to write once it has written everything", trace.profile.title);
        let fix = "Return every value as it was sent, under the name under which it was sent.";
        for unsettled in &trace.unsettled {
            let at = |turn: &usize| unsettled.seq.is_some_and(|seq| self.exchange(*turn).seq == seq);
            let turn = (0..trace.turns.len()).find(at);
            let step = self.step(&Place { step: unsettled.step.clone(), ..trace.place.clone() });
            let breaks = step.and_then(|step| step.breaks.clone());
            let breaks = breaks.unwrap_or_else(|| "the same change is written again in every cycle".to_owned());
            for finding in settled::findings(unsettled) {
                let verdict = match turn {
                    Some(turn) => self.firm(&rule, &title, fix, turn, finding, step, breaks.clone()),
                    None => {
                        let outcome = Outcome::Violates { severity: severity_of(step), finding };
                        let breaks = (!is_inferred(step)).then(|| breaks.clone());
                        Verdict { breaks, ..self.plain(&rule, &title, fix, outcome) }
                    }
                };
                self.push(turn.unwrap_or(trace.turns.len()), verdict);
            }
        }
        let scenario = trace.profile.scenario(&trace.place.scenario).filter(|_| trace.ending == Ending::Played);
        let steps = scenario.map(|scenario| scenario.steps.as_slice()).unwrap_or_default();
        let quiet = |step: &&Step| {
            step.settled && step.when.is_none() && trace.unsettled.iter().all(|unsettled| unsettled.step != step.id)
        };
        for _ in steps.iter().filter(quiet) {
            self.tally(&rule).conforms += 1;
        }
    }

    /// A client's request was not answered.
    fn failure(&mut self, turn: usize, exchange: &Exchange, failure: &Failure, step: Option<&Step>) {
        let profile = &self.scene.trace.profile;
        let foreign = failure.kind == FailureKind::Refused && exchange.sent.path().trim_matches('/').contains('/');
        if foreign {
            let rule = format!("{}/own-records", profile.id);
            let title = format!("{} changes only records that this run made", profile.title);
            let fix = "Let a filter return what matches and nothing else: the id came from an answer before this request.";
            let actual = format!("{} {}{}", exchange.sent.method, exchange.sent.path(), self.led_there(turn, exchange));
            let finding = Finding::new(Location::Wire, "a request that changes a record of this run", actual);
            let breaks = "the IdP would have changed a record that is not its own".to_owned();
            let verdict = self.firm(&rule, &title, fix, turn, finding, step, breaks);
            return self.push(turn, verdict);
        }
        let (rule, title) = ("wire/answered", "Every request is answered in time and whole");
        let fix = "Answer within the limit: IdPs give up after a minute and try again in the next cycle.";
        match failure.kind {
            FailureKind::TimeOut | FailureKind::Cut | FailureKind::NotHttp => {
                let finding = Finding::new(Location::Wire, "an answer", failure.detail.clone());
                let breaks = step.and_then(|step| step.breaks.clone());
                let breaks = breaks.unwrap_or_else(|| "the request is not answered and fails".to_owned());
                let verdict = self.firm(rule, title, fix, turn, finding, step, breaks);
                self.push(turn, verdict);
            }
            _ => {
                let outcome = Outcome::Undetermined(failure.detail.clone());
                self.push(turn, self.verdict(rule, title, fix, turn, outcome));
            }
        }
    }

    /// The answer that gave the id of a foreign record.
    fn led_there(&self, turn: usize, exchange: &Exchange) -> String {
        let Some(id) = exchange.sent.path().trim_matches('/').rsplit('/').next() else { return String::new() };
        let gave = |earlier: &Exchange| {
            let body = earlier.got.as_ref().map(|answer| answer.body.as_slice()).unwrap_or_default();
            body.windows(id.len()).any(|window| window == id.as_bytes())
        };
        let earlier = self.scene.trace.turns[..turn].iter().rev().map(|turn| &*turn.exchange).find(|e| gave(e));
        earlier.map_or_else(String::new, |e| format!(", an id from the answer to {} (exchange {})", e.place.step, e.seq))
    }

    /// How the scenario ended.
    fn ending(&mut self) {
        let trace = self.scene.trace;
        let rule = format!("{}/goes-on", trace.profile.id);
        let title = format!("{} can go on after every answer", trace.profile.title);
        match &trace.ending {
            Ending::Played => {}
            Ending::Undetermined { reason } => {
                let outcome = Outcome::Undetermined(reason.clone());
                let verdict = Verdict { place: trace.place.clone(), ..self.plain(&rule, &title, "", outcome) };
                self.push(trace.turns.len(), verdict);
            }
            Ending::Stuck { step, reason } => self.stuck(&rule, &title, step, reason),
        }
    }

    fn stuck(&mut self, rule: &str, title: &str, step: &str, reason: &str) {
        let trace = self.scene.trace;
        let client = |turn: &usize| self.exchange(*turn).origin == Origin::Client;
        let mut turns = (0..trace.turns.len()).rev().filter(client);
        let turn = turns.clone().find(|turn| self.exchange(*turn).place.step == step).or_else(|| turns.next());
        let place = Place { step: step.to_owned(), ..trace.place.clone() };
        let known = self.step(&place);
        let breaks = known.and_then(|step| step.breaks.clone()).unwrap_or_else(|| reason.to_owned());
        let inferred = is_inferred(known);
        let Some(turn) = turn else {
            let finding = Finding::new(Location::Status, "an answer that the client can go on from", reason);
            let outcome = Outcome::Violates { severity: severity_of(known), finding };
            let verdict = self.plain(rule, title, "", outcome);
            return self.push(trace.turns.len(), Verdict { place, breaks: (!inferred).then_some(breaks), ..verdict });
        };
        let told = self.ruled.iter_mut().filter(|(t, v)| *t == turn && v.severity() == Some(Severity::Error));
        let mut told: Vec<&mut Verdict> = told.map(|(_, verdict)| verdict).collect();
        if told.iter().any(|verdict| verdict.breaks.is_some()) {
            return;
        }
        let of_whole = |verdict: &&mut &mut Verdict| {
            matches!(&verdict.outcome, Outcome::Violates { finding, .. } if tells_of_whole(&finding.at))
        };
        if let (Some(cause), false) = (told.iter_mut().find(of_whole), inferred) {
            cause.breaks = Some(breaks);
            return;
        }
        let exchange = self.exchange(turn);
        let accept = known.map(|step| step.accept.as_slice()).unwrap_or_default();
        let expected = match accept {
            [] => "2xx".to_owned(),
            patterns => patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        };
        let good = exchange.status().is_some_and(|status| match accept {
            [] => (200..300).contains(&status),
            patterns => patterns.iter().any(|pattern| pattern.fits(status)),
        });
        let finding = match &exchange.got {
            Ok(answer) if !good => {
                let actual = format!("{} {}", answer.status, answer.reason);
                Finding::new(Location::Status, expected, actual.trim())
            }
            _ => Finding::new(Location::Body(String::new()), "an answer that the client can go on from", reason),
        };
        let verdict = self.firm(rule, title, "", turn, finding, known, breaks);
        self.push(turn, verdict);
    }

    /// An expectation of the client: an error that breaks the feature, or a note where the request is inferred.
    #[expect(clippy::too_many_arguments, reason = "the parts of a verdict, named at every call")]
    fn firm(
        &self,
        rule: &str,
        title: &str,
        fix: &str,
        turn: usize,
        finding: Finding,
        step: Option<&Step>,
        breaks: String,
    ) -> Verdict {
        let outcome = Outcome::Violates { severity: severity_of(step), finding };
        let breaks = (!is_inferred(step)).then_some(breaks);
        Verdict { breaks, ..self.verdict(rule, title, fix, turn, outcome) }
    }

    /// A verdict about one exchange.
    fn verdict(&self, rule: &str, title: &str, fix: &str, turn: usize, outcome: Outcome) -> Verdict {
        let exchange = self.exchange(turn);
        Verdict {
            place: exchange.place.clone(),
            seq: Some(exchange.seq),
            request_id: request_id(exchange),
            ..self.plain(rule, title, fix, outcome)
        }
    }

    /// A verdict about the scenario.
    fn plain(&self, rule: &str, title: &str, fix: &str, outcome: Outcome) -> Verdict {
        Verdict {
            rule: rule.to_owned(),
            requirement: None,
            title: title.to_owned(),
            place: self.scene.trace.place.clone(),
            seq: None,
            request_id: None,
            outcome,
            breaks: None,
            known: None,
            fix: fix.to_owned(),
        }
    }

    fn push(&mut self, turn: usize, verdict: Verdict) {
        self.tally(&verdict.rule).add(&verdict.outcome);
        self.ruled.push((turn, verdict));
    }

    fn tally(&mut self, rule: &str) -> &mut Tally {
        if !self.tallies.contains_key(rule) {
            self.tallies.insert(rule.to_owned(), Tally::default());
        }
        self.tallies.entry(rule.to_owned()).or_default()
    }

    fn count(&mut self, rule: &str, tally: Tally) {
        if tally != Tally::default() {
            self.tally(rule).merge(tally);
        }
    }
}

/// Whether a place stands for the whole answer: then a finding there tells why a client cannot go on.
fn tells_of_whole(at: &Location) -> bool {
    match at {
        Location::Status | Location::Wire => true,
        Location::Body(pointer) => pointer.is_empty(),
        Location::Header(_) => false,
    }
}

/// Whether it is only concluded that the client sends this: then it proves nothing.
fn is_inferred(step: Option<&Step>) -> bool {
    step.is_some_and(|step| step.evidence.grade == Grade::Inferred)
}

/// The severity of an expectation that comes with a step.
fn severity_of(step: Option<&Step>) -> Severity {
    if is_inferred(step) { Severity::Note } else { Severity::Error }
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

#[cfg(test)]
mod tests;
