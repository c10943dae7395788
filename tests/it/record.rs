//! `scimproof record`: what passes is not changed by a byte, and what is written holds nobody.

use std::io::{BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;

use super::support::desk::{Desk, Running};
use super::support::target::{Reply, Target};

const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"grace.quartermaine@hopperworks.com","name":{"givenName":"Grace","familyName":"Quartermaine"},"password":"Cobol-1959!"}"#;

/// A recorder, and the address that it listens on.
fn recorder(desk: &Desk, target: &str, more: &str) -> (Running, String, String) {
    let line = format!("record --target {target} --out rec {more}");
    let mut running = desk.start(line.split_whitespace());
    let url = running.line();
    let address = url.split("://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (running, url, address)
}

/// Sends bytes over a connection of its own, and reads until it is closed.
fn said(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has been closed as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn posted(user: &str) -> String {
    let length = user.len();
    format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: idp.example.com\r\nAuthorization: Bearer tok-4711-hush\r\nContent-Type: application/scim+json\r\nContent-Length: {length}\r\n\r\n{user}"
    )
}

/// A target that takes one connection, sends back `answer` for what comes, which ends in `end`, and tells
/// what it heard.
fn listener(end: &'static str, answer: Vec<u8>) -> (String, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let (tell, heard) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            let mut chunk = [0; 16 * 1024];
            while !bytes.ends_with(end.as_bytes()) {
                match stream.read(&mut chunk) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                }
            }
            // The recorder may be gone: the test tells.
            let _ = stream.write_all(&answer);
            let _ = tell.send(bytes);
        }
    });
    (url, heard)
}

#[test]
fn what_passes_is_not_changed_by_a_byte() {
    let answer = b"HTTP/1.1 200 All Right\r\ncontent-TYPE: application/scim+json\r\nTransfer-Encoding: chunked\r\nx-Dup: 1\r\nX-DUP: 2\r\nConnection: close\r\n\r\n7;ext=1\r\n{\"a\":1}\r\n0\r\nX-Trailer: t\r\n\r\n";
    let (url, heard) = listener("0\r\n\r\n", answer.to_vec());
    let desk = Desk::new();
    let (running, _, address) = recorder(&desk, &url, "");
    let request = "pAtCh /scim/v2//Users/a%2fb?filter=x+eq+%22b%22&&q='\"<> HTTP/1.1\r\nhOST:  idp.example.com\r\nX-Empty:\r\nContent-Type: application/scim+json\r\nTRANSFER-encoding: Chunked\r\n\r\n3\r\n{\"b\r\n4;x=\"y\"\r\n\": 1\r\n1\r\n}\r\n0\r\n\r\n";
    let got = said(&address, request.as_bytes());
    assert_eq!(got.as_bytes(), answer);
    let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let expected = request.replace("idp.example.com", host);
    assert_eq!(String::from_utf8(heard.recv().unwrap()).unwrap(), expected);
    running.signal("INT");
    running.wait().exits(0).says("1 exchange in");
    let recording = desk.read("rec/recording.ndjson");
    assert!(recording.contains(r#""method":"pAtCh""#) && recording.contains("application/scim+json"), "{recording}");
}

#[test]
fn nobody_is_in_the_recording_and_an_answer_that_was_seen_is_on_the_disk() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (mut running, url, address) = recorder(&desk, &target.url(), "");
    assert!(url.ends_with("/scim/v2"), "{url}");
    let request = posted(USER);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut seen = String::new();
    let mut chunk = [0; 4096];
    while !seen.ends_with("}}") {
        let read = stream.read(&mut chunk).unwrap();
        seen.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    assert!(seen.contains("grace.quartermaine@hopperworks.com"), "{seen}");
    // Killed at once: what the client has seen answered is there.
    let shown = running.line();
    assert!(shown.contains("POST   /scim/v2/Users  201"), "{shown}");
    running.kill();
    let recording = desk.read("rec/recording.ndjson");
    assert_eq!(recording.lines().count(), 2, "{recording}");
    for value in ["race", "uartermaine", "opperworks", "obol-1959", "4711-hush"] {
        assert!(!recording.contains(value), "{value}: {recording}");
    }
    assert!(recording.contains("@example.com") && recording.contains("Bearer [secret]"), "{recording}");
}

#[test]
fn a_connection_carries_one_request_after_the_other() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, _, address) = recorder(&desk, &target.url(), "--quiet");
    let get = "GET /scim/v2/Users?count=1 HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut stream = TcpStream::connect(&address).unwrap();
    // Two at once, then one more.
    stream.write_all(get.repeat(2).as_bytes()).unwrap();
    let mut seen = String::new();
    let mut chunk = [0; 4096];
    let answers = |seen: &str| seen.matches("\"Resources\":[]}").count();
    while answers(&seen) < 2 {
        let read = stream.read(&mut chunk).unwrap();
        seen.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    stream.write_all(get.as_bytes()).unwrap();
    while answers(&seen) < 3 {
        let read = stream.read(&mut chunk).unwrap();
        seen.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    assert_eq!((target.connections(), target.asked().len()), (1, 3));
    running.signal("TERM");
    let ended = running.wait().exits(0);
    assert_eq!(ended.stdout.lines().count(), 1, "--quiet shows the base URL alone: {}", ended.stdout);
    assert_eq!(desk.read("rec/recording.ndjson").lines().count(), 4);
}

/// The end of an answer waits for the exchange before it to be written; its own is written when it has passed.
#[test]
fn a_kill_loses_nothing_that_was_over_before_the_last_answer() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, _, address) = recorder(&desk, &target.url(), "--quiet");
    let mut stream = TcpStream::connect(&address).unwrap();
    for number in 0..20 {
        let user = USER.replace("hopperworks.com", &format!("hopperworks{number}.com"));
        stream.write_all(posted(&user).as_bytes()).unwrap();
        let mut seen = String::new();
        let mut chunk = [0; 4096];
        while !seen.ends_with("}}") {
            let read = stream.read(&mut chunk).unwrap();
            assert!(read > 0, "{seen}");
            seen.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
    }
    running.kill();
    let recording = desk.read("rec/recording.ndjson");
    let whole = recording.lines().filter(|line| line.contains("\"type\":\"exchange\"") && line.ends_with('}')).count();
    assert!(whole >= 19, "{whole} of 20: {recording}");
}

/// A terminal that stands still, a service manager that reads no more: what passes does not wait for them.
#[test]
fn nobody_has_to_read_what_is_shown() {
    let desk = Desk::new();
    let target = Target::conforming();
    let mut command = desk.command(["record", "--target", &target.url(), "--out", "rec"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut shown = std::io::BufReader::with_capacity(1, child.stdout.take().unwrap());
    let mut url = String::new();
    shown.read_line(&mut url).unwrap();
    let address = url.split("://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    // More than any pipe holds.
    let long = "x".repeat(30_000);
    for _ in 0..60 {
        let get = format!("GET /scim/v2/Users?count=1&{long} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(get.as_bytes()).unwrap();
        let mut seen = Vec::new();
        let mut chunk = [0; 16 * 1024];
        while !seen.ends_with(b"\"Resources\":[]}") {
            let read = stream.read(&mut chunk).expect("an answer, though nobody reads what is shown");
            assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&chunk[..read]);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(desk.read("rec/recording.ndjson").lines().count() >= 60);
}

#[test]
fn a_target_that_is_gone_slow_or_mute_is_told_to_the_client() {
    let desk = Desk::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (running, _, address) = recorder(&desk, &format!("http://{free}/scim/v2"), "");
    let got = said(&address, posted(USER).as_bytes());
    assert!(got.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && got.contains("nothing listens on"), "{got}");
    running.signal("INT");
    running.wait().exits(0);
    let recording = desk.read("rec/recording.ndjson");
    assert!(recording.contains(r#""kind":"connect""#) && recording.contains("userName"), "{recording}");

    let desk = Desk::new();
    let (url, _heard) = listener("never", Vec::new());
    let (running, _, address) = recorder(&desk, &url, "--timeout 100ms");
    let got = said(&address, posted(USER).as_bytes());
    assert!(got.starts_with("HTTP/1.1 504 Gateway Timeout\r\n") && got.contains("no answer within 100ms"), "{got}");
    running.signal("INT");
    running.wait().exits(0);
    assert!(desk.read("rec/recording.ndjson").contains(r#""kind":"time-out""#));

    let desk = Desk::new();
    let target = Target::new(|_, _| Reply::Cut);
    let (running, _, address) = recorder(&desk, &target.url(), "");
    let got = said(&address, posted(USER).as_bytes());
    assert!(got.starts_with("HTTP/1.1 502 ") && got.contains("closed the connection without an answer"), "{got}");
    running.signal("INT");
    running.wait().exits(0);
}

#[test]
fn half_a_request_and_half_an_answer_are_recorded_as_such() {
    let desk = Desk::new();
    let target = Target::new(|_, _| Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"half\"".to_vec()));
    let (running, _, address) = recorder(&desk, &target.url(), "");
    let got = said(&address, b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(got.ends_with("{\"half\""), "{got}");
    let request = posted(USER);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(&request.as_bytes()[..request.len() - 20]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert_eq!(said_and_gone(&address, b"PATCH /scim/v2/Us"), "");
    running.signal("INT");
    let ended = running.wait().exits(0).says("the client went away in the middle of its request");
    ended.says("a client went away in the middle of the head of a PATCH, after 17 bytes");
    let recording = desk.read("rec/recording.ndjson");
    assert_eq!(recording.lines().count(), 3, "{recording}");
    assert!(recording.contains("in the middle of its answer") && !recording.contains("uartermaine"), "{recording}");
}

/// What is sent, and then nothing more.
fn said_and_gone(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_client_that_stops_is_told() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, _, address) = recorder(&desk, &target.url(), "--timeout 100ms");
    let request = posted(USER);
    for length in [20, request.len() - 20] {
        let got = said(&address, &request.as_bytes()[..length]);
        assert!(got.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{length}: {got}");
    }
    running.signal("INT");
    running.wait().exits(0).says("a client stopped in the middle of the head of a POST, after 20 bytes");
}

#[test]
fn large_bodies_stream_through_and_are_kept_as_their_digest() {
    let desk = Desk::new();
    let body = "x".repeat(6 * 1024 * 1024);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let (url, heard) = listener("\"end\"}", answer.clone().into_bytes());
    let (running, _, address) = recorder(&desk, &url, "");
    let large = format!("{{\"x\":\"{body}\",\"y\":\"end\"}}");
    let got = said(&address, posted(&large).as_bytes());
    assert_eq!((got.len(), got == answer), (answer.len(), true));
    assert!(heard.recv().unwrap().ends_with(b"\"end\"}"));
    running.signal("INT");
    running.wait().exits(0);
    let recording = desk.read("rec/recording.ndjson");
    assert_eq!(recording.matches("bytes, SHA-256 ").count(), 2, "{}", recording.len());
    assert!(recording.len() < 10_000, "{}", recording.len());
}

#[test]
fn the_tools_own_requests_pass_unrecorded() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, url, _) = recorder(&desk, &target.url(), "");
    let run = desk.say(&format!("run okta:app=oin --only okta/create-user --target {url} --seed 3 --yes"));
    run.exits(0);
    assert!(target.asked().len() > 4);
    running.signal("INT");
    running.wait().exits(0);
    let recording = desk.read("rec/recording.ndjson");
    let requests = recording.lines().filter(|line| line.contains("\"type\":\"exchange\"")).count();
    assert_eq!(requests, 2, "a look-up and a create: {recording}");
    assert!(recording.contains("Okta SCIM Client 1.0.0"));
}

#[test]
fn a_self_signed_recorder_can_be_trusted() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, url, _) = recorder(&desk, &target.url(), "--tls-self-signed --quiet");
    assert!(url.starts_with("https://"), "{url}");
    let run = format!("run okta:app=oin --only okta/create-user --target {url} --ca-file rec/recorder.pem --seed 3");
    desk.say(&run).exits(0);
    running.signal("INT");
    running.wait().exits(0);
    assert!(desk.read("rec/recording.ndjson").lines().count() >= 3);
}

/// A file that must not grow stands for a disk that is full.
#[test]
fn a_full_disk_is_said_and_holds_up_nobody() {
    let desk = Desk::new();
    let target = Target::conforming();
    let recorder = desk.command(["record", "--target", &target.url(), "--out", "rec", "--quiet"]);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"]);
    command.arg(recorder.get_program()).args(recorder.get_args()).current_dir(desk.folder());
    let pipe = std::process::Stdio::piped;
    let mut child = command.stdout(pipe()).stderr(pipe()).spawn().unwrap();
    let mut shown = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    shown.read_line(&mut url).unwrap();
    let address = url.split("://").nth(1).unwrap().split('/').next().unwrap();
    for number in 0..12 {
        let user = USER.replace("hopperworks.com", &format!("hopperworks{number}.com"));
        assert!(answered(address, &posted(&user)).starts_with("HTTP/1.1 201 "));
    }
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{stderr}");
    for part in ["exchanges are kept in memory until it can", "exchanges could not be written to rec/recording.ndjson"]
    {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let recording = desk.read("rec/recording.ndjson");
    assert!(recording.ends_with("}\n") && recording.lines().count() > 1, "every line is whole: {recording}");
}

#[test]
fn a_client_that_speaks_no_tls_or_no_http_is_told_of() {
    let desk = Desk::new();
    let target = Target::conforming();
    let (running, _, address) = recorder(&desk, &target.url(), "--tls-self-signed");
    let _ = said(&address, b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n");
    running.signal("INT");
    running.wait().exits(0).says("does its base URL begin with https?").says("there is none");
    let desk = Desk::new();
    let (running, _, address) = recorder(&desk, &target.url(), "");
    assert!(said(&address, b"\x16\x03\x01\x00\x05hello").starts_with("HTTP/1.1 400 "));
    running.signal("INT");
    running.wait().exits(0).says("it speaks TLS, and the recorder was not told to");
}

#[test]
fn what_cannot_be_recorded_is_said_before_anything_passes() {
    let desk = Desk::new();
    desk.write("file", "");
    for (line, said) in [
        ("record --target http://127.0.0.1:1 --out file/below", "--out file/below"),
        ("record --target nowhere --out rec", "the URL has no scheme"),
        ("record --target http://127.0.0.1:1 --out rec --listen 8443", "such as 127.0.0.1:8443"),
        ("record --target http://127.0.0.1:1 --out rec --mask-also (", "--mask-also"),
        ("record --target http://127.0.0.1:1 --out rec --keep title", "expected a JSON pointer"),
        ("record --target http://127.0.0.1:1 --out rec --tls-cert file --tls-key file", "there is no certificate"),
    ] {
        desk.say(line).exits(2).says(said);
    }
}

/// Records that are neither users nor groups: the server's ids are captured, so that it plays on another server.
#[test]
fn ids_of_further_records_are_captured() {
    let desk = Desk::new();
    let (recorded, other) = (Target::conforming(), Target::conforming());
    let (running, url, _) = recorder(&desk, &recorded.url(), "--keep /Rooms");
    let made = r#"{"schemas":["urn:example:params:scim:schemas:core:1.0:Room"],"displayName":"Blue","code":"b-12"}"#;
    let change = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"Red"}]}"#;
    let ask = |method: &str, path: &str, body: &str| {
        let address = url.split("://").nth(1).unwrap().split('/').next().unwrap();
        let request = format!(
            "{method} /scim/v2{path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: acme-idp/1.0\r\nContent-Type: application/scim+json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        // The connection goes on where the target keeps it: the answer is read by its length.
        answered(address, &request)
    };
    let created = ask("POST", "/Rooms", made);
    let id = created.split("\"id\":\"").nth(1).unwrap_or_else(|| panic!("{created}")).split('"').next().unwrap();
    for (method, body) in [("GET", ""), ("PATCH", change), ("DELETE", "")] {
        ask(method, &format!("/Rooms/{id}"), body);
    }
    running.signal("INT");
    running.wait().exits(0).says("1 scenario (");
    let files = desk.files("rec/scenarios");
    assert_eq!(files.len(), 1, "{files:?}");
    let scenario = &files[0].1;
    for line in [
        "title = \"Create a room\"",
        "capture = { room_id = \"/id\" }",
        "request = \"GET /Rooms/{{ room_id }}\"",
        "request = \"PATCH /Rooms/{{ room_id }}\"",
        "request = \"DELETE /Rooms/{{ room_id }}\"",
    ] {
        assert!(scenario.contains(line), "{line}\n{scenario}");
    }
    // Another server, which gives other ids.
    other.people("/Rooms", &made.replace("b-12", "c-7"));
    desk.say(&format!("run --profile-dir rec --target {}", other.url())).exits(0);
    let gone = other.writes().into_iter().find(|asked| asked.method == "DELETE").expect("it is deleted");
    assert!(gone.path().starts_with("/Rooms/") && !gone.path().ends_with(id), "{}", gone.path());
}

/// The answer to one request.
fn answered(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        answer.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .to_ascii_lowercase()
                .split("content-length:")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next().unwrap_or_default().trim().parse::<usize>().ok());
            body.len() >= length.unwrap_or(0)
        });
        if whole || read == 0 {
            return text;
        }
    }
}
