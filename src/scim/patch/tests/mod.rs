//! Everybody here is invented.

mod examples;
mod idps;
mod properties;
mod rules;
mod values;

use super::*;
use crate::scim::json::object;
use crate::scim::schema::builtin;
use crate::scim::urn;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn user() -> Json {
    json(
        r#"{
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "u-1001", "externalId": "x-1", "userName": "ada.byron@example.com", "displayName": "Ada Byron",
        "name": {"givenName": "Ada", "familyName": "Byron"}, "active": true,
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true},
                   {"value": "ada@example.org", "type": "home"}],
        "groups": [{"value": "g-1"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department": "Research",
             "manager": {"value": "u-1009", "$ref": "../Users/u-1009", "displayName": "Mina Okafor"}},
        "meta": {"resourceType": "User"}
    }"#,
    )
}

fn group() -> Json {
    json(
        r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g-1", "displayName": "Field Engineers",
        "members": [{"value": "u-1", "display": "maya"}, {"value": "u-2"}, {"value": "u-3", "type": "User"}]}"#,
    )
}

fn message(operations: &str) -> Json {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", json(operations))])
}

/// Applies operations to a user or a group, whichever it is.
fn patch_with(resource: &Json, operations: &str, policy: Policy) -> Result<Patched, PatchError> {
    let is_group = resource.pointer("/schemas/0").and_then(Json::as_str) == Some(urn::GROUP);
    let schema = if is_group { builtin::group_type() } else { builtin::user_type() };
    let patched = apply(resource, &message(operations), &schema, policy)?;
    assert_eq!(patched.changed, patched.resource != *resource);
    Ok(patched)
}

fn strict(resource: &Json, operations: &str) -> Result<Patched, PatchError> {
    patch_with(resource, operations, Policy::Strict)
}

fn tolerant(resource: &Json, operations: &str) -> Result<Patched, PatchError> {
    patch_with(resource, operations, Policy::Tolerant)
}

/// What an outcome comes to: the value at a pointer and the readings, or the `scimType`.
fn outcome(result: Result<Patched, PatchError>, pointer: &str) -> String {
    match result {
        Err(error) => error.scim_type.to_owned(),
        Ok(Patched { resource, readings, .. }) => {
            let value = resource.pointer(pointer).map_or_else(|| "-".to_owned(), ToString::to_string);
            if readings.is_empty() { value } else { format!("{value} {readings:?}") }
        }
    }
}
