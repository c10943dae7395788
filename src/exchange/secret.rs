//! Credentials that cannot be printed.

use secrecy::{ExposeSecret, SecretString};

/// A credential: no `Display`, no `Serialize`, and its `Debug` shows nothing. Zeroed when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a credential.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// The credential itself: only for writing it on the wire and for finding it in what is to be masked.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands in every output in place of a credential.
pub const PLACEHOLDER: &str = "[secret]";
