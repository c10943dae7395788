//! Creating resources (RFC 7644 section 3.3).

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::{Desk, TAKES, refuse, refuse_as};
use super::super::value::text;
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "created-200",
        "A create is answered with 200.",
        &[Hook::Told(|answer, call, _| restated(answer, call, 200))],
    ),
    mistake(
        "created-202",
        "A create is answered with 202.",
        &[Hook::Told(|answer, call, _| restated(answer, call, 202))],
    ),
    mistake(
        "created-without-body",
        "A create is answered with 201 and no body.",
        &[Hook::Told(|answer, call, _| {
            if call.creates() && answer.status == 201 {
                answer.body = None;
            }
        })],
    ),
    mistake(
        "created-204",
        "A create is answered with 204.",
        &[Hook::Told(|answer, call, _| {
            if call.creates() && answer.status == 201 {
                *answer = Answer::empty(204);
            }
        })],
    ),
    mistake(
        "created-only-id",
        "The answer to a create has nothing but the id.",
        &[Hook::Told(|answer, call, _| {
            if let Some(body) = created(answer, call) {
                body.0.retain(|(name, _)| matches!(name.as_str(), "id" | "schemas" | "meta"));
            }
        })],
    ),
    mistake(
        "created-echoes",
        "The answer to a create is the request with an id.",
        &[Hook::Told(|answer, call, _| {
            let sent = call.json.as_ref().and_then(Json::as_object).cloned();
            if let (Some(body), Some(mut sent)) = (created(answer, call), sent) {
                sent.set("id", body.get("id").cloned().unwrap_or_default());
                *body = sent;
            }
        })],
    ),
    mistake(
        "created-in-list",
        "The answer to a create is a list of one.",
        &[Hook::Told(|answer, call, _| {
            if call.creates() && answer.status == 201 {
                let resource = answer.body.take().unwrap_or_default();
                answer.body = Some(crate::scim::message::list(vec![resource], 1, 1));
            }
        })],
    ),
    mistake(
        "created-without-location",
        "A create is answered without a Location header.",
        &[Hook::Told(|answer, call, _| {
            if call.creates() {
                answer.headers.retain(|(name, _)| *name != "location");
            }
        })],
    ),
    mistake(
        "created-location-of-list",
        "Location of a new resource leads to the list.",
        &[Hook::Told(|answer, call, _| {
            relocated(answer, call, |url| url.rsplit_once('/').map_or(url, |(list, _)| list).to_owned());
        })],
    ),
    mistake(
        "created-location-of-another",
        "Location of a new resource leads to another one.",
        &[Hook::Told(|answer, call, _| relocated(answer, call, |url| format!("{url}0")))],
    ),
    mistake(
        "created-inactive",
        "New users are inactive.",
        &[Hook::Stored(|content, call, _| {
            if call.creates() && call.on_users() {
                content.set("active", false.into());
            }
        })],
    ),
    mistake(
        "created-always-active",
        "active false is ignored in a create.",
        &[Hook::Stored(|content, call, _| {
            if call.creates() && call.on_users() {
                content.set("active", true.into());
            }
        })],
    ),
    mistake(
        "created-without-members",
        "The members in the create of a group are ignored.",
        &[Hook::Stored(|content, call, _| {
            if call.creates() {
                content.remove("members");
            }
        })],
    ),
    mistake(
        "created-not-kept",
        "A create is answered with 201 and nothing is made.",
        &[Hook::Told(|answer, call, desk| {
            if call.creates() && answer.status == 201 {
                let id =
                    answer.body.as_ref().and_then(|body| body.get("id")).and_then(Json::as_str).unwrap_or_default();
                desk.send("DELETE", &format!("/{}/{id}", call.endpoint()), "");
            }
        })],
    ),
    mistake(
        "created-without-schemas-refused",
        "An extension that is listed without its object is refused.",
        &[Hook::Asked(|call, _| {
            let body = call.json.as_ref().filter(|_| call.creates())?;
            let listed = body.get("schemas").and_then(Json::as_array).unwrap_or_default();
            let bare =
                listed.iter().filter_map(Json::as_str).any(|urn| urn.contains("extension") && body.get(urn).is_none());
            bare.then(|| refuse_as("invalidValue", "The extension is missing."))
        })],
    ),
    mistake(
        "primary-refused",
        "primary in an e-mail address is refused.",
        &[Hook::Asked(|call, _| {
            let emails = call.json.as_ref().filter(|_| call.creates())?.get("emails")?.as_array()?;
            let primary = emails.iter().any(|email| email.get("primary").is_some());
            primary.then(|| refuse_as("invalidValue", "primary is not known."))
        })],
    ),
    mistake(
        "password-required",
        "A create without a password is refused.",
        &[Hook::Asked(|call, _| {
            let missing = call.creates() && call.on_users() && call.json.as_ref()?.get("password").is_none();
            missing.then(|| refuse_as("invalidValue", "password is required."))
        })],
    ),
    mistake(
        "name-required",
        "A create without a family name is refused.",
        &[Hook::Asked(|call, _| {
            let missing =
                call.creates() && call.on_users() && call.json.as_ref()?.pointer("/name/familyName").is_none();
            missing.then(|| refuse_as("invalidValue", "name.familyName is required."))
        })],
    ),
    mistake(
        "emails-required",
        "A create without an e-mail address is refused.",
        &[Hook::Asked(|call, _| {
            let missing = call.creates() && call.on_users() && call.json.as_ref()?.get("emails").is_none();
            missing.then(|| refuse_as("invalidValue", "emails is required."))
        })],
    ),
    mistake(
        "external-id-required",
        "A create without externalId is refused.",
        &[Hook::Asked(|call, _| {
            let missing = call.creates() && call.json.as_ref()?.get("externalId").is_none();
            missing.then(|| refuse_as("invalidValue", "externalId is required."))
        })],
    ),
    mistake(
        "display-name-required",
        "A create of a user without displayName is refused.",
        &[Hook::Asked(|call, _| {
            let missing = call.creates() && call.on_users() && call.json.as_ref()?.get("displayName").is_none();
            missing.then(|| refuse_as("invalidValue", "displayName is required."))
        })],
    ),
    mistake(
        "members-required",
        "A create of a group without members is refused.",
        &[Hook::Asked(|call, _| {
            let members = call.json.as_ref().filter(|_| call.creates() && call.on_groups())?.get("members");
            members.is_none_or(Json::is_unassigned).then(|| refuse_as("invalidValue", "members is required."))
        })],
    ),
    mistake(
        "unknown-attribute-500",
        "An attribute that is not known ends in a server error.",
        &[Hook::Asked(|call, _| {
            let body = call.json.as_ref().filter(|_| call.writes())?;
            let known = [
                "schemas",
                "id",
                "externalId",
                "meta",
                "userName",
                "displayName",
                "name",
                "emails",
                "active",
                "members",
            ];
            let known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
            let strange = body.as_object()?.iter().any(|(name, _)| !known(name) && call.method != "PATCH");
            strange.then(|| refuse(500, "Internal Server Error"))
        })],
    ),
    mistake(
        "enterprise-attribute-refused",
        "One enterprise attribute that is not known fails the whole write.",
        &[Hook::Asked(|call, _| {
            let sent = call.json.as_ref().filter(|_| call.writes())?.to_string();
            sent.contains("costCenter").then(|| refuse_as("invalidSyntax", "costCenter is not known."))
        })],
    ),
    mistake(
        "nulls-refused",
        "null for a multi-valued attribute is refused.",
        &[Hook::Asked(|call, _| {
            let body = call.json.as_ref().filter(|_| call.writes())?.as_object()?;
            let null = body.iter().any(|(name, value)| name.ends_with('s') && *value == Json::Null);
            null.then(|| refuse_as("invalidValue", "expected an array, not null"))
        })],
    ),
    mistake(
        "meta-refused",
        "A PUT with meta in its body is refused.",
        &[Hook::Asked(|call, _| {
            let has = call.method == "PUT" && call.json.as_ref()?.get("meta").is_some();
            has.then(|| refuse_as("mutability", "meta is readOnly."))
        })],
    ),
    mistake(
        "id-in-put-refused",
        "A PUT with the id in its body is refused.",
        &[Hook::Asked(|call, _| {
            let has = call.method == "PUT" && call.json.as_ref()?.get("id").is_some();
            has.then(|| refuse_as("mutability", "id is readOnly."))
        })],
    ),
    mistake(
        "groups-in-put-refused",
        "A PUT with groups in its body is refused.",
        &[Hook::Asked(|call, _| {
            let has = call.writes() && call.method != "PATCH" && call.json.as_ref()?.get("groups").is_some();
            has.then(|| refuse_as("mutability", "groups is readOnly."))
        })],
    ),
    mistake("duplicate-201", "A taken userName is answered with 201, and there are two.", &[Hook::Asked(second)]),
    mistake(
        "duplicate-at-once",
        "A userName that another create is about to take is answered with 201, and there are two.",
        &[
            Hook::Asked(|call, desk| {
                let name = call.json.as_ref().filter(|_| call.creates() && call.on_users())?.get("userName")?.clone();
                let at_once = desk.is_under_way(&name.to_string());
                at_once.then(|| second(call, desk)).flatten()
            }),
            Hook::Told(|answer, call, _| {
                if call.creates() && call.on_users() {
                    answer.late = TAKES;
                }
            }),
        ],
    ),
    mistake(
        "duplicate-200",
        "A taken userName is answered with 200, and the old account is changed.",
        &[Hook::Asked(|call, desk| {
            let taken = duplicate(call, desk)?;
            let holder = holder(desk, &taken)?;
            Some(desk.send("PUT", &format!("/Users/{holder}"), &call.json.as_ref()?.to_string()))
        })],
    ),
    mistake(
        "duplicate-upserted-201",
        "A taken userName is answered with 201, and the old account loses fields.",
        &[Hook::Asked(|call, desk| {
            let taken = duplicate(call, desk)?;
            let holder = holder(desk, &taken)?;
            let answer = desk.send("PUT", &format!("/Users/{holder}"), &call.json.as_ref()?.to_string());
            Some(Answer { status: 201, ..answer })
        })],
    ),
    mistake(
        "duplicate-400",
        "A taken userName is answered with 400.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 409 {
                *answer = refuse_as("uniqueness", "already taken");
            }
        })],
    ),
    mistake(
        "duplicate-422",
        "A taken userName is answered with 422.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 409 {
                *answer = refuse(422, "userName has already been taken");
            }
        })],
    ),
    mistake(
        "duplicate-500",
        "A taken userName is answered with 500.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 409 {
                *answer = refuse(500, "duplicate key value violates unique constraint");
            }
        })],
    ),
    mistake(
        "duplicate-without-scim-type",
        "A 409 has no scimType.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 409 {
                *answer = refuse(409, "already taken");
            }
        })],
    ),
    mistake(
        "duplicate-other-scim-type",
        "A 409 says invalidValue.",
        &[Hook::Told(|answer, call, _| {
            if let Some(body) = answer.body.as_mut().and_then(Json::as_object_mut)
                && call.creates()
                && answer.status == 409
            {
                body.set("scimType", "invalidValue".into());
            }
        })],
    ),
    mistake(
        "external-id-unique",
        "An externalId that another user has is answered with 409.",
        &[Hook::Asked(|call, desk| {
            let given =
                call.json.as_ref().filter(|_| call.creates() && call.on_users())?.get("externalId")?.to_string();
            let name = format!("external-id {given}");
            let known = desk.recall(&name).is_some();
            desk.remember(&name, true.into());
            known.then(|| Answer { status: 409, ..refuse_as("uniqueness", "externalId already exists") })
        })],
    ),
    mistake(
        "names-case-sensitive",
        "userNames that differ in case are two.",
        &[Hook::Asked(|call, desk| {
            let body = call.json.as_ref().filter(|_| call.creates() && call.on_users())?;
            let given = body.get("userName")?.as_str()?.to_owned();
            let holder = holder(desk, &given)?;
            let other = desk.content(&holder)?;
            (text(&other, "userName") != given).then_some(())?;
            let count = desk.count("names-case-sensitive");
            let body = call.json.as_mut()?.as_object_mut()?;
            body.set("userName", format!("{given}.{count}").into());
            None
        })],
    ),
];

fn restated(answer: &mut Answer, call: &Call, status: u16) {
    if call.creates() && answer.status == 201 {
        answer.status = status;
    }
}

fn created<'a>(answer: &'a mut Answer, call: &Call) -> Option<&'a mut Object> {
    answer.body.as_mut().filter(|_| call.creates() && answer.status == 201)?.as_object_mut()
}

fn relocated(answer: &mut Answer, call: &Call, change: impl Fn(&str) -> String) {
    if call.creates() {
        for (_, value) in answer.headers.iter_mut().filter(|(name, _)| *name == "location") {
            *value = change(value);
        }
    }
}

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

/// The userName of a create, if somebody has it.
/// Makes a second account with a userName that is taken, if it is.
fn second(call: &mut Call, desk: &mut Desk<'_>) -> Option<Answer> {
    let taken = duplicate(call, desk)?;
    let count = desk.count("duplicate-201");
    let body = call.json.as_mut()?.as_object_mut()?;
    body.set("userName", format!("{taken}.{count}").into());
    let mut answer = desk.send("POST", "/Users", &call.json.as_ref()?.to_string());
    call.json = Some(Json::Object(Object::default()));
    answer.body.as_mut()?.as_object_mut()?.set("userName", taken.into());
    Some(answer)
}

fn duplicate(call: &Call, desk: &mut Desk<'_>) -> Option<String> {
    let name = call.json.as_ref().filter(|_| call.creates() && call.on_users())?.get("userName")?.as_str()?.to_owned();
    holder(desk, &name).map(|_| name)
}
