//! A PATCH that is refused changes nothing.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::scim::json::Json;
use crate::shadow::compare::Gap;

pub(super) static REFUSED: Check = Check {
    id: "state/refused",
    requirements: &["RFC7644-3.5.2-24", "RFC7644-3.5.2-23", "RFC7644-3.5.2-21"],
    title: "A PATCH that is refused leaves the resource as it was",
    why: "The IdP believes that nothing happened and tries the same again later.",
    fix: "Apply all operations to a copy and store it only when the last one has succeeded.",
    judge: Judge::State,
};

/// A value changed although the PATCH of turn `refused` was answered with an error.
pub(super) fn told(gap: &Gap<'_>, refused: usize, body: Option<&Json>, at: Location) -> Told {
    let finding = Finding::new(at, format!("{}, as before", words::expected(gap)), words::actual(gap));
    let requirement = if body.is_some_and(|body| is_last(gap, body)) { "RFC7644-3.5.2-21" } else { "RFC7644-3.5.2-24" };
    Told::new(&REFUSED, finding.of(requirement))
        .cause(refused)
        .harm(format!("{} changes although the request is refused", words::short_path(&gap.path)))
}

/// Whether only the last of several operations names the attribute: those before it had failed.
fn is_last(gap: &Gap<'_>, body: &Json) -> bool {
    let operations = body.get("Operations").and_then(Json::as_array).unwrap_or_default();
    let path = |operation: &Json| operation.get("path").and_then(Json::as_str).map(str::to_ascii_lowercase);
    let wanted = words::short_path(&gap.path).to_ascii_lowercase();
    let named: Vec<usize> =
        operations.iter().enumerate().filter(|(_, o)| path(o).as_ref() == Some(&wanted)).map(|(i, _)| i).collect();
    operations.len() > 2 && named == [operations.len() - 1]
}
