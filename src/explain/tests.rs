use super::*;

fn shows(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../../snapshots/explain",
        prepend_module_to_snapshot => false,
        omit_expression => true,
        // Which step is the first, and how many there are, is the profiles' affair.
        filters => vec![(r"(?m)^(.{13}[A-Z][^:]*: )\S+( and \d+ more steps?)?$", "${1}STEPS")],
    }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn explains_requirements() {
    shows("requirement", &explain("RFC7644-3.3-13").unwrap());
    shows("requirement-ambiguous", &explain("rfc7644-3.6-05").unwrap());
    assert!(!explain("RFC7643-9.3-02").unwrap().contains("played by"));
    shows("requirement-unchecked", &explain("RFC7643-9.3-02").unwrap());
    shows("requirement-erratum", &explain("RFC7643-8.7.1-08").unwrap());
}

#[test]
fn explains_checks() {
    shows("check", &explain("rfc7644/3.3/created-status").unwrap());
    shows("check-state", &explain("state/id-stable").unwrap());
    shows("check-write", &explain("rfc7643/7/immutable").unwrap());
}

#[test]
fn explains_needs() {
    let profile = catalogue::builtin("okta").unwrap().unwrap();
    let need = &profile.needs[0];
    shows("need", &explain(&format!("okta/{}", need.id)).unwrap());
}

#[test]
fn lists_what_begins_so() {
    shows("prefix", &explain("rfc7644/3.3").unwrap());
    let both = explain("rfc7642").unwrap();
    assert!(both.contains("RFC7642-4-01") && both.contains("RFC7642-4-02"), "{both}");
}

#[test]
fn tells_the_nearest_of_what_it_does_not_know() {
    assert_eq!(explain("rfc7644/3.3/created-statsu").unwrap_err()[0], "rfc7644/3.3/created-status");
    assert_eq!(explain("RFC7644-3.3-99").unwrap_err().len(), NEAR);
    assert!(explain("").is_err());
}

/// Every page has a line for each thing that is known, and none is longer than a terminal.
#[test]
fn everything_has_a_page() {
    let profiles: Vec<_> =
        catalogue::builtin_ids().into_iter().map(|id| catalogue::builtin(id).unwrap().unwrap()).collect();
    let ids: Vec<String> = subjects(profiles.iter().map(AsRef::as_ref)).into_iter().map(|(id, _)| id).collect();
    assert!(ids.len() > 900, "{}", ids.len());
    for id in ids {
        let page = explain(&id).unwrap();
        assert!(page.lines().count() > 3, "{id}: {page}");
        let address = |line: &str| line.contains("://");
        let long = page.lines().find(|line| line.chars().count() > 110 && !address(line));
        assert_eq!(long, None, "{id}");
    }
}
