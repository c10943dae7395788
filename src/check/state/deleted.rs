//! What was deleted is gone.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::exchange::Exchange;
use crate::requirement::ambiguity::{A40_SECOND_DELETE, A40_STILL_THERE};
use crate::scim::json::Json;
use crate::shadow::Record;
use crate::shadow::fold::Act;

pub(super) static DELETED: Check = Check {
    id: "state/deleted",
    requirements: &["RFC7644-3.6-02", "RFC7644-3.6-03", "RFC7644-3.6-04", "RFC7644-3.6-05", "RFC7644-3.6-06"],
    title: "After a DELETE the resource answers 404 and is in no list",
    why: "An account that outlives its deletion is found again by the next look-up, and linked to somebody else.",
    fix: "Treat a deleted resource as not there in every operation and in every query, whatever you keep of it inside.",
    judge: Judge::State,
};

/// The answer to an operation on a deleted resource; `None` when it tells nothing (not allowed, too many, server
/// error).
pub(super) fn judge(record: &Record<'_>, act: Act, turn: usize, exchange: &Exchange) -> Option<Result<(), Told>> {
    let status = exchange.status()?;
    let requirement = match act {
        Act::Read => "RFC7644-3.6-02",
        Act::Replace => "RFC7644-3.6-03",
        Act::Patch => "RFC7644-3.6-04",
        Act::Delete => "RFC7644-3.6-05",
        Act::Create | Act::List => return None,
    };
    match status {
        404 => return Some(Ok(())),
        401 | 403 | 405 | 429 | 501 | 300..=399 | 500.. => return None,
        _ => {}
    }
    let the = words::the(record);
    let mut finding = Finding::new(Location::Status, "404 Not Found", words::status(exchange)).of(requirement);
    let shown = exchange.answer().and_then(|answer| answer.get("active")).and_then(Json::as_bool);
    if act == Act::Read && shown == Some(false) {
        finding.actual.push_str(", deactivated instead of deleted");
    }
    finding = match act {
        Act::Delete => finding.read_as(A40_SECOND_DELETE),
        Act::Read if exchange.succeeded() => finding.read_as(A40_STILL_THERE),
        _ => finding,
    };
    let told = Told::new(&DELETED, finding).cause(turn).harm(format!("{the} is still there after its deletion"));
    Some(Err(if exchange.succeeded() && act == Act::Read { told.step_knows() } else { told }))
}

/// A deleted resource is in a list.
pub(super) fn listed(record: &Record<'_>, turn: usize, at: Location) -> Told {
    let the = words::the(record);
    let finding =
        Finding::new(at, format!("nothing of {the} {}, which was deleted", words::name(record)), "it is listed");
    Told::new(&DELETED, finding.of("RFC7644-3.6-06").read_as(A40_STILL_THERE))
        .cause(turn)
        .harm(format!("{the} is still found after its deletion"))
}
