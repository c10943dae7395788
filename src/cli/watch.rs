//! `scimproof watch`: a run after the other, for the developer who is writing the endpoint.
//!
//! What starts the next run is real: the endpoint refused connections and accepts them again, or a file changed. A run
//! that is under way is played to its end; what happened meanwhile starts the next one.

mod door;
mod files;

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::pin::pin;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::{RunArgs, WatchArgs};
use super::run::{Audience, start};
use super::{diagnostics, failed};
use crate::error::{Error, Exit};
use crate::report::text::clean;
use crate::session::block_on;
use crate::transport::clock::RealClock;
use door::Door;
use files::Files;

pub(super) fn watch(args: WatchArgs) -> Result<Exit, Error> {
    block_on(again_and_again(args)).map_err(failed("runtime"))?
}

async fn again_and_again(args: WatchArgs) -> Result<Exit, Error> {
    let WatchArgs { mut run, path } = args;
    if run.list {
        return Err(Error::Usage("--list runs nothing; there is nothing to watch".to_owned()));
    }
    let clock = RealClock::new();
    let door = Door::of(&run.target)?;
    let mut files = if path.is_empty() { None } else { Some(Files::watch(&path, &written(&run))?) };
    if door.is_none() && files.is_none() {
        let text = "there is nothing to watch: give the endpoint with --target, or files with --path (behind a proxy only \
                    files can be watched)";
        return Err(Error::Usage(text.to_owned()));
    }
    let mut signals = Signals::new().map_err(failed("signals"))?;
    let mut first = true;
    loop {
        if let Some(door) = &door
            && !door.is_open().await
        {
            tell(&format!("{door} refuses connections; waiting for it"))?;
            tokio::select! {
                () = door.opens(&clock) => {}
                () = signals.stop() => return Ok(Exit::Interrupted),
            }
        }
        let mut news = pin!(news(door.as_ref(), files.as_mut(), &clock));
        let (played, heard) = meanwhile(start(run.clone(), Audience::terminal()), &mut news).await;
        match played {
            Ok(Exit::Interrupted) => return Ok(Exit::Interrupted),
            Ok(_) => {}
            Err(error) if first => return Err(error),
            // A profile that is being written is wrong now and then.
            Err(error) => tell(&diagnostics::render(&error, true))?,
        }
        first = false;
        // Asked once, and answered for all that follow.
        run.yes = true;
        let why = if let Some(why) = heard {
            why
        } else {
            tell("watching; Ctrl-C ends it")?;
            tokio::select! {
                why = news => why,
                () = signals.stop() => return Ok(Exit::Interrupted),
            }
        };
        tell(&format!("{}; running again", clean(&why)))?;
    }
}

/// Plays to the end, and hears what happens beside it.
async fn meanwhile<T>(
    playing: impl Future<Output = T>,
    mut news: impl Future<Output = String> + Unpin,
) -> (T, Option<String>) {
    let mut playing = pin!(playing);
    tokio::select! {
        biased;
        played = &mut playing => (played, None),
        why = &mut news => (playing.await, Some(why)),
    }
}

/// What happens next, in words.
async fn news(door: Option<&Door>, files: Option<&mut Files>, clock: &RealClock) -> String {
    let door = async {
        match door {
            Some(door) => {
                door.closes(clock).await;
                // Whether somebody reads it changes nothing.
                let _: Result<(), Error> = tell(&format!("{door} refuses connections; waiting for it"));
                door.opens(clock).await;
                format!("{door} accepts connections again")
            }
            None => std::future::pending().await,
        }
    };
    let files = async {
        match files {
            Some(files) => files.changed(clock).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! { why = door => why, why = files => why }
}

/// What the run writes itself: it must not start the next one.
fn written(run: &RunArgs) -> Vec<PathBuf> {
    let reports = run.report.reports.iter().filter_map(|report| report.split_once('=')).map(|(_, path)| path.into());
    let baseline = run.baseline.iter().filter(|_| run.update_baseline).cloned();
    reports.chain(baseline).chain(run.ledger.clone()).collect()
}

/// Ctrl-C and SIGTERM, also those that come when nobody waits for them.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Beside the reports: what is waited for.
fn tell(text: &str) -> Result<(), Error> {
    writeln!(anstream::stderr(), "{text}").map_err(failed("stderr"))
}
