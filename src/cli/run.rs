//! `scimproof run`.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::args::RunArgs;
use super::progress::Progress;
use super::target::{client_options, notices, proxy, variables};
use super::{baseline, config, failed, output, print};
use crate::check::Options as Judging;
use crate::document::Problem;
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::exchange::secret::Secret;
use crate::plan::possible::can_happen;
use crate::plan::selection::Selection;
use crate::plan::{Plan, Terms};
use crate::play::map::Map;
use crate::profile::model::Step;
use crate::profile::reference::Variant;
use crate::reference::{Options as ProviderOptions, Provider};
use crate::report::Fan;
use crate::report::text::count;
use crate::run::link::Permissions;
use crate::run::{self, RunError};
use crate::session::{self, Bench, block_on};
use crate::snapshot::Baseline;
use crate::snapshot::store::Store;
use crate::transcript;
use crate::transport::auth::{Source, Token};
use crate::transport::target::BaseUrl;
use crate::transport::{Client, stays_here};
use crate::verdict::deviation::Deviations;

pub(super) fn run(args: RunArgs) -> Result<Exit, Error> {
    block_on(start(args, Audience::terminal())).map_err(failed("runtime"))?
}

/// Who is told of a run, beside the files that were asked for.
pub(super) struct Audience {
    stdout: Box<dyn Write>,
    listener: Listener,
}

/// Hears every event.
type Listener = Box<dyn FnMut(&Event)>;

impl Audience {
    /// Whoever reads standard output.
    pub(super) fn terminal() -> Self {
        Self { stdout: Box::new(std::io::stdout()), listener: Box::new(|_| {}) }
    }

    /// This listener, and nobody at the terminal.
    pub(super) fn only(listener: impl FnMut(&Event) + 'static) -> Self {
        Self { stdout: Box::new(std::io::sink()), listener: Box::new(listener) }
    }
}

/// Everything that can be wrong before anything is sent.
struct Prepared {
    plan: Plan,
    map: Map,
    deviations: Deviations,
    selection: Selection,
}

/// Plays as the command line says.
pub(super) async fn start(args: RunArgs, audience: Audience) -> Result<Exit, Error> {
    if args.update_baseline {
        baseline::only_where_people_look()?;
    }
    let (prepared, asked) = prepare(&args)?;
    if args.list {
        print(&listed(&prepared.plan))?;
        return Ok(Exit::Good);
    }
    // The embedded provider asks for a token like any other, so that a wrong one is refused there too.
    let token = Secret::new(session::run_name());
    let provider = if asked.is_some() {
        None
    } else {
        let options = ProviderOptions { token: Some(token.clone()), ..ProviderOptions::default() };
        Some(Provider::start(options).map_err(failed("the embedded reference provider"))?)
    };
    let base = match (asked, &provider) {
        (Some(base), _) => base,
        (None, Some(provider)) => {
            BaseUrl::parse(&provider.base_url()).map_err(|error| Error::Usage(error.to_string()))?
        }
        (None, None) => return Err(Error::Usage("there is no target".to_owned())),
    };
    confirm(&args, &base, &prepared.plan)?;
    let fan = output::fan(&args.report, audience.stdout)?;
    let provider = provider.map(|provider| (provider, token));
    Box::pin(play(args, prepared, base, provider, (fan, audience.listener))).await
}

/// What is wrong, all of it, before the user is told.
#[derive(Default)]
struct Complaints {
    problems: Vec<Problem>,
    usage: Vec<String>,
}

impl Complaints {
    fn of<T: Default>(&mut self, result: Result<T, impl Into<Error>>) -> T {
        result.unwrap_or_else(|error| {
            match error.into() {
                Error::Problems(more) => self.problems.extend(more),
                Error::Usage(text) | Error::Unreachable(text) => self.usage.push(text),
            }
            T::default()
        })
    }

    fn told(mut self) -> Result<(), Error> {
        if self.problems.is_empty() && self.usage.is_empty() {
            return Ok(());
        }
        if self.problems.is_empty() {
            return Err(Error::Usage(self.usage.join("\nerror: ")));
        }
        self.problems.extend(self.usage.into_iter().map(Problem::outside));
        Err(Error::Problems(self.problems))
    }
}

fn prepare(args: &RunArgs) -> Result<(Prepared, Option<BaseUrl>), Error> {
    let mut complaints = Complaints::default();
    let wrong = |error: &dyn std::fmt::Display| Error::Usage(error.to_string());
    let base = args.target.target.as_ref().map(|url| BaseUrl::parse(url)).transpose();
    let base = complaints.of(base.map_err(|error| wrong(&error)));
    let query = base.as_ref().and_then(BaseUrl::query);
    let chosen = complaints.of(session::choose(&args.profiles, &args.profile_dir, query));
    let map = complaints.of(file(args.map.as_deref(), Map::parse));
    let deviations = complaints.of(file(args.known.as_deref(), Deviations::parse));
    let rerun = args.rerun.as_deref().map(transcript::failed_scenarios).transpose();
    let rerun = complaints.of(rerun.map_err(|error| wrong(&error)));
    if !args.list {
        complaints.of(usable(args, base.as_ref()));
    }
    let selection = Selection { only: args.only.clone(), skip: args.skip.clone() };
    if !chosen.is_empty() {
        complaints.usage.extend(unknown_ids(&selection, &chosen));
    }
    complaints.told()?;
    let terms =
        Terms { selection: selection.clone(), read_only: args.read_only, base_query: query.map(str::to_owned), rerun };
    let plan = Plan::new(chosen.into_iter().map(|v| (v.label, v.profile, v.settings)), &terms)
        .map_err(|(profile, error)| Error::Usage(format!("profile {profile}: {error}")))?;
    Ok((Prepared { plan, map, deviations, selection }, base))
}

/// Whether credentials and certificates can be used. A client is made for its complaints: they must not cost the reports
/// of the last run.
fn usable(args: &RunArgs, base: Option<&BaseUrl>) -> Result<(), Error> {
    let any = BaseUrl::parse("http://127.0.0.1/").map_err(|error| Error::Usage(error.to_string()))?;
    let options = client_options(&args.target, base.unwrap_or(&any).clone(), args.read_only)?;
    Client::new(options).map(drop).map_err(|error| Error::Usage(error.to_string()))
}

fn file<T: Default>(
    path: Option<&Path>,
    parse: impl FnOnce(crate::document::Document) -> Result<T, Vec<Problem>>,
) -> Result<T, Vec<Problem>> {
    match path {
        Some(path) => parse(config::document(path)?),
        None => Ok(T::default()),
    }
}

/// `--only` and `--skip` that select nothing at all.
fn unknown_ids(selection: &Selection, variants: &[Variant]) -> Vec<String> {
    let mut ids: Vec<String> = crate::check::all().map(|check| check.id.to_owned()).collect();
    ids.extend(["baseline/new", "baseline/changed"].map(str::to_owned));
    for variant in variants {
        ids.extend(variant.profile.needs.iter().map(|need| format!("{}/{}", variant.profile.id, need.id)));
        for scenario in &variant.profile.scenarios {
            ids.extend(Selection::ids(&variant.label, &variant.profile.id, scenario));
            let steps = scenario.steps.iter().map(|step| format!("{}/{}/{}", variant.label, scenario.id, step.id));
            ids.extend(steps);
        }
    }
    let selects_some = |wanted: &&String| ids.iter().any(|id| crate::plan::selection::selects(wanted, id));
    let flags = [("--only", &selection.only), ("--skip", &selection.skip)];
    let mut out = Vec::new();
    for (flag, wanted) in flags {
        for id in wanted.iter().filter(|wanted| !selects_some(wanted)) {
            let near = crate::document::nearest(id, ids.iter()).map_or_else(
                || "the id of a profile, scenario, step or check (`--list` shows them)".to_owned(),
                |near| format!("perhaps `{near}`"),
            );
            out.push(format!("{flag} {id}: nothing has this id; expected {near}"));
        }
    }
    out
}

fn listed(plan: &Plan) -> String {
    let mut out = String::new();
    for variant in &plan.variants {
        out.push_str(&format!("{}\n", variant.label));
        for planned in &variant.scenarios {
            let scenario = &planned.scenario;
            let reason = match &planned.skip {
                Some(reason) => format!("  (not played: {reason})"),
                None if planned.open => "  (where the target declares such an attribute for users)".to_owned(),
                None => String::new(),
            };
            out.push_str(&format!("  {:<32} {}{reason}\n", scenario.id, scenario.title));
            let happens = |step: &&Step| planned.skip.is_none() && can_happen(&variant.stage, scenario, step);
            for step in scenario.steps.iter().filter(happens) {
                let target = step.target.split('?').next().unwrap_or_default();
                out.push_str(&format!("    {:<30} {} {target}\n", step.id, step.method));
            }
        }
    }
    let (users, groups) = plan.creates_at_most();
    let scenarios = plan.played();
    let played = count(scenarios as u64, "scenario");
    out.push_str(&format!("{played}; at most {} are created\n", people(users, groups)));
    out
}

fn people(users: u64, groups: u64) -> String {
    format!("{} and {}", count(users, "user"), count(groups, "group"))
}

/// Before the first write to somebody's endpoint: what will be created, and whether that is wanted.
fn confirm(args: &RunArgs, base: &BaseUrl, plan: &Plan) -> Result<(), Error> {
    let (users, groups) = plan.creates_at_most();
    let rounds = u64::from(args.repeat);
    if stays_here(base, &proxy(&args.target)) || args.read_only || users + groups == 0 {
        return Ok(());
    }
    let then = if args.keep { "leaves them there, as asked" } else { "removes them again" };
    let what = format!("this run creates at most {} on {base}, and {then}", people(users * rounds, groups * rounds));
    let mut stderr = anstream::stderr();
    if args.yes {
        return writeln!(stderr, "{what}").map_err(failed("stderr"));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::Usage(format!("{what}; without a terminal to ask at, it needs --yes")));
    }
    write!(stderr, "{what}. Go on? [y/N] ").and_then(|()| stderr.flush()).map_err(failed("stderr"))?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(failed("stdin"))?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(Error::Usage("nothing was sent".to_owned()))
    }
}

async fn play(
    args: RunArgs,
    prepared: Prepared,
    base: BaseUrl,
    provider: Option<(Provider, Secret)>,
    (mut fan, mut listener): (Fan, Listener),
) -> Result<Exit, Error> {
    let mut client = client_options(&args.target, base.clone(), args.read_only)?;
    let embedded = provider.is_some();
    if let Some((_, token)) = &provider {
        client.credentials.source = Source::Bearer(Token::Value(token.clone()));
    }
    let seed = args.seed.unwrap_or_else(session::random_seed);
    let name = session::run_name();
    let judging = Judging { strict: args.strict, base: base.as_str().to_owned(), loopback: base.is_loopback() };
    let baseline = args.baseline.as_deref().map(|folder| Baseline::new(Store::new(folder), args.update_baseline));
    let mut notices = notices(&args.target, embedded);
    if let Some(map) = args.map.as_ref().filter(|_| !prepared.map.is_empty()) {
        notices.push(format!("requests were changed by {}: they are not the client's to the byte", map.display()));
    }
    let bench = Bench::new(judging.clone(), prepared.selection, prepared.deviations, baseline);
    let (judge, stale) = session::shared(bench);
    let ledger = args.ledger.clone().unwrap_or_else(|| default_ledger(&name, embedded));
    if !embedded {
        writeln!(anstream::stderr(), "ledger: {}", ledger.display()).map_err(failed("stderr"))?;
    }
    let mut manner = session::manner(seed, name, judging);
    manner.domain = args.email_domain.clone();
    manner.check_reads = !args.no_check_reads;
    manner.settle = args.settle;
    if let Some(budget) = args.budget {
        manner.longest_wait = budget;
    }
    manner.keep = args.keep;
    let options = run::Options {
        client,
        embedded,
        manner,
        map: prepared.map,
        jobs: usize::from(args.jobs),
        budget: args.budget,
        repeat: args.repeat,
        permissions: Permissions { read_only: args.read_only, dangerous: args.dangerous },
        ledger: ledger.clone(),
        notices,
        credentials: variables(&args.target),
        judging: judge,
        stale,
    };
    fan.set_ledger((!embedded).then(|| ledger.clone()));
    let fan = Rc::new(RefCell::new(fan));
    let told = Rc::clone(&fan);
    let mut progress = Progress::new(prepared.plan.played() as u64 * u64::from(args.repeat));
    let sink = Rc::new(RefCell::new(move |event: &Event| {
        progress.event(event);
        listener(event);
        told.borrow_mut().event(event);
    }));
    let ran = tokio::select! {
        ran = run::run(&prepared.plan, options, interrupted(), sink) => ran,
        () = interrupted_twice() => {
            let text = format!("interrupted a second time: clean-up was not finished; scimproof sweep {}", ledger.display());
            writeln!(anstream::stderr(), "{text}").map_err(failed("stderr"))?;
            return Ok(Exit::Interrupted);
        }
    };
    let mut fan = fan.borrow_mut();
    // A run that did not begin has nothing to report but its error.
    if fan.report().run.is_some() {
        fan.finish();
    }
    finish(ran, &fan, &ledger, args.ledger.is_none())
}

fn finish(ran: Result<(), RunError>, fan: &Fan, ledger: &Path, ours: bool) -> Result<Exit, Error> {
    let clean = fan.report().left_overs().is_empty() && fan.report().kept() == 0;
    if ours && clean && ledger.exists() {
        // Nothing is left that it could help to remove.
        std::fs::remove_file(ledger).map_err(failed(&ledger.display().to_string()))?;
    }
    match ran {
        Err(error) => Err(Error::Usage(error.to_string())),
        Ok(()) if !fan.failures().is_empty() => Err(Error::Usage(fan.failures().join("\nerror: "))),
        Ok(()) => Ok(fan.exit()),
    }
}

fn default_ledger(name: &str, embedded: bool) -> PathBuf {
    let file = format!("{name}.ndjson");
    if embedded {
        return std::env::temp_dir().join(format!("scimproof-{file}"));
    }
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state.or(home).unwrap_or_else(std::env::temp_dir).join("scimproof").join(file)
}

/// Ctrl-C or SIGTERM.
pub(super) async fn interrupted() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = tokio::signal::ctrl_c() => if ended.is_err() { std::future::pending().await },
        () = terminated => {}
    }
}

async fn interrupted_twice() {
    interrupted().await;
    interrupted().await;
}
