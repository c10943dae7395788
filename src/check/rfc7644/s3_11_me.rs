//! RFC 7644 section 3.11: the alias /Me.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&ME_UNSUPPORTED, &ME_LOCATION];

static ME_UNSUPPORTED: Check = Check {
    id: "rfc7644/3.11/me-unsupported",
    requirements: &["RFC7644-3.11-02", "RFC7644-3.12-16"],
    title: "A server without /Me says so with 501",
    why: "By 404 a client cannot tell a missing feature from a missing user.",
    fix: "Answer 501 Not Implemented to every request for /Me.",
    judge: Judge::Exchange(me_unsupported),
};

fn me_unsupported(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Me {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(501 | 308 | 200..300) => Judgement::Conforms,
        Some(403..=405) => {
            let finding = expect::status(subject, "501 Not Implemented, or the resource of the client");
            finding.read_as(ambiguity::A29_OTHER_ERROR).into()
        }
        _ => Judgement::NotApplicable,
    }
}

static ME_LOCATION: Check = Check {
    id: "rfc7644/3.11/me-location",
    requirements: &["RFC7644-3.11-05"],
    title: "An answer about /Me has the permanent address in Location",
    why: "The alias is another resource for every client; only the address says which one was meant.",
    fix: "Send meta.location of the resource behind the alias in a Location header.",
    judge: Judge::Exchange(me_location),
};

fn me_location(subject: &Subject<'_>) -> Judgement {
    let answered = subject.kind.operation == Operation::Me && matches!(subject.status(), Some(200 | 201));
    let Some(answer) = subject.received().filter(|_| answered) else { return Judgement::NotApplicable };
    let value = answer.header("location").filter(|value| !value.trim().is_empty());
    match value {
        None => expect::header("Location", "the permanent address of the resource", None).into(),
        Some(alias) if alias.split(['?', '#']).next().is_some_and(|path| path.ends_with("/Me")) => {
            expect::header("Location", "the permanent address of the resource, not the alias", value).into()
        }
        Some(_) => Judgement::Conforms,
    }
}
