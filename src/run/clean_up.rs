//! Removes what the run created, in reverse order, and says what could not be removed.

use super::ledger::Entry;
use super::link::{Answered, Ask, Link};
use super::{ours, scenario};
use crate::event::LeftOver;
use crate::exchange::{Origin, Place};
use crate::scim::json::Json;
use crate::trace::Turn;
use crate::transport::target::BaseUrl;

/// Removes one resource; what was said on the way. What remains is remembered by the link.
pub async fn remove(link: &Link, base: &BaseUrl, entry: &Entry, place: &Place) -> Vec<Turn> {
    let mut turns = Vec::new();
    let ids = match &entry.id {
        Some(id) => vec![id.clone()],
        None => {
            match lost(link, base, entry, place, &mut turns).await {
                Ok(ids) if ids.is_empty() && link.is_merged(entry.number) => {
                    link.leave(entry, "its create was answered with another record, which was left alone; it was not found by its name");
                    return turns;
                }
                Ok(ids) => ids,
                Err(reason) => {
                    link.leave(entry, &reason);
                    return turns;
                }
            }
        }
    };
    let mut left = false;
    for id in &ids {
        link.adopt(id);
        left |= !remove_one(link, base, entry, id, place, &mut turns).await;
    }
    if !left {
        if ids.is_empty() {
            let _: std::io::Result<()> = link.ledger.never_there(entry.number);
            link.done(entry.number);
            return turns;
        }
        // The entry may stay in the file if this cannot be written: sweeping it again finds nothing and is harmless.
        let _: std::io::Result<()> = link.ledger.gone(entry.number);
        link.done(entry.number);
        for id in &ids {
            link.forget(id);
        }
    }
    turns
}

/// The ids of a resource whose create was not answered: found by its invented name, on an exact match only.
async fn lost(
    link: &Link,
    base: &BaseUrl,
    entry: &Entry,
    place: &Place,
    turns: &mut Vec<Turn>,
) -> Result<Vec<String>, String> {
    if entry.name.is_empty() {
        return Err("the answer to its create was lost, and it has no name to search for".to_owned());
    }
    let resource = ours::by_name(&entry.endpoint, &entry.attribute, &entry.name);
    let answered = ask(link, base, "GET", &resource, None, place).await;
    let words = answered.in_words();
    let found = match answered.json().and_then(|list| list.get("Resources")).and_then(Json::as_array) {
        Some(resources) => Some(exact(resources, entry)),
        None if answered.status() == Some(404) => Some(Vec::new()),
        None => {
            let none = answered.json().and_then(|list| list.get("totalResults")).and_then(Json::as_i64) == Some(0);
            none.then(Vec::new)
        }
    };
    turns.push(answered.turn);
    let found = found
        .ok_or_else(|| format!("the answer to its create was lost, and its name cannot be searched for: {words}"))?;
    let before = |resource: &&Json| link.ledger.begun().is_some_and(|begun| is_older(resource, begun));
    let ids: Vec<String> = found.iter().filter(|resource| !before(resource)).filter_map(id).collect();
    if ids.is_empty() && found.iter().any(|resource| before(&resource)) {
        return Err(
            "the answer to its create was lost, and the record with its name is older than the run: it was left alone"
                .to_owned(),
        );
    }
    Ok(ids)
}

fn id(resource: &Json) -> Option<String> {
    resource.get("id").and_then(Json::as_str).map(str::to_owned)
}

fn exact(resources: &[Json], entry: &Entry) -> Vec<Json> {
    let named = |resource: &&Json| {
        resource.get(&entry.attribute).and_then(Json::as_str).is_some_and(|name| name.eq_ignore_ascii_case(&entry.name))
    };
    resources.iter().filter(named).cloned().collect()
}

/// How far the clocks of a target and of this machine may be apart.
const CLOCKS_APART: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// Whether a record was there before the run began: with a seed that was used before, a name may be of an earlier run.
fn is_older(resource: &Json, begun: jiff::Timestamp) -> bool {
    let created = resource.pointer("/meta/created").and_then(Json::as_str);
    created.and_then(|text| text.parse::<jiff::Timestamp>().ok()).is_some_and(|created| created + CLOCKS_APART < begun)
}

async fn remove_one(
    link: &Link,
    base: &BaseUrl,
    entry: &Entry,
    id: &str,
    place: &Place,
    turns: &mut Vec<Turn>,
) -> bool {
    let path = format!("{}/{id}", entry.endpoint);
    let deleted = ask(link, base, "DELETE", &path, None, place).await;
    let (status, words) = (deleted.status(), deleted.in_words());
    turns.push(deleted.turn);
    if status.is_some_and(|status| (200..300).contains(&status) || matches!(status, 404 | 410)) {
        return true;
    }
    let mut reason = match status {
        Some(_) => format!("DELETE was answered with {words}"),
        None => format!("DELETE was not answered: {words}"),
    };
    if status.is_some() && entry.endpoint == "/Users" {
        let answered = ask(link, base, "PATCH", &path, Some(&ours::deactivation()), place).await;
        if answered.turn.went_on {
            reason.push_str("; the user was deactivated");
        } else {
            reason.push_str(&format!("; it could not be deactivated: {}", answered.in_words()));
        }
        turns.push(answered.turn);
    }
    link.leave(entry, &reason);
    false
}

async fn ask(
    link: &Link,
    base: &BaseUrl,
    method: &str,
    resource: &str,
    body: Option<&Json>,
    place: &Place,
) -> Answered {
    let request = ours::request(method, resource, body);
    let (place, origin, join) = (place.clone(), Origin::CleanUp, scenario::plain_join());
    link.send(Ask { place, origin, base, join, request, needs: Vec::new(), accept: &[], at_once: false }).await
}

/// What of a ledger may be of somebody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doubt {
    /// A name: a seed was used again, and an earlier run may have left what has it.
    pub names: bool,
    /// An id: the target is not the one that the ledger was written for.
    pub ids: bool,
}

/// Removes everything that is still in the ledger, unless it may be of somebody else.
pub async fn sweep(link: &Link, base: &BaseUrl, doubt: Doubt) -> Vec<Turn> {
    let mut turns = Vec::new();
    for entry in link.ledger.still_there() {
        if entry.id.is_none() && doubt.names {
            link.leave(
                &entry,
                "the answer to its create was lost, and its name may be of an earlier run: it was left alone",
            );
            continue;
        }
        let place = Place {
            variant: String::new(),
            scenario: String::new(),
            round: 0,
            step: format!("clean-up/{}", entry.number),
        };
        if let (Some(path), true) = (entry.path(), doubt.ids) {
            let read = ask(link, base, "GET", &path, None, &place).await;
            let name = read.json().and_then(|resource| resource.get(&entry.attribute)).and_then(Json::as_str);
            let other = name.is_some_and(|name| !name.eq_ignore_ascii_case(&entry.name));
            turns.push(read.turn);
            if other {
                link.leave(&entry, "another record has this id on this target: it was left alone");
                continue;
            }
        }
        turns.extend(remove(link, base, &entry, &place).await);
    }
    turns
}

/// What is left, with its reason.
#[must_use]
pub fn left_overs(link: &Link) -> Vec<LeftOver> {
    let reason = |entry: &Entry| link.reason(entry.number).unwrap_or_else(|| "it was not asked to go".to_owned());
    let mut left: Vec<_> = link
        .ledger
        .still_there()
        .into_iter()
        .map(|entry| LeftOver {
            path: entry.path().unwrap_or_else(|| entry.endpoint.clone()),
            name: entry.name.clone(),
            reason: reason(&entry),
        })
        .collect();
    left.reverse();
    left
}
