//! The one contract between a run and its reports: a closed set of events.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::exchange::Place;
use crate::facts::Facts;
use crate::profile::model::Profile;
use crate::trace::{Trace, Turn};
use crate::verdict::Judged;

/// What is known before the first scenario.
#[derive(Clone, Debug, Default)]
pub struct RunInfo {
    /// Version of this tool.
    pub version: String,
    /// Random name of the run.
    pub run: String,
    /// Begin, UTC.
    pub at: jiff::Timestamp,
    /// The base URL as typed; credentials never stand in it.
    pub target: String,
    /// The target is the embedded reference provider.
    pub embedded: bool,
    /// The seed of every invented name.
    pub seed: u64,
    /// Strict reading of the RFCs.
    pub strict: bool,
    /// Only reading requests were allowed.
    pub read_only: bool,
    /// Things every report says aloud: `--insecure`, no credentials, a map in use, …
    pub notices: Vec<String>,
    /// Which variables of the environment the credentials came from.
    pub credentials: Vec<Credential>,
    /// The variants that are played, in order.
    pub variants: Vec<VariantInfo>,
}

/// Where the value of a header that carries credentials came from: the name of a variable, never what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Name of the header, compared without case.
    pub header: String,
    /// How the variable stands in the header.
    pub scheme: Scheme,
    /// Name of the environment variable.
    pub variable: String,
}

/// How a secret stands in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// As a bearer token.
    Bearer,
    /// As `user:password` in base64.
    Basic,
    /// As it is.
    Plain,
}

impl Credential {
    /// A bearer token.
    #[must_use]
    pub fn bearer(variable: &str) -> Self {
        Self { header: "Authorization".to_owned(), scheme: Scheme::Bearer, variable: variable.to_owned() }
    }

    /// `user:password`.
    #[must_use]
    pub fn basic(variable: &str) -> Self {
        Self { header: "Authorization".to_owned(), scheme: Scheme::Basic, variable: variable.to_owned() }
    }

    /// A whole header value.
    #[must_use]
    pub fn header(name: &str, variable: &str) -> Self {
        Self { header: name.to_owned(), scheme: Scheme::Plain, variable: variable.to_owned() }
    }
}

/// One column of the matrix.
#[derive(Clone, Debug)]
pub struct VariantInfo {
    /// Label, such as `entra:flag=off`.
    pub label: String,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// Settings, all of them with their value.
    pub settings: Vec<(String, String)>,
    /// Scenarios in plan order: id, and the reason when it is not played.
    pub scenarios: Vec<(String, Option<String>)>,
}

/// What discovery decided of a variant: what the target's schemas fill, and what they leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Label of the variant; it stays.
    pub label: String,
    /// Settings, all of them with their value.
    pub settings: Vec<(String, String)>,
    /// Scenarios that waited for it and are not played: id and reason.
    pub left_out: Vec<(String, String)>,
}

/// What happens in a run, in order of completion.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins.
    Started(Arc<RunInfo>),
    /// Discovery is done.
    Discovered(Arc<Facts>),
    /// What discovery decided of the plan.
    Planned(Arc<[Decided]>),
    /// A scenario begins.
    ScenarioStarted(Place),
    /// A request was answered, or failed; also our own.
    Exchanged(Turn),
    /// A scenario is over and judged. Its turns are in the trace.
    ScenarioEnded(Arc<Trace>, Arc<Judged>),
    /// Verdicts about the run as a whole: slash comparison, baseline, stale deviations.
    Judged(Arc<Judged>),
    /// Clean-up is over.
    CleanedUp(CleanUp),
    /// The run is over.
    Ended(RunEnd),
}

/// What clean-up did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// Resources that the run had created.
    pub created: usize,
    /// Of them removed.
    pub removed: usize,
    /// Left on purpose (`--keep`).
    pub kept: usize,
    /// Those that could not be removed.
    pub left_over: Vec<LeftOver>,
}

/// A resource that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// `/Users/42`
    pub path: String,
    /// Its invented name.
    pub name: String,
    /// Why it is still there: `DELETE was answered with 405; the user was deactivated`.
    pub reason: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// End, UTC.
    pub at: jiff::Timestamp,
    /// Duration of the whole run.
    pub took: Duration,
    /// Requests sent, ours included.
    pub requests: u64,
    /// Requests that the transport refused (read-only, strangers).
    pub refused: u64,
    /// Why the run ended early, if it did.
    pub cut: Option<Cut>,
    /// Known deviations that no longer happen, in words.
    pub stale: Vec<String>,
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// `--budget` was spent.
    BudgetSpent,
    /// The target could not be asked; why.
    Unreachable(String),
}

/// Takes part in a run by its events.
pub trait Reporter {
    /// What messages call it: `junit=report.xml`.
    fn name(&self) -> &str;

    /// Something happened.
    ///
    /// # Errors
    /// The report cannot be written; the others go on.
    fn event(&mut self, event: &Event) -> std::io::Result<()>;
}
