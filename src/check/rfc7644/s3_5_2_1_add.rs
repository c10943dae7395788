//! RFC 7644 section 3.5.2.1: adding what is there already.

use super::super::expect;
use super::super::resource::last_shown;
use super::super::{Check, Judge, Judgement, Operation, Scene};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::patch::{self, Policy};

pub(super) static CHECKS: &[&Check] = &[&NOT_MODIFIED];

static NOT_MODIFIED: Check = Check {
    id: "rfc7644/3.5.2.1/not-modified",
    requirements: &["RFC7644-3.5.2.1-12"],
    title: "Adding what is there already does not count as a change",
    why: "Clients that ask for what changed since their last visit read the resource again for nothing.",
    fix: "Leave meta.lastModified and meta.version alone when an operation changes nothing.",
    judge: Judge::Scenario(not_modified),
};

fn not_modified(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = 0..scene.trace.turns.len();
    turns.filter_map(|turn| judge(scene, turn)).collect()
}

fn judge(scene: &Scene<'_>, turn: usize) -> Option<(usize, Judgement)> {
    let turns = &scene.trace.turns;
    let exchange = &*turns[turn].exchange;
    let kind = scene.kind(turn);
    let (schema, id) = (kind.resource?, kind.id?);
    if kind.operation != Operation::Patch || !exchange.succeeded() {
        return None;
    }
    let body = exchange.sent.json()?;
    let all_add = |operations: &[Json]| {
        let add = |o: &Json| o.get("op").and_then(Json::as_str).is_some_and(|op| op.eq_ignore_ascii_case("add"));
        !operations.is_empty() && operations.iter().all(add)
    };
    let (shown, before) =
        last_shown(scene, turn, id).filter(|_| body.get("Operations").and_then(Json::as_array).is_some_and(all_add))?;
    let writes = |index: usize| turns[index].exchange.sent.method != "GET";
    if (shown + 1..turn).any(writes) || patch::apply(before, body, schema, Policy::Tolerant).ok()?.changed {
        return None;
    }
    let next = (turn + 1..turns.len()).find(|index| writes(*index)).unwrap_or(turns.len());
    let (seen, after) =
        (turn..next).find_map(|index| last_shown(scene, index + 1, id).filter(|(seen, _)| *seen >= turn))?;
    let time = |resource: &'_ Json| resource.pointer("/meta/lastModified").and_then(Json::as_str).map(str::to_owned);
    let (was, is) = (time(before)?, time(after)?);
    let value = after.pointer("/meta/lastModified");
    let finding = || expect::body("/meta/lastModified", format!("\"{was}\", as before"), value);
    let told = (was != is).then(|| finding().read_as(ambiguity::A13_LAST_MODIFIED_CHANGED));
    Some((seen, told.into()))
}
