//! `docs/detection.toml`: what each fault causes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use scimproof::reference::fault::{self, Kind};
use serde::Deserialize;

use super::{Found, PROFILES};

const HEAD: &str = "\
# What each fault of the provider causes. Made by the tests (tests/it/detection.rs) and read by people: a fault without a
# finding is a hole in the checks, a finding that does not follow from the fault is a false alarm.
#
# witness   the scenario that tells most of it; every run of the tests plays it
# tells     the findings of that scenario
# run       findings of discovery, which every profile begins with
# others    findings of all scenarios of a profile
# unseen    in place of all that: why nothing can tell it

";

/// What a fault causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) witness: Option<String>,
    pub(super) tells: BTreeSet<String>,
    pub(super) unseen: Option<String>,
    pub(super) by: Found,
}

#[derive(Default, Deserialize)]
struct Line {
    witness: Option<String>,
    #[serde(default)]
    tells: BTreeSet<String>,
    unseen: Option<String>,
    #[serde(flatten)]
    by: BTreeMap<String, BTreeSet<String>>,
}

/// The file.
pub(super) struct Book(BTreeMap<String, Entry>);

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/detection.toml")
}

impl Book {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(path()).unwrap_or_default();
        let lines: BTreeMap<String, Line> = toml::from_str(&text).unwrap();
        let entry = |line: Line| Entry { witness: line.witness, tells: line.tells, unseen: line.unseen, by: line.by };
        Self(lines.into_iter().map(|(name, line)| (name, entry(line))).collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn entry(&self, name: &str) -> Entry {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, name: &str, entry: Entry) {
        self.0.insert(name.to_owned(), entry);
    }

    pub(super) fn write(&self) {
        let mut text = HEAD.to_owned();
        for fault in fault::all(Kind::Mistake) {
            let Some(entry) = self.0.get(fault.name) else { continue };
            let _ = writeln!(text, "[{}]", fault.name);
            for (key, value) in [("unseen", &entry.unseen), ("witness", &entry.witness)] {
                if let Some(value) = value {
                    let _ = writeln!(text, "{key} = {value:?}");
                }
            }
            list(&mut text, "tells", &entry.tells);
            for profile in ["run"].iter().chain(&PROFILES) {
                list(&mut text, profile, entry.by.get(*profile).unwrap_or(&BTreeSet::new()));
            }
            text.push('\n');
        }
        std::fs::write(path(), text).unwrap();
    }
}

fn list(text: &mut String, key: &str, rules: &BTreeSet<String>) {
    match rules.len() {
        0 => {}
        1 => {
            let _ = writeln!(text, "{key} = {rules:?}", rules = rules.iter().collect::<Vec<_>>());
        }
        _ => {
            let _ = writeln!(text, "{key} = [");
            for rule in rules {
                let _ = writeln!(text, "    {rule:?},");
            }
            text.push_str("]\n");
        }
    }
}
