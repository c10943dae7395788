//! Reads a transcript line by line; memory does not grow with its length.

use std::borrow::Cow;
use std::io::{self, BufRead, Read as _};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::FORMAT;
use super::carried::Carried;
use super::wire::{self, Kind};
use crate::document::Problem;
use crate::event::{CleanUp, Cut, Decided, LeftOver, RunEnd, RunInfo, VariantInfo};
use crate::exchange::{Exchange, Failure, FailureKind, Oddity, Origin, Place, Received, Sent};
use crate::profile::model::{BoundNeed, Profile};
use crate::profile::parse;
use crate::scim::json::Json;
use crate::trace::{Ending, Turn, Unsettled};
use crate::verdict::Judged;

/// The longest line that is read, in bytes: a body of 16 MiB in base64, twice over.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// Why a transcript cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ReadError {
    /// The file, as messages call it.
    pub file: String,
    /// What is wrong.
    pub problem: Wrong,
}

/// What is wrong with a transcript.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Its first line is not that of a transcript.
    #[error("line 1: this is not a transcript: it should begin with {{\"scimproof\":{FORMAT},\"type\":\"run\"")]
    NotATranscript,
    /// It was written by another version of this tool.
    #[error("line 1: the transcript has format {0}, and this version of scimproof reads format {FORMAT}")]
    Version(u64),
    /// A line is not what it should be.
    #[error("line {line}: {message}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A profile that it carries cannot be used.
    #[error("line 1: the profile `{profile}` in it cannot be used: {}", first(problems))]
    Profile {
        /// Its id.
        profile: String,
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
}

fn first(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, |problem| {
        let (line, column) = problem.position();
        format!("{}:{line}:{column}: {}", problem.file, problem.message)
    })
}

/// What a line after the first says.
#[derive(Debug)]
pub enum Entry {
    /// What discovery decided of the plan.
    Planned(Arc<[Decided]>),
    /// A request and its answer.
    Exchange(Turn),
    /// A scenario is over.
    Scenario(Box<Ended>),
    /// Verdicts about the run as a whole.
    Verdicts(Judged),
    /// What clean-up did.
    CleanUp(CleanUp),
    /// The run is over.
    End(RunEnd),
}

impl Entry {
    fn shift(&mut self, by: u64) {
        if by == 0 {
            return;
        }
        let shift = |seq: &mut Option<u64>| *seq = seq.map(|seq| seq + by);
        let judged = |judged: &mut Judged| judged.verdicts.iter_mut().for_each(|verdict| shift(&mut verdict.seq));
        match self {
            Self::Exchange(turn) => Arc::make_mut(&mut turn.exchange).seq += by,
            Self::Scenario(ended) => {
                ended.unsettled.iter_mut().for_each(|unsettled| shift(&mut unsettled.seq));
                ended.carried.iter_mut().for_each(judged);
            }
            Self::Verdicts(verdicts) => judged(verdicts),
            Self::Planned(_) | Self::CleanUp(_) | Self::End(_) => {}
        }
    }
}

/// The end of a scenario.
#[derive(Debug)]
pub struct Ended {
    /// Variant, scenario and round.
    pub place: Place,
    /// How it ended.
    pub ending: Ending,
    /// What would still have been written.
    pub unsettled: Vec<Unsettled>,
    /// Invented values with what they stand for.
    pub invented: Vec<(String, String)>,
    /// Whether it was judged without an error in the run.
    pub passed: bool,
    /// Verdicts that judging again does not find.
    pub carried: Option<Judged>,
}

/// An open transcript.
#[derive(Debug)]
pub struct Reader<R> {
    file: String,
    from: R,
    line: u64,
    buffer: Vec<u8>,
    info: Arc<RunInfo>,
    torn: Option<String>,
    /// What is added to every number of an exchange.
    shift: u64,
    /// The highest number so far.
    highest: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line: the run, and the profiles that were played. `file` is what messages call it.
    ///
    /// # Errors
    /// It is no transcript, or one that this version does not understand.
    pub fn new(from: R, file: impl Into<String>) -> Result<Self, ReadError> {
        let info = Arc::default();
        let mut this =
            Self { file: file.into(), from, line: 0, buffer: Vec::new(), info, torn: None, shift: 0, highest: 0 };
        match this.first_line() {
            Ok(info) => Ok(Self { info: Arc::new(info), ..this }),
            Err(problem) => Err(ReadError { file: std::mem::take(&mut this.file), problem }),
        }
    }

    fn first_line(&mut self) -> Result<RunInfo, Wrong> {
        if !self.read_line()? {
            return Err(Wrong::NotATranscript);
        }
        match serde_json::from_slice::<wire::FirstPeek>(&self.buffer) {
            Ok(wire::FirstPeek { scimproof: Some(FORMAT) }) => self.run(self.parsed()?),
            Ok(wire::FirstPeek { scimproof: Some(other) }) => Err(Wrong::Version(other)),
            _ => Err(Wrong::NotATranscript),
        }
    }

    /// The run.
    #[must_use]
    pub fn info(&self) -> &Arc<RunInfo> {
        &self.info
    }

    /// What is said of a last line that is not whole, once it was met.
    #[must_use]
    pub fn torn(&self) -> Option<&str> {
        self.torn.as_deref()
    }

    /// The file, as messages call it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Counts exchanges from behind `number`, so that several transcripts can be told as one.
    pub fn count_behind(&mut self, number: u64) {
        (self.shift, self.highest) = (number, number);
    }

    /// The highest number of an exchange so far.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// The next entry; `None` at the end. A last line that is not whole (the run was killed while it wrote) is the end.
    ///
    /// # Errors
    /// The file cannot be read, or a line is not what it should be.
    pub fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
        self.next_entry().map_err(|problem| ReadError { file: self.file.clone(), problem })
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, Wrong> {
        if self.torn.is_some() || !self.read_line()? {
            return Ok(None);
        }
        match self.parse_entry() {
            Ok(mut entry) => {
                entry.shift(self.shift);
                if let Entry::Exchange(turn) = &entry {
                    self.highest = self.highest.max(turn.exchange.seq);
                }
                Ok(Some(entry))
            }
            Err(_) if self.buffer.last() != Some(&b'\n') => {
                self.torn = Some(format!("line {} of the transcript is not whole; it was left out", self.line));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn read_line(&mut self) -> Result<bool, Wrong> {
        self.buffer.clear();
        self.buffer.shrink_to(1024 * 1024);
        self.line += 1;
        let read = (&mut self.from).take(MAX_LINE).read_until(b'\n', &mut self.buffer)?;
        if read as u64 == MAX_LINE && self.buffer.last() != Some(&b'\n') {
            return Err(self.wrong(format!("the line is longer than {MAX_LINE} bytes")));
        }
        Ok(read > 0)
    }

    fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong::Line { line: self.line, message: message.into() }
    }

    fn parsed<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Wrong> {
        serde_json::from_slice(&self.buffer).map_err(|error| {
            // The error's own line is that of the text it was given: always 1.
            let text = error.to_string();
            let message = text.split(" at line 1 column").next().unwrap_or_default();
            self.wrong(format!("column {}: {message}", error.column()))
        })
    }

    fn parse_entry(&self) -> Result<Entry, Wrong> {
        let wire::Peek { r#type: kind } = self.parsed()?;
        match kind {
            Kind::Run => Err(self.wrong("a second line of type `run`")),
            Kind::Plan => {
                Ok(Entry::Planned(self.parsed::<wire::Plan<'_>>()?.variants.into_iter().map(decided).collect()))
            }
            Kind::Exchange => turn(self.parsed()?).map(Entry::Exchange).map_err(|message| self.wrong(message)),
            Kind::Scenario => {
                let ended = ended(self.parsed()?).map_err(|message| self.wrong(message))?;
                Ok(Entry::Scenario(Box::new(ended)))
            }
            Kind::Verdicts => Ok(Entry::Verdicts(self.parsed::<wire::Verdicts<'_>>()?.carried.judged())),
            Kind::CleanUp => Ok(Entry::CleanUp(clean_up(self.parsed()?))),
            Kind::End => run_end(self.parsed()?).map(Entry::End).map_err(|message| self.wrong(message)),
        }
    }

    fn run(&self, run: wire::Run<'_>) -> Result<RunInfo, Wrong> {
        let mut profiles: Vec<(String, Arc<Profile>)> = Vec::new();
        for profile in run.profiles {
            let files = profile.files.into_iter().map(|file| (file.name.into_owned(), file.text.into_owned()));
            let id = profile.id.into_owned();
            match parse::parse(&id, files.collect()) {
                Ok(profile) => profiles.push((id, Arc::new(profile))),
                Err(problems) => return Err(Wrong::Profile { profile: id, problems }),
            }
        }
        let mut variants = Vec::new();
        for variant in run.variants {
            let Some((_, profile)) = profiles.iter().find(|(id, _)| *id == variant.profile) else {
                let (label, profile) = (variant.label, variant.profile);
                return Err(
                    self.wrong(format!("the variant `{label}` is of the profile `{profile}`, which is not there"))
                );
            };
            let scenarios = variant.scenarios.into_iter().map(|p| (p.id.into_owned(), p.skip.map(Cow::into_owned)));
            variants.push(VariantInfo {
                label: variant.label.into_owned(),
                profile: profile.clone(),
                settings: variant.settings.into_owned(),
                scenarios: scenarios.collect(),
            });
        }
        Ok(RunInfo {
            version: run.version.into_owned(),
            run: run.name.into_owned(),
            at: time(&run.at).map_err(|message| self.wrong(message))?,
            target: run.target.into_owned(),
            embedded: run.embedded,
            seed: run.seed,
            strict: run.strict,
            read_only: run.read_only,
            notices: run.notices.into_owned(),
            credentials: run.credentials.into_owned(),
            variants,
        })
    }
}

fn decided(line: wire::Decision<'_>) -> Decided {
    let (settings, left_out) = (line.settings.into_owned(), line.left_out.into_owned());
    Decided { label: line.label.into_owned(), settings, left_out }
}

fn time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|error| format!("`{text}` is not a time: {error}"))
}

pub(super) fn own_place(place: wire::Place<'_>) -> Place {
    Place {
        variant: place.variant.into_owned(),
        scenario: place.scenario.into_owned(),
        round: place.round,
        step: place.step.into_owned(),
    }
}

fn ended(line: wire::Scenario<'_>) -> Result<Ended, String> {
    let unsettled: Result<_, String> = line.unsettled.into_iter().map(unsettled).collect();
    Ok(Ended {
        place: own_place(line.place),
        ending: own_ending(line.ending),
        unsettled: unsettled?,
        invented: line.invented.into_owned(),
        passed: line.judged.errors == 0,
        carried: line.carried.map(Carried::judged),
    })
}

fn own_ending(ending: wire::Ending<'_>) -> Ending {
    match ending {
        wire::Ending::Played => Ending::Played,
        wire::Ending::Stuck { step, reason } => Ending::Stuck { step: step.into_owned(), reason: reason.into_owned() },
        wire::Ending::Undetermined { reason } => Ending::Undetermined { reason: reason.into_owned() },
    }
}

fn turn(line: wire::Exchange<'_>) -> Result<Turn, String> {
    let got = match (line.answer, line.failure) {
        (Some(answer), None) => Ok(received(answer)?),
        (None, Some(failure)) => Err(Failure {
            kind: FailureKind::parse(&failure.kind)
                .ok_or_else(|| format!("the failure `{}` is unknown", failure.kind))?,
            detail: failure.detail.into_owned(),
            answer_begun: failure.answer_begun,
        }),
        _ => return Err("an exchange has either an answer or a failure".to_owned()),
    };
    let exchange = Exchange {
        seq: line.seq,
        place: own_place(line.place),
        origin: Origin::parse(&line.origin).ok_or_else(|| format!("the origin `{}` is unknown", line.origin))?,
        at: time(&line.at)?,
        took: Duration::from_micros(line.took_us),
        sent: Sent {
            method: line.request.method.into_owned(),
            target: line.request.target.into_owned(),
            resource: line.request.resource.into_owned().into(),
            headers: line.request.headers.into_owned(),
            body: line.request.body.bytes()?.map(Into::into),
        },
        got,
    };
    let needs: Result<_, String> = line.needs.into_iter().map(need).collect();
    Ok(Turn { exchange: Arc::new(exchange), needs: needs?, went_on: line.went_on, at_once: line.at_once })
}

fn received(answer: wire::Answer<'_>) -> Result<Received, String> {
    let oddities = answer.oddities.into_iter().map(|oddity| match oddity {
        wire::Oddity::BodyWhereNoneBelongs(bytes) => Oddity::BodyWhereNoneBelongs(bytes),
        wire::Oddity::BodyCut(limit) => Oddity::BodyCut(limit),
        wire::Oddity::BareLineFeed => Oddity::BareLineFeed,
        wire::Oddity::BadContentCoding(why) => Oddity::BadContentCoding(why.into_owned()),
        wire::Oddity::Malformed(why) => Oddity::Malformed(why.into_owned()),
    });
    let body = answer.body.bytes()?.unwrap_or_default();
    let (reason, headers) = (answer.reason.into_owned(), answer.headers.into_owned());
    Ok(Received::new(answer.status, reason, headers, body, oddities.collect()))
}

fn need(need: wire::Need<'_>) -> Result<BoundNeed, String> {
    Ok(BoundNeed { id: need.id.into_owned(), value: need.value.as_deref().map(json).transpose()? })
}

fn unsettled(of: wire::Unsettled<'_>) -> Result<Unsettled, String> {
    let change =
        |c: wire::Change<'_>| Ok((c.path.into_owned(), json(&c.wanted)?, c.read.as_deref().map(json).transpose()?));
    let changes: Result<_, String> = of.changes.into_iter().map(change).collect();
    Ok(Unsettled { step: of.step.into_owned(), seq: of.seq, changes: changes? })
}

fn json(raw: &RawValue) -> Result<Json, String> {
    Json::parse(raw.get().as_bytes()).map_err(|error| error.to_string())
}

fn clean_up(done: wire::CleanUp<'_>) -> CleanUp {
    let left_over = done.left_over.into_iter().map(|left| LeftOver {
        path: left.path.into_owned(),
        name: left.name.into_owned(),
        reason: left.reason.into_owned(),
    });
    CleanUp { created: done.created, removed: done.removed, kept: done.kept, left_over: left_over.collect() }
}

fn run_end(end: wire::End<'_>) -> Result<RunEnd, String> {
    let cut = end.cut.map(|cut| match cut {
        wire::Cut::Interrupted => Cut::Interrupted,
        wire::Cut::BudgetSpent => Cut::BudgetSpent,
        wire::Cut::Unreachable(why) => Cut::Unreachable(why.into_owned()),
    });
    Ok(RunEnd {
        at: time(&end.at)?,
        took: Duration::from_micros(end.took_us),
        requests: end.requests,
        refused: end.refused,
        cut,
        stale: end.stale.into_owned(),
    })
}
