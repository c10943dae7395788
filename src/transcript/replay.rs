//! Tells a transcript again: the same events as in the run, every scenario judged anew.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use super::read::{Entry, ReadError, Transcript};
use crate::event::Event;
use crate::exchange::{Origin, Place};
use crate::facts::Facts;
use crate::profile::model::Profile;
use crate::trace::{Ending, Trace, Turn, Unsettled};
use crate::verdict::Judged;

/// Judges a scenario as soon as it is over, as in a run.
pub type Judge<'a> = dyn FnMut(&Trace, &Facts) -> Judged + 'a;

/// What a transcript told beside its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The last line is the end of the run. Otherwise it was killed, and the report has no end either.
    pub whole: bool,
    /// To be said aloud: a last line that is not whole, scenarios without an end.
    pub notices: Vec<String>,
}

/// Tells the events of a transcript. A scenario that the end of a killed run cut off is judged with an undetermined
/// ending.
///
/// # Errors
/// The transcript cannot be read; what came before was told.
pub fn replay<R: BufRead>(
    mut transcript: Transcript<R>,
    judge: &mut Judge<'_>,
    sink: &mut dyn FnMut(&Event),
) -> Result<Replayed, ReadError> {
    sink(&Event::Started(transcript.info().clone()));
    let mut telling = Telling { profiles: Profiles::of(&transcript), judge, sink, facts: None, open: BTreeMap::new() };
    let mut replayed = Replayed::default();
    while let Some(entry) = transcript.entry()? {
        match entry {
            Entry::Exchange(turn) => telling.turn(turn),
            Entry::Scenario { place, ending, unsettled, invented } => {
                telling.scenario(place, ending, unsettled, invented);
            }
            Entry::Verdicts(judged) => (telling.sink)(&Event::Judged(Arc::new(judged))),
            Entry::CleanUp(done) => (telling.sink)(&Event::CleanedUp(done)),
            Entry::End(end) => {
                replayed.whole = true;
                (telling.sink)(&Event::Ended(end));
            }
        }
    }
    replayed.notices.extend(transcript.torn().map(str::to_owned));
    if !replayed.whole {
        replayed.notices.push("the transcript has no end: the run was killed".to_owned());
        telling.cut_off();
    }
    Ok(replayed)
}

/// Variant, scenario, round.
type Group = (String, String, u32);

struct Telling<'a, 'j> {
    profiles: Profiles,
    judge: &'a mut Judge<'j>,
    sink: &'a mut dyn FnMut(&Event),
    facts: Option<Arc<Facts>>,
    open: BTreeMap<Group, Vec<Turn>>,
}

impl Telling<'_, '_> {
    fn turn(&mut self, turn: Turn) {
        let place = &turn.exchange.place;
        let group = (place.variant.clone(), place.scenario.clone(), place.round);
        // Clean-up at the end of a run belongs to no scenario, and nothing is judged by it.
        if turn.exchange.origin == Origin::CleanUp && place.scenario.is_empty() {
            return (self.sink)(&Event::Exchanged(turn));
        }
        if !self.open.contains_key(&group) && !is_discovery(place) {
            (self.sink)(&Event::ScenarioStarted(Place { step: String::new(), ..place.clone() }));
        }
        self.open.entry(group).or_default().push(turn.clone());
        (self.sink)(&Event::Exchanged(turn));
    }

    fn scenario(&mut self, place: Place, ending: Ending, unsettled: Vec<Unsettled>, invented: Vec<(String, String)>) {
        let group = (place.variant.clone(), place.scenario.clone(), place.round);
        let turns = self.open.remove(&group).unwrap_or_default();
        if is_discovery(&place) {
            let facts = Arc::new(Facts::learn(turns.iter().map(|turn| &*turn.exchange)));
            (self.sink)(&Event::Discovered(facts.clone()));
            self.facts = Some(facts);
        }
        let facts = self.facts.get_or_insert_with(Arc::default).clone();
        let Some(profile) = self.profiles.get(&place.variant) else { return };
        let trace = Trace { place, profile, turns, ending, unsettled, invented };
        let judged = (self.judge)(&trace, &facts);
        (self.sink)(&Event::ScenarioEnded(Arc::new(trace), Arc::new(judged)));
    }

    /// Scenarios that were under way when the run was killed.
    fn cut_off(&mut self) {
        let open: Vec<_> = self.open.keys().cloned().collect();
        for (variant, scenario, round) in open {
            let place = Place { variant, scenario, round, step: String::new() };
            let reason = "the run was killed before the scenario ended".to_owned();
            self.scenario(place, Ending::Undetermined { reason }, Vec::new(), Vec::new());
        }
    }
}

/// Discovery is told as a scenario of no variant.
fn is_discovery(place: &Place) -> bool {
    place.variant.is_empty()
}

/// Profiles by the label of their variants.
struct Profiles(Vec<(String, Arc<Profile>)>);

impl Profiles {
    fn of<R: BufRead>(transcript: &Transcript<R>) -> Self {
        Self(transcript.info().variants.iter().map(|v| (v.label.clone(), v.profile.clone())).collect())
    }

    /// The run's own discovery is told with the first profile, as in the run.
    fn get(&self, label: &str) -> Option<Arc<Profile>> {
        let found = self.0.iter().find(|(known, _)| known == label).or_else(|| self.0.first().filter(|_| label.is_empty()));
        found.map(|(_, profile)| profile.clone())
    }
}
