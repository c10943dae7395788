//! Arguments of the commands that work on recorded runs, and of those that packages use.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Color, EXIT_CODES, FailOn, ReportArgs, concat_after};

const RENDER_EXAMPLES: &str = "\
Examples:
  scimproof report run.ndjson --report junit=scim.xml
  scimproof report merge shard-1.ndjson shard-2.ndjson --report console --report transcript=run.ndjson

";

/// `scimproof report`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(RENDER_EXAMPLES), args_conflicts_with_subcommands = true)]
pub struct RenderArgs {
    /// More than one transcript.
    #[command(subcommand)]
    pub command: Option<RenderCommand>,
    /// A transcript, as `run --report transcript=PATH` writes it
    #[arg(required = true)]
    pub transcript: Option<PathBuf>,
    /// How it is shown.
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// How a recorded run is shown.
#[derive(Debug, Args)]
pub struct ShownArgs {
    /// How it is reported.
    #[command(flatten)]
    pub report: ReportArgs,
    /// Accepted deviations, a TOML file
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub known: Option<PathBuf>,
}

/// `scimproof report …`.
#[derive(Debug, Subcommand)]
pub enum RenderCommand {
    /// Join the transcripts of shards, each with scenarios of its own against one target, into one run.
    Merge(MergeArgs),
}

/// `scimproof report merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The transcripts
    #[arg(required = true, num_args = 1.., value_name = "TRANSCRIPT")]
    pub transcripts: Vec<PathBuf>,
    /// How it is shown.
    #[command(flatten)]
    pub shown: ShownArgs,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  scimproof compare before.ndjson after.ndjson
  scimproof compare staging.ndjson production.ndjson --fail-on warning
  scimproof compare staging production
      two targets of scimproof.toml, played one after the other with the same profiles and people
  scimproof compare before.ndjson http://127.0.0.1:8080/scim/v2 -- --token-env SCIM_TOKEN
      plays what was recorded, with its profiles and seed, against an endpoint
  scimproof compare https://a.example.com/scim https://b.example.com/scim -- okta --token-env T --yes

";

/// `scimproof compare`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(COMPARE_EXAMPLES))]
pub struct CompareArgs {
    /// The run before: a transcript, a base URL, or the name of a target in the configuration
    #[arg(value_name = "A")]
    pub before: String,
    /// The run after it
    #[arg(value_name = "B")]
    pub after: String,
    /// Profiles and options of `run` for the targets that are played: -- okta --token-env T
    #[arg(last = true, value_name = "RUN", allow_hyphen_values = true)]
    pub run: Vec<String>,
    /// Accepted deviations of both, a TOML file
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,
    /// What makes the second run worse: a new error, or a new warning too
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Show differences of answers whole
    #[arg(long, short = 'v')]
    pub verbose: bool,
    /// Colours on the terminal; `auto` follows it and `NO_COLOR`
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

const BASELINE_EXAMPLES: &str = "\
Examples:
  scimproof baseline diff run.ndjson --baseline scim-baseline
  scimproof baseline review run.ndjson --baseline scim-baseline

";

/// `scimproof baseline`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(BASELINE_EXAMPLES))]
pub struct BaselineArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// `scimproof baseline …`.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Show new and changed answers; exit code 1 if there are any.
    Diff(BaselineOf),
    /// Write all of them into the baseline.
    Accept(BaselineOf),
    /// Walk through them: accept, reject, skip.
    Review(BaselineOf),
}

/// Which answers, and which baseline.
#[derive(Debug, Args)]
pub struct BaselineOf {
    /// A transcript, as `run --report transcript=PATH` writes it
    pub transcript: PathBuf,
    /// The folder of the baseline
    #[arg(long, value_name = "DIR")]
    pub baseline: PathBuf,
    /// Only these: VARIANT/SCENARIO, or its prefix up to a `/`
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// Show new answers whole
    #[arg(long, short = 'v')]
    pub verbose: bool,
    /// Colours on the terminal; `auto` follows it and `NO_COLOR`
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// `scimproof completions`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `scimproof man`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ManArgs {
    /// Where the pages go
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
