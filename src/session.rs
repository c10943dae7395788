//! A run as a value: what to play against what, and the report that came of it. The command line and tests of a server
//! (`cargo test` with scimproof as a dev-dependency) both begin here.
//!
//! ```no_run
//! let report = scimproof::session::Session::against("http://127.0.0.1:8080/scim/v2")
//!     .profile("okta")
//!     .bearer("the token that my server under test expects")
//!     .play()?;
//! assert_eq!(report.errors(), 0, "{}", report.to_text());
//! # Ok::<(), scimproof::session::SessionError>(())
//! ```

use std::cell::RefCell;
use std::future::Future;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::check::Options as Judging;
use crate::error::Error;
use crate::event::{Event, Reporter};
use crate::exchange::secret::Secret;
use crate::facts::Facts;
use crate::plan::selection::Selection;
use crate::plan::{Plan, Terms};
use crate::play::cast::Inventor;
use crate::play::map::Map;
use crate::profile::catalogue;
use crate::profile::model::Profile;
use crate::profile::reference::{self, Variant};
use crate::reference as provider;
use crate::report::model::Report;
use crate::run::link::Permissions;
use crate::run::scenario::Manner;
use crate::run::{self, RunError};
use crate::snapshot::Baseline;
use crate::trace::Trace;
use crate::transport::auth::{Source, Token};
use crate::transport::target::BaseUrl;
use crate::transport::{BadOption, ClientOptions};
use crate::verdict::deviation::Deviations;
use crate::verdict::{Judged, judge};

/// How long an old state may be read after a write.
const SETTLE: Duration = Duration::from_secs(2);

/// Judges scenarios the way a run or a `judge` wants it: checks, then the baseline, then what was selected, then known
/// deviations.
#[derive(Debug, Default)]
pub struct Bench {
    /// How to judge.
    pub options: Judging,
    /// Which verdicts count.
    pub selection: Selection,
    /// Accepted deviations.
    pub deviations: Deviations,
    /// The baseline to compare with.
    pub baseline: Option<Baseline>,
}

impl Bench {
    /// A bench without a baseline.
    #[must_use]
    pub fn new(options: Judging, selection: Selection, deviations: Deviations, baseline: Option<Baseline>) -> Self {
        Self { options, selection, deviations, baseline }
    }

    /// Judges one scenario.
    pub fn judge(&mut self, trace: &Trace, facts: &Facts) -> Judged {
        let mut judged = judge::scenario(trace, facts, &self.options);
        if let Some(baseline) = &self.baseline {
            baseline.compare(trace, &mut judged);
        }
        self.select(trace, &mut judged);
        self.deviations.apply(&mut judged, trace);
        judged
    }

    fn select(&self, trace: &Trace, judged: &mut Judged) {
        if !self.selection.leaves_out() {
            return;
        }
        let (label, profile) = (&trace.place.variant, &trace.profile.id);
        judged.verdicts.retain(|verdict| {
            let place = &verdict.place;
            self.selection.judges(&verdict.rule, label, profile, &place.scenario, &place.step)
        });
        judged.tallies.retain(|rule| self.selection.judges(rule, label, profile, &trace.place.scenario, ""));
    }

    /// Known deviations that no longer happen although their check was judged, in words.
    #[must_use]
    pub fn stale(&self) -> Vec<String> {
        self.deviations.stale()
    }
}

/// A bench as the run takes it: the judging, and what is stale at the end.
#[must_use]
pub fn shared(bench: Bench) -> (run::Judging, Box<dyn Fn() -> Vec<String>>) {
    let bench = Rc::new(RefCell::new(bench));
    let judging = Rc::clone(&bench);
    let judging: run::Judging =
        Rc::new(RefCell::new(move |trace: &Trace, facts: &Facts| judging.borrow_mut().judge(trace, facts)));
    (judging, Box::new(move || bench.borrow().stale()))
}

/// Why a session gave no report.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A profile cannot be used.
    #[error("{0}")]
    Profile(String),
    /// An option cannot be used.
    #[error("{0}")]
    Option(#[from] BadOption),
    /// The run could not begin.
    #[error("{0}")]
    Run(#[from] RunError),
    /// The embedded provider, the runtime, or a file failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A run to be made from code. The target should be on loopback: nobody is asked before it is written to.
#[derive(Clone, Debug)]
pub struct Session {
    target: Option<String>,
    profiles: Vec<String>,
    folders: Vec<PathBuf>,
    token: Option<Secret>,
    seed: u64,
    strict: bool,
    jobs: usize,
    repeat: u32,
    selection: Selection,
    ledger: Option<PathBuf>,
    faults: Vec<&'static provider::fault::Fault>,
    settle: Duration,
    time_out: Option<Duration>,
}

impl Session {
    /// Against an endpoint.
    #[must_use]
    pub fn against(base_url: impl Into<String>) -> Self {
        Self { target: Some(base_url.into()), ..Self::embedded() }
    }

    /// Against the embedded reference provider.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            target: None,
            profiles: Vec::new(),
            folders: Vec::new(),
            token: None,
            seed: 1,
            strict: false,
            jobs: 4,
            repeat: 1,
            selection: Selection::default(),
            ledger: None,
            faults: Vec::new(),
            settle: SETTLE,
            time_out: None,
        }
    }

    /// Plays this profile (`okta`, `entra:flag=off`); called again, that one too. None: all that are played by default.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profiles.push(profile.into());
        self
    }

    /// Plays the profile in this folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Sends this bearer token.
    #[must_use]
    pub fn bearer(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token.into()));
        self
    }

    /// Seed of every invented name; 1 by default, so that a test meets the same people again.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Judges ambiguous places of the RFCs by their strict reading.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Scenarios played side by side; 4 by default.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs;
        self
    }

    /// Plays every scenario this often.
    #[must_use]
    pub fn repeat(mut self, repeat: u32) -> Self {
        self.repeat = repeat;
        self
    }

    /// Plays or judges only these ids (see `--only`).
    #[must_use]
    pub fn only(mut self, id: impl Into<String>) -> Self {
        self.selection.only.push(id.into());
        self
    }

    /// Keeps the list of what was created here instead of in the folder for temporary files.
    #[must_use]
    pub fn ledger(mut self, path: impl Into<PathBuf>) -> Self {
        self.ledger = Some(path.into());
        self
    }

    /// How long an old state may be read after a write; 2 s by default.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// How long one request may take.
    #[must_use]
    pub fn time_out(mut self, time: Duration) -> Self {
        self.time_out = Some(time);
        self
    }

    /// Lets the embedded provider misbehave, or differ, in this way too.
    #[must_use]
    pub fn fault(mut self, fault: &'static provider::fault::Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Plays, on a thread and runtime of its own, so that it can be called from any test.
    ///
    /// # Errors
    /// A profile or option cannot be used, or the run could not begin. What the endpoint does wrong is in the report.
    pub fn play(self) -> Result<Report, SessionError> {
        self.play_with(Vec::new())
    }

    /// Plays, and tells every event to further reporters.
    ///
    /// # Errors
    /// As [`Session::play`].
    pub fn play_with(self, reporters: Vec<Box<dyn Reporter + Send>>) -> Result<Report, SessionError> {
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let local = tokio::task::LocalSet::new();
            let mut reporters = reporters;
            local.block_on(&runtime, async move {
                let report = Rc::new(RefCell::new(Report::default()));
                let fold = Rc::clone(&report);
                let sink = Rc::new(RefCell::new(move |event: &Event| {
                    fold.borrow_mut().apply(event);
                    for reporter in &mut reporters {
                        // A report that cannot be written does not stop the run; its writer knows.
                        let _: std::io::Result<()> = reporter.event(event);
                    }
                }));
                self.play_here(sink).await?;
                Ok(report.take())
            })
        };
        match std::thread::spawn(work).join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    async fn play_here(self, sink: run::link::Sink) -> Result<(), SessionError> {
        let embedded = if self.target.is_some() {
            None
        } else {
            let options = provider::Options {
                token: self.token.clone(),
                faults: self.faults.clone(),
                ..provider::Options::default()
            };
            Some(provider::Provider::start(options)?)
        };
        let target = match (&self.target, &embedded) {
            (Some(target), _) => target.clone(),
            (None, Some(provider)) => provider.base_url(),
            (None, None) => String::new(),
        };
        let base = BaseUrl::parse(&target)?;
        let chosen = choose(&self.profiles, &self.folders, base.query())
            .map_err(|error| SessionError::Profile(error.to_string()))?;
        let terms = Terms {
            selection: self.selection.clone(),
            base_query: base.query().map(str::to_owned),
            ..Terms::default()
        };
        let plan = Plan::new(chosen.into_iter().map(|v| (v.label, v.profile, v.settings)), &terms)
            .map_err(|(profile, error)| SessionError::Profile(format!("{profile}: {error}")))?;
        let mut client = ClientOptions::new(base.clone());
        if let Some(token) = &self.token {
            client.credentials.source = Source::Bearer(Token::Value(token.clone()));
        }
        if let Some(time) = self.time_out {
            client.limits.request_time = time;
        }
        let judging = Judging { strict: self.strict, base: target, loopback: base.is_loopback() };
        let bench = Bench::new(judging.clone(), self.selection, Deviations::default(), None);
        let (judge, stale) = shared(bench);
        let name = run_name();
        let ledger = self.ledger.unwrap_or_else(|| std::env::temp_dir().join(format!("scimproof-{name}.ndjson")));
        let options = run::Options {
            client,
            embedded: embedded.is_some(),
            manner: Manner { settle: self.settle, ..manner(self.seed, name, judging) },
            map: Map::default(),
            jobs: self.jobs,
            budget: None,
            repeat: self.repeat,
            permissions: Permissions::default(),
            ledger: ledger.clone(),
            notices: Vec::new(),
            credentials: Vec::new(),
            judging: judge,
            stale,
        };
        run::run(&plan, options, std::future::pending(), sink).await?;
        std::fs::remove_file(ledger)?;
        Ok(())
    }
}

/// How scenarios are played when nothing else is said.
#[must_use]
pub fn manner(seed: u64, run: String, judging: Judging) -> Manner {
    Manner {
        seed,
        run,
        domain: "example.com".to_owned(),
        check_reads: true,
        settle: SETTLE,
        keep: false,
        longest_wait: Duration::from_mins(1),
        max_pages: 50,
        judging,
    }
}

/// A random seed.
#[must_use]
pub fn random_seed() -> u64 {
    // Seven digits are enough to differ, and can be typed.
    getrandom::u64().unwrap_or(1) % 10_000_000
}

/// A random name for a run.
#[must_use]
pub fn run_name() -> String {
    Inventor::new(getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()))).word()
}

/// Runs a future to its end on a runtime of one thread, as everything here wants it.
///
/// # Errors
/// The runtime cannot be made.
pub fn block_on<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(tokio::task::LocalSet::new().block_on(&runtime, future))
}

/// The variants that references (`okta:app=aiw`) and folders with profiles mean. Nothing named: the folders' own, or else
/// every built-in profile that is played by default.
///
/// # Errors
/// Every reference that means nothing, every problem of a folder.
pub fn choose(references: &[String], folders: &[PathBuf], query: Option<&str>) -> Result<Vec<Variant>, Error> {
    let (mut problems, mut own, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for folder in folders {
        match catalogue::from_dir(folder) {
            Ok(profile) => own.push(Arc::new(profile)),
            Err(more) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let mut named: Vec<(Arc<Profile>, &str)> = Vec::new();
    let known = catalogue::builtin_ids().into_iter().map(str::to_owned);
    let known: Vec<String> = own.iter().map(|profile| profile.id.clone()).chain(known).collect();
    for text in references {
        let (id, said) = reference::split(text);
        let found = own.iter().find(|profile| profile.id == id).cloned().map(Ok).or_else(|| catalogue::builtin(id));
        match found {
            Some(Ok(profile)) => named.push((profile, said)),
            Some(Err(more)) => problems.extend(more),
            None => wrong.push(reference::unknown_profile(id, &known)),
        }
    }
    if references.is_empty() {
        named = own.iter().map(|profile| (Arc::clone(profile), "")).collect();
        if named.is_empty() {
            let builtin = ["okta", "entra", "jumpcloud"].into_iter().filter_map(catalogue::builtin);
            named = builtin.filter_map(Result::ok).map(|profile| (profile, "")).collect();
        }
    }
    let mut out = Vec::new();
    for (profile, said) in named {
        match reference::variants(&profile, said, query) {
            Ok(variants) => out.extend(variants),
            Err(error) => wrong.push(error),
        }
    }
    match (problems.is_empty(), wrong.is_empty()) {
        (true, true) => Ok(out),
        (true, false) => Err(Error::Usage(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nerror: "))),
        (false, _) => Err(Error::Problems(problems)),
    }
}
