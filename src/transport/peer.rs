//! A server for tests that says exactly what it is told to, and remembers what it heard.

use std::collections::VecDeque;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One thing that the peer does on a connection. When all are done it closes the connection.
pub(in crate::transport) enum Act {
    /// Reads one request.
    Hear,
    /// Writes.
    Say(Vec<u8>),
    /// Reads until the client closes.
    Stay,
    /// Resets the connection.
    Reset,
}

/// Writes text.
pub(in crate::transport) fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

/// An answer with a JSON body.
pub(in crate::transport) fn say_json(status: u16, body: &str) -> Act {
    say(&format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A running peer.
pub(in crate::transport) struct Peer {
    pub(in crate::transport) address: SocketAddr,
    task: JoinHandle<Vec<String>>,
}

impl Peer {
    /// Plays one script a connection.
    pub(in crate::transport) async fn new(scripts: Vec<Vec<Act>>) -> Self {
        Self::over(scripts, |stream| async { Ok(stream) }).await
    }

    /// The same on top of something else, such as TLS; connections on which that fails are over.
    pub(in crate::transport) async fn over<S, F>(
        scripts: Vec<Vec<Act>>,
        upgrade: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Linger + Send + 'static,
        F: Future<Output = std::io::Result<S>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut heard = Vec::new();
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                if let Ok(stream) = upgrade(stream).await {
                    play(stream, script.into(), &mut heard).await;
                }
            }
            heard
        });
        Self { address, task }
    }

    /// The requests it heard, after all scripts are over.
    pub(in crate::transport) async fn heard(self) -> Vec<String> {
        self.task.await.unwrap()
    }

    /// Its base URL.
    pub(in crate::transport) fn url(&self) -> String {
        format!("http://{}/scim", self.address)
    }
}

/// What can be reset.
pub(in crate::transport) trait Linger {
    /// Makes closing a reset.
    fn no_linger(&self);
}

impl Linger for TcpStream {
    fn no_linger(&self) {
        self.set_zero_linger().unwrap();
    }
}

impl Linger for tokio_rustls::server::TlsStream<TcpStream> {
    fn no_linger(&self) {
        self.get_ref().0.no_linger();
    }
}

async fn play<S>(mut stream: S, mut script: VecDeque<Act>, heard: &mut Vec<String>)
where
    S: AsyncRead + AsyncWrite + Unpin + Linger,
{
    let mut read = Vec::new();
    while let Some(act) = script.pop_front() {
        match act {
            Act::Hear => heard.push(hear(&mut stream, &mut read).await),
            Act::Say(bytes) => {
                let _closed = stream.write_all(&bytes).await;
                let _closed = stream.flush().await;
            }
            Act::Stay => {
                let _closed = stream.read_to_end(&mut Vec::new()).await;
            }
            Act::Reset => stream.no_linger(),
        }
    }
    if heard.last().is_some_and(String::is_empty) {
        heard.pop();
    }
    let _closed = stream.shutdown().await;
}

/// Reads one request; what came of it if the client closes.
async fn hear(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> String {
    loop {
        if let Some(end) = request_end(read) {
            return String::from_utf8_lossy(&read.drain(..end).collect::<Vec<_>>()).into_owned();
        }
        if !matches!(stream.read_buf(read).await, Ok(1..)) {
            return String::from_utf8_lossy(&std::mem::take(read)).into_owned();
        }
    }
}

fn request_end(read: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(read);
    let head = text.find("\r\n\r\n")? + 4;
    let length = text[..head].lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head + length.unwrap_or(0);
    (read.len() >= end).then_some(end)
}
