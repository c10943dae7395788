//! Named departures of the provider: the mistakes that real servers make, and the legal differences between them.
//!
//! A departure is a few hooks around [`Service::answer`](super::Service::answer): on the request before it is handled, on
//! what is stored of it, on resources and lists as they are shown, on the answer, on its bytes. The provider itself knows
//! nothing of them. Which findings each must cause is held in the tests.

mod apply;
mod call;
mod catalogue;
mod desk;
mod value;
mod wire;

use crate::scim::json::Object;

use super::wire::Answer;
use call::Call;
use desk::Desk;

pub(super) use apply::{answer, id};
pub(super) use desk::Memory;
pub(super) use wire::Listener;

/// A departure from what the provider does otherwise.
#[derive(Debug)]
pub struct Fault {
    /// Its name.
    pub name: &'static str,
    /// What the provider then does, a sentence.
    pub about: &'static str,
    /// Whether a server may do that.
    pub kind: Kind,
    hooks: &'static [Hook],
}

/// What the standard and the clients say of a departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not allowed by the RFCs, or not what a client can use.
    Mistake,
    /// A legal difference that every client copes with.
    Tolerated,
}

/// Where a departure takes hold.
#[derive(Clone, Copy, Debug)]
enum Hook {
    /// Before the provider sees the request: changes it, or answers in the provider's place.
    Asked(fn(&mut Call, &mut Desk<'_>) -> Option<Answer>),
    /// What is kept of a resource that was just written, and what was kept before.
    Stored(fn(&mut Object, &Call, Option<&Object>)),
    /// Every resource in an answer, alone or in a list.
    Shown(fn(&mut Object, &Call)),
    /// The body of a list answer.
    Listed(fn(&mut Object, &Call)),
    /// The answer as a whole.
    Told(fn(&mut Answer, &Call, &mut Desk<'_>)),
    /// What is written to the connection at a time, mostly one answer; `false` closes it behind that.
    Sent(fn(&mut Vec<u8>) -> bool),
    /// The id of the resource with that number.
    Named(fn(u64) -> String),
}

/// All departures of a kind, by area.
pub fn all(kind: Kind) -> impl Iterator<Item = &'static Fault> {
    catalogue::AREAS.iter().flat_map(|(_, faults)| faults.iter()).filter(move |fault| fault.kind == kind)
}

/// The areas with their departures, in the order of the RFCs.
pub fn areas() -> impl Iterator<Item = (&'static str, &'static [Fault])> {
    catalogue::AREAS.iter().copied()
}

/// The departure of that name.
#[must_use]
pub fn get(name: &str) -> Option<&'static Fault> {
    catalogue::AREAS.iter().flat_map(|(_, faults)| faults.iter()).find(|fault| fault.name == name)
}

const fn mistake(name: &'static str, about: &'static str, hooks: &'static [Hook]) -> Fault {
    Fault { name, about, kind: Kind::Mistake, hooks }
}

const fn tolerated(name: &'static str, about: &'static str, hooks: &'static [Hook]) -> Fault {
    Fault { name, about, kind: Kind::Tolerated, hooks }
}
