//! Where reports go, and how the one on the terminal looks.

use std::io::{IsTerminal, Write};

use super::args::{Color, FailOn as Asked, ReportArgs};
use crate::error::Error;
use crate::report::{FailOn, Fan, Options, Style};

/// The reports that were asked for; those without a path go to `stdout`.
///
/// # Errors
/// A format that does not exist, a file that cannot be written; all of them.
pub(super) fn fan(args: &ReportArgs, stdout: Box<dyn Write>) -> Result<Fan, Error> {
    let style = style(args.verbose, args.color);
    let fail_on = match args.fail_on {
        Asked::Error => FailOn::Error,
        Asked::Warning => FailOn::Warning,
    };
    let options = Options { style, fail_on, ledger: None };
    Fan::open(&args.reports, options, stdout).map_err(|text| Error::Usage(text.replace('\n', "\nerror: ")))
}

/// How texts on standard output look: what the terminal and its environment allow, and what the user wants.
pub(super) fn style(verbose: bool, color: Color) -> Style {
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let variable = |name: &str| std::env::var(name).ok();
    let stdout = std::io::stdout();
    let columns = stdout.is_terminal().then(|| terminal_size::terminal_size().map_or(100, |(width, _)| width.0));
    let style = Style { verbose, ..Style::of(columns, variable) };
    match color {
        Color::Auto => style,
        Color::Always => Style { color: true, ..style },
        Color::Never => Style { color: false, ..style },
    }
}
