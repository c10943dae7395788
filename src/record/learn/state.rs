//! What every record looked like at every moment of a recording.

use std::collections::BTreeMap;

use super::subject::{Act, Talk, id_of};
use crate::profile::model::ActorKind;
use crate::scim::json::Json;
use crate::scim::patch::{self, Policy};
use crate::scim::schema::builtin;

/// The representations of every record: after which request, and what it was then.
#[derive(Debug, Default)]
pub(super) struct States {
    known: BTreeMap<String, Vec<(usize, Json)>>,
}

impl States {
    pub(super) fn of(talks: &[Talk<'_>]) -> Self {
        let mut states = Self::default();
        for (at, talk) in talks.iter().enumerate() {
            states.follow(at, talk);
        }
        states
    }

    fn follow(&mut self, at: usize, talk: &Talk<'_>) {
        if !talk.exchange.succeeded() || talk.kind.is_none() {
            return;
        }
        let query = talk.resource.split_once('?').map_or("", |(_, query)| query).to_ascii_lowercase();
        let whole = !query.contains("attributes=");
        for told in talk.told().into_iter().filter(|_| whole) {
            if let Some(id) = id_of(told) {
                self.known.entry(id).or_default().push((at, told.clone()));
            }
        }
        if let (Act::Patch, Some(id), true) = (&talk.act, &talk.id, talk.told().is_empty()) {
            self.patch(at, talk, id);
        }
    }

    /// An answer without a body: what the client meant is what is there.
    fn patch(&mut self, at: usize, talk: &Talk<'_>, id: &str) {
        let schema = if talk.kind == Some(ActorKind::User) { builtin::user_type() } else { builtin::group_type() };
        let Some((body, before)) = talk.exchange.sent.json().zip(self.before(id, at)) else { return };
        if let Ok(patched) = patch::apply(before, body, &schema, Policy::Tolerant) {
            self.known.entry(id.to_owned()).or_default().push((at, patched.resource));
        }
    }

    /// What a record was before a request.
    pub(super) fn before(&self, id: &str, at: usize) -> Option<&Json> {
        self.known.get(id)?.iter().rev().find(|(when, _)| *when < at).map(|(_, json)| json)
    }

    /// The record that had this value before a request.
    pub(super) fn with(&self, attribute: &str, value: &str, at: usize) -> Option<&str> {
        let has =
            |json: &Json| json.get(attribute).and_then(Json::as_str).is_some_and(|v| v.eq_ignore_ascii_case(value));
        self.known.keys().map(String::as_str).find(|id| self.before(id, at).is_some_and(has))
    }
}
