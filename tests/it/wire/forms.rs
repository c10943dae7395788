//! The request forms that are known of each client are all held by a golden file, or it is said why not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What is known of a client: the ids of its forms, and those that no golden file holds, each with the reason.
struct Known {
    profile: &'static str,
    ids: Vec<String>,
    without: &'static [(&'static str, &'static str)],
}

fn known() -> [Known; 3] {
    let numbered = |letter: char, last: usize| (1..=last).map(move |n| format!("{letter}{n}"));
    let okta = [('A', 5), ('B', 4), ('C', 8), ('D', 3), ('E', 6), ('F', 5), ('G', 4), ('H', 2), ('I', 12), ('J', 8)];
    let okta = okta.into_iter().chain([('K', 3), ('L', 5), ('M', 4)]);
    [
        Known {
            profile: "entra",
            ids: (1..=81).map(|n| format!("E{n:02}")).collect(),
            without: &[("E19", "sent by the validator and not by the service: V01 of entra-validator")],
        },
        Known { profile: "jumpcloud", ids: (1..=35).map(|n| format!("J{n:02}")).collect(), without: &[] },
        Known {
            profile: "okta",
            ids: okta.flat_map(|(letter, last)| numbered(letter, last)).collect(),
            without: &[
                ("A2", "the same request as A1, of an empty directory"),
                ("A4", "a wrong token is sent by the SPEC test: S11 of okta-spec"),
                ("A5", "sent by the SPEC test: S11 of okta-spec"),
                ("C6", "Okta never creates after a hit; the SPEC test does: S06 of okta-spec"),
                ("C7", "sent by the SPEC test: S06 of okta-spec"),
                ("C8", "sent by the SPEC test: S09 of okta-spec"),
                ("E6", "sent by the SPEC test: S04 of okta-spec"),
                ("F5", "suspending sends nothing"),
                ("J2", "the same create as I1"),
                ("K3", "not a request: Okta never deletes users, which is tested beside the other forms"),
                ("M1", "a reaction and no form: the same request again"),
                ("M2", "a reaction and no form"),
                ("M3", "a reaction and no form"),
                ("M4", "a reaction and no form"),
            ],
        },
    ]
}

/// The ids that a golden file holds: that of its name, and those in brackets behind its title.
fn held(path: &Path) -> Vec<String> {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let own = name.split('-').next().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let title = text.lines().next().unwrap();
    let more = title.rsplit_once('(').map_or("", |(_, more)| more).trim_end_matches(')');
    let is_id = |word: &&str| {
        let bytes = word.as_bytes();
        (2..=4).contains(&bytes.len()) && bytes[0].is_ascii_uppercase() && bytes[1].is_ascii_digit()
    };
    // A letter behind it is the same form in another state.
    let form = |id: &str| id.trim_end_matches(|c: char| c.is_ascii_lowercase()).to_owned();
    more.split(", ").filter(is_id).chain([own]).map(form).collect()
}

#[test]
fn every_form_is_held_or_has_a_reason() {
    for Known { profile, ids, without } in known() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire").join(profile);
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let held: BTreeSet<String> = files.flat_map(|path| held(&path)).collect();
        let reasons: BTreeSet<String> = without.iter().map(|(id, _)| (*id).to_owned()).collect();
        assert_eq!(held.intersection(&reasons).collect::<Vec<_>>(), Vec::<&String>::new(), "{profile}: held after all");
        let missing: Vec<_> = ids.iter().filter(|id| !held.contains(*id) && !reasons.contains(*id)).collect();
        assert!(missing.is_empty(), "{profile}: neither held nor explained: {missing:?}");
        let strange: Vec<_> = held.iter().filter(|id| !ids.contains(id)).collect();
        assert!(strange.is_empty(), "{profile}: no such form: {strange:?}");
    }
}
