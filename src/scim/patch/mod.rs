//! What a PATCH makes of a resource (RFC 7644 section 3.5.2).
//!
//! `message` reads the `PatchOp` body, `target` finds what a path points to, `value` makes a value fit an attribute,
//! `elements` changes the values of a multi-valued attribute, `work` ties them together.

mod elements;
mod message;
mod target;
#[cfg(test)]
mod tests;
mod value;
mod work;

use std::collections::BTreeSet;

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

impl std::fmt::Display for PatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(operation) = self.operation {
            write!(f, "operation {}: ", operation + 1)?;
        }
        write!(f, "{} ({})", self.detail, self.scim_type)
    }
}

impl std::error::Error for PatchError {}

/// Applies a `PatchOp` message, all operations or none. Does not touch `meta`.
///
/// # Errors
/// The first operation that fails, with its `scimType`.
pub fn apply(resource: &Json, patch: &Json, schema: &ResourceSchema, policy: Policy) -> Result<Patched, PatchError> {
    let mut terms = Terms { policy, readings: BTreeSet::new() };
    let operations = message::operations(patch, policy).map_err(|refusal| PatchError::new(None, refusal))?;
    let mut work = work::Work::new(resource, schema);
    for (index, operation) in operations.iter().enumerate() {
        message::Operation::read(operation, &mut terms)
            .and_then(|operation| work.perform(&operation, &mut terms))
            .map_err(|refusal| PatchError::new(Some(index), refusal))?;
    }
    let patched = work.finish();
    let changed = patched != *resource;
    Ok(Patched { resource: patched, changed, readings: terms.readings.into_iter().collect() })
}

impl PatchError {
    fn new(operation: Option<usize>, refusal: Refusal) -> Self {
        Self { operation, scim_type: refusal.scim_type, detail: refusal.detail }
    }
}

/// Why an operation is refused.
#[derive(Debug)]
struct Refusal {
    scim_type: &'static str,
    detail: String,
}

impl Refusal {
    fn syntax(detail: impl Into<String>) -> Self {
        Self { scim_type: "invalidSyntax", detail: detail.into() }
    }

    fn path(detail: impl Into<String>) -> Self {
        Self { scim_type: "invalidPath", detail: detail.into() }
    }

    fn filter(detail: impl Into<String>) -> Self {
        Self { scim_type: "invalidFilter", detail: detail.into() }
    }

    fn no_target(detail: impl Into<String>) -> Self {
        Self { scim_type: "noTarget", detail: detail.into() }
    }

    fn value(detail: impl Into<String>) -> Self {
        Self { scim_type: "invalidValue", detail: detail.into() }
    }

    fn mutability(detail: impl Into<String>) -> Self {
        Self { scim_type: "mutability", detail: detail.into() }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// The policy, and the readings that were taken under it.
#[derive(Debug)]
struct Terms {
    policy: Policy,
    readings: BTreeSet<u8>,
}

impl Terms {
    /// The outcome rests on this ambiguity.
    fn reading(&mut self, ambiguity: u8) {
        self.readings.insert(ambiguity);
    }

    fn tolerant(&self) -> bool {
        self.policy == Policy::Tolerant
    }

    /// Takes the tolerant reading of an ambiguity, or refuses.
    fn tolerate(&mut self, ambiguity: u8, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
        if !self.tolerant() {
            return Err(refusal());
        }
        self.reading(ambiguity);
        Ok(())
    }
}
