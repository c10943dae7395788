//! Answers that nobody would send on purpose, and files that nobody would write: whatever comes is read and judged without
//! a panic, in bounded time.

mod files;

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use scimproof::check::Options;
use scimproof::exchange::{Exchange, Failure, FailureKind, Origin, Place, Received, Sent};
use scimproof::facts::Facts;
use scimproof::profile::catalogue::builtin;
use scimproof::scim::json::Json;
use scimproof::trace::{Ending, Trace, Turn};
use scimproof::verdict::{Judged, judge};

/// Requests as clients send them, with a body where one belongs.
const REQUESTS: &[(&str, &str, &str)] = &[
    ("GET", "/ServiceProviderConfig", ""),
    ("GET", "/ResourceTypes", ""),
    ("GET", "/Schemas", ""),
    (
        "POST",
        "/Users",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","emails":[{"value":"ada@example.com","type":"work","primary":true}]}"#,
    ),
    ("GET", "/Users/u-1", ""),
    ("GET", "/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=2", ""),
    ("GET", "/Users?filter=emails%5Btype%20eq%20%22work%22%5D&sortBy=userName&attributes=userName", ""),
    ("PUT", "/Users/u-1", r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u-1","userName":"ada"}"#),
    (
        "PATCH",
        "/Users/u-1",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@example.com"}]}"#,
    ),
    (
        "POST",
        "/Groups",
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g","members":[{"value":"u-1"}]}"#,
    ),
    (
        "PATCH",
        "/Groups/u-1",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"u-1"}]}]}"#,
    ),
    (
        "POST",
        "/.search",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName pr","count":1}"#,
    ),
    (
        "POST",
        "/Bulk",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"ada"}}]}"#,
    ),
    ("DELETE", "/Users/u-1", ""),
    ("GET", "/Me", ""),
];

/// Answers as servers give them.
const ANSWERS: &[&str] = &[
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u-1","userName":"ada","active":true,"emails":[{"value":"ada@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-22T08:00:00Z","lastModified":"2026-11-22T08:00:00Z","location":"https://example.com/scim/v2/Users/u-1","version":"W/\"1\""}}"#,
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"u-1","displayName":"g","members":[{"value":"u-1","$ref":"https://example.com/scim/v2/Users/u-1","type":"User","display":"ada"}],"meta":{"resourceType":"Group"}}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"startIndex":1,"itemsPerPage":2,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u-1","userName":"ada"},{"id":"u-2","userName":"bea"}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidFilter","detail":"no"}"#,
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":10,"maxPayloadSize":100},"filter":{"supported":true,"maxResults":2},"changePassword":{"supported":false},"sort":{"supported":true},"etag":{"supported":true},"pagination":{"cursor":true,"index":true,"defaultPageSize":5,"maxPageSize":5,"cursorTimeout":60},"authenticationSchemes":[{"type":"oauthbearertoken","name":"x","description":"y"}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"User","name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:example:x","required":true}]}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"id":"urn:ietf:params:scim:schemas:core:2.0:User","name":"User","attributes":[{"name":"userName","type":"string","multiValued":false,"required":true,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"server"},{"name":"emails","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string"}]}]}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"location":"https://example.com/scim/v2/Users/u-1","method":"POST","bulkId":"a","version":"W/\"1\"","status":"201"}]}"#,
    "",
    "<html><body>502 Bad Gateway</body></html>",
];

/// Values in places where others belong.
const INTRUDERS: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1e999",
    "123456789012345678901234567890",
    "0.1e-400",
    "[]",
    "{}",
    "[[[[]]]]",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"urn:\"",
    "\"a[b eq \\\"\"",
    "\"9999-99-99T99:99:99Z\"",
    "\"../..//%00\"",
    "{\"value\":{\"value\":[null]}}",
    "{\"id\":1,\"ID\":2,\"Id\":null}",
    "[null,[],{},\"x\",1]",
    "\"\u{202e}\u{feff}é\"",
];

const HEADERS: &[(&str, &[&str])] = &[
    (
        "Content-Type",
        &[
            "application/scim+json",
            "application/json; charset=",
            "text/html",
            ";;;",
            "",
            "application/scim+json;charset=\"utf-8",
            "a/b/c",
            "\u{1}",
        ],
    ),
    (
        "Location",
        &[
            "https://example.com/scim/v2/Users/u-1",
            "",
            "//",
            "/Users/",
            "http://[::1",
            "https://example.com/%zz",
            "?",
            "\\\\",
        ],
    ),
    ("ETag", &["W/\"1\"", "\"", "W/", "", "*", "W/\"1\", W/\"2\""]),
    ("Retry-After", &["0", "99999999999999999999", "-1", "Wed, 99 Foo 2026 99:99:99 GMT", ""]),
    ("Content-Length", &["0", "-1", "99999999999999999999", "x"]),
    ("Content-Encoding", &["gzip", "gzip, gzip", "x", ""]),
    ("WWW-Authenticate", &["", "Bearer", "Bearer realm=\"", "=,=,="]),
    ("Allow", &["", "GET,,", "\u{7f}"]),
    ("Link", &["<>; rel", "<"]),
    ("", &[""]),
];

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let line = select(HEADERS)
        .prop_flat_map(|(name, values)| select(values).prop_map(move |value| (name.to_owned(), value.to_owned())));
    vec(line, 0..4)
}

/// The JSON of an answer with some values exchanged.
fn exchanged() -> impl Strategy<Value = Vec<u8>> {
    (select(ANSWERS), vec((any::<Index>(), select(INTRUDERS)), 0..3)).prop_map(|(text, changes)| {
        let mut text = text.to_owned();
        for (at, intruder) in changes {
            // Behind a colon stands a value; where it ends need not be known: what is left over is broken, too.
            let colons: Vec<usize> = text.match_indices("\":").map(|(at, _)| at + 2).collect();
            if colons.is_empty() {
                continue;
            }
            let from = colons[at.index(colons.len())];
            let rest = &text[from..];
            let end = Json::parse(rest.as_bytes()).map_or_else(|error| error.offset, |_| rest.len());
            let end = from + end.clamp(1, rest.len());
            let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap();
            text.replace_range(from..end, intruder);
        }
        text.into_bytes()
    })
}

/// Any bytes, or an answer with bytes exchanged.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let broken = (exchanged(), vec((any::<Index>(), any::<u8>()), 1..4), any::<Index>()).prop_map(
        |(mut bytes, changes, cut)| {
            for (at, byte) in changes {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            bytes.truncate(cut.index(bytes.len() + 1).max(bytes.len() / 2));
            bytes
        },
    );
    prop_oneof![4 => exchanged(), 2 => broken, 1 => vec(any::<u8>(), 0..60)]
}

type Got = Result<(u16, Vec<(String, String)>, Vec<u8>), FailureKind>;

fn got() -> impl Strategy<Value = Got> {
    let status = prop_oneof![4 => select(vec![200u16, 201, 204, 400, 404, 409]), 1 => 100u16..600];
    let failure =
        select(vec!["time-out", "connect", "cut", "not-http"]).prop_filter_map("a kind of failure", FailureKind::parse);
    prop_oneof![19 => (status, headers(), body()).prop_map(Ok), 1 => failure.prop_map(Err)]
}

fn exchange(seq: u64, (method, resource, sent): (&str, &str, &str), got: Got) -> Arc<Exchange> {
    Arc::new(Exchange {
        seq,
        place: Place { variant: "case".into(), scenario: "case".into(), round: 0, step: format!("step-{seq}") },
        origin: Origin::Client,
        at: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        sent: Sent {
            method: method.to_owned(),
            target: format!("/scim/v2{resource}"),
            resource: resource.into(),
            headers: Vec::new(),
            body: (!sent.is_empty()).then(|| sent.as_bytes().to_vec().into()),
        },
        got: match got {
            Ok((status, headers, body)) => Ok(Received::new(status, String::new(), headers, body, Vec::new())),
            Err(kind) => Err(Failure { kind, detail: String::new(), answer_begun: false }),
        },
    })
}

fn judged(exchanges: Vec<Arc<Exchange>>) -> Judged {
    let facts = Facts::learn(exchanges.iter().map(AsRef::as_ref));
    let turn = |exchange| Turn { exchange, needs: Vec::new(), went_on: true, at_once: false };
    let trace = Trace {
        place: Place { variant: "case".into(), scenario: "case".into(), round: 0, step: String::new() },
        profile: builtin("okta").unwrap().unwrap(),
        turns: exchanges.into_iter().map(turn).collect(),
        ending: Ending::Played,
        unsettled: Vec::new(),
        invented: Vec::new(),
    };
    judge::scenario(
        &trace,
        &facts,
        &Options { strict: false, base: "https://example.com/scim/v2".to_owned(), loopback: true },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_answered_is_judged(turns in vec((select(REQUESTS), got()), 1..8)) {
        let exchanges: Vec<_> =
            turns.into_iter().zip(1..).map(|((request, got), seq)| exchange(seq, request, got)).collect();
        for verdict in judged(exchanges).verdicts {
            // Every finding can be shown.
            let _ = format!("{verdict:?}");
        }
    }
}

/// A user with a member.
fn user_with(name: &str, value: &str) -> Vec<u8> {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u-1","userName":"ada","{name}":{value}}}"#
    )
    .into_bytes()
}

fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

/// No answer of these takes a second; what grows with the square of their size takes minutes.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn huge_answers_take_bounded_time() {
    let n = 5_000;
    let email = |i| format!(r#"{{"value":"e{i}@example.com","type":"work"}}"#);
    let resource = |i| format!(r#"{{"id":"u-{i}","userName":"n{i}"}}"#);
    let members = format!("{{{}}}", many(20 * n, |i| format!("\"m{i}\":1")));
    let list = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":5000"#;
    let bodies: [(&str, Vec<u8>); 8] = [
        ("deep", user_with("x", &"[".repeat(n))),
        ("long", user_with("title", &format!("\"{}\"", "a".repeat(n * 20)))),
        ("digits", user_with("x", &"9".repeat(n * 20))),
        ("members", user_with("x", &members)),
        ("duplicates", user_with("x", &format!("{{{}}}", many(20 * n, |_| "\"m\":1".to_owned())))),
        ("top", members.into_bytes()),
        ("emails", user_with("emails", &format!("[{}]", many(n, email)))),
        ("list", format!(r#"{{{list},"Resources":[{}]}}"#, many(n, resource)).into_bytes()),
    ];
    for (name, body) in bodies {
        for request in [REQUESTS[2], REQUESTS[5], REQUESTS[8]] {
            let begin = Instant::now();
            let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
            let create = exchange(1, REQUESTS[3], Ok((201, headers.clone(), body.clone())));
            judged(vec![create, exchange(2, request, Ok((200, headers, body.clone())))]);
            assert!(begin.elapsed() < LIMIT, "{name}, {} {}: {:?}", request.0, request.1, begin.elapsed());
        }
    }
}
