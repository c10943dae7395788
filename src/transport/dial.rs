//! Connections to a target for somebody who writes and reads the bytes himself: the recorder; and where a host is.

use super::connect::{Connector, tcp};
use super::proxy::ProxyServer;
pub use super::tap::{Duplex, Stream};
use super::target::BaseUrl;
use super::tls::TlsOptions;
use super::{BadOption, Proxy};
use crate::exchange::Failure;

/// Knows the way to a target.
pub struct Dial {
    connector: Connector,
}

impl Dial {
    /// Prepares the way; nothing is connected yet.
    ///
    /// # Errors
    /// A certificate or a proxy that cannot be used. A proxy that wants to read each request cannot: what passes would
    /// not be the client's to the byte.
    pub fn new(base: BaseUrl, tls: &TlsOptions, proxy: &Proxy) -> Result<Self, BadOption> {
        let tls = tls.config()?;
        let server = ProxyServer::for_target(&base, proxy)?;
        let connector = Connector::new(base, server, tls);
        match connector.forwarder() {
            Some(_) => Err(BadOption::new("--proxy", "a target without TLS is asked directly; unset HTTP_PROXY")),
            None => Ok(Self { connector }),
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// There is none; why.
    pub async fn connect(&self) -> Result<Stream, Failure> {
        self.connector.connect().await
    }
}

/// The addresses of a host, as text; none if there is no such host.
pub async fn addresses(host: &str, port: u16) -> Vec<String> {
    let found = tokio::net::lookup_host((host, port)).await;
    found.map(|all| all.map(|address| address.ip().to_string()).collect()).unwrap_or_default()
}

/// Whether somebody accepts connections there. Nothing is said over the one that is made.
pub async fn accepts(host: &str, port: u16) -> bool {
    tcp(host, port).await.is_ok()
}

/// Whether the environment names a proxy for a target, or something that cannot be one.
#[must_use]
pub fn has_proxy(base: &BaseUrl) -> bool {
    ProxyServer::for_target(base, &Proxy::Environment).map_or(true, |proxy| proxy.is_some())
}
