//! One scenario as it went: its exchanges in order, what the client needed of each, and how it ended. This is what is
//! judged, in a run as well as from a transcript.

use std::borrow::Cow;
use std::sync::Arc;

use crate::exchange::{Exchange, Place, Received};
use crate::profile::model::{BoundNeed, Profile};
use crate::scim::json::Json;

/// One exchange with what the client needed of it.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Request and answer; what belongs to strangers is masked already.
    pub exchange: Arc<Exchange>,
    /// Needs of the client, filled in; none for our own requests.
    pub needs: Vec<BoundNeed>,
    /// Whether the client went on with this answer.
    pub went_on: bool,
    /// Whether other requests of its step were under way at the same time.
    pub at_once: bool,
}

/// How a scenario ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every step was played or left out by its condition.
    Played,
    /// The client could not go on after a step; why.
    Stuck {
        /// Step id.
        step: String,
        /// In plain words.
        reason: String,
    },
    /// It could not be found out: set-up failed, the target went away, time was spent; why.
    Undetermined {
        /// In plain words.
        reason: String,
    },
}

/// A played scenario.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Variant, scenario and round; the step is empty.
    pub place: Place,
    /// The client.
    pub profile: Arc<Profile>,
    /// Its exchanges, set-up first.
    pub turns: Vec<Turn>,
    /// How it ended.
    pub ending: Ending,
    /// What a client that should have had nothing to write would have written.
    pub unsettled: Vec<Unsettled>,
    /// Invented values with what they stand for (`maya.email`), so that answers of two runs can be compared.
    pub invented: Vec<(String, String)>,
}

/// A client that compares before it writes still found a difference after its own update.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsettled {
    /// Step id.
    pub step: String,
    /// The exchange in which it read, by its number.
    pub seq: Option<u64>,
    /// Attribute path, what is wanted, what was read.
    pub changes: Vec<(String, Json, Option<Json>)>,
}

impl Trace {
    /// The trace as it is judged. Of requests that were under way at the same time nobody knows the order in which they took
    /// effect, nor whose effect an answer shows: those that succeeded stand first, and an answer to a change is taken for one
    /// that shows nothing.
    #[must_use]
    pub fn judged(&self) -> Cow<'_, Self> {
        if !self.turns.iter().any(|turn| turn.at_once) {
            return Cow::Borrowed(self);
        }
        let mut trace = self.clone();
        for together in trace.turns.chunk_by_mut(Turn::is_beside) {
            together.sort_by_key(|turn| !turn.exchange.succeeded());
        }
        for turn in trace.turns.iter_mut().filter(|turn| turn.at_once && turn.changes()) {
            let mut exchange = Exchange::clone(&turn.exchange);
            exchange.got = Ok(Received::new(204, String::new(), Vec::new(), Vec::new(), Vec::new()));
            turn.exchange = Arc::new(exchange);
        }
        Cow::Owned(trace)
    }
}

impl Turn {
    fn is_beside(&self, other: &Self) -> bool {
        self.at_once && other.at_once && self.exchange.place == other.exchange.place
    }

    /// Whether it changed something that was there.
    fn changes(&self) -> bool {
        matches!(self.exchange.sent.method.as_str(), "PUT" | "PATCH") && self.exchange.succeeded()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Origin, Sent};

    fn turn(seq: u64, method: &str, status: u16, at_once: bool) -> Turn {
        let place = Place { variant: "rfc".into(), scenario: "at-once".into(), round: 0, step: "write".into() };
        let (target, resource) = ("/scim/Groups/1".to_owned(), "/Groups/1".into());
        let sent = Sent { method: method.into(), target, resource, headers: Vec::new(), body: None };
        let got = Ok(Received::new(status, String::new(), Vec::new(), br#"{"id":"1"}"#.to_vec(), Vec::new()));
        let (at, took, origin) = (jiff::Timestamp::UNIX_EPOCH, Duration::ZERO, Origin::Client);
        let exchange = Arc::new(Exchange { seq, place, origin, at, took, sent, got });
        Turn { exchange, needs: Vec::new(), went_on: true, at_once }
    }

    fn judged(turns: Vec<Turn>) -> Vec<(u64, u16, bool)> {
        let place = Place { variant: "rfc".into(), scenario: "at-once".into(), round: 0, step: String::new() };
        let profile = crate::profile::catalogue::builtin("rfc").unwrap().unwrap();
        let (ending, unsettled, invented) = (Ending::Played, Vec::new(), Vec::new());
        let trace = Trace { place, profile, turns, ending, unsettled, invented };
        let told = trace.judged();
        let shown = |exchange: &Exchange| exchange.answer().and_then(|answer| answer.get("id")).is_some();
        told.turns
            .iter()
            .map(|turn| (turn.exchange.seq, turn.exchange.status().unwrap(), shown(&turn.exchange)))
            .collect()
    }

    #[test]
    fn what_was_under_way_together_is_judged_without_its_order() {
        let turns = vec![
            turn(1, "PATCH", 200, false),
            turn(2, "PATCH", 409, true),
            turn(3, "PATCH", 200, true),
            turn(4, "POST", 201, true),
            turn(5, "GET", 200, false),
        ];
        let expected = [(1, 200, true), (3, 204, false), (4, 201, true), (2, 409, true), (5, 200, true)];
        assert_eq!(judged(turns), expected);
    }

    #[test]
    fn what_came_one_after_the_other_stays_as_it_is() {
        let turns = vec![turn(1, "PATCH", 409, false), turn(2, "PATCH", 200, false)];
        assert_eq!(judged(turns), [(1, 409, true), (2, 200, true)]);
    }
}
