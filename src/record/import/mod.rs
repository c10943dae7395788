//! Recordings that others made: HAR 1.2, transcripts of this tool, and request logs. What a file does not hold is said.

mod har;
mod lines;
mod transcript;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::log::{Log, ORIGIN, Passed, place};
use super::mask::{Masker, Report};
use crate::exchange::{Exchange, Received, Sent};
use crate::scim::json::Json;

/// What the first segments of SCIM resources are called.
const ENDPOINTS: [&str; 9] =
    ["Users", "Groups", "Me", "ServiceProviderConfig", "ResourceTypes", "Schemas", "Bulk", "Roles", "Entitlements"];

/// What was imported.
#[derive(Debug)]
pub struct Imported {
    /// The masked recording that was written.
    pub path: PathBuf,
    /// Its exchanges.
    pub exchanges: Vec<Arc<Exchange>>,
    /// What was masked.
    pub masked: Report,
    /// What is missing or was left out, one line each.
    pub notes: Vec<String>,
}

/// A request of a file, as far as it is there.
#[derive(Clone, Debug, Default)]
struct Entry {
    at: Option<jiff::Timestamp>,
    took: Duration,
    method: String,
    /// Path and query.
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    /// Whether the file would tell a body if there had been one.
    tells_bodies: bool,
    status: u16,
    reason: String,
    answer_headers: Vec<(String, String)>,
    answer: Vec<u8>,
}

/// Things that are missing, counted.
#[derive(Debug, Default)]
struct Missing(BTreeMap<String, usize>);

impl Missing {
    fn add(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    fn notes(&self, file: &Path) -> Vec<String> {
        self.0.iter().map(|(what, times)| format!("{}: {times} x {what}", file.display())).collect()
    }
}

/// Reads files, masks what is in them, and writes the masked recording into a folder.
///
/// # Errors
/// A file that cannot be read or is none of the known kinds; a folder that cannot be written. In words.
pub fn import(files: &[PathBuf], out: &Path, at: jiff::Timestamp, masker: Masker) -> Result<Imported, String> {
    let mut exchanges = Vec::new();
    let mut notes = Vec::new();
    for file in files {
        let mut missing = Missing::default();
        exchanges.extend(read(file, &mut missing)?);
        notes.extend(missing.notes(file));
    }
    exchanges.sort_by_key(|exchange| exchange.at);
    let mut log =
        Log::begin(out, "imported", at, masker).map_err(|error| format!("--out {}: {error}", out.display()))?;
    let passed = |exchange| Passed { exchange, request_note: None, answer_note: None };
    let exchanges = exchanges.into_iter().map(|exchange| log.write(passed(exchange))).collect();
    if log.end() > 0 {
        return Err(format!("{} cannot be written", log.path().display()));
    }
    Ok(Imported { path: log.path().to_owned(), exchanges, masked: log.masker().report().clone(), notes })
}

/// The exchanges of a recording that this tool wrote, masked already.
///
/// # Errors
/// It cannot be read; in words.
pub fn recording(path: &Path) -> Result<Vec<Arc<Exchange>>, String> {
    let exchanges = transcript::read(path, &mut Missing::default())?;
    Ok(exchanges.into_iter().map(Arc::new).collect())
}

fn read(file: &Path, missing: &mut Missing) -> Result<Vec<Exchange>, String> {
    let wrong = |why: String| format!("{}: {why}", file.display());
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    // Some tools begin a file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = String::from_utf8_lossy(bytes);
    let begin = text.trim_start();
    if begin.starts_with("{\"scimproof\"") {
        return transcript::read(file, missing);
    }
    let json = if begin.starts_with('{') { Json::parse(bytes).ok() } else { None };
    let entries = match json {
        Some(json) if json.pointer("/log/entries").is_some() => har::read(&json, missing),
        _ if begins_har(begin) => {
            return Err(wrong("this begins like a HAR file, and its JSON does not come to its end".to_owned()));
        }
        _ => lines::read(&text, missing).map_err(wrong)?,
    };
    let mut last = jiff::Timestamp::UNIX_EPOCH;
    let mut exchanges = Vec::new();
    for entry in entries {
        let at = entry.at.unwrap_or_else(|| last + jiff::SignedDuration::from_millis(1));
        last = at;
        exchanges.extend(exchange(Entry { at: Some(at), ..entry }, missing));
    }
    Ok(exchanges)
}

/// Whether a text that is no JSON as a whole was to be a HAR file.
fn begins_har(text: &str) -> bool {
    let squeezed: String = text.chars().take(100).filter(|c| !c.is_whitespace()).collect();
    squeezed.starts_with("{\"log\":{") && Json::parse(text.lines().next().unwrap_or_default().as_bytes()).is_err()
}

/// An entry as an exchange; `None`: it is no request of SCIM, or not enough of one.
fn exchange(entry: Entry, missing: &mut Missing) -> Option<Exchange> {
    let Some(resource) = resource(&entry.target) else {
        missing.add("a request that is none of SCIM, left out");
        return None;
    };
    let writes = matches!(entry.method.as_str(), "POST" | "PUT" | "PATCH");
    if writes && entry.body.is_none() {
        let why = if entry.tells_bodies {
            "a write without its body, left out"
        } else {
            "a write, left out: this log holds no bodies"
        };
        missing.add(why);
        return None;
    }
    if entry.status == 0 {
        missing.add("a request without an answer, left out");
        return None;
    }
    if entry.answer.is_empty() && entry.status != 204 && entry.method != "HEAD" {
        missing.add("an answer without its body");
    }
    if entry.headers.is_empty() {
        missing.add("a request without its header lines");
    }
    let body = entry.body.map(Into::into);
    let sent =
        Sent { method: entry.method, target: entry.target, resource: resource.into(), headers: entry.headers, body };
    let got = Ok(Received::new(entry.status, entry.reason, entry.answer_headers, entry.answer, Vec::new()));
    Some(Exchange { seq: 0, place: place(), origin: ORIGIN, at: entry.at?, took: entry.took, sent, got })
}

/// What begins with the name of an endpoint.
fn resource(target: &str) -> Option<String> {
    let path = target.split('?').next().unwrap_or_default();
    let mut at = 0;
    for segment in path.split('/') {
        if ENDPOINTS.contains(&segment) || segment == ".search" && at > 0 {
            return Some(format!("/{}", &target[at..]));
        }
        at += segment.len() + 1;
    }
    None
}

/// Path and query of a URL.
fn target_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| &rest[rest.find(['/', '?']).unwrap_or(rest.len())..]);
    let rest = rest.split('#').next().unwrap_or_default();
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

/// Header lines from a list of names and values, pairs, or an object.
fn headers(json: &Json) -> Vec<(String, String)> {
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let line = |item: &Json| match item {
        Json::Array(pair) if pair.len() == 2 => Some((text(&pair[0]), text(&pair[1]))),
        _ => Some((item.get("name")?.as_str()?.to_owned(), text(item.get("value")?))),
    };
    let lines: Vec<(String, String)> = match json {
        Json::Array(items) => items.iter().filter_map(line).collect(),
        Json::Object(object) => object.iter().map(|(name, value)| (name.to_owned(), text(value))).collect(),
        _ => Vec::new(),
    };
    // HTTP/2 writes method and host as lines of their own kind.
    lines.into_iter().filter(|(name, _)| !name.starts_with(':')).collect()
}

/// A number, also when it is written as a text.
fn number(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests;
