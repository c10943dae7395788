//! The code quality report of GitLab: a list of issues, as its merge requests show them.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::cause::{Cause, Standing};
use super::super::{Options, Report};
use super::{findings, path, sentence};

/// Writes the report.
///
/// # Errors
/// `out` cannot be written.
pub fn write(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Value> = findings(report).into_iter().map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(cause: &Cause) -> Value {
    let severity = match (cause.standing, &cause.breaks) {
        (Standing::Error, Some(_)) => "critical",
        (Standing::Error, None) => "major",
        _ => "minor",
    };
    json!({
        "description": sentence(cause),
        "check_name": cause.rule.as_str(),
        "fingerprint": cause.id,
        "severity": severity,
        "location": { "path": path(cause), "lines": { "begin": 1 } },
    })
}
