//! What the recorder adds to a request whose target takes 10 ms: `cargo bench --bench recorder`.
//!
//! Three processes: this client, `scimproof record`, and, in threads of this one, a target that answers ten milliseconds after it has
//! the request. Creates, and then pages of a hundred people, go directly and through the recorder in turn, over kept connections, so
//! that whatever else the machine does hits both alike; the medians are compared.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says where")]
#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]
#![expect(clippy::disallowed_methods, reason = "it measures wall time from outside")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the target takes.
const TAKES: Duration = Duration::from_millis(10);
/// What the recorder may add, as a part of the direct request.
const LIMIT: f64 = 0.05;
const PAIRS: usize = 400;

const CREATE: &str = "POST /scim/v2/Users";
const LIST: &str = "GET /scim/v2/Users?startIndex=1&count=100";

const BODY: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada.byron@example.com",
"name":{"givenName":"Ada","familyName":"Byron","formatted":"Ada Byron"},"displayName":"Ada Byron","title":"Planner",
"emails":[{"primary":true,"type":"work","value":"ada.byron@example.com"},{"type":"home","value":"ada@example.com"}],
"addresses":[{"type":"work","streetAddress":"7 Harbour Road","locality":"Oslo","postalCode":"0150","country":"NO"}],
"phoneNumbers":[{"type":"work","value":"+47 555 0107"}],"locale":"en-US","active":true}"#;

fn main() {
    let target = slow_target();
    let folder = std::env::temp_dir().join(format!("scimproof-recorder-{}", std::process::id()));
    let (recorder, address) = record(target, &folder);
    compare("a create", &mut Asking::of(target, CREATE, BODY), &mut Asking::of(address, CREATE, BODY));
    compare("a page of a hundred", &mut Asking::of(target, LIST, ""), &mut Asking::of(address, LIST, ""));
    end(recorder);
    let written = std::fs::read_to_string(folder.join("recording.ndjson")).expect("the recording");
    let exchanges = written.lines().filter(|line| line.contains("\"type\":\"exchange\"")).count();
    assert_eq!(exchanges, 2 * (PAIRS + PAIRS / 10), "every exchange is on the disk");
    std::fs::remove_dir_all(folder).expect("our own folder");
}

/// Asks directly and through the recorder in turn, and tells what the recorder adds.
fn compare(what: &str, direct: &mut Asking, passed: &mut Asking) {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS + PAIRS / 10 {
        let times = (direct.once(), passed.once());
        // The first ones fill caches.
        if pair >= PAIRS / 10 {
            without.push(times.0);
            with.push(times.1);
        }
    }
    let (without, with) = (median(without), median(with));
    let added = with / without - 1.0;
    let over = if added > LIMIT { "   ABOVE ITS LIMIT" } else { "" };
    println!(
        "{what}, {} ms at the target    direct {:.3} ms   through the recorder {:.3} ms",
        TAKES.as_millis(),
        without * 1e3,
        with * 1e3
    );
    println!("the recorder adds {:.2} % (limit {:.0} %){over}", added * 100.0, LIMIT * 100.0);
}

/// What the target answers: a user that was made, or a page of them.
fn answer(number: usize, lists: bool) -> String {
    let user = |number: usize| BODY.replacen('{', &format!("{{\"id\":\"5f0c7b1e-0000-4000-8000-{number:012}\","), 1);
    if !lists {
        return user(number);
    }
    let users: Vec<String> = (0..100).map(user).collect();
    format!("{{\"totalResults\":100,\"Resources\":[{}]}}", users.join(","))
}

/// A target that thinks for [`TAKES`] over each request.
fn slow_target() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                stream.set_nodelay(true).expect("a socket");
                let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
                let mut stream = stream;
                let mut number = 0;
                while let Some(first) = read_message(&mut reader) {
                    number += 1;
                    let body = answer(number, first.starts_with("GET"));
                    thread::sleep(TAKES);
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    if stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// The recorder in a process of its own, and where it listens.
fn record(target: SocketAddr, folder: &std::path::Path) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scimproof"))
        .args(["record", "--quiet", "--target", &format!("http://{target}/scim/v2"), "--out"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("scimproof record starts");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("its output is a pipe")).read_line(&mut url).expect("it prints its URL");
    let address = url.trim().trim_start_matches("http://").trim_end_matches("/scim/v2");
    (child, address.parse().expect("an address"))
}

fn end(mut recorder: Child) {
    let told = Command::new("kill").args(["-INT", &recorder.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    assert!(recorder.wait().expect("it ends").success(), "the recorder ends well");
}

/// A client with a kept connection.
struct Asking {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Asking {
    fn of(address: SocketAddr, line: &str, body: &str) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Okta SCIM Client 1.0.0\r\nAuthorization: Bearer \
             not-a-secret\r\nAccept: application/scim+json\r\nContent-Type: application/scim+json; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reader = BufReader::new(stream.try_clone().expect("a socket"));
        Self { stream, reader, request: request.into_bytes() }
    }

    /// Seconds for one request.
    fn once(&mut self) -> f64 {
        let begun = Instant::now();
        self.stream.write_all(&self.request).expect("it takes the request");
        read_message(&mut self.reader).expect("an answer");
        begun.elapsed().as_secs_f64()
    }
}

/// Reads a head and the body whose length it names; gives its first line. `None` at the end of the connection.
fn read_message(from: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    let mut first = String::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if first.is_empty() {
            first.clone_from(&line);
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok().map(|()| first)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
