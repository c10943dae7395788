//! Checks: pure functions that judge exchanges against one requirement (or several) of the standard.
//!
//! One file a section of an RFC; a check's id, requirements, title, reasons and logic stand together in one literal,
//! and the file's `CHECKS` lists it. What an IdP needs beyond the standard stands as data in its profile, judged by
//! [`needs`].

mod asked;
mod aspect;
mod bulk;
mod contrast;
mod expect;
pub(crate) mod history;
pub mod kind;
pub mod needs;
mod resource;
pub mod rfc7642;
pub mod rfc7643;
pub mod rfc7644;
pub mod rfc9865;
pub mod settled;
pub mod state;
#[cfg(test)]
mod tests;
mod url;
mod validators;

use asked::AskedFilter;
pub use history::Written;
pub use kind::{Kind, Operation};
use resource::Resource;

use crate::exchange::{Exchange, Received};
use crate::facts::Facts;
use crate::scim::json::Json;
use crate::trace::Trace;

/// One thing that is checked.
#[derive(Debug)]
pub struct Check {
    /// Stable id: RFC, section, name, such as `rfc7644/3.3/created-status`.
    pub id: &'static str,
    /// Ids of the requirements it serves, the most specific first.
    pub requirements: &'static [&'static str],
    /// The duty, a short sentence in our own words.
    pub title: &'static str,
    /// Why an IdP or its administrator cares.
    pub why: &'static str,
    /// How to mend an endpoint that fails it.
    pub fix: &'static str,
    /// The logic.
    pub judge: Judge,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug)]
pub enum Judge {
    /// One exchange, knowing what went before.
    Exchange(fn(&Subject<'_>) -> Judgement),
    /// A write of an own resource that succeeded, with the resource as it was shown before and afterwards.
    Write(fn(&Written<'_>) -> Judgement),
    /// A whole scenario; each judgement with the index of the turn it belongs to.
    Scenario(fn(&Scene<'_>) -> Vec<(usize, Judgement)>),
    /// A whole scenario against the shadow directory, in one pass for all checks of this kind: see [`state`].
    State,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// As it should be.
    Conforms,
    /// Not as it should be.
    Violates(Vec<Finding>),
    /// The check has nothing to say here.
    NotApplicable,
    /// It cannot be known; why. Never a pass.
    Undetermined(String),
}

/// One defect in one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Where.
    pub at: Location,
    /// What should be, a fragment: `201 Created`.
    pub expected: String,
    /// What is, a fragment: `200 OK`.
    pub actual: String,
    /// The ambiguity whose reading decides the severity, by its number, with the word that names the case where one
    /// ambiguity has several.
    pub reading: Option<Reading>,
    /// Which of the check's requirements is violated; `None`: the first.
    pub requirement: Option<&'static str>,
}

/// How bad something is in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Shown only; never fails anything.
    Note,
    /// A warning.
    Warning,
    /// An error.
    Error,
}

/// An ambiguous place of the RFCs and what it advises: the severity by default and in strict mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Number in the list of ambiguities.
    pub number: u8,
    /// By default.
    pub lenient: Severity,
    /// With `--strict`.
    pub strict: Severity,
}

/// Where in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// The status line.
    Status,
    /// A header, by name.
    Header(String),
    /// A place in the body, as a JSON pointer.
    Body(String),
    /// The framing of the answer.
    Wire,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Body(pointer) if pointer.is_empty() => f.write_str("body"),
            Self::Body(pointer) => write!(f, "body {pointer}"),
            Self::Wire => f.write_str("wire"),
        }
    }
}

/// How to judge.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The strict reading of ambiguous places is an error (RFC checks only).
    pub strict: bool,
    /// The base URL, without its query: what locations are compared with.
    pub base: String,
    /// The target is on loopback: TLS requirements do not apply.
    pub loopback: bool,
}

/// A scenario to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What happened.
    pub trace: &'a Trace,
    /// What the target says of itself.
    pub facts: &'a Facts,
    /// How to judge.
    pub options: &'a Options,
    /// Its exchanges as [`classify`] found them, turn by turn.
    pub classified: &'a [Classified<'a>],
}

impl<'a> Scene<'a> {
    /// What the exchange of a turn asked for.
    #[must_use]
    pub fn kind(&self, turn: usize) -> Kind<'a> {
        self.classified[turn].kind
    }
}

/// What nearly every check wants to know of an exchange, found out once.
#[derive(Debug)]
pub struct Classified<'a> {
    /// What it asked for.
    kind: Kind<'a>,
    /// Its answer, as far as the standard has a say in it.
    received: Option<&'a Received>,
    /// The resources in its answer.
    resources: Vec<Resource<'a>>,
    /// Whether it asked for a part of the attributes.
    projected: bool,
    /// The filter that it sent.
    filter: Option<AskedFilter>,
}

/// The exchanges of a scenario, classified for a [`Scene`].
#[must_use]
pub fn classify<'a>(trace: &'a Trace, facts: &'a Facts) -> Vec<Classified<'a>> {
    let classified = trace.turns.iter().map(|turn| {
        let exchange = &*turn.exchange;
        let kind = Kind::of(&exchange.sent, facts);
        let stumbled = exchange.sent.path().contains("//") && !exchange.succeeded();
        Classified {
            kind,
            received: exchange.got.as_ref().ok().filter(|_| !stumbled),
            resources: resource::resources(resource::answered(exchange, kind.operation), kind, facts),
            projected: resource::projected(&exchange.sent, kind.operation),
            filter: AskedFilter::of(&exchange.sent, kind.operation),
        }
    });
    classified.collect()
}

/// Every check of the standards, in the order of their sections.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let rfc7643 = rfc7642::FILES.iter().chain(rfc7643::FILES);
    let sections = rfc7643.chain(rfc7644::FILES).chain(rfc9865::FILES).flat_map(|file| file.iter());
    sections.chain(state::CHECKS).copied()
}

/// The check of that id.
#[must_use]
pub fn get(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

/// An exchange to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The scenario around it.
    pub scene: Scene<'a>,
    /// Which turn.
    pub index: usize,
    /// What it asked for.
    pub kind: Kind<'a>,
    classified: &'a Classified<'a>,
}

impl<'a> Subject<'a> {
    /// Turn `index` of a scene.
    #[must_use]
    pub fn new(scene: Scene<'a>, index: usize) -> Self {
        let classified = &scene.classified[index];
        Self { scene, index, kind: classified.kind, classified }
    }

    /// The answer, if there is one. What is not found or redirected for an empty path segment (`//Users`, from a base
    /// URL that ends in a slash) is none to the standard, which has no such address.
    #[must_use]
    pub fn received(&self) -> Option<&'a Received> {
        self.classified.received
    }

    /// The answer's status, if there is an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.received().map(|answer| answer.status)
    }

    /// The answer's JSON, if it has a body and that is JSON.
    #[must_use]
    pub fn body(&self) -> Option<&'a Json> {
        self.received()?.json()
    }

    /// The filter that was sent, in the address or in the body of a search.
    pub(crate) fn filter(&self) -> Option<&'a AskedFilter> {
        self.classified.filter.as_ref()
    }

    /// The exchange itself.
    #[must_use]
    pub fn exchange(&self) -> &'a Exchange {
        &self.scene.trace.turns[self.index].exchange
    }
}
