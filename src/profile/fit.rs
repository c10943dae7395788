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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scim::json::Json;
    use crate::scim::schema::{Attribute, ResourceSchema, Schema, builtin};

    fn facts(config: &str) -> Facts {
        let config = Json::parse(config.as_bytes()).unwrap();
        Facts { config: Some(config), types_published: true, ..Facts::default() }
    }

    fn told(requires: &[&str], each: bool, facts: &Facts) -> Vec<(String, Option<String>)> {
        let requires: Vec<String> = requires.iter().map(|need| (*need).to_owned()).collect();
        occasions("s", "S", &requires, each, facts).into_iter().map(|o| (o.id, o.skip)).collect()
    }

    #[test]
    fn what_is_not_advertised_is_not_played() {
        let facts = facts(r#"{"bulk":{"supported":false},"sort":{"supported":true}}"#);
        let once = |skip: Option<&str>| vec![("s".to_owned(), skip.map(str::to_owned))];
        assert_eq!(told(&["bulk"], false, &facts), once(Some("not advertised: bulk")));
        // What it does not speak of may be there, but for cursors.
        assert_eq!(told(&["sort", "patch", "Group", "EnterpriseUser"], false, &facts), once(None));
        assert_eq!(told(&["pagination.cursor"], false, &facts), once(Some("not advertised: pagination.cursor")));
        assert_eq!(told(&["bulk", "pagination.cursor"], false, &Facts::default())[0].0, "s");
    }

    #[test]
    fn what_is_declared_is_played_for_each() {
        let mut facts = facts("{}");
        assert!(told(&[], true, &facts)[0].1.as_ref().unwrap().contains("not advertised"));
        let attributes: Vec<Attribute> = builtin::group().attributes.clone();
        let schema =
            |id: &str| Arc::new(Schema { id: id.to_owned(), attributes: attributes.clone(), ..Schema::default() });
        let mut user = ResourceSchema::clone(&builtin::user_type());
        user.extensions.push((schema("urn:example:badge:1.0:User"), false));
        let room = ResourceSchema {
            name: "Room/2".to_owned(),
            endpoint: "/Rooms".to_owned(),
            core: schema("urn:example:Room"),
            extensions: Vec::new(),
        };
        facts.types = vec![Arc::new(user), builtin::group_type(), Arc::new(room)];
        assert_eq!(told(&[], true, &facts), [("s@User-1_0".to_owned(), None), ("s@Room_2".to_owned(), None)]);
    }
}
