//! How fast, how long, how often: limits of a run, and the question before the first write.

use std::io::Write as _;
use std::process::Stdio;

use scimproof::scim::json::Json;

use super::support::desk::Desk;
use super::support::target::{Asked, Gate, Reply, Target};
use super::support::text::{of_type, transcript};

#[test]
fn a_budget_that_is_spent_ends_the_run_and_cleans_up() {
    let desk = Desk::new();
    let gate = Gate::default();
    let held = gate.clone();
    let target = Target::new(move |asked, directory| {
        let told = directory.answer(asked);
        if asked.is("PUT", "/Users/") {
            held.pass();
        }
        Reply::Tell(told)
    });
    let line = format!(
        "run okta:app=aiw --jobs 2 --budget 1s --target {} --report console --report junit=j.xml",
        target.url()
    );
    let ended = desk.say(&line).exits(3);
    gate.open();
    let ended =
        ended.says("The time of the run was spent before its end.").says("the time of the run was spent before");
    assert!(!ended.stdout.contains("Left on the target"), "{}", ended.stdout);
    assert_eq!(target.count(), 0);
    assert!(desk.read("j.xml").contains("<skipped message=\"the time of the run was spent before\"/>"));
}

#[test]
fn a_rate_is_kept() {
    let desk = Desk::new();
    let target = Target::conforming();
    let run = format!(
        "run okta:app=oin --only okta/create-user --target {} --rate 20 --report transcript=t.ndjson",
        target.url()
    );
    desk.say(&run).exits(0);
    let lines = transcript(&desk.read("t.ndjson"));
    let took = of_type(&lines, "end")[0].get("took_us").and_then(Json::as_i64).expect("a time");
    let requests = i64::try_from(target.asked().len()).expect("few");
    assert!(requests > 5);
    assert!(took >= (requests - 1) * 50_000, "{requests} requests in {took} us");
}

#[test]
fn every_scenario_is_played_as_often_as_asked() {
    let desk = Desk::new();
    let target = Target::conforming();
    let run = format!(
        "run okta:app=oin --only okta/create-user --repeat 3 --target {} --report transcript=t.ndjson",
        target.url()
    );
    desk.say(&run).exits(0);
    let lines = transcript(&desk.read("t.ndjson"));
    let scenarios = of_type(&lines, "scenario");
    let mut rounds: Vec<_> = scenarios
        .iter()
        .filter(|line| line.get("variant").and_then(Json::as_str) != Some(""))
        .map(|line| line.get("round").and_then(Json::as_i64))
        .collect();
    rounds.sort_unstable();
    assert_eq!(rounds, [Some(0), Some(1), Some(2)]);
    let mut names: Vec<_> = target.asked().iter().filter(|asked| asked.is("POST", "/Users")).map(Asked::text).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "every round meets other people");
    assert_eq!(target.count(), 0);
}

/// No more scenarios at a time than asked: with one job, a request never comes before the answer to the one before.
#[test]
fn one_job_is_one_at_a_time() {
    let desk = Desk::new();
    let busy = std::sync::Mutex::new(());
    let target = Target::new(move |asked, directory| {
        let Ok(_alone) = busy.try_lock() else { return Reply::Cut };
        Reply::Tell(directory.answer(asked))
    });
    desk.say(&format!("run okta:app=oin --jobs 1 --target {}", target.url())).exits(0);
    assert!(target.connections() <= 3, "connections are used again: {}", target.connections());
}

#[test]
fn a_target_elsewhere_needs_a_yes() {
    let desk = Desk::new();
    // Reserved, so that it is nowhere (RFC 6761 section 6.4); nothing is resolved before the answer.
    let run = "run okta:app=oin --only okta/create-user --only okta/rename-group --target http://scim.example.invalid/scim/v2";
    let ended = desk.say(&format!("{run} --report transcript=t.ndjson")).exits(2);
    let asked = "this run creates at most 4 users and 1 group on http://scim.example.invalid/scim/v2, and removes them again; \
                 without a terminal to ask at, it needs --yes";
    assert!(ended.stderr.contains(asked), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(!desk.path("t.ndjson").exists() && desk.ledgers().is_empty());
    desk.say(&format!("{run} --keep")).exits(2).says("and leaves them there, as asked;");
    // An answer through a pipe is no terminal's.
    let mut command = desk.command(run.split_whitespace());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    // It may have ended before it could be told.
    let _ = child.stdin.take().expect("a pipe").write_all(b"y\n");
    assert_eq!(child.wait().expect("it was started here").code(), Some(2));
}

/// With the yes it is played as any other, here through a proxy of ours that stands for the way there.
/// Plain http to another machine is a finding of its own.
const PLAIN: &str = "--skip rfc7644/7.2/tls";

#[test]
fn a_target_elsewhere_is_played_after_a_yes() {
    let desk = Desk::new();
    let proxy = Target::new(|asked, directory| {
        let mut asked = asked.clone();
        let path = asked.target.strip_prefix("http://scim.example.invalid").expect("a proxy is told the whole URL");
        asked.target = path.to_owned();
        Reply::Tell(directory.answer(&asked))
    });
    let way = format!("--proxy http://{} --target http://scim.example.invalid/scim/v2 --yes", proxy.address());
    let ended =
        desk.say(&format!("run okta:app=oin --only okta/create-user --only okta/rename-group {way} {PLAIN}")).exits(0);
    assert_eq!(ended.stderr.matches("this run creates at most 4 users and 1 group on").count(), 1, "{}", ended.stderr);
    assert!(proxy.asked().iter().all(|asked| asked.header("host") == Some("scim.example.invalid")));
    assert_eq!(proxy.count(), 0);
    assert_eq!(desk.ledgers(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn three_rounds_create_three_times_as_much() {
    let desk = Desk::new();
    let run = "run okta:app=oin --only okta/create-user --repeat 3 --target http://scim.example.invalid/scim/v2";
    desk.say(run).exits(2).says("this run creates at most 3 users and 0 groups on");
}

/// A report that cannot be written is named, the others are written, and the exit code says so.
#[test]
fn a_report_that_fails_does_not_stop_the_others() {
    let desk = Desk::new();
    let run =
        "run okta:app=oin --only okta/create-user --report transcript=/dev/full --report junit=j.xml --report console";
    let ended = desk.say(run).exits(2);
    assert!(
        ended.stderr.contains("the report transcript=/dev/full cannot be written: No space left"),
        "{}",
        ended.stderr
    );
    assert!(ended.stdout.contains("Okta: works."), "{}", ended.stdout);
    assert!(desk.read("j.xml").contains("</testsuites>"));
    let ended = desk.say("run okta:app=oin --only okta/create-user --report junit=/dev/full --report console").exits(2);
    assert!(ended.stderr.contains("junit=/dev/full") && ended.stdout.contains("Okta: works."), "{}", ended.all());
}
