//! RFC 9865 section 3: paging by cursor with `/.search`.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::{Asked, Page, announces};

pub(super) static CHECKS: &[&Check] = &[&SEARCH_CURSOR];

static SEARCH_CURSOR: Check = Check {
    id: "rfc9865/3/search-cursor",
    requirements: &["RFC9865-3-01"],
    title: "A search takes cursor and count in its body",
    why: "Clients that search by POST page as they do by GET.",
    fix: "Read cursor and count from the body of /.search and answer with nextCursor.",
    judge: Judge::Exchange(search_cursor),
};

fn search_cursor(subject: &Subject<'_>) -> Judgement {
    let first = |asked: &Asked| asked.cursor == Some("") && !asked.index;
    let search = subject.kind.operation == Operation::Search && announces(subject.scene.facts, "cursor") == Some(true);
    if !search || !Asked::of(subject).as_ref().is_some_and(first) {
        return Judgement::NotApplicable;
    }
    if subject.status() == Some(400) {
        return expect::status(subject, "200 OK with the first page").into();
    }
    let Some(page) = Page::of(subject) else { return Judgement::NotApplicable };
    let more = page.listed > 0 && page.total.is_some_and(|total| page.listed < total);
    let fewer = page.asked.number().is_none_or(|count| page.listed <= count);
    let finding = || expect::body("/nextCursor", "a cursor", page.list.get("nextCursor"));
    let ignored = more && page.next().is_none() && page.list.get("startIndex").is_some() || !fewer;
    if ignored { finding().into() } else { Judgement::Conforms }
}
