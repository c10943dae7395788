//! Masking of recorded traffic, before anything of it touches a disk.
//!
//! Unlike in a run, where only strangers are masked, everybody here is one. What a value is, is told by its place: an
//! attribute, a filter, a path, a header. Every word that can belong to somebody gets an invented one, the same one
//! everywhere and in its own form, so that references hold: an id in a path stays the id of the body, `Ada` in a name
//! stays the `ada` of the e-mail address. Where a text is free, only the language of SCIM and its errors is left as it
//! is. What stands for what is kept in memory and never written.

mod body;
mod domain;
mod report;
mod rules;
mod scan;
mod vocabulary;
mod word;

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{text, tree};
use crate::exchange::secret::{PLACEHOLDER, Secret};
use crate::exchange::{Exchange, Received, Sent};
use crate::transport::mask::Mask as Secrets;

pub use report::Report;
pub use rules::Rules;

use scan::{Mode, Scanner};
use text::{Coding, PERCENT, PLAIN};

/// Passwords of so many exchanges are looked for in what follows; credentials of headers for ever.
const REMEMBERED: usize = 64;

/// Credentials that are shorter are masked where they stand, and not looked for elsewhere.
const LEAST: usize = 6;

/// Headers that tell nothing of anybody.
const PLAIN_HEADERS: [&str; 30] = [
    "content-length",
    "date",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-type",
    "expect",
    "expires",
    "keep-alive",
    "pragma",
    "retry-after",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "priority",
    "x-xss-protection",
    "referrer-policy",
];

/// Headers with hosts.
const HOST_HEADERS: [&str; 4] = ["host", "x-forwarded-host", "x-original-host", ":authority"];

/// Masks exchanges; one for a whole recording.
#[derive(Debug)]
pub struct Masker {
    scanner: Scanner,
    rules: Rules,
    lasting: Secrets,
    /// Of the last exchanges, the oldest first; the last is that of the exchange at hand.
    passing: VecDeque<Secrets>,
    report: Report,
}

impl Masker {
    /// A masker with a key of its own: two recordings of the same people cannot be compared.
    ///
    /// # Errors
    /// The machine gives no random numbers.
    pub fn new(rules: Rules) -> Result<Self, String> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| format!("no random numbers: {error}"))?;
        Ok(Self::with_key(rules, key))
    }

    fn with_key(rules: Rules, key: [u8; 32]) -> Self {
        let scanner = Scanner {
            words: word::Words::new(key),
            domains: domain::Domains::default(),
            also: rules.texts().to_vec(),
            endpoints: rules.endpoints().map(str::to_owned).collect(),
        };
        Self { scanner, rules, lasting: Secrets::default(), passing: VecDeque::new(), report: Report::default() }
    }

    /// What was masked so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// A base URL or host, masked as it is in exchanges.
    pub fn address(&mut self, text: &str) -> String {
        self.scanner.text(text, PERCENT, Mode::All).0
    }

    /// The exchange with everything masked that belongs to somebody.
    #[must_use]
    pub fn exchange(&mut self, exchange: Exchange) -> Exchange {
        self.passing.push_back(Secrets::default());
        if self.passing.len() > REMEMBERED {
            self.passing.pop_front();
        }
        let discovery = is_discovery(&exchange.sent);
        let Exchange { sent, got, .. } = exchange;
        for (name, value) in &sent.headers {
            self.learn_credentials(name, value);
        }
        let body = sent.body.map(|body| self.body(&body, "body", false).into());
        let headers = self.headers(sent.headers, "header");
        let sent = Sent {
            method: sent.method,
            target: self.target(&sent.target),
            resource: self.target(&sent.resource).into(),
            headers,
            body,
        };
        let got = match got {
            Ok(answer) => Ok(self.answer(answer, discovery)),
            Err(mut failure) => {
                failure.detail = self.plain(&failure.detail, Mode::Known, "failure");
                Err(failure)
            }
        };
        Exchange { sent, got, ..exchange }
    }

    fn answer(&mut self, answer: Received, discovery: bool) -> Received {
        for (name, value) in &answer.headers {
            self.learn_credentials(name, value);
        }
        let body = if answer.body.is_empty() { Vec::new() } else { self.body(&answer.body, "answer body", discovery) };
        let headers = self.headers(answer.headers, "answer header");
        let reason = self.plain(&answer.reason, Mode::Free, "reason phrase");
        Received::new(answer.status, reason, headers, body, answer.oddities)
    }

    /// Path and query, percent-encoded.
    pub fn target(&mut self, target: &str) -> String {
        let target = self.without_secrets(target, "path");
        let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
        let (mut out, times) = self.scanner.text(path, PERCENT, Mode::Path);
        self.report.add("path", times);
        if let Some(query) = query {
            out.push('?');
            out.push_str(&self.query(query, "query"));
        }
        out
    }

    /// A query, or a form.
    fn query(&mut self, query: &str, side: &str) -> String {
        let pairs: Vec<String> = query.split('&').map(|pair| self.pair(pair, side)).collect();
        pairs.join("&")
    }

    fn pair(&mut self, pair: &str, side: &str) -> String {
        let Some((name, value)) = pair.split_once('=') else {
            if vocabulary::is_flag(pair) {
                return pair.to_owned();
            }
            return self.coded(pair, PERCENT, Mode::All, &format!("{side} flags"));
        };
        let shown = self.coded(name, PERCENT, Mode::Known, &format!("{side} names"));
        let lower = name.to_ascii_lowercase();
        let place = format!("{side} {shown}");
        let value = match lower.as_str() {
            "startindex" | "count" | "grant_type" => value.to_owned(),
            "filter" => self.coded(value, PERCENT, Mode::Filter, &place),
            "attributes" | "excludedattributes" | "sortby" | "sortorder" => {
                self.coded(value, PERCENT, Mode::Known, &place)
            }
            _ if value.is_empty() => String::new(),
            name if body::is_secret(name) || ["code", "sig", "signature", "key"].contains(&name) => {
                self.remember(Secret::new(crate::exchange::decode_query(value)));
                self.report.add(&place, 1);
                PLACEHOLDER.to_owned()
            }
            _ => self.coded(value, PERCENT, Mode::All, &place),
        };
        format!("{shown}={value}")
    }

    fn headers(&mut self, headers: Vec<(String, String)>, side: &str) -> Vec<(String, String)> {
        let line = |(name, value): (String, String)| {
            let value = self.header(&name, &value, side);
            (name, value)
        };
        headers.into_iter().map(line).collect()
    }

    fn header(&mut self, name: &str, value: &str, side: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let place = format!("{side} {name}");
        if PLAIN_HEADERS.contains(&lower.as_str()) || value.is_empty() {
            return value.to_owned();
        }
        if is_secret_header(&lower) {
            self.report.add(&place, 1);
            // Which kind of credentials it is, is no secret.
            return match value.split_once(' ').filter(|_| lower == "authorization") {
                Some((scheme, _)) if ["bearer", "basic"].contains(&scheme.to_ascii_lowercase().as_str()) => {
                    format!("{scheme} {PLACEHOLDER}")
                }
                _ => PLACEHOLDER.to_owned(),
            };
        }
        let value = self.without_secrets(value, &place);
        match lower.as_str() {
            "location" | "content-location" | "referer" if value.starts_with('/') => self.target(&value),
            "location" | "content-location" | "referer" | "origin" => self.coded(&value, PERCENT, Mode::All, &place),
            "user-agent" | "server" => self.plain(&value, Mode::Known, &place),
            "etag" | "if-match" | "if-none-match" | "x-forwarded-for" | "x-real-ip" | "from" => {
                self.plain(&value, Mode::All, &place)
            }
            name if HOST_HEADERS.contains(&name) => self.plain(&value, Mode::Host, &place),
            _ => self.plain(&value, Mode::Free, &place),
        }
    }

    fn plain(&mut self, text: &str, mode: Mode, place: &str) -> String {
        self.coded(text, PLAIN, mode, place)
    }

    fn coded(&mut self, text: &str, coding: Coding, mode: Mode, place: &str) -> String {
        let (masked, times) = self.scanner.text(text, coding, mode);
        self.report.add(place, times);
        masked
    }

    /// The credentials in a header line, to be found wherever they are echoed.
    fn learn_credentials(&mut self, name: &str, value: &str) {
        if !is_secret_header(&name.to_ascii_lowercase()) {
            return;
        }
        let mut found: Vec<String> = value.split([' ', ';', ',']).map(str::to_owned).collect();
        found.extend(value.split([' ', ';']).filter_map(|part| Some(part.split_once('=')?.1.to_owned())));
        let decoded = value.split(' ').nth(1).and_then(|part| STANDARD.decode(part).ok());
        if let Some(pair) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
            found.extend(pair.split_once(':').map(|(_, password)| password.to_owned()));
            found.push(pair);
        }
        found.retain(|text| text.len() >= LEAST && !["bearer", "basic"].contains(&text.to_ascii_lowercase().as_str()));
        self.lasting.add(&found.into_iter().map(Secret::new).collect::<Vec<_>>());
    }

    /// A credential of this exchange.
    fn remember(&mut self, secret: Secret) {
        if let Some(last) = self.passing.back_mut().filter(|_| secret.expose().len() >= LEAST) {
            last.add(&[secret]);
        }
    }

    /// The same in a body, where JSON stays JSON.
    fn body_without_secrets(&mut self, text: &str, place: &str) -> String {
        let mut out = text.as_bytes().to_vec();
        self.lasting.body(&mut out);
        for secrets in &self.passing {
            secrets.body(&mut out);
        }
        if out != text.as_bytes() {
            self.report.add(&format!("{place} (an echoed credential)"), 1);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    fn without_secrets(&mut self, text: &str, place: &str) -> String {
        let mut out = text.to_owned();
        self.lasting.text(&mut out);
        for secrets in &self.passing {
            secrets.text(&mut out);
        }
        if out != text {
            self.report.add(&format!("{place} (an echoed credential)"), 1);
        }
        out
    }
}

fn is_secret_header(lower: &str) -> bool {
    let parts = ["token", "secret", "key", "auth", "session", "password", "signature", "credential", "cookie", "jwt"];
    lower != "www-authenticate" && lower != ":authority" && parts.iter().any(|part| lower.contains(part))
}

/// Whether the answer describes the endpoint (RFC 7644 section 4).
fn is_discovery(sent: &Sent) -> bool {
    let mut parts = sent.path().split('/').filter(|part| !part.is_empty());
    parts.any(|part| {
        ["ServiceProviderConfig", "ServiceProviderConfigs", "ResourceTypes", "Schemas"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(part))
    })
}

#[cfg(test)]
mod tests;
