//! RFC 9865, cursor-based pagination.

mod s2_1_errors;
mod s2_4_methods;
mod s2_pages;
mod s3_search;
mod s4_configuration;

use std::borrow::Cow;

use super::{Check, Operation, Subject};
use crate::facts::Facts;
use crate::scim::json::Json;

/// The checks of each file, in the order of the sections.
pub(super) static FILES: &[&[&Check]] =
    &[s2_pages::CHECKS, s2_1_errors::CHECKS, s2_4_methods::CHECKS, s3_search::CHECKS, s4_configuration::CHECKS];

/// Whether the configuration announces a method of paging: `cursor` or `index`.
fn announces(facts: &Facts, method: &str) -> Option<bool> {
    facts.config.as_ref()?.get("pagination")?.get(method)?.as_bool()
}

/// What a query asks of paging.
#[derive(Clone, Debug, Default)]
struct Asked<'a> {
    /// `cursor`; empty for the first page.
    cursor: Option<&'a str>,
    /// `count` as it was written.
    count: Option<Cow<'a, str>>,
    /// Whether `startIndex` is there.
    index: bool,
}

impl<'a> Asked<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let sent = &subject.exchange().sent;
        let text = |value: &'a Json| value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed);
        match subject.kind.operation {
            Operation::List => Some(Self {
                cursor: sent.parameter("cursor"),
                count: sent.parameter("count").map(Cow::Borrowed),
                index: sent.parameter("startIndex").is_some(),
            }),
            Operation::Search => {
                let body = sent.json()?;
                let cursor = body.get("cursor").map(|cursor| cursor.as_str().unwrap_or_default());
                let count = body.get("count").map(text);
                Some(Self { cursor, count, index: body.get("startIndex").is_some() })
            }
            _ => None,
        }
    }

    /// The number of resources that is asked for, if it is one.
    fn number(&self) -> Option<i64> {
        self.count.as_ref()?.trim().parse().ok()
    }

    /// Whether this is the first page.
    fn is_first(&self) -> bool {
        self.cursor.is_none_or(str::is_empty)
    }
}

/// A page as it was answered.
struct Page<'a> {
    asked: Asked<'a>,
    list: &'a crate::scim::json::Object,
    /// How many resources are on it.
    listed: i64,
    total: Option<i64>,
}

impl<'a> Page<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let asked = Asked::of(subject)?;
        let list = subject.body().filter(|_| subject.status() == Some(200))?.as_object()?;
        let resources = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
        let listed = i64::try_from(resources).unwrap_or(i64::MAX);
        Some(Self { asked, list, listed, total: list.get("totalResults").and_then(Json::as_i64) })
    }

    /// The cursor of the next page, if there is one.
    fn next(&self) -> Option<&'a str> {
        self.list.get("nextCursor").and_then(Json::as_str).filter(|cursor| !cursor.is_empty())
    }
}
