//! The papers agree with the tool: flags, exit codes and files that README.md and CONTRIBUTING.md name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use scimproof::cli::args::{Cli, EXIT_CODES};
use scimproof::cli::config;
use scimproof::document::Document;
use scimproof::play::map::Map;
use scimproof::verdict::deviation::Deviations;

fn paper(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every long flag of every subcommand.
fn flags() -> BTreeSet<String> {
    let mut command = Cli::command();
    command.build();
    let nested = command.get_subcommands().flat_map(|sub| sub.get_subcommands().chain([sub]));
    nested.flat_map(clap::Command::get_arguments).filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
}

/// The code blocks of a page in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_flag_in_the_readme_exists() {
    let flags = flags();
    let readme = paper("README.md");
    let console = blocks(&readme, "text").concat();
    let mut named = 0;
    for (at, _) in readme.match_indices("--") {
        let before = readme[..at].chars().next_back().unwrap_or(' ');
        let word: String = readme[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        // Flags of cargo and docker stand in commands of theirs; the picture of the console holds flags of curl.
        let theirs = ["release", "path", "locked", "git", "wait", "lib"].contains(&word.as_str());
        if word.is_empty()
            || word.starts_with('-')
            || !" `'([|\n".contains(before)
            || theirs
            || console.contains(&format!("--{word}"))
        {
            continue;
        }
        named += 1;
        assert!(flags.contains(&word), "README.md names --{word}, which no subcommand has");
    }
    assert!(named > 20, "only {named} flags were found in README.md");
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let readme = paper("README.md");
    for line in EXIT_CODES.lines().skip(1) {
        let code = line.split_whitespace().next().unwrap();
        assert!(readme.contains(&format!("| {code} | ")), "README.md lacks the exit code {code}");
    }
}

#[test]
fn the_files_of_the_readme_can_be_used() {
    let readme = paper("README.md");
    let examples = blocks(&readme, "toml");
    let find = |word: &str| *examples.iter().find(|example| example.contains(word)).unwrap();
    Deviations::parse(Document::new("README.md", find("[[deviation]]"))).unwrap();
    let map = Map::parse(Document::new("README.md", find("[user.rename]"))).unwrap();
    assert!(!map.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scimproof.toml");
    fs::write(&path, find("[target.staging]")).unwrap();
    let args = ["scimproof", "run", "--config", path.to_str().unwrap()].map(Into::into).to_vec();
    let expanded = config::expand(args).unwrap();
    assert!(expanded.contains(&"--token-env=SCIM_TOKEN".into()), "{expanded:?}");
}

#[test]
fn the_files_that_the_papers_name_are_there() {
    for page in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
        let text = paper(page);
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "tests/", "docs/", "profiles/", "fixtures/", "./"].iter().any(|p| quoted.starts_with(p));
            let pattern = quoted.contains(['*', '<', ' ']);
            if is_path && !pattern {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(quoted);
                assert!(path.exists(), "{page} names {quoted}, which is not there");
            }
        }
    }
}
