use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::catalogue::{builtin, builtin_ids};
use super::super::model::{Body, Grade, StatusPattern, Test};
use super::{HEAD, parse};

const SMALL: &str = r#"
format = 1
id = "small"
title = "Small"
about = "A client that reads."

[sources]
A = { what = "a log", date = "2026-09-28" }

[traits]
join = "concat"
base_query = "unknown"
user_external_id = "{guid}"

[[setting]]
name = "flag"
kind = "choice"
values = ["off", "bare"]
default = "off"
about = "A flag."
evidence = "captured: A"

[[feature]]
id = "read"
title = "Read"

[[need]]
id = "nobody"
text = "It finds nobody."
breaks = "It stops."
level = "error"
evidence = "documented: A"
equals = { at = "/totalResults", value = "0" }
"#;

const SCENARIO: &str = r#"
id = "look"
title = "Look"
feature = "read"
why = "To look."

[[actor]]
id = "maya"
kind = "user"
exists = true

[[step]]
id = "lookup"
evidence = "captured: A"
request = "GET /Users?filter=userName+eq+%22{{ maya.userName }}%22"
finds = "maya"
accept = ["2xx", 404]
needs = ["nobody"]
capture = { total = "/totalResults" }

[[step]]
id = "write"
evidence = "inferred: A"
when = "not maya.found and status('lookup') == 200 and total | int == 0"
request = "PATCH /Users/{{ maya.id }}"
body = '''
{"Operations":[
  {"op":"replace"}]}
'''
"#;

fn files(head: &str, scenario: &str) -> Vec<(String, String)> {
    vec![(HEAD.to_owned(), head.to_owned()), ("scenarios/10-look.toml".to_owned(), scenario.to_owned())]
}

fn told(head: &str, scenario: &str) -> Vec<String> {
    parse("", files(head, scenario)).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn reads_a_profile() {
    let profile = parse("", files(SMALL, SCENARIO)).unwrap();
    let scenario = profile.scenario("look").unwrap();
    let [lookup, write] = scenario.steps.as_slice() else { panic!("{scenario:?}") };
    assert_eq!((lookup.method.as_str(), lookup.evidence.grade), ("GET", Grade::Captured));
    assert_eq!(lookup.accept, [StatusPattern::Class(2), StatusPattern::Code(404)]);
    assert_eq!(lookup.capture, [("total".to_owned(), "/totalResults".to_owned())]);
    // Line breaks and the blanks around them are layout.
    assert_eq!(write.body, Body::Text(r#"{"Operations":[{"op":"replace"}]}"#.to_owned()));
    assert_eq!(profile.need("nobody").unwrap().test, Test::Equals("/totalResults".to_owned(), "0".to_owned()));
    assert_eq!(profile.files.len(), 2);
}

#[test]
fn tells_all_problems_of_the_head() {
    let head = r#"
id = "Small One"
title = ""
colour = "red"
[sources]
A = { what = "a log", date = "last year" }
[traits]
join = "glue"
base_query = "unknown"
user_external_id = "{guid}"
blank = "{{ flog }}"
[[header]]
name = "Bad Header"
value = "x"
on = ["FETCH"]
when = "flag =="
[[setting]]
name = "flag"
kind = "choice"
values = ["off", "bare"]
default = "of"
plain = ["off", "loud"]
about = "A flag."
evidence = "seen: A"
[[setting]]
name = "flag"
kind = "switch"
default = "on"
about = "Twice."
evidence = "captured: B"
[[need]]
id = "nobody"
text = "It finds nobody."
breaks = "It stops."
level = "fatal"
evidence = "documented: A"
is = { at = "totalResults", kinds = ["integer", "prime"] }
status = [200]
[[need]]
id = "somebody"
text = "It finds somebody."
breaks = "It stops."
level = "error"
evidence = "documented: A"
on = ["6xx", 20]
is = { at = "totalResults", kinds = ["integer", "prime"] }
[[dialect]]
when = "unknown == 1"
booleans = "loud"
merge = true
"#;
    insta::assert_snapshot!(told(head, SCENARIO).join("\n"));
}

#[test]
fn tells_all_problems_of_a_scenario() {
    let scenario = r#"
id = "look"
title = "Look"
feature = "raed"
why = "To look."
when = "flog == 'on'"
switches = ["flag", "groups"]
reads_only = true

[[actor]]
id = "maya"
kind = "person"

[[actor]]
id = "flag"
kind = "group"
members = ["maya", "tomas"]

[[actor]]
id = "tomas"
kind = "user"
set = '["not an object"]'

[[step]]
id = "lookup"
evidence = "captured: A, B"
request = "FETCH Users?filter=userName eq \"x\""
finds = "mia"
accept = ["2xx", "ok"]
needs = ["nobdy"]

[[step]]
id = "lookup"
evidence = "captured A"
request = "GET /Users/{{ maya.id }}/{{ maya.usrName }}/{{ it.id }}/{{ page.start }}"
headers = ["Accept", "Bad Name: x"]
body = '{"a":1}'
each = ["nobody"]
pages = 0

[[step]]
id = "write"
evidence = "inferred: A"
when = "status('lokup') == 200"
request = "PUT /Users/{{ tomas.id"
body = '{"schemas":["{{ maya.userName }}"],}'
echo = { of = "tomas" }
colour = "red"

[[step]]
id = "diff"
evidence = "inferred: A"
request = "PATCH"

[step.diff]
of = "maya"

[step.diff.want]
title = 'Lead'
"#;
    insta::assert_snapshot!(told(SMALL, scenario).join("\n"));
}

#[test]
fn a_feature_needs_a_scenario_and_an_id_is_there_once() {
    let head = format!("{SMALL}\n[[feature]]\nid = \"idle\"\ntitle = \"Idle\"\n");
    insta::assert_snapshot!(told(&head, SCENARIO).join("\n"), @r#"profile.toml:41:6: no scenario belongs to the feature `idle`; expected a scenario with this feature, or `sends_nothing = "why"`"#);
    let mut twice = files(SMALL, SCENARIO);
    twice.push(("scenarios/20-look.toml".to_owned(), SCENARIO.to_owned()));
    let problems = parse("mine", twice).unwrap_err();
    insta::assert_snapshot!(problems[0].to_string(), @"mine/scenarios/20-look.toml:2:6: the scenario `look` is there twice; expected an id of its own");
    assert!(parse("", Vec::new()).unwrap_err()[0].to_string().contains("no such file"));
}

#[test]
fn built_in_profiles_are_without_problems_and_their_evidence_has_sources() {
    assert_eq!(builtin_ids(), ["entra", "jumpcloud", "okta"]);
    for id in builtin_ids() {
        let profile = builtin(id).unwrap().unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        assert_eq!(profile.id, id);
        let steps = profile.scenarios.iter().flat_map(|scenario| &scenario.steps);
        let used: BTreeSet<&String> = steps.clone().flat_map(|step| &step.needs).collect();
        for need in &profile.needs {
            assert!(!need.evidence.sources.is_empty(), "{id}/{}", need.id);
            assert!(need.evidence.sources.iter().all(|key| profile.sources.contains_key(key)), "{id}/{}", need.id);
            assert!(used.contains(&need.id), "no step needs {id}/{}", need.id);
        }
        assert!(steps.clone().all(|step| !step.evidence.sources.is_empty()));
    }
}

#[test]
fn okta_never_deletes_a_user() {
    let okta = builtin("okta").unwrap().unwrap();
    for step in okta.scenarios.iter().flat_map(|scenario| &scenario.steps) {
        assert!(!(step.method == "DELETE" && step.target.contains("/Users")), "{}", step.id);
    }
}

#[test]
fn entra_never_replaces_whole_resources_and_never_names_itself() {
    let entra = builtin("entra").unwrap().unwrap();
    assert!(entra.scenarios.iter().flat_map(|scenario| &scenario.steps).all(|step| step.method != "PUT"));
    assert!(entra.traits.headers.iter().all(|line| !line.name.eq_ignore_ascii_case("user-agent")));
}

#[test]
fn only_reserved_domains_and_urns_of_the_standards_occur() {
    for id in builtin_ids() {
        let profile = builtin(id).unwrap().unwrap();
        let sent = profile.scenarios.iter().flat_map(|scenario| &scenario.steps).map(|step| match &step.body {
            Body::Text(text) => text.clone(),
            Body::Echo { overlay, append, .. } => format!("{overlay}{append}"),
            Body::Diff { want, .. } => want.iter().map(|(_, value)| value.as_str()).collect(),
            Body::None => String::new(),
        });
        let set = profile.scenarios.iter().flat_map(|scenario| &scenario.actors).filter_map(|actor| actor.set.clone());
        for text in sent.chain(set) {
            for (at, _) in text.match_indices("://") {
                let host: String = text[at + 3..].chars().take_while(|c| *c != '/').collect();
                assert!(["img.example.com", "schemas.microsoft.com"].contains(&host.as_str()), "{id}: {text}");
            }
            for (at, _) in text.match_indices('@') {
                assert!(text[at + 1..].starts_with("example.com"), "{id}: {text}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_without_a_panic(head in ".{0,200}", scenario in ".{0,200}") {
        let _ = parse("", files(&head, &scenario));
    }

    #[test]
    fn a_mutated_profile_is_read_without_a_panic(
        at in 0usize..SMALL.len() + SCENARIO.len(),
        length in 0usize..12,
        with in "[\\[\\]{}%\"'=. a-z0-9#\\n]{0,6}",
    ) {
        let cut = |text: &str, at: usize| {
            let end = (at + length).min(text.len());
            format!("{}{with}{}", &text[..at], &text[end..])
        };
        let (head, scenario) = match at.checked_sub(SMALL.len()) {
            None => (cut(SMALL, at), SCENARIO.to_owned()),
            Some(at) => (SMALL.to_owned(), cut(SCENARIO, at)),
        };
        if let Err(problems) = parse("", files(&head, &scenario)) {
            for problem in problems {
                prop_assert!(problem.position().0 >= 1);
                let _ = problem.to_string();
            }
        }
    }
}
