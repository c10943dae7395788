use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::exchange::{Origin, Place, decode_query};
use crate::scim::json::{Json, write_string};

fn masker() -> Masker {
    Masker::with_key(Rules::default(), [9; 32])
}

fn with(also: &[&str], keep: &[&str]) -> Masker {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    Masker::with_key(Rules::new(&strings(also), &strings(keep)).unwrap(), [9; 32])
}

fn lines(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn exchange(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
    answer: (u16, &[(&str, &str)], &str),
) -> Exchange {
    Exchange {
        seq: 1,
        place: Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() },
        origin: Origin::Client,
        at: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        sent: Sent {
            method: method.to_owned(),
            target: format!("/scim/v2{target}"),
            resource: target.into(),
            headers: lines(headers),
            body: (!body.is_empty()).then(|| body.as_bytes().to_vec().into()),
        },
        got: Ok(Received::new(answer.0, "OK".to_owned(), lines(answer.1), answer.2.as_bytes().to_vec(), Vec::new())),
    }
}

fn body(masker: &mut Masker, text: &str) -> String {
    String::from_utf8(masker.body(text.as_bytes(), "body", false)).unwrap()
}

/// Everything that would be written, as text.
fn written(exchange: &Exchange) -> String {
    let Exchange { sent, got, .. } = exchange;
    let mut out = format!("{} {} {}\n{:?}\n", sent.method, sent.target, sent.resource, sent.headers);
    out.push_str(&String::from_utf8_lossy(sent.body.as_deref().unwrap_or_default()));
    match got {
        Ok(answer) => {
            out.push_str(&format!(
                "\n{} {:?}\n{}",
                answer.reason,
                answer.headers,
                String::from_utf8_lossy(&answer.body)
            ));
        }
        Err(failure) => out.push_str(&failure.detail),
    }
    out
}

#[test]
fn a_create_keeps_its_form_and_its_references() {
    let request = r#"{ "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName":"Ada.Byron@acme.com","name":{"givenName":"Ada","familyName":"Byr\u00f6n"},"displayName":"Ada Byr\u00f6n",
  "emails":[{"primary":true,"type":"work","value":"Ada.Byron@acme.com"}],"active":"True","locale":"en-US","password":"Tr0ub4dor&3"}"#;
    let answer = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"4f0c2a9e-55c1-4d3a-9c1e-0a1b2c3d4e5f","userName":"ada.byron@acme.com","active":true,
"meta":{"resourceType":"User","created":"2026-11-22T10:00:00Z","location":"https://scim.acme.com/tenants/acme-77/Users/4f0c2a9e-55c1-4d3a-9c1e-0a1b2c3d4e5f"}}"#;
    let location = "https://scim.acme.com/tenants/acme-77/Users/4f0c2a9e-55c1-4d3a-9c1e-0a1b2c3d4e5f";
    let headers = [("Host", "scim.acme.com"), ("Authorization", "Bearer s3cr3t-token-77"), ("X-Tenant", "acme-77")];
    let masked = masker().exchange(exchange(
        "POST",
        "/Users",
        &headers,
        request,
        (201, &[("Location", location), ("ETag", "W/\"a1b2\"")], answer),
    ));
    let sent = masked.sent.json().expect("still JSON");
    let got = masked.answer().expect("still JSON").clone();
    let text = |json: &Json, pointer: &str| json.pointer(pointer).and_then(Json::as_str).unwrap().to_owned();
    let user = text(sent, "/userName");
    assert!(user.ends_with("@example.com") && user.len() == "Ada.Byron@example.com".len(), "{user}");
    assert_eq!(text(sent, "/emails/0/value"), user);
    assert_eq!(text(&got, "/userName"), user.to_lowercase());
    let given = text(sent, "/name/givenName");
    assert!(user.starts_with(&format!("{given}.")), "{user} {given}");
    assert_eq!(text(sent, "/displayName"), format!("{given} {}", text(sent, "/name/familyName")));
    assert_eq!(text(sent, "/password"), PLACEHOLDER);
    assert_eq!(
        (text(sent, "/emails/0/type"), text(sent, "/locale"), text(sent, "/active")),
        ("work".to_owned(), "en-US".to_owned(), "True".to_owned())
    );
    let id = text(&got, "/id");
    assert!(id.len() == 36 && &id[14..15] == "4" && id != "4f0c2a9e-55c1-4d3a-9c1e-0a1b2c3d4e5f", "{id}");
    let masked_location = text(&got, "/meta/location");
    assert!(
        masked_location.starts_with("https://scim.example.com/tenants/")
            && masked_location.ends_with(&format!("/Users/{id}")),
        "{masked_location}"
    );
    assert_eq!(text(&got, "/meta/created"), "2026-11-22T10:00:00Z");
    let lines: Vec<_> = masked.sent.headers.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(lines[..2], ["scim.example.com", "Bearer [secret]"]);
    let body = String::from_utf8(masked.sent.body.unwrap().into_bytes()).unwrap();
    assert!(
        body.starts_with("{ \"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\n  \"userName\""),
        "{body}"
    );
    assert!(body.contains("\\u00"), "{body}");
}

#[test]
fn filters_and_patches_keep_what_is_structure() {
    let mut masker = masker();
    let target = masker.target(
        "/api/acme/v2//Users?aadOptscim062020&filter=emails%5btype+eq+%22work%22%5d.value+eq+%22ada%40acme.com%22&startIndex=1&count=100",
    );
    assert!(target.contains("//Users?aadOptscim062020&filter=emails%5btype+eq+%22work%22%5d.value+eq+%22"), "{target}");
    assert!(target.ends_with("%40example.com%22&startIndex=1&count=100") && !target.contains("acme"), "{target}");
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"value":"4711ab"}]},
{"op":"remove","path":"members[value eq \"4711ab\"]"},{"op":"Replace","path":"active","value":"False"},{"op":"replace","path":"password","value":"hunter22"},
{"op":"Replace","path":"emails[type eq \"work\"].value","value":"bo@acme.com"},{"op":"replace","value":{"name.givenName":"Bo","active":false}}]}"#;
    let shown = body(&mut masker, patch);
    let json = Json::parse(shown.as_bytes()).unwrap();
    let id = json.pointer("/Operations/0/value/0/value").and_then(Json::as_str).unwrap();
    assert_eq!(
        json.pointer("/Operations/1/path").and_then(Json::as_str).unwrap(),
        format!("members[value eq \"{id}\"]")
    );
    assert_ne!(id, "4711ab");
    assert_eq!(json.pointer("/Operations/2/value").and_then(Json::as_str), Some("False"));
    assert_eq!(json.pointer("/Operations/3/value").and_then(Json::as_str), Some(PLACEHOLDER));
    assert_eq!(json.pointer("/Operations/4/path").and_then(Json::as_str), Some("emails[type eq \"work\"].value"));
    assert!(json.pointer("/Operations/4/value").and_then(Json::as_str).unwrap().ends_with("@example.com"));
    assert!(json.pointer("/Operations/5/value/name.givenName").is_some());
}

#[test]
fn error_messages_stay_readable() {
    let mut masker = masker();
    let detail = |masker: &mut Masker, text: &str| {
        let mut quoted = String::new();
        write_string(text, &mut quoted);
        let body = body(masker, &format!(r#"{{"status":"409","scimType":"uniqueness","detail":{quoted}}}"#));
        Json::parse(body.as_bytes()).unwrap().get("detail").and_then(Json::as_str).unwrap().to_owned()
    };
    assert_eq!(
        detail(&mut masker, "User already exists with this userName."),
        "User already exists with this userName."
    );
    let user = body(&mut masker, r#"{"userName":"ada@acme.com"}"#);
    let shown = Json::parse(user.as_bytes()).unwrap().get("userName").and_then(Json::as_str).unwrap().to_owned();
    assert_eq!(detail(&mut masker, "User ada@acme.com already exists"), format!("User {shown} already exists"));
    let unknown = detail(&mut masker, "manager Bob Smith not found");
    assert!(
        unknown.starts_with("manager ") && unknown.ends_with(" not found") && !unknown.contains("Smith"),
        "{unknown}"
    );
    let page = body(&mut masker, "<html><h1>502 Bad Gateway</h1>edge-17.acme.net</html>");
    assert!(!page.contains("acme"), "{page}");
}

/// A server that asks for a date refuses anything else.
#[test]
fn dates_stay_dates() {
    let mut masker = masker();
    let text = r#"{"born":"1987-12-31","hired":"2019-02-28T23:59:59.25+01:00","again":"1987-12-31","no":"12-31"}"#;
    let shown = body(&mut masker, text);
    let json = Json::parse(shown.as_bytes()).unwrap();
    let of = |name: &str| json.get(name).and_then(Json::as_str).unwrap().to_owned();
    assert!(crate::scim::date_time::is_valid(&of("hired")) && of("hired").ends_with(".25+01:00"), "{shown}");
    assert!(crate::scim::date_time::is_valid(&format!("{}T00:00:00Z", of("born"))), "{shown}");
    assert!(of("born") == of("again") && !shown.contains("1987-12-31") && !shown.contains("2019-02-28"), "{shown}");
}

#[test]
fn filters_compare_times_with_times() {
    let mut masker = masker();
    let query = "/Users?filter=meta.lastModified%20gt%20%222026-11-22T10%3A00%3A00Z%22";
    assert_eq!(masker.target(query), query);
    let hired = masker.target("/Users?filter=hired%20gt%20%222019-02-28T23%3A59%3A59Z%22");
    let value = hired.split("%22").nth(1).unwrap().replace("%3A", ":");
    assert!(crate::scim::date_time::is_valid(&value) && !value.starts_with("2019-02-28"), "{hired}");
}

/// What this tool makes up for nobody, and the names of SCIM's own resource types.
#[test]
fn what_is_nobodys_stays() {
    let mut masker = masker();
    let nobody = "/Users/5c1ab0de-0000-4000-8000-0123456789ab";
    assert_eq!(masker.target(nobody), nobody);
    for target in ["/ResourceTypes/User", "/Users?cursor&count=10"] {
        assert_eq!(masker.target(target), target);
    }
    assert!(!masker.target("/ResourceTypes/Badger").contains("Badger"));
}

#[test]
fn discovery_is_nobodys_but_for_hosts_and_tenants() {
    let mut masker = masker();
    masker.address("https://scim.acmecorp.com/v2");
    let document = r#"{"documentationUri":"https://docs.acmecorp.com/help","id":"urn:acmecorp:2.0:Badge","name":"Badge","description":"The badges of acmecorp","meta":{"location":"https://scim.acmecorp.com/v2/Schemas/x"}}"#;
    let shown = String::from_utf8(masker.body(document.as_bytes(), "answer body", true)).unwrap();
    assert!(
        !shown.contains("acmecorp") && shown.contains("\"name\":\"Badge\",\"description\":\"The badges of "),
        "{shown}"
    );
}

#[test]
fn the_user_decides_more_and_less() {
    let text = r#"{"title":"Planner","emails":[{"type":"work"}],"userType":"Employee","x":"see TICKET-1234 there"}"#;
    let shown = body(&mut with(&["/emails/*/type", r"TICKET-\d+"], &["/title", "/x"]), text);
    assert!(
        shown.contains(r#""title":"Planner""#) && !shown.contains("work") && !shown.contains("Employee"),
        "{shown}"
    );
    assert!(shown.contains("TICKET-1234"), "what is kept is kept: {shown}");
    let shown = body(&mut with(&[r"no ticket \d+"], &[]), r#"{"detail":"no ticket 17 found"}"#);
    assert!(!shown.contains("17") && shown.contains("found"), "{shown}");
}

#[test]
fn the_report_tells_places_and_no_values() {
    let mut masker = masker();
    let _ = masker.exchange(exchange(
        "PUT",
        "/Users/77aa?x=Ada",
        &[("Authorization", "Bearer abcdefgh")],
        r#"{"name":{"givenName":"Ada"},"members":[{"value":"q1"},{"value":"q2"}]}"#,
        (200, &[], ""),
    ));
    let text = masker.report().to_string();
    for place in ["header Authorization", "path", "query x", "body /name/givenName", "body /members/*/value"] {
        assert!(text.contains(place), "{place}: {text}");
    }
    assert!(!text.contains("Ada") && masker.report().total() >= 5, "{text}");
}

/// A person with secrets, in forms that products use.
#[derive(Clone, Debug)]
struct Somebody {
    given: String,
    family: String,
    email: String,
    id: String,
    phone: String,
    token: String,
    password: String,
    host: String,
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let name = || prop_oneof!["[A-Z][a-z]{5,9}", "[A-Z][a-zéüøñ]{5,9}", "[А-Я][а-я]{5,8}", "[A-Z]'[A-Z][a-z]{5,8}"];
    let id = prop_oneof![
        "[0-9a-f]{24}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        "00u[0-9A-Za-z]{17}",
        "[1-9][0-9]{6,9}",
        "[a-z]{5,8}[|:][a-z0-9]{6,9}",
    ];
    (
        name(),
        name(),
        "[a-z]{5,8}[.+_-]?[a-z0-9]{6,8}",
        "[a-z]{6,9}",
        id,
        "[2-9][0-9]{7,9}",
        "[A-Za-z0-9_~/-]{20,40}",
        r#"[A-Za-z0-9!&%"\\]{10,16}"#,
    )
        .prop_map(|(given, family, local, tenant, id, phone, token, password)| Somebody {
            email: format!("{local}@{tenant}.com"),
            host: format!("scim.{tenant}.com"),
            phone: format!("+{phone}"),
            given,
            family,
            id,
            token,
            password,
        })
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(text, &mut out);
    out
}

fn percent(text: &str) -> String {
    let encoded = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(encoded).collect()
}

/// A user as a client and a server write one.
fn user_of(who: &Somebody) -> String {
    let Somebody { given, family, email, id, phone, password, .. } = who;
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":{id},"userName":{email},"password":{password},
"externalId":{id},"name":{{"givenName":{given},"familyName":{family},"formatted":{full}}},"emails":[{{"value":{email}}}],
"phoneNumbers":[{{"value":{phone},"type":"work"}}],"urn:acme:Ext":{{"manager":{{"value":{id},"displayName":{full}}}}},
"meta":{{"location":{location}}}}}"#,
        id = quoted(id),
        email = quoted(email),
        password = quoted(password),
        given = quoted(given),
        family = quoted(family),
        full = quoted(&format!("{given} {family}")),
        phone = quoted(phone),
        location = quoted(&location(who)),
    )
}

fn location(who: &Somebody) -> String {
    format!("https://{}/scim/v2/Users/{}", who.host, percent(&who.id))
}

fn error(text: &str) -> String {
    let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
    format!(r#"{{"schemas":["{schema}"],"detail":{},"status":"400"}}"#, quoted(text))
}

/// The ways in which somebody shows in traffic.
fn traffic(who: &Somebody) -> Vec<Exchange> {
    let Somebody { given, family, email, id, token, password, host, .. } = who;
    let bearer = format!("Bearer {token}");
    let headers =
        [("Host", host.as_str()), ("Authorization", bearer.as_str()), ("User-Agent", "Okta SCIM Client 1.0.0")];
    let (user, location) = (user_of(who), location(who));
    let filter = format!("/Users?filter=userName%20eq%20%22{}%22&tenant={}", percent(email), percent(host));
    let by_name = format!("/Groups?filter=displayName+eq+{}", percent(&quoted(&format!("{given} {family}"))));
    let patch = format!(
        r#"{{"Operations":[{{"op":"remove","path":{}}},{{"op":"Replace","path":"password","value":{}}},{{"value":{{{}:"x"}}}}]}}"#,
        quoted(&format!("members[value eq {}]", quoted(id))),
        quoted(password),
        quoted(email),
    );
    let form =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", percent(email), percent(password));
    let missing = error(&format!("no such user: {email}, {given} {family} ({id})"));
    let page = format!("<p>{given} {family} &lt;{email}&gt; at {location}</p>");
    let realm = format!("Bearer realm=\"{host}\"");
    let refused = error(&format!("token {token} and password {password} refused"));
    let granted = format!(r#"{{"access_token":{},"Resources":[{user}]}}"#, quoted(token));
    let cookie = format!("sid={token}; Path=/");
    let own = format!("/Users/{}", percent(id));
    vec![
        exchange("GET", &filter, &headers, "", (400, &[], &missing)),
        exchange("POST", "/Users", &headers, &user, (201, &[("Location", &location), ("X-Url", &location)], &user)),
        exchange("GET", &by_name, &headers, "", (500, &[("Content-Type", "text/html")], &page)),
        exchange("PATCH", &own, &headers, &patch, (401, &[("WWW-Authenticate", &realm)], &refused)),
        exchange("POST", "/oauth/token", &headers, &form, (200, &[("Set-Cookie", &cookie)], &granted)),
    ]
}

/// Values and their words that must not be seen again, in any spelling.
fn forbidden(who: &Somebody) -> Vec<String> {
    let Somebody { given, family, email, id, phone, token, password, host } = who;
    let mut out = vec![token.clone(), password.clone(), phone.clone(), email.clone(), host.clone(), id.clone()];
    for text in [given, family, email, id, phone, host] {
        out.extend(
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 5).map(str::to_owned),
        );
    }
    out.retain(|text| text != "example");
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_found_again(who in somebody(), key in any::<[u8; 32]>(), first in 0usize..5) {
        let mut masker = Masker::with_key(Rules::default(), key);
        let mut all = traffic(&who);
        // Whoever is named in a message first, and in a record later, is masked in both.
        all.rotate_left(first);
        let mut text = String::new();
        for exchange in all {
            text.push_str(&written(&masker.exchange(exchange)));
        }
        text.push_str(&masker.report().to_string());
        let unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\");
        for reading in [&text, &decode_query(&text), &unescaped, &decode_query(&unescaped)] {
            let lower = reading.to_lowercase();
            for value in forbidden(&who) {
                prop_assert!(!lower.contains(&value.to_lowercase()), "{value} is in {reading}");
            }
        }
    }

    #[test]
    fn any_body_is_masked_without_a_panic_and_stays_json(text in r"[ -~éЖ]{0,40}", name in "[a-zA-Z$@:.\\[\\]]{0,12}") {
        let json = format!("{{{}:[{},1.5e3,null]}}", quoted(&name), quoted(&text));
        let masked = masker().body(json.as_bytes(), "body", false);
        prop_assert!(Json::parse(&masked).is_ok(), "{json} became {}", String::from_utf8_lossy(&masked));
        let _ = masker().body(text.as_bytes(), "body", false);
        let _ = masker().target(&text);
    }
}
