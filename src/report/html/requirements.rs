//! The requirement matrix: every duty of the standards that a check judges or that a report owes a reason for, by section.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Report;
use super::super::text::count;
use crate::requirement::{self, Requirement, coverage};
use crate::verdict::standards::{Answer, Row as Judged};

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
    let judged = report.standards.rows();
    let judged: BTreeMap<&str, &Judged> = judged.iter().map(|row| (row.requirement.id.as_str(), row)).collect();
    let mut standards: Vec<Standard> = Vec::new();
    let told = |row: &&Requirement| judged.contains_key(row.id.as_str()) || coverage::is_reported(row);
    for row in requirement::all().iter().filter(told) {
        let name = format!("RFC {}", row.rfc.trim_start_matches("RFC"));
        if standards.last().is_none_or(|standard| standard.name != name) {
            standards.push(Standard { name, sections: Vec::new() });
        }
        let Some(standard) = standards.last_mut() else { continue };
        let shown = shown(row, judged.get(row.id.as_str()).copied());
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

fn shown(row: &Requirement, judged: Option<&Judged>) -> Row {
    let (state, told) = match judged {
        None => ("no check", coverage::reason(&row.id).unwrap_or("no check judges it").to_owned()),
        Some(judged) => became(judged),
    };
    Row { id: row.id.clone(), level: row.level.as_str(), text: row.requirement.clone(), state, told }
}

fn became(judged: &Judged) -> (&'static str, String) {
    let by = judged.checks.join(", ");
    match &judged.answer {
        Answer::Failed => ("violated", format!("{} in {by}", count(judged.tally.errors, "error"))),
        Answer::Warned if judged.tally.warnings > 0 => {
            ("warned", format!("{} in {by}", count(judged.tally.warnings, "warning")))
        }
        Answer::Warned => ("warned", format!("{} in {by}", count(judged.known, "known deviation"))),
        Answer::NotAdvertised(need) => ("not exercised", format!("not advertised: {need}")),
        Answer::NotExercised => ("not exercised", "not exercised in this run".to_owned()),
        Answer::Undetermined => ("undetermined", format!("it could not be known: {by}")),
        Answer::Passed => ("met", format!("judged by {by}")),
    }
}
