//! What the RFCs print: `fixtures/vectors/{filters,patches}.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scimproof::scim::filter::{Filter, Truth};
use scimproof::scim::json::Json;
use scimproof::scim::patch::{Policy, apply};
use scimproof::scim::path::PatchPath;
use scimproof::scim::schema::builtin;
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
