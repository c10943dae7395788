//! What the provider says of itself, and bulk (RFC 7644 sections 3.7 and 4).

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::refuse;
use super::super::value::{number, reword, swap, token, within};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "config-404",
        "There is no service provider configuration.",
        &[Hook::Told(|answer, call, _| {
            gone(answer, call, "ServiceProviderConfig");
        })],
    ),
    mistake(
        "types-404",
        "There are no resource types.",
        &[Hook::Told(|answer, call, _| gone(answer, call, "ResourceTypes"))],
    ),
    mistake("schemas-404", "There are no schemas.", &[Hook::Told(|answer, call, _| gone(answer, call, "Schemas"))]),
    mistake(
        "schemas-500",
        "/Schemas ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Schemas" {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "config-in-list",
        "The service provider configuration is a list.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "ServiceProviderConfig" && answer.status == 200 {
                let config = answer.body.take().unwrap_or_default();
                answer.body = Some(crate::scim::message::list(vec![config], 1, 1));
            }
        })],
    ),
    mistake(
        "config-without-schemas",
        "The service provider configuration has no schemas.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| drop(config.remove("schemas")));
        })],
    ),
    mistake(
        "config-features-missing",
        "The service provider configuration leaves out etag and sort.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                config.remove("etag");
                config.remove("sort");
            });
        })],
    ),
    mistake(
        "config-features-as-booleans",
        "Features of the configuration are Booleans and no objects.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                for name in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
                    swap(config, name, |_| true.into());
                }
            });
        })],
    ),
    mistake(
        "config-supported-as-text",
        "supported in the configuration is a text.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                for name in ["patch", "filter"] {
                    within(config, name, |feature| feature.set("supported", "true".into()));
                }
            });
        })],
    ),
    mistake(
        "config-limits-missing",
        "The configuration has no limits for filter and bulk.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                within(config, "filter", |filter| drop(filter.remove("maxResults")));
                within(config, "bulk", |bulk| bulk.0.truncate(1));
            });
        })],
    ),
    mistake(
        "config-without-schemes",
        "The configuration has no authenticationSchemes.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| drop(config.remove("authenticationSchemes")));
        })],
    ),
    mistake(
        "config-scheme-invented",
        "An authentication scheme has a type that there is not.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                config.set(
                    "authenticationSchemes",
                    Json::Array(vec![object([("type", "apikey".into()), ("name", "Key".into())])]),
                );
            });
        })],
    ),
    mistake(
        "config-denies-patch",
        "PATCH works and is not advertised.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| within(config, "patch", |patch| patch.set("supported", false.into())));
        })],
    ),
    mistake(
        "config-denies-filter",
        "Filters work and are not advertised.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| within(config, "filter", |filter| filter.set("supported", false.into())));
        })],
    ),
    mistake(
        "config-max-results-small",
        "More resources come than filter.maxResults allows.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| within(config, "filter", |filter| filter.set("maxResults", number(1))));
        })],
    ),
    mistake(
        "types-bare",
        "The resource types are an array and no list.",
        &[Hook::Told(|answer, call, _| {
            bared(answer, call, "ResourceTypes");
        })],
    ),
    mistake(
        "schemas-bare",
        "The schemas are an array and no list.",
        &[Hook::Told(|answer, call, _| {
            bared(answer, call, "Schemas");
        })],
    ),
    mistake(
        "types-without-group",
        "The resource types leave out groups.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                all.retain(|one| one.get("id").and_then(Json::as_str) != Some("Group"));
            });
        })],
    ),
    mistake(
        "types-without-endpoint",
        "The resource types have no endpoint.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                all.iter_mut().filter_map(Json::as_object_mut).for_each(|one| drop(one.remove("endpoint")));
            });
        })],
    ),
    mistake(
        "types-without-extension",
        "The resource type of users does not declare the extension.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                all.iter_mut().filter_map(Json::as_object_mut).for_each(|one| drop(one.remove("schemaExtensions")));
            });
        })],
    ),
    mistake(
        "types-name-unknown-schema",
        "A resource type names a schema that is not among the schemas.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                for one in all.iter_mut().filter_map(Json::as_object_mut) {
                    reword(one, "schema", |urn| format!("{urn}s"));
                }
            });
        })],
    ),
    mistake(
        "types-twice",
        "The resource type of users is there twice.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "ResourceTypes", |all| all.extend(all.first().cloned()));
        })],
    ),
    mistake(
        "type-by-name-404",
        "A single resource type cannot be read.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "ResourceTypes" && call.id().is_some() {
                *answer = refuse(404, "There is nothing here.");
            }
        })],
    ),
    mistake(
        "schema-by-urn-404",
        "A single schema cannot be read.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Schemas" && call.id().is_some() {
                *answer = refuse(404, "There is nothing here.");
            }
        })],
    ),
    mistake(
        "schemas-without-extension-schema",
        "The schema of the declared extension is not among the schemas.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "Schemas", |all| {
                all.retain(|one| !one.get("id").and_then(Json::as_str).unwrap_or_default().contains("enterprise"));
            });
        })],
    ),
    mistake(
        "schemas-with-messages",
        "The schemas of messages are among the schemas.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "Schemas", |all| {
                let mut message = all.first().cloned().unwrap_or_default();
                if let Some(message) = message.as_object_mut() {
                    message.set("id", crate::scim::urn::PATCH_OP.into());
                }
                all.push(message);
            });
        })],
    ),
    mistake(
        "schema-attributes-untyped",
        "Attributes of a schema have no type.",
        &[Hook::Told(|answer, call, _| {
            attributes(answer, call, |attribute| drop(attribute.remove("type")));
        })],
    ),
    mistake(
        "schema-mutability-invented",
        "Attributes of a schema have a mutability that there is not.",
        &[Hook::Told(|answer, call, _| {
            attributes(answer, call, |attribute| attribute.set("mutability", "writable".into()));
        })],
    ),
    mistake(
        "schema-multi-valued-as-text",
        "multiValued in a schema is a text.",
        &[Hook::Told(|answer, call, _| {
            attributes(answer, call, |attribute| swap(attribute, "multiValued", |value| value.to_string().into()));
        })],
    ),
    mistake(
        "schema-attributes-as-map",
        "attributes of a schema is an object.",
        &[Hook::Told(|answer, call, _| {
            described(answer, call, "Schemas", |all| {
                for one in all.iter_mut().filter_map(Json::as_object_mut) {
                    swap(one, "attributes", |_| Json::Object(Object::default()));
                }
            });
        })],
    ),
    mistake(
        "discovery-filter-ignored",
        "A filter on a discovery endpoint is ignored.",
        &[Hook::Asked(|call, _| {
            if matches!(call.endpoint(), "Schemas" | "ResourceTypes" | "ServiceProviderConfig") {
                call.query = None;
            }
            None
        })],
    ),
    mistake(
        "discovery-filter-500",
        "A filter on a discovery endpoint ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if answer.status == 403 && call.parameter("filter").is_some() {
                *answer = refuse(500, "Cannot read properties of undefined");
            }
        })],
    ),
    mistake(
        "bulk-501",
        "Bulk is advertised and not there.",
        &[Hook::Asked(|call, _| (call.endpoint() == "Bulk").then(|| refuse(501, "Bulk is not supported.")))],
    ),
    mistake(
        "bulk-status-number",
        "The status of a bulk operation is a number.",
        &[Hook::Told(|answer, call, _| {
            bulk(answer, call, |operation| {
                swap(operation, "status", |status| token(status.as_str().unwrap_or("200")));
            });
        })],
    ),
    mistake(
        "bulk-without-status",
        "The operations of a bulk answer have no status.",
        &[Hook::Told(|answer, call, _| {
            bulk(answer, call, |operation| drop(operation.remove("status")));
        })],
    ),
    mistake(
        "bulk-without-location",
        "The operations of a bulk answer have no location.",
        &[Hook::Told(|answer, call, _| {
            bulk(answer, call, |operation| drop(operation.remove("location")));
        })],
    ),
    mistake(
        "bulk-without-bulk-id",
        "The operations of a bulk answer have no bulkId.",
        &[Hook::Told(|answer, call, _| {
            bulk(answer, call, |operation| drop(operation.remove("bulkId")));
        })],
    ),
    mistake(
        "bulk-201",
        "A bulk request is answered with 201.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Bulk" && answer.status == 200 {
                answer.status = 201;
            }
        })],
    ),
    mistake(
        "bulk-stops-at-errors",
        "A bulk request ends at the first error, whatever failOnErrors says.",
        &[Hook::Asked(|call, _| {
            if call.endpoint() == "Bulk" {
                call.json.as_mut()?.as_object_mut()?.set("failOnErrors", number(1));
            }
            None
        })],
    ),
    mistake(
        "bulk-ignores-fail-on-errors",
        "failOnErrors is ignored.",
        &[Hook::Asked(|call, _| {
            if call.endpoint() == "Bulk" {
                call.json.as_mut()?.as_object_mut()?.remove("failOnErrors");
            }
            None
        })],
    ),
    mistake(
        "bulk-only-first",
        "Only the first operation of a bulk request is carried out.",
        &[Hook::Asked(|call, _| {
            if call.endpoint() == "Bulk" {
                let body = call.json.as_mut()?.as_object_mut()?;
                swap(body, "Operations", |all| {
                    all.as_array().unwrap_or_default().iter().take(1).cloned().collect::<Vec<_>>().into()
                });
            }
            None
        })],
    ),
];

fn gone(answer: &mut Answer, call: &Call, endpoint: &str) {
    if call.endpoint() == endpoint {
        *answer = refuse(404, "There is nothing here.");
    }
}

fn config(answer: &mut Answer, call: &Call, change: impl FnOnce(&mut Object)) {
    let config = answer.body.as_mut().filter(|_| answer.status == 200 && call.endpoint() == "ServiceProviderConfig");
    if let Some(config) = config.and_then(Json::as_object_mut) {
        change(config);
    }
}

fn bared(answer: &mut Answer, call: &Call, endpoint: &str) {
    if call.endpoint() == endpoint && call.id().is_none() && answer.status == 200 {
        answer.body = answer.body.as_ref().and_then(|list| list.get("Resources")).cloned();
    }
}

/// What a discovery endpoint lists, or the single one that it shows.
fn described(answer: &mut Answer, call: &Call, endpoint: &str, change: impl FnOnce(&mut Vec<Json>)) {
    let Some(body) = answer.body.as_mut().filter(|_| answer.status == 200 && call.endpoint() == endpoint) else {
        return;
    };
    if call.id().is_some() {
        let mut one = vec![body.clone()];
        change(&mut one);
        *body = one.into_iter().next().unwrap_or_default();
    } else if let Some(Json::Array(all)) = body.as_object_mut().and_then(|list| list.get_mut("Resources")) {
        change(all);
        let total = all.len();
        if let Some(list) = body.as_object_mut() {
            list.set("totalResults", total.into());
            list.set("itemsPerPage", total.into());
        }
    }
}

fn attributes(answer: &mut Answer, call: &Call, change: impl Fn(&mut Object)) {
    described(answer, call, "Schemas", |all| {
        for one in all.iter_mut().filter_map(Json::as_object_mut) {
            if let Some(Json::Array(attributes)) = one.get_mut("attributes") {
                attributes.iter_mut().filter_map(Json::as_object_mut).for_each(&change);
            }
        }
    });
}

fn bulk(answer: &mut Answer, call: &Call, change: impl Fn(&mut Object)) {
    let body = answer.body.as_mut().filter(|_| call.endpoint() == "Bulk").and_then(Json::as_object_mut);
    if let Some(Json::Array(operations)) = body.and_then(|body| body.get_mut("Operations")) {
        operations.iter_mut().filter_map(Json::as_object_mut).for_each(change);
    }
}
