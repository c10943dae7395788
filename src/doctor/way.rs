//! Proxy, name, connection, TLS: from what became of the first request.

use super::{About, Diagnosis};
use crate::exchange::{Failure, FailureKind, Received};
use crate::transport::target::Scheme;
use crate::transport::{Client, dial};

/// Tells how far the first request came, and why no further.
pub(super) async fn told(client: &Client, insecure: bool, first: &Result<Received, Failure>, to: &mut Diagnosis) {
    let failure = first.as_ref().err();
    to.reached = failure.is_none();
    let proxy = client.proxy();
    match (&proxy, failure) {
        (_, Some(failure)) if failure.kind == FailureKind::Proxy => {
            to.mend(About::Proxy, format!("{}; mend --proxy, HTTPS_PROXY or NO_PROXY", failure.detail));
            return;
        }
        (Some(proxy), _) => to.good(About::Proxy, format!("requests go through {proxy}")),
        (None, _) => to.good(About::Proxy, "none: the target is asked directly"),
    }
    if proxy.is_none() {
        name(client, failure, to).await;
    }
    match failure {
        Some(failure) if failure.kind == FailureKind::Name => return,
        Some(failure) if failure.kind == FailureKind::Connect => {
            to.mend(
                About::Connection,
                format!("{}; start the endpoint, or mend host and port of the base URL", failure.detail),
            );
            return;
        }
        // Nobody who was not let in so far has spoken TLS.
        Some(failure) if failure.detail.starts_with("no connection") => {
            let says = format!("{}; does a firewall, or a VPN that is off, stand in between?", failure.detail);
            to.mend(About::Connection, says);
            return;
        }
        _ => {}
    }
    let base = client.base();
    match failure {
        Some(failure) if failure.kind == FailureKind::Tls => to.mend(About::Tls, tls(failure)),
        _ if base.scheme() == Scheme::Https && insecure => {
            to.note(About::Tls, "--insecure: the certificate was not looked at");
        }
        _ if base.scheme() == Scheme::Https => {
            to.good(About::Tls, format!("the certificate of {} is trusted", base.host()));
        }
        _ if client.stays_here() => to.good(About::Tls, "none, and the target is this machine"),
        _ => to.note(
            About::Tls,
            "none: credentials and people travel in clear, and identity providers take https:// only",
        ),
    }
    match failure {
        Some(failure) if failure.kind == FailureKind::Tls => to.good(About::Connection, connected(client)),
        Some(failure) => to.mend(About::Connection, format!("{}; is this the port of the endpoint?", failure.detail)),
        None => to.good(About::Connection, connected(client)),
    }
}

async fn name(client: &Client, failure: Option<&Failure>, to: &mut Diagnosis) {
    let base = client.base();
    match failure {
        Some(failure) if failure.kind == FailureKind::Name => {
            let says = format!("{}; mend the host of the base URL, or this machine's DNS or VPN", failure.detail);
            to.mend(About::Name, says);
        }
        _ if base.host().parse::<std::net::IpAddr>().is_ok() => {
            to.good(About::Name, format!("{} is an address", base.host()));
        }
        _ => {
            let addresses = dial::addresses(base.host(), base.port()).await;
            to.good(About::Name, format!("{} is {}", base.host(), addresses.join(" and ")));
        }
    }
}

fn connected(client: &Client) -> String {
    match client.proxy() {
        Some(_) => format!("the proxy reaches {}", client.base().authority()),
        None => format!("{} accepts connections", client.base().authority()),
    }
}

/// Many of these say already what to do.
fn tls(failure: &Failure) -> String {
    let detail = &failure.detail;
    let advice = if detail.contains("expired on") {
        "; renew it"
    } else if detail.contains(" and not for ") {
        "; use one of its names in the base URL, or a certificate for this one"
    } else if detail.contains("--") || detail.contains('?') {
        ""
    } else {
        "; mend the server's TLS, or the base URL if it means another server"
    };
    format!("{detail}{advice}")
}
