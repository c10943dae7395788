//! Filters, lists, pages.

use super::stage::{judge, lines, published, told, trace};
use crate::facts::Facts;
use crate::scim::json::Json;

const MAYA: &str = r#"
        setup POST /Users {"userName":"Maya@example.com","title":"Engineer","active":true,"externalId":"e-1"} -> 201 {"id":"u-1","userName":"Maya@example.com","title":"Engineer","active":true,"externalId":"e-1"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"Maya@example.com","title":"Engineer","active":true,"externalId":"e-1"}"#;

fn look_up(filter: &str, answer: &str) -> String {
    told(&format!("{MAYA}\nlookup GET /Users?filter={filter} -> 200 {answer}"))
}

const NOBODY: &str = r#"{"totalResults":0,"Resources":[]}"#;
const FOUND: &str = r#"{"totalResults":1,"Resources":[{"id":"u-1","userName":"Maya@example.com","title":"Engineer"}]}"#;
const STRANGERS: &str = r#"{"totalResults":2,"Resources":[{"id":"x-1","userName":"qlm@vbnrt.kid","externalId":"k"},{"id":"x-2","userName":"zu"}]}"#;

#[test]
fn finds_who_matches() {
    assert_eq!(look_up("userName+eq+%22maya@example.com%22", FOUND), "");
    assert_eq!(look_up("title+co+%22gin%22+and+active+eq+true", FOUND), "");
    assert_eq!(look_up("userName+eq+%22omar%22", NOBODY), "");
    assert_eq!(look_up("userName+ne+%22omar%22", NOBODY.replace('0', "7").as_str()), "");
    assert_eq!(look_up("this+is+no", NOBODY), "");
}

#[test]
fn misses_who_matches() {
    insta::assert_snapshot!(look_up("userName+eq+%22Maya@example.com%22", NOBODY), @r#"#3 state/filter (RFC7644-3.4.2.2-09) error at body /Resources: the user "Maya@example.com" for userName eq "Maya@example.com" <> not in the list [breaks: the look-up does not find the user]"#);
    insta::assert_snapshot!(look_up("userName+eq+%22maya@example.com%22", NOBODY), @r#"#3 state/filter (RFC7643-4.1.1-04) error at body /Resources: the user "Maya@example.com" for userName eq "maya@example.com" <> not in the list: the case of the letters differs [breaks: the look-up does not find the user]"#);
    insta::assert_snapshot!(look_up("externalId+eq+%22e-1%22", r#"{"totalResults":0}"#), @r#"#3 state/filter (RFC7644-3.4.2.2-09) error at body /Resources: the user "Maya@example.com" for externalId eq "e-1" <> not in the list [breaks: the look-up does not find the user]"#);
}

/// Nobody has read the user yet: what the answer to the create showed is all that is known of it.
#[test]
fn a_look_up_behind_a_create_is_judged_by_what_its_answer_showed() {
    let behind = |shown: &str| {
        let user = r#"{"userName":"maya","title":"Engineer"}"#;
        told(&format!(
            r#"setup POST /Users {user} -> 201 {{"id":"u-1","userName":"maya"{shown}}}
            lookup GET /Users?filter=title+eq+%22Engineer%22 -> 200 {NOBODY}"#
        ))
    };
    let missing = |told: &str| told.lines().filter(|line| line.contains("not in the list")).count();
    assert_eq!(missing(&behind(r#","title":"Engineer""#)), 1);
    assert_eq!(missing(&behind(r#","title":"Nurse""#)), 0);
    assert_eq!(missing(&behind("")), 0);
}

#[test]
fn a_look_up_behind_a_write_of_unknown_effect_tells_nothing() {
    let behind = |status: u16| {
        let user = r#"{"id":"u-1","userName":"Maya@example.com","title":"Nurse"}"#;
        let look_up = "lookup GET /Users?filter=userName+eq+%22Maya@example.com%22";
        told(&format!("{MAYA}\nwrite PUT /Users/u-1 {user} -> {status}\n{look_up} -> 200 {NOBODY}"))
    };
    assert!(!behind(500).contains("not in the list"), "{}", behind(500));
    assert!(!behind(404).contains("not in the list"), "{}", behind(404));
    assert!(behind(403).contains("not in the list"), "{}", behind(403));
}

#[test]
fn leaves_alone_what_the_rfc_leaves_open() {
    for filter in
        ["title+ne+%22x%22+and+nickName+ne+%22x%22", "active+eq+%22true%22", "colour+eq+%22red%22", "emails+eq+%22x%22"]
    {
        assert_eq!(look_up(filter, NOBODY), "", "{filter}");
    }
}

#[test]
fn finds_who_does_not_match() {
    insta::assert_snapshot!(look_up("userName+eq+%22omar%22", FOUND), @r#"#3 state/filter (RFC7644-3.4.2.2-09) error at body /Resources/0: only resources for which userName eq "omar" holds <> the user "Maya@example.com" [breaks: the look-up finds somebody else]"#);
    insta::assert_snapshot!(look_up("userName+eq+%22maya%22", STRANGERS), @r#"#3 state/filter (RFC7644-3.4.2.2-02) error at body /Resources/0: only resources for which userName eq "maya" holds <> 2 resources that do not match: the filter is ignored [breaks: the look-up finds somebody else]"#);
    insta::assert_snapshot!(look_up("emails%5Btype+eq+%22work%22%5D.value+eq+%22m@example.com%22", STRANGERS), @r#"#3 state/filter (RFC7644-3.4.2.2-02) error at body /Resources/0: only resources for which emails[type eq "work"].value eq "m@example.com" holds <> 2 resources that do not match: the filter is ignored [breaks: the look-up finds somebody else]"#);
    // What strangers hold is masked: only an invented value that identifies somebody tells anything.
    assert_eq!(look_up("title+eq+%22Nurse%22", STRANGERS), "");
    assert_eq!(
        look_up(
            "userName+eq+%22omar@example.com%22",
            r#"{"totalResults":1,"Resources":[{"id":"x","userName":"abcd@efghijk.lmn"}]}"#
        ),
        ""
    );
}

#[test]
fn an_inactive_user_is_found() {
    let off = r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    let script = format!(
        r#"{MAYA}
        off PATCH /Users/u-1 {off} -> 200 {{"id":"u-1","userName":"Maya@example.com","title":"Engineer","active":false,"externalId":"e-1"}}
        lookup GET /Users?filter=userName+eq+%22Maya@example.com%22 -> 200 {NOBODY}
        import GET /Users?startIndex=1&count=100 -> 200 {STRANGERS}"#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #4 state/filter (RFC7643-4.1.1-20) error at body /Resources: the user "Maya@example.com" for userName eq "Maya@example.com" <> not in the list: the user is inactive [breaks: the user is not found once deactivated, and is created a second time]
    #5 state/list (RFC7643-4.1.1-20) error at body /Resources: the user "Maya@example.com" in the whole list <> not in the list: the user is inactive [breaks: the user is not imported]
    "#);
}

#[test]
fn who_is_missing_together_with_somebody_active_is_not_missing_for_being_inactive() {
    let off = r#"{"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    let script = format!(
        r#"{MAYA}
        setup POST /Users {{"userName":"tomas@example.com","title":"Engineer"}} -> 201 {{"id":"u-2","userName":"tomas@example.com","title":"Engineer","active":true}}
        off PATCH /Users/u-1 {off} -> 200 {{"id":"u-1","userName":"Maya@example.com","title":"Engineer","active":false,"externalId":"e-1"}}
        lookup GET /Users?filter=title+eq+%22Engineer%22 -> 200 {NOBODY}"#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #5 state/filter (RFC7644-3.4.2.2-09) error at body /Resources: the user "Maya@example.com" for title eq "Engineer" <> not in the list [breaks: the look-up does not find the user]
    #5 state/filter (RFC7644-3.4.2.2-09) error at body /Resources: the user "tomas@example.com" for title eq "Engineer" <> not in the list [breaks: the look-up does not find the user]
    "#);
}

#[test]
fn a_filter_that_is_advertised_as_not_supported() {
    let config = Json::parse(br#"{"filter":{"supported":false}}"#).unwrap();
    let facts = Facts { config: Some(config), ..published() };
    let script = format!("{MAYA}\nlookup GET /Users?filter=userName+eq+%22omar%22 -> 200 {FOUND}");
    insta::assert_snapshot!(lines(&judge(&trace(&script), &facts)), @r#"
    #3 state/filter (RFC7644-3.4.2.2-09) warning at body /Resources/0: only resources for which userName eq "omar" holds <> the user "Maya@example.com"
    #3 entra/state/filter error at body /Resources/0: only resources for which userName eq "omar" holds <> the user "Maya@example.com" [breaks: the look-up finds somebody else]
    "#);
}

#[test]
fn lists_everybody() {
    let whole = r#"{"totalResults":2,"Resources":[{"id":"x-1"},{"id":"u-1","userName":"Maya@example.com"}]}"#;
    assert_eq!(told(&format!("{MAYA}\nimport GET /Users?startIndex=1&count=100 -> 200 {whole}")), "");
    let page = r#"{"totalResults":300,"Resources":[{"id":"x-1"},{"id":"x-2"}]}"#;
    assert_eq!(told(&format!("{MAYA}\nimport GET /Users?startIndex=1&count=2 -> 200 {page}")), "");
    insta::assert_snapshot!(told(&format!("{MAYA}\nimport GET /Users -> 200 {STRANGERS}")), @r#"#3 state/list (RFC7644-3.2-03) error at body /Resources: the user "Maya@example.com" in the whole list <> not in the list [breaks: the user is not imported]"#);
}

#[test]
fn the_same_page_again() {
    let page = r#"{"totalResults":300,"Resources":[{"id":"x-1"},{"id":"x-2"}]}"#;
    let other = page.replace("x-", "y-");
    let script = format!(
        "import GET /Users?startIndex=1&count=2 -> 200 {page}
        import GET /Users?startIndex=3&count=2 -> 200 {other}
        import GET /Users?startIndex=5&count=2 -> 200 {other}"
    );
    insta::assert_snapshot!(told(&script), @"#3 state/list (RFC7644-3.4.2.4-12) error at body /Resources/0: the resources from number 5 on <> the page from number 3 again [breaks: the import reads the same page for ever]");
}

#[test]
fn an_index_that_is_late() {
    let script = format!(
        "{MAYA}
        check GET /Users?filter=userName+eq+%22Maya@example.com%22 -> 200 {NOBODY}
        check GET /Users?filter=userName+eq+%22Maya@example.com%22 -> 200 {FOUND}"
    );
    insta::assert_snapshot!(told(&script), @r#"#3 state/stale (RFC7644-3.1-06) warning at body /Resources: the user "Maya@example.com" for userName eq "Maya@example.com" <> not in the list; right when read again"#);
}

#[test]
fn a_create_whose_answer_was_lost() {
    let script = r#"
        create POST /Users {"userName":"maya"} -> cut
        lookup GET /Users?filter=userName+eq+%22maya%22 -> 200 {"totalResults":1,"Resources":[{"id":"u-1","userName":"maya","title":"x"}]}
        delete DELETE /Users/u-1 -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #1 wire/answered error at wire: an answer <> no answer within 60 s [breaks: the request is not answered]
    #4 state/deleted (RFC7644-3.6-02) error at status: 404 Not Found <> 200 OK [breaks: the user is still there after its deletion]
    "#);
}

#[test]
fn an_item_with_another_value() {
    let script = format!(
        "{MAYA}\nimport GET /Users -> 200 {}\nimport GET /Users -> 200 {}",
        FOUND.replace("Engineer", "Nurse"),
        FOUND.replace("Engineer", "Nurse")
    );
    insta::assert_snapshot!(told(&script), @r#"#3 state/read-back (RFC7644-3.1-06) error at body /Resources/0/title: title "Engineer" <> title "Nurse" [breaks: title of the user is not what was written]"#);
}

/// What else is wrong with a request may be what is refused.
#[test]
fn a_sound_filter_in_a_wrong_request() {
    let config = Json::parse(br#"{"filter":{"supported":true}}"#).unwrap();
    let facts = Facts { config: Some(config), ..published() };
    let asked = |request: &str| {
        let script = format!(
            r#"{MAYA}
            lookup {request} -> 400 {{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","detail":"no"}}"#
        );
        lines(&judge(&trace(&script), &facts))
    };
    let filter = r#""filter":"title sw \"Eng\"""#;
    assert_eq!(asked("GET /Users?filter=title+sw+%22Eng%22&startIndex=x"), "");
    assert_eq!(
        asked(&format!(
            r#"POST /Users/.search {{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],{filter}}}"#
        )),
        ""
    );
    let search = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]"#;
    assert_eq!(asked(&format!(r#"POST /Users/.search {{{search},{filter},"count":"ten"}}"#)), "");
    assert!(asked(&format!(r"POST /Users/.search {{{search},{filter}}}")).contains("state/filter-text"));
}
