//! `attributes` and `excludedAttributes` take nothing away that was not meant. That nothing is there that was excluded
//! is told by the checks of RFC 7644 section 3.9.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location, Reading};
use crate::requirement::ambiguity::{A33_NAME_CASE, A33_URN_CASE};
use crate::scim::path::AttributePath;
use crate::shadow::compare::Gap;

pub(super) static PROJECTION: Check = Check {
    id: "state/projection",
    requirements: &[
        "RFC7644-3.9-05",
        "RFC7644-3.4.2.5-01",
        "RFC7644-3.4.2.5-03",
        "RFC7644-3.10-01",
        "RFC7644-3.10-04",
        "RFC7644-3.10-05",
        "RFC7644-3.10-06",
        "RFC7644-3.10-07",
    ],
    title: "A projected answer holds the values that were asked for",
    why: "Entra ID reads references with attributes=id and groups without their members; what is missing counts as not \
          there.",
    fix: "Look the attribute paths in attributes up like those of a filter: without case, with or without the schema's \
          URN.",
    judge: Judge::State,
};

/// A value that was asked for, and that a whole reading had shown, is not there.
pub(super) fn missing(gap: &Gap<'_>, asked: &[AttributePath], at: Location) -> Told {
    let finding = Finding::new(at, words::expected(gap), words::actual(gap));
    let by = asked.iter().find(|path| path.attribute.eq_ignore_ascii_case(&gap.attribute.name));
    let (requirement, reading) = by.map_or(("RFC7644-3.9-05", None), |path| notation(path, gap));
    let finding = Finding { reading, ..finding.of(requirement) };
    Told::new(&PROJECTION, finding).harm(format!("{} is missing when asked for by name", words::short_path(&gap.path)))
}

/// The sentence about the way in which an attribute was named.
fn notation(path: &AttributePath, gap: &Gap<'_>) -> (&'static str, Option<Reading>) {
    let other_sub = |sub: &String| gap.attribute.sub(sub).is_some_and(|published| published.name != *sub);
    match &path.urn {
        Some(urn) if urn != gap.urn => ("RFC7644-3.10-05", Some(A33_URN_CASE)),
        _ if path.attribute != gap.attribute.name => ("RFC7644-3.10-06", Some(A33_NAME_CASE)),
        _ if path.sub.as_ref().is_some_and(other_sub) => ("RFC7644-3.10-07", Some(A33_NAME_CASE)),
        Some(urn) if urn == crate::scim::urn::USER || urn == crate::scim::urn::GROUP => ("RFC7644-3.10-01", None),
        Some(_) => ("RFC7644-3.4.2.5-03", None),
        None if path.sub.is_some() => ("RFC7644-3.10-04", None),
        None => ("RFC7644-3.9-05", None),
    }
}
