//! What departures have at hand: the provider behind them, and a memory of their own.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use crate::scim::json::{Json, Object};

use super::super::refusal::Refusal;
use super::super::wire::{Answer, Request};
use super::super::{BASE_PATH, Service};
use super::call::Call;

/// How long a write takes, so that others can come meanwhile.
pub(super) const TAKES: Duration = Duration::from_millis(80);

/// What departures remember from one request to the next.
#[derive(Default)]
pub(in super::super) struct Memory {
    counts: HashMap<String, u64>,
    kept: HashMap<String, Json>,
    begun: HashMap<String, Option<Timestamp>>,
}

/// The provider, to be asked and changed.
pub(super) struct Desk<'a> {
    pub(super) service: &'a mut Service,
    headers: HeaderMap,
    at: Timestamp,
}

impl<'a> Desk<'a> {
    pub(super) fn new(service: &'a mut Service, call: &Call) -> Self {
        let mut headers = call.headers.clone();
        for name in ["if-match", "if-none-match", "content-type"] {
            headers.remove(name);
        }
        Self { service, headers, at: call.at }
    }

    /// Asks the provider itself: `GET`, `/Users/42`.
    pub(super) fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let path = format!("{BASE_PATH}{path}");
        let (headers, body) = (&self.headers, body.as_bytes());
        self.service.conforming(&Request { method, path: &path, query: None, headers, body, at: self.at })
    }

    /// A resource as the provider shows it.
    pub(super) fn read(&mut self, path: &str) -> Option<Json> {
        self.send("GET", path, "").body.filter(|body| body.get("id").is_some())
    }

    /// What is kept of a resource.
    pub(super) fn content(&self, id: &str) -> Option<Object> {
        self.service.store().find(id).map(|(_, record)| record.content.clone())
    }

    /// Keeps that of a resource, whatever it is.
    pub(super) fn keep(&mut self, id: &str, content: Object) {
        let at = self.at;
        self.service.store_mut().update(id, content, at);
    }

    /// How often that was counted before.
    pub(super) fn count(&mut self, what: &str) -> u64 {
        let count = self.service.memory().counts.entry(what.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    /// Whether what was begun under that name, and [`TAKES`] its time, is not over yet; otherwise it begins now.
    pub(super) fn is_under_way(&mut self, name: &str) -> bool {
        let begun = self.service.memory().begun.entry(name.to_owned()).or_default();
        let still = begun.is_some_and(|begun| self.at.duration_since(begun).unsigned_abs() < TAKES);
        if !still {
            *begun = Some(self.at);
        }
        still
    }

    /// Remembers a value under a name.
    pub(super) fn remember(&mut self, name: &str, value: Json) {
        self.service.memory().kept.insert(name.to_owned(), value);
    }

    /// What is remembered under a name.
    pub(super) fn recall(&mut self, name: &str) -> Option<Json> {
        self.service.memory().kept.get(name).cloned()
    }

    /// The same, once.
    pub(super) fn forget(&mut self, name: &str) -> Option<Json> {
        self.service.memory().kept.remove(name)
    }
}

/// A SCIM error as an answer.
pub(super) fn refuse(status: u16, detail: &str) -> Answer {
    Refusal::new(status, detail).into()
}

/// 400 with a `scimType` as an answer.
pub(super) fn refuse_as(scim_type: &'static str, detail: &str) -> Answer {
    Refusal::bad(scim_type, detail).into()
}
