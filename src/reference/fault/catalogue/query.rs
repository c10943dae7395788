//! Reading and filters (RFC 7644 sections 3.4.1 and 3.4.2.2).

use crate::scim::json::{Json, Object};
use crate::scim::message;

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, text};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "read-in-list",
        "A single resource is answered as a list.",
        &[Hook::Told(|answer, call, _| {
            if call.is_get() && call.id().is_some() && call.on_resources() && answer.status == 200 {
                let resource = answer.body.take().unwrap_or_default();
                answer.body = Some(message::list(vec![resource], 1, 1));
            }
        })],
    ),
    mistake(
        "unknown-id-400",
        "An unknown id is answered with 400.",
        &[Hook::Told(|answer, call, _| {
            if call.id().is_some() && answer.status == 404 {
                *answer = refuse_as("invalidValue", "not a known id");
            }
        })],
    ),
    mistake(
        "unknown-id-500",
        "An unknown id ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if call.id().is_some() && answer.status == 404 {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "unknown-id-200",
        "An unknown id is answered with 200 and nothing.",
        &[Hook::Told(|answer, call, _| {
            if call.is_get() && call.id().is_some() && answer.status == 404 {
                *answer = Answer::with_body(200, Json::Object(Object::default()));
            }
        })],
    ),
    mistake(
        "unknown-id-empty-list",
        "An unknown id is answered with an empty list.",
        &[Hook::Told(|answer, call, _| {
            if call.is_get() && call.id().is_some() && answer.status == 404 {
                *answer = Answer::with_body(200, message::list(Vec::new(), 0, 1));
            }
        })],
    ),
    mistake(
        "filter-ignored",
        "A filter is ignored, and everything returned.",
        &[Hook::Asked(|call, _| {
            if call.lists() {
                call.set_filter(None);
            }
            None
        })],
    ),
    mistake(
        "filter-ignored-for-groups",
        "A filter on groups is ignored.",
        &[Hook::Asked(|call, _| {
            if call.on_groups() {
                call.set_filter(None);
            }
            None
        })],
    ),
    mistake(
        "filter-only-user-name",
        "A filter on anything but userName is ignored.",
        &[Hook::Asked(|call, _| {
            if call.on_users() && call.filter().is_some_and(|filter| !filter.to_lowercase().starts_with("username ")) {
                call.set_filter(None);
            }
            None
        })],
    ),
    mistake(
        "filter-refused",
        "Filters are refused with 501.",
        &[Hook::Asked(|call, _| {
            call.filter().filter(|_| call.lists()).map(|_| refuse(501, "Filters are not supported."))
        })],
    ),
    mistake(
        "filter-refused-for-groups",
        "Filters on groups are refused.",
        &[Hook::Asked(|call, _| {
            call.filter().filter(|_| call.on_groups()).map(|_| refuse_as("invalidFilter", "Groups cannot be filtered."))
        })],
    ),
    mistake(
        "filter-refused-for-external-id",
        "A filter on externalId is refused.",
        &[Hook::Asked(|call, _| {
            let asks = call.filter().is_some_and(|filter| filter.starts_with("externalId"));
            asks.then(|| refuse_as("invalidFilter", "externalId cannot be filtered by."))
        })],
    ),
    mistake(
        "filter-refused-for-work-email",
        "A filter on the value of the work e-mail is refused.",
        &[Hook::Asked(|call, _| {
            let asks = call.filter().is_some_and(|filter| filter.contains("[type eq"));
            asks.then(|| refuse_as("invalidFilter", "A filter in brackets is not supported."))
        })],
    ),
    mistake(
        "filter-external-id-misses",
        "A filter on externalId finds nobody.",
        &[Hook::Asked(|call, _| {
            if call.filter().is_some_and(|filter| filter.starts_with("externalId")) {
                call.set_filter(Some("userName eq \"nobody-at-all\""));
            }
            None
        })],
    ),
    mistake(
        "filter-and-ignored",
        "Only the first part of an and is looked at.",
        &[Hook::Asked(|call, _| {
            if let Some((first, _)) = call.filter().as_deref().and_then(|filter| filter.split_once(" and ")) {
                call.set_filter(Some(first));
            }
            None
        })],
    ),
    mistake(
        "filter-case-sensitive",
        "userName is compared with case.",
        &[Hook::Listed(|list, call| {
            if let Some(name) = sought(call, "userName") {
                kept(list, |user| user.get("userName").is_none() || text(user, "userName") == name);
            }
        })],
    ),
    mistake(
        "filter-group-case-sensitive",
        "displayName of groups is compared with case.",
        &[Hook::Listed(|list, call| {
            if let Some(name) = sought(call, "displayName").filter(|_| call.on_groups()) {
                kept(list, |group| group.get("displayName").is_none() || text(group, "displayName") == name);
            }
        })],
    ),
    mistake(
        "filter-eq-as-prefix",
        "eq finds what begins with the value.",
        &[Hook::Asked(|call, _| {
            if let Some(name) = sought(call, "userName") {
                let part: String = name.chars().take(3).collect();
                call.set_filter(Some(&format!("userName sw {}", Json::from(part))));
            }
            None
        })],
    ),
    mistake(
        "filter-hides-inactive",
        "A filter does not find inactive users.",
        &[Hook::Listed(|list, call| {
            if call.filter().is_some() {
                kept(list, |user| user.get("active").and_then(Json::as_bool) != Some(false));
            }
        })],
    ),
    mistake(
        "lists-hide-inactive",
        "Lists leave out inactive users.",
        &[Hook::Listed(|list, _| {
            kept(list, |user| user.get("active").and_then(Json::as_bool) != Some(false));
        })],
    ),
    mistake(
        "no-match-404",
        "A search without a hit is answered with 404.",
        &[Hook::Told(|answer, call, _| {
            if found_nothing(answer, call) {
                *answer = refuse(404, "Nothing was found.");
            }
        })],
    ),
    mistake(
        "no-match-500",
        "A search without a hit ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if found_nothing(answer, call) {
                *answer = refuse(500, "Cannot read properties of undefined");
            }
        })],
    ),
    mistake(
        "no-match-204",
        "A search without a hit is answered with 204.",
        &[Hook::Told(|answer, call, _| {
            if found_nothing(answer, call) {
                *answer = Answer::empty(204);
            }
        })],
    ),
    mistake(
        "no-match-empty-object",
        "A search without a hit is answered with an empty object.",
        &[Hook::Told(|answer, call, _| {
            if found_nothing(answer, call) {
                answer.body = Some(Json::Object(Object::default()));
            }
        })],
    ),
    mistake(
        "no-match-null",
        "Resources is null when there is no hit.",
        &[Hook::Listed(|list, _| {
            if list.get("Resources").and_then(Json::as_array).is_some_and(<[Json]>::is_empty) {
                list.set("Resources", Json::Null);
            }
        })],
    ),
    mistake(
        "match-without-list",
        "A search with one hit answers with the resource and no list.",
        &[Hook::Told(|answer, call, _| {
            let one =
                answer.body.as_ref().filter(|_| call.filter().is_some()).and_then(|body| body.pointer("/Resources/0"));
            if let Some(one) = one.cloned() {
                answer.body = Some(one);
            }
        })],
    ),
    mistake(
        "bad-filter-500",
        "A filter that cannot be read ends in a server error.",
        &[Hook::Told(|answer, _, _| {
            if scim_type(answer) == Some("invalidFilter") {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "bad-filter-ignored",
        "A filter that cannot be read is ignored.",
        &[Hook::Told(|answer, call, desk| {
            if scim_type(answer) == Some("invalidFilter") && call.is_get() {
                *answer = desk.send("GET", &call.path, "");
            }
        })],
    ),
    mistake(
        "bad-filter-empty",
        "A filter that cannot be read finds nobody.",
        &[Hook::Told(|answer, _, _| {
            if scim_type(answer) == Some("invalidFilter") {
                *answer = Answer::with_body(200, message::list(Vec::new(), 0, 1));
            }
        })],
    ),
    mistake(
        "bad-filter-without-scim-type",
        "A filter that cannot be read is refused without scimType.",
        &[Hook::Told(|answer, _, _| {
            if scim_type(answer) == Some("invalidFilter") {
                *answer = refuse(400, "bad filter");
            }
        })],
    ),
    mistake(
        "plus-not-blank",
        "A plus in the query is no blank.",
        &[Hook::Asked(|call, _| {
            let query = call.query.as_deref().filter(|query| query.contains('+'))?;
            call.query = Some(query.replace('+', "%2B"));
            None
        })],
    ),
];

/// The value that a filter of one comparison looks for in an attribute.
fn sought(call: &Call, attribute: &str) -> Option<String> {
    let filter = call.filter()?;
    let rest = filter.strip_prefix(attribute)?.strip_prefix(" eq ")?;
    Json::parse(rest.as_bytes()).ok()?.as_str().map(str::to_owned)
}

/// Leaves in a list what fits, and counts again.
fn kept(list: &mut Object, fits: impl Fn(&Object) -> bool) {
    let Some(Json::Array(all)) = list.get_mut("Resources") else { return };
    let before = all.len();
    all.retain(|resource| resource.as_object().is_none_or(&fits));
    let (after, gone) = (all.len(), before - all.len());
    let total = list.get("totalResults").and_then(Json::as_i64).unwrap_or_default();
    if gone > 0 {
        list.set("itemsPerPage", after.into());
        list.set("totalResults", number(total - i64::try_from(gone).unwrap_or_default()));
    }
}

fn found_nothing(answer: &Answer, call: &Call) -> bool {
    let total = answer.body.as_ref().and_then(|body| body.get("totalResults")).and_then(Json::as_i64);
    call.filter().is_some() && call.lists() && total == Some(0)
}

fn scim_type(answer: &Answer) -> Option<&str> {
    answer.body.as_ref()?.get("scimType")?.as_str()
}
