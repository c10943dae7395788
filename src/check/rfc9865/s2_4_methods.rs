//! RFC 9865 section 2.4: servers that page by cursor and by index.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use super::{Page, announces};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&METHOD];

static METHOD: Check = Check {
    id: "rfc9865/2.4/method",
    requirements: &["RFC9865-2.4-03", "RFC9865-2.4-01"],
    title: "The request chooses between cursor and index, and without a choice the announced default holds",
    why: "A client goes on with the method that it began with; an answer of the other kind ends its import.",
    fix: "Answer startIndex with an index page, cursor with a cursor page, and neither with defaultPaginationMethod.",
    judge: Judge::Exchange(method),
};

fn method(subject: &Subject<'_>) -> Judgement {
    let both = ["cursor", "index"].iter().all(|method| announces(subject.scene.facts, method) == Some(true));
    let Some(page) = Page::of(subject).filter(|_| both) else { return Judgement::NotApplicable };
    // A page that holds everything, or nothing, shows no method.
    if page.listed == 0 || page.total.is_none_or(|total| page.listed >= total) {
        return Judgement::NotApplicable;
    }
    let config = subject.scene.facts.config.as_ref();
    let default =
        config.and_then(|config| config.pointer("/pagination/defaultPaginationMethod")).and_then(Json::as_str);
    let by_cursor = page.list.get("nextCursor").is_some() || page.list.get("previousCursor").is_some();
    let by_index = page.list.get("startIndex").is_some();
    let next = || expect::body("/nextCursor", "a cursor", None);
    let index = || expect::body("/startIndex", "the index of the first resource", None);
    match (&page.asked.cursor, page.asked.index) {
        (Some(cursor), false) if cursor.is_empty() && by_index && !by_cursor => next().into(),
        (None, true) if by_cursor && !by_index => index().into(),
        (None, false) if default == Some("cursor") && by_index && !by_cursor => next().of("RFC9865-2.4-01").into(),
        (None, false) if default == Some("index") && by_cursor && !by_index => index().of("RFC9865-2.4-01").into(),
        (Some(_), true) => Judgement::NotApplicable,
        _ if by_cursor || by_index => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}
