//! One connection of a client, and the one to the target that belongs to it: what comes on one goes out on the other.
//!
//! Bytes go on as they come, but for the value of `Host`. An exchange goes to the clerk when its last bytes have passed, and
//! the end of the next answer waits until it is written: when a client has an answer, all before it is on the disk.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::time::timeout;

use super::clerk::{Answer, Raw, Written};
use super::message::{Asked, Begin, Framing, asked};
use super::{Shared, refusal};
use crate::exchange::{Failure, FailureKind, Oddity};
use crate::record::log::Kept;
use crate::transport::dial::Stream;
use crate::transport::head::{self, Found};

/// How long a client may take to send the rest of a request that cannot be passed on.
const DRAIN: Duration = Duration::from_secs(2);

/// A stream in its two directions, and what was read of it and not yet used.
struct Side {
    reads: ReadHalf<Stream>,
    writes: WriteHalf<Stream>,
    pending: Vec<u8>,
}

impl Side {
    fn new(stream: Stream) -> Self {
        let (reads, writes) = split(stream);
        Self { reads, writes, pending: Vec::new() }
    }

    /// More bytes; none: it ended, in whatever way.
    async fn more(&mut self) -> usize {
        read_into(&mut self.reads, &mut self.pending).await
    }
}

async fn read_into(from: &mut ReadHalf<Stream>, buffer: &mut Vec<u8>) -> usize {
    buffer.reserve(16 * 1024);
    from.read_buf(buffer).await.unwrap_or(0)
}

/// How the connection goes on after an exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// With the next request.
    Go,
    /// Not at all.
    End,
}

/// Passes on what a client says until one of both ends it.
pub(super) async fn serve(client: Stream, shared: Rc<Shared>) {
    let mut near = Side::new(client);
    let mut far = None;
    let mut last = None;
    loop {
        match request(&mut near, far.as_mut(), &shared).await {
            Begin::Head(head) => {
                let next = Box::pin(Turn::new(&shared, head, &mut last).play(&mut near, &mut far)).await;
                if next == Next::End || shared.is_stopping() {
                    break;
                }
            }
            Begin::Partial => break,
            Begin::NotHttp(why) => {
                shared.desk.say(format!("a client sent something that is no request: {why}"));
                let _gone = near.writes.write_all(&refusal(400, why)).await;
                break;
            }
        }
    }
    let _gone = near.writes.shutdown().await;
}

/// The head of the next request; `Partial`: there is none.
async fn request(near: &mut Side, mut far: Option<&mut Side>, shared: &Shared) -> Begin {
    loop {
        match asked(&near.pending) {
            Begin::Partial => {}
            found => return found,
        }
        let begun = !near.pending.is_empty();
        let Side { reads, pending, .. } = near;
        let more = read_into(reads, pending);
        let idle = async {
            match &mut far {
                Some(far) => far.more().await,
                None => std::future::pending().await,
            }
        };
        let read = tokio::select! {
            read = async { if begun { timeout(shared.limit, more).await.ok() } else { Some(more.await) } } => read,
            // The target closes a connection that is idle: so does the recorder.
            _ = idle, if !begun => return Begin::Partial,
            () = shared.stopping(), if !begun => return Begin::Partial,
        };
        if read.is_none_or(|read| read == 0) {
            if begun {
                let first = near.pending.split(|b| *b == b' ').next().unwrap_or_default();
                let method = String::from_utf8_lossy(first);
                shared.desk.say(half(&method, near.pending.len(), read.is_some()));
            }
            if read.is_none() {
                let _gone = near.writes.write_all(&refusal(408, "The request did not come to its end.")).await;
            }
            return Begin::Partial;
        }
    }
}

/// A request whose head never came to its end: there is nothing to be recorded but that.
fn half(method: &str, bytes: usize, gone: bool) -> String {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].contains(&method);
    let method = if known { format!("a {method}") } else { "a request".to_owned() };
    let what = if gone { "went away" } else { "stopped" };
    format!("a client {what} in the middle of the head of {method}, after {bytes} bytes")
}

/// Why the way to the target or from the client ended early.
enum Trouble {
    /// The client ended the connection or stopped sending in the middle of its request.
    Client(&'static str),
    /// No byte of an answer came; whether the connection had been used before.
    Silent(Failure),
    /// The answer ended in the middle.
    Cut(Failure),
}

/// One request and its answer.
struct Turn<'s> {
    shared: &'s Shared,
    head: Asked,
    at: jiff::Timestamp,
    begun: Cell<Duration>,
    request: Kept,
    /// Bytes of the request that went on, as a sign of life.
    sent: Cell<u64>,
    /// The exchange before.
    last: &'s mut Option<Written>,
}

impl<'s> Turn<'s> {
    fn new(shared: &'s Shared, head: Asked, last: &'s mut Option<Written>) -> Self {
        let begun = Cell::new(shared.clock.now());
        Self { shared, head, at: shared.clock.utc(), begun, request: Kept::new(shared.kept), sent: Cell::new(0), last }
    }

    async fn play(mut self, near: &mut Side, far: &mut Option<Side>) -> Next {
        let reused = far.is_some();
        let mut side = match far.take() {
            Some(side) => side,
            None => match self.connect().await {
                Ok(side) => side,
                Err(failure) => return self.refuse(near, failure).await,
            },
        };
        let whole = near.pending.clone();
        let mut passed = self.pass(near, &mut side).await;
        let repeatable = matches!(self.head.method.as_str(), "GET" | "HEAD") && self.request.total() == 0;
        if let (true, true, Err(Trouble::Silent(_))) = (reused, repeatable, &passed) {
            // The target closed the connection while the request was on its way.
            match self.connect().await {
                Ok(fresh) => side = fresh,
                Err(failure) => return self.refuse(near, failure).await,
            }
            near.pending = whole;
            self.request = Kept::new(self.shared.kept);
            passed = self.pass(near, &mut side).await;
        }
        match passed {
            Ok(next) => {
                *far = (next == Next::Go).then_some(side);
                next
            }
            Err(Trouble::Client(why)) => {
                self.shared.desk.say_of(&self.head, format!("the client {why}"));
                if why.contains("stopped") {
                    let _gone = near.writes.write_all(&refusal(408, "The request did not come to its end.")).await;
                }
                self.failed(Failure {
                    kind: FailureKind::Cut,
                    detail: format!("the client {why}"),
                    answer_begun: false,
                });
                Next::End
            }
            Err(Trouble::Silent(failure)) => self.answer_for_target(near, failure).await,
            Err(Trouble::Cut(failure)) => {
                self.failed(failure);
                Next::End
            }
        }
    }

    async fn connect(&self) -> Result<Side, Failure> {
        match timeout(self.shared.limit, self.shared.dial.connect()).await {
            Ok(connected) => connected.map(Side::new),
            Err(_) => Err(self.too_slow("no connection")),
        }
    }

    fn too_slow(&self, what: &str) -> Failure {
        let detail = format!("{what} within {:?}", self.shared.limit);
        Failure { kind: FailureKind::TimeOut, detail, answer_begun: false }
    }

    /// The target cannot be reached: the rest of the request is read, so that it is recorded and the client can read
    /// what it is told.
    async fn refuse(mut self, near: &mut Side, failure: Failure) -> Next {
        let mut framing = Framing::of_request(&self.head);
        near.pending.drain(..self.head.length);
        let waits = self.head.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("expect"));
        let rest = async {
            loop {
                let taken = framing.feed(&near.pending, |data| self.request.push(data));
                near.pending.drain(..taken);
                if waits || framing.is_over() || near.more().await == 0 {
                    break;
                }
            }
        };
        let _slow = timeout(DRAIN, rest).await;
        self.answer_for_target(near, failure).await
    }

    /// 502 or 504, with the reason.
    async fn answer_for_target(self, near: &mut Side, failure: Failure) -> Next {
        let status = if failure.kind == FailureKind::TimeOut { 504 } else { 502 };
        let answer = refusal(status, &format!("The recorder got no answer from the target: {}.", failure.detail));
        self.failed(failure);
        let _gone = near.writes.write_all(&answer).await;
        Next::End
    }

    /// Passes the request on and the answer back.
    async fn pass(&mut self, near: &mut Side, far: &mut Side) -> Result<Next, Trouble> {
        let Self { shared, head, request, sent, begun, last: before, .. } = self;
        begun.set(shared.clock.now());
        let opening = opening(head, &near.pending[..head.length], shared);
        near.pending.drain(..head.length);
        let ((answer, last, more), whole) = {
            let framing = Framing::of_request(head);
            let to = (&mut far.writes, opening);
            let upload = upload(shared, (&mut near.reads, &mut near.pending), to, framing, request, sent);
            let download = Download { shared, method: &head.method, sent };
            let download = download.read(&mut far.reads, &mut far.pending, &mut near.writes);
            both(upload, download).await?
        };
        let took = shared.clock.now().saturating_sub(begun.get());
        if let Some(before) = before.take() {
            let _written = before.await;
        }
        // The client first, unless it takes its time.
        let mut passing = pin!(async { near.writes.write_all(&last).await.and(near.writes.flush().await) });
        let passed = poll!(&mut passing);
        let (head, request) = (std::mem::take(head), std::mem::replace(request, Kept::new(0)));
        **before = Some(shared.desk.write(Raw { head, request, at: self.at, took, got: Ok(answer) }));
        let gone = match passed {
            Poll::Ready(passed) => passed.is_err(),
            Poll::Pending => passing.await.is_err(),
        };
        Ok(if more && !gone && whole { Next::Go } else { Next::End })
    }

    fn failed(self, failure: Failure) {
        let Self { shared, head, at, begun, request, last, .. } = self;
        let took = shared.clock.now().saturating_sub(begun.get());
        *last = Some(shared.desk.write(Raw { head, request, at, took, got: Err(failure) }));
    }
}

/// Both directions until the answer is there; also whether the whole request was passed on by then.
async fn both<T>(
    upload: impl Future<Output = Result<bool, &'static str>>,
    download: impl Future<Output = Result<T, Trouble>>,
) -> Result<(T, bool), Trouble> {
    let mut upload = pin!(upload);
    let mut download = pin!(download);
    let mut uploaded = None;
    loop {
        tokio::select! {
            biased;
            ended = &mut upload, if uploaded.is_none() => uploaded = Some(ended.map_err(Trouble::Client)?),
            answered = &mut download => return Ok((answered?, uploaded == Some(true))),
        }
    }
}

/// Passes the request on; false: the target took no more of it, which its answer explains.
async fn upload(
    shared: &Shared,
    (from, pending): (&mut ReadHalf<Stream>, &mut Vec<u8>),
    (to, mut opening): (&mut WriteHalf<Stream>, Vec<u8>),
    mut framing: Framing,
    request: &mut Kept,
    sent: &Cell<u64>,
) -> Result<bool, &'static str> {
    // What of the body is there already goes out with the head.
    let taken = framing.feed(pending, |data| request.push(data));
    opening.extend(pending.drain(..taken));
    if to.write_all(&opening).await.is_err() {
        return Ok(false);
    }
    loop {
        let taken = framing.feed(pending, |data| request.push(data));
        if taken > 0 && to.write_all(&pending[..taken]).await.is_err() || to.flush().await.is_err() {
            return Ok(false);
        }
        pending.drain(..taken);
        sent.set(sent.get() + taken as u64 + 1);
        if framing.is_over() {
            return Ok(true);
        }
        match timeout(shared.limit, read_into(from, pending)).await {
            Ok(0) => return Err("went away in the middle of its request"),
            Ok(_) => {}
            Err(_) => return Err("stopped in the middle of its request"),
        }
    }
}

/// The head as it goes on: the value of `Host` is the target's.
fn opening(head: &Asked, bytes: &[u8], shared: &Shared) -> Vec<u8> {
    match &head.host {
        Some(host) if !shared.keep_host => [&bytes[..host.start], shared.host.as_bytes(), &bytes[host.end..]].concat(),
        _ => bytes.to_vec(),
    }
}

/// Reads an answer and passes it on.
struct Download<'d> {
    shared: &'d Shared,
    method: &'d str,
    sent: &'d Cell<u64>,
}

impl Download<'_> {
    /// The answer, its last bytes that are still to be passed on, and whether another request can follow.
    async fn read(
        &self,
        from: &mut ReadHalf<Stream>,
        pending: &mut Vec<u8>,
        to: &mut WriteHalf<Stream>,
    ) -> Result<(Answer, Vec<u8>, bool), Trouble> {
        let mut seen = Vec::new();
        let mut answer: Option<(Answer, Framing)> = None;
        let mut forwarded = false;
        loop {
            if pending.is_empty() && !self.more(from, pending, forwarded || answer.is_some()).await? {
                return match answer {
                    Some((answer, Framing::Close)) => Ok((answer, Vec::new(), false)),
                    _ => Err(ended(seen.len(), forwarded)),
                };
            }
            let part = std::mem::take(pending);
            let taken = if let Some((answer, framing)) = &mut answer {
                framing.feed(&part, |data| answer.body.push(data))
            } else {
                seen.extend_from_slice(&part);
                match head::answer(&seen) {
                    Found::Partial => part.len(),
                    Found::NotHttp if forwarded => return Err(ended(seen.len(), true)),
                    Found::NotHttp => return Err(Trouble::Silent(not_http())),
                    Found::Head(head) => {
                        let mut framing = Framing::of_answer(&head, self.method);
                        let mut body = Kept::new(self.shared.kept);
                        let length = head.length;
                        let taken = framing.feed(&seen[length..], |data| body.push(data));
                        let left = seen.len() - length - taken;
                        let oddities = head.oddities();
                        answer = Some((Answer { head, body, oddities }, framing));
                        part.len() - left
                    }
                }
            };
            if answer.as_ref().is_some_and(|(_, framing)| framing.is_over()) {
                let surplus = part.len() - taken;
                let mut answer = answer.map(|(answer, _)| answer).ok_or_else(|| ended(0, forwarded))?;
                if surplus > 0 {
                    answer.oddities.push(if answer.head.is_bodiless(self.method) {
                        Oddity::BodyWhereNoneBelongs(surplus)
                    } else {
                        Oddity::Malformed(format!("{surplus} bytes follow the end of the body"))
                    });
                }
                return Ok((answer, part, surplus == 0));
            }
            // A client that is gone does not end the reading: what the target says is recorded.
            let _gone = to.write_all(&part).await.and(to.flush().await);
            forwarded = true;
        }
    }

    /// Reads on; false: the target ended it. As long as the request is on its way, the target may be silent.
    async fn more(&self, from: &mut ReadHalf<Stream>, pending: &mut Vec<u8>, begun: bool) -> Result<bool, Trouble> {
        loop {
            let before = self.sent.get();
            match timeout(self.shared.limit, read_into(from, pending)).await {
                Ok(read) => return Ok(read > 0),
                Err(_) if self.sent.get() > before => {}
                Err(_) => {
                    let what = if begun { "no more of the answer" } else { "no answer" };
                    let detail = format!("{what} within {:?}", self.shared.limit);
                    let failure = Failure { kind: FailureKind::TimeOut, detail, answer_begun: begun };
                    return Err(if begun { Trouble::Cut(failure) } else { Trouble::Silent(failure) });
                }
            }
        }
    }
}

/// The target ended the connection after so many bytes of its answer.
fn ended(seen: usize, forwarded: bool) -> Trouble {
    let when = if seen == 0 { "without an answer".to_owned() } else { "in the middle of its answer".to_owned() };
    let detail = format!("the target closed the connection {when}");
    let failure = Failure { kind: FailureKind::Cut, detail, answer_begun: seen > 0 };
    if forwarded { Trouble::Cut(failure) } else { Trouble::Silent(failure) }
}

fn not_http() -> Failure {
    let detail = "the target does not speak HTTP/1.1 here".to_owned();
    Failure { kind: FailureKind::NotHttp, detail, answer_begun: true }
}
