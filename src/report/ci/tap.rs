//! TAP 14, the Test Anything Protocol: a test is a scenario of a variant.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::cause::{Cause, Standing};
use super::super::model::{Column, Planned};
use super::super::text::{clean, count, shorten};
use super::super::{Options, Report};
use super::VALUE;

/// Writes the report.
///
/// # Errors
/// `out` cannot be written.
pub fn write(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let columns = report.columns();
    let all: usize = columns.iter().map(|column| column.scenarios.len()).sum();
    let causes = report.causes();
    let mut text = format!("TAP version 14\n1..{all}\n");
    let mut number = 0;
    for (at, column) in columns.iter().enumerate() {
        for (row, planned) in column.scenarios.iter().enumerate() {
            number += 1;
            scenario(&mut text, report, &causes, number, (at, row), (column, planned));
        }
    }
    out.write_all(text.as_bytes())
}

fn scenario(
    out: &mut String,
    report: &Report,
    causes: &[&Cause],
    test: usize,
    (at, row): (usize, usize),
    (column, planned): (&Column, &Planned),
) {
    let name = description(&format!("{} {}", column.label, planned.id));
    let Some(played) = report.played(at + 1, row).filter(|_| planned.skip.is_none()) else {
        let reason = planned.skip.as_deref().unwrap_or_else(|| report.cut_short());
        let _ = writeln!(out, "ok {test} - {name} # SKIP {}", description(reason));
        return;
    };
    let here: Vec<&&Cause> = causes
        .iter()
        .filter(|cause| cause.known.is_none() && cause.spots.iter().any(|spot| spot.key == (at + 1, row)))
        .collect();
    let errors: Vec<_> = here.iter().filter(|cause| cause.standing == Standing::Error).collect();
    if let Some(reason) = played.whole.undetermined.as_ref().filter(|_| errors.is_empty()) {
        let _ = writeln!(out, "not ok {test} - {name}");
        diagnostics(out, &[("undetermined", reason)]);
        return;
    }
    let failed = !errors.is_empty() || played.whole.breaks.is_some();
    let _ = writeln!(out, "{} {test} - {name}", if failed { "not ok" } else { "ok" });
    if let (Some(breaks), true) = (&played.whole.breaks, errors.is_empty()) {
        diagnostics(out, &[("breaks", breaks)]);
    }
    if let Some(cause) = errors.first() {
        let more = if errors.len() > 1 { count((errors.len() - 1) as u64, "more error") } else { String::new() };
        diagnostics(
            out,
            &[
                ("check", &cause.rule),
                ("message", &cause.title),
                ("wanted", &cause.expected),
                ("found", &cause.actual),
                ("breaks", cause.breaks.as_deref().unwrap_or_default()),
                ("mend", &cause.fix),
                ("further", &more),
            ],
        );
    }
    for warning in here.iter().filter(|cause| cause.standing == Standing::Warning) {
        let _ = writeln!(out, "# warning: {}: {}", warning.rule, clean(&warning.title));
    }
}

/// `#` begins a directive, and a backslash an escape.
fn description(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A YAML block; every value is a JSON string, which YAML takes.
fn diagnostics(out: &mut String, fields: &[(&str, &str)]) {
    out.push_str("  ---\n");
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let value = serde_json::Value::from(clean(&shorten(value, VALUE)));
        let _ = writeln!(out, "  {name}: {value}");
    }
    out.push_str("  ...\n");
}
