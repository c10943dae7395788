//! `scimproof doctor`: what stands in the way of a run is said in a sentence, and nothing is written.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use super::support::desk::{Desk, Ended};
use super::support::target::{Asked, Reply, Target, Told};
use super::support::text::{plain, shows};
use super::support::tls::Identity;

/// One case after the other, as people read them.
struct Book {
    desk: Desk,
    text: String,
}

impl Book {
    fn tell(&mut self, title: &str, url: &str, more: &str, code: i32) -> Ended {
        let ended = self.desk.say(&format!("doctor --target {url} {more}")).exits(code);
        assert_eq!(ended.stderr, "", "{title}");
        self.text.push_str(&format!("{title}\n{}\n", plain(&self.desk, &ended.stdout)));
        ended
    }
}

fn book() -> Book {
    Book { desk: Desk::new().with("TOKEN", "the-right-one-5e7a"), text: String::new() }
}

/// A server that takes connections and says something that is no HTTP.
fn chatter(text: &'static [u8]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/scim/v2", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The client may be gone already.
            let _ = stream.read(&mut [0; 16 * 1024]);
            let _ = stream.write_all(text);
        }
    });
    url
}

fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("an address").port()
}

#[test]
fn a_target_that_is_well_is_told_so_and_nothing_is_written() {
    let mut book = book();
    let target = Target::with_token("the-right-one-5e7a", |asked, directory| Reply::Tell(directory.answer(asked)));
    book.tell("well", &target.url(), "--token-env TOKEN", 0);
    assert!(target.asked().len() >= 5 && target.writes().is_empty() && target.count() == 0);
    assert!(target.asked().iter().all(|asked| asked.method == "GET" && asked.is_ours()), "{:?}", target.asked());
    shows("doctor-well", &book.text);
}

#[test]
fn a_target_that_cannot_be_reached_is_told_why() {
    let mut book = book();
    book.tell("nobody listens", &format!("http://127.0.0.1:{}/scim/v2", closed_port()), "", 3);
    book.tell("another protocol", &chatter(b"SSH-2.0-OpenSSH_9.7\r\n"), "", 3);
    let clear = Target::conforming();
    book.tell("https to a port that speaks http", &clear.url().replace("http:", "https:"), "", 3);
    let own = Identity::for_names(&["127.0.0.1"]);
    book.desk.write("own.pem", &own.certificate);
    let own = own.serve();
    book.tell("a certificate of its own", &own.url(), "", 3);
    book.tell("the same, given", &own.url(), "--ca-file own.pem", 0);
    book.tell("the same, whatever it is", &own.url(), "--insecure", 0);
    let elsewhere = Identity::for_names(&["scim.example.com"]);
    book.desk.write("elsewhere.pem", &elsewhere.certificate);
    book.tell("a certificate for another name", &elsewhere.serve().url(), "--ca-file elsewhere.pem", 3);
    let expired = Identity::expired(&["127.0.0.1"]);
    book.desk.write("expired.pem", &expired.certificate);
    book.tell("a certificate that has expired", &expired.serve().url(), "--ca-file expired.pem", 3);
    let proxy = format!("--proxy http://user:hunter2-c0ffee@127.0.0.1:{}", closed_port());
    book.tell("a proxy that is not there", &clear.url(), &proxy, 3).does_not_say("hunter2");
    let forward = Target::new(|asked, directory| {
        // A proxy is asked for the whole URL.
        let (_, path) = asked.target.split_once("/scim/v2").expect("the target's path");
        Reply::Tell(directory.answer(&Asked { target: format!("/scim/v2{path}"), ..asked.clone() }))
    });
    book.tell("a way through a proxy", &clear.url(), &format!("--proxy http://{}", forward.address()), 0);
    assert!(forward.asked().iter().all(|asked| asked.target.starts_with("http://")) && clear.asked().is_empty());
    let closed = Target::new(|_, _| Reply::Tell(Told::new(407, "text/html", "Who are you?")));
    let proxy = format!("--proxy http://user:hunter2-c0ffee@{}", closed.address());
    book.tell("a proxy that lets nobody through", &clear.url(), &proxy, 3).does_not_say("hunter2");
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/scim/v2", silent.local_addr().expect("an address"));
    book.tell("nobody answers", &url, "--timeout 300ms", 3);
    shows("doctor-unreachable", &book.text);

    // What the machine says of a name that nobody has differs.
    let nowhere = book.desk.say("doctor --target http://nowhere.invalid/scim/v2").exits(3);
    nowhere.says("mend  name").says("mend the host of the base URL").says("not looked at: connection");
}

#[test]
fn credentials_are_looked_at_and_never_shown() {
    let mut book = book();
    book.desk.write("stale", "a-stale-token-91c2\n");
    let ask = |scheme: &'static str| {
        Target::with_token("the-right-one-5e7a", move |asked, directory| {
            let mut told = directory.answer(asked);
            if told.status == 401 {
                told.set_header("WWW-Authenticate", scheme);
            }
            Reply::Tell(told)
        })
    };
    let bearer = ask("Bearer realm=\"scim\"");
    book.tell("none", &bearer.url(), "", 1);
    book.tell("a wrong one", &bearer.url(), "--token-file stale", 1);
    book.tell("of another kind", &ask("Basic realm=\"scim\"").url(), "--token-file stale", 1);
    book.tell("a command that fails", &bearer.url(), "--token-command false", 1);
    let open = Target::conforming();
    book.tell("nobody asks for any", &open.url(), "--token-file stale", 0);
    let forbidden = Target::new(|asked, directory| match asked.header("Authorization") {
        Some(_) => Reply::Tell(Told::error(403, "The scope scim.read is missing")),
        None => Reply::Tell(Told { status: 401, ..directory.answer(asked) }),
    });
    book.tell("without the right", &forbidden.url(), "--token-file stale", 1);
    // A server that writes the credentials into what it says of them.
    let echo = Target::new(|asked, _| {
        let said = asked.header("Authorization").unwrap_or("nothing");
        Reply::Tell(Told::error(401, &format!("I know no {said}")))
    });
    book.tell("a chatty refusal", &echo.url(), "--token-file stale", 1);
    assert!(!book.text.contains("91c2") && !book.text.contains("5e7a"), "{}", book.text);
    shows("doctor-credentials", &book.text);
}

#[test]
fn a_base_path_that_is_wrong_is_told_with_the_right_one() {
    let mut book = book();
    let target = Target::new(|asked, directory| {
        let known = asked.target.starts_with("/scim/v2/") && !asked.target.starts_with("/scim/v2//");
        Reply::Tell(if known { directory.answer(asked) } else { Told::new(404, "text/html", "<h1>Not here</h1>") })
    });
    let (url, root) = (target.url(), target.url().replace("/scim/v2", ""));
    book.tell("the host alone", &root, "", 1);
    book.tell("half of the path", &format!("{root}/scim"), "", 1);
    book.tell("another version", &format!("{root}/scim/v3"), "", 1);
    book.tell("an endpoint behind it", &format!("{url}/Users"), "", 1);
    book.tell("a slash that does harm", &format!("{url}/"), "", 1);
    book.tell("a slash that does none", &format!("{}/", Target::conforming().url()), "", 0);
    book.tell("a query", &format!("{url}?tenant=acme"), "", 0);
    book.tell("the flag of Entra ID", &format!("{url}?aadOptscim062020"), "", 0);
    book.tell("a key in the query", &format!("{url}?api_key=s3cr3t-7f11"), "", 1).does_not_say("s3cr3t");
    book.tell("a placeholder", &format!("{root}/scim/{{tenant}}"), "", 1);

    let moved = Target::new(|asked, _| {
        let mut told = Told::new(308, "text/html", "");
        told.set_header("Location", &asked.target.replace("/scim/v2", "/api/scim/v2"));
        Reply::Tell(told)
    });
    book.tell("a redirect", &moved.url(), "", 1);
    let login = Target::new(|_, _| {
        let mut told = Told::new(302, "text/html", "");
        told.set_header("Location", "https://login.example.com/?next=/Users");
        Reply::Tell(told)
    });
    book.tell("a page to sign in", &login.url(), "", 1);
    let page = Target::new(|_, _| Reply::Tell(Told::new(200, "text/html", "<h1>Welcome</h1>")));
    book.tell("a web page", &page.url(), "", 1);
    shows("doctor-base-path", &book.text);
}

#[test]
fn a_target_that_will_hinder_a_run_is_told_how() {
    let mut book = book();
    let deaf = Target::altered(|asked, told| {
        if asked.is("GET", "/Users") {
            told.replace("\"totalResults\":0", "\"totalResults\":250");
        }
    });
    book.tell("a filter that is ignored", &deaf.url(), "", 1);
    let missing = Target::altered(|asked, told| {
        if asked.is("GET", "/Users") {
            *told = Told::error(404, "No such user");
        }
    });
    book.tell("nobody found is 404", &missing.url(), "", 1);
    let refused = Target::altered(|asked, told| {
        if asked.is("GET", "/Users") {
            *told = Told::error(400, "Filters are not supported");
        }
    });
    book.tell("a filter that is refused", &refused.url(), "", 1);
    let broken = Target::new(|_, _| Reply::Tell(Told::error(500, "Out of luck")));
    book.tell("a server in trouble", &broken.url(), "", 1);
    let silent = Target::altered(|asked, told| {
        if asked.is("GET", "/Schemas") || asked.is("GET", "/ResourceTypes") {
            *told = Told::error(404, "Nothing here");
        } else if asked.is("GET", "/ServiceProviderConfig") {
            told.replace("\"patch\":{\"supported\":true", "\"patch\":{\"supported\":false");
        }
    });
    book.tell("little is said of itself", &silent.url(), "", 0);
    let late = Target::altered(|_, told| told.set_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    let ended = book.desk.say(&format!("doctor --target {}", late.url())).exits(1);
    ended.says("mend  clock").says("behind this machine's; set both by NTP");
    shows("doctor-hindered", &book.text);
}

#[test]
fn what_it_needs_is_asked_for_and_named_targets_are_known() {
    let desk = Desk::new();
    desk.say("doctor").exits(2).says("give its base URL");
    desk.say("doctor --target scim.example.com/v2").exits(2).says("neither a URL");
    desk.say("doctor --target https://user:pw@scim.example.com").exits(2).does_not_say("pw");
    desk.say("doctor --target http://127.0.0.1:1 --token-env NONE").exits(2).says("NONE is not set");
    let target = Target::conforming();
    desk.write(
        "scimproof.toml",
        &format!("[target.here]\nurl = \"{}\"\nprofiles = [\"okta\"]\njobs = 2\n", target.url()),
    );
    desk.say("doctor").exits(0).says(&target.url());
    desk.say("doctor --target here").exits(0).says("nothing to mend");
}
