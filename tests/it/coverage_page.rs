//! `docs/COVERAGE.md` is made from the catalogue and the checks. `UPDATE_DOCS=1` writes it again.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scimproof::requirement::coverage::{checks, is_reported, reason, reported};
use scimproof::requirement::{self, Requirement};

/// Requirements, and how many of them are checked and not.
#[derive(Default)]
struct Count {
    all: usize,
    checked: usize,
}

impl Count {
    fn add(&mut self, row: &Requirement) {
        self.all += 1;
        self.checked += usize::from(checks(&row.id).next().is_some());
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Coverage\n\nEvery requirement of RFC 7642, RFC 7643, RFC 7644 and RFC 9865 that binds a server, is no mere \
         permission and can be\nseen from outside, with the checks that serve it, or the reason why none does. One row a \
         line, the id first. `scimproof\nexplain ID` tells more of each. This page is made from the code: `UPDATE_DOCS=1 \
         cargo test --test it coverage_page` writes\nit again.\n\n| RFC | requirements | checked | with a reason |\n| --- | --- | --- | --- |\n",
    );
    let mut total = Count::default();
    for rfc in ["RFC7642", "RFC7643", "RFC7644", "RFC9865"] {
        let mut count = Count::default();
        reported().filter(|row| row.rfc == rfc).for_each(|row| count.add(row));
        line(&mut page, &rfc.replace("RFC", "RFC "), &count);
        total.all += count.all;
        total.checked += count.checked;
    }
    line(&mut page, "all", &total);
    let beyond = requirement::all().iter().filter(|row| !is_reported(row) && checks(&row.id).next().is_some()).count();
    let _ = writeln!(
        page,
        "\nBeside these, {beyond} rows have checks that bind whoever publishes a schema, or only permit something."
    );
    sections(&mut page);
    page
}

fn line(page: &mut String, name: &str, Count { all, checked }: &Count) {
    let _ = writeln!(page, "| {name} | {all} | {checked} | {} |", all - checked);
}

fn sections(page: &mut String) {
    let mut section = String::new();
    for row in reported() {
        let of = row.cite();
        if of != section {
            let mut count = Count::default();
            reported().filter(|other| other.cite() == of).for_each(|other| count.add(other));
            let _ = write!(page, "\n## {of}: {} of {}\n\n", count.checked, count.all);
            page.push_str("| requirement | checks | level | what |\n| --- | --- | --- | --- |\n");
            section = of;
        }
        let served: Vec<_> = checks(&row.id).map(|check| format!("`{}`", check.id)).collect();
        let served = match reason(&row.id) {
            Some(reason) => format!("none: {reason}"),
            None => served.join(" "),
        };
        let what = row.requirement.replace('|', "\\|");
        let _ = writeln!(page, "| {} | {served} | {} | {what} |", row.id, row.level.as_str());
    }
}

#[test]
fn coverage_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/COVERAGE.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/COVERAGE.md is out of date: run UPDATE_DOCS=1 cargo test --test it coverage_page");
}
