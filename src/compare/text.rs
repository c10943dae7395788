//! A comparison as text for a terminal.

use std::fmt::Write as _;

use super::{Changed, Comparison, Moved};
use crate::report::Style;
use crate::report::text::{clean, count, shorten};

/// How many lines of a difference are shown.
const LINES: usize = 30;

impl Comparison {
    /// The comparison as text; a style that is verbose shows differences of answers whole.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        let mut out = String::new();
        if !self.worse.is_empty() || !self.new.is_empty() {
            let _ = writeln!(out, "{}", style.bold("Worse"));
            moved(&mut out, &self.worse, style);
            causes(&mut out, &self.new, style);
        }
        if !self.better.is_empty() || !self.gone.is_empty() {
            let _ = writeln!(out, "{}", style.bold("Better"));
            moved(&mut out, &self.better, style);
            causes(&mut out, &self.gone, style);
        }
        if !self.answers.is_empty() {
            let _ = writeln!(out, "{}", style.bold("Answers that differ"));
            for differs in &self.answers {
                let _ = writeln!(out, "  {} / {}", clean(&differs.name.0), clean(&differs.name.1));
                difference(&mut out, &differs.diff, style);
            }
        }
        if !self.alone.is_empty() {
            let names: Vec<_> = self.alone.iter().map(|(variant, scenario)| format!("{variant}/{scenario}")).collect();
            let _ = writeln!(out, "{}\n  {}", style.bold("Played in one of them only"), clean(&names.join(", ")));
        }
        let better = self.better.len() + self.gone.len();
        let worse = self.worse.len() + self.new.len();
        let answers = count(self.answers.len() as u64, "scenario");
        let _ = writeln!(out, "{better} better, {worse} worse; answers differ in {answers}");
        out
    }
}

fn moved(out: &mut String, list: &[Moved], style: Style) {
    for Moved { variant, feature, before, after } in list {
        let after = style.cell(after, after.state());
        let _ = writeln!(out, "  {variant}, {}: {after}, was {}", clean(feature), before.state());
    }
}

fn causes(out: &mut String, list: &[Changed], style: Style) {
    for Changed { cause } in list {
        let standing = style.standing(cause.standing, cause.standing.as_str());
        let actual = clean(&shorten(cause.actual.lines().next().unwrap_or_default(), 200));
        let _ = writeln!(out, "  {standing}  {}: {} ({actual})", cause.rule, clean(&cause.title));
    }
}

fn difference(out: &mut String, diff: &str, style: Style) {
    let limit = if style.verbose { usize::MAX } else { LINES };
    let lines: Vec<_> = diff.lines().collect();
    for line in lines.iter().take(limit) {
        let text = clean(line);
        let text = match line.bytes().next() {
            Some(b'-') => style.removed(&text),
            Some(b'+') => style.added(&text),
            _ => text,
        };
        let _ = writeln!(out, "    {text}");
    }
    if lines.len() > limit {
        let _ = writeln!(out, "    and {} (--verbose shows them)", count((lines.len() - limit) as u64, "more line"));
    }
}
