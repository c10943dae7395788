//! RFC 7644 section 3.4.2.4: pages of the same query fit together.

use super::super::{Check, Finding, Judge, Judgement, Kind, Location, Operation, Scene, Subject, expect};
use super::s3_4_2_4_pagination::Asked;
use super::s3_4_2_query::{list, listed};
use crate::exchange::{Exchange, Origin, decode_query};
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&INSIDE, &SAME_TOTAL];

static INSIDE: Check = Check {
    id: "rfc7644/3.4.2.4/inside",
    requirements: &["RFC7644-3.4.2.4-04", "RFC7644-3.4.2.4-12"],
    title: "A page that begins inside the list holds resources",
    why: "A client that counts on by what it received asks for the same page for ever; one that stops misses the rest.",
    fix: "Count startIndex in resources, not in pages, from 1, and list who stands there.",
    judge: Judge::Exchange(inside),
};

fn inside(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let asked = Asked::of(subject);
    let start = asked.start_index.unwrap_or(1);
    let total = list.get("totalResults").and_then(Json::as_i64).unwrap_or(0);
    let cursor = asked.cursor || list.get("nextCursor").is_some() || list.get("previousCursor").is_some();
    // A list without Resources is told by the check of that.
    let is_list = list.get("Resources").is_some_and(|resources| resources.as_array().is_some());
    if cursor || !is_list || asked.count == Some(0) || total < start {
        return Judgement::NotApplicable;
    }
    let expected = || format!("the resources from number {start} on, of {total}");
    (listed(list) == 0).then(|| expect::body("/Resources", expected(), None).actually("no resources")).into()
}

static SAME_TOTAL: Check = Check {
    id: "rfc7644/3.4.2.4/same-total",
    requirements: &["RFC7644-3.4.2.4-11", "RFC7644-3.4.2.4-08"],
    title: "totalResults counts all matches, whichever page is asked for",
    why: "A client that counts with count=0, or looks behind the last page, is told that there is nobody.",
    fix: "Count the matches of the filter before startIndex and count are applied.",
    judge: Judge::Scenario(same_total),
};

/// A list by its query without what makes a page of it.
#[derive(PartialEq, Eq)]
struct Query<'e> {
    path: &'e str,
    rest: Vec<(String, String)>,
}

impl<'e> Query<'e> {
    fn of(exchange: &'e Exchange, scene: &Scene<'_>) -> Option<Self> {
        let sent = &exchange.sent;
        let lists = sent.method == "GET" && Kind::of(sent, scene.facts).operation == Operation::List;
        if !lists || exchange.origin == Origin::CleanUp {
            return None;
        }
        let pairs = sent.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let mut rest = Vec::new();
        for pair in pairs {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match decode_query(key).to_ascii_lowercase().as_str() {
                "filter" => rest.push(("filter".to_owned(), decode_query(value))),
                "startindex" | "count" | "sortby" | "sortorder" => {}
                _ => return None,
            }
        }
        Some(Self { path: sent.path(), rest })
    }
}

/// Holds each list against the last one of the same query that had matches, as long as nothing is written.
fn same_total(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut known: Vec<(Query<'_>, i64)> = Vec::new();
    let mut judged = Vec::new();
    for (index, turn) in scene.trace.turns.iter().enumerate() {
        let exchange = &*turn.exchange;
        let reads =
            matches!(exchange.sent.method.as_str(), "GET" | "HEAD") || exchange.sent.path().ends_with(".search");
        if !reads {
            known.clear();
            continue;
        }
        let Some(query) = Query::of(exchange, scene) else { continue };
        let subject = Subject::new(*scene, index);
        let before = known.iter().find(|(other, _)| *other == query).map(|(_, total)| *total);
        let total = list(&subject).and_then(|list| list.get("totalResults")).and_then(Json::as_i64);
        match (before, total) {
            (Some(before), Some(0)) => judged.push((index, forgotten(&subject, before).into())),
            (Some(before), None) => judged.extend(refused(&subject, before).map(|finding| (index, finding.into()))),
            (Some(_), Some(_)) => judged.push((index, Judgement::Conforms)),
            (None, Some(total @ 1..)) => known.push((query, total)),
            (None, _) => {}
        }
    }
    judged
}

/// There were matches, and now there are none.
fn forgotten(subject: &Subject<'_>, before: i64) -> Finding {
    let asked = Asked::of(subject);
    let finding = Finding::new(Location::Body("/totalResults".to_owned()), format!("{before}, as before"), "0");
    if asked.start_index.is_some_and(|start| start > before) {
        return finding.read_as(ambiguity::A22_BEYOND_THE_END_WRONG);
    }
    let of_count = asked.count == Some(0);
    let finding = if of_count { finding.of("RFC7644-3.4.2.4-08") } else { finding };
    finding.read_as(ambiguity::A20_TOTAL_0)
}

/// A page behind the last one is refused. Other numbers may be to blame where the count is an odd one too.
fn refused(subject: &Subject<'_>, before: i64) -> Option<Finding> {
    let asked = Asked::of(subject);
    let beyond = asked.start_index.is_some_and(|start| start > before);
    let plain = asked.count.is_none_or(|count| (1..=100).contains(&count));
    let reading = match subject.status()? {
        400 => ambiguity::A22_BEYOND_THE_END_REFUSED,
        404 => ambiguity::A22_BEYOND_THE_END_WRONG,
        _ => return None,
    };
    let expected = format!("200 OK with totalResults {before} and no resources");
    (beyond && plain).then(|| expect::status(subject, &expected).read_as(reading))
}
