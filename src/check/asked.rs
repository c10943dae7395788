//! What was asked for in a query.

use super::Operation;
use crate::exchange::Sent;
use crate::scim::filter::{Filter, SyntaxError};
use crate::scim::json::Json;

/// A filter as it was sent, read once for all checks.
#[derive(Debug)]
pub(crate) struct AskedFilter {
    /// Its text; never blank.
    pub(crate) text: String,
    /// What it means, or why it is none.
    pub(crate) read: Result<Filter, SyntaxError>,
}

impl AskedFilter {
    /// The filter of a query, in the address or in the body of a search.
    pub(crate) fn of(sent: &Sent, operation: Operation) -> Option<Self> {
        let text = match operation {
            Operation::List => sent.parameter("filter")?.to_owned(),
            Operation::Search => sent.json()?.get("filter").and_then(Json::as_str)?.to_owned(),
            _ => return None,
        };
        if text.trim().is_empty() {
            return None;
        }
        let read = Filter::parse(&text).map(|(filter, _)| filter);
        Some(Self { text, read })
    }
}
