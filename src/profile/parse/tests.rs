use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::catalogue::{builtin, builtin_ids};
use super::super::model::{Body, Grade, Spot, StatusPattern, Test};
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
query = "unknown"
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

const BROKEN: &str = r#"
id = "Small One"
title = ""
colour = "red"
[sources]
A = { what = "a log", date = "last year" }
[traits]
join = "glue"
query = "unknown"
user_external_id = "{guid}"
space = "{{ flog }}"
query_position = "middle"
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

const BROKEN_SCENARIO: &str = r#"
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
at_once = true

[[step]]
id = "diff"
evidence = "inferred: A"
request = "PATCH"

[step.diff]
of = "maya"

[step.diff.want]
title = 'Lead'
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
    assert_eq!(lookup.capture, [("total".to_owned(), Spot::Body("/totalResults".to_owned()))]);
    // Line breaks and the blanks around them are layout.
    assert_eq!(write.body, Body::Text(r#"{"Operations":[{"op":"replace"}]}"#.to_owned()));
    assert_eq!(profile.need("nobody").unwrap().test, Test::Equals("/totalResults".to_owned(), "0".to_owned()));
    assert_eq!(profile.files.len(), 2);
}

#[test]
fn tells_all_problems_of_the_head() {
    insta::assert_snapshot!(told(BROKEN, SCENARIO).join("\n"), @r##"
    profile.toml:1:1: the file has no `format`; expected `format = 1`, the version of this format
    profile.toml:1:1: the file has no `about`; expected a string
    profile.toml:2:6: the id is "Small One"; expected lower-case letters, digits and hyphens, a letter first
    profile.toml:3:9: `title` is empty; expected a text
    profile.toml:4:1: unknown key `colour`; expected one of about, by_default, dialect, feature, format, header, id, need, patience, reconstructed, setting, sources, title, traits
    profile.toml:6:30: the date is "last year"; expected a date such as "2026-09-28", "2026-09" or "2026"
    profile.toml:8:8: `join` is "glue"; expected "concat" or "strip-one" or "strip-all"
    profile.toml:11:13: `flog` is not known here; expected perhaps `flag`
    profile.toml:12:18: `query_position` is "middle"; expected first, last, omit, or a template that gives one of them
    profile.toml:14:8: "Bad Header" is no header name; expected letters, digits and hyphens
    profile.toml:16:8: there is no method `FETCH`; expected one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS
    profile.toml:17:14: the condition is wrong: unexpected end of input, expected expression
    profile.toml:22:11: `flag` cannot be "of"; expected one of off, bare
    profile.toml:23:17: `flag` cannot be "loud"; expected one of off, bare
    profile.toml:25:13: evidence has the grade "seen"; expected a grade and its sources: "captured: A, B", "documented: A" or "inferred: A"
    profile.toml:27:8: the setting `flag` is there twice; expected an id of its own
    profile.toml:31:23: evidence names the unknown source `B`; expected perhaps `A`
    profile.toml:32:1: this need looks at several things; expected one of status, is, equals, contains, header, within
    profile.toml:36:9: `level` is "fatal"; expected "error" or "warning" or "note"
    profile.toml:46:7: `on` holds 6xx; expected a status such as 404, or a class such as "2xx"
    profile.toml:46:14: `on` holds 20; expected a status such as 404, or a class such as "2xx"
    profile.toml:47:13: this is no JSON pointer; expected a text that begins with `/`
    profile.toml:47:49: there is no kind "prime"; expected one of null, boolean, number, integer, string, array, object, present, absent, not-empty
    profile.toml:48:1: this `dialect` has no `capital_ops`; expected how this dialect writes it
    profile.toml:49:9: `unknown` is not known here; expected one of flag
    profile.toml:50:12: `booleans` is "loud"; expected "capital" or "lower" or "json"
    scenarios/10-look.toml:4:11: there is no feature `read`; expected a feature of the profile; there is none
    scenarios/10-look.toml:18:10: there is no need `nobody`; expected one of somebody
    "##);
}

#[test]
fn tells_all_problems_of_a_scenario() {
    insta::assert_snapshot!(told(SMALL, BROKEN_SCENARIO).join("\n"), @r##"
    scenarios/10-look.toml:2:6: this scenario is said to read only, and writes; expected steps that read
    scenarios/10-look.toml:4:11: there is no feature `raed`; expected perhaps `read`
    scenarios/10-look.toml:6:9: `flog` is not known here; expected perhaps `flag`
    scenarios/10-look.toml:7:13: the setting `flag` is no switch; expected a setting of the kind "switch"
    scenarios/10-look.toml:7:21: there is no setting `groups`; expected one of flag
    scenarios/10-look.toml:12:8: `kind` is "person"; expected "user" or "group"
    scenarios/10-look.toml:15:6: the name `flag` is there twice; expected an id of its own
    scenarios/10-look.toml:17:12: `maya` does not exist beforehand; expected an actor with `exists = true`
    scenarios/10-look.toml:17:20: there is no earlier actor `tomas`; expected one of maya
    scenarios/10-look.toml:22:7: once filled in, this is a JSON array; expected a JSON object
    scenarios/10-look.toml:26:26: evidence names the unknown source `B`; expected perhaps `A`
    scenarios/10-look.toml:27:11: there is no method `FETCH`; expected one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS
    scenarios/10-look.toml:27:11: the target does not begin with `/`; expected what follows the base URL
    scenarios/10-look.toml:27:11: ' ' cannot stand in a request target; expected the bytes of the wire: `%20` or `+`, `%22`, …
    scenarios/10-look.toml:27:11: '"' cannot stand in a request target; expected the bytes of the wire: `%20` or `+`, `%22`, …
    scenarios/10-look.toml:28:9: there is no actor `mia`; expected one of flag, maya, tomas
    scenarios/10-look.toml:29:18: `accept` holds ok; expected a status such as 404, or a class such as "2xx"
    scenarios/10-look.toml:30:10: there is no need `nobdy`; expected perhaps `nobody`
    scenarios/10-look.toml:32:1: a GET has no body
    scenarios/10-look.toml:33:6: the step `lookup` is there twice; expected an id of its own
    scenarios/10-look.toml:34:12: evidence is "captured A"; expected a grade and its sources: "captured: A, B", "documented: A" or "inferred: A"
    scenarios/10-look.toml:35:26: `maya.id` is not known yet; expected a step before that finds or creates it, or `exists = true`
    scenarios/10-look.toml:35:40: an actor has no `usrName`; expected perhaps `maya.userName`
    scenarios/10-look.toml:35:59: `it.id` is not known yet; expected a step before that finds or creates it, or `exists = true`
    scenarios/10-look.toml:35:71: `page` is not known here; expected `pages` in this step
    scenarios/10-look.toml:36:12: this is no header line; expected "Name: value", or "Name:" to leave that header out
    scenarios/10-look.toml:36:22: "Bad Name" is no header name; expected letters, digits and hyphens
    scenarios/10-look.toml:38:9: there is no actor `nobody`; expected one of flag, maya, tomas
    scenarios/10-look.toml:39:9: this is no page size; expected a whole number from 1 to 1000
    scenarios/10-look.toml:41:1: this step has nothing that could be sent `at_once`; expected `each` or `over`, and neither `pages` nor `attributes`
    scenarios/10-look.toml:41:1: this step has several bodies; expected one of body, echo, diff
    scenarios/10-look.toml:44:17: no step `lokup` comes before; expected perhaps `lookup`
    scenarios/10-look.toml:45:32: the template is wrong: unexpected end of input, expected end of variable block
    scenarios/10-look.toml:46:8: once filled in, this is not JSON: expected a member name in double quotes
    scenarios/10-look.toml:47:15: `tomas` has not been read; expected an actor that a step before reads
    scenarios/10-look.toml:48:1: unknown key `colour` in `step`; expected one of accept, at_most, at_once, attributes, body, breaks, capture, creates, deletes, diff, distinct, each, echo, evidence, feature, finds, headers, id, needs, over, pages, read_back, reads, request, requires, settled, when, why
    scenarios/10-look.toml:54:11: this is no request; expected a method and a target: "GET /Users"
    scenarios/10-look.toml:57:6: `maya` has not been read; expected an actor that a step before reads
    scenarios/10-look.toml:60:9: once filled in, this is not JSON: expected a JSON value
    "##);
}

#[test]
fn a_feature_needs_a_scenario_and_an_id_is_there_once() {
    let head = format!("{SMALL}\n[[feature]]\nid = \"idle\"\ntitle = \"Idle\"\n");
    insta::assert_snapshot!(told(&head, SCENARIO).join("\n"), @r#"profile.toml:36:6: no scenario belongs to the feature `idle`; expected a scenario with this feature, or `sends_nothing = "why"`"#);
    let mut twice = files(SMALL, SCENARIO);
    twice.push(("scenarios/20-look.toml".to_owned(), SCENARIO.to_owned()));
    let problems = parse("mine", twice).unwrap_err();
    insta::assert_snapshot!(problems[0].to_string(), @"mine/scenarios/20-look.toml:2:6: the scenario `look` is there twice; expected an id of its own");
    assert!(parse("", Vec::new()).unwrap_err()[0].to_string().contains("no such file"));
}

#[test]
fn built_in_profiles_are_without_problems_and_their_evidence_has_sources() {
    assert_eq!(builtin_ids(), ["concurrent", "entra", "entra-validator", "jumpcloud", "okta", "okta-spec", "rfc"]);
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
        for key in profile.sources.keys() {
            let named = |text: &str| text.matches(key.as_str()).count();
            let times: usize = profile.files.iter().map(|(_, text)| named(text)).sum();
            assert!(times > 1, "nothing refers to the source {key} of {id}");
        }
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
        let made = profile.scenarios.iter().flat_map(|scenario| &scenario.actors).filter_map(|actor| actor.set.clone());
        for text in sent.chain(made) {
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
