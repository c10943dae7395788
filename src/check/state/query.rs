//! A list answer with what was asked for.

use std::borrow::Cow;

use crate::check::AskedFilter;
use crate::check::aspect::Aspect;
use crate::check::expect::names_schema;
use crate::exchange::Exchange;
use crate::scim::filter::Filter;
use crate::scim::json::Json;
use crate::scim::schema::ResourceSchema;
use crate::scim::urn::SEARCH_REQUEST;
use crate::shadow::fold::Extent;

/// A parameter of a query, in the address or in the body of a `/.search`.
pub(super) fn parameter<'a>(exchange: &'a Exchange, search: Option<&'a Json>, name: &str) -> Option<Cow<'a, str>> {
    match search {
        Some(body) => {
            body.get(name).map(|value| value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed))
        }
        None => exchange.sent.parameter(name).map(Cow::Borrowed),
    }
}

/// Whether a query has nothing but its filter that could be refused.
pub(super) fn only_filters(exchange: &Exchange, search: Option<&Json>) -> bool {
    let others = ["sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
    let alone = others.iter().all(|name| parameter(exchange, search, name).is_none());
    alone && search.is_none_or(|body| names_schema(body, SEARCH_REQUEST))
}

/// A list answer with what was asked for.
pub(super) struct List<'a> {
    pub(super) schema: &'a ResourceSchema,
    pub(super) resources: &'a [Json],
    pub(super) filter: Option<(&'a Filter, Aspect)>,
    pub(super) extent: Extent,
    /// Whether it asks for all of each resource.
    pub(super) shows_all: bool,
    /// `totalResults`.
    pub(super) total: Option<i64>,
    /// Index of the first resource.
    pub(super) start: i64,
    /// Whether it holds everything that matches.
    pub(super) is_whole: bool,
}

impl<'a> List<'a> {
    /// `None` when it is no list, or one whose filter cannot be read. `search` is the body of a `/.search`.
    pub(super) fn of(
        exchange: &'a Exchange,
        schema: &'a ResourceSchema,
        search: Option<&Json>,
        asked: Option<&'a AskedFilter>,
    ) -> Option<Self> {
        let answer = exchange.answer().filter(|_| exchange.succeeded())?;
        let total = answer.get("totalResults").and_then(Json::as_i64);
        let resources = answer.get("Resources").and_then(Json::as_array);
        if total.is_none() && resources.is_none() {
            return None;
        }
        let resources = resources.unwrap_or_default();
        let parameter = |name: &str| parameter(exchange, search, name);
        let is_text = |body: &Json| body.get("filter").is_none_or(|filter| filter.as_str().is_some());
        if !search.is_none_or(is_text) {
            return None;
        }
        let filter = match asked {
            Some(AskedFilter { text, read }) => {
                let filter = read.as_ref().ok()?;
                Some((filter, Aspect::of(text, filter, schema)))
            }
            None => None,
        };
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<i64>().ok());
        let start = number("startIndex").unwrap_or(1).max(1);
        let paged = start > 1 || number("count").is_some_and(|count| count <= 0) || parameter("cursor").is_some();
        let returned = i64::try_from(resources.len()).unwrap_or(i64::MAX);
        let is_whole = !paged && total.is_none_or(|total| total <= returned) && answer.get("nextCursor").is_none();
        let shows_all = ["attributes", "excludedAttributes"].iter().all(|name| parameter(name).is_none());
        let extent = if search.is_some() { Extent::Whole } else { Extent::of(exchange)? };
        Some(Self { schema, resources, filter, extent, shows_all, total, start, is_whole })
    }
}
