//! The book: every command in it is run, and every page is in its table of contents.

use std::path::Path;
use std::process::Command;

use super::support::desk::{Desk, counting};

fn docs() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(docs().join(name)).unwrap()
}

fn pages() -> Vec<String> {
    let entries = std::fs::read_dir(docs()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<_> = entries.filter(|name| Path::new(name).extension().is_some_and(|e| e == "md")).collect();
    pages.sort();
    pages
}

/// The commands of a page, in order, as one script.
fn script(page: &str) -> String {
    let blocks = page.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn every_command_in_the_book_works() {
    let mut commands = 0;
    for name in pages() {
        let script = script(&page(&name));
        if script.is_empty() {
            continue;
        }
        commands += script.lines().filter(|line| line.contains("scimproof")).count();
        let desk = Desk::new();
        let binary = Path::new(env!("CARGO_BIN_EXE_scimproof")).parent().unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-e", "-m", "-c", &script]).current_dir(desk.folder()).env_clear();
        bash.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display())).env("HOME", desk.path("home"));
        bash.env("TMPDIR", desk.path("tmp")).env("LANG", "C.UTF-8").envs(counting());
        let ended = bash.output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{name}: {:?}\n{script}\n{text}", ended.status);
    }
    assert!(commands > 15, "only {commands} commands were found");
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let summary = page("SUMMARY.md");
    for name in pages().into_iter().filter(|name| name != "SUMMARY.md") {
        assert!(summary.contains(&format!("]({name})")), "docs/SUMMARY.md lacks {name}");
    }
}
