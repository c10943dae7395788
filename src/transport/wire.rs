//! One HTTP/1.1 connection: hyper keeps it and reads the answers, the [tap](super::tap) writes the requests.

use std::error::Error as _;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::head::{self, Found, Head};
use super::lenient;
use super::mask;
use super::tap::{Log, Stream, Tap};
use super::tls;
use crate::exchange::{Failure, FailureKind, Oddity, Payload};

type Connection = http1::Connection<TokioIo<Tap>, Empty<Bytes>>;

/// An answer before its content coding is undone.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its head.
    pub(super) head: Head,
    /// Its body, transfer coding undone.
    pub(super) body: Vec<u8>,
    /// What is strange about its framing.
    pub(super) oddities: Vec<Oddity>,
}

impl Raw {
    /// Cuts a body beyond the limit, and says so.
    pub(super) fn cut_to(&mut self, limit: usize) -> bool {
        let cut = self.body.len() > limit;
        if cut {
            self.body.truncate(limit);
            self.oddities.push(Oddity::BodyCut(limit));
        }
        cut
    }
}

/// A request in bytes.
#[derive(Clone, Debug)]
pub(super) struct Request<'a> {
    /// Method token; decides whether the answer has a body.
    pub(super) method: &'a str,
    /// Request line, header lines and the empty line.
    pub(super) head: Vec<u8>,
    /// What follows.
    pub(super) body: Rc<Payload>,
}

/// What became of a request.
pub(super) struct Attempt {
    /// The answer, or why there is none.
    pub(super) got: Result<Raw, Failure>,
    /// The connection, if it can be used again.
    pub(super) wire: Option<Wire>,
    /// How many bytes of the request left.
    pub(super) written: usize,
}

/// A connection.
pub(super) struct Wire {
    sender: SendRequest<Empty<Bytes>>,
    connection: Connection,
    /// The connection's future is done: it must not be polled again.
    over: bool,
    log: Rc<Log>,
}

impl Wire {
    /// Puts HTTP on a stream; nothing is sent yet.
    pub(super) async fn open(stream: Stream) -> Result<Self, Failure> {
        let log = Rc::<Log>::default();
        let tap = Tap::new(stream, Rc::clone(&log));
        match http1::handshake(TokioIo::new(tap)).await {
            Ok((sender, connection)) => Ok(Self { sender, connection, over: false, log }),
            Err(error) => Err(failure(FailureKind::Connect, error.to_string(), false)),
        }
    }

    /// What is said over it.
    pub(super) fn log(&self) -> Rc<Log> {
        Rc::clone(&self.log)
    }

    /// Notices that the server has closed the connection meanwhile.
    pub(super) async fn is_open(&mut self) -> bool {
        // The runtime looks at its sockets when the task yields.
        tokio::task::yield_now().await;
        self.poke().await;
        !self.over
    }

    /// Sends a request and reads its answer, of whose body at most `limit` bytes are kept.
    pub(super) async fn exchange(mut self, request: Request<'_>, limit: usize) -> Attempt {
        self.log.begin(request.head, request.body);
        let log = Rc::clone(&self.log);
        let (got, wire) = match self.converse(request.method).await {
            Ok(incoming) => {
                log.stop_listening();
                self.read(incoming, request.method, limit).await
            }
            // Boxed, like all that is rare: the future of a request is moved about, and should be small.
            Err(error) => (Box::pin(self.rescue(&error, request.method, limit)).await, None),
        };
        log.end();
        Attempt { got, wire, written: log.written() }
    }

    /// Sends the stand-in, for which the tap writes the request, and waits for the answer's head.
    async fn converse(&mut self, method: &str) -> hyper::Result<Incoming> {
        let mut stand_in = http::Request::new(Empty::new());
        if method == "HEAD" {
            *stand_in.method_mut() = http::Method::HEAD;
        }
        let Self { sender, connection, over, .. } = self;
        let talk = async {
            sender.ready().await?;
            sender.send_request(stand_in).await
        };
        Ok(drive(connection, over, talk).await?.into_body())
    }

    async fn read(mut self, incoming: Incoming, method: &str, limit: usize) -> (Result<Raw, Failure>, Option<Self>) {
        let found = head::answer(&self.log.heard());
        let Found::Head(head) = found else {
            return (Err(not_http(&self.log.heard())), None);
        };
        let oddities = head.oddities();
        let mut raw = Raw { head, body: Vec::new(), oddities };
        if let Err(failure) = self.read_body(incoming, &mut raw, limit).await {
            return (Err(failure), None);
        }
        let bodiless = raw.head.is_bodiless(method);
        if bodiless {
            self.drain().await;
        } else {
            self.poke().await;
        }
        let surplus = self.note_surplus(&mut raw, bodiless);
        let cut = raw.cut_to(limit);
        let reusable = !surplus && !cut && !self.over && self.log.all_written();
        (Ok(raw), reusable.then_some(self))
    }

    /// Reads the body, a little beyond the limit at most. A chunk that cannot be read ends it.
    async fn read_body(&mut self, mut incoming: Incoming, raw: &mut Raw, limit: usize) -> Result<(), Failure> {
        let Self { connection, over, log, .. } = self;
        let body = &mut raw.body;
        let collect = async {
            while let Some(frame) = incoming.frame().await {
                if let Ok(data) = frame?.into_data() {
                    body.extend_from_slice(&data);
                }
                if body.len() > limit {
                    break;
                }
            }
            Ok::<(), hyper::Error>(())
        };
        let Err(error) = drive(connection, over, collect).await else { return Ok(()) };
        match io_cause(&error) {
            Some(cause) if is_bad_chunk(cause) => {
                self.over = true;
                raw.oddities.push(Oddity::Malformed(format!("its chunks cannot be read: {cause}")));
                Ok(())
            }
            cause => Err(cut(log, cause)),
        }
    }

    /// Whether more came than belongs to the answer; noted as an oddity.
    fn note_surplus(&self, raw: &mut Raw, bodiless: bool) -> bool {
        let behind_head = self.log.read().saturating_sub(raw.head.length);
        let surplus = if bodiless {
            behind_head
        } else if raw.head.is_chunked() {
            0
        } else {
            raw.head.announced().map_or(0, |(_, length)| behind_head.saturating_sub(length))
        };
        match surplus {
            0 => return false,
            bytes if bodiless => raw.oddities.push(Oddity::BodyWhereNoneBelongs(bytes)),
            bytes => raw.oddities.push(Oddity::Malformed(format!("{bytes} bytes follow the end of the body"))),
        }
        true
    }

    /// Lets the connection notice what has come by now, without waiting.
    async fn poke(&mut self) {
        let Self { connection, over, .. } = self;
        std::future::poll_fn(|cx| {
            if !*over {
                *over = connection.poll_without_shutdown(cx).is_ready();
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Counts what has come behind an answer that has no body, without waiting for more.
    async fn drain(&mut self) {
        tokio::task::yield_now().await;
        self.poke().await;
    }

    /// The library gave up: finds out whether there is an answer after all.
    async fn rescue(self, error: &hyper::Error, method: &str, limit: usize) -> Result<Raw, Failure> {
        let Self { connection, log, .. } = self;
        if log.heard().is_empty() {
            return Err(cut(&log, io_cause(error)));
        }
        let mut tap = connection.into_parts().io.into_inner();
        // The library has a limit for header lines, HTTP has none.
        let why = (!error.is_parse_too_large()).then(|| error.to_string());
        lenient::read(&mut tap, &log, method, limit, why).await
    }
}

/// Does `work`, and moves the connection on, of which the work knows nothing.
async fn drive<T>(connection: &mut Connection, over: &mut bool, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if *over {
            return Poll::Pending;
        }
        *over = connection.poll_without_shutdown(cx).is_ready();
        work.as_mut().poll(cx)
    })
    .await
}

/// The failure of a stream that ended too early.
pub(super) fn cut(log: &Log, cause: Option<&io::Error>) -> Failure {
    // In TLS 1.3 a server refuses the client's certificate after the client's handshake is done.
    if let Some(why) = cause.and_then(tls::explain) {
        return failure(FailureKind::Tls, why, log.read() > 0);
    }
    let how = match cause.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted) => {
            "the server reset the connection".to_owned()
        }
        None | Some(io::ErrorKind::UnexpectedEof) => "the server closed the connection".to_owned(),
        Some(_) => cause.map_or_else(String::new, |cause| format!("the connection failed ({cause})")),
    };
    let when = match log.read() {
        0 if log.written() == 0 => "before the request was sent".to_owned(),
        0 => "without an answer".to_owned(),
        bytes => format!("in the middle of its answer, after {bytes} bytes"),
    };
    failure(FailureKind::Cut, format!("{how} {when}"), log.read() > 0)
}

/// The failure of a peer that speaks something else.
pub(super) fn not_http(heard: &[u8]) -> Failure {
    let detail = match heard {
        [0x15, 0x03, ..] => "the server speaks TLS on this port; the URL should begin with https://".to_owned(),
        [_, _, _, 0x04, _, 0, 0, 0, 0, ..] => "the server speaks only HTTP/2".to_owned(),
        _ => {
            let heard = String::from_utf8_lossy(heard);
            format!("the server does not speak HTTP; it said {:?}", mask::beginning(&heard, 40))
        }
    };
    failure(FailureKind::NotHttp, detail, true)
}

/// Shorthand.
pub(super) fn failure(kind: FailureKind, detail: impl Into<String>, answer_begun: bool) -> Failure {
    Failure { kind, detail: detail.into(), answer_begun }
}

fn is_bad_chunk(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) && tls::explain(error).is_none()
}

fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return Some(io);
        }
        cause = inner.source();
    }
    None
}
