//! Reads a profile from its files: `profile.toml` and `scenarios/*.toml`, one scenario a file, in the order of their
//! names. Everything that is wrong is told at once, with its place; what the profile says is checked in the same pass.

mod actor;
mod evidence;
mod head;
mod scenario;
mod step;
mod template;

use std::sync::Arc;

pub(super) use head::unfit;

use super::model::Profile;
use crate::document::{Document, Problem};

/// The version of the profile format that this reads, written as `format = 1`.
pub const FORMAT: i64 = 1;

/// The file that every profile has.
pub const HEAD: &str = "profile.toml";

/// Reads a profile from its files: name within the profile's folder, and text. `folder` is what messages put before a
/// file's name; empty: nothing.
///
/// # Errors
/// Every problem of every file, in the order of files and places.
pub fn parse(folder: &str, files: Vec<(String, String)>) -> Result<Profile, Vec<Problem>> {
    let label = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let Some((_, text)) = files.iter().find(|(name, _)| name == HEAD) else {
        return Err(vec![Problem {
            file: label(HEAD),
            text: String::new(),
            span: 0..0,
            message: "the profile has no such file".to_owned(),
            expected: Some(format!("a file `{HEAD}` beside the folder `scenarios`")),
        }]);
    };
    let mut problems = Vec::new();
    let mut head = head::Head::default();
    let read = Document::new(label(HEAD), text.clone()).parse(|root| {
        head = head::read(root);
        Some(())
    });
    problems.extend(read.err().into_iter().flatten());

    let mut scenarios = Vec::new();
    let mut ids = Vec::new();
    for (name, text) in scenario_files(&files) {
        let document = Document::new(label(name), text.clone());
        match document.parse(|root| Some(scenario::read(root, &head, &mut ids))) {
            Ok(scenario) => scenarios.push(Arc::new(scenario)),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(problem) = head.without_scenario(&ids, &label(HEAD), text) {
        return Err(vec![problem]);
    }
    Ok(head.into_profile(scenarios, files))
}

fn scenario_files(files: &[(String, String)]) -> Vec<&(String, String)> {
    let mut found: Vec<_> = files.iter().filter(|(name, _)| name.starts_with("scenarios/")).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests;
