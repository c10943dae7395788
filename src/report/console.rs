//! The report for a terminal: first the answer in an administrator's words, then every cause in a developer's, then what
//! was not played, what is left on the target, and one line of counts.

mod findings;
mod standards;
mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Options;
use super::matrix::{Cell, Matrix};
use super::model::Report;
use super::style::Style;
use super::text::{clean, count, wrap};
use crate::event::{Cut, RunEnd};

/// The report as text.
#[must_use]
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page { report, options, style: options.style, out: String::new() };
    page.head();
    // A target that cannot be asked is one sentence, not a page of features that nobody knows anything of.
    let asked = !page.was_never_asked();
    if asked {
        page.answer();
        page.matrix();
        page.reasons();
    }
    page.findings();
    if asked {
        page.standards();
        page.not_played();
    }
    page.clean_up();
    page.stale();
    page.last_line();
    page.out
}

/// The report as text without colours, with default options.
#[must_use]
pub fn to_text(report: &Report) -> String {
    render(report, &Options::default())
}

struct Page<'a> {
    report: &'a Report,
    options: &'a Options,
    style: Style,
    out: String,
}

impl Page<'_> {
    fn was_never_asked(&self) -> bool {
        let unreachable = |end: &RunEnd| matches!(end.cut, Some(Cut::Unreachable(_)));
        self.report.end.as_ref().is_some_and(unreachable)
            && self.report.scenarios.keys().all(|(column, _)| *column == 0)
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A paragraph, wrapped, every line behind `margin`.
    fn paragraph(&mut self, margin: &str, text: &str) {
        let width = usize::from(self.style.width).saturating_sub(margin.len()).max(20);
        for line in wrap(text, width) {
            let _ = writeln!(self.out, "{}", format!("{margin}{line}").trim_end());
        }
    }

    fn heading(&mut self, text: &str) {
        let text = self.style.bold(text);
        let _ = write!(self.out, "\n{text}\n");
    }

    fn head(&mut self) {
        let Some(run) = &self.report.run else { return self.line("the run did not begin") };
        let target = if run.embedded { "the embedded reference provider".to_owned() } else { clean(&run.target) };
        let strict = if run.strict { ", strict" } else { "" };
        let text = format!("scimproof {} on {target}, run {}, seed {}{strict}", run.version, run.name, run.seed);
        let text = self.style.faint(&text);
        self.line(&text);
        for notice in self.report.said_aloud() {
            self.paragraph("! ", &clean(&notice));
        }
        self.line("");
    }

    /// One sentence a profile: what an administrator wants to know.
    fn answer(&mut self) {
        for matrix in self.report.matrix() {
            let (state, verdict) = answer(&matrix);
            let verdict = self.style.cell(&state, &verdict);
            let title = self.style.bold(&matrix.title);
            let reconstructed = if matrix.reconstructed.is_some() { " (reconstructed)" } else { "" };
            let _ = writeln!(self.out, "{title}{reconstructed}: {verdict}.");
        }
    }

    fn matrix(&mut self) {
        for matrix in self.report.matrix() {
            let table = table::render(&matrix, self.style);
            let _ = write!(self.out, "\n{table}\n");
            if let Some(why) = &matrix.reconstructed {
                self.paragraph("", &format!("{}: {}", matrix.title, clean(why)));
            }
        }
    }

    /// What the cells cannot hold: why a feature breaks or is not known, once for all variants that share the reason.
    fn reasons(&mut self) {
        for (wanted, heading) in [("breaks", "What breaks"), ("undetermined", "What could not be found out")] {
            let mut lines = Vec::new();
            for matrix in self.report.matrix() {
                for row in &matrix.rows {
                    let mut reasons: Vec<(&Cell, Vec<&str>)> = Vec::new();
                    for (cell, label) in row.cells.iter().zip(&matrix.columns).filter(|(c, _)| c.state() == wanted) {
                        match reasons.iter_mut().find(|(known, _)| *known == cell) {
                            Some((_, labels)) => labels.push(label),
                            None => reasons.push((cell, vec![label])),
                        }
                    }
                    for (cell, labels) in reasons {
                        let some = labels.len() < matrix.columns.len();
                        let labels = if some { format!(" ({})", labels.join(", ")) } else { String::new() };
                        let state = self.style.cell(cell, cell.state());
                        let reason = clean(cell.reason().unwrap_or_default());
                        let (title, feature, dash) = (&matrix.title, &row.title, self.style.dash());
                        lines.push(format!("{title}, {feature}{labels}: {state} {dash} {reason}"));
                    }
                }
            }
            if !lines.is_empty() {
                self.heading(heading);
                for line in &lines {
                    self.paragraph("  ", line);
                }
            }
        }
    }

    /// Not played scenarios, by reason and variant.
    fn not_played(&mut self) {
        let mut reasons: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
        for (column, planned, reason) in self.report.not_played() {
            reasons.entry((column, clean(reason))).or_default().push(planned.id.clone());
        }
        if reasons.is_empty() {
            return;
        }
        self.heading("Not played");
        // Variants of a profile mostly leave out the same for the same reason: one line for them.
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for ((column, reason), scenarios) in reasons {
            let text = format!("{reason}: {}", scenarios.join(", "));
            let column = &self.report.columns()[column - 1];
            let same = |label: &&str| label.split(':').next() == Some(&column.profile);
            match lines.iter_mut().find(|(known, labels)| *known == text && labels.iter().all(same)) {
                Some((_, labels)) => labels.push(&column.label),
                None => lines.push((text, vec![&column.label])),
            }
        }
        for (text, labels) in lines {
            self.paragraph("  ", &format!("{}: {text}", labels.join(", ")));
        }
    }

    fn clean_up(&mut self) {
        let Some(done) = &self.report.clean_up else { return };
        if done.kept > 0 {
            self.heading("Clean-up");
            let kept = count(done.kept as u64, "resource");
            self.paragraph("  ", &format!("{kept} of {} kept on the target, as asked", done.created));
        }
        if !done.left_over.is_empty() {
            self.heading("Left on the target");
            for left in &done.left_over {
                let text = format!("{} ({}): {}", clean(&left.path), clean(&left.name), clean(&left.reason));
                self.paragraph("  ", &text);
            }
        }
    }

    fn stale(&mut self) {
        if self.report.stale().is_empty() {
            return;
        }
        self.heading("Known deviations that no longer happen: take them out of the file");
        for stale in self.report.stale() {
            self.paragraph("  ", &clean(stale));
        }
    }

    fn last_line(&mut self) {
        let report = self.report;
        let counts = report.totals.verdicts;
        let mut parts =
            vec![count(counts.errors, "error"), count(counts.warnings, "warning"), count(counts.notes, "note")];
        if counts.undetermined > 0 {
            parts.push(format!("{} undetermined", counts.undetermined));
        }
        if counts.known > 0 {
            parts.push(count(counts.known, "known deviation"));
        }
        if !report.stale().is_empty() {
            parts.push(count(report.stale().len() as u64, "stale deviation"));
        }
        let mut text = parts.join(", ");
        let asked = report.totals.client_requests + report.totals.own_requests;
        let requests = report.end.as_ref().map_or(asked, |end| end.requests);
        let _ = write!(text, "; {}", count(requests, "request"));
        match &report.end {
            Some(end) => {
                let _ = write!(text, " in {:.1} s", end.took.as_secs_f64());
            }
            None => text.push_str("; the run was killed before its end"),
        }
        if let Some(done) = &report.clean_up {
            let _ = write!(text, "; {} created, {} removed", done.created, done.removed);
            if !done.left_over.is_empty() {
                let _ = write!(text, ", {}", count(done.left_over.len() as u64, "left-over"));
            }
        }
        let remains = report.kept() > 0 || !report.left_overs().is_empty() || report.end.is_none();
        if let Some(ledger) = self.options.ledger.as_ref().filter(|_| remains) {
            let _ = write!(text, "; ledger {}", ledger.display());
        }
        if !self.out.ends_with("\n\n") {
            self.line("");
        }
        match report.end.as_ref().and_then(|end| end.cut.as_ref()) {
            Some(Cut::Interrupted) => self.line("The run was interrupted."),
            Some(Cut::BudgetSpent) => self.line("The time of the run was spent before its end."),
            Some(Cut::Unreachable(why)) => {
                self.paragraph("", &format!("The target could not be asked: {}", clean(why)));
            }
            None => {}
        }
        self.line(&text);
    }
}

/// The worst state of a profile, and how many features are in it.
pub(super) fn answer(matrix: &Matrix) -> (Cell, String) {
    let rows = |hit: fn(&Cell) -> bool| matrix.rows.iter().filter(|row| row.cells.iter().any(hit)).count();
    let all = matrix.rows.len() - matrix.rows.iter().filter(|row| row.cells.iter().all(is_silent)).count();
    let of =
        |number: usize| if number == all { format!("all {all}") } else { format!("{number} of {all}") } + " features";
    let breaks = rows(|cell| matches!(cell, Cell::Breaks(_)));
    let unknown = rows(|cell| matches!(cell, Cell::Undetermined(_)));
    if breaks > 0 {
        let also = if unknown > 0 { format!(", undetermined in {unknown}") } else { String::new() };
        (Cell::Breaks(String::new()), format!("breaks in {}{also}", of(breaks)))
    } else if unknown > 0 {
        (Cell::Undetermined(String::new()), format!("undetermined in {}", of(unknown)))
    } else if rows(|cell| matches!(cell, Cell::WorksWithWarnings)) > 0 {
        (Cell::WorksWithWarnings, "works with warnings".to_owned())
    } else if rows(|cell| matches!(cell, Cell::Works)) > 0 {
        (Cell::Works, "works".to_owned())
    } else {
        (Cell::NotPlayed(String::new()), "not played".to_owned())
    }
}

fn is_silent(cell: &Cell) -> bool {
    matches!(cell, Cell::SendsNothing(_))
}
