//! Lists, pages, sorting, search by POST (RFC 7644 sections 3.4.2 and 3.4.3).

use crate::scim::json::Json;

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, rename, swap};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "lists-without-total",
        "Lists have no totalResults.",
        &[Hook::Listed(|list, _| drop(list.remove("totalResults")))],
    ),
    mistake(
        "total-as-text",
        "totalResults is a text.",
        &[Hook::Listed(|list, _| {
            swap(list, "totalResults", |total| total.to_string().into());
        })],
    ),
    mistake(
        "total-of-page",
        "totalResults is the number in the page.",
        &[Hook::Listed(|list, _| {
            let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
            list.set("totalResults", shown.into());
        })],
    ),
    mistake("total-zero", "totalResults is always 0.", &[Hook::Listed(|list, _| list.set("totalResults", number(0)))]),
    mistake(
        "total-ignores-filter",
        "totalResults counts everything, whatever the filter.",
        &[Hook::Told(|answer, call, desk| {
            if call.filter().is_some() && answer.status == 200 {
                let all = desk.send("GET", &format!("/{}", call.endpoint()), "").body;
                let total = all.as_ref().and_then(|all| all.get("totalResults")).cloned();
                if let (Some(total), Some(list)) = (total, answer.body.as_mut().and_then(Json::as_object_mut)) {
                    list.set("totalResults", total);
                }
            }
        })],
    ),
    mistake("lists-without-schemas", "Lists have no schemas.", &[Hook::Listed(|list, _| drop(list.remove("schemas")))]),
    mistake(
        "lists-with-wrong-schemas",
        "Lists name the schema of users.",
        &[Hook::Listed(|list, _| {
            list.set("schemas", Json::Array(vec![crate::scim::urn::USER.into()]));
        })],
    ),
    mistake(
        "lists-bare",
        "Lists are arrays.",
        &[Hook::Told(|answer, call, _| {
            if call.lists() && answer.status == 200 {
                answer.body = answer.body.as_ref().and_then(|list| list.get("Resources")).cloned();
            }
        })],
    ),
    mistake(
        "resources-lower-case",
        "The list's key is resources.",
        &[Hook::Listed(|list, _| {
            rename(list, "Resources", "resources");
        })],
    ),
    mistake(
        "resources-named-data",
        "The list's key is data.",
        &[Hook::Listed(|list, _| rename(list, "Resources", "data"))],
    ),
    mistake(
        "resources-as-map",
        "Resources is an object with the ids as keys.",
        &[Hook::Listed(|list, _| {
            swap(list, "Resources", |all| {
                let all = all.as_array().unwrap_or_default().iter();
                let id = |resource: &Json| resource.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
                Json::Object(all.map(|resource| (id(resource), resource.clone())).collect())
            });
        })],
    ),
    mistake(
        "lists-only-ids",
        "The resources of a list have id and userName only.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                resource.0.retain(|(name, _)| {
                    matches!(name.as_str(), "id" | "userName" | "displayName" | "schemas" | "meta")
                });
            }
        })],
    ),
    mistake(
        "lists-without-members",
        "Lists show groups without their members.",
        &[Hook::Shown(|resource, call| {
            if call.lists() {
                resource.remove("members");
            }
        })],
    ),
    mistake(
        "count-ignored",
        "count is ignored.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("count", None);
            None
        })],
    ),
    mistake(
        "count-zero-as-no-limit",
        "count=0 returns everything.",
        &[Hook::Asked(|call, _| {
            if call.number("count") == Some(0) {
                call.set_parameter("count", None);
            }
            None
        })],
    ),
    mistake(
        "count-zero-refused",
        "count=0 is refused.",
        &[Hook::Asked(|call, _| {
            (call.number("count") == Some(0)).then(|| refuse_as("invalidValue", "count must be positive"))
        })],
    ),
    mistake(
        "count-zero-without-total",
        "count=0 says that there are none.",
        &[Hook::Listed(|list, call| {
            if call.number("count") == Some(0) {
                list.set("totalResults", number(0));
            }
        })],
    ),
    mistake(
        "count-negative-refused",
        "A negative count is refused.",
        &[Hook::Asked(|call, _| {
            call.number("count").filter(|count| *count < 0).map(|_| refuse_as("invalidValue", "count must be positive"))
        })],
    ),
    mistake(
        "count-large-refused",
        "A count over 100 is refused.",
        &[Hook::Asked(|call, _| {
            call.number("count").filter(|count| *count > 100).map(|_| refuse_as("tooMany", "count must be at most 100"))
        })],
    ),
    mistake(
        "start-index-ignored",
        "startIndex is ignored: every page is the first.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("startIndex", None);
            None
        })],
    ),
    mistake(
        "start-index-from-zero",
        "startIndex counts from 0.",
        &[Hook::Asked(|call, _| {
            if let Some(start) = call.number("startIndex") {
                call.set_parameter("startIndex", Some(&(start + 1).to_string()));
            }
            None
        })],
    ),
    mistake(
        "start-index-is-page",
        "startIndex is the number of the page.",
        &[Hook::Asked(|call, _| {
            let (start, count) = (call.number("startIndex")?, call.number("count")?);
            call.set_parameter("startIndex", Some(&((start - 1) * count + 1).to_string()));
            None
        })],
    ),
    mistake(
        "start-index-zero-refused",
        "startIndex=0 is refused.",
        &[Hook::Asked(|call, _| {
            (call.number("startIndex") == Some(0)).then(|| refuse_as("invalidValue", "startIndex must be positive"))
        })],
    ),
    mistake(
        "past-the-end-first-page",
        "A page past the end is the first page.",
        &[Hook::Told(|answer, call, desk| {
            if past_the_end(answer, call) {
                *answer = desk.send("GET", &call.path, "");
            }
        })],
    ),
    mistake(
        "past-the-end-404",
        "A page past the end is answered with 404.",
        &[Hook::Told(|answer, call, _| {
            if past_the_end(answer, call) {
                *answer = refuse(404, "There is no such page.");
            }
        })],
    ),
    mistake(
        "past-the-end-400",
        "A page past the end is answered with 400.",
        &[Hook::Told(|answer, call, _| {
            if past_the_end(answer, call) {
                *answer = refuse_as("invalidValue", "There is no such page.");
            }
        })],
    ),
    mistake(
        "past-the-end-total-zero",
        "A page past the end says that there are none.",
        &[Hook::Told(|answer, call, _| {
            if past_the_end(answer, call)
                && let Some(list) = answer.body.as_mut().and_then(Json::as_object_mut)
            {
                list.set("totalResults", number(0));
            }
        })],
    ),
    mistake(
        "items-per-page-requested",
        "itemsPerPage is the count that was asked for.",
        &[Hook::Listed(|list, call| {
            list.set("itemsPerPage", number(call.number("count").unwrap_or(20)));
        })],
    ),
    mistake(
        "start-index-wrong",
        "startIndex of every answer is 0.",
        &[Hook::Listed(|list, _| {
            list.set("startIndex", number(0));
        })],
    ),
    mistake(
        "page-numbers-as-texts",
        "startIndex and itemsPerPage are texts.",
        &[Hook::Listed(|list, _| {
            swap(list, "startIndex", |number| number.to_string().into());
            swap(list, "itemsPerPage", |number| number.to_string().into());
        })],
    ),
    mistake(
        "pages-unordered",
        "Each page is taken from another order of the list.",
        &[Hook::Asked(|call, _| {
            if call.lists() && call.parameter("sortBy").is_none() && call.number("startIndex").is_some_and(|n| n > 1) {
                call.set_parameter("sortBy", Some("meta.created"));
                call.set_parameter("sortOrder", Some("descending"));
            }
            None
        })],
    ),
    mistake(
        "lists-cut-silently",
        "A list ends after three resources and does not tell.",
        &[Hook::Listed(|list, _| {
            if let Some(Json::Array(all)) = list.get_mut("Resources") {
                all.truncate(3);
            }
            list.remove("itemsPerPage");
            list.remove("startIndex");
        })],
    ),
    mistake(
        "page-too-long",
        "A page holds one resource more than was asked for.",
        &[Hook::Asked(|call, _| {
            if let Some(count) = call.number("count").filter(|count| *count > 0) {
                call.set_parameter("count", Some(&(count + 1).to_string()));
            }
            None
        })],
    ),
    mistake(
        "first-page-empty",
        "The first page is empty.",
        &[Hook::Listed(|list, call| {
            if call.number("startIndex") == Some(1) && call.filter().is_none() {
                list.set("Resources", Json::Array(Vec::new()));
            }
        })],
    ),
    mistake(
        "last-of-list-missing",
        "The newest resource is not in the lists.",
        &[Hook::Listed(|list, call| {
            if let Some(Json::Array(all)) = list.get_mut("Resources").filter(|_| call.filter().is_none()) {
                all.pop();
            }
            let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
            list.set("itemsPerPage", shown.into());
        })],
    ),
    mistake(
        "each-listed-twice",
        "Each resource is in a list twice.",
        &[Hook::Listed(|list, _| {
            if let Some(Json::Array(all)) = list.get_mut("Resources") {
                let again = all.clone();
                all.extend(again);
            }
            let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
            list.set("itemsPerPage", shown.into());
            list.set("totalResults", shown.into());
        })],
    ),
    mistake(
        "sort-ignored",
        "sortBy is ignored though sorting is advertised.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("sortBy", None);
            None
        })],
    ),
    mistake(
        "sort-order-ignored",
        "sortOrder is ignored.",
        &[Hook::Asked(|call, _| {
            call.set_parameter("sortOrder", None);
            None
        })],
    ),
    mistake(
        "sort-case-sensitive",
        "Sorting puts capitals before small letters.",
        &[Hook::Listed(|list, call| {
            if let (Some(by), Some(Json::Array(all))) = (call.parameter("sortBy"), list.get_mut("Resources")) {
                all.sort_by_key(|resource| resource.get(&by).and_then(Json::as_str).unwrap_or_default().to_owned());
            }
        })],
    ),
    mistake(
        "search-404",
        "There is no /.search.",
        &[Hook::Asked(|call, _| call.path.ends_with("/.search").then(|| refuse(404, "There is nothing here.")))],
    ),
    mistake(
        "search-creates",
        "A search by POST makes a resource.",
        &[Hook::Told(|answer, call, _| {
            if call.path.ends_with("/.search") && answer.status == 200 {
                answer.status = 201;
            }
        })],
    ),
    mistake(
        "search-ignores-filter",
        "A search by POST returns everything.",
        &[Hook::Asked(|call, _| {
            if call.path.ends_with("/.search") {
                call.set_filter(None);
            }
            None
        })],
    ),
];

fn past_the_end(answer: &Answer, call: &Call) -> bool {
    let total = answer.body.as_ref().and_then(|body| body.get("totalResults")).and_then(Json::as_i64);
    call.lists()
        && call.is_get()
        && call.number("startIndex").is_some_and(|start| total.is_some_and(|total| start > total.max(1)))
}
