//! What is played: variants of profiles, their scenarios, and what is left out with its reason. Pure.

pub mod selection;

use std::rc::Rc;
use std::sync::Arc;

use crate::play::render::{RenderError, Stage};
use crate::profile::model::{ActorKind, Profile, Scenario};
use selection::Selection;

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
            let mut scenarios = Vec::new();
            for scenario in &profile.scenarios {
                let applies = match &scenario.when {
                    Some(condition) => stage.holds(condition).map_err(failed)?,
                    None => true,
                };
                if applies {
                    let skip = terms.reason(&label, &profile, &settings, scenario);
                    scenarios.push(Planned { scenario: scenario.clone(), skip });
                }
            }
            planned.push(PlannedVariant { label, settings, stage, scenarios });
        }
        Ok(Self { variants: planned })
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
        if self.base_query.is_some() && profile.traits.base_query == crate::profile::model::BaseQuery::Unknown {
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
