//! A scenario's file: what it shows, who takes part, and its steps.

use super::super::model::{Scenario, SettingKind, Step};
use super::head::Head;
use super::{actor, evidence, step};
use crate::document::{At, Table};

/// Reads a scenario. `ids` are the scenarios so far, each with its feature.
pub(super) fn read(root: &Table<'_>, head: &Head, ids: &mut Vec<(String, String)>) -> Scenario {
    let id = evidence::id(root);
    let mut before: Vec<_> = ids.iter().map(|(id, _)| id.clone()).collect();
    evidence::unique(root, "scenario", &id, &mut before);
    let feature = root.required("feature").unwrap_or_default();
    if !feature.value.is_empty() {
        evidence::known(root, "feature", &feature, head.features.iter().map(|(feature, _)| &feature.id));
    }
    ids.push((id.value.clone(), feature.value.clone()));

    let when = root.string("when");
    if let Some(condition) = &when {
        head.checker.condition(root, condition, &head.scope());
    }
    let for_each_declared = root.boolean("for_each_declared").unwrap_or(false);
    let mut scope = head.scope();
    scope.inside = true;
    scope.declared = for_each_declared;
    let actors = actor::read(root, head, &mut scope);
    let steps: Vec<_> = root.tables("step").iter().map(|t| step::read(t, head, &mut scope)).collect();
    if !root.has("step") {
        root.missing("step", "at least one step, written `[[step]]`");
    }
    let text = |at: Option<At<String>>| at.map(|t| t.value.trim().to_owned()).unwrap_or_default();
    let scenario = Scenario {
        id: id.value,
        title: text(root.required("title")),
        feature: feature.value,
        why: text(root.required("why")),
        when: when.map(|condition| condition.value),
        requires: evidence::needs(root),
        for_each_declared,
        switches: switches(root, head),
        alone: root.boolean("alone").unwrap_or(false),
        slash: root.boolean("slash").unwrap_or(false),
        reads_only: root.boolean("reads_only").unwrap_or(false),
        actors,
        steps,
    };
    if scenario.reads_only && scenario.steps.iter().any(writes) {
        // Who exists beforehand is made by the set-up, which a read-only run leaves out.
        let expected = Some("steps that read".to_owned());
        root.problem(id.span, "this scenario is said to read only, and writes", expected);
    }
    scenario
}

fn writes(step: &Step) -> bool {
    !["GET", "HEAD", "OPTIONS"].contains(&step.method.as_str())
}

fn switches(root: &Table<'_>, head: &Head) -> Vec<String> {
    let switches = root.scalars("switches");
    for switch in &switches {
        match head.settings.iter().find(|setting| setting.name == switch.value) {
            None => evidence::known(root, "setting", switch, head.settings.iter().map(|setting| &setting.name)),
            Some(setting) if setting.kind != SettingKind::Switch => {
                let message = format!("the setting `{}` is no switch", switch.value);
                root.problem(switch.span.clone(), message, Some("a setting of the kind \"switch\"".to_owned()));
            }
            Some(_) => {}
        }
    }
    switches.into_iter().map(|switch| switch.value).collect()
}
