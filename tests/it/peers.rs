//! Real servers that others wrote: what is found there, as snapshots. Every finding was confirmed by hand with its request
//! and answer, and in the server's source.

use std::fmt::Write as _;
use std::io::BufReader;

use scimproof::check::Options as Judging;
use scimproof::event::Event;
use scimproof::facts::Facts;
use scimproof::report::cause::{Cause, Standing};
use scimproof::report::{Fan, Options};
use scimproof::trace::Trace;
use scimproof::transcript::{Reader, replay};
use scimproof::verdict::judge;

use super::support::desk::Desk;
use super::support::peers::Peer;
use super::support::text::{plain, shows, steady, without_ids};

/// Plays all profiles; the matrix and the findings.
fn found(peer: &Peer) -> String {
    let desk = Desk::new().with("SCIM_TOKEN", Peer::TOKEN);
    let run = format!(
        "run --target {} --token-env SCIM_TOKEN --seed 20 --jobs 1 --settle 0s --report console --report transcript=t.ndjson",
        peer.base_url()
    );
    let ended = desk.say(&run).exits(1).does_not_say("Left on the target").does_not_say(Peer::TOKEN);
    let console = steady(&desk, &ended);
    let (matrix, rest) = console.split_once("\nFindings, ").expect("there are findings");
    let last = rest.trim_end().lines().last().unwrap_or_default().split("; ledger").next().unwrap_or_default();
    let mut out = format!("{matrix}\n{last}\n");
    for cause in causes(&desk) {
        describe(&cause, &mut out);
    }
    without_ids(&plain(&desk, &out))
}

/// Findings and what could not be known, judged again from the transcript.
fn causes(desk: &Desk) -> Vec<Cause> {
    let file = std::fs::File::open(desk.path("t.ndjson")).expect("it was written");
    let mut reader = Reader::new(BufReader::new(file), "t.ndjson").expect("it is a transcript");
    let options = Judging { strict: false, base: reader.info().target.clone(), loopback: true };
    let mut fan = Fan::without_reports(Options::default());
    let mut judge = |trace: &Trace, facts: &Facts| judge::scenario(trace, facts, &options);
    replay(&mut reader, &mut judge, &Vec::new, &mut |event: &Event| fan.event(event)).expect("it is whole");
    let causes = fan.report().causes().into_iter().filter(|cause| cause.standing != Standing::Note);
    causes.cloned().collect()
}

fn describe(cause: &Cause, out: &mut String) {
    let requirement = cause.requirement.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    let _ = writeln!(out, "\n{} {}{requirement} {}x", cause.standing.as_str(), cause.rule, cause.count);
    let at = cause.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
    let _ = writeln!(out, "  expected {at}{}", one_line(&cause.expected));
    let _ = writeln!(out, "  actual   {}", one_line(&cause.actual));
    if let Some(breaks) = &cause.breaks {
        let _ = writeln!(out, "  breaks   {breaks}");
    }
    let mut spots: Vec<String> = cause.spots.iter().map(ToString::to_string).collect();
    let more = spots.len().saturating_sub(6);
    spots.truncate(6);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let _ = writeln!(out, "  where    {}{more}", spots.join("; "));
}

fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= 300 { text } else { text.chars().take(300).chain(['…']).collect() }
}

#[test]
fn scimmy() {
    shows("peer-scimmy", &found(&Peer::scimmy()));
}

#[test]
fn scim2_server() {
    shows("peer-scim2-server", &found(&Peer::scim2_server()));
}
