//! What the user says of a target: accepted deviations, baselines, what failed last time, what it wants otherwise.

use scimproof::scim::json::Json;

use super::support::desk::Desk;
use super::support::target::{Asked, Reply, Target, Told};
use super::support::text::{findings, member, of_type, shows, steady, transcript};

const CREATE: &str = "okta:app=oin --only okta/create-user --only okta/create-group";

/// A target that forgets the Location of what it creates.
fn without_location() -> Target {
    Target::altered(|_, told| {
        if told.status == 201 {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        }
    })
}

fn deviation(check: &str, scenario: &str, more: &str) -> String {
    format!("[[deviation]]\ncheck = \"{check}\"\nscenario = \"{scenario}\"\n{more}\n")
}

#[test]
fn a_deviation_that_is_accepted_does_not_fail_the_run() {
    let desk = Desk::new();
    let run = |more: &str| {
        let target = without_location();
        desk.say(&format!(
            "run {CREATE} --target {} --report console --report transcript=t.ndjson --report junit=j.xml {more}",
            target.url()
        ))
    };
    let plain = run("").exits(1);
    let rules: Vec<_> = findings(&plain.stdout).into_iter().filter(|(standing, _)| standing == "error").collect();
    assert_eq!(rules, [("error".to_owned(), "rfc7644/3.3/location-header".to_owned())]);
    // Two scenarios and the set-up: one entry for all of them.
    desk.write("known.toml", &deviation("rfc7644/3.3/location-header", "", "reason = \"ticket 4711\""));
    let known = run("--known known.toml").exits(0).says("known deviation").says("ticket 4711");
    assert!(!known.stdout.contains("\n  error  "), "{}", known.stdout);
    assert!(desk.read("j.xml").contains("known deviation: ticket 4711"));
    desk.say("judge t.ndjson").exits(1);
    desk.say("judge t.ndjson --known known.toml").exits(0);
    // Only in one scenario, only in one place: the other one still fails.
    desk.write("known.toml", &deviation("rfc7644/3.3", "okta:app=oin/create-group", "reason = \"ticket 4711\""));
    run("--known known.toml").exits(1);
    desk.write(
        "known.toml",
        &deviation("rfc7644/3.3/location-header", "", "pointer = \"/meta/location\"\nreason = \"ticket 4711\""),
    );
    run("--known known.toml").exits(1);
    desk.write(
        "known.toml",
        &deviation("rfc7644/3.3/location-header", "", "reason = \"ticket 4711\"\nuntil = \"2020-02-29\""),
    );
    run("--known known.toml").exits(1);
}

#[test]
fn a_deviation_that_no_longer_happens_fails_the_run() {
    let desk = Desk::new();
    let target = Target::conforming();
    desk.write("known.toml", &deviation("rfc7644/3.3/location-header", "okta", "reason = \"ticket 4711\""));
    let run = format!(
        "run {CREATE} --seed 7 --known known.toml --target {} --report console --report transcript=t.ndjson",
        target.url()
    );
    let stale = desk.say(&run).exits(1);
    shows("judging-stale-deviation", &steady(&desk, &stale));
    desk.say("judge t.ndjson --known known.toml").exits(1);
    // Not judged in this run: nothing is known of it.
    desk.write("known.toml", &deviation("rfc7644/3.6/gone", "entra/delete-user", "reason = \"ticket 4712\""));
    desk.say(&run).exits(0);
}

/// A target in a second version: the title that it is given gets lost.
fn second_version(lossy: bool) -> Target {
    Target::altered(move |asked, told| {
        if lossy && asked.path().starts_with("/Users") {
            told.change(|json| {
                if let Some(json) = json.as_object_mut() {
                    json.remove("nickName");
                    json.set("preferredLanguage", "en-GB".into());
                }
            });
        }
    })
}

#[test]
fn a_baseline_knows_the_answers_of_last_time() {
    let desk = Desk::new();
    let run = |target: &Target, more: &str| {
        desk.say(&format!(
            "run {CREATE} --baseline snaps --report console --report transcript=t.ndjson --target {} {more}",
            target.url()
        ))
    };
    // Nothing there yet: new answers are warnings.
    let new = run(&second_version(false), "--seed 1").exits(0);
    assert!(findings(&new.stdout).contains(&("warning".to_owned(), "baseline/new".to_owned())), "{}", new.stdout);
    run(&second_version(false), "--seed 1 --fail-on warning").exits(1);
    assert!(desk.files("snaps").is_empty(), "only --update-baseline writes");
    run(&second_version(false), "--seed 2 --update-baseline").exits(0);
    let written = desk.files("snaps");
    assert_eq!(written.len(), 2, "{written:#?}");
    shows("judging-baseline", &written[1].1);
    // Other people, another port, other times, other ids: the same answers.
    let busy = second_version(false);
    busy.people(
        "/Users",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"osric@example.com"}"#,
    );
    run(&busy, "--seed 3 --fail-on warning").exits(0);
    assert_eq!(desk.files("snaps"), written);
    // A changed answer fails and shows what changed, in `judge` too.
    let changed = run(&second_version(true), "--seed 4").exits(1);
    assert!(changed.stdout.contains("+  \"preferredLanguage\": \"en-GB\""), "{}", changed.stdout);
    assert!(findings(&changed.stdout).contains(&("error".to_owned(), "baseline/changed".to_owned())));
    let again = desk.say("judge t.ndjson").exits(1);
    assert_eq!(findings(&again.stdout), findings(&changed.stdout));
    assert_eq!(desk.files("snaps"), written, "comparing writes nothing");
    run(&second_version(true), "--seed 5 --update-baseline").exits(0);
    assert_ne!(desk.files("snaps"), written);
    run(&second_version(true), "--seed 6 --fail-on warning").exits(0);
}

#[test]
fn a_rerun_plays_only_what_failed() {
    let desk = Desk::new();
    let broken = Target::altered(|asked, told| {
        if asked.is("POST", "/Groups") && told.status == 201 {
            told.status = 200;
        }
    });
    let only = "--only okta/create-user --only okta/create-group --only okta/update-name";
    let url = broken.url();
    desk.say(&format!("run okta:app=oin {only} --target {url} --report transcript=first.ndjson --settle 0s")).exits(1);
    let mended = Target::conforming();
    let again = desk.say(&format!(
        "run okta:app=oin {only} --target {} --rerun first.ndjson --report console --report transcript=second.ndjson",
        mended.url()
    ));
    again.exits(0).says("it did not fail last time");
    let lines = transcript(&desk.read("second.ndjson"));
    let played: Vec<_> = of_type(&lines, "scenario").iter().map(|line| member(line, "/scenario")).collect();
    assert_eq!(played, ["discovery", "create-group"]);
    // Everything passes now: nothing is left to play, and what judges nothing is no pass.
    desk.say(&format!("run okta:app=oin {only} --target {} --rerun second.ndjson", mended.url())).exits(3);
}

/// A product that wants `nickName`, refuses `locale` and keeps titles elsewhere.
fn picky() -> Target {
    Target::new(|asked, directory| {
        let json = asked.json();
        if asked.is("POST", "/Users") || asked.is("PUT", "/Users") {
            if json.get("nickName").is_none() {
                return Reply::Tell(Told::error(400, "nickName is required here."));
            }
            if json.get("locale").is_some() || json.get("title").is_some() {
                return Reply::Tell(Told::error(400, "locale and title are not known here."));
            }
            if json.get("userName").and_then(Json::as_str).is_some_and(|name| name.contains('@')) {
                return Reply::Tell(Told::error(400, "userName must not be an e-mail address."));
            }
        }
        Reply::Tell(directory.answer(asked))
    })
}

#[test]
fn a_map_tells_what_a_picky_target_wants() {
    let desk = Desk::new();
    let run = "run okta:app=aiw --only okta/create-user --only okta/update-title-and-department --settle 0s";
    let target = picky();
    let refused = desk.say(&format!("{run} --target {}", target.url())).exits(1).says("nickName is required here.");
    assert!(refused.stdout.contains("; 0 created, 0 removed"), "what is refused is not created: {}", refused.stdout);
    desk.write(
        "map.toml",
        "userName = \"{given}.{word}\"\n[user]\ndrop = [\"locale\"]\n[user.add]\nnickName = \"Nick\"\n[user.rename]\ntitle = \"userType\"\n",
    );
    let target = picky();
    let ended = desk.say(&format!("{run} --map map.toml --target {}", target.url()));
    let ended = ended.exits(0).says("requests were changed by map.toml: they are not the client's to the byte");
    assert!(!ended.stdout.contains("breaks"), "{}", ended.stdout);
    let writes: Vec<Asked> =
        target.writes().into_iter().filter(|asked| matches!(&*asked.method, "POST" | "PUT")).collect();
    assert!(writes.len() > 2);
    for body in writes.iter().map(Asked::json) {
        assert_eq!(member(&body, "/nickName"), "Nick");
        assert!(body.get("locale").is_none() && body.get("title").is_none(), "{body}");
        assert!(!member(&body, "/userName").contains('@'), "{body}");
    }
    assert!(writes.iter().any(|asked| asked.json().get("userType").is_some()));
    assert_eq!(target.count(), 0);
}
