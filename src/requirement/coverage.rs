//! Which requirements have a check, and why the others have none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Level, Party, Requirement, Testable, all};
use crate::check::{self, Check};

/// Requirement by requirement why no check serves it (`unchecked.toml`).
static REASONS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("unchecked.toml")).unwrap_or_default());

/// Why no check serves a requirement; `None`: one does, or nobody has said why.
#[must_use]
pub fn reason(id: &str) -> Option<&'static str> {
    REASONS.get(id).map(String::as_str)
}

/// Every requirement with a reason.
pub fn reasons() -> impl Iterator<Item = (&'static str, &'static str)> {
    REASONS.iter().map(|(id, reason)| (id.as_str(), reason.as_str()))
}

/// The checks that serve a requirement, in their order.
pub fn checks(id: &str) -> impl Iterator<Item = &'static Check> {
    check::all().filter(move |check| check.requirements.contains(&id))
}

/// Whether a requirement is one that a report on a server tells: it binds the server, it is no mere permission, and a
/// violation can be seen from outside.
#[must_use]
pub fn is_reported(requirement: &Requirement) -> bool {
    matches!(requirement.party, Party::ServiceProvider | Party::Both)
        && requirement.level != Level::May
        && matches!(requirement.testable, Testable::OverTheWire | Testable::NeedsConfiguration)
}

/// The requirements that a report on a server tells, in text order.
pub fn reported() -> impl Iterator<Item = &'static Requirement> {
    all().iter().filter(|requirement| is_reported(requirement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reported_requirement_has_a_check_or_a_reason_and_not_both() {
        let mut problems = Vec::new();
        for requirement in reported() {
            let id = &requirement.id;
            match (checks(id).next(), reason(id)) {
                (None, None) => problems.push(format!("{id} has neither a check nor a reason")),
                (Some(check), Some(_)) => problems.push(format!("{id} has a reason although {} checks it", check.id)),
                _ => {}
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let checked = reported().filter(|requirement| checks(&requirement.id).next().is_some()).count();
        assert!(checked >= 500, "only {checked} are checked");
        assert_eq!(reported().count(), 565);
    }

    #[test]
    fn reasons_are_sentences_about_reported_requirements() {
        let written: BTreeMap<String, String> = toml::from_str(include_str!("unchecked.toml")).unwrap();
        assert_eq!(written.len(), reasons().count());
        for (id, reason) in reasons() {
            assert!(super::super::get(id).is_some_and(is_reported), "{id}");
            assert!(
                reason.ends_with('.') && reason.starts_with(char::is_uppercase) && reason.len() > 20,
                "{id}: {reason}"
            );
        }
    }
}
