//! A request as departures see it: its parts, to be read and changed.

use http::HeaderMap;
use jiff::Timestamp;

use crate::exchange::{decode_path, decode_query};
use crate::scim::json::{Json, Object};
use crate::scim::urn;

use super::super::BASE_PATH;
use super::super::wire::{Answer, Request};

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// Path below the base path, without empty segments: `/Users/42`.
    pub(super) path: String,
    /// Path as sent.
    pub(super) sent_path: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
    /// The body, if it is JSON; what stands here is handled.
    pub(super) json: Option<Json>,
    /// When it came.
    pub(super) at: Timestamp,
}

impl Call {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let below = request.path.trim_start_matches('/').strip_prefix(&BASE_PATH[1..]).unwrap_or(request.path);
        let parts: Vec<String> = below.split('/').filter(|part| !part.is_empty()).map(decode_path).collect();
        Self {
            method: request.method.to_owned(),
            path: format!("/{}", parts.join("/")),
            sent_path: request.path.to_owned(),
            query: request.query.map(str::to_owned),
            headers: request.headers.clone(),
            body: request.body.to_vec(),
            json: Json::parse(request.body).ok(),
            at: request.at,
        }
    }

    /// The bytes of the body as it is handled.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.json.as_ref().map_or_else(|| self.body.clone(), |json| json.to_string().into_bytes())
    }

    /// Whether it is this method on this endpoint, or on one of its resources.
    pub(super) fn is(&self, method: &str, endpoint: &str) -> bool {
        self.method == method && self.endpoint() == endpoint
    }

    pub(super) fn is_get(&self) -> bool {
        self.method == "GET"
    }

    /// `Users` of `/Users/42`; empty at the root.
    pub(super) fn endpoint(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// `42` of `/Users/42`.
    pub(super) fn id(&self) -> Option<&str> {
        self.path.split('/').nth(2).filter(|id| !id.starts_with('.'))
    }

    pub(super) fn on_users(&self) -> bool {
        self.endpoint() == "Users"
    }

    pub(super) fn on_groups(&self) -> bool {
        self.endpoint() == "Groups"
    }

    /// Users or groups, not the provider's description of itself.
    pub(super) fn on_resources(&self) -> bool {
        self.on_users() || self.on_groups()
    }

    /// POST, PUT or PATCH of a resource.
    pub(super) fn writes(&self) -> bool {
        let to_one = matches!((self.method.as_str(), self.id()), ("POST", None) | ("PUT" | "PATCH", Some(_)));
        to_one && self.on_resources() && !self.path.ends_with(".search")
    }

    /// POST that makes a resource.
    pub(super) fn creates(&self) -> bool {
        self.method == "POST" && self.writes()
    }

    /// Whether it asks for a list of resources.
    pub(super) fn lists(&self) -> bool {
        let asks = self.is_get() && self.id().is_none() && (self.on_resources() || self.path == "/");
        asks || self.path.ends_with("/.search")
    }

    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the query, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.as_deref()?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut found = pairs.filter(|(key, _)| decode_query(key).eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| decode_query(value))
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.parameter(name)?.parse().ok()
    }

    /// The filter, if the request has one.
    pub(super) fn filter(&self) -> Option<String> {
        match &self.json {
            Some(body) if self.path.ends_with("/.search") => body.get("filter")?.as_str().map(str::to_owned),
            _ => self.parameter("filter"),
        }
    }

    /// Sets a parameter to a value, or takes it out.
    pub(super) fn set_parameter(&mut self, name: &str, value: Option<&str>) {
        let query = self.query.take().unwrap_or_default();
        let is_other =
            |pair: &&str| !decode_query(pair.split('=').next().unwrap_or_default()).eq_ignore_ascii_case(name);
        let mut pairs: Vec<String> =
            query.split('&').filter(|p| !p.is_empty()).filter(is_other).map(str::to_owned).collect();
        pairs.extend(value.map(|value| format!("{name}={}", encoded(value))));
        self.query = (!pairs.is_empty()).then(|| pairs.join("&"));
    }

    /// Sets the filter, in the query or in the search message.
    pub(super) fn set_filter(&mut self, filter: Option<&str>) {
        match self.json.as_mut().and_then(Json::as_object_mut) {
            Some(body) if self.path.ends_with("/.search") => match filter {
                Some(filter) => body.set("filter", filter.into()),
                None => drop(body.remove("filter")),
            },
            _ => self.set_parameter("filter", filter),
        }
    }

    /// The operations of a PATCH.
    pub(super) fn operations(&self) -> &[Json] {
        let operations = self.json.as_ref().filter(|_| self.method == "PATCH").and_then(|body| body.get("Operations"));
        operations.and_then(Json::as_array).unwrap_or_default()
    }

    /// Goes over the operations of a PATCH; `false` takes one out.
    pub(super) fn each_operation(&mut self, mut change: impl FnMut(&mut Operation) -> bool) {
        let operations: Vec<Json> = self.operations().to_vec();
        if let Some(body) = self.json.as_mut().and_then(Json::as_object_mut).filter(|_| !operations.is_empty()) {
            let changed = operations.into_iter().filter_map(|json| {
                let mut operation = Operation::read(json);
                change(&mut operation).then_some(operation.json)
            });
            body.set("Operations", Json::Array(changed.collect()));
        }
    }

    /// Goes over what a discovery endpoint lists, or the single one that it shows, in the answer to this request.
    pub(super) fn each_described(&self, answer: &mut Answer, endpoint: &str, change: impl Fn(&mut Object)) {
        let body = answer.body.as_mut().filter(|_| answer.status == 200 && self.endpoint() == endpoint);
        let Some(body) = body.and_then(Json::as_object_mut) else { return };
        match body.get_mut("Resources") {
            Some(Json::Array(all)) => all.iter_mut().filter_map(Json::as_object_mut).for_each(change),
            _ => change(body),
        }
    }

    /// Whether the answer is asked for with a part of the attributes, in the query or in the search message.
    pub(super) fn projects(&self) -> bool {
        let message = self.json.as_ref().filter(|_| self.path.ends_with("/.search"));
        ["attributes", "excludedAttributes"]
            .into_iter()
            .any(|name| self.parameter(name).is_some() || message.is_some_and(|message| message.get(name).is_some()))
    }
}

/// A query value with everything encoded that is not a letter or digit.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b if b.is_ascii_alphanumeric() => out + &char::from(b).to_string(),
        b => out + &format!("%{b:02X}"),
    })
}

/// Whether a resource is a user, by its schemas.
pub(super) fn is_user(resource: &crate::scim::json::Object) -> bool {
    let schemas = resource.get("schemas").and_then(Json::as_array).unwrap_or_default();
    schemas.iter().any(|schema| schema.as_str() == Some(urn::USER))
}

/// One operation of a PATCH.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// In lower case, as is `path`.
    pub(super) op: String,
    /// Empty without a path.
    pub(super) path: String,
    /// The operation itself.
    pub(super) json: Json,
}

impl Operation {
    pub(super) fn read(json: Json) -> Self {
        let text = |name| json.get(name).and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
        Self { op: text("op"), path: text("path"), json }
    }

    pub(super) fn value(&self) -> Option<&Json> {
        self.json.get("value")
    }

    /// Sets a member of the operation, or takes it out.
    pub(super) fn set(&mut self, name: &str, value: Option<Json>) {
        if let Some(members) = self.json.as_object_mut() {
            match value {
                Some(value) => members.set(name, value),
                None => drop(members.remove(name)),
            }
        }
    }
}
