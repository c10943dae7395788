//! The pages themselves.

use std::fmt::{self, Write};
use std::sync::Arc;

use super::played::steps;
use crate::check::{Check, Judge, Reading, Severity};
use crate::profile::model::{Level as Weight, Need, Profile};
use crate::profile::show;
use crate::requirement::{Basis, Party, Requirement, Testable, ambiguity, coverage, get, severity};

/// Characters of a line.
const WIDTH: usize = 100;
/// Where the text behind a label begins.
const INDENT: usize = 13;

/// Writing into a String cannot fail.
fn page(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let _: fmt::Result = write(&mut out);
    out
}

/// A label with its text, wrapped.
fn field(out: &mut String, label: &str, text: &str) -> fmt::Result {
    let mut label = label;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && INDENT + line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "  {label:<11}{line}")?;
            (label, line) = ("", String::new());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "  {label:<11}{line}") }
}

/// The page of a requirement.
pub(super) fn requirement(row: &Requirement, profiles: &[Arc<Profile>]) -> String {
    page(|out| {
        writeln!(out, "{}: {}, {}", row.id, row.level.as_str(), row.cite())?;
        writeln!(out, "  {}\n", row.section_url())?;
        field(out, "what", &row.requirement)?;
        field(out, "binds", party(row.party))?;
        field(out, "rests on", basis(row.basis))?;
        field(out, "weighs", &weight(row))?;
        field(out, "seen", testable(row.testable))?;
        if let Some(needs) = &row.needs {
            field(out, "only where", &format!("{} {} advertised", needs.replace('+', " and "), is_or_are(needs)))?;
        }
        field(out, "how", &row.how)?;
        readings(out, row)?;
        served(out, row)?;
        if coverage::checks(&row.id).next().is_none() {
            return Ok(());
        }
        let section = format!("{}/{}", row.rfc.to_ascii_lowercase(), row.section);
        played(out, &section, profiles)
    })
}

fn is_or_are(needs: &str) -> &'static str {
    if needs.contains('+') { "are" } else { "is" }
}

/// The checks of a requirement, or why it has none.
fn served(out: &mut String, row: &Requirement) -> fmt::Result {
    let mut checks = coverage::checks(&row.id).peekable();
    if checks.peek().is_none() {
        let outside = if coverage::is_reported(row) { "not yet" } else { "not: it tells nothing about a server" };
        return field(out, "checked", coverage::reason(&row.id).unwrap_or(outside));
    }
    for check in checks {
        field(out, "checked by", &format!("{}: {}", check.id, check.title))?;
        field(out, "why", check.why)?;
        field(out, "mend", check.fix)?;
    }
    Ok(())
}

/// The ambiguous places of a requirement, case by case.
fn readings(out: &mut String, row: &Requirement) -> fmt::Result {
    for place in ambiguity::about(&row.id) {
        field(out, "ambiguous", &format!("place {}: {}", place.number, place.title))?;
        for case in ambiguity::cases(place.number) {
            field(out, "", &format!("- {} {}", case.text, read(case.reading)))?;
        }
    }
    Ok(())
}

fn read(reading: Reading) -> String {
    let Reading { lenient, strict, .. } = reading;
    if lenient == strict {
        format!("({})", word(lenient))
    } else {
        format!("({}; with --strict {})", word(lenient), word(strict))
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn weight(row: &Requirement) -> String {
    let usual = word(severity(row, None, false));
    let ambiguous = ambiguity::about(&row.id).next().is_some();
    format!("{usual}{}", if ambiguous { ", unless an ambiguous place says otherwise" } else { "" })
}

/// The steps of each profile that ask for what a section is about.
fn played(out: &mut String, subject: &str, profiles: &[Arc<Profile>]) -> fmt::Result {
    let mut label = "played by";
    for profile in profiles {
        let steps = steps(profile, subject);
        let Some(first) = steps.first() else { continue };
        let more = match steps.len() {
            1 => String::new(),
            2 => " and 1 more step".to_owned(),
            number => format!(" and {} more steps", number - 1),
        };
        field(out, label, &format!("{}: {first}{more}", profile.title))?;
        label = "";
    }
    if label.is_empty() {
        Ok(())
    } else {
        field(out, label, "no profile asks for it; it is judged when an answer shows it")
    }
}

/// The page of a check.
pub(super) fn check(check: &Check, profiles: &[Arc<Profile>]) -> String {
    page(|out| {
        writeln!(out, "{}\n  {}\n", check.id, check.title)?;
        field(out, "why", check.why)?;
        field(out, "mend", check.fix)?;
        field(out, "looks at", looks_at(check.judge))?;
        writeln!(out, "\n  It serves")?;
        for row in check.requirements.iter().filter_map(|id| get(id)) {
            writeln!(
                out,
                "    {}  {}, {}, {}",
                row.id,
                row.level.as_str(),
                word(severity(row, None, false)),
                row.cite()
            )?;
            field(out, "", &row.requirement)?;
            for place in ambiguity::about(&row.id) {
                field(out, "", &format!("Ambiguous: {} (place {}).", place.title, place.number))?;
            }
        }
        writeln!(out)?;
        let section = check.id.rsplit_once('/').map_or(check.id, |(section, _)| section);
        played(out, if section == "state" { check.id } else { section }, profiles)
    })
}

fn looks_at(judge: Judge) -> &'static str {
    match judge {
        Judge::Exchange(_) => "every request with its answer",
        Judge::Write(_) => {
            "every write of a resource of the run, with the resource as it was shown before and afterwards"
        }
        Judge::Scenario(_) => "a scenario as a whole",
        Judge::State => "a scenario as a whole, against the state that the endpoint must have",
    }
}

/// The page of a need.
pub(super) fn need(profile: &Profile, need: &Need) -> String {
    page(|out| {
        writeln!(out, "{}/{}: what {} needs\n", profile.id, need.id, profile.title)?;
        field(out, "what", &need.text)?;
        field(out, "otherwise", &need.breaks)?;
        if let Some(fix) = &need.fix {
            field(out, "mend", fix)?;
        }
        field(out, "weighs", weight_of(need.level))?;
        field(out, "looks at", &show::looks_at_answers(need))?;
        field(out, "known by", &show::evidence(&need.evidence))?;
        let mut label = "needed in";
        for scenario in &profile.scenarios {
            let steps = scenario.steps.iter().filter(|step| step.needs.contains(&need.id)).map(|step| step.id.as_str());
            let steps: Vec<_> = steps.collect();
            if !steps.is_empty() {
                field(out, label, &format!("{}: {}", scenario.id, steps.join(", ")))?;
                label = "";
            }
        }
        Ok(())
    })
}

fn weight_of(level: Weight) -> &'static str {
    match level {
        Weight::Error => "error: the feature breaks",
        Weight::Warning => "warning",
        Weight::Note => "note",
    }
}

fn party(party: Party) -> &'static str {
    match party {
        Party::ServiceProvider => "the server",
        Party::Client => "the client, which is this tool",
        Party::Both => "server and client",
        Party::SchemaAuthor => "whoever publishes the schema",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Keyword => "a key word of RFC 2119 in capitals",
        Basis::Definition => "a plain sentence without a key word",
        Basis::Table => "a cell of a table",
        Basis::Lowercase => "a word in lower case, which is natural language",
        Basis::Example => "a printed example, which may change",
        Basis::Erratum => "an erratum",
    }
}

fn testable(testable: Testable) -> &'static str {
    match testable {
        Testable::OverTheWire => "from outside",
        Testable::NeedsConfiguration => "from outside, with a second client, much data, or an opt-in",
        Testable::NeedsServerKnowledge => "only by looking inside the server",
        Testable::NotTestable => "not at all",
    }
}
