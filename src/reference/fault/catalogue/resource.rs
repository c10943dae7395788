//! How resources look: identifiers, `schemas`, `meta` (RFC 7643 section 3).

use crate::scim::json::{Json, object};
use crate::scim::urn;

use super::super::call::is_user;
use super::super::value::{number, rename, reword, swap, token, within};
use super::super::{Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "id-number",
        "Ids are numbers.",
        &[
            Hook::Named(|n| (1000 + n).to_string()),
            Hook::Shown(|resource, _| swap(resource, "id", |id| token(id.as_str().unwrap_or_default()))),
        ],
    ),
    mistake(
        "id-missing-in-created",
        "The answer to a create has no id.",
        &[Hook::Told(|answer, call, _| {
            if call.creates()
                && let Some(body) = answer.body.as_mut().and_then(Json::as_object_mut)
            {
                body.remove("id");
            }
        })],
    ),
    mistake(
        "id-missing-in-lists",
        "The resources of a list have no id.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                resource.remove("id");
            }
        })],
    ),
    mistake(
        "id-upper-case-in-lists",
        "Lists show ids in capitals.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                reword(resource, "id", str::to_uppercase);
            }
        })],
    ),
    mistake(
        "id-from-body",
        "The id that a client sends is taken for the resource's.",
        &[Hook::Shown(|resource, call| {
            let given = call.json.as_ref().filter(|_| call.method != "PATCH").and_then(|body| body.get("id"));
            if let Some(given) = given {
                resource.set("id", given.clone());
            }
        })],
    ),
    mistake(
        "id-new-on-put",
        "A PUT gives the resource another id.",
        &[Hook::Shown(|resource, call| {
            if call.method == "PUT" {
                reword(resource, "id", |id| id.chars().rev().collect());
            }
        })],
    ),
    mistake("id-mongo", "The id stands in _id.", &[Hook::Shown(|resource, _| rename(resource, "id", "_id"))]),
    mistake(
        "schemas-missing",
        "Resources have no schemas.",
        &[Hook::Shown(|resource, _| drop(resource.remove("schemas")))],
    ),
    mistake(
        "schemas-missing-in-lists",
        "The resources of a list have no schemas.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                resource.remove("schemas");
            }
        })],
    ),
    mistake(
        "schemas-empty",
        "schemas is an empty array.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |_| Json::Array(Vec::new()));
        })],
    ),
    mistake(
        "schemas-text",
        "schemas is a text and no array.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |schemas| {
                schemas.as_array().and_then(|all| all.first().cloned()).unwrap_or_default()
            });
        })],
    ),
    mistake(
        "schemas-twice",
        "schemas names the core schema twice.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |schemas| {
                let all = schemas.as_array().unwrap_or_default();
                all.iter().chain(all.first()).cloned().collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "schemas-of-version-1",
        "schemas has the URNs of SCIM 1.1.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |_| Json::Array(vec!["urn:scim:schemas:core:1.0".into()]));
        })],
    ),
    mistake(
        "schemas-undeclared",
        "schemas names a schema that the resource type does not declare.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |schemas| {
                let more = Json::from("urn:example:params:scim:schemas:extension:acme:2.0:User");
                schemas.as_array().unwrap_or_default().iter().cloned().chain([more]).collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "schemas-without-extension",
        "schemas does not name the extension that the resource has.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "schemas", |schemas| {
                let all = schemas.as_array().unwrap_or_default().iter();
                all.filter(|urn| urn.as_str() != Some(urn::ENTERPRISE_USER)).cloned().collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "schemas-wrong-type",
        "Groups name the schema of users.",
        &[Hook::Shown(|resource, call| {
            if call.on_groups() {
                swap(resource, "schemas", |_| Json::Array(vec![urn::USER.into()]));
            }
        })],
    ),
    mistake("meta-missing", "Resources have no meta.", &[Hook::Shown(|resource, _| drop(resource.remove("meta")))]),
    mistake(
        "meta-without-times",
        "meta has no created and no lastModified.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                meta.remove("created");
                meta.remove("lastModified");
            });
        })],
    ),
    mistake(
        "meta-type-missing",
        "meta has no resourceType.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| drop(meta.remove("resourceType")));
        })],
    ),
    mistake(
        "meta-type-plural",
        "meta.resourceType is the name of the endpoint.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "resourceType", |name| format!("{name}s")));
        })],
    ),
    mistake(
        "meta-type-lower-case",
        "meta.resourceType is written in lower case.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "resourceType", str::to_lowercase));
        })],
    ),
    mistake(
        "version-other-in-lists",
        "meta.version in lists is another than that of the resource.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                within(resource, "meta", |meta| {
                    reword(meta, "version", |version| format!("{}0\"", version.trim_end_matches('"')));
                });
            }
        })],
    ),
    mistake(
        "times-of-a-zone-as-utc",
        "The times in meta are those of a zone, and say that they are UTC.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                for name in ["created", "lastModified"] {
                    reword(meta, name, |time| later(time, 2));
                }
            });
        })],
    ),
    mistake(
        "modified-later-than-created",
        "A new resource says that it was changed an hour after it was made.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "lastModified", |time| later(time, 1)));
        })],
    ),
    mistake(
        "meta-location-missing",
        "meta has no location.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| drop(meta.remove("location")));
        })],
    ),
    mistake(
        "meta-location-other-host",
        "meta.location has the host behind the proxy.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                reword(meta, "location", |url| {
                    format!("http://backend:8080/{}", url.splitn(4, '/').nth(3).unwrap_or_default())
                });
            });
        })],
    ),
    mistake(
        "meta-location-of-the-list",
        "meta.location leads to the list.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                reword(meta, "location", |url| url.rsplit_once('/').map_or(url, |(list, _)| list).to_owned());
            });
        })],
    ),
    mistake(
        "meta-location-of-another",
        "meta.location leads to another resource.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "location", |url| format!("{url}0")));
        })],
    ),
    mistake(
        "times-epoch",
        "The times in meta are seconds since 1970.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                swap(meta, "created", |_| number(1_795_334_400));
                swap(meta, "lastModified", |_| number(1_795_334_400));
            });
        })],
    ),
    mistake(
        "times-with-blank",
        "The times in meta have a blank and no T.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                reword(meta, "created", |time| time.replace('T', " "));
                reword(meta, "lastModified", |time| time.replace('T', " "));
            });
        })],
    ),
    mistake(
        "times-without-offset",
        "The times in meta have no offset.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                reword(meta, "created", |time| time.trim_end_matches('Z').to_owned());
                reword(meta, "lastModified", |time| time.trim_end_matches('Z').to_owned());
            });
        })],
    ),
    mistake(
        "modified-stands-still",
        "meta.lastModified stays at the creation.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                let created = meta.get("created").cloned().unwrap_or_default();
                swap(meta, "lastModified", |_| created);
            });
        })],
    ),
    mistake(
        "modified-before-created",
        "meta.lastModified lies before meta.created.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "lastModified", |_| "2001-01-01T00:00:00Z".to_owned()));
        })],
    ),
    mistake(
        "created-moves",
        "meta.created moves with each change.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| {
                let modified = meta.get("lastModified").cloned().unwrap_or_default();
                swap(meta, "created", |_| modified);
            });
        })],
    ),
    mistake(
        "modified-by-reading",
        "Each reading sets meta.lastModified.",
        &[Hook::Shown(|resource, call| {
            within(resource, "meta", |meta| reword(meta, "lastModified", |_| format!("{:.6}", call.at)));
        })],
    ),
    mistake(
        "modified-goes-back",
        "meta.lastModified falls back after a write.",
        &[Hook::Told(|answer, call, desk| {
            let turns = if call.writes() { 0 } else { desk.count("modified-goes-back") };
            if let Some(body) =
                answer.body.as_mut().and_then(Json::as_object_mut).filter(|_| call.id().is_some() && turns > 0)
            {
                within(body, "meta", |meta| {
                    let created = meta.get("created").cloned().unwrap_or_default();
                    swap(meta, "lastModified", |_| created);
                });
            }
        })],
    ),
    mistake(
        "external-id-lost",
        "externalId is not kept.",
        &[Hook::Stored(|content, _, _| drop(content.remove("externalId")))],
    ),
    mistake(
        "external-id-invented",
        "A resource without externalId gets its id there.",
        &[Hook::Shown(|resource, _| {
            if resource.get("externalId").is_none()
                && let Some(id) = resource.get("id").cloned()
            {
                resource.set("externalId", id);
            }
        })],
    ),
    mistake(
        "external-id-lower-case",
        "externalId is kept in lower case.",
        &[Hook::Stored(|content, _, _| {
            reword(content, "externalId", str::to_lowercase);
        })],
    ),
    mistake(
        "names-in-lower-case",
        "Attribute names come in lower case.",
        &[Hook::Shown(|resource, _| {
            for (name, _) in &mut resource.0 {
                *name = if name.contains(':') { name.clone() } else { name.to_lowercase() };
            }
        })],
    ),
    mistake(
        "names-in-snake-case",
        "Attribute names come with underscores.",
        &[Hook::Shown(|resource, _| {
            rename(resource, "userName", "user_name");
            rename(resource, "displayName", "display_name");
            rename(resource, "externalId", "external_id");
        })],
    ),
    mistake(
        "wrapped-in-data",
        "A resource comes inside another object.",
        &[Hook::Told(|answer, call, _| {
            if call.on_resources() && !call.lists() && answer.status < 300 {
                answer.body = answer.body.take().map(|body| object([("data", body)]));
            }
        })],
    ),
    mistake(
        "wrapped-in-array",
        "A resource comes inside an array.",
        &[Hook::Told(|answer, call, _| {
            if call.on_resources() && !call.lists() && answer.status < 300 {
                answer.body = answer.body.take().map(|body| Json::Array(vec![body]));
            }
        })],
    ),
    mistake(
        "member-twice",
        "displayName stands twice in a resource.",
        &[Hook::Shown(|resource, _| {
            if let Some(name) = resource.get("displayName").cloned() {
                resource.0.push(("displayName".to_owned(), name));
            }
        })],
    ),
    mistake(
        "extension-key-split",
        "The extension stands under a key that was taken apart at its dot.",
        &[Hook::Shown(|resource, _| {
            if let Some(extension) = resource.remove(urn::ENTERPRISE_USER) {
                resource.set("urn:ietf:params:scim:schemas:extension:enterprise:2", object([("0:User", extension)]));
            }
        })],
    ),
    mistake(
        "extension-flat",
        "The attributes of the extension stand beside those of the core.",
        &[Hook::Shown(|resource, _| {
            if let Some(Json::Object(extension)) = resource.remove(urn::ENTERPRISE_USER) {
                resource.0.extend(extension.0);
            }
        })],
    ),
    mistake(
        "extension-lost",
        "The enterprise extension is advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove(urn::ENTERPRISE_USER);
        })],
    ),
    mistake(
        "extension-only-on-create",
        "A change of the extension is answered with success and not made.",
        &[Hook::Stored(|content, call, before| {
            let old = before.filter(|_| !call.creates()).map(|before| before.get(urn::ENTERPRISE_USER).cloned());
            if let Some(old) = old {
                content.remove(urn::ENTERPRISE_USER);
                content.0.extend(old.map(|old| (urn::ENTERPRISE_USER.to_owned(), old)));
            }
        })],
    ),
    mistake(
        "password-returned",
        "The answer to a create shows the password.",
        &[Hook::Shown(|resource, call| {
            let sent = call.json.as_ref().and_then(|body| body.get("password"));
            if let Some(password) = sent {
                resource.set("password", password.clone());
            }
        })],
    ),
    mistake(
        "password-hash-returned",
        "Users are shown with the digest of their password.",
        &[Hook::Shown(|resource, _| {
            if is_user(resource) {
                resource.set("password", "$2b$10$EixZaYVK1fsbw1ZfbX3OXe".into());
            }
        })],
    ),
    mistake(
        "password-masked",
        "Users are shown with a password of asterisks.",
        &[Hook::Shown(|resource, _| {
            if is_user(resource) {
                resource.set("password", "********".into());
            }
        })],
    ),
];

/// A time that many hours later, in the same form.
fn later(time: &str, hours: i64) -> String {
    let parsed: Option<jiff::Timestamp> = time.parse().ok();
    parsed.map_or_else(|| time.to_owned(), |time| format!("{:.6}", time + jiff::SignedDuration::from_hours(hours)))
}
