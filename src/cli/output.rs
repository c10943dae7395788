//! Where reports go, and how the one on the terminal looks.

use std::io::IsTerminal;

use super::args::{FailOn as Asked, ReportArgs};
use crate::error::Error;
use crate::report::{FailOn, Fan, Options, Style};

/// The reports that were asked for.
///
/// # Errors
/// A format that does not exist, a file that cannot be written; all of them.
pub(super) fn fan(args: &ReportArgs) -> Result<Fan, Error> {
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let variable = |name: &str| std::env::var(name).ok();
    let stdout = std::io::stdout();
    let columns = stdout.is_terminal().then(|| terminal_size::terminal_size().map_or(100, |(width, _)| width.0));
    let style = Style { verbose: args.verbose, ..Style::of(columns, variable) };
    let fail_on = match args.fail_on {
        Asked::Error => FailOn::Error,
        Asked::Warning => FailOn::Warning,
    };
    let options = Options { style, fail_on, ledger: None };
    Fan::open(&args.reports, options, Box::new(stdout)).map_err(|text| Error::Usage(text.replace('\n', "\nerror: ")))
}
