//! What becomes of values: types, multi-valued attributes, users and groups (RFC 7643 sections 2 and 4).

use crate::scim::json::{Json, Object, object};
use crate::scim::urn;

use super::super::call::is_user;
use super::super::value::{append, each, each_text, number, rename, reword, swap, text, within};
use super::super::{Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "active-as-text",
        "active is shown as a text.",
        &[Hook::Shown(|resource, _| {
            swap(
                resource,
                "active",
                |active| if active.as_bool() == Some(true) { "true".into() } else { "false".into() },
            );
        })],
    ),
    mistake(
        "active-as-number",
        "active is shown as 1 or 0.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "active", |active| number(u8::from(active.as_bool() == Some(true))));
        })],
    ),
    mistake(
        "active-not-shown",
        "Users are shown without active.",
        &[Hook::Shown(|resource, _| {
            resource.remove("active");
        })],
    ),
    mistake(
        "primary-as-text",
        "primary is shown as a text.",
        &[Hook::Shown(|resource, _| {
            each(resource, "emails", |email| {
                swap(email, "primary", |primary| primary.to_string().into());
                true
            });
        })],
    ),
    mistake(
        "emails-as-object",
        "A single e-mail address is shown without its array.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "emails", |emails| {
                emails.as_array().and_then(|all| all.first().cloned()).unwrap_or_default()
            });
        })],
    ),
    mistake(
        "emails-as-texts",
        "E-mail addresses are shown as texts.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "emails", |emails| {
                let all = emails.as_array().unwrap_or_default().iter();
                all.map(|email| email.get("value").cloned().unwrap_or_default()).collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "emails-hold-null",
        "The e-mail addresses have a null among them.",
        &[Hook::Shown(|resource, _| {
            if resource.get("emails").is_some() {
                append(resource, "emails", [Json::Null]);
            }
        })],
    ),
    mistake(
        "emails-twice",
        "Each e-mail address is kept twice.",
        &[Hook::Stored(|content, _, _| {
            let all = content.get("emails").and_then(Json::as_array).unwrap_or_default().to_vec();
            if !all.is_empty() {
                let again = all.into_iter().map(|mut email| {
                    email.as_object_mut().map(|email| email.remove("primary"));
                    email
                });
                append(content, "emails", again.collect::<Vec<_>>());
            }
        })],
    ),
    mistake(
        "emails-all-primary",
        "Every e-mail address is primary.",
        &[Hook::Stored(|content, _, _| {
            if content.get("emails").is_some() {
                append(content, "emails", [object([("value", "more@example.com".into()), ("type", "other".into())])]);
                each(content, "emails", |email| {
                    email.set("primary", true.into());
                    true
                });
            }
        })],
    ),
    mistake(
        "emails-only-first",
        "Only the first e-mail address is kept.",
        &[Hook::Stored(|content, _, _| {
            swap(content, "emails", |all| {
                all.as_array().unwrap_or_default().iter().take(1).cloned().collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "emails-without-type",
        "The type of an e-mail address is not kept.",
        &[Hook::Stored(|content, _, _| {
            each(content, "emails", |email| {
                email.remove("type");
                true
            });
        })],
    ),
    mistake(
        "emails-without-primary",
        "Which e-mail address is primary is not kept.",
        &[Hook::Stored(|content, _, _| {
            each(content, "emails", |email| {
                email.remove("primary");
                true
            });
        })],
    ),
    mistake(
        "emails-lower-case",
        "E-mail addresses are kept in lower case.",
        &[Hook::Stored(|content, _, _| {
            each(content, "emails", |email| {
                reword(email, "value", str::to_lowercase);
                true
            });
        })],
    ),
    mistake(
        "emails-lost",
        "E-mail addresses are advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove("emails");
        })],
    ),
    mistake(
        "emails-from-user-name",
        "The e-mail address is the userName, whatever is sent.",
        &[Hook::Stored(|content, _, _| {
            let name = text(content, "userName").to_owned();
            each(content, "emails", |email| {
                email.set("value", name.clone().into());
                true
            });
        })],
    ),
    mistake(
        "phones-lost",
        "Phone numbers are advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove("phoneNumbers");
        })],
    ),
    mistake(
        "phones-normalised",
        "Phone numbers are kept without blanks and signs.",
        &[Hook::Stored(|content, _, _| {
            each(content, "phoneNumbers", |phone| {
                reword(phone, "value", |value| value.chars().filter(char::is_ascii_digit).collect());
                true
            });
        })],
    ),
    mistake(
        "addresses-lost",
        "Addresses are advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove("addresses");
        })],
    ),
    mistake(
        "roles-lost",
        "Roles are advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove("roles");
        })],
    ),
    mistake(
        "roles-as-texts",
        "Roles are shown as texts.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "roles", |roles| {
                let all = roles.as_array().unwrap_or_default().iter();
                all.map(|role| role.get("value").cloned().unwrap_or_default()).collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "name-lost",
        "name is advertised and not kept.",
        &[Hook::Stored(|content, _, _| drop(content.remove("name")))],
    ),
    mistake(
        "name-as-text",
        "name is shown as a text.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "name", |name| name.get("familyName").cloned().unwrap_or_else(|| "".into()));
        })],
    ),
    mistake(
        "name-swapped",
        "Given and family name are kept the wrong way round.",
        &[Hook::Stored(|content, _, _| {
            within(content, "name", |name| {
                rename(name, "givenName", "x");
                rename(name, "familyName", "givenName");
                rename(name, "x", "familyName");
            });
        })],
    ),
    mistake(
        "name-only-formatted",
        "Only name.formatted is kept, made of the parts.",
        &[Hook::Stored(|content, _, _| {
            within(content, "name", |name| {
                let whole = format!("{} {}", text(name, "givenName"), text(name, "familyName"));
                *name = Object(vec![("formatted".to_owned(), whole.into())]);
            });
        })],
    ),
    mistake(
        "middle-name-lost",
        "name.middleName is advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            within(content, "name", |name| drop(name.remove("middleName")));
        })],
    ),
    mistake(
        "display-name-lost",
        "displayName of users is advertised and not kept.",
        &[Hook::Stored(|content, call, _| {
            if call.on_users() {
                content.remove("displayName");
            }
        })],
    ),
    mistake(
        "title-lost",
        "title is advertised and not kept.",
        &[Hook::Stored(|content, _, _| drop(content.remove("title")))],
    ),
    mistake(
        "language-lost",
        "preferredLanguage is advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            content.remove("preferredLanguage");
        })],
    ),
    mistake(
        "department-lost",
        "department is advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            within(content, urn::ENTERPRISE_USER, |enterprise| drop(enterprise.remove("department")));
        })],
    ),
    mistake(
        "employee-number-as-number",
        "employeeNumber is shown as a number.",
        &[Hook::Shown(|resource, _| {
            within(resource, urn::ENTERPRISE_USER, |enterprise| {
                swap(enterprise, "employeeNumber", |_| number(701_984));
            });
        })],
    ),
    mistake(
        "manager-lost",
        "manager is advertised and not kept.",
        &[Hook::Stored(|content, _, _| {
            within(content, urn::ENTERPRISE_USER, |enterprise| drop(enterprise.remove("manager")));
        })],
    ),
    mistake(
        "manager-as-text",
        "manager is shown as a text.",
        &[Hook::Shown(|resource, _| {
            within(resource, urn::ENTERPRISE_USER, |enterprise| {
                swap(enterprise, "manager", |manager| manager.get("value").cloned().unwrap_or_default());
            });
        })],
    ),
    mistake(
        "manager-is-name",
        "manager.value is the manager's name.",
        &[Hook::Shown(|resource, _| {
            within(resource, urn::ENTERPRISE_USER, |enterprise| {
                within(enterprise, "manager", |manager| {
                    let name = manager.get("displayName").cloned().unwrap_or_else(|| "unknown".into());
                    manager.set("value", name);
                });
            });
        })],
    ),
    mistake(
        "user-name-lower-case",
        "userName is kept in lower case.",
        &[Hook::Stored(|content, _, _| {
            reword(content, "userName", str::to_lowercase);
        })],
    ),
    mistake(
        "user-name-is-email",
        "userName is shown as the e-mail address.",
        &[Hook::Shown(|resource, _| {
            let emails = resource.get("emails").and_then(Json::as_array).unwrap_or_default();
            let first = emails.first().and_then(|email| email.get("value")).cloned();
            if let Some(first) = first {
                swap(resource, "userName", |_| first);
            }
        })],
    ),
    mistake(
        "user-name-missing",
        "Users are shown without userName.",
        &[Hook::Shown(|resource, _| {
            resource.remove("userName");
        })],
    ),
    mistake(
        "user-name-only-local-part",
        "userName is kept without its domain.",
        &[Hook::Stored(|content, _, _| {
            reword(content, "userName", |name| name.split('@').next().unwrap_or_default().to_owned());
        })],
    ),
    mistake(
        "umlauts-lost",
        "Letters beyond ASCII become question marks.",
        &[Hook::Stored(|content, _, _| {
            each_in(content, |text| *text = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect());
        })],
    ),
    mistake(
        "umlauts-doubly-encoded",
        "UTF-8 is read as Latin-1.",
        &[Hook::Stored(|content, _, _| {
            each_in(content, |text| *text = text.bytes().map(char::from).collect());
        })],
    ),
    mistake(
        "html-escaped",
        "Ampersands and quotes are kept as HTML entities.",
        &[Hook::Stored(|content, _, _| {
            each_in(content, |text| *text = text.replace('&', "&amp;").replace('\'', "&#39;").replace('"', "&quot;"));
        })],
    ),
    mistake(
        "texts-cut",
        "Texts are kept up to their 16th character.",
        &[Hook::Stored(|content, _, _| {
            for (name, value) in &mut content.0 {
                if !matches!(name.as_str(), "members" | "userName" | "externalId" | "password") && !name.contains(':') {
                    each_text(value, &mut |text| *text = text.chars().take(16).collect());
                }
            }
        })],
    ),
    mistake(
        "nulls-as-text",
        "A value that is not set is shown as the text null.",
        &[Hook::Shown(|resource, _| {
            if is_user(resource) && resource.get("nickName").is_none() {
                resource.set("nickName", "null".into());
            }
        })],
    ),
    mistake(
        "core-attribute-as-array",
        "title is shown as an array.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "title", |title| Json::Array(vec![title.clone()]));
        })],
    ),
    mistake(
        "group-name-missing",
        "Groups are shown without displayName.",
        &[Hook::Shown(|resource, call| {
            if call.on_groups() {
                resource.remove("displayName");
            }
        })],
    ),
    mistake(
        "group-name-upper-case",
        "displayName of groups is kept in capitals.",
        &[Hook::Stored(|content, call, _| {
            if call.on_groups() {
                reword(content, "displayName", str::to_uppercase);
            }
        })],
    ),
    mistake(
        "groups-of-users-wrong",
        "groups of a user has texts in place of objects.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "groups", |groups| {
                let all = groups.as_array().unwrap_or_default().iter();
                all.map(|group| group.get("value").cloned().unwrap_or_default()).collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "member-without-value",
        "Members are shown with an id in place of value.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                rename(member, "value", "id");
                true
            });
        })],
    ),
    mistake(
        "members-as-texts",
        "Members are shown as texts.",
        &[Hook::Shown(|resource, _| {
            swap(resource, "members", |members| {
                let all = members.as_array().unwrap_or_default().iter();
                all.map(|member| member.get("value").cloned().unwrap_or_default()).collect::<Vec<_>>().into()
            });
        })],
    ),
    mistake(
        "members-by-name",
        "value of a member is its userName.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                let name = member.get("display").cloned().unwrap_or_else(|| "unknown".into());
                member.set("value", name);
                true
            });
        })],
    ),
    mistake(
        "member-reference-wrong",
        "$ref of a member leads to a group of that id.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                reword(member, "$ref", |url| url.replace("/Users/", "/Groups/"));
                true
            });
        })],
    ),
    mistake(
        "member-type-plural",
        "type of a member is the name of the endpoint.",
        &[Hook::Shown(|resource, _| {
            each(resource, "members", |member| {
                reword(member, "type", |name| format!("{name}s"));
                true
            });
        })],
    ),
];

fn each_in(content: &mut Object, mut change: impl FnMut(&mut String)) {
    for (name, value) in &mut content.0 {
        if !matches!(name.as_str(), "members" | "password") {
            each_text(value, &mut change);
        }
    }
}
