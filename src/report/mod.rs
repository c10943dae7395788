//! Reports: events of a run become bytes. Every format stands in [`FORMATS`]; a run writes as many as are asked for.

pub mod cause;
pub mod ci;
pub mod console;
pub mod curl;
mod fan;
pub mod html;
pub mod junit;
pub mod matrix;
pub mod model;
pub mod played;
pub mod style;
pub mod text;

#[cfg(test)]
pub(crate) mod tests;

use std::io::{self, Write};
use std::path::PathBuf;

pub use fan::Fan;
pub use model::{FailOn, Report};
pub use style::Style;

use crate::event::{Event, Reporter};
use crate::transcript;

/// What reports need beside the events.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the console report looks.
    pub style: Style,
    /// What turns the exit code.
    pub fail_on: FailOn,
    /// Where the list of what was created is kept.
    pub ledger: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { style: Style::PLAIN, fail_on: FailOn::Error, ledger: None }
    }
}

/// A report format.
#[derive(Debug)]
pub struct Format {
    /// Its name in `--report`.
    pub name: &'static str,
    /// What it is for, a line.
    pub about: &'static str,
    /// Whether it must be told where to: only the console report goes to the terminal of itself.
    pub needs_path: bool,
    /// How it is written.
    pub make: Make,
}

/// How a format is written.
#[derive(Clone, Copy, Debug)]
pub enum Make {
    /// Event by event, while the run goes on: from its name in messages and where it goes.
    Stream(fn(String, Box<dyn Write>) -> Box<dyn Reporter>),
    /// From the report, when the run is over.
    Page(fn(&Report, &Options, &mut dyn Write) -> io::Result<()>),
    /// Both: exchanges while the run goes on, the report when it is over.
    Book(fn(Box<dyn Write>) -> Box<dyn Book>),
}

/// A report that is written as the run goes on, and needs the whole of it for its end.
pub trait Book {
    /// Something happened.
    ///
    /// # Errors
    /// The report cannot be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// The run is over.
    ///
    /// # Errors
    /// The report cannot be written.
    fn finish(&mut self, report: &Report, options: &Options) -> io::Result<()>;
}

/// A format that is written when the run is over, to a path.
const fn page(
    name: &'static str,
    about: &'static str,
    write: fn(&Report, &Options, &mut dyn Write) -> io::Result<()>,
) -> Format {
    Format { name, about, needs_path: true, make: Make::Page(write) }
}

/// Every format.
pub static FORMATS: &[Format] = &[
    Format {
        name: "console",
        about: "what works, what breaks and why, for people",
        needs_path: false,
        make: Make::Page(|report, options, out| out.write_all(console::render(report, options).as_bytes())),
    },
    Format {
        name: "transcript",
        about: "the whole run as lines of JSON; `judge` reads it",
        needs_path: true,
        make: Make::Stream(|name, out| Box::new(transcript::Writer::new(name, out))),
    },
    Format {
        name: "html",
        about: "a page to look at: what works, every finding, every conversation",
        needs_path: true,
        make: Make::Book(|out| Box::new(html::Page::new(out))),
    },
    page("junit", "JUnit XML, for CI servers", junit::write),
    page("github", "annotations for the log of a GitHub workflow", ci::github::write),
    page("gitlab", "code quality of a GitLab merge request", ci::gitlab::write),
    page("sarif", "SARIF 2.1.0, for code scanning", ci::sarif::write),
    page("tap", "TAP 14, the Test Anything Protocol", ci::tap::write),
    page("markdown", "the summary of a CI job", ci::markdown::summary),
    page("ticket", "Markdown for a ticket: what is to be mended", ci::markdown::ticket),
];

/// One `--report`: a format and where it goes.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The format.
    pub format: &'static Format,
    /// The file; `None`: standard output (no path, or `-`).
    pub path: Option<PathBuf>,
}

impl Spec {
    /// Reads `FORMAT[=PATH]`.
    ///
    /// # Errors
    /// There is no such format, or its path is missing; in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').map_or((text, None), |(name, path)| (name, Some(path)));
        let Some(format) = FORMATS.iter().find(|format| format.name == name) else {
            return Err(format!("--report {text}: there is no format `{name}`; expected one of {}", Self::expected()));
        };
        match path {
            Some("") => Err(format!("--report {text}: expected a path behind `=`, or `-` for standard output")),
            None if format.needs_path => {
                Err(format!("--report {text}: expected a path, `{name}=PATH`, or `{name}=-` for standard output"))
            }
            None | Some("-") => Ok(Self { format, path: None }),
            Some(path) => Ok(Self { format, path: Some(PathBuf::from(path)) }),
        }
    }

    /// What can stand behind `--report`: `console, transcript=PATH, junit=PATH`.
    #[must_use]
    pub fn expected() -> String {
        let one = |format: &Format| format!("{}{}", format.name, if format.needs_path { "=PATH" } else { "[=PATH]" });
        FORMATS.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// What messages call it: `junit=report.xml`.
impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}={}", self.format.name, path.display()),
            None => write!(f, "{}=-", self.format.name),
        }
    }
}
