//! A query at the root goes over the resources of all types.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::exchange::Exchange;
use crate::scim::filter::{Filter, Reason, Truth};
use crate::scim::json::Json;
use crate::shadow::{Life, Record};

pub(super) static ROOT: Check = Check {
    id: "state/root-query",
    requirements: &["RFC7644-3.4.2.1-02", "RFC7644-3.4.2.1-05", "RFC7644-3.4.2.1-06", "RFC7644-3.4.2.1-07"],
    title: "A query at the root finds resources of every type that match",
    why: "A client that looks for whatever has a name gets half an answer otherwise.",
    fix: "Apply the filter to each type; an attribute that a type does not have is one without a value.",
    judge: Judge::State,
};

/// A query at the root: its filter and how it was answered.
pub(super) struct RootQuery<'a> {
    filter: Option<Filter>,
    exchange: &'a Exchange,
}

impl<'a> RootQuery<'a> {
    /// `None`: the request is none, or cannot be read.
    pub(super) fn of(exchange: &'a Exchange, body: Option<&Json>) -> Option<Self> {
        let sent = &exchange.sent;
        let text = match (sent.method.as_str(), sent.path().trim_matches('/')) {
            ("GET", "") => sent.parameter("filter"),
            ("POST", ".search") => body?.get("filter").and_then(Json::as_str),
            _ => return None,
        };
        let filter = match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(Filter::parse(text).ok()?.0),
            None => None,
        };
        Some(Self { filter, exchange })
    }

    /// What the answer tells about own resources; `None`: nothing can be said.
    pub(super) fn judge(&self, own: &[Record<'_>]) -> Option<Result<(), Told>> {
        let live = || own.iter().filter(|record| record.life == Life::Live && !record.uncertain);
        if self.exchange.status() == Some(400) {
            return self.refused(live().next()?).map(Err);
        }
        let answer = self.exchange.answer().filter(|_| self.exchange.status() == Some(200))?;
        let items = answer.get("Resources").and_then(Json::as_array).unwrap_or_default();
        let listed = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let whole = answer.get("totalResults").and_then(Json::as_i64).is_some_and(|total| total <= listed)
            && answer.get("nextCursor").is_none();
        let mut decided = false;
        for record in live() {
            let place = items.iter().position(|item| item.get("id").and_then(Json::as_str) == Some(&record.id));
            match (self.matches(record), place) {
                (Some(true), None) if whole => return Some(Err(self.missing(record))),
                (Some(false), Some(place)) => return Some(Err(self.wrong(record, place))),
                (Some(_), _) => decided = true,
                (None, _) => {}
            }
        }
        decided.then_some(Ok(()))
    }

    /// Whether an own resource matches, as far as its values are known. What a type does not have, has no value.
    fn matches(&self, record: &Record<'_>) -> Option<bool> {
        let Some(filter) = &self.filter else { return Some(true) };
        let known = |name: &str| ["id", "userName", "displayName"].iter().any(|n| name.eq_ignore_ascii_case(n));
        let type_only = |path: &crate::scim::path::AttributePath| {
            path.attribute.eq_ignore_ascii_case("meta")
                && path.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("resourceType"))
        };
        let reliable = |path: &crate::scim::path::AttributePath| {
            record.schema.find(path).is_none() || known(&path.attribute) || record.shown || type_only(path)
        };
        if !filter.attributes().iter().all(reliable) {
            return None;
        }
        match filter.matches(&record.state, record.schema) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Open(24) => Some(filter.selects(&record.state, record.schema)),
            Truth::Open(_) => None,
        }
    }

    fn has_unknown(&self, record: &Record<'_>) -> bool {
        let problems = self.filter.as_ref().map(|filter| filter.problems(record.schema)).unwrap_or_default();
        problems.iter().any(|problem| problem.reason == Reason::Unknown)
    }

    fn text(&self) -> String {
        self.filter.as_ref().map_or_else(|| "the whole list".to_owned(), ToString::to_string)
    }

    fn missing(&self, record: &Record<'_>) -> Told {
        let requirement = match (&self.filter, self.has_unknown(record)) {
            (Some(_), true) => "RFC7644-3.4.2.1-07",
            (Some(filter), _)
                if !filter.attributes().iter().any(|path| path.attribute.eq_ignore_ascii_case("meta")) =>
            {
                "RFC7644-3.4.2.1-05"
            }
            _ => "RFC7644-3.4.2.1-02",
        };
        let expected = format!("{} {} for {}", words::the(record), words::name(record), self.text());
        let finding = Finding::new(Location::Body("/Resources".to_owned()), expected, "not in the list");
        Told::new(&ROOT, finding.of(requirement)).harm(format!("the search does not find {}", words::the(record)))
    }

    fn wrong(&self, record: &Record<'_>, place: usize) -> Told {
        let requirement = if self.has_unknown(record) { "RFC7644-3.4.2.1-06" } else { "RFC7644-3.4.2.1-05" };
        let at = Location::Body(format!("/Resources/{place}"));
        let actual = format!("{} {}", words::the(record), words::name(record));
        let finding = Finding::new(at, format!("only resources for which {} holds", self.text()), actual);
        Told::new(&ROOT, finding.of(requirement)).harm("the search finds something else")
    }

    /// A filter that is refused because one of the types does not have the attribute.
    fn refused(&self, record: &Record<'_>) -> Option<Told> {
        let scim_type = self.exchange.answer()?.get("scimType")?.as_str()?;
        let about = matches!(scim_type, "invalidFilter" | "invalidPath") && self.filter.is_some();
        let expected = "200 OK: an attribute that a type does not have has no value";
        let finding = Finding::new(Location::Status, expected, words::status(self.exchange));
        let unknown = self.has_unknown(record);
        (about && unknown).then(|| Told::new(&ROOT, finding.of("RFC7644-3.4.2.1-06")))
    }
}
