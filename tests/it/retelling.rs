//! A recorded run is rendered again, and the shards of a run become one.

use super::support::desk::Desk;
use super::support::target::Target;
use super::support::text::{findings, of_type, replace_after, transcript};

const TOKEN: &str = "a-token-that-nobody-may-see";

/// A target that forgets the Location of what it creates.
fn without_location() -> Target {
    Target::altered(|_, told| {
        if told.status == 201 {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        }
    })
}

fn desk() -> Desk {
    Desk::new().with("ACME_TOKEN", TOKEN)
}

fn play(desk: &Desk, target: &Target, only: &str, transcript: &str) {
    desk.say(&format!(
        "run okta:app=oin --only {only} --seed 7 --token-env ACME_TOKEN --target {} --report transcript={transcript} \
         --report console={transcript}.txt",
        target.url()
    ))
    .exits(1);
}

#[test]
fn a_run_is_rendered_again_as_it_was() {
    let (desk, target) = (desk(), without_location());
    play(&desk, &target, "okta/create-user", "one.ndjson");
    let again = desk.say("report one.ndjson --report console --report junit=one.xml --report transcript=two.ndjson");
    let again = again.exits(1).does_not_say(TOKEN);
    let ledger = |text: &str| replace_after(text, "; ledger ", |_| true, "");
    assert_eq!(ledger(&again.stdout), ledger(&desk.read("one.ndjson.txt")));
    // The variable's name is in the transcript, so the line to repeat a request names it.
    assert!(again.stdout.contains("\"Authorization: Bearer $ACME_TOKEN\""), "{}", again.stdout);
    assert_eq!(desk.read("two.ndjson"), desk.read("one.ndjson"));
    assert!(desk.read("one.xml").contains("rfc7644/3.3/location-header") && !desk.read("one.ndjson").contains(TOKEN));
    desk.say("report one.ndjson --known nothing.toml").exits(2).says("nothing.toml");
    desk.say("report").exits(2).says("<TRANSCRIPT>");
}

#[test]
fn shards_become_one_run() {
    let (desk, target) = (desk(), without_location());
    play(&desk, &target, "okta/create-user", "one.ndjson");
    play(&desk, &target, "okta/create-group", "two.ndjson");
    let merged = "report merge one.ndjson two.ndjson --report console --report transcript=all.ndjson";
    let merged = desk.say(merged).exits(1);
    let expected = ("error".to_owned(), "rfc7644/3.3/location-header".to_owned());
    assert_eq!(findings(&merged.stdout).into_iter().filter(|found| *found == expected).count(), 1);
    let places = ["okta:app=oin / create-user", "okta:app=oin / create-group"];
    assert!(places.iter().all(|place| merged.stdout.contains(place)), "{}", merged.stdout);
    assert_eq!(desk.say("judge all.ndjson").exits(1).stdout, merged.stdout);

    let lines = |name: &str| transcript(&desk.read(name));
    let (one, two, all) = (lines("one.ndjson"), lines("two.ndjson"), lines("all.ndjson"));
    let exchanges = |lines: &[_]| of_type(lines, "exchange").len();
    assert_eq!(exchanges(&all), exchanges(&one) + exchanges(&two));
    let numbers: std::collections::BTreeSet<_> =
        of_type(&all, "exchange").iter().map(|line| line.get("seq").map(ToString::to_string)).collect();
    assert_eq!(numbers.len(), exchanges(&all), "every exchange has a number of its own");
    assert_eq!(of_type(&all, "end").len(), 1);
}

#[test]
fn only_shards_of_one_run_are_merged() {
    let (desk, target) = (desk(), without_location());
    play(&desk, &target, "okta/create-user", "one.ndjson");
    desk.say("report merge one.ndjson one.ndjson").exits(2).says("both played okta:app=oin/create-user");
    let other = without_location();
    play(&desk, &other, "okta/create-group", "two.ndjson");
    desk.say("report merge one.ndjson two.ndjson").exits(2).says("cannot be merged: the targets are");
    // One that was killed leaves a whole that has no end either.
    play(&desk, &target, "okta/create-group", "three.ndjson");
    let text = desk.read("three.ndjson");
    let (whole, _) = text.trim_end().rsplit_once('\n').expect("lines");
    desk.write("three.ndjson", whole);
    desk.say("report merge one.ndjson three.ndjson").exits(3).says("three.ndjson: the transcript has no end");
}
