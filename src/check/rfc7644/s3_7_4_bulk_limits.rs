//! RFC 7644 section 3.7.4: how large a bulk job may be.

use super::super::bulk;
use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&BULK_LIMITS, &LIMIT_NAMED];

/// The limit that a job exceeds: the member of the configuration and the number in it.
fn exceeded(subject: &Subject<'_>) -> Option<(&'static str, usize)> {
    if subject.kind.operation != Operation::Bulk || subject.scene.facts.supports(Feature::Bulk) != Some(true) {
        return None;
    }
    let config = subject.scene.facts.config.as_ref()?;
    let limit = |name: &str| {
        let limit = config.pointer(&format!("/bulk/{name}"))?.as_i64()?;
        usize::try_from(limit).ok().filter(|limit| *limit > 0)
    };
    let size = subject.exchange().sent.body.as_ref().map_or(0, |body| body.len());
    if let Some(most) = limit("maxPayloadSize").filter(|most| size > *most) {
        return Some(("maxPayloadSize", most));
    }
    let operations = bulk::request(subject)?.get("Operations")?.as_array()?.len();
    limit("maxOperations").filter(|most| operations > *most).map(|most| ("maxOperations", most))
}

static BULK_LIMITS: Check = Check {
    id: "rfc7644/3.7.4/bulk-limits",
    requirements: &["RFC7644-3.7.4-03", "RFC7644-3.7.4-04", "RFC7644-3.12-14"],
    title: "A bulk job beyond the announced limits is refused with 413",
    why: "Clients cut their jobs by the announced limits, and by 413 they know that they have to cut more.",
    fix: "Answer 413 before anything is processed when maxOperations or maxPayloadSize is exceeded.",
    judge: Judge::Exchange(bulk_limits),
};

fn bulk_limits(subject: &Subject<'_>) -> Judgement {
    let Some((limit, most)) = exceeded(subject) else { return Judgement::NotApplicable };
    let requirement = if limit == "maxOperations" { "RFC7644-3.7.4-03" } else { "RFC7644-3.7.4-04" };
    match subject.status() {
        Some(413) => Judgement::Conforms,
        Some(200..300 | 400..=499) if subject.status() != Some(429) => {
            expect::status(subject, &format!("413 Content Too Large: {limit} is {most}")).of(requirement).into()
        }
        _ => Judgement::NotApplicable,
    }
}

static LIMIT_NAMED: Check = Check {
    id: "rfc7644/3.7.4/limit-named",
    requirements: &["RFC7644-3.7.4-05", "RFC7644-3.12-14"],
    title: "A 413 to a bulk job says which limit is exceeded",
    why: "A client that does not know whether operations or bytes are too many cannot cut its job.",
    fix: "Name the limit and its number in detail.",
    judge: Judge::Exchange(limit_named),
};

fn limit_named(subject: &Subject<'_>) -> Judgement {
    let Some((limit, most)) = exceeded(subject).filter(|_| subject.status() == Some(413)) else {
        return Judgement::NotApplicable;
    };
    let detail = subject.body().and_then(|body| body.get("detail"));
    let text = detail.and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
    let word = if limit == "maxOperations" { "operation" } else { "size" };
    let named = text.contains(&most.to_string()) || text.contains(&limit.to_ascii_lowercase()) || text.contains(word);
    (!named).then(|| expect::body("/detail", format!("a text that names {limit}, {most}"), detail)).into()
}
