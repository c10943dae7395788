//! What is played: variants of profiles, their scenarios, and what is left out with its reason. Pure.

pub mod possible;
pub mod selection;

use std::rc::Rc;
use std::sync::Arc;

use crate::play::render::{RenderError, Stage};
use crate::profile::model::{ActorKind, Declared, Profile, Scenario};
use selection::Selection;

/// Why a scenario is not played that needs an attribute of the target's own.
const NOT_DECLARED: &str = "the target declares no attribute of its own for users that it would fit";

/// A whole run, before it begins.
#[derive(Debug)]
pub struct Plan {
    /// Columns of the matrix, in the order they were asked for.
    pub variants: Vec<PlannedVariant>,
}

/// One variant with its scenarios.
#[derive(Debug)]
pub struct PlannedVariant {
    /// Label, such as `okta:app=aiw`.
    pub label: String,
    /// Settings, each with its value.
    pub settings: Vec<(String, String)>,
    /// Its templates, compiled.
    pub stage: Rc<Stage>,
    /// Its scenarios in the profile's order.
    pub scenarios: Vec<Planned>,
}

/// One scenario of the plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Why it is not played, if it is not.
    pub skip: Option<String>,
    /// It is played only where the target declares something (see [`Plan::with`]).
    pub open: bool,
    /// It reads whole collections, and so runs alone.
    pub alone: bool,
}

/// What decides whether a scenario is played.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// `--only` and `--skip`.
    pub selection: Selection,
    /// Only what reads.
    pub read_only: bool,
    /// Query of the base URL, for profiles that do not know what to do with one.
    pub base_query: Option<String>,
    /// Only these (`variant/scenario`), from an earlier transcript.
    pub rerun: Option<Vec<String>>,
}

impl Plan {
    /// Plans variants.
    ///
    /// # Errors
    /// A template or condition of a profile is wrong; the profile's id with the reason.
    pub fn new(
        variants: impl IntoIterator<Item = (String, Arc<Profile>, Vec<(String, String)>)>,
        terms: &Terms,
    ) -> Result<Self, (String, RenderError)> {
        let mut planned = Vec::new();
        for (label, profile, settings) in variants {
            let failed = |error| (profile.id.clone(), error);
            let stage = Rc::new(Stage::new(&profile, &settings).map_err(failed)?);
            let declared = declarable(&profile, &settings);
            let mut scenarios = Vec::new();
            for scenario in &profile.scenarios {
                let applies = |values: &[(&str, &str)]| match &scenario.when {
                    Some(condition) => stage.holds(condition, values),
                    None => Ok(true),
                };
                let now = applies(&[]).map_err(failed)?;
                let open = !now && applies(&declared).map_err(failed)?;
                if now || open {
                    let skip = terms.reason(&label, &profile, &settings, scenario);
                    let mut whole = scenario.steps.iter().filter(|step| possible::reads_all(step));
                    let alone = scenario.alone || whole.any(|step| possible::can_happen(&stage, scenario, step));
                    scenarios.push(Planned { scenario: scenario.clone(), skip, open, alone });
                }
            }
            planned.push(PlannedVariant { label, settings, stage, scenarios });
        }
        Ok(Self { variants: planned })
    }

    /// The plan once the target is known: `declared` tells what it declares of its own. `None` when that decides nothing.
    #[must_use]
    pub fn with(&self, declared: impl Fn(Declared) -> Option<String>) -> Option<Self> {
        let undecided = |variant: &PlannedVariant| !declarable(&variant.stage.profile, &variant.settings).is_empty();
        if !self.variants.iter().any(undecided) {
            return None;
        }
        Some(Self { variants: self.variants.iter().map(|variant| variant.with(&declared)).collect() })
    }

    /// How many users and groups the run creates at most, a round.
    #[must_use]
    pub fn creates_at_most(&self) -> (u64, u64) {
        let mut counts = (0, 0);
        for variant in &self.variants {
            for planned in variant.scenarios.iter().filter(|p| p.skip.is_none()) {
                for actor in &planned.scenario.actors {
                    let several = actor.count.as_deref().and_then(|count| {
                        variant
                            .stage
                            .text(
                                count,
                                &crate::play::render::Scope {
                                    settings: variant.stage.settings.clone(),
                                    ..Default::default()
                                },
                            )
                            .ok()?
                            .trim()
                            .parse::<u64>()
                            .ok()
                    });
                    match actor.kind {
                        ActorKind::User => counts.0 += several.unwrap_or(1),
                        ActorKind::Group => counts.1 += several.unwrap_or(1),
                    }
                }
            }
        }
        counts
    }

    /// How many scenarios are played, a round.
    #[must_use]
    pub fn played(&self) -> usize {
        self.variants.iter().flat_map(|v| &v.scenarios).filter(|p| p.skip.is_none()).count()
    }
}

impl PlannedVariant {
    /// With the settings filled that nobody said anything about; the label stays.
    fn with(&self, declared: &impl Fn(Declared) -> Option<String>) -> Self {
        let mut settings = self.settings.clone();
        for setting in &self.stage.profile.settings {
            let value = settings.iter_mut().find(|(name, value)| *name == setting.name && value.is_empty());
            if let (Some((_, value)), Some(what)) = (value, setting.declared) {
                *value = declared(what).unwrap_or_default();
            }
        }
        let (stage, wrong) = match Stage::new(&self.stage.profile, &settings) {
            Ok(stage) => (Rc::new(stage), None),
            Err(error) => (Rc::clone(&self.stage), Some(error.to_string())),
        };
        let decided = |planned: &Planned| {
            let scenario = planned.scenario.clone();
            if !planned.open {
                return planned.clone();
            }
            let there = scenario.when.as_ref().is_none_or(|condition| stage.holds(condition, &[]) == Ok(true));
            let reason = || wrong.clone().unwrap_or_else(|| NOT_DECLARED.to_owned());
            let skip = planned.skip.clone().or_else(|| (!there).then(reason));
            Planned { scenario, skip, open: false, alone: planned.alone }
        };
        let scenarios = self.scenarios.iter().map(decided).collect();
        Self { label: self.label.clone(), settings, stage, scenarios }
    }
}

/// Settings that are filled by what the target declares, each with something that it could be.
fn declarable<'a>(profile: &'a Profile, settings: &[(String, String)]) -> Vec<(&'a str, &'static str)> {
    let empty = |name: &str| settings.iter().any(|(n, value)| n == name && value.is_empty());
    let open = profile.settings.iter().filter(|setting| setting.declared.is_some() && empty(&setting.name));
    open.map(|setting| (setting.name.as_str(), "urn:example:extension:attribute")).collect()
}

impl Terms {
    fn reason(
        &self,
        label: &str,
        profile: &Profile,
        settings: &[(String, String)],
        scenario: &Scenario,
    ) -> Option<String> {
        if !self.selection.plays(label, &profile.id, scenario) {
            return Some("not selected".to_owned());
        }
        if let Some(rerun) = &self.rerun
            && !rerun.contains(&format!("{label}/{}", scenario.id))
        {
            return Some("it did not fail last time".to_owned());
        }
        let off = |switch: &&String| settings.iter().any(|(name, value)| name == *switch && value == "off");
        if let Some(switch) = scenario.switches.iter().find(off) {
            return Some(format!("switched off ({switch}=off)"));
        }
        if self.read_only && (!scenario.reads_only || stands_on_set_up(scenario)) {
            return Some("it writes, and the run is read-only".to_owned());
        }
        if self.base_query.is_some() && profile.traits.query == crate::profile::model::BaseQuery::Unknown {
            return Some("what this client does with a query string in the base URL is not known".to_owned());
        }
        None
    }
}

/// Whether a step speaks of somebody whom the set-up makes. A scenario that only reads what is there can do without.
fn stands_on_set_up(scenario: &Scenario) -> bool {
    let made: Vec<&str> = scenario.actors.iter().filter(|actor| actor.exists).map(|actor| actor.id.as_str()).collect();
    let names = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| made.contains(&word));
    scenario.steps.iter().any(|step| {
        names(&step.target) || step.each.iter().any(|name| names(name)) || step.finds.as_deref().is_some_and(names)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::catalogue::builtin;
    use crate::profile::reference::variants;

    fn plan(said: &str) -> Plan {
        let profile = builtin("entra").unwrap().unwrap();
        let chosen = variants(&profile, said, None).unwrap();
        Plan::new(chosen.into_iter().map(|v| (v.label, v.profile, v.settings)), &Terms::default()).unwrap()
    }

    fn custom(plan: &Plan) -> (&str, Option<&str>) {
        let [variant] = plan.variants.as_slice() else { panic!("{plan:?}") };
        let value = &variant.settings.iter().find(|(name, _)| name == "custom").unwrap().1;
        let planned = variant.scenarios.iter().find(|planned| planned.scenario.id == "create-user-custom").unwrap();
        (value, planned.skip.as_deref())
    }

    #[test]
    fn what_the_target_declares_decides_what_is_played() {
        let waiting = plan("flag=off");
        assert!(waiting.variants[0].scenarios.iter().any(|planned| planned.open));
        let badge = "urn:example:badge:color";
        let there = waiting.with(|_| Some(badge.to_owned())).unwrap();
        assert_eq!(custom(&there), (badge, None));
        assert_eq!(there.variants[0].label, "entra:flag=off");
        assert!(there.variants[0].stage.holds("custom == 'urn:example:badge:color'", &[]).unwrap());
        let absent = waiting.with(|_| None).unwrap();
        assert_eq!(custom(&absent), ("", Some(NOT_DECLARED)));
        // The same rows, decided or not.
        assert_eq!(absent.variants[0].scenarios.len(), there.variants[0].scenarios.len());
        assert_eq!(absent.played() + 2, there.played());
    }

    #[test]
    fn what_the_user_says_is_not_changed() {
        let said = plan("flag=off,custom=urn:example:mine:shelf").with(|_| Some("urn:example:badge:color".to_owned()));
        assert!(said.is_none_or(|said| custom(&said).0 == "urn:example:mine:shelf"));
    }
}
