//! What the client needs, and where it cannot go on.

use std::sync::Arc;

use super::stage::{judge, lines, published, trace, trace_with};
use crate::profile::model::{BoundNeed, Evidence, Grade, Level, Need, StatusPattern, Test};
use crate::scim::json::Json;
use crate::trace::{Ending, Unsettled};

fn need(id: &str, grade: Grade, level: Level, on: Vec<StatusPattern>, test: Test) -> Arc<Need> {
    Arc::new(Need {
        id: id.to_owned(),
        text: format!("Entra needs {id}"),
        breaks: format!("{id} is missing"),
        evidence: Evidence { grade, sources: Vec::new() },
        level,
        on,
        test,
        fix: None,
    })
}

/// One exchange with these needs, each with the value it compares with.
fn needs(line: &str, needs: Vec<(Arc<Need>, Option<&str>)>) -> String {
    let bound = needs.iter().map(|(need, value)| BoundNeed {
        id: need.id.clone(),
        value: value.map(|v| Json::parse(v.as_bytes()).unwrap()),
    });
    let bound: Vec<_> = bound.collect();
    let mut trace = trace_with(line, needs.into_iter().map(|(need, _)| need).collect(), |_| {});
    trace.turns[0].needs = bound;
    lines(&judge(&trace, &published()))
}

fn simple(test: Test) -> Vec<(Arc<Need>, Option<&'static str>)> {
    vec![(need("n", Grade::Captured, Level::Error, Vec::new(), test), None)]
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

#[test]
fn statuses() {
    let test = || Test::Status(vec![StatusPattern::Code(201), StatusPattern::Class(4)]);
    assert_eq!(needs("create POST /Users {} -> 409", simple(test())), "");
    insta::assert_snapshot!(needs("create POST /Users {} -> 500", simple(test())), @"#1 entra/n error at status: 201 or 4xx <> 500 [breaks: n is missing]");
}

#[test]
fn kinds() {
    let ids = || Test::Is("/Resources/*/id".to_owned(), words(&["string"]));
    let list = r#"look GET /Users -> 200 {"totalResults":5,"Resources":[{"id":"a"},{"id":7},{}]}"#;
    insta::assert_snapshot!(needs(list, simple(ids())), @r#"
    #1 entra/n error at body /Resources/1/id: a string <> 7 [breaks: n is missing]
    #1 entra/n error at body /Resources/2/id: a string <> nothing [breaks: n is missing]
    "#);
    assert_eq!(needs(r#"look GET /Users -> 200 {"Resources":[]}"#, simple(ids())), "");
    assert_eq!(needs("look GET /Users -> 500", simple(ids())), "");
    let total = Test::Is("/totalResults".to_owned(), words(&["integer"]));
    insta::assert_snapshot!(needs(r#"look GET /Users -> 200 {"totalResults":"1"}"#, simple(total.clone())), @r#"#1 entra/n error at body /totalResults: an integer <> "1" [breaks: n is missing]"#);
    insta::assert_snapshot!(needs("look GET /Users -> 200", simple(total)), @"#1 entra/n error at body: an integer <> an empty body [breaks: n is missing]");
    let absent = Test::Is("/password".to_owned(), words(&["absent"]));
    assert_eq!(needs(r#"read GET /Users/1 -> 200 {"id":"1"}"#, simple(absent)), "");
    let full = Test::Is("/schemas".to_owned(), words(&["not-empty"]));
    insta::assert_snapshot!(needs(r#"read GET /Users/1 -> 200 {"schemas":[]}"#, simple(full)), @"#1 entra/n error at body /schemas: a value that is not empty <> [] [breaks: n is missing]");
}

#[test]
fn values() {
    let of = |test: Test, value: Option<&'static str>| {
        vec![(need("n", Grade::Documented, Level::Error, Vec::new(), test), value)]
    };
    let equals = || Test::Equals("/userName".to_owned(), String::new());
    let line = r#"read GET /Users/1 -> 200 {"id":"1","userName":"Maya","roles":[{"value":"a","type":"x"}]}"#;
    assert_eq!(needs(line, of(equals(), Some("\"Maya\""))), "");
    insta::assert_snapshot!(needs(line, of(equals(), Some("\"maya\""))), @r#"#1 entra/n error at body /userName: "maya" <> "Maya" [breaks: n is missing]"#);
    insta::assert_snapshot!(needs(line, of(equals(), None)), @"#1 entra/n undetermined: the value to compare with is not known");
    let contains = || Test::Contains("/roles".to_owned(), String::new());
    assert_eq!(needs(line, of(contains(), Some(r#"{"value":"a"}"#))), "");
    insta::assert_snapshot!(needs(line, of(contains(), Some(r#"{"value":"b"}"#))), @r#"#1 entra/n error at body /roles: {"value":"b"} in it <> [{"value":"a","type":"x"}] [breaks: n is missing]"#);
    let header = Test::Header("content-type".to_owned(), "application/SCIM+json".to_owned());
    assert_eq!(needs(line, of(header, None)), "");
    let location = Test::Header("Location".to_owned(), String::new());
    insta::assert_snapshot!(needs(line, of(location, None)), @"#1 entra/n error at header Location: the header <> no such header [breaks: n is missing]");
}

#[test]
fn grades_and_levels() {
    let test = || Test::Status(vec![StatusPattern::Code(200)]);
    let with = |grade, level| vec![(need("n", grade, level, Vec::new(), test()), None)];
    insta::assert_snapshot!(needs("look GET /Users -> 404", with(Grade::Inferred, Level::Error)), @"#1 entra/n note at status: 200 <> 404 Not Found");
    insta::assert_snapshot!(needs("look GET /Users -> 404", with(Grade::Captured, Level::Warning)), @"#1 entra/n warning at status: 200 <> 404 Not Found");
    insta::assert_snapshot!(needs("perhaps GET /Users -> 404", with(Grade::Captured, Level::Error)), @"#1 entra/n note at status: 200 <> 404 Not Found");
}

#[test]
fn stuck() {
    let error = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400"}"#;
    let mut trace = trace_with(&format!("create POST /Users {{}} -> 400 {error}"), Vec::new(), |step| {
        step.breaks = Some("nobody is created".to_owned());
    });
    trace.ending = Ending::Stuck { step: "create".to_owned(), reason: "status 400".to_owned() };
    insta::assert_snapshot!(lines(&judge(&trace, &published())), @"#1 entra/goes-on error at status: 2xx <> 400 [breaks: nobody is created]");
    trace.ending = Ending::Undetermined { reason: "set-up failed".to_owned() };
    insta::assert_snapshot!(lines(&judge(&trace, &published())), @"#- entra/goes-on undetermined: set-up failed");
}

#[test]
fn stuck_adds_to_an_error_that_tells_the_cause() {
    let mut trace = trace("create POST /Users {} -> time-out");
    trace.ending = Ending::Stuck { step: "create".to_owned(), reason: "no answer".to_owned() };
    insta::assert_snapshot!(lines(&judge(&trace, &published())), @"#1 wire/answered error at wire: an answer <> no answer within 60 s [breaks: the request is not answered]");
}

#[test]
fn failures() {
    insta::assert_snapshot!(lines(&judge(&trace("create POST /Users {} -> stopped"), &published())), @"#1 wire/answered undetermined: no answer within 60 s");
    let script = r#"
        look GET /Users?filter=userName+eq+%22a%22 -> 200 {"totalResults":1,"Resources":[{"id":"x-77","userName":"qqqqq"}]}
        change PATCH /Users/x-77 {} -> refused
    "#;
    insta::assert_snapshot!(lines(&judge(&trace(script), &published())), @r#"
    #1 state/filter (RFC7644-3.4.2.2-02) error at body /Resources/0: only resources for which userName eq "a" holds <> a resource that does not match: the filter is ignored [breaks: the look-up finds somebody else]
    #2 entra/own-records error at wire: a request that changes a record of this run <> PATCH /Users/x-77, an id from the answer to look (exchange 1) [breaks: the IdP would have changed a record that is not its own]
    "#);
}

#[test]
fn nothing_is_left_to_write() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
        second-read GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
    "#;
    let mut trace = trace_with(script, Vec::new(), |step| step.settled = true);
    let told = judge(&trace, &published());
    assert_eq!((lines(&told).as_str(), told.tallies.get(&"entra/settled".into()).unwrap().conforms), ("", 1));
    let urn = crate::scim::urn::ENTERPRISE_USER;
    let changes = vec![
        ("title".to_owned(), "Lead ".into(), Some("Lead".into())),
        (format!("{urn}:department"), "R&D".into(), None),
        ("emails[type eq \"work\"].value".to_owned(), "m@example.com".into(), None),
    ];
    trace.unsettled.push(Unsettled { step: "second-read".to_owned(), seq: Some(2), changes });
    insta::assert_snapshot!(lines(&judge(&trace, &published())), @r#"
    #2 entra/settled error at body /title: title "Lead " <> title "Lead" [breaks: the same change is written again in every cycle]
    #2 entra/settled error at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department: department "R&D" <> no department [breaks: the same change is written again in every cycle]
    #2 entra/settled error at body /emails: emails[type eq "work"].value "m@example.com" <> no emails[type eq "work"].value [breaks: the same change is written again in every cycle]
    "#);
}

#[test]
fn names_the_request_in_the_targets_log() {
    let trace = trace(r#"create POST /Users {"userName":"a"} -> 201 {"id":"1","userName":"b"}"#);
    let judged = judge(&trace, &published());
    assert_eq!(judged.verdicts[0].request_id.as_deref(), Some("r-1"));
}

#[test]
fn needs_look_at_the_time_that_an_answer_took() {
    let read = r#"read GET /Users/u-1 -> 200 {"id":"u-1"}"#;
    assert_eq!(needs(read, simple(Test::Within(3))), "");
    insta::assert_snapshot!(needs(read, simple(Test::Within(2))), @"#1 entra/n error at wire: an answer within 2 ms <> after 3 ms [breaks: n is missing]");
}
