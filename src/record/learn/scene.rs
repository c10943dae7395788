//! A cluster of requests as a scenario: who takes part, and its steps.

use std::time::Duration;

use super::capture::{self, Captured};
use super::cast::{Actor, Cast, Known};
use super::manner::{Manner, template as header_template};
use super::mention::{displays, members, members_of_operation, texts};
use super::state::States;
use super::subject::{Act, Cluster, Register, Talk, id_of};
use super::template;
use crate::play::echo::echo;
use crate::profile::model::ActorKind;
use crate::scim::json::{Json, Object};

/// Members of a group that are made beforehand at most.
const MAX_MEMBERS: usize = 40;

/// Header lines whose value tells something; others may vary from request to request.
const TELLING: [&str; 6] = ["accept", "content-type", "user-agent", "connection", "accept-encoding", "content-length"];

/// What a step sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Text(String),
    Echo { of: String, overlay: String, append: String },
}

/// A step as it is written.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) request: String,
    pub(super) body: Body,
    pub(super) headers: Vec<String>,
    pub(super) when: Option<String>,
    pub(super) finds: Option<String>,
    pub(super) creates: Option<String>,
    pub(super) reads: Option<String>,
    pub(super) deletes: Option<String>,
    /// Ids that later steps name, and where they stand in the answer.
    pub(super) capture: Vec<(String, String)>,
    pub(super) status: u16,
    pub(super) pages: Option<u32>,
    /// Requests of the recording, the first is the one that is written.
    pub(super) talks: Vec<usize>,
}

/// A scenario as it is written.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) cast: Cast,
    pub(super) steps: Vec<Step>,
    pub(super) kind: Option<ActorKind>,
    /// What else it is about.
    pub(super) noun: Option<String>,
    /// How often it was seen.
    pub(super) times: usize,
}

/// Everything that scenes are made from.
pub(super) struct Stage<'s> {
    pub(super) talks: &'s [Talk<'s>],
    pub(super) register: Register,
    pub(super) states: States,
    pub(super) manner: &'s Manner,
}

impl Stage<'_> {
    /// A cluster as a scene.
    pub(super) fn scene(&self, cluster: &Cluster) -> Scene {
        let talks: Vec<usize> =
            cluster.talks.iter().copied().filter(|at| self.talks[*at].exchange.got.is_ok()).collect();
        let kind = talks.first().and_then(|at| self.talks[*at].kind);
        let noun = talks.first().and_then(|at| self.talks[*at].noun());
        let nobody = self.nobody(cluster, &talks);
        let mut cast = self.cast(cluster, &talks, &nobody);
        let captured = capture::captured(self.talks, &talks);
        let people = cast.known();
        for actor in &mut cast.actors {
            if let Some(set) = actor.set.take() {
                actor.set = template::body(&set.to_string(), &people, None).map(Json::from);
            }
        }
        let mut steps: Vec<Step> = Vec::new();
        for at in talks {
            if !self.is_next_page(&mut steps, at) {
                // What an answer tells is known to the requests behind it.
                let told = captured.iter().filter(|captured| captured.at < at).map(Captured::known);
                let known: Vec<Known> = told.chain(nobody.iter().cloned()).chain(people.iter().cloned()).collect();
                let mut step = self.step(at, &cast, &known, &mut steps);
                let told = captured.iter().filter(|captured| captured.at == at);
                step.capture = told.map(|captured| (captured.name.clone(), captured.pointer.clone())).collect();
                steps.push(step);
            }
        }
        Scene { cast, steps, kind, noun, times: 1 }
    }

    /// What is asked for and is not there: a look-up that found nobody and made nobody, an id that no answer told.
    fn nobody(&self, cluster: &Cluster, talks: &[usize]) -> Vec<Known> {
        let creates = talks.iter().any(|at| self.talks[*at].act == Act::Create);
        let mut values: Vec<(&str, bool)> = Vec::new();
        for talk in talks.iter().map(|at| &self.talks[*at]) {
            let value = match (&talk.act, &talk.id) {
                (Act::Find(_, value), _) if talk.told().is_empty() && cluster.subject.is_none() && !creates => {
                    (value.as_str(), false)
                }
                (_, Some(id)) if talk.exchange.status() == Some(404) && !self.register.kinds.contains_key(id) => {
                    (id.as_str(), true)
                }
                _ => continue,
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let values = values.iter().enumerate();
        values.filter_map(|(number, (value, is_id))| Known::nobody(value, *is_id, number)).collect()
    }

    fn cast(&self, cluster: &Cluster, talks: &[usize], nobody: &[Known]) -> Cast {
        let mut cast = Cast::default();
        let mut created: Vec<String> = Vec::new();
        let is_nobody = |value: &str| nobody.iter().any(|known| known.value == value);
        for &at in talks {
            let talk = &self.talks[at];
            let told = talk.told().first().and_then(|told| id_of(told));
            match (&talk.act, talk.kind) {
                (Act::Create, Some(kind)) => {
                    let body = talk.exchange.sent.json();
                    let id = told.or_else(|| self.taken(body.as_ref()?, kind, at));
                    if let Some(id) = id.clone().filter(|_| talk.exchange.succeeded()) {
                        created.push(id);
                    }
                    let actor = cast.of(kind, id.as_deref());
                    // Refused because it is there: then it has to be.
                    actor.exists |= talk.exchange.status() == Some(409);
                    if let Some(body) = &body {
                        actor.learn(body);
                    }
                }
                (Act::Find(_, asked), Some(_)) if is_nobody(asked) => {}
                (Act::Find(attribute, value), Some(kind)) => {
                    let actor = cast.of(kind, told.as_deref().or(cluster.subject.as_deref()));
                    let what = match attribute.as_str() {
                        "username" => "userName",
                        "displayname" => "displayName",
                        "externalid" => "externalId",
                        "emails" | "emails.value" => "email",
                        _ => continue,
                    };
                    actor.value(what, value);
                }
                (Act::Read | Act::Replace | Act::Patch | Act::Delete, Some(kind))
                    if !talk.id.as_deref().is_some_and(is_nobody) =>
                {
                    cast.of(kind, talk.id.as_deref());
                }
                _ => {}
            }
            self.mentioned(talk, &mut cast);
        }
        let first = talks.first().copied().unwrap_or(0);
        for at in 0..cast.actors.len() {
            self.learn_state(&mut cast, at, (first, talks), &created);
        }
        cast
    }

    /// The record that has the name that a create was refused for.
    fn taken(&self, body: &Json, kind: ActorKind, at: usize) -> Option<String> {
        let attribute = if kind == ActorKind::User { "userName" } else { "displayName" };
        let value = body.get(attribute)?.as_str()?;
        self.states.with(attribute, value, at).map(str::to_owned)
    }

    /// Other records that a request names.
    fn mentioned(&self, talk: &Talk<'_>, cast: &mut Cast) {
        let mut ids = Vec::new();
        if let Some(body) = talk.exchange.sent.json() {
            texts(body, &mut ids);
            if talk.exchange.succeeded() {
                for id in members(body) {
                    cast.of(self.register.kinds.get(&id).copied().unwrap_or(ActorKind::User), Some(&id));
                }
                displays(body, cast);
            }
        }
        ids.extend(talk.exchange.sent.query().map(crate::exchange::decode_query));
        for text in ids {
            for part in text.split(['"', '/', ' ', '\'', '&', '=']) {
                if let Some(kind) = self.register.kinds.get(part) {
                    cast.of(*kind, Some(part));
                }
            }
        }
    }

    /// What an actor is before the scene, and what it is called in it.
    fn learn_state(&self, cast: &mut Cast, at: usize, (first, talks): (usize, &[usize]), created: &[String]) {
        let Some(id) = cast.actors[at].id.clone() else { return };
        let made = created.contains(&id);
        let writes = |t: &&usize| !self.talks[**t].reads() && self.talks[**t].id.as_deref() == Some(&id);
        let until = talks.iter().find(writes).copied().unwrap_or(usize::MAX);
        let mut read = talks.iter().filter(|t| **t < until).flat_map(|t| self.talks[*t].told());
        let here = read.rfind(|json| id_of(json).as_deref() == Some(&id));
        let before = if made { None } else { self.states.before(&id, first).or(here) };
        cast.actors[at].exists = !made;
        let of_group: Vec<String> = match (before, cast.actors[at].kind) {
            (Some(json), ActorKind::Group) => members(json),
            (None, ActorKind::Group) if !made => self.removed(&id, talks),
            _ => Vec::new(),
        };
        if let Some(json) = before {
            cast.actors[at].learn(json);
            cast.actors[at].set = if cast.actors[at].kind == ActorKind::User {
                set(json, !self.manner.user_external_id.is_empty())
            } else {
                None
            };
        }
        let own = talks.iter().map(|t| &self.talks[*t]).filter(|talk| talk.id.as_deref() == Some(&id));
        for (talk, body) in own.filter_map(|talk| Some((talk, talk.exchange.sent.json()?))) {
            match talk.act {
                Act::Replace => cast.actors[at].learn(body),
                Act::Patch if cast.actors[at].kind == ActorKind::Group => {
                    let operations = body.get("Operations").and_then(Json::as_array).unwrap_or_default();
                    operations.iter().filter_map(|op| op.get("value")).for_each(|value| cast.actors[at].learn(value));
                }
                _ => {}
            }
        }
        if cast.actors[at].kind == ActorKind::User {
            let groups = before.and_then(|json| json.get("groups")).and_then(Json::as_array).unwrap_or_default();
            let user = cast.actors[at].name.clone();
            for group in groups.iter().take(MAX_MEMBERS) {
                let Some(id) = group.get("value").and_then(Json::as_str) else { continue };
                let actor = cast.of(ActorKind::Group, Some(id));
                actor.exists = true;
                actor.members.push(user.clone());
                if let Some(display) = group.get("display").and_then(Json::as_str) {
                    actor.value("displayName", display);
                }
            }
            return;
        }
        let mut names = Vec::new();
        for member in of_group.iter().take(MAX_MEMBERS) {
            let kind = self.register.kinds.get(member).copied().unwrap_or(ActorKind::User);
            let actor = cast.of(kind, Some(member));
            actor.exists = true;
            if let Some(json) = self.states.before(member, first) {
                actor.learn(json);
            }
            names.push(actor.name.clone());
        }
        cast.actors[at].members = names;
    }

    /// Members that are taken out before they were put in: they were there.
    fn removed(&self, id: &str, talks: &[usize]) -> Vec<String> {
        let own = talks
            .iter()
            .map(|t| &self.talks[*t])
            .filter(|talk| talk.act == Act::Patch && talk.id.as_deref() == Some(id));
        let mut there = Vec::new();
        let mut put: Vec<String> = Vec::new();
        for body in own.filter(|talk| talk.exchange.succeeded()).filter_map(|talk| talk.exchange.sent.json()) {
            for op in body.get("Operations").and_then(Json::as_array).unwrap_or_default() {
                let ids = members_of_operation(op);
                if op.get("op").and_then(Json::as_str).is_some_and(|op| op.eq_ignore_ascii_case("remove")) {
                    there.extend(ids.into_iter().filter(|id| !put.contains(id)));
                } else {
                    put.extend(ids);
                }
            }
        }
        there
    }

    fn step(&self, at: usize, cast: &Cast, known: &[Known], before: &mut [Step]) -> Step {
        let talk = &self.talks[at];
        let exchange = talk.exchange;
        let status = exchange.status().unwrap_or(0);
        let good = exchange.succeeded();
        let actor = whom(talk, cast);
        let name = || actor.map(|actor| actor.name.clone());
        let missed = before.iter().any(|step| step.finds.is_some() && step.finds == name() && self.found_nobody(step));
        let body = self.body(talk, cast, known, before);
        let finds = if matches!(talk.act, Act::Find(..)) { name() } else { None };
        let creates = if talk.act == Act::Create && actor.is_some_and(|actor| !actor.exists) { name() } else { None };
        let step = Step {
            id: String::new(),
            request: format!("{} {}", exchange.sent.method, template::target(&talk.resource, known)),
            body,
            headers: self.headers(talk),
            when: (talk.act == Act::Create && missed).then(|| format!("not {}.found", name().unwrap_or_default())),
            finds,
            creates,
            reads: if talk.act == Act::Read && good { name() } else { None },
            deletes: if talk.act == Act::Delete && good { name() } else { None },
            capture: Vec::new(),
            status,
            pages: None,
            talks: vec![at],
        };
        let id = step_id(talk);
        let times = before
            .iter()
            .filter(|step| {
                step.id == id
                    || step
                        .id
                        .strip_prefix(&id)
                        .is_some_and(|rest| rest.starts_with('-') && rest[1..].parse::<u32>().is_ok())
            })
            .count();
        Step { id: if times == 0 { id } else { format!("{id}-{}", times + 1) }, ..step }
    }

    fn found_nobody(&self, step: &Step) -> bool {
        step.talks.first().is_some_and(|at| self.talks[*at].told().is_empty())
    }

    fn body(&self, talk: &Talk<'_>, cast: &Cast, known: &[Known], before: &mut [Step]) -> Body {
        let Some(bytes) = talk.exchange.sent.body.as_deref().filter(|body| !body.is_empty()) else { return Body::None };
        let text = String::from_utf8_lossy(bytes).into_owned();
        if talk.act == Act::Replace
            && let Some(echo) = self.echo(talk, cast, known, before, &text)
        {
            return echo;
        }
        let subject = whom(talk, cast).map(|actor| actor.name.clone());
        Body::Text(template::body(&text, known, subject.as_deref()).unwrap_or_else(|| text.replace("{{", "{{ '{{' }}")))
    }

    /// A PUT of what was read, with the client's own values over it; `None`: it is something else.
    fn echo(&self, talk: &Talk<'_>, cast: &Cast, known: &[Known], before: &mut [Step], text: &str) -> Option<Body> {
        let actor = whom(talk, cast)?;
        let source = before.iter_mut().rev().find(|step| {
            let last = step.talks.last().map(|at| &self.talks[*at]);
            last.is_some_and(|last| {
                last.id == talk.id && matches!(last.act, Act::Read | Act::Replace) && !last.told().is_empty()
            })
        })?;
        let read = self.talks[*source.talks.last()?].exchange.answer()?.clone();
        let written = talk.exchange.sent.json()?;
        written.get("meta").or_else(|| written.get("id"))?;
        let (overlay, append) = differences(&read, written)?;
        if echo(&read, &overlay, &append).to_string() != text {
            return None;
        }
        source.reads = Some(actor.name.clone());
        let part = |json: &Json| template::body(&json.to_string(), known, Some(&actor.name));
        Some(Body::Echo { of: actor.name.clone(), overlay: part(&overlay)?, append: part(&append)? })
    }

    /// Header lines that this request has otherwise than its method.
    fn headers(&self, talk: &Talk<'_>) -> Vec<String> {
        let sent = &talk.exchange.sent;
        if sent.headers.is_empty() {
            return Vec::new();
        }
        let own = header_template(&sent.headers, sent.body.is_some(), &mut Vec::new());
        let usual = self.manner.lines.iter().filter(|line| line.on.contains(&sent.method));
        let mut out = Vec::new();
        for line in usual.clone() {
            let here = own.iter().find(|(name, _)| name.eq_ignore_ascii_case(&line.name));
            let telling = TELLING.contains(&line.name.to_ascii_lowercase().as_str());
            match here {
                // Credentials may come and go; what a run has, it sends. The other two no request can be without.
                None if ["{credentials}", "{host}", "{length}"].contains(&line.value.as_str()) => {}
                None => out.push(format!("{}:", line.name)),
                Some((name, value)) if telling && (*value != line.value || *name != line.name) => {
                    out.push(format!("{name}: {value}"));
                }
                Some(_) => {}
            }
        }
        let more = own.iter().filter(|(name, _)| !usual.clone().any(|line| line.name.eq_ignore_ascii_case(name)));
        out.extend(more.map(|(name, value)| format!("{name}: {value}")));
        out
    }

    /// Whether a request is the next page of the last step, which then goes page by page.
    fn is_next_page(&self, steps: &mut [Step], at: usize) -> bool {
        let Some(last) = steps.last_mut() else { return false };
        let page = |at: usize| {
            let talk = &self.talks[at];
            let number = |name| talk.exchange.sent.parameter(name)?.parse::<u32>().ok();
            (talk.act == Act::List).then_some(())?;
            Some((number("startIndex")?, number("count")?, talk.endpoint.clone()))
        };
        let before = last.talks.last().and_then(|before| page(*before));
        let Some(((start, count, endpoint), next)) = before.zip(page(at)) else { return false };
        let told =
            last.talks.last().and_then(|before| self.talks[*before].exchange.answer()?.get("totalResults")?.as_i64());
        if told.is_none_or(|total| total < i64::from(start + count)) {
            return false;
        }
        if next != (start + count, count, endpoint) || !(1..=1000).contains(&count) {
            return false;
        }
        if last.pages.is_none() {
            if start != 1 {
                return false;
            }
            let replaced = |text: &str, name: &str, with: &str| {
                let lower = text.to_ascii_lowercase();
                let begin = lower.find(&format!("{}=", name.to_ascii_lowercase()))? + name.len() + 1;
                let digits = text[begin..].bytes().take_while(u8::is_ascii_digit).count();
                Some(format!("{}{with}{}", &text[..begin], &text[begin + digits..]))
            };
            let request = replaced(&last.request, "startIndex", "{{ page.start }}");
            let Some(request) = request.and_then(|text| replaced(&text, "count", "{{ page.size }}")) else {
                return false;
            };
            last.request = request;
            last.pages = Some(count);
        }
        last.talks.push(at);
        true
    }
}

impl Scene {
    /// When it began and how long it took.
    pub(super) fn span(&self, talks: &[Talk<'_>]) -> (jiff::Timestamp, Duration) {
        let first = self.steps.first().and_then(|step| step.talks.first());
        let at = first.map_or(jiff::Timestamp::UNIX_EPOCH, |at| talks[*at].exchange.at);
        let last = self.steps.last().and_then(|step| step.talks.last()).map_or(at, |at| talks[*at].exchange.at);
        (at, Duration::try_from(last.duration_since(at)).unwrap_or_default())
    }
}

/// The actor that a request is about.
fn whom<'c>(talk: &Talk<'_>, cast: &'c Cast) -> Option<&'c Actor> {
    let id = talk.id.clone().or_else(|| talk.told().first().and_then(|told| id_of(told)));
    let by_id = id.and_then(|id| cast.by_id(&id)).filter(|_| talk.act != Act::List);
    let by_name = || match &talk.act {
        Act::Find(_, value) => {
            cast.actors.iter().find(|actor| actor.invented().iter().any(|(v, _)| v.eq_ignore_ascii_case(value)))
        }
        Act::Create => cast.actors.iter().find(|actor| Some(actor.kind) == talk.kind && actor.id.is_none()),
        _ => None,
    };
    by_id.or_else(by_name)
}

/// Everything in a representation that the body of the set-up phase does not have by itself.
fn set(json: &Json, has_external_ids: bool) -> Option<Json> {
    const LEFT_OUT: [&str; 13] = [
        "schemas",
        "id",
        "meta",
        "username",
        "name",
        "displayname",
        "emails",
        "externalid",
        "groups",
        "password",
        "active",
        "roles",
        "entitlements",
    ];
    let mut out = Object::default();
    for (name, value) in json.as_object()?.iter() {
        let lower = name.to_ascii_lowercase();
        let plain_emails = |value: &Json| {
            let items = value.as_array().unwrap_or_default();
            items.len() == 1 && items[0].get("type").and_then(Json::as_str) == Some("work")
        };
        let further = lower == "name" && value.as_object().is_some_and(|parts| parts.iter().count() > 2);
        let further = further || lower == "emails" && !plain_emails(value) && !value.is_unassigned();
        if further || lower == "active" && value.as_bool() == Some(false) {
            out.set(name, value.clone());
        } else if !LEFT_OUT.contains(&lower.as_str()) && !value.is_unassigned() {
            let mut value = value.clone();
            if let Some(object) = value.as_object_mut() {
                object.remove("manager");
            }
            if !value.is_unassigned() {
                out.set(name, value);
            }
        }
    }
    if has_external_ids && json.get("externalId").is_none() {
        // Somebody whom the client has not written yet.
        out.set("externalId", Json::Null);
    }
    (!out.is_empty()).then_some(Json::Object(out))
}

/// What is written over what was read, and what is added at its end.
fn differences(read: &Json, written: &Json) -> Option<(Json, Json)> {
    let (read, written) = (read.as_object()?, written.as_object()?);
    let (mut overlay, mut append) = (Object::default(), Object::default());
    for (name, value) in written.iter() {
        match read.get(name) {
            Some(before) if before == value => {}
            Some(before) => overlay.set(name, deeper(before, value)),
            None => append.set(name, value.clone()),
        }
    }
    Some((Json::Object(overlay), Json::Object(append)))
}

/// Of an object only the members that differ.
fn deeper(before: &Json, value: &Json) -> Json {
    let (Json::Object(old), Json::Object(new)) = (before, value) else { return value.clone() };
    let changed = new.iter().filter(|(name, value)| old.get(name) != Some(*value));
    Json::Object(changed.map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

/// What a step is called.
fn step_id(talk: &Talk<'_>) -> String {
    let id = match &talk.act {
        Act::Create => "create",
        Act::Read => "read",
        Act::Replace => "replace",
        Act::Delete => "delete",
        Act::Find(..) => "look-up",
        Act::List => "list",
        Act::Patch => change(talk),
        Act::Other => {
            let mut out = String::new();
            for c in talk.endpoint.chars() {
                if c.is_ascii_uppercase() && !out.is_empty() {
                    out.push('-');
                }
                out.extend(c.to_lowercase().filter(char::is_ascii_alphanumeric));
            }
            return if out.starts_with(|c: char| c.is_ascii_lowercase()) { out } else { "request".to_owned() };
        }
    };
    id.to_owned()
}

/// What a PATCH is for.
fn change(talk: &Talk<'_>) -> &'static str {
    let text = talk.exchange.sent.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default().to_ascii_lowercase();
    let active = text.contains("\"active\"");
    match () {
        () if text.contains("members") && text.contains("\"remove\"") => "remove-member",
        () if text.contains("members") && text.contains("\"add\"") => "add-member",
        () if text.contains("members") => "replace-members",
        () if active && text.contains("false") => "deactivate",
        () if active && text.contains("true") => "activate",
        () => "update",
    }
}
