//! Markdown: the summary of a CI job (the matrix, then every cause folded up), and the text of a ticket (what is to be
//! mended, without markup that only some trackers know).

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::cause::{Cause, Standing};
use super::super::console;
use super::super::curl;
use super::super::matrix::{Cell, Matrix};
use super::super::text::{clean, clean_lines, count, shorten};
use super::super::{Options, Report};
use super::{VALUE, findings, section};

/// How many causes a summary holds: GitHub takes 1 MiB.
const CAUSES: usize = 100;

/// How much of a `curl` line it holds.
const CURL: usize = 4_000;

/// Writes the summary.
///
/// # Errors
/// `out` cannot be written.
pub fn summary(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut text = head(report, "##");
    for matrix in report.matrix() {
        table(&mut text, &matrix);
    }
    let causes = findings(report);
    if !causes.is_empty() {
        let _ = write!(text, "\n### Findings, {}\n", count(causes.len() as u64, "cause"));
    }
    for cause in causes.iter().take(CAUSES) {
        let mark = if cause.standing == Standing::Error { "\u{274c}" } else { "\u{26a0}\u{fe0f}" };
        let _ = write!(
            text,
            "\n<details><summary>{mark} {} <code>{}</code></summary>\n\n",
            html(&cause.title),
            html(&cause.rule)
        );
        body(&mut text, report, cause);
        text.push_str("\n</details>\n");
    }
    end(&mut text, report, &causes);
    out.write_all(text.as_bytes())
}

/// Writes the text of a ticket.
///
/// # Errors
/// `out` cannot be written.
pub fn ticket(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut text = head(report, "#");
    let causes = findings(report);
    for (number, cause) in causes.iter().take(CAUSES).enumerate() {
        let standing = cause.standing.as_str();
        let _ = write!(text, "\n## {}. {} ({standing})\n\n", number + 1, prose(&cause.title));
        body(&mut text, report, cause);
    }
    end(&mut text, report, &causes);
    out.write_all(text.as_bytes())
}

fn head(report: &Report, level: &str) -> String {
    let Some(run) = &report.run else { return format!("{level} scimproof: the run did not begin\n") };
    let target = if run.embedded { "the embedded reference provider".to_owned() } else { code(&run.target) };
    let mut out = format!("{level} SCIM: {target}\n\n");
    for matrix in report.matrix() {
        let (state, answer) = console::answer(&matrix);
        let _ = writeln!(out, "- {} **{}**: {answer}", mark(&state), prose(&matrix.title));
    }
    for notice in report.said_aloud() {
        let _ = write!(out, "\n> {}\n", prose(&notice));
    }
    out
}

fn table(out: &mut String, matrix: &Matrix) {
    let _ = write!(out, "\n| {} |", prose(&matrix.title));
    for label in &matrix.columns {
        let _ = write!(out, " {} |", code(label));
    }
    out.push_str(" Why |\n|");
    out.push_str(&" --- |".repeat(matrix.columns.len() + 2));
    out.push('\n');
    for row in &matrix.rows {
        let _ = write!(out, "| {} |", prose(&row.title));
        for cell in &row.cells {
            let _ = write!(out, " {} {} |", mark(cell), cell.state());
        }
        let why = row.cells.iter().find_map(Cell::reason).unwrap_or_default();
        let _ = writeln!(out, " {} |", prose(why));
    }
    if let Some(why) = &matrix.reconstructed {
        let _ = write!(out, "\n{}\n", prose(why));
    }
}

fn body(out: &mut String, report: &Report, cause: &Cause) {
    if let Some(breaks) = &cause.breaks {
        let _ = writeln!(out, "**Breaks:** {}\n", prose(breaks));
    }
    if cause.rule.starts_with("baseline/") && cause.actual.contains('\n') {
        fence(out, "diff", &clean_lines(&shorten(&cause.actual, CURL)));
        out.push('\n');
    } else {
        let _ = writeln!(out, "- expected: {}", code(&shorten(&cause.expected, VALUE)));
        let _ = writeln!(out, "- actual: {}", code(&shorten(&cause.actual, VALUE)));
    }
    let at = cause.at.as_ref().map(|at| format!("{} in ", code(&at.to_string()))).unwrap_or_default();
    let place = cause.spots.first().map(ToString::to_string).unwrap_or_default();
    let more =
        if cause.spots.len() > 1 { format!(" and {} more places", cause.spots.len() - 1) } else { String::new() };
    let _ = writeln!(out, "- where: {at}{}{more}, {}", code(&place), count(cause.count, "time"));
    let _ = writeln!(out, "- check: {}", code(&cause.rule));
    if let Some((cite, url)) = section(cause) {
        let _ = writeln!(out, "- requirement: [{cite}]({url})");
    }
    let _ = writeln!(out, "- to mend it: {}\n", prose(&cause.fix));
    if let (Some(example), Some(run)) = (&cause.example, &report.run) {
        let line = curl::line(&run.target, &example.at_fault().sent, &run.credentials);
        fence(out, "sh", &shorten(&line, CURL));
    }
}

fn end(out: &mut String, report: &Report, causes: &[&Cause]) {
    if causes.len() > CAUSES {
        let _ = write!(out, "\n{} are not shown here.\n", count((causes.len() - CAUSES) as u64, "more cause"));
    }
    let counts = report.totals.verdicts;
    let _ = write!(
        out,
        "\n{}, {}, {} undetermined, {}.\n",
        count(counts.errors, "error"),
        count(counts.warnings, "warning"),
        counts.undetermined,
        count(counts.known, "known deviation")
    );
}

fn mark(cell: &Cell) -> &'static str {
    match cell {
        Cell::Works => "\u{2705}",
        Cell::WorksWithWarnings => "\u{26a0}\u{fe0f}",
        Cell::Breaks(_) => "\u{274c}",
        Cell::Undetermined(_) => "\u{2754}",
        Cell::NotPlayed(_) | Cell::SendsNothing(_) => "\u{2796}",
    }
}

/// Text that stays text: nothing in it is markup.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        if "\\`*_[]<>|#~!&$@".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn html(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A code span: as many backticks as the text cannot end.
fn code(text: &str) -> String {
    let text = clean(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

fn fence(out: &mut String, language: &str, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = write!(out, "{fence}{language}\n{}\n{fence}\n", text.trim_end());
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
