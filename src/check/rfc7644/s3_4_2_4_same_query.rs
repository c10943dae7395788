//! RFC 7644 section 3.4.2.4: what pages of the same query tell of each other.

use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Scene, Subject, expect};
use super::s3_4_2_4_pagination::Asked;
use super::s3_4_2_query::list;
use crate::exchange::{Exchange, Origin};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, same_name};

pub(super) static CHECKS: &[&Check] = &[&ODD_VALUES, &SAME_TOTAL];

/// A query of one type with nothing but a filter, an order and whole numbers.
struct Query<'e> {
    path: &'e str,
    filter: Option<&'e str>,
    sorted: bool,
    start: Option<i64>,
    count: Option<i64>,
}

impl<'e> Query<'e> {
    fn of(scene: &Scene<'e>, turn: usize) -> Option<Self> {
        let exchange = &*scene.trace.turns[turn].exchange;
        let sent = &exchange.sent;
        if scene.kind(turn).operation != Operation::List || exchange.origin == Origin::CleanUp {
            return None;
        }
        let mut query = Self { path: sent.path(), filter: None, sorted: false, start: None, count: None };
        for (key, value) in sent.resource.parameters() {
            match ["filter", "sortBy", "sortOrder", "startIndex", "count"].iter().position(|name| same_name(name, key))
            {
                Some(0) => query.filter = Some(value),
                Some(1 | 2) => query.sorted = true,
                Some(3) => query.start = Some(value.parse().ok()?),
                Some(4) => query.count = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        Some(query)
    }

    /// Whether both ask for the same resources, in whatever order and pages.
    fn matches(&self, other: &Self) -> bool {
        (self.path, &self.filter) == (other.path, &other.filter)
    }

    fn is_odd(&self) -> bool {
        self.start.is_some_and(|start| start < 1) || self.count.is_some_and(|count| count < 1)
    }
}

static ODD_VALUES: Check = Check {
    id: "rfc7644/3.4.2.4/odd-values",
    requirements: &["RFC7644-3.4.2.4-03", "RFC7644-3.4.2.4-07", "RFC7644-3.4.2.4-08", "RFC7644-3.4.2.4-06"],
    title: "Any whole number is good for startIndex and count",
    why: "Clients count with count=0, begin at 0, or ask for more than there is; refused, their import does not begin.",
    fix: "Take a startIndex below 1 for 1 and a count below 0 for 0, and answer a large count with as many as you give.",
    judge: Judge::Scenario(odd_values),
};

/// Blames the numbers of a refused query only when another one of the same scenario was answered that differs from it in
/// nothing but one of them.
fn odd_values(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = scene.trace.turns.iter().enumerate();
    let unsorted = |turn| Query::of(scene, turn).filter(|query| !query.sorted);
    let queries: Vec<(usize, &Exchange, Query<'_>)> =
        turns.filter_map(|(index, turn)| Some((index, &*turn.exchange, unsorted(index)?))).collect();
    let mut judged = Vec::new();
    for (index, exchange, query) in &queries {
        if exchange.succeeded() && query.is_odd() {
            judged.push((*index, Judgement::Conforms));
        }
        if !matches!(exchange.status(), Some(400 | 413 | 422 | 501)) {
            continue;
        }
        let mut good = queries.iter().filter(|(_, other, _)| other.succeeded()).map(|(_, _, other)| other);
        let subject = Subject::new(*scene, *index);
        let finding = good.find_map(|good| meaningful(&subject, query, good));
        judged.extend(finding.map(|finding| (*index, finding.into())));
    }
    judged
}

/// The refused numbers have a meaning.
fn meaningful(subject: &Subject<'_>, refused: &Query<'_>, good: &Query<'_>) -> Option<Finding> {
    if !refused.matches(good) {
        return None;
    }
    let status = |expected: &str| expect::status(subject, expected);
    match (refused.start, refused.count) {
        (Some(start), count)
            if start < 1 && start_is_to_blame(refused, good) && count.is_none_or(|count| count > 0) =>
        {
            Some(status("200 OK: a startIndex below 1 counts as 1").of("RFC7644-3.4.2.4-03"))
        }
        (start, Some(count)) if start == good.start && refused.count != good.count => Some(match count {
            ..0 => status("200 OK: a count below 0 counts as 0")
                .of("RFC7644-3.4.2.4-07")
                .read_as(ambiguity::A20_COUNT_REFUSED),
            0 => status("200 OK with totalResults and no resources")
                .of("RFC7644-3.4.2.4-08")
                .read_as(ambiguity::A20_COUNT_REFUSED),
            _ => status("200 OK with as many resources as there are, or as the server gives at once")
                .of("RFC7644-3.4.2.4-06")
                .read_as(ambiguity::A20_COUNT_REFUSED),
        }),
        _ => None,
    }
}

/// Whether the count is none that could be meant: it was answered with another startIndex, or another one like it was.
fn start_is_to_blame(refused: &Query<'_>, good: &Query<'_>) -> bool {
    let same_count = refused.count == good.count;
    let plain = |count: Option<i64>| count.is_none_or(|count| (1..=10).contains(&count));
    refused.start != good.start && (same_count || plain(refused.count))
}

static SAME_TOTAL: Check = Check {
    id: "rfc7644/3.4.2.4/same-total",
    requirements: &["RFC7644-3.4.2.4-11", "RFC7644-3.4.2.4-08"],
    title: "totalResults counts all matches, whichever page is asked for",
    why: "A client that counts with count=0, or looks behind the last page, is told that there is nobody.",
    fix: "Count the matches of the filter before startIndex and count are applied.",
    judge: Judge::Scenario(same_total),
};

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
        let Some(query) = Query::of(scene, index) else { continue };
        let subject = Subject::new(*scene, index);
        let before = known.iter().find(|(other, _)| other.matches(&query)).map(|(_, total)| *total);
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
