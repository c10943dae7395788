//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).

use super::super::desk::refuse_as;
use super::super::{Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "attributes-ignored",
        "attributes is ignored.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("attributes", None);
            None
        })],
    ),
    mistake(
        "excluded-attributes-ignored",
        "excludedAttributes is ignored.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("excludedAttributes", None);
            None
        })],
    ),
    mistake(
        "excluded-as-attributes",
        "excludedAttributes is taken for attributes.",
        &[Hook::Asked(|call, _| {
            if let Some(names) = call.parameter("excludedAttributes") {
                call.set_parameter("excludedAttributes", None);
                call.set_parameter("attributes", Some(&names));
            }
            None
        })],
    ),
    mistake(
        "attributes-without-id",
        "With attributes the id is left out.",
        &[Hook::Shown(|resource, call| {
            if call.parameter("attributes").is_some_and(|names| !names.split(',').any(|name| name == "id")) {
                resource.remove("id");
            }
        })],
    ),
    mistake(
        "attributes-without-schemas",
        "With attributes the schemas are left out.",
        &[Hook::Shown(|resource, call| {
            if call.parameter("attributes").is_some() {
                resource.remove("schemas");
            }
        })],
    ),
    mistake(
        "attributes-refused",
        "attributes is refused.",
        &[Hook::Asked(|call, _| {
            call.parameter("attributes").map(|_| refuse_as("invalidValue", "attributes is not supported."))
        })],
    ),
    mistake(
        "attributes-only-plain",
        "attributes does not know dotted and qualified names.",
        &[Hook::Asked(|call, _| {
            if let Some(names) = call.parameter("attributes") {
                let plain: Vec<&str> = names.split(',').filter(|name| !name.contains(['.', ':'])).collect();
                call.set_parameter(
                    "attributes",
                    Some(&(if plain.is_empty() { "id".to_owned() } else { plain.join(",") })),
                );
            }
            None
        })],
    ),
    mistake(
        "attributes-case-sensitive",
        "attributes is compared with case.",
        &[Hook::Shown(|resource, call| {
            if let Some(names) = call.parameter("attributes") {
                resource.0.retain(|(name, _)| {
                    let named =
                        names.split([',', '.']).any(|wanted| wanted.eq_ignore_ascii_case(name) && wanted != name);
                    !named
                });
            }
        })],
    ),
    mistake(
        "attributes-ignored-in-writes",
        "attributes is ignored in the answer to a write.",
        &[Hook::Asked(|call, _| {
            if call.writes() {
                call.set_parameter("attributes", None);
                call.set_parameter("excludedAttributes", None);
            }
            None
        })],
    ),
    mistake(
        "excluded-id",
        "excludedAttributes=id leaves the id out.",
        &[Hook::Shown(|resource, call| {
            if call.parameter("excludedAttributes").is_some_and(|names| names.split(',').any(|name| name == "id")) {
                resource.remove("id");
            }
        })],
    ),
    mistake(
        "excluded-loses-more",
        "excludedAttributes leaves out everything but the minimum.",
        &[Hook::Shown(|resource, call| {
            if call.parameter("excludedAttributes").is_some() {
                resource.0.retain(|(name, _)| matches!(name.as_str(), "id" | "schemas"));
            }
        })],
    ),
    mistake(
        "members-never-shown",
        "Groups are shown without their members.",
        &[Hook::Shown(|resource, call| {
            if call.on_groups() {
                resource.remove("members");
            }
        })],
    ),
    mistake(
        "members-only-on-request",
        "Members are shown only when they are asked for by name.",
        &[Hook::Shown(|resource, call| {
            if call.parameter("attributes").is_none_or(|names| !names.contains("members")) {
                resource.remove("members");
            }
        })],
    ),
];
