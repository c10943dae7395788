//! RFC 7642, definitions and requirements: what shows on the wire.

mod s4_security;

use super::Check;

/// The checks of each file, in the order of the sections.
pub(super) static FILES: &[&[&Check]] = &[s4_security::CHECKS];
