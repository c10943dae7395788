//! What scimproof costs, as ratios against limits measured in the same run: `cargo bench`.
//!
//! Wall time wanders on shared machines, so CPU time comes first; and since neighbours slow a CPU down as well, each stage is
//! measured several times over and the least counts. The target is `scimproof serve` in a second process; the
//! limit is a bare hyper client that sends the same read over one kept connection and throws the answer away. Nothing here is a
//! test: the numbers are printed, and the line says which of them are above their aim.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says where")]
#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]
#![expect(clippy::disallowed_methods, reason = "it measures wall time from outside")]

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use scimproof::check::Options;
use scimproof::event::{Event, Reporter};
use scimproof::facts::Facts;
use scimproof::scim::json::Json;
use scimproof::scim::schema::builtin;
use scimproof::scim::schema::validate::Validator;
use scimproof::session::{Session, block_on};
use scimproof::trace::Trace;
use scimproof::transport::target::BaseUrl;
use scimproof::transport::{Client, ClientOptions, Outgoing};
use scimproof::verdict::judge;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The scenario that is repeated for cost and memory: look-up, create, read back, remove.
const SCENARIO: &str = "okta/create-user";

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    if let Some("child") = args.next().as_deref() {
        let (rounds, url) = (args.next(), args.next());
        return repeat(rounds.and_then(|r| r.parse().ok()).unwrap_or(1), &url.unwrap_or_default());
    }
    println!("stage                                             CPU, us   of a bare exchange");
    let server = Server::start();
    let bare = bare_exchange(&server.url);
    row("bare hyper client: send, read, throw away", bare, bare);
    let sent = one_exchange(&server.url);
    row("transport: exact bytes, tapped, body parsed", sent, bare);
    let stages = stages(&server.url);
    row("  of that: parse the answer", stages.parse, bare);
    row("judge: checks, state, needs", stages.judge, bare);
    row("  of that: an answer against its schema, once", stages.validate, bare);
    row("write its line of the transcript", stages.line, bare);
    let full = sent + stages.judge + stages.line;
    row("a full exchange: transport, judge and line", full, bare);
    let serde = serde_json();
    let limit = AIM * (bare / BARE).min(serde / SERDE).max(1.0);
    let said = if full > limit { "ABOVE" } else { "within" };
    println!(
        "  {said} its limit of {limit:.1} us: {AIM} where a bare exchange takes {BARE} and serde_json {SERDE} for a user"
    );
    println!("  of {} bytes; here they take {bare:.1} and {serde:.1}", ENTERPRISE_USER.len());
    let child = |rounds: u32| Measured::of_child(rounds, &server.url);
    let each = |_| {
        let (short, long) = (child(150), child(2_000));
        (long.cpu_seconds - short.cpu_seconds) * 1e6 / (long.exchanges - short.exchanges)
    };
    let each = (0..PARTS).map(each).fold(f64::INFINITY, f64::min);
    row("in a run, with people, ledger, clean-up, report", each, bare);
    println!("\nmemory of one scenario repeated     exchanges   peak MiB");
    for rounds in [250, 2_500, 25_000] {
        let measured = child(rounds);
        println!("  {rounds:>8} rounds {:>28} {:>10.1}", measured.exchanges, measured.peak_kib / 1024.0);
    }
    start_up();
    whole_run();
}

fn row(name: &str, micros: f64, bare: f64) {
    println!("{name:<48} {micros:>8.1} {:>10.2} x", micros / bare);
}

fn serde_json() -> f64 {
    micros_each(5_000, || {
        black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(ENTERPRISE_USER)).expect("JSON"));
    })
}

/// How often each stage is measured.
const PARTS: u32 = 8;

/// Exchanges under way at the same time where transports are measured.
const TOGETHER: usize = 64;

/// The aim for a full exchange, microseconds of CPU, and what two yardsticks took on the machine for which it was set: a bare
/// exchange, which is the kernel's work, and `serde_json` reading over [`ENTERPRISE_USER`] without keeping anything, which is a
/// program's, whatever the features it is built with. Where both are slower, the limit is as much higher.
const AIM: f64 = 40.0;
const BARE: f64 = 6.3;
const SERDE: f64 = 0.82;

/// A user of 1.6 kB.
const ENTERPRISE_USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"2819c223-7f76-453a-919d-413861904646",
"externalId":"701984","userName":"bench@example.com","name":{"formatted":"Ms. Ada K Byron, III","familyName":"Byron",
"givenName":"Ada","middleName":"King","honorificPrefix":"Ms.","honorificSuffix":"III"},"displayName":"Ada Byron",
"nickName":"Ada","profileUrl":"https://login.example.com/bench","emails":[{"value":"bench@example.com","type":"work",
"primary":true},{"value":"ada@home.example.com","type":"home"}],"addresses":[{"type":"work","streetAddress":"7 Harbour Road",
"locality":"Oslo","region":"Oslo","postalCode":"0150","country":"NO","formatted":"7 Harbour Road, 0150 Oslo, Norway",
"primary":true},{"type":"home","streetAddress":"12 Mill Lane","locality":"Bergen","region":"Vestland","postalCode":"5003",
"country":"NO","formatted":"12 Mill Lane, 5003 Bergen, Norway"}],"phoneNumbers":[{"value":"tel:+47-555-0107","type":"work"},
{"value":"tel:+47-555-0108","type":"mobile"}],"userType":"Employee","title":"Planner","preferredLanguage":"en-US",
"locale":"en-US","timezone":"Europe/Oslo","active":true,"groups":[{"value":"e9e30dba-f08f-4109-8486-d5c6a331660a",
"$ref":"https://example.com/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a","display":"Planning"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130",
"organization":"Example","division":"Works","department":"Planning","manager":{"displayName":"Mary Somerville",
"value":"26118915-6090-4610-87e4-49d8ca9f808d"}},"meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z",
"lastModified":"2011-05-13T04:42:34Z","location":"https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646"}}"#;

/// CPU nanoseconds of this thread so far, user and system, as its scheduler counts them.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|time| time.parse().ok()).unwrap_or(0)
}

/// Microseconds since `begun`, for each of `times`.
fn micros_since(begun: u64, times: u32) -> f64 {
    Duration::from_nanos(cpu() - begun).as_secs_f64() * 1e6 / f64::from(times)
}

/// CPU seconds of this process with all its threads, in steps of 10 ms.
fn cpu_of_process() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Microseconds of CPU for each of many repetitions.
fn micros_each(times: u32, mut work: impl FnMut()) -> f64 {
    let part = |_| {
        let begun = cpu();
        for _ in 0..times {
            work();
        }
        micros_since(begun, times)
    };
    (0..PARTS).map(part).fold(f64::INFINITY, f64::min)
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scimproof"))
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("scimproof serve starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("its output is a pipe"))
            .read_line(&mut url)
            .expect("it prints its URL");
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().expect("the server is ours to end");
        self.child.wait().expect("it ends");
    }
}

const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bench@example.com",
"name":{"givenName":"Ada","familyName":"Byron","formatted":"Ada Byron"},"displayName":"Ada Byron","title":"Planner",
"emails":[{"primary":true,"type":"work","value":"bench@example.com"},{"type":"home","value":"ada@example.com"}],
"addresses":[{"type":"work","streetAddress":"7 Harbour Road","locality":"Oslo","postalCode":"0150","country":"NO"}],
"phoneNumbers":[{"type":"work","value":"+47 555 0107"}],"locale":"en-US","active":true}"#;

fn request(base: &BaseUrl, method: &str, resource: &str, body: Option<&str>) -> Outgoing {
    let mut headers =
        vec![("Host".to_owned(), base.host_line()), ("Accept".to_owned(), "application/scim+json".to_owned())];
    if let Some(body) = body {
        headers.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    Outgoing {
        method: method.to_owned(),
        target: format!("{}{resource}", base.path()),
        resource: resource.to_owned(),
        headers,
        body: body.map(|body| Rc::new(body.as_bytes().to_vec().into())),
    }
}

/// The id of the user that is read over and over; made on the first call, found on the others.
async fn user(client: &Client, base: &BaseUrl) -> String {
    let (_, got, _) = client.send(request(base, "POST", "/Users", Some(USER))).await;
    let got = match got {
        Ok(answer) if answer.status == 409 => {
            let find = "/Users?filter=userName%20eq%20%22bench%40example.com%22";
            client.send(request(base, "GET", find, None)).await.1
        }
        other => other,
    };
    let json = got.expect("the provider answers");
    let json = json.json().expect("with JSON");
    let id = json.get("id").or_else(|| json.pointer("/Resources/0/id"));
    id.and_then(Json::as_str).expect("a user with an id").to_owned()
}

/// Microseconds of CPU for an exchange when [`TOGETHER`] workers have one under way each: then nobody waits to be woken.
async fn together<W: AsyncFn()>(workers: &[W]) -> f64 {
    let each = 100;
    let one = async |worker: &W| {
        for _ in 0..each {
            worker().await;
        }
    };
    let mut least = f64::INFINITY;
    for _ in 0..PARTS {
        let begun = cpu();
        join_all(workers.iter().map(one)).await;
        least = micros_since(begun, each * u32::try_from(workers.len()).expect("a few")).min(least);
    }
    least
}

fn bare_exchange(url: &str) -> f64 {
    use http_body_util::{BodyExt, Empty};
    let base = BaseUrl::parse(url).expect("its own URL");
    block_on(async {
        let client = Client::new(ClientOptions::new(base.clone())).expect("no options");
        let address = format!("{}/Users/{}", base.path(), user(&client, &base).await);
        let mut workers = Vec::new();
        for _ in 0..TOGETHER {
            let stream = tokio::net::TcpStream::connect(base.authority()).await.expect("it listens");
            stream.set_nodelay(true).expect("a socket");
            let io = hyper_util::rt::TokioIo::new(stream);
            let (sender, connection) = hyper::client::conn::http1::handshake(io).await.expect("HTTP");
            tokio::task::spawn_local(connection);
            let (address, host, sender) = (&address, base.host_line(), tokio::sync::Mutex::new(sender));
            workers.push(async move || {
                let request = hyper::Request::get(address)
                    .header("Host", &host)
                    .header("Accept", "application/scim+json")
                    .body(Empty::<bytes::Bytes>::new())
                    .expect("a request");
                let answer = sender.lock().await.send_request(request).await.expect("an answer");
                black_box(answer.into_body().collect().await.expect("a body").to_bytes());
            });
        }
        together(&workers).await
    })
    .expect("a runtime")
}

fn one_exchange(url: &str) -> f64 {
    let base = BaseUrl::parse(url).expect("its own URL");
    block_on(async {
        let client = Client::new(ClientOptions::new(base.clone())).expect("no options");
        let address = format!("/Users/{}", user(&client, &base).await);
        let workers = [(); TOGETHER].map(|()| {
            async || {
                let read = request(&base, "GET", &address, None);
                black_box(client.send(read).await.1.expect("an answer"));
            }
        });
        together(&workers).await
    })
    .expect("a runtime")
}

/// What each stage costs for an exchange, in the order of the pipeline; judging and writing over the exchanges of the
/// scenario as it is played.
fn stages(url: &str) -> Stages {
    let base = BaseUrl::parse(url).expect("its own URL");
    let received = block_on(async {
        let client = Client::new(ClientOptions::new(base.clone())).expect("no options");
        let id = user(&client, &base).await;
        client.send(request(&base, "GET", &format!("/Users/{id}"), None)).await.1.expect("an answer")
    })
    .expect("a runtime");
    let body = received.body.clone();
    let json = Json::parse(&body).expect("JSON");
    let validator = Validator::resource(&builtin::user_type());
    let traces = Arc::new(Mutex::new(Vec::new()));
    let keep = Session::against(url).profile("okta:app=oin").only(SCENARIO);
    keep.play_with(vec![Box::new(Keep(Arc::clone(&traces)))]).expect("a run");
    let trace = Arc::clone(traces.lock().expect("no panic").last().expect("the scenario was played"));
    let exchanges = f64::from(u32::try_from(trace.turns.len()).expect("a few"));
    let events: Vec<Event> = trace.turns.iter().cloned().map(Event::Exchanged).collect();
    let (facts, options) = (Facts::default(), Options { base: url.to_owned(), loopback: true, ..Options::default() });
    let mut transcript = scimproof::transcript::Writer::new("bench", std::io::sink());
    let of_all = |micros: f64| micros / exchanges;
    Stages {
        parse: micros_each(10_000, || drop(black_box(Json::parse(&body)))),
        validate: micros_each(10_000, || drop(black_box(validator.check(&json)))),
        judge: of_all(micros_each(2_000, || drop(black_box(judge::scenario(&trace, &facts, &options))))),
        line: of_all(micros_each(3_000, || {
            for event in &events {
                transcript.event(event).expect("a sink takes everything");
            }
        })),
    }
}

/// Microseconds of CPU for an exchange.
struct Stages {
    parse: f64,
    validate: f64,
    judge: f64,
    line: f64,
}

/// Keeps the scenarios of the profile that were played.
struct Keep(Arc<Mutex<Vec<Arc<Trace>>>>);

impl Reporter for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }

    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        if let Event::ScenarioEnded(trace, _) = event
            && !trace.place.variant.is_empty()
        {
            self.0.lock().expect("no panic").push(Arc::clone(trace));
        }
        Ok(())
    }
}

/// One run of one scenario, many rounds, in a process of its own, so that its CPU time and its peak are its own.
fn repeat(rounds: u32, url: &str) {
    let folder = std::env::temp_dir().join(format!("scimproof-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let out = std::fs::File::create(folder.join("transcript")).expect("a file");
    let transcript = scimproof::transcript::Writer::new("bench", out);
    let before = cpu_of_process();
    let report = Session::against(url)
        .profile("okta:app=oin")
        .only(SCENARIO)
        .repeat(rounds)
        .ledger(folder.join("ledger"))
        .play_with(vec![Box::new(transcript)])
        .expect("a run");
    let spent = cpu_of_process() - before;
    assert_eq!(report.errors(), 0, "{}", report.to_text());
    std::fs::remove_dir_all(folder).expect("our own folder");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    println!(
        "{} {spent} {}",
        report.totals.client_requests + report.totals.own_requests,
        peak.split_whitespace().next().unwrap_or("0")
    );
}

struct Measured {
    exchanges: f64,
    cpu_seconds: f64,
    peak_kib: f64,
}

impl Measured {
    fn of_child(rounds: u32, url: &str) -> Self {
        let own = std::env::current_exe().expect("this program");
        let out = Command::new(own).args(["child", &rounds.to_string(), url]).output().expect("it runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        Self { exchanges: numbers[0], cpu_seconds: numbers[1], peak_kib: numbers[2] }
    }
}

fn start_up() {
    let bare = wall(20, || Command::new("true"));
    let ours = wall(20, || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimproof"));
        command.arg("--version");
        command
    });
    println!("\n--version {:.1} ms (limit 10 ms); `true` {:.1} ms", ours * 1e3, bare * 1e3);
}

fn whole_run() {
    let took = wall(5, || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimproof"));
        command.args(["run", "--seed", "1"]);
        command
    });
    println!("all profiles against the embedded provider {took:.2} s (limit 1 s)");
}

/// Median wall time of a command.
fn wall(times: usize, command: impl Fn() -> Command) -> f64 {
    let mut taken: Vec<f64> = (0..times)
        .map(|_| {
            let begun = Instant::now();
            command().stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it runs");
            begun.elapsed().as_secs_f64()
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[times / 2]
}
