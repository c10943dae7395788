//! RFC 7643 section 2.5: unassigned and null values.

use super::super::{Check, Judge, Judgement, Scene};
use super::s2_2_silence::{each, refusal};

pub(super) static CHECKS: &[&Check] = &[&NO_VALUE];

static NO_VALUE: Check = Check {
    id: "rfc7643/2.5/no-value",
    requirements: &["RFC7643-2.5-01"],
    title: "An attribute given as null or [] is one that is not given",
    why: "Some clients leave out what a person does not have, others write null; both mean the same person.",
    fix: "Treat null and [] as no value before anything is validated.",
    judge: Judge::Scenario(no_value),
};

/// The same resource was accepted without an attribute and refused with it as `null` or `[]`.
fn no_value(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    each(scene, |contrast| {
        let only = contrast.difference.only(|difference| difference.empty.clear());
        let expected = || format!("success, as without {}", contrast.difference.empty.join(" and "));
        only.then(|| refusal(scene, contrast.refused, expected()))
    })
}
