//! Our own requests: plain requests of RFC 7644, marked as ours by their User-Agent.

use crate::play::render::Prepared;
use crate::scim::json::{Json, object};
use crate::scim::urn;

/// The User-Agent of everything that this tool wants for itself.
pub const USER_AGENT: &str = concat!("scimproof/", env!("CARGO_PKG_VERSION"));

/// A request of our own.
#[must_use]
pub fn request(method: &str, resource: &str, body: Option<&Json>) -> Prepared {
    let mut headers = vec![
        ("Host".to_owned(), "{host}".to_owned()),
        ("User-Agent".to_owned(), USER_AGENT.to_owned()),
        ("Accept".to_owned(), "application/scim+json".to_owned()),
        ("Authorization".to_owned(), "{credentials}".to_owned()),
    ];
    let body = body.map(|json| json.to_string().into_bytes());
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
        headers.push(("Content-Length".to_owned(), "{length}".to_owned()));
    }
    Prepared { method: method.to_owned(), resource: resource.to_owned(), headers, body }
}

/// A filter as query text: everything but unreserved characters percent-encoded.
#[must_use]
pub fn by_name(endpoint: &str, attribute: &str, name: &str) -> String {
    let mut quoted = String::new();
    crate::scim::json::write_string(name, &mut quoted);
    let filter = format!("{attribute} eq {quoted}");
    let mut out = format!("{endpoint}?filter=");
    for byte in filter.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The body that deactivates a user (RFC 7644 section 3.5.2.3).
#[must_use]
pub fn deactivation() -> Json {
    let operation = object([("op", "replace".into()), ("path", "active".into()), ("value", false.into())]);
    object([("schemas", vec![urn::PATCH_OP.into()].into()), ("Operations", vec![operation].into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_quoted_and_encoded() {
        assert_eq!(by_name("/Users", "userName", "a\"b+c"), "/Users?filter=userName%20eq%20%22a%5C%22b%2Bc%22");
    }
}
