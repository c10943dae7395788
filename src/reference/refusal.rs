//! Why a request is refused (RFC 7644 section 3.12).

use crate::scim::message;

use super::wire::Answer;

/// A refusal on its way to becoming an error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `scimType` of table 9, where one fits.
    pub scim_type: Option<&'static str>,
    /// For people.
    pub detail: String,
    /// Header fields that belong to it.
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), headers: Vec::new() }
    }

    /// 400 with a `scimType`.
    pub(super) fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(400, detail) }
    }

    /// 400: the body is no JSON, or not the message that belongs here.
    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    /// 400: a value is missing or of the wrong type.
    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    /// 404 for an id.
    pub(super) fn no_resource(kind: &str, id: &str) -> Self {
        Self::new(404, format!("{kind} {id} not found."))
    }

    /// 409: the value belongs to another resource (section 3.3).
    pub(super) fn taken(attribute: &str, value: &str) -> Self {
        Self { scim_type: Some("uniqueness"), ..Self::new(409, format!("{attribute} {value} is already taken.")) }
    }

    /// The same with one more header field.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let body = message::error(refusal.status, refusal.scim_type, &refusal.detail);
        Self { headers: refusal.headers, ..Self::with_body(refusal.status, body) }
    }
}
