//! Where profiles come from: those built in, and folders of the user.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::model::Profile;
use super::parse::{HEAD, parse};
use crate::document::Problem;

/// A built-in profile's name and its files: name within the folder, and text.
type Files = (&'static str, &'static [(&'static str, &'static str)]);

/// Every folder under `profiles/`, made by `build.rs`.
const BUILT_IN: &[Files] = &include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The JSON Schema of `profile.toml`.
pub const PROFILE_SCHEMA: &str = include_str!("../../profiles/profile.schema.json");

/// The JSON Schema of `scenarios/*.toml`.
pub const SCENARIO_SCHEMA: &str = include_str!("../../profiles/scenario.schema.json");

type Parsed = Result<Arc<Profile>, Vec<Problem>>;

/// The ids of the built-in profiles, sorted.
#[must_use]
pub fn builtin_ids() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(id, _)| *id).collect()
}

/// A built-in profile, read when it is asked for the first time; `None` when there is none of that id.
///
/// # Errors
/// Its problems; a test keeps the built-in ones free of them.
pub fn builtin(id: &str) -> Option<Parsed> {
    static PARSED: OnceLock<Vec<OnceLock<Parsed>>> = OnceLock::new();
    let at = BUILT_IN.iter().position(|(name, _)| *name == id)?;
    let slots = PARSED.get_or_init(|| BUILT_IN.iter().map(|_| OnceLock::new()).collect());
    let parsed = slots.get(at)?.get_or_init(|| {
        let (name, files) = BUILT_IN[at];
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        parse(&format!("profiles/{name}"), files).map(Arc::new)
    });
    Some(parsed.clone())
}

/// Reads the profile in a folder: `profile.toml` and `scenarios/*.toml`.
///
/// # Errors
/// Every problem of its files, and files that cannot be read.
pub fn from_dir(folder: &Path) -> Result<Profile, Vec<Problem>> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for (name, path) in files_of(folder).map_err(|problem| vec![problem])? {
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push((name, text)),
            Err(error) if name == HEAD => return Err(vec![unreadable(&path, &error)]),
            Err(error) => problems.push(unreadable(&path, &error)),
        }
    }
    match parse(&folder.display().to_string(), files) {
        Ok(profile) if problems.is_empty() => Ok(profile),
        Ok(_) => Err(problems),
        Err(more) => Err(problems.into_iter().chain(more).collect()),
    }
}

/// Every problem of the profile in a folder; empty: none.
#[must_use]
pub fn lint(folder: &Path) -> Vec<Problem> {
    from_dir(folder).err().unwrap_or_default()
}

/// One line for each built-in profile: its id and what it is.
#[must_use]
pub fn list() -> String {
    let mut out = String::new();
    for id in builtin_ids() {
        let Some(Ok(profile)) = builtin(id) else { continue };
        let about = profile.about.lines().next().unwrap_or_default();
        let reconstructed = if profile.reconstructed.is_some() { " (reconstructed)" } else { "" };
        out.push_str(&[&format!("{id:<15} "), &profile.title, reconstructed, ": ", about, "\n"].concat());
    }
    out
}

fn files_of(folder: &Path) -> Result<Vec<(String, PathBuf)>, Problem> {
    let mut files = vec![(HEAD.to_owned(), folder.join(HEAD))];
    let scenarios = folder.join("scenarios");
    if scenarios.is_dir() {
        let entries = std::fs::read_dir(&scenarios).map_err(|error| unreadable(&scenarios, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&scenarios, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((format!("scenarios/{name}"), path));
            }
        }
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem {
        file: path.display().to_string(),
        text: String::new(),
        span: 0..0,
        message: format!("cannot be read: {error}"),
        expected: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> serde_json::Value {
        serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
    }

    #[test]
    fn built_in_profiles_fit_the_published_schemas() {
        let schema = |text| jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
        let head = schema(include_str!("../../profiles/profile.schema.json"));
        let scenario = schema(include_str!("../../profiles/scenario.schema.json"));
        for (id, files) in BUILT_IN {
            for (name, text) in *files {
                let validator = if *name == HEAD { &head } else { &scenario };
                let told: Vec<_> = validator
                    .iter_errors(&json(text))
                    .map(|error| format!("{id}/{name}{}: {error}", error.instance_path()))
                    .collect();
                assert!(told.is_empty(), "{}", told.join("\n"));
            }
        }
        let missing = json("id = \"x\"\ntitle = \"X\"\nfeature = \"f\"\nwhy = \"w\"\nsetp = []");
        assert!(!scenario.is_valid(&missing));
    }

    #[test]
    fn lists_what_is_built_in() {
        insta::assert_snapshot!(list(), @r#"
        concurrent      Concurrent client: A conforming client that sends requests at the same time, has one delivered twice, and reads straight after writing.
        entra           Microsoft Entra ID: Entra's provisioning service with a non-gallery app, with and without the flag `aadOptscim062020`.
        entra-validator Microsoft SCIM Validator (reconstructed): The requests of Microsoft's validator that are public, to rehearse a run of it. No dump of it is published: its headers are ours.
        jumpcloud       JumpCloud (reconstructed): JumpCloud's custom SCIM integration: it looks a user up, creates or replaces it by PUT, and changes groups by PATCH.
        okta            Okta: Okta's cloud provisioning: apps made in the App Integration Wizard (PUT) and catalogue or template apps (PATCH).
        okta-spec       Okta SPEC test: Okta's published SPEC test of 2024, request by request with its assertions, so that a submission can be rehearsed.
        rfc             RFC client: A strictly conforming client that asks for everything RFC 7643, RFC 7644 and RFC 9865 offer, also what is wrong on purpose.
        "#);
        assert!(builtin("nobody").is_none());
        let by_default = |id: &&str| builtin(id).unwrap().unwrap().by_default;
        assert_eq!(builtin_ids().into_iter().filter(by_default).collect::<Vec<_>>(), ["entra", "jumpcloud", "okta"]);
    }

    #[test]
    fn reads_a_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/okta");
        let profile = from_dir(&folder).unwrap();
        assert_eq!(profile.scenarios.len(), builtin("okta").unwrap().unwrap().scenarios.len());
        assert!(lint(&folder).is_empty());
        let problems = lint(Path::new("/nowhere/at/all"));
        assert!(
            problems[0].to_string().starts_with("/nowhere/at/all/profile.toml:1:1: cannot be read"),
            "{problems:?}"
        );
        assert_eq!(problems.len(), 1);
    }
}
