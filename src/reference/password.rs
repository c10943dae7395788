//! Passwords: kept as salted digests, never returned (RFC 7643 section 4.1.1).

use super::digest;

/// What is stored for a password. The salt is the owner's id, which nobody else has.
///
/// A directory that people log in to would use a slow function; here nobody can, so a digest hides enough.
pub(super) fn stored(password: &str, id: &str) -> String {
    digest::hex(&[id.as_bytes(), password.as_bytes()], 32)
}
