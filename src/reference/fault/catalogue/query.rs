//! Reading and searching: filters, pages, sorting, projection (RFC 7644 sections 3.4 and 3.9).

use crate::scim::json::{Json, Object};
use crate::scim::message;

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, rename, swap, text};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake("read-in-list", "A single resource is answered as a list.", &[Hook::Told(|answer, call, _| {
        if call.is_get() && call.id().is_some() && call.on_resources() && answer.status == 200 {
            let resource = answer.body.take().unwrap_or_default();
            answer.body = Some(message::list(vec![resource], 1, 1));
        }
    })]),
    mistake("unknown-id-400", "An unknown id is answered with 400.", &[Hook::Told(|answer, call, _| {
        if call.id().is_some() && answer.status == 404 {
            *answer = refuse_as("invalidValue", "not a known id");
        }
    })]),
    mistake("unknown-id-500", "An unknown id ends in a server error.", &[Hook::Told(|answer, call, _| {
        if call.id().is_some() && answer.status == 404 {
            *answer = refuse(500, "Internal Server Error");
        }
    })]),
    mistake("unknown-id-200", "An unknown id is answered with 200 and nothing.", &[Hook::Told(|answer, call, _| {
        if call.is_get() && call.id().is_some() && answer.status == 404 {
            *answer = Answer::with_body(200, Json::Object(Object::default()));
        }
    })]),
    mistake("unknown-id-empty-list", "An unknown id is answered with an empty list.", &[Hook::Told(|answer, call, _| {
        if call.is_get() && call.id().is_some() && answer.status == 404 {
            *answer = Answer::with_body(200, message::list(Vec::new(), 0, 1));
        }
    })]),
    mistake("filter-ignored", "A filter is ignored, and everything returned.", &[Hook::Asked(|call, _| {
        if call.lists() {
            call.set_filter(None);
        }
        None
    })]),
    mistake("filter-ignored-for-groups", "A filter on groups is ignored.", &[Hook::Asked(|call, _| {
        if call.on_groups() {
            call.set_filter(None);
        }
        None
    })]),
    mistake("filter-only-user-name", "A filter on anything but userName is ignored.", &[Hook::Asked(|call, _| {
        if call.on_users() && call.filter().is_some_and(|filter| !filter.to_lowercase().starts_with("username ")) {
            call.set_filter(None);
        }
        None
    })]),
    mistake("filter-refused", "Filters are refused with 501.", &[Hook::Asked(|call, _| {
        call.filter().filter(|_| call.lists()).map(|_| refuse(501, "Filters are not supported."))
    })]),
    mistake("filter-refused-for-groups", "Filters on groups are refused.", &[Hook::Asked(|call, _| {
        call.filter().filter(|_| call.on_groups()).map(|_| refuse_as("invalidFilter", "Groups cannot be filtered."))
    })]),
    mistake("filter-refused-for-external-id", "A filter on externalId is refused.", &[Hook::Asked(|call, _| {
        let asks = call.filter().is_some_and(|filter| filter.starts_with("externalId"));
        asks.then(|| refuse_as("invalidFilter", "externalId cannot be filtered by."))
    })]),
    mistake("filter-refused-for-work-email", "A filter on the value of the work e-mail is refused.", &[Hook::Asked(
        |call, _| {
            let asks = call.filter().is_some_and(|filter| filter.contains("[type eq"));
            asks.then(|| refuse_as("invalidFilter", "A filter in brackets is not supported."))
        },
    )]),
    mistake("filter-external-id-misses", "A filter on externalId finds nobody.", &[Hook::Asked(|call, _| {
        if call.filter().is_some_and(|filter| filter.starts_with("externalId")) {
            call.set_filter(Some("userName eq \"nobody-at-all\""));
        }
        None
    })]),
    mistake("filter-and-ignored", "Only the first part of an and is looked at.", &[Hook::Asked(|call, _| {
        if let Some((first, _)) = call.filter().as_deref().and_then(|filter| filter.split_once(" and ")) {
            call.set_filter(Some(first));
        }
        None
    })]),
    mistake("filter-case-sensitive", "userName is compared with case.", &[Hook::Listed(|list, call| {
        if let Some(name) = sought(call, "userName") {
            kept(list, |user| user.get("userName").is_none() || text(user, "userName") == name);
        }
    })]),
    mistake("filter-group-case-sensitive", "displayName of groups is compared with case.", &[Hook::Listed(|list, call| {
        if let Some(name) = sought(call, "displayName").filter(|_| call.on_groups()) {
            kept(list, |group| group.get("displayName").is_none() || text(group, "displayName") == name);
        }
    })]),
    mistake("filter-eq-as-prefix", "eq finds what begins with the value.", &[Hook::Asked(|call, _| {
        if let Some(name) = sought(call, "userName") {
            let part: String = name.chars().take(3).collect();
            call.set_filter(Some(&format!("userName sw {}", Json::from(part))));
        }
        None
    })]),
    mistake("filter-hides-inactive", "A filter does not find inactive users.", &[Hook::Listed(|list, call| {
        if call.filter().is_some() {
            kept(list, |user| user.get("active").and_then(Json::as_bool) != Some(false));
        }
    })]),
    mistake("lists-hide-inactive", "Lists leave out inactive users.", &[Hook::Listed(|list, _| {
        kept(list, |user| user.get("active").and_then(Json::as_bool) != Some(false));
    })]),
    mistake("no-match-404", "A search without a hit is answered with 404.", &[Hook::Told(|answer, call, _| {
        if found_nothing(answer, call) {
            *answer = refuse(404, "Nothing was found.");
        }
    })]),
    mistake("no-match-500", "A search without a hit ends in a server error.", &[Hook::Told(|answer, call, _| {
        if found_nothing(answer, call) {
            *answer = refuse(500, "Cannot read properties of undefined");
        }
    })]),
    mistake("no-match-204", "A search without a hit is answered with 204.", &[Hook::Told(|answer, call, _| {
        if found_nothing(answer, call) {
            *answer = Answer::empty(204);
        }
    })]),
    mistake("no-match-empty-object", "A search without a hit is answered with an empty object.", &[Hook::Told(
        |answer, call, _| {
            if found_nothing(answer, call) {
                answer.body = Some(Json::Object(Object::default()));
            }
        },
    )]),
    mistake("no-match-null", "Resources is null when there is no hit.", &[Hook::Listed(|list, _| {
        if list.get("Resources").and_then(Json::as_array).is_some_and(<[Json]>::is_empty) {
            list.set("Resources", Json::Null);
        }
    })]),
    mistake("match-without-list", "A search with one hit answers with the resource and no list.", &[Hook::Told(
        |answer, call, _| {
            let one = answer.body.as_ref().filter(|_| call.filter().is_some()).and_then(|body| body.pointer("/Resources/0"));
            if let Some(one) = one.cloned() {
                answer.body = Some(one);
            }
        },
    )]),
    mistake("bad-filter-500", "A filter that cannot be read ends in a server error.", &[Hook::Told(|answer, _, _| {
        if scim_type(answer) == Some("invalidFilter") {
            *answer = refuse(500, "Internal Server Error");
        }
    })]),
    mistake("bad-filter-ignored", "A filter that cannot be read is ignored.", &[Hook::Told(|answer, call, desk| {
        if scim_type(answer) == Some("invalidFilter") && call.is_get() {
            *answer = desk.send("GET", &call.path, "");
        }
    })]),
    mistake("bad-filter-empty", "A filter that cannot be read finds nobody.", &[Hook::Told(|answer, _, _| {
        if scim_type(answer) == Some("invalidFilter") {
            *answer = Answer::with_body(200, message::list(Vec::new(), 0, 1));
        }
    })]),
    mistake("bad-filter-without-scim-type", "A filter that cannot be read is refused without scimType.", &[Hook::Told(
        |answer, _, _| {
            if scim_type(answer) == Some("invalidFilter") {
                *answer = refuse(400, "bad filter");
            }
        },
    )]),
    mistake("plus-not-blank", "A plus in the query is no blank.", &[Hook::Asked(|call, _| {
        let query = call.query.as_deref().filter(|query| query.contains('+'))?;
        call.query = Some(query.replace('+', "%2B"));
        None
    })]),
    mistake("lists-without-total", "Lists have no totalResults.", &[Hook::Listed(|list, _| drop(list.remove("totalResults")))]),
    mistake("total-as-text", "totalResults is a text.", &[Hook::Listed(|list, _| {
        swap(list, "totalResults", |total| total.to_string().into());
    })]),
    mistake("total-of-page", "totalResults is the number in the page.", &[Hook::Listed(|list, _| {
        let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
        list.set("totalResults", shown.into());
    })]),
    mistake("total-zero", "totalResults is always 0.", &[Hook::Listed(|list, _| list.set("totalResults", number(0)))]),
    mistake("total-ignores-filter", "totalResults counts everything, whatever the filter.", &[Hook::Told(
        |answer, call, desk| {
            if call.filter().is_some() && answer.status == 200 {
                let all = desk.send("GET", &format!("/{}", call.endpoint()), "").body;
                let total = all.as_ref().and_then(|all| all.get("totalResults")).cloned();
                if let (Some(total), Some(list)) = (total, answer.body.as_mut().and_then(Json::as_object_mut)) {
                    list.set("totalResults", total);
                }
            }
        },
    )]),
    mistake("lists-without-schemas", "Lists have no schemas.", &[Hook::Listed(|list, _| drop(list.remove("schemas")))]),
    mistake("lists-with-wrong-schemas", "Lists name the schema of users.", &[Hook::Listed(|list, _| {
        list.set("schemas", Json::Array(vec![crate::scim::urn::USER.into()]));
    })]),
    mistake("lists-bare", "Lists are arrays.", &[Hook::Told(|answer, call, _| {
        if call.lists() && answer.status == 200 {
            answer.body = answer.body.as_ref().and_then(|list| list.get("Resources")).cloned();
        }
    })]),
    mistake("resources-lower-case", "The list's key is resources.", &[Hook::Listed(|list, _| {
        rename(list, "Resources", "resources");
    })]),
    mistake("resources-named-data", "The list's key is data.", &[Hook::Listed(|list, _| rename(list, "Resources", "data"))]),
    mistake("resources-as-map", "Resources is an object with the ids as keys.", &[Hook::Listed(|list, _| {
        swap(list, "Resources", |all| {
            let all = all.as_array().unwrap_or_default().iter();
            let id = |resource: &Json| resource.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
            Json::Object(all.map(|resource| (id(resource), resource.clone())).collect())
        });
    })]),
    mistake("lists-only-ids", "The resources of a list have id and userName only.", &[Hook::Shown(|resource, call| {
        if call.lists() {
            resource.0.retain(|(name, _)| matches!(name.as_str(), "id" | "userName" | "displayName" | "schemas" | "meta"));
        }
    })]),
    mistake("lists-without-members", "Lists show groups without their members.", &[Hook::Shown(|resource, call| {
        if call.lists() {
            resource.remove("members");
        }
    })]),
    mistake("count-ignored", "count is ignored.", &[Hook::Asked(|call, _| {
        call.set_parameter("count", None);
        None
    })]),
    mistake("count-zero-as-no-limit", "count=0 returns everything.", &[Hook::Asked(|call, _| {
        if call.number("count") == Some(0) {
            call.set_parameter("count", None);
        }
        None
    })]),
    mistake("count-zero-refused", "count=0 is refused.", &[Hook::Asked(|call, _| {
        (call.number("count") == Some(0)).then(|| refuse_as("invalidValue", "count must be positive"))
    })]),
    mistake("count-zero-without-total", "count=0 says that there are none.", &[Hook::Listed(|list, call| {
        if call.number("count") == Some(0) {
            list.set("totalResults", number(0));
        }
    })]),
    mistake("count-negative-refused", "A negative count is refused.", &[Hook::Asked(|call, _| {
        call.number("count").filter(|count| *count < 0).map(|_| refuse_as("invalidValue", "count must be positive"))
    })]),
    mistake("count-large-refused", "A count over 100 is refused.", &[Hook::Asked(|call, _| {
        call.number("count").filter(|count| *count > 100).map(|_| refuse_as("tooMany", "count must be at most 100"))
    })]),
    mistake("start-index-ignored", "startIndex is ignored: every page is the first.", &[Hook::Asked(|call, _| {
        call.set_parameter("startIndex", None);
        None
    })]),
    mistake("start-index-from-zero", "startIndex counts from 0.", &[Hook::Asked(|call, _| {
        if let Some(start) = call.number("startIndex") {
            call.set_parameter("startIndex", Some(&(start + 1).to_string()));
        }
        None
    })]),
    mistake("start-index-is-page", "startIndex is the number of the page.", &[Hook::Asked(|call, _| {
        let (start, count) = (call.number("startIndex")?, call.number("count")?);
        call.set_parameter("startIndex", Some(&((start - 1) * count + 1).to_string()));
        None
    })]),
    mistake("start-index-zero-refused", "startIndex=0 is refused.", &[Hook::Asked(|call, _| {
        (call.number("startIndex") == Some(0)).then(|| refuse_as("invalidValue", "startIndex must be positive"))
    })]),
    mistake("past-the-end-first-page", "A page past the end is the first page.", &[Hook::Told(|answer, call, desk| {
        if past_the_end(answer, call) {
            *answer = desk.send("GET", &call.path, "");
        }
    })]),
    mistake("past-the-end-404", "A page past the end is answered with 404.", &[Hook::Told(|answer, call, _| {
        if past_the_end(answer, call) {
            *answer = refuse(404, "There is no such page.");
        }
    })]),
    mistake("past-the-end-400", "A page past the end is answered with 400.", &[Hook::Told(|answer, call, _| {
        if past_the_end(answer, call) {
            *answer = refuse_as("invalidValue", "There is no such page.");
        }
    })]),
    mistake("past-the-end-total-zero", "A page past the end says that there are none.", &[Hook::Told(|answer, call, _| {
        if past_the_end(answer, call)
            && let Some(list) = answer.body.as_mut().and_then(Json::as_object_mut)
        {
            list.set("totalResults", number(0));
        }
    })]),
    mistake("items-per-page-requested", "itemsPerPage is the count that was asked for.", &[Hook::Listed(|list, call| {
        list.set("itemsPerPage", number(call.number("count").unwrap_or(20)));
    })]),
    mistake("start-index-wrong", "startIndex of every answer is 0.", &[Hook::Listed(|list, _| {
        list.set("startIndex", number(0));
    })]),
    mistake("lists-cut-silently", "A list ends after three resources and does not tell.", &[Hook::Listed(|list, _| {
        if let Some(Json::Array(all)) = list.get_mut("Resources") {
            all.truncate(3);
        }
        list.remove("itemsPerPage");
        list.remove("startIndex");
    })]),
    mistake("page-too-long", "A page holds one resource more than was asked for.", &[Hook::Asked(|call, _| {
        if let Some(count) = call.number("count").filter(|count| *count > 0) {
            call.set_parameter("count", Some(&(count + 1).to_string()));
        }
        None
    })]),
    mistake("first-page-empty", "The first page is empty.", &[Hook::Listed(|list, call| {
        if call.number("startIndex") == Some(1) && call.filter().is_none() {
            list.set("Resources", Json::Array(Vec::new()));
        }
    })]),
    mistake("last-of-list-missing", "The newest resource is not in the lists.", &[Hook::Listed(|list, call| {
        if let Some(Json::Array(all)) = list.get_mut("Resources").filter(|_| call.filter().is_none()) {
            all.pop();
        }
        let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
        list.set("itemsPerPage", shown.into());
    })]),
    mistake("each-listed-twice", "Each resource is in a list twice.", &[Hook::Listed(|list, _| {
        if let Some(Json::Array(all)) = list.get_mut("Resources") {
            let again = all.clone();
            all.extend(again);
        }
        let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
        list.set("itemsPerPage", shown.into());
        list.set("totalResults", shown.into());
    })]),
    mistake("sort-ignored", "sortBy is ignored though sorting is advertised.", &[Hook::Asked(|call, _| {
        call.set_parameter("sortBy", None);
        None
    })]),
    mistake("sort-order-ignored", "sortOrder is ignored.", &[Hook::Asked(|call, _| {
        call.set_parameter("sortOrder", None);
        None
    })]),
    mistake("sort-case-sensitive", "Sorting puts capitals before small letters.", &[Hook::Listed(|list, call| {
        if let (Some(by), Some(Json::Array(all))) = (call.parameter("sortBy"), list.get_mut("Resources")) {
            all.sort_by_key(|resource| resource.get(&by).and_then(Json::as_str).unwrap_or_default().to_owned());
        }
    })]),
    mistake("search-404", "There is no /.search.", &[Hook::Asked(|call, _| {
        call.path.ends_with("/.search").then(|| refuse(404, "There is nothing here."))
    })]),
    mistake("search-creates", "A search by POST makes a resource.", &[Hook::Told(|answer, call, _| {
        if call.path.ends_with("/.search") && answer.status == 200 {
            answer.status = 201;
        }
    })]),
    mistake("search-ignores-filter", "A search by POST returns everything.", &[Hook::Asked(|call, _| {
        if call.path.ends_with("/.search") {
            call.set_filter(None);
        }
        None
    })]),
    mistake("attributes-ignored", "attributes is ignored.", &[Hook::Asked(|call, _| {
        call.set_parameter("attributes", None);
        None
    })]),
    mistake("excluded-attributes-ignored", "excludedAttributes is ignored.", &[Hook::Asked(|call, _| {
        call.set_parameter("excludedAttributes", None);
        None
    })]),
    mistake("excluded-as-attributes", "excludedAttributes is taken for attributes.", &[Hook::Asked(|call, _| {
        if let Some(names) = call.parameter("excludedAttributes") {
            call.set_parameter("excludedAttributes", None);
            call.set_parameter("attributes", Some(&names));
        }
        None
    })]),
    mistake("attributes-without-id", "With attributes the id is left out.", &[Hook::Shown(|resource, call| {
        if call.parameter("attributes").is_some_and(|names| !names.split(',').any(|name| name == "id")) {
            resource.remove("id");
        }
    })]),
    mistake("attributes-without-schemas", "With attributes the schemas are left out.", &[Hook::Shown(|resource, call| {
        if call.parameter("attributes").is_some() {
            resource.remove("schemas");
        }
    })]),
    mistake("attributes-refused", "attributes is refused.", &[Hook::Asked(|call, _| {
        call.parameter("attributes").map(|_| refuse_as("invalidValue", "attributes is not supported."))
    })]),
    mistake("attributes-only-plain", "attributes does not know dotted and qualified names.", &[Hook::Asked(|call, _| {
        if let Some(names) = call.parameter("attributes") {
            let plain: Vec<&str> = names.split(',').filter(|name| !name.contains(['.', ':'])).collect();
            call.set_parameter("attributes", Some(&(if plain.is_empty() { "id".to_owned() } else { plain.join(",") })));
        }
        None
    })]),
    mistake("attributes-case-sensitive", "attributes is compared with case.", &[Hook::Shown(|resource, call| {
        if let Some(names) = call.parameter("attributes") {
            resource.0.retain(|(name, _)| {
                let named = names.split([',', '.']).any(|wanted| wanted.eq_ignore_ascii_case(name) && wanted != name);
                !named
            });
        }
    })]),
    mistake("excluded-id", "excludedAttributes=id leaves the id out.", &[Hook::Shown(|resource, call| {
        if call.parameter("excludedAttributes").is_some_and(|names| names.split(',').any(|name| name == "id")) {
            resource.remove("id");
        }
    })]),
    mistake("excluded-loses-more", "excludedAttributes leaves out everything but the minimum.", &[Hook::Shown(
        |resource, call| {
            if call.parameter("excludedAttributes").is_some() {
                resource.0.retain(|(name, _)| matches!(name.as_str(), "id" | "schemas"));
            }
        },
    )]),
    mistake("members-never-shown", "Groups are shown without their members.", &[Hook::Shown(|resource, call| {
        if call.on_groups() {
            resource.remove("members");
        }
    })]),
    mistake("members-only-on-request", "Members are shown only when they are asked for by name.", &[Hook::Shown(
        |resource, call| {
            if call.parameter("attributes").is_none_or(|names| !names.contains("members")) {
                resource.remove("members");
            }
        },
    )]),
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

fn past_the_end(answer: &Answer, call: &Call) -> bool {
    let total = answer.body.as_ref().and_then(|body| body.get("totalResults")).and_then(Json::as_i64);
    call.lists() && call.is_get() && call.number("startIndex").is_some_and(|start| total.is_some_and(|total| start > total.max(1)))
}

fn scim_type(answer: &Answer) -> Option<&str> {
    answer.body.as_ref()?.get("scimType")?.as_str()
}
