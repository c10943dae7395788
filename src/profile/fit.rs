//! What of a scenario a target gives occasion to: once, once for each resource type of its own, or not at all, because
//! what it needs is not advertised.

use super::model::Scenario;
use crate::facts::{Facts, OwnType};

/// One playing of a scenario.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Id in a run: the scenario's, with what it is played for behind an `@`.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// What it is played for, if for something.
    pub of: Option<OwnType>,
    /// Why it is not played, if it is not.
    pub skip: Option<String>,
}

/// The occasions of a scenario.
#[must_use]
pub fn of(scenario: &Scenario, facts: &Facts) -> Vec<Occasion> {
    occasions(&scenario.id, &scenario.title, &scenario.requires, scenario.for_each_declared, facts)
}

/// The occasions of a scenario: `id`, its title, what it requires, whether it is for what the target declares.
#[must_use]
pub fn occasions(id: &str, title: &str, requires: &[String], for_each_declared: bool, facts: &Facts) -> Vec<Occasion> {
    let lacking = facts.first_lacking(requires.iter().map(String::as_str));
    let once = |skip: Option<String>| Occasion { id: id.to_owned(), title: title.to_owned(), of: None, skip };
    if let Some(lacking) = lacking {
        return vec![once(Some(format!("not advertised: {lacking}")))];
    }
    if !for_each_declared {
        return vec![once(None)];
    }
    let declared = facts.declared();
    if declared.is_empty() {
        return vec![once(Some("not advertised: a resource type or extension of the target's own".to_owned()))];
    }
    let each = |of: OwnType| {
        let name = of.name();
        Occasion { id: format!("{id}@{name}"), title: format!("{title}: {name}"), of: Some(of), skip: None }
    };
    declared.into_iter().map(each).collect()
}
