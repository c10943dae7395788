//! Which steps of a scenario can happen in a variant, whatever the target answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;

use crate::play::cast::{Inventor, Look, Person};
use crate::play::render::{ActorCell, Scope, Stage};
use crate::profile::model::{ActorKind, Scenario, Step};

/// Whether a step can happen: its condition holds for some of the answers that steps before it can have. A condition that
/// needs more than that to be decided counts as one that can hold.
#[must_use]
pub fn can_happen(stage: &Stage, scenario: &Scenario, step: &Step) -> bool {
    if step.when.is_none() {
        return true;
    }
    let mut answers = [200, 404, 0].into_iter().flat_map(|status| [(status, true), (status, false)]);
    answers.any(|(status, found)| stage.wants(scenario, step, &supposed(stage, scenario, status, found)) != Ok(false))
}

/// Whether a step reads all users or all groups, and not those that a filter names.
#[must_use]
pub fn reads_all(step: &Step) -> bool {
    let (path, query) = step.target.split_once('?').unwrap_or((&step.target, ""));
    step.method == "GET" && matches!(path.trim_start_matches('/'), "Users" | "Groups") && !query.contains("filter=")
}

/// What templates can name if every step before was answered with this status, and every look-up found somebody or nobody.
fn supposed(stage: &Stage, scenario: &Scenario, status: u16, found: bool) -> Scope {
    let traits = &stage.profile.traits;
    let look = Look {
        domain: "example.com".to_owned(),
        user_name: "{email}".to_owned(),
        user_external_id: traits.user_external_id.clone(),
        group_external_id: traits.group_external_id.clone(),
    };
    let inventor = Inventor::new(0);
    let actor = |kind| {
        let person = match kind {
            ActorKind::User => Person::user(&inventor, &look),
            ActorKind::Group => Person::group(&inventor, &look),
        };
        let cell = ActorCell::new(kind, person);
        let mut known = cell.state();
        (known.id, known.found, known.hits) = (Some("1".to_owned()), found, i64::from(found));
        drop(known);
        cell
    };
    let actors = scenario.actors.iter().map(|one| (one.id.clone(), vec![actor(one.kind)])).collect();
    let statuses: BTreeMap<String, u16> = scenario.steps.iter().map(|step| (step.id.clone(), status)).collect();
    let names = scenario.steps.iter().flat_map(|step| &step.capture).map(|(name, _)| name.clone());
    let captured = if found { names.map(|name| (name, Value::from("1"))).collect() } else { BTreeMap::new() };
    Scope {
        settings: Arc::clone(&stage.settings),
        actors: Arc::new(actors),
        captured,
        inventor: Some(inventor),
        statuses: Arc::new(statuses),
        ..Scope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::catalogue::builtin;
    use crate::profile::reference::variants;

    fn steps(profile: &str, said: &str, scenario: &str) -> Vec<String> {
        let profile = builtin(profile).unwrap().unwrap();
        let variant = variants(&profile, said, None).unwrap().remove(0);
        let stage = Stage::new(&profile, &variant.settings).unwrap();
        let scenario = profile.scenario(scenario).unwrap();
        let happening = scenario.steps.iter().filter(|step| can_happen(&stage, scenario, step));
        happening.map(|step| step.id.clone()).collect()
    }

    #[test]
    fn settings_rule_steps_out_and_answers_do_not() {
        assert_eq!(steps("okta", "app=oin", "deactivate-user"), ["patch"]);
        assert_eq!(steps("okta", "app=aiw", "deactivate-user"), ["read", "write"]);
        assert_eq!(steps("okta", "app=oin", "create-user"), ["lookup", "create"]);
        assert_eq!(steps("okta", "app=oin", "reactivate-user"), ["lookup", "patch", "read", "profile"]);
        let told = steps("jumpcloud", "", "test-connection");
        assert!(told.contains(&"delete".to_owned()) && told.contains(&"deactivate".to_owned()), "{told:?}");
        let told = steps("jumpcloud", "delete=off", "test-connection");
        assert!(!told.contains(&"delete".to_owned()) && told.contains(&"deactivate".to_owned()), "{told:?}");
    }
}
