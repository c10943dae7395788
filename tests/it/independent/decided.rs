//! `fixtures/vectors/disagreements.toml`: where a library differs from us, and who is right.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// What a disagreement is about.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum About {
    /// What a text says.
    Reading,
    /// Whom a filter selects.
    Selection,
    /// What an operation does.
    Patch,
}

/// Who reads the RFC as it is meant.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Right {
    Ours,
    Theirs,
    Open,
}

/// One entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disagreement {
    pub(super) library: String,
    pub(super) id: String,
    pub(super) about: About,
    section: String,
    right: Right,
    why: String,
    #[serde(default)]
    pub(super) filter: String,
    #[serde(default = "nothing")]
    pub(super) user: String,
    #[serde(default)]
    pub(super) operations: String,
    pub(super) ours: String,
    pub(super) theirs: String,
}

fn nothing() -> String {
    "{}".to_owned()
}

#[derive(Deserialize)]
struct Table {
    disagreement: Vec<Disagreement>,
}

/// All entries about something.
pub(super) fn decided(about: About) -> Vec<Disagreement> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors/disagreements.toml");
    let table: Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut seen = BTreeSet::new();
    for entry in &table.disagreement {
        assert!(seen.insert((&entry.library, &entry.id)), "{} twice", entry.id);
        assert!(entry.section.starts_with("RFC ") && !entry.why.is_empty(), "{}: no reason", entry.id);
        assert!(entry.right != Right::Theirs, "{}: mend ours", entry.id);
        assert_ne!(entry.ours, entry.theirs, "{}", entry.id);
    }
    table.disagreement.into_iter().filter(|entry| entry.about == about).collect()
}

/// The ids of one library.
pub(super) fn ids(decided: &[Disagreement], library: &str) -> Vec<String> {
    decided.iter().filter(|entry| entry.library == library).map(|entry| entry.id.clone()).collect()
}
