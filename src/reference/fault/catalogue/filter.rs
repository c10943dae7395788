//! What becomes of filters that are more than one comparison by eq (RFC 7644 section 3.4.2.2).

use crate::scim::json::Json;

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "filter-or-ignored",
        "Only the first part of an or is looked at.",
        &[Hook::Asked(|call, _| reworded(call, |filter| filter.split_once(" or ").map(|(first, _)| first.to_owned())))],
    ),
    mistake(
        "filter-not-ignored",
        "A not in a filter is left out.",
        &[Hook::Asked(|call, _| reworded(call, |filter| replaced(filter, "not (", "(")))],
    ),
    mistake(
        "filter-parentheses-ignored",
        "Parentheses in a filter are left out.",
        &[Hook::Asked(|call, _| {
            let grouped = |filter: &str| filter.contains(" and (") && filter.contains(") and ");
            reworded(call, |filter| grouped(filter).then(|| filter.replace(['(', ')'], "")))
        })],
    ),
    mistake(
        "filter-contains-as-eq",
        "co and sw compare as eq.",
        &[Hook::Asked(|call, _| {
            reworded(call, |filter| replaced(filter, " co ", " eq ").or_else(|| replaced(filter, " sw ", " eq ")))
        })],
    ),
    mistake(
        "filter-ne-as-eq",
        "ne compares as eq.",
        &[Hook::Asked(|call, _| reworded(call, |filter| replaced(filter, " ne ", " eq ")))],
    ),
    mistake(
        "filter-gt-as-ge",
        "gt finds what is equal too.",
        &[Hook::Asked(|call, _| reworded(call, |filter| replaced(filter, " gt ", " ge ")))],
    ),
    mistake(
        "filter-order-refused",
        "gt, ge, lt and le are refused.",
        &[Hook::Asked(|call, _| {
            let filter = call.filter()?;
            let asks = [" gt ", " ge ", " lt ", " le "].iter().any(|operator| filter.contains(operator));
            asks.then(|| refuse_as("invalidFilter", "The operator is not known."))
        })],
    ),
    mistake(
        "filter-presence-always",
        "pr holds for everybody.",
        &[Hook::Asked(|call, _| {
            reworded(call, |filter| {
                let (before, _) = filter.strip_suffix(" pr")?.rsplit_once(' ')?;
                Some(format!("{before} id pr"))
            })
        })],
    ),
    mistake(
        "filter-names-case-sensitive",
        "Attribute names in a filter are compared with case.",
        &[Hook::Asked(|call, _| {
            let other_case = call.filter().is_some_and(|filter| filter.starts_with("USERNAME"));
            other_case.then(|| refuse_as("invalidFilter", "USERNAME is not known."))
        })],
    ),
    mistake(
        "filter-operators-case-sensitive",
        "Operators in a filter are compared with case.",
        &[Hook::Asked(|call, _| {
            let other_case = call.filter().is_some_and(|filter| filter.contains(" EQ "));
            other_case.then(|| refuse_as("invalidFilter", "EQ is not known."))
        })],
    ),
    mistake(
        "filter-urn-misses",
        "A filter on an attribute with the schema's URN in front finds nobody.",
        &[Hook::Asked(|call, _| reworded(call, |filter| filter.starts_with("urn:").then(nobody)))],
    ),
    mistake(
        "filter-boolean-misses",
        "A Boolean in a filter is compared as a text.",
        &[Hook::Asked(|call, _| {
            reworded(call, |filter| {
                filter.contains("active eq").then(|| filter.replace("active eq", "userName eq \"no\" and active eq"))
            })
        })],
    ),
    mistake(
        "filter-cut-at-blank",
        "A value in a filter ends at its first blank.",
        &[Hook::Asked(|call, _| {
            reworded(call, |filter| {
                let (head, value) = filter.strip_suffix('"')?.split_once(" eq \"")?;
                let (word, _) = value.split_once(' ').filter(|_| !value.contains('"'))?;
                Some(format!("{head} eq \"{word}\""))
            })
        })],
    ),
    mistake(
        "filter-apostrophe-500",
        "An apostrophe in a filter ends in a server error.",
        &[Hook::Asked(|call, _| {
            call.filter().filter(|filter| filter.contains('\'')).map(|_| refuse(500, "syntax error at or near \"s\""))
        })],
    ),
    mistake(
        "filter-escapes-refused",
        "A value with an escaped quotation mark is refused.",
        &[Hook::Asked(|call, _| {
            let escaped = call.filter().is_some_and(|filter| filter.contains("\\\""));
            escaped.then(|| refuse_as("invalidFilter", "The filter cannot be read."))
        })],
    ),
    mistake(
        "filter-value-path-any",
        "The parts of a filter in brackets may hold for different values.",
        &[Hook::Asked(|call, _| {
            reworded(call, |filter| {
                let (before, rest) = filter.split_once("emails[")?;
                let (inner, after) = rest.split_once(']')?;
                Some(format!("{before}emails.{}{after}", inner.replace(" and ", " and emails.")))
            })
        })],
    ),
    mistake(
        "filter-meta-refused",
        "A filter on meta is refused.",
        &[Hook::Asked(|call, _| {
            let asks = call.filter().is_some_and(|filter| filter.contains("meta.") && !call.path.is_empty());
            asks.then(|| refuse_as("invalidFilter", "meta cannot be filtered by."))
        })],
    ),
    mistake(
        "filter-id-misses",
        "A filter on id finds nobody.",
        &[Hook::Asked(|call, _| reworded(call, |filter| filter.starts_with("id eq").then(nobody)))],
    ),
    mistake(
        "filter-groups-misses",
        "A filter on the displayName of groups finds none.",
        &[Hook::Asked(|call, _| {
            let groups = call.on_groups();
            let none = || "id eq \"none\"".to_owned();
            reworded(call, |filter| (groups && filter.starts_with("displayName")).then(none))
        })],
    ),
    mistake(
        "filter-members-ignored",
        "A filter on the members of groups gives all groups.",
        &[Hook::Asked(|call, _| {
            if call.filter().is_some_and(|filter| filter.starts_with("members")) {
                call.set_filter(None);
            }
            None
        })],
    ),
    mistake(
        "filter-unknown-ignored",
        "A comparison with an attribute that is not known is left out.",
        &[Hook::Asked(|call, _| reworded(call, |filter| replaced(filter, " and nothingOfTheKind eq \"x\"", "")))],
    ),
    mistake(
        "search-pages-ignored",
        "A search by POST ignores count and startIndex.",
        &[Hook::Asked(|call, _| {
            if call.path.ends_with("/.search")
                && let Some(body) = call.json.as_mut().and_then(Json::as_object_mut)
            {
                body.remove("count");
                body.remove("startIndex");
            }
            None
        })],
    ),
    mistake(
        "search-attributes-ignored",
        "A search by POST ignores attributes and excludedAttributes.",
        &[Hook::Asked(|call, _| {
            if call.path.ends_with("/.search")
                && let Some(body) = call.json.as_mut().and_then(Json::as_object_mut)
            {
                body.remove("attributes");
                body.remove("excludedAttributes");
            }
            None
        })],
    ),
];

/// The filter in other words, where there are any.
fn reworded(call: &mut Call, change: impl FnOnce(&str) -> Option<String>) -> Option<Answer> {
    if let Some(other) = call.filter().filter(|_| call.lists()).as_deref().and_then(change) {
        call.set_filter(Some(&other));
    }
    None
}

fn replaced(filter: &str, from: &str, to: &str) -> Option<String> {
    filter.contains(from).then(|| filter.replace(from, to))
}

fn nobody() -> String {
    "userName eq \"nobody-at-all\"".to_owned()
}
