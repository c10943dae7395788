//! Messages: `ListResponse`, Error, `PatchOp` (RFC 7644 sections 3.4.2, 3.5.2, 3.12).

use super::json::{Json, object};
use super::urn;

/// The body of an error answer.
#[must_use]
pub fn error(status: u16, scim_type: Option<&str>, detail: &str) -> Json {
    let mut body = object([("schemas", Json::Array(vec![urn::ERROR.into()])), ("status", status.to_string().into())]);
    if let (Some(scim_type), Json::Object(members)) = (scim_type, &mut body) {
        members.set("scimType", scim_type.into());
    }
    if let Json::Object(members) = &mut body {
        members.set("detail", detail.into());
    }
    body
}

/// The body of a list answer with all four numbers.
#[must_use]
pub fn list(resources: Vec<Json>, total: usize, start_index: usize) -> Json {
    object([
        ("schemas", Json::Array(vec![urn::LIST_RESPONSE.into()])),
        ("totalResults", total.into()),
        ("startIndex", start_index.into()),
        ("itemsPerPage", resources.len().into()),
        ("Resources", Json::Array(resources)),
    ])
}
