//! A PATCH that is refused changes nothing.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::shadow::compare::Gap;

pub(super) static REFUSED: Check = Check {
    id: "state/refused",
    requirements: &["RFC7644-3.5.2-24", "RFC7644-3.5.2-23"],
    title: "A PATCH that is refused leaves the resource as it was",
    why: "The IdP believes that nothing happened and tries the same again later.",
    fix: "Apply all operations to a copy and store it only when the last one has succeeded.",
    judge: Judge::State,
};

/// A value changed although the PATCH of turn `refused` was answered with an error.
pub(super) fn told(gap: &Gap<'_>, refused: usize, at: Location) -> Told {
    let finding = Finding::new(at, format!("{}, as before", words::expected(gap)), words::actual(gap));
    Told::new(&REFUSED, finding)
        .cause(refused)
        .harm(format!("{} changes although the request is refused", words::short_path(&gap.path)))
}
