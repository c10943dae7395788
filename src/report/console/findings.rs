//! Findings by cause, in a developer's words.

use super::super::cause::{Cause, Standing};
use super::super::curl;
use super::super::text::{clean, count, shorten, wrap};
use super::Page;
use crate::exchange::Exchange;
use crate::requirement;
use crate::scim::json::Json;

/// How much of a value is shown.
const VALUE: usize = 400;

/// How much of a body is shown.
const BODY: usize = 4_000;

/// How many lines of a difference are shown.
const DIFFERENCE: usize = 40;

/// How many places of one cause are shown.
const SPOTS: usize = 4;

impl Page<'_> {
    /// Every cause: errors, warnings, what could not be known, notes when asked for, known deviations.
    pub(super) fn findings(&mut self) {
        let causes = self.report.causes();
        let fresh = |standing: Standing| {
            let own = causes.iter().filter(move |cause| cause.standing == standing && cause.known.is_none());
            own.copied().collect::<Vec<_>>()
        };
        let findings: Vec<_> = [fresh(Standing::Error), fresh(Standing::Warning)].concat();
        if !findings.is_empty() {
            self.heading(&format!("Findings, {}", count(findings.len() as u64, "cause")));
            self.all(&findings);
        }
        let unknown = fresh(Standing::Undetermined);
        if !unknown.is_empty() {
            self.heading("Undetermined: neither passed nor failed");
            self.all(&unknown);
        }
        let notes = fresh(Standing::Note);
        if self.style.verbose && !notes.is_empty() {
            self.heading("Notes");
            self.all(&notes);
        }
        let known: Vec<_> = causes.iter().copied().filter(|cause| cause.known.is_some()).collect();
        if !known.is_empty() {
            self.heading("Known deviations");
            for cause in known {
                let reason = clean(cause.known.as_deref().unwrap_or_default());
                let text = format!("{} ({}x, {}): {reason}", cause.rule, cause.count, cause.standing.as_str());
                self.paragraph("  ", &text);
            }
        }
    }

    fn all(&mut self, causes: &[&Cause]) {
        for cause in causes {
            self.cause(cause);
        }
    }

    fn cause(&mut self, cause: &Cause) {
        let standing = self.style.standing(cause.standing, cause.standing.as_str());
        let times = if cause.count > 1 { format!("  {}x", cause.count) } else { String::new() };
        self.line(&format!("\n  {standing}  {}{times}", self.style.bold(&cause.rule)));
        self.paragraph("    ", &clean(&cause.title));
        if cause.standing == Standing::Undetermined {
            self.field("why", &value(&cause.actual));
        } else {
            self.field("expected", &value(&cause.expected));
            if cause.rule.starts_with("baseline/") && cause.actual.contains('\n') {
                self.difference(&cause.actual);
            } else {
                self.field("actual", &value(&cause.actual));
            }
        }
        self.field("where", &place(cause));
        self.requirement(cause);
        self.field("affects", &self.affected(cause));
        if let Some(breaks) = &cause.breaks {
            self.field("breaks", &clean(breaks));
        }
        self.field("mend", &clean(&cause.fix));
        self.example(cause);
    }

    /// A named value, its further lines below its first.
    fn field(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let width = usize::from(self.style.width).saturating_sub(14).max(20);
        for (at, line) in wrap(text, width).iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            self.line(format!("    {name:<9} {line}").trim_end());
        }
    }

    /// A difference from a baseline keeps its lines.
    fn difference(&mut self, text: &str) {
        let limit = if self.style.verbose { usize::MAX } else { DIFFERENCE };
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().take(limit).enumerate() {
            let name = if at == 0 { "actual" } else { "" };
            let line = match line.bytes().next() {
                Some(b'-') => self.style.removed(&clean(line)),
                Some(b'+') => self.style.added(&clean(line)),
                _ => clean(line),
            };
            self.line(format!("    {name:<9} {line}").trim_end());
        }
        if lines.len() > limit {
            let more = count((lines.len() - limit) as u64, "more line");
            self.line(&format!("    {:<9} and {more} (--verbose shows them)", ""));
        }
    }

    fn requirement(&mut self, cause: &Cause) {
        if let Some(id) = &cause.requirement {
            let text = match requirement::get(id) {
                Some(row) => format!("{id} ({}), {}, {}", row.level.as_str(), row.cite(), row.section_url()),
                None => id.clone(),
            };
            self.field("duty", &text);
        }
        if let Some(evidence) = &cause.evidence {
            self.field("known by", &clean(evidence));
        }
    }

    /// Features by profile: variants whose features are the same stand together.
    fn affected(&self, cause: &Cause) -> String {
        let columns = self.report.columns();
        let mut groups: Vec<(String, Vec<&str>, usize)> = Vec::new();
        for (at, features) in cause.affects(columns) {
            let column = &columns[at];
            let text = format!("{}: {}", column.title, features.into_iter().collect::<Vec<_>>().join(", "));
            if let Some((_, labels, _)) = groups.iter_mut().find(|(known, ..)| *known == text) {
                labels.push(&column.label);
            } else {
                let variants = columns.iter().filter(|c| c.profile == column.profile).count();
                groups.push((text, vec![&column.label], variants));
            }
        }
        if groups.is_empty() {
            return "every client".to_owned();
        }
        let told = groups.into_iter().map(|(text, labels, variants)| {
            if labels.len() == variants { text } else { format!("{text} (only {})", labels.join(", ")) }
        });
        told.collect::<Vec<_>>().join("; ")
    }

    fn example(&mut self, cause: &Cause) {
        let (Some(example), Some(run)) = (&cause.example, &self.report.run) else { return };
        let exchange = example.at_fault();
        let id = example.request_id.as_ref().map(|id| format!(", the target's request id {}", value(id)));
        let at = exchange.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let shown = example.fault.as_ref().map(|_| format!(", seen in exchange {}", example.exchange.seq));
        let (id, shown) = (id.unwrap_or_default(), shown.unwrap_or_default());
        self.field("example", &format!("exchange {}, {at}{id}{shown}", exchange.seq));
        let line = curl::line(&run.target, &exchange.sent, &run.credentials);
        // One line, however long: it is there to be copied.
        self.line(&format!("    {:<9} {}", "repeat", shorten(&line, 8_000)));
        if self.style.verbose {
            for exchange in example.fault.iter().chain([&example.exchange]) {
                self.exchange(exchange);
            }
        }
    }

    /// Request and answer, as they were sent.
    fn exchange(&mut self, exchange: &Exchange) {
        let sent = &exchange.sent;
        self.said('>', &format!("{} {}", sent.method, sent.target), &sent.headers, sent.body.as_deref());
        match &exchange.got {
            Ok(got) => {
                let body = (!got.body.is_empty()).then_some(got.body.as_slice());
                self.said('<', &format!("{} {}", got.status, got.reason), &got.headers, body);
            }
            Err(failure) => self.line(&format!("    < no answer: {}", clean(&failure.detail))),
        }
    }

    fn said(&mut self, way: char, start: &str, headers: &[(String, String)], body: Option<&[u8]>) {
        let text = body.map(|body| match Json::parse(body) {
            Ok(json) => json.pretty(),
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        });
        let fields = headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let head = std::iter::once(start.to_owned()).chain(fields);
        let text = text.as_deref().map(|text| shorten(text, BODY)).unwrap_or_default();
        for line in head.chain(text.lines().map(str::to_owned)) {
            let line = format!("{way} {}", clean(&line));
            let line = self.style.faint(line.trim_end());
            self.line(&format!("    {line}"));
        }
    }
}

fn value(text: &str) -> String {
    clean(&shorten(text, VALUE))
}

fn place(cause: &Cause) -> String {
    let mut spots: Vec<_> = cause.spots.iter().take(SPOTS).map(|spot| clean(&spot.to_string())).collect();
    if cause.spots.len() > SPOTS {
        spots.push(format!("and {} more places", cause.spots.len() - SPOTS));
    }
    let at = cause.at.as_ref().map(|at| format!("{} in ", clean(&at.to_string()))).unwrap_or_default();
    format!("{at}{}", spots.join("; "))
}
