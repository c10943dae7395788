//! Reports for the places where a change is looked at: annotations, code quality, code scanning, test protocols, Markdown.
//!
//! None of them has a line of source to point to; they point to the scenario, as `scim/VARIANT/SCENARIO`.

pub mod github;
pub mod gitlab;
pub mod markdown;
pub mod sarif;
pub mod tap;

use super::Report;
use super::cause::{Cause, Standing};
use super::text::{clean, shorten};
use crate::requirement;

/// How much of a value such a report tells.
const VALUE: usize = 500;

/// Errors and warnings that no known deviation covers, the worst first.
fn findings(report: &Report) -> Vec<&Cause> {
    let fresh = |cause: &&Cause| cause.known.is_none() && matches!(cause.standing, Standing::Error | Standing::Warning);
    report.causes().into_iter().filter(fresh).collect()
}

/// Where a cause showed first, as a path: `scim/okta_app=aiw/create-user`.
fn path(cause: &Cause) -> String {
    let parts = cause.spots.first().map(|spot| [spot.variant.as_str(), spot.scenario.as_str()]);
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty()).map(file_name);
    let inside = parts.collect::<Vec<_>>().join("/");
    format!("scim/{}", if inside.is_empty() { "run" } else { &inside })
}

/// A name that every system takes for a file.
fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.=".contains(c) { c } else { '_' }).collect()
}

/// What is wrong, in a sentence or two.
fn sentence(cause: &Cause) -> String {
    let value = |text: &str| clean(&shorten(text, VALUE));
    let mut out = clean(&cause.title);
    if cause.rule.starts_with("baseline/") {
        let changed = cause.actual.lines().filter(|line| line.starts_with(['+', '-'])).count();
        if changed > 0 {
            out.push_str(&format!(": {changed} lines differ"));
        }
    } else {
        out.push_str(&format!(": expected {}, actual {}", value(&cause.expected), value(&cause.actual)));
    }
    if let Some(breaks) = &cause.breaks {
        out.push_str(&format!(". Breaks: {}", clean(breaks)));
    }
    out
}

/// The section behind a cause, if a standard's.
fn section(cause: &Cause) -> Option<(String, String)> {
    let row = requirement::get(cause.requirement.as_deref()?)?;
    Some((format!("{} ({})", row.cite(), row.level.as_str()), row.section_url()))
}

#[cfg(test)]
mod tests;
