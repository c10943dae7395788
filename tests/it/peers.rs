//! Real servers that others wrote: what is found there, as snapshots. Every finding was confirmed by hand with its request
//! and answer, and in the server's source.

use super::support::desk::Desk;
use super::support::peers::Peer;
use super::support::text::{shows, steady, without_ids};

/// Plays all profiles: the report, without what differs from run to run.
fn found(peer: &Peer) -> String {
    let desk = Desk::new().with("SCIM_TOKEN", Peer::TOKEN);
    // One job, so that what a scenario finds does not depend on what others have created by then.
    let run = format!("run --target {} --token-env SCIM_TOKEN --seed 20 --jobs 1 --settle 0s", peer.base_url());
    let ended = desk.say(&run).exits(1).does_not_say("Left on the target").does_not_say(Peer::TOKEN);
    let report = steady(&desk, &ended);
    let report = report.split("; ledger ").next().unwrap_or_default();
    // The requests as `curl` lines and the advice are the same everywhere; the finding is what counts here.
    let aside = ["    repeat ", "    example ", "    mend ", "    known by "];
    let mut left_out = false;
    let kept = report.lines().filter(|line| {
        let goes_on = line.starts_with("              ");
        left_out = if goes_on { left_out } else { aside.iter().any(|field| line.starts_with(field)) };
        !left_out
    });
    without_ids(&kept.collect::<Vec<_>>().join("\n"))
}

#[test]
fn scimmy() {
    shows("peer-scimmy", &found(&Peer::scimmy()));
}

#[test]
fn scim2_server() {
    shows("peer-scim2-server", &found(&Peer::scim2_server()));
}
