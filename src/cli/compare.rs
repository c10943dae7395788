//! `scimproof compare`: what got better, what got worse, which answers differ. A side is a recorded run, or a target that
//! is played now, with the profiles and the people of the other side.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;

use clap::Parser;

use super::args::{Cli, Command, CompareArgs, FailOn, RunArgs};
use super::run::{Audience, start};
use super::{config, failed, output, print, retell};
use crate::compare::{Comparison, Side};
use crate::error::{Error, Exit};
use crate::event::{Cut, Event};
use crate::session::{self, block_on};

pub(super) fn compare(args: &CompareArgs) -> Result<Exit, Error> {
    let (mut before, mut after) = (source(&args.before, args)?, source(&args.after, args)?);
    if !args.run.is_empty() && matches!((&before, &after), (Source::Recorded(_), Source::Recorded(_))) {
        let text = "what stands behind -- is for a target that is played, and both sides are recorded";
        return Err(Error::Usage(text.to_owned()));
    }
    let sides = match (&mut before, &mut after) {
        (Source::Recorded(before), Source::Recorded(after)) => Ok((recorded(before, args)?, recorded(after, args)?)),
        (Source::Recorded(before), Source::Live(after)) => {
            let before = recorded(before, args)?;
            as_recorded(after, &before);
            live(after)?.map(|after| (before, after))
        }
        (Source::Live(before), Source::Recorded(after)) => {
            let after = recorded(after, args)?;
            as_recorded(before, &after);
            live(before)?.map(|before| (before, after))
        }
        (Source::Live(before), Source::Live(after)) => {
            before.seed = before.seed.or(after.seed).or_else(|| Some(session::random_seed()));
            as_the_other(after, before);
            match live(before)? {
                Ok(before) => live(after)?.map(|after| (before, after)),
                Err(exit) => Err(exit),
            }
        }
    };
    let (before, after) = match sides {
        Ok(sides) => sides,
        Err(exit) => return Ok(exit),
    };
    let comparison = Comparison::of(&before, &after);
    let style = output::style(args.verbose, args.color);
    print(&comparison.to_text(style))?;
    let worse = comparison.is_worse(args.fail_on == FailOn::Warning);
    Ok(if worse { Exit::Violations } else { Exit::Good })
}

/// Where a side comes from.
enum Source<'a> {
    Recorded(&'a Path),
    Live(Box<RunArgs>),
}

/// A URL is played, a file is read, any other name is a target's.
fn source<'a>(name: &'a str, args: &'a CompareArgs) -> Result<Source<'a>, Error> {
    let configured = args.run.iter().any(|arg| arg.starts_with("--config"));
    let target = name.contains("://") || !Path::new(name).exists() && (configured || Path::new(config::FILE).exists());
    if !target {
        return Ok(Source::Recorded(Path::new(name)));
    }
    let line = ["scimproof".to_owned(), "run".to_owned(), format!("--target={name}")];
    let line: Vec<OsString> = line.into_iter().chain(args.run.iter().cloned()).map(OsString::from).collect();
    let cli = Cli::try_parse_from(config::expand(line)?).map_err(|error| {
        let text = error.to_string();
        Error::Usage(format!("behind --: {}", text.trim_start_matches("error: ").trim_end()))
    })?;
    let Command::Run(mut run) = cli.command else {
        return Err(Error::Usage("behind -- stand profiles and options of `run`".to_owned()));
    };
    if run.list || run.keep || run.rerun.is_some() {
        return Err(Error::Usage("--list, --keep and --rerun make no sense for a comparison".to_owned()));
    }
    // What a target's own runs write is theirs.
    run.report.reports.clear();
    (run.baseline, run.update_baseline, run.ledger) = (None, false, None);
    run.known = args.known.clone().or(run.known);
    Ok(Source::Live(run))
}

fn recorded(path: &Path, args: &CompareArgs) -> Result<Side, Error> {
    let mut side = Side::default();
    retell::tell(path, args.known.as_deref(), &mut |event| side.apply(event))?;
    Ok(side)
}

/// Plays a target; the exit code instead if nothing can be said of it.
fn live(run: &RunArgs) -> Result<Result<Side, Exit>, Error> {
    let side = Rc::new(RefCell::new(Side::default()));
    let told = Rc::clone(&side);
    let audience = Audience::only(move |event: &Event| told.borrow_mut().apply(event));
    let exit = block_on(start(run.clone(), audience)).map_err(failed("runtime"))??;
    let side = side.take();
    Ok(match exit {
        Exit::Good | Exit::Violations => Ok(side),
        Exit::Unreachable => {
            let target = run.target.target.as_deref().unwrap_or_default();
            let why = match side.report.end.as_ref().and_then(|end| end.cut.as_ref()) {
                Some(Cut::Unreachable(why)) => why,
                Some(_) => "the time of the run was spent",
                None => "nothing could be judged",
            };
            return Err(Error::Unreachable(format!("{target}: {why}")));
        }
        Exit::Usage | Exit::Interrupted => Err(exit),
    })
}

/// With the profiles and the people of a recorded run, where nothing else was said.
fn as_recorded(run: &mut RunArgs, other: &Side) {
    let Some(info) = &other.report.run else { return };
    run.seed = run.seed.or(Some(info.seed));
    if run.profiles.is_empty() && run.profile_dir.is_empty() {
        run.profiles = other.report.columns().iter().map(|column| column.label.clone()).collect();
    }
}

/// The same game with another target.
fn as_the_other(run: &mut RunArgs, other: &RunArgs) {
    let RunArgs { profiles, profile_dir, only, skip, seed, strict, repeat, no_check_reads, .. } = other.clone();
    (run.profiles, run.profile_dir, run.only, run.skip) = (profiles, profile_dir, only, skip);
    (run.seed, run.strict, run.repeat, run.no_check_reads) = (seed, strict, repeat, no_check_reads);
}
