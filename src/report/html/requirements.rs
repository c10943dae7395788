//! The requirement matrix: every duty of the standards that can be seen from outside, by section.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Report;
use super::super::text::count;
use crate::check;
use crate::requirement::{self, Party, Requirement, Testable};

/// The sections of one RFC.
#[derive(Serialize)]
pub(super) struct Standard {
    name: String,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    number: String,
    url: String,
    /// Rows by state, in the order of [`STATES`].
    counts: Vec<(&'static str, usize)>,
    worst: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    level: &'static str,
    text: String,
    state: &'static str,
    told: String,
}

/// What can become of a requirement, the worst first.
const STATES: [&str; 6] = ["violated", "warned", "undetermined", "met", "not exercised", "no check"];

pub(super) fn standards(report: &Report) -> Vec<Standard> {
    let mut rules: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for check in check::all() {
        for id in check.requirements {
            rules.entry(id).or_default().push(check.id);
        }
    }
    let mut standards: Vec<Standard> = Vec::new();
    for row in requirement::all().iter().filter(|row| can_be_seen(row)) {
        let name = format!("RFC {}", row.rfc.trim_start_matches("RFC"));
        if standards.last().is_none_or(|standard| standard.name != name) {
            standards.push(Standard { name, sections: Vec::new() });
        }
        let Some(standard) = standards.last_mut() else { continue };
        let of = rules.get(row.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let shown = shown(report, row, of);
        match standard.sections.iter_mut().find(|section| section.number == row.section) {
            Some(section) => section.rows.push(shown),
            None => standard.sections.push(Section {
                number: row.section.clone(),
                url: row.section_url(),
                counts: Vec::new(),
                worst: "",
                rows: vec![shown],
            }),
        }
    }
    for section in standards.iter_mut().flat_map(|standard| &mut standard.sections) {
        let number = |state: &str| section.rows.iter().filter(|row| row.state == state).count();
        section.counts = STATES.map(|state| (state, number(state))).into_iter().filter(|(_, n)| *n > 0).collect();
        section.worst = section.counts.first().map_or("", |(state, _)| state);
    }
    standards
}

fn can_be_seen(row: &Requirement) -> bool {
    let seen = matches!(row.testable, Testable::OverTheWire | Testable::NeedsConfiguration);
    seen && row.party != Party::Client
}

fn shown(report: &Report, row: &Requirement, rules: &[&'static str]) -> Row {
    let counts = report.requirements.get(&row.id).copied().unwrap_or_default();
    let tallies = || rules.iter().filter_map(|rule| report.rules.get(*rule));
    let conforms: u64 = tallies().map(|tally| tally.conforms).sum();
    let unknown: u64 = tallies().map(|tally| tally.undetermined).sum();
    let by = rules.join(", ");
    let (state, told) = if counts.errors > 0 {
        ("violated", format!("{} in {by}", count(counts.errors, "error")))
    } else if rules.is_empty() {
        ("no check", "no check judges it".to_owned())
    } else if tallies().next().is_none() {
        ("not exercised", not_exercised(report, row))
    } else if counts.warnings > 0 {
        ("warned", format!("{} in {by}", count(counts.warnings, "warning")))
    } else if counts.known > 0 {
        ("warned", format!("{} in {by}", count(counts.known, "known deviation")))
    } else if conforms == 0 && unknown > 0 {
        ("undetermined", format!("it could not be known: {by}"))
    } else {
        ("met", format!("judged by {by}"))
    };
    Row { id: row.id.clone(), level: row.level.as_str(), text: row.requirement.clone(), state, told }
}

fn not_exercised(report: &Report, row: &Requirement) -> String {
    let needs = row.needs.as_deref().unwrap_or_default();
    let unsupported = |need: &&str| report.discovered.as_ref().is_some_and(|facts| facts.supports(need) == Some(false));
    match needs.split('+').find(unsupported) {
        Some(need) => format!("not advertised: {need}"),
        None => "not exercised in this run".to_owned(),
    }
}
