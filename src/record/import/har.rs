//! HAR 1.2, as browsers, mitmproxy, Fiddler and ngrok write it. Entry by entry: a bad one does not cost the others.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Entry, Missing, headers, number, target_of};
use crate::scim::json::Json;

pub(super) fn read(json: &Json, missing: &mut Missing) -> Vec<Entry> {
    let entries = json.pointer("/log/entries").and_then(Json::as_array).unwrap_or_default();
    let read = entries.iter().map(entry);
    let mut out = Vec::new();
    for entry in read {
        match entry {
            Some(entry) => out.push(entry),
            None => missing.add("an entry without a method or a URL, left out"),
        }
    }
    out
}

fn entry(json: &Json) -> Option<Entry> {
    let (request, response) = (json.get("request")?, json.get("response").cloned().unwrap_or_default());
    let text = |json: &Json, name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let millis = json.get("time").and_then(number).filter(|millis| millis.is_finite() && *millis > 0.0).unwrap_or(0.0);
    let content = response.get("content").cloned().unwrap_or_default();
    Some(Entry {
        at: json.get("startedDateTime").and_then(Json::as_str).and_then(|at| at.parse().ok()),
        took: Duration::from_secs_f64(millis / 1e3),
        method: request.get("method")?.as_str()?.to_owned(),
        target: target_of(request.get("url")?.as_str()?),
        headers: request.get("headers").map(headers).unwrap_or_default(),
        body: request.get("postData").and_then(posted),
        tells_bodies: true,
        status: response.get("status").and_then(number).filter(|s| (100.0..600.0).contains(s)).map_or(0, status),
        reason: text(&response, "statusText"),
        answer_headers: response.get("headers").map(headers).unwrap_or_default(),
        answer: decoded(&content).unwrap_or_default(),
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 100 and 600")]
fn status(number: f64) -> u16 {
    number as u16
}

/// A body as text, or as the fields of a form.
fn posted(json: &Json) -> Option<Vec<u8>> {
    if let Some(body) = decoded(json).filter(|body| !body.is_empty()) {
        return Some(body);
    }
    let fields = json.get("params")?.as_array().filter(|fields| !fields.is_empty())?;
    let field = |json: &Json| {
        let text = |name| json.get(name).and_then(Json::as_str).unwrap_or_default();
        format!("{}={}", text("name"), text("value"))
    };
    Some(fields.iter().map(field).collect::<Vec<_>>().join("&").into_bytes())
}

/// `text`, base64 where `encoding` says so.
fn decoded(json: &Json) -> Option<Vec<u8>> {
    let text = json.get("text")?.as_str()?;
    if json.get("encoding").and_then(Json::as_str) == Some("base64") {
        return STANDARD.decode(text).ok();
    }
    Some(text.as_bytes().to_vec())
}
