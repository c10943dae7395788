//! Whom a request is about, and which requests belong together: a scenario is what is said about one record without a
//! pause.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::exchange::{Exchange, decode_path};
use crate::profile::model::ActorKind;
use crate::scim::json::Json;

/// Endpoints at which no records are (RFC 7644 sections 3.2 and 4).
const NO_RECORDS: [&str; 5] = ["Me", "Bulk", "ServiceProviderConfig", "ResourceTypes", "Schemas"];

/// What a request does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
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
    /// `GET /Users?filter=attribute eq "value"`
    Find(String, String),
    /// `GET /Users`
    List,
    /// Anything else: discovery, `/Me`, bulk.
    Other,
}

/// A recorded request in the words of SCIM.
#[derive(Clone, Debug)]
pub(super) struct Talk<'e> {
    pub(super) exchange: &'e Exchange,
    /// Path and query behind the base, without the base's own query.
    pub(super) resource: String,
    pub(super) endpoint: String,
    pub(super) kind: Option<ActorKind>,
    pub(super) id: Option<String>,
    pub(super) act: Act,
}

impl<'e> Talk<'e> {
    /// Of an exchange whose resource is without the base's own query.
    pub(super) fn new(exchange: &'e Exchange, resource: String) -> Self {
        let path = resource.split('?').next().unwrap_or_default();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let endpoint = parts.next().unwrap_or_default().to_owned();
        let id = parts.next().map(decode_path);
        let further = parts.next().is_some();
        let kind = match endpoint.as_str() {
            "Users" => Some(ActorKind::User),
            "Groups" => Some(ActorKind::Group),
            _ => None,
        };
        let records = has_records(&endpoint);
        let act = match (exchange.sent.method.as_str(), &id) {
            (method, _) if method != "GET" && !records => Act::Other,
            _ if further || endpoint == "Me" || id.as_deref() == Some(".search") => Act::Other,
            ("POST", None) => Act::Create,
            ("GET", Some(_)) if records => Act::Read,
            ("PUT", Some(_)) => Act::Replace,
            ("PATCH", Some(_)) => Act::Patch,
            ("DELETE", Some(_)) => Act::Delete,
            ("GET", None) => exchange
                .sent
                .parameter("filter")
                .and_then(looked_up)
                .map_or(Act::List, |(attribute, value)| Act::Find(attribute, value)),
            _ => Act::Other,
        };
        Self { exchange, resource, endpoint, kind, id, act }
    }

    /// The resources that the answer tells.
    pub(super) fn told(&self) -> Vec<&'e Json> {
        let Some(json) = self.exchange.answer().filter(|_| self.exchange.succeeded()) else { return Vec::new() };
        match json.get("Resources").and_then(Json::as_array) {
            Some(resources) => resources.iter().collect(),
            None if json.get("id").is_some() => vec![json],
            None => Vec::new(),
        }
    }

    /// What a record of its endpoint is called, if it is neither a user nor a group: `room`, `policy`.
    pub(super) fn noun(&self) -> Option<String> {
        if self.kind.is_some() || self.act == Act::Other || !has_records(&self.endpoint) {
            return None;
        }
        let name: String = self.endpoint.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let one = match name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => name.strip_suffix('s').unwrap_or(&name).to_owned(),
        };
        one.starts_with(|c: char| c.is_ascii_lowercase()).then_some(one)
    }

    /// Whether it only reads.
    pub(super) fn reads(&self) -> bool {
        matches!(self.exchange.sent.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

fn has_records(endpoint: &str) -> bool {
    !NO_RECORDS.iter().any(|name| name.eq_ignore_ascii_case(endpoint)) && !endpoint.starts_with('.')
}

/// The attribute and the value of a filter that looks one record up.
fn looked_up(filter: &str) -> Option<(String, String)> {
    let (path, rest) = filter.split_once(|c: char| c.is_whitespace())?;
    // `emails[type eq "work"].value eq "…"`: the last comparison counts.
    let (attribute, rest) = match path.split_once('[') {
        Some((attribute, _)) => (attribute, filter.rsplit_once(']').map(|(_, rest)| rest)?.split_once(' ')?.1),
        None => (path, rest),
    };
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    let single = operator.eq_ignore_ascii_case("eq") && !value.contains('"');
    single.then(|| (attribute.to_ascii_lowercase(), value.to_owned()))
}

/// A record's id as text.
pub(super) fn id_of(json: &Json) -> Option<String> {
    match json.get("id")? {
        Json::String(id) => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// What is known of everybody in a recording.
#[derive(Debug, Default)]
pub(super) struct Register {
    /// Kind of each id.
    pub(super) kinds: BTreeMap<String, ActorKind>,
}

impl Register {
    pub(super) fn of(talks: &[Talk<'_>]) -> Self {
        let mut register = Self::default();
        for talk in talks {
            let Some(kind) = talk.kind else { continue };
            if let (Some(id), true) = (&talk.id, talk.act != Act::Other && talk.exchange.succeeded()) {
                register.kinds.insert(id.clone(), kind);
            }
            for told in talk.told() {
                register.kinds.extend(id_of(told).map(|id| (id, kind)));
            }
        }
        register
    }
}

/// The requests of one scenario, by their place in the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// The record that it is about.
    pub(super) subject: Option<String>,
    pub(super) talks: Vec<usize>,
}

/// Splits a recording by record and by pause.
pub(super) fn clusters(talks: &[Talk<'_>], pause: Duration) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut open: BTreeMap<String, (usize, jiff::Timestamp)> = BTreeMap::new();
    for (at, talk) in talks.iter().enumerate() {
        let (key, subject) = key(talks, at);
        let begun = talk.exchange.at;
        let ended = begun + jiff::SignedDuration::try_from(talk.exchange.took).unwrap_or_default();
        let goes_on = open.get(&key).filter(|(_, last)| {
            Duration::try_from(begun.duration_since(*last)).is_ok_and(|gap| gap <= pause) || begun <= *last
        });
        let cluster = if let Some((cluster, _)) = goes_on {
            *cluster
        } else {
            clusters.push(Cluster { subject: subject.clone(), talks: Vec::new() });
            clusters.len() - 1
        };
        clusters[cluster].talks.push(at);
        if clusters[cluster].subject.is_none() {
            clusters[cluster].subject = subject;
        }
        open.insert(key, (cluster, ended));
    }
    clusters
}

/// What keeps requests together, and the id of the record if there is one.
fn key(talks: &[Talk<'_>], at: usize) -> (String, Option<String>) {
    let talk = &talks[at];
    let of_id = |id: &str| (format!("{}/{id}", talk.endpoint), Some(id.to_owned()));
    match &talk.act {
        Act::Read | Act::Replace | Act::Patch | Act::Delete => of_id(talk.id.as_deref().unwrap_or_default()),
        Act::Create => match talk.told().first().and_then(|told| id_of(told)) {
            Some(id) => of_id(&id),
            None => (format!("{}/create {}", talk.endpoint, named(talk, "username").unwrap_or_default()), None),
        },
        Act::Find(attribute, value) => match found(talks, at, attribute, value) {
            Some(id) => of_id(&id),
            None => (format!("{}/create {}", talk.endpoint, value.to_lowercase()), None),
        },
        Act::List => (format!("list {}", talk.endpoint), None),
        Act::Other => (format!("other {}", talk.endpoint), None),
    }
}

/// The record that a look-up found, or that was created because it found none.
fn found(talks: &[Talk<'_>], at: usize, attribute: &str, value: &str) -> Option<String> {
    let talk = &talks[at];
    if let Some(told) = talk.told().first() {
        return id_of(told);
    }
    let created = talks[at + 1..].iter().filter(|later| later.act == Act::Create && later.endpoint == talk.endpoint);
    let same = |later: &&Talk<'_>| named(later, attribute).is_some_and(|name| name == value.to_lowercase());
    created.filter(|later| !later.told().is_empty()).find(same).and_then(|later| id_of(later.told().first()?))
}

/// The value of an attribute in a request's body, in lower case.
fn named(talk: &Talk<'_>, attribute: &str) -> Option<String> {
    let body = talk.exchange.sent.json()?;
    let value = match body.get(attribute) {
        Some(Json::Array(items)) => items.first()?.get("value").cloned(),
        other => other.cloned(),
    };
    value.as_ref().and_then(Json::as_str).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_ups_are_told_from_searches() {
        let table = [
            ("userName eq \"ada@example.com\"", Some(("username", "ada@example.com"))),
            ("emails[type eq \"work\"].value eq \"a@example.com\"", Some(("emails", "a@example.com"))),
            ("displayName EQ \"Night Shift\"", Some(("displayname", "Night Shift"))),
            ("id eq \"1\" and members eq \"2\"", None),
            ("userName sw \"a\"", None),
            ("active eq true", None),
        ];
        for (filter, expected) in table {
            let expected = expected.map(|(a, v)| (a.to_owned(), v.to_owned()));
            assert_eq!(looked_up(filter), expected, "{filter}");
        }
    }
}
