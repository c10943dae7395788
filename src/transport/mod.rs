//! The HTTP client: sends a request to the byte, and reads an answer with everything that is strange about it.
//!
//! Underneath is hyper, and reqwest for token endpoints. This is the only module that asks others over the network. It
//! knows no profile: who calls it gives every header line, `Host` and `Content-Length` included, and nothing is added.
//! Credentials stand in a request as [`CREDENTIALS`]; in what is handed back they are masked, in the answer too. All of
//! it runs on one thread.

pub mod auth;
pub mod clock;
pub mod coding;
mod connect;
pub mod dial;
pub mod head;
mod lenient;
pub mod mask;
pub mod oauth;
mod pool;
mod proxy;
mod tap;
pub mod target;
pub mod tls;
mod wire;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::exchange::secret::PLACEHOLDER;
use crate::exchange::{Failure, FailureKind, Oddity, Payload, Received, Sent};

use self::auth::{Auth, Credentials, Lines, Source};
use self::clock::{Clock, RealClock};
use self::connect::Connector;
use self::head::Head;
use self::mask::Mask;
use self::oauth::TokenEndpoint;
use self::pool::{Pool, Progress};
use self::proxy::ProxyServer;
use self::target::BaseUrl;
use self::tls::TlsOptions;
use self::wire::{Raw, Request, failure};

/// The value of a header line that marks the place, and in its name the spelling, of the credentials.
pub const CREDENTIALS: &str = "{credentials}";

/// The lowest rate: one request in about a quarter of an hour.
const MIN_RATE: f64 = 0.001;

/// An option of the transport that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {detail}")]
pub struct BadOption {
    /// The command line's name for it, such as `--ca-file`.
    pub option: &'static str,
    /// What is wrong, and what was expected.
    pub detail: String,
}

impl BadOption {
    pub(crate) fn new(option: &'static str, detail: impl Into<String>) -> Self {
        Self { option, detail: detail.into() }
    }
}

/// What a client may spend.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one request: connecting, sending, reading.
    pub request_time: Duration,
    /// Bytes of a body, before and after its content coding is undone; the rest is cut.
    pub body_bytes: usize,
    /// Requests per second; `None` for no limit.
    pub rate: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { request_time: Duration::from_mins(1), body_bytes: 16 * 1024 * 1024, rate: None }
    }
}

/// How to reach a target.
pub struct ClientOptions {
    /// The target.
    pub base: BaseUrl,
    /// Certificates and keys.
    pub tls: TlsOptions,
    /// Which proxy to use.
    pub proxy: Proxy,
    /// What to say who we are.
    pub credentials: Credentials,
    /// Limits of time, size and rate.
    pub limits: Limits,
    /// Whether everything that could write is refused.
    pub read_only: bool,
    /// Time.
    pub clock: Rc<dyn Clock>,
}

impl ClientOptions {
    /// No credentials, the default limits, the machine's clock, and the environment's proxy.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self {
            base,
            tls: TlsOptions::default(),
            proxy: Proxy::Environment,
            credentials: Credentials::default(),
            limits: Limits::default(),
            read_only: false,
            clock: Rc::new(RealClock::new()),
        }
    }
}

/// Which proxy to use. A target on this machine is asked directly, unless a proxy is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    #[default]
    Environment,
    /// This one, whatever the environment says.
    Url(String),
    /// None, whatever the environment says.
    None,
}

/// Whether requests to `base` stay on this machine: what is written there harms nobody. Seen from a proxy elsewhere,
/// `localhost` is another machine.
#[must_use]
pub fn stays_here(base: &BaseUrl, proxy: &Proxy) -> bool {
    base.is_loopback()
        && match proxy {
            Proxy::Url(url) => BaseUrl::parse(url).is_ok_and(|proxy| proxy.is_loopback()),
            Proxy::Environment | Proxy::None => true,
        }
}

/// A request to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Method token.
    pub method: String,
    /// Request target in origin form, byte for byte; see [`BaseUrl::target`].
    pub target: String,
    /// The part of the target behind the base; see [`Sent::resource`].
    pub resource: String,
    /// All header lines. The one with the value [`CREDENTIALS`] is replaced by the credentials, or left out.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte; it may be sent more than once.
    pub body: Option<Rc<Payload>>,
}

/// An HTTP client for one target.
pub struct Client {
    base: BaseUrl,
    auth: Auth,
    pool: Pool,
    limits: Limits,
    read_only: bool,
    clock: Rc<dyn Clock>,
    mask: RefCell<(Mask, Option<u64>)>,
    refused: Cell<usize>,
    next_slot: Cell<Duration>,
    stays_here: bool,
}

impl Client {
    /// Prepares a client; nothing is sent.
    ///
    /// # Errors
    /// An option that cannot be used: a certificate, a token file, a proxy.
    pub fn new(options: ClientOptions) -> Result<Self, BadOption> {
        let ClientOptions { base, tls, proxy, credentials, limits, read_only, clock } = options;
        if limits.rate.is_some_and(|rate| !rate.is_finite() || rate < MIN_RATE) {
            return Err(BadOption::new("--rate", format!("the rate must be a number, {MIN_RATE} or more")));
        }
        let tls = tls.config()?;
        let endpoint = match &credentials.source {
            Source::OAuth2(client) => Some(TokenEndpoint::new(client, &proxy, (*tls).clone())?),
            _ => None,
        };
        let stays_here = stays_here(&base, &proxy);
        let proxy = ProxyServer::for_target(&base, &proxy)?;
        let mut mask = Mask::default();
        mask.add(&proxy.iter().flat_map(ProxyServer::secrets).collect::<Vec<_>>());
        let auth = Auth::new(credentials, endpoint, Rc::clone(&clock), limits.request_time)?;
        mask.add(&auth.secrets());
        Ok(Self {
            auth,
            pool: Pool::new(Connector::new(base.clone(), proxy, tls), Rc::clone(&clock)),
            base,
            limits,
            read_only,
            clock,
            mask: RefCell::new((mask, None)),
            refused: Cell::new(0),
            next_slot: Cell::new(Duration::ZERO),
            stays_here,
        })
    }

    /// The target.
    #[must_use]
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Whether requests stay on this machine; see [`stays_here`].
    #[must_use]
    pub fn stays_here(&self) -> bool {
        self.stays_here
    }

    /// Host and port of the proxy that requests go through, if there is one.
    #[must_use]
    pub fn proxy(&self) -> Option<String> {
        self.pool.connector().proxy().map(|proxy| format!("{}:{}", proxy.host, proxy.port))
    }

    /// The clock that it waits by.
    #[must_use]
    pub fn clock(&self) -> &Rc<dyn Clock> {
        &self.clock
    }

    /// Whether requests carry credentials.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.auth.is_some()
    }

    /// How many requests were refused because the run is read-only.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.get()
    }

    /// Masks the credentials in a text.
    pub fn mask(&self, text: &mut String) {
        self.mask.borrow().0.text(text);
    }

    /// A request as it would be reported if it were sent: credentials masked.
    #[must_use]
    pub fn masked(&self, outgoing: Outgoing) -> Sent {
        let mask = &self.mask.borrow().0;
        let Outgoing { method, mut target, mut resource, mut headers, body } = outgoing;
        mask.text(&mut target);
        mask.text(&mut resource);
        if let Some(place) = headers.iter().position(|(_, value)| value == CREDENTIALS) {
            let marker = headers.remove(place).0;
            let own = self.auth.names().map(|name| (spelt(name, &marker).to_owned(), PLACEHOLDER.to_owned()));
            headers.splice(place..place, own.collect::<Vec<_>>());
        }
        for (_, value) in &mut headers {
            mask.text(value);
        }
        let body = body.map(|body| mask.payload(Rc::unwrap_or_clone(body)));
        Sent { method, target, resource: resource.into(), headers, body }
    }

    /// Sends a request and reads its answer. A 401 renews credentials that can be renewed, and then the request is
    /// sent once more. Gives the request as it left and its answer, credentials masked in both, and the time from the
    /// first byte sent to the last byte read (zero if none was sent).
    pub async fn send(&self, outgoing: Outgoing) -> (Sent, Result<Received, Failure>, Duration) {
        let (got, took) = self.answer(&outgoing).await;
        (self.masked(outgoing), got, took)
    }

    /// The answer to a request, and the time it took: see [`Client::send`].
    pub async fn answer(&self, outgoing: &Outgoing) -> (Result<Received, Failure>, Duration) {
        if let Some(failure) = self.refusal(outgoing) {
            return (Err(failure), Duration::ZERO);
        }
        let (mut got, mut took, lines) = self.send_once(outgoing).await;
        if let (Ok(Raw { head, .. }), Some(used)) = (&got, &lines) {
            if head.status != 401 {
                self.auth.accepted(used.serial);
            } else if Box::pin(self.auth.renew(used.serial)).await {
                (got, took, _) = self.send_once(outgoing).await;
            }
        }
        let got = match got {
            Ok(raw) => Ok(self.received(raw)),
            Err(mut failure) => {
                self.mask(&mut failure.detail);
                Err(failure)
            }
        };
        (got, took)
    }

    async fn send_once(&self, outgoing: &Outgoing) -> (Result<Raw, Failure>, Duration, Option<Rc<Lines>>) {
        self.pace().await;
        let lines = match self.credentials(outgoing).await {
            Ok(lines) => lines,
            Err(failure) => return (Err(failure), Duration::ZERO, None),
        };
        let head = self.head(outgoing, lines.as_deref());
        let request = Request { method: &outgoing.method, head, body: outgoing.body.clone().unwrap_or_default() };
        let limit = self.limits.request_time;
        let progress = Progress::default();
        let exchange = self.pool.exchange(request, self.limits.body_bytes, &progress);
        let mut got = tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(progress.time_out(limit)));
        if let (Ok(Raw { head: Head { status: 407, .. }, .. }), Some(proxy)) = (&got, self.pool.connector().forwarder())
        {
            got = Err(proxy.wants_credentials());
        }
        let took = progress.begun().map_or(Duration::ZERO, |begun| self.clock.now().saturating_sub(begun));
        (got, took, lines)
    }

    /// The head as it goes out; a proxy that forwards it gets the whole URL, and its own credentials.
    fn head(&self, outgoing: &Outgoing, lines: Option<&Lines>) -> Vec<u8> {
        let Outgoing { method, target, headers, .. } = outgoing;
        let headers = written(headers, lines);
        let Some(proxy) = self.pool.connector().forwarder() else {
            return head::request(method, target, headers);
        };
        let authorization = proxy.authorization.iter().map(|value| ("Proxy-Authorization", value.expose()));
        head::request(method, &ProxyServer::absolute(&self.base, target), headers.chain(authorization))
    }

    /// Why a request must not be sent.
    fn refusal(&self, outgoing: &Outgoing) -> Option<Failure> {
        let refused = |why: String| Some(failure(FailureKind::Refused, why, false));
        if self.read_only && !is_read(&outgoing.method, &outgoing.target) {
            self.refused.set(self.refused.get() + 1);
            return refused(format!("the run is read-only: {} {} was not sent", outgoing.method, outgoing.resource));
        }
        let breaks = |text: &str| memchr::memchr3(b'\r', b'\n', 0, text.as_bytes()).is_some();
        if breaks(&outgoing.method) || breaks(&outgoing.target) {
            return refused("the request line contains a line break".to_owned());
        }
        let line = outgoing.headers.iter().find(|(name, value)| breaks(name) || breaks(value))?;
        refused(format!("the header line {:?} contains a line break", line.0))
    }

    /// Waits for this request's turn.
    async fn pace(&self) {
        let Some(rate) = self.limits.rate else { return };
        let now = self.clock.now();
        let slot = self.next_slot.get().max(now);
        self.next_slot.set(slot + Duration::from_secs_f64(1.0 / rate));
        let wait = slot.saturating_sub(now);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// The credentials for a request that wants them.
    async fn credentials(&self, outgoing: &Outgoing) -> Result<Option<Rc<Lines>>, Failure> {
        if self.auth.is_none() || !outgoing.headers.iter().any(|(_, value)| value == CREDENTIALS) {
            return Ok(None);
        }
        let lines = self.auth.lines().await?;
        let mut mask = self.mask.borrow_mut();
        if mask.1 != Some(lines.serial) {
            mask.0.add(&self.auth.secrets());
            mask.1 = Some(lines.serial);
        }
        Ok(Some(lines))
    }

    fn received(&self, mut raw: Raw) -> Received {
        coding::undo(&mut raw, self.limits.body_bytes);
        let mask = &self.mask.borrow().0;
        let Raw { head, mut body, mut oddities } = raw;
        let (mut reason, mut headers) = (head.reason, head.headers);
        mask.text(&mut reason);
        for (_, value) in &mut headers {
            mask.text(value);
        }
        mask.body(&mut body);
        for oddity in &mut oddities {
            if let Oddity::Malformed(why) | Oddity::BadContentCoding(why) = oddity {
                mask.text(why);
            }
        }
        Received::new(head.status, reason, headers, body, oddities)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.base).field("auth", &self.auth).finish_non_exhaustive()
    }
}

/// Whether a request only reads: GET, HEAD, and a query by POST (RFC 7644 section 3.4.3).
fn is_read(method: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    matches!(method, "GET" | "HEAD") || method == "POST" && path.ends_with("/.search")
}

/// The header lines as they go out.
fn written<'a>(
    headers: &'a [(String, String)],
    lines: Option<&'a Lines>,
) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
    headers.iter().flat_map(move |(name, value)| {
        let marker = value == CREDENTIALS;
        let plain = (!marker).then_some((name.as_str(), value.as_str()));
        plain.into_iter().chain(credential_lines(name, lines.filter(|_| marker)))
    })
}

/// The credentials' lines.
fn credential_lines<'a>(marker: &'a str, lines: Option<&'a Lines>) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
    lines.into_iter().flat_map(|lines| &lines.lines).map(move |(name, value)| (spelt(name, marker), value.expose()))
}

/// The name of a credentials' line: the marker's spelling counts if it is the same name.
fn spelt<'a>(name: &'a str, marker: &'a str) -> &'a str {
    if name.eq_ignore_ascii_case(marker) { marker } else { name }
}

#[cfg(test)]
mod peer;
#[cfg(test)]
mod tests;
