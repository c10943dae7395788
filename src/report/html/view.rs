//! What the page says in plain HTML: the answer, the matrix with its reasons, the findings by cause, what was not played.

use serde::Serialize;

use super::super::Report;
use super::super::cause::{Cause, Spot, Standing};
use super::super::console;
use super::super::curl;
use super::super::matrix::{Cell, Matrix};
use super::super::model::Column;
use super::super::text::{clean, count, shorten};
use super::Chunk;
use super::requirements::{Standard, standards};
use crate::event::Cut;
use crate::requirement;

/// How much of a value is shown in a finding; the exchange below it shows the whole.
const VALUE: usize = 2_000;

/// How much of it stands beside its title, in characters.
const BRIEF: usize = 160;

#[derive(Serialize)]
pub(super) struct View {
    run: Option<RunLine>,
    notices: Vec<String>,
    cut: Option<String>,
    counts: Vec<Count>,
    profiles: Vec<Profile>,
    causes: Vec<Finding>,
    variants: Vec<Variant>,
    left_out: u64,
    standards: Vec<Standard>,
    not_played: Vec<(String, String, String)>,
    left_over: Vec<(String, String, String)>,
    kept: usize,
    stale: Vec<String>,
}

#[derive(Serialize)]
struct RunLine {
    target: String,
    facts: Vec<(&'static str, String)>,
}

/// Causes of one standing, for the filter.
#[derive(Serialize)]
struct Count {
    id: &'static str,
    word: &'static str,
    number: usize,
}

#[derive(Serialize)]
struct Profile {
    id: String,
    title: String,
    reconstructed: Option<String>,
    state: &'static str,
    answer: String,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    title: String,
    cells: Vec<Shown>,
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Shown {
    state: &'static str,
    class: String,
    /// The conversation behind it.
    link: Option<String>,
}

/// Why a cell is what it is, and what to change.
#[derive(Serialize)]
struct Reason {
    /// Of some variants only: their labels.
    only: String,
    class: String,
    why: String,
    fix: Option<String>,
    cause: Option<String>,
}

#[derive(Serialize)]
struct Finding {
    id: String,
    standing: &'static str,
    /// What the filter goes by: a known deviation counts as one, whatever it would be otherwise.
    kind: &'static str,
    profiles: String,
    rule: String,
    count: u64,
    title: String,
    /// What tells causes of one rule apart, in a line.
    brief: String,
    expected: String,
    actual: String,
    diff: Vec<(&'static str, String)>,
    at: String,
    spots: Vec<(String, Option<String>)>,
    requirement: Option<Duty>,
    evidence: Option<String>,
    affects: Vec<String>,
    breaks: Option<String>,
    known: Option<String>,
    fix: String,
    curl: Option<String>,
    request_id: Option<String>,
    example: Option<u64>,
}

#[derive(Serialize)]
struct Duty {
    id: String,
    level: &'static str,
    cite: String,
    url: String,
    text: String,
}

#[derive(Serialize)]
struct Variant {
    label: String,
    title: String,
    scenarios: Vec<Scenario>,
}

#[derive(Serialize)]
struct Scenario {
    /// Its conversation, by its element.
    chunk: String,
    id: String,
    title: String,
    round: u32,
    state: &'static str,
    class: String,
    exchanges: usize,
    took: String,
}

impl View {
    pub(super) fn new(report: &Report, chunks: &[Chunk], left_out: u64) -> Self {
        let causes = report.causes();
        let cut = report.end.as_ref().and_then(|end| end.cut.as_ref()).map(|cut| match cut {
            Cut::Interrupted => "The run was interrupted.".to_owned(),
            Cut::BudgetSpent => "The time of the run was spent before its end.".to_owned(),
            Cut::Unreachable(why) => format!("The target could not be asked: {}", clean(why)),
        });
        let not_played = report
            .not_played()
            .into_iter()
            .map(|(at, planned, reason)| (report.columns()[at - 1].label.clone(), planned.id.clone(), clean(reason)));
        let left = report.left_overs().iter().map(|l| (clean(&l.path), clean(&l.name), clean(&l.reason)));
        Self {
            run: run_line(report),
            notices: report.said_aloud().iter().map(|notice| clean(notice)).collect(),
            cut,
            counts: counts(&causes),
            profiles: report.matrix().iter().map(|matrix| profile(report, &causes, matrix, chunks)).collect(),
            causes: causes.iter().map(|cause| finding(report, cause, chunks)).collect(),
            variants: variants(report, chunks),
            left_out,
            standards: standards(report),
            not_played: not_played.collect(),
            left_over: left.collect(),
            kept: report.kept(),
            stale: report.stale().iter().map(|stale| clean(stale)).collect(),
        }
    }
}

fn run_line(report: &Report) -> Option<RunLine> {
    let run = report.run.as_ref()?;
    let target = if run.embedded { "the embedded reference provider".to_owned() } else { clean(&run.target) };
    let asked = report.totals.client_requests + report.totals.own_requests;
    let mut facts = vec![
        ("Run", run.name.clone()),
        ("Begun", run.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ("Seed", run.seed.to_string()),
        ("Requests", report.end.as_ref().map_or(asked, |end| end.requests).to_string()),
    ];
    match &report.end {
        Some(end) => facts.push(("Took", format!("{:.1} s", end.took.as_secs_f64()))),
        None => facts.push(("Took", "killed before its end".to_owned())),
    }
    if let Some(done) = &report.clean_up {
        facts.push(("Records", format!("{} created, {} removed", done.created, done.removed)));
    }
    if run.strict {
        facts.push(("Reading", "strict".to_owned()));
    }
    facts.push(("scimproof", run.version.clone()));
    Some(RunLine { target, facts })
}

fn counts(causes: &[&Cause]) -> Vec<Count> {
    let number = |kind: &str| causes.iter().filter(|cause| kind_of(cause) == kind).count();
    let all = [
        ("error", "Errors"),
        ("warning", "Warnings"),
        ("undetermined", "Undetermined"),
        ("note", "Notes"),
        ("known", "Known deviations"),
    ];
    all.map(|(id, word)| Count { id, word, number: number(id) }).into_iter().filter(|count| count.number > 0).collect()
}

fn kind_of(cause: &Cause) -> &'static str {
    if cause.known.is_some() { "known" } else { cause.standing.as_str() }
}

/// A state as the name of a class.
fn class(state: &str) -> String {
    state.replace(' ', "-")
}

fn profile(report: &Report, causes: &[&Cause], matrix: &Matrix, chunks: &[Chunk]) -> Profile {
    let (state, answer) = console::answer(matrix);
    let places: Vec<usize> = matrix
        .columns
        .iter()
        .filter_map(|label| report.columns().iter().position(|column| column.label == *label))
        .collect();
    let rows = matrix.rows.iter().map(|row| {
        let cells = row.cells.iter().zip(&places).map(|(cell, at)| Shown {
            state: cell.state(),
            class: class(cell.state()),
            link: link(&report.columns()[*at], &row.feature, chunks),
        });
        Row {
            title: row.title.clone(),
            cells: cells.collect(),
            reasons: reasons(report, causes, &row.feature, &row.cells, &places),
        }
    });
    Profile {
        id: matrix.profile.clone(),
        title: matrix.title.clone(),
        reconstructed: matrix.reconstructed.as_deref().map(clean),
        state: state.state(),
        answer,
        columns: matrix.columns.clone(),
        rows: rows.collect(),
    }
}

/// The first conversation of a feature.
fn link(column: &Column, feature: &str, chunks: &[Chunk]) -> Option<String> {
    let played = |scenario: &str| {
        let at = chunks.iter().position(|chunk| chunk.variant == column.label && chunk.scenario == scenario);
        at.map(|at| format!("c{at}"))
    };
    column.scenarios.iter().filter(|planned| planned.feature == feature).find_map(|planned| played(&planned.id))
}

/// One line of why and what to change for each different cell of a feature.
fn reasons(report: &Report, causes: &[&Cause], feature: &str, cells: &[Cell], places: &[usize]) -> Vec<Reason> {
    let mut out: Vec<(Reason, Vec<&str>)> = Vec::new();
    for (cell, at) in cells.iter().zip(places) {
        let column = &report.columns()[*at];
        let cause = causes.iter().find(|cause| explains(cause, cell, *at, column, feature));
        let why = match (cell, cause) {
            (Cell::Works, _) => continue,
            (Cell::WorksWithWarnings, Some(cause)) => &cause.title,
            (cell, _) => cell.reason().unwrap_or_default(),
        };
        let reason = Reason {
            only: String::new(),
            class: class(cell.state()),
            why: clean(why),
            fix: cause.map(|cause| clean(&cause.fix)),
            cause: cause.map(|cause| cause.id.clone()),
        };
        match out.iter_mut().find(|(known, _)| (&known.why, &known.class) == (&reason.why, &reason.class)) {
            Some((_, labels)) => labels.push(&column.label),
            None => out.push((reason, vec![&column.label])),
        }
    }
    let name = |(reason, labels): (Reason, Vec<&str>)| {
        let only = if labels.len() < cells.len() { labels.join(", ") } else { String::new() };
        Reason { only, ..reason }
    };
    out.into_iter().map(name).collect()
}

/// Whether a cause is why a cell is not simply `works`.
fn explains(cause: &Cause, cell: &Cell, at: usize, column: &Column, feature: &str) -> bool {
    let wanted = match cell {
        Cell::Breaks(_) => cause.standing == Standing::Error && cause.breaks.is_some() && cause.known.is_none(),
        Cell::WorksWithWarnings => matches!(cause.standing, Standing::Error | Standing::Warning),
        Cell::Undetermined(_) => cause.standing == Standing::Undetermined && cause.known.is_none(),
        Cell::Works | Cell::NotPlayed(_) | Cell::SendsNothing(_) => false,
    };
    let of = |spot: &Spot| {
        let (of, row) = spot.key;
        of == at + 1 && column.scenarios.get(row).is_none_or(|planned| planned.feature_of(&spot.step) == feature)
    };
    wanted && cause.spots.iter().any(of)
}

fn finding(report: &Report, cause: &Cause, chunks: &[Chunk]) -> Finding {
    let columns = report.columns();
    let is_diff = cause.rule.starts_with("baseline/") && cause.actual.contains('\n');
    let brief = if is_diff { spot_names(cause) } else { cause.actual.lines().next().unwrap_or_default().to_owned() };
    let actual = if is_diff { String::new() } else { value(&cause.actual) };
    let spots = cause.spots.iter().map(|spot| {
        let of = |chunk: &Chunk| chunk.variant == spot.variant && chunk.scenario == spot.scenario;
        (clean(&spot.to_string()), chunks.iter().position(of).map(|at| format!("c{at}")))
    });
    let affects = cause.affects(columns).into_iter().map(|(at, features)| {
        let features = features.into_iter().collect::<Vec<_>>().join(", ");
        format!("{}: {features}", columns[at].label)
    });
    let profiles: std::collections::BTreeSet<&str> =
        cause.affects(columns).keys().map(|at| columns[*at].profile.as_str()).collect();
    let example = cause.example.as_ref();
    let line = example
        .zip(report.run.as_ref())
        .map(|(example, run)| curl::line(&run.target, &example.at_fault().sent, &run.credentials));
    Finding {
        id: cause.id.clone(),
        standing: cause.standing.as_str(),
        kind: kind_of(cause),
        profiles: profiles.into_iter().collect::<Vec<_>>().join(" "),
        rule: cause.rule.to_string(),
        count: cause.count,
        title: clean(&cause.title),
        brief: clean(&brief.chars().take(BRIEF).collect::<String>()),
        expected: value(&cause.expected),
        actual,
        diff: if is_diff { cause.actual.lines().map(diff_line).collect() } else { Vec::new() },
        at: cause.at.as_ref().map(|at| clean(&at.to_string())).unwrap_or_default(),
        spots: spots.collect(),
        requirement: cause.requirement.as_deref().and_then(duty),
        evidence: cause.evidence.as_deref().map(clean),
        affects: affects.collect(),
        breaks: cause.breaks.as_deref().map(clean),
        known: cause.known.as_deref().map(clean),
        fix: clean(&cause.fix),
        curl: line.map(|line| shorten(&line, 20_000)),
        request_id: example.and_then(|example| example.request_id.as_deref()).map(value),
        example: example.map(|example| example.at_fault().seq),
    }
}

fn spot_names(cause: &Cause) -> String {
    cause.spots.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn value(text: &str) -> String {
    clean(&shorten(text, VALUE))
}

fn diff_line(line: &str) -> (&'static str, String) {
    let class = match line.bytes().next() {
        Some(b'-') => "gone",
        Some(b'+') => "new",
        Some(b'@') => "hunk",
        _ => "same",
    };
    (class, clean(&shorten(line, VALUE)))
}

fn duty(id: &str) -> Option<Duty> {
    let row = requirement::get(id)?;
    Some(Duty {
        id: row.id.clone(),
        level: row.level.as_str(),
        cite: row.cite(),
        url: row.section_url(),
        text: row.requirement.clone(),
    })
}

/// Conversations in plan order, the run's own first.
fn variants(report: &Report, chunks: &[Chunk]) -> Vec<Variant> {
    let of = |label: &str| chunks.iter().enumerate().filter(|(_, chunk)| chunk.variant == label).collect::<Vec<_>>();
    let mut out = Vec::new();
    let own: Vec<_> = of("").into_iter().map(|(at, chunk)| scenario(report, at, chunk, None)).collect();
    if !own.is_empty() {
        out.push(Variant {
            label: "discovery".to_owned(),
            title: "What the target says of itself".to_owned(),
            scenarios: own,
        });
    }
    for (at, column) in report.columns().iter().enumerate() {
        let mut played = of(&column.label);
        let row = |chunk: &Chunk| column.scenarios.iter().position(|planned| planned.id == chunk.scenario);
        played.sort_by_key(|(_, chunk)| (row(chunk), chunk.round));
        let scenarios = played.into_iter().map(|(number, chunk)| {
            let key = row(chunk).map(|row| (at, row));
            scenario(report, number, chunk, key)
        });
        let scenarios: Vec<_> = scenarios.collect();
        if !scenarios.is_empty() {
            out.push(Variant { label: column.label.clone(), title: column.title.clone(), scenarios });
        }
    }
    out
}

fn scenario(report: &Report, number: usize, chunk: &Chunk, key: Option<(usize, usize)>) -> Scenario {
    let planned = key.map(|(at, row)| &report.columns()[at].scenarios[row]);
    let played = key.and_then(|(at, row)| report.played(at + 1, row));
    let state = match played {
        Some(played) if played.whole.breaks.is_some() => "breaks",
        Some(played) if played.whole.undetermined.is_some() => "undetermined",
        Some(played) if played.whole.warned => "works with warnings",
        _ => "works",
    };
    Scenario {
        chunk: format!("c{number}"),
        id: chunk.scenario.clone(),
        title: planned.map_or_else(|| "Discovery".to_owned(), |planned| clean(&planned.title)),
        round: chunk.round,
        state,
        class: class(state),
        exchanges: chunk.exchanges.len(),
        took: format!("{}, {} ms", count(chunk.exchanges.len() as u64, "request"), chunk.took_ms),
    }
}
