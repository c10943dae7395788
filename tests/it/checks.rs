//! Every check against its case files: `fixtures/checks/CHECK/{ok,bad}-*.json`, exchanges with the findings they must
//! cause.
//!
//! A `bad` case gives exactly the findings that it expects from its check. An `ok` case gives none, and shows that the
//! check had something to say. Neither gives an error of any other check that it does not name under `also`: one defect, one
//! finding. Members of a case: `why`, `exchanges`, and where needed `expect`, `also`, `facts` (discovery documents by
//! endpoint), `base`, and `loopback`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use scimproof::check::{self, Options, Severity};
use scimproof::exchange::{Exchange, Failure, FailureKind, Oddity, Origin, Place, Received, Sent};
use scimproof::facts::Facts;
use scimproof::profile::catalogue::builtin;
use scimproof::scim::json::Json;
use scimproof::trace::{Ending, Trace, Turn};
use scimproof::verdict::{Judged, Outcome, judge};

const BASE: &str = "https://example.com/scim/v2";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checks")
}

/// A case file with the check it belongs to.
struct Case {
    name: String,
    check: String,
    bad: bool,
    json: Json,
}

fn cases() -> Vec<Case> {
    fn find(folder: &Path, out: &mut Vec<PathBuf>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() { find(&path, out) } else { out.push(path) }
        }
    }
    let root = folder();
    let mut files = Vec::new();
    find(&root, &mut files);
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
        let (check, file) = name.rsplit_once('/').unwrap();
        let kind = file.split('-').next().unwrap();
        assert!(
            matches!(kind, "ok" | "bad") && Path::new(&file).extension().is_some_and(|kind| kind == "json"),
            "{name}: ok-*.json or bad-*.json"
        );
        let json = Json::parse(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        Case { check: check.to_owned(), bad: kind == "bad", json, name }
    };
    files.iter().map(read).collect()
}

fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Json::as_str)
}

fn items<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).unwrap_or_default()
}

/// `text` as it stands, or `body` as compact JSON.
fn body(json: &Json) -> Option<Vec<u8>> {
    match (text(json, "text"), json.get("body")) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(body)) => Some(body.to_string().into_bytes()),
        (None, None) => None,
    }
}

/// Header lines; a body is application/scim+json unless the case says otherwise, and `null` takes a header away.
fn headers(json: &Json, has_body: bool) -> Vec<(String, String)> {
    let given = json.get("headers").and_then(Json::as_object);
    let own_type = given.is_some_and(|headers| headers.get("Content-Type").is_some());
    let mut lines = Vec::new();
    if has_body && !own_type {
        lines.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
    }
    for (name, value) in given.iter().flat_map(|headers| headers.iter()) {
        lines.extend(value.as_str().map(|value| (name.to_owned(), value.to_owned())));
    }
    lines
}

fn oddity(json: &Json) -> Oddity {
    let number = |name: &str| json.get(name).and_then(Json::as_i64).map(|n| usize::try_from(n).unwrap());
    if let Some(bytes) = number("bodyWhereNoneBelongs") {
        return Oddity::BodyWhereNoneBelongs(bytes);
    }
    if let Some(limit) = number("bodyCut") {
        return Oddity::BodyCut(limit);
    }
    match (text(json, "badContentCoding"), text(json, "malformed")) {
        (Some(why), _) => Oddity::BadContentCoding(why.to_owned()),
        (None, Some(why)) => Oddity::Malformed(why.to_owned()),
        (None, None) => Oddity::BareLineFeed,
    }
}

fn exchange(json: &Json, seq: u64) -> Arc<Exchange> {
    let (method, resource) = text(json, "request").expect("`request`").split_once(' ').expect("METHOD PATH");
    let sent_body = body(json);
    let sent = Sent {
        method: method.to_owned(),
        target: format!("/scim/v2{resource}"),
        resource: resource.into(),
        headers: headers(json, sent_body.is_some()),
        body: sent_body.map(Into::into),
    };
    let got = match (json.get("answer"), json.get("failure")) {
        (Some(answer), _) => {
            let body = body(answer).unwrap_or_default();
            let status =
                answer.get("status").and_then(Json::as_i64).and_then(|n| u16::try_from(n).ok()).expect("`status`");
            let oddities = items(answer, "oddities").iter().map(oddity).collect();
            let reason = http::StatusCode::from_u16(status).unwrap().canonical_reason().unwrap_or_default();
            Ok(Received::new(status, reason.to_owned(), headers(answer, !body.is_empty()), body, oddities))
        }
        (None, Some(failure)) => Err(Failure {
            kind: FailureKind::parse(text(failure, "kind").unwrap()).unwrap(),
            detail: text(failure, "detail").unwrap_or_default().to_owned(),
            answer_begun: failure.get("begun").and_then(Json::as_bool).unwrap_or_default(),
        }),
        (None, None) => panic!("neither `answer` nor `failure`"),
    };
    Arc::new(Exchange {
        seq,
        place: Place { variant: "case".into(), scenario: "case".into(), round: 0, step: format!("step-{seq}") },
        origin: Origin::Client,
        at: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        sent,
        got,
    })
}

fn facts(case: &Json) -> Facts {
    let documents = case.get("facts").and_then(Json::as_object);
    let discovery = documents.iter().flat_map(|documents| documents.iter()).map(|(endpoint, document)| {
        let resources = document.as_array().map(|items| Json::Array(items.to_vec()));
        let body =
            resources.map_or_else(|| document.clone(), |items| scimproof::scim::json::object([("Resources", items)]));
        let answer = scimproof::scim::json::object([("status", 200.into()), ("body", body)]);
        let request = format!("GET /{endpoint}");
        exchange(&scimproof::scim::json::object([("request", request.into()), ("answer", answer)]), 0)
    });
    let discovery: Vec<_> = discovery.collect();
    Facts::learn(discovery.iter().map(AsRef::as_ref))
}

fn judged(case: &Json, strict: bool) -> Judged {
    let turn = |(index, json): (usize, &Json)| Turn {
        exchange: exchange(json, index as u64 + 1),
        needs: Vec::new(),
        went_on: true,
        at_once: false,
    };
    let trace = Trace {
        place: Place { variant: "case".into(), scenario: "case".into(), round: 0, step: String::new() },
        profile: builtin("okta").expect("a built-in profile").expect("it reads"),
        turns: items(case, "exchanges").iter().enumerate().map(turn).collect(),
        ending: Ending::Played,
        unsettled: Vec::new(),
        invented: Vec::new(),
    };
    let base = text(case, "base").unwrap_or(BASE).to_owned();
    let loopback = case.get("loopback").and_then(Json::as_bool).unwrap_or(true);
    judge::scenario(&trace, &facts(case), &Options { strict, base, loopback })
}

/// A finding as a case file writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    exchange: u64,
    at: String,
    severity: &'static str,
    requirement: String,
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// What was found, by check.
fn lines(judged: &Judged) -> BTreeMap<String, Vec<Line>> {
    let mut found: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for verdict in &judged.verdicts {
        if let Outcome::Violates { severity, finding } = &verdict.outcome {
            let line = Line {
                exchange: verdict.seq.unwrap_or_default(),
                at: finding.at.to_string(),
                severity: word(*severity),
                requirement: verdict.requirement.clone().unwrap_or_default(),
            };
            found.entry(verdict.rule.to_string()).or_default().push(line);
        }
    }
    found
}

/// Whether what was found is what the case expects; `exchange`, `requirement` and `strict` are compared where given.
fn as_expected(found: &[Line], strict: &[Line], expected: &[Json]) -> bool {
    let same = |line: &Line, expected: &Json, severity: &str| {
        let number = expected.get("exchange").and_then(Json::as_i64);
        text(expected, "at") == Some(&line.at)
            && severity == line.severity
            && text(expected, "requirement").is_none_or(|id| id == line.requirement)
            && number.is_none_or(|number| u64::try_from(number).ok() == Some(line.exchange))
    };
    let all = |found: &[Line], key: &str| {
        let severity = |expected| text(expected, key).or_else(|| text(expected, "severity")).unwrap_or_default();
        let pairs = found.iter().zip(expected);
        found.len() == expected.len() && pairs.clone().all(|(line, expected)| same(line, expected, severity(expected)))
    };
    all(found, "severity") && all(strict, "strict")
}

fn problems_of(case: &Case) -> Vec<String> {
    let (lenient, strict) = (judged(&case.json, false), judged(&case.json, true));
    let (found, strict) = (lines(&lenient), lines(&strict));
    let none = Vec::new();
    let (own, own_strict) = (found.get(&case.check).unwrap_or(&none), strict.get(&case.check).unwrap_or(&none));
    let mut problems = Vec::new();
    if !as_expected(own, own_strict, items(&case.json, "expect")) {
        problems.push(format!("found {own:#?}, strict {own_strict:#?}"));
    }
    if case.bad && items(&case.json, "expect").is_empty() {
        problems.push("a bad case expects something".to_owned());
    }
    let conforms = lenient.tallies.get(&case.check.as_str().into()).is_some_and(|tally| tally.conforms > 0);
    if !case.bad && !conforms {
        problems.push("the check had nothing to say".to_owned());
    }
    let also: Vec<_> = items(&case.json, "also").iter().filter_map(Json::as_str).collect();
    for (rule, lines) in &found {
        let error = lines.iter().any(|line| line.severity == "error");
        if error && *rule != case.check && !also.contains(&rule.as_str()) {
            problems.push(format!("{rule} tells an error too: {lines:?}"));
        }
    }
    for rule in also {
        if !found.contains_key(rule) {
            problems.push(format!("{rule} under `also` tells nothing"));
        }
    }
    problems
}

#[test]
fn cases_give_their_findings() {
    let mut problems = Vec::new();
    for case in cases() {
        if check::get(&case.check).is_none() {
            problems.push(format!("{}: no such check", case.name));
            continue;
        }
        if text(&case.json, "why").is_none_or(str::is_empty) {
            problems.push(format!("{}: `why` is missing", case.name));
        }
        problems.extend(problems_of(&case).into_iter().map(|problem| format!("{}: {problem}", case.name)));
    }
    assert!(problems.is_empty(), "{}\n{} problems", problems.join("\n"), problems.len());
}

#[test]
fn every_check_has_a_conforming_and_a_violating_case() {
    let cases = cases();
    let has = |id: &str, bad: bool| cases.iter().any(|case| case.check == id && case.bad == bad);
    let of_section = check::all();
    let without: Vec<_> =
        of_section.filter(|check| !has(check.id, true) || !has(check.id, false)).map(|c| c.id).collect();
    assert!(without.is_empty(), "no ok-*.json or no bad-*.json: {without:#?}");
}
