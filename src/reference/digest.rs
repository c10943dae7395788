//! Digests as text: versions, passwords, ids.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The first `bytes` bytes of the SHA-256 of some parts, which are told apart by a zero byte, in hexadecimal.
pub(super) fn hex(parts: &[&[u8]], bytes: usize) -> String {
    let mut state = Sha256::new();
    for part in parts {
        state.update(part);
        state.update([0]);
    }
    let mut text = String::with_capacity(bytes * 2);
    for byte in state.finalize().iter().take(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
