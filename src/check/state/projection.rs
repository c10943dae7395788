//! `attributes` and `excludedAttributes` take nothing away that was not meant. That nothing is there that was excluded
//! is told by the checks of RFC 7644 section 3.9.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::shadow::compare::Gap;

pub(super) static PROJECTION: Check = Check {
    id: "state/projection",
    requirements: &["RFC7644-3.9-05", "RFC7644-3.4.2.5-01"],
    title: "A projected answer holds the values that were asked for",
    why: "Entra ID reads references with attributes=id and groups without their members; what is missing counts as not \
          there.",
    fix: "Look the attribute paths in attributes up like those of a filter: without case, with or without the schema's \
          URN.",
    judge: Judge::State,
};

/// A value that was asked for, and that a whole reading had shown, is not there.
pub(super) fn missing(gap: &Gap<'_>, at: Location) -> Told {
    let finding = Finding::new(at, words::expected(gap), words::actual(gap));
    Told::new(&PROJECTION, finding).harm(format!("{} is missing when asked for by name", words::short_path(&gap.path)))
}
