//! A change can be read at once.

use super::{Told, words};
use crate::check::{Check, Finding, Judge};
use crate::requirement::ambiguity::A44_LATER_RIGHT;
use crate::shadow::Record;

pub(super) static STALE: Check = Check {
    id: "state/stale",
    requirements: &["RFC7644-3.1-06"],
    title: "A reading after a write shows the new state at once",
    why: "An IdP that looks right after its own write takes the old state for the truth: it writes again, or creates a \
          second account.",
    fix: "Answer readings from a store that has seen the write, or wait with the answer to the write until they do.",
    judge: Judge::State,
};

/// The old state was read, and later the right one.
pub(super) fn told(record: &Record<'_>, early: &Told) -> Told {
    let Finding { at, expected, actual, .. } = &early.finding;
    let finding = Finding::new(at.clone(), expected, format!("{actual}; right when read again"));
    Told::new(&STALE, finding.read_as(A44_LATER_RIGHT))
        .cause(record.last_write)
        .harm(format!("{} shows the old state for a while", words::the(record)))
}
