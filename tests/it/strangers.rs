//! Never a stranger: who was in the directory before is neither changed nor deleted, and stands in no report.

use scimproof::scim::json::Json;

use super::support::desk::{Desk, Ended};
use super::support::target::{Asked, Reply, Target, Told};
use super::support::text::{findings, member, of_type, transcript};

/// People who were there before, with everything that a person can have.
const PEOPLE: [&str; 3] = [
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
"userName":"grace.quartermaine@example.com","externalId":"hr-778231","displayName":"Grace Quartermaine","nickName":"Gracie-Q",
"name":{"givenName":"Grace","familyName":"Quartermaine","formatted":"Dr. Grace Quartermaine"},"title":"Hydrographer","active":true,
"emails":[{"value":"grace.quartermaine@example.com","type":"work","primary":true},{"value":"gq-private@example.org","type":"home"}],
"phoneNumbers":[{"value":"+44 20 7946 0018","type":"work"}],"addresses":[{"type":"work","streetAddress":"14 Lighthouse Row","locality":"Plymouth"}],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"E-40917","department":"Tidal Survey"}}"#,
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"osric.fennimore@example.com","displayName":"Osric Fennimore","active":true}"#,
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"thea.underhay@example.com","displayName":"Thea Underhay","active":false}"#,
];

/// What must stand nowhere.
const WORDS: [&str; 14] = [
    "grace",
    "quartermaine",
    "hr-778231",
    "gracie",
    "hydrographer",
    "gq-private",
    "20 7946",
    "lighthouse",
    "plymouth",
    "e-40917",
    "tidal",
    "fennimore",
    "underhay",
    "cartographers",
];

/// One variant of every client.
const PROFILES: &str = "okta:app=aiw entra:flag=off jumpcloud";

const REPORTS: &str = "--report console --report transcript=t.ndjson --report junit=j.xml -v";

/// A directory with people and a group of theirs; their ids.
fn with_people(target: &Target) -> Vec<String> {
    let mut ids: Vec<String> = PEOPLE.iter().map(|person| target.people("/Users", person)).collect();
    let members: Vec<String> = ids.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    let group = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Cartographers","members":[{}]}}"#,
        members.join(",")
    );
    ids.push(target.people("/Groups", &group));
    ids
}

/// No report names anybody, by name or by id.
fn nobody_is_named(desk: &Desk, ended: &Ended, ids: &[String]) {
    let again = desk.say("judge t.ndjson --report console --report junit=again.xml -v");
    let texts = [
        ("console", ended.all()),
        ("transcript", desk.read("t.ndjson")),
        ("junit", desk.read("j.xml")),
        ("judged console", again.all()),
        ("judged junit", desk.read("again.xml")),
    ];
    for (report, text) in texts.into_iter().chain(desk.files("state").into_iter().map(|(_, text)| ("ledger", text))) {
        let text = text.to_lowercase();
        for word in WORDS.iter().copied().chain(ids.iter().map(String::as_str)) {
            if let Some(at) = text.find(word) {
                let from = (0..=at.saturating_sub(300)).rev().find(|from| text.is_char_boundary(*from)).unwrap_or(0);
                panic!("{word} stands in the {report}: …{}", text[from..].chars().take(400).collect::<String>());
            }
        }
    }
}

#[test]
fn who_was_there_before_stays_as_they_were_and_unnamed() {
    let desk = Desk::new();
    let target = Target::conforming();
    let ids = with_people(&target);
    let before = target.everybody();
    let ended = desk.say(&format!("run {PROFILES} --target {} {REPORTS}", target.url()));
    assert_eq!(target.everybody(), before);
    nobody_is_named(&desk, &ended, &ids);
    ended.exits(0).says("\n0 errors, 0 warnings, ");
    for asked in target.writes() {
        assert!(ids.iter().all(|id| !asked.target.contains(id.as_str())), "{asked:?}");
    }
    // The people were read, so that there was something to mask.
    let lines = transcript(&desk.read("t.ndjson"));
    let read = of_type(&lines, "exchange").into_iter().any(|exchange| {
        let body = Json::parse(member(exchange, "/answer/body").as_bytes()).unwrap_or_default();
        member(exchange, "/scenario") == "import-users" && body.pointer("/Resources/2").is_some()
    });
    assert!(read, "an import reads everybody");
}

/// A server that ignores filters: every look-up finds the first stranger.
fn without_filters() -> Target {
    Target::new(|asked, directory| {
        let mut asked = asked.clone();
        if asked.target.contains("filter=") {
            asked.target = asked.target.split('?').next().unwrap_or_default().to_owned();
        }
        Reply::Tell(directory.answer(&asked))
    })
}

#[test]
fn an_ignored_filter_never_leads_to_a_write() {
    let desk = Desk::new();
    let target = without_filters();
    let ids = with_people(&target);
    let before = target.everybody();
    let line = format!("run {PROFILES} --target {} --settle 0s {REPORTS}", target.url());
    let ended = desk.say(&line).exits(1);
    assert_eq!(target.everybody(), before, "{}", ended.stdout);
    for asked in target.writes() {
        let text = format!("{} {}", asked.target, asked.text());
        assert!(ids.iter().all(|id| !text.contains(id.as_str())), "{text}");
    }
    let said = "the client would have changed a record that is not its own";
    assert!(ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{}", ended.stdout);
    let errors: Vec<_> = findings(&ended.stdout).into_iter().filter(|(standing, _)| standing == "error").collect();
    assert!(errors.iter().any(|(_, rule)| rule.contains("filter") || rule.starts_with("state/")), "{errors:?}");
    nobody_is_named(&desk, &ended, &ids);
}

/// The same, with the tool's own searches: a create whose answer was lost is looked for by its name, and a server that
/// answers with everybody must not lose anybody.
#[test]
fn a_lost_create_never_removes_anybody_else() {
    let desk = Desk::new();
    let lossy = Target::new(|asked, directory| {
        let mut asked = asked.clone();
        if asked.target.contains("filter=") {
            asked.target = asked.target.split('?').next().unwrap_or_default().to_owned();
        }
        let told = directory.answer(&asked);
        if asked.is("POST", "/Users") && !asked.is_ours() { Reply::Cut } else { Reply::Tell(told) }
    });
    with_people(&lossy);
    let before = lossy.everybody();
    let profile = "jumpcloud --only jumpcloud/create-duplicate --only entra/create-user entra:flag=off";
    let ended = desk.say(&format!("run {profile} --target {} --settle 0s", lossy.url()));
    assert_eq!(lossy.everybody(), before, "{}", ended.all());
}

/// A server whose answer to a create tells somebody else's id (a merge by e-mail address, for example).
#[test]
fn a_create_that_is_answered_with_a_stranger_is_reported_and_the_stranger_stays() {
    let desk = Desk::new();
    let somebody = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let id = std::sync::Arc::clone(&somebody);
    let target = Target::new(move |asked, directory| {
        if asked.is("POST", "/Users") {
            let mut read = asked.clone();
            (read.method, read.target) =
                ("GET".to_owned(), format!("{}/{}", asked.target, id.lock().expect("it is whole")));
            read.body.clear();
            let mut told = directory.answer(&read);
            told.status = 201;
            return Reply::Tell(told);
        }
        Reply::Tell(directory.answer(asked))
    });
    let ids = with_people(&target);
    somebody.lock().expect("it is whole").clone_from(&ids[0]);
    let before = target.everybody();
    let ended = desk.say(&format!(
        "run okta:app=oin --only okta/create-user --only okta/deactivate-user --target {} --settle 0s {REPORTS}",
        target.url()
    ));
    assert_eq!(target.everybody(), before, "{}", ended.stdout);
    assert_eq!(ended.code, Some(1), "{}", ended.all());
    nobody_is_named(&desk, &ended, &ids);
}

/// Lists in the wrong shape hold people all the same.
#[test]
fn people_in_odd_answers_are_masked_too() {
    type Change = fn(&mut Told);
    let changes: [(&str, Change); 5] = [
        ("a list without an envelope", |told| {
            told.change(|json| *json = json.get("Resources").cloned().unwrap_or_default());
        }),
        ("another name for the list", |told| told.replace("\"Resources\":", "\"users\":")),
        ("resources without an id", |told| told.replace("\"id\":", "\"key\":")),
        ("JSON that is broken", |told| told.replace("\"Resources\":[", "\"Resources\":[,")),
        ("a page for people", |told| {
            let text = String::from_utf8_lossy(&told.body).into_owned();
            *told = Told::new(200, "text/html", format!("<html><pre>{text}</pre></html>"));
        }),
    ];
    for (title, change) in changes {
        let desk = Desk::new();
        let target = Target::altered(move |asked, told| {
            if asked.method == "GET" && asked.path() == "/Users" && told.status == 200 {
                change(told);
            }
        });
        let ids = with_people(&target);
        let run = format!(
            "run okta:app=oin --only okta/test-connection --only okta/import-users --target {} {REPORTS}",
            target.url()
        );
        let ended = desk.say(&run);
        assert_ne!(ended.code, Some(2), "{title}: {}", ended.all());
        println!("{title}");
        nobody_is_named(&desk, &ended, &ids);
    }
}

#[test]
fn a_read_only_run_writes_nothing_and_every_report_proves_it() {
    let desk = Desk::new();
    let target = Target::conforming();
    let ids = with_people(&target);
    let before = target.everybody();
    let ended = desk.say(&format!("run --read-only --target {} {REPORTS}", target.url())).exits(0);
    assert_eq!(target.writes(), Vec::<Asked>::new());
    assert_eq!(target.everybody(), before);
    let sent = target.asked().len();
    assert!(sent > 10, "something is read: {sent}");
    let said = format!("read-only: {sent} requests sent, none of which writes; 0 writing requests refused");
    assert!(ended.stdout.contains(&said), "{}", ended.stdout);
    assert!(desk.read("j.xml").contains(&said));
    assert!(desk.read("t.ndjson").lines().next().is_some_and(|line| line.contains("\"read_only\":true")));
    assert!(ended.stdout.contains("it writes, and the run is read-only"), "{}", ended.stdout);
    nobody_is_named(&desk, &ended, &ids);
}

/// An invented name that is there already stops the run: a seed was used again.
#[test]
fn an_invented_name_that_is_taken_ends_the_run() {
    let desk = Desk::new();
    let target = Target::conforming();
    let run =
        format!("run okta:app=oin --only okta/create-user --only okta/update-name --seed 5 --target {}", target.url());
    desk.say(&format!("{run} --keep")).exits(0);
    let before = target.everybody();
    let again = desk.say(&run).exits(2);
    assert!(
        again.stderr.contains("is on the target already; an earlier run with seed 5 may have left it"),
        "{}",
        again.stderr
    );
    assert_eq!(target.everybody(), before, "what the earlier run left is not this one's");
}
