//! A value for each rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rule::{Name, RuleId};

/// A value for each rule, in the order of their names. For checks it is an array: a run counts hundreds of them for each
/// scenario, several times over.
#[derive(Clone, Debug)]
pub struct ByRule<T> {
    /// By the number of the check; empty until the first one comes.
    checks: Vec<Option<T>>,
    others: BTreeMap<Arc<str>, T>,
}

impl<T> ByRule<T> {
    /// What is held for a rule.
    #[must_use]
    pub fn get(&self, rule: &RuleId) -> Option<&T> {
        match rule.name() {
            Name::Check(number) => self.checks.get(usize::from(*number))?.as_ref(),
            Name::Other(name) => self.others.get(name),
        }
    }

    /// Rules and their values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &T)> {
        let mut checks = self.checks().peekable();
        let mut others = self.others.iter().map(|(name, value)| (RuleId::other(name), value)).peekable();
        std::iter::from_fn(move || match (checks.peek(), others.peek()) {
            (Some((check, _)), Some((other, _))) if other < check => others.next(),
            (Some(_), _) => checks.next(),
            (None, _) => others.next(),
        })
    }

    fn checks(&self) -> impl Iterator<Item = (RuleId, &T)> {
        self.checks.iter().enumerate().filter_map(|(number, value)| Some((RuleId::check(number), value.as_ref()?)))
    }

    /// Values, sorted by the names of their rules.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// Whether there is a rule whose name passes a test.
    pub fn any(&self, mut test: impl FnMut(&str) -> bool) -> bool {
        self.checks().any(|(rule, _)| test(&rule)) || self.others.keys().any(|name| test(name))
    }

    /// Keeps the rules whose names pass a test.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        for (number, value) in self.checks.iter_mut().enumerate() {
            if value.is_some() && !keep(&RuleId::check(number)) {
                *value = None;
            }
        }
        self.others.retain(|name, _| keep(name));
    }
}

impl<T: Default> ByRule<T> {
    /// The value of a rule, made when there is none yet.
    pub fn entry(&mut self, rule: &RuleId) -> &mut T {
        match rule.name() {
            Name::Check(number) => self.check(usize::from(*number)),
            Name::Other(name) => self.others.entry(Arc::clone(name)).or_default(),
        }
    }

    fn check(&mut self, number: usize) -> &mut T {
        if self.checks.is_empty() {
            self.checks.resize_with(RuleId::checks(), || None);
        }
        self.checks[number].get_or_insert_with(T::default)
    }

    /// Adds another one rule by rule.
    pub fn add<U>(&mut self, other: &ByRule<U>, mut add: impl FnMut(&mut T, &U)) {
        for (number, value) in other.checks.iter().enumerate() {
            if let Some(value) = value {
                add(self.check(number), value);
            }
        }
        for (name, value) in &other.others {
            // Nearly always it is there already: then its name need not be copied.
            match self.others.get_mut(name) {
                Some(mine) => add(mine, value),
                None => add(self.others.entry(Arc::clone(name)).or_default(), value),
            }
        }
    }
}

impl<T> Default for ByRule<T> {
    fn default() -> Self {
        Self { checks: Vec::new(), others: BTreeMap::new() }
    }
}

impl<T: PartialEq> PartialEq for ByRule<T> {
    fn eq(&self, other: &Self) -> bool {
        self.others == other.others && self.checks().eq(other.checks())
    }
}

impl<T: Default> Extend<(RuleId, T)> for ByRule<T> {
    fn extend<I: IntoIterator<Item = (RuleId, T)>>(&mut self, more: I) {
        for (rule, value) in more {
            *self.entry(&rule) = value;
        }
    }
}

impl<T: Default> FromIterator<(RuleId, T)> for ByRule<T> {
    fn from_iter<I: IntoIterator<Item = (RuleId, T)>>(all: I) -> Self {
        let mut by_rule = Self::default();
        by_rule.extend(all);
        by_rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    fn counted(names: &[&str]) -> ByRule<usize> {
        names.iter().enumerate().map(|(at, name)| (RuleId::from(*name), at)).collect()
    }

    #[test]
    fn it_is_sorted_by_name_and_found_by_rule() {
        let mut names: Vec<&str> = check::all().map(|check| check.id).collect();
        names.extend(["baseline/changed", "entra/list-resources", "rfc7644", "rfc9999/1/later", "a", "zz"]);
        let by_rule = counted(&names);
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert!(by_rule.iter().map(|(rule, _)| rule.to_string()).eq(sorted.iter().map(ToString::to_string)));
        assert!(names.iter().enumerate().all(|(at, name)| by_rule.get(&(*name).into()) == Some(&at)));
        assert_eq!(by_rule.get(&"none".into()), None);
    }

    #[test]
    fn two_are_added_rule_by_rule_and_one_is_thinned_out() {
        let check = check::all().next().unwrap().id;
        let mut sum = counted(&["okta/created", check]);
        sum.add(&counted(&[check, "okta/created", "okta/found"]), |mine, more| *mine += more + 10);
        let told = |sum: &ByRule<usize>| sum.iter().map(|(rule, n)| format!("{rule} {n}")).collect::<Vec<_>>();
        assert_eq!(told(&sum), ["okta/created 11".to_owned(), "okta/found 12".to_owned(), format!("{check} 11")]);
        sum.retain(|rule| rule.ends_with("found"));
        assert_eq!(told(&sum), ["okta/found 12"]);
        assert_ne!(sum, counted(&["okta/found"]));
        *sum.entry(&"okta/found".into()) = 0;
        assert_eq!(sum, counted(&["okta/found"]));
    }
}
