//! Who may ask (RFC 7644 section 2): one bearer token (RFC 6750).

use sha2::{Digest, Sha256};

use crate::exchange::secret::Secret;

use super::refusal::Refusal;
use super::wire::Request;

/// Lets a request in, or tells which scheme to use.
///
/// # Errors
/// 401 without the token, or with another one.
pub(super) fn check(token: Option<&Secret>, request: &Request<'_>) -> Result<(), Refusal> {
    let Some(token) = token else { return Ok(()) };
    let Some(credentials) = request.header("authorization") else {
        return Err(challenge("Send a bearer token in the Authorization header.", ""));
    };
    match bearer(credentials) {
        Some(sent) if same(sent, token.expose()) => Ok(()),
        _ => Err(challenge("The bearer token is not valid.", ", error=\"invalid_token\"")),
    }
}

/// The token behind the scheme's name, which is compared without case.
fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares digests, so that the time says nothing about the token.
fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

fn challenge(detail: &str, parameters: &str) -> Refusal {
    Refusal::new(401, detail).header("www-authenticate", format!("Bearer realm=\"scimproof\"{parameters}"))
}
