//! RFC 7644 section 3.4.2.4, Table 6: values of startIndex and count that have a meaning although they look wrong.

use super::super::{Check, Finding, Judge, Judgement, Kind, Operation, Scene, Subject, expect};
use crate::exchange::{Exchange, Origin, decode_query};
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&ODD_VALUES];

static ODD_VALUES: Check = Check {
    id: "rfc7644/3.4.2.4/odd-values",
    requirements: &["RFC7644-3.4.2.4-03", "RFC7644-3.4.2.4-07", "RFC7644-3.4.2.4-08", "RFC7644-3.4.2.4-06"],
    title: "Any whole number is good for startIndex and count",
    why: "Clients count with count=0, begin at 0, or ask for more than there is; refused, their import does not begin.",
    fix: "Take a startIndex below 1 for 1 and a count below 0 for 0, and answer a large count with as many as you give.",
    judge: Judge::Scenario(odd_values),
};

/// A query of one type with nothing but a filter and whole numbers.
#[derive(PartialEq, Eq)]
struct Paged<'e> {
    path: &'e str,
    filter: Option<String>,
    start: Option<i64>,
    count: Option<i64>,
}

impl<'e> Paged<'e> {
    fn of(exchange: &'e Exchange, scene: &Scene<'_>) -> Option<Self> {
        let sent = &exchange.sent;
        let list = Kind::of(sent, scene.facts).operation == Operation::List;
        if !list || exchange.origin == Origin::CleanUp {
            return None;
        }
        let mut paged = Self { path: sent.path(), filter: None, start: None, count: None };
        for pair in sent.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decode_query(key), decode_query(value));
            match key.to_ascii_lowercase().as_str() {
                "filter" => paged.filter = Some(value),
                "startindex" => paged.start = Some(value.parse().ok()?),
                "count" => paged.count = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        Some(paged)
    }

    fn is_odd(&self) -> bool {
        self.start.is_some_and(|start| start < 1) || self.count.is_some_and(|count| count < 1)
    }
}

/// Blames the numbers of a refused query only when another one of the same scenario was answered that differs from it in
/// nothing but one of them.
fn odd_values(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = scene.trace.turns.iter().enumerate();
    let queries: Vec<(usize, &Exchange, Paged<'_>)> =
        turns.filter_map(|(index, turn)| Some((index, &*turn.exchange, Paged::of(&turn.exchange, scene)?))).collect();
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
        let finding = good.find_map(|good| told(&subject, query, good));
        judged.extend(finding.map(|finding| (*index, finding.into())));
    }
    judged
}

fn told(subject: &Subject<'_>, refused: &Paged<'_>, good: &Paged<'_>) -> Option<Finding> {
    if (refused.path, &refused.filter) != (good.path, &good.filter) {
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
fn start_is_to_blame(refused: &Paged<'_>, good: &Paged<'_>) -> bool {
    let same_count = refused.count == good.count;
    let plain = |count: Option<i64>| count.is_none_or(|count| (1..=10).contains(&count));
    refused.start != good.start && (same_count || plain(refused.count))
}
