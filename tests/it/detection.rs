//! Faults of the provider are found, and no legal difference is. `docs/detection.toml` holds what each fault causes:
//! `UPDATE_DOCS=1` writes what a fault's witness tells, with `DETECTION=new` it looks for a witness where there is none, and
//! `DETECTION=full` (or names of faults) plays every profile, which takes minutes. `docs/DETECTION.md` is made of the file.

mod book;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use scimproof::reference::fault::{self, Fault, Kind};
use scimproof::report::cause::Standing;
use scimproof::report::model::Report;
use scimproof::session::Session;

use book::{Book, Entry};

/// The profiles of the matrix, in its order.
const PROFILES: [&str; 7] = ["rfc", "concurrent", "okta", "entra", "jumpcloud", "okta-spec", "entra-validator"];

/// Faults that hold every answer back, with the one scenario that is played against them.
const SLOW: [(&str, &str); 3] = [
    ("never-answers", "jumpcloud/create-user"),
    ("every-third-503", "jumpcloud/create-user"),
    ("every-third-429", "jumpcloud/create-user"),
];

/// Findings by variant and scenario.
type Spots = BTreeMap<(String, String), BTreeSet<String>>;

/// Findings by profile; those of discovery, which every profile begins with, are under `run`.
type Found = BTreeMap<String, BTreeSet<String>>;

fn session(faults: &[&'static Fault]) -> Session {
    let hangs = faults.iter().any(|fault| fault.name == "never-answers");
    let session = Session::embedded().bearer("sesame").jobs(1).settle(Duration::from_millis(20));
    let session = if hangs { session.time_out(Duration::from_millis(500)) } else { session };
    faults.iter().fold(session, |session, fault| session.fault(fault))
}

/// Plays profiles, or one scenario by `okta:app=oin/create-user`.
fn play(faults: &[&'static Fault], names: &[&str]) -> Result<Report, String> {
    let session = names.iter().fold(session(faults), |session, name| match name.split_once('/') {
        Some((variant, _)) => session.profile(variant).only(*name),
        None => session.profile(*name),
    });
    session.play().map_err(|error| error.to_string())
}

/// The findings of a run by the variant and scenario that told them.
fn spots(played: &Result<Report, String>) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut out: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let cut =
        || BTreeMap::from([((String::new(), String::new()), BTreeSet::from(["error run/unreachable".to_owned()]))]);
    let Ok(report) = played else { return cut() };
    if report.end.as_ref().is_none_or(|end| end.cut.is_some()) {
        out = cut();
    }
    for cause in report.causes() {
        if matches!(cause.standing, Standing::Error | Standing::Warning) {
            let rule = format!("{} {}", cause.standing.as_str(), cause.rule);
            for spot in &cause.spots {
                out.entry((spot.variant.clone(), spot.scenario.clone())).or_default().insert(rule.clone());
            }
        }
    }
    out
}

fn by_profile(spots: &Spots) -> Found {
    let mut found = Found::new();
    for ((variant, _), rules) in spots {
        let profile = variant.split(':').next().unwrap_or_default();
        let profile = if profile.is_empty() { "run" } else { profile };
        found.entry(profile.to_owned()).or_default().extend(rules.iter().cloned());
    }
    found
}

fn all_of(found: Found) -> BTreeSet<String> {
    found.into_values().flatten().collect()
}

/// Does the work for every item on a few threads.
fn each<T: Send + Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0..items.len());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(|| {
                loop {
                    let Some(index) = next.lock().unwrap().next() else { return };
                    let result = work(&items[index]);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Plays everything against a fault.
fn explore(fault: &'static Fault) -> Entry {
    let slow = SLOW.iter().find(|(name, _)| *name == fault.name);
    let names: Vec<&str> = slow.map_or_else(|| PROFILES.to_vec(), |(_, scenario)| vec![*scenario]);
    let spots = spots(&play(&[fault], &names));
    let witness = witness(fault, &spots);
    let (tells, witness) = witness.map_or_else(Default::default, |(witness, tells)| (tells, Some(witness)));
    Entry { by: by_profile(&spots), witness, tells, unseen: None }
}

/// The first scenario that finds a fault: of those that are likely to, by area; else of whole variants.
fn first_witness(fault: &'static Fault) -> Option<(String, BTreeSet<String>)> {
    if let Some((_, scenario)) = SLOW.iter().find(|(name, _)| *name == fault.name) {
        return Some(((*scenario).to_owned(), tells(fault, scenario)));
    }
    let (area, _) = fault::areas().find(|(_, faults)| faults.iter().any(|one| one.name == fault.name))?;
    let likely = LIKELY.iter().filter(|(of, _)| *of == area).flat_map(|(_, scenarios)| scenarios.iter());
    let mut likely = likely.map(|name| ((*name).to_owned(), tells(fault, name)));
    likely
        .find(|(_, told)| !told.is_empty())
        .or_else(|| LADDER.iter().find_map(|variant| witness(fault, &spots(&play(&[fault], &[variant])))))
}

/// Where a fault of an area shows first.
const LIKELY: [(&str, &[&str]); 16] = [
    ("Resources", &["okta:app=oin/create-user-full", "rfc/user", "okta:app=oin/add-member"]),
    (
        "Values",
        &["okta:app=oin/create-user-full", "okta:app=oin/add-member", "rfc/enterprise", "entra:flag=off/two-cycles"],
    ),
    (
        "Create",
        &["jumpcloud/create-user", "rfc/user", "entra:flag=off/create-duplicate", "okta:app=oin/create-empty-group"],
    ),
    (
        "Read and filter",
        &[
            "entra:flag=off/create-user",
            "okta:app=oin/link-user",
            "jumpcloud/lookup-other-case",
            "rfc/user",
            "rfc/filters",
        ],
    ),
    ("Filters", &["rfc/filters", "rfc/groups", "rfc/search"]),
    ("Lists and pages", &["okta:app=oin/import-users", "rfc/sorting-and-pages", "rfc/groups", "rfc/search"]),
    ("Selected attributes", &["rfc/projection", "rfc/user"]),
    (
        "Replace",
        &[
            "okta:app=aiw/update-name",
            "jumpcloud/update-user",
            "okta:app=aiw/remove-member",
            "okta:app=aiw/rename-group",
        ],
    ),
    (
        "Patch",
        &[
            "entra:flag=off/update-several",
            "entra:flag=aadOptscim062020/update-several",
            "entra:flag=off/add-address",
            "okta:app=oin/rename-group",
            "rfc/patch-replace",
            "rfc/patch-add",
            "rfc/patch-remove",
            "rfc/patch-errors",
        ],
    ),
    (
        "Paths of a patch",
        &[
            "entra:flag=off/update-several",
            "entra:flag=off/add-address",
            "entra:flag=aadOptscim062020/update-several",
            "rfc/patch-replace",
            "rfc/patch-add",
            "rfc/patch-remove",
        ],
    ),
    ("Active and inactive", &["entra:flag=off/disable-user", "okta:app=oin/reactivate-user", "rfc/groups"]),
    (
        "Members",
        &[
            "okta:app=oin/remove-member",
            "okta:app=oin/add-member",
            "entra:flag=off/remove-member",
            "entra:flag=off/add-members",
            "okta:app=oin/push-now",
            "rfc/groups",
            "okta:app=aiw/remove-member",
            "entra:flag=off,members_per_patch=4/remove-several-members",
        ],
    ),
    ("Delete", &["entra:flag=off/delete-user", "rfc/user", "rfc/groups"]),
    ("Errors, credentials, versions", &["rfc/user", "okta-spec/wrong-credentials", "rfc/versions"]),
    ("Discovery and bulk", &["rfc/discovery", "rfc/discovery-is-read-only", "rfc/bodies", "rfc/user", "rfc/bulk"]),
    (
        "HTTP",
        &[
            "jumpcloud/create-user",
            "entra:flag=off/test-connection",
            "jumpcloud/slash",
            "rfc/media-types",
            "okta:app=oin,bulk_members=256/many-members",
        ],
    ),
];

/// Variants in the order in which a fault's witness is looked for: the short ones first.
const LADDER: [&str; 9] = [
    "okta:app=oin",
    "jumpcloud",
    "entra:flag=off",
    "rfc",
    "concurrent",
    "okta:app=aiw",
    "entra:flag=aadOptscim062020",
    "entra-validator",
    "okta-spec",
];

/// The scenario that tells most, with what it tells when it is played alone.
fn witness(fault: &'static Fault, spots: &Spots) -> Option<(String, BTreeSet<String>)> {
    let errors = |rules: &BTreeSet<String>| rules.iter().filter(|rule| rule.starts_with("error")).count();
    let mut witnesses: Vec<_> = spots.iter().filter(|((variant, _), _)| !variant.is_empty()).collect();
    let rank = |variant: &str| PROFILES.iter().position(|profile| variant.split(':').next() == Some(profile));
    witnesses.sort_by_key(|((variant, scenario), rules)| {
        (usize::MAX - errors(rules), usize::MAX - rules.len(), rank(variant), scenario.clone())
    });
    let candidates = witnesses.into_iter().map(|((variant, scenario), _)| format!("{variant}/{scenario}"));
    let of_the_run = spots.keys().any(|(variant, _)| variant.is_empty()).then(|| "jumpcloud/create-user".to_owned());
    let candidates = candidates.filter(|name| !name.ends_with('/')).take(4).chain(of_the_run);
    candidates
        .map(|name| (tells(fault, &name), name))
        .find(|(told, _)| !told.is_empty())
        .map(|(told, name)| (name, told))
}

/// What one scenario tells of a fault.
fn tells(fault: &'static Fault, witness: &str) -> BTreeSet<String> {
    all_of(by_profile(&spots(&play(&[fault], &[witness]))))
}

/// How many faults are played in full when none are asked for.
const SAMPLE: usize = 3;

/// The faults that `DETECTION` names; without it some of those whose row of the matrix is filled.
fn wanted(book: &Book) -> Vec<&'static Fault> {
    let all = fault::all(Kind::Mistake);
    if let Ok(asked) = std::env::var("DETECTION") {
        return all.filter(|f| asked == "full" || asked.split(',').any(|name| name == f.name)).collect();
    }
    let filled: Vec<_> = all.filter(|fault| !book.entry(fault.name).by.is_empty()).collect();
    assert!(filled.len() >= SAMPLE, "{}", filled.len());
    let step = filled.len() / SAMPLE;
    filled.into_iter().step_by(step).take(SAMPLE).collect()
}

/// The matrix, as far as it is asked for.
#[test]
fn matrix_is_as_declared() {
    let faults = wanted(&Book::read());
    let updates = std::env::var_os("UPDATE_DOCS").is_some();
    let mut book = Book::read();
    let mut wrong = Vec::new();
    // What is known is written from time to time: all of it takes minutes.
    for some in faults.chunks(12) {
        for (fault, entry) in some.iter().zip(each(some, |fault| explore(fault))) {
            let known = book.entry(fault.name);
            if known.by != entry.by {
                wrong.push(format!("{}: declared {:?}, found {:?}", fault.name, known.by, entry.by));
            }
            // A witness that was found stays: it is short, and the whole matrix is played now and then only.
            let found = if known.witness.is_some() { known } else { Entry { unseen: known.unseen, ..entry.clone() } };
            let unseen = found.unseen.filter(|_| found.witness.is_none());
            book.set(fault.name, Entry { unseen, by: entry.by, ..found });
        }
        if updates {
            book.write();
            page::write(&book);
        }
    }
    assert!(updates || wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each fault causes what it declares, no more and no less, in the scenario that tells most of it.
#[test]
fn every_fault_causes_the_findings_it_declares() {
    let searches = std::env::var("DETECTION").is_ok_and(|what| what == "new");
    if std::env::var_os("DETECTION").is_some() && !searches {
        return;
    }
    let updates = std::env::var_os("UPDATE_DOCS").is_some();
    let mut book = Book::read();
    let faults: Vec<_> = fault::all(Kind::Mistake).collect();
    let mut wrong = Vec::new();
    for some in faults.chunks(16) {
        let told = each(some, |fault| {
            let entry = book.entry(fault.name);
            let told =
                entry.witness.map(|witness| (tells(fault, &witness), witness)).filter(|(told, _)| !told.is_empty());
            let told = told.map(|(told, witness)| (witness, told));
            if searches && entry.unseen.is_none() { told.or_else(|| first_witness(fault)) } else { told }
        });
        for (fault, told) in some.iter().zip(told) {
            let entry = book.entry(fault.name);
            let (witness, tells) = told.map_or_else(Default::default, |(witness, told)| (Some(witness), told));
            if tells != entry.tells && !updates {
                wrong.push(format!(
                    "{} in {:?}: declared {:?}, found {tells:?}",
                    fault.name, entry.witness, entry.tells
                ));
            }
            if tells.is_empty() && !searches {
                // What was found once and is found no more is an error, also when the file is written.
                if entry.witness.is_some() {
                    wrong.push(format!("{}: {:?} finds it no more", fault.name, entry.witness));
                }
                continue;
            }
            book.set(fault.name, Entry { witness, tells, ..entry });
        }
        if updates {
            book.write();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_file_names_faults_that_there_are() {
    let names: BTreeSet<&str> = fault::all(Kind::Mistake).map(|fault| fault.name).collect();
    let book = Book::read();
    let strange: Vec<&str> = book.names().filter(|name| !names.contains(name)).collect();
    assert_eq!(strange, Vec::<&str>::new());
    let mut found = 0;
    for name in book.names() {
        let entry = book.entry(name);
        assert!(entry.witness.is_none() || entry.unseen.is_none(), "{name}: found, and a reason why it is not");
        assert_eq!(entry.witness.is_some(), !entry.tells.is_empty(), "{name}");
        found += usize::from(entry.witness.is_some());
    }
    assert!(found >= 120, "{found}");
}

#[test]
fn names_and_descriptions_of_faults_are_sound() {
    let all: Vec<&Fault> = fault::areas().flat_map(|(_, faults)| faults).collect();
    let names: BTreeSet<&str> = all.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), all.len(), "a name is there twice");
    for fault in all {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(fault.name.chars().all(plain) && fault.name != "list", "{}", fault.name);
        assert!(fault.about.ends_with('.') && fault.about.len() < 100, "{}: {}", fault.name, fault.about);
    }
}

/// Legal differences, several at a time: no finding at all. When there is one, each is played alone to tell whose it is.
#[test]
fn no_legal_difference_causes_a_finding() {
    let all: Vec<_> = fault::all(Kind::Tolerated).collect();
    assert!(all.len() >= 40, "{}", all.len());
    let bundles: Vec<Vec<&'static Fault>> =
        (0..BUNDLES).map(|n| all.iter().skip(n).step_by(BUNDLES).copied().collect()).collect();
    let names = ["rfc", "concurrent", "okta:app=oin", "entra:flag=off", "jumpcloud"];
    let alarms = each(&bundles, |bundle| {
        let alarms = all_of(by_profile(&spots(&play(bundle, &names))));
        if alarms.is_empty() {
            return Vec::new();
        }
        let alone = |fault: &&'static Fault| (fault.name, all_of(by_profile(&spots(&play(&[fault], &names)))));
        let mut found: Vec<_> = bundle.iter().map(alone).filter(|(_, found)| !found.is_empty()).collect();
        if found.is_empty() {
            found.push(("only together", alarms));
        }
        found
    });
    let alarms: Vec<_> = alarms.into_iter().flatten().collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// How many runs the legal differences are spread over.
const BUNDLES: usize = 8;
