//! The people and groups of a scenario.

use super::super::model::{Actor, ActorKind};
use super::head::Head;
use super::template::Scope;
use super::{evidence, step};
use crate::document::Table;

/// Reads the actors of a scenario, and tells the scope about them.
pub(super) fn read(root: &Table<'_>, head: &Head, scope: &mut Scope) -> Vec<Actor> {
    let mut names = head.setting_names();
    let mut actors = Vec::new();
    for table in root.tables("actor") {
        let id = evidence::name(&table, "id");
        evidence::unique(&table, "name", &id, &mut names);
        let kinds = [("user", ActorKind::User), ("group", ActorKind::Group)];
        if !table.has("kind") {
            table.missing("kind", "\"user\" or \"group\"");
        }
        let count = table.scalar("count");
        if let Some(count) = &count {
            head.checker.template(&table, count, &head.scope());
        }
        scope.actors.insert(id.value.clone(), count.is_some());
        let actor = Actor {
            id: id.value,
            kind: table.word("kind", &kinds).unwrap_or(ActorKind::User),
            exists: table.boolean("exists").unwrap_or(false),
            members: members(&table, &actors),
            set: step::json(&table, "set", head, scope, Some("object")),
            count: count.map(|count| count.value),
        };
        if actor.kind == ActorKind::User && !actor.members.is_empty() {
            table.problem(table.span(), "a user has no members", Some("`kind = \"group\"`".to_owned()));
        }
        table.finish();
        if actor.exists {
            scope.bound.insert(actor.id.clone());
        }
        actors.push(actor);
    }
    actors
}

fn members(table: &Table<'_>, before: &[Actor]) -> Vec<String> {
    let members = table.scalars("members");
    for member in &members {
        match before.iter().find(|actor| actor.id == member.value) {
            None => evidence::known(table, "earlier actor", member, before.iter().map(|actor| &actor.id)),
            Some(actor) if !actor.exists => {
                let message = format!("`{}` does not exist beforehand", member.value);
                table.problem(member.span.clone(), message, Some("an actor with `exists = true`".to_owned()));
            }
            Some(_) => {}
        }
    }
    members.into_iter().map(|member| member.value).collect()
}
