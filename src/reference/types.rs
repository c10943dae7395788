//! What the provider keeps beside users and groups: an extension of its own, the roles and entitlements that a client with
//! identity governance discovers and hands out, and rooms, which have an attribute of every kind.

use std::sync::Arc;

use jiff::Timestamp;

use crate::scim::json::Json;
use crate::scim::schema::{ResourceSchema, Schema, builtin};

use super::store::Store;

/// A resource that is there from the start: endpoint, id, content.
type Stocked = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The roles and entitlements.
const STOCK: [Stocked; 3] = [
    ("Roles", "role-dispatcher", &[("displayName", "Dispatcher"), ("description", "Plans field visits")]),
    ("Licenses", "license-pro", &[("displayName", "Pro seat"), ("type", "License")]),
    ("Profiles", "profile-night", &[("displayName", "Night shift"), ("type", "Profile")]),
];

/// The resource types, in the order in which they are published.
pub(super) fn all() -> Vec<Arc<ResourceSchema>> {
    let mut user = ResourceSchema::clone(&builtin::user_type());
    user.extensions.push((read(include_str!("data/badge.json")), false));
    let role = read(include_str!("data/role.json"));
    let entitlement = read(include_str!("data/entitlement.json"));
    let of = |name: &str, endpoint: &str, core: &Arc<Schema>| {
        let (name, endpoint) = (name.to_owned(), endpoint.to_owned());
        Arc::new(ResourceSchema { name, endpoint, core: Arc::clone(core), extensions: Vec::new() })
    };
    vec![
        Arc::new(user),
        builtin::group_type(),
        of("Role", "/Roles", &role),
        of("License", "/Licenses", &entitlement),
        of("Profile", "/Profiles", &entitlement),
        of("Room", "/Rooms", &read(include_str!("data/room.json"))),
    ]
}

/// Puts on the shelves what is there from the start.
pub(super) fn stock(store: &mut Store) {
    for (endpoint, id, members) in STOCK {
        let content = members.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))).collect();
        if let Some(kind) = store.kind_at(endpoint) {
            store.insert(kind, id, content, Timestamp::UNIX_EPOCH);
        }
    }
}

fn read(text: &str) -> Arc<Schema> {
    Arc::new(Schema::from_json(&Json::parse(text.as_bytes()).unwrap_or_default()).0)
}
