//! The situations of the RFC's examples (RFC 7644 section 3.5.2), with people of ours; both policies agree on them.

use super::*;

/// Both policies give the same state.
fn both(resource: &Json, operations: &str) -> Json {
    let strict = strict(resource, operations).unwrap();
    assert_eq!(Ok(&strict), tolerant(resource, operations).as_ref());
    strict.resource
}

fn at(resource: &Json, pointer: &str) -> String {
    resource.pointer(pointer).map_or_else(|| "-".to_owned(), ToString::to_string)
}

const ENTERPRISE: &str = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn add_a_member() {
    let after = both(
        &group(),
        r#"[{"op":"add","path":"members","value":[{"display":"Babs","$ref":"../Users/u-4","value":"u-4"}]}]"#,
    );
    assert_eq!(at(&after, "/members/3"), r#"{"display":"Babs","$ref":"../Users/u-4","value":"u-4"}"#);
    assert_eq!(at(&after, "/members/0"), r#"{"value":"u-1","display":"maya"}"#);
}

#[test]
fn add_attributes_without_a_path() {
    let after = both(
        &user(),
        r#"[{"op":"add","value":{"emails":[{"value":"byron@example.net","type":"other"}],"nickName":"Countess"}}]"#,
    );
    assert_eq!(at(&after, "/nickName"), r#""Countess""#);
    assert_eq!(at(&after, "/emails/2/value"), r#""byron@example.net""#);
    assert_eq!(at(&after, "/emails/1/type"), r#""home""#);
}

#[test]
fn remove_a_member_by_its_value() {
    let after = both(&group(), r#"[{"op":"remove","path":"members[value eq \"u-2\"]"}]"#);
    assert_eq!(at(&after, "/members"), r#"[{"value":"u-1","display":"maya"},{"value":"u-3","type":"User"}]"#);
}

#[test]
fn remove_all_members() {
    assert_eq!(at(&both(&group(), r#"[{"op":"remove","path":"members"}]"#), "/members"), "-");
}

#[test]
fn remove_a_value_by_a_filter_over_two_sub_attributes() {
    let work = r#"[{"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"}]"#;
    assert_eq!(at(&both(&user(), work), "/emails"), r#"[{"value":"ada@example.org","type":"home"}]"#);
}

#[test]
fn remove_one_member_and_add_another() {
    let operations = r#"[{"op":"remove","path":"members[value eq \"u-1\"]"},
        {"op":"add","path":"members","value":[{"value":"u-9"}]}]"#;
    let after = both(&group(), operations);
    assert_eq!(at(&after, "/members"), r#"[{"value":"u-2"},{"value":"u-3","type":"User"},{"value":"u-9"}]"#);
}

#[test]
fn replace_all_members() {
    let operations = r#"[{"op":"replace","path":"members","value":[{"value":"u-3"},{"value":"u-7"}]}]"#;
    assert_eq!(at(&both(&group(), operations), "/members"), r#"[{"value":"u-3"},{"value":"u-7"}]"#);
}

#[test]
fn replace_the_work_address() {
    let with_addresses = both(
        &user(),
        r#"[{"op":"add","path":"addresses","value":[{"type":"work","locality":"Ghent"},{"type":"home","locality":"Oslo"}]}]"#,
    );
    let operations = r#"[{"op":"replace","path":"addresses[type eq \"work\"]",
        "value":{"type":"work","streetAddress":"7 Harbour Road","country":"NO","primary":true}}]"#;
    assert_eq!(
        at(&both(&with_addresses, operations), "/addresses"),
        r#"[{"type":"work","streetAddress":"7 Harbour Road","country":"NO","primary":true},{"type":"home","locality":"Oslo"}]"#
    );
    let street = r#"[{"op":"replace","path":"addresses[type eq \"work\"].streetAddress","value":"1 Main St"}]"#;
    assert_eq!(
        at(&both(&with_addresses, street), "/addresses/0"),
        r#"{"type":"work","locality":"Ghent","streetAddress":"1 Main St"}"#
    );
}

#[test]
fn replace_attributes_without_a_path() {
    let operations = r#"[{"op":"replace","value":{
        "emails":[{"value":"ada@example.net","type":"work","primary":true}],"nickName":"Countess"}}]"#;
    let after = both(&user(), operations);
    assert_eq!(at(&after, "/emails"), r#"[{"value":"ada@example.net","type":"work","primary":true}]"#);
    assert_eq!(at(&after, "/name"), r#"{"givenName":"Ada","familyName":"Byron"}"#);
}

#[test]
fn extensions_come_and_go() {
    let bare =
        both(&user(), r#"[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}]"#);
    assert_eq!((at(&bare, ENTERPRISE), at(&bare, "/schemas/1")), ("-".to_owned(), "-".to_owned()));
    let forms = [
        r#"[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter","value":"7"}]"#,
        r#"[{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"7"}}}]"#,
        r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"costCenter":"7"}}]"#,
        r#"[{"op":"add","path":"URN:ietf:params:scim:schemas:extension:enterprise:2.0:USER","value":{"COSTCENTER":"7"}}]"#,
    ];
    for operations in forms {
        let after = both(&bare, operations);
        assert_eq!(at(&after, ENTERPRISE), r#"{"costCenter":"7"}"#, "{operations}");
        assert_eq!(at(&after, "/schemas/1"), format!("\"{}\"", urn::ENTERPRISE_USER), "{operations}");
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter";
        let removed = both(&after, &format!(r#"[{{"op":"remove","path":"{enterprise}"}}]"#));
        assert_eq!(removed, bare, "{operations}");
    }
}
