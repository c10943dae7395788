//! From traffic to a profile and back: what comes out sends what went in, but for invented values.

use std::collections::BTreeSet;

use scimproof::exchange::Exchange;
use scimproof::scim::json::Json;
use scimproof::transcript::Reader;
use scimproof::transcript::read::Entry;

use super::support::desk::Desk;
use super::support::target::Target;

/// The client's requests of a transcript, with `v` for every value that can be invented.
fn requests(desk: &Desk, transcript: &str) -> BTreeSet<String> {
    let text = desk.read(transcript);
    let mut reader = Reader::new(text.as_bytes(), transcript).unwrap();
    let mut out = BTreeSet::new();
    while let Some(entry) = reader.entry().unwrap() {
        if let Entry::Exchange(turn) = entry
            && !turn.exchange.origin.is_ours()
        {
            out.insert(shape(&turn.exchange));
        }
    }
    assert!(!out.is_empty(), "{text}");
    out
}

fn shape(exchange: &Exchange) -> String {
    let sent = &exchange.sent;
    let mut out = format!("{} {}\n", sent.method, target(&sent.resource));
    for (name, value) in &sent.headers {
        let shown = matches!(name.to_ascii_lowercase().as_str(), "host" | "content-length" | "authorization");
        out.push_str(&if shown { format!("{name}\n") } else { format!("{name}: {value}\n") });
    }
    match sent.json() {
        Some(json) => out + &without_values(json.clone(), "").to_string(),
        None => out,
    }
}

/// The target without the id in its path and without what stands in quotes.
fn target(resource: &str) -> String {
    let mut parts: Vec<String> = resource.split("%22").map(str::to_owned).collect();
    parts.iter_mut().skip(1).step_by(2).for_each(|quoted| "v".clone_into(quoted));
    let text = parts.join("%22");
    let (path, query) = text.split_once('?').map_or((text.as_str(), String::new()), |(p, q)| (p, format!("?{q}")));
    let mut segments: Vec<&str> = path.split('/').collect();
    if segments.len() > 2 && !segments[1].is_empty() {
        segments[2] = "v";
    }
    segments.join("/") + &query
}

fn without_values(json: Json, name: &str) -> Json {
    match json {
        Json::String(text) if ["op", "schemas"].contains(&name) || ["True", "False"].contains(&text.as_str()) => {
            text.into()
        }
        Json::String(_) => "v".into(),
        Json::Array(items) => Json::Array(items.into_iter().map(|item| without_values(item, name)).collect()),
        Json::Object(object) => {
            let members = object.0.into_iter();
            Json::Object(members.map(|(name, value)| (name.clone(), without_values(value, &name))).collect())
        }
        other => other,
    }
}

/// Records a profile that is played against the reference provider, and plays what comes out against another one.
fn round_trip(profile: &str, client: &str) {
    let desk = Desk::new().with("SCIM_TOKEN", "round-trip-token");
    let target = Target::conforming();
    let mut recorder = desk.start(["record", "--target", &target.url(), "--out", "rec", "--name", "again"]);
    let url = recorder.line();
    let run = format!("run {profile} --target {url} --token-env SCIM_TOKEN --seed 1 --report transcript=before.ndjson");
    desk.say(&run).exits(0);
    recorder.signal("INT");
    recorder.wait().exits(0).says(client);
    desk.say("profile lint rec").exits(0);
    for (path, text) in desk.files("rec") {
        assert!(!text.contains("round-trip-token"), "{}", path.display());
    }
    // Another server, other people, the same verdicts: none.
    desk.say("run --profile-dir rec --seed 77 --report transcript=after.ndjson").exits(0);
    let (before, after) = (requests(&desk, "before.ndjson"), requests(&desk, "after.ndjson"));
    // A base URL that ends in a slash is the user's choice: the profile says so.
    let lost: Vec<_> = before.difference(&after).filter(|request| !request.contains(" //")).collect();
    assert!(
        lost.is_empty(),
        "{} of {} are not sent again:\n{}",
        lost.len(),
        before.len(),
        lost.iter().map(|r| r.as_str()).collect::<Vec<_>>().join("\n\n")
    );
    let steps: Vec<_> = desk.files("rec/scenarios").into_iter().map(|(_, text)| text).collect();
    assert!(steps.iter().all(|text| text.contains("evidence = \"captured: R2")), "{steps:?}");
    assert!(!desk.files("rec/baseline").is_empty());
}

#[test]
fn okta_from_the_integration_wizard() {
    round_trip("okta:app=aiw", "(Okta)");
}

#[test]
fn okta_from_the_catalogue() {
    round_trip("okta:app=oin", "(Okta)");
}

#[test]
fn entra_without_the_flag() {
    round_trip("entra:flag=off", "(Microsoft Entra ID without the flag aadOptscim062020)");
}

#[test]
fn entra_with_the_flag() {
    round_trip("entra:flag=aadOptscim062020", "(Microsoft Entra ID with the flag aadOptscim062020)");
}

#[test]
fn jumpcloud() {
    round_trip("jumpcloud", "(JumpCloud)");
}

/// A mistake of the endpoint is found by the profile that was recorded there too.
#[test]
fn a_violation_is_found_again() {
    let desk = Desk::new();
    let faulty = || {
        Target::altered(|asked, told| {
            if asked.method == "POST" {
                told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
            }
        })
    };
    let target = faulty();
    let mut recorder = desk.start(["record", "--target", &target.url(), "--out", "rec"]);
    let url = recorder.line();
    desk.say(&format!("run okta:app=oin --only okta/create-user --target {url} --seed 1")).exits(1).says("location");
    recorder.signal("TERM");
    recorder.wait().exits(0);
    let other = faulty();
    let again = format!("run --profile-dir rec --target {} --seed 2", other.url());
    desk.say(&again).exits(1).says("location");
}

#[test]
fn a_har_file_becomes_a_profile_that_plays() {
    let desk = Desk::new();
    desk.write("x.har", r#"{"log":{"entries":[
{"startedDateTime":"2026-11-22T10:00:00Z","request":{"method":"GET","url":"https://scim.hopperworks.com/v2/Users?filter=userName%20eq%20%22grace%40hopperworks.com%22","headers":[{"name":"Host","value":"scim.hopperworks.com"},{"name":"Accept","value":"application/json"}]},"response":{"status":200,"content":{"text":"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":0,\"Resources\":[]}"}}},
{"startedDateTime":"2026-11-22T10:00:01Z","request":{"method":"POST","url":"https://scim.hopperworks.com/v2/Users","headers":[{"name":"Host","value":"scim.hopperworks.com"},{"name":"Content-Type","value":"application/scim+json"},{"name":"Content-Length","value":"99"}],"postData":{"text":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"grace@hopperworks.com\"}"}},"response":{"status":201,"content":{"text":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"8841\",\"userName\":\"grace@hopperworks.com\"}"}}},
{"request":{"method":"GET","url":"https://www.hopperworks.com/logo.png"},"response":{"status":200}}]}}"#);
    desk.say("import x.har --out out --name grace").exits(0).says("1 x a request that is none of SCIM, left out");
    desk.say("profile lint out").exits(0);
    for (path, text) in desk.files("out") {
        assert!(!text.contains("opperworks") && !text.contains("race@"), "{}: {text}", path.display());
    }
    desk.say("run --profile-dir out --seed 3").exits(0).says("grace");
    desk.say("import x.har --out out").exits(2).says("holds a profile already");
    desk.write("y", "<xml/>");
    desk.say("import y --out other").exits(2).says("this is no HAR file");
}

#[test]
fn a_new_profile_passes_lint_and_plays() {
    let desk = Desk::new();
    desk.say("profile new mine").exits(0).says("mine/profile.toml");
    desk.say("profile lint mine").exits(0);
    desk.say("run --profile-dir mine --seed 4").exits(0);
    desk.say("profile new mine").exits(2).says("something of this name");
    desk.say("profile new Mine").exits(2).says("lower-case letters");
}

#[test]
fn two_clients_can_be_compared() {
    let desk = Desk::new();
    let flags = desk.say("profile diff entra:flag=off entra:flag=aadOptscim062020").exits(0).stdout;
    for part in [
        "=== disable-user",
        "-    \"value\": \"False\"",
        "scenarios of entra:flag=aadOptscim062020 alone",
        "create-user-short",
    ] {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed(&flags).contains(&squeezed(part)), "{part}: {flags}");
    }
    let same = desk.say("profile diff okta:app=aiw okta:app=aiw").exits(0).stdout;
    assert!(!same.contains("===") && same.contains("scenarios are the same"), "{same}");
    desk.say("profile diff okta jumpcloud").exits(2).says("name one of okta:app=aiw, okta:app=oin");
}
