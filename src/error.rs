//! What ends the tool before or beside a run, and the exit codes.

use crate::document::Problem;

/// How the tool ends (documented in `--help`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// No violation.
    Good = 0,
    /// The target violates, the baseline changed, or a known deviation is stale.
    Violations = 1,
    /// Usage, profile or configuration is wrong, or a report cannot be written.
    Usage = 2,
    /// The target could not be asked, or nothing could be judged.
    Unreachable = 3,
    /// Interrupted, cleaned up.
    Interrupted = 130,
}

/// Something that the user has to mend before anything is sent.
#[derive(Debug)]
pub enum Error {
    /// Problems in files, each with its place.
    Problems(Vec<Problem>),
    /// A wrong flag, value or environment; in words, with what to do.
    Usage(String),
    /// The target could not be asked; in words.
    Unreachable(String),
}

impl Error {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Problems(_) | Self::Usage(_) => Exit::Usage,
            Self::Unreachable(_) => Exit::Unreachable,
        }
    }
}

/// One line a problem.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problems(problems) => {
                f.write_str(&problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            }
            Self::Usage(text) | Self::Unreachable(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}
