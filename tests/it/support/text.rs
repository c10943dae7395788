//! Texts of runs without what differs from run to run, and the one place where snapshots are kept.

use scimproof::scim::json::Json;

use super::desk::{Desk, Ended};

/// Compares a text that people read with `snapshots/tests/NAME.snap`.
pub(crate) fn shows(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/tests"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The text with the desk's own folder called `DESK`, and ports of loopback `PORT`.
pub(crate) fn plain(desk: &Desk, text: &str) -> String {
    let text = text.replace(&desk.folder().display().to_string(), "DESK");
    replace_after(&text, "127.0.0.1:", |c| c.is_ascii_digit(), "PORT")
}

/// The report on the terminal without the run's name, times and numbers of exchanges.
pub(crate) fn steady(desk: &Desk, ended: &Ended) -> String {
    let mut text = plain(desk, &ended.stdout);
    for (before, rule, with) in [
        (", run ", char::is_alphanumeric as fn(char) -> bool, "NAME"),
        (" requests in ", |c: char| c.is_ascii_digit() || c == '.', "TIME"),
        (" request in ", |c: char| c.is_ascii_digit() || c == '.', "TIME"),
        ("example   exchange ", |c: char| c.is_ascii_digit(), "N"),
        ("expected  \"20", |c: char| c.is_ascii_digit() || "TZ-:.".contains(c), "TIME"),
        ("the string \"20", |c: char| c.is_ascii_digit() || "TZ-:.".contains(c), "TIME"),
        ("exchange N, ", |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c), "TIME"),
        (", seen in exchange ", |c: char| c.is_ascii_digit(), "N"),
        ("/state/scimproof/", |c: char| c.is_alphanumeric(), "NAME"),
        // What a client wrote back as it was read.
        ("\"created\":\"", |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c), "TIME"),
        ("\"lastModified\":\"", |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c), "TIME"),
        ("\"version\":\"W/\\\"", |c: char| c.is_ascii_hexdigit(), "TAG"),
    ] {
        text = replace_after(&text, before, rule, with);
    }
    without_ids(&text)
}

/// The text with everything in the shape of a UUID, with hyphens or without, called by the order of its first appearance.
pub(crate) fn without_ids(text: &str) -> String {
    static SHAPE: [usize; 5] = [8, 4, 4, 4, 12];
    let mut ids: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word: String = rest.chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect();
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        if parts == SHAPE || parts == [32] {
            let number = ids.iter().position(|id| *id == word).unwrap_or_else(|| {
                ids.push(word.clone());
                ids.len() - 1
            });
            out.push_str(&format!("[id {}]", number + 1));
            rest = &rest[word.len()..];
        } else {
            let step = word.len().max(first.len_utf8());
            out.push_str(&rest[..step]);
            rest = &rest[step..];
        }
    }
    out
}

/// The text with what stands behind `before` and fits the rule replaced.
pub(crate) fn replace_after(text: &str, before: &str, rule: impl Fn(char) -> bool, with: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at + before.len());
        let end = tail.find(|c| !rule(c)).unwrap_or(tail.len());
        out.push_str(head);
        out.push_str(if end > 0 { with } else { "" });
        rest = &tail[end..];
    }
    out + rest
}

/// The lines of a transcript as JSON.
pub(crate) fn transcript(text: &str) -> Vec<Json> {
    text.lines().map(|line| Json::parse(line.as_bytes()).expect("a line of JSON")).collect()
}

/// A member of a line, as text.
pub(crate) fn member<'a>(json: &'a Json, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The lines of one type.
pub(crate) fn of_type<'a>(lines: &'a [Json], kind: &str) -> Vec<&'a Json> {
    lines.iter().filter(|line| member(line, "/type") == kind).collect()
}

/// Findings of a console report: standing and rule.
pub(crate) fn findings(console: &str) -> Vec<(String, String)> {
    const STANDINGS: [&str; 3] = ["error", "warning", "undetermined"];
    let headings = console.lines().filter_map(|line| {
        let line = line.strip_prefix("  ")?;
        let (standing, rule) = line.split_once("  ")?;
        let rule = rule.split_whitespace().next()?;
        STANDINGS.contains(&standing).then(|| (standing.to_owned(), rule.to_owned()))
    });
    headings.collect()
}
