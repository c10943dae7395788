//! Filters, order, pages and projection, by URL and by message.

use super::*;

/// Five people and a group.
fn peopled() -> Desk {
    let mut desk = Desk::new();
    for (name, title, work) in [
        ("ada", Some("Countess"), "ada@example.com"),
        ("Bea", None, "bea@example.com"),
        ("cleo", Some("Queen"), "cleo@nile.example.com"),
        ("dora", Some("admiral"), "dora@example.com"),
        ("eve", None, "eve@example.com"),
    ] {
        let title = title.map_or(String::new(), |title| format!(r#","title":"{title}""#));
        let emails = format!(
            r#"[{{"value":"x-{name}@home.example.com","type":"home"}},{{"value":"{work}","type":"work","primary":true}}]"#
        );
        desk.ok("POST /Users", &format!(r#"{{{USER},"userName":"{name}"{title},"emails":{emails}}}"#), 201);
    }
    desk.group("Queens", &[]);
    desk
}

fn ask(desk: &mut Desk, target: &str) -> String {
    let (names, total) = desk.found(target);
    format!("{} of {total}", names.join(" "))
}

fn filter(desk: &mut Desk, filter: &str) -> String {
    ask(desk, &format!("/Users?filter={}", encoded(filter)))
}

#[test]
fn filters_find_what_matches() {
    let mut desk = peopled();
    for (text, expected) in [
        (r#"userName eq "BEA""#, "Bea of 1"),
        (r#"USERNAME Eq "bea""#, "Bea of 1"),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bea""#, "Bea of 1"),
        (r#"userName eq "nobody""#, " of 0"),
        (r#"userName eq "bea" and title pr"#, " of 0"),
        (r#"userName eq "bea" or userName eq "eve""#, "Bea eve of 2"),
        ("title pr", "ada cleo dora of 3"),
        ("not (title pr)", "Bea eve of 2"),
        (r#"title co "UE""#, "cleo of 1"),
        (r#"emails.value ew "nile.example.com""#, "cleo of 1"),
        (r#"emails[type eq "work" and value sw "dora"]"#, "dora of 1"),
        (r#"emails[type eq "home" and value sw "dora"]"#, " of 0"),
        (r#"emails[type eq "work"].value eq "ada@example.com""#, "ada of 1"),
        (r#"emails co "nile""#, "cleo of 1"),
        (r#"userName gt "c""#, "cleo dora eve of 3"),
        ("active eq true", "ada Bea cleo dora eve of 5"),
        ("active eq false", " of 0"),
        (r#"meta.created gt "2001-01-01T00:00:00Z""#, "ada Bea cleo dora eve of 5"),
        (r#"meta.lastModified lt "2001-01-01T00:00:00Z""#, " of 0"),
        (r#"meta.resourceType eq "User""#, "ada Bea cleo dora eve of 5"),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, "ada Bea cleo dora eve of 5"),
        (r#"externalId eq "x""#, " of 0"),
    ] {
        assert_eq!(filter(&mut desk, text), expected, "{text}");
    }
}

#[test]
fn filters_that_cannot_be_answered_are_refused() {
    let (mut tolerant, mut strict) = (peopled(), Desk::strict());
    for text in [
        "",
        "userName",
        "userName eq",
        r#"userName xx "a""#,
        r#"userName eq "a" and"#,
        r#"(userName eq "a""#,
        "userName eq ada",
        "userName eq 'ada'",
        r#"nothing eq "a""#,
        r#"emails.nothing eq "a""#,
        "active gt true",
        r#"name eq "a""#,
        "userName eq 7",
        r#"password eq "x""#,
        "password pr",
    ] {
        let encoded = encoded(text);
        for desk in [&mut tolerant, &mut strict] {
            desk.refused(&format!("GET /Users?filter={encoded}"), "", 400, Some("invalidFilter"));
        }
    }
    for text in
        [r#"emails[type eq "work"].value eq "a""#, r#"manager eq "x""#, r#"active eq "true""#, r#"department eq "Ops""#]
    {
        let encoded = encoded(text);
        assert_eq!(tolerant.get(&format!("/Users?filter={encoded}")).status, 200, "{text}");
        strict.refused(&format!("GET /Users?filter={encoded}"), "", 400, Some("invalidFilter"));
    }
    assert_eq!(filter(&mut tolerant, r#"active eq "True""#), "ada Bea cleo dora eve of 5");
}

#[test]
fn results_are_sorted() {
    let mut desk = peopled();
    for (query, expected) in [
        ("sortBy=userName", "ada Bea cleo dora eve"),
        ("sortBy=userName&sortOrder=descending", "eve dora cleo Bea ada"),
        ("sortBy=title", "dora ada cleo Bea eve"),
        ("sortBy=title&sortOrder=Descending", "Bea eve cleo ada dora"),
        ("sortBy=emails", "ada Bea cleo dora eve"),
        ("sortBy=emails.type&sortOrder=ascending", "ada Bea cleo dora eve"),
        ("sortBy=meta.created&sortOrder=descending", "eve dora cleo Bea ada"),
        ("sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName&sortOrder=descending", "eve dora cleo Bea ada"),
        ("sortOrder=descending", "ada Bea cleo dora eve"),
        ("sortBy=userName&sortOrder=descending&count=2&startIndex=2", "dora cleo"),
    ] {
        assert_eq!(ask(&mut desk, &format!("/Users?{query}")), format!("{expected} of 5"), "{query}");
    }
    desk.refused("GET /Users?sortBy=nothing", "", 400, Some("invalidPath"));
    desk.refused("GET /Users?sortBy=name", "", 400, Some("invalidPath"));
    desk.refused("GET /Users?sortBy=userName&sortOrder=up", "", 400, Some("invalidValue"));
}

#[test]
fn results_come_in_pages() {
    let mut desk = peopled();
    for (query, expected, start) in [
        ("count=2", "ada Bea of 5", 1),
        ("startIndex=4&count=2", "dora eve of 5", 4),
        ("startIndex=5&count=2", "eve of 5", 5),
        ("startIndex=6&count=2", " of 5", 6),
        ("startIndex=101&count=100", " of 5", 101),
        ("startIndex=0&count=1", "ada of 5", 1),
        ("startIndex=-3&count=1", "ada of 5", 1),
        ("count=0", " of 5", 1),
        ("count=-1", " of 5", 1),
        ("count=1000", "ada Bea cleo dora eve of 5", 1),
        ("startIndex=&count=", "ada Bea cleo dora eve of 5", 1),
        ("filter=title+pr&startIndex=2&count=1", "cleo of 3", 2),
        ("unknown=1&&=&flag", "ada Bea cleo dora eve of 5", 1),
    ] {
        let list = desk.ok(&format!("GET /Users?{query}"), "", 200);
        let (found, total) = names(&list);
        assert_eq!(format!("{} of {total}", found.join(" ")), expected, "{query}");
        assert_eq!(list.get("startIndex").and_then(Json::as_i64), Some(start), "{query}");
        assert_eq!(list.get("itemsPerPage").and_then(Json::as_i64), i64::try_from(found.len()).ok(), "{query}");
    }
    desk.refused("GET /Users?count=x", "", 400, Some("invalidValue"));
    desk.refused("GET /Users?startIndex=1.5", "", 400, Some("invalidValue"));
}

#[test]
fn a_page_holds_two_hundred_at_most() {
    let mut desk = Desk::new();
    for i in 0..203 {
        desk.user(&format!("user{i:03}"));
    }
    let (first, total) = desk.found("/Users");
    assert_eq!((first.len(), total), (200, 203));
    assert_eq!(desk.found("/Users?count=500").0, first);
    assert_eq!(desk.found("/Users?startIndex=201").0, ["user200", "user201", "user202"]);
}

#[test]
fn everything_is_found_at_the_base() {
    let mut desk = peopled();
    assert_eq!(ask(&mut desk, "?count=9"), "ada Bea cleo dora eve Queens Dispatcher Pro seat Night shift of 9");
    assert_eq!(ask(&mut desk, "/?filter=meta.resourceType+eq+%22Group%22"), "Queens of 1");
    assert_eq!(ask(&mut desk, "/?filter=displayName+sw+%22Q%22+or+userName+eq+%22ada%22"), "ada Queens of 2");
    assert_eq!(ask(&mut desk, "/?filter=nothing+eq+%22a%22"), " of 0");
    assert_eq!(ask(&mut desk, "/?sortBy=userName&sortOrder=descending&count=2"), "Queens Dispatcher of 9");
}

#[test]
fn searching_by_message_is_the_same() {
    let mut desk = peopled();
    let search = |desk: &mut Desk, path: &str, members: &str| {
        let body = format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]{members}}}"#);
        let list = desk.ok(&format!("POST {path}/.search"), &body, 200);
        (names(&list), list)
    };
    let members = r#","filter":"title pr","sortBy":"title","sortOrder":"descending","startIndex":2,"count":1"#;
    let ((found, total), list) = search(&mut desk, "/Users", members);
    assert_eq!((found.join(" "), total), ("ada".to_owned(), 3));
    let query = "/Users?filter=title+pr&sortBy=title&sortOrder=descending&startIndex=2&count=1";
    assert_eq!(desk.ok(&format!("GET {query}"), "", 200), list);
    assert_eq!(search(&mut desk, "", r#","filter":"displayName eq \"queens\"""#).0.0, ["Queens"]);
    assert_eq!(search(&mut desk, "/Groups", "").0.1, 1);
    let (_, list) = search(&mut desk, "/Users", r#","attributes":["userName","emails.type"],"count":1"#);
    assert_eq!(list.pointer("/Resources/0/emails/0").unwrap().to_string(), r#"{"type":"home"}"#);
    let (_, list) = search(&mut desk, "/Users", r#","excludedAttributes":["emails","id"],"count":1"#);
    assert!(list.pointer("/Resources/0/emails").is_none() && list.pointer("/Resources/0/id").is_some());
    let wrong =
        |members: &str| format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],{members}}}"#);
    desk.refused("POST /Users/.search", "{}", 400, Some("invalidSyntax"));
    desk.refused("POST /Users/.search", &wrong(r#""count":"7""#), 400, Some("invalidValue"));
    desk.refused("POST /Users/.search", &wrong(r#""filter":7"#), 400, Some("invalidValue"));
    desk.refused("POST /Users/.search", &wrong(r#""attributes":[7]"#), 400, Some("invalidValue"));
    desk.refused("POST /Users/.search", &wrong(r#""filter":"x y z""#), 400, Some("invalidFilter"));
    assert_eq!(desk.found("/Users").1, 5);
}

#[test]
fn only_what_was_asked_for_is_returned() {
    let mut desk = peopled();
    let keys = |json: &Json| json.as_object().unwrap().iter().map(|(n, _)| n.to_owned()).collect::<Vec<_>>().join(" ");
    let ada = desk.ok("GET /Users?count=1", "", 200);
    let path = format!("/Users/{}", text(&ada, "/Resources/0/id"));
    let mut shown = |query: &str| keys(&desk.ok(&format!("GET {path}?{query}"), "", 200));
    assert_eq!(shown("attributes=userName"), "schemas id userName");
    assert_eq!(shown("attributes=USERNAME,unknown,%20title"), "schemas id userName title");
    assert_eq!(shown("attributes=meta.version"), "schemas id meta");
    assert_eq!(shown("excludedAttributes=emails,id,meta"), "schemas id userName title active");
    assert_eq!(shown("attributes=id"), "schemas id");
    let body = patch_op(r#"{"op":"replace","path":"title","value":"x"}"#);
    let patched = desk.ok(&format!("PATCH {path}?attributes=title"), &body, 200);
    assert_eq!(keys(&patched), "schemas id title");
    let list = desk.ok("GET /Users?attributes=userName&count=1", "", 200);
    assert_eq!(keys(list.pointer("/Resources/0").unwrap()), "schemas id userName");
    desk.refused("GET /Users?attributes=userName&excludedAttributes=title", "", 400, Some("invalidValue"));
    desk.refused("GET /Users?attributes=emails%5btype", "", 400, Some("invalidValue"));
}
