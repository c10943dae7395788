//! An id is for life.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::scim::json::Json;
use crate::shadow::Record;

pub(super) static ID_STABLE: Check = Check {
    id: "state/id-stable",
    requirements: &["RFC7643-3.1-08", "RFC7643-3.1-09", "RFC7643-3.1-13"],
    title: "A resource keeps its id, and no other gets it",
    why: "The id is all that links an account to the person in the IdP.",
    fix: "Give every resource an id of its own that no operation changes and that is never given again.",
    judge: Judge::State,
};

/// A resource shows another id than the one it was asked for by.
pub(super) fn told(record: &Record<'_>, actual: &Json, at: Location) -> Option<Told> {
    let id = actual.get("id").filter(|id| !id.is_unassigned())?;
    let same = match id {
        Json::String(id) => *id == record.id,
        other => other.to_string() == record.id,
    };
    if same {
        return None;
    }
    let finding = Finding::new(at, format!("id \"{}\"", record.id), format!("id {}", words::value(id)));
    let set = record.writes.iter().any(|write| gives(write.body, id));
    let finding = if set { finding.of("RFC7643-3.1-13") } else { finding };
    let harm = format!("{} is lost to the IdP, which knows the old id", words::the(record));
    Some(Told::new(&ID_STABLE, finding).cause(record.last_write).harm(harm))
}

/// Whether the body of a PUT or PATCH gives a resource this id.
fn gives(body: &Json, id: &Json) -> bool {
    let operations = body.get("Operations").and_then(Json::as_array).unwrap_or_default();
    let of_operation = |operation: &Json| match operation.get("path").and_then(Json::as_str) {
        Some(path) => path.eq_ignore_ascii_case("id") && operation.get("value") == Some(id),
        None => operation.get("value").and_then(|value| value.get("id")) == Some(id),
    };
    body.get("id") == Some(id) || operations.iter().any(of_operation)
}

/// A new resource has the id of one that was deleted.
pub(super) fn reused(id: &str, at: Location) -> Told {
    let finding = Finding::new(at, "an id that no resource had before", format!("\"{id}\", the id of a deleted one"));
    Told::new(&ID_STABLE, finding.of("RFC7643-3.1-09"))
        .harm("what an IdP knows about a deleted account now meets another person")
}
