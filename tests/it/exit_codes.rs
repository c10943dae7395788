//! Targets that misbehave: the exit code, what is found, and that a recorded run is judged alike.

use std::sync::{Arc, Mutex};

use scimproof::scim::json::Json;

use super::support::desk::{Desk, Ended};
use super::support::target::{Asked, Reply, Target, Told};
use super::support::text::{findings, shows, steady};

/// Plays against a target, twice judged: the console report must be the same.
fn played(desk: &Desk, target: &Target, args: &str) -> Ended {
    let line = format!(
        "run {args} --target {} --seed 7 --settle 0s --report console --report junit=run.xml --report transcript=run.ndjson",
        target.url()
    );
    let ended = desk.say(&line);
    assert_ne!(ended.code, Some(2), "{}", ended.all());
    let again = desk.say("judge run.ndjson --report console --report junit=again.xml");
    assert_eq!(again.code, ended.code);
    assert_eq!(without_ledger(&again.stdout), without_ledger(&ended.stdout));
    assert_eq!(desk.read("again.xml"), desk.read("run.xml"));
    ended
}

/// A transcript does not know where the ledger was.
fn without_ledger(console: &str) -> String {
    let (before, after) = console.split_once("; ledger ").unwrap_or((console, ""));
    format!("{before}{}", after.find('\n').map_or("", |end| &after[end..]))
}

fn has(ended: &Ended, standing: &str, rule: &str) {
    let found = findings(&ended.stdout);
    assert!(found.contains(&(standing.to_owned(), rule.to_owned())), "{standing} {rule} is not in {found:#?}");
}

#[test]
fn a_create_answered_with_200_is_an_error() {
    let desk = Desk::new();
    let target = Target::altered(|asked, told| {
        if asked.method == "POST" && told.status == 201 {
            told.status = 200;
        }
    });
    let ended = played(&desk, &target, "okta:app=oin --only okta/create-user --only okta/create-group").exits(1);
    has(&ended, "error", "rfc7644/3.3/created-status");
    assert_eq!(target.count(), 0, "what was created is removed, whatever the status was");
}

#[test]
fn pages_of_a_proxy_are_named_as_such() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| {
        if asked.method == "PATCH" && !asked.is_ours() {
            let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
            return Reply::Tell(Told::new(502, "text/html", page));
        }
        Reply::Tell(directory.answer(asked))
    });
    let ended = played(&desk, &target, "okta:app=oin --only okta/deactivate-user --only okta/create-user").exits(1);
    shows("exit-html-error-pages", &steady(&desk, &ended));
    assert_eq!(target.count(), 0);
}

#[test]
fn resources_of_null_break_the_look_up() {
    let desk = Desk::new();
    let target = Target::altered(|asked, told| {
        if asked.method == "GET" && told.json().get("totalResults").and_then(Json::as_i64) == Some(0) {
            told.change(|json| json.as_object_mut().expect("a list").set("Resources", Json::Null));
        }
    });
    let ended = played(&desk, &target, "okta:app=oin --only okta/create-user").exits(1);
    has(&ended, "error", "okta/resources-array");
    assert!(ended.stdout.contains("Okta: breaks in "), "{}", ended.stdout);
}

/// Ids are strings (RFC 7643 section 3.1); a server that counts gives numbers.
#[test]
fn an_id_as_a_number_is_an_error_and_still_cleaned_up() {
    let ids: Arc<Mutex<Vec<String>>> = Arc::default();
    let target = Target::new(move |asked, directory| {
        let mut ids = ids.lock().expect("nobody panics");
        let mut asked = asked.clone();
        for (number, id) in ids.iter().enumerate() {
            asked.target = asked.target.replace(&format!("/Users/{}", number + 1000), &format!("/Users/{id}"));
        }
        let mut told = directory.answer(&asked);
        let json = told.json();
        let listed = json.get("Resources").and_then(Json::as_array).unwrap_or_default();
        for id in std::iter::once(&json).chain(listed).filter_map(|one| one.get("id")?.as_str()) {
            if id.len() == 36 && !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        for (number, id) in ids.iter().enumerate() {
            told.replace(&format!("\"id\":\"{id}\""), &format!("\"id\":{}", number + 1000));
            told.replace(id, &(number + 1000).to_string());
            let location = told.headers.iter_mut().filter(|(name, _)| name == "location");
            location.for_each(|(_, value)| *value = value.replace(id, &(number + 1000).to_string()));
        }
        Reply::Tell(told)
    });
    let desk = Desk::new();
    let ended = played(&desk, &target, "okta:app=oin --only okta/create-user --only okta/update-name").exits(1);
    has(&ended, "error", "rfc7643/3.1/id");
    assert!(ended.stdout.contains("2 created, 2 removed"), "{}", ended.stdout);
    assert_eq!(target.count(), 0);
}

/// A server that does not know `value` on a remove (Entra without the flag) takes everybody out.
fn emptied_group() -> Target {
    Target::new(|asked, directory| {
        let mut asked = asked.clone();
        if asked.is("PATCH", "/Groups") {
            let mut json = asked.json();
            let operations = json.as_object_mut().and_then(|patch| patch.get_mut("Operations"));
            if let Some(Json::Array(operations)) = operations {
                for operation in operations.iter_mut().filter_map(Json::as_object_mut) {
                    if operation.get("op").and_then(Json::as_str).is_some_and(|op| op.eq_ignore_ascii_case("remove")) {
                        operation.remove("value");
                    }
                }
            }
            asked.body = json.to_string().into_bytes();
        }
        Reply::Tell(directory.answer(&asked))
    })
}

#[test]
fn a_group_that_is_emptied_breaks_and_says_so() {
    let desk = Desk::new();
    let ended = played(&desk, &emptied_group(), "entra:flag=off --only entra/remove-member").exits(1);
    shows("exit-emptied-group", &steady(&desk, &ended));
}

/// With many findings too, the report does not depend on which scenario ended first.
#[test]
fn the_order_of_findings_does_not_depend_on_the_jobs() {
    let desk = Desk::new();
    let report = |jobs: u8| {
        let target = Target::altered(|asked, told| {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
            if asked.method == "POST" {
                told.replace("\"active\":true", "\"active\":\"yes\"");
            }
            if asked.is("GET", "/Users") {
                told.replace("\"meta\":", "\"metadata\":");
            }
        });
        let line = format!("run okta --target {} --seed 7 --settle 0s --jobs {jobs}", target.url());
        steady(&desk, &desk.say(&line).exits(1))
    };
    let one = report(1);
    assert!(findings(&one).len() > 2);
    assert_eq!(one, report(8));
}

#[test]
fn warnings_turn_the_exit_code_only_when_asked() {
    let desk = Desk::new();
    // itemsPerPage of a page that holds fewer: RFC 7644 section 3.4.2.4, a warning.
    let target = Target::altered(|asked, told| {
        if asked.method == "GET" && !asked.is_ours() {
            told.replace("\"itemsPerPage\":0", "\"itemsPerPage\":20");
        }
    });
    let run = "okta:app=oin --only okta/create-user";
    let ended = played(&desk, &target, run).exits(0);
    has(&ended, "warning", "rfc7644/3.4.2.4/items-per-page");
    assert!(ended.stdout.contains("Okta: works with warnings."), "{}", ended.stdout);
    desk.say(&format!("run {run} --target {} --fail-on warning", target.url())).exits(1);
    desk.say("judge run.ndjson --fail-on warning").exits(1);
    desk.say("judge run.ndjson").exits(0);
}

/// A run that could not tell anything must not pass.
#[test]
fn a_run_that_judged_nothing_does_not_pass() {
    let desk = Desk::new();
    let switched_off = desk.say("run okta:app=oin --only okta/governance").exits(3);
    switched_off.says("switched off (governance=off)");
    // Every set-up is refused: undetermined is never a pass.
    let target = Target::new(|asked, directory| {
        if asked.is("POST", "/Users") && asked.is_ours() {
            return Reply::Tell(Told::error(403, "This tenant has no seats left."));
        }
        Reply::Tell(directory.answer(asked))
    });
    let ended = played(&desk, &target, "okta:app=oin --only okta/update-name").exits(3);
    assert!(ended.stdout.contains("This tenant has no seats left."), "{}", ended.stdout);
}

/// Whether a request is one of the client that is played.
fn of_the_client(asked: &Asked) -> bool {
    !asked.is_ours()
}

#[test]
fn a_server_that_answers_too_late_is_told_and_the_run_goes_on() {
    let gate = super::support::target::Gate::default();
    let held = gate.clone();
    let target = Target::new(move |asked, directory| {
        if asked.is("PUT", "/Users") && of_the_client(asked) {
            held.pass();
        }
        Reply::Tell(directory.answer(asked))
    });
    let desk = Desk::new();
    let run = "okta:app=aiw --only okta/update-name --only okta/create-user --timeout 1500ms --jobs 1";
    let ended = played(&desk, &target, run).exits(1);
    gate.open();
    assert!(ended.stdout.contains("1.5"), "the limit is said: {}", ended.stdout);
    assert!(ended.stdout.contains("2 created, 2 removed"), "{}", ended.stdout);
}

#[test]
fn answers_without_end_are_cut() {
    let desk = Desk::new();
    let target = Target::new(|asked, directory| {
        if asked.is("GET", "/Users/") && of_the_client(asked) {
            let mut told = directory.answer(asked);
            told.body.resize(17 * 1024 * 1024, b' ');
            return Reply::Tell(told);
        }
        Reply::Tell(directory.answer(asked))
    });
    let run = format!("run okta:app=aiw --only okta/create-user --only okta/update-name --target {}", target.url());
    let ended = desk.say(&run).exits(0);
    has(&ended, "warning", "rfc7644/3.2/body-size");
    assert!(ended.stdout.contains("Okta: undetermined in 1 of "), "what was cut is no pass: {}", ended.stdout);
    assert_eq!(target.count(), 0);
}
