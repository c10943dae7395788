//! Folds exchanges into the shadow directory, and tells whether a reading shows what it must.

use super::compare::{self, Gap};
use super::tolerance::{Tolerance, tolerance};
use super::{Life, Record, Shadow};
use crate::exchange::{Exchange, FailureKind, Origin, decode_path};
use crate::facts::Facts;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::resource::project;
use crate::scim::schema::ResourceSchema;
use crate::trace::Turn;

/// What an exchange is about, for the shadow directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `POST /Users`
    Create,
    /// `GET /Users/{id}`
    Read,
    /// `PUT /Users/{id}`
    Replace,
    /// `PATCH /Users/{id}`
    Patch,
    /// `DELETE /Users/{id}`
    Delete,
    /// `GET /Users`, `POST /Users/.search`
    List,
}

impl<'a> Shadow<'a> {
    /// What an exchange does, on which resource type, and the id in its path.
    #[must_use]
    pub fn act(&self, exchange: &Exchange) -> Option<(Act, &'a ResourceSchema, String)> {
        if matches!(exchange.origin, Origin::Discovery | Origin::CleanUp) {
            return None;
        }
        let (schema, rest) = self.place(exchange.sent.path())?;
        let act = match (exchange.sent.method.as_str(), rest) {
            ("POST", None) => Act::Create,
            ("POST", Some(".search")) | ("GET", None) => Act::List,
            (_, Some(rest)) if rest.contains('/') => return None,
            ("GET", Some(_)) => Act::Read,
            ("PUT", Some(_)) => Act::Replace,
            ("PATCH", Some(_)) => Act::Patch,
            ("DELETE", Some(_)) => Act::Delete,
            _ => return None,
        };
        Some((act, schema, rest.map(decode_path).unwrap_or_default()))
    }

    /// Folds one exchange in. A reading of an own resource becomes its state.
    pub fn follow(&mut self, index: usize, exchange: &'a Exchange) {
        let Some((act, schema, id)) = self.act(exchange) else {
            if exchange.sent.path().trim_matches('/') == "Bulk" && exchange.sent.method == "POST" {
                self.doubt_everything();
            }
            return;
        };
        match act {
            Act::Create => self.follow_create(index, schema, exchange),
            Act::List => self.adopt_from(schema, exchange.answer()),
            _ => {
                if let Some(at) = self.find(schema, &id) {
                    let body = exchange.sent.json().filter(|_| matches!(act, Act::Replace | Act::Patch));
                    let was_active = self.records[at].is_active();
                    self.records[at].follow(act, index, exchange, body);
                    if self.records[at].life == Life::Deleted(index) {
                        self.release(&id);
                    } else if was_active && !self.records[at].is_active() {
                        self.deactivate(&id);
                    }
                } else if act == Act::Read && exchange.succeeded() {
                    exchange.answer().and_then(|resource| self.adopt(schema, resource));
                }
            }
        }
    }

    fn follow_create(&mut self, index: usize, schema: &'a ResourceSchema, exchange: &'a Exchange) {
        let Some(body) = exchange.sent.json() else { return };
        match created_id(exchange) {
            Some(id) => {
                self.create(index, schema, &id, body);
            }
            None if may_have_worked(exchange) => self.lose(index, schema, body),
            None => {}
        }
    }

    fn adopt_from(&mut self, schema: &'a ResourceSchema, answer: Option<&'a Json>) {
        if self.lost.is_empty() {
            return;
        }
        let resources = answer.and_then(|list| list.get("Resources")).and_then(Json::as_array);
        for resource in resources.unwrap_or_default() {
            self.adopt(schema, resource);
        }
    }
}

/// The id that the answer to a create gives: in its body, else at the end of its Location.
#[must_use]
pub fn created_id(exchange: &Exchange) -> Option<String> {
    let answer = exchange.got.as_ref().ok().filter(|_| exchange.succeeded())?;
    let in_body = answer.json().and_then(|json| json.get("id")).and_then(|id| match id {
        Json::String(id) => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    });
    in_body.or_else(|| {
        let location = answer.header("location")?.split(['?', '#']).next()?;
        Some(decode_path(location.trim_end_matches('/').rsplit('/').next()?)).filter(|id| !id.is_empty())
    })
}

/// Whether a write that was not answered with success may have had its effect all the same.
fn may_have_worked(exchange: &Exchange) -> bool {
    match &exchange.got {
        Ok(answer) => answer.status >= 500 || (200..300).contains(&answer.status),
        Err(failure) => matches!(
            failure.kind,
            FailureKind::TimeOut | FailureKind::Cut | FailureKind::NotHttp | FailureKind::Stopped
        ),
    }
}

impl<'a> Record<'a> {
    fn follow(&mut self, act: Act, index: usize, exchange: &'a Exchange, body: Option<&'a Json>) {
        let status = exchange.status();
        match (act, status) {
            (Act::Read, _) => self.follow_read(index, exchange),
            // Nobody tried it: not allowed, too many, not offered.
            (_, Some(401 | 403 | 405 | 429 | 501)) => {}
            (Act::Delete, Some(202)) => self.life = Life::Unknown,
            (Act::Delete, Some(200..=299)) => self.life = Life::Deleted(index),
            (Act::Delete, Some(404 | 410)) if self.life != Life::Live => {}
            (Act::Delete, Some(404 | 410)) => self.life = Life::Unknown,
            (Act::Delete, _) if may_have_worked(exchange) => self.life = Life::Unknown,
            (Act::Replace | Act::Patch, Some(202)) | (Act::Replace, Some(400..=499)) => self.doubt(),
            (Act::Replace, Some(200..=299)) if self.life == Life::Live => match body {
                Some(body) => self.replace(index, body),
                None => self.doubt(),
            },
            (Act::Patch, Some(200..=299)) if self.life == Life::Live => match body {
                Some(body) => self.patch(index, body),
                None => self.doubt(),
            },
            (Act::Patch, Some(400..=499)) if !self.uncertain => {
                self.refused = Some(index);
                self.refused_body = body;
            }
            (Act::Replace | Act::Patch, _) if may_have_worked(exchange) => self.doubt(),
            _ => {}
        }
    }

    fn follow_read(&mut self, index: usize, exchange: &'a Exchange) {
        match (exchange.status(), self.life) {
            (Some(200..=299), Life::Deleted(_)) => {}
            (Some(200..=299), _) => {
                self.life = Life::Live;
                let whole = exchange.answer().filter(|answer| answer.as_object().is_some());
                if let (Some(answer), Some(Extent::Whole)) = (whole, Extent::of(exchange)) {
                    self.saw(answer);
                }
            }
            (Some(404 | 410), Life::Live) => self.life = Life::Lost,
            (Some(404 | 410), Life::Unknown) => self.life = Life::Deleted(index),
            _ => {}
        }
    }

    /// Departures of a representation that shows as much as was asked for, in attributes that the run has set.
    #[must_use]
    pub fn departures<'x>(&'x self, expected: &'x Json, actual: &'x Json) -> Vec<Gap<'x>> {
        let mut gaps = compare::gaps(expected, actual, self.schema);
        gaps.retain(|gap| self.has_set(&gap.path));
        for write in &self.writes {
            for left in compare::leftovers(&write.before, expected, actual, self.schema) {
                if !gaps.iter().any(|gap| gap.key() == left.key()) {
                    gaps.push(left);
                }
            }
        }
        gaps
    }
}

/// How much of a resource was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Extent {
    /// All that is returned by default.
    Whole,
    /// `attributes` and `excludedAttributes`.
    Part(Vec<AttributePath>, Vec<AttributePath>),
}

impl Extent {
    /// What a request asked for; `None` when it cannot be read.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let paths = |name: &str| -> Option<Vec<AttributePath>> {
            let Some(text) = exchange.sent.parameter(name) else { return Some(Vec::new()) };
            text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| AttributePath::parse(t).ok()).collect()
        };
        let (only, without) = (paths("attributes")?, paths("excludedAttributes")?);
        Some(if only.is_empty() && without.is_empty() { Self::Whole } else { Self::Part(only, without) })
    }

    /// What is to be seen of a resource.
    #[must_use]
    pub fn of_resource<'r>(&self, resource: &'r Json, schema: &ResourceSchema) -> std::borrow::Cow<'r, Json> {
        match self {
            Self::Whole => std::borrow::Cow::Borrowed(resource),
            Self::Part(only, without) => std::borrow::Cow::Owned(project(resource, schema, only, without)),
        }
    }
}

/// Whether the last turn, a reading, shows what the turns before it must have led to; readings of the same resource
/// just before it were too early to count. True also where reading again cannot help.
#[must_use]
pub fn settled(turns: &[Turn], facts: &Facts) -> bool {
    let Some((last, before)) = turns.split_last() else { return true };
    let exchange = &*last.exchange;
    let again = |turn: &Turn| {
        turn.exchange.origin == Origin::CheckRead && turn.exchange.sent.resource == exchange.sent.resource
    };
    let early = before.iter().rev().take_while(|turn| again(turn)).count();
    let mut shadow = Shadow::new(facts);
    for (index, turn) in before[..before.len() - early].iter().enumerate() {
        shadow.follow(index, &turn.exchange);
    }
    let Some((Act::Read, schema, id)) = shadow.act(exchange) else { return true };
    let Some(record) = shadow.find(schema, &id).map(|at| &shadow.records[at]) else { return true };
    match (exchange.status(), record.life) {
        (Some(200..=299), Life::Deleted(_)) | (Some(404 | 410), Life::Live) => false,
        (Some(200..=299), Life::Live) if !record.uncertain => {
            let Some(answer) = exchange.answer() else { return true };
            let gaps = record.departures(&record.state, answer);
            gaps.iter().all(|gap| tolerance(gap, record, answer, facts) != Tolerance::None)
        }
        _ => true,
    }
}
