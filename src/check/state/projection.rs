//! `attributes` and `excludedAttributes` choose what is shown.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::requirement::ambiguity::A31_EXTRA;
use crate::scim::json::{Json, pointer_part};
use crate::scim::path::AttributePath;
use crate::scim::resource::project;
use crate::shadow::Record;
use crate::shadow::compare::{Gap, is_blank};

pub(super) static PROJECTION: Check = Check {
    id: "state/projection",
    requirements: &["RFC7644-3.9-05", "RFC7644-3.9-08"],
    title: "A projected answer holds what was asked for, and nothing that was excluded",
    why: "Entra ID asks for groups without their members: a group of thousands would make the answer too large to come in \
          time.",
    fix: "Honour attributes and excludedAttributes for every value, by attribute path, and always return id.",
    judge: Judge::State,
};

/// A value that was asked for, and that a whole reading had shown, is not there.
pub(super) fn missing(gap: &Gap<'_>, at: Location) -> Told {
    let finding = Finding::new(at, words::expected(gap), words::actual(gap));
    Told::new(&PROJECTION, finding).harm(format!("{} is missing when asked for by name", words::short_path(&gap.path)))
}

/// Attributes that the run has set and that the projection leaves out, and that are there all the same.
pub(super) fn extra(
    record: &Record<'_>,
    actual: &Json,
    only: &[AttributePath],
    without: &[AttributePath],
    at: &dyn Fn(&str) -> Location,
) -> Option<Told> {
    let allowed = project(actual, record.schema, only, without);
    let members = actual.as_object()?;
    let mut extra = members.iter().filter(|(name, value)| {
        let common = ["schemas", "id", "meta"].iter().any(|known| name.eq_ignore_ascii_case(known));
        !common && !is_blank(value) && record.has_set(name) && allowed.get(name).is_none()
    });
    let (name, _) = extra.next()?;
    let more = extra.count();
    let expected = if only.is_empty() { format!("no {name}, which is excluded") } else { format!("no {name}") };
    let actual = if more == 0 { format!("a value for {name}") } else { format!("a value for {name} and {more} others") };
    let finding = Finding::new(at(&format!("/{}", pointer_part(name))), expected, actual).read_as(A31_EXTRA);
    let finding = if only.is_empty() { finding.of("RFC7644-3.9-08") } else { finding };
    Some(Told::new(&PROJECTION, finding).harm("answers hold more than was asked for"))
}
