use super::compare::{Kind, changed, gaps, leftovers};
use super::settled;
use crate::facts::Facts;
use crate::scim::json::Json;
use crate::scim::schema::builtin;
use crate::verdict::judge::tests::stage::trace;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn told(expected: &str, actual: &str) -> Vec<String> {
    let (expected, actual, schema) = (json(expected), json(actual), builtin::user_type());
    gaps(&expected, &actual, &schema)
        .iter()
        .map(|gap| format!("{:?} {} at {}", gap.kind, gap.path, gap.pointer))
        .collect()
}

#[test]
fn compares_one_way_and_as_scim_does() {
    let expected = r#"{"id":"1","meta":{"version":"a"},"userName":"Maya","title":"","nickName":null,"groups":[{"value":"g"}],
        "emails":[{"value":"a@example.com","type":"work","primary":true},{"value":"b@example.com","primary":false}]}"#;
    let actual = r#"{"USERNAME":"maya","active":true,"displayName":"M","emails":[{"value":"B@example.com","type":"home"},
        {"type":"Work","value":"a@example.com","primary":true,"display":"x"}]}"#;
    assert_eq!(told(expected, actual), Vec::<String>::new());
}

#[test]
fn tells_each_departure_in_its_place() {
    let expected = r#"{"userName":"maya","name":{"givenName":"Maya","familyName":"Lind"},"title":"Lead",
        "emails":[{"value":"a@example.com","type":"work"},{"value":"b@example.com","type":"home"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9"}}}"#;
    let actual = r#"{"userName":"omar","name":{"givenName":"Maya"},"emails":[{"value":"c@example.com","type":"work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"u-9"}}"#;
    insta::assert_debug_snapshot!(told(expected, actual), @r#"
    [
        "Differs userName at /userName",
        "Missing name.familyName at /name/familyName",
        "Missing title at /title",
        "Differs emails.value at /emails/0/value",
        "ElementMissing emails at /emails",
        "Missing urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department at /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
        "Differs urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager at /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager",
    ]
    "#);
}

#[test]
fn a_value_that_is_not_primary_need_not_say_so() {
    let of = |primary: bool| {
        let expected = format!(r#"{{"emails":[{{"value":"a@example.com","type":"work","primary":{primary}}}]}}"#);
        told(&expected, r#"{"emails":[{"value":"a@example.com"}]}"#)
    };
    assert_eq!(of(false), ["Missing emails.type at /emails/0/type"]);
    assert_eq!(of(true), ["Missing emails.type at /emails/0/type", "Missing emails.primary at /emails/0/primary"]);
}

#[test]
fn finds_what_should_be_gone() {
    let (before, schema) =
        (json(r#"{"title":"Lead","active":true,"roles":[{"value":"a"},{"value":"b"}]}"#), builtin::user_type());
    let expected = json(r#"{"roles":[{"value":"a"}]}"#);
    let still = json(r#"{"title":"Lead","active":false,"roles":[{"value":"b"},{"value":"a"}]}"#);
    let left: Vec<_> =
        leftovers(&before, &expected, &still, &schema).iter().map(|g| (g.kind, g.pointer.clone())).collect();
    // Another value than before is a default of the target's.
    assert_eq!(left, [(Kind::Left, "/title".to_owned()), (Kind::ElementLeft, "/roles/0".to_owned())]);
    assert!(leftovers(&before, &expected, &expected, &schema).is_empty());
}

#[test]
fn knows_what_a_write_touched() {
    let before = json(r#"{"title":"Lead","name":{"givenName":"Maya","familyName":"Lind"},"active":true}"#);
    let after = json(r#"{"name":{"familyName":"Berg","givenName":"MAYA"},"active":true,"emails":[{"value":"a"}]}"#);
    assert_eq!(changed(&before, &after, &builtin::user_type()), ["emails", "name.familyname", "title"]);
}

fn is_settled(script: &str) -> bool {
    settled(&trace(script).turns, &Facts::default())
}

#[test]
fn tells_whether_a_state_has_settled() {
    let before = r#"
        setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Boss"}]} -> 204"#;
    let old = r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#;
    let new = old.replace("Lead", "Boss");
    assert!(!is_settled(&format!("{before}\n{old}")));
    // What an early reading showed is not taken for the state.
    assert!(!is_settled(&format!("{before}\n{old}\n{old}")));
    assert!(is_settled(&format!("{before}\n{old}\n{new}")));
    assert!(!is_settled(&format!("{before}\ncheck GET /Users/u-1 -> 404")));
    assert!(!is_settled(&format!("{before}\ndelete DELETE /Users/u-1 -> 204\n{new}")));
    assert!(is_settled(&format!("{before}\ndelete DELETE /Users/u-1 -> 204\ncheck GET /Users/u-1 -> 404")));
}

#[test]
fn does_not_wait_for_what_never_comes() {
    // A stranger, a failed reading, an attribute that nobody advertised, a value that the target makes itself.
    assert!(is_settled("check GET /Users/u-1 -> 200 {}"));
    let create = r#"setup POST /Users {"userName":"maya","nickName":"M","name":{"formatted":"M"}} -> 201 {"id":"u-1"}"#;
    assert!(is_settled(&format!("{create}\ncheck GET /Users/u-1 -> time-out")));
    let read = r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","name":{"formatted":"Maya"}}"#;
    assert!(is_settled(&format!("{create}\n{read}")));
}
