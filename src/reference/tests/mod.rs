//! The provider as clients see it, without sockets.

mod basics;
mod bulk;
mod discovery;
mod entra;
mod jumpcloud;
mod okta;
mod queries;
mod random;
mod script;
mod wire;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::exchange::secret::Secret;
use crate::scim::json::Json;

use super::{Answer, BASE_PATH, Options, Request, Service};

pub(super) const USER: &str = r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]"#;
pub(super) const BOTH: &str = r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]"#;
pub(super) const GROUP: &str = r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]"#;
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Roles and entitlements that are there from the start.
pub(super) const STOCK: i64 = 3;

/// A client and its provider; every request comes a second after the one before.
pub(super) struct Desk {
    service: Service,
    now: Timestamp,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(&Options::default())
    }

    pub(super) fn strict() -> Self {
        Self::with(&Options { strict: true, ..Options::default() })
    }

    pub(super) fn with(options: &Options) -> Self {
        Self { service: Service::new(options), now: Timestamp::from_second(1_795_334_400).unwrap() }
    }

    pub(super) fn with_token() -> Self {
        Self::with(&Options { token: Some(Secret::new("sesame".to_owned())), ..Options::default() })
    }

    /// `line` is `METHOD /path?query` below the base path.
    pub(super) fn send(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let path = if path.starts_with("/scim") { path.to_owned() } else { format!("{BASE_PATH}{path}") };
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("scim.example.com"));
        for (name, value) in headers {
            map.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
        }
        self.now += SignedDuration::from_secs(1);
        let request = Request { method, path: &path, query, headers: &map, body: body.as_bytes(), at: self.now };
        let answer = self.service.answer(&request);
        sound(&answer, line);
        answer
    }

    pub(super) fn get(&mut self, target: &str) -> Answer {
        self.send(&format!("GET {target}"), &[], "")
    }

    pub(super) fn write(&mut self, line: &str, body: &str) -> Answer {
        self.send(line, &[("content-type", "application/scim+json; charset=utf-8")], body)
    }

    /// The same, and it succeeds with that status.
    pub(super) fn ok(&mut self, line: &str, body: &str, status: u16) -> Json {
        let answer = self.write(line, body);
        assert_eq!(answer.status, status, "{line} {body}: {:?}", answer.body.map(|b| b.to_string()));
        answer.body.unwrap_or_default()
    }

    /// The same, and it is refused with that status and `scimType`.
    pub(super) fn refused(&mut self, line: &str, body: &str, status: u16, scim_type: Option<&str>) -> String {
        let answer = self.write(line, body);
        let error = answer.body.clone().unwrap_or_default();
        let found = (answer.status, error.get("scimType").and_then(Json::as_str));
        assert_eq!(found, (status, scim_type), "{line} {body}: {error}");
        text(&error, "/detail").to_owned()
    }

    /// Makes a user with that name; its id.
    pub(super) fn user(&mut self, name: &str) -> String {
        id(&self.ok("POST /Users", &format!(r#"{{{USER},"userName":"{name}","displayName":"{name} Example"}}"#), 201))
    }

    /// Makes a group of these members; its id.
    pub(super) fn group(&mut self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
        let body = format!(r#"{{{GROUP},"displayName":"{name}","members":[{}]}}"#, members.join(","));
        id(&self.ok("POST /Groups", &body, 201))
    }

    pub(super) fn patch(&mut self, path: &str, operations: &str) -> Json {
        self.ok(&format!("PATCH {path}"), &patch_op(operations), 200)
    }

    /// The values of `members`, sorted.
    pub(super) fn members(&mut self, group: &str) -> Vec<String> {
        let shown = self.ok(&format!("GET /Groups/{group}"), "", 200);
        let members = shown.get("members").and_then(Json::as_array).unwrap_or_default();
        let mut ids: Vec<_> = members.iter().map(|m| text(m, "/value").to_owned()).collect();
        ids.sort();
        ids
    }

    /// The userNames or displayNames that a query finds, in its order, and `totalResults`.
    pub(super) fn found(&mut self, target: &str) -> (Vec<String>, i64) {
        let list = self.ok(&format!("GET {target}"), "", 200);
        names(&list)
    }
}

pub(super) fn names(list: &Json) -> (Vec<String>, i64) {
    let resources = list.get("Resources").and_then(Json::as_array).expect("Resources");
    let name = |r: &Json| r.get("userName").or_else(|| r.get("displayName")).and_then(Json::as_str).map(str::to_owned);
    let names = resources.iter().map(|r| name(r).unwrap_or_else(|| id(r))).collect();
    (names, list.get("totalResults").and_then(Json::as_i64).expect("totalResults"))
}

pub(super) fn patch_op(operations: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#)
}

pub(super) fn id(resource: &Json) -> String {
    text(resource, "/id").to_owned()
}

pub(super) fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {json}"))
}

pub(super) fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

/// A query value with every byte percent-encoded.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02x}"))
}

/// What holds for every answer.
fn sound(answer: &Answer, line: &str) {
    assert!(answer.status < 500 || answer.status == 501, "{line}: {answer:?}");
    assert_eq!(answer.body.is_none(), matches!(answer.status, 204 | 304), "{line}: {answer:?}");
    let Some(body) = &answer.body else { return };
    assert!(!body.to_string().contains("\"password\":"), "{line}: {body}");
    assert!(body.get("schemas").is_some(), "{line}: {body}");
    if answer.status >= 400 {
        assert_eq!(text(body, "/status"), answer.status.to_string(), "{line}");
        assert!(!text(body, "/detail").is_empty(), "{line}");
    }
    if let Some(location) = header(answer, "location") {
        let shown = body.pointer("/meta/location").and_then(Json::as_str);
        assert_eq!(shown.unwrap_or(location), location, "{line}");
    }
    if let (Some(tag), Some(version)) = (header(answer, "etag"), body.pointer("/meta/version").and_then(Json::as_str)) {
        assert_eq!(version, tag, "{line}");
    }
}
