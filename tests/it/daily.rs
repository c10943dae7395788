//! What is used every day beside a run: comparing two of them, accepting answers, completions, man pages.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use scimproof::scim::json::Json;

use super::support::desk::Desk;
use super::support::target::{Asked, Target};
use super::support::text::{shows, steady};

const RUN: &str = "run okta:app=oin --only okta/create-user --only okta/create-group --seed 7";

/// A target in two versions: the second forgets the Location of what it creates.
fn version(lossy: bool) -> Target {
    Target::altered(move |_, told| {
        if lossy && told.status == 201 {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        }
    })
}

fn two_runs(desk: &Desk) {
    desk.say(&format!("{RUN} --target {} --report transcript=before.ndjson", version(false).url())).exits(0);
    desk.say(&format!("{RUN} --target {} --report transcript=after.ndjson", version(true).url())).exits(1);
}

#[test]
fn a_release_that_is_worse_is_told() {
    let desk = Desk::new();
    two_runs(&desk);
    let worse = desk.say("compare before.ndjson after.ndjson").exits(1);
    shows("compare-worse", &steady(&desk, &worse));
    let better = desk.say("compare after.ndjson before.ndjson").exits(0).says("Better");
    assert!(!better.stdout.contains("Worse"), "{}", better.stdout);
    // Other ids, other times, another port: the same answers.
    desk.say(&format!("{} --target {} --report transcript=again.ndjson", RUN.replace('7', "8"), version(false).url()))
        .exits(0);
    desk.say("compare before.ndjson again.ndjson --fail-on warning")
        .exits(0)
        .says("0 better, 0 worse; answers differ in 0 scenarios");
    desk.say("compare before.ndjson nothing.ndjson").exits(2).says("nothing.ndjson");
}

/// The user name in a create.
fn target_name(body: &str) -> String {
    let json = Json::parse(body.as_bytes()).expect("JSON");
    json.get("userName").and_then(Json::as_str).expect("a name").to_owned()
}

/// Two targets that are played now, or one of them against a record.
#[test]
fn targets_that_are_played_now_are_compared() {
    let desk = Desk::new().with("TOKEN", "compared-token-6c3e");
    let selection = "okta:app=oin --only okta/create-user --only okta/create-group";
    let (good, lossy) = (version(false), version(true));
    let compare = |before: &str, after: &str, more: &str| {
        let line = format!("compare {before} {after} -- {selection} {more}");
        desk.run(line.split_whitespace())
    };
    compare(&good.url(), &lossy.url(), "").exits(1).says("Worse").says("Location");
    assert!(good.asked().len() > 5 && good.asked().len() == lossy.asked().len());
    // The same people on both; nobody is left behind.
    let created = |target: &Target| -> BTreeSet<String> {
        target.writes().iter().map(Asked::text).filter(|text| text.contains("userName")).collect()
    };
    assert!(!created(&good).is_empty() && created(&good) == created(&lossy));
    assert_eq!((good.count(), lossy.count()), (0, 0));
    compare(&good.url(), &version(false).url(), "--token-env TOKEN").exits(0).does_not_say("6c3e").says("0 worse");

    desk.say(&format!("{RUN} --target {} --report transcript=before.ndjson", version(false).url())).exits(0);
    let against = version(true);
    desk.say(&format!("compare before.ndjson {}", against.url())).exits(1).says("Location");
    // The person of the record is met again, among those of the scenarios that were not recorded.
    let recorded = desk.read("before.ndjson");
    assert!(created(&against).iter().any(|body| recorded.contains(&target_name(body))));

    let file = format!(
        "[target.old]\nurl = \"{}\"\nprofiles = [\"okta:app=oin\"]\nonly = [\"okta/create-user\"]\nreport = [\"html=x.html\"]\n\
         [target.new]\nurl = \"{}\"\n",
        version(false).url(),
        version(true).url()
    );
    desk.write("scimproof.toml", &file);
    desk.say("compare old new").exits(1).says("Location").does_not_say("Played in one of them only");
    desk.say("compare old old").exits(0);
    assert!(!desk.path("x.html").exists());
    desk.say("compare old knew").exits(2).says("perhaps `new`");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let desk = Desk::new();
    two_runs(&desk);
    let good = version(false);
    desk.say("compare before.ndjson http://127.0.0.1:1/scim").exits(3).says("http://127.0.0.1:1/scim: nothing listens");
    desk.say("compare before.ndjson after.ndjson -- okta").exits(2).says("both sides are recorded");
    desk.say(&format!("compare before.ndjson {} -- --tokn-env X", good.url()))
        .exits(2)
        .says("behind --")
        .says("--token-env");
    desk.say(&format!("compare before.ndjson {} -- --list", good.url())).exits(2).says("make no sense");
    assert_eq!(good.connections(), 0);
}

#[test]
fn answers_are_looked_at_and_accepted() {
    let desk = Desk::new();
    two_runs(&desk);
    desk.say("baseline diff before.ndjson --baseline snaps").exits(1).says("2 new, 0 changed");
    assert!(desk.files("snaps").is_empty(), "looking writes nothing");
    desk.say("baseline accept before.ndjson --baseline snaps --only okta:app=oin/create-user").exits(0);
    assert_eq!(desk.files("snaps").len(), 1);
    desk.say("baseline accept before.ndjson --baseline snaps").exits(0).says("1 new, 0 changed accepted");
    desk.say("baseline diff before.ndjson --baseline snaps").exits(0);
    let accepted = desk.files("snaps");
    desk.say("baseline diff after.ndjson --baseline snaps").exits(1).says("0 new, 2 changed").says("-Location: ");

    let review = |answers: &str| {
        let mut command = desk.command(["baseline", "review", "after.ndjson", "--baseline", "snaps"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().expect("a pipe").write_all(answers.as_bytes()).expect("it reads");
        let ended = child.wait_with_output().expect("it ends");
        (ended.status.code(), String::from_utf8_lossy(&ended.stdout).into_owned())
    };
    let (code, text) = review("s\nwhat\nr\n");
    assert!(code == Some(1) && text.contains("0 accepted, 1 rejected, 1 left"), "{text}");
    assert_eq!(desk.files("snaps"), accepted, "nothing was accepted");
    let (code, text) = review("a\na\n");
    assert!(code == Some(0) && text.contains("2 accepted, 0 rejected, 0 left"), "{text}");
    assert_ne!(desk.files("snaps"), accepted);
}

#[test]
fn a_baseline_is_never_written_in_ci() {
    let desk = Desk::new();
    two_runs(&desk);
    let desk = desk.with("CI", "true");
    for command in ["accept", "review"] {
        desk.say(&format!("baseline {command} before.ndjson --baseline snaps")).exits(2).says("never written in CI");
    }
    let target = version(false);
    desk.say(&format!("{RUN} --target {} --baseline snaps --update-baseline", target.url()))
        .exits(2)
        .says("never written in CI")
        .says("baseline review run.ndjson");
    assert!(desk.files("snaps").is_empty() && target.connections() == 0);
    desk.say("baseline diff before.ndjson --baseline snaps").exits(1);
}

#[test]
fn shells_and_packages_get_what_they_want() {
    let desk = Desk::new();
    let bash = desk.say("completions bash").exits(0).stdout;
    desk.write("completions.bash", &bash);
    let checked = std::process::Command::new("bash").arg("-n").arg(desk.path("completions.bash")).status();
    assert!(checked.expect("bash starts").success());
    for (shell, word) in
        [("zsh", "#compdef scimproof"), ("fish", "complete -c scimproof"), ("powershell", "Register-ArgumentCompleter")]
    {
        assert!(desk.say(&format!("completions {shell}")).exits(0).stdout.contains(word), "{shell}");
    }
    desk.say("man pages").exits(0);
    let pages = desk.files("pages");
    assert!(pages.len() > 10, "{}", pages.len());
    for page in ["scimproof.1", "scimproof-run.1", "scimproof-baseline-review.1"] {
        let text = desk.read(&format!("pages/{page}"));
        assert!(text.contains(".TH ") && text.contains("scimproof"), "{page}");
    }
}

#[test]
fn colours_are_the_users() {
    let desk = Desk::new();
    two_runs(&desk);
    let colours = |line: &str| desk.say(line).stdout.contains('\u{1b}');
    assert!(!colours("report after.ndjson"), "a pipe has none");
    assert!(colours("report after.ndjson --color always"));
    assert!(!colours("report after.ndjson --color never"));
    let verbose = desk.say("report after.ndjson -v");
    assert!(
        verbose.stdout.contains("> POST /scim/v2/Users") && verbose.stdout.contains("< 201 Created"),
        "{}",
        verbose.stdout
    );
}
