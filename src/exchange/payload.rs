//! The body of a request.

use std::ops::Deref;
use std::sync::OnceLock;

use crate::scim::json::Json;

/// The bytes of a request's body. Every check may ask for their JSON; they are parsed once.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    bytes: Vec<u8>,
    json: OnceLock<Option<Json>>,
}

impl Payload {
    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<&Json> {
        self.json.get_or_init(|| Json::parse(&self.bytes).ok()).as_ref()
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, json: OnceLock::new() }
    }
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Payload {}
