//! Checks of the target's state: what was written is read back, a PATCH changed what it should and nothing else, a
//! filter returns what matches, what was deleted is gone.
//!
//! One pass over a scenario folds the [shadow directory](crate::shadow) and asks all of them; each file holds one check
//! (or a few that belong together) with its wording. They speak of the run's own resources only.

mod active;
mod converges;
mod deleted;
mod filter;
mod id;
mod keys;
mod list;
mod members;
mod pass;
mod patch;
mod projection;
mod query;
mod read_back;
mod refused;
mod representation;
mod root;
mod stale;
mod words;
mod written;

use super::{Check, Finding, Judgement, Scene};

/// Every check of the state, in the order in which a reader meets them.
pub static CHECKS: &[&Check] = &[
    &written::CREATED,
    &written::REPLACED,
    &written::PATCHED,
    &patch::MESSAGE,
    &patch::FITS,
    &patch::TARGET,
    &patch::ACCEPTED,
    &refused::REFUSED,
    &read_back::READ_BACK,
    &stale::STALE,
    &active::ACTIVE,
    &members::ADDED,
    &members::REMOVED,
    &members::KEPT,
    &keys::LITERAL_KEYS,
    &converges::CONVERGES,
    &id::ID_STABLE,
    &filter::FILTER,
    &filter::TEXT,
    &filter::PRESENCE,
    &filter::ORDER,
    &filter::LOGIC,
    &filter::VALUE_PATH,
    &filter::NAMES,
    &filter::VALUES,
    &filter::ADVERTISED,
    &list::LIST,
    &list::LISTED_MEMBERS,
    &root::ROOT,
    &projection::PROJECTION,
    &deleted::DELETED,
];

/// What the pass saw for one check at one exchange.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The check.
    pub check: &'static Check,
    /// The turn that shows it.
    pub turn: usize,
    /// The outcome; a violation holds one finding.
    pub judgement: Judgement,
    /// The turn of the write that is to blame, where it is another one.
    pub cause: Option<usize>,
    /// What it means to an administrator, in general words.
    pub harm: String,
    /// Whether the words in the profile's step say it better than `harm`.
    pub step_knows: bool,
    /// The letter of the RFC allows it, or says little, and yet it is not what the client means.
    pub against_intent: bool,
}

/// Judges the state of a scenario's own resources.
#[must_use]
pub fn observe(scene: &Scene<'_>) -> Vec<Observation> {
    let mut observed = pass::run(scene);
    let converging = converges::observe(scene, &observed);
    observed.extend(converging);
    observed
}

/// A violation in the making.
#[derive(Clone, Debug)]
struct Told {
    check: &'static Check,
    finding: Finding,
    cause: Option<usize>,
    harm: String,
    step_knows: bool,
    against_intent: bool,
}

impl Told {
    fn new(check: &'static Check, finding: Finding) -> Self {
        Self { check, finding, cause: None, harm: String::new(), step_knows: false, against_intent: false }
    }

    /// That write is to blame.
    fn cause(self, turn: impl Into<Option<usize>>) -> Self {
        Self { cause: turn.into(), ..self }
    }

    /// What it means to an administrator.
    fn harm(self, harm: impl Into<String>) -> Self {
        Self { harm: harm.into(), ..self }
    }

    /// The profile's words for the step say what it means to an administrator.
    fn step_knows(self) -> Self {
        Self { step_knows: true, ..self }
    }

    /// The letter of the RFC allows it, and yet it is not what the client means.
    fn against_intent(self, against: bool) -> Self {
        Self { against_intent: against, ..self }
    }

    fn at_turn(self, turn: usize) -> Observation {
        Observation {
            check: self.check,
            turn,
            judgement: Judgement::Violates(vec![self.finding]),
            cause: self.cause,
            harm: self.harm,
            step_knows: self.step_knows,
            against_intent: self.against_intent,
        }
    }
}
