//! The GitHub Action and the GitLab template, run as far as a shell can.

use std::process::Command;

use super::support::desk::{Desk, counting};
use super::support::target::Target;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Lines of the block behind `key: |` or `- >`, without their indentation; the last such block.
fn block(text: &str, key: &str) -> String {
    let (_, rest) = text.rsplit_once(&format!("{key}\n")).unwrap();
    let first = rest.lines().next().unwrap();
    let indent = first.len() - first.trim_start().len();
    let lines =
        rest.lines().take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() >= indent);
    lines.map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn bash(desk: &Desk, script: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_scimproof")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    let mut command = Command::new("bash");
    command.args(["-e", "-o", "pipefail", "-c", script]).current_dir(desk.folder()).env_clear();
    command.env("PATH", path).env("HOME", desk.path("home")).env("SCIM_TOKEN", "a-token-that-nobody-may-see");
    let ended = command.envs(counting()).envs(variables.iter().copied()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    (ended.status.code(), text)
}

fn without_location() -> Target {
    Target::altered(|_, told| {
        if told.status == 201 {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        }
    })
}

#[test]
fn the_action_annotates_and_summarises() {
    let (desk, target) = (Desk::new(), without_location());
    let script = block(&file("action.yml"), "      run: |");
    assert!(script.contains("scimproof run"), "{script}");
    let variables = [
        ("TARGET", target.url()),
        ("PROFILES", "okta:app=oin".to_owned()),
        ("TOKEN_ENV", "SCIM_TOKEN".to_owned()),
        ("ARGUMENTS", "--only okta/create-user --seed 7".to_owned()),
        ("FOLDER", "out".to_owned()),
        ("GITHUB_OUTPUT", "output".to_owned()),
        ("GITHUB_STEP_SUMMARY", "summary".to_owned()),
    ];
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (code, text) = bash(&desk, &script, &variables);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("\n::error file=scim/okta_app=oin/create-user,title=rfc7644/3.3/location-header::"),
        "{text}"
    );
    assert!(desk.read("summary").contains("| Okta |") && desk.read("output").contains("transcript=out/run.ndjson"));
    for report in ["out/run.ndjson", "out/junit.xml", "out/scim.sarif", "out/report.html"] {
        assert!(desk.path(report).is_file(), "{report}");
    }
    assert!(!text.contains("a-token-that-nobody-may-see"));
}

#[test]
fn the_gitlab_template_writes_what_gitlab_shows() {
    let (desk, target) = (Desk::new(), without_location());
    let template = file("docs/ci/scimproof.gitlab-ci.yml");
    let command = block(&template, "    - >").replace('\n', " ");
    let script = format!("mkdir -p scimproof; {command}");
    let url = target.url();
    let variables = [
        ("SCIM_TARGET", &*url),
        ("SCIM_PROFILES", "okta:app=oin"),
        ("SCIM_ARGUMENTS", "--only okta/create-user --seed 7"),
    ];
    let (code, text) = bash(&desk, &script, &variables);
    assert_eq!(code, Some(1), "{text}");
    for name in ["scimproof/junit.xml", "scimproof/code-quality.json"] {
        assert!(template.contains(&format!(": {name}\n")), "the template hands over {name}");
        assert!(desk.read(name).contains("location-header"), "{name}");
    }
}

#[test]
fn our_own_workflow_runs_what_there_is() {
    let text = file(".github/workflows/ci.yml");
    let commands = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("run: "));
    let ours: Vec<&str> =
        commands.filter(|command| !command.starts_with("cargo ") && !command.starts_with("rustup ")).collect();
    for command in &ours {
        let script = command.split(' ').next().unwrap();
        assert!(file(script).starts_with("#!/usr/bin/env bash\n"), "{command}");
    }
    for needed in [".ci/run", "tests/mutants.sh sample", "tests/coverage.sh"] {
        assert!(ours.contains(&needed), "{needed} is not among {ours:?}");
    }
}
