//! The direction of imports: a module uses only what its row names. ARCHITECTURE.md prints this table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what it may use. Rows go from the nouns to the process; a row names only rows above it.
const TABLE: &[(&str, &[&str])] = &[
    ("document", &[]),
    ("error", &["document"]),
    ("scim", &[]),
    ("exchange", &["scim"]),
    ("facts", &["scim", "exchange"]),
    ("requirement", &["check"]),
    ("profile", &["scim", "document", "facts"]),
    ("trace", &["scim", "exchange", "profile"]),
    ("shadow", &["scim", "exchange", "facts", "trace"]),
    ("check", &["scim", "exchange", "facts", "profile", "trace", "requirement", "shadow"]),
    ("verdict", &["scim", "exchange", "document", "facts", "profile", "trace", "requirement", "shadow", "check"]),
    ("snapshot", &["scim", "exchange", "profile", "trace", "check", "verdict"]),
    ("event", &["exchange", "facts", "profile", "trace", "verdict"]),
    ("play", &["scim", "document", "facts", "profile"]),
    ("plan", &["profile", "play"]),
    ("transport", &["scim", "exchange"]),
    (
        "run",
        &[
            "scim",
            "exchange",
            "facts",
            "profile",
            "trace",
            "shadow",
            "check",
            "verdict",
            "event",
            "play",
            "plan",
            "transport",
        ],
    ),
    (
        "transcript",
        &["scim", "exchange", "document", "facts", "requirement", "profile", "trace", "check", "verdict", "event"],
    ),
    (
        "report",
        &[
            "error",
            "scim",
            "exchange",
            "facts",
            "requirement",
            "profile",
            "trace",
            "check",
            "verdict",
            "event",
            "transcript",
        ],
    ),
    ("doctor", &["error", "scim", "exchange", "transport", "run", "report"]),
    ("explain", &["document", "profile", "requirement", "check"]),
    ("compare", &["trace", "snapshot", "event", "report"]),
    ("reference", &["scim", "exchange"]),
    (
        "record",
        &[
            "document",
            "scim",
            "exchange",
            "profile",
            "trace",
            "verdict",
            "snapshot",
            "event",
            "play",
            "transport",
            "transcript",
        ],
    ),
    (
        "session",
        &[
            "document",
            "error",
            "exchange",
            "facts",
            "profile",
            "trace",
            "check",
            "verdict",
            "snapshot",
            "event",
            "play",
            "plan",
            "transport",
            "run",
            "report",
            "reference",
        ],
    ),
    (
        "cli",
        &[
            "document",
            "error",
            "scim",
            "exchange",
            "facts",
            "requirement",
            "profile",
            "trace",
            "check",
            "verdict",
            "snapshot",
            "event",
            "play",
            "plan",
            "transport",
            "run",
            "report",
            "compare",
            "transcript",
            "doctor",
            "explain",
            "reference",
            "record",
            "session",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(String, String, String)> {
    let src = root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().display().to_string();
            let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            (module, name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The file without its unit tests: those may use whatever helps them.
fn without_tests(name: &str, text: &str) -> String {
    if name.ends_with("tests.rs") || name.contains("/tests/") {
        return String::new();
    }
    text.split("\n#[cfg(test)]\nmod tests {").next().unwrap().to_owned()
}

/// Every `crate::x` of a text, also inside `use crate::{a::…, b::…}`.
fn uses(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0usize;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if depth == 0 && c == ',' {
                    word.clear();
                } else if !word.is_empty() && depth == 0 {
                    found.insert(std::mem::take(&mut word));
                }
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn imports_follow_the_table() {
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, name, text) in sources() {
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let Some(allowed) = table.get(module.as_str()) else {
            wrong.push(format!("src/{name}: the module `{module}` has no row in the table"));
            continue;
        };
        for used in uses(&without_tests(&name, &text)) {
            if used != module && table.contains_key(used.as_str()) && !allowed.contains(&used.as_str()) {
                wrong.push(format!("src/{name}: `{module}` must not use `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_printed_in_the_architecture_page() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (module, allowed) in TABLE {
        let allowed = if allowed.is_empty() { "-".to_owned() } else { allowed.join(", ") };
        let row = format!("| {module} | {allowed} |");
        assert!(page.contains(&row), "ARCHITECTURE.md lacks the row\n{row}");
    }
}

/// Only the transport, the OAuth client in it, the reference provider's server and the recorder's proxy touch sockets.
#[test]
fn only_the_transport_and_the_provider_touch_the_network() {
    let network = ["tokio::net", "hyper::", "hyper_util::", "reqwest::", "axum::", "tokio_rustls::"];
    for (module, name, text) in sources() {
        let text = without_tests(&name, &text);
        for word in network {
            assert!(
                !text.contains(word)
                    || matches!(module.as_str(), "transport" | "reference")
                    || name.starts_with("record/proxy/"),
                "src/{name} uses {word}: the network belongs to `transport`, `reference` and the recorder's proxy"
            );
        }
    }
}

#[test]
fn files_stay_readable() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|(_, name, _)| !name.ends_with("tests.rs"))
        .map(|(_, name, text)| (without_tests(&name, &text).lines().count(), name))
        .filter(|(lines, _)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "these files want to be two: {long:?}");
}

/// The project speaks of itself alone.
#[test]
fn no_paths_of_a_machine() {
    for (_, name, text) in sources() {
        let text = without_tests(&name, &text);
        for word in ["/work/", "/tmp/", "/root/"] {
            assert!(!text.contains(word), "src/{name} names {word}");
        }
    }
}
