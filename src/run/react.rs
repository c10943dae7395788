//! What the client learns from an answer, whether it goes on, and how long it waits before it asks again.

use std::time::Duration;

use minijinja::Value;

use super::link::{Answered, accepts, id_of};
use super::scenario::Play;
use super::setup::endpoint;
use crate::exchange::FailureKind;
use crate::play::render::{ActorCell, template_value};
use crate::profile::model::{ActorKind, Patience, Spot, StatusPattern, Step};
use crate::scim::json::Json;

/// Why a step ends the scenario, or the cycle.
pub(super) enum Stop {
    Stuck(String),
    Undetermined(String),
    Later(Later),
}

/// The client gives up for this cycle and comes back in the next.
pub(super) struct Later {
    /// In words.
    pub reason: String,
    /// How long the target asks it to stay away.
    pub asked: Option<Duration>,
    /// It was told that it asks too often, which says nothing of what the target can do.
    pub limited: bool,
}

impl Later {
    /// After an answer, or after none came in time.
    pub(super) fn of(title: &str, answered: &Answered) -> Self {
        let limited = answered.status() == Some(429);
        let request = format!("{} {}", answered.turn.exchange.sent.method, answered.turn.exchange.sent.path());
        let reason = match (answered.answer(), limited) {
            (Ok(_), true) => {
                format!("the target asked {title} to wait: {request} was answered with {}", answered.in_words())
            }
            (Ok(_), false) => format!("{request} was answered with {}", answered.in_words()),
            (Err(failure), _) => failure.detail.clone(),
        };
        Self { reason, asked: asked_to_wait(answered), limited }
    }
}

/// `Retry-After` in whole seconds.
fn asked_to_wait(answered: &Answered) -> Option<Duration> {
    let text = answered.answer().ok()?.header("retry-after")?;
    text.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}

/// Whether an answer, or that none came in time, makes a client try again later.
pub(super) fn refused_for_now(patience: &Patience, accept: &[StatusPattern], answered: &Answered) -> bool {
    match answered.answer() {
        Ok(answer) => patience.on.iter().any(|on| on.fits(answer.status)) && !accepts(accept, answer.status),
        Err(failure) => patience.time_out && failure.kind == FailureKind::TimeOut,
    }
}

impl Play<'_> {
    /// What the client learns from an answer, and whether it goes on.
    pub(super) fn react(&mut self, step: &Step, answered: &Answered) -> Result<(), Stop> {
        let answer = match answered.answer() {
            Ok(answer) => answer,
            Err(failure) => {
                return Err(match failure.kind {
                    FailureKind::Refused | FailureKind::TimeOut | FailureKind::Cut | FailureKind::NotHttp => {
                        Stop::Stuck(failure.detail.clone())
                    }
                    _ => Stop::Undetermined(failure.detail.clone()),
                });
            }
        };
        let good = (200..300).contains(&answer.status);
        let needed = self.stage.profile.traits.curious && step.creates.is_some();
        if !accepts(&step.accept, answer.status) || (needed && !good) {
            let request = format!("{} {}", step.method, answered.turn.exchange.sent.path());
            let profile = &self.stage.profile;
            if answer.status == 429 && profile.patience.is_none() {
                return Err(Stop::Undetermined(format!(
                    "{request} was answered with {}, and what {} does then is not known; try a lower --rate",
                    answered.in_words(),
                    profile.title
                )));
            }
            return Err(Stop::Stuck(format!("{request} was answered with {}", answered.in_words())));
        }
        if let Some(cell) = step.finds.as_deref().and_then(|name| self.scope.actor(name)) {
            self.found(&cell, answer.json(), good)?;
        }
        if let (Some(cell), true) = (step.creates.as_deref().and_then(|name| self.scope.actor(name)), good) {
            let kind = cell.state().kind;
            match id_of(answer, endpoint(kind)) {
                Some(id) => {
                    if !self.link.owns(&id) {
                        self.link.met(&id);
                    }
                    cell.state().id = Some(id);
                }
                None => return Err(Stop::Stuck("the answer to the create tells no id".to_owned())),
            }
        }
        if let (Some(cell), true) = (step.reads.as_deref().and_then(|name| self.scope.actor(name)), good) {
            match answer.json() {
                Some(json @ Json::Object(_)) => cell.state().read = Some(json.clone()),
                _ => return Err(Stop::Stuck("the answer holds no resource".to_owned())),
            }
        }
        for (name, spot) in &step.capture {
            let value = match spot {
                Spot::Body(pointer) => answer.json().and_then(|json| json.pointer(pointer)).map(captured),
                Spot::Header(header) => answer.header(header).map(Value::from),
            };
            if let Some(value) = value {
                self.scope.captured.insert(name.clone(), value);
            }
        }
        Ok(())
    }

    fn found(&mut self, cell: &ActorCell, list: Option<&Json>, good: bool) -> Result<(), Stop> {
        let resources = list.and_then(|list| list.get("Resources")).and_then(Json::as_array).unwrap_or_default();
        let mut state = cell.state();
        // What the client holds in its hands; whether the total agrees is for the checks.
        state.hits = if good { i64::try_from(resources.len()).unwrap_or(i64::MAX) } else { 0 };
        state.found = state.hits > 0;
        let expected = state.id.clone();
        let id = resources.first().and_then(|first| first.get("id")).and_then(|id| match id {
            Json::String(id) if !id.is_empty() => Some(id.clone()),
            Json::Number(id) => Some(id.to_string()),
            _ => None,
        });
        if !state.found {
            return Ok(());
        }
        match (id, expected) {
            (Some(id), None) if !self.link.owns(&id) => {
                let name =
                    if state.kind == ActorKind::User { &state.person.user_name } else { &state.person.display_name };
                let attribute = if state.kind == ActorKind::User { "userName" } else { "displayName" };
                let same = resources[0].get(attribute).and_then(Json::as_str) == Some(name);
                if same && self.cycle > 1 && self.link.take_up(name, &id) {
                    // A create of the cycle before that was not answered has had its effect.
                    state.id = Some(id);
                    return Ok(());
                }
                if same {
                    self.name_taken = Some(name.clone());
                    return Err(Stop::Undetermined(format!("the invented name {name} is on the target already")));
                }
                // A stranger, although an invented name was asked for. The client takes it for the one it meant; the
                // transport refuses whatever it would write there.
                self.link.met(&id);
                state.id = Some(id);
                Ok(())
            }
            (Some(id), _) => {
                state.id = Some(id);
                Ok(())
            }
            (None, _) => Err(Stop::Stuck("the first resource in the list has no id".to_owned())),
        }
    }
}

/// How long the client waits before it asks again. `Retry-After` counts only as a whole number of seconds (RFC 9110
/// section 10.2.3 also allows a date, which Okta does not read).
pub(super) fn next_wait(patience: &Patience, before: Option<Duration>, answered: &Answered) -> Duration {
    match (before, asked_to_wait(answered).filter(|_| patience.retry_after)) {
        (Some(before), _) if patience.doubles => before * 2,
        (_, Some(asked)) => asked,
        _ => Duration::from_secs(patience.wait.into()),
    }
}

fn captured(value: &Json) -> Value {
    match value {
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(token) => token.parse::<i64>().map_or_else(|_| Value::from(token.to_string()), Value::from),
        Json::Bool(b) => Value::from(*b),
        other => template_value(other),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exchange::{Exchange, Origin, Place, Received, Sent};
    use crate::profile::model::{Evidence, Grade, Resume};
    use crate::trace::Turn;

    fn answered(retry_after: Option<&str>) -> Answered {
        let headers = retry_after.map(|value| ("Retry-After".to_owned(), value.to_owned())).into_iter().collect();
        let got = Ok(Received::new(429, String::new(), headers, Vec::new(), Vec::new()));
        let place = Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() };
        let (method, target, resource) = ("GET".to_owned(), String::new(), String::new());
        let sent = Sent { method, target, resource: resource.into(), headers: Vec::new(), body: None };
        let (at, took) = (jiff::Timestamp::UNIX_EPOCH, Duration::ZERO);
        let exchange = Exchange { seq: 1, place, origin: Origin::Client, at, took, sent, got };
        Answered::from(Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on: false, at_once: false })
    }

    #[test]
    fn only_whole_seconds_are_understood_and_repetition_doubles() {
        let patience = Patience {
            on: vec![StatusPattern::Code(429)],
            wait: 300,
            retry_after: true,
            doubles: true,
            attempts: 10,
            time_out: false,
            resume: Resume::Request,
            evidence: Evidence { grade: Grade::Documented, sources: Vec::new() },
        };
        let wait = |before: Option<u64>, text: Option<&str>| {
            next_wait(&patience, before.map(Duration::from_secs), &answered(text)).as_secs()
        };
        assert_eq!(wait(None, Some("7")), 7);
        for other in [None, Some("1.5"), Some("Wed, 25 Nov 2026 10:00:00 GMT"), Some("-1"), Some("null")] {
            assert_eq!(wait(None, other), 300, "{other:?}");
        }
        assert_eq!(wait(Some(7), Some("7")), 14);
        assert_eq!(wait(Some(300), None), 600);
    }
}
