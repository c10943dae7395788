//! What the page's script reads: conversations as JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::super::cause::{Cause, Example, Standing, fingerprint};
use super::super::curl;
use super::super::text::{count, is_invisible};
use crate::check::Location;
use crate::event::RunInfo;
use crate::exchange::{Exchange, Received, Sent};
use crate::trace::{Ending, Trace};
use crate::verdict::{Outcome, Verdict};

/// How much of a body is kept, in bytes; a transcript holds the whole of it.
const BODY: usize = 256 * 1024;

/// The longest body that a `curl` line repeats, in bytes.
const CURL: usize = 16 * 1024;

#[derive(Serialize)]
pub(super) struct Conversation<'a> {
    client: &'a str,
    variant: &'a str,
    scenario: &'a str,
    round: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ending: Option<String>,
    exchanges: Vec<Shown<'a>>,
    findings: Vec<Mark<'a>>,
}

/// An exchange.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    seq: u64,
    step: &'a str,
    origin: &'static str,
    at: String,
    /// Microseconds since the epoch and of the exchange: what the time line is drawn with.
    begun: i64,
    took: u64,
    request: Request<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    curl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'static str>,
}

#[derive(Serialize)]
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
}

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    reason: &'a str,
    headers: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    oddities: Vec<String>,
}

/// A body as text.
#[derive(Serialize)]
struct Body {
    text: String,
    /// Bytes of the whole.
    size: usize,
    /// What the text does not say: that it was cut, that it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A finding, where it is to be marked.
#[derive(Serialize)]
pub(super) struct Mark<'a> {
    cause: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    standing: &'static str,
    rule: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place<'a>>,
    expected: &'a str,
    actual: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
enum Place<'a> {
    Status,
    Header(&'a str),
    Body(&'a str),
    Wire,
}

/// The exchange that shows a cause, and the one at fault.
#[derive(Serialize)]
pub(super) struct Instance<'a> {
    exchanges: Vec<Shown<'a>>,
    findings: Vec<Mark<'a>>,
}

pub(super) fn is_finding(verdict: &Verdict) -> bool {
    !matches!(Standing::of(verdict), Standing::Note)
}

pub(super) fn conversation<'a>(
    info: &RunInfo,
    trace: &'a Trace,
    judged: &'a crate::verdict::Judged,
) -> Conversation<'a> {
    let scenario = trace.profile.scenario(&trace.place.scenario);
    let exchanges = trace.turns.iter().map(|turn| {
        let step = scenario.and_then(|scenario| scenario.steps.iter().find(|s| s.id == turn.exchange.place.step));
        Shown { grade: step.map(|step| step.evidence.grade.as_str()), ..shown(info, &turn.exchange) }
    });
    Conversation {
        client: if trace.place.variant.is_empty() { "scimproof" } else { &trace.profile.title },
        variant: &trace.place.variant,
        scenario: &trace.place.scenario,
        round: trace.place.round,
        why: scenario.map_or("", |scenario| &scenario.why),
        ending: match &trace.ending {
            Ending::Played => None,
            Ending::Stuck { step, reason } => Some(format!("After {step} the client could not go on: {reason}")),
            Ending::Undetermined { reason } => Some(format!("The outcome is not known: {reason}")),
        },
        exchanges: exchanges.collect(),
        findings: judged.verdicts.iter().map(|verdict| mark(verdict, trace)).collect(),
    }
}

pub(super) fn example<'a>(info: &RunInfo, cause: &'a Cause, example: &'a Example) -> Instance<'a> {
    let exchanges = example.fault.iter().chain([&example.exchange]).map(|exchange| shown(info, exchange));
    let found = Mark {
        cause: cause.id.clone(),
        seq: Some(example.exchange.seq),
        standing: cause.standing.as_str(),
        rule: &cause.rule,
        title: &cause.title,
        place: example.at.as_ref().map(place),
        expected: &cause.expected,
        actual: &cause.actual,
        known: cause.known.as_deref(),
    };
    Instance { exchanges: exchanges.collect(), findings: vec![found] }
}

pub(super) fn swept<'a>(info: &RunInfo, exchanges: &'a [Arc<Exchange>]) -> Instance<'a> {
    Instance { exchanges: exchanges.iter().map(|exchange| shown(info, exchange)).collect(), findings: Vec::new() }
}

fn shown<'a>(info: &RunInfo, exchange: &'a Exchange) -> Shown<'a> {
    let Exchange { seq, place, origin, at, took, sent, got } = exchange;
    let small = sent.body.as_ref().is_none_or(|body| body.len() <= CURL);
    Shown {
        seq: *seq,
        step: &place.step,
        origin: origin.as_str(),
        at: at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        begun: at.as_microsecond(),
        took: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request: request(sent),
        answer: got.as_ref().ok().map(answer),
        failure: got.as_ref().err().map(|failure| failure.detail.clone()),
        curl: small.then(|| curl::line(&info.target, sent, &info.credentials)),
        grade: None,
    }
}

fn request(sent: &Sent) -> Request<'_> {
    Request { method: &sent.method, target: &sent.target, headers: &sent.headers, body: sent.body.as_deref().map(body) }
}

fn answer(got: &Received) -> Answer<'_> {
    Answer {
        status: got.status,
        reason: &got.reason,
        headers: &got.headers,
        body: (!got.body.is_empty()).then(|| body(&got.body)),
        oddities: got.oddities.iter().map(ToString::to_string).collect(),
    }
}

fn body(bytes: &[u8]) -> Body {
    let kept = &bytes[..bytes.len().min(BODY)];
    let mut notes = Vec::new();
    let text = match std::str::from_utf8(kept) {
        Ok(text) => text.to_owned(),
        // The cut went through a character.
        Err(error) if kept.len() < bytes.len() && error.error_len().is_none() => {
            String::from_utf8_lossy(&kept[..error.valid_up_to()]).into_owned()
        }
        Err(_) => {
            notes.push("not UTF-8; bytes that are no text are shown as \\xNN".to_owned());
            escaped(kept)
        }
    };
    if kept.len() < bytes.len() {
        notes.push(format!("{} are shown of {}", count(kept.len() as u64, "byte"), bytes.len()));
    }
    Body { text, size: bytes.len(), note: (!notes.is_empty()).then(|| notes.join("; ")) }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn mark<'a>(verdict: &'a Verdict, trace: &Trace) -> Mark<'a> {
    let (at, expected, actual) = match &verdict.outcome {
        Outcome::Violates { finding, .. } => (Some(place(&finding.at)), &*finding.expected, &*finding.actual),
        Outcome::Undetermined(reason) => (None, "", &**reason),
    };
    let standing = Standing::of(verdict);
    Mark {
        cause: fingerprint(verdict, standing, Some(trace)),
        seq: verdict.seq,
        standing: standing.as_str(),
        rule: &verdict.rule,
        title: &verdict.title,
        place: at,
        expected,
        actual,
        known: verdict.known.as_deref(),
    }
}

fn place(at: &Location) -> Place<'_> {
    match at {
        Location::Status => Place::Status,
        Location::Header(name) => Place::Header(name),
        Location::Body(pointer) => Place::Body(pointer),
        Location::Wire => Place::Wire,
    }
}

/// JSON that no HTML parser takes for markup, and that moves no editor or terminal it is opened in.
pub(super) fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Outside of strings JSON has none of these.
        if c == '<' || c.is_control() || is_invisible(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let json = serde_json::to_string("</script><!--\u{202e}\u{7f}\u{e0041}").unwrap();
        let text = harmless(&json);
        assert_eq!(text, r#""\u003c/script>\u003c!--\u202e\u007f\udb40\udc41""#);
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), "</script><!--\u{202e}\u{7f}\u{e0041}");
    }

    #[test]
    fn bodies_are_cut_between_characters() {
        let long = "\u{e4}".repeat(BODY);
        let cut = body(format!("a{long}").as_bytes());
        assert_eq!((cut.text.len(), cut.size), (BODY - 1, 2 * BODY + 1));
        assert_eq!(cut.note.as_deref(), Some("262144 bytes are shown of 524289"));
        let binary = body(b"a\xff\xfeb");
        assert_eq!((binary.text.as_str(), binary.size), ("a\\xff\\xfeb", 4));
        assert!(body(b"{}").note.is_none());
    }
}
