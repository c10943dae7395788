//! `scimproof.toml`: named targets, each with the options of `run` under their own names. Flags override it; it never
//! holds a secret, only where one is to be found.
//!
//! ```toml
//! default = "staging"
//!
//! [target.staging]
//! url = "https://scim.example.com/scim/v2"
//! profiles = ["okta", "entra:flag=aadOptscim062020"]
//! token-env = "SCIM_TOKEN"
//! report = ["console", "junit=scim.xml"]
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command, CommandFactory};

use super::args::Cli;
use crate::document::{At, Document, Problem, Table, nearest};
use crate::error::Error;

/// The file that is read when it is there and nothing else is said.
pub const FILE: &str = "scimproof.toml";

/// Options whose value is a path: relative to the configuration's own folder.
const PATHS: [&str; 10] = [
    "profile-dir",
    "baseline",
    "known",
    "map",
    "rerun",
    "ledger",
    "token-file",
    "ca-file",
    "client-cert",
    "client-key",
];
/// Options that make no sense in a file.
const NOT_HERE: [&str; 6] = ["target", "config", "list", "yes", "help", "version"];
/// Options that say where the credentials are; another kind on the command line takes their place.
const CREDENTIALS: [&str; 9] = [
    "token_env",
    "token_file",
    "token_command",
    "basic_env",
    "oauth_token_url",
    "oauth_client_id",
    "oauth_secret_env",
    "oauth_scope",
    "oauth_auth",
];
const SECRETS: [&str; 6] = ["token", "password", "secret", "basic", "authorization", "oauth-secret"];

/// The command line with what the configuration adds: every option of the chosen target that was not given as a flag.
///
/// # Errors
/// Every problem of the configuration file; a name that is no target of it.
pub fn expand(args: Vec<OsString>) -> Result<Vec<OsString>, Error> {
    let command = Cli::command();
    // What is wrong on the command line itself is told later, by the real parse.
    let Ok(matches) = command.clone().try_get_matches_from(&args) else { return Ok(args) };
    let Some((name @ ("run" | "watch" | "sweep" | "doctor"), sub)) = matches.subcommand() else { return Ok(args) };
    let asked = sub.get_one::<String>("target");
    let by_name = asked.filter(|target| !target.contains("://"));
    let path = match sub.get_one::<PathBuf>("config") {
        Some(path) => path.clone(),
        None if by_name.is_some() || (asked.is_none() && Path::new(FILE).exists()) => PathBuf::from(FILE),
        None => return Ok(args),
    };
    if by_name.is_some() && !path.exists() && sub.get_one::<PathBuf>("config").is_none() {
        return Err(Error::Usage(format!(
            "--target {}: this is neither a URL (https://…) nor the name of a target: there is no {FILE} here",
            by_name.map_or("", String::as_str)
        )));
    }
    let document = Document::read(&path).map_err(|problem| vec![problem])?;
    let command = command.find_subcommand(name).cloned().unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    // A target is described by the options of `run`; the others take what they know of them.
    let run = Cli::command().find_subcommand("run").cloned().unwrap_or_default();
    let options = document.parse(|root| targets(root, &run, &folder))?;
    let chosen = choose(&options, asked, by_name, &path)?;
    Ok(match chosen {
        Some(target) => with(args, target, sub, &command, by_name.is_some()),
        None => args,
    })
}

/// A target's options: flag name and value; `url` and `profiles` among them.
struct Target {
    name: String,
    options: Vec<(String, String)>,
    default: bool,
}

fn choose<'t>(
    targets: &'t [Target],
    asked: Option<&String>,
    by_name: Option<&String>,
    path: &Path,
) -> Result<Option<&'t Target>, Error> {
    if let Some(name) = by_name {
        let names: Vec<_> = targets.iter().map(|target| target.name.clone()).collect();
        return if let Some(target) = targets.iter().find(|target| target.name == *name) {
            Ok(Some(target))
        } else {
            let hint = nearest(name, &names).map_or_else(|| names.join(", "), |near| format!("perhaps `{near}`"));
            Err(Error::Usage(format!("--target {name}: {} has no such target; expected {hint}", path.display())))
        };
    }
    // A URL on the command line is a target of its own; the file's options belong to its targets.
    Ok(if asked.is_some() { None } else { targets.iter().find(|t| t.default).or_else(|| targets.first()) })
}

fn targets(root: &Table<'_>, command: &Command, folder: &Path) -> Option<Vec<Target>> {
    let default = root.string("default");
    let table = root.table("target")?;
    let mut out = Vec::new();
    for key in table.keys() {
        let Some(target) = table.table(&key.value) else { continue };
        let is_default = default.as_ref().is_some_and(|d| d.value == key.value);
        out.push(Target { options: options(&target, command, folder), default: is_default, name: key.value });
    }
    if let Some(default) = default
        && !out.iter().any(|target| target.default)
    {
        let names: Vec<_> = out.iter().map(|target| target.name.as_str()).collect();
        root.problem(default.span, format!("there is no target `{}`", default.value), Some(names.join(" or ")));
    }
    Some(out)
}

fn options(target: &Table<'_>, command: &Command, folder: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if let Some(url) = target.required("url") {
        out.push(("target".to_owned(), url.value));
    }
    out.extend(target.scalars("profiles").into_iter().map(|profile| ("profiles".to_owned(), profile.value)));
    let known: Vec<String> = command
        .get_arguments()
        .filter_map(|arg| arg.get_long().map(str::to_owned))
        .filter(|long| !NOT_HERE.contains(&long.as_str()))
        .collect();
    for key in target.keys() {
        if matches!(key.value.as_str(), "url" | "profiles") {
            continue;
        }
        let Some(arg) = command.get_arguments().find(|arg| arg.get_long() == Some(&key.value)) else {
            unknown(target, &key, &known);
            continue;
        };
        if NOT_HERE.contains(&key.value.as_str()) {
            unknown(target, &key, &known);
            continue;
        }
        match arg.get_action() {
            ArgAction::SetTrue => {
                if target.boolean(&key.value) == Some(true) {
                    out.push((key.value, String::new()));
                }
            }
            ArgAction::Append => {
                let values = target.scalars(&key.value);
                out.extend(values.iter().filter_map(|at| checked(target, command, &key.value, at, folder)));
            }
            _ => {
                if let Some(at) = target.scalar(&key.value) {
                    out.extend(checked(target, command, &key.value, &at, folder));
                }
            }
        }
    }
    out
}

fn unknown(target: &Table<'_>, key: &At<String>, known: &[String]) {
    let (message, expected) = if SECRETS.contains(&key.value.as_str()) {
        (
            format!("`{}`: a configuration never holds a secret", key.value),
            "where the secret is: `token-env`, `token-file`, `token-command`, `basic-env` or `oauth-secret-env`"
                .to_owned(),
        )
    } else {
        let near = nearest(&key.value, known).map(|near| format!("perhaps `{near}`"));
        (format!("unknown option `{}`", key.value), near.unwrap_or_else(|| "an option of `scimproof run`".to_owned()))
    };
    target.problem(key.span.clone(), message, Some(expected));
}

/// A value, tried on the real command line so that it is refused here with its place.
fn checked(
    target: &Table<'_>,
    command: &Command,
    key: &str,
    at: &At<String>,
    folder: &Path,
) -> Option<(String, String)> {
    let value = match key {
        _ if PATHS.contains(&key) => folder.join(&at.value).display().to_string(),
        "report" => match at.value.split_once('=') {
            Some((format, path)) if path != "-" => format!("{format}={}", folder.join(path).display()),
            _ => at.value.clone(),
        },
        _ => at.value.clone(),
    };
    match command.clone().try_get_matches_from(["run".to_owned(), format!("--{key}={value}")]) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) => {
            let text = error.to_string();
            let why = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            target.problem(at.span.clone(), why, None);
            None
        }
        _ => Some((key.to_owned(), value)),
    }
}

fn with(mut args: Vec<OsString>, target: &Target, sub: &ArgMatches, command: &Command, by_name: bool) -> Vec<OsString> {
    let given = |id: &str| sub.try_get_raw(id).is_ok() && sub.value_source(id) == Some(ValueSource::CommandLine);
    // One kind of credentials excludes the others.
    let replaces = CREDENTIALS.into_iter().any(given);
    if by_name && let Some(place) = args.iter().position(|arg| arg.to_str().is_some_and(|a| a.starts_with("--target=")))
    {
        args.remove(place);
    } else if by_name && let Some(place) = args.iter().position(|arg| arg == "--target") {
        args.drain(place..=place + 1);
    }
    for (key, value) in &target.options {
        let Some(arg) = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(key) || (key == "profiles" && arg.get_id() == "profiles"))
        else {
            // Not every command knows all of them.
            continue;
        };
        let id = arg.get_id().as_str();
        if key != "target" && (given(id) || replaces && CREDENTIALS.contains(&id)) {
            continue;
        }
        match (key.as_str(), value.as_str()) {
            ("profiles", profile) => args.push(profile.into()),
            (key, "") => args.push(format!("--{key}").into()),
            (key, value) => args.push(format!("--{key}={value}").into()),
        }
    }
    args
}

/// A file that the user named, read as a document.
///
/// # Errors
/// It cannot be read.
pub fn document(path: &Path) -> Result<Document, Vec<Problem>> {
    Document::read(path).map_err(|problem| vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(config: &str, args: &[&str]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, config).unwrap();
        let mut all: Vec<OsString> = vec!["scimproof".into(), "run".into(), "--config".into(), path.clone().into()];
        all.extend(args.iter().map(OsString::from));
        let strip = |text: String| text.replace(&folder.path().display().to_string(), "DIR");
        match expand(all) {
            Ok(args) => Ok(args.into_iter().skip(4).map(|arg| strip(arg.into_string().unwrap())).collect()),
            Err(error) => Err(strip(crate::cli::diagnostics::render(&error, false))),
        }
    }

    const GOOD: &str = r#"
default = "b"
[target.a]
url = "http://127.0.0.1:1/a"
[target.b]
url = "http://127.0.0.1:1/b"
profiles = ["okta"]
token-env = "T"
jobs = 2
known = "known.toml"
report = ["console", "junit=out/x.xml"]
read-only = true
"#;

    #[test]
    fn flags_override_the_chosen_target() {
        let expected = [
            "--jobs=1",
            "--target=http://127.0.0.1:1/b",
            "okta",
            "--token-env=T",
            "--known=DIR/known.toml",
            "--report=console",
            "--report=junit=DIR/out/x.xml",
            "--read-only",
        ];
        assert_eq!(expanded(GOOD, &["--jobs=1"]).unwrap(), expected);
        assert_eq!(expanded(GOOD, &["--target", "a"]).unwrap(), ["--target=http://127.0.0.1:1/a"]);
        assert!(expanded(GOOD, &["--target", "x"]).unwrap_err().contains("no such target"));
    }

    #[test]
    fn every_problem_is_shown_with_its_place() {
        let bad =
            "default = \"c\"\n[target.a]\nurl = 3\njobs = 999\ntoken = \"x\"\ntimeuot = \"2s\"\ntimeout = \"soon\"\n";
        insta::with_settings!({ snapshot_path => "../../snapshots/cli", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("bad-config", expanded(bad, &[]).unwrap_err());
        });
    }
}
