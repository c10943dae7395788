//! What is read is what was written.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::exchange::Exchange;
use crate::requirement::ambiguity::A40_INACTIVE_HIDDEN;
use crate::scim::json::Json;
use crate::shadow::Record;
use crate::shadow::compare::Gap;

pub(super) static READ_BACK: Check = Check {
    id: "state/read-back",
    requirements: &["RFC7644-3.1-06", "RFC7644-3.4.1-01", "RFC7644-3.4-02", "RFC7644-3.9-01", "RFC7643-4.1.1-20"],
    title: "A reading shows the resource as it was written",
    why: "An IdP compares what it reads with what it wants; a reading that shows something else makes it write again, \
          or stop.",
    fix: "Answer a GET from the store that the write went to, with every attribute that /Schemas advertises.",
    judge: Judge::State,
};

/// The value was right in the answer to the write, and is not when read.
pub(super) fn told(gap: &Gap<'_>, record: &Record<'_>, at: Location) -> Told {
    let attribute = words::short_path(&gap.path);
    let finding = Finding::new(at, words::expected(gap), words::actual(gap));
    let finding = match (gap.actual, std::ptr::eq(gap.leaf, gap.attribute)) {
        (Some(_), _) => finding,
        (None, true) => finding.of("RFC7644-3.4-02"),
        (None, false) => finding.of("RFC7644-3.9-01"),
    };
    Told::new(&READ_BACK, finding)
        .cause(record.last_write)
        .harm(format!("{attribute} of {} is not what was written", words::the(record)))
}

/// A resource of the run cannot be read.
pub(super) fn gone(record: &Record<'_>, exchange: &Exchange) -> Told {
    let the = words::the(record);
    let inactive = record.state.get("active").and_then(Json::as_bool) == Some(false);
    let expected = format!("200 with {the} {}", words::name(record));
    let finding = Finding::new(Location::Status, expected, words::status(exchange));
    if inactive {
        return Told::new(&READ_BACK, finding.of("RFC7643-4.1.1-20").read_as(A40_INACTIVE_HIDDEN))
            .cause(record.last_write)
            .harm(format!("{the} cannot be read once deactivated, and never comes back"));
    }
    Told::new(&READ_BACK, finding.of("RFC7644-3.4.1-01"))
        .cause(record.last_write)
        .harm(format!("{the} is not there although the target said so"))
}
