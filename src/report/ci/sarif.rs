//! SARIF 2.1.0, for code scanning: a result for each cause, with a fingerprint that stays the same from run to run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::cause::{Cause, Standing};
use super::super::text::clean;
use super::super::{Options, Report};
use super::{file_name, section, sentence};
use crate::check;

/// How many places of a result GitHub shows.
const PLACES: usize = 100;

/// Writes the report.
///
/// # Errors
/// `out` cannot be written.
pub fn write(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let causes: Vec<&Cause> = report.causes().into_iter().filter(|cause| cause.standing != Standing::Note).collect();
    let mut rules: BTreeMap<&str, &Cause> = BTreeMap::new();
    for cause in &causes {
        rules.entry(&cause.rule).or_insert(cause);
    }
    let at = |rule: &str| rules.keys().position(|known| *known == rule);
    let results: Vec<Value> = causes.iter().map(|cause| result(cause, at(&cause.rule))).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "scimproof",
                "semanticVersion": report.run.as_ref().map_or(env!("CARGO_PKG_VERSION"), |run| &run.version),
                "rules": rules.values().map(|cause| rule(cause)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": "scimproof/" },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule(cause: &Cause) -> Value {
    let why = check::get(&cause.rule).map_or(&*cause.title, |check| check.why);
    let mut rule = json!({
        "id": cause.rule.as_str(),
        "shortDescription": { "text": clean(&cause.title) },
        "fullDescription": { "text": clean(why) },
        "help": { "text": clean(&cause.fix) },
        "properties": { "tags": ["scim"] },
    });
    if let Some((_, url)) = section(cause) {
        rule["helpUri"] = url.into();
    }
    rule
}

fn result(cause: &Cause, rule: Option<usize>) -> Value {
    let (kind, level) = match cause.standing {
        Standing::Error => ("fail", "error"),
        Standing::Warning => ("fail", "warning"),
        Standing::Undetermined | Standing::Note => ("open", "none"),
    };
    let places: Vec<Value> = cause
        .spots
        .iter()
        .take(PLACES)
        .map(|spot| {
            let parts = [&spot.variant, &spot.scenario].into_iter().filter(|part| !part.is_empty());
            let path = parts.map(|part| file_name(part)).collect::<Vec<_>>().join("/");
            let path = format!("scim/{}", if path.is_empty() { "run" } else { &path });
            json!({
                "physicalLocation": { "artifactLocation": { "uri": path }, "region": { "startLine": 1 } },
                "logicalLocations": [{ "fullyQualifiedName": clean(&spot.to_string()), "kind": "function" }],
            })
        })
        .collect();
    let mut text = sentence(cause);
    if cause.standing == Standing::Undetermined {
        text = format!("{}: it could not be known: {}", clean(&cause.title), clean(&cause.actual));
    }
    let mut result = json!({
        "ruleId": cause.rule.as_str(),
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": places,
        "partialFingerprints": { "cause/v1": cause.id },
        "occurrenceCount": cause.count,
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = rule.into();
    }
    if let Some(known) = &cause.known {
        result["suppressions"] = json!([{ "kind": "external", "justification": clean(known) }]);
    }
    result
}
