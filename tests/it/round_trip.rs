//! From traffic to a profile and back: what comes out sends what went in, but for invented values.

use std::collections::BTreeSet;

use scimproof::exchange::Exchange;
use scimproof::scim::date_time;
use scimproof::transcript::Reader;
use scimproof::transcript::read::Entry;

use super::support::desk::Desk;
use super::support::target::{Reply, Target};

/// The client's requests of a transcript, as [`Form`] puts them.
fn requests(desk: &Desk, transcript: &str) -> BTreeSet<String> {
    let text = desk.read(transcript);
    let mut reader = Reader::new(text.as_bytes(), transcript).unwrap();
    let mut out = BTreeSet::new();
    while let Some(entry) = reader.entry().unwrap() {
        if let Entry::Exchange(turn) = entry
            && !turn.exchange.origin.is_ours()
        {
            out.insert(Form::default().of(&turn.exchange));
        }
    }
    assert!(!out.is_empty(), "{text}");
    out
}

/// Members whose texts are SCIM's own and nobody's: they stay as they are.
const STRUCTURE: [&str; 5] = ["schemas", "op", "resourceType", "locale", "method"];

/// A request to the byte, but for what is invented, which is put on one form: `v` for words, `mail0` and `id0` for
/// addresses and ids, the same one the same throughout the request, `time`, `password`.
#[derive(Default)]
struct Form {
    unique: Vec<String>,
}

impl Form {
    fn of(mut self, exchange: &Exchange) -> String {
        let sent = &exchange.sent;
        let mut out = format!("{} {}\n", sent.method, self.target(&sent.target));
        for (name, value) in &sent.headers {
            // What the way and the length of names make of them.
            let own = matches!(name.to_ascii_lowercase().as_str(), "host" | "content-length" | "authorization");
            out.push_str(&if own { format!("{name}\n") } else { format!("{name}: {value}\n") });
        }
        let body = sent.body.as_deref().map(|body| String::from_utf8(body.to_vec()).unwrap()).unwrap_or_default();
        out.push('\n');
        out.push_str(&self.body(&body));
        out
    }

    /// Ids in the path, and what is in quotes in the query.
    fn target(&mut self, target: &str) -> String {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let mut id = false;
        let mut segments = Vec::new();
        for segment in path.split('/') {
            segments.push(if id { self.words(segment) } else { segment.to_owned() });
            id = matches!(segment, "Users" | "Groups") || segments.len() > 4;
        }
        let mut out = segments.join("/");
        for (i, part) in query.unwrap_or_default().split("%22").enumerate() {
            out.push_str(["%22", "?"][usize::from(i == 0)]);
            out.push_str(&if i % 2 == 1 { self.words(part) } else { part.to_owned() });
        }
        out
    }

    /// Every byte of a JSON text but the words of its values.
    fn body(&mut self, body: &str) -> String {
        let (mut out, mut rest, mut name) = (String::new(), body, "");
        while let Some((before, behind)) = rest.split_once('"') {
            let mut escaped = false;
            let end = behind.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let (text, behind) = (&behind[..end.unwrap()], &behind[end.unwrap() + 1..]);
            let is_name = behind.trim_start().starts_with(':');
            let shown = if is_name || STRUCTURE.contains(&name) || ["True", "False"].contains(&text) {
                text.to_owned()
            } else if name == "password" {
                "password".to_owned()
            } else if name == "path" {
                let parts = text.split("\\\"").enumerate();
                parts
                    .map(|(i, p)| if i % 2 == 1 { self.words(p) } else { p.to_owned() })
                    .collect::<Vec<_>>()
                    .join("\\\"")
            } else if ["displayName", "familyName", "formatted"].contains(&name) {
                self.words(text).replace("v-v", "v")
            } else {
                self.words(text)
            };
            if is_name {
                name = text;
            }
            out.push_str(&format!("{before}\"{shown}\""));
            rest = behind;
        }
        out + rest
    }

    /// Blanks and signs stay; how many words a name has is invented too.
    fn words(&mut self, text: &str) -> String {
        if text.contains(':') && date_time::is_valid(text) {
            return "time".to_owned();
        }
        let (mut out, mut rest) = (String::new(), text);
        while let Some(c) = rest.chars().next() {
            let mail =
                &rest[..rest.find(|c: char| !c.is_alphanumeric() && !"@%._-'".contains(c)).unwrap_or(rest.len())];
            let at = mail.matches('@').count() + mail.matches("%40").count();
            let word = &rest[..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())];
            let guid = rest.get(..36).filter(|guid| {
                let parts: Vec<usize> = guid.split('-').map(str::len).collect();
                parts == [8, 4, 4, 4, 12] && guid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
            });
            let length = if at == 1 {
                out.push_str(&self.number("mail", mail));
                mail.len()
            } else if let Some(guid) = guid {
                out.push_str(&self.number("id", guid));
                guid.len()
            } else if rest.starts_with("%20") {
                out.push_str("%20");
                3
            } else if word.is_empty() {
                out.push(c);
                c.len_utf8()
            } else {
                out.push('v');
                word.len()
            };
            rest = &rest[length..];
        }
        for (many, few) in [("v%20v%20v", "v%20v"), ("v+v+v", "v+v"), ("v v", "v")] {
            while out.contains(many) {
                out = out.replace(many, few);
            }
        }
        out
    }

    /// The same value has the same number.
    fn number(&mut self, kind: &str, value: &str) -> String {
        let value = value.to_lowercase();
        let number = self.unique.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.unique.push(value);
            self.unique.len() - 1
        });
        format!("{kind}{number}")
    }
}

/// A profile that goes through the recorder.
struct Trip {
    profile: &'static str,
    /// As what the client is recognised.
    client: &'static str,
    /// What further flags the recorder and the run get.
    flags: &'static str,
    /// Requests that cannot come out as they went in: a piece of them, and why.
    apart: &'static [(&'static str, &'static str)],
    /// Requests with a word that only the masker takes for somebody's: a piece of each. Another one comes in its place.
    masked: &'static [&'static str],
}

impl Trip {
    fn of(profile: &'static str, client: &'static str) -> Self {
        Self { profile, client, flags: "", apart: &[], masked: &[] }
    }

    /// Records the profile as it is played against the reference provider, and plays what comes out against another one.
    fn take(&self) {
        let desk = Desk::new().with("SCIM_TOKEN", "round-trip-token");
        let guarded =
            || Target::with_token("round-trip-token", |asked, directory| Reply::Tell(directory.answer(asked)));
        let (target, other) = (guarded(), guarded());
        let mut recorder = desk.start(["record", "--target", &target.url(), "--out", "rec", "--name", "again"]);
        let (url, credentials) = (recorder.line(), "--token-env SCIM_TOKEN");
        let run = format!("run {} {} --target {url} {credentials} --seed 1", self.profile, self.flags);
        desk.say(&format!("{run} --report transcript=before.ndjson")).exits(0);
        recorder.signal("INT");
        recorder.wait().exits(0).says(self.client);
        desk.say("profile lint rec").exits(0);
        for (path, text) in desk.files("rec") {
            assert!(!text.contains("round-trip-token"), "{}", path.display());
        }
        // Another server, other people, the same verdicts: none.
        let run = format!("run --profile-dir rec --target {} {credentials} --seed 77", other.url());
        desk.say(&format!("{run} --report console --report transcript=after.ndjson")).exits(0);
        self.compare(&requests(&desk, "before.ndjson"), &requests(&desk, "after.ndjson"));
        let steps: Vec<_> = desk.files("rec/scenarios").into_iter().map(|(_, text)| text).collect();
        assert!(steps.iter().all(|text| text.contains("evidence = \"captured: R2")), "{steps:?}");
        assert!(!desk.files("rec/baseline").is_empty());
    }

    fn compare(&self, before: &BTreeSet<String>, after: &BTreeSet<String>) {
        let apart = |request: &String| self.apart.iter().any(|(piece, _)| request.contains(piece));
        let (lost, new): (Vec<&String>, Vec<&String>) =
            (before.difference(after).collect(), after.difference(before).collect());
        for (piece, why) in self.apart {
            let still = lost.iter().chain(&new).any(|request| request.contains(piece));
            assert!(still, "{piece:?} comes out as it went in; take it off the list ({why})");
        }
        let told = |some: Vec<&String>| some.into_iter().filter(|r| !apart(r)).cloned().collect::<Vec<_>>();
        let (mut lost, mut new) = (told(lost), told(new));
        let all = lost.len();
        lost.retain(|request| !self.masked.iter().any(|piece| request.contains(piece)));
        let masked = all - lost.len();
        assert!(masked >= self.masked.len(), "some of {:?} come out as they went in", self.masked);
        if new.len() == masked {
            new.clear();
        }
        assert!(
            lost.is_empty() && new.is_empty(),
            "of {} requests {} are not sent again, {} are new\n======== not again\n{}\n======== new\n{}",
            before.len(),
            lost.len(),
            new.len(),
            lost.join("\n\n"),
            new.join("\n\n")
        );
    }
}

/// Two cycles: between the writes of a user, a group is given that user. A scenario is what was said about one record, so the
/// group's requests stand in another one, and the user who is read back and written again is in no group.
const MEMBER: (&str, &str) =
    (r#""primary":true}],"meta":"#, "what is done to another record in between is another scenario");

#[test]
fn okta_from_the_integration_wizard() {
    Trip { apart: &[MEMBER], ..Trip::of("okta:app=aiw", "(Okta)") }.take();
}

#[test]
fn okta_from_the_catalogue() {
    Trip { apart: &[MEMBER], ..Trip::of("okta:app=oin", "(Okta)") }.take();
}

#[test]
fn entra_without_the_flag() {
    Trip::of("entra:flag=off", "(Microsoft Entra ID without the flag aadOptscim062020)").take();
}

#[test]
fn entra_with_the_flag() {
    Trip::of("entra:flag=aadOptscim062020", "(Microsoft Entra ID with the flag aadOptscim062020)").take();
}

#[test]
fn jumpcloud() {
    let apart = &[
        ("/scim/v2//", "the base URL ended in a slash, which is the user's choice: the profile says so"),
        (r#""userName":"v-v""#, "a userName without a domain: a run's people are called by their e-mail addresses"),
    ];
    Trip { apart, ..Trip::of("jumpcloud", "(JumpCloud)") }.take();
}

#[test]
fn okta_spec() {
    Trip::of("okta-spec", "(Okta)").take();
}

/// Nothing of its requests tells whose they are: it writes operations in lower case and booleans as booleans.
#[test]
fn entra_validator() {
    Trip::of("entra-validator", "(A client that is not known)").take();
}

/// The suite of the standard, as far as it is about SCIM's own resources. Left out: `bulk` (ids in the paths of its operations
/// are not followed), `versions` and `cursors` (an entity tag and a cursor are not captured), `patch-replace` (it selects by half an
/// address, which is masked as a word of its own), `declared` (the names of the endpoint's own types are masked, unless `--keep`
/// names them), `access` (a profile has one way to say who it is).
#[test]
fn rfc() {
    let flags = "--only rfc/discovery --only rfc/discovery-is-read-only --only rfc/me --only rfc/me-writes --only rfc/user \
                 --only rfc/groups --only rfc/enterprise --only rfc/patch-add --only rfc/patch-remove --only rfc/patch-errors \
                 --only rfc/search --only rfc/projection --only rfc/bodies --only rfc/media-types --only rfc/filters \
                 --only rfc/sorting-and-pages";
    // Names, operations and types that do not exist, a sign, a number for a name; and an address that two people share.
    let masked = &[
        "othingOfTheKind",
        r#""op":"merge""#,
        r#""resourceType":"Thing""#,
        "☃",
        "userName%20eq%20x",
        "%22the%20",
        r#""userName":42"#,
        r#""emails":"mail"#,
        r#""primary":true},{"value":"mail1","type":"v","primary":true}"#,
    ];
    let apart = &[("startIndex=3&count=2", "how many pages are asked for depends on how many there are")];
    Trip { flags, apart, masked, ..Trip::of("rfc", "(The client rfc-client)") }.take();
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

/// HTTP/2 has no `Host`, and many logs have no header lines: what every request needs is sent all the same.
#[test]
fn a_log_without_header_lines_plays() {
    let desk = Desk::new().with("SCIM_TOKEN", "round-trip-token");
    let target = Target::with_token("round-trip-token", |asked, directory| Reply::Tell(directory.answer(asked)));
    desk.write(
        "x.ndjson",
        r#"{"time":"2026-11-22T10:00:00Z","method":"GET","url":"/scim/v2/Users?filter=userName%20eq%20%22ada%40example.com%22","headers":{"accept":"application/scim+json"},"status":200,"response_body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}}
{"time":"2026-11-22T10:00:01Z","method":"POST","url":"/scim/v2/Users","body":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"},"status":201,"response_body":{"id":"77"}}
"#,
    );
    desk.say("import x.ndjson --out out").exits(0).says("No POST came with header lines").says("2 exchanges in");
    desk.say("profile lint out").exits(0);
    desk.say(&format!("run --profile-dir out --target {} --token-env SCIM_TOKEN --seed 5", target.url())).exits(0);
    let asked: Vec<_> = target.asked().into_iter().filter(|asked| !asked.is_ours()).collect();
    assert_eq!(asked.len(), 2, "a look-up and a create");
    for asked in asked {
        let names: Vec<_> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
        let create = ["Host", "accept", "Authorization", "Content-Type", "Content-Length"];
        let expected = if asked.reads() { &create[..3] } else { &create[..] };
        let sorted = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(sorted(&names), sorted(expected), "{}", asked.method);
    }
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
