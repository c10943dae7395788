//! RFC 7642 section 4: every operation is authenticated. That data in transit is kept confidential is told with TLS.

use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Scene};
use crate::exchange::Sent;

pub(super) static CHECKS: &[&Check] = &[&AUTHENTICATED];

/// Whether a request is about resources; discovery documents are public.
fn serves_data(scene: &Scene<'_>, turn: usize) -> bool {
    use Operation::{Create, List, Me, Patch, Read, Replace, Search};
    scene.kind(turn).is(&[Create, Read, List, Search, Replace, Patch, Me])
}

static AUTHENTICATED: Check = Check {
    id: "rfc7642/4/authenticated",
    requirements: &["RFC7642-4-02"],
    title: "An operation without credentials is refused",
    why: "Anybody can read the directory, and write to it.",
    fix: "Answer 401 to every request on resources that has no valid credentials.",
    judge: Judge::Scenario(authenticated),
};

/// Where the client has credentials, a request that it sends without them must not succeed.
fn authenticated(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = &scene.trace.turns;
    let has = |sent: &Sent| sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if !turns.iter().any(|turn| has(&turn.exchange.sent)) {
        return Vec::new();
    }
    let without = turns
        .iter()
        .enumerate()
        .filter(|(index, turn)| !has(&turn.exchange.sent) && serves_data(scene, *index) && turn.exchange.got.is_ok());
    let judged = without.map(|(index, turn)| {
        let finding = || {
            let actual = turn
                .exchange
                .got
                .as_ref()
                .map_or_else(|_| String::new(), |got| format!("{} {}", got.status, got.reason));
            Finding::new(Location::Status, "401 Unauthorized", actual.trim())
        };
        (index, turn.exchange.succeeded().then(finding).into())
    });
    judged.collect()
}
