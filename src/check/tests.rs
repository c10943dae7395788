//! The registry: what must hold of every check, whoever writes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::requirement;

fn is_kebab(word: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    word.split('-').all(part)
}

fn section(check: &Check) -> Vec<u32> {
    let section = check.id.split('/').nth(1).unwrap();
    section.split('.').map(|number| number.parse().unwrap_or_else(|_| panic!("{}", check.id))).collect()
}

#[test]
fn ids_are_unique_names_in_the_order_of_the_sections() {
    let ids: Vec<_> = all().map(|check| check.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for check in all() {
        let parts: Vec<_> = check.id.split('/').collect();
        let known = match parts.as_slice() {
            ["rfc7643" | "rfc7644" | "rfc9865", _, name] => !section(check).is_empty() && is_kebab(name),
            ["state", name] => is_kebab(name),
            _ => false,
        };
        assert!(known, "{}", check.id);
    }
    for files in [rfc7643::FILES, rfc7644::FILES, rfc9865::FILES] {
        let sections: Vec<_> = files.iter().flat_map(|file| file.iter()).map(|check| section(check)).collect();
        assert!(sections.is_sorted(), "{sections:?}");
    }
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("check_ids", ids.join("\n"));
    });
}

#[test]
fn checks_say_what_they_serve_and_why() {
    for check in all() {
        let rows: BTreeSet<_> = check.requirements.iter().collect();
        assert!(!rows.is_empty() && rows.len() == check.requirements.len(), "{}", check.id);
        for row in check.requirements {
            assert!(requirement::get(row).is_some(), "{}: {row}", check.id);
        }
        assert!(!check.title.is_empty() && !check.title.ends_with('.'), "{}: {}", check.id, check.title);
        for sentence in [check.why, check.fix] {
            assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{}: {sentence}", check.id);
        }
    }
}

/// A file that nobody lists, or a check that its file does not list, would never judge anything.
#[test]
fn every_file_and_every_check_is_listed() {
    for (folder, files) in [("rfc7643", rfc7643::FILES), ("rfc7644", rfc7644::FILES), ("rfc9865", rfc9865::FILES)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check").join(folder);
        let list = fs::read_to_string(path.join("mod.rs")).unwrap();
        let mut written = 0;
        for entry in fs::read_dir(&path).unwrap() {
            let file = entry.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
            if stem == "mod" {
                continue;
            }
            assert!(list.contains(&format!("{stem}::CHECKS")), "{folder}/{stem} is not in FILES");
            written += fs::read_to_string(&file).unwrap().matches(": Check = Check {").count();
        }
        assert_eq!(files.iter().map(|file| file.len()).sum::<usize>(), written, "{folder}");
    }
}

/// A finding may name only what its check says that it serves.
#[test]
fn rows_in_the_code_are_rows_of_a_check() {
    let served: BTreeSet<_> = all().flat_map(|check| check.requirements).copied().collect();
    for folder in ["rfc7643", "rfc7644", "rfc9865", "state"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let rows = text.split('"').filter(|part| {
                (part.starts_with("RFC76") || part.starts_with("RFC98")) && part.contains('-') && !part.contains(' ')
            });
            for row in rows {
                assert!(served.contains(row), "{}: {row} is served by no check", path.display());
            }
        }
    }
}
