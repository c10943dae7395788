//! The reference provider: a SCIM 2.0 service provider (RFC 7643, RFC 7644) in memory, conforming, with its own HTTP server.
//!
//! It is the target when none is given. The core ([`Service::answer`]) is one synchronous function from a request to an
//! answer; `server` puts it on a loopback port. What it makes of bodies, paths and filters is [`crate::scim`].
//!
//! Beyond the RFCs it accepts what identity providers are known to send, unless [`Options::strict`] is set; what it
//! answers is by the letter either way.

mod auth;
mod bulk;
mod certificate;
mod condition;
mod cursor;
mod digest;
mod discovery;
mod etag;
pub mod fault;
mod intake;
mod password;
mod query;
mod refusal;
mod resource;
mod route;
mod server;
mod sort;
mod specified;
mod store;
mod types;
mod view;
mod wire;

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};

pub use route::Service;
pub use server::Provider;
pub use wire::{Answer, Request};

/// Everything below this path is SCIM.
pub const BASE_PATH: &str = "/scim/v2";

/// How the provider runs.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The bearer token that clients must send; `None` lets everybody in.
    pub token: Option<crate::exchange::secret::Secret>,
    /// Without the tolerances for identity providers: what departs from the RFC's letter is refused.
    pub strict: bool,
    /// Makes ids reproducible.
    pub seed: u64,
    /// Departures from all that.
    pub faults: Vec<&'static fault::Fault>,
}

/// A free port on loopback, no token, tolerant.
impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            strict: false,
            seed: 0,
            faults: Vec::new(),
        }
    }
}
