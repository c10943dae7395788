//! Workflow commands of GitHub Actions: annotations of a run, as its log takes them.

use std::io::{self, Write};

use super::super::cause::{Cause, Standing};
use super::super::text::count;
use super::super::{Options, Report};
use super::{findings, path, sentence};
use crate::report::text::clean;

/// How many annotations of one kind GitHub shows of a step.
const SHOWN: usize = 10;

/// Writes the report.
///
/// # Errors
/// `out` cannot be written.
pub fn write(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let all = findings(report);
    for (kind, standing) in [("error", Standing::Error), ("warning", Standing::Warning)] {
        let of: Vec<_> = all.iter().filter(|cause| cause.standing == standing).collect();
        // The last place tells that there are more.
        let room = if of.len() > SHOWN { SHOWN - 1 } else { SHOWN };
        for cause in of.iter().take(room) {
            writeln!(out, "{}", command(kind, cause))?;
        }
        if of.len() > room {
            let more = count((of.len() - room) as u64, "more cause");
            writeln!(out, "::{kind} title=scimproof::{more} of this kind; the report has them")?;
        }
    }
    let counts = report.totals.verdicts;
    let text = format!("{}, {}", count(counts.errors, "error"), count(counts.warnings, "warning"));
    writeln!(out, "::notice title=scimproof::{}", data(&text))
}

fn command(kind: &str, cause: &Cause) -> String {
    let message = format!("{}\nTo mend it: {}", sentence(cause), clean(&cause.fix));
    format!("::{kind} file={},title={}::{}", property(&path(cause)), property(&cause.rule), data(&message))
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
