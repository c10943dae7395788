//! Masks and writes what passed, and tells of it, on a thread of its own: nothing that passes waits for that.

use std::cell::Cell;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::message::Asked;
use super::{News, Tell};
use crate::exchange::{Exchange, Failure, Oddity, Received, Sent};
use crate::record::log::{Kept, Log, ORIGIN, Passed, place};
use crate::transport::coding;
use crate::transport::head::Head;
use crate::transport::target::BaseUrl;

/// How often the disk is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// A request and what came of it, as they passed.
pub(super) struct Raw {
    pub(super) head: Asked,
    pub(super) request: Kept,
    pub(super) at: jiff::Timestamp,
    pub(super) took: Duration,
    pub(super) got: Result<Answer, Failure>,
}

/// An answer as it passed.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) body: Kept,
    pub(super) oddities: Vec<Oddity>,
}

/// What the clerk is given to do.
enum Job {
    /// Write this; who waits for that is told.
    Write(Box<Raw>, oneshot::Sender<()>),
    Say(String),
    /// Say this of a request with this method and target.
    SayOf(String, String, String),
}

/// Hands work to the clerk.
pub(super) struct Desk {
    jobs: Sender<Job>,
}

/// Resolves when an exchange is on the disk, or waits in memory for a disk that is full.
pub(super) type Written = oneshot::Receiver<()>;

impl Desk {
    pub(super) fn write(&self, raw: Raw) -> Written {
        let (tell, written) = oneshot::channel();
        self.job(Job::Write(Box::new(raw), tell));
        written
    }

    pub(super) fn say(&self, text: impl Into<String>) {
        self.job(Job::Say(text.into()));
    }

    pub(super) fn say_of(&self, head: &Asked, what: String) {
        self.job(Job::SayOf(head.method.clone(), head.target.clone(), what));
    }

    fn job(&self, job: Job) {
        // The clerk lives as long as somebody can give him work.
        let _given = self.jobs.send(job);
    }
}

/// Who masks and writes.
pub(super) struct Clerk {
    log: Log,
    base: BaseUrl,
    kept: usize,
    tell: Tell,
    outside: Cell<bool>,
}

impl Clerk {
    pub(super) fn new(log: Log, base: BaseUrl, kept: usize, tell: Tell) -> Self {
        Self { log, base, kept, tell, outside: Cell::new(false) }
    }

    /// Begins to work; gives back the recording when all desks are gone and all work is done.
    pub(super) fn start(self) -> io::Result<(Desk, JoinHandle<Log>)> {
        let (jobs, given) = channel();
        let thread = Builder::new().name("clerk".to_owned()).spawn(move || self.work(&given))?;
        Ok((Desk { jobs }, thread))
    }

    fn work(mut self, given: &Receiver<Job>) -> Log {
        loop {
            match given.recv_timeout(RETRY) {
                Ok(Job::Write(raw, tell)) => self.write(*raw, tell),
                Ok(Job::Say(text)) => self.say(&text),
                Ok(Job::SayOf(method, target, what)) => {
                    let target = self.log.shown(&target);
                    self.say(&format!("{method} {target}: {what}"));
                }
                Err(RecvTimeoutError::Timeout) => self.look_at_the_disk(),
                Err(RecvTimeoutError::Disconnected) => return self.log,
            }
        }
    }

    fn say(&self, text: &str) {
        (self.tell)(&News::Trouble(text));
    }

    /// Records an exchange; those that this tool marks as its own pass unrecorded.
    fn write(&mut self, raw: Raw, tell: oneshot::Sender<()>) {
        let agent = raw.head.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        if agent.is_some_and(|(_, agent)| agent.starts_with("scimproof/")) {
            return;
        }
        let passed = self.passed(raw);
        let written = self.log.write(passed);
        // A client that is gone does not wait.
        let _gone = tell.send(());
        (self.tell)(&News::Passed(&written));
        self.look_at_the_disk();
    }

    fn look_at_the_disk(&mut self) {
        if let Some(news) = self.log.news() {
            self.say(&news);
        }
    }

    /// What stands behind the base path.
    fn resource(&self, target: &str) -> String {
        let base = self.base.path().trim_end_matches('/');
        let rest = target.strip_prefix(base).filter(|rest| rest.starts_with(['/', '?']) || rest.is_empty());
        if let Some(rest) = rest {
            return format!("/{}", rest.trim_start_matches('/'));
        }
        if !self.outside.replace(true) {
            self.say(&format!("a request is outside of {base}: is the client's base URL the one above?"));
        }
        target.to_owned()
    }

    /// The exchange as it is to be recorded.
    fn passed(&self, raw: Raw) -> Passed {
        let Raw { head, request, at, took, got } = raw;
        let (mut request_note, mut answer_note) = (None, None);
        let had_body = request.total() > 0;
        let mut body = request.take().unwrap_or_else(|note| {
            request_note = Some(note);
            Vec::new()
        });
        let coded = head.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
        if let Some((_, codings)) = coded {
            body = coding::plain(codings, &body, self.kept).unwrap_or(body);
        }
        let resource = self.resource(&head.target);
        let Asked { method, target, headers, .. } = head;
        let sent = Sent { method, target, resource: resource.into(), headers, body: had_body.then_some(body.into()) };
        let got = got.map(|Answer { head, body, mut oddities }| {
            let mut body = body.take().unwrap_or_else(|note| {
                answer_note = Some(note);
                oddities.push(Oddity::BodyCut(self.kept));
                Vec::new()
            });
            let codings: Vec<&str> = head.values("content-encoding").collect();
            match coding::plain(&codings.join(","), &body, self.kept) {
                Ok(plain) => body = plain,
                Err(why) => oddities.push(Oddity::BadContentCoding(why)),
            }
            let faults = (!head.faults.is_empty()).then(|| head.faults.join("; "));
            oddities.extend(faults.map(Oddity::Malformed));
            Received::new(head.status, head.reason, head.headers, body, oddities)
        });
        let exchange = Exchange { seq: 0, place: place(), origin: ORIGIN, at, took, sent, got };
        Passed { exchange, request_note, answer_note }
    }
}
