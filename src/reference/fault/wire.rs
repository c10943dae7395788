//! A listener whose connections change what is written to them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::{Fault, Hook};

type Sent = fn(&mut Vec<u8>) -> bool;

/// Accepts connections for the hooks on bytes.
pub(in super::super) struct Listener {
    inner: TcpListener,
    hooks: Vec<Sent>,
}

impl Listener {
    /// `None` when no departure looks at bytes.
    pub(in super::super) fn hooks(faults: &[&'static Fault]) -> Option<Vec<Sent>> {
        let hooks = faults.iter().flat_map(|fault| fault.hooks);
        let hooks: Vec<Sent> =
            hooks.filter_map(|hook| if let Hook::Sent(sent) = hook { Some(*sent) } else { None }).collect();
        (!hooks.is_empty()).then_some(hooks)
    }

    pub(in super::super) fn new(inner: TcpListener, hooks: Vec<Sent>) -> Self {
        Self { inner, hooks }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (inner, address) = axum::serve::Listener::accept(&mut self.inner).await;
        // Without it the second of two writes waits for the client's acknowledgement.
        let _: io::Result<()> = inner.set_nodelay(true);
        (Stream { inner, hooks: self.hooks.clone(), pending: Vec::new(), closing: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

/// A connection.
pub(in super::super) struct Stream {
    inner: TcpStream,
    hooks: Vec<Sent>,
    /// What is still to be written.
    pending: Vec<u8>,
    /// Whether the connection ends behind that.
    closing: bool,
}

impl Stream {
    fn write_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.pending))?;
            self.pending.drain(..written);
        }
        if self.closing {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.closing {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

/// One buffer at a time, so that a small answer comes to the hooks whole.
impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.write_pending(cx))?;
        if self.closing {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut bytes = buffer.to_vec();
        let mut open = true;
        for hook in &self.hooks {
            // Every hook has its turn.
            open &= hook(&mut bytes);
        }
        self.pending = bytes;
        self.closing = !open;
        if let Poll::Ready(Err(error)) = self.write_pending(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(buffer.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
