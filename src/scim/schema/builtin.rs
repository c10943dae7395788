//! The schemas of RFC 7643 sections 4, 5, 6, 7, with the verified errata.
//!
//! They are data (`data/*.json`, Schema resources that leave out what has the default of section 2.2), read once. The
//! printed schemas of section 8.7 are examples with known slips; where text or errata say otherwise, these follow them.

use std::sync::{Arc, LazyLock};

use crate::scim::json::Json;

use super::{Attribute, ResourceSchema, Schema, Silent};

/// User (section 4.1).
#[must_use]
pub fn user() -> Arc<Schema> {
    Arc::clone(&USER)
}

/// Group (section 4.2).
#[must_use]
pub fn group() -> Arc<Schema> {
    Arc::clone(&GROUP)
}

/// Enterprise User extension (section 4.3).
#[must_use]
pub fn enterprise_user() -> Arc<Schema> {
    Arc::clone(&ENTERPRISE_USER)
}

/// Service provider configuration (section 5), with `pagination` of RFC 9865 section 4.
#[must_use]
pub fn service_provider_config() -> Arc<Schema> {
    Arc::clone(&SERVICE_PROVIDER_CONFIG)
}

/// Resource type (section 6).
#[must_use]
pub fn resource_type() -> Arc<Schema> {
    Arc::clone(&RESOURCE_TYPE)
}

/// Schema definition (section 7).
#[must_use]
pub fn schema() -> Arc<Schema> {
    Arc::clone(&SCHEMA)
}

/// List of resources (RFC 7644 section 3.4.2), with the cursors of RFC 9865 section 2.
pub(super) fn list_response() -> Schema {
    read(include_str!("data/list_response.json"))
}

/// Error answer (RFC 7644 section 3.12).
pub(super) fn error() -> Schema {
    read(include_str!("data/error.json"))
}

/// PATCH body (RFC 7644 section 3.5.2); the value of an operation may be anything.
pub(super) fn patch_op() -> Schema {
    read(include_str!("data/patch_op.json"))
}

/// Bulk response (RFC 7644 section 3.7).
pub(super) fn bulk_response() -> Schema {
    read(include_str!("data/bulk_response.json"))
}

/// User with the Enterprise extension at `/Users`.
#[must_use]
pub fn user_type() -> Arc<ResourceSchema> {
    static USER_TYPE: LazyLock<Arc<ResourceSchema>> =
        LazyLock::new(|| resource("User", "/Users", user(), vec![(enterprise_user(), false)]));
    Arc::clone(&USER_TYPE)
}

/// Group at `/Groups`.
#[must_use]
pub fn group_type() -> Arc<ResourceSchema> {
    static GROUP_TYPE: LazyLock<Arc<ResourceSchema>> =
        LazyLock::new(|| resource("Group", "/Groups", group(), Vec::new()));
    Arc::clone(&GROUP_TYPE)
}

/// A common attribute (`schemas`, `id`, `externalId`, `meta` with its sub-attributes; section 3.1) by name.
#[must_use]
pub fn common(name: &str) -> Option<&'static Attribute> {
    COMMON.attribute(name)
}

/// All common attributes, in the order of section 3.1.
#[must_use]
pub fn commons() -> &'static [Attribute] {
    &COMMON.attributes
}

static USER: LazyLock<Arc<Schema>> = LazyLock::new(|| read(include_str!("data/user.json")).into());
static GROUP: LazyLock<Arc<Schema>> = LazyLock::new(|| read(include_str!("data/group.json")).into());
static ENTERPRISE_USER: LazyLock<Arc<Schema>> =
    LazyLock::new(|| read(include_str!("data/enterprise_user.json")).into());
static SERVICE_PROVIDER_CONFIG: LazyLock<Arc<Schema>> =
    LazyLock::new(|| read(include_str!("data/service_provider_config.json")).into());
static RESOURCE_TYPE: LazyLock<Arc<Schema>> = LazyLock::new(|| read(include_str!("data/resource_type.json")).into());
static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| read(include_str!("data/schema.json")).into());
static COMMON: LazyLock<Schema> = LazyLock::new(|| read(include_str!("data/common.json")));

/// The tests make sure that there is nothing to tolerate.
fn read(text: &str) -> Schema {
    let mut schema = Schema::from_json(&Json::parse(text.as_bytes()).unwrap_or_default()).0;
    spell_out(&mut schema.attributes);
    schema
}

/// The RFC's text gives every characteristic; only the files here leave out what has its default.
fn spell_out(attributes: &mut [Attribute]) {
    for attribute in attributes {
        attribute.silent = Silent::default();
        spell_out(&mut attribute.sub_attributes);
    }
}

fn resource(
    name: &str,
    endpoint: &str,
    core: Arc<Schema>,
    extensions: Vec<(Arc<Schema>, bool)>,
) -> Arc<ResourceSchema> {
    Arc::new(ResourceSchema { name: name.to_owned(), endpoint: endpoint.to_owned(), core, extensions })
}

#[cfg(test)]
mod tests {
    use super::super::{Mutability, Returned, Type, Uniqueness};
    use super::*;
    use crate::scim::urn;

    #[test]
    fn data_reads_without_problems() {
        let files = [
            (urn::USER, include_str!("data/user.json")),
            (urn::GROUP, include_str!("data/group.json")),
            (urn::ENTERPRISE_USER, include_str!("data/enterprise_user.json")),
            (urn::SERVICE_PROVIDER_CONFIG, include_str!("data/service_provider_config.json")),
            (urn::RESOURCE_TYPE, include_str!("data/resource_type.json")),
            (urn::SCHEMA, include_str!("data/schema.json")),
            (urn::LIST_RESPONSE, include_str!("data/list_response.json")),
            (urn::ERROR, include_str!("data/error.json")),
            (urn::PATCH_OP, include_str!("data/patch_op.json")),
            (urn::BULK_RESPONSE, include_str!("data/bulk_response.json")),
        ];
        for (id, text) in files {
            let (schema, problems) = Schema::from_json(&Json::parse(text.as_bytes()).unwrap());
            assert_eq!((schema.id.as_str(), problems), (id, vec![]));
        }
        // It is the only one without an id: nothing publishes it.
        let (_, problems) = Schema::from_json(&Json::parse(include_bytes!("data/common.json")).unwrap());
        assert_eq!(problems.iter().map(|p| p.pointer.as_str()).collect::<Vec<_>>(), ["/id"]);
    }

    fn at<'a>(schema: &'a Schema, name: &str, sub: &str) -> &'a Attribute {
        schema.attribute(name).and_then(|a| a.sub(sub)).unwrap()
    }

    #[test]
    fn text_and_errata_win_over_the_printed_schemas() {
        assert_eq!(at(&USER, "addresses", "primary").kind, Type::Boolean);
        assert!(at(&USER, "ims", "type").canonical_values.iter().any(|v| v == "other"));
        assert_eq!(at(&USER, "groups", "$ref").reference_types, ["Group"]);
        assert!(at(&USER, "x509Certificates", "value").case_exact);
        let password = USER.attribute("password").unwrap();
        assert!(password.case_exact && password.returned == Returned::Never);
        assert_eq!(at(&GROUP, "members", "display").mutability, Mutability::Immutable);
        assert!(GROUP.attribute("displayName").unwrap().required);
        assert!(at(&ENTERPRISE_USER, "manager", "value").case_exact);
        assert!(SERVICE_PROVIDER_CONFIG.attribute("etag").unwrap().required);
        assert!(at(&SERVICE_PROVIDER_CONFIG, "authenticationSchemes", "type").required);
        let extensions = RESOURCE_TYPE.attribute("schemaExtensions").unwrap();
        assert!(extensions.multi_valued && !extensions.required);
        assert!(!SCHEMA.attribute("name").unwrap().required);
        assert!(at(&SCHEMA, "attributes", "type").canonical_values.iter().any(|v| v == "binary"));
        assert!(at(&SCHEMA, "attributes", "subAttributes").sub("referenceTypes").unwrap().multi_valued);
    }

    #[test]
    fn references_and_binaries_are_case_exact() {
        fn check(attribute: &Attribute) {
            if matches!(attribute.kind, Type::Reference | Type::Binary) {
                assert!(attribute.case_exact, "{}", attribute.name);
            }
            attribute.sub_attributes.iter().for_each(check);
        }
        for schema in [&USER, &GROUP, &ENTERPRISE_USER, &SERVICE_PROVIDER_CONFIG, &RESOURCE_TYPE, &SCHEMA] {
            schema.attributes.iter().for_each(check);
        }
        commons().iter().for_each(check);
    }

    #[test]
    fn common_attributes_are_found_without_case() {
        let id = common("ID").unwrap();
        assert_eq!(
            (id.returned, id.mutability, id.uniqueness),
            (Returned::Always, Mutability::ReadOnly, Uniqueness::Server)
        );
        assert!(id.case_exact && common("externalid").unwrap().case_exact);
        assert_eq!(common("meta").unwrap().sub("lastmodified").unwrap().kind, Type::DateTime);
        assert_eq!(common("userName"), None);
        assert_eq!(
            commons().iter().map(|a| a.name.as_str()).collect::<Vec<_>>(),
            ["schemas", "id", "externalId", "meta"]
        );
    }
}
