//! Legal differences of resources.

use crate::scim::json::{Json, Object};
use crate::scim::urn;

use super::super::call::is_user;
use super::super::value::{each, reword, within};
use super::super::{Answer, Fault, Hook, tolerated};
use super::acme;

pub(super) static FAULTS: &[Fault] = &[
    tolerated("ids-as-numerals", "Ids are numerals, in texts.", &[Hook::Named(|n| (100_000 + n).to_string())]),
    tolerated(
        "ids-as-hex",
        "Ids are 24 hexadecimal digits.",
        &[Hook::Named(|n| format!("{:024x}", 0x5f3a_9c00_u64 + n))],
    ),
    tolerated("ids-with-signs", "Ids have dots, dashes and underscores.", &[Hook::Named(|n| format!("usr_{n}.a-b~c"))]),
    tolerated("ids-long", "Ids are long.", &[Hook::Named(|n| format!("{n:0>100}"))]),
    tolerated("ids-upper-case", "Ids are capitals.", &[Hook::Named(|n| format!("01J{n:0>20}ABCXYZ"))]),
    tolerated(
        "patch-204",
        "A PATCH is answered with 204.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "PATCH" && answer.status == 200 && !call.projects() && !call.on_users() {
                *answer = Answer::empty(204);
            }
        })],
    ),
    tolerated(
        "patch-204-without-change",
        "A PATCH that changes nothing is answered with 204.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "PATCH"
                    && let Some(old) = desk.read(&call.path)
                {
                    desk.remember("patch-204-without-change", old);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                let old = desk.forget("patch-204-without-change");
                if call.on_groups() && answer.status == 200 && old.is_some() && old == answer.body {
                    *answer = Answer::empty(204);
                }
            }),
        ],
    ),
    tolerated(
        "empty-arrays",
        "Attributes without a value are empty arrays.",
        &[Hook::Shown(|resource, call| {
            if !call.projects() {
                let names: &[&str] = if is_user(resource) {
                    &["emails", "phoneNumbers", "addresses", "roles", "groups"]
                } else {
                    &["members"]
                };
                for name in names.iter().filter(|name| resource.get(name).is_none()).copied().collect::<Vec<_>>() {
                    resource.set(name, Json::Array(Vec::new()));
                }
            }
        })],
    ),
    tolerated(
        "nulls",
        "Attributes without a value are null.",
        &[Hook::Shown(|resource, call| {
            if !call.projects() && is_user(resource) {
                for name in ["nickName", "title", "externalId", "profileUrl", "locale"] {
                    if resource.get(name).is_none() {
                        resource.set(name, Json::Null);
                    }
                }
            }
        })],
    ),
    tolerated(
        "null-arrays",
        "Multi-valued attributes without a value are null.",
        &[Hook::Shown(|resource, call| {
            if !call.projects() && is_user(resource) {
                for name in ["ims", "photos", "entitlements", "x509Certificates"] {
                    if resource.get(name).is_none() {
                        resource.set(name, Json::Null);
                    }
                }
            }
        })],
    ),
    tolerated(
        "empty-texts",
        "Attributes without a value are empty texts.",
        &[Hook::Shown(|resource, call| {
            if !call.projects() && is_user(resource) {
                for name in ["nickName", "title", "timezone"] {
                    if resource.get(name).is_none() {
                        resource.set(name, "".into());
                    }
                }
            }
        })],
    ),
    tolerated(
        "members-reversed",
        "Members come in another order.",
        &[Hook::Shown(|resource, _| {
            if let Some(Json::Array(members)) = resource.get_mut("members") {
                members.reverse();
            }
        })],
    ),
    tolerated(
        "emails-reversed",
        "E-mail addresses come in another order.",
        &[Hook::Shown(|resource, _| {
            if let Some(Json::Array(emails)) = resource.get_mut("emails") {
                emails.reverse();
            }
        })],
    ),
    tolerated(
        "keys-reversed",
        "Members of objects come in another order.",
        &[Hook::Shown(|resource, _| resource.0.reverse())],
    ),
    tolerated(
        "keys-sorted",
        "Members of objects come in the order of the alphabet.",
        &[Hook::Told(|answer, _, _| {
            if let Some(body) = &mut answer.body {
                sorted(body);
            }
        })],
    ),
    tolerated(
        "pretty-bodies",
        "Bodies have line breaks and indents.",
        &[Hook::Told(|answer, _, _| {
            answer.text = answer.body.as_ref().map(Json::pretty);
        })],
    ),
    tolerated(
        "escaped-bodies",
        "Letters beyond ASCII and slashes are escaped.",
        &[Hook::Told(|answer, _, _| {
            answer.text = answer.body.as_ref().map(|body| escaped(&body.to_string()));
        })],
    ),
    tolerated(
        "extra-attributes",
        "Users have an extension of the server's own, which is declared.",
        &[Hook::Asked(acme::filter), Hook::Shown(acme::show), Hook::Told(acme::declare)],
    ),
    tolerated(
        "extra-core-attributes",
        "Users have a timezone that the server sets.",
        &[Hook::Shown(|resource, call| {
            if is_user(resource) && !call.projects() && resource.get("timezone").is_none() {
                resource.set("timezone", "Europe/Berlin".into());
            }
        })],
    ),
    tolerated(
        "name-formatted",
        "name.formatted is made of the parts.",
        &[Hook::Shown(|resource, call| {
            if !call.projects() {
                within(resource, "name", |name| {
                    let part = |of: &str| name.get(of).and_then(Json::as_str).unwrap_or_default().to_owned();
                    let whole = format!("{} {}", part("givenName"), part("familyName"));
                    if name.get("formatted").is_none() {
                        name.set("formatted", whole.trim().into());
                    }
                });
            }
        })],
    ),
    tolerated(
        "display-name-derived",
        "A user without displayName gets the userName there.",
        &[Hook::Shown(|resource, call| {
            if is_user(resource) && !call.projects() && resource.get("displayName").is_none() {
                let name = resource.get("userName").cloned().unwrap_or_default();
                resource.set("displayName", name);
            }
        })],
    ),
    tolerated(
        "members-bare",
        "Members are shown with value only.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                member.0.retain(|(name, _)| name == "value");
                true
            });
        })],
    ),
    tolerated(
        "members-without-display",
        "Members are shown without display.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                member.remove("display");
                true
            });
        })],
    ),
    tolerated(
        "groups-not-shown",
        "Users are shown without groups.",
        &[Hook::Shown(|resource, _| drop(resource.remove("groups")))],
    ),
    tolerated(
        "manager-bare",
        "manager is shown with value only.",
        &[Hook::Shown(|resource, _| {
            within(resource, urn::ENTERPRISE_USER, |enterprise| {
                within(enterprise, "manager", |manager| manager.0.retain(|(name, _)| name == "value"));
            });
        })],
    ),
    tolerated(
        "references-relative",
        "$ref is relative.",
        &[Hook::Shown(|resource, _| {
            for list in ["members", "groups"] {
                each(resource, list, |member| {
                    reword(member, "$ref", |url| {
                        format!(
                            "../{}",
                            url.rsplit('/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")
                        )
                    });
                    true
                });
            }
        })],
    ),
];

/// An extension that is the server's own.
fn sorted(value: &mut Json) {
    match value {
        Json::Object(Object(members)) => {
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, value) in members {
                sorted(value);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(sorted),
        _ => {}
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}
