//! `scimproof profile diff`: what two clients do differently, seen by playing both against the embedded provider.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use similar::TextDiff;

use crate::error::Error;
use crate::event::{Event, Reporter};
use crate::exchange::{Exchange, Origin};
use crate::profile::model::Need;
use crate::profile::reference::Variant;
use crate::report::text::count;
use crate::scim::json::Json;
use crate::session::{Session, choose};
use crate::trace::Trace;

/// A scenario as it was played: id, title, requests with names in place of what differs from run to run.
type Scene = (String, String, String);

/// What a client did.
#[derive(Debug, Default)]
struct Played {
    scenes: Vec<Scene>,
    /// The header lines of each method.
    headers: Vec<(String, String)>,
}

pub(super) fn diff(a: &str, b: &str) -> Result<String, Error> {
    let (first, second) = (variant(a)?, variant(b)?);
    let (mut one, mut other) = (played(a)?, played(b)?);
    let mut out = String::new();
    out.push_str(&section("header lines", &lines(&mut one.headers), &lines(&mut other.headers), (a, b)));
    let mut same = 0;
    for scene in &one.scenes {
        match other.scenes.iter().find(|(id, ..)| *id == scene.0) {
            Some((_, _, text)) if *text == scene.2 => same += 1,
            Some((_, _, text)) => out.push_str(&section(&scene.0, &scene.2, text, (a, b))),
            None => {}
        }
    }
    let ids = |of: &[Scene]| of.iter().map(|(id, title, _)| (id.clone(), title.clone())).collect::<Vec<_>>();
    let (ours, theirs) = (ids(&one.scenes), ids(&other.scenes));
    out.push_str(&only("scenarios", a, &ours, &theirs));
    out.push_str(&only("scenarios", b, &theirs, &ours));
    let (ours, theirs) = (needs(&first), needs(&second));
    out.push_str(&only("needs", a, &ours, &theirs));
    out.push_str(&only("needs", b, &theirs, &ours));
    let are = if same == 1 { "is" } else { "are" };
    out.push_str(&format!("{} {are} the same\n", count(same, "scenario")));
    Ok(out)
}

/// The one client that is meant.
fn variant(text: &str) -> Result<Variant, Error> {
    let folder: Vec<PathBuf> = Path::new(text).is_dir().then(|| PathBuf::from(text)).into_iter().collect();
    let named: Vec<String> = folder.is_empty().then(|| text.to_owned()).into_iter().collect();
    let mut variants = choose(&named, &folder, None)?;
    match (variants.pop(), variants.as_slice()) {
        (Some(one), []) => Ok(one),
        (last, more) => {
            let labels: Vec<String> = more.iter().chain(&last).map(|variant| variant.label.clone()).collect();
            Err(Error::Usage(format!("`{text}` is {} clients: name one of {}", labels.len(), labels.join(", "))))
        }
    }
}

fn played(text: &str) -> Result<Played, Error> {
    let played = Arc::new(Mutex::new(Played::default()));
    let session = Session::embedded();
    let session = if Path::new(text).is_dir() { session.folder(text) } else { session.profile(text) };
    session
        .play_with(vec![Box::new(Listener(Arc::clone(&played)))])
        .map_err(|error| Error::Usage(error.to_string()))?;
    let mut played = std::mem::take(&mut *played.lock().unwrap_or_else(PoisonError::into_inner));
    played.scenes.sort();
    Ok(played)
}

/// Hears what is played.
struct Listener(Arc<Mutex<Played>>);

impl Reporter for Listener {
    fn name(&self) -> &'static str {
        "diff"
    }

    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        if let Event::ScenarioEnded(trace, _) = event {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).hear(trace);
        }
        Ok(())
    }
}

impl Played {
    fn hear(&mut self, trace: &Trace) {
        let names = Names::of(trace);
        let mut text = String::new();
        for exchange in trace.turns.iter().map(|turn| &*turn.exchange).filter(|e| e.origin == Origin::Client) {
            let sent = &exchange.sent;
            text.push_str(&format!(
                "{} {}\n",
                sent.method,
                names.named(&crate::exchange::decode_query(&sent.resource))
            ));
            match sent.json().cloned() {
                Some(mut json) => {
                    without_meta(&mut json);
                    text.push_str(&format!("{}\n", names.named(&json.pretty())));
                }
                None => text.push_str(&names.named(&String::from_utf8_lossy(sent.body.as_deref().unwrap_or_default()))),
            }
            if !self.headers.iter().any(|(method, _)| *method == sent.method) {
                self.headers.push((sent.method.clone(), heads(exchange)));
            }
        }
        let title = trace.profile.scenario(&trace.place.scenario).map(|scenario| scenario.title.clone());
        self.scenes.push((trace.place.scenario.clone(), title.unwrap_or_default(), text));
    }
}

/// What a client writes back of the server's own bookkeeping differs from run to run.
fn without_meta(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(without_meta),
        Json::Object(object) => {
            for (name, value) in &mut object.0 {
                let own = matches!(name.as_str(), "created" | "lastModified" | "location" | "version" | "$ref");
                if own && value.as_str().is_some() {
                    *value = "…".into();
                }
                without_meta(value);
            }
        }
        _ => {}
    }
}

/// The header lines of a request, without what they carry of the run.
fn heads(exchange: &Exchange) -> String {
    let mut out = format!("{}\n", exchange.sent.method);
    for (name, value) in &exchange.sent.headers {
        let value = if name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-length") {
            "…"
        } else {
            value
        };
        out.push_str(&format!("  {name}: {value}\n"));
    }
    out
}

/// What differs from run to run, with what stands for it; longer values first.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(trace: &Trace) -> Self {
        let mut names = trace.invented.clone();
        let mut ids = Vec::new();
        for exchange in trace.turns.iter().map(|turn| &turn.exchange) {
            let id = exchange.answer().and_then(|json| json.get("id")).and_then(Json::as_str);
            if let Some(id) = id.filter(|id| !ids.contains(id)) {
                ids.push(id);
                names.push((id.to_owned(), format!("id {}", ids.len())));
            }
        }
        names.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self(names)
    }

    fn named(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (value, name) in self.0.iter().filter(|(value, _)| value.len() > 3) {
            out = out.replace(value.as_str(), &format!("[{name}]"));
        }
        without_guids(&out)
    }
}

/// GUIDs that a template invents for itself.
fn without_guids(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '-').len();
        let parts: Vec<usize> = rest[..word].split('-').map(str::len).collect();
        let step = if parts == [8, 4, 4, 4, 12] {
            out.push_str("[guid]");
            word
        } else {
            let step = word.max(c.len_utf8());
            out.push_str(&rest[..step]);
            step
        };
        rest = &rest[step..];
    }
    out
}

fn lines(headers: &mut [(String, String)]) -> String {
    headers.sort();
    headers.iter().map(|(_, text)| text.as_str()).collect()
}

fn section(title: &str, a: &str, b: &str, names: (&str, &str)) -> String {
    if a == b {
        return String::new();
    }
    let diff = TextDiff::from_lines(a, b);
    format!("=== {title}\n{}\n", diff.unified_diff().context_radius(3).header(names.0, names.1))
}

/// What only one of both has: id and text.
fn only(what: &str, name: &str, own: &[(String, String)], other: &[(String, String)]) -> String {
    let mut out = String::new();
    for (id, text) in own.iter().filter(|(id, _)| !other.iter().any(|(theirs, _)| theirs == id)) {
        out.push_str(&format!("  {id:<30} {text}\n"));
    }
    if out.is_empty() { out } else { format!("=== {what} of {name} alone\n{out}\n") }
}

fn needs(variant: &Variant) -> Vec<(String, String)> {
    variant.profile.needs.iter().map(|need: &Arc<Need>| (need.id.clone(), need.text.clone())).collect()
}
