//! From recorded exchanges to a profile: scenarios by record and by pause, server-given ids and people as names, the
//! client's manner learned, its answers kept as a baseline.

mod capture;
mod cast;
mod manner;
mod mention;
mod scene;
mod state;
mod subject;
mod template;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::document::Problem;
use crate::exchange::{Exchange, Origin, Place, Received, Sent};
use crate::profile::model::{ActorKind, Profile};
use crate::profile::parse;
use crate::scim::json::object;
use crate::snapshot::Baseline;
use crate::snapshot::store::Store;
use crate::trace::{Ending, Trace, Turn};
use crate::verdict::{Judged, Outcome};

use scene::{Scene, Stage};
use subject::{Register, Talk};

/// The folder of the recorded answers, beside the profile.
pub const BASELINE: &str = "baseline";

/// How a recording becomes a profile.
#[derive(Clone, Debug)]
pub struct Options {
    /// Id of the profile; `None`: after the client.
    pub name: Option<String>,
    /// A pause that ends a scenario.
    pub pause: Duration,
}

/// A profile that was made.
#[derive(Debug)]
pub struct Learned {
    /// The profile.
    pub profile: Arc<Profile>,
    /// Which client it is, for people.
    pub client: String,
    /// The recorded answers by scenario.
    pub traces: Vec<Trace>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// No request was answered.
    #[error("no request in the recording was answered and can stand in a profile")]
    Nothing,
    /// What was made is no profile.
    #[error("the profile that was made is not whole: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Profile(Vec<Problem>),
}

/// Makes a profile of exchanges that are masked already.
///
/// # Errors
/// There is nothing to make it of, or the result has problems.
pub fn learn(exchanges: &[Arc<Exchange>], options: &Options) -> Result<Learned, LearnError> {
    let mut answered: Vec<&Exchange> =
        exchanges.iter().map(|exchange| &**exchange).filter(|exchange| playable(exchange)).collect();
    answered.sort_by_key(|exchange| (exchange.at, exchange.seq));
    if answered.is_empty() {
        return Err(LearnError::Nothing);
    }
    let own = manner::own_query(&answered);
    let resource = |exchange: &Exchange| manner::without_own(&exchange.sent.resource, own.as_ref());
    let talks: Vec<Talk<'_>> = answered.iter().map(|exchange| Talk::new(exchange, resource(exchange))).collect();
    let manner = manner::learn(&talks, own.clone());
    let client = manner::recognise(&talks, &manner);
    let id = options.name.clone().unwrap_or_else(|| format!("{}-recorded", client.id));
    let stage =
        Stage { talks: &talks, register: Register::of(&talks), states: state::States::of(&talks), manner: &manner };
    let clusters = subject::clusters(&talks, options.pause);
    let scenes = distinct(clusters.iter().map(|cluster| stage.scene(cluster)), &talks);
    let named = named(&scenes);
    let head = write::Head {
        id: &id,
        client: &client,
        manner: &manner,
        days: days(&talks),
        requests: talks.len(),
        features: features(&named),
    };
    let mut files = vec![(parse::HEAD.to_owned(), write::head(&head))];
    let width = scenes.len().to_string().len().max(2);
    for (at, (scene, name)) in scenes.iter().zip(&named).enumerate() {
        let text = write::scenario(scene, &name.id, &name.title, name.feature.0, &talks);
        files.push((format!("scenarios/{:0width$}-{}.toml", at + 1, name.id), text));
    }
    let profile = Arc::new(parse::parse(&id, files).map_err(LearnError::Profile)?);
    let traces = scenes.iter().zip(&named).map(|(scene, name)| trace(scene, &name.id, &profile, &talks)).collect();
    let unanswered = exchanges.len() - answered.len();
    let mut notes = manner.notes.clone();
    if unanswered > 0 {
        notes.push(format!("Left out, because they have no answer or no profile can hold them: {unanswered}."));
    }
    Ok(Learned { profile, client: client.title.clone(), traces, notes })
}

impl Learned {
    /// Writes the profile and its baseline into a folder. What a person may have edited there is never written over.
    ///
    /// # Errors
    /// The folder holds a profile already, or cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        vacant(folder)?;
        for (name, text) in &self.profile.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(path, text)?;
        }
        let baseline = Baseline::new(Store::new(&folder.join(BASELINE)), true);
        let mut judged = Judged::default();
        for trace in &self.traces {
            baseline.compare(trace, &mut judged);
        }
        match judged.verdicts.first() {
            None => Ok(()),
            Some(verdict) => Err(io::Error::other(match &verdict.outcome {
                Outcome::Violates { finding, .. } => finding.actual.clone(),
                Outcome::Undetermined(why) => why.clone(),
            })),
        }
    }
}

/// Whether a request was answered and can stand in a profile: a method of SCIM, a target of plain characters, a body that is
/// JSON or none.
#[must_use]
pub fn playable(exchange: &Exchange) -> bool {
    let Exchange { sent, got, origin, .. } = exchange;
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].contains(&sent.method.as_str());
    let plain = sent.resource.starts_with('/') && sent.resource.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    let body = sent.body.as_ref().is_none_or(|body| body.is_empty() || sent.json().is_some());
    let braces = sent.resource.contains(['{', '}']);
    got.is_ok() && *origin == Origin::Client && known && plain && body && !braces
}

/// Whether a folder holds no profile yet.
///
/// # Errors
/// It does; what to do.
pub fn vacant(folder: &Path) -> io::Result<()> {
    if folder.join(parse::HEAD).exists() {
        let why = format!("{} holds a profile already; choose another folder", folder.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
    }
    Ok(())
}

/// Scenes that differ in more than their people; the others are counted.
fn distinct(scenes: impl Iterator<Item = Scene>, talks: &[Talk<'_>]) -> Vec<Scene> {
    let mut out: Vec<Scene> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for scene in scenes.filter(|scene| !scene.steps.is_empty()) {
        let text = write::body_of(&scene, talks);
        if let Some(at) = seen.get(&text) {
            out[*at].times += 1;
        } else {
            seen.insert(text, out.len());
            out.push(scene);
        }
    }
    out
}

/// What a scenario is called.
struct Name {
    id: String,
    title: String,
    feature: (&'static str, &'static str),
}

fn named(scenes: &[Scene]) -> Vec<Name> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for scene in scenes {
        let (what, feature) = match (scene.kind, scene.noun.as_deref()) {
            (Some(ActorKind::User), _) => ("user", ("users", "Users")),
            (Some(ActorKind::Group), _) => ("group", ("groups", "Groups")),
            (None, Some(noun)) => (noun, ("resources", "Further resources")),
            (None, None) => ("", ("other", "Discovery and the rest")),
        };
        let has = |step: &str| scene.steps.iter().any(|s| s.id == step || s.id.starts_with(&format!("{step}-")));
        let first = scene.steps.first().map_or("", |step| step.id.as_str());
        let verbs = [
            ("create", "Create a"),
            ("delete", "Delete a"),
            ("deactivate", "Deactivate a"),
            ("activate", "Activate a"),
            ("add-member", "Add members to a"),
            ("remove-member", "Remove members from a"),
            ("replace-members", "Replace the members of a"),
            ("update", "Update a"),
            ("replace", "Replace a"),
            ("look-up", "Look up a"),
            ("read", "Read a"),
            ("list", "List every"),
        ];
        let verb = verbs.iter().find(|(step, _)| has(step)).filter(|_| !what.is_empty());
        let (id, title) = match verb {
            Some((verb, title)) if verb.contains("member") => ((*verb).to_owned(), format!("{title} {what}")),
            Some((verb, title)) => (format!("{verb}-{what}"), format!("{title} {what}")),
            None => (first.to_owned(), format!("Ask for {first}")),
        };
        let times = used.entry(id.clone()).or_default();
        *times += 1;
        let (id, title) = if *times == 1 {
            (id, title)
        } else {
            (format!("{id}-{times}"), format!("{title}, another way ({times})"))
        };
        out.push(Name { id, title, feature });
    }
    out
}

fn features(named: &[Name]) -> Vec<(&'static str, &'static str)> {
    let mut out: Vec<(&'static str, &'static str)> = Vec::new();
    for name in named {
        if !out.contains(&name.feature) {
            out.push(name.feature);
        }
    }
    out
}

fn days(talks: &[Talk<'_>]) -> Vec<String> {
    let mut days: Vec<String> = talks.iter().map(|talk| talk.exchange.at.strftime("%Y-%m-%d").to_string()).collect();
    days.sort();
    days.dedup();
    days
}

/// A scenario as if it had been played, so that its answers can be a baseline.
fn trace(scene: &Scene, id: &str, profile: &Arc<Profile>, talks: &[Talk<'_>]) -> Trace {
    let place =
        |step: &str| Place { variant: profile.id.clone(), scenario: id.to_owned(), round: 0, step: step.to_owned() };
    let turn =
        |exchange: Exchange| Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on: true, at_once: false };
    let mut turns = Vec::new();
    let there = scene.cast.in_order().into_iter().filter(|actor| actor.exists);
    if let Some(first) = scene.steps.first().and_then(|step| step.talks.first()).map(|at| talks[*at].exchange) {
        turns.extend(there.filter_map(|actor| actor.id.clone()).map(|id| turn(set_up(first, place("set-up"), &id))));
    }
    for step in &scene.steps {
        for at in &step.talks {
            let resource = talks[*at].resource.clone();
            let mut exchange = talks[*at].exchange.clone();
            exchange.place = place(&step.id);
            exchange.sent.resource = resource.into();
            turns.push(turn(exchange));
        }
    }
    let invented = scene.cast.actors.iter().flat_map(cast::Actor::invented).collect();
    Trace {
        place: place(""),
        profile: Arc::clone(profile),
        turns,
        ending: Ending::Played,
        unsettled: Vec::new(),
        invented,
    }
}

/// What a run would do before the scenario: ids are counted from there.
fn set_up(like: &Exchange, place: Place, id: &str) -> Exchange {
    let body = object([("id", id.into())]).to_string().into_bytes();
    let sent = Sent {
        method: "POST".to_owned(),
        target: String::new(),
        resource: "/Users".into(),
        headers: Vec::new(),
        body: None,
    };
    let got = Ok(Received::new(201, String::new(), Vec::new(), body, Vec::new()));
    Exchange { place, origin: Origin::Setup, sent, got, ..like.clone() }
}
