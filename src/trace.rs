//! One scenario as it went: its exchanges in order, what the client needed of each, and how it ended. This is what is
//! judged, in a run as well as from a transcript.

use std::sync::Arc;

use crate::exchange::{Exchange, Place};
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
