//! Wording that several state checks share.

use crate::exchange::Exchange;
use crate::scim::json::Json;
use crate::shadow::Record;
use crate::shadow::compare::{Gap, Kind};

/// Characters of a value that a finding shows.
const SHOWN: usize = 60;

/// A value as a finding shows it: compact JSON, shortened.
pub(super) fn value(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}\u{2026}", &text[..cut]),
        None => text,
    }
}

/// What should be at a departure.
pub(super) fn expected(gap: &Gap<'_>) -> String {
    let path = short_path(&gap.path);
    match (gap.kind, gap.expected) {
        (Kind::ElementMissing, Some(expected)) => format!("{path} with {}", value(expected)),
        (Kind::ElementLeft, _) => format!("{path} without {}", gap.actual.map(value).unwrap_or_default()),
        (_, Some(expected)) => format!("{path} {}", value(expected)),
        (_, None) => format!("no {path}"),
    }
}

/// What is there instead.
pub(super) fn actual(gap: &Gap<'_>) -> String {
    let path = short_path(&gap.path);
    match (gap.kind, gap.actual) {
        (Kind::ElementMissing, _) => "it is not among the values".to_owned(),
        (Kind::ElementLeft, _) => "it is still among the values".to_owned(),
        (_, Some(actual)) => format!("{path} {}", value(actual)),
        (_, None) => format!("no {path}"),
    }
}

/// An attribute path without the schema's URN in front, as people say it.
pub(super) fn short_path(path: &str) -> &str {
    path.rsplit(':').next().unwrap_or(path)
}

/// `the user`, `the group`, `the device`.
pub(super) fn the(record: &Record<'_>) -> String {
    format!("the {}", record.schema.name.to_lowercase())
}

/// The name by which people know a resource, quoted; else its id.
pub(super) fn name(record: &Record<'_>) -> String {
    let named = ["userName", "displayName"].iter().find_map(|n| record.state.get(n)?.as_str());
    format!("\"{}\"", named.unwrap_or(&record.id))
}

/// The status as it came: `404 Not Found`.
pub(super) fn status(exchange: &Exchange) -> String {
    let Ok(answer) = &exchange.got else { return "no answer".to_owned() };
    format!("{} {}", answer.status, answer.reason).trim().to_owned()
}
