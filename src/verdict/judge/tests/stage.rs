//! Traces from a few lines of text.
//!
//! ```text
//! setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}
//! create POST /Users {"userName":"omar"} -> 201 {"id":"u-2","userName":"omar"}
//! check GET /Users/u-2 -> 200 {"id":"u-2","userName":"omar"}
//! ```
//!
//! The first word is `setup`, `check`, or the step of the client; a step whose name begins with `perhaps` is inferred.
//! In place of a status stands the word of a failure, such as `time-out`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::check::{Options, Severity};
use crate::exchange::{Exchange, Failure, FailureKind, Origin, Place, Received, Sent};
use crate::facts::Facts;
use crate::profile::model::{BaseQuery, Body, Evidence, Feature, Grade, Join, Need, Profile, Scenario, Step, Traits};
use crate::scim::urn;
use crate::trace::{Ending, Trace, Turn};
use crate::verdict::{Judged, Outcome};

/// A trace of a client that is called `entra`.
pub(crate) fn trace(script: &str) -> Trace {
    trace_with(script, Vec::new(), |_| {})
}

/// The same with needs, and with steps changed.
pub(super) fn trace_with(script: &str, needs: Vec<Arc<Need>>, change: impl Fn(&mut Step)) -> Trace {
    let lines: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut turns = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let (word, rest) = line.split_once(' ').unwrap();
        let exchange = exchange(index as u64 + 1, word, rest);
        if exchange.origin == Origin::Client && steps.iter().all(|step| step.id != word) {
            let mut step = step(word, &exchange.sent.method);
            change(&mut step);
            steps.push(step);
        }
        turns.push(Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on: true, at_once: false });
    }
    Trace {
        place: place(""),
        profile: Arc::new(profile(steps, needs)),
        turns,
        ending: Ending::Played,
        unsettled: Vec::new(),
        invented: Vec::new(),
    }
}

fn place(step: &str) -> Place {
    Place { variant: "entra".to_owned(), scenario: "s".to_owned(), round: 0, step: step.to_owned() }
}

fn exchange(seq: u64, word: &str, rest: &str) -> Exchange {
    let (request, answer) = rest.split_once(" -> ").unwrap();
    let mut parts = request.splitn(3, ' ');
    let (method, resource, body) = (parts.next().unwrap(), parts.next().unwrap(), parts.next());
    let origin = match word {
        "setup" => Origin::Setup,
        "check" => Origin::CheckRead,
        _ => Origin::Client,
    };
    let (status, answer) = answer.split_once(' ').unwrap_or((answer, ""));
    let got = match status.parse::<u16>() {
        Ok(status) => {
            let kind = ("Content-Type".to_owned(), "application/scim+json".to_owned());
            let id = ("X-Request-Id".to_owned(), format!("r-{seq}"));
            let reason = reason(status).to_owned();
            Ok(Received::new(status, reason, vec![kind, id], answer.as_bytes().to_vec(), Vec::new()))
        }
        Err(_) => Err(Failure {
            kind: FailureKind::parse(status).unwrap(),
            detail: "no answer within 60 s".to_owned(),
            answer_begun: false,
        }),
    };
    let sent = Sent {
        method: method.to_owned(),
        target: format!("/scim/v2{resource}"),
        resource: resource.into(),
        headers: Vec::new(),
        body: body.map(|body| with_schemas(body).into_bytes().into()),
    };
    let at = jiff::Timestamp::from_second(1_790_000_000 + i64::try_from(seq).unwrap()).unwrap();
    Exchange { seq, place: place(word), origin, at, took: Duration::from_millis(3), sent, got }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        404 => "Not Found",
        _ => "",
    }
}

fn step(id: &str, method: &str) -> Step {
    let grade = if id.starts_with("perhaps") { Grade::Inferred } else { Grade::Documented };
    Step {
        id: id.to_owned(),
        evidence: Evidence { grade, sources: Vec::new() },
        why: None,
        feature: None,
        when: None,
        method: method.to_owned(),
        target: String::new(),
        body: Body::None,
        headers: Vec::new(),
        requires: Vec::new(),
        attributes: None,
        each: Vec::new(),
        at_once: false,
        over: None,
        pages: None,
        finds: None,
        creates: None,
        reads: None,
        deletes: None,
        capture: Vec::new(),
        accept: Vec::new(),
        read_back: true,
        needs: Vec::new(),
        settled: false,
        breaks: None,
    }
}

fn profile(steps: Vec<Step>, needs: Vec<Arc<Need>>) -> Profile {
    let scenario = Scenario {
        id: "s".to_owned(),
        title: "A scenario".to_owned(),
        feature: "f".to_owned(),
        why: String::new(),
        when: None,
        requires: Vec::new(),
        for_each_declared: false,
        switches: Vec::new(),
        alone: false,
        slash: false,
        reads_only: false,
        actors: Vec::new(),
        steps,
    };
    let traits = Traits {
        join: Join::Concat,
        suffix_slash: false,
        query: BaseQuery::KeepAndMerge,
        own_query: None,
        query_position: String::new(),
        curious: false,
        space: "percent20".to_owned(),
        upper_hex: true,
        escape_ids: true,
        user_external_id: String::new(),
        group_external_id: String::new(),
        headers: Vec::new(),
    };
    Profile {
        id: "entra".to_owned(),
        title: "Entra ID".to_owned(),
        about: String::new(),
        reconstructed: None,
        by_default: true,
        sources: BTreeMap::new(),
        traits,
        settings: Vec::new(),
        patience: None,
        features: vec![Feature { id: "f".to_owned(), title: "F".to_owned(), sends_nothing: None }],
        needs,
        dialects: Vec::new(),
        scenarios: vec![Arc::new(scenario)],
        files: Vec::new(),
    }
}

/// A target that publishes the RFC's own schemas.
pub(super) fn published() -> Facts {
    let urns = [urn::USER, urn::GROUP, urn::ENTERPRISE_USER];
    Facts { schemas_published: true, published: urns.map(str::to_owned).to_vec(), ..Facts::default() }
}

/// Judges a trace; the checks of the RFCs' sections are left out.
pub(super) fn judge(trace: &Trace, facts: &Facts) -> Judged {
    let mut judged = super::super::scenario(trace, facts, &Options::default());
    judged.verdicts.retain(|verdict| !verdict.rule.starts_with("rfc"));
    judged.tallies.retain(|rule| !rule.starts_with("rfc"));
    judged
}

/// What a script tells, one verdict a line.
pub(super) fn told(script: &str) -> String {
    lines(&judge(&trace(script), &published()))
}

/// Verdicts, one a line.
pub(super) fn lines(judged: &Judged) -> String {
    let mut out = String::new();
    for verdict in &judged.verdicts {
        let seq = verdict.seq.map_or_else(|| "-".to_owned(), |seq| seq.to_string());
        let _ = write!(out, "#{seq} {}", verdict.rule);
        if let Some(requirement) = &verdict.requirement {
            let _ = write!(out, " ({requirement})");
        }
        match &verdict.outcome {
            Outcome::Violates { severity, finding } => {
                let severity = match severity {
                    Severity::Note => "note",
                    Severity::Warning => "warning",
                    Severity::Error => "error",
                };
                let _ = write!(out, " {severity} at {}: {} <> {}", finding.at, finding.expected, finding.actual);
            }
            Outcome::Undetermined(why) => {
                let _ = write!(out, " undetermined: {why}");
            }
        }
        if let Some(breaks) = &verdict.breaks {
            let _ = write!(out, " [breaks: {breaks}]");
        }
        out.push('\n');
    }
    out
}

/// A PATCH as it is sent; scripts leave the schemas out.
fn with_schemas(body: &str) -> String {
    body.replacen("{\"Operations\"", &format!("{{\"schemas\":[\"{}\"],\"Operations\"", crate::scim::urn::PATCH_OP), 1)
}
