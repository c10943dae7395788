//! Verdicts that judging again does not find, because they compare scenarios with each other or with a baseline: a
//! transcript carries them over.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::read::own_place;
use super::wire::Place;
use super::write::place;
use crate::check::{Finding, Location, Reading, Severity};
use crate::requirement;
use crate::verdict::{Judged, Outcome, Tally, Verdict};

type Text<'a> = Cow<'a, str>;

/// How rules begin that compare with a baseline.
pub(super) const BASELINE: &str = "baseline/";

#[derive(Serialize, Deserialize)]
pub(super) struct Carried<'a> {
    verdicts: Vec<One<'a>>,
    tallies: BTreeMap<Text<'a>, Counts>,
}

#[derive(Serialize, Deserialize)]
struct One<'a> {
    rule: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requirement: Option<Text<'a>>,
    title: Text<'a>,
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<Text<'a>>,
    outcome: Result<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    breaks: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Text<'a>>,
    fix: Text<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Result<'a> {
    Violates {
        severity: Level,
        at: At<'a>,
        expected: Text<'a>,
        actual: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reading: Option<(u8, Level, Level)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requirement: Option<Text<'a>>,
    },
    Undetermined(Text<'a>),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Note,
    Warning,
    Error,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum At<'a> {
    Status,
    Header(Text<'a>),
    Body(Text<'a>),
    Wire,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Counts {
    conforms: u64,
    errors: u64,
    warnings: u64,
    notes: u64,
    undetermined: u64,
}

impl<'a> Carried<'a> {
    /// All of them.
    pub(super) fn of(judged: &'a Judged) -> Self {
        let tallies = judged.tallies.iter().map(|(rule, tally)| {
            let Tally { conforms, errors, warnings, notes, undetermined } = *tally;
            (rule.to_string().into(), Counts { conforms, errors, warnings, notes, undetermined })
        });
        Self { verdicts: judged.verdicts.iter().map(one).collect(), tallies: tallies.collect() }
    }

    /// Those of a scenario that only its baseline gives; `None`: there was none.
    pub(super) fn baseline(judged: &'a Judged) -> Option<Self> {
        if !judged.tallies.any(|rule| rule.starts_with(BASELINE)) {
            return None;
        }
        let mut carried = Self::of(judged);
        carried.verdicts.retain(|verdict| verdict.rule.starts_with(BASELINE));
        carried.tallies.retain(|rule, _| rule.starts_with(BASELINE));
        Some(carried)
    }

    pub(super) fn judged(self) -> Judged {
        let tallies = self.tallies.into_iter().map(|(rule, counts)| {
            let Counts { conforms, errors, warnings, notes, undetermined } = counts;
            ((&*rule).into(), Tally { conforms, errors, warnings, notes, undetermined })
        });
        Judged { verdicts: self.verdicts.into_iter().map(verdict).collect(), tallies: tallies.collect() }
    }
}

fn one(verdict: &Verdict) -> One<'_> {
    let outcome = match &verdict.outcome {
        Outcome::Undetermined(reason) => Result::Undetermined(reason.into()),
        Outcome::Violates { severity, finding } => Result::Violates {
            severity: level(*severity),
            at: match &finding.at {
                Location::Status => At::Status,
                Location::Header(name) => At::Header(name.into()),
                Location::Body(pointer) => At::Body(pointer.into()),
                Location::Wire => At::Wire,
            },
            expected: (&finding.expected).into(),
            actual: (&finding.actual).into(),
            reading: finding.reading.map(|of| (of.number, level(of.lenient), level(of.strict))),
            requirement: finding.requirement.map(Into::into),
        },
    };
    One {
        rule: verdict.rule.as_str().into(),
        requirement: verdict.requirement.as_ref().map(Into::into),
        title: (&verdict.title).into(),
        place: place(&verdict.place),
        seq: verdict.seq,
        request_id: verdict.request_id.as_ref().map(Into::into),
        outcome,
        breaks: verdict.breaks.as_ref().map(Into::into),
        known: verdict.known.as_ref().map(Into::into),
        fix: (&verdict.fix).into(),
    }
}

fn verdict(one: One<'_>) -> Verdict {
    let outcome = match one.outcome {
        Result::Undetermined(reason) => Outcome::Undetermined(reason.into_owned()),
        Result::Violates { severity: of, at, expected, actual, reading, requirement } => Outcome::Violates {
            severity: severity(of),
            finding: Finding {
                at: match at {
                    At::Status => Location::Status,
                    At::Header(name) => Location::Header(name.into_owned()),
                    At::Body(pointer) => Location::Body(pointer.into_owned()),
                    At::Wire => Location::Wire,
                },
                expected: expected.into_owned(),
                actual: actual.into_owned(),
                reading: reading.map(|(number, lenient, strict)| Reading {
                    number,
                    lenient: severity(lenient),
                    strict: severity(strict),
                }),
                requirement: requirement.and_then(|id| requirement::get(&id)).map(|row| row.id.as_str()),
            },
        },
    };
    Verdict {
        rule: (&*one.rule).into(),
        requirement: one.requirement.map(Cow::into_owned),
        title: one.title.into_owned(),
        place: own_place(one.place),
        seq: one.seq,
        request_id: one.request_id.map(Cow::into_owned),
        outcome,
        breaks: one.breaks.map(Cow::into_owned),
        known: one.known.map(Cow::into_owned),
        fix: one.fix.into_owned(),
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Note => Level::Note,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Note => Severity::Note,
        Level::Warning => Severity::Warning,
        Level::Error => Severity::Error,
    }
}
