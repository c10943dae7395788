//! The command line, as clap reads it.

mod record;
mod recorded;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use recorded::{
    BaselineArgs, BaselineCommand, BaselineOf, CompareArgs, CompletionsArgs, ManArgs, MergeArgs, RenderArgs,
    RenderCommand, ShownArgs,
};

use record::profile_id;
pub use record::{ImportArgs, LearnArgs, MaskArgs, RecordArgs};

use crate::transport::tls::TlsOptions;

/// Exit codes, shown under every help text.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    no violation
  1    the target violates (or the baseline changed, or a known deviation is stale)
  2    usage, profile or configuration is wrong; nothing was sent, or the report cannot be written
  3    the target could not be asked, or nothing could be judged
  130  interrupted; what the run created was removed";

/// Plays identity providers against a SCIM 2.0 endpoint and judges every answer.
#[derive(Debug, Parser)]
#[command(name = "scimproof", version, about, after_help = EXIT_CODES, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play profiles against an endpoint, judge every answer, clean up.
    Run(Box<RunArgs>),
    /// Run again and again, while the endpoint is being written.
    Watch(Box<WatchArgs>),
    /// Look at the way to an endpoint before a run, and say what to mend; nothing is written there.
    Doctor(Box<DoctorArgs>),
    /// Judge a recorded run again, without a network.
    Judge(JudgeArgs),
    /// Render a recorded run again, or the shards of one as a whole.
    Report(Box<RenderArgs>),
    /// Tell what got better and what got worse between two runs, recorded ones or of two targets.
    Compare(CompareArgs),
    /// Look at new and changed answers, and accept them into a baseline.
    Baseline(BaselineArgs),
    /// Remove what a run left behind, from its ledger.
    Sweep(Box<SweepArgs>),
    /// Serve the embedded reference provider.
    Serve(ServeArgs),
    /// Record real traffic between a client and an endpoint, masked, and make a profile of it.
    Record(Box<RecordArgs>),
    /// Explain a requirement, a check or a need of a profile.
    Explain(super::explain::ExplainArgs),
    /// Make a profile of traffic that others recorded: HAR files, transcripts, request logs.
    Import(ImportArgs),
    /// Look at profiles, and begin one.
    Profile(ProfileArgs),
    /// Print completions for a shell.
    Completions(CompletionsArgs),
    /// Write man pages into a folder.
    Man(ManArgs),
}

const RUN_EXAMPLES: &str = "\
Examples:
  scimproof run
      plays Okta, Entra ID and JumpCloud against the embedded reference provider
  scimproof run okta --target https://scim.example.com/scim/v2 --token-env SCIM_TOKEN --yes
      plays both write dialects of Okta against an endpoint
  scimproof run entra:flag=aadOptscim062020 --target https://scim.example.com/scim/v2 --token-file token.txt
      plays Entra ID as with ?aadOptscim062020 in the tenant URL
  scimproof run --report console --report junit=scim.xml --report transcript=run.ndjson
      writes three reports of one run
  scimproof run --only okta/create-user --only entra/test-connection --list
      prints what would run

";

/// `scimproof run`.
#[derive(Clone, Debug, Args)]
#[command(after_help = concat_after(RUN_EXAMPLES))]
pub struct RunArgs {
    /// Profiles: okta, entra, jumpcloud; a setting behind a colon (okta:app=aiw). None: all three
    #[arg(value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// A folder with a profile of your own; without named profiles only this one is played
    #[arg(long, value_name = "DIR")]
    pub profile_dir: Vec<PathBuf>,
    /// Where the endpoint is.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How it is reported.
    #[command(flatten)]
    pub report: ReportArgs,

    /// Compare normalised answers with the snapshots in DIR
    #[arg(long, value_name = "DIR", help_heading = "Judging")]
    pub baseline: Option<PathBuf>,
    /// Write new and changed answers into the baseline
    #[arg(long, requires = "baseline", help_heading = "Judging")]
    pub update_baseline: bool,
    /// Accepted deviations, a TOML file; each has a reason, and one that no longer happens fails the run
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub known: Option<PathBuf>,
    /// Judge ambiguous places of the RFCs by their strict reading
    #[arg(long, help_heading = "Judging")]
    pub strict: bool,
    /// Do not read back what the client wrote; what then cannot be known is undetermined
    #[arg(long, help_heading = "Judging")]
    pub no_check_reads: bool,
    /// How long an old state may be read after a write
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "2s", help_heading = "Judging")]
    pub settle: Duration,

    /// Play only these: id of a profile, scenario, step or check, or its prefix up to a `/`
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub only: Vec<String>,
    /// Leave these out
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub skip: Vec<String>,
    /// Play only the scenarios that failed in this transcript
    #[arg(long, value_name = "TRANSCRIPT", help_heading = "Selection")]
    pub rerun: Option<PathBuf>,
    /// Print what would run, and send nothing
    #[arg(long, help_heading = "Selection")]
    pub list: bool,

    /// Scenarios played side by side
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Pace")]
    pub jobs: u16,
    /// Time for the whole run; clean-up follows all the same
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Pace")]
    pub budget: Option<Duration>,
    /// Play every scenario N times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Pace")]
    pub repeat: u32,

    /// Seed of every invented name, to meet the same people again; random when not given
    #[arg(long, value_name = "N", value_parser = seed, help_heading = "People and records")]
    pub seed: Option<u64>,
    /// Domain of invented e-mail addresses, for endpoints that accept only verified domains
    #[arg(long, value_name = "DOMAIN", default_value = "example.com", value_parser = domain, help_heading = "People and records")]
    pub email_domain: String,
    /// What this target wants otherwise: attributes that it requires, must not get, or names differently (TOML)
    #[arg(long, value_name = "FILE", help_heading = "People and records")]
    pub map: Option<PathBuf>,
    /// Leave what the run created, for inspection
    #[arg(long, help_heading = "People and records")]
    pub keep: bool,
    /// Play only what reads; everything else is refused before it is sent
    #[arg(long, help_heading = "People and records")]
    pub read_only: bool,
    /// Do not ask before the first write to a target that is not on this machine
    #[arg(long, short = 'y', help_heading = "People and records")]
    pub yes: bool,
    /// Allow collection-wide deletes and writes to /Me on a target that is not on this machine
    #[arg(long, help_heading = "People and records")]
    pub dangerous: bool,
    /// Where to keep the list of what the run created
    #[arg(long, value_name = "FILE", help_heading = "People and records")]
    pub ledger: Option<PathBuf>,
}

/// Where the endpoint is and how to reach it.
#[derive(Clone, Debug, Default, Args)]
pub struct TargetArgs {
    /// Base URL, taken as typed; or the name of a target in the configuration. `run` without one plays the embedded provider
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// Configuration with named targets; flags override it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Bearer token from this environment variable
    #[arg(long, value_name = "NAME", help_heading = "Credentials")]
    pub token_env: Option<String>,
    /// Bearer token from this file
    #[arg(long, value_name = "FILE", help_heading = "Credentials")]
    pub token_file: Option<PathBuf>,
    /// Bearer token that this command prints; run again after a 401
    #[arg(long, value_name = "CMD", help_heading = "Credentials")]
    pub token_command: Option<String>,
    /// `user:password` from this environment variable; the password may be empty
    #[arg(long, value_name = "NAME", help_heading = "Credentials")]
    pub basic_env: Option<String>,
    /// A header with its value from an environment variable: 'X-Api-Key=MY_KEY'
    #[arg(long, value_name = "HEADER=NAME", help_heading = "Credentials")]
    pub header_env: Vec<String>,
    /// OAuth2 client credentials: the token endpoint
    #[arg(long, value_name = "URL", help_heading = "Credentials", requires_all = ["oauth_client_id", "oauth_secret_env"])]
    pub oauth_token_url: Option<String>,
    /// OAuth2 client id
    #[arg(long, value_name = "ID", help_heading = "Credentials", requires = "oauth_token_url")]
    pub oauth_client_id: Option<String>,
    /// OAuth2 client secret from this environment variable
    #[arg(long, value_name = "NAME", help_heading = "Credentials", requires = "oauth_token_url")]
    pub oauth_secret_env: Option<String>,
    /// OAuth2 scopes, separated by blanks
    #[arg(long, value_name = "SCOPES", help_heading = "Credentials", requires = "oauth_token_url")]
    pub oauth_scope: Option<String>,
    /// How the OAuth2 client says who it is
    #[arg(long, value_enum, help_heading = "Credentials", requires = "oauth_token_url")]
    pub oauth_auth: Option<OauthAuth>,

    /// Whom it trusts, and as whom it comes.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Proxy; else `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured, but never for this machine
    #[arg(long, value_name = "URL", help_heading = "Network")]
    pub proxy: Option<String>,
    /// Time for one request
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "60s", help_heading = "Network")]
    pub timeout: Duration,
    /// Requests per second
    #[arg(long, value_name = "N", value_parser = rate, help_heading = "Network")]
    pub rate: Option<f64>,
}

/// Certificates on the way to the target.
#[derive(Clone, Debug, Default, Args)]
pub struct TlsArgs {
    /// A further certificate authority for the target, PEM
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub ca_file: Option<PathBuf>,
    /// Client certificate for the target, PEM
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub client_cert: Option<PathBuf>,
    /// Key of the client certificate, PEM; in the certificate's file when not given
    #[arg(long, value_name = "FILE", help_heading = "Network", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Accept any certificate of the target
    #[arg(long, help_heading = "Network")]
    pub insecure: bool,
}

impl From<&TlsArgs> for TlsOptions {
    fn from(args: &TlsArgs) -> Self {
        Self {
            ca_file: args.ca_file.clone(),
            client_cert: args.client_cert.clone(),
            client_key: args.client_key.clone(),
            insecure: args.insecure,
        }
    }
}

/// How an OAuth2 client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OauthAuth {
    /// In an `Authorization: Basic` header.
    Basic,
    /// In the body.
    Body,
}

/// What turns the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings too.
    Warning,
}

/// How a run is reported.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// A report, several times for several: console, html=PATH, junit, transcript, github, gitlab, sarif, tap, markdown, ticket
    #[arg(long = "report", value_name = "FORMAT[=PATH]", help_heading = "Reports")]
    pub reports: Vec<String>,
    /// What turns the exit code
    #[arg(long, value_enum, default_value_t = FailOn::Error, help_heading = "Reports")]
    pub fail_on: FailOn,
    /// Show notes, and the exchange behind each finding
    #[arg(long, short = 'v', help_heading = "Reports")]
    pub verbose: bool,
    /// Colours on the terminal; `auto` follows it and `NO_COLOR`
    #[arg(long, value_enum, default_value_t = Color::Auto, help_heading = "Reports")]
    pub color: Color,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// As terminal and environment want it.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Not at all.
    Never,
}

const WATCH_EXAMPLES: &str = "\
Examples:
  scimproof watch okta --target http://127.0.0.1:8080/scim/v2
      runs again whenever the endpoint was stopped and is there again
  scimproof watch --target http://127.0.0.1:8080/scim/v2 --path src --path target/debug/server
      runs again when one of these changes, too; not for what it writes itself
  scimproof watch --profile-dir ours --path ours
      plays a profile that is being written, against the embedded provider

Ctrl-C ends it, after cleaning up.

";

/// `scimproof watch`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(WATCH_EXAMPLES))]
pub struct WatchArgs {
    /// What is run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Run again when this file, or something in this folder, changes
    #[arg(long, value_name = "P", help_heading = "Watching")]
    pub path: Vec<PathBuf>,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  scimproof doctor --target https://scim.example.com/scim/v2 --token-env SCIM_TOKEN
  scimproof doctor --target staging
      a target of scimproof.toml

Exit codes:
  0    nothing to mend
  1    something is to be mended
  2    usage or configuration is wrong; nothing was sent
  3    the target could not be reached";

/// `scimproof doctor`.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub struct DoctorArgs {
    /// Where the endpoint is.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Colours on the terminal; `auto` follows it and `NO_COLOR`
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

const JUDGE_EXAMPLES: &str = "\
Examples:
  scimproof judge run.ndjson
  scimproof judge run.ndjson --known accepted.toml --report junit=scim.xml

";

/// `scimproof judge`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(JUDGE_EXAMPLES))]
pub struct JudgeArgs {
    /// A transcript, as `run --report transcript=PATH` writes it
    pub transcript: PathBuf,
    /// How it is reported.
    #[command(flatten)]
    pub report: ReportArgs,
    /// Accepted deviations, a TOML file
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub known: Option<PathBuf>,
    /// Judge ambiguous places of the RFCs by their strict reading; else as the run did
    #[arg(long, help_heading = "Judging")]
    pub strict: bool,
    /// Judge only these checks
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub only: Vec<String>,
    /// Leave these checks out
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub skip: Vec<String>,
}

const SWEEP_EXAMPLES: &str = "\
Examples:
  scimproof sweep ~/.local/state/scimproof/RUN.ndjson --token-env SCIM_TOKEN
      the target is the one that the ledger names
  scimproof sweep run.ledger --target https://scim.example.com/scim/v2 --token-file token.txt

";

/// `scimproof sweep`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(SWEEP_EXAMPLES))]
pub struct SweepArgs {
    /// The ledger of the run
    pub ledger: PathBuf,
    /// Where the endpoint is.
    #[command(flatten)]
    pub target: TargetArgs,
}

const SERVE_EXAMPLES: &str = "\
Examples:
  scimproof serve
  SCIM_TOKEN=secret scimproof serve --listen 127.0.0.1:8080 --token-env SCIM_TOKEN

";

/// `scimproof serve`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(SERVE_EXAMPLES))]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Ask for this bearer token, from an environment variable; without it anybody is let in
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
    /// Without the tolerances that identity providers need
    #[arg(long)]
    pub strict: bool,
    /// Make this mistake, as real servers do; can be given several times, `list` prints the names
    #[arg(long, value_name = "NAME")]
    pub fault: Vec<String>,
    /// Differ in this way, which is legal; can be given several times, `list` prints the names
    #[arg(long, value_name = "NAME")]
    pub variant: Vec<String>,
    /// With `--fault list` and `--variant list`: what each does
    #[arg(short, long)]
    pub verbose: bool,
}

/// `scimproof profile`.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ProfileCommand,
}

/// `scimproof profile …`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the built-in profiles.
    List,
    /// Show a profile: scenarios, steps, evidence, settings, needs.
    Show {
        /// Id of a built-in profile, or a folder
        profile: String,
    },
    /// Begin a profile: an empty one with comments, that passes lint.
    New {
        /// Its id, and the name of the folder that is made
        #[arg(value_parser = profile_id)]
        name: String,
    },
    /// Show what two clients do differently: both are played against the embedded provider.
    Diff {
        /// A profile with its settings (entra:flag=off), or a folder
        a: String,
        /// The other
        b: String,
    },
    /// Find every problem of the profile in a folder.
    Lint {
        /// The folder, with `profile.toml` in it
        path: PathBuf,
    },
    /// Print the JSON Schema of the profile format, for editors.
    Schema {
        /// Which file it is for
        #[arg(value_enum, default_value_t = SchemaOf::Profile)]
        of: SchemaOf,
    },
}

/// The files of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// `profile.toml`
    Profile,
    /// `scenarios/*.toml`
    Scenario,
}

pub(super) fn concat_after(examples: &str) -> String {
    format!("{examples}{EXIT_CODES}")
}

/// `127.0.0.1:8443`, `[::1]:8443`, `localhost:8443`
fn address(text: &str) -> Result<SocketAddr, String> {
    let here = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    here.as_deref().unwrap_or(text).parse().map_err(|_| {
        "expected an address of this machine and a port, such as 127.0.0.1:8443, 0.0.0.0:8443 (all of them) or [::1]:8443"
            .to_owned()
    })
}

/// `500ms`, `2s`, `5m`, `1h`, or seconds as a number.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("expected a time such as 500ms, 2s, 5m or 1h".to_owned()),
    };
    let value: f64 = number.trim().parse().map_err(|_| "expected a time such as 500ms, 2s, 5m or 1h".to_owned())?;
    Duration::try_from_secs_f64(value * seconds).map_err(|_| "a time cannot be negative or that long".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number of requests per second".to_owned())?;
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err("expected more than zero requests per second".to_owned())
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number such as 7, as a run prints it".to_owned())
}

fn domain(text: &str) -> Result<String, String> {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let good = text.contains('.') && text.split('.').all(label);
    if good { Ok(text.to_owned()) } else { Err("expected a domain such as example.com".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn addresses_have_a_port() {
        assert_eq!(address("localhost:8443"), Ok(SocketAddr::from(([127, 0, 0, 1], 8443))));
        assert!(address("[::1]:0").is_ok() && address("0.0.0.0:80").is_ok());
        for wrong in ["127.0.0.1", "8443", ":8443", "example.com:80", "localhost"] {
            assert!(address(wrong).unwrap_err().contains("127.0.0.1:8443"), "{wrong}");
        }
    }

    #[test]
    fn times_domains_and_rates() {
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2"), Ok(Duration::from_secs(2)));
        assert_eq!(time("5m"), Ok(Duration::from_mins(5)));
        assert!(time("soon").is_err() && time("-1s").is_err() && time("1e300h").is_err());
        assert!(domain("corp.example.com").is_ok() && domain("nodot").is_err() && domain("a..b").is_err());
        assert!(rate("2.5").is_ok() && rate("0").is_err() && rate("inf").is_err());
    }
}
