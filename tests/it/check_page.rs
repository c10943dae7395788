//! `docs/CHECKS.md` is made from the checks themselves. `UPDATE_DOCS=1` writes it again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scimproof::check::{self, Check};
use scimproof::requirement;

fn page() -> String {
    let mut page = String::from(
        "# Checks\n\nWhat scimproof checks by the standard, in the order of its sections, then what it checks of the \
         target's state.\nThis page is made from the code: `UPDATE_DOCS=1 cargo test --test it check_page` \
         writes it again.\n",
    );
    let mut chapter = String::new();
    for check in check::all() {
        let of = chapter_of(check);
        if of != chapter {
            let _ = write!(page, "\n## {of}\n");
            chapter = of;
        }
        entry(&mut page, check);
    }
    page
}

fn chapter_of(check: &Check) -> String {
    let mut parts = check.id.split('/');
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        ("state", _) => "State".to_owned(),
        (rfc, section) => format!("RFC {} section {section}", rfc.trim_start_matches("rfc")),
    }
}

fn entry(page: &mut String, check: &Check) {
    let rows: Vec<String> = check
        .requirements
        .iter()
        .filter_map(|id| requirement::get(id))
        .map(|row| format!("[{}]({} \"{}\")", row.id, row.section_url(), row.level.as_str()))
        .collect();
    let Check { id, title, why, fix, .. } = check;
    let _ = write!(page, "\n### `{id}`\n\n{title}.\n\n- Why: {why}\n- Fix: {fix}\n- Serves: {}\n", rows.join(", "));
}

#[test]
fn check_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CHECKS.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/CHECKS.md is out of date: run UPDATE_DOCS=1 cargo test --test it check_page");
}
