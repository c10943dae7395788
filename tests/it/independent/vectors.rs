//! What the RFCs print: `fixtures/vectors/{filters,patches,resources}.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use scimproof::check::Options;
use scimproof::exchange::{Exchange, Origin, Place, Received, Sent};
use scimproof::facts::Facts;
use scimproof::profile::catalogue;
use scimproof::scim::filter::{Filter, Truth};
use scimproof::scim::json::Json;
use scimproof::scim::patch::{Policy, apply};
use scimproof::scim::path::PatchPath;
use scimproof::scim::schema::builtin;
use scimproof::trace::{Ending, Trace, Turn};
use scimproof::verdict::judge;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::generate::message;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filters {
    user: BTreeMap<String, String>,
    filter: Vec<Printed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Printed {
    section: String,
    text: String,
    selects: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patches {
    paths: Vec<String>,
    patch: Vec<Situation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    section: String,
    about: String,
    resource: String,
    operations: String,
    after: String,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors").join(name);
    toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn printed_filters_select_whom_they_should() {
    let Filters { user, filter } = read("filters.toml");
    let users: Vec<_> = user.iter().map(|(name, text)| (name, json(text))).collect();
    for Printed { section, text, selects } in filter {
        let (filter, deviations) = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(deviations, [], "{section}: {text}");
        assert_eq!(Filter::parse(&filter.to_string()).map(|(again, _)| again), Ok(filter.clone()), "{text}");
        for (name, user) in &users {
            let expected = if selects.contains(name) { Truth::Yes } else { Truth::No };
            let found = filter.matches(user, &builtin::user_type());
            assert_eq!(found, expected, "{section}: {text} and {name}");
        }
    }
}

#[test]
fn printed_paths_are_paths() {
    for path in read::<Patches>("patches.toml").paths {
        assert_eq!(PatchPath::parse(&path).map(|(_, deviations)| deviations), Ok(Vec::new()), "{path}");
    }
}

#[test]
fn printed_patches_do_what_they_should() {
    for Situation { section, about, resource, operations, after } in read::<Patches>("patches.toml").patch {
        let resource = json(&resource);
        let schema = if resource.get("userName").is_some() { builtin::user_type() } else { builtin::group_type() };
        for policy in [Policy::Strict, Policy::Tolerant] {
            let patched = apply(&resource, &message(json(&operations)), &schema, policy).unwrap();
            assert_eq!(patched.resource, json(&after), "{section}: {about}");
            assert_eq!((patched.changed, patched.readings), (true, Vec::new()), "{section}: {about}");
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    resource: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    section: String,
    path: String,
    told: Vec<String>,
    json: String,
}

/// What is found in the answer to a GET.
fn found(path: &str, body: &str) -> Vec<String> {
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    let got = Received::new(200, "OK".to_owned(), headers, body.as_bytes().to_vec(), Vec::new());
    let place = Place { variant: "rfc".into(), scenario: "read".into(), round: 0, step: "read".into() };
    let (target, resource) = (format!("/v2{path}"), path.into());
    let sent = Sent { method: "GET".into(), target, resource, headers: Vec::new(), body: None };
    let (at, took, origin) = (jiff::Timestamp::UNIX_EPOCH, Duration::ZERO, Origin::Client);
    let exchange = Exchange { seq: 1, place: place.clone(), origin, at, took, sent, got: Ok(got) };
    let turn = Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on: true, at_once: false };
    let (profile, turns, ending) = (catalogue::builtin("rfc").unwrap().unwrap(), vec![turn], Ending::Played);
    let trace = Trace { place, profile, turns, ending, unsettled: Vec::new(), invented: Vec::new() };
    let options = Options { strict: true, base: "https://example.com/v2".to_owned(), loopback: false };
    let judged = judge::scenario(&trace, &Facts::default(), &options);
    judged.verdicts.iter().map(|verdict| verdict.rule.to_string()).collect()
}

#[test]
fn printed_resources_are_as_they_should_be() {
    for Example { section, path, told, json } in read::<Shown>("resources.toml").resource {
        assert_eq!(found(&path, &json), told, "{section}");
    }
}
