//! The schemas of RFC 7643 sections 4, 5, 6, 7, with the verified errata.

use std::sync::Arc;

use super::{Attribute, ResourceSchema, Schema};

/// User (section 4.1).
#[must_use]
pub fn user() -> Arc<Schema> {
    todo!("helper: scim")
}

/// Group (section 4.2).
#[must_use]
pub fn group() -> Arc<Schema> {
    todo!("helper: scim")
}

/// Enterprise User extension (section 4.3).
#[must_use]
pub fn enterprise_user() -> Arc<Schema> {
    todo!("helper: scim")
}

/// User with the Enterprise extension at `/Users`.
#[must_use]
pub fn user_type() -> Arc<ResourceSchema> {
    todo!("helper: scim")
}

/// Group at `/Groups`.
#[must_use]
pub fn group_type() -> Arc<ResourceSchema> {
    todo!("helper: scim")
}

/// A common attribute (`schemas`, `id`, `externalId`, `meta` with its sub-attributes; section 3.1) by name.
#[must_use]
pub fn common(_name: &str) -> Option<&'static Attribute> {
    todo!("helper: scim")
}
