//! Bulk jobs.

use super::*;

fn job(operations: &str, more: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]{more},"Operations":[{operations}]}}"#)
}

fn user(bulk_id: &str, name: &str) -> String {
    format!(r#"{{"method":"POST","path":"/Users","bulkId":"{bulk_id}","data":{{{USER},"userName":"{name}"}}}}"#)
}

fn group(bulk_id: &str, members: &[&str]) -> String {
    let members: Vec<_> = members.iter().map(|id| format!(r#"{{"value":"bulkId:{id}"}}"#)).collect();
    let data = format!(r#"{{{GROUP},"displayName":"{bulk_id}","members":[{}]}}"#, members.join(","));
    format!(r#"{{"method":"POST","path":"/Groups","bulkId":"{bulk_id}","data":{data}}}"#)
}

/// The statuses, in the order of the answer, and the answer's operations.
fn run(desk: &mut Desk, operations: &[String], more: &str) -> (String, Vec<Json>) {
    let answer = desk.ok("POST /Bulk", &job(&operations.join(","), more), 200);
    assert!(answer.get("failOnErrors").is_none());
    let results = answer.get("Operations").and_then(Json::as_array).unwrap().to_vec();
    for result in &results {
        let failed = text(result, "/status") >= "300";
        assert_eq!(result.get("response").is_some(), failed, "{result}");
        let is_post = text(result, "/method") == "POST";
        assert_eq!(result.get("location").is_some(), !(failed && is_post), "{result}");
    }
    (results.iter().map(|result| text(result, "/status")).collect::<Vec<_>>().join(" "), results)
}

fn path_of(result: &Json) -> String {
    text(result, "/location").strip_prefix("http://scim.example.com/scim/v2").unwrap().to_owned()
}

#[test]
fn a_job_does_all_kinds_of_things() {
    let mut desk = Desk::new();
    let (ada, grace) = (desk.user("ada"), desk.user("grace"));
    let version = text(&desk.ok(&format!("GET /Users/{ada}"), "", 200), "/meta/version").replace('"', "\\\"");
    let operations = [
        user("new", "cleo"),
        format!(
            r#"{{"method":"PUT","path":"/Users/{ada}","version":"{version}","data":{{{USER},"userName":"ada","title":"T"}}}}"#
        ),
        format!(
            r#"{{"method":"PATCH","path":"/Users/{ada}","version":"{version}","data":{}}}"#,
            patch_op(r#"{"op":"remove","path":"title"}"#)
        ),
        format!(r#"{{"method":"DELETE","path":"/Users/{grace}"}}"#),
        format!(r#"{{"method":"DELETE","path":"/Users/{grace}"}}"#),
        user("twice", "ADA"),
    ];
    let (statuses, results) = run(&mut desk, &operations, "");
    assert_eq!(statuses, "201 200 412 204 404 409");
    assert_eq!(text(&results[0], "/bulkId"), "new");
    assert_eq!(text(&results[5], "/response/scimType"), "uniqueness");
    let cleo = desk.ok(&format!("GET {}", path_of(&results[0])), "", 200);
    assert_eq!(text(&cleo, "/meta/version"), text(&results[0], "/version"));
    assert_eq!(text(&desk.ok(&format!("GET /Users/{ada}"), "", 200), "/title"), "T");
    assert_eq!(desk.found("/Users").1, 2);
}

#[test]
fn references_lead_forward_and_backward() {
    let mut desk = Desk::new();
    let manager = format!(
        r#"{{"method":"POST","path":"/Users","bulkId":"c","data":{{{BOTH},"userName":"c","{ENTERPRISE}":{{"manager":{{"value":"bulkId:a"}}}}}}}}"#
    );
    let add = format!(
        r#"{{"method":"PATCH","path":"/Groups/bulkId:g","data":{}}}"#,
        patch_op(r#"{"op":"add","path":"members","value":[{"value":"bulkId:b"}]}"#)
    );
    let (statuses, results) = run(&mut desk, &[group("g", &["a"]), add, user("a", "a"), manager, user("b", "b")], "");
    assert_eq!(statuses, "201 200 201 201 201");
    let ids: Vec<_> = results.iter().map(|result| path_of(result)[1..].split_once('/').unwrap().1.to_owned()).collect();
    let mut expected = [ids[2].clone(), ids[4].clone()];
    expected.sort();
    assert_eq!(desk.members(&ids[0]), expected);
    let c = desk.ok(&format!("GET /Users/{}", ids[3]), "", 200);
    assert_eq!(text(c.get(ENTERPRISE).unwrap(), "/manager/value"), ids[2]);
}

#[test]
fn circles_are_closed() {
    let mut desk = Desk::new();
    let (statuses, results) = run(&mut desk, &[group("x", &["y"]), group("y", &["z", "x"]), group("z", &["x"])], "");
    assert_eq!(statuses, "201 201 201");
    let ids: Vec<_> = results.iter().map(|result| path_of(result)["/Groups/".len()..].to_owned()).collect();
    assert_eq!(desk.members(&ids[0]), [ids[1].clone()]);
    assert_eq!(desk.members(&ids[1]).len(), 2);
    assert_eq!(desk.members(&ids[2]), [ids[0].clone()]);
}

#[test]
fn references_to_what_fails_fail() {
    let mut desk = Desk::new();
    let nameless = format!(
        r#"{{"method":"POST","path":"/Groups","bulkId":"y","data":{{{GROUP},"members":[{{"value":"bulkId:x"}}]}}}}"#
    );
    let (statuses, _) = run(&mut desk, &[group("x", &["y"]), nameless, group("w", &["x"])], "");
    assert_eq!(statuses, "409 400 409");
    assert_eq!(desk.found("/Groups").1, 0);
    let taken = desk.user("taken");
    let (statuses, _) = run(&mut desk, &[group("g", &["u"]), user("u", "taken"), group("h", &["nobody"])], "");
    assert_eq!(statuses, "409 409 400");
    let bad = format!(
        r#"{{"method":"PATCH","path":"/Users/{taken}","data":{}}}"#,
        patch_op(r#"{"op":"add","path":"nothing","value":1}"#)
    );
    assert_eq!(run(&mut desk, &[bad], "").0, "400");
}

#[test]
fn wrong_operations_fail_alone() {
    let mut desk = Desk::new();
    let wrong = [
        r#"{"method":"GET","path":"/Users/1"}"#.to_owned(),
        r#"{"method":"POST","path":"/Users","data":{}}"#.to_owned(),
        r#"{"method":"POST","path":"/Users/1","bulkId":"a","data":{}}"#.to_owned(),
        r#"{"method":"POST","bulkId":"a","data":{}}"#.to_owned(),
        r#"{"method":"POST","path":"/Users","bulkId":"a"}"#.to_owned(),
        r#"{"method":"POST","path":"/Nothing","bulkId":"a","data":{}}"#.to_owned(),
        "7".to_owned(),
        user("b", "bea"),
        user("b", "bob"),
    ];
    let answer = desk.ok("POST /Bulk", &job(&wrong.join(","), ""), 200);
    let statuses: Vec<_> =
        answer.get("Operations").and_then(Json::as_array).unwrap().iter().map(|r| text(r, "/status")).collect();
    assert_eq!(statuses.join(" "), "400 400 400 400 400 404 400 201 400");
}

#[test]
fn a_job_stops_after_enough_errors() {
    let mut desk = Desk::new();
    desk.user("taken");
    let operations = [user("a", "a"), user("b", "taken"), user("c", "c"), user("d", "taken"), user("e", "e")];
    assert_eq!(run(&mut desk, &operations, r#","failOnErrors":2"#).0, "201 409 201 409");
    assert_eq!(desk.found("/Users").1, 3);
    let operations = [user("f", "taken"), user("g", "g")];
    assert_eq!(run(&mut desk, &operations, r#","failOnErrors":1"#).0, "409");
    assert_eq!(run(&mut desk, &operations, "").0, "409 201");
}

#[test]
fn limits_are_kept() {
    let mut desk = Desk::new();
    let too_many: Vec<_> = (0..1001).map(|i| user(&format!("b{i}"), &format!("u{i}"))).collect();
    assert!(desk.refused("POST /Bulk", &job(&too_many.join(","), ""), 413, None).contains("1000"));
    let long = job(&user("a", &"x".repeat(1 << 20)), "");
    assert!(desk.refused("POST /Bulk", &long, 413, None).contains("1048576"));
    assert_eq!(desk.found("/Users").1, 0);
    desk.ok("POST /Bulk", &job(&too_many[..1000].join(","), ""), 200);
    assert_eq!(desk.found("/Users").1, 1000);
    desk.refused("POST /Bulk", "{}", 400, Some("invalidSyntax"));
    desk.refused("POST /Bulk", &job("", ""), 400, Some("invalidSyntax"));
    desk.refused("POST /Bulk", &job(&user("a", "a"), r#","failOnErrors":0"#), 400, Some("invalidValue"));
}
