//! RFC 9865 section 2: pages by cursor.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Scene, Subject};
use super::{Asked, Page, announces};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&CURSOR_FORM, &NEXT_CURSOR, &PREVIOUS_CURSOR, &PAGE_SIZE, &TOTAL];

static CURSOR_FORM: Check = Check {
    id: "rfc9865/2/cursor-form",
    requirements: &["RFC9865-2-02", "RFC9865-2-10"],
    title: "A cursor is a text of characters that need no encoding, or it is left out",
    why: "Clients put the cursor into the next address as it is; null or an empty text begins again from the start.",
    fix: "Use letters, digits, - . _ ~ only (base64url without padding), and leave nextCursor out on the last page.",
    judge: Judge::Exchange(cursor_form),
};

fn cursor_form(subject: &Subject<'_>) -> Judgement {
    let Some(page) = Page::of(subject) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let mut seen = false;
    for name in ["nextCursor", "previousCursor"] {
        let Some(cursor) = page.list.get(name) else { continue };
        seen = true;
        let at = format!("/{name}");
        match cursor.as_str() {
            Some("") | None => {
                findings.tell(expect::body(at, "a cursor, or no such member", Some(cursor)).of("RFC9865-2-10"));
            }
            Some(text) if !text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)) => {
                findings.tell(expect::body(at, "letters, digits and - . _ ~", Some(cursor)));
            }
            Some(_) => {}
        }
    }
    if seen { findings.judgement() } else { Judgement::NotApplicable }
}

static NEXT_CURSOR: Check = Check {
    id: "rfc9865/2/next-cursor",
    requirements: &["RFC9865-2-09", "RFC9865-2-10"],
    title: "Every page but the last has a nextCursor",
    why: "Without it the import ends there, and everybody behind that page is missing.",
    fix: "Send nextCursor as long as there is more, and leave it out when there is not.",
    judge: Judge::Exchange(next_cursor),
};

fn next_cursor(subject: &Subject<'_>) -> Judgement {
    if announces(subject.scene.facts, "cursor") != Some(true) {
        return Judgement::NotApplicable;
    }
    let Some(page) = Page::of(subject).filter(|page| page.asked.cursor.is_some() && !page.asked.index) else {
        return Judgement::NotApplicable;
    };
    // Only of the first page it is known how many have been read before.
    let Some(total) = page.total.filter(|_| page.asked.is_first() && page.listed > 0) else {
        return Judgement::NotApplicable;
    };
    if page.next().is_some() || page.listed >= total {
        return Judgement::Conforms;
    }
    // What is no cursor is told by its form.
    let finding = || {
        let expected = format!("a cursor: {} of {total} are listed", page.listed);
        expect::body("/nextCursor", expected, page.list.get("nextCursor"))
    };
    page.list.get("nextCursor").is_none().then(finding).into()
}

static PREVIOUS_CURSOR: Check = Check {
    id: "rfc9865/2/previous-cursor",
    requirements: &["RFC9865-2-12"],
    title: "The first page has no previousCursor",
    why: "A client that pages backwards stops where there is none.",
    fix: "Leave previousCursor out on the first page.",
    judge: Judge::Exchange(previous_cursor),
};

fn previous_cursor(subject: &Subject<'_>) -> Judgement {
    let by_cursor = |page: &Page<'_>| page.asked.cursor.is_some() || page.next().is_some();
    let Some(page) = Page::of(subject).filter(|page| page.asked.is_first() && !page.asked.index && by_cursor(page))
    else {
        return Judgement::NotApplicable;
    };
    let stray = page.list.get("previousCursor").filter(|cursor| !cursor.is_unassigned());
    stray.map(|cursor| expect::body("/previousCursor", "nothing on the first page", Some(cursor))).into()
}

static PAGE_SIZE: Check = Check {
    id: "rfc9865/2/page-size",
    requirements: &["RFC9865-2-07"],
    title: "Without count the server chooses the size of a page, the announced one",
    why: "Clients that do not care for the size leave count out.",
    fix: "Use defaultPageSize when a request has no count.",
    judge: Judge::Exchange(page_size),
};

fn page_size(subject: &Subject<'_>) -> Judgement {
    let asked = Asked::of(subject).filter(|asked| asked.cursor.is_some() && asked.count.is_none() && asked.is_first());
    if asked.is_none() || announces(subject.scene.facts, "cursor") != Some(true) {
        return Judgement::NotApplicable;
    }
    if subject.status() == Some(400) {
        return expect::status(subject, "200 OK: count is optional").into();
    }
    let Some(page) = Page::of(subject) else { return Judgement::NotApplicable };
    let config = subject.scene.facts.config.as_ref();
    let size = config.and_then(|config| config.pointer("/pagination/defaultPageSize")).and_then(Json::as_i64);
    let too_many = size.filter(|size| *size > 0 && page.listed > *size);
    too_many
        .map(|size| {
            let expected = format!("at most {size} resources, the defaultPageSize");
            expect::body("/Resources", expected, page.list.get("Resources"))
        })
        .into()
}

static TOTAL: Check = Check {
    id: "rfc9865/2/total",
    requirements: &["RFC9865-2-15"],
    title: "totalResults is the number of resources that are read page by page",
    why: "Imports show their progress by it, and some stop when they have as many.",
    fix: "Count all matches, or leave totalResults out where that costs too much.",
    judge: Judge::Scenario(total),
};

/// Follows each chain of cursors from its first page to its last.
fn total(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let pages: Vec<(usize, Page<'_>)> = (0..scene.trace.turns.len())
        .filter_map(|turn| Some((turn, Page::of(&Subject::new(*scene, turn))?)))
        .filter(|(_, page)| page.asked.cursor.is_some())
        .collect();
    let mut judged = Vec::new();
    for (turn, first) in pages.iter().filter(|(_, page)| page.asked.is_first() && page.next().is_some()) {
        let (mut read, mut last, mut next) = (first.listed, *turn, first.next());
        while let Some(cursor) = next {
            let follows = |(later, page): &&(usize, Page<'_>)| *later > last && page.asked.cursor == Some(cursor);
            let Some((later, page)) = pages.iter().find(follows) else { break };
            (read, last, next) = (read + page.listed, *later, page.next());
        }
        let Some(total) = first.total.filter(|_| next.is_none()) else { continue };
        let finding = || {
            let expected = format!("{read}, as many as were read");
            expect::body("/totalResults", expected, None).actually(total.to_string())
        };
        judged.push((*turn, (total != read).then(finding).into()));
    }
    judged
}
