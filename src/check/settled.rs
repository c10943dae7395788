//! Convergence: a client that compares before it writes must find nothing to write once it has written everything.
//!
//! Whoever stores a value otherwise than it was sent, or leaves it out, is written to again in every cycle, for ever.

use super::{Finding, Location};
use crate::scim::json::{Json, pointer_part};
use crate::scim::path::PatchPath;
use crate::trace::Unsettled;

/// Characters of a value that a finding shows.
const SHOWN: usize = 60;

/// One finding for each attribute that the client would have written again, at its place in what was read.
#[must_use]
pub fn findings(unsettled: &Unsettled) -> Vec<Finding> {
    let finding = |(path, wanted, read): &(String, Json, Option<Json>)| {
        let place = Location::Body(place(path));
        let name = short(path);
        let actual = read.as_ref().filter(|read| !read.is_unassigned());
        let actual = actual.map_or_else(|| format!("no {name}"), |read| format!("{name} {}", show(read)));
        Finding::new(place, format!("{name} {}", show(wanted)), actual)
    };
    unsettled.changes.iter().map(finding).collect()
}

/// The pointer to the attribute of a path, without what only a filter could tell.
fn place(path: &str) -> String {
    let Ok((PatchPath::Attribute { target, filter }, _)) = PatchPath::parse(path) else { return String::new() };
    let mut pointer = String::new();
    let sub = target.sub.as_ref().filter(|_| filter.is_none());
    for part in target.urn.iter().chain([&target.attribute]).chain(sub) {
        pointer.push('/');
        pointer.push_str(&pointer_part(part));
    }
    pointer
}

/// A path without the schema's URN in front, as people say it.
fn short(path: &str) -> &str {
    let end = path.find('[').unwrap_or(path.len());
    path[..end].rfind(':').map_or(path, |colon| &path[colon + 1..])
}

fn show(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}\u{2026}", &text[..cut]),
        None => text,
    }
}
