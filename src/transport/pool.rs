//! Connections that are open and free, and when a request may be sent a second time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::clock::Clock;
use super::connect::Connector;
use super::tap::Log;
use super::wire::{Raw, Request, Wire};
use crate::exchange::{Failure, FailureKind};

/// How far a request has come; read when its time is up.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When the last attempt to send began; `None` while there is no connection.
    begun: Cell<Option<Duration>>,
    log: RefCell<Option<Rc<Log>>>,
}

impl Progress {
    /// When sending began.
    pub(super) fn begun(&self) -> Option<Duration> {
        self.begun.get()
    }

    /// The failure of a request whose time is up.
    pub(super) fn time_out(&self, limit: Duration) -> Failure {
        let log = self.log.borrow();
        let (waiting, answer_begun) = match log.as_deref() {
            None => ("no connection".to_owned(), false),
            Some(log) if log.read() > 0 => (format!("only {} bytes of an answer", log.read()), true),
            Some(log) if !log.all_written() => ("the server did not take the whole request".to_owned(), false),
            Some(_) => ("no answer".to_owned(), false),
        };
        let detail = format!("{waiting} within {limit:?}");
        Failure { kind: FailureKind::TimeOut, detail, answer_begun }
    }
}

/// The connections to one target.
pub(super) struct Pool {
    connector: Connector,
    clock: Rc<dyn Clock>,
    idle: RefCell<Vec<Wire>>,
}

impl Pool {
    pub(super) fn new(connector: Connector, clock: Rc<dyn Clock>) -> Self {
        Self { connector, clock, idle: RefCell::default() }
    }

    /// How requests go out.
    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Sends a request over a free connection, or else over a new one.
    pub(super) async fn exchange(
        &self,
        request: Request<'_>,
        limit: usize,
        progress: &Progress,
    ) -> Result<Raw, Failure> {
        let is_read = matches!(request.method, "GET" | "HEAD");
        if let Some(wire) = self.checked_out(is_read).await {
            let attempt = self.attempt(wire, request.clone(), limit, progress).await;
            match attempt {
                // The server closed the connection while it was idle. What it cannot have seen, and what changes
                // nothing, is sent again; a write that may have arrived is not.
                (Err(failure), written) if !failure.answer_begun && (written == 0 || is_read) => {}
                (got, _) => return got,
            }
        }
        let wire = Wire::open(Box::pin(self.connector.connect()).await?).await?;
        self.attempt(wire, request, limit, progress).await.0
    }

    /// A free connection. Before a write it is made sure that the server has not closed it.
    async fn checked_out(&self, is_read: bool) -> Option<Wire> {
        loop {
            let mut wire = self.idle.borrow_mut().pop()?;
            if is_read || wire.is_open().await {
                return Some(wire);
            }
        }
    }

    async fn attempt(
        &self,
        wire: Wire,
        request: Request<'_>,
        limit: usize,
        progress: &Progress,
    ) -> (Result<Raw, Failure>, usize) {
        progress.begun.set(Some(self.clock.now()));
        *progress.log.borrow_mut() = Some(wire.log());
        let is_read = matches!(request.method, "GET" | "HEAD");
        let attempt = wire.exchange(request, limit).await;
        let status = attempt.got.as_ref().map_or(0, |raw| raw.head.status);
        self.idle.borrow_mut().extend(attempt.wire.filter(|_| stays_open(status, is_read)));
        (attempt.got, attempt.written)
    }
}

/// Whether a connection may be used again after an answer with this status. After an error many servers close it a moment
/// after the answer, without a word of that in it (whatever the body of a refused write still held; a handler that failed).
/// The next request would cross with that, and be blamed.
fn stays_open(status: u16, was_read: bool) -> bool {
    status < 400 || (was_read && status < 500)
}
