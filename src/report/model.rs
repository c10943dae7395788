//! A report as a value: the fold of a run's events, without any formatting. What it holds grows with the plan and with
//! the number of different causes, never with the number of exchanges.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::cause::{Cause, Causes, Spot, Standing};
use super::matrix::Cell;
use super::played::{Counts, Played};
use super::text::count;
use crate::error::Exit;
use crate::event::{CleanUp, Credential, Cut, Decided, Event, LeftOver, RunEnd, RunInfo, VariantInfo};
use crate::exchange::{Exchange, Origin, Place};
use crate::facts::{Facts, Feature};
use crate::profile::fit::{self, Occasion};
use crate::profile::model::{self, Profile};
use crate::trace::{Ending, Trace};
use crate::verdict::standards::Standards;
use crate::verdict::{Judged, Verdict};

/// What is known before the first scenario, without what only playing needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Version of this tool.
    pub version: String,
    /// Random name of the run.
    pub name: String,
    /// Begin, UTC.
    pub at: jiff::Timestamp,
    /// The base URL as typed.
    pub target: String,
    /// The target is the embedded reference provider.
    pub embedded: bool,
    /// Seed of every invented name.
    pub seed: u64,
    /// Strict reading of the RFCs.
    pub strict: bool,
    /// Only reading requests were allowed.
    pub read_only: bool,
    /// Which variables of the environment the credentials came from.
    pub credentials: Vec<Credential>,
    /// Variants, in the order they were asked for.
    pub columns: Vec<Column>,
}

/// One variant of a profile: a column of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Label, such as `entra:flag=off`.
    pub label: String,
    /// Id of its profile.
    pub profile: String,
    /// The profile's name for people.
    pub title: String,
    /// Said wherever the profile is shown, if it is no replay of captured traffic.
    pub reconstructed: Option<String>,
    /// Settings, all of them with their value.
    pub settings: Vec<(String, String)>,
    /// Whether its client asks for what the standards offer, all of it.
    pub curious: bool,
    /// Features in the console's words and order.
    pub features: Vec<model::Feature>,
    /// Scenarios in plan order.
    pub scenarios: Vec<Planned>,
}

/// One scenario of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its id.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// Id of the feature it belongs to.
    pub feature: String,
    /// Steps that are about another feature, with its id.
    parts: Vec<(String, String)>,
    /// Why it is not played, if it is not.
    pub skip: Option<String>,
    /// What the target must advertise.
    requires: Vec<String>,
    /// Whether it is played once for each resource type and extension that the target declares.
    for_each_declared: bool,
}

impl Planned {
    fn new(profile: &Profile, id: &str, skip: Option<&String>) -> Self {
        let scenario = profile.scenario(id);
        let steps = scenario.iter().flat_map(|scenario| &scenario.steps);
        Self {
            id: id.to_owned(),
            title: scenario.map_or_else(|| id.to_owned(), |scenario| scenario.title.clone()),
            feature: scenario.map(|scenario| scenario.feature.clone()).unwrap_or_default(),
            parts: steps.filter_map(|step| Some((step.id.clone(), step.feature.clone()?))).collect(),
            skip: skip.cloned(),
            requires: scenario.map(|scenario| scenario.requires.clone()).unwrap_or_default(),
            for_each_declared: scenario.is_some_and(|scenario| scenario.for_each_declared),
        }
    }

    /// The feature that a step is about, also when we read back what it wrote.
    #[must_use]
    pub fn feature_of(&self, step: &str) -> &str {
        let step = step.strip_prefix("read-back/").unwrap_or(step);
        self.parts.iter().find(|(part, _)| part == step).map_or(&self.feature, |(_, feature)| feature)
    }
}

/// What discovery learned, as far as reports tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Features of the service provider configuration; `None`: it does not say.
    pub features: Vec<(&'static str, Option<bool>)>,
    /// Names of the resource types.
    pub types: Vec<String>,
    /// Whether the target published its resource types.
    pub types_published: bool,
    /// Whether the target published its schemas.
    pub schemas_published: bool,
}

/// Verdicts of the whole run, by standing. Those that a known deviation covers are only in `known`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Counts by standing.
    pub verdicts: Counts,
    /// Requests of the clients that were played.
    pub client_requests: u64,
    /// Requests of this tool itself.
    pub own_requests: u64,
}

/// Scenario of a column: column 0 is the run itself (discovery), the variants count from 1; then the place in the plan.
pub type Key = (usize, usize);

/// What turns the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Errors.
    #[default]
    Error,
    /// Warnings too: also new baseline answers and left-overs.
    Warning,
}

/// A run as it went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What is known before the first scenario.
    pub run: Option<Run>,
    /// What is said aloud.
    pub notices: Vec<String>,
    /// What discovery learned.
    pub discovered: Option<Discovered>,
    /// Scenarios that came to an end, rounds together.
    pub scenarios: BTreeMap<Key, Played>,
    /// What was judged of each requirement.
    pub standards: Standards,
    /// What the variants break through as a whole: column, reason.
    pub broken: BTreeMap<usize, String>,
    /// Counts of the run.
    pub totals: Totals,
    /// What clean-up did.
    pub clean_up: Option<CleanUp>,
    /// How the run ended; `None`: it was killed.
    pub end: Option<RunEnd>,
    causes: Causes,
}

impl Report {
    /// Takes an event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started(info) => self.started(info),
            Event::Discovered(facts) => {
                self.discovered = Some(Discovered::of(facts));
                self.standards.learn(facts);
                if let Some(run) = &mut self.run {
                    run.columns.iter_mut().for_each(|column| column.learn(facts));
                }
            }
            Event::Planned(decided) => decided.iter().for_each(|decided| self.decided(decided)),
            Event::ScenarioStarted(_) => {}
            Event::Exchanged(turn) => self.exchanged(&turn.exchange),
            Event::ScenarioEnded(trace, judged) => self.ended(trace, judged),
            Event::Judged(judged) => {
                self.standards.take(judged);
                for verdict in &judged.verdicts {
                    self.verdict(verdict, None);
                }
            }
            Event::CleanedUp(clean_up) => self.clean_up = Some(clean_up.clone()),
            Event::Ended(end) => self.end = Some(RunEnd { took: whole_micros(end.took), ..end.clone() }),
        }
    }

    /// Adds something that is said aloud.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.notices.push(text.into());
    }

    /// Errors, known deviations left out.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.totals.verdicts.errors
    }

    /// Warnings, known deviations left out; new baseline answers are among them, left-overs are not.
    #[must_use]
    pub fn warnings(&self) -> u64 {
        self.totals.verdicts.warnings
    }

    /// Resources that could not be removed.
    #[must_use]
    pub fn left_overs(&self) -> &[LeftOver] {
        self.clean_up.as_ref().map_or(&[], |clean_up| &clean_up.left_over)
    }

    /// How many resources were left on purpose.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.clean_up.as_ref().map_or(0, |clean_up| clean_up.kept)
    }

    /// Known deviations that no longer happen, in words.
    #[must_use]
    pub fn stale(&self) -> &[String] {
        self.end.as_ref().map_or(&[], |end| &end.stale)
    }

    /// What every report says aloud: that a run only read, and the notices of the run.
    #[must_use]
    pub fn said_aloud(&self) -> Vec<String> {
        let read_only = self.run.as_ref().is_some_and(|run| run.read_only).then(|| self.read_only());
        read_only.into_iter().chain(self.notices.iter().cloned()).collect()
    }

    /// A read-only run proves that it was one.
    fn read_only(&self) -> String {
        let refused = self.end.as_ref().map_or(0, |end| end.refused);
        let asked = self.totals.client_requests + self.totals.own_requests;
        let sent = count(asked.saturating_sub(refused), "request");
        format!("read-only: {sent} sent, none of which writes; {} refused", count(refused, "writing request"))
    }

    /// Findings and what could not be known, grouped by cause: the worst first, then in plan order.
    #[must_use]
    pub fn causes(&self) -> Vec<&Cause> {
        self.causes.sorted()
    }

    /// The variants, in the order they were asked for.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        self.run.as_ref().map_or(&[], |run| &run.columns)
    }

    /// Scenarios that were not played: column (from 1), scenario, reason. Also those that the end of the run cut off.
    #[must_use]
    pub fn not_played(&self) -> Vec<(usize, &Planned, &str)> {
        let mut out = Vec::new();
        for (at, column) in self.columns().iter().enumerate() {
            for (row, planned) in column.scenarios.iter().enumerate() {
                if let Some(reason) = &planned.skip {
                    out.push((at + 1, planned, reason.as_str()));
                } else if self.played(at + 1, row).is_none() {
                    out.push((at + 1, planned, self.cut_short()));
                }
            }
        }
        out
    }

    /// What came of a scenario, if a round of it came to an end; columns from 1.
    #[must_use]
    pub fn played(&self, column: usize, row: usize) -> Option<&Played> {
        self.scenarios.get(&(column, row)).filter(|played| played.rounds > 0)
    }

    /// Why a planned scenario was not reached.
    #[must_use]
    pub fn cut_short(&self) -> &'static str {
        match self.end.as_ref().map(|end| &end.cut) {
            Some(Some(Cut::Interrupted)) => "the run was interrupted before",
            Some(Some(Cut::BudgetSpent)) => "the time of the run was spent before",
            Some(Some(Cut::Unreachable(_))) => "the target could not be asked",
            Some(None) | None => "the run ended before",
        }
    }

    /// What the exit code is: the first class that applies of interrupted, not asked, violations, clean.
    #[must_use]
    pub fn exit_class(&self, fail_on: FailOn) -> Exit {
        match self.end.as_ref().map(|end| &end.cut) {
            Some(Some(Cut::Interrupted)) => return Exit::Interrupted,
            Some(Some(Cut::BudgetSpent | Cut::Unreachable(_))) | None => return Exit::Unreachable,
            Some(None) => {}
        }
        if self.nothing_judged() {
            return Exit::Unreachable;
        }
        let mut cells = self.matrix().into_iter().flat_map(|matrix| matrix.rows).flat_map(|row| row.cells);
        let breaks = cells.any(|cell| matches!(cell, Cell::Breaks(_)));
        let warned = fail_on == FailOn::Warning && (self.warnings() > 0 || !self.left_overs().is_empty());
        if self.errors() > 0 || breaks || warned || !self.stale().is_empty() {
            return Exit::Violations;
        }
        Exit::Good
    }

    /// Nothing was played to an end that tells something; a run that says nothing must not pass.
    fn nothing_judged(&self) -> bool {
        let mut ends = self.scenarios.iter().filter(|((column, _), _)| *column > 0);
        ends.all(|(_, played)| played.tells_nothing())
    }

    /// As the console shows it, without colours.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::console::to_text(self)
    }

    fn started(&mut self, info: &RunInfo) {
        self.notices.extend(info.notices.iter().cloned());
        self.run = Some(Run {
            version: info.version.clone(),
            name: info.run.clone(),
            at: info.at,
            target: info.target.clone(),
            embedded: info.embedded,
            seed: info.seed,
            strict: info.strict,
            read_only: info.read_only,
            credentials: info.credentials.clone(),
            columns: info.variants.iter().map(Column::of).collect(),
        });
    }

    fn decided(&mut self, decided: &Decided) {
        let columns = self.run.iter_mut().flat_map(|run| &mut run.columns);
        for column in columns.filter(|column| column.label == decided.label) {
            column.settings.clone_from(&decided.settings);
            for planned in &mut column.scenarios {
                let reason =
                    decided.left_out.iter().find(|(id, _)| *id == planned.id).map(|(_, reason)| reason.clone());
                planned.skip = reason.or(planned.skip.take());
            }
        }
    }

    fn exchanged(&mut self, exchange: &Exchange) {
        match exchange.origin {
            Origin::Client => self.totals.client_requests += 1,
            _ => self.totals.own_requests += 1,
        }
    }

    fn ended(&mut self, trace: &Trace, judged: &Judged) {
        let key = self.key(&trace.place);
        let planned = planned(self.run.as_ref(), key);
        let played = self.scenarios.entry(key).or_default();
        played.rounds += 1;
        played.begun(planned.map_or("", |planned| &planned.feature));
        let client = trace.turns.iter().filter(|turn| turn.exchange.origin == Origin::Client);
        client
            .for_each(|turn| played.begun(planned.map_or("", |planned| planned.feature_of(&turn.exchange.place.step))));
        played.took += trace.turns.iter().map(|turn| whole_micros(turn.exchange.took)).sum::<Duration>();
        match &trace.ending {
            Ending::Played => {}
            Ending::Stuck { step, reason } => played.stuck(trace, judged, step, reason),
            Ending::Undetermined { reason } => {
                played.undetermined_rounds += 1;
                played.cut_off(reason);
            }
        }
        played.rules.add(&judged.tallies, |ruled, tally| ruled.conforms += tally.conforms);
        self.standards.take(judged);
        for verdict in &judged.verdicts {
            self.verdict(verdict, Some(trace));
        }
    }

    fn verdict(&mut self, verdict: &Verdict, trace: Option<&Trace>) {
        let standing = Standing::of(verdict);
        let known = verdict.known.is_some();
        self.totals.verdicts.add(standing, known);
        let key = self.key(&verdict.place);
        let spot = Spot::new(key, &verdict.place);
        self.causes.add(verdict, standing, spot, trace);
        if verdict.place.scenario.is_empty() {
            if let (Some(reason), Standing::Error, false, 1..) = (&verdict.breaks, standing, known, key.0) {
                self.broken.entry(key.0).or_insert_with(|| reason.clone());
            }
        } else {
            let need = trace.is_some_and(|trace| {
                let own = verdict.rule.strip_prefix(&trace.profile.id).and_then(|rest| rest.strip_prefix('/'));
                own.is_some_and(|id| trace.profile.need(id).is_some())
            });
            let feature = planned(self.run.as_ref(), key).map_or("", |planned| planned.feature_of(&verdict.place.step));
            self.scenarios.entry(key).or_default().take(verdict, standing, need, feature);
        }
    }

    /// Where a place stands in the plan.
    fn key(&self, place: &Place) -> Key {
        let Some(column) = self.columns().iter().position(|column| column.label == place.variant) else {
            return (0, 0);
        };
        let scenarios = &self.columns()[column].scenarios;
        let row = scenarios.iter().position(|planned| planned.id == place.scenario);
        (column + 1, row.unwrap_or(scenarios.len()))
    }
}

/// What was planned at a place.
fn planned(run: Option<&Run>, (column, row): Key) -> Option<&Planned> {
    run?.columns.get(column.checked_sub(1)?)?.scenarios.get(row)
}

impl Column {
    fn of(variant: &VariantInfo) -> Self {
        let profile = &variant.profile;
        let planned = |(id, skip): &(String, Option<String>)| Planned::new(profile, id, skip.as_ref());
        Self {
            label: variant.label.clone(),
            profile: profile.id.clone(),
            title: profile.title.clone(),
            reconstructed: profile.reconstructed.clone(),
            settings: variant.settings.clone(),
            curious: profile.traits.curious,
            features: profile.features.clone(),
            scenarios: variant.scenarios.iter().map(planned).collect(),
        }
    }

    /// What discovery makes of the plan: not advertised, or played several times.
    fn learn(&mut self, facts: &Facts) {
        let rows = self.scenarios.drain(..).flat_map(|planned| {
            if planned.skip.is_some() {
                return vec![planned];
            }
            let occasions =
                fit::occasions(&planned.id, &planned.title, &planned.requires, planned.for_each_declared, facts);
            let row = |of: Occasion| Planned { id: of.id, title: of.title, skip: of.skip, ..planned.clone() };
            occasions.into_iter().map(row).collect()
        });
        self.scenarios = rows.collect();
    }

    /// The title of a feature.
    #[must_use]
    pub fn feature_title(&self, id: &str) -> Option<&str> {
        self.features.iter().find(|feature| feature.id == id).map(|feature| feature.title.as_str())
    }
}

impl Discovered {
    fn of(facts: &Arc<Facts>) -> Self {
        use Feature::{Bulk, ChangePassword, Etag, Filter, Patch, Sort};
        let all = [Patch, Bulk, Filter, ChangePassword, Sort, Etag];
        Self {
            features: all.into_iter().map(|feature| (feature.as_str(), facts.supports(feature))).collect(),
            types: facts.types.iter().map(|of| of.name.clone()).collect(),
            types_published: facts.types_published,
            schemas_published: facts.schemas_published,
        }
    }

    /// Whether a feature of the service provider configuration is advertised.
    #[must_use]
    pub fn supports(&self, feature: &str) -> Option<bool> {
        self.features.iter().find(|(name, _)| *name == feature).and_then(|(_, supported)| *supported)
    }
}

/// Durations are kept as transcripts tell them.
fn whole_micros(took: Duration) -> Duration {
    Duration::from_micros(u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
}
