//! Request logs, one request a line: JSON with whatever of method, target, header lines and bodies is in it, or the
//! combined format of nginx and Apache, which holds no bodies.

use std::time::Duration;

use super::{Entry, Missing, headers, number, target_of};
use crate::scim::json::Json;

/// Names under which logs tell the same thing.
const TARGET: [&str; 6] = ["target", "url", "path", "uri", "request_uri", "requestUri"];
const TIME: [&str; 8] = ["at", "time", "timestamp", "@timestamp", "ts", "date", "startedDateTime", "time_iso8601"];
const BODY: [&str; 4] = ["body", "request_body", "requestBody", "payload"];
const STATUS: [&str; 5] = ["status", "statusCode", "status_code", "response_status", "responseStatus"];
const ANSWER: [&str; 3] = ["response_body", "responseBody", "answer_body"];
const MILLIS: [&str; 5] = ["took_ms", "duration_ms", "durationMs", "latency_ms", "elapsed_ms"];

pub(super) fn read(text: &str, missing: &mut Missing) -> Result<Vec<Entry>, String> {
    let mut out = Vec::new();
    let mut wrong = None;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let found = if line.trim_start().starts_with('{') { json(line) } else { combined(line) };
        if let Some(entry) = found {
            out.push(entry);
        } else {
            missing.add("a line that is no request, left out");
            wrong.get_or_insert((number + 1, line));
        }
    }
    match (out.is_empty(), wrong) {
        (true, Some((number, line))) => {
            let shown: String = line.chars().take(12).collect();
            Err(format!(
                "line {number}: this is no HAR file, no transcript, no line of JSON with `method` and `target`, and no line of nginx's combined format (it begins with {shown:?})"
            ))
        }
        (true, None) => Err("the file is empty".to_owned()),
        _ => Ok(out),
    }
}

fn json(line: &str) -> Option<Entry> {
    let json = Json::parse(line.trim().as_bytes()).ok()?;
    // Some logs keep both halves apart.
    let request = json.get("request").filter(|part| part.as_object().is_some()).unwrap_or(&json);
    let halves = json.get("response").or_else(|| json.get("answer")).filter(|part| part.as_object().is_some());
    let response = halves.unwrap_or(&json);
    let of = |part: &Json, names: &[&str]| names.iter().find_map(|name| part.get(name).cloned());
    let body = |json: Json| match json {
        Json::Null => None,
        Json::String(text) => Some(text.into_bytes()),
        other => Some(other.to_string().into_bytes()),
    };
    let answer = if halves.is_some() { of(response, &["body", "text"]) } else { of(response, &ANSWER) };
    let answer_headers = if halves.is_some() {
        of(response, &["headers"])
    } else {
        of(response, &["response_headers", "responseHeaders"])
    };
    let body = of(request, &BODY).and_then(body).filter(|body| !body.is_empty());
    Some(Entry {
        at: of(&json, &TIME).or_else(|| of(request, &TIME)).as_ref().and_then(time),
        took: Duration::from_millis(
            of(&json, &MILLIS).as_ref().and_then(Json::as_i64).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        ),
        method: of(request, &["method", "request_method", "requestMethod"])?.as_str()?.to_ascii_uppercase(),
        target: target_of(of(request, &TARGET)?.as_str()?),
        headers: of(request, &["headers", "request_headers", "requestHeaders"])
            .as_ref()
            .map(headers)
            .unwrap_or_default(),
        tells_bodies: true,
        body,
        status: of(response, &STATUS).as_ref().and_then(number).and_then(whole).unwrap_or(0),
        reason: String::new(),
        answer_headers: answer_headers.as_ref().map(headers).unwrap_or_default(),
        answer: answer
            .and_then(|json| match json {
                Json::Null => None,
                Json::String(text) => Some(text.into_bytes()),
                other => Some(other.to_string().into_bytes()),
            })
            .unwrap_or_default(),
    })
}

fn whole(number: f64) -> Option<u16> {
    format!("{number:.0}").parse().ok().filter(|status| (100..600).contains(status))
}

/// A text, or seconds or milliseconds since 1970.
fn time(json: &Json) -> Option<jiff::Timestamp> {
    if let Some(text) = json.as_str() {
        return text.parse().ok();
    }
    let seconds = number(json).map(|n| if n > 1e11 { n / 1e3 } else { n }).filter(|n| (0.0..1e11).contains(n))?;
    jiff::Timestamp::from_duration(jiff::SignedDuration::from_secs_f64(seconds)).ok()
}

/// `1.2.3.4 - user [22/Nov/2026:10:00:00 +0000] "GET /scim/v2/Users HTTP/1.1" 200 130 "-" "agent"`
fn combined(line: &str) -> Option<Entry> {
    let (before, rest) = line.split_once('[')?;
    let (at, rest) = rest.split_once(']')?;
    if before.split_whitespace().count() < 3 {
        return None;
    }
    let mut quoted = rest.split('"');
    let mut words = quoted.nth(1)?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let mut numbers = quoted.next()?.split_whitespace();
    let status = numbers.next()?.parse().ok()?;
    let agent = quoted.nth(2).filter(|agent| *agent != "-");
    let at = jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", at).and_then(|time| time.to_timestamp()).ok();
    Some(Entry {
        at,
        method: method.to_owned(),
        target: target_of(target),
        headers: agent.map(|agent| ("User-Agent".to_owned(), agent.to_owned())).into_iter().collect(),
        status,
        ..Entry::default()
    })
}
