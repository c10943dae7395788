//! A request and an answer as the core sees them: no sockets, no body streams.

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
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields beside Content-Type and the framing.
    pub headers: Vec<(&'static str, String)>,
    /// Body; `None` for none.
    pub body: Option<Json>,
}

impl Answer {
    /// An answer with a body.
    pub(super) fn with_body(status: u16, body: Json) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// The same with one more header field.
    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
