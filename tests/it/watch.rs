//! `scimproof watch`: what starts the next run, and how it ends.

use super::support::desk::{Desk, Running};
use super::support::target::{Reply, Target};

const RUN: &str = "watch okta:app=oin --only okta/create-user --seed 7 --report console";

fn watch(desk: &Desk, more: &str) -> Running {
    desk.start(format!("{RUN} {more}").split_whitespace())
}

fn runs(stdout: &str) -> usize {
    stdout.lines().filter(|line| line.contains(" errors, ")).count()
}

#[test]
fn an_endpoint_that_is_there_again_is_played_again() {
    let desk = Desk::new();
    let first = Target::conforming();
    let mut watching = watch(&desk, &format!("--target {}", first.url()));
    watching.hears("watching; Ctrl-C ends it");
    assert_eq!(first.count(), 0, "what the run created is gone");
    first.close();
    watching.hears("refuses connections; waiting for it");
    let second = Target::conforming_at(first.address());
    watching.hears("accepts connections again; running again");
    second.wait_for(|asked| asked.is("POST", "/Users"));
    watching.hears("watching; Ctrl-C ends it");
    watching.signal("INT");
    let ended = watching.wait().exits(130);
    assert_eq!((runs(&ended.stdout), second.count()), (2, 0), "{}", ended.all());
}

#[test]
fn an_endpoint_that_is_not_there_yet_is_waited_for() {
    let desk = Desk::new();
    let gone = Target::conforming();
    gone.close();
    let mut watching = watch(&desk, &format!("--target {}", gone.url()));
    watching.hears("refuses connections; waiting for it");
    let target = Target::conforming_at(gone.address());
    watching.hears("watching; Ctrl-C ends it");
    assert!(target.writes().len() > 1);
    watching.signal("TERM");
    let ended = watching.wait().exits(130);
    assert_eq!(runs(&ended.stdout), 1, "{}", ended.all());
}

#[test]
fn a_file_that_changes_starts_a_run_and_our_own_do_not() {
    let desk = Desk::new();
    desk.write("src/main.rs", "fn main() {}");
    let target = Target::conforming();
    let own = "--report html=src/out/report.html --report junit=src/j.xml --ledger src/ledger";
    let mut watching = watch(&desk, &format!("--target {} --path src {own}", target.url()));
    watching.hears("watching; Ctrl-C ends it");
    // A ledger that was named stays.
    std::fs::remove_file(desk.path("src/ledger")).unwrap();
    desk.write("src/main.rs", "fn main() { serve() }");
    watching.hears("src/main.rs changed; running again");
    watching.hears("watching; Ctrl-C ends it");
    watching.signal("INT");
    let ended = watching.wait().exits(130).does_not_say("report.html changed").does_not_say("ledger changed");
    assert_eq!(runs(&ended.stdout), 2, "{}", ended.all());
}

#[test]
fn an_own_profile_that_is_being_written_is_played_again() {
    let desk = Desk::new();
    desk.say("profile new ours").exits(0);
    let line = "watch --profile-dir ours --path ours/profile.toml --report console";
    let mut watching = desk.start(line.split_whitespace());
    watching.hears("watching; Ctrl-C ends it");
    let good = desk.read("ours/profile.toml");
    desk.write("ours/profile.toml", "id = 3");
    watching.hears("ours/profile.toml changed; running again");
    watching.hears("watching; Ctrl-C ends it");
    // As editors do it: another file takes its place.
    desk.write("ours/next", &good);
    std::fs::rename(desk.path("ours/next"), desk.path("ours/profile.toml")).unwrap();
    watching.hears("ours/profile.toml changed; running again");
    watching.hears("watching; Ctrl-C ends it");
    watching.signal("INT");
    let ended = watching.wait().exits(130);
    assert_eq!(runs(&ended.stdout), 2, "{}", ended.all());
}

#[test]
fn an_interrupt_in_a_run_cleans_up() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| Reply::Tell(directory.answer(asked)));
    let watching = watch(&desk, &format!("--target {} --repeat 1000", target.url()));
    target.wait_for(|asked| asked.is("POST", "/Users"));
    watching.signal("INT");
    watching.wait().exits(130).does_not_say("watching");
    assert_eq!(target.count(), 0);
}

#[test]
fn what_cannot_be_watched_is_said() {
    let desk = Desk::new();
    desk.say("watch").exits(2).says("there is nothing to watch");
    desk.say("watch --path nowhere").exits(2).says("--path nowhere: it cannot be watched");
    desk.say("watch --list --path .").exits(2).says("nothing to watch");
    let target = Target::conforming();
    desk.say(&format!("watch okat --target {}", target.url())).exits(2).says("okta");
    assert!(target.asked().is_empty());
}
