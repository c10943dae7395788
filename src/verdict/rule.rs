//! The name of a rule. A run counts hundreds of rules for each scenario: names of checks are numbers here, which cost nothing to
//! copy and to compare.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use crate::check::{self, Check};

/// Names of all checks, in the order of their letters: the number of a check is its place here.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<&str> = check::all().map(|check| check.id).collect();
    names.sort_unstable();
    names
});

/// Id of a check (`rfc7644/3.3/created-status`), of a client's need (`entra/list-resources`), or `baseline/…`: a text to
/// everybody who reads it, in whose order it is sorted.
#[derive(Clone)]
pub struct RuleId(Name);

#[derive(Clone)]
pub(super) enum Name {
    /// The place of a check among [`NAMES`].
    Check(u16),
    Other(Arc<str>),
}

impl RuleId {
    /// How many checks there are.
    pub(super) fn checks() -> usize {
        NAMES.len()
    }

    /// The check of that number.
    pub(super) fn check(number: usize) -> Self {
        Self(Name::Check(u16::try_from(number).unwrap_or(u16::MAX)))
    }

    /// What is no check.
    pub(super) fn other(name: &Arc<str>) -> Self {
        Self(Name::Other(Arc::clone(name)))
    }

    pub(super) fn name(&self) -> &Name {
        &self.0
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Check(number) => NAMES[usize::from(*number)],
            Name::Other(name) => name,
        }
    }
}

impl From<&str> for RuleId {
    fn from(name: &str) -> Self {
        let place = NAMES.binary_search(&name).ok().and_then(|place| u16::try_from(place).ok());
        Self(place.map_or_else(|| Name::Other(name.into()), Name::Check))
    }
}

impl From<&Check> for RuleId {
    fn from(check: &Check) -> Self {
        check.id.into()
    }
}

impl Deref for RuleId {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for RuleId {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for RuleId {}

impl PartialEq<str> for RuleId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for RuleId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for RuleId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RuleId {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Name::Check(one), Name::Check(other)) => one.cmp(other),
            _ => self.as_str().cmp(other),
        }
    }
}

impl Hash for RuleId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_and_another_name_are_told_apart() {
        let check = check::all().next().unwrap();
        assert_eq!(RuleId::from(check), RuleId::from(check.id));
        assert_ne!(RuleId::from(check), RuleId::from("entra/list-resources"));
        assert_eq!(RuleId::from("entra/list-resources"), "entra/list-resources");
        assert!(check::all().all(|check| RuleId::from(check) == check.id));
    }
}
