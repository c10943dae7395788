//! Makes connections: name, TCP, proxy, TLS; and says in plain words why one cannot be made.

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::proxy::ProxyServer;
use super::tap::Stream;
use super::target::{BaseUrl, Scheme};
use super::tls;
use super::wire::failure;
use crate::exchange::{Failure, FailureKind};

/// Knows the way to the target.
pub(super) struct Connector {
    base: BaseUrl,
    proxy: Option<ProxyServer>,
    tls: TlsConnector,
}

impl Connector {
    pub(super) fn new(base: BaseUrl, proxy: Option<ProxyServer>, tls: Arc<ClientConfig>) -> Self {
        Self { base, proxy, tls: TlsConnector::from(tls) }
    }

    /// The proxy that reads each request: there is one and no tunnel through it.
    pub(super) fn forwarder(&self) -> Option<&ProxyServer> {
        self.proxy.as_ref().filter(|_| self.base.scheme() == Scheme::Http)
    }

    /// The proxy, if there is one.
    pub(super) fn proxy(&self) -> Option<&ProxyServer> {
        self.proxy.as_ref()
    }

    /// A new connection to the target, or to the proxy that forwards requests to it.
    pub(super) async fn connect(&self) -> Result<Stream, Failure> {
        let stream = match &self.proxy {
            None => Box::new(tcp(self.base.host(), self.base.port()).await?),
            Some(proxy) => self.through(proxy).await?,
        };
        match self.base.scheme() {
            Scheme::Http => Ok(stream),
            Scheme::Https => self.encrypted(stream, self.base.host()).await,
        }
    }

    async fn through(&self, proxy: &ProxyServer) -> Result<Stream, Failure> {
        let unreachable = |failure: Failure| proxy.failed(&format!("cannot be reached: {}", failure.detail));
        let mut stream: Stream = Box::new(tcp(&proxy.host, proxy.port).await.map_err(unreachable)?);
        if proxy.tls {
            stream = self.encrypted(stream, &proxy.host).await.map_err(unreachable)?;
        }
        match self.base.scheme() {
            Scheme::Http => Ok(stream),
            Scheme::Https => proxy.tunnel(stream, &self.base.authority()).await,
        }
    }

    async fn encrypted(&self, stream: Stream, host: &str) -> Result<Stream, Failure> {
        let bad = |detail: String| failure(FailureKind::Tls, detail, false);
        let name = ServerName::try_from(host.trim_end_matches('.').to_owned())
            .map_err(|_| bad(format!("{host:?} is not a name that a certificate can have")))?;
        match self.tls.connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(bad(tls::explain(&error).unwrap_or_else(|| match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                    "the server closed the connection during the TLS handshake; does it speak TLS on this port?"
                        .to_owned()
                }
                _ => format!("the TLS handshake failed ({error})"),
            }))),
        }
    }
}

/// Tries the addresses of a name one after the other.
pub(super) async fn tcp(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let addresses = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| failure(FailureKind::Name, format!("there is no host {host:?} ({error})"), false))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Small requests must not wait for the acknowledgement of the one before.
                let _best_effort = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = Some((address, error)),
        }
    }
    Err(match last {
        None => failure(FailureKind::Name, format!("{host:?} has no address"), false),
        Some((address, error)) => {
            let detail = match error.kind() {
                io::ErrorKind::ConnectionRefused => {
                    format!("nothing listens on {host}:{port} (connection to {address} refused)")
                }
                _ => format!("no connection to {host}:{port} ({error})"),
            };
            failure(FailureKind::Connect, detail, false)
        }
    })
}
