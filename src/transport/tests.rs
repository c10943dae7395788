mod credentials;
mod proxies;
mod secure;

use super::auth::{Source, Token};
use super::clock::FakeClock;
use super::peer::{Act, Peer, say, say_json};
use super::*;
use crate::exchange::secret::Secret;

fn client(peer: &Peer) -> Client {
    Client::new(options(peer)).unwrap()
}

fn options(peer: &Peer) -> ClientOptions {
    ClientOptions::new(BaseUrl::parse(&peer.url()).unwrap())
}

fn get(target: &str) -> Outgoing {
    request("GET", target, &[("Host", "scim.example.com")], None)
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Outgoing {
    Outgoing {
        method: method.to_owned(),
        target: target.to_owned(),
        resource: target.to_owned(),
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        body: body.map(|body| Rc::new(body.as_bytes().to_vec().into())),
    }
}

/// The answer to a GET, when the peer says this and closes.
async fn answer(text: &str) -> Result<Received, Failure> {
    answer_to("GET", text, 1000).await
}

async fn answer_to(method: &str, text: &str, limit: usize) -> Result<Received, Failure> {
    let peer = Peer::new(vec![vec![Act::Hear, say(text)]]).await;
    let mut options = options(&peer);
    options.limits.body_bytes = limit;
    let client = Client::new(options).unwrap();
    client.send(request(method, "/", &[], None)).await.1
}

fn body(received: &Received) -> &str {
    std::str::from_utf8(&received.body).unwrap()
}

#[tokio::test]
async fn requests_leave_to_the_byte() {
    let peer = Peer::new(vec![vec![Act::Hear, say_json(201, "{}"), Act::Hear, say_json(200, "{}"), Act::Stay]]).await;
    let client = client(&peer);
    let headers =
        [("X-MS-Correlation", "1"), ("hOsT", "h"), ("SCIMVersion", ""), ("x-dUp", "a"), ("A", "b"), { ("X-DUP", "c") }];
    let with_length = [&headers[..], &[("Content-LENGTH", "2")]].concat();
    let odd = request("POST", "//scim/../Users/%2e%2e?q='x'\"<> &&é", &with_length, Some("{}"));
    let (sent, got, _) = client.send(odd.clone()).await;
    assert_eq!(got.unwrap().status, 201);
    assert_eq!((sent.target, sent.headers), (odd.target, odd.headers));
    assert_eq!(sent.body.as_ref(), odd.body.as_deref());
    client.send(request("pAtCh", "*", &[], None)).await.1.unwrap();
    drop(client);
    let heard = peer.heard().await;
    assert_eq!(
        heard,
        [
            "POST //scim/../Users/%2e%2e?q='x'\"<> &&é HTTP/1.1\r\nX-MS-Correlation: 1\r\nhOsT: h\r\nSCIMVersion: \r\n\
             x-dUp: a\r\nA: b\r\nX-DUP: c\r\nContent-LENGTH: 2\r\n\r\n{}",
            "pAtCh * HTTP/1.1\r\n\r\n",
        ]
    );
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let text = "x".repeat(3_000_000);
    let peer = Peer::new(vec![vec![Act::Hear, say_json(200, "{}")]]).await;
    let outgoing = request("PUT", "/", &[("Content-Length", "3000000")], Some(&text));
    client(&peer).send(outgoing).await.1.unwrap();
    assert!(peer.heard().await[0].ends_with(&text));
}

#[tokio::test]
async fn an_answer_keeps_its_spelling() {
    let got = answer(
        "HTTP/1.1 200 Fine So Far\r\nContent-TYPE: a/b\r\neTaG: \"1\"\r\nx: 1\r\nX: 2\r\nContent-Length: 2\r\n\r\n{}",
    );
    let got = got.await.unwrap();
    assert_eq!((got.status, got.reason.as_str(), body(&got)), (200, "Fine So Far", "{}"));
    let names: Vec<_> = got.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Content-TYPE", "eTaG", "x", "X", "Content-Length"]);
    assert_eq!(got.oddities, []);
}

#[tokio::test]
async fn bodies_come_in_every_framing() {
    let table = [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x\r\n}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nA: x\r\n\r\nHTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}",
    ];
    for text in table {
        let got = answer(text).await.unwrap();
        assert_eq!((got.status, body(&got), &got.oddities[..]), (200, "{}", &[][..]), "{text}");
    }
    let got = answer_to("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 100).await.unwrap();
    assert_eq!((body(&got), &got.oddities[..]), ("", &[][..]));
}

#[tokio::test]
async fn oddities_are_told_and_the_answer_is_kept() {
    let malformed = |why: &str| Oddity::Malformed(why.to_owned());
    let table = [
        ("HTTP/1.1 204 No Content\r\n\r\n{\"a\":1}", "", Oddity::BodyWhereNoneBelongs(7)),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}", "", Oddity::BodyWhereNoneBelongs(2)),
        ("HTTP/1.1 304 Not Modified\r\n\r\n{}", "", Oddity::BodyWhereNoneBelongs(2)),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "{}", Oddity::BareLineFeed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}", "{}", malformed("2 bytes follow the end of the body")),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}",
            "{}",
            malformed("two Content-Length lines disagree: 2 and 4"),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
            "{}",
            malformed("Content-Length is \"two\", not a number"),
        ),
        (
            "HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}",
            "{}",
            malformed("a header line is folded over two lines"),
        ),
        (
            "HTTP/1.1 200 OK\r\nA : 1\r\nContent-Length: 2\r\n\r\n{}",
            "{}",
            malformed("a blank stands before the colon of A"),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n",
            "{}",
            malformed("its chunks cannot be read: Invalid chunk size line: missing size digit"),
        ),
    ];
    for (text, expected, oddity) in table {
        let got = answer(text).await.unwrap();
        assert_eq!((body(&got), &got.oddities[..]), (expected, &[oddity][..]), "{text}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut() {
    for head in ["Content-Length: 11\r\n", ""] {
        let got = answer_to("GET", &format!("HTTP/1.1 200 OK\r\n{head}\r\n{}", "x".repeat(11)), 10).await.unwrap();
        assert_eq!((body(&got), &got.oddities[..]), ("xxxxxxxxxx", &[Oddity::BodyCut(10)][..]));
    }
    let got = answer_to("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 2).await.unwrap();
    assert_eq!(got.oddities, []);
}

#[tokio::test]
async fn a_cut_answer_is_a_failure() {
    let table = [
        ("", false, "the server closed the connection without an answer"),
        ("HTTP/1.1 200 O", true, "the server closed the connection in the middle of its answer, after 14 bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", true, "in the middle of its answer"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}", true, "in the middle of its answer"),
    ];
    for (text, begun, detail) in table {
        let failure = answer(text).await.unwrap_err();
        assert_eq!((failure.kind, failure.answer_begun), (FailureKind::Cut, begun), "{text}");
        assert!(failure.detail.contains(detail), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_reset_is_a_failure() {
    for text in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"] {
        let peer = Peer::new(vec![vec![Act::Hear, say(text), Act::Reset]]).await;
        let failure = client(&peer).send(get("/")).await.1.unwrap_err();
        assert_eq!((failure.kind, failure.answer_begun), (FailureKind::Cut, !text.is_empty()));
    }
}

#[tokio::test]
async fn what_is_not_http_is_told() {
    let table = [
        ("SSH-2.0-OpenSSH_9.2\r\n", "the server does not speak HTTP; it said \"SSH-2.0-OpenSSH_9.2\\r\\n\""),
        ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{46}", "https://"),
        ("<html>no head</html>", "does not speak HTTP"),
    ];
    for (text, detail) in table {
        let failure = answer(text).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotHttp);
        assert!(failure.detail.contains(detail), "{}", failure.detail);
    }
    // A server that speaks first.
    let peer = Peer::new(vec![vec![say("220 mail.example.com ESMTP\r\n"), Act::Stay]]).await;
    let failure = client(&peer).send(get("/")).await.1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotHttp, "{failure:?}");
}

#[tokio::test]
async fn html_is_an_answer_and_redirects_are_not_followed() {
    let html = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let got = answer(html).await.unwrap();
    assert_eq!((got.status, got.header("LOCATION"), body(&got)), (302, Some("/login"), "<html>"));
    assert!(got.json_error().is_some());
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let script =
        vec![Act::Hear, say_json(200, "1"), Act::Hear, say("HTTP/1.1 204 X\r\n\r\n"), Act::Hear, say_json(200, "3")];
    let peer = Peer::new(vec![script]).await;
    let client = client(&peer);
    for (method, status) in [("GET", 200), ("DELETE", 204), ("POST", 200)] {
        assert_eq!(client.send(request(method, "/", &[], None)).await.1.unwrap().status, status);
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced() {
    for method in ["GET", "POST"] {
        let once = || vec![Act::Hear, say_json(200, "{}")];
        let peer = Peer::new(vec![once(), once(), once()]).await;
        let client = client(&peer);
        for _ in 0..3 {
            client.send(request(method, "/", &[], None)).await.1.unwrap();
        }
        assert_eq!(peer.heard().await.len(), 3);
    }
}

/// A server that closes a connection behind the error that it answered: the next request is not blamed for it.
#[tokio::test]
async fn a_connection_is_not_used_again_after_an_error() {
    for (method, status) in [("POST", 404), ("POST", 501), ("GET", 501)] {
        let closes = vec![Act::Hear, say_json(status, "{}"), Act::Hear];
        let peer = Peer::new(vec![closes, vec![Act::Hear, say_json(201, "{}")]]).await;
        let client = client(&peer);
        client.send(request(method, "/Me", &[], None)).await.1.unwrap();
        let created = client.send(request("POST", "/Users", &[], None)).await.1;
        assert_eq!(created.map(|answer| answer.status), Ok(201), "{method} {status}");
    }
    // Nobody was found: the most common answer to a reading.
    let peer = Peer::new(vec![vec![Act::Hear, say_json(404, "{}"), Act::Hear, say_json(201, "{}")]]).await;
    let client = client(&peer);
    for (method, status) in [("GET", 404), ("POST", 201)] {
        assert_eq!(client.send(request(method, "/Users", &[], None)).await.1.unwrap().status, status);
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_not_repeated() {
    let script = || vec![Act::Hear, say_json(200, "{}"), Act::Hear];
    let peer = Peer::new(vec![script(), vec![Act::Hear, say_json(200, "{}")]]).await;
    let client = client(&peer);
    client.send(get("/1")).await.1.unwrap();
    let failure = client.send(request("POST", "/2", &[], None)).await.1.unwrap_err();
    assert_eq!((failure.kind, failure.answer_begun), (FailureKind::Cut, false));
    client.send(get("/3")).await.1.unwrap();
    assert_eq!(peer.heard().await.len(), 3);

    let peer = Peer::new(vec![script(), vec![Act::Hear, say_json(200, "{}")]]).await;
    let client = self::client(&peer);
    client.send(get("/1")).await.1.unwrap();
    client.send(get("/2")).await.1.unwrap();
    let paths: Vec<_> = peer.heard().await.iter().map(|r| r[..6].to_owned()).collect();
    assert_eq!(paths, ["GET /1", "GET /2", "GET /2"]);
}

#[tokio::test]
async fn an_early_refusal_of_a_large_body_is_read() {
    let text = "x".repeat(8_000_000);
    let peer = Peer::new(vec![vec![say_json(413, "{}"), Act::Stay]]).await;
    let outgoing = request("POST", "/", &[("Content-Length", "8000000")], Some(&text));
    assert_eq!(client(&peer).send(outgoing).await.1.unwrap().status, 413);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out() {
    let table = [
        ("", "no answer within 60s"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "only 40 bytes of an answer"),
    ];
    for (text, detail) in table {
        let peer = Peer::new(vec![vec![Act::Hear, say(text), Act::Stay]]).await;
        let failure = client(&peer).send(get("/")).await.1.unwrap_err();
        assert_eq!((failure.kind, failure.answer_begun), (FailureKind::TimeOut, !text.is_empty()));
        assert!(failure.detail.contains(detail), "{}", failure.detail);
    }
}

#[tokio::test]
async fn nothing_listens() {
    let peer = Peer::new(vec![]).await;
    let url = peer.url();
    peer.heard().await;
    let client = Client::new(ClientOptions::new(BaseUrl::parse(&url).unwrap())).unwrap();
    let failure = client.send(get("/")).await.1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect);
    assert!(failure.detail.contains("nothing listens on 127.0.0.1:"), "{}", failure.detail);
}

#[tokio::test]
async fn a_read_only_client_sends_nothing_that_writes() {
    let peer = Peer::new(vec![vec![Act::Hear, say_json(200, "{}"), Act::Hear, say_json(200, "{}")]]).await;
    let mut options = options(&peer);
    options.read_only = true;
    let client = Client::new(options).unwrap();
    for (method, target) in [("POST", "/Users"), ("PATCH", "/Users/1"), ("DELETE", "/.search"), ("get", "/Users")] {
        let failure = client.send(request(method, target, &[], None)).await.1.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
    }
    client.send(get("/Users")).await.1.unwrap();
    client.send(request("POST", "/Users/.search?x", &[], None)).await.1.unwrap();
    assert_eq!((client.refused(), peer.heard().await.len()), (4, 2));
}

#[tokio::test]
async fn line_breaks_cannot_be_smuggled_in() {
    let peer = Peer::new(vec![]).await;
    let client = client(&peer);
    let injected = request("GET", "/", &[("If-Match", "1\r\nX: y")], None);
    for outgoing in [injected, get("/a\nb"), request("GET\r\n", "/", &[], None)] {
        assert_eq!(client.send(outgoing).await.1.unwrap_err().kind, FailureKind::Refused);
    }
}

#[tokio::test]
async fn credentials_stand_in_their_place_and_nowhere_else() {
    let echo = r#"{"token":"s3cr3t\/t0ken","n":"s3cr3t/t0ken"}"#;
    let text =
        format!("HTTP/1.1 200 OK\r\nX-Echo: Bearer s3cr3t/t0ken\r\nContent-Length: {}\r\n\r\n{echo}", echo.len());
    let peer = Peer::new(vec![vec![Act::Hear, say(&text)]]).await;
    let mut options = options(&peer);
    options.credentials.source = Source::Bearer(Token::Value(Secret::new("s3cr3t/t0ken".to_owned())));
    options.credentials.headers = vec![("X-Api-Key".to_owned(), Secret::new("k3y".to_owned()))];
    let client = Client::new(options).unwrap();
    let headers = [("Host", "h"), ("authorization", CREDENTIALS), ("Accept", "*/*")];
    let (sent, got, _) = client.send(request("POST", "/?t=s3cr3t%2Ft0ken", &headers, Some("s3cr3t/t0ken"))).await;
    let lines: Vec<_> = sent.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    assert_eq!(lines, ["Host: h", "authorization: [secret]", "X-Api-Key: [secret]", "Accept: */*"]);
    assert_eq!((sent.target.as_str(), sent.body.as_deref()), ("/?t=[secret]", Some(&b"[secret]"[..])));
    let got = got.unwrap();
    assert_eq!(body(&got), r#"{"token":"[secret]","n":"[secret]"}"#);
    assert_eq!(got.header("x-echo"), Some("Bearer [secret]"));
    assert_eq!(
        peer.heard().await,
        ["POST /?t=s3cr3t%2Ft0ken HTTP/1.1\r\nHost: h\r\nauthorization: Bearer s3cr3t/t0ken\r\nX-Api-Key: k3y\r\n\
          Accept: */*\r\n\r\n"]
    );
}

#[tokio::test]
async fn without_credentials_their_line_is_left_out() {
    let peer = Peer::new(vec![vec![Act::Hear, say_json(200, "{}")]]).await;
    let (sent, ..) = client(&peer).send(request("GET", "/", &[("Authorization", CREDENTIALS)], None)).await;
    assert_eq!(sent.headers, []);
    assert_eq!(peer.heard().await, ["GET / HTTP/1.1\r\n\r\n"]);
}

#[test]
fn a_rate_is_a_number_above_zero() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        let mut options = ClientOptions::new(BaseUrl::parse("http://localhost").unwrap());
        options.limits.rate = Some(rate);
        assert!(Client::new(options).unwrap_err().to_string().starts_with("--rate: "));
    }
}

#[tokio::test]
async fn many_header_lines_are_no_fault() {
    let lines = "X-Many: 1\r\n".repeat(300);
    let got = answer(&format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 2\r\n\r\n{{}}")).await.unwrap();
    assert_eq!((got.headers.len(), body(&got), &got.oddities[..]), (301, "{}", &[][..]));
}

#[tokio::test]
async fn the_rate_is_kept() {
    let script = (0..4).flat_map(|_| [Act::Hear, say_json(200, "{}")]).collect();
    let peer = Peer::new(vec![script]).await;
    let clock = Rc::new(FakeClock::default());
    let mut options = options(&peer);
    options.limits.rate = Some(4.0);
    options.clock = clock.clone();
    let client = Client::new(options).unwrap();
    for _ in 0..4 {
        client.send(get("/")).await.1.unwrap();
    }
    assert_eq!(clock.now(), Duration::from_millis(750));
}
