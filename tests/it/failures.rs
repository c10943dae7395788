//! `docs/FAILURES.md` is made from `docs/failures.toml`, and every scenario and rule that it names exists. `UPDATE_DOCS=1`
//! writes it again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scimproof::check;
use scimproof::profile::catalogue::{builtin, builtin_ids};
use scimproof::profile::model::{Profile, Scenario};
use scimproof::profile::reference;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    failure: Vec<Failure>,
}

/// One failure in the field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    client: String,
    what: String,
    sources: Vec<String>,
    #[serde(default)]
    scenarios: Vec<String>,
    setting: Option<String>,
    #[serde(default)]
    rules: Vec<String>,
    unseen: Option<String>,
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn failures() -> Vec<Failure> {
    toml::from_str::<File>(&fs::read_to_string(file("failures.toml")).unwrap()).unwrap().failure
}

fn profile(id: &str) -> Option<Arc<Profile>> {
    builtin(id).map(Result::unwrap)
}

/// A scenario by `profile/scenario`.
fn scenario(id: &str) -> Option<(Arc<Profile>, Arc<Scenario>)> {
    let (of, id) = id.split_once('/')?;
    let profile = profile(of)?;
    let scenario = profile.scenario(id)?.clone();
    Some((profile, scenario))
}

/// What is wrong with a rule, seen from the scenarios that are to show it.
fn fault(rule: &str, scenarios: &[(Arc<Profile>, Arc<Scenario>)]) -> Option<&'static str> {
    if check::get(rule).is_some() || rule == "wire/answered" {
        return None;
    }
    let Some((of, name)) = rule.split_once('/').filter(|(of, _)| builtin_ids().contains(of)) else {
        return Some("there is no such check");
    };
    let mut steps = scenarios.iter().filter(|(profile, _)| profile.id == of).flat_map(|(_, scenario)| &scenario.steps);
    let (known, shown) = match name {
        "goes-on" | "own-records" => (true, steps.next().is_some()),
        "settled" => (true, steps.any(|step| step.settled)),
        need => (
            profile(of).is_some_and(|profile| profile.need(need).is_some()),
            steps.any(|step| step.needs.iter().any(|id| id == need)),
        ),
    };
    match (known, shown) {
        (false, _) => Some("the profile has no such need"),
        (true, false) => Some("no step of the scenarios looks at it"),
        (true, true) => None,
    }
}

fn problems(failure: &Failure) -> Vec<String> {
    let mut problems = Vec::new();
    let mut scenarios = Vec::new();
    for id in &failure.scenarios {
        match scenario(id) {
            Some(found) => scenarios.push(found),
            None => problems.push(format!("there is no scenario {id}")),
        }
    }
    let faulty = failure.rules.iter().filter_map(|rule| Some(format!("{rule}: {}", fault(rule, &scenarios)?)));
    problems.extend(faulty);
    if let Some(setting) = &failure.setting {
        let (id, said) = reference::split(setting);
        let known = profile(id).is_some_and(|profile| reference::variants(&profile, said, None).is_ok());
        if !known {
            problems.push(format!("there is no setting {setting}"));
        }
    }
    let seen = !failure.scenarios.is_empty() && !failure.rules.is_empty();
    let silent = failure.scenarios.is_empty() && failure.rules.is_empty() && failure.setting.is_none();
    if !(seen && failure.unseen.is_none() || silent && failure.unseen.as_ref().is_some_and(|why| !why.is_empty())) {
        problems.push("scenarios with rules, or the reason why it cannot be seen".to_owned());
    }
    if failure.sources.is_empty() {
        problems.push("no source".to_owned());
    }
    problems
}

#[test]
fn every_failure_has_a_scenario_and_a_rule_or_a_reason() {
    let failures = failures();
    let told: BTreeSet<_> = failures.iter().map(|failure| (&failure.client, &failure.what, &failure.sources)).collect();
    assert_eq!(told.len(), failures.len(), "a failure stands there twice");
    let problems: Vec<String> = failures
        .iter()
        .flat_map(|failure| problems(failure).into_iter().map(move |problem| format!("{}: {problem}", failure.what)))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// `owner/name#7` as a link, anything else as it stands.
fn source(text: &str) -> String {
    let issue = text.split_once('#').filter(|(repository, number)| {
        repository.matches('/').count() == 1 && !repository.contains(' ') && number.bytes().all(|b| b.is_ascii_digit())
    });
    match issue {
        Some((repository, number)) => format!("[{text}](https://github.com/{repository}/issues/{number})"),
        None => text.to_owned(),
    }
}

fn ids(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn page(failures: &[Failure]) -> String {
    let seen = failures.iter().filter(|failure| failure.unseen.is_none()).count();
    let mut page = format!(
        "# Failures in the field\n\nWhat broke between SCIM endpoints and the three clients where people could read of it, with the scenarios and rules of\n\
         scimproof that would have told it, or the reason why it cannot be told from outside: {seen} of {} can.\n\n\
         A rule is a check ([CHECKS.md](CHECKS.md)), a need of a client (`scimproof profile show ID`), or one that every client has:\n\
         `goes-on` (it can go on after the answer), `settled` (it finds nothing more to write), `own-records` (it changes only what it\n\
         means), `wire/answered` (there is an answer).\n\n\
         This page is made from `failures.toml`: `UPDATE_DOCS=1 cargo test --test it failures` writes it again.\n",
        failures.len()
    );
    let mut client = "";
    for failure in failures {
        if failure.client != client {
            client = &failure.client;
            let _ = write!(page, "\n## {client}\n\n| What broke | Shown by | Told by |\n| --- | --- | --- |\n");
        }
        let sources: Vec<_> = failure.sources.iter().map(|text| source(text)).collect();
        let what = format!("{} {}", failure.what, sources.join(", "));
        let told = if let Some(why) = &failure.unseen {
            format!("not from outside | {why}")
        } else {
            let with = failure.setting.as_ref().map_or_else(String::new, |setting| format!(" with `{setting}`"));
            format!("{}{with} | {}", ids(&failure.scenarios), ids(&failure.rules))
        };
        let _ = writeln!(page, "| {what} | {told} |");
    }
    page
}

#[test]
fn failure_page_is_up_to_date() {
    let page = page(&failures());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(file("FAILURES.md"), &page).unwrap();
    }
    let written = fs::read_to_string(file("FAILURES.md")).unwrap_or_default();
    assert!(written == page, "docs/FAILURES.md is out of date: run UPDATE_DOCS=1 cargo test --test it failures");
}
