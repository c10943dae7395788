//! A request and an answer as the core sees them: no sockets, no body streams.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use crate::scim::json::Json;

/// The media type of every body (RFC 7644 section 8.1).
pub(super) const MEDIA_TYPE: &str = "application/scim+json";

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Method token.
    pub method: &'a str,
    /// Path as sent, percent-encoded.
    pub path: &'a str,
    /// What stands behind the question mark, as sent.
    pub query: Option<&'a str>,
    /// Header fields.
    pub headers: &'a HeaderMap,
    /// Body; empty when there is none.
    pub body: &'a [u8],
    /// When it came.
    pub at: Timestamp,
}

impl<'a> Request<'a> {
    /// A header's first value, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields beside Content-Type and the framing.
    pub headers: Vec<(&'static str, String)>,
    /// Body; `None` for none.
    pub body: Option<Json>,
    /// A body that is no JSON, in place of `body`.
    pub text: Option<String>,
    /// How long it is held back.
    pub late: Duration,
}

impl Answer {
    /// An answer with a body.
    pub(super) fn with_body(status: u16, body: Json) -> Self {
        Self { status, body: Some(body), ..Self::default() }
    }

    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The same with one more header field.
    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
