//! How a client goes on when it is refused for a while, and what it takes either way.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::desk::{Desk, Ended};
use super::support::target::{Reply, Target, Told};

fn play(target: &Target, args: &str) -> Ended {
    Desk::new().say(&format!("run {args} --target {} --seed 7 --settle 0s --jobs 1", target.url()))
}

fn refusal(status: u16, headers: &[(&str, &str)]) -> Told {
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"{status}","detail":"Not now."}}"#
    );
    let mut all = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Told { status, headers: all, body: body.into_bytes() }
}

/// A target that refuses the client's first requests of a kind.
fn busy(
    times: usize,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    line: (&'static str, &'static str),
) -> Target {
    let refused = AtomicUsize::new(0);
    Target::new(move |asked, directory| {
        let ours = asked.header("user-agent").is_some_and(|name| name.starts_with("scimproof/"));
        if !ours && asked.is(line.0, line.1) && refused.fetch_add(1, Ordering::Relaxed) < times {
            return Reply::Tell(refusal(status, headers));
        }
        Reply::Tell(directory.answer(asked))
    })
}

fn patches(target: &Target) -> usize {
    target.asked().iter().filter(|asked| asked.is("PATCH", "/Users/")).count()
}

#[test]
fn entra_comes_back_in_its_next_cycle() {
    let target = busy(1, 503, &[], ("PATCH", "/Users/"));
    play(&target, "entra:flag=off --only entra/disable-user").says("Microsoft Entra ID: works");
    assert_eq!(patches(&target), 2);
    let target = busy(9, 503, &[], ("PATCH", "/Users/"));
    let ended = play(&target, "entra:flag=off --only entra/disable-user").exits(1);
    ended.says("breaks");
    assert_eq!(patches(&target), 2, "one more cycle and no third");
    assert_eq!(target.count(), 0);
}

/// A create whose answer is lost has had its effect: the next cycle finds the user and does not make another.
#[test]
fn a_create_that_was_not_answered_is_taken_up() {
    let lost = AtomicUsize::new(0);
    let target = Target::new(move |asked, directory| {
        let told = directory.answer(asked);
        if asked.is("POST", "/Users") && lost.fetch_add(1, Ordering::Relaxed) == 0 {
            return Reply::Tell(refusal(500, &[]));
        }
        Reply::Tell(told)
    });
    let ended = play(&target, "entra:flag=off --only entra/create-user");
    assert!(!ended.stdout.contains("breaks"), "{}", ended.all());
    assert_eq!(target.asked().iter().filter(|asked| asked.is("POST", "/Users")).count(), 1);
    assert_eq!(target.count(), 0, "it is removed at the end");
}

#[test]
fn a_limit_says_nothing_of_the_feature() {
    let target = busy(1, 429, &[("Retry-After", "0")], ("PATCH", "/Users/"));
    play(&target, "entra:flag=off --only entra/disable-user").says("Microsoft Entra ID: works");
    let always = busy(9, 429, &[("Retry-After", "0")], ("PATCH", "/Users/"));
    let ended = play(&always, "entra:flag=off --only entra/disable-user");
    ended.says("the target asked Microsoft Entra ID to wait");
    let always = busy(9, 429, &[], ("PUT", "/Users/"));
    let ended = play(&always, "jumpcloud --only jumpcloud/update-user");
    let ended = ended.says("what JumpCloud does then is not known");
    assert!(!ended.stdout.contains("breaks"), "{}", ended.stdout);
}

/// What the target asks for is waited for, up to the limit of the run.
#[test]
fn a_wait_that_is_too_long_is_told() {
    let target = busy(1, 429, &[("Retry-After", "3600")], ("PATCH", "/Users/"));
    let ended = play(&target, "entra:flag=off --only entra/disable-user");
    ended.says("to stay away for 3600 s; a longer --budget lets the run wait as long");
    assert_eq!(patches(&target), 1);
    let target = busy(1, 429, &[], ("PATCH", "/Users/"));
    play(&target, "okta:app=oin --only okta/deactivate-user").says("Okta would wait 300 s and ask again");
}

/// Okta's SPEC test takes a hit and a miss for the name in capital letters; the standard does not.
#[test]
fn the_spec_test_takes_either_outcome_of_its_step_nine() {
    let target = Target::altered(|asked, told| {
        let capital = |text: &str| text.contains("EXAMPLE.COM");
        if asked.method == "GET" && capital(&asked.target) && told.status == 200 {
            let none = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;
            told.body = none.as_bytes().to_vec();
        }
    });
    let ended = play(&target, "okta-spec --only okta-spec/create-user").exits(1);
    let ended = ended.says("state/filter");
    assert!(!ended.stdout.contains("breaks"), "{}", ended.stdout);
    let ended = play(&target, "entra:flag=off --only entra/match-other-case").exits(1);
    ended.says("breaks");
}

/// A router that does not take two slashes is one finding, and the rest of the client is played without the slash.
#[test]
fn a_slash_that_does_not_work_is_one_finding() {
    let script = |asked: &super::support::target::Asked, directory: &super::support::target::Directory| {
        if asked.target.contains("//") { Reply::Tell(refusal(404, &[])) } else { Reply::Tell(directory.answer(asked)) }
    };
    let target = Target::new(script);
    let ended = play(&target, "jumpcloud").exits(0);
    let ended = ended.says("Findings, 1 cause").says("jumpcloud/double-slash");
    assert!(ended.stdout.contains("0 errors, 1 warning"), "{}", ended.stdout);
    let target = Target::new(script);
    let line = format!("run jumpcloud --target {}/ --seed 7 --settle 0s", target.url());
    let ended = Desk::new().say(&line).exits(1).says("Findings, 1 cause");
    assert!(ended.stdout.contains("1 error, 0 warnings"), "{}", ended.stdout);
}

/// With a base URL that ends in a slash and works, everything is played with two, and nothing is told.
#[test]
fn a_slash_that_works_is_no_finding() {
    let target = Target::conforming();
    let line = format!("run jumpcloud --target {}/ --seed 7 --settle 0s", target.url());
    let ended = Desk::new().say(&line).exits(0);
    assert!(!ended.stdout.contains("double-slash"), "{}", ended.stdout);
    assert!(target.asked().iter().any(|asked| asked.target.contains("//Groups/")));
}
