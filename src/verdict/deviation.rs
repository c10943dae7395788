//! Known deviations: failures that the user knows and accepts, each with its reason.
//!
//! ```toml
//! [[deviation]]
//! check = "rfc7644/3.3/location-header"
//! scenario = "okta:app=aiw/create-user"
//! pointer = "/meta/location"
//! reason = "fixed in release 4.2"
//! until = "2026-12-31"
//! ```
//!
//! `scenario` is a prefix, whole names at a time: `okta` means every variant of Okta, an empty one every scenario. One
//! that no longer happens is stale and fails the run, but only if its check was judged there.

use std::path::Path;

use jiff::civil::Date;

use super::{Judged, Outcome, Verdict};
use crate::check::Location;
use crate::document::{At, Document, Problem, Table};
use crate::exchange::Place;
use crate::trace::Trace;

/// One entry of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Check id, or its prefix up to a `/`.
    pub check: String,
    /// Prefix of `VARIANT/SCENARIO/STEP`; empty: everywhere.
    pub scenario: String,
    /// The place in the body, or `status`, `header NAME`, `wire`; `None`: any.
    pub pointer: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is accepted.
    pub until: Option<Date>,
}

/// The entries of a file, and what this run knows of each.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    entries: Vec<(Deviation, Seen)>,
}

/// What a run knows of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Its check was judged in its scenarios.
    judged: bool,
    /// It happened.
    happened: bool,
}

impl Deviations {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or every problem in it.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        Self::parse(Document::read(path).map_err(|problem| vec![problem])?)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// Every problem of the document.
    pub fn parse(document: Document) -> Result<Self, Vec<Problem>> {
        document.parse(|root| {
            let tables = root.tables("deviation");
            let entries = tables.iter().filter_map(|table| {
                let entry = Deviation::read(table);
                table.finish();
                Some((entry?, Seen::default()))
            });
            Some(Self { entries: entries.collect() })
        })
    }

    /// The entries in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Deviation> {
        self.entries.iter().map(|(entry, _)| entry)
    }

    /// Marks the verdicts of one scenario that an entry covers with its reason. Whether an entry has expired is decided
    /// by the day on which the scenario was played (UTC), so that judging again gives the same.
    pub fn apply(&mut self, judged: &mut Judged, trace: &Trace) {
        let at = trace.turns.first().map_or(jiff::Timestamp::UNIX_EPOCH, |turn| turn.exchange.at);
        self.apply_on(judged, &trace.place, at.to_zoned(jiff::tz::TimeZone::UTC).date());
    }

    fn apply_on(&mut self, judged: &mut Judged, place: &Place, today: Date) {
        for (entry, seen) in &mut self.entries {
            if entry.is_about(place) && judged.tallies.any(|rule| begins_with(rule, &entry.check)) {
                seen.judged = true;
            }
            for verdict in &mut judged.verdicts {
                if !entry.covers(verdict) {
                    continue;
                }
                seen.judged = true;
                seen.happened = true;
                if !entry.has_expired(today) && verdict.known.is_none() {
                    verdict.known = Some(entry.reason.clone());
                }
            }
        }
    }

    /// Entries whose check was judged and that did not happen, in words; known only when the run is over.
    #[must_use]
    pub fn stale(&self) -> Vec<String> {
        let stale = self.entries.iter().filter(|(_, seen)| seen.judged && !seen.happened);
        stale.map(|(entry, _)| format!("{entry} no longer happens: take it out ({})", entry.reason)).collect()
    }

    /// Entries that are no longer accepted, in words.
    #[must_use]
    pub fn expired(&self, today: Date) -> Vec<String> {
        let expired = self.iter().filter(|entry| entry.has_expired(today));
        expired
            .filter_map(|entry| {
                let until = entry.until?;
                Some(format!("{entry} was accepted until {until} only ({})", entry.reason))
            })
            .collect()
    }
}

impl Deviation {
    fn read(table: &Table<'_>) -> Option<Self> {
        let check = table.required("check");
        let scenario = table.string("scenario");
        if !table.has("scenario") {
            table.missing("scenario", "the prefix of a scenario, such as \"okta/create-user\"; \"\" for all");
        }
        let pointer = table.string("pointer").map(|pointer| pointer.value);
        let reason = table.required("reason");
        let until = table.string("until").map(|until| read_date(table, &until));
        Some(Self {
            check: check?.value.trim_end_matches("/*").trim_end_matches('/').to_owned(),
            scenario: scenario?.value.trim_end_matches('/').to_owned(),
            pointer,
            reason: reason?.value,
            until: match until {
                Some(date) => Some(date?),
                None => None,
            },
        })
    }

    /// Whether it is about this scenario, or about a step in it.
    fn is_about(&self, place: &Place) -> bool {
        let scenario = format!("{}/{}", place.variant, place.scenario);
        self.is_about_text(&scenario) || begins_with(&self.scenario, &scenario)
    }

    fn is_about_text(&self, place: &str) -> bool {
        self.scenario.is_empty() || begins_with(place, &self.scenario)
    }

    fn covers(&self, verdict: &Verdict) -> bool {
        let place = format!("{}/{}/{}", verdict.place.variant, verdict.place.scenario, verdict.place.step);
        let Outcome::Violates { finding, .. } = &verdict.outcome else { return false };
        begins_with(&verdict.rule, &self.check)
            && self.is_about_text(&place)
            && self.pointer.as_ref().is_none_or(|pointer| match &finding.at {
                Location::Body(at) => at == pointer,
                other => other.to_string().eq_ignore_ascii_case(pointer),
            })
    }

    fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| today > until)
    }
}

/// `rfc7644/3.3/location-header in okta/create-user at /meta/location`
impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.check)?;
        if !self.scenario.is_empty() {
            write!(f, " in {}", self.scenario)?;
        }
        match &self.pointer {
            Some(pointer) => write!(f, " at {pointer}"),
            None => Ok(()),
        }
    }
}

fn read_date(table: &Table<'_>, text: &At<String>) -> Option<Date> {
    let date = text.value.parse::<Date>().ok();
    if date.is_none() {
        let expected = Some("a day such as \"2026-12-31\"".to_owned());
        table.problem(text.span.clone(), format!("`until` is \"{}\"", text.value), expected);
    }
    date
}

/// Whether an id begins with a prefix of whole names: `okta` begins `okta`, `okta/x` and `okta:app=aiw/x`.
#[must_use]
pub fn begins_with(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Finding, Severity};

    const FILE: &str = r#"
[[deviation]]
check = "rfc7644/3.3"
scenario = "okta"
pointer = "/meta/location"
reason = "fixed in release 4.2"

[[deviation]]
check = "state/filter"
scenario = ""
reason = "the old index"
until = "2026-06-30"
"#;

    fn place(variant: &str, step: &str) -> Place {
        Place { variant: variant.to_owned(), scenario: "create".to_owned(), round: 0, step: step.to_owned() }
    }

    fn judged(variant: &str, rules: &[(&str, Option<&str>)]) -> Judged {
        let mut judged = Judged::default();
        for (rule, pointer) in rules {
            judged.tallies.entry(&(*rule).into());
            let Some(pointer) = pointer else { continue };
            let finding = Finding::new(Location::Body((*pointer).to_owned()), "a", "b");
            judged.verdicts.push(Verdict {
                rule: (*rule).into(),
                requirement: None,
                title: String::new(),
                place: place(variant, "post"),
                seq: Some(1),
                request_id: None,
                outcome: Outcome::Violates { severity: Severity::Error, finding },
                breaks: None,
                known: None,
                fix: String::new(),
            });
        }
        judged
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn covers_by_check_scenario_and_pointer() {
        let mut known = Deviations::parse(Document::new("known.toml", FILE)).unwrap();
        let mut told = judged(
            "okta:app=aiw",
            &[
                ("rfc7644/3.3/location", Some("/meta/location")),
                ("rfc7644/3.3/location", Some("/id")),
                ("rfc7644/3.30", Some("/meta/location")),
            ],
        );
        known.apply_on(&mut told, &place("okta:app=aiw", ""), day("2026-01-01"));
        let reasons: Vec<_> = told.verdicts.iter().map(|v| v.known.as_deref()).collect();
        assert_eq!(reasons, [Some("fixed in release 4.2"), None, None]);
        let mut other = judged("entra", &[("rfc7644/3.3/location", Some("/meta/location"))]);
        known.apply_on(&mut other, &place("entra", ""), day("2026-01-01"));
        assert_eq!(other.verdicts[0].known, None);
        assert!(known.stale().is_empty(), "{:?}", known.stale());
    }

    #[test]
    fn is_stale_only_where_its_check_was_judged() {
        let mut known = Deviations::parse(Document::new("known.toml", FILE)).unwrap();
        known.apply_on(&mut judged("entra", &[("rfc7644/3.3/location", None)]), &place("entra", ""), day("2026-01-01"));
        assert!(known.stale().is_empty());
        known.apply_on(&mut judged("okta", &[("rfc7644/3.3/location", None)]), &place("okta", ""), day("2026-01-01"));
        insta::assert_debug_snapshot!(known.stale(), @r#"
        [
            "rfc7644/3.3 in okta at /meta/location no longer happens: take it out (fixed in release 4.2)",
        ]
        "#);
    }

    #[test]
    fn expires() {
        let mut known = Deviations::parse(Document::new("known.toml", FILE)).unwrap();
        let mut last_day = judged("okta", &[("state/filter", Some(""))]);
        known.apply_on(&mut last_day, &place("okta", ""), day("2026-06-30"));
        assert_eq!(last_day.verdicts[0].known.as_deref(), Some("the old index"));
        let mut later = judged("okta", &[("state/filter", Some(""))]);
        known.apply_on(&mut later, &place("okta", ""), day("2026-07-01"));
        assert_eq!(later.verdicts[0].known, None);
        assert!(known.expired(day("2026-06-30")).is_empty());
        assert_eq!(
            known.expired(day("2026-07-01")),
            ["state/filter was accepted until 2026-06-30 only (the old index)"]
        );
    }

    #[test]
    fn tells_every_problem() {
        let text = "[[deviation]]\ncheck = \"x\"\nuntil = \"soon\"\nwhy = \"\"\n\
            [[deviation]]\nscenario = \"\"\nreason = \" \"\n";
        let problems = Deviations::parse(Document::new("known.toml", text)).unwrap_err();
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        insta::assert_debug_snapshot!(told, @r#"
        [
            "known.toml:1:1: this `deviation` has no `scenario`; expected the prefix of a scenario, such as \"okta/create-user\"; \"\" for all",
            "known.toml:1:1: this `deviation` has no `reason`; expected a string",
            "known.toml:3:9: `until` is \"soon\"; expected a day such as \"2026-12-31\"",
            "known.toml:4:1: unknown key `why` in `deviation`; expected one of check, pointer, reason, scenario, until",
            "known.toml:5:1: this `deviation` has no `check`; expected a string",
            "known.toml:7:10: `reason` is empty; expected a text",
        ]
        "#);
    }
}
