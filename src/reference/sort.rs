//! The order of query results (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;

use crate::scim::date_time;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};

use super::refusal::Refusal;

/// By which attribute, and which way.
pub(super) struct Order {
    path: AttributePath,
    descending: bool,
}

/// A value as it is compared.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Bool(bool),
    Number(f64),
    Time(Timestamp),
    Text(String),
}

impl Order {
    /// Reads `sortBy` and `sortOrder`; `None` when there is nothing to sort by.
    ///
    /// # Errors
    /// 400 for an attribute that no type has or that has no single value, and for another word than the two.
    pub(super) fn read(
        by: Option<&str>,
        order: Option<&str>,
        types: &[Arc<ResourceSchema>],
    ) -> Result<Option<Self>, Refusal> {
        let descending = match order {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("ascending") => false,
            Some(word) if word.eq_ignore_ascii_case("descending") => true,
            Some(word) => {
                return Err(Refusal::value(format!("sortOrder is \"ascending\" or \"descending\", not \"{word}\".")));
            }
        };
        let Some(by) = by else { return Ok(None) };
        let path = AttributePath::parse(by).map_err(|error| unsortable(by, &error.to_string()))?;
        let definition = types.iter().find_map(|schema| schema.find(&path));
        match definition {
            None => Err(unsortable(by, "no schema defines it")),
            Some(attribute) if attribute.kind != Type::Complex => Ok(Some(Self { path, descending })),
            Some(attribute) if attribute.multi_valued && attribute.sub("value").is_some() => {
                Ok(Some(Self { path: AttributePath { sub: Some("value".to_owned()), ..path }, descending }))
            }
            Some(_) => Err(unsortable(by, "it is complex: name one of its sub-attributes")),
        }
    }

    /// Sorts; what has no value comes last, or first when descending. Equals keep their order.
    pub(super) fn sort<T>(&self, items: &mut [T], shown: impl Fn(&T) -> (Option<&Json>, &Arc<ResourceSchema>)) {
        items.sort_by_cached_key(|item| {
            let (representation, schema) = shown(item);
            let key = representation.and_then(|resource| self.key(resource, schema));
            Place { key, descending: self.descending }
        });
    }

    fn key(&self, resource: &Json, schema: &ResourceSchema) -> Option<Key> {
        let definition = schema.find(&self.path)?;
        let container = match &self.path.urn {
            Some(urn) if !urn.eq_ignore_ascii_case(&schema.core.id) => resource.get(urn)?,
            _ => resource,
        };
        let value = deciding(container.get(&self.path.attribute)?)?;
        let value = match &self.path.sub {
            Some(sub) => value.get(sub)?,
            None => value,
        };
        comparable(value, definition)
    }
}

fn unsortable(by: &str, why: &str) -> Refusal {
    Refusal::bad("invalidPath", format!("Cannot sort by \"{by}\": {why}."))
}

/// Of several values the primary one, else the first.
fn deciding(value: &Json) -> Option<&Json> {
    let Json::Array(items) = value else { return Some(value) };
    let primary = items.iter().find(|item| item.get("primary").and_then(Json::as_bool) == Some(true));
    primary.or_else(|| items.first())
}

fn comparable(value: &Json, definition: &Attribute) -> Option<Key> {
    match value {
        Json::Bool(flag) => Some(Key::Bool(*flag)),
        Json::Number(_) => value.as_f64().map(Key::Number),
        Json::String(text) if definition.kind == Type::DateTime => date_time::parse(text).map(Key::Time),
        Json::String(text) if definition.case_exact => Some(Key::Text(text.clone())),
        Json::String(text) => Some(Key::Text(text.to_lowercase())),
        _ => None,
    }
}

/// A key with its direction.
struct Place {
    key: Option<Key>,
    descending: bool,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = match (&self.key, &other.key) {
            (Some(a), Some(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        if self.descending { ascending.reverse() } else { ascending }
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Place {}
