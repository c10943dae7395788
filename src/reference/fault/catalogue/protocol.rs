//! Errors, versions, authentication, discovery, bulk (RFC 7644 sections 2, 3.7, 3.12, 3.14, 4).

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, reword, swap, within};
use super::super::{Answer, Fault, Hook, mistake};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>";

pub(super) static FAULTS: &[Fault] = &[
    mistake("error-html", "Errors are HTML pages.", &[Hook::Told(|answer, _, _| as_text(answer, PAGE, "text/html"))]),
    mistake("error-plain-text", "Errors are plain text.", &[Hook::Told(|answer, _, _| {
        as_text(answer, "Bad Request", "text/plain");
    })]),
    mistake("error-empty", "Errors have no body.", &[Hook::Told(|answer, _, _| {
        if answer.status >= 400 {
            answer.body = None;
        }
    })]),
    mistake("error-own-form", "Errors are JSON of a form of their own.", &[Hook::Told(|answer, _, _| {
        if answer.status >= 400 {
            answer.body = Some(object([("error", "bad_request".into()), ("message", "Something went wrong".into())]));
        }
    })]),
    mistake("error-without-schemas", "Errors have no schemas.", &[Hook::Told(|answer, _, _| {
        error(answer, |body| drop(body.remove("schemas")));
    })]),
    mistake("error-without-status", "Errors have no status.", &[Hook::Told(|answer, _, _| {
        error(answer, |body| drop(body.remove("status")));
    })]),
    mistake("error-status-number", "The status of an error is a number.", &[Hook::Told(|answer, _, _| {
        let status = answer.status;
        error(answer, |body| body.set("status", number(status)));
    })]),
    mistake("error-status-other", "The status in an error is another than that of the answer.", &[Hook::Told(|answer, _, _| {
        error(answer, |body| body.set("status", "500".into()));
    })]),
    mistake("error-without-detail", "Errors have no detail.", &[Hook::Told(|answer, _, _| {
        error(answer, |body| drop(body.remove("detail")));
    })]),
    mistake("error-scim-type-invented", "Errors have a scimType that is not in the table.", &[Hook::Told(|answer, _, _| {
        error(answer, |body| body.set("scimType", "somethingWrong".into()));
    })]),
    mistake("error-200", "Errors are answered with status 200.", &[Hook::Told(|answer, _, _| {
        if answer.status >= 400 {
            answer.status = 200;
        }
    })]),
    mistake("error-500", "Every refusal is a 500.", &[Hook::Told(|answer, _, _| {
        if (400..500).contains(&answer.status) && answer.status != 401 {
            *answer = refuse(500, "Internal Server Error");
        }
    })]),
    mistake("error-in-array", "An error comes inside an array.", &[Hook::Told(|answer, _, _| {
        if answer.status >= 400 {
            answer.body = answer.body.take().map(|body| Json::Array(vec![body]));
        }
    })]),
    mistake("error-as-list", "An error is a list of nothing.", &[Hook::Told(|answer, _, _| {
        if answer.status >= 400 {
            answer.body = Some(crate::scim::message::list(Vec::new(), 0, 1));
        }
    })]),
    mistake("unauthorised-403", "Wrong credentials are answered with 403.", &[Hook::Told(|answer, _, _| {
        if answer.status == 401 {
            *answer = refuse(403, "Forbidden");
        }
    })]),
    mistake("unauthorised-without-challenge", "A 401 has no WWW-Authenticate.", &[Hook::Told(|answer, _, _| {
        if answer.status == 401 {
            answer.headers.retain(|(name, _)| *name != "www-authenticate");
        }
    })]),
    mistake("unauthorised-to-login-page", "Wrong credentials lead to a log-in page.", &[Hook::Told(|answer, _, _| {
        if answer.status == 401 {
            *answer = Answer::empty(302).header("location", "/login");
        }
    })]),
    mistake("unauthorised-200", "Wrong credentials are answered with 200 and a page.", &[Hook::Told(|answer, _, _| {
        if answer.status == 401 {
            as_text(answer, PAGE, "text/html");
            answer.status = 200;
        }
    })]),
    mistake("unauthorised-html", "A 401 is an HTML page.", &[Hook::Told(|answer, _, _| {
        if answer.status == 401 {
            as_text(answer, PAGE, "text/html");
        }
    })]),
    mistake("any-token", "Any token lets in.", &[Hook::Told(|answer, call, _| {
        if answer.status == 401 && call.header("authorization").is_some() {
            *answer = Answer::with_body(200, crate::scim::message::list(Vec::new(), 0, 1));
        }
    })]),
    mistake("etag-stands-still", "Versions never change.", &[
        Hook::Shown(|resource, _| within(resource, "meta", |meta| swap(meta, "version", |_| "W/\"1\"".into()))),
        Hook::Told(|answer, _, _| retagged(answer, |_| "W/\"1\"".to_owned())),
    ]),
    mistake("etag-moves-by-reading", "Versions change with each reading.", &[Hook::Told(|answer, call, desk| {
        let tag = format!("W/\"{}\"", desk.count("etag-moves-by-reading"));
        retagged(answer, |_| tag.clone());
        if let Some(body) = answer.body.as_mut().and_then(Json::as_object_mut).filter(|_| !call.lists()) {
            within(body, "meta", |meta| swap(meta, "version", |_| tag.into()));
        }
    })]),
    mistake("etag-other-than-version", "ETag and meta.version differ.", &[Hook::Told(|answer, _, _| {
        retagged(answer, |tag| tag.replace("W/\"", "W/\"x"));
    })]),
    mistake("etag-without-quotes", "ETag and meta.version have no quotes.", &[
        Hook::Shown(|resource, _| within(resource, "meta", |meta| reword(meta, "version", bare))),
        Hook::Told(|answer, _, _| retagged(answer, bare)),
    ]),
    mistake("version-without-quotes", "meta.version has no quotes, ETag has.", &[Hook::Shown(|resource, _| {
        within(resource, "meta", |meta| reword(meta, "version", bare));
    })]),
    mistake("version-as-number", "meta.version is a number.", &[Hook::Shown(|resource, _| {
        within(resource, "meta", |meta| swap(meta, "version", |_| number(1)));
    })]),
    mistake("etag-advertised-missing", "Versions are advertised, and there are none.", &[
        Hook::Shown(|resource, _| within(resource, "meta", |meta| drop(meta.remove("version")))),
        Hook::Told(|answer, _, _| answer.headers.retain(|(name, _)| *name != "etag")),
    ]),
    mistake("if-match-ignored", "If-Match is ignored.", &[Hook::Asked(|call, _| {
        call.headers.remove("if-match");
        None
    })]),
    mistake("if-match-refused", "Weak tags in If-Match never match.", &[Hook::Asked(|call, _| {
        call.header("if-match").map(|_| refuse(412, "The version does not match."))
    })]),
    mistake("if-match-409", "A stale If-Match is answered with 500.", &[Hook::Told(|answer, _, _| {
        if answer.status == 412 {
            *answer = refuse(500, "stale object");
        }
    })]),
    mistake("if-none-match-ignored", "If-None-Match is ignored.", &[Hook::Asked(|call, _| {
        call.headers.remove("if-none-match");
        None
    })]),
    mistake("not-modified-always", "Every read with If-None-Match is answered with 304.", &[Hook::Told(|answer, call, _| {
        if call.header("if-none-match").is_some() && call.is_get() && answer.status == 200 {
            *answer = Answer::empty(304);
        }
    })]),
    mistake("config-404", "There is no service provider configuration.", &[Hook::Told(|answer, call, _| {
        gone(answer, call, "ServiceProviderConfig");
    })]),
    mistake("types-404", "There are no resource types.", &[Hook::Told(|answer, call, _| gone(answer, call, "ResourceTypes"))]),
    mistake("schemas-404", "There are no schemas.", &[Hook::Told(|answer, call, _| gone(answer, call, "Schemas"))]),
    mistake("schemas-500", "/Schemas ends in a server error.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "Schemas" {
            *answer = refuse(500, "Internal Server Error");
        }
    })]),
    mistake("config-in-list", "The service provider configuration is a list.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "ServiceProviderConfig" && answer.status == 200 {
            let config = answer.body.take().unwrap_or_default();
            answer.body = Some(crate::scim::message::list(vec![config], 1, 1));
        }
    })]),
    mistake("config-without-schemas", "The service provider configuration has no schemas.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| drop(config.remove("schemas")));
    })]),
    mistake("config-features-missing", "The service provider configuration leaves out etag and sort.", &[Hook::Told(
        |answer, call, _| {
            config(answer, call, |config| {
                config.remove("etag");
                config.remove("sort");
            });
        },
    )]),
    mistake("config-features-as-booleans", "Features of the configuration are Booleans and no objects.", &[Hook::Told(
        |answer, call, _| {
            config(answer, call, |config| {
                for name in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
                    swap(config, name, |_| true.into());
                }
            });
        },
    )]),
    mistake("config-supported-as-text", "supported in the configuration is a text.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| {
            for name in ["patch", "filter"] {
                within(config, name, |feature| feature.set("supported", "true".into()));
            }
        });
    })]),
    mistake("config-limits-missing", "The configuration has no limits for filter and bulk.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| {
            within(config, "filter", |filter| drop(filter.remove("maxResults")));
            within(config, "bulk", |bulk| bulk.0.truncate(1));
        });
    })]),
    mistake("config-without-schemes", "The configuration has no authenticationSchemes.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| drop(config.remove("authenticationSchemes")));
    })]),
    mistake("config-scheme-invented", "An authentication scheme has a type that there is not.", &[Hook::Told(
        |answer, call, _| {
            config(answer, call, |config| {
                config.set("authenticationSchemes", Json::Array(vec![object([("type", "apikey".into()), ("name", "Key".into())])]));
            });
        },
    )]),
    mistake("config-denies-patch", "PATCH works and is not advertised.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| within(config, "patch", |patch| patch.set("supported", false.into())));
    })]),
    mistake("config-denies-filter", "Filters work and are not advertised.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| within(config, "filter", |filter| filter.set("supported", false.into())));
    })]),
    mistake("config-max-results-small", "More resources come than filter.maxResults allows.", &[Hook::Told(|answer, call, _| {
        config(answer, call, |config| within(config, "filter", |filter| filter.set("maxResults", number(1))));
    })]),
    mistake("types-bare", "The resource types are an array and no list.", &[Hook::Told(|answer, call, _| {
        bared(answer, call, "ResourceTypes");
    })]),
    mistake("schemas-bare", "The schemas are an array and no list.", &[Hook::Told(|answer, call, _| {
        bared(answer, call, "Schemas");
    })]),
    mistake("types-without-group", "The resource types leave out groups.", &[Hook::Told(|answer, call, _| {
        described(answer, call, "ResourceTypes", |all| all.retain(|one| one.get("id").and_then(Json::as_str) != Some("Group")));
    })]),
    mistake("types-without-endpoint", "The resource types have no endpoint.", &[Hook::Told(|answer, call, _| {
        described(answer, call, "ResourceTypes", |all| {
            all.iter_mut().filter_map(Json::as_object_mut).for_each(|one| drop(one.remove("endpoint")));
        });
    })]),
    mistake("types-without-extension", "The resource type of users does not declare the extension.", &[Hook::Told(
        |answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                all.iter_mut().filter_map(Json::as_object_mut).for_each(|one| drop(one.remove("schemaExtensions")));
            });
        },
    )]),
    mistake("types-name-unknown-schema", "A resource type names a schema that is not among the schemas.", &[Hook::Told(
        |answer, call, _| {
            described(answer, call, "ResourceTypes", |all| {
                for one in all.iter_mut().filter_map(Json::as_object_mut) {
                    reword(one, "schema", |urn| format!("{urn}s"));
                }
            });
        },
    )]),
    mistake("types-twice", "The resource type of users is there twice.", &[Hook::Told(|answer, call, _| {
        described(answer, call, "ResourceTypes", |all| all.extend(all.first().cloned()));
    })]),
    mistake("type-by-name-404", "A single resource type cannot be read.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "ResourceTypes" && call.id().is_some() {
            *answer = refuse(404, "There is nothing here.");
        }
    })]),
    mistake("schema-by-urn-404", "A single schema cannot be read.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "Schemas" && call.id().is_some() {
            *answer = refuse(404, "There is nothing here.");
        }
    })]),
    mistake("schemas-without-extension-schema", "The schema of the declared extension is not among the schemas.", &[
        Hook::Told(|answer, call, _| {
            described(answer, call, "Schemas", |all| {
                all.retain(|one| !one.get("id").and_then(Json::as_str).unwrap_or_default().contains("enterprise"));
            });
        }),
    ]),
    mistake("schemas-with-messages", "The schemas of messages are among the schemas.", &[Hook::Told(|answer, call, _| {
        described(answer, call, "Schemas", |all| {
            let mut message = all.first().cloned().unwrap_or_default();
            message.as_object_mut().map(|message| message.set("id", crate::scim::urn::PATCH_OP.into()));
            all.push(message);
        });
    })]),
    mistake("schema-attributes-untyped", "Attributes of a schema have no type.", &[Hook::Told(|answer, call, _| {
        attributes(answer, call, |attribute| drop(attribute.remove("type")));
    })]),
    mistake("schema-mutability-invented", "Attributes of a schema have a mutability that there is not.", &[Hook::Told(
        |answer, call, _| attributes(answer, call, |attribute| attribute.set("mutability", "writable".into())),
    )]),
    mistake("schema-multi-valued-as-text", "multiValued in a schema is a text.", &[Hook::Told(|answer, call, _| {
        attributes(answer, call, |attribute| swap(attribute, "multiValued", |value| value.to_string().into()));
    })]),
    mistake("schema-attributes-as-map", "attributes of a schema is an object.", &[Hook::Told(|answer, call, _| {
        described(answer, call, "Schemas", |all| {
            for one in all.iter_mut().filter_map(Json::as_object_mut) {
                swap(one, "attributes", |_| Json::Object(Object::default()));
            }
        });
    })]),
    mistake("discovery-filter-ignored", "A filter on a discovery endpoint is ignored.", &[Hook::Asked(|call, _| {
        if matches!(call.endpoint(), "Schemas" | "ResourceTypes" | "ServiceProviderConfig") {
            call.query = None;
        }
        None
    })]),
    mistake("discovery-filter-500", "A filter on a discovery endpoint ends in a server error.", &[Hook::Told(
        |answer, call, _| {
            if answer.status == 403 && call.parameter("filter").is_some() {
                *answer = refuse(500, "Cannot read properties of undefined");
            }
        },
    )]),
    mistake("bulk-501", "Bulk is advertised and not there.", &[Hook::Asked(|call, _| {
        (call.endpoint() == "Bulk").then(|| refuse(501, "Bulk is not supported."))
    })]),
    mistake("bulk-status-number", "The status of a bulk operation is a number.", &[Hook::Told(|answer, call, _| {
        bulk(answer, call, |operation| {
            swap(operation, "status", |status| number(status.as_str().unwrap_or("200")));
        });
    })]),
    mistake("bulk-without-status", "The operations of a bulk answer have no status.", &[Hook::Told(|answer, call, _| {
        bulk(answer, call, |operation| drop(operation.remove("status")));
    })]),
    mistake("bulk-without-location", "The operations of a bulk answer have no location.", &[Hook::Told(|answer, call, _| {
        bulk(answer, call, |operation| drop(operation.remove("location")));
    })]),
    mistake("bulk-without-bulk-id", "The operations of a bulk answer have no bulkId.", &[Hook::Told(|answer, call, _| {
        bulk(answer, call, |operation| drop(operation.remove("bulkId")));
    })]),
    mistake("bulk-201", "A bulk request is answered with 201.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "Bulk" && answer.status == 200 {
            answer.status = 201;
        }
    })]),
    mistake("bulk-stops-at-errors", "A bulk request ends at the first error, whatever failOnErrors says.", &[Hook::Asked(
        |call, _| {
            if call.endpoint() == "Bulk" {
                call.json.as_mut()?.as_object_mut()?.set("failOnErrors", number(1));
            }
            None
        },
    )]),
    mistake("bulk-ignores-fail-on-errors", "failOnErrors is ignored.", &[Hook::Asked(|call, _| {
        if call.endpoint() == "Bulk" {
            call.json.as_mut()?.as_object_mut()?.remove("failOnErrors");
        }
        None
    })]),
    mistake("bulk-only-first", "Only the first operation of a bulk request is carried out.", &[Hook::Asked(|call, _| {
        if call.endpoint() == "Bulk" {
            let body = call.json.as_mut()?.as_object_mut()?;
            swap(body, "Operations", |all| all.as_array().unwrap_or_default().iter().take(1).cloned().collect::<Vec<_>>().into());
        }
        None
    })]),
    mistake("me-404", "/Me is answered with 404.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "Me" {
            *answer = refuse(404, "There is nothing here.");
        }
    })]),
    mistake("me-500", "/Me ends in a server error.", &[Hook::Told(|answer, call, _| {
        if call.endpoint() == "Me" {
            *answer = refuse(500, "Internal Server Error");
        }
    })]),
    mistake("probe-refused", "A value that is no e-mail address is refused in a search for a userName.", &[Hook::Asked(
        |call, _| {
            let filter = call.filter()?;
            let no_mail = filter.starts_with("userName eq ") && !filter.contains('@');
            no_mail.then(|| refuse_as("invalidFilter", "userName must be an e-mail address."))
        },
    )]),
];

fn as_text(answer: &mut Answer, text: &str, media_type: &str) {
    if answer.status >= 400 {
        answer.body = None;
        answer.text = Some(text.to_owned());
        answer.headers.push(("content-type", media_type.to_owned()));
    }
}

fn error(answer: &mut Answer, change: impl FnOnce(&mut Object)) {
    if let Some(body) = answer.body.as_mut().filter(|_| answer.status >= 400).and_then(Json::as_object_mut) {
        change(body);
    }
}

fn bare(tag: &str) -> String {
    tag.trim_start_matches("W/").trim_matches('"').to_owned()
}

fn retagged(answer: &mut Answer, change: impl Fn(&str) -> String) {
    for (_, value) in answer.headers.iter_mut().filter(|(name, _)| *name == "etag") {
        *value = change(value);
    }
}

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
    let Some(body) = answer.body.as_mut().filter(|_| answer.status == 200 && call.endpoint() == endpoint) else { return };
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
