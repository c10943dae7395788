//! A plain TCP listener that keeps every request as the bytes that came, and answers as the reference provider does.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use scimproof::exchange::secret::Secret;
use scimproof::reference::{BASE_PATH, Options, Request, Service};
use scimproof::scim::json::Json;
use serde_json::Value;

/// The bearer token that the listener wants.
pub(super) const TOKEN: &str = "wire-token-of-nobody";

/// When the first request came; each one comes a second later.
const FIRST: Timestamp = Timestamp::constant(1_795_334_400, 0);

/// A request: its bytes, and what the client had read of the same resource before.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    /// Head and body, byte by byte.
    pub(super) raw: Vec<u8>,
    head: usize,
    /// The last answer to the client's own GET of this path.
    pub(super) read: Option<Value>,
}

impl Recorded {
    /// The request line and the header lines, without the blank line behind them.
    pub(super) fn head(&self) -> &str {
        std::str::from_utf8(&self.raw[..self.head]).unwrap()
    }

    /// What follows the blank line.
    pub(super) fn body(&self) -> &[u8] {
        &self.raw[self.head + 4..]
    }

    /// The whole request as text; every client here sends text.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.raw).unwrap()
    }

    /// The same request with another target.
    pub(super) fn with_target(&self, change: impl Fn(&str) -> String) -> Self {
        let target = change(self.target());
        let raw = self.text().replacen(self.target(), &target, 1).into_bytes();
        let head = self.head + target.len() - self.target().len();
        Self { raw, head, read: self.read.clone() }
    }

    fn word(&self, at: usize) -> &str {
        self.head().lines().next().unwrap().split(' ').nth(at).unwrap()
    }

    pub(super) fn method(&self) -> &str {
        self.word(0)
    }

    /// Path and query as sent.
    pub(super) fn target(&self) -> &str {
        self.word(1)
    }

    pub(super) fn path(&self) -> &str {
        self.target().split('?').next().unwrap()
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.target().split_once('?').map(|(_, query)| query)
    }

    /// Header lines as name and value.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head().split("\r\n").skip(1).map(|line| line.split_once(": ").unwrap())
    }

    /// Whether the line is there, whatever the case of its name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.headers().any(|(line, _)| line.eq_ignore_ascii_case(name))
    }

    /// Whether scimproof asked for itself: set-up, check reads, clean-up.
    fn is_ours(&self) -> bool {
        self.headers().any(|(name, value)| name.eq_ignore_ascii_case("user-agent") && value.starts_with("scimproof/"))
    }
}

/// A running listener; its threads end with the process.
pub(super) struct Recorder {
    address: SocketAddr,
    prefix: String,
    shared: Arc<Shared>,
}

struct Shared {
    service: Mutex<Service>,
    log: Mutex<Vec<Recorded>>,
    reads: Mutex<HashMap<String, Value>>,
    /// A member that answers to the client leave out.
    hidden: Option<&'static str>,
    prefix: String,
    seconds: AtomicI64,
}

impl Recorder {
    /// A listener whose SCIM endpoint is at `/scim/v2`.
    pub(super) fn start() -> Self {
        Self::with(BASE_PATH, None)
    }

    /// A listener whose endpoint is at `prefix`, and whose answers to the client do not show one member.
    pub(super) fn with(prefix: &str, hidden: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let token = Some(Secret::new(TOKEN.to_owned()));
        let service = Service::new(&Options { listen: address, token, ..Options::default() });
        let shared = Arc::new(Shared {
            service: Mutex::new(service),
            log: Mutex::default(),
            reads: Mutex::default(),
            hidden,
            prefix: prefix.to_owned(),
            seconds: AtomicI64::new(0),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&all);
                thread::spawn(move || drop(serve(&shared, stream)));
            }
        });
        Self { address, prefix: prefix.to_owned(), shared }
    }

    /// The base URL, without a slash at its end.
    pub(super) fn base(&self) -> String {
        format!("http://{}{}", self.address, self.prefix)
    }

    /// The value of a right `Host` line.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The client's requests so far, in the order in which they came; our own are left out.
    pub(super) fn client(&self) -> Vec<Recorded> {
        self.shared.log.lock().unwrap().iter().filter(|request| !request.is_ours()).cloned().collect()
    }
}

/// Answers requests until the client closes the connection.
fn serve(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    while let Some((head, length)) = receive(&mut stream, &mut bytes)? {
        let raw: Vec<u8> = bytes.drain(..head + 4 + length).collect();
        let mut request = Recorded { raw, head, read: None };
        request.read = shared.reads.lock().unwrap().get(request.path()).cloned();
        let answer = answer(shared, &request);
        shared.log.lock().unwrap().push(request);
        stream.write_all(&answer)?;
    }
    Ok(())
}

/// Reads until a whole request is in `bytes`: the length of its head and of its body. `None`: the client has gone.
fn receive(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Option<(usize, usize)>> {
    let mut block = [0; 8192];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let length = content_length(std::str::from_utf8(&bytes[..head]).unwrap());
            if bytes.len() >= head + 4 + length {
                return Ok(Some((head, length)));
            }
        }
        match stream.read(&mut block)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&block[..read]),
        }
    }
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().map_or(0, |(_, value)| value.trim().parse().unwrap())
}

fn answer(shared: &Shared, request: &Recorded) -> Vec<u8> {
    let behind = request.path().strip_prefix(&shared.prefix).unwrap_or("/not-below-the-base");
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    let at = FIRST + SignedDuration::from_secs(shared.seconds.fetch_add(1, Ordering::Relaxed));
    let path = format!("{BASE_PATH}{behind}");
    let asked = Request {
        method: request.method(),
        path: &path,
        query: request.query(),
        headers: &headers,
        body: request.body(),
        at,
    };
    let answer = shared.service.lock().unwrap().answer(&asked);
    let mut body = answer.body;
    if let (Some(hidden), Some(Json::Object(members)), false) = (shared.hidden, &mut body, request.is_ours()) {
        members.0.retain(|(name, _)| name != hidden);
    }
    let body = body.map(|json| json.to_string()).unwrap_or_default();
    if request.method() == "GET" && answer.status == 200 && !request.is_ours() {
        let read = serde_json::from_str(&body).unwrap();
        shared.reads.lock().unwrap().insert(request.path().to_owned(), read);
    }
    let mut lines = answer.headers;
    if !body.is_empty() {
        lines.push(("Content-Type", "application/scim+json".to_owned()));
    }
    written(answer.status, &lines, &body)
}

fn written(status: u16, headers: &[(&'static str, String)], body: &str) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} Told\r\n");
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    if status != 204 {
        out.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    (out + "\r\n" + body).into_bytes()
}
