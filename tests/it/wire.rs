//! What the profiles send, held to golden files that were written from the facts about each client and not by this tool.

mod golden;
mod pattern;
mod recorder;

use std::collections::BTreeMap;
use std::thread;

use scimproof::session::{Session, choose};

use golden::{Golden, Settings};
use recorder::{Recorded, Recorder, TOKEN};

/// One variant of a profile, played against a listener.
struct Played {
    /// What a golden file calls it.
    name: &'static str,
    settings: Vec<(String, String)>,
    host: String,
    requests: Vec<Recorded>,
}

fn play(profile: &str, name: &'static str, extra: Vec<(&'static str, &'static str)>) -> Played {
    let recorder = Recorder::with("/scim/v2", extra);
    let reference = if name == "plain" { profile.to_owned() } else { format!("{profile}:{name}") };
    Session::against(recorder.base()).bearer(TOKEN).profile(&reference).play().unwrap();
    let settings = choose(&[reference], &[], None).unwrap().remove(0).settings;
    Played { name, settings, host: recorder.host(), requests: recorder.client() }
}

/// Plays the variants, a few at a time.
fn play_all(profile: &str, names: &[&'static str]) -> Vec<Played> {
    let one = |name: &&'static str| play(profile, name, extra(name));
    thread::scope(|scope| {
        let halves: Vec<_> = names.chunks(names.len().div_ceil(2)).collect();
        let threads: Vec<_> =
            halves.into_iter().map(|half| scope.spawn(move || half.iter().map(one).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn extra(_name: &str) -> Vec<(&'static str, &'static str)> {
    Vec::new()
}

/// The golden files that each variant has shown; every request of the client must be of the form of one.
fn held(goldens: &[Golden], played: &[Played]) -> BTreeMap<&'static str, Vec<String>> {
    // One example of every shape is enough to mend it.
    let mut strangers: BTreeMap<String, String> = BTreeMap::new();
    let mut shown = BTreeMap::new();
    for variant in played {
        let mut seen = Vec::new();
        for request in &variant.requests {
            let fitting: Vec<_> = goldens
                .iter()
                .filter(|golden| golden.admits(&variant.settings))
                .filter(|golden| golden.fits(request, &variant.settings, &variant.host))
                .map(|golden| golden.name.clone())
                .collect();
            if fitting.is_empty() {
                strangers.entry(shape(request)).or_insert_with(|| strange(goldens, variant, request));
            }
            seen.extend(fitting);
        }
        assert!(!variant.requests.is_empty(), "{} sends nothing", variant.name);
        shown.insert(variant.name, seen);
    }
    let examples: Vec<_> = strangers.into_values().collect();
    assert!(examples.is_empty(), "{} forms without a golden file:\n\n{}", examples.len(), examples.join("\n"));
    shown
}

/// Method, resource and the names in the body: what stays when invented values change.
fn shape(request: &Recorded) -> String {
    let resource = request.path().trim_start_matches("/scim/v2").split('/').take(2).collect::<Vec<_>>().join("/");
    let text = String::from_utf8_lossy(request.body()).into_owned();
    let words: Vec<_> =
        text.split('"').filter(|word| word.chars().all(|c| c.is_alphabetic() || ".:{}[],".contains(c))).collect();
    format!("{} {resource} {}", request.method(), words.join(" "))
}

/// A request that is of no known form, beside the nearest one.
fn strange(goldens: &[Golden], variant: &Played, request: &Recorded) -> String {
    let Played { name, settings, host, .. } = variant;
    let difference = |golden: &Golden| golden.difference(request, settings, host);
    let start = format!("{} ", request.method());
    let alike = goldens.iter().filter(|golden| golden.admits(settings) && golden.line().starts_with(&start));
    let nearest = alike.map(difference).max_by(|one, other| one.0.total_cmp(&other.0));
    format!(
        "in {name}: {} {}\n{}",
        request.method(),
        request.target(),
        nearest.map_or_else(String::new, |nearest| nearest.1)
    )
}

/// Every golden file is seen where it says, and none is seen that is said not to be played.
fn all_seen(goldens: &[Golden], shown: &BTreeMap<&'static str, Vec<String>>) {
    let mut problems = Vec::new();
    for golden in goldens {
        for variant in &golden.seen_in {
            match shown.get(variant.as_str()) {
                None => problems.push(format!("{}: the variant `{variant}` is not played here", golden.name)),
                Some(seen) if !seen.contains(&golden.name) => {
                    problems.push(format!("{}: never sent in `{variant}`", golden.name));
                }
                Some(_) => {}
            }
        }
        let seen = shown.values().any(|seen| seen.contains(&golden.name));
        if golden.not_played.is_some() && seen {
            problems.push(format!("{}: said not to be played, but it is", golden.name));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

const ENTRA: [&str; 23] = [
    "flag=off",
    "flag=aadOptscim062020",
    "flag=AzureAdScimPatch062020",
    "flag=aadOptscim062020,flag_value=true",
    "flag=aadOptscim062020,flag_position=last",
    "flag=aadOptscim062020,flag_position=omit",
    "flag=aadOptscim062020,on_demand=on",
    "flag=off,matching=externalId",
    "flag=off,matching=email",
    "flag=off,group_matching=externalId",
    "flag=off,bool_style=lower",
    "flag=off,bool_style=json",
    "flag=off,member_ref_null=on",
    "flag=aadOptscim062020,members_replace=on",
    "flag=off,group_ms_schema_uri=on",
    "flag=off,manager_on_post=on",
    "flag=off,reference_queries=on",
    "flag=off,custom=urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:costRegion",
    "flag=aadOptscim062020,custom=urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:costRegion",
    "flag=off,accept=*/*,adscimversion=on",
    "flag=off,accept=application/scim+json",
    "flag=off,import=on",
    "flag=off,groups=off",
];

#[test]
fn entra_sends_what_the_facts_say() {
    let (goldens, played) = (golden::of("entra"), play_all("entra", &ENTRA));
    let shown = held(&goldens, &played);
    all_seen(&goldens, &shown);
}

const OKTA: [&str; 11] = [
    "app=aiw",
    "app=oin",
    "app=oin,user_patch=off",
    "app=oin,blank=plus",
    "app=oin,password=on",
    "app=aiw,password=on",
    "app=aiw,clears=empty",
    "app=aiw,clears=null",
    "app=oin,bulk_members=256",
    "app=oin,custom=urn:example:params:scim:schemas:extension:badge:1.0:User:badgeColor",
    "app=oin,governance=on",
];

#[test]
fn okta_sends_what_the_facts_say() {
    let (goldens, played) = (golden::of("okta"), play_all("okta", &OKTA));
    let shown = held(&goldens, &played);
    all_seen(&goldens, &shown);
}

const JUMPCLOUD: [&str; 8] = [
    "plain",
    "blank=plus",
    "content_type=json",
    "group_lookup=list",
    "create_members=off",
    "import_query=department=Ops",
    "wrong_token=on",
    "delete=off",
];

#[test]
fn jumpcloud_sends_what_the_facts_say() {
    let (goldens, played) = (golden::of("jumpcloud"), play_all("jumpcloud", &JUMPCLOUD));
    let shown = held(&goldens, &played);
    all_seen(&goldens, &shown);
}
