//! What a PATCH makes of a resource (RFC 7644 section 3.5.2).

use super::json::Json;
use super::schema::ResourceSchema;

/// How far the letter of the RFC is left. The reference provider in strict mode uses [`Policy::Strict`]; with its IdP
/// tolerances, and in the shadow directory, which must know what the client means, [`Policy::Tolerant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The RFC's letter.
    Strict,
    /// Also what Okta, Entra ID and JumpCloud are known to send.
    Tolerant,
}

/// The outcome of a PATCH.
#[derive(Clone, Debug, PartialEq)]
pub struct Patched {
    /// The resource afterwards; the input when nothing changed.
    pub resource: Json,
    /// Whether anything changed.
    pub changed: bool,
    /// Ambiguities (their numbers in the list of RFC ambiguities) on which this outcome rests: another conforming
    /// server may have come to another state.
    pub readings: Vec<u8>,
}

/// Why a PATCH is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchError {
    /// Index of the operation, if one is to blame.
    pub operation: Option<usize>,
    /// `scimType` of RFC 7644 table 9.
    pub scim_type: &'static str,
    /// For people.
    pub detail: String,
}

/// Applies a PatchOp message, all operations or none. Does not touch `meta`.
///
/// # Errors
/// The first operation that fails, with its `scimType`.
pub fn apply(
    _resource: &Json,
    _patch: &Json,
    _schema: &ResourceSchema,
    _policy: Policy,
) -> Result<Patched, PatchError> {
    todo!("helper: scim")
}
