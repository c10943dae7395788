//! RFC 7644 section 3.4.2.4: pages of a list.

use std::cmp::Ordering;

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::s3_4_2_query::{list, listed};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};

pub(super) static CHECKS: &[&Check] = &[&PARTIAL_RESULTS, &COUNT, &ITEMS_PER_PAGE, &START_INDEX, &MAX_RESULTS, &INSIDE];

/// What the request asked for: values below the limits count as the limits (Table 6).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// At least 0.
    pub(super) count: Option<i64>,
    /// At least 1.
    pub(super) start_index: Option<i64>,
    /// A cursor of RFC 9865 counts from nowhere.
    pub(super) cursor: bool,
}

impl Asked {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let sent = &subject.exchange().sent;
        if subject.kind.operation == Operation::Search {
            let Some(body) = sent.json() else { return Self::default() };
            let number = |name: &str| body.get(name).and_then(Json::as_i64);
            return Self::new(number("count"), number("startIndex"), body.get("cursor").is_some());
        }
        if sent.query().is_none() {
            return Self::default();
        }
        let number = |name: &str| sent.parameter(name).and_then(|value| value.parse().ok());
        Self::new(number("count"), number("startIndex"), sent.parameter("cursor").is_some())
    }

    /// The count as it was written.
    fn count_of(subject: &Subject<'_>) -> Option<i64> {
        let sent = &subject.exchange().sent;
        match subject.kind.operation {
            Operation::Search => sent.json()?.get("count")?.as_i64(),
            _ => sent.parameter("count")?.parse().ok(),
        }
    }

    fn new(count: Option<i64>, start_index: Option<i64>, cursor: bool) -> Self {
        Self { count: count.map(|n| n.max(0)), start_index: start_index.map(|n| n.max(1)), cursor }
    }
}

static PARTIAL_RESULTS: Check = Check {
    id: "rfc7644/3.4.2.4/partial-results",
    requirements: &[
        "RFC7644-3.4.2-09",
        "RFC7644-3.4.2-10",
        "RFC7644-3.4.2-08",
        "RFC7644-3.4.2.4-09",
        "RFC7644-3.4.2.1-04",
    ],
    title: "A page that is not the whole list says which page it is",
    why: "An import that cannot see that there is more stops after the first page, and people are missing.",
    fix: "Send startIndex and itemsPerPage whenever fewer resources are listed than totalResults says.",
    judge: Judge::Exchange(partial_results),
};

fn partial_results(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let Some(total) = list.get("totalResults").and_then(Json::as_i64) else { return Judgement::NotApplicable };
    let asked = Asked::of(subject);
    let listed = i64::try_from(listed(list)).unwrap_or(i64::MAX);
    let beyond = asked.start_index.is_some_and(|start| start > total);
    if listed >= total || asked.count == Some(0) || asked.cursor || beyond {
        return Judgement::NotApplicable;
    }
    if list.get("nextCursor").is_some() || list.get("previousCursor").is_some() {
        return Judgement::Conforms;
    }
    let missing = |name: &str| list.get(name).is_none_or(Json::is_unassigned);
    let finding =
        |name: &str| expect::body(format!("/{name}"), format!("{name}: {listed} of {total} are listed"), None);
    let paged = asked.count.is_some() || asked.start_index.is_some();
    match (missing("startIndex"), missing("itemsPerPage")) {
        (true, true) if !paged => {
            finding("startIndex").of("RFC7644-3.4.2.1-04").read_as(ambiguity::A32_SILENT_TRUNCATION).into()
        }
        (true, true) => {
            let both = vec![finding("startIndex"), finding("itemsPerPage").of("RFC7644-3.4.2-10")];
            Judgement::Violates(both)
        }
        (true, false) => finding("startIndex").into(),
        (false, true) => finding("itemsPerPage").of("RFC7644-3.4.2-10").into(),
        (false, false) => Judgement::Conforms,
    }
}

static COUNT: Check = Check {
    id: "rfc7644/3.4.2.4/count",
    requirements: &[
        "RFC7644-3.4.2.4-05",
        "RFC7644-3.4.2.4-07",
        "RFC7644-3.4.2.4-08",
        "RFC7644-3.4.2.4-06",
        "RFC7644-3.4.3-12",
        "RFC9865-2-03",
        "RFC9865-2-04",
        "RFC9865-2-05",
    ],
    title: "A list holds no more than count resources",
    why: "A client that asks for a hundred and gets all reads everybody again with each page.",
    fix: "Honour count; 0 and less mean no resources, only totalResults.",
    judge: Judge::Exchange(count),
};

fn count(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let Some(count) = Asked::of(subject).count else { return Judgement::NotApplicable };
    let listed = listed(list);
    if usize::try_from(count).is_ok_and(|count| listed <= count) {
        return Judgement::Conforms;
    }
    let finding = expect::body("/Resources", format!("at most {count} resources"), list.get("Resources"));
    if Asked::of(subject).cursor {
        let requirement = match (Asked::count_of(subject), count) {
            (Some(..0), _) => "RFC9865-2-03",
            (_, 0) => "RFC9865-2-04",
            _ => "RFC9865-2-05",
        };
        return finding.of(requirement).into();
    }
    if subject.kind.operation == Operation::Search {
        return finding.of("RFC7644-3.4.3-12").into();
    }
    if count == 0 {
        return finding.of("RFC7644-3.4.2.4-08").read_as(ambiguity::A20_RESOURCES_FOR_COUNT_0).into();
    }
    finding.into()
}

static ITEMS_PER_PAGE: Check = Check {
    id: "rfc7644/3.4.2.4/items-per-page",
    requirements: &["RFC7644-3.4.2.4-10"],
    title: "itemsPerPage is the number of resources on the page",
    why: "Okta's review wants the actual number; a client that adds it to startIndex skips people otherwise.",
    fix: "Set itemsPerPage to the length of Resources.",
    judge: Judge::Exchange(items_per_page),
};

fn items_per_page(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let Some(value) = list.get("itemsPerPage").filter(|value| !value.is_unassigned()) else {
        return Judgement::NotApplicable;
    };
    let Some(number) = value.as_i64().filter(|number| *number >= 0) else {
        return expect::body("/itemsPerPage", "a whole number, 0 or more", Some(value)).into();
    };
    let listed = i64::try_from(listed(list)).unwrap_or(i64::MAX);
    // Stable words, so that every page with the same slip is told as one.
    let finding = |actual: &str| expect::body("/itemsPerPage", "as many as are listed", None).actually(actual);
    match number.cmp(&listed) {
        Ordering::Equal => Judgement::Conforms,
        Ordering::Greater => finding("more than are listed").read_as(ambiguity::A21_REQUESTED_NUMBER).into(),
        Ordering::Less => finding("fewer than are listed").into(),
    }
}

static START_INDEX: Check = Check {
    id: "rfc7644/3.4.2.4/start-index",
    requirements: &["RFC7644-3.4.2.4-12", "RFC7644-3.4.2.4-03", "RFC7644-3.4.2.4-04", "RFC7644-3.4.3-11"],
    title: "startIndex is the place of the first resource, counted from 1",
    why: "A client that pages by it reads the same people again, or none.",
    fix: "Count from 1, take less than 1 as 1, and answer with the startIndex that was asked for.",
    judge: Judge::Exchange(start_index),
};

fn start_index(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let Some(value) = list.get("startIndex").filter(|value| !value.is_unassigned()) else {
        return Judgement::NotApplicable;
    };
    let asked = Asked::of(subject);
    if asked.cursor {
        return Judgement::NotApplicable;
    }
    let wanted = asked.start_index.unwrap_or(1);
    match value.as_i64() {
        Some(number) if number == wanted => Judgement::Conforms,
        Some(number) if number >= 0 && list_is_empty(list) => {
            let finding = expect::body("/startIndex", wanted.to_string(), Some(value));
            finding.read_as(ambiguity::A22_ECHO).into()
        }
        Some(_) => expect::body("/startIndex", wanted.to_string(), Some(value)).into(),
        None => expect::body("/startIndex", "a whole number", Some(value)).into(),
    }
}

fn list_is_empty(list: &Object) -> bool {
    listed(list) == 0
}

static MAX_RESULTS: Check = Check {
    id: "rfc7644/3.4.2.4/max-results",
    requirements: &["RFC7643-5-13"],
    title: "A list holds no more than the filter.maxResults of the configuration",
    why: "Clients size their pages by what the configuration announces.",
    fix: "Announce the limit that the server really has, or keep to it.",
    judge: Judge::Exchange(max_results),
};

fn max_results(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let config = subject.scene.facts.config.as_ref();
    let announced = config.and_then(|config| config.pointer("/filter/maxResults")).and_then(Json::as_i64);
    // 0 or less cannot be meant as a limit.
    let Some(most) = announced.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0) else {
        return Judgement::NotApplicable;
    };
    if listed(list) <= most {
        return Judgement::Conforms;
    }
    let finding = expect::body("/Resources", format!("at most {most} resources"), list.get("Resources"));
    finding.read_as(ambiguity::A32_MORE_THAN_MAXIMUM).into()
}

static INSIDE: Check = Check {
    id: "rfc7644/3.4.2.4/inside",
    requirements: &["RFC7644-3.4.2.4-04", "RFC7644-3.4.2.4-12"],
    title: "A page that begins inside the list holds resources",
    why: "A client that counts on by what it received asks for the same page for ever; one that stops misses the rest.",
    fix: "Count startIndex in resources, not in pages, from 1, and list who stands there.",
    judge: Judge::Exchange(inside),
};

fn inside(subject: &Subject<'_>) -> Judgement {
    let Some(list) = list(subject) else { return Judgement::NotApplicable };
    let asked = Asked::of(subject);
    let start = asked.start_index.unwrap_or(1);
    let total = list.get("totalResults").and_then(Json::as_i64).unwrap_or(0);
    let cursor = asked.cursor || list.get("nextCursor").is_some() || list.get("previousCursor").is_some();
    // A list without Resources is told by the check of that.
    let is_list = list.get("Resources").is_some_and(|resources| resources.as_array().is_some());
    if cursor || !is_list || asked.count == Some(0) || total < start {
        return Judgement::NotApplicable;
    }
    let expected = || format!("the resources from number {start} on, of {total}");
    (listed(list) == 0).then(|| expect::body("/Resources", expected(), None).actually("no resources")).into()
}
