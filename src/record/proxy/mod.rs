//! A reverse proxy that changes nothing and keeps everything: `scimproof record`.
//!
//! It speaks HTTP/1.1 and works below any HTTP library, which would normalise what has to be seen: request targets,
//! spelling and order of header lines, chunks. Only the value of `Host` is replaced by the target's, because most
//! endpoints are found by it. Each connection of the client has one to the target, and closes with it.
//!
//! Bytes pass on one thread; another one masks and writes them.

mod clerk;
mod connection;
mod message;
pub mod tls;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use clerk::{Clerk, Desk};

use super::log::Log;
use super::mask::{Masker, Report};
use crate::exchange::Exchange;
use crate::scim::json::write_string;
use crate::transport::clock::Clock;
use crate::transport::dial::{Dial, Stream};
use crate::transport::target::BaseUrl;

/// Bytes of a body that are kept; a longer one is kept as its length and digest.
pub const KEPT: usize = 4 * 1024 * 1024;

/// How long open requests may take to end when the recorder is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// How to record.
pub struct Options {
    /// Where clients connect to.
    pub listen: SocketAddr,
    /// The endpoint.
    pub target: BaseUrl,
    /// The way to it.
    pub dial: Dial,
    /// TLS towards clients; `None`: in clear.
    pub certificate: Option<tls::Certificate>,
    /// Leave `Host` as the client wrote it.
    pub keep_host: bool,
    /// How long the target may be silent, and a client in the middle of its request.
    pub limit: Duration,
    /// Folder of the recording.
    pub out: PathBuf,
    /// Masks what is written.
    pub masker: Masker,
    /// Time.
    pub clock: Rc<dyn Clock>,
}

/// Something to be shown while it happens.
pub enum News<'n> {
    /// An exchange that passed, masked.
    Passed(&'n Exchange),
    /// Something that went wrong, or is right again.
    Trouble(&'n str),
}

/// Who is told, on the thread that writes: whoever takes long holds up what is written, and not what passes.
pub type Tell = Box<dyn Fn(&News<'_>) + Send>;

/// What was recorded.
#[derive(Debug)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// How many exchanges passed.
    pub exchanges: u64,
    /// How many of them could not be written.
    pub lost: u64,
    /// What was masked.
    pub masked: Report,
}

/// A recorder that is bound to its address.
pub struct Recorder {
    listener: TcpListener,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    base: BaseUrl,
    shared: Rc<Shared>,
    clerk: JoinHandle<Log>,
    stop: watch::Sender<bool>,
}

/// What all connections share.
struct Shared {
    dial: Dial,
    host: String,
    keep_host: bool,
    limit: Duration,
    kept: usize,
    clock: Rc<dyn Clock>,
    desk: Desk,
    stop: watch::Receiver<bool>,
}

impl Recorder {
    /// Binds the address and begins the recording.
    ///
    /// # Errors
    /// The address cannot be bound, the folder cannot be written, the certificate cannot be used; in words.
    pub fn start(options: Options, tell: Tell) -> Result<Self, String> {
        let Options { listen, target, dial, certificate, keep_host, limit, out, masker, clock } = options;
        let bound = |error: io::Error| format!("--listen {listen}: {error}");
        let listener = StdListener::bind(listen).map_err(bound)?;
        listener.set_nonblocking(true).map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let listener = TcpListener::from_std(listener).map_err(bound)?;
        let acceptor = certificate.map(|given| tls::acceptor(&given, listen.ip(), &out)).transpose()?;
        let log = Log::begin(&out, target.as_str(), clock.utc(), masker)
            .map_err(|error| format!("--out {}: {error}", out.display()))?;
        let clerk = Clerk::new(log, target.clone(), KEPT, tell);
        let (desk, clerk) = clerk.start().map_err(|error| format!("no thread can be started: {error}"))?;
        let (stop, stopped) = watch::channel(false);
        let host = target.host_line();
        let shared = Shared { dial, host, keep_host, limit, kept: KEPT, clock, desk, stop: stopped };
        Ok(Self { listener, address, acceptor, base: target, shared: Rc::new(shared), clerk, stop })
    }

    /// The base URL that the client is to be given: the target's, with the recorder's address.
    #[must_use]
    pub fn base_url(&self) -> String {
        let scheme = if self.acceptor.is_some() { "https" } else { "http" };
        let base = &self.base;
        let query = base.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}://{}{}{query}", self.address, base.path())
    }

    /// Records until `stop`. Open requests may end; the last connections are closed after a few seconds.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Recorded {
        let Self { listener, acceptor, shared, clerk, stop: tell_stop, .. } = self;
        let tasks = tokio::task::LocalSet::new();
        let serve = async {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let _best_effort = stream.set_nodelay(true);
                        tokio::task::spawn_local(accepted_on(stream, acceptor.clone(), Rc::clone(&shared)));
                    }
                    Err(error) => {
                        shared.desk.say(format!("no connection could be taken: {error}"));
                        // Too many open files: some are closed meanwhile.
                        shared.clock.sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        tasks
            .run_until(async {
                tokio::select! {
                    () = serve => {}
                    () = stop => {}
                }
            })
            .await;
        drop(listener);
        tell_stop.send_replace(true);
        let _late = tokio::time::timeout(GRACE, tasks).await;
        // The last desk: the clerk does what is left, and ends.
        drop(shared);
        let mut log = clerk.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let lost = log.end();
        Recorded { path: log.path().to_owned(), exchanges: log.count(), lost, masked: log.masker().report().clone() }
    }
}

async fn accepted_on(stream: tokio::net::TcpStream, acceptor: Option<TlsAcceptor>, shared: Rc<Shared>) {
    let stream: Stream = match acceptor {
        None => Box::new(stream),
        Some(acceptor) => match tokio::time::timeout(shared.limit, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => return shared.desk.say(tls::refused(&error)),
            Err(_) => return shared.desk.say("a client's TLS handshake did not come to its end"),
        },
    };
    connection::serve(stream, shared).await;
}

impl Shared {
    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    async fn stopping(&self) {
        let mut stop = self.stop.clone();
        // The sender lives as long as the recorder.
        let _ended = stop.wait_for(|stop| *stop).await;
    }
}

/// An answer of the recorder itself: a SCIM error (RFC 7644 section 3.12).
fn refusal(status: u16, detail: &str) -> Vec<u8> {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or_default();
    let mut quoted = String::new();
    write_string(detail, &mut quoted);
    let body = format!(r#"{{"schemas":["{}"],"status":"{status}","detail":{quoted}}}"#, crate::scim::urn::ERROR);
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/scim+json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
