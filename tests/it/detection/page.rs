//! `docs/DETECTION.md`: which profile would notice which mistake.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use scimproof::reference::fault::{self, Fault, Kind};

use super::PROFILES;
use super::book::{Book, Entry};

const HEAD: &str = "\
# What is detected

The embedded provider can make mistakes that real servers make (`scimproof serve --fault NAME`), and differ in ways that the
standard allows (`--variant NAME`). The tests play the profiles against each of them: a mistake must cause the findings that
`detection.toml` declares, a legal difference none.

The witness is a short scenario that tells of the mistake; every run of the tests plays it. `E`: the profile ends with an error.
`w`: with a warning. `-`: this client would not notice. Empty: not played in full yet. `okta` stands for both kinds of app,
`entra` for both states of the flag.

This page is made of `detection.toml`: `UPDATE_DOCS=1 cargo test --test it detection` writes it again. `DETECTION=new` looks for
witnesses where there are none, `DETECTION=full` plays every profile against every mistake (many minutes), and
`DETECTION=NAME,NAME` against some.
";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/DETECTION.md")
}

pub(super) fn write(book: &Book) {
    std::fs::write(path(), page(book)).unwrap();
}

fn page(book: &Book) -> String {
    let mistakes = fault::all(Kind::Mistake).count();
    let found = fault::all(Kind::Mistake).filter(|fault| book.entry(fault.name).witness.is_some()).count();
    let legal = fault::all(Kind::Tolerated).count();
    let mut page = format!("{HEAD}\n{mistakes} mistakes, {found} of them with a witness; {legal} legal differences.\n");
    for (area, faults) in fault::areas() {
        let mistakes: Vec<&Fault> = faults.iter().filter(|fault| fault.kind == Kind::Mistake).collect();
        if mistakes.is_empty() {
            legal_ones(&mut page, area, faults);
            continue;
        }
        let _ = write!(page, "\n## {area}\n\n| Fault | What the provider does | Witness |");
        for profile in PROFILES {
            let _ = write!(page, " {profile} |");
        }
        let _ = writeln!(page, "\n| --- | --- | --- |{}", " --- |".repeat(PROFILES.len()));
        for fault in mistakes {
            row(&mut page, fault, &book.entry(fault.name));
        }
    }
    page
}

fn row(page: &mut String, fault: &Fault, entry: &Entry) {
    let witness = match (&entry.witness, &entry.unseen) {
        (Some(scenario), _) => format!("`{scenario}`"),
        (None, Some(why)) => format!("cannot be told: {why}"),
        (None, None) => "none yet".to_owned(),
    };
    let _ = write!(page, "| `{}` | {} | {witness} |", fault.name, fault.about);
    let none = BTreeSet::new();
    for profile in PROFILES {
        let rules = entry.by.get(profile).unwrap_or(&none).iter().chain(entry.by.get("run").unwrap_or(&none));
        let mark = match rules.map(|rule| rule.starts_with("error")).max() {
            Some(true) => "E",
            Some(false) => "w",
            None if entry.by.is_empty() => "",
            None => "-",
        };
        let _ = write!(page, " {mark} |");
    }
    page.push('\n');
}

fn legal_ones(page: &mut String, area: &str, faults: &[Fault]) {
    let _ = write!(
        page,
        "\n## {area}\n\nNone of them causes a finding.\n\n| Variant | What the provider does |\n| --- | --- |\n"
    );
    for fault in faults {
        let _ = writeln!(page, "| `{}` | {} |", fault.name, fault.about);
    }
}

#[test]
fn detection_page_is_up_to_date() {
    let page = page(&Book::read());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(), &page).unwrap();
    }
    let written = std::fs::read_to_string(path()).unwrap_or_default();
    assert!(written == page, "docs/DETECTION.md is out of date: run UPDATE_DOCS=1 cargo test --test it detection");
}
