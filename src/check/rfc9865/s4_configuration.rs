//! RFC 9865 section 4: what the configuration says about paging.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::{Page, announces};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&PAGINATION, &ANNOUNCED];

static PAGINATION: Check = Check {
    id: "rfc9865/4/pagination",
    requirements: &["RFC9865-4-03", "RFC9865-4-04"],
    title: "pagination says by a Boolean each whether there is paging by cursor and by index",
    why: "Clients choose their way of paging by it.",
    fix: "Write \"pagination\": {\"cursor\": true, \"index\": true} as it is.",
    judge: Judge::Exchange(pagination),
};

fn pagination(subject: &Subject<'_>) -> Judgement {
    let config = subject.body().filter(|_| subject.kind.operation == Operation::ServiceProviderConfig);
    let pagination = config.filter(|_| subject.status() == Some(200)).and_then(|config| config.get("pagination"));
    let Some(pagination) = pagination.filter(|pagination| !pagination.is_unassigned()) else {
        return Judgement::NotApplicable;
    };
    let mut findings = Findings::default();
    for (name, requirement) in [("cursor", "RFC9865-4-03"), ("index", "RFC9865-4-04")] {
        let value = pagination.get(name);
        if value.and_then(Json::as_bool).is_none() {
            findings.tell(expect::body(format!("/pagination/{name}"), "true or false", value).of(requirement));
        }
    }
    findings.judgement()
}

static ANNOUNCED: Check = Check {
    id: "rfc9865/4/announced",
    requirements: &["RFC9865-4-01"],
    title: "A server that pages by cursor says so",
    why: "A client that is not told pages by index and gets no further than the first page.",
    fix: "Put pagination with cursor true into the ServiceProviderConfig.",
    judge: Judge::Exchange(announced),
};

fn announced(subject: &Subject<'_>) -> Judgement {
    let facts = subject.scene.facts;
    let Some(page) = Page::of(subject).filter(|page| page.next().is_some() && facts.config.is_some()) else {
        return Judgement::NotApplicable;
    };
    let finding = || {
        let expected = "pagination.cursor true in the configuration beside this";
        expect::body("/nextCursor", expected, page.list.get("nextCursor"))
    };
    (announces(facts, "cursor") != Some(true)).then(finding).into()
}
