//! Runs that are ended from outside: what they created is removed, by themselves or by `sweep`.

use scimproof::scim::json::Json;

use super::support::desk::{Desk, Ended, append};
use super::support::target::{Asked, Gate, Reply, Target, Told};
use super::support::text::{member, of_type, plain, shows, transcript};

/// Somebody who was there before.
const STRANGER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"grace.quartermaine@example.com","displayName":"Grace Quartermaine","active":true}"#;

/// A target that holds back every answer from the `at`-th request on that `holds` fits, until the gate is open. What was
/// asked is done all the same.
fn holding(at: usize, holds: fn(&Asked) -> bool, gate: &Gate) -> Target {
    let gate = gate.clone();
    let seen = std::sync::Mutex::new(0);
    Target::new(move |asked, directory| {
        let told = directory.answer(asked);
        let number = {
            let mut seen = seen.lock().expect("nobody panics");
            *seen += usize::from(holds(asked));
            *seen
        };
        if number >= at && (holds(asked) || !gate.is_open()) {
            gate.pass();
        }
        Reply::Tell(told)
    })
}

fn creates_user(asked: &Asked) -> bool {
    asked.is("POST", "/Users") && !asked.is_ours()
}

fn creates_group(asked: &Asked) -> bool {
    asked.is("POST", "/Groups") && !asked.is_ours()
}

fn is_writing(asked: &Asked) -> bool {
    asked.is("PUT", "/Users") || asked.is("PATCH", "/Users")
}

fn ledger(desk: &Desk) -> String {
    let ledgers = desk.ledgers();
    assert_eq!(ledgers.len(), 1, "{ledgers:?}");
    ledgers[0].display().to_string()
}

fn ends_by(signal: &str) {
    let (desk, gate) = (Desk::new(), Gate::default());
    let target = holding(2, is_writing, &gate);
    target.people("/Users", STRANGER);
    let before = target.everybody();
    let url = target.url();
    let running = desk.start([
        "run",
        "--target",
        &url,
        "--jobs",
        "3",
        "--report",
        "console",
        "--report",
        "transcript=t.ndjson",
        "--report",
        "junit=j.xml",
    ]);
    let first = target.wait_for(is_writing).number;
    target.wait_for(|asked| is_writing(asked) && asked.number > first);
    running.signal(signal);
    // From here on the target answers again: clean-up can do its work.
    gate.open();
    let ended = running.wait().exits(130).says("The run was interrupted.").does_not_say("Left on the target");
    assert_eq!(target.everybody(), before, "{}", ended.stdout);
    assert_eq!(desk.ledgers(), Vec::<std::path::PathBuf>::new());
    let lines = transcript(&desk.read("t.ndjson"));
    assert_eq!(member(of_type(&lines, "end")[0], "/cut/kind"), "interrupted");
    desk.say("judge t.ndjson").exits(130).says("The run was interrupted.");
    assert!(desk.read("j.xml").contains("the run was interrupted before"));
}

#[test]
fn ctrl_c_cleans_up() {
    ends_by("INT");
}

#[test]
fn termination_cleans_up() {
    ends_by("TERM");
}

/// Kills a run that waits for an answer, then sweeps.
fn swept_after_kill(args: &str, holds: fn(&Asked) -> bool) -> (Desk, Target, Ended) {
    let (desk, gate) = (Desk::new(), Gate::default());
    let target = holding(1, holds, &gate);
    target.people("/Users", STRANGER);
    let before = target.everybody();
    let line = format!("run {args} --target {} --report transcript=t.ndjson", target.url());
    let running = desk.start(line.split_whitespace());
    target.wait_for(holds);
    // The request was noted before it was done: the target must have stored what is to be swept.
    let begun = std::time::Instant::now();
    while target.count() <= 1 {
        assert!(begun.elapsed() < std::time::Duration::from_mins(1), "something is left to sweep");
        std::thread::yield_now();
    }
    let killed = running.kill();
    assert_eq!(killed.code, None, "it was killed and did not end: {}", killed.all());
    gate.open();
    let swept = desk.run(["sweep", &ledger(&desk)]).exits(0);
    assert_eq!(target.everybody(), before, "{}", swept.all());
    (desk, target, swept)
}

/// The target has stored the user, and the run was killed before it got the answer: only the invented name is known.
#[test]
fn a_user_whose_create_was_not_answered_is_swept() {
    let (desk, target, swept) = swept_after_kill("okta:app=oin --only okta/create-user", creates_user);
    let last = target.asked().pop().expect("a request");
    assert!(last.is_ours() && last.is("DELETE", "/Users/"), "{last:?}");
    shows("sweep", &plain(&desk, &swept.stdout));
    // A second time there is nothing to do.
    desk.run(["sweep", &ledger(&desk)]).exits(0).says("nothing is left to remove");
}

#[test]
fn a_group_whose_create_was_not_answered_is_swept() {
    swept_after_kill("okta:app=oin --only okta/create-group", creates_group);
}

#[test]
fn everything_under_way_is_swept() {
    let (desk, _, _) = swept_after_kill("--jobs 8", is_writing);
    // What had been played is judged, and it is said that this is not all.
    desk.say("judge t.ndjson").exits(3).says("the run was killed").says("\n0 errors, ");
}

/// A kill in the middle of a line of the ledger: the request of that line had not left.
#[test]
fn a_torn_ledger_is_swept() {
    let (desk, gate) = (Desk::new(), Gate::default());
    let target = holding(1, is_writing, &gate);
    let line = format!("run okta:app=oin --only okta/deactivate-user --target {} --ledger left.ndjson", target.url());
    let running = desk.start(line.split_whitespace());
    target.wait_for(is_writing);
    running.kill();
    gate.open();
    append(&desk.path("left.ndjson"), "{\"entry\":9,\"endp");
    desk.say("sweep left.ndjson").exits(0).says("1 of 1 removed");
    assert_eq!(target.count(), 0);
}

/// Without a kill: the connection is cut after the target has stored what it was asked for.
#[test]
fn a_create_whose_answer_is_lost_is_cleaned_up_by_the_run() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| {
        let told = directory.answer(asked);
        if creates_user(asked) || creates_group(asked) { Reply::Cut } else { Reply::Tell(told) }
    });
    target.people("/Users", STRANGER);
    let before = target.everybody();
    let line = format!(
        "run okta:app=oin --only okta/create-user --only okta/create-group --target {} --settle 0s",
        target.url()
    );
    let ended = desk.say(&line);
    assert!(matches!(ended.code, Some(1 | 3)), "{}", ended.all());
    assert!(!ended.stdout.contains("Left on the target"), "{}", ended.stdout);
    assert_eq!(target.everybody(), before);
    let posts = target.asked().iter().filter(|asked| creates_user(asked) || creates_group(asked)).count();
    assert_eq!(posts, 2, "a create is never sent twice");
}

/// An endpoint without DELETE for users: they are deactivated and listed, by the run and by `sweep`.
#[test]
fn users_that_cannot_be_deleted_are_deactivated_and_listed() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| {
        if asked.is("DELETE", "/Users") {
            let mut told = Told::error(405, "Users are deactivated here, never deleted.");
            told.set_header("Allow", "GET, PUT, PATCH");
            return Reply::Tell(told);
        }
        Reply::Tell(directory.answer(asked))
    });
    let run = format!("run okta:app=oin --only okta/create-user --only okta/rename-group --target {}", target.url());
    let ended = desk.say(&run).exits(0).says("Left on the target");
    let people = target.everybody();
    let left = people.matches("\"userName\"").count();
    assert!(left > 1, "{people}");
    assert_eq!(people.matches("\"active\":false").count(), left, "{people}");
    assert!(people.contains("\"totalResults\":0"), "the group is deleted: {people}");
    for user in target.directly("GET", "/Users", "").json().get("Resources").and_then(|r| r.as_array()).expect("a list")
    {
        let line = format!("/Users/{} ({})", member(user, "/id"), member(user, "/userName"));
        let listed: Vec<_> = ended.stdout.split_whitespace().collect();
        assert!(listed.join(" ").contains(&line), "{line} is not listed:\n{}", ended.stdout);
    }
    assert!(ended.stdout.contains("; the user was deactivated"), "{}", ended.stdout);
    let swept = desk.run(["sweep", &ledger(&desk)]).exits(1);
    assert_eq!(swept.stdout.matches("left: /Users/").count(), left, "{}", swept.stdout);
    desk.say(&format!("{run} --fail-on warning")).exits(1);
}

/// `--keep` leaves everything, says so, and leaves the ledger for a sweep.
#[test]
fn what_is_kept_can_be_swept() {
    let desk = Desk::new();
    let target = Target::conforming();
    let line =
        format!("run okta:app=oin --only okta/create-user --only okta/rename-group --keep --target {}", target.url());
    let ended = desk.say(&line).exits(0);
    let kept = target.count();
    assert!(kept > 2);
    assert!(
        ended.stdout.contains(&format!("{kept} resources of {kept} kept on the target, as asked")),
        "{}",
        ended.stdout
    );
    assert!(target.asked().iter().all(|asked| !asked.is("DELETE", "/")));
    assert!(ended.stderr.contains(&ledger(&desk)), "{}", ended.stderr);
    desk.run(["sweep", &ledger(&desk)]).exits(0).says(&format!("{kept} of {kept} removed"));
    assert_eq!(target.count(), 0);
}

/// Swept where it does not belong, a ledger removes nobody who happens to have the same id.
#[test]
fn a_sweep_of_another_target_removes_no_stranger() {
    let desk = Desk::new();
    let target = Target::conforming();
    desk.say(&format!("run okta:app=oin --only okta/create-user --keep --ledger kept --target {}", target.url()))
        .exits(0);
    let other = Target::conforming();
    let id = other.people("/Users", STRANGER);
    assert!(target.everybody().contains(&id), "both give the same ids");
    let before = other.everybody();
    let swept = desk.say(&format!("sweep kept --target {}", other.url())).exits(1);
    assert_eq!(other.everybody(), before);
    assert!(swept.stdout.contains("another record has this id on this target: it was left alone"), "{}", swept.stdout);
    // By another name of the same target it is found.
    let renamed = target.url().replace("127.0.0.1", "localhost");
    desk.say(&format!("sweep kept --target {renamed}")).exits(0).says("1 of 1 removed");
}

/// A seed that was used before invents the same names: whoever has one since before the run is left alone.
#[test]
fn a_sweep_leaves_who_is_older_than_the_run() {
    let desk = Desk::new();
    let target = Target::conforming();
    let id = target.people("/Users", STRANGER);
    let name = target.directly("GET", &format!("/Users/{id}"), "").json();
    let name = name.get("userName").and_then(Json::as_str).expect("a name");
    let ledger = |at: &str| {
        let head = format!(r#"{{"ledger":1,"run":"x","target":"{}","at":"{at}"}}"#, target.url());
        let line = format!(r#"{{"entry":1,"endpoint":"/Users","attribute":"userName","name":"{name}"}}"#);
        format!("{head}\n{line}\n")
    };
    desk.write("later", &ledger("2999-01-01T00:00:00Z"));
    desk.say("sweep later").exits(1).says("the record with its name is older than the run: it was left alone");
    assert_eq!(target.count(), 1);
    desk.write("earlier", &ledger("2001-01-01T00:00:00Z"));
    desk.say("sweep earlier").exits(0).says("1 of 1 removed");
    assert_eq!(target.count(), 0);
}

/// A create that failed on the target and left nothing there is not counted as created.
#[test]
fn what_was_never_there_is_not_counted() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| {
        if creates_user(asked) {
            Reply::Tell(Told::error(503, "try later"))
        } else {
            Reply::Tell(directory.answer(asked))
        }
    });
    let ended = desk.say(&format!("run okta:app=oin --only okta/create-user --target {}", target.url())).exits(1);
    assert!(ended.stdout.contains("; 0 created, 0 removed"), "{}", ended.stdout);
}

/// Who is interrupted twice goes at once, and says what is left to do.
#[test]
fn a_second_interruption_ends_the_clean_up() {
    let (desk, gate) = (Desk::new(), Gate::default());
    let held = gate.clone();
    let target = Target::new(move |asked, directory| {
        let told = directory.answer(asked);
        if is_writing(asked) || asked.method == "DELETE" {
            held.pass();
        }
        Reply::Tell(told)
    });
    let line = format!("run okta:app=oin --only okta/deactivate-user --target {}", target.url());
    let running = desk.start(line.split_whitespace());
    target.wait_for(is_writing);
    running.signal("INT");
    target.wait_for(|asked| asked.method == "DELETE");
    running.signal("INT");
    let ended = running.wait().exits(130);
    assert!(ended.stderr.contains("clean-up was not finished; scimproof sweep "), "{}", ended.stderr);
    assert!(ended.stderr.contains(&ledger(&desk)), "{}", ended.stderr);
    gate.open();
}

/// A sweep against a target that is not there removes nothing and says why.
#[test]
fn a_sweep_that_cannot_ask_exits_with_3() {
    let desk = Desk::new();
    let target = Target::conforming();
    desk.say(&format!("run okta:app=oin --only okta/create-user --keep --ledger kept --target {}", target.url()))
        .exits(0);
    target.close();
    let swept = desk.say("sweep kept").exits(3);
    assert!(swept.stdout.contains("\n0 of 1 removed\nleft: /Users/"), "{}", swept.stdout);
    assert!(swept.stdout.contains("): DELETE was not answered: nothing listens on "), "{}", swept.stdout);
}

/// `scimproof serve` as a second process: the same, without a thread of this one.
#[test]
fn a_served_provider_is_swept_too() {
    let desk = Desk::new().with("SCIM_TOKEN", "served-token-19f0");
    let mut served = desk.start(["serve", "--token-env", "SCIM_TOKEN"]);
    let url = served.line();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/scim/v2"), "{url}");
    let run = ["run", "okta:app=oin", "--only", "okta/create-user", "--keep", "--ledger", "kept", "--target", &url];
    desk.run(run.iter().chain(&["--token-env", "SCIM_TOKEN"])).exits(0);
    desk.say("sweep kept").exits(1).says("401");
    desk.say("sweep kept --token-env SCIM_TOKEN").exits(0).says("1 of 1 removed");
    served.signal("TERM");
    served.wait().exits(0);
}
