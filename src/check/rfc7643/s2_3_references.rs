//! RFC 7643 sections 2.3.7 and 2.3.8: references lead somewhere, and members have no order.

use super::super::url::Url;
use super::super::{Check, Judge, Judgement, Operation, Scene, Subject};
use super::s2_2_silence::{each, refusal};
use crate::check::expect;
use crate::scim::json::{Json, Object};

pub(super) static CHECKS: &[&Check] = &[&RESOLVES, &MEMBER_ORDER];

static RESOLVES: Check = Check {
    id: "rfc7643/2.3.7/resolves",
    requirements: &["RFC7643-2.3.7-07"],
    title: "A reference that is followed gives the resource, or says why not",
    why: "Clients follow meta.location and $ref instead of building addresses.",
    fix: "Route the addresses that you give out: 200 with the resource, or 401, 403 or 404.",
    judge: Judge::Exchange(resolves),
};

fn resolves(subject: &Subject<'_>) -> Judgement {
    let reads = subject.kind.operation == Operation::Read && subject.exchange().sent.query().is_none();
    let Some(status) = subject.status().filter(|_| reads) else { return Judgement::NotApplicable };
    // Too many requests, failures of the server, and what a header asked for in vain, say nothing about the address.
    if matches!(status, 406 | 412 | 415 | 428 | 429 | 431 | 500..) || !was_given(subject) {
        return Judgement::NotApplicable;
    }
    let fits = matches!(status, 200..=399 | 401 | 403 | 404 | 410);
    (!fits).then(|| expect::status(subject, "200, 401, 403 or 404 for an address that was given out")).into()
}

/// Whether an earlier answer of the scenario gave this address out.
fn was_given(subject: &Subject<'_>) -> bool {
    let path = subject.exchange().sent.path().trim_matches('/');
    let base = subject.scene.options.base.as_str();
    let is_here = |value: Option<&Json>| {
        let text = value.and_then(Json::as_str).filter(|text| text.contains(path.rsplit('/').next().unwrap_or(path)));
        text.and_then(|text| Url::resolve(text, base)).is_some_and(|url| url.ends_in(path))
    };
    subject.scene.trace.turns[..subject.index].iter().filter_map(|turn| turn.exchange.answer()).any(|answer| {
        let references = answer.as_object().into_iter().flat_map(Object::iter);
        let mut references = references.flat_map(|(_, value)| value.as_array().unwrap_or(std::slice::from_ref(value)));
        is_here(answer.pointer("/meta/location")) || references.any(|item| is_here(item.get("$ref")))
    })
}

static MEMBER_ORDER: Check = Check {
    id: "rfc7643/2.3.8/member-order",
    requirements: &["RFC7643-2.3.8-01"],
    title: "The order of members in a JSON object does not matter",
    why: "Clients write members in whatever order their libraries give them.",
    fix: "Read the whole object before you look at a member; do not expect schemas first.",
    judge: Judge::Scenario(member_order),
};

/// The same resource was accepted with its members in one order and refused in another.
fn member_order(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    each(scene, |contrast| {
        let only = contrast.difference.only(|difference| difference.members_reordered = false);
        only.then(|| refusal(scene, contrast.refused, "success, as with the same members in another order"))
    })
}
