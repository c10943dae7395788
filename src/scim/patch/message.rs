//! Reading a `PatchOp` message (RFC 7644 section 3.5.2).

use super::{Op, Policy, Refusal, Terms};
use crate::scim::json::{Json, Object};
use crate::scim::urn;

/// One operation, its members read but not yet understood.
pub(super) struct Operation<'p> {
    pub(super) op: Op,
    pub(super) path: Option<&'p str>,
    pub(super) value: Option<&'p Json>,
}

/// The operations of a message. Entra ID sends an empty list, which does nothing; by the letter there is at least one.
pub(super) fn operations(patch: &Json, policy: Policy) -> Result<&[Json], Refusal> {
    let Json::Object(message) = patch else { return Err(Refusal::syntax("the body is not a JSON object")) };
    let urns = message.get("schemas").and_then(Json::as_array).unwrap_or_default();
    let declared = urns.iter().filter_map(Json::as_str).any(|schema| schema.eq_ignore_ascii_case(urn::PATCH_OP));
    if policy == Policy::Strict && !declared {
        return Err(Refusal::syntax(format!("\"schemas\" does not hold {}", urn::PATCH_OP)));
    }
    match message.get("Operations").and_then(Json::as_array) {
        None => Err(Refusal::syntax("\"Operations\" is not an array")),
        Some([]) if policy == Policy::Strict => Err(Refusal::syntax("\"Operations\" is empty")),
        Some(operations) => Ok(operations),
    }
}

impl<'p> Operation<'p> {
    pub(super) fn read(operation: &'p Json, terms: &mut Terms) -> Result<Self, Refusal> {
        let Json::Object(members) = operation else { return Err(Refusal::syntax("an operation is not an object")) };
        if !terms.tolerant() && members.duplicates().iter().any(|name| name.eq_ignore_ascii_case("op")) {
            return Err(Refusal::syntax("an operation has more than one \"op\""));
        }
        let op = op(members, terms)?;
        let path = match members.get("path") {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) if text.is_empty() && terms.tolerant() => None,
            Some(Json::String(text)) => Some(text.as_str()),
            Some(other) => return Err(Refusal::path(format!("\"path\" is no string but {}", other.kind()))),
        };
        Ok(Self { op, path, value: members.get("value") })
    }
}

/// The kind of an operation; Entra ID capitalises it (ambiguity 1).
fn op(members: &Object, terms: &mut Terms) -> Result<Op, Refusal> {
    let Some(name) = members.get("op").and_then(Json::as_str) else {
        return Err(Refusal::syntax("an operation has no \"op\""));
    };
    let op = match name.to_ascii_lowercase().as_str() {
        "add" => Op::Add,
        "replace" => Op::Replace,
        "remove" => Op::Remove,
        _ => return Err(Refusal::syntax(format!("\"op\" is add, replace or remove, not \"{name}\""))),
    };
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        terms.tolerate(1, || Refusal::syntax(format!("\"op\" is written in lower case, not \"{name}\"")))?;
    }
    Ok(op)
}
