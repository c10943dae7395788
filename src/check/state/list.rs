//! A list without a filter holds everybody, page by page.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::scim::json::Json;
use crate::shadow::Record;

pub(super) static LIST: Check = Check {
    id: "state/list",
    requirements: &["RFC7644-3.2-03", "RFC7644-3.4.2.4-12", "RFC7643-4.1.1-20"],
    title: "A list holds every resource, each on one page",
    why: "Imports read page by page: who is on no page is not imported, who is on two is imported twice, and a first \
          page that comes again and again never ends.",
    fix: "Page over a stable order, begin at startIndex (counted from 1), and leave nobody out, the inactive neither.",
    judge: Judge::State,
};

/// An own resource is not in a list that is whole.
pub(super) fn missing(record: &Record<'_>) -> Told {
    let the = words::the(record);
    let inactive = record.state.get("active").and_then(Json::as_bool) == Some(false);
    let actual = if inactive { format!("not in the list: {the} is inactive") } else { "not in the list".to_owned() };
    let expected = format!("{the} {} in the whole list", words::name(record));
    let finding = Finding::new(Location::Body("/Resources".to_owned()), expected, actual);
    let finding = if inactive { finding.of("RFC7643-4.1.1-20") } else { finding };
    Told::new(&LIST, finding).harm(format!("{the} is not imported"))
}

/// A page as it was read.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The request without its paging parameters.
    pub(super) query: String,
    /// Index of its first resource.
    pub(super) start: i64,
    /// Ids on it.
    pub(super) ids: Vec<&'a str>,
}

impl<'a> Page<'a> {
    /// A page of a list answer.
    pub(super) fn new(resource: &str, start: i64, resources: &'a [Json]) -> Self {
        let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
        let kept: Vec<_> = query
            .split('&')
            .filter(|pair| !["startindex=", "count="].iter().any(|p| pair.to_ascii_lowercase().starts_with(p)))
            .collect();
        let ids = resources.iter().filter_map(|r| r.get("id")?.as_str()).collect();
        Self { query: format!("{path}?{}", kept.join("&")), start, ids }
    }

    /// Whether this page follows another of the same list.
    pub(super) fn follows(&self, previous: &Self) -> bool {
        self.query == previous.query && self.start > previous.start
    }

    /// Whether what was on the page before is here again, which is what a target does that ignores `startIndex`. A few
    /// may have moved because somebody else came in between; so only a page that begins again is told.
    pub(super) fn repeats(&self, previous: &Self) -> Option<Told> {
        let again = self.ids.first().is_some_and(|first| previous.ids.first() == Some(first));
        let finding = Finding::new(
            Location::Body("/Resources/0".to_owned()),
            format!("the resources from number {} on", self.start),
            format!("the page from number {} again", previous.start),
        );
        again
            .then(|| Told::new(&LIST, finding.of("RFC7644-3.4.2.4-12")).harm("the import reads the same page for ever"))
    }
}
