//! Keys that only name a place are not stored as they stand.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location};
use crate::scim::json::{Json, pointer_part};
use crate::shadow::Record;

pub(super) static LITERAL_KEYS: Check = Check {
    id: "state/no-literal-keys",
    requirements: &["RFC7643-2.1-03", "RFC7644-3.5.2.3-01", "RFC7644-3.5.2.1-03"],
    title: "A dotted or qualified key names an attribute, and is not stored as one",
    why: "Entra ID with aadOptscim062020 merges changes into one operation whose keys are name.givenName or \
          urn:…:User:department. Stored literally they change nothing that anybody reads.",
    fix: "In an operation without a path, read each key as an attribute path: resolve the schema URN in front and the \
          dot.",
    judge: Judge::State,
};

/// Members of an own resource whose names are paths.
pub(super) fn told(record: &Record<'_>, actual: &Json, at: &dyn Fn(&str) -> Location) -> Vec<Told> {
    let Some(members) = actual.as_object() else { return Vec::new() };
    let suspicious = members.iter().filter(|(name, _)| name.contains(['.', '[']));
    suspicious
        .filter(|(name, _)| is_path(name, record))
        .map(|(name, _)| {
            let place = at(&format!("/{}", pointer_part(name)));
            let finding = Finding::new(
                place,
                format!("{} in its place", words::short_path(name)),
                format!("a member that is called {}", words::value(&name.into())),
            );
            Told::new(&LITERAL_KEYS, finding)
                .cause(record.last_write)
                .harm(format!("{} is stored under a name that nobody reads", words::short_path(name)))
        })
        .collect()
}

/// Whether a value is missing in its place because it stands under its path.
pub(super) fn explains(actual: &Json, path: &str) -> bool {
    path.contains(['.', ':']) && actual.get(path).is_some()
}

/// Whether a member's name is the path of an attribute that the schema knows.
fn is_path(name: &str, record: &Record<'_>) -> bool {
    let schema = record.schema;
    let known = std::iter::once(&schema.core).chain(schema.extensions.iter().map(|(e, _)| e));
    let mut known = known.filter(|s| !s.id.eq_ignore_ascii_case(name));
    let qualified = known.any(|s| {
        let rest =
            name.get(..s.id.len()).filter(|start| start.eq_ignore_ascii_case(&s.id)).map(|_| &name[s.id.len()..]);
        rest.is_some_and(|rest| rest.starts_with([':', '.']))
    });
    let first = name.split(['.', '[']).next().unwrap_or(name);
    qualified || (!name.contains(':') && schema.core.attribute(first).is_some())
}
