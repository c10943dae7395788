//! What the client needs: an answer to each request, its needs of that answer, and to be able to go on.

use super::{Court, Rule, is_inferred};
use crate::check::{Finding, Judgement, Location, Severity, needs, settled};
use crate::exchange::{Exchange, Failure, FailureKind, Origin, Place, decode_path};
use crate::profile::model::{BoundNeed, Grade, Level, Need, Step};
use crate::trace::Ending;
use crate::verdict::{Outcome, Verdict};

const GOES_ON: &str = "an answer that the client can go on from";
/// Characters of an error's detail that a finding shows.
const DETAIL: usize = 120;

impl Court<'_> {
    /// Judges for the client.
    pub(super) fn client(&mut self) {
        for (turn, played) in self.scene.trace.turns.iter().enumerate() {
            let exchange = &*played.exchange;
            if exchange.origin != Origin::Client {
                continue;
            }
            let step = self.step(&exchange.place.step);
            if let Err(failure) = &exchange.got {
                self.failure(turn, exchange, failure, step);
            }
            for bound in &played.needs {
                if let Some(need) = self.scene.trace.profile.need(&bound.id) {
                    self.need(turn, exchange, need, bound, step);
                }
            }
        }
        self.settled();
        self.ending();
    }

    fn need(&mut self, turn: usize, exchange: &Exchange, need: &Need, bound: &BoundNeed, step: Option<&Step>) {
        let id = [&*self.scene.trace.profile.id, "/", &*need.id].concat();
        let rule = Rule { id: &id, title: &need.text, fix: need.fix.as_deref().unwrap_or_default() };
        match needs::judge(need, bound, exchange) {
            Judgement::NotApplicable => {}
            Judgement::Conforms => self.tallies.entry(&id.as_str().into()).conforms += 1,
            Judgement::Undetermined(why) => {
                self.push(turn, self.verdict(rule, Some(turn), Outcome::Undetermined(why)));
            }
            Judgement::Violates(findings) => {
                let severity = self.slash(need).unwrap_or_else(|| severity(need, step));
                for finding in findings {
                    let breaks = (severity == Severity::Error).then(|| need.breaks.clone());
                    let outcome = Outcome::Violates { severity, finding };
                    self.push(turn, Verdict { breaks, ..self.verdict(rule, Some(turn), outcome) });
                }
            }
        }
    }

    /// How bad it is that a slash at the end of the base URL does not work: no rule of the standard asks for it, so a
    /// warning; but where the administrator typed it, the client cannot be connected.
    fn slash(&self, need: &Need) -> Option<Severity> {
        let trace = self.scene.trace;
        let asked = trace.profile.scenario(&trace.place.scenario).is_some_and(|scenario| scenario.slash);
        let typed = self.scene.options.base.split(['?', '#']).next().is_some_and(|base| base.ends_with('/'));
        let severity = if typed { Severity::Error } else { Severity::Warning };
        (asked && need.level != Level::Note).then_some(severity)
    }

    /// A client's request had no answer.
    fn failure(&mut self, turn: usize, exchange: &Exchange, failure: &Failure, step: Option<&Step>) {
        let names_a_record = exchange.sent.path().trim_matches('/').contains('/');
        if failure.kind == FailureKind::Refused && names_a_record {
            return self.foreign_record(turn, exchange, step);
        }
        let rule = Rule {
            id: "wire/answered",
            title: "Every request is answered, whole and in time",
            fix: "Answer within a minute: IdPs give up after that and try again in their next cycle.",
        };
        let verdict = match failure.kind {
            FailureKind::TimeOut | FailureKind::Cut | FailureKind::NotHttp => {
                let finding = Finding::new(Location::Wire, "an answer", failure.detail.clone());
                let breaks = step.and_then(|step| step.breaks.clone());
                let breaks = breaks.unwrap_or_else(|| "the request is not answered".to_owned());
                self.expectation(rule, Some(turn), finding, step, breaks)
            }
            _ => self.verdict(rule, Some(turn), Outcome::Undetermined(failure.detail.clone())),
        };
        self.push(turn, verdict);
    }

    /// The transport refused to change a record that the run did not make: that is how an ignored filter shows on a
    /// live tenant.
    fn foreign_record(&mut self, turn: usize, exchange: &Exchange, step: Option<&Step>) {
        let profile = &self.scene.trace.profile;
        let (id, title) = (
            format!("{}/own-records", profile.id),
            format!("{} changes only the records that it means", profile.title),
        );
        let rule = Rule {
            id: &id,
            title: &title,
            fix: "Let a look-up return what matches and nothing else: the id came from the answer to one.",
        };
        let (method, path) = (&exchange.sent.method, exchange.sent.path());
        let led = self
            .led_there(turn, exchange)
            .map(|earlier| format!(", an id from the answer to {} (exchange {})", earlier.place.step, earlier.seq));
        let actual = format!("{method} {path}{}", led.unwrap_or_default());
        let finding = Finding::new(Location::Wire, "a request that changes a record of this run", actual);
        let breaks = "the IdP would have changed a record that is not its own".to_owned();
        let verdict = self.expectation(rule, Some(turn), finding, step, breaks);
        self.push(turn, verdict);
    }

    /// The answer that gave the id in a path.
    fn led_there(&self, turn: usize, exchange: &Exchange) -> Option<&Exchange> {
        let id = decode_path(exchange.sent.path().trim_end_matches('/').rsplit('/').next()?);
        let gave = |earlier: &&Exchange| {
            let body = earlier.got.as_ref().map(|answer| answer.body.as_slice()).unwrap_or_default();
            body.windows(id.len().max(1)).any(|window| window == id.as_bytes())
        };
        self.scene.trace.turns[..turn].iter().rev().map(|turn| &*turn.exchange).find(gave)
    }

    /// What the client would have written again although it had written everything.
    fn settled(&mut self) {
        let trace = self.scene.trace;
        let profile = &trace.profile;
        let id = format!("{}/settled", profile.id);
        let title = format!("{} finds nothing to write once it has written everything", profile.title);
        let fix = "Return every value as it was sent, under the name under which it was sent.";
        for unsettled in &trace.unsettled {
            let read = |turn: &usize| unsettled.seq == Some(self.exchange(*turn).seq);
            let turn = (0..trace.turns.len()).find(read);
            let step = self.step(&unsettled.step);
            let breaks = step.and_then(|step| step.breaks.clone());
            let breaks = breaks.unwrap_or_else(|| "the same change is written again in every cycle".to_owned());
            for finding in settled::findings(unsettled) {
                let rule = Rule { id: &id, title: &title, fix };
                let verdict = self.expectation(rule, turn, finding, step, breaks.clone());
                self.push(turn.unwrap_or(trace.turns.len()), verdict);
            }
        }
        let played = profile.scenario(&trace.place.scenario).filter(|_| trace.ending == Ending::Played);
        let steps = played.map(|scenario| scenario.steps.as_slice()).unwrap_or_default();
        // Whether a step with a condition came to its turn cannot be seen when it sends nothing.
        let sure = steps.iter().filter(|step| step.settled && step.when.is_none());
        for _ in sure.filter(|step| trace.unsettled.iter().all(|unsettled| unsettled.step != step.id)) {
            self.tallies.entry(&id.as_str().into()).conforms += 1;
        }
    }

    /// How the scenario ended.
    fn ending(&mut self) {
        let trace = self.scene.trace;
        let id = format!("{}/goes-on", trace.profile.id);
        let title = format!("{} can go on after every answer", trace.profile.title);
        let rule = Rule {
            id: &id,
            title: &title,
            fix: "Accept the request as the client sends it; what the answer says is why it stops.",
        };
        match &trace.ending {
            Ending::Played => {}
            Ending::Undetermined { reason } => {
                let verdict = self.verdict(rule, None, Outcome::Undetermined(reason.clone()));
                self.push(trace.turns.len(), verdict);
            }
            Ending::Stuck { step, reason } => self.stuck(rule, step, reason),
        }
    }

    /// The client cannot go on after a step. An error that is told already and is about the whole answer is the cause,
    /// and then it is that which breaks the feature.
    fn stuck(&mut self, rule: Rule<'_>, step_id: &str, reason: &str) {
        let trace = self.scene.trace;
        let step = self.step(step_id);
        let breaks = step.and_then(|step| step.breaks.clone()).unwrap_or_else(|| reason.to_owned());
        let client = |turn: &usize| self.exchange(*turn).origin == Origin::Client;
        let turn = (0..trace.turns.len()).rev().filter(client).find(|turn| self.exchange(*turn).place.step == step_id);
        let Some(turn) = turn else {
            let finding = Finding::new(Location::Wire, GOES_ON, reason);
            let verdict = self.expectation(rule, None, finding, step, breaks);
            let place = Place { step: step_id.to_owned(), ..trace.place.clone() };
            return self.push(trace.turns.len(), Verdict { place, ..verdict });
        };
        let errors = self.ruled.iter_mut().filter(|(t, v)| *t == turn && v.severity() == Some(Severity::Error));
        let errors: Vec<&mut Verdict> = errors.map(|(_, verdict)| verdict).collect();
        if errors.iter().any(|verdict| verdict.breaks.is_some()) {
            return;
        }
        let cause = errors.into_iter().find(|verdict| tells_of_whole(verdict));
        if let Some(cause) = cause.filter(|_| !is_inferred(step)) {
            cause.breaks = Some(breaks);
            return;
        }
        let finding = why_stuck(self.exchange(turn), step, reason);
        let verdict = self.expectation(rule, Some(turn), finding, step, breaks);
        self.push(turn, verdict);
    }
}

/// How bad an unmet need is: with two grades the lower counts, and what is inferred never fails a run.
fn severity(need: &Need, step: Option<&Step>) -> Severity {
    let grade = step.map_or(need.evidence.grade, |step| step.evidence.grade.min(need.evidence.grade));
    match need.level {
        _ if grade == Grade::Inferred => Severity::Note,
        Level::Note => Severity::Note,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

/// The status when that is why, else the reason in words.
fn why_stuck(exchange: &Exchange, step: Option<&Step>, reason: &str) -> Finding {
    let accept = step.map(|step| step.accept.as_slice()).unwrap_or_default();
    let fits = |status: u16| match accept {
        [] => (200..300).contains(&status),
        patterns => patterns.iter().any(|pattern| pattern.fits(status)),
    };
    match &exchange.got {
        Ok(answer) if !fits(answer.status) => {
            let patterns: Vec<String> = accept.iter().map(ToString::to_string).collect();
            let expected = if patterns.is_empty() { "2xx".to_owned() } else { patterns.join(" or ") };
            let status = format!("{} {}", answer.status, answer.reason);
            let detail = answer.json().and_then(|error| error.get("detail")?.as_str());
            let detail = detail.map_or_else(String::new, |detail| format!(": {}", shortened(detail)));
            Finding::new(Location::Status, expected, format!("{}{detail}", status.trim()))
        }
        _ => Finding::new(Location::Body(String::new()), GOES_ON, reason),
    }
}

/// Enough of an error's detail to know why a request was refused.
fn shortened(detail: &str) -> String {
    match detail.char_indices().nth(DETAIL) {
        Some((cut, _)) => format!("{}\u{2026}", &detail[..cut]),
        None => detail.to_owned(),
    }
}

/// Whether a verdict is about the whole answer: then it tells why a client cannot go on.
fn tells_of_whole(verdict: &Verdict) -> bool {
    let Outcome::Violates { finding, .. } = &verdict.outcome else { return false };
    match &finding.at {
        Location::Status | Location::Wire => true,
        Location::Body(pointer) => pointer.is_empty(),
        Location::Header(_) => false,
    }
}
