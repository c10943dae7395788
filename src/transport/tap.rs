//! The stream under hyper: what is written is ours to the byte, and what is read is overheard.
//!
//! An HTTP library lower-cases header names, refuses some targets and adds lines of its own. So hyper, which keeps the
//! connection and reads the answers, is given a stand-in request, and in its place [`Tap`] writes the bytes that the
//! played client would write. In the other direction it keeps the answer's head as it came, because the library
//! normalises that too.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::exchange::Payload;

/// A byte stream in both directions: TCP, or TLS over it.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

/// Any [`Duplex`].
pub type Stream = Box<dyn Duplex>;

/// What one exchange says and hears; shared between the tap and the one who drives it.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The request: head and body.
    request: RefCell<(Vec<u8>, Rc<Payload>)>,
    /// How much of it has been written.
    written: Cell<usize>,
    /// What has been read since the request, as long as `listening`.
    heard: RefCell<Vec<u8>>,
    /// How much has been read since the request.
    read: Cell<usize>,
    listening: Cell<bool>,
}

impl Log {
    /// Starts an exchange.
    pub(super) fn begin(&self, head: Vec<u8>, body: Rc<Payload>) {
        *self.request.borrow_mut() = (head, body);
        self.heard.borrow_mut().clear();
        self.written.set(0);
        self.read.set(0);
        self.listening.set(true);
    }

    /// Stops keeping what is read: the head is complete.
    pub(super) fn stop_listening(&self) {
        self.listening.set(false);
    }

    /// What was kept of the answer.
    pub(super) fn heard(&self) -> std::cell::Ref<'_, Vec<u8>> {
        self.heard.borrow()
    }

    /// Bytes written since [`Log::begin`].
    pub(super) fn written(&self) -> usize {
        self.written.get()
    }

    /// Bytes read since [`Log::begin`].
    pub(super) fn read(&self) -> usize {
        self.read.get()
    }

    /// Whether the whole request has left.
    pub(super) fn all_written(&self) -> bool {
        let request = self.request.borrow();
        self.written.get() == request.0.len() + request.1.len()
    }

    /// Lets the request go.
    pub(super) fn end(&self) {
        *self.request.borrow_mut() = Default::default();
        self.listening.set(false);
    }
}

/// See the module.
pub(super) struct Tap {
    stream: Stream,
    log: Rc<Log>,
}

impl Tap {
    pub(super) fn new(stream: Stream, log: Rc<Log>) -> Self {
        Self { stream, log }
    }

    fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let request = self.log.request.borrow();
        let (head, body) = (&request.0, &request.1);
        loop {
            let written = self.log.written.get();
            let stream = Pin::new(&mut self.stream);
            let wrote = if written >= head.len() + body.len() {
                return Poll::Ready(Ok(()));
            } else if written >= head.len() {
                ready!(stream.poll_write(cx, &body[written - head.len()..]))?
            } else if body.is_empty() {
                ready!(stream.poll_write(cx, &head[written..]))?
            } else {
                ready!(stream.poll_write_vectored(cx, &[IoSlice::new(&head[written..]), IoSlice::new(body)]))?
            };
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.log.written.set(written + wrote);
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match ready!(Pin::new(&mut this.stream).poll_read(cx, buf)) {
            // TLS closed without saying so: the end all the same, and the framing tells whether anything is missing.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Poll::Ready(Err(error)),
            Ok(()) => {}
        }
        let fresh = &buf.filled()[before..];
        this.log.read.set(this.log.read.get() + fresh.len());
        if this.log.listening.get() {
            this.log.heard.borrow_mut().extend_from_slice(fresh);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    /// Writes the request in place of hyper's stand-in, which hyper hands over whole. A server that refuses a request
    /// half-way answers and closes: its answer must still be read, so a failure to write counts as written and the
    /// reading side finds the end.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, stand_in: &[u8]) -> Poll<io::Result<usize>> {
        match ready!(self.get_mut().poll_request(cx)) {
            Ok(()) | Err(_) => Poll::Ready(Ok(stand_in.len())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.get_mut().stream).poll_flush(cx)) {
            Ok(()) | Err(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
