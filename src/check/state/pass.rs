//! One pass over a scenario: folds the shadow directory and asks every state check.

use std::collections::BTreeMap;

use super::filter::Query;
use super::list::{self, Page};
use super::query::{List, only_filters, parameter};
use super::representation::{self, Outcome, Source};
use super::root::RootQuery;
use super::{
    Observation, Told, active, deleted, filter, id, keys, members, patch, projection, read_back, refused, root, stale,
    written,
};
use crate::check::{AskedFilter, Check, Judgement, Location, Scene};
use crate::exchange::{Exchange, Origin};
use crate::facts::Feature;
use crate::scim::filter::Truth;
use crate::scim::json::{Json, Object};
use crate::scim::schema::ResourceSchema;
use crate::shadow::fold::{Act, Extent, created_id};
use crate::shadow::{Life, Operation, Record, Shadow};

/// The ambiguity of dotted and qualified keys.
const DOTTED_KEYS: u8 = 6;

/// Invented values that nobody else has; a given name or a title may be anybody's.
const UNIQUE: [&str; 4] = ["userName", "email", "externalId", "word"];

/// Judges a scenario.
pub(super) fn run(scene: &Scene<'_>) -> Vec<Observation> {
    let mut pass =
        Pass { scene: *scene, shadow: Shadow::new(scene.facts), later: later(scene), page: None, out: Vec::new() };
    for index in 0..scene.trace.turns.len() {
        pass.turn(index);
    }
    pass.unresolved();
    pass.out
}

/// For each reading the next one of the same place before anything is written there: the earlier one may have come too
/// early.
fn later(scene: &Scene<'_>) -> Vec<Option<usize>> {
    let turns = &scene.trace.turns;
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut later = vec![None; turns.len()];
    for (index, turn) in turns.iter().enumerate().rev() {
        let sent = &turn.exchange.sent;
        if sent.method == "GET" {
            if turn.exchange.got.is_ok() {
                later[index] = next.insert(&sent.resource, index);
            }
        } else if sent.method == "DELETE" {
            // Who is deleted goes out of other resources too.
            next.clear();
        } else if !sent.path().ends_with(".search") {
            next.retain(|resource, _| {
                let path = resource.split('?').next().unwrap_or_default();
                path.trim_matches('/').contains('/') && path != sent.path()
            });
        }
    }
    later
}

/// What answers to writes left out and this reading shows: the resource has it, and no later write put it there.
fn omitted_and_there(record: &Record<'_>, extent: &Extent, departed: &[String]) -> Vec<Observation> {
    if record.omitted.is_empty() {
        return Vec::new();
    }
    let (asked, nothing) = (extent.of_resource(&record.state, record.schema), Json::Object(Object::default()));
    let there = record.departures(&asked, &nothing);
    let shown = |path: &String| !departed.contains(path) && there.iter().any(|gap| gap.path == *path);
    let told = record.omitted.iter().filter(|(_, path)| shown(path)).filter_map(|(turn, path)| {
        let write = record.writes.iter().find(|write| write.turn == *turn)?;
        let last = record.touched_by(path).is_none_or(|last| last.turn <= *turn);
        last.then(|| written::partial(write.operation, path, Location::Body(String::new())).at_turn(*turn))
    });
    told.collect()
}

struct Pass<'a> {
    scene: Scene<'a>,
    shadow: Shadow<'a>,
    later: Vec<Option<usize>>,
    page: Option<Page<'a>>,
    out: Vec<Observation>,
}

impl<'a> Pass<'a> {
    fn exchange(&self, index: usize) -> &'a Exchange {
        &self.scene.trace.turns[index].exchange
    }

    fn asked(&self, index: usize) -> Option<&'a AskedFilter> {
        self.scene.classified[index].filter.as_ref()
    }

    fn turn(&mut self, index: usize) {
        let exchange = self.exchange(index);
        if exchange.sent.method != "GET" {
            // Pages fit together only as long as nothing is written.
            self.page = None;
        }
        let Some((act, schema, id)) = self.shadow.act(exchange) else {
            self.root_query(index);
            return self.shadow.follow(index, exchange);
        };
        let own = self.shadow.find(schema, &id).filter(|_| !matches!(act, Act::Create | Act::List));
        if let Some(at) = own
            && let Life::Deleted(turn) = self.shadow.records[at].life
        {
            self.after_deletion(index, at, act, turn);
        }
        match (act, own) {
            (Act::Read, Some(at)) => {
                if self.read(index, at) {
                    self.shadow.follow(index, exchange);
                }
            }
            (Act::List, _) => {
                self.shadow.follow(index, exchange);
                self.list(index, schema);
            }
            (Act::Create, _) => {
                self.reused_id(index, schema);
                self.shadow.follow(index, exchange);
                let created = created_id(exchange).and_then(|id| self.shadow.find(schema, &id));
                if let Some(at) = created.filter(|at| self.shadow.records[*at].last_write == index) {
                    self.answered(index, at);
                }
            }
            (Act::Replace | Act::Patch, Some(at)) => {
                if act == Act::Patch {
                    self.answer_to_patch(index, at);
                }
                self.shadow.follow(index, exchange);
                if exchange.succeeded() && self.shadow.records[at].life == Life::Live {
                    self.answered(index, at);
                }
            }
            _ => self.shadow.follow(index, exchange),
        }
    }

    fn root_query(&mut self, index: usize) {
        let query =
            RootQuery::of(self.exchange(index), self.exchange(index).sent.json().filter(|_| self.is_search(index)));
        let unsupported = self.scene.facts.supports(Feature::Filter) == Some(false);
        match query.filter(|_| !unsupported).and_then(|query| query.judge(&self.shadow.records)) {
            Some(Ok(())) => self.say(&root::ROOT, index, Judgement::Conforms),
            Some(Err(told)) => self.out.push(told.at_turn(index)),
            None => {}
        }
    }

    /// Whether a PATCH was refused or accepted as it had to be.
    fn answer_to_patch(&mut self, index: usize, at: usize) {
        let record = &self.shadow.records[at];
        let known = record.life == Life::Live && !record.uncertain;
        let offered = self.scene.facts.supports(Feature::Patch) != Some(false);
        let sent = &self.exchange(index).sent;
        let media = sent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let json = media.is_some_and(|(_, value)| value.to_ascii_lowercase().contains("json"));
        let Some(body) = self.exchange(index).sent.json().filter(|_| known && offered && json) else { return };
        match patch::judge(record, body, self.exchange(index), self.scene.facts) {
            Some(Ok(check)) => self.say(check, index, Judgement::Conforms),
            Some(Err(told)) => self.out.push(told.at_turn(index)),
            None => {}
        }
    }

    /// A reading of an own resource; whether it counts as the state from now on.
    fn read(&mut self, index: usize, at: usize) -> bool {
        let exchange = self.exchange(index);
        let record = &self.shadow.records[at];
        match (exchange.status(), record.life) {
            (None, Life::Live) if exchange.origin == Origin::CheckRead => {
                let why = "what was written could not be read back: there was no answer".to_owned();
                self.say(&read_back::READ_BACK, index, Judgement::Undetermined(why));
                true
            }
            (Some(404 | 410), Life::Live) => {
                let told = read_back::gone(record, exchange);
                let later = self.later[index].map(|later| self.exchange(later));
                match later {
                    Some(later) if later.succeeded() => {
                        self.out.push(stale::told(record, &told).at_turn(index));
                        false
                    }
                    Some(_) => false,
                    None => {
                        self.out.push(told.at_turn(index));
                        true
                    }
                }
            }
            (Some(200..=299), Life::Live) => match exchange.answer() {
                Some(answer) if answer.as_object().is_some() => self.reading(index, at, answer),
                _ => true,
            },
            _ => true,
        }
    }

    fn reading(&mut self, index: usize, at: usize, answer: &'a Json) -> bool {
        let Some(extent) = Extent::of(self.exchange(index)) else { return true };
        let record = &self.shadow.records[at];
        let outcome = representation::judge(record, answer, Source::Reading, &extent, self.scene.facts);
        if let Some(later) = self.later[index].filter(|_| !outcome.told.is_empty())
            && self.exchange(later).succeeded()
            && let Some(next) = self.exchange(later).answer()
        {
            let then = representation::judge(record, next, Source::Reading, &extent, self.scene.facts);
            let still = |told: &Told| {
                let same = |t: &Told| std::ptr::eq(t.check, told.check) && t.finding.expected == told.finding.expected;
                then.told.iter().any(same)
            };
            let mended = outcome.told.iter().find(|told| !still(told));
            let mended = mended.map(|told| stale::told(record, told).at_turn(index));
            self.out.extend(mended);
            return false;
        }
        let omitted = omitted_and_there(record, &extent, &outcome.departed);
        let checks = self.applied(record, answer, &extent);
        self.out.extend(omitted);
        let whole = extent == Extent::Whole;
        self.take(index, at, outcome, checks);
        whole
    }

    /// The answer to a write.
    fn answered(&mut self, index: usize, at: usize) {
        let exchange = self.exchange(index);
        let Some(answer) = exchange.answer().filter(|answer| answer.as_object().is_some()) else { return };
        let Some(extent) = Extent::of(exchange) else { return };
        let record = &self.shadow.records[at];
        let outcome = representation::judge(record, answer, Source::Answer, &extent, self.scene.facts);
        let operation = record.writes.last().map(|write| write.operation);
        let checks = operation.map(written::check_of).into_iter().collect();
        let omitted: Vec<_> = outcome.omitted.iter().map(|path| (index, path.clone())).collect();
        self.take(index, at, outcome, checks);
        let record = &mut self.shadow.records[at];
        let complete = omitted.is_empty();
        record.omitted.extend(omitted);
        if let Some(write) = record.writes.last_mut() {
            write.answered = complete;
        }
        record.answer = Some(answer).filter(|_| complete && extent == Extent::Whole);
        record.learn(answer);
    }

    fn take(&mut self, index: usize, at: usize, outcome: Outcome, checks: Vec<&'static Check>) {
        for check in checks {
            if !outcome.told.iter().any(|told| std::ptr::eq(told.check, check)) {
                self.say(check, index, Judgement::Conforms);
            }
        }
        self.out.extend(outcome.told.into_iter().map(|told| told.at_turn(index)));
        self.shadow.records[at].told.extend(outcome.keys);
    }

    fn after_deletion(&mut self, index: usize, at: usize, act: Act, turn: usize) {
        let exchange = self.exchange(index);
        let record = &self.shadow.records[at];
        match deleted::judge(record, act, turn, exchange) {
            Some(Ok(())) => self.say(&deleted::DELETED, index, Judgement::Conforms),
            Some(Err(told)) => {
                let later = self.later[index].filter(|_| act == Act::Read).map(|later| self.exchange(later));
                match later {
                    Some(later) if later.status() == Some(404) => {
                        self.out.push(stale::told(record, &told).at_turn(index));
                    }
                    Some(later) if later.succeeded() => {}
                    _ => self.tell_once(index, at, told),
                }
            }
            None => {}
        }
    }

    /// Tells a defect of a resource once for each kind of request.
    fn tell_once(&mut self, index: usize, at: usize, told: Told) {
        let record = &mut self.shadow.records[at];
        let key =
            format!("{} {} {}", told.check.id, self.scene.trace.turns[index].exchange.sent.method, told.finding.at);
        if !record.is_told(&key, None) {
            record.told.push((key, None));
            self.out.push(told.at_turn(index));
        }
    }

    fn reused_id(&mut self, index: usize, schema: &'a ResourceSchema) {
        let exchange = self.exchange(index);
        let Some(id) = created_id(exchange) else { return };
        let known = self.shadow.find(schema, &id).map(|at| self.shadow.records[at].life);
        if matches!(known, Some(Life::Deleted(_))) {
            self.out.push(id::reused(&id, Location::Body("/id".to_owned())).at_turn(index));
        }
    }

    fn list(&mut self, index: usize, schema: &'a ResourceSchema) {
        let exchange = self.exchange(index);
        let search = self.exchange(index).sent.json().filter(|_| self.is_search(index));
        let refused = matches!(exchange.status(), Some(400 | 501)) && only_filters(exchange, search);
        if refused && self.scene.facts.supports(Feature::Filter) == Some(true) {
            let told = parameter(exchange, search, "filter").and_then(|text| filter::refused(&text, schema, exchange));
            self.out.extend(told.map(|told| told.at_turn(index)));
        }
        let unsupported = self.scene.facts.supports(Feature::Filter) == Some(false);
        if matches!(exchange.status(), Some(400 | 501)) && unsupported && only_filters(exchange, search) {
            let filters = parameter(exchange, search, "filter").is_some();
            filters.then(|| self.say(&filter::ADVERTISED, index, Judgement::Conforms));
        }
        let Some(list) = List::of(exchange, schema, search, self.asked(index)) else { return };
        let (told, items) = self.in_list(&list);
        let check = list.filter.as_ref().map_or(&list::LIST, |(_, aspect)| filter::check_of(aspect.group));
        let later = self.later[index].filter(|_| !told.is_empty());
        let later = later.and_then(|later| List::of(self.exchange(later), schema, None, self.asked(later)));
        if let Some(later) = later {
            let mended = self.in_list(&later).0.is_empty();
            if let (true, Some((told, record))) = (mended, told.first().zip(self.shadow.records.first())) {
                self.out.push(stale::told(record, told).at_turn(index));
            }
        } else {
            // A finding of another check about the same list leaves open what this one would have said.
            let decided = check.id == filter::FILTER.id || check.id == list::LIST.id || self.decides(&list);
            if decided && told.iter().all(|told| !std::ptr::eq(told.check, check) && !is_of_filter(told)) {
                self.say(check, index, Judgement::Conforms);
            }
            self.out.extend(told.into_iter().map(|told| told.at_turn(index)));
        }
        self.out.extend(self.works_anyway(&list).map(|told| told.at_turn(index)));
        for (at, outcome) in items {
            let members = list.shows_all && list::has_members(&self.shadow.records[at], self.scene.facts);
            self.take(index, at, outcome, members.then_some(&list::LISTED_MEMBERS).into_iter().collect());
        }
        self.pages(index, &list);
    }

    /// Whether the filter of a list says something about an own resource.
    fn decides(&self, list: &List<'a>) -> bool {
        let Some((filter, aspect)) = &list.filter else { return false };
        let (schema, aspect, unsupported) = (list.schema, *aspect, false);
        let query = Query { filter, schema, unsupported, aspect, invented: &|_| false };
        let own = |record: &&Record<'_>| record.life == Life::Live && std::ptr::eq(record.schema, schema);
        let mut records = self.shadow.records.iter().filter(own);
        records.any(|record| matches!(query.truth(record), Some(Truth::Yes | Truth::No)))
    }

    /// A filter was heeded although the target says that it has none: an own resource that does not match is left out.
    fn works_anyway(&self, list: &List<'a>) -> Option<Told> {
        let unsupported = self.scene.facts.supports(Feature::Filter) == Some(false);
        let (filter, aspect) = list.filter.as_ref().filter(|_| unsupported && list.is_whole)?;
        let (schema, aspect) = (list.schema, *aspect);
        let query = Query { filter, schema, unsupported, aspect, invented: &|_| false };
        let listed = |record: &Record<'_>| {
            list.resources.iter().any(|item| item.get("id").and_then(Json::as_str) == Some(&record.id))
        };
        let own = |record: &&Record<'_>| record.life == Life::Live && std::ptr::eq(record.schema, schema);
        let mut records = self.shadow.records.iter().filter(own);
        let left_out = records.any(|record| query.truth(record) == Some(Truth::No) && !listed(record));
        left_out.then(filter::works_anyway)
    }

    fn is_search(&self, index: usize) -> bool {
        self.exchange(index).sent.method == "POST"
    }

    /// What a list tells, and what its items tell of own resources.
    fn in_list(&self, list: &List<'a>) -> (Vec<Told>, Vec<(usize, Outcome)>) {
        let mut told = Vec::new();
        let mut items = Vec::new();
        let mut seen = Vec::new();
        let mut strangers = Vec::new();
        let unsupported = self.scene.facts.supports(Feature::Filter) == Some(false);
        let trace = self.scene.trace;
        let invented = |value: &str| {
            let unique = |(known, label): &(String, String)| {
                known == value && UNIQUE.iter().any(|part| label.rsplit('.').next() == Some(part))
            };
            trace.invented.iter().any(unique) || self.shadow.find(list.schema, value).is_some()
        };
        let schema = list.schema;
        let query = list.filter.as_ref().map(|(filter, aspect)| {
            let aspect = *aspect;
            Query { filter, schema, unsupported, aspect, invented: &invented }
        });
        for (place, resource) in list.resources.iter().enumerate() {
            let own = resource.get("id").and_then(Json::as_str).and_then(|id| self.shadow.find(list.schema, id));
            let Some(at) = own else {
                if query.is_some_and(|query| query.excludes(resource)) {
                    strangers.push(place);
                }
                continue;
            };
            seen.push(at);
            let record = &self.shadow.records[at];
            match record.life {
                Life::Deleted(turn) => {
                    told.push(deleted::listed(record, turn, Location::Body(format!("/Resources/{place}"))));
                }
                Life::Live => {
                    if let Some(query) = query.filter(|query| query.truth(record) == Some(Truth::No)) {
                        told.push(query.wrong(record, place));
                    }
                    let facts = self.scene.facts;
                    let mut outcome = representation::judge(record, resource, Source::Item(place), &list.extent, facts);
                    if list.shows_all && list::has_members(record, facts) {
                        outcome.told.extend(list::without_members(record, resource, place));
                    }
                    items.push((at, outcome));
                }
                Life::Lost | Life::Unknown => {}
            }
        }
        if let (Some(query), Some(first)) = (query, strangers.first()) {
            told.push(query.ignored(strangers.len(), *first));
        }
        if list.is_whole {
            told.extend(self.absent(list, query, &seen));
        }
        (told, items)
    }

    /// Own resources that belong into a whole list and are not there.
    fn absent(&self, list: &List<'a>, query: Option<Query<'_>>, seen: &[usize]) -> Vec<Told> {
        let records = self.shadow.records.iter().enumerate();
        let own = records.filter(|(at, record)| {
            !seen.contains(at) && record.life == Life::Live && std::ptr::eq(record.schema, list.schema)
        });
        let belongs = |record: &&Record<'_>| query.is_none_or(|query| query.truth(record) == Some(Truth::Yes));
        let absent: Vec<_> = own.map(|(_, record)| record).filter(belongs).collect();
        // Where somebody active is missing as well, the reason is another one.
        let inactive = absent.iter().all(|record| record.is_inactive());
        let told = absent.into_iter().take(3).map(|record| match query {
            Some(query) => query.missing(record, inactive),
            None => list::missing(record, inactive),
        });
        told.collect()
    }

    fn pages(&mut self, index: usize, list: &List<'a>) {
        let mut page = Page::new(&self.exchange(index).sent.resource, list.start, list.resources);
        let previous = self.page.take().filter(|previous| page.follows(previous));
        if let Some(previous) = &previous {
            page.join(previous);
        }
        let again = previous.as_ref().and_then(|previous| page.repeats(previous));
        let left_out = if previous.is_some() && again.is_none() { self.on_no_page(list, &page) } else { None };
        self.out.extend(again.or(left_out).map(|told| told.at_turn(index)));
        self.page = Some(page);
    }

    /// An own resource that belongs into the list and is on none of its pages.
    fn on_no_page(&self, list: &List<'a>, page: &Page<'_>) -> Option<Told> {
        let total = list.total?;
        let query = list.filter.as_ref().map(|(filter, aspect)| {
            let (schema, aspect) = (list.schema, *aspect);
            Query { filter, schema, unsupported: false, aspect, invented: &|_| false }
        });
        let belongs = |record: &&Record<'_>| {
            let own = record.life == Life::Live && std::ptr::eq(record.schema, list.schema);
            own && query.is_none_or(|query| query.truth(record) == Some(Truth::Yes))
        };
        self.shadow.records.iter().filter(belongs).find_map(|record| page.leaves_out(record, total))
    }

    /// The checks that a reading answers.
    fn applied(&self, record: &Record<'_>, answer: &Json, extent: &Extent) -> Vec<&'static Check> {
        let mut checks = of_writes(record);
        checks.push(&read_back::READ_BACK);
        if answer.get("id").is_some() {
            checks.push(&id::ID_STABLE);
        }
        if record.refused.is_some() {
            checks.push(&refused::REFUSED);
        }
        if matches!(extent, Extent::Part(only, _) if !only.is_empty()) {
            checks.push(&projection::PROJECTION);
        }
        let was_early = |o: &Observation| o.check.id == stale::STALE.id && o.cause == Some(record.last_write);
        if !record.writes.is_empty() && !self.out.iter().any(was_early) {
            checks.push(&stale::STALE);
        }
        checks
    }

    /// What the answer to a write left out and nothing read afterwards: it cannot be known.
    fn unresolved(&mut self) {
        let open: Vec<(&'static Check, usize, String)> = self
            .shadow
            .records
            .iter()
            .filter_map(|record| {
                let (turn, path) = record.omitted.first()?;
                let write = record.writes.iter().find(|write| write.turn == *turn)?;
                Some((written::check_of(write.operation), *turn, path.clone()))
            })
            .collect();
        for (check, turn, path) in open {
            let why = format!("the answer leaves out {path}, and nothing was read afterwards");
            self.say(check, turn, Judgement::Undetermined(why));
        }
    }

    fn say(&mut self, check: &'static Check, turn: usize, judgement: Judgement) {
        let (harm, cause) = (String::new(), None);
        self.out.push(Observation { check, turn, judgement, cause, harm, step_knows: false, against_intent: false });
    }
}

fn is_of_filter(told: &Told) -> bool {
    told.check.id.starts_with(filter::FILTER.id)
}

/// The checks that the writes before a reading wait for.
fn of_writes(record: &Record<'_>) -> Vec<&'static Check> {
    let mut checks: Vec<&'static Check> = Vec::new();
    let mut add = |check: &'static Check| {
        if !checks.iter().any(|known| std::ptr::eq(*known, check)) {
            checks.push(check);
        }
    };
    for write in &record.writes {
        if write.readings.contains(&DOTTED_KEYS) {
            add(&keys::LITERAL_KEYS);
        }
        add(written::check_of(write.operation));
        if write.touched.iter().any(|path| path == "active") && write.operation != Operation::Create {
            add(&active::ACTIVE);
        }
        if write.touched.iter().any(|path| path == "members") {
            add(&members::KEPT);
            let before = write.before.get("members").and_then(Json::as_array).map_or(0, <[Json]>::len);
            let after = record.state.get("members").and_then(Json::as_array).map_or(0, <[Json]>::len);
            add(if after < before { &members::REMOVED } else { &members::ADDED });
        }
    }
    checks
}
