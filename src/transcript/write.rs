//! Writes a transcript while the run goes on.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::FORMAT;
use super::carried::Carried;
use super::wire::{self, Body, Kind};
use crate::check::Severity;
use crate::event::{CleanUp, Cut, Decided, Event, Reporter, RunEnd, RunInfo, VariantInfo};
use crate::exchange::{Exchange, Oddity, Place};
use crate::scim::json::Json;
use crate::trace::{Ending, Trace, Turn, Unsettled};
use crate::verdict::Judged;
use crate::verdict::standards::{Answer, Row, Standards};

/// Writes a transcript: every line in one piece and at once, so that a killed run leaves what it had done.
pub struct Writer<W> {
    name: String,
    out: W,
    line: Vec<u8>,
    /// What was judged of each requirement; the last line tells it.
    standards: Standards,
}

impl<W: Write> Writer<W> {
    /// A transcript that goes to `out`, which should not buffer; `name` is what messages call it.
    pub fn new(name: impl Into<String>, out: W) -> Self {
        Self { name: name.into(), out, line: Vec::with_capacity(8 * 1024), standards: Standards::default() }
    }

    /// What it wrote to.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// What it writes to.
    pub fn out_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.out.flush()?;
        // One huge answer must not hold its memory for the rest of the run.
        self.line.shrink_to(1024 * 1024);
        Ok(())
    }
}

impl<W: Write> Reporter for Writer<W> {
    fn name(&self) -> &str {
        &self.name
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Discovered(facts) => self.standards.learn(facts),
            Event::ScenarioEnded(_, judged) | Event::Judged(judged) => self.standards.take(judged),
            _ => {}
        }
        match event {
            Event::Started(info) => self.write(&run(info)),
            Event::Planned(decided) => {
                self.write(&wire::Plan { r#type: Kind::Plan, variants: decided.iter().map(decision).collect() })
            }
            // Learned again from the exchanges of discovery; a scenario shows by its first exchange.
            Event::Discovered(_) | Event::ScenarioStarted(_) => Ok(()),
            Event::Exchanged(turn) => self.write(&exchange(turn)),
            Event::ScenarioEnded(trace, judged) => self.write(&scenario(trace, judged)),
            Event::Judged(judged) => {
                self.write(&wire::Verdicts { r#type: Kind::Verdicts, carried: Carried::of(judged) })
            }
            Event::CleanedUp(done) => self.write(&clean_up(done)),
            Event::Ended(end) => {
                let line = ended(end, &self.standards);
                self.write(&line)
            }
        }
    }
}

fn run(info: &RunInfo) -> wire::Run<'_> {
    let mut profiles: Vec<wire::Profile<'_>> = Vec::new();
    for variant in &info.variants {
        if profiles.iter().any(|profile| profile.id == variant.profile.id) {
            continue;
        }
        let files =
            variant.profile.files.iter().map(|(name, text)| wire::File { name: name.into(), text: text.into() });
        profiles.push(wire::Profile { id: (&variant.profile.id).into(), files: files.collect() });
    }
    wire::Run {
        scimproof: FORMAT,
        r#type: Kind::Run,
        version: (&info.version).into(),
        name: (&info.run).into(),
        at: info.at.to_string(),
        target: (&info.target).into(),
        embedded: info.embedded,
        seed: info.seed,
        strict: info.strict,
        read_only: info.read_only,
        notices: (&info.notices).into(),
        credentials: (&info.credentials).into(),
        variants: info.variants.iter().map(variant).collect(),
        profiles,
    }
}

fn decision(decided: &Decided) -> wire::Decision<'_> {
    wire::Decision {
        label: (&decided.label).into(),
        settings: (&decided.settings).into(),
        left_out: (&decided.left_out).into(),
    }
}

fn variant(variant: &VariantInfo) -> wire::Variant<'_> {
    let planned = |(id, skip): &'_ (String, Option<String>)| wire::Planned {
        id: id.clone().into(),
        skip: skip.clone().map(Into::into),
    };
    wire::Variant {
        label: (&variant.label).into(),
        profile: (&variant.profile.id).into(),
        settings: (&variant.settings).into(),
        scenarios: variant.scenarios.iter().map(planned).collect(),
    }
}

pub(super) fn place(place: &Place) -> wire::Place<'_> {
    wire::Place {
        variant: (&place.variant).into(),
        scenario: (&place.scenario).into(),
        round: place.round,
        step: (&place.step).into(),
    }
}

fn exchange(turn: &Turn) -> wire::Exchange<'_> {
    let Exchange { seq, place: at_place, origin, at, took, sent, got } = &*turn.exchange;
    let answer = got.as_ref().ok().map(|answer| wire::Answer {
        status: answer.status,
        reason: (&answer.reason).into(),
        headers: (&answer.headers).into(),
        body: Body::of((!answer.body.is_empty()).then_some(&answer.body)),
        oddities: answer.oddities.iter().map(oddity).collect(),
    });
    let failure = got.as_ref().err().map(|failure| wire::Failure {
        kind: failure.kind.as_str().into(),
        detail: (&failure.detail).into(),
        answer_begun: failure.answer_begun,
    });
    let needs =
        turn.needs.iter().map(|need| wire::Need { id: (&need.id).into(), value: need.value.as_ref().and_then(raw) });
    wire::Exchange {
        r#type: Kind::Exchange,
        seq: *seq,
        place: place(at_place),
        origin: origin.as_str().into(),
        at: at.to_string(),
        took_us: micros(*took),
        request: wire::Request {
            method: (&sent.method).into(),
            target: (&sent.target).into(),
            resource: sent.resource.as_str().into(),
            headers: (&sent.headers).into(),
            body: Body::of(sent.body.as_deref()),
        },
        answer,
        failure,
        needs: needs.collect(),
        went_on: turn.went_on,
        at_once: turn.at_once,
    }
}

fn oddity(oddity: &Oddity) -> wire::Oddity<'_> {
    match oddity {
        Oddity::BodyWhereNoneBelongs(bytes) => wire::Oddity::BodyWhereNoneBelongs(*bytes),
        Oddity::BodyCut(limit) => wire::Oddity::BodyCut(*limit),
        Oddity::BareLineFeed => wire::Oddity::BareLineFeed,
        Oddity::BadContentCoding(why) => wire::Oddity::BadContentCoding(why.into()),
        Oddity::Malformed(why) => wire::Oddity::Malformed(why.into()),
    }
}

fn scenario<'a>(trace: &'a Trace, judged: &'a Judged) -> wire::Scenario<'a> {
    let ending = match &trace.ending {
        Ending::Played => wire::Ending::Played,
        Ending::Stuck { step, reason } => wire::Ending::Stuck { step: step.into(), reason: reason.into() },
        Ending::Undetermined { reason } => wire::Ending::Undetermined { reason: reason.into() },
    };
    let unsettled = trace.unsettled.iter().map(unsettled).collect();
    let fresh = || judged.verdicts.iter().filter(|verdict| verdict.known.is_none());
    let count = |wanted| fresh().filter(|verdict| verdict.severity() == wanted).count() as u64;
    let counts = wire::Judged {
        errors: count(Some(Severity::Error)),
        warnings: count(Some(Severity::Warning)),
        undetermined: count(None),
    };
    wire::Scenario {
        r#type: Kind::Scenario,
        place: place(&trace.place),
        ending,
        unsettled,
        invented: (&trace.invented).into(),
        judged: counts,
        carried: Carried::baseline(judged),
    }
}

fn unsettled(of: &Unsettled) -> wire::Unsettled<'_> {
    let changes = of.changes.iter().filter_map(|(path, wanted, read)| {
        Some(wire::Change { path: path.into(), wanted: raw(wanted)?, read: read.as_ref().and_then(raw) })
    });
    wire::Unsettled { step: (&of.step).into(), seq: of.seq, changes: changes.collect() }
}

/// JSON as it was written: number tokens and duplicate members survive.
fn raw(json: &Json) -> Option<Box<RawValue>> {
    RawValue::from_string(json.to_string()).ok()
}

fn clean_up(done: &CleanUp) -> wire::CleanUp<'_> {
    let left = done.left_over.iter().map(|left| wire::LeftOver {
        path: (&left.path).into(),
        name: (&left.name).into(),
        reason: (&left.reason).into(),
    });
    wire::CleanUp {
        r#type: Kind::CleanUp,
        created: done.created,
        removed: done.removed,
        kept: done.kept,
        left_over: left.collect(),
    }
}

fn ended<'a>(end: &'a RunEnd, standards: &Standards) -> wire::End<'a> {
    let cut = end.cut.as_ref().map(|cut| match cut {
        Cut::Interrupted => wire::Cut::Interrupted,
        Cut::BudgetSpent => wire::Cut::BudgetSpent,
        Cut::Unreachable(why) => wire::Cut::Unreachable(why.into()),
    });
    wire::End {
        r#type: Kind::End,
        at: end.at.to_string(),
        took_us: micros(end.took),
        requests: end.requests,
        refused: end.refused,
        cut,
        stale: (&end.stale).into(),
        requirements: standards.rows().iter().map(told).collect(),
    }
}

/// A requirement with what came of it: `passed`, `not advertised: bulk`.
fn told(row: &Row) -> (String, String) {
    let told = match &row.answer {
        Answer::NotAdvertised(need) => format!("{}: {need}", row.answer.as_str()),
        answer => answer.as_str().to_owned(),
    };
    (row.requirement.id.clone(), told)
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
