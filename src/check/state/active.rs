//! `active` follows what the client asks for.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::requirement::ambiguity::A11_BOOLEAN_RETURNED_AS_STRING;
use crate::scim::json::Json;
use crate::shadow::compare::Gap;
use crate::shadow::{Record, Write};

pub(super) static ACTIVE: Check = Check {
    id: "state/active",
    requirements: &["RFC7643-4.1.1-20", "RFC7643-2.3.2-01"],
    title: "A deactivation deactivates, a reactivation reactivates",
    why: "Somebody who left the company keeps the account. Entra ID writes \"False\" as a string unless told \
          otherwise: a non-empty string counts as true in many languages.",
    fix: "Read true, false and the strings \"True\" and \"False\" in any case as the Boolean they say, store a \
          Boolean, and return a Boolean.",
    judge: Judge::State,
};

/// `active` is not what it must be.
pub(super) fn told(gap: &Gap<'_>, record: &Record<'_>, write: Option<&Write<'_>>, at: Location) -> Told {
    let expected = gap.expected.map(words::value).unwrap_or_default();
    let actual = gap.actual.map_or_else(|| "no active".to_owned(), |v| format!("active {}", words::value(v)));
    let mut finding = Finding::new(at, format!("active {expected}"), actual);
    let wanted = gap.expected.and_then(Json::as_bool);
    let the = words::the(record);
    let harm = match (gap.actual, wanted) {
        (Some(Json::String(text)), Some(wanted)) if text.eq_ignore_ascii_case(&wanted.to_string()) => {
            finding = finding.of("RFC7643-2.3.2-01").read_as(A11_BOOLEAN_RETURNED_AS_STRING);
            "active comes back as a string".to_owned()
        }
        (_, Some(false)) => format!("{the} stays active"),
        (_, _) => format!("{the} stays inactive"),
    };
    if let Some(sent) = write.and_then(|w| sent(w.body)) {
        finding.expected = format!("{}, as {} was sent", finding.expected, words::value(sent));
    }
    Told::new(&ACTIVE, finding).cause(write.map_or(record.last_write, |w| w.turn)).harm(harm).step_knows()
}

/// The string that a request gave for `active`, if it was one.
fn sent(body: &Json) -> Option<&Json> {
    let string = |value: &&Json| value.as_str().is_some();
    let operations = body.get("Operations").and_then(Json::as_array).unwrap_or_default();
    let in_operation = operations.iter().find_map(|operation| {
        let value = operation.get("value")?;
        let path = operation.get("path").and_then(Json::as_str);
        match path {
            Some(path) => Some(value).filter(|_| path.eq_ignore_ascii_case("active")),
            None => value.get("active"),
        }
    });
    in_operation.or_else(|| body.get("active")).filter(string)
}
