//! The command lines of `record` and `import`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{TlsArgs, address, time};

const RECORD_EXAMPLES: &str = "\
Examples:
  scimproof record --listen 0.0.0.0:8443 --tls-self-signed --target https://scim.example.com/scim/v2 --out okta-today
      give the identity provider the printed base URL, let it provision, press Ctrl-C
  scimproof run --profile-dir okta-today --target https://staging.example.com/scim/v2 --token-env SCIM_TOKEN
      plays what was recorded against another endpoint
  scimproof record --target http://127.0.0.1:8080/scim/v2 --out rec --mask-also /title --keep /userType --quiet

The target's answers and the client's requests pass to the byte; only the value of Host becomes the target's.
The first line on stdout is the base URL for the client. DIR/recording.ndjson is written as requests pass;
when the recorder is ended (Ctrl-C, SIGTERM), DIR/profile.toml and DIR/scenarios are made of it. A killed one
has lost no more than what was passing; `import DIR/recording.ndjson --out OTHER` makes the profile.

Exit codes:
  0    ended by Ctrl-C or SIGTERM; everything is written
  2    usage or configuration is wrong, or some of it cannot be written";

/// `scimproof record`.
#[derive(Debug, Args)]
#[command(after_help = RECORD_EXAMPLES)]
pub struct RecordArgs {
    /// Address and port for the client; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Base URL of the endpoint
    #[arg(long, value_name = "URL")]
    pub target: String,
    /// Folder for the recording and its profile
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Leave Host as the client wrote it
    #[arg(long)]
    pub keep_host: bool,
    /// Show nothing of what passes
    #[arg(long, short = 'q')]
    pub quiet: bool,
    /// How the recording becomes a profile.
    #[command(flatten)]
    pub learn: LearnArgs,
    /// What is masked.
    #[command(flatten)]
    pub mask: MaskArgs,

    /// Certificate chain shown to the client, PEM
    #[arg(long, value_name = "FILE", help_heading = "Network", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE", help_heading = "Network", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// TLS with a certificate made on the spot, DIR/recorder.pem
    #[arg(long, help_heading = "Network", conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,
    /// Certificates on the way to the target.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Proxy on the way to an https target; else `HTTPS_PROXY` and `NO_PROXY` are honoured
    #[arg(long, value_name = "URL", help_heading = "Network")]
    pub proxy: Option<String>,
    /// How long the target may be silent before the client gets 504
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "60s", help_heading = "Network")]
    pub timeout: Duration,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  scimproof import browser.har --out okta-today
  scimproof import requests.ndjson --out idp --name our-idp --mask-also 'TICKET-[0-9]+'
      each line has method, target (or url, path), headers, body, status, response_body
  scimproof import rec/recording.ndjson rec/recording-2.ndjson --out both
      transcripts, as record and run --report transcript=PATH write them
  scimproof import access.log --out shape
      nginx's combined format; it holds no bodies, so that writes are left out

What a file does not hold is said. Everything is masked before it is written.

Exit codes:
  0    a profile was made
  2    usage is wrong, a file cannot be read, or nothing in it can stand in a profile";

/// `scimproof import`.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct ImportArgs {
    /// HAR 1.2, a transcript, NDJSON, or nginx's combined format
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Folder for the masked recording and its profile
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How the recording becomes a profile.
    #[command(flatten)]
    pub learn: LearnArgs,
    /// What is masked.
    #[command(flatten)]
    pub mask: MaskArgs,
}

/// How a recording becomes a profile.
#[derive(Debug, Args)]
pub struct LearnArgs {
    /// Id of the profile; else after the client that is recognised
    #[arg(long, value_name = "ID", value_parser = profile_id, help_heading = "Profile")]
    pub name: Option<String>,
    /// A pause that ends a scenario
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "5s", help_heading = "Profile")]
    pub pause: Duration,
}

/// What is masked besides what always is.
#[derive(Debug, Default, Args)]
pub struct MaskArgs {
    /// Mask also what stands at this JSON pointer, or what fits this regular expression
    #[arg(long, value_name = "POINTER|REGEX", help_heading = "Masking")]
    pub mask_also: Vec<String>,
    /// Keep what stands at this JSON pointer; a single name keeps the endpoint of that name too (/Rooms)
    #[arg(long, value_name = "POINTER", help_heading = "Masking")]
    pub keep: Vec<String>,
}

/// The id of a profile, which is also the name of a folder.
pub(super) fn profile_id(text: &str) -> Result<String, String> {
    let good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if good {
        Ok(text.to_owned())
    } else {
        Err("expected lower-case letters, digits and hyphens, a letter first".to_owned())
    }
}
