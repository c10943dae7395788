//! A list without a filter holds everybody, page by page.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::facts::Facts;
use crate::requirement::ambiguity::{A53_LISTED_LESS, A55_UNORDERED_PAGES};
use crate::scim::json::Json;
use crate::scim::schema::{Attribute, Returned};
use crate::shadow::Record;
use crate::shadow::compare::is_blank;

pub(super) static LIST: Check = Check {
    id: "state/list",
    requirements: &["RFC7644-3.2-03", "RFC7644-3.4.2.4-12", "RFC7643-4.1.1-20"],
    title: "A list holds every resource, each on one page",
    why: "Imports read page by page: who is on no page is not imported, who is on two is imported twice, and a first \
          page that comes again and again never ends.",
    fix: "Page over a stable order, begin at startIndex (counted from 1), and leave nobody out, the inactive neither.",
    judge: Judge::State,
};

pub(super) static LISTED_MEMBERS: Check = Check {
    id: "state/listed-members",
    requirements: &["RFC7643-7-36"],
    title: "A list of groups shows the members that a reading of each group shows",
    why: "Okta imports groups from the list alone: without members there everybody is in no group.",
    fix: "Return members in lists too; who does not want them asks with excludedAttributes.",
    judge: Judge::State,
};

/// Whether a list must show the members of an own group: its last reading showed them, and nothing was written since.
pub(super) fn has_members(record: &Record<'_>, facts: &Facts) -> bool {
    let published = facts.published.iter().any(|known| known.eq_ignore_ascii_case(&record.schema.core.id));
    let settled = record.shown && record.writes.is_empty() && !record.uncertain;
    settled && published && record.has_set("members") && record.state.get("members").is_some_and(|all| !is_blank(all))
}

/// The list leaves them out.
pub(super) fn without_members(record: &Record<'_>, item: &Json, place: usize) -> Option<Told> {
    let by_default = |attribute: &Attribute| matches!(attribute.returned, Returned::Default | Returned::Always);
    if !record.schema.core.attribute("members").is_some_and(by_default)
        || item.get("members").is_some_and(|all| !is_blank(all))
    {
        return None;
    }
    let at = Location::Body(format!("/Resources/{place}/members"));
    let finding = Finding::new(at, "members, as the reading of the group shows them", "no members");
    Some(Told::new(&LISTED_MEMBERS, finding.read_as(A53_LISTED_LESS)).harm("an import sees nobody in the group"))
}

/// An own resource is not in a list that is whole; `inactive`: all who are missing are.
pub(super) fn missing(record: &Record<'_>, inactive: bool) -> Told {
    let the = words::the(record);
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
    /// Ids of this page and of those before it, from the first on, if nothing is missing between them.
    pub(super) so_far: Option<Vec<&'a str>>,
}

impl<'a> Page<'a> {
    /// A page of a list answer.
    pub(super) fn new(resource: &str, start: i64, resources: &'a [Json]) -> Self {
        let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
        let kept: Vec<_> = query
            .split('&')
            .filter(|pair| !["startindex=", "count="].iter().any(|p| pair.to_ascii_lowercase().starts_with(p)))
            .collect();
        let ids: Vec<&str> = resources.iter().filter_map(|r| r.get("id")?.as_str()).collect();
        let so_far = (start == 1).then(|| ids.clone());
        Self { query: format!("{path}?{}", kept.join("&")), start, ids, so_far }
    }

    /// Puts itself behind the pages before it.
    pub(super) fn join(&mut self, previous: &Self) {
        let behind = self.start - previous.start == i64::try_from(previous.ids.len()).unwrap_or(i64::MAX);
        let before = previous.so_far.as_ref().filter(|_| behind);
        self.so_far = before.map(|before| before.iter().chain(&self.ids).copied().collect());
    }

    /// Whether an own resource is on none of the pages up to the last one, of `total` resources.
    pub(super) fn leaves_out(&self, record: &Record<'_>, total: i64) -> Option<Told> {
        let all = self.so_far.as_ref().filter(|all| i64::try_from(all.len()).unwrap_or(0) >= total)?;
        let finding = Finding::new(
            Location::Body("/Resources".to_owned()),
            format!("{} {} on one of the pages", words::the(record), words::name(record)),
            "it is on none of them, and another is there twice",
        );
        let finding = finding.of("RFC7644-3.4.2.4-12").read_as(A55_UNORDERED_PAGES);
        (!all.contains(&record.id.as_str())).then(|| Told::new(&LIST, finding).harm("an import leaves people out"))
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
