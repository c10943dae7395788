//! JUnit XML for CI servers.
//!
//! A suite is a variant, a case is a rule in a scenario. The suite `rfc` has a case for every requirement that a check
//! serves, by section. A violation is a failure, what could not be known an error, what was not played or not exercised is
//! skipped with its reason, a warning or a known deviation passes and is told in `system-out`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::Options;
use super::cause::Standing;
use super::model::{Column, Key, Report};
use super::played::{Played, Ruled, Told};
use super::text::{clean, clean_lines, count};
use crate::check;
use crate::requirement;
use crate::verdict::standards::{Answer, Row};

/// Writes the report.
///
/// # Errors
/// `out` cannot be written.
pub fn write(report: &Report, _: &Options, out: &mut dyn Write) -> io::Result<()> {
    let text = document(report).to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn document(report: &Report) -> Document {
    let mut document = Document::new("scimproof");
    if let Some(end) = &report.end {
        document.set_time(end.took);
    }
    for (at, column) in report.columns().iter().enumerate() {
        document.add_test_suite(variant(report, at + 1, column));
    }
    document.add_test_suite(standards(report));
    let run = of_the_run(report);
    if !run.test_cases.is_empty() || run.system_out.is_some() {
        document.add_test_suite(run);
    }
    document
}

fn variant(report: &Report, at: usize, column: &Column) -> TestSuite {
    let mut suite = TestSuite::new(column.label.as_str());
    for (name, value) in &column.settings {
        suite.add_property((name.as_str(), value.as_str()));
    }
    if let Some(why) = &column.reconstructed {
        suite.add_property(("reconstructed", why.as_str()));
    }
    let rows: BTreeSet<usize> = (0..column.scenarios.len())
        .chain(report.scenarios.keys().filter(|(of, _)| *of == at).map(|(_, row)| *row))
        .collect();
    for row in rows {
        let class = column.scenarios.get(row).map_or("run", |planned| &planned.id);
        let class = format!("{}.{class}", column.label);
        let skip = column.scenarios.get(row).and_then(|planned| planned.skip.as_deref());
        match (report.scenarios.get(&(at, row)), skip) {
            (Some(played), _) => scenario(&mut suite, &class, played),
            (None, reason) => {
                suite.add_test_case(skipped("played", &class, reason.unwrap_or_else(|| report.cut_short())));
            }
        }
    }
    suite
}

/// The cases of one scenario: whether it could be played, then every rule.
fn scenario(suite: &mut TestSuite, class: &str, played: &Played) {
    if played.rounds > 0 {
        // How bad its end is, a rule of its own tells; only where none does, it is told here.
        let told = played.rules.values().any(|ruled| ruled.counts.undetermined > 0);
        let status = match &played.whole.undetermined {
            Some(reason) if !told => error(reason, ""),
            _ => TestCaseStatus::success(),
        };
        let mut case = case("played", class, status);
        case.set_time(played.took);
        let stuck = played.stuck_at.iter().map(|(step, why)| format!("the client could not go on after {step}: {why}"));
        let aside: Vec<_> = stuck.chain(played.whole.undetermined.clone()).collect();
        if !aside.is_empty() {
            case.set_system_out(clean_lines(&aside.join("\n")));
        }
        suite.add_test_case(case);
    }
    for (rule, ruled) in played.rules.iter() {
        suite.add_test_case(judged(&rule, class, ruled));
    }
}

fn judged(rule: &str, class: &str, ruled: &Ruled) -> TestCase {
    let Ruled { counts, told, .. } = ruled;
    let fresh = |standing| told.iter().find(move |told| told.standing == standing && told.known.is_none());
    let status = match (fresh(Standing::Error), fresh(Standing::Undetermined)) {
        (Some(first), _) => failure(&one_line(first), rule, &description(told, Standing::Error, counts.errors)),
        (None, Some(first)) => error(&first.actual, &description(told, Standing::Undetermined, counts.undetermined)),
        (None, None) => TestCaseStatus::success(),
    };
    let mut case = case(rule, class, status);
    let mut aside = description(told, Standing::Warning, counts.warnings);
    for told in told.iter().filter(|told| told.known.is_some()) {
        let _ = writeln!(aside, "known deviation: {}\n{}", told.known.as_deref().unwrap_or_default(), paragraph(told));
    }
    if !aside.is_empty() {
        case.set_system_out(clean_lines(&aside));
    }
    case
}

fn one_line(told: &Told) -> String {
    format!("{}: expected {}, got {} ({})", told.title, told.expected, told.actual, told.at)
}

/// Those of a standing that are kept word for word, and how many there were.
fn description(all: &[Told], standing: Standing, number: u64) -> String {
    let fresh: Vec<_> = all.iter().filter(|told| told.standing == standing && told.known.is_none()).collect();
    let mut out: String = fresh.iter().map(|told| paragraph(told) + "\n").collect();
    let more = number.saturating_sub(fresh.len() as u64);
    if more > 0 {
        let _ = writeln!(out, "and {} more of this kind", count(more, standing.as_str()));
    }
    out
}

fn paragraph(told: &Told) -> String {
    let mut out = format!("{}: {}\n", told.standing.as_str(), told.title);
    let requirement = told.requirement.as_deref().map(|id| match requirement::get(id) {
        Some(row) => format!("{id}, {}, {}", row.cite(), row.section_url()),
        None => id.to_owned(),
    });
    let fields = [
        ("where", Some(told.at.as_str())),
        ("expected", Some(told.expected.as_str())),
        ("actual", Some(told.actual.as_str())),
        ("duty", requirement.as_deref()),
        ("mend", Some(told.fix.as_str())),
        ("request id", told.request_id.as_deref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(out, "  {name}: {value}");
        }
    }
    out
}

/// A case for every requirement that a check serves, section by section.
fn standards(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("rfc");
    suite.add_test_cases(report.standards.rows().iter().map(standard));
    suite
}

fn standard(row: &Row) -> TestCase {
    let Row { requirement, checks, answer, tally, known } = row;
    let (id, class) = (&requirement.id, format!("{}.{}", requirement.rfc, requirement.section));
    let checks = checks.join(", ");
    let judged_by = format!("{}\n{}\njudged by {checks}\n", requirement.requirement, requirement.section_url());
    match answer {
        Answer::Failed => {
            let message = format!("{} in {checks}", count(tally.errors, "error"));
            return case(id, &class, failure(&message, id, &judged_by));
        }
        Answer::NotAdvertised(need) => return skipped(id, &class, &format!("not advertised: {need}")),
        Answer::NotExercised => return skipped(id, &class, "not exercised in this run"),
        Answer::Undetermined => return case(id, &class, error("it could not be known", &judged_by)),
        Answer::Passed | Answer::Warned => {}
    }
    let mut case = case(id, &class, TestCaseStatus::success());
    if tally.warnings + known + tally.undetermined > 0 {
        let undetermined = format!("{} undetermined", tally.undetermined);
        let told = [count(tally.warnings, "warning"), count(*known, "known deviation"), undetermined];
        case.set_system_out(format!("{}\n{judged_by}", told.join(", ")));
    }
    case
}

/// What belongs to no variant and no requirement: what is said aloud, discovery's own rules without one, left-overs, stale deviations.
fn of_the_run(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("run");
    let aloud = report.said_aloud();
    if !aloud.is_empty() {
        suite.set_system_out(clean_lines(&aloud.join("\n")));
    }
    let own: Key = (0, 0);
    if let Some(played) = report.scenarios.get(&own) {
        let rules = played.rules.iter().filter(|(rule, _)| check::get(rule).is_none());
        suite.add_test_cases(rules.map(|(rule, ruled)| judged(&rule, "run", ruled)));
    }
    for left in report.left_overs() {
        let mut case = case(&format!("removed {}", left.path), "run.clean-up", TestCaseStatus::success());
        case.set_system_out(clean(&format!("left on the target: {} ({}): {}", left.path, left.name, left.reason)));
        suite.add_test_case(case);
    }
    for stale in report.stale() {
        suite.add_test_case(case(
            stale,
            "run.known-deviations",
            failure("a known deviation no longer happens", "stale", stale),
        ));
    }
    suite
}

fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(clean(name), status);
    case.set_classname(class);
    case
}

fn skipped(name: &str, class: &str, reason: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(clean(reason));
    case(name, class, status)
}

fn failure(message: &str, kind: &str, description: &str) -> TestCaseStatus {
    non_success(NonSuccessKind::Failure, message, kind, description)
}

fn error(message: &str, description: &str) -> TestCaseStatus {
    non_success(NonSuccessKind::Error, message, "undetermined", description)
}

fn non_success(kind: NonSuccessKind, message: &str, of: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(clean(message)).set_type(of);
    if !description.is_empty() {
        status.set_description(clean_lines(description));
    }
    status
}
