//! What was said on the wire, as plain data: one request and its answer.
//!
//! An [`Exchange`] is built by the transport and read by everything else; nothing here does I/O. Credentials never get
//! into one: the transport writes a placeholder where a secret stood (see [`secret`]).

mod address;
pub mod mask;
mod payload;
pub mod secret;

use std::time::Duration;

pub use address::Address;
pub use payload::Payload;

use crate::scim::json::{Json, JsonError};

/// Where in the run a request belongs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The profile with its variant, such as `okta:app=aiw`; empty for the run's own discovery.
    pub variant: String,
    /// Scenario id within the profile, such as `create-user`.
    pub scenario: String,
    /// Which repetition of the scenario (`--repeat`), from 0.
    pub round: u32,
    /// Step id within the scenario; for our own requests what they are for, such as `setup/maya`.
    pub step: String,
}

/// Who wanted this request: the client that is played, or this tool for its own purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A request of the client that is played.
    Client,
    /// Pre-flight and discovery: what the target says of itself.
    Discovery,
    /// Makes what a scenario needs beforehand, with plain requests of RFC 7644.
    Setup,
    /// Reads back what the client wrote.
    CheckRead,
    /// Removes what the run created.
    CleanUp,
}

impl Origin {
    /// The word used in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Discovery => "discovery",
            Self::Setup => "setup",
            Self::CheckRead => "check-read",
            Self::CleanUp => "clean-up",
        }
    }

    /// The opposite of [`Origin::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Client, Self::Discovery, Self::Setup, Self::CheckRead, Self::CleanUp]
            .into_iter()
            .find(|origin| origin.as_str() == word)
    }

    /// Whether the tool itself wanted it; such requests carry our User-Agent and are not the client's.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self != Self::Client
    }
}

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Number within the run, from 1, in order of completion.
    pub seq: u64,
    /// Where it belongs.
    pub place: Place,
    /// Who wanted it.
    pub origin: Origin,
    /// When the request was begun, UTC.
    pub at: jiff::Timestamp,
    /// From the first byte sent to the last byte read.
    pub took: Duration,
    /// The request.
    pub sent: Sent,
    /// The answer, or why there is none.
    pub got: Result<Received, Failure>,
}

impl Exchange {
    /// The answer's status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.got.as_ref().ok().map(|answer| answer.status)
    }

    /// Whether the answer is a 2xx.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The answer's JSON, if it has a body and that is JSON.
    #[must_use]
    pub fn answer(&self) -> Option<&Json> {
        self.got.as_ref().ok()?.json()
    }
}

/// A request as it left, credentials replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Method token, such as `PATCH`.
    pub method: String,
    /// Request target in origin form, byte for byte: `/scim/v2/Users?filter=…`.
    pub target: String,
    /// The part of [`Sent::target`] behind the base path, query included: `/Users?filter=…`. What the client meant,
    /// whatever the base URL looks like.
    pub resource: Address,
    /// Header lines in their order and spelling; credential values are masked.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte; `None` when none was sent.
    pub body: Option<Payload>,
}

impl Sent {
    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<&Json> {
        self.body.as_ref()?.json()
    }

    /// The path of [`Sent::resource`], without its query: `/Users/42`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.resource.path()
    }

    /// The query of [`Sent::resource`], without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.resource.query()
    }

    /// The first value of query parameter `name`, decoded (`+` and `%20` both are a blank).
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.resource.parameter(name)
    }
}

/// Decodes a query component: `+` is a blank, `%xx` a byte.
#[must_use]
pub fn decode_query(text: &str) -> String {
    decode(text, true)
}

/// Decodes a path segment: `%xx` is a byte, `+` is itself.
#[must_use]
pub fn decode_path(text: &str) -> String {
    decode(text, false)
}

fn decode(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    // Most paths and ids hold nothing that is encoded.
    if memchr::memchr2(b'%', b'+', bytes).is_none() {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' => {
                if let Some(byte) = bytes.get(i + 1..i + 3).and_then(hex) {
                    out.push(byte);
                    i += 3;
                    continue;
                }
                out.push(b'%');
            }
            b'+' if plus_is_blank => out.push(b' '),
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match digits {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Status code.
    pub status: u16,
    /// Reason phrase as written, possibly empty.
    pub reason: String,
    /// Header lines in their order and spelling.
    pub headers: Vec<(String, String)>,
    /// The body after transfer coding and content coding are undone; what came beyond the limit is cut.
    pub body: Vec<u8>,
    /// What HTTP libraries hide but a checker must see.
    pub oddities: Vec<Oddity>,
    /// [`Received::body`] as JSON; `None` for an empty body.
    json: Option<Result<Json, JsonError>>,
}

impl Received {
    /// An answer; its body is parsed here, once.
    #[must_use]
    pub fn new(
        status: u16,
        reason: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        oddities: Vec<Oddity>,
    ) -> Self {
        let json = (!body.is_empty()).then(|| Json::parse(&body));
        Self { status, reason, headers, body, oddities, json }
    }

    /// The body's JSON, if it has any.
    #[must_use]
    pub fn json(&self) -> Option<&Json> {
        self.json.as_ref()?.as_ref().ok()
    }

    /// Why the body is not JSON, if there is a body and it is not.
    #[must_use]
    pub fn json_error(&self) -> Option<&JsonError> {
        self.json.as_ref()?.as_ref().err()
    }

    /// The first value of a header, its name compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The media type without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Something about an answer's framing that an HTTP library would not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Bytes followed an answer that must not have a body (204, 304); their number.
    BodyWhereNoneBelongs(usize),
    /// The body was longer than the limit; the limit in bytes.
    BodyCut(usize),
    /// Header lines ended in a bare line feed.
    BareLineFeed,
    /// The content coding could not be undone; why.
    BadContentCoding(String),
    /// The answer was read by the lenient reader because the HTTP library refused it; what it said.
    Malformed(String),
}

impl std::fmt::Display for Oddity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BodyWhereNoneBelongs(bytes) => write!(f, "{bytes} bytes followed an answer that has no body"),
            Self::BodyCut(limit) => write!(f, "the body is longer than the limit of {limit} bytes"),
            Self::BareLineFeed => f.write_str("header lines end in a bare line feed"),
            Self::BadContentCoding(why) => write!(f, "the content coding cannot be undone: {why}"),
            Self::Malformed(why) => write!(f, "the answer is not well-formed HTTP: {why}"),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What happened, for people.
    pub detail: String,
    /// Whether any byte of an answer had come.
    pub answer_begun: bool,
}

/// The kinds of [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The host name has no address.
    Name,
    /// No connection: refused, unreachable, or no answer to the connect.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The proxy refused.
    Proxy,
    /// No answer in the time for one request.
    TimeOut,
    /// The connection ended before the answer was whole.
    Cut,
    /// What came is not HTTP.
    NotHttp,
    /// The transport refused to send: read-only run, or a record that is not the run's own.
    Refused,
    /// No credentials could be had (token command, token endpoint).
    Credentials,
    /// The run was interrupted or its time was spent.
    Stopped,
}

impl FailureKind {
    const ALL: [Self; 10] = [
        Self::Name,
        Self::Connect,
        Self::Tls,
        Self::Proxy,
        Self::TimeOut,
        Self::Cut,
        Self::NotHttp,
        Self::Refused,
        Self::Credentials,
        Self::Stopped,
    ];

    /// The word used in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::TimeOut => "time-out",
            Self::Cut => "cut",
            Self::NotHttp => "not-http",
            Self::Refused => "refused",
            Self::Credentials => "credentials",
            Self::Stopped => "stopped",
        }
    }

    /// The opposite of [`FailureKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
