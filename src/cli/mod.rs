//! The command line: one file a subcommand. Only this and `main` know the process.

pub mod args;
mod baseline;
mod compare;
pub mod config;
pub mod diagnostics;
mod diff;
mod doctor;
pub mod explain;
mod generate;
mod import;
mod judge;
mod output;
mod profile;
mod progress;
mod record;
mod report;
mod retell;
mod run;
mod serve;
mod sweep;
pub mod target;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::error::{Error, Exit};
use args::{Cli, Command};

/// Does what the command line says.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let outcome = config::expand(args.into_iter().collect()).and_then(|args| match Cli::try_parse_from(args) {
        Ok(cli) => dispatch(cli),
        Err(error) => {
            // clap prints help and version to stdout, errors to stderr, and knows the code of each.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Good };
            let _: std::io::Result<()> = error.print();
            Ok(code)
        }
    });
    let exit = outcome.unwrap_or_else(|error| {
        let mut stderr = anstream::stderr();
        // Nothing is left to tell anybody if stderr is closed.
        let _: std::io::Result<()> = writeln!(stderr, "{}", diagnostics::render(&error, true));
        error.exit()
    });
    ExitCode::from(exit as u8)
}

fn dispatch(cli: Cli) -> Result<Exit, Error> {
    match cli.command {
        Command::Run(args) => run::run(*args),
        Command::Watch(args) => watch::watch(*args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Judge(args) => judge::judge(&args),
        Command::Report(args) => report::report(*args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Record(args) => record::record(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Import(args) => import::import(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Baseline(args) => baseline::baseline(&args),
        Command::Completions(args) => generate::completions(args.shell),
        Command::Man(args) => generate::man(&args.folder),
        Command::Profile(args) => profile::profile(&args.command),
    }
}

/// Writes to stdout; a closed pipe is no error (`scimproof … | head`).
fn print(text: &str) -> Result<(), Error> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Usage(format!("stdout: {error}"))),
        _ => Ok(()),
    }
}

/// An I/O failure of our own side.
fn failed(what: &str) -> impl Fn(std::io::Error) -> Error + '_ {
    move |error| Error::Usage(format!("{what}: {error}"))
}
