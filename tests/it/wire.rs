//! What the profiles send, held to golden files that were written from the facts about each client and not by this tool.

mod entra;
mod forms;
mod golden;
mod joining;
mod jumpcloud;
mod okta;
mod pattern;
mod recorder;
mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use scimproof::session::{Session, choose};

use golden::Golden;
use recorder::{Recorded, Recorder, TOKEN};

/// One variant of a profile, played against a listener.
struct Played {
    /// Its settings as a golden file names them; `plain` for none.
    name: String,
    settings: Vec<(String, String)>,
    host: String,
    /// The client's requests in the order in which they came.
    requests: Vec<Recorded>,
}

/// What to play, and against which base URL.
struct Play<'a> {
    profile: &'a str,
    /// Settings, or `plain`.
    name: &'a str,
    recorder: Recorder,
    /// What the administrator typed behind the listener's own base URL: `/`, or `?aadOptscim062020`.
    typed: &'a str,
    /// Scenarios; all if empty.
    only: &'a [&'a str],
}

impl<'a> Play<'a> {
    fn new(profile: &'a str, name: &'a str) -> Self {
        Self { profile, name, recorder: Recorder::start(), typed: "", only: &[] }
    }

    fn play(self) -> Played {
        let named = if self.name == "plain" { String::new() } else { format!(":{}", self.name) };
        let reference = format!("{}{named}", self.profile);
        let base = format!("{}{}", self.recorder.base(), self.typed);
        let mut session = Session::against(base).bearer(TOKEN).profile(&reference);
        for scenario in self.only {
            session = session.only(format!("{}/{scenario}", self.profile));
        }
        session.play().unwrap();
        let query = self.typed.split_once('?').map(|(_, query)| query);
        let settings = choose(&[reference], &[], query).unwrap().remove(0).settings;
        Played { name: self.name.to_owned(), settings, host: self.recorder.host(), requests: self.recorder.client() }
    }
}

/// Plays variants, two at a time.
fn play_all<'a>(plays: Vec<Play<'a>>) -> Vec<Played> {
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for (at, play) in plays.into_iter().enumerate() {
        if at % 2 == 0 { one.push(play) } else { other.push(play) }
    }
    let all = |plays: Vec<Play<'a>>| plays.into_iter().map(Play::play).collect::<Vec<_>>();
    thread::scope(|scope| {
        let one = scope.spawn(move || all(one));
        let mut played = all(other);
        played.extend(one.join().unwrap());
        played
    })
}

/// The golden files that each variant has shown.
type Shown = BTreeMap<String, BTreeSet<String>>;

/// Holds every request of the client to the golden files: it must be of the form of one.
fn held(goldens: &[Golden], played: &[Played]) -> Shown {
    // One example of every shape is enough to mend it.
    let mut strangers: BTreeMap<String, String> = BTreeMap::new();
    let mut shown = Shown::new();
    for variant in played {
        assert!(!variant.requests.is_empty(), "{} sends nothing", variant.name);
        let seen = shown.entry(variant.name.clone()).or_default();
        for request in &variant.requests {
            let fits = |golden: &&Golden| {
                golden.admits(&variant.settings) && golden.fits(request, &variant.settings, &variant.host)
            };
            let fitting: Vec<_> = goldens.iter().filter(fits).map(|golden| golden.name.clone()).collect();
            if fitting.is_empty() {
                strangers.entry(shape(request)).or_insert_with(|| strange(goldens, variant, request));
            }
            seen.extend(fitting);
        }
    }
    let examples: Vec<_> = strangers.into_values().collect();
    assert!(examples.is_empty(), "{} forms without a golden file:\n\n{}", examples.len(), examples.join("\n"));
    shown
}

/// Method, resource and the names in the body: what stays when invented values change.
fn shape(request: &Recorded) -> String {
    let resource = request.path().trim_start_matches("/scim/v2").split('/').take(2).collect::<Vec<_>>().join("/");
    let text = String::from_utf8_lossy(request.body()).into_owned();
    let name = |word: &&str| word.chars().all(|c| c.is_alphabetic() || ".:{}[],".contains(c));
    let words: Vec<_> = text.split('"').filter(name).collect();
    format!("{} {resource} {}", request.method(), words.join(" "))
}

/// A request that is of no known form, beside the nearest one.
fn strange(goldens: &[Golden], variant: &Played, request: &Recorded) -> String {
    let Played { name, settings, host, .. } = variant;
    let start = format!("{} ", request.method());
    let alike = goldens.iter().filter(|golden| golden.admits(settings) && golden.line().starts_with(&start));
    let differences = alike.map(|golden| golden.difference(request, settings, host));
    let nearest = differences.max_by(|one, other| one.0.total_cmp(&other.0));
    let shown = nearest.map_or_else(|| request.text().to_owned(), |(_, difference)| difference);
    format!("in {name}: {} {}\n{shown}", request.method(), request.target())
}

/// Every golden file is seen where it says, and none is seen that is said not to be played.
fn all_seen(goldens: &[Golden], shown: &Shown) {
    let mut problems = Vec::new();
    for golden in goldens {
        let Golden { name, seen_in, not_played, .. } = golden;
        for variant in seen_in {
            match shown.get(variant) {
                None => problems.push(format!("{name}: the variant `{variant}` is not played here")),
                Some(seen) if !seen.contains(name) => problems.push(format!("{name}: never sent in `{variant}`")),
                Some(_) => {}
            }
        }
        if not_played.is_some() && shown.values().any(|seen| seen.contains(name)) {
            problems.push(format!("{name}: said not to be played, but it is"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The names of all header lines that were sent with a method, as they were spelt.
fn header_names<'a>(played: &'a [Played], method: &str) -> BTreeSet<&'a str> {
    let requests = played.iter().flat_map(|variant| &variant.requests).filter(|request| request.method() == method);
    requests.flat_map(|request| request.headers().map(|(name, _)| name)).collect()
}

/// The variant of that name.
fn variant<'a>(played: &'a [Played], name: &str) -> &'a Played {
    played.iter().find(|variant| variant.name == name).unwrap()
}

/// Every target of the client, for messages and for what must not be there.
fn targets(played: &[Played]) -> impl Iterator<Item = &str> {
    played.iter().flat_map(|variant| &variant.requests).map(Recorded::target)
}

/// Profiles whose wire form is not held here: the standard has no client of its own.
const NOT_HELD: [&str; 2] = ["concurrent", "rfc"];

#[test]
fn every_built_in_profile_is_held_or_said_not_to_be() {
    for id in scimproof::profile::catalogue::builtin_ids() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire").join(id);
        assert_ne!(folder.is_dir(), NOT_HELD.contains(&id), "{id}");
    }
}

#[test]
fn a_request_that_is_not_golden_is_shown_beside_the_nearest() {
    let mut played = Play { only: &["deactivate-user"], ..Play::new("okta", "app=oin") }.play();
    let patch = played.requests.iter().position(|request| request.method() == "PATCH").unwrap();
    let text = played.requests[patch].text().replace("\"replace\"", "\"Replace\"").replace("User-Agent", "user-agent");
    played.requests[patch].raw = text.into_bytes();
    let goldens = golden::of("okta");
    let fits = |golden: &Golden| golden.fits(&played.requests[patch], &played.settings, &played.host);
    assert!(!goldens.iter().any(fits));
    let message = strange(&goldens, &played, &played.requests[patch]);
    for line in ["--- F1-deactivate", "-User-Agent: Okta", "+user-agent: Okta", "{\"op\":\"Replace\""] {
        assert!(message.contains(line), "{line} in\n{message}");
    }
}
