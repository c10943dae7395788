//! Targets that cannot be asked: exit 3 with the one likely cause, after one attempt and not after two hundred.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::support::desk::{Desk, Ended};
use super::support::target::{Reply, Target, Told};
use super::support::text::{member, of_type, plain, shows, transcript};
use super::support::tls::Identity;

/// What people read of it: the last paragraph before the counts.
fn cause(desk: &Desk, ended: &Ended) -> String {
    let text = plain(desk, &ended.stdout);
    let (_, cause) = text.split_once("The target could not be asked:").expect("the cause is said");
    let cause = cause.split("\n0 errors").next().unwrap_or_default();
    cause.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn asked(desk: &Desk, url: &str, more: &str) -> Ended {
    desk.say(&format!(
        "run jumpcloud --target {url} --report console --report transcript=t.ndjson --report junit=j.xml {more}"
    ))
    .exits(3)
}

/// A server that takes connections and says something that is no HTTP.
fn chatter(text: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/scim/v2", listener.local_addr().expect("an address"));
    let count: Arc<AtomicUsize> = Arc::default();
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            if let Ok(mut stream) = stream {
                // A connection that is closed on an unread request is reset, which would be another cause. The client may
                // be gone already.
                let _ = stream.read(&mut [0; 16 * 1024]);
                let _ = stream.write_all(text);
            }
        }
    });
    (url, count)
}

#[test]
fn every_cause_is_said_after_one_attempt() {
    let desk = Desk::new();
    let mut told = String::new();
    let mut tell = |title: &str, ended: &Ended| told.push_str(&format!("{title}\n    {}\n\n", cause(&desk, ended)));

    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("an address");
    let refused = asked(&desk, &format!("http://{free}/scim/v2"), "").says("; 1 request in ");
    tell("nobody listens", &refused);

    for (title, text) in [
        ("another protocol", &b"SSH-2.0-OpenSSH_9.7\r\n"[..]),
        ("no HTTP at all", b"\x15\x03\x01\x00\x02\x02\x0a"),
        ("closed at once", b""),
    ] {
        let (url, count) = chatter(text);
        tell(title, &asked(&desk, &url, ""));
        assert!(count.load(Ordering::SeqCst) <= 2, "{title}: {count:?} connections");
    }

    let clear = Target::conforming();
    tell("https to a port that speaks http", &asked(&desk, &clear.url().replace("http:", "https:"), ""));
    assert_eq!((clear.connections(), clear.asked().len()), (1, 0));

    let own = Identity::for_names(&["127.0.0.1"]).serve();
    tell("a certificate of its own", &asked(&desk, &own.url(), ""));
    assert_eq!((own.connections(), own.asked().len()), (1, 0));

    let elsewhere = Identity::for_names(&["scim.example.com"]);
    desk.write("elsewhere.pem", &elsewhere.certificate);
    let elsewhere = elsewhere.serve();
    tell("a certificate for another name", &asked(&desk, &elsewhere.url(), "--ca-file elsewhere.pem"));
    assert_eq!((elsewhere.connections(), elsewhere.asked().len()), (1, 0));

    let expired = Identity::expired(&["127.0.0.1"]);
    desk.write("expired.pem", &expired.certificate);
    let expired = expired.serve();
    tell("a certificate that has expired", &asked(&desk, &expired.url(), "--ca-file expired.pem"));
    assert_eq!((expired.connections(), expired.asked().len()), (1, 0));

    for status in [401, 403] {
        let closed = Target::new(move |_, _| Reply::Tell(Told::error(status, "Who are you?")));
        tell(&format!("the first request is answered with {status}"), &asked(&desk, &closed.url(), ""));
        assert_eq!(closed.asked().len(), 1);
    }
    shows("unreachable", &told);
}

/// Every report tells it, and nothing is called a pass.
#[test]
fn every_report_tells_that_nothing_was_played() {
    let desk = Desk::new();
    let target = Target::new(|_, _| Reply::Tell(Told::error(401, "Who are you?")));
    let ended = asked(&desk, &target.url(), "").does_not_say(" works");
    let junit = desk.read("j.xml");
    let played: Vec<_> = junit.split("<testcase name=\"played\"").skip(1).collect();
    assert!(!played.is_empty());
    for case in played {
        let case = case.split("</testcase>").next().unwrap_or_default();
        assert!(case.contains("<skipped") || case.contains("<error"), "{case}");
    }
    let lines = transcript(&desk.read("t.ndjson"));
    let end = of_type(&lines, "end")[0];
    assert!(member(end, "/cut/detail").contains("401"), "{end}");
    assert_eq!(
        desk.say("judge t.ndjson").exits(3).stdout.lines().last(),
        ended.stdout.lines().last().map(|line| { line.split("; ledger ").next().unwrap_or_default() })
    );
}

/// Credentials that can be renewed are renewed once; those that cannot are not sent again.
#[test]
fn a_refusal_is_tried_again_only_with_a_new_token() {
    let desk = Desk::new().with("TOKEN", "stale-token-81ab");
    let target = Target::with_token("fresh-token-55de", |asked, directory| Reply::Tell(directory.answer(asked)));
    asked(&desk, &target.url(), "--token-env TOKEN");
    assert_eq!(target.asked().len(), 1);
    desk.write("token", "stale-token-81ab\n");
    asked(&desk, &target.url(), "--token-file token");
    assert_eq!(target.asked().len(), 2, "the file says the same as before");
    desk.write("next", "echo stale-token-81ab > token; mv token used; echo fresh-token-55de");
    let ended = desk.run([
        "run",
        "okta:app=oin",
        "--only",
        "okta/create-user",
        "--target",
        &target.url(),
        "--token-command",
        "if test -e used; then echo fresh-token-55de; else touch used; echo stale-token-81ab; fi",
    ]);
    ended.exits(0);
}

/// A server that goes away in the middle is not asked for every scenario that is left.
#[test]
fn a_target_that_goes_away_ends_the_run() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| match asked.number {
        0..=40 => Reply::Tell(directory.answer(asked)),
        _ => Reply::Cut,
    });
    let line = format!(
        "run okta jumpcloud --target {} --jobs 1 --settle 0s --report console --report transcript=t.ndjson",
        target.url()
    );
    let running = desk.start(line.split_whitespace());
    target.wait_for(|asked| asked.number == 40);
    target.close();
    let ended = running.wait().exits(3);
    assert!(cause(&desk, &ended).contains("refused"), "{}", ended.stdout);
    let lines = transcript(&desk.read("t.ndjson"));
    let unanswered = of_type(&lines, "exchange").iter().filter(|exchange| exchange.get("failure").is_some()).count();
    assert!(unanswered < 20, "{unanswered} requests to a target that is gone");
    // What it could not remove is listed, and the ledger stays for a sweep.
    let left = of_type(&lines, "clean-up")[0].get("left_over").map(ToString::to_string).unwrap_or_default();
    assert_eq!(left.contains("/Users"), target.count() > 0, "{left}");
    assert_eq!(desk.ledgers().len(), usize::from(target.count() > 0));
}

/// Redirects are never followed: the credentials would go with them.
#[test]
fn redirects_are_not_followed() {
    let other = Target::conforming();
    let to = other.url();
    let target = Target::new(move |asked, _| {
        let mut told = Told::new(302, "text/html", "<html>Sign in</html>");
        told.set_header("Location", &format!("{to}{}", asked.path()));
        Reply::Tell(told)
    });
    let desk = Desk::new();
    let ended = desk.say(&format!("run okta:app=oin --only okta/create-user --target {} --settle 0s", target.url()));
    assert!(matches!(ended.code, Some(1 | 3)), "{}", ended.all());
    assert_eq!(other.connections(), 0);
    assert!(ended.stdout.contains("redirect"), "{}", ended.stdout);
}

#[test]
fn a_certificate_of_ones_own_is_trusted_when_given() {
    let desk = Desk::new();
    let identity = Identity::for_names(&["127.0.0.1"]);
    desk.write("own.pem", &identity.certificate);
    let target = identity.serve();
    let run = format!("run okta:app=oin --only okta/create-user --target {}", target.url());
    desk.say(&format!("{run} --ca-file own.pem")).exits(0).does_not_say("--insecure");
    let reports = "--report console --report junit=j.xml --report transcript=t.ndjson";
    let ended = desk.say(&format!("{run} --insecure {reports}")).exits(0);
    let said = "--insecure: any certificate was accepted";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    for report in ["t.ndjson", "j.xml"] {
        assert!(desk.read(report).contains(said), "{report} does not say it");
    }
    desk.say("judge t.ndjson").exits(0).says(said);
}
