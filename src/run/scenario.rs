//! Plays one scenario: set-up, the client's steps as it reacts to the answers, check reads, clean-up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::link::{Answered, Ask, Link, id_of};
use super::react::{Later, Stop, next_wait, refused_for_now};
use super::setup::{SetUpFailed, endpoint, set_up};
use super::{clean_up, ours};
use crate::check::Options;
use crate::exchange::{Origin, Place};
use crate::facts::Facts;
use crate::play::cast::{Inventor, Look, Person};
use crate::play::map::Map;
use crate::play::render::{ActorCell, Made, Prepared, Scope, Stage, target_value};
use crate::play::sample::Sample;
use crate::profile::fit::Occasion;
use crate::profile::model::{self, ActorKind, BoundNeed, Resume, Scenario, Step};
use crate::scim::json::Json;
use crate::trace::{Ending, Trace, Turn, Unsettled};
use crate::transport::target::{BaseQuery, BaseUrl, Join, QueryPlace, Slash, SuffixSlash};

/// How scenarios are played in this run.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Seed of every invented value.
    pub seed: u64,
    /// Random name of the run.
    pub run: String,
    /// Domain of e-mail addresses.
    pub domain: String,
    /// Read back what the client wrote.
    pub check_reads: bool,
    /// How long an old state may be read after a write.
    pub settle: Duration,
    /// Leave what was created.
    pub keep: bool,
    /// The longest that the client's own patience may hold up the run.
    pub longest_wait: Duration,
    /// Pages read at most of one list.
    pub max_pages: u32,
    /// How findings are judged; check reads use it to see whether a state has settled.
    pub judging: Options,
}

/// A scenario being played.
pub struct Play<'a> {
    /// The way to the target.
    pub link: &'a Link,
    /// The variant.
    pub stage: &'a Stage,
    /// Its label.
    pub label: &'a str,
    /// Its base URL.
    pub base: &'a BaseUrl,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// What this target wants otherwise.
    pub map: &'a Map,
    /// What templates can name.
    pub scope: Scope,
    /// Id in this run: the scenario's, or that with what it is played for.
    name: String,
    pub(super) turns: Vec<Turn>,
    unsettled: Vec<Unsettled>,
    round: u32,
    manner: &'a Manner,
    facts: &'a Facts,
    strip: bool,
    /// Which cycle of a client that comes back this is, from 1.
    pub(super) cycle: u32,
    pub(super) name_taken: Option<String>,
}

/// What a step is played for: `it` in templates.
#[derive(Clone)]
pub(super) enum It {
    /// An actor of `each`.
    Actor(ActorCell),
    /// An element of `over`.
    Element(minijinja::Value),
}

/// A played scenario, and the invented name that turned out to be taken, if one was.
pub struct Played {
    /// How it went.
    pub trace: Trace,
    /// An invented name that is on the target already: the run must end.
    pub name_taken: Option<String>,
}

/// How our own requests join the base URL.
#[must_use]
pub fn plain_join() -> Join {
    Join { slash: Slash::StripAll, suffix_slash: SuffixSlash::Never, query: QueryPlace::BehindPath(BaseQuery::Last) }
}

impl<'a> Play<'a> {
    /// A scenario before its first request.
    #[must_use]
    pub fn new(
        link: &'a Link,
        (stage, label, base): (&'a Stage, &'a str, &'a BaseUrl),
        (scenario, occasion): (Arc<Scenario>, &Occasion),
        map: &'a Map,
        (manner, facts): (&'a Manner, &'a Facts),
        round: u32,
    ) -> Self {
        let inventor = Inventor::new(manner.seed).at(label).at(&occasion.id).at(&round.to_string());
        let declared = occasion.of.clone();
        let of = declared.map(|declared| Sample::new(declared, inventor.clone(), &manner.domain));
        let scope = Scope {
            settings: stage.settings.clone(),
            run: manner.run.clone(),
            inventor: Some(inventor.clone()),
            target: target_value(facts, link.stays_here(), link.has_credentials()),
            of: of.map(|sample| sample.to_value()),
            ..Scope::default()
        };
        let mut play = Self {
            link,
            stage,
            label,
            base,
            scenario,
            map,
            scope,
            name: occasion.id.clone(),
            turns: Vec::new(),
            unsettled: Vec::new(),
            round,
            manner,
            facts,
            strip: false,
            cycle: 1,
            name_taken: None,
        };
        play.cast(&inventor);
        play
    }

    fn cast(&mut self, inventor: &Inventor) {
        let traits = &self.stage.profile.traits;
        let look = Look {
            domain: self.manner.domain.clone(),
            user_name: self.map.user_name.clone().unwrap_or_else(|| "{email}".to_owned()),
            user_external_id: traits.user_external_id.clone(),
            group_external_id: traits.group_external_id.clone(),
        };
        let mut actors = Vec::new();
        for actor in &self.scenario.actors {
            let count = actor
                .count
                .as_deref()
                .and_then(|count| self.stage.text(count, &self.scope).ok()?.trim().parse::<usize>().ok());
            let cells = (0..count.unwrap_or(1)).map(|i| {
                let from = inventor.at(&actor.id).at(&i.to_string());
                let person = match actor.kind {
                    ActorKind::User => Person::user(&from, &look),
                    ActorKind::Group => Person::group(&from, &look),
                };
                ActorCell::new(actor.kind, person)
            });
            actors.push((actor.id.clone(), cells.collect()));
        }
        self.scope.actors = Arc::new(actors);
    }

    /// Without the slash at the end of the base URL, although the client would join it as typed.
    #[must_use]
    pub fn without_slash(mut self, strip: bool) -> Self {
        self.strip = strip;
        self
    }

    /// Plays it to its end, clean-up included.
    pub async fn play(mut self) -> Played {
        let ending = match set_up(&mut self).await {
            Ok(()) => self.steps().await,
            Err(SetUpFailed::Refused(reason) | SetUpFailed::Stopped(reason)) => Ending::Undetermined { reason },
            Err(SetUpFailed::NameTaken(name)) => {
                let reason = format!("the invented name {name} is on the target already");
                self.name_taken = Some(name);
                Ending::Undetermined { reason }
            }
        };
        if !self.manner.keep && !self.link.stopped() {
            self.clean_up().await;
        }
        let place = self.place("");
        let invented = self.invented();
        let Self { stage, turns, unsettled, name_taken, .. } = self;
        let trace = Trace { place, profile: stage.profile.clone(), turns, ending, unsettled, invented };
        Played { trace, name_taken }
    }

    async fn steps(&mut self) -> Ending {
        let scenario = self.scenario.clone();
        let mut at = 0;
        while let Some(step) = scenario.steps.get(at) {
            let stop = match self.step(&scenario, step).await {
                Err(Stop::Later(later)) => self.come_back(later).await.map(|()| at = 0),
                played => played.map(|()| at += 1),
            };
            match stop {
                Ok(()) => {}
                Err(Stop::Stuck(reason)) if self.stage.profile.traits.curious => {
                    return Ending::Undetermined { reason };
                }
                Err(Stop::Stuck(reason) | Stop::Later(Later { reason, .. })) => {
                    return Ending::Stuck { step: step.id.clone(), reason };
                }
                Err(Stop::Undetermined(reason)) => return Ending::Undetermined { reason },
            }
        }
        Ending::Played
    }

    /// The next cycle of a client that takes everything up again. Its own pause is left out; what the target asks for is not.
    async fn come_back(&mut self, later: Later) -> Result<(), Stop> {
        let cycles = self.stage.profile.patience.as_ref().map_or(1, |patience| patience.attempts);
        if self.cycle >= cycles {
            return Err(if later.limited { Stop::Undetermined(later.reason) } else { Stop::Stuck(later.reason) });
        }
        if let Some(asked) = later.asked {
            if asked > self.manner.longest_wait {
                let (reason, seconds) = (&later.reason, asked.as_secs());
                return Err(Stop::Undetermined(format!(
                    "{reason}, and to stay away for {seconds} s; a longer --budget lets the run wait as long"
                )));
            }
            self.link.clock().sleep(asked).await;
        }
        self.cycle += 1;
        Ok(())
    }

    async fn step(&mut self, scenario: &Scenario, step: &Step) -> Result<(), Stop> {
        let unknown = |error: crate::play::render::RenderError| Stop::Stuck(error.to_string());
        if self.facts.first_lacking(step.requires.iter().map(String::as_str)).is_some()
            || !self.stage.wants(scenario, step, &self.scope).map_err(unknown)?
        {
            return Ok(());
        }
        if step.attributes.is_some() {
            for attribute in self.stage.attributes(scenario, step, &self.scope).map_err(unknown)? {
                self.scope.attribute = Some(attribute);
                let done = self.one(scenario, step).await;
                self.scope.attribute = None;
                done?;
            }
            return Ok(());
        }
        if step.at_once {
            return self.at_once(scenario, step).await;
        }
        if step.over.is_none() && step.each.is_empty() {
            return self.one(scenario, step).await;
        }
        for it in self.them(step)? {
            self.bind(Some(&it));
            let done = self.one(scenario, step).await;
            self.bind(None);
            done?;
        }
        Ok(())
    }

    /// What a step is played for, once for each.
    pub(super) fn them(&self, step: &Step) -> Result<Vec<It>, Stop> {
        let Some(list) = &step.over else {
            return Ok(step.each.iter().flat_map(|name| self.scope.all(name)).map(It::Actor).collect());
        };
        let elements = self.stage.elements(list, &self.scope);
        Ok(elements.map_err(|error| Stop::Stuck(error.to_string()))?.into_iter().map(It::Element).collect())
    }

    /// What templates call `it` from now on.
    pub(super) fn bind(&mut self, it: Option<&It>) {
        (self.scope.it, self.scope.element) = match it.cloned() {
            Some(It::Actor(cell)) => (Some(cell), None),
            Some(It::Element(value)) => (None, Some(value)),
            None => (None, None),
        };
    }

    async fn one(&mut self, scenario: &Scenario, step: &Step) -> Result<(), Stop> {
        let Some(size) = step.pages else {
            return self.request(scenario, step).await.map(|_| ());
        };
        for page in 0..self.manner.max_pages {
            let start = page * size + 1;
            self.scope.page = Some((start, size));
            let answered = self.request(scenario, step).await;
            self.scope.page = None;
            let total = answered?.and_then(|a| a.json()?.get("totalResults")?.as_i64()).unwrap_or(0);
            if i64::from(start + size) > total {
                break;
            }
        }
        Ok(())
    }

    async fn request(&mut self, scenario: &Scenario, step: &Step) -> Result<Option<Answered>, Stop> {
        let made = self.stage.make(scenario, step, &self.scope, self.map);
        let request = match made.map_err(|error| Stop::Stuck(format!("step {}: {error}", step.id)))? {
            Made::Nothing => return Ok(None),
            Made::Unsettled(_, changes) => {
                let seq = self.turns.last().map(|turn| turn.exchange.seq);
                let stranger = self.has_met_a_stranger();
                let kept = |mut read: Json| {
                    if stranger {
                        self.link.mask(&mut read);
                    }
                    read
                };
                let changes = changes.into_iter().map(|c| (c.path, c.wanted, c.read.map(kept))).collect();
                self.unsettled.push(Unsettled { step: step.id.clone(), seq, changes });
                return Ok(None);
            }
            Made::Request(request) => request,
        };
        let path = request.resource.split('?').next().unwrap_or_default().to_owned();
        // Whether a create of the cycle before had its effect is not known: a look-up may find somebody or nobody.
        let sure = self.cycle == 1 || step.finds.is_none();
        let needs = if sure { self.needs(step) } else { Vec::new() };
        let answered = self.patiently(step, request, needs).await?;
        self.answered(step, &answered)?;
        if step.read_back {
            self.read_back(step, &path, &answered).await;
        }
        Ok(Some(answered))
    }

    /// What the client needs of the answer to a step.
    pub(super) fn needs(&self, step: &Step) -> Vec<BoundNeed> {
        let needs = step.needs.iter().filter_map(|id| self.stage.profile.need(id));
        needs.filter_map(|need| self.stage.bind(need, &self.scope).ok()).collect()
    }

    /// What the client makes of an answer.
    pub(super) fn answered(&mut self, step: &Step, answered: &Answered) -> Result<(), Stop> {
        if let Some(status) = answered.status() {
            let mut statuses = BTreeMap::clone(&self.scope.statuses);
            statuses.insert(step.id.clone(), status);
            self.scope.statuses = Arc::new(statuses);
        }
        self.react(step, answered)
    }

    /// Sends a request as often as the client sends it when it is asked to wait.
    async fn patiently(&mut self, step: &Step, request: Prepared, needs: Vec<BoundNeed>) -> Result<Answered, Stop> {
        let mut wait = None;
        for attempt in 1.. {
            let answered = self
                .send(Ask {
                    place: self.place(&step.id),
                    origin: Origin::Client,
                    base: self.base,
                    join: self.join(),
                    request: request.clone(),
                    needs: needs.clone(),
                    accept: &step.accept,
                    at_once: false,
                })
                .await;
            let Some(patience) = &self.stage.profile.patience else { return Ok(answered) };
            if !refused_for_now(patience, &step.accept, &answered) {
                return Ok(answered);
            }
            if patience.resume == Resume::Cycle {
                return Err(Stop::Later(Later::of(&self.stage.profile.title, &answered)));
            }
            if attempt >= patience.attempts {
                return Ok(answered);
            }
            let next = next_wait(patience, wait, &answered);
            if next > self.manner.longest_wait {
                let title = &self.stage.profile.title;
                return Err(Stop::Undetermined(format!(
                    "{title} would wait {} s and ask again; a longer --budget lets the run wait as long",
                    next.as_secs()
                )));
            }
            self.link.clock().sleep(next).await;
            wait = Some(next);
        }
        Err(Stop::Undetermined("the client gave up".to_owned()))
    }

    /// Reads back what the client wrote, as our own request.
    pub(super) async fn read_back(&mut self, step: &Step, path: &str, answered: &Answered) {
        let wrote = matches!(step.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
        let Ok(answer) = answered.answer() else { return };
        if !self.manner.check_reads || !wrote || !(200..300).contains(&answer.status) || path.ends_with(".search") {
            return;
        }
        let path = if step.method == "POST" {
            match id_of(answer, path) {
                Some(id) => format!("{path}/{id}"),
                None => return,
            }
        } else {
            path.to_owned()
        };
        self.check_read(&format!("read-back/{}", step.id), &path).await;
        let mut waited = Duration::ZERO;
        let mut pause = self.manner.settle / 8;
        while waited < self.manner.settle && !self.link.stopped() && !self.settled() {
            self.link.clock().sleep(pause).await;
            waited += pause;
            pause *= 2;
            self.check_read(&format!("read-back/{}", step.id), &path).await;
        }
    }

    /// Whether the last read shows what the writes before it must have led to.
    fn settled(&self) -> bool {
        // What was just made has no older state: a reading that shows what the create was answered with is not too early.
        let as_answered = match self.turns.as_slice() {
            [.., write, read] if write.exchange.sent.method == "POST" && write.exchange.succeeded() => {
                read.exchange.answer().is_some_and(|shown| write.exchange.answer() == Some(shown))
            }
            _ => false,
        };
        as_answered || crate::shadow::settled(&self.turns, self.facts)
    }

    async fn check_read(&mut self, step: &str, path: &str) {
        let request = ours::request("GET", path, None);
        let (origin, join, base) = (Origin::CheckRead, plain_join(), self.base);
        let answered = self
            .send(Ask {
                place: self.place(step),
                origin,
                base,
                join,
                request,
                needs: Vec::new(),
                accept: &[],
                at_once: false,
            })
            .await;
        let gone = matches!(answered.status(), Some(404 | 410));
        if let (true, Some(entry)) = (gone, self.link.ledger.at(path)) {
            // Only what answers 404 is struck off; a DELETE that was answered with 204 may have done nothing.
            let _: std::io::Result<()> = self.link.ledger.gone(entry.number);
        }
    }

    /// Whether an invented name is on the target although this run did not put it there.
    pub async fn name_is_taken(&mut self, kind: ActorKind, cell: &ActorCell) -> bool {
        let person = cell.state().person.clone();
        let (attribute, name) = match kind {
            ActorKind::User => ("userName", person.user_name),
            ActorKind::Group => ("displayName", person.display_name),
        };
        let request = ours::request("GET", &ours::by_name(endpoint(kind), attribute, &name), None);
        let (place, base) = (self.place("set-up/name"), self.base);
        let ask = Ask {
            place,
            origin: Origin::Setup,
            base,
            join: plain_join(),
            request,
            needs: Vec::new(),
            accept: &[],
            at_once: false,
        };
        let answered = self.send(ask).await;
        let resources = answered.json().and_then(|list| list.get("Resources")).and_then(Json::as_array);
        resources.unwrap_or_default().iter().any(|resource| {
            let same = resource.get(attribute).and_then(Json::as_str).is_some_and(|n| n.eq_ignore_ascii_case(&name));
            let id = resource.get("id").and_then(Json::as_str).unwrap_or_default();
            same && !self.link.owns(id)
        })
    }

    /// Sends a request of this scenario and keeps its turn.
    pub async fn send(&mut self, ask: Ask<'_>) -> Answered {
        let answered = self.link.send(ask).await;
        self.turns.push(answered.turn.clone());
        answered
    }

    /// Whether the client took somebody for one of its own people (a filter that is ignored leads there).
    fn has_met_a_stranger(&self) -> bool {
        let mut cells = self.scope.actors.iter().flat_map(|(_, cells)| cells);
        cells.any(|cell| cell.state().id.as_ref().is_some_and(|id| !self.link.owns(id)))
    }

    /// A place in this scenario.
    #[must_use]
    pub fn place(&self, step: &str) -> Place {
        Place { variant: self.label.to_owned(), scenario: self.name.clone(), round: self.round, step: step.to_owned() }
    }

    pub(super) fn join(&self) -> Join {
        let traits = &self.stage.profile.traits;
        let slash = match traits.join {
            model::Join::Concat if self.strip || self.scenario.slash => Slash::StripAll,
            model::Join::Concat => Slash::Concat,
            model::Join::StripOne => Slash::StripOne,
            model::Join::StripAll => Slash::StripAll,
        };
        let query = match (traits.query, self.stage.query_position.as_str()) {
            (model::BaseQuery::AppendRaw, _) => QueryPlace::AppendRaw,
            (_, "last") => QueryPlace::BehindPath(BaseQuery::Last),
            (_, "omit") => QueryPlace::BehindPath(BaseQuery::Omit),
            _ => QueryPlace::BehindPath(BaseQuery::First),
        };
        let suffix_slash = if traits.suffix_slash { SuffixSlash::Always } else { SuffixSlash::Never };
        Join { slash, suffix_slash, query }
    }

    fn invented(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (name, cells) in self.scope.actors.iter() {
            for (i, cell) in cells.iter().enumerate() {
                let person = cell.state().person.clone();
                let label = if cells.len() == 1 { name.clone() } else { format!("{name}[{i}]") };
                let values = [
                    (person.user_name, "userName"),
                    (person.email, "email"),
                    (person.external_id, "externalId"),
                    (person.display_name, "displayName"),
                    (person.given, "given"),
                    (person.family, "family"),
                    (person.title, "title"),
                    (person.department, "department"),
                    (person.phone, "phone"),
                    (person.street, "street"),
                    (person.locality, "locality"),
                    (person.country, "country"),
                    (person.word, "word"),
                ];
                out.extend(
                    values
                        .into_iter()
                        .filter(|(value, _)| !value.is_empty())
                        .map(|(value, part)| (value, [label.as_str(), ".", part].concat())),
                );
            }
        }
        out
    }

    async fn clean_up(&mut self) {
        for entry in self.link.ledger.still_there() {
            // Scenarios run side by side: this one removes what it created, or may have created.
            if !self.link.made_in(entry.number, &self.place("")) {
                continue;
            }
            let place = self.place(&format!("clean-up/{}", entry.number));
            let turns = clean_up::remove(self.link, self.base, &entry, &place).await;
            self.turns.extend(turns);
        }
    }
}
