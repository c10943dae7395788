//! Orchestration: pre-flight, discovery, the plan's scenarios side by side, judging, clean-up. Tells everything as events.

mod at_once;
pub mod clean_up;
mod creating;
pub mod discover;
pub mod ledger;
pub mod link;
pub mod ours;
mod react;
pub mod scenario;
pub mod setup;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::event::{CleanUp, Credential, Cut, Decided, Event, RunEnd, RunInfo, VariantInfo};
use crate::exchange::mask::Mask;
use crate::exchange::{FailureKind, Origin, Place};
use crate::facts::Facts;
use crate::plan::{Plan, Planned, PlannedVariant};
use crate::play::cast::Inventor;
use crate::play::map::Map;
use crate::profile::fit::{self, Occasion};
use crate::profile::model::Declared;
use crate::trace::{Ending, Trace, Turn};
use crate::transport::target::BaseUrl;
use crate::transport::{BadOption, Client, ClientOptions};
use crate::verdict::Judged;
use clean_up::Doubt;
use ledger::Ledger;
use link::{Link, Permissions, Sink};
use scenario::{Manner, Play, Played};

/// Consecutive failures to connect after which the target counts as gone.
const GONE_AFTER: u32 = 3;

/// Judges a scenario as soon as it is over.
pub type Judging = Rc<RefCell<dyn FnMut(&Trace, &Facts) -> Judged>>;

/// How a run is done.
pub struct Options {
    /// The target, its credentials and limits.
    pub client: ClientOptions,
    /// Whether the target is the embedded reference provider.
    pub embedded: bool,
    /// Seed, names, check reads.
    pub manner: Manner,
    /// What this target wants otherwise.
    pub map: Map,
    /// Scenarios played side by side.
    pub jobs: usize,
    /// Time for the whole run, clean-up not counted.
    pub budget: Option<Duration>,
    /// How often every scenario is played.
    pub repeat: u32,
    /// What may be sent.
    pub permissions: Permissions,
    /// Where the ledger is kept.
    pub ledger: PathBuf,
    /// What every report says aloud.
    pub notices: Vec<String>,
    /// Which variables of the environment the credentials came from.
    pub credentials: Vec<Credential>,
    /// Judges scenarios.
    pub judging: Judging,
    /// Tells which known deviations no longer happen, at the end.
    pub stale: Box<dyn Fn() -> Vec<String>>,
}

/// Why a run could not begin, or had to end because of the user's own input.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An option of the transport cannot be used.
    #[error("{0}")]
    Option(#[from] BadOption),
    /// The ledger cannot be written; nothing was sent.
    #[error("the ledger {} cannot be written: {error}", path.display())]
    Ledger {
        /// Where it was to be.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// An invented name is on the target already.
    #[error(
        "the invented name {name} is on the target already; an earlier run with seed {seed} may have left it: sweep its ledger, or take another --seed"
    )]
    NameTaken {
        /// The name.
        name: String,
        /// The seed.
        seed: u64,
    },
}

/// Plays a plan. Everything that happens is told to `sink`; `interrupted` ends the run, clean-up is done all the same.
///
/// # Errors
/// The run could not begin, or the user's input turned out to be wrong. What the target does wrong is no error here.
pub async fn run(
    plan: &Plan,
    options: Options,
    interrupted: impl Future<Output = ()>,
    sink: Sink,
) -> Result<(), RunError> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let base = options.client.base.clone();
    let clock = Rc::clone(&options.client.clock);
    let begun = (clock.utc(), clock.now());
    let manner = options.manner;
    let client = Client::new(options.client)?;
    let ledger = Ledger::create(&options.ledger, &manner.run, base.as_str(), begun.0)
        .map_err(|error| RunError::Ledger { path: options.ledger.clone(), error })?;
    let link = Link::new(client, ledger, options.permissions, Mask::new(&manner.run), sink, stopped);
    let read_only = options.permissions.read_only;
    link.tell(&Event::Started(Arc::new(info(
        plan,
        &manner,
        &base,
        (options.embedded, read_only),
        (options.notices, options.credentials),
        begun.0,
    ))));
    let run = Run {
        link: &link,
        base: &base,
        manner: &manner,
        map: &options.map,
        judging: &options.judging,
        cut: RefCell::default(),
        taken: RefCell::default(),
        failures: Cell::new(0),
        stripped: RefCell::default(),
        stop: &stop,
    };
    let budget = async {
        match options.budget {
            Some(budget) => clock.sleep(budget).await,
            None => std::future::pending().await,
        }
    };
    let watch = async {
        tokio::select! {
            () = interrupted => run.end_early(Cut::Interrupted),
            () = budget => run.end_early(Cut::BudgetSpent),
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = run.play(plan, options.jobs.max(1), options.repeat.max(1)) => {}
        () = watch => {}
    }
    run.clean_up(&base).await;
    let cut = run.cut.borrow().clone();
    link.tell(&Event::Ended(RunEnd {
        at: clock.utc(),
        took: clock.now().saturating_sub(begun.1),
        requests: link.requests(),
        refused: link.refusals(),
        cut,
        stale: (options.stale)(),
    }));
    match run.taken.take() {
        Some(name) => Err(RunError::NameTaken { name, seed: manner.seed }),
        None => Ok(()),
    }
}

fn info(
    plan: &Plan,
    manner: &Manner,
    base: &BaseUrl,
    (embedded, read_only): (bool, bool),
    (notices, credentials): (Vec<String>, Vec<Credential>),
    at: jiff::Timestamp,
) -> RunInfo {
    RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: manner.run.clone(),
        at,
        target: base.as_str().to_owned(),
        embedded,
        seed: manner.seed,
        strict: manner.judging.strict,
        read_only,
        notices,
        credentials,
        variants: variants(plan),
    }
}

/// What became of the scenarios that waited for discovery.
fn decisions(before: &Plan, after: &Plan) -> Vec<Decided> {
    let decided = before.variants.iter().zip(&after.variants).map(|(before, after)| {
        let both = before.scenarios.iter().zip(&after.scenarios);
        let waited = both.filter(|(before, _)| before.open && before.skip.is_none()).map(|(_, after)| after);
        let left_out = waited.filter_map(|planned| Some((planned.scenario.id.clone(), planned.skip.clone()?)));
        Decided { label: after.label.clone(), settings: after.settings.clone(), left_out: left_out.collect() }
    });
    decided.collect()
}

fn variants(plan: &Plan) -> Vec<VariantInfo> {
    let told = plan.variants.iter().map(|variant| VariantInfo {
        label: variant.label.clone(),
        profile: variant.stage.profile.clone(),
        settings: variant.settings.clone(),
        scenarios: variant.scenarios.iter().map(|p| (p.scenario.id.clone(), p.skip.clone())).collect(),
    });
    told.collect()
}

struct Run<'a> {
    link: &'a Link,
    base: &'a BaseUrl,
    manner: &'a Manner,
    map: &'a Map,
    judging: &'a Judging,
    cut: RefCell<Option<Cut>>,
    taken: RefCell<Option<String>>,
    failures: Cell<u32>,
    /// Variants that play without the slash at the end of the base URL, because it does not work.
    stripped: RefCell<BTreeSet<String>>,
    stop: &'a tokio::sync::watch::Sender<bool>,
}

impl Run<'_> {
    fn end_early(&self, cut: Cut) {
        self.cut.borrow_mut().get_or_insert(cut);
        self.stop.send_replace(true);
    }

    async fn play(&self, plan: &Plan, jobs: usize, repeat: u32) {
        let probe = format!("{}@{}", Inventor::new(self.manner.seed).at("pre-flight").word(), self.manner.domain);
        let discovered = match discover::discover(self.link, self.base, &probe).await {
            Ok(discovered) => discovered,
            Err(reason) => return self.end_early(Cut::Unreachable(reason)),
        };
        let facts = Arc::new(discovered.facts);
        self.link.tell(&Event::Discovered(facts.clone()));
        let decided = plan.with(|what| match what {
            Declared::Attribute => facts.custom_attribute(),
            Declared::Values => facts.custom_values(),
        });
        if let Some(decided) = &decided {
            self.link.tell(&Event::Planned(decisions(plan, decided).into()));
        }
        let plan = decided.as_ref().unwrap_or(plan);
        if let Some(profile) = plan.variants.first().map(|variant| variant.stage.profile.clone()) {
            let place =
                Place { variant: String::new(), scenario: "discovery".to_owned(), round: 0, step: String::new() };
            let (turns, ending) = (discovered.turns, Ending::Played);
            self.judge(Trace { place, profile, turns, ending, unsettled: Vec::new(), invented: Vec::new() }, &facts);
        }
        for round in 0..repeat {
            for (variant, planned, occasion) in chosen(plan, &facts, |planned| planned.scenario.slash) {
                self.scenario((variant, planned, &occasion), round, &facts).await;
            }
            for (variant, planned, occasion) in chosen(plan, &facts, |planned| planned.alone && !planned.scenario.slash)
            {
                self.scenario((variant, planned, &occasion), round, &facts).await;
            }
        }
        let beside = |planned: &Planned| !planned.alone && !planned.scenario.slash;
        let rounds = (0..repeat).flat_map(|round| chosen(plan, &facts, beside).map(move |chosen| (round, chosen)));
        let playing = rounds.map(|(round, (variant, planned, occasion))| {
            let facts = &facts;
            // In a box: the future of a scenario is large, and is moved several times before it is polled.
            Box::pin(async move { self.scenario((variant, planned, &occasion), round, facts).await })
        });
        stream::iter(playing).buffer_unordered(jobs).for_each(|()| std::future::ready(())).await;
    }

    async fn scenario(
        &self,
        (variant, planned, occasion): (&PlannedVariant, &Planned, &Occasion),
        round: u32,
        facts: &Arc<Facts>,
    ) {
        if self.link.stopped() {
            return;
        }
        let Some(base) = variant_base(self.base, variant) else { return };
        let place = Place { variant: variant.label.clone(), scenario: occasion.id.clone(), round, step: String::new() };
        self.link.tell(&Event::ScenarioStarted(place));
        let stage = (&*variant.stage, variant.label.as_str(), &base);
        let scenario = (planned.scenario.clone(), occasion);
        let play = Play::new(self.link, stage, scenario, self.map, (self.manner, &**facts), round);
        let strip = self.stripped.borrow().contains(&variant.label);
        let Played { trace, name_taken } = play.without_slash(strip).play().await;
        if planned.scenario.slash && base.path().ends_with('/') && trace.turns.iter().any(refused_slash) {
            self.stripped.borrow_mut().insert(variant.label.clone());
        }
        if let Some(name) = name_taken {
            self.taken.borrow_mut().get_or_insert(name);
            self.stop.send_replace(true);
        }
        self.watch_reach(&trace);
        self.judge(trace, facts);
    }

    /// A target that has gone away is not asked two hundred times.
    fn watch_reach(&self, trace: &Trace) {
        for turn in &trace.turns {
            match &turn.exchange.got {
                Err(failure)
                    if matches!(
                        failure.kind,
                        FailureKind::Connect | FailureKind::Name | FailureKind::Tls | FailureKind::Credentials
                    ) =>
                {
                    self.failures.set(self.failures.get() + 1);
                    if self.failures.get() >= GONE_AFTER {
                        self.end_early(Cut::Unreachable(failure.detail.clone()));
                    }
                }
                _ => self.failures.set(0),
            }
        }
    }

    fn judge(&self, trace: Trace, facts: &Facts) {
        let judged = (self.judging.borrow_mut())(&trace, facts);
        self.link.tell(&Event::ScenarioEnded(Arc::new(trace), Arc::new(judged)));
    }

    async fn clean_up(&self, base: &BaseUrl) {
        let created = usize::try_from(self.link.ledger.created_at_most()).unwrap_or(usize::MAX);
        if self.manner.keep {
            let kept = self.link.ledger.still_there().len();
            let (removed, left_over) = (created - kept, Vec::new());
            return self.link.tell(&Event::CleanedUp(CleanUp { created, removed, kept, left_over }));
        }
        // With a seed that was used before, a name may be of that run.
        let doubt = Doubt { names: self.taken.borrow().is_some(), ids: false };
        let _: Vec<Turn> = clean_up::sweep(self.link, base, doubt).await;
        let left_over = clean_up::left_overs(self.link);
        let removed = created - left_over.len();
        self.link.tell(&Event::CleanedUp(CleanUp { created, removed, kept: 0, left_over }));
    }
}

/// What is played of a plan, on every occasion that the target gives.
fn chosen<'p>(
    plan: &'p Plan,
    facts: &'p Facts,
    which: impl Fn(&Planned) -> bool + 'p,
) -> impl Iterator<Item = (&'p PlannedVariant, &'p Planned, Occasion)> {
    let all = plan.variants.iter().flat_map(|variant| variant.scenarios.iter().map(move |planned| (variant, planned)));
    let played = all.filter(move |(_, planned)| planned.skip.is_none() && which(planned));
    played.flat_map(move |(variant, planned)| {
        let occasions = fit::of(&planned.scenario, facts).into_iter().filter(|occasion| occasion.skip.is_none());
        occasions.map(move |occasion| (variant, planned, occasion))
    })
}

/// Whether a request with two slashes was not answered as one with one slash is.
fn refused_slash(turn: &Turn) -> bool {
    turn.exchange.origin == Origin::Client && !turn.exchange.succeeded()
}

/// The base URL as the administrator types it for a variant: with the variant's own query, unless it has one already.
fn variant_base(base: &BaseUrl, variant: &PlannedVariant) -> Option<BaseUrl> {
    let own = &variant.stage.own_query;
    if own.is_empty() || base.query().is_some() {
        return Some(base.clone());
    }
    BaseUrl::parse(&format!("{}?{own}", base.as_str())).ok()
}
