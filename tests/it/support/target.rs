//! A target on loopback that answers as the test tells it: by default as the reference provider does.
//!
//! Blocking sockets and a thread a connection, so that a script can hold an answer back, cut a connection or write bytes
//! that no HTTP library would send.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use scimproof::exchange::secret::Secret;
use scimproof::reference::{BASE_PATH, Options, Request, Service};
use scimproof::scim::json::Json;

/// The time a test waits for something to happen on a target.
const LIMIT: Duration = Duration::from_mins(1);

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer to be written.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a script does with a request.
pub(crate) enum Reply {
    /// This answer.
    Tell(Told),
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// No answer: the connection is closed.
    Cut,
}

type Script = dyn Fn(&Asked, &Directory) -> Reply + Send + Sync;

/// The reference provider behind a script.
pub(crate) struct Directory {
    service: Mutex<Service>,
    token: Option<String>,
    /// Whether every answer comes a second after the one before, whatever the machine's clock says.
    timeless: bool,
}

/// When the first request came to a target without a clock.
const FIRST: Timestamp = Timestamp::constant(1_795_334_400, 0);

/// Where a directory takes the time from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    Machine,
    /// From the number of the request.
    Numbers,
}

/// A running target. Its threads end with the process.
#[derive(Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    directory: Directory,
    script: Box<Script>,
    asked: Mutex<Vec<Asked>>,
    news: Condvar,
    connections: AtomicUsize,
    closed: AtomicBool,
}

/// A stream that a connection is spoken on.
pub(crate) trait Talk: Read + Write + Send {}
impl<T: Read + Write + Send> Talk for T {}

/// Puts TLS on an accepted connection, or nothing.
pub(crate) type Wrap = Box<dyn Fn(TcpStream) -> io::Result<Box<dyn Talk>> + Send + Sync>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Target {
    /// The reference provider itself.
    pub(crate) fn conforming() -> Self {
        Self::new(|asked, directory| Reply::Tell(directory.answer(asked)))
    }

    /// The reference provider itself, where another target was before.
    pub(crate) fn conforming_at(address: SocketAddr) -> Self {
        let script = |asked: &Asked, directory: &Directory| Reply::Tell(directory.answer(asked));
        Self::start_at(address, None, Box::new(script), None, Clock::Machine)
    }

    /// With a script; the directory lets everybody in.
    pub(crate) fn new(script: impl Fn(&Asked, &Directory) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, Box::new(script), None, Clock::Machine)
    }

    /// The reference provider with every answer gone over by a script.
    pub(crate) fn altered(change: impl Fn(&Asked, &mut Told) + Send + Sync + 'static) -> Self {
        Self::new(move |asked, directory| {
            let mut told = directory.answer(asked);
            change(asked, &mut told);
            Reply::Tell(told)
        })
    }

    /// With a script, and a bearer token that the directory asks for.
    pub(crate) fn with_token(
        token: &str,
        script: impl Fn(&Asked, &Directory) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(token), Box::new(script), None, Clock::Machine)
    }

    /// The reference provider itself, in whose answers no time of the machine shows.
    pub(crate) fn timeless() -> Self {
        Self::start(None, Box::new(|asked, directory| Reply::Tell(directory.answer(asked))), None, Clock::Numbers)
    }

    /// The reference provider behind TLS.
    pub(crate) fn secure(wrap: Wrap) -> Self {
        Self::start(None, Box::new(|asked, directory| Reply::Tell(directory.answer(asked))), Some(wrap), Clock::Machine)
    }

    fn start(token: Option<&str>, script: Box<Script>, wrap: Option<Wrap>, clock: Clock) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), token, script, wrap, clock)
    }

    fn start_at(
        address: SocketAddr,
        token: Option<&str>,
        script: Box<Script>,
        wrap: Option<Wrap>,
        clock: Clock,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked_for = token.map(|token| Secret::new(token.to_owned()));
        let service = Service::new(&Options { listen: address, token: asked_for, ..Options::default() });
        let shared = Arc::new(Shared {
            directory: Directory {
                service: Mutex::new(service),
                token: token.map(str::to_owned),
                timeless: clock == Clock::Numbers,
            },
            script,
            asked: Mutex::default(),
            news: Condvar::new(),
            connections: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let scheme = if wrap.is_some() { "https" } else { "http" };
        let target = Self { address, scheme, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            let wrap = Arc::new(wrap);
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, wrap) = (Arc::clone(&shared), Arc::clone(&wrap));
                // A connection that breaks off is what a test may want; nobody is told.
                thread::spawn(move || drop(shared.serve(stream, wrap.as_ref().as_ref())));
            }
        });
        target
    }

    /// The base URL, without a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}{BASE_PATH}", self.scheme, self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// Requests so far that write.
    pub(crate) fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| !asked.reads()).collect()
    }

    /// Waits until a request has come that fits.
    pub(crate) fn wait_for(&self, fits: impl Fn(&Asked) -> bool) -> Asked {
        let mut asked = lock(&self.shared.asked);
        loop {
            if let Some(found) = asked.iter().find(|one| fits(one)) {
                return found.clone();
            }
            let (guard, waited) = self.shared.news.wait_timeout(asked, LIMIT).unwrap_or_else(PoisonError::into_inner);
            assert!(!waited.timed_out(), "no such request came within {LIMIT:?}");
            asked = guard;
        }
    }

    /// Takes no further connections; the script must cut those that are there.
    pub(crate) fn close(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, so that it ends and the port is free.
        drop(TcpStream::connect(self.address));
    }

    /// Adds a resource as if it had been there before; its id.
    pub(crate) fn people(&self, endpoint: &str, body: &str) -> String {
        let told = self.directly("POST", endpoint, body);
        assert_eq!(told.status, 201, "{}", String::from_utf8_lossy(&told.body));
        told.json().get("id").and_then(Json::as_str).expect("an id").to_owned()
    }

    /// Asks the directory itself: no script, no record of it.
    pub(crate) fn directly(&self, method: &str, resource: &str, body: &str) -> Told {
        let mut headers = vec![("Host".to_owned(), self.address.to_string())];
        if let Some(token) = &self.shared.directory.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        self.shared.directory.answer(&Asked {
            number: 0,
            method: method.to_owned(),
            target: format!("{BASE_PATH}{resource}"),
            headers,
            body: body.as_bytes().to_vec(),
        })
    }

    /// Everybody who is there, as the directory tells them.
    pub(crate) fn everybody(&self) -> String {
        let list = |endpoint| String::from_utf8(self.directly("GET", endpoint, "").body).expect("text");
        format!("{}\n{}", list("/Users"), list("/Groups"))
    }

    /// How many users and groups are there.
    pub(crate) fn count(&self) -> i64 {
        let total = |endpoint| self.directly("GET", endpoint, "").json().get("totalResults").and_then(Json::as_i64);
        total("/Users").expect("a total") + total("/Groups").expect("a total")
    }
}

impl Directory {
    /// As the reference provider answers.
    pub(crate) fn answer(&self, asked: &Asked) -> Told {
        let mut headers = HeaderMap::new();
        for (name, value) in &asked.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { continue };
            headers.append(name, value);
        }
        let (path, query) = asked.target.split_once('?').map_or((&*asked.target, None), |(p, q)| (p, Some(q)));
        #[expect(clippy::disallowed_methods, reason = "a server of its own, whose clock is the machine's")]
        let at = if self.timeless {
            FIRST + SignedDuration::from_secs(i64::try_from(asked.number).unwrap_or(0))
        } else {
            Timestamp::now()
        };
        let request = Request { method: &asked.method, path, query, headers: &headers, body: &asked.body, at };
        let answer = lock(&self.service).answer(&request);
        let mut headers: Vec<_> = answer.headers.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        if answer.body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
        }
        let body = answer.body.map(|json| json.to_string().into_bytes()).unwrap_or_default();
        Told { status: answer.status, headers, body }
    }
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What stands behind the base path, without the query.
    pub(crate) fn path(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.strip_prefix(BASE_PATH).unwrap_or(path)
    }

    /// Whether it is this method on this endpoint or below it.
    pub(crate) fn is(&self, method: &str, endpoint: &str) -> bool {
        self.method == method && self.path().starts_with(endpoint)
    }

    pub(crate) fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD") || self.path().ends_with("/.search")
    }

    /// Whether the tool asked for itself, and not for the client that it plays.
    pub(crate) fn is_ours(&self) -> bool {
        self.header("user-agent").is_some_and(|agent| agent.starts_with("scimproof/"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Json {
        Json::parse(&self.body).unwrap_or_default()
    }
}

impl Told {
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type".to_owned(), media_type.to_owned())], body: body.into() }
    }

    /// A SCIM error.
    pub(crate) fn error(status: u16, detail: &str) -> Self {
        let mut text = String::new();
        scimproof::scim::json::write_string(detail, &mut text);
        let schemas = r#"["urn:ietf:params:scim:api:messages:2.0:Error"]"#;
        Self::new(
            status,
            "application/scim+json",
            format!(r#"{{"schemas":{schemas},"status":"{status}","detail":{text}}}"#),
        )
    }

    pub(crate) fn json(&self) -> Json {
        Json::parse(&self.body).unwrap_or_default()
    }

    /// Changes the body as JSON.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Json)) {
        let mut json = self.json();
        change(&mut json);
        self.body = json.to_string().into_bytes();
    }

    /// Replaces a piece of the body's text, wherever it stands.
    pub(crate) fn replace(&mut self, from: &str, to: &str) {
        self.body = String::from_utf8_lossy(&self.body).replace(from, to).into_bytes();
    }

    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let reason =
            http::StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()).unwrap_or_default();
        let mut out = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            out.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        out.push_str("\r\n");
        [out.as_bytes(), if self.status == 204 { &[] } else { &self.body }].concat()
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream, wrap: Option<&Wrap>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream: Box<dyn Talk> = match wrap {
            Some(wrap) => wrap(stream)?,
            None => Box::new(stream),
        };
        let mut pending = Vec::new();
        while let Some(mut asked) = read(&mut stream, &mut pending)? {
            {
                let mut all = lock(&self.asked);
                asked.number = all.len() + 1;
                all.push(asked.clone());
                self.news.notify_all();
            }
            match (self.script)(&asked, &self.directory) {
                Reply::Tell(told) => stream.write_all(&told.bytes())?,
                Reply::Bytes(bytes) => {
                    stream.write_all(&bytes)?;
                    return stream.flush();
                }
                Reply::Cut => return Ok(()),
            }
            stream.flush()?;
        }
        Ok(())
    }
}

/// The next request of a connection; what was read beyond it stays in `pending`.
fn read(stream: &mut dyn Talk, pending: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    loop {
        if let Some((asked, length)) = parse(pending)? {
            pending.drain(..length);
            return Ok(Some(asked));
        }
        let mut chunk = [0; 16 * 1024];
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => pending.extend_from_slice(&chunk[..read]),
        }
    }
}

/// A whole request and its length; `None`: more is to come.
fn parse(bytes: &[u8]) -> io::Result<Option<(Asked, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        // TLS, for example: a client that speaks HTTP begins with a method.
        let begins = bytes.first().is_none_or(u8::is_ascii_uppercase);
        return if begins { Ok(None) } else { Err(io::Error::other("this is no HTTP")) };
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let asked = Asked {
        number: 0,
        method: first.next().unwrap_or_default(),
        target: first.next().unwrap_or_default(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(n, v)| (n.to_owned(), v.trim().to_owned()))
            .collect(),
        body: Vec::new(),
    };
    let length: usize = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let whole = end + 4 + length;
    let Some(body) = bytes.get(end + 4..whole) else { return Ok(None) };
    Ok(Some((Asked { body: body.to_vec(), ..asked }, whole)))
}

/// A gate that a script can wait at.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Blocks until it is open.
    pub(crate) fn pass(&self) {
        let (open, news) = &*self.0;
        let mut guard = lock(open);
        while !*guard {
            guard = news.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn open(&self) {
        let (open, news) = &*self.0;
        *lock(open) = true;
        news.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        *lock(&self.0.0)
    }
}

/// Standard base64.
pub(crate) fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}
