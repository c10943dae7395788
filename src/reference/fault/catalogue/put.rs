//! PUT (RFC 7644 section 3.5.1).

use crate::scim::json::{Json, object};

use super::super::desk::{Desk, refuse, refuse_as};
use super::super::value::{each, swap, within};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "put-405",
        "PUT is not implemented: 405.",
        &[Hook::Asked(|call, _| {
            (call.method == "PUT")
                .then(|| refuse(405, "PUT is not possible here.").header("allow", "GET, PATCH, DELETE"))
        })],
    ),
    mistake(
        "put-501",
        "PUT is not implemented: 501.",
        &[Hook::Asked(|call, _| (call.method == "PUT").then(|| refuse(501, "PUT is not implemented.")))],
    ),
    mistake(
        "put-204",
        "A PUT is answered with 204.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "PUT" && answer.status == 200 {
                *answer = Answer::empty(204);
            }
        })],
    ),
    mistake(
        "put-201",
        "A PUT is answered with 201.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "PUT" && answer.status == 200 {
                answer.status = 201;
            }
        })],
    ),
    mistake(
        "put-without-body",
        "A PUT is answered with 200 and no body.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "PUT" && answer.status == 200 {
                answer.body = None;
            }
        })],
    ),
    mistake(
        "put-ignored",
        "A PUT is answered with 200 and changes nothing.",
        &[Hook::Stored(|content, call, before| {
            if let Some(before) = before.filter(|_| call.method == "PUT") {
                *content = before.clone();
            }
        })],
    ),
    mistake(
        "put-answers-old",
        "The answer to a PUT shows the resource as it was.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "PUT" {
                    let old = desk.read(&call.path)?;
                    desk.remember("put-answers-old", old);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                if call.method == "PUT" && answer.status == 200 {
                    answer.body = desk.forget("put-answers-old");
                }
            }),
        ],
    ),
    mistake(
        "put-creates",
        "A PUT to an unknown id makes a resource.",
        &[Hook::Told(|answer, call, desk| {
            if call.method == "PUT" && answer.status == 404 {
                let body = call.json.as_ref().map(Json::to_string).unwrap_or_default();
                *answer = desk.send("POST", &format!("/{}", call.endpoint()), &body);
            }
        })],
    ),
    mistake(
        "put-name-ignored",
        "A PUT does not change userName.",
        &[Hook::Stored(|content, call, before| {
            if let Some(name) = before.filter(|_| call.method == "PUT").and_then(|before| before.get("userName")) {
                content.set("userName", name.clone());
            }
        })],
    ),
    mistake(
        "put-group-name-ignored",
        "A PUT does not change the displayName of a group.",
        &[Hook::Stored(|content, call, before| {
            let old = before.filter(|_| call.method == "PUT" && call.on_groups());
            if let Some(name) = old.and_then(|before| before.get("displayName")) {
                content.set("displayName", name.clone());
            }
        })],
    ),
    mistake(
        "put-members-ignored",
        "A PUT does not change the members of a group.",
        &[Hook::Stored(|content, call, before| {
            if let Some(before) = before.filter(|_| call.method == "PUT" && call.on_groups()) {
                content.remove("members");
                content.0.extend(before.get("members").map(|members| ("members".to_owned(), members.clone())));
            }
        })],
    ),
    mistake(
        "put-members-added",
        "A PUT adds its members to those who are there.",
        &[Hook::Stored(|content, call, before| {
            if let Some(Json::Array(old)) =
                before.filter(|_| call.method == "PUT").and_then(|before| before.get("members"))
            {
                let mut all = old.clone();
                all.extend(content.get("members").and_then(Json::as_array).unwrap_or_default().iter().cloned());
                let mut seen = Vec::new();
                all.retain(|member| {
                    let id = member.get("value").map(Json::to_string);
                    let new = !seen.contains(&id);
                    seen.push(id);
                    new
                });
                content.set("members", Json::Array(all));
            }
        })],
    ),
    mistake(
        "put-emails-added",
        "A PUT adds its e-mail addresses to those that are there.",
        &[Hook::Stored(|content, call, before| {
            if let Some(Json::Array(old)) =
                before.filter(|_| call.method == "PUT").and_then(|before| before.get("emails"))
            {
                let new = content.get("emails").and_then(Json::as_array).unwrap_or_default().to_vec();
                let mut all = new.clone();
                all.extend(old.iter().filter(|email| !new.contains(email)).cloned());
                content.set("emails", Json::Array(all));
                let mut first = true;
                each(content, "emails", |email| {
                    swap(email, "primary", |_| first.into());
                    first = false;
                    true
                });
            }
        })],
    ),
    mistake(
        "put-deactivates",
        "A PUT without active deactivates.",
        &[Hook::Stored(|content, call, _| {
            if call.method == "PUT"
                && call.on_users()
                && call.json.as_ref().is_some_and(|body| body.get("active").is_none())
            {
                content.set("active", false.into());
            }
        })],
    ),
    mistake(
        "put-active-ignored",
        "A PUT does not change active.",
        &[Hook::Stored(|content, call, before| {
            if let Some(active) = before.filter(|_| call.method == "PUT").and_then(|before| before.get("active")) {
                content.set("active", active.clone());
            }
        })],
    ),
    mistake(
        "put-own-name-409",
        "A PUT that keeps the userName is refused: it is taken.",
        &[Hook::Asked(|call, desk| {
            let old = desk.content(call.id().filter(|_| call.is("PUT", "Users"))?)?;
            let sent = call.json.as_ref()?.get("userName")?;
            (old.get("userName") == Some(sent))
                .then(|| Answer { status: 409, ..refuse_as("uniqueness", "userName is taken") })
        })],
    ),
    mistake(
        "put-requires-password",
        "A PUT without a password is refused.",
        &[Hook::Asked(|call, _| {
            let body = call.json.as_ref().filter(|_| call.is("PUT", "Users"))?;
            body.get("password").is_none().then(|| refuse_as("invalidValue", "password is required."))
        })],
    ),
    mistake(
        "put-null-500",
        "A PUT with a null ends in a server error.",
        &[Hook::Asked(|call, _| {
            let body = call.json.as_ref().filter(|_| call.method == "PUT")?.as_object()?;
            let null = body.iter().any(|(_, value)| *value == Json::Null);
            null.then(|| refuse(500, "Cannot read properties of null"))
        })],
    ),
    mistake(
        "put-finds-by-name",
        "A PUT finds the user by the userName in its body.",
        &[Hook::Asked(|call, desk| {
            let body = call.json.as_ref().filter(|_| call.is("PUT", "Users"))?;
            let name = body.get("userName")?.as_str()?.to_owned();
            holder(desk, &name).is_none().then(|| refuse(404, "User not found."))
        })],
    ),
    mistake(
        "put-loses-name-parts",
        "A PUT keeps only the first part of name.",
        &[Hook::Stored(|content, call, _| {
            if call.method == "PUT" {
                within(content, "name", |name| name.0.truncate(1));
            }
        })],
    ),
];

/// The id of who has a userName.
fn holder(desk: &mut Desk<'_>, name: &str) -> Option<String> {
    let list = desk.send("POST", "/Users/.search", &search(name)).body?;
    list.pointer("/Resources/0/id")?.as_str().map(str::to_owned)
}

fn search(name: &str) -> String {
    let filter = format!("userName eq {}", Json::from(name));
    object([("schemas", Json::Array(vec![crate::scim::urn::SEARCH_REQUEST.into()])), ("filter", filter.into())])
        .to_string()
}
