//! Queries (RFC 7644 sections 3.4.2, 3.4.3): filter, sorting, paging, projection, from a URL or a message.

use crate::exchange::decode_query;
use crate::scim::filter::{Filter, Operator};
use crate::scim::json::Json;
use crate::scim::message;
use crate::scim::path::AttributePath;
use crate::scim::resource::project;
use crate::scim::urn;

use super::condition::Condition;
use super::cursor::{Cursors, Place};
use super::refusal::Refusal;
use super::resource::Scope;
use super::sort::Order;
use super::store::{Kind, Record, Store};
use super::wire::Answer;

/// The most resources in one answer: `filter.maxResults` of the service provider configuration.
pub(super) const MAX_RESULTS: usize = 200;

/// The query of a URL, decoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parts without a name or value are as good as any: flags, a dangling `?` or `&`.
    pub(super) fn read(query: Option<&str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(pairs.map(|(name, value)| (decode_query(name), decode_query(value))).collect())
    }

    /// The first value of that name; an empty one is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// Whether the name is there at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let read = |text: &str| text.parse().map_err(|_| not_whole(name));
        self.get(name).map(read).transpose()
    }
}

/// Which attributes are returned (section 3.9).
#[derive(Clone, Debug, Default)]
pub(super) struct Projection {
    pub attributes: Vec<AttributePath>,
    pub excluded: Vec<AttributePath>,
}

impl Projection {
    /// From a URL.
    ///
    /// # Errors
    /// 400 `invalidValue` for both parameters at once, or for what is no attribute notation.
    pub(super) fn from_url(parameters: &Parameters) -> Result<Self, Refusal> {
        let names = |name| parameters.get(name).into_iter().flat_map(|value| value.split(',')).collect::<Vec<_>>();
        Self::read(&names("attributes"), &names("excludedAttributes"))
    }

    fn from_message(body: &Json) -> Result<Self, Refusal> {
        Self::read(&names(body, "attributes")?, &names(body, "excludedAttributes")?)
    }

    fn read(attributes: &[&str], excluded: &[&str]) -> Result<Self, Refusal> {
        if !attributes.is_empty() && !excluded.is_empty() {
            return Err(Refusal::value("attributes and excludedAttributes exclude each other."));
        }
        Ok(Self { attributes: paths(attributes)?, excluded: paths(excluded)? })
    }
}

/// A query.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    /// Pages by cursor (RFC 9865), the first one with an empty cursor.
    cursor: Option<String>,
}

impl Search {
    /// From a URL.
    ///
    /// # Errors
    /// 400 `invalidValue` for a number that is none.
    pub(super) fn from_url(parameters: &Parameters) -> Result<Self, Refusal> {
        let text = |name| parameters.get(name).map(str::to_owned);
        Ok(Self {
            // An empty filter is a filter, and a wrong one.
            filter: parameters.has("filter").then(|| text("filter").unwrap_or_default()),
            sort_by: text("sortBy"),
            sort_order: text("sortOrder"),
            start_index: parameters.integer("startIndex")?,
            count: parameters.integer("count")?,
            cursor: parameters.has("cursor").then(|| text("cursor").unwrap_or_default()),
        })
    }

    /// From a search message.
    ///
    /// # Errors
    /// 400 for another message, or a member of the wrong type.
    pub(super) fn from_message(body: &Json) -> Result<(Self, Projection), Refusal> {
        check_message(body, urn::SEARCH_REQUEST)?;
        let search = Self {
            filter: text(body, "filter")?,
            sort_by: text(body, "sortBy")?,
            sort_order: text(body, "sortOrder")?,
            start_index: whole(body, "startIndex")?,
            count: whole(body, "count")?,
            cursor: text(body, "cursor")?,
        };
        Ok((search, Projection::from_message(body)?))
    }

    /// Answers the query over some resource types.
    ///
    /// # Errors
    /// 400 for a filter or an order that these types do not have.
    pub(super) fn answer(&self, store: &Store, scope: &Scope, kinds: &[Kind]) -> Result<Answer, Refusal> {
        let types: Vec<_> = kinds.iter().map(|kind| store.schema(*kind).clone()).collect();
        let condition = self.filter.as_ref().map(|text| Condition::read(text, &types, scope.policy)).transpose()?;
        let order = Order::read(self.sort_by.as_deref(), self.sort_order.as_deref(), &types)?;
        let mut found = found(store, scope, kinds, condition.as_ref());
        if let Some(order) = order {
            for hit in &mut found {
                hit.represent(store, scope);
            }
            order.sort(&mut found, |hit| (hit.representation.as_ref(), store.schema(hit.kind)));
        }
        let total = found.len();
        let projected = |hit: Hit<'_>| hit.projected(store, scope);
        if let Some(cursor) = &self.cursor {
            let query = self.without_pages(kinds);
            let cursors = Cursors { seed: store.seed(), query: &query, at: scope.at };
            let place = cursors.read(cursor, self.at_most(), MAX_RESULTS)?;
            let page = found.into_iter().skip(place.offset).take(place.count).map(projected).collect();
            return Ok(Answer::with_body(200, page_by_cursor(page, total, place, &cursors)));
        }
        let (start, count) = self.window();
        let page = found.into_iter().skip(start - 1).take(count).map(projected).collect();
        Ok(Answer::with_body(200, message::list(page, total, start)))
    }

    /// What a cursor belongs to: everything but the page (RFC 9865 section 2).
    fn without_pages(&self, kinds: &[Kind]) -> String {
        format!("{kinds:?} {:?} {:?} {:?}", self.filter, self.sort_by, self.sort_order)
    }

    /// How many results are wanted, if that was said: a negative number counts as 0.
    fn at_most(&self) -> Option<usize> {
        self.count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX))
    }

    /// The first result, counted from 1, and how many at most (section 3.4.2.4).
    fn window(&self) -> (usize, usize) {
        let start = usize::try_from(self.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
        (start, self.at_most().unwrap_or(MAX_RESULTS).min(MAX_RESULTS))
    }
}

/// A list with the cursors of the pages before and after it (RFC 9865 section 2).
fn page_by_cursor(page: Vec<Json>, total: usize, place: Place, cursors: &Cursors<'_>) -> Json {
    let Place { offset, count } = place;
    let mut list = message::list(page, total, 1);
    if let Some(members) = list.as_object_mut() {
        members.remove("startIndex");
        if count > 0 && offset + count < total {
            members.set("nextCursor", cursors.write(Place { offset: offset + count, count }).into());
        }
        if count > 0 && offset > 0 {
            let before = Place { offset: offset.saturating_sub(count), count };
            members.set("previousCursor", cursors.write(before).into());
        }
    }
    list
}

/// A resource that a query found; it is represented when somebody looks at it.
struct Hit<'a> {
    kind: Kind,
    record: &'a Record,
    representation: Option<Json>,
}

impl Hit<'_> {
    fn represent(&mut self, store: &Store, scope: &Scope) -> &Json {
        self.representation.get_or_insert_with(|| scope.viewer(store).resource(self.kind, self.record))
    }

    fn projected(mut self, store: &Store, scope: &Scope) -> Json {
        let Projection { attributes, excluded } = &scope.projection;
        let schema = store.schema(self.kind);
        project(self.represent(store, scope), schema, attributes, excluded)
    }
}

/// What a condition selects, in the order of types and creation.
fn found<'a>(store: &'a Store, scope: &Scope, kinds: &[Kind], condition: Option<&Condition>) -> Vec<Hit<'a>> {
    let candidates = kinds.iter().flat_map(|kind| candidates(store, *kind, condition).map(|record| (*kind, record)));
    let hits = candidates.map(|(kind, record)| Hit { kind, record, representation: None });
    match condition {
        None => hits.collect(),
        Some(condition) => hits
            .filter_map(|mut hit| {
                let schema = store.schema(hit.kind);
                condition.selects(hit.represent(store, scope), schema).then_some(hit)
            })
            .collect(),
    }
}

/// The resources of a type that a condition can select: one at most where it names an id or a unique value, as the
/// clients' look-ups do.
fn candidates<'a>(
    store: &'a Store,
    kind: Kind,
    condition: Option<&Condition>,
) -> Box<dyn Iterator<Item = &'a Record> + 'a> {
    match condition.and_then(|condition| pinned(store, kind, condition.filter())) {
        Some((attribute, value)) => Box::new(store.holder(kind, attribute, value).into_iter()),
        None => Box::new(store.all(kind)),
    }
}

/// The unique attribute, and its value, that a resource must have for a filter to select it.
fn pinned<'f>(store: &Store, kind: Kind, filter: &'f Filter) -> Option<(&'f str, &'f str)> {
    match filter {
        Filter::And(left, right) => pinned(store, kind, left).or_else(|| pinned(store, kind, right)),
        Filter::Compare(AttributePath { urn: None, attribute, sub: None }, Operator::Eq, Json::String(value)) => {
            store.is_unique(kind, attribute).then_some((attribute, value))
        }
        _ => None,
    }
}

/// A message names its schema (RFC 7644 section 3.1).
///
/// # Errors
/// 400 `invalidSyntax` for anything else.
pub(super) fn check_message(body: &Json, schema: &str) -> Result<(), Refusal> {
    let named = body.get("schemas").and_then(Json::as_array).unwrap_or_default();
    if named.iter().filter_map(Json::as_str).any(|urn| urn.eq_ignore_ascii_case(schema)) {
        return Ok(());
    }
    Err(Refusal::syntax(format!("\"schemas\" must name {schema}.")))
}

fn text(body: &Json, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Refusal::value(format!("{name} must be a string, not {}.", other.kind()))),
    }
}

fn whole(body: &Json, name: &str) -> Result<Option<i64>, Refusal> {
    match body.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| not_whole(name)),
    }
}

/// A list of attribute names; one name alone will do.
fn names<'b>(body: &'b Json, name: &str) -> Result<Vec<&'b str>, Refusal> {
    let wrong = || Refusal::value(format!("{name} must be an array of strings."));
    match body.get(name) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
        Some(Json::String(list)) => Ok(list.split(',').collect()),
        Some(_) => Err(wrong()),
    }
}

fn paths(names: &[&str]) -> Result<Vec<AttributePath>, Refusal> {
    let names = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let read =
        |name| AttributePath::parse(name).map_err(|e| Refusal::value(format!("\"{name}\" is no attribute: {e}.")));
    names.map(read).collect()
}

fn not_whole(name: &str) -> Refusal {
    Refusal::value(format!("{name} must be a whole number."))
}
