//! Tells a transcript again: the same events as in the run, every scenario judged anew.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::carried::BASELINE;
use super::read::{Ended, Entry, ReadError, Reader};
use crate::event::{Event, RunEnd};
use crate::exchange::{Origin, Place};
use crate::facts::Facts;
use crate::profile::model::Profile;
use crate::trace::{Ending, Trace, Turn};
use crate::verdict::Judged;

/// Judges a scenario as soon as it is over, as in a run.
pub type Judge<'a> = dyn FnMut(&Trace, &Facts) -> Judged + 'a;

/// What a transcript told beside its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The run came to its end. Otherwise it was killed, and its report has no end either.
    pub whole: bool,
    /// To be said aloud: a last line that is not whole, a run that was killed.
    pub notices: Vec<String>,
}

/// Tells the events of a transcript. `stale` gives the known deviations that no longer happen, once everything is judged.
/// A scenario that the end of a killed run cut off is judged with an undetermined ending.
///
/// # Errors
/// The transcript cannot be read; what came before was told.
pub fn replay<R: BufRead>(
    reader: &mut Reader<R>,
    judge: &mut Judge<'_>,
    stale: &dyn Fn() -> Vec<String>,
    sink: &mut dyn FnMut(&Event),
) -> Result<Replayed, ReadError> {
    sink(&Event::Started(reader.info().clone()));
    let profiles = reader.info().variants.iter().map(|v| (v.label.clone(), v.profile.clone())).collect();
    let mut telling = Telling { profiles, judge, sink, facts: None, open: BTreeMap::new() };
    let mut replayed = Replayed::default();
    while let Some(entry) = reader.entry()? {
        match entry {
            Entry::Planned(decided) => (telling.sink)(&Event::Planned(decided)),
            Entry::Exchange(turn) => telling.turn(turn),
            Entry::Scenario(ended) => telling.scenario(*ended),
            Entry::Verdicts(judged) => (telling.sink)(&Event::Judged(Arc::new(judged))),
            Entry::CleanUp(done) => (telling.sink)(&Event::CleanedUp(done)),
            Entry::End(end) => {
                replayed.whole = true;
                (telling.sink)(&Event::Ended(RunEnd { stale: stale(), ..end }));
            }
        }
    }
    replayed.notices.extend(reader.torn().map(str::to_owned));
    if !replayed.whole {
        replayed.notices.push("the transcript has no end: the run was killed".to_owned());
        telling.cut_off();
    }
    Ok(replayed)
}

/// The scenarios (`VARIANT/SCENARIO`) that did not pass: judged with an error, without an ending, or not begun although
/// they were planned.
///
/// # Errors
/// The transcript cannot be read; in words.
pub fn failed_scenarios(path: &Path) -> Result<Vec<String>, String> {
    let file = path.display().to_string();
    let open = std::fs::File::open(path).map_err(|error| format!("{file}: {error}"))?;
    failed(Reader::new(BufReader::new(open), file)).map_err(|error| error.to_string())
}

fn failed<R: BufRead>(reader: Result<Reader<R>, ReadError>) -> Result<Vec<String>, ReadError> {
    let mut reader = reader?;
    let (mut passed, mut failed) = (BTreeSet::new(), BTreeSet::new());
    let mut left_out = BTreeSet::new();
    while let Some(entry) = reader.entry()? {
        match entry {
            Entry::Planned(decided) => left_out.extend(decided.iter().flat_map(|variant| {
                variant.left_out.iter().map(|(id, _)| format!("{}/{id}", variant.label)).collect::<Vec<_>>()
            })),
            Entry::Scenario(ended) => {
                let name = format!("{}/{}", ended.place.variant, ended.place.scenario);
                let good = ended.passed && ended.ending == Ending::Played;
                if good {
                    passed.insert(name)
                } else {
                    failed.insert(name)
                };
            }
            _ => {}
        }
    }
    let planned = reader.info().variants.iter().flat_map(|variant| {
        let played = variant.scenarios.iter().filter(|(_, skip)| skip.is_none());
        played.map(move |(id, _)| format!("{}/{id}", variant.label))
    });
    let planned = planned.filter(|name| !left_out.contains(name));
    Ok(planned.filter(|name| failed.contains(name) || !passed.contains(name)).collect())
}

/// Variant, scenario, round.
type Group = (String, String, u32);

struct Telling<'a, 'j> {
    profiles: Vec<(String, Arc<Profile>)>,
    judge: &'a mut Judge<'j>,
    sink: &'a mut dyn FnMut(&Event),
    facts: Option<Arc<Facts>>,
    open: BTreeMap<Group, Vec<Turn>>,
}

impl Telling<'_, '_> {
    fn turn(&mut self, turn: Turn) {
        let place = &turn.exchange.place;
        // Clean-up at the end of a run belongs to no scenario, and nothing is judged by it.
        if turn.exchange.origin == Origin::CleanUp && place.scenario.is_empty() {
            return (self.sink)(&Event::Exchanged(turn));
        }
        let group = group(place);
        if !self.open.contains_key(&group) && !is_discovery(place) {
            (self.sink)(&Event::ScenarioStarted(Place { step: String::new(), ..place.clone() }));
        }
        self.open.entry(group).or_default().push(turn.clone());
        (self.sink)(&Event::Exchanged(turn));
    }

    fn scenario(&mut self, ended: Ended) {
        let Ended { place, ending, unsettled, invented, carried, .. } = ended;
        let turns = self.open.remove(&group(&place)).unwrap_or_default();
        if is_discovery(&place) {
            let facts = Arc::new(Facts::learn(turns.iter().map(|turn| &*turn.exchange)));
            (self.sink)(&Event::Discovered(facts.clone()));
            self.facts = Some(facts);
        }
        let facts = self.facts.get_or_insert_with(Arc::default).clone();
        let Some(profile) = self.profile(&place.variant) else { return };
        let trace = Trace { place, profile, turns, ending, unsettled, invented };
        let mut judged = (self.judge)(&trace, &facts);
        if let Some(carried) = carried.filter(|_| !judged.tallies.any(|rule| rule.starts_with(BASELINE))) {
            judged.verdicts.extend(carried.verdicts);
            judged.tallies.add(&carried.tallies, |mine, more| mine.merge(*more));
        }
        (self.sink)(&Event::ScenarioEnded(Arc::new(trace), Arc::new(judged)));
    }

    /// Scenarios that were under way when the run was killed.
    fn cut_off(&mut self) {
        let open: Vec<_> = self.open.keys().cloned().collect();
        for (variant, scenario, round) in open {
            let reason = "the run was killed before the scenario ended".to_owned();
            self.scenario(Ended {
                place: Place { variant, scenario, round, step: String::new() },
                ending: Ending::Undetermined { reason },
                unsettled: Vec::new(),
                invented: Vec::new(),
                passed: false,
                carried: None,
            });
        }
    }

    /// The profile of a variant. The run's own discovery is told with the first one, as in the run.
    fn profile(&self, label: &str) -> Option<Arc<Profile>> {
        let mut known = self.profiles.iter();
        let found =
            known.find(|(known, _)| known == label).or_else(|| self.profiles.first().filter(|_| label.is_empty()));
        found.map(|(_, profile)| profile.clone())
    }
}

fn group(place: &Place) -> Group {
    (place.variant.clone(), place.scenario.clone(), place.round)
}

/// Discovery is told as a scenario of no variant.
fn is_discovery(place: &Place) -> bool {
    place.variant.is_empty()
}
