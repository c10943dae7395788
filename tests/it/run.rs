//! The main job: every profile against the embedded provider, its reports, and judging them again.

use std::sync::LazyLock;

use scimproof::scim::json::Json;

use super::support::desk::{Desk, Ended};
use super::support::target::{Asked, Target};
use super::support::text::{member, of_type, replace_after, shows, steady, transcript, without_ids};

/// One whole run with every report; tests only read it.
static WHOLE: LazyLock<(Desk, Ended)> = LazyLock::new(|| {
    let desk = Desk::new();
    let ended =
        desk.say("run --seed 7 --jobs 1 --report console --report transcript=run.ndjson --report junit=out/run.xml");
    (desk, ended)
});

/// JUnit without the durations.
fn timeless(junit: &str) -> String {
    let parts = junit.split(" time=\"").enumerate();
    parts.map(|(at, part)| if at == 0 { part } else { part.split_once('"').expect("a quote").1 }).collect()
}

#[test]
fn everything_works_on_the_embedded_provider() {
    let (desk, ended) = &*WHOLE;
    let ended =
        ended.clone().exits(0).says("\n0 errors, 0 warnings, ").does_not_say("Findings").does_not_say("ndetermined");
    assert_eq!(ended.stderr, "");
    let cells = ended.stdout.lines().filter(|line| line.starts_with('│'));
    for row in cells.filter(|row| row.contains('┆') && !row.contains(':')) {
        for cell in row.trim_matches('│').split('┆').skip(1).map(str::trim) {
            assert!(["works", "not played", "sends nothing", "jumpcloud"].contains(&cell), "{row}");
        }
    }
    shows("run-embedded", &steady(desk, &ended));
}

#[test]
fn a_run_leaves_nothing_behind() {
    let (desk, ended) = &*WHOLE;
    let lines = transcript(&desk.read("run.ndjson"));
    let clean_up = of_type(&lines, "clean-up")[0];
    let number = |name: &str| clean_up.get(name).and_then(Json::as_i64).expect("a number");
    assert!(number("created") > 100, "{clean_up}");
    assert_eq!(number("created"), number("removed"));
    assert_eq!(clean_up.get("left_over").and_then(Json::as_array), Some(&[][..]));
    assert!(ended.stdout.contains(&format!("{} created, {} removed", number("created"), number("removed"))));
    assert_eq!(desk.ledgers(), Vec::<std::path::PathBuf>::new());
}

/// What was created is deleted, and each of it was seen to be gone or answered with 204: told by the requests themselves.
#[test]
fn every_created_resource_is_deleted_in_the_transcript() {
    let (desk, _) = &*WHOLE;
    let lines = transcript(&desk.read("run.ndjson"));
    let (mut there, mut created) = (std::collections::BTreeSet::new(), 0);
    for exchange in of_type(&lines, "exchange") {
        let (method, resource) = (member(exchange, "/request/method"), member(exchange, "/request/resource"));
        let status = exchange.pointer("/answer/status").and_then(Json::as_i64).expect("every request was answered");
        match (method, status) {
            ("POST", 201) => {
                let body = Json::parse(member(exchange, "/answer/body").as_bytes()).expect("JSON");
                created += 1;
                there.insert(format!("/{}/{}", resource.trim_matches('/'), member(&body, "/id")));
            }
            ("DELETE", 204) => assert!(there.remove(resource), "{resource} was never made"),
            _ => {}
        }
    }
    assert!(created > 100);
    assert!(there.is_empty(), "{there:?}");
}

/// What the list, and the question before the first write, promise is kept.
#[test]
fn no_more_is_created_than_was_said() {
    let (desk, _) = &*WHOLE;
    let listed = desk.say("run --list").exits(0);
    let (_, said) = listed.stdout.rsplit_once("at most ").expect("it is said");
    let said: Vec<usize> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let lines = transcript(&desk.read("run.ndjson"));
    let created = |endpoint: &str| {
        let exchanges = of_type(&lines, "exchange").into_iter();
        let posts = exchanges.filter(|exchange| {
            let resource = member(exchange, "/request/resource").trim_matches('/');
            (member(exchange, "/request/method"), resource) == ("POST", endpoint)
        });
        posts.filter(|exchange| exchange.pointer("/answer/status").and_then(Json::as_i64) == Some(201)).count()
    };
    let (users, groups) = (created("Users"), created("Groups"));
    assert!(users <= said[0] && groups <= said[1], "{users} users and {groups} groups, and {said:?} were said");
}

/// The requests that are ours say so, those of the clients never do.
#[test]
fn only_our_own_requests_carry_our_name() {
    let (desk, _) = &*WHOLE;
    let lines = transcript(&desk.read("run.ndjson"));
    for exchange in of_type(&lines, "exchange") {
        let ours = member(exchange, "/origin") != "client";
        let named =
            exchange.pointer("/request/headers").is_some_and(|headers| headers.to_string().contains("scimproof/"));
        assert_eq!(ours, named, "{exchange}");
    }
}

#[test]
fn judging_again_gives_the_same_reports() {
    let (desk, ended) = &*WHOLE;
    let again =
        desk.say("judge run.ndjson --report console --report junit=out/again.xml --report transcript=again.ndjson");
    assert_eq!(again.clone().exits(0).stdout, ended.stdout);
    assert_eq!(desk.read("out/again.xml"), desk.read("out/run.xml"));
    assert_eq!(desk.read("again.ndjson"), desk.read("run.ndjson"), "a transcript of a transcript is the transcript");
}

#[test]
fn junit_has_a_case_for_every_scenario_and_requirement() {
    let (desk, _) = &*WHOLE;
    let junit = desk.read("out/run.xml");
    let root = junit.lines().find(|line| line.starts_with("<testsuites ")).expect("a root");
    assert!(root.contains("failures=\"0\" errors=\"0\""), "{root}");
    let lines = transcript(&desk.read("run.ndjson"));
    let variants = lines[0].get("variants").and_then(Json::as_array).expect("variants");
    for variant in variants {
        let label = member(variant, "/label");
        assert!(junit.contains(&format!("<testsuite name=\"{label}\"")), "{label}");
        for scenario in variant.get("scenarios").and_then(Json::as_array).expect("scenarios") {
            let class = format!("name=\"played\" classname=\"{label}.{}\"", member(scenario, "/id"));
            let case = junit.split("<testcase ").find(|case| case.starts_with(&class)).expect(&class);
            assert_eq!(case.contains("<skipped"), scenario.get("skip").is_some(), "{case}");
        }
    }
    assert!(
        junit.contains("<testsuite name=\"rfc\"") && timeless(&junit).contains("<testcase name=\"RFC7644-3.3-09\"")
    );
}

/// A short run and its transcript, to be torn apart.
fn short() -> (Desk, Vec<String>) {
    let desk = Desk::new();
    desk.say("run jumpcloud --only jumpcloud/update-user --only jumpcloud/create-user --jobs 1 --report transcript=run.ndjson")
        .exits(0);
    let lines = desk.read("run.ndjson").lines().map(str::to_owned).collect();
    (desk, lines)
}

/// Wherever a run was cut off, what is whole is judged, and it is said that it is not all.
#[test]
fn a_torn_transcript_is_judged_as_far_as_it_goes() {
    let (desk, lines) = short();
    let middle = lines.len() / 3;
    let torn = format!("{}\n{}", lines[..middle].join("\n"), &lines[middle][..lines[middle].len() / 2]);
    desk.write("torn.ndjson", &torn);
    let judged = desk.say("judge torn.ndjson --report console --report junit=torn.xml");
    judged
        .exits(3)
        .says(&format!("line {} of the transcript is not whole; it was left out", middle + 1))
        .says("the transcript has no end: the run was killed")
        .says("\n0 errors, 0 warnings, ");
    assert!(desk.read("torn.xml").contains("<skipped message=\"the run ended before\"/>"));
    // Cut at every place of its end, it is read all the same.
    let (tail, head) = lines.split_last().expect("lines");
    for length in [0, 1, tail.len() / 2, tail.len() - 1] {
        desk.write("tail.ndjson", &format!("{}\n{}", head.join("\n"), &tail[..length]));
        desk.say("judge tail.ndjson").exits(3).says("the run was killed");
    }
}

#[test]
fn a_broken_line_in_a_transcript_is_named() {
    let (desk, mut lines) = short();
    lines[5].truncate(40);
    desk.write("broken.ndjson", &(lines.join("\n") + "\n"));
    desk.say("judge broken.ndjson").exits(2).says("broken.ndjson: line 6: ");
    desk.write("other.ndjson", "{\"ledger\":1}\n");
    desk.say("judge other.ndjson").exits(2).says("other.ndjson: line 1: this is not a transcript");
    desk.write("empty.ndjson", "");
    desk.say("judge empty.ndjson").exits(2).says("this is not a transcript");
    desk.say("judge nowhere.ndjson").exits(2).says("nowhere.ndjson: No such file");
}

#[test]
fn the_order_of_reports_does_not_depend_on_the_jobs() {
    let (desk, one) = &*WHOLE;
    let eight = desk.say("run --seed 7 --jobs 8 --report console --report junit=eight.xml").exits(0);
    assert_eq!(steady(desk, &eight), steady(desk, one));
    assert_eq!(timeless(&desk.read("eight.xml")), timeless(&desk.read("out/run.xml")));
}

/// What a target sees, to the byte: with the same ids and times in its answers, nothing differs.
#[test]
fn the_same_seed_sends_the_same_bytes() {
    let desk = Desk::new();
    let play = |seed: &str| {
        let target = Target::timeless();
        let run = ["run", "okta:app=oin", "entra:flag=off", "jumpcloud", "--jobs", "1", "--seed", seed, "--target"];
        desk.run(run.into_iter().chain([target.url().as_str()])).exits(0);
        let port = target.address().to_string();
        let text = |asked: &Asked| {
            let Asked { method, target, headers, .. } = asked;
            // The provider's versions are digests, addresses included.
            let text = replace_after(&asked.text(), "\"W/\\\"", |c| c.is_ascii_hexdigit(), "VERSION");
            format!("{method} {target} {headers:?} {text}").replace(&port, "HOST")
        };
        target.asked().iter().map(text).collect::<Vec<_>>()
    };
    let (first, second) = (play("11"), play("11"));
    assert!(first.len() > 400, "{}", first.len());
    for (a, b) in first.iter().zip(&second) {
        assert_eq!(a, b);
    }
    assert_eq!(first.len(), second.len());
}

/// Without `--seed` two runs meet different people, and the printed seed brings them back.
#[test]
fn the_seed_is_random_and_printed() {
    let desk = Desk::new();
    let play = |more: &str| {
        let target = Target::conforming();
        let ended =
            desk.say(&format!("run okta:app=oin --only okta/create-user --target {} {more}", target.url())).exits(0);
        let (_, rest) = ended.stdout.split_once(", seed ").expect("the seed is said");
        let seed = rest.chars().take_while(char::is_ascii_digit).collect::<String>();
        (seed, target.wait_for(|asked| asked.is("POST", "/Users")).text())
    };
    let (first, second) = (play(""), play(""));
    assert_ne!(first.0, second.0);
    assert_ne!(first.1, second.1, "another seed, other people");
    assert_eq!(play(&format!("--seed {}", first.0)), first);
}

#[test]
fn the_list_shows_what_would_run_and_sends_nothing() {
    let desk = Desk::new();
    let listed =
        desk.say("run okta:app=aiw jumpcloud:groups=off --skip jumpcloud/gone --only okta --only jumpcloud --list");
    shows("run-list", &listed.exits(0).stdout);
    // The target is not even looked for.
    desk.say("run okta --target http://scim.example.invalid/scim/v2 --list").exits(0);
}

#[test]
fn a_selection_plays_what_it_names() {
    let desk = Desk::new();
    let played = |args: &str| {
        desk.say(&format!("run {args} --report transcript=t.ndjson --seed 3")).exits(0);
        let lines = transcript(&desk.read("t.ndjson"));
        let names = of_type(&lines, "scenario")
            .into_iter()
            .map(|line| format!("{}/{}", member(line, "/variant"), member(line, "/scenario")));
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('/')).collect();
        names.sort();
        names
    };
    assert_eq!(
        played("okta --only okta/create-user"),
        ["okta:app=aiw/create-user", "okta:app=oin/create-user"],
        "an id is not the prefix of another: create-user-full is left out"
    );
    assert_eq!(played("okta --only okta:app=oin/create-user"), ["okta:app=oin/create-user"]);
    assert_eq!(played("okta --only okta/create-user/lookup"), ["okta:app=aiw/create-user", "okta:app=oin/create-user"]);
    assert_eq!(
        played("okta:app=oin --only okta/create-user --only okta/rename-group --skip okta/create-user"),
        ["okta:app=oin/rename-group"]
    );
}

#[test]
fn a_selection_of_checks_judges_only_these() {
    let desk = Desk::new();
    let run = "run okta:app=oin --only okta/create-user --only rfc7644/3.3 --report junit=j.xml";
    desk.say(run).exits(0);
    let junit = desk.read("j.xml");
    let suite = junit.split("<testsuite name=\"rfc\"").next().expect("the suite of the variant");
    let cases: Vec<_> = suite.split("<testcase name=\"").skip(1).filter_map(|case| case.split('"').next()).collect();
    assert!(cases.contains(&"rfc7644/3.3/location-header"), "{cases:?}");
    assert!(cases.iter().all(|case| *case == "played" || case.starts_with("rfc7644/3.3/")), "{cases:?}");
}

#[test]
fn an_unknown_id_is_told_with_its_neighbour() {
    let desk = Desk::new();
    let wrong =
        desk.say("run okta --only okta/create-usr --skip rfc7644/3.3/location-heder --report transcript=t.ndjson");
    shows("run-unknown-id", &wrong.exits(2).stderr);
    assert!(!desk.path("t.ndjson").exists(), "no report is begun");
}

/// A profile of one's own is played, judged and carried by its transcript, so that `judge` needs no folder.
#[test]
fn a_profile_of_ones_own_is_played_and_judged_again() {
    let desk = Desk::new();
    let shown = desk.say("profile show okta").exits(0);
    assert!(shown.stdout.contains("create-user"));
    for (name, text) in profile_files() {
        desk.write(&format!("mine/{name}"), text);
    }
    let run = desk.say("run --profile-dir mine --seed 4 --report console --report transcript=t.ndjson").exits(0);
    assert!(run.stdout.starts_with("scimproof ") && run.stdout.contains("Mine: works."), "{}", run.stdout);
    std::fs::remove_dir_all(desk.path("mine")).expect("it is ours");
    assert_eq!(desk.say("judge t.ndjson").exits(0).stdout, run.stdout);
    assert!(!without_ids(&run.stdout).contains("[id"), "no id in a clean report");
}

/// A small client of nobody's.
fn profile_files() -> [(&'static str, &'static str); 2] {
    let profile = r#"format = 1
id = "mine"
title = "Mine"
about = "Looks a user up, and makes one."

[sources]
US = { what = "our own client", date = "2026-11-01" }

[traits]
join = "strip-one"
query = "keep-and-merge"
space = "percent20"
user_external_id = ""
group_external_id = ""

[[header]]
name = "Host"
value = "{host}"

[[header]]
name = "Authorization"
value = "{credentials}"

[[header]]
name = "Content-Type"
value = "application/scim+json"
on = ["POST"]

[[header]]
name = "Content-Length"
value = "{length}"
on = ["POST"]

[[feature]]
id = "users"
title = "Users"
"#;
    let scenario = r#"id = "create"
title = "Create a user"
feature = "users"
why = "Everything begins with it."

[[actor]]
id = "nadia"
kind = "user"

[[step]]
id = "create"
evidence = "captured: US"
request = "POST /Users"
body = '''{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{ nadia.userName }}"}'''
creates = "nadia"
breaks = "nobody can be created"
"#;
    [("profile.toml", profile), ("scenarios/10-create.toml", scenario)]
}
