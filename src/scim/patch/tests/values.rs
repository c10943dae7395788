//! Values of multi-valued attributes, one line a rule as in [`super::rules`].

use std::sync::Arc;

use super::rules::check;
use super::*;
use crate::scim::schema::Schema;

#[test]
fn adding_values() {
    let user = user();
    let unchanged = user.get("emails").unwrap().to_string();
    check(
        &user,
        &[
            (
                r#"{"op":"add","path":"emails","value":[{"value":"ada@example.com","type":"work","primary":true}]}"#,
                "/emails",
                &unchanged,
                &unchanged,
            ),
            (
                r#"{"op":"add","path":"emails","value":[{"value":"ADA@example.com","type":"work","primary":true}]}"#,
                "/emails",
                &format!("{unchanged} [13]"),
                &format!("{unchanged} [13]"),
            ),
            (
                r#"{"op":"replace","path":"emails","value":[{"value":"b@example.com"},{"value":"b@example.com"}]}"#,
                "/emails",
                r#"[{"value":"b@example.com"}] [13]"#,
                r#"[{"value":"b@example.com"}] [13]"#,
            ),
            (
                r#"{"op":"add","path":"emails","value":[{"value":"ada@example.com","display":"A"}]}"#,
                "/emails",
                &format!("{unchanged} [13]"),
                &format!("{unchanged} [13]"),
            ),
            (
                r#"{"op":"add","path":"emails","value":[{"value":"ada@example.com","type":"other"}]}"#,
                "/emails/2",
                r#"{"value":"ada@example.com","type":"other"} [13]"#,
                r#"{"value":"ada@example.com","type":"other"} [13]"#,
            ),
            (r#"{"op":"add","path":"emails","value":[]}"#, "/emails", &unchanged, &unchanged),
            (
                r#"{"op":"add","path":"emails","value":{"value":"b@example.com"}}"#,
                "/emails/2",
                r#"{"value":"b@example.com"} [10]"#,
                r#"{"value":"b@example.com"} [10]"#,
            ),
            (
                r#"{"op":"add","path":"emails","value":["b@example.com"]}"#,
                "/emails/2",
                "invalidValue",
                r#"{"value":"b@example.com"} [38]"#,
            ),
            (r#"{"op":"add","path":"emails","value":[["b@example.com"]]}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"add","path":"emails","value":[{"value":true}]}"#, "", "invalidValue", "invalidValue"),
        ],
    );
}

#[test]
fn at_most_one_is_primary() {
    let user = user();
    let unchanged = user.get("emails").unwrap().to_string();
    let reset = r#"[{"value":"ada@example.com","type":"work","primary":false},{"value":"ada@example.org","type":"home"},{"value":"b@example.com","primary":true}]"#;
    let second = r#"[{"value":"ada@example.com","type":"work","primary":false},{"value":"ada@example.org","type":"home","primary":true}]"#;
    check(
        &user,
        &[
            (
                r#"{"op":"add","path":"emails","value":[{"value":"b@example.com","primary":true}]}"#,
                "/emails",
                reset,
                reset,
            ),
            (r#"{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}"#, "/emails", second, second),
            (
                r#"{"op":"replace","path":"emails.primary","value":true}"#,
                "/emails",
                "invalidValue",
                &format!("{second} [14]"),
            ),
            (
                r#"{"op":"replace","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}"#,
                "/emails",
                "invalidValue",
                r#"[{"value":"a","primary":false},{"value":"b","primary":true}] [14]"#,
            ),
            (
                r#"{"op":"replace","path":"emails","value":[{"value":"ada@example.org","type":"home"},{"type":"work","primary":true,"value":"ada@example.com"}]}"#,
                "/emails",
                &unchanged,
                &unchanged,
            ),
        ],
    );
}

#[test]
fn replacing_all_values() {
    let user = user();
    check(
        &user,
        &[
            (r#"{"op":"replace","path":"emails","value":[]}"#, "/emails", "-", "-"),
            (r#"{"op":"replace","path":"emails","value":null}"#, "/emails", "-", "-"),
        ],
    );
}

#[test]
fn changing_selected_values() {
    let user = user();
    check(
        &user,
        &[
            (r#"{"op":"replace","path":"emails.display","value":"A"}"#, "/emails/1/display", r#""A""#, r#""A""#),
            (
                r#"{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"A"}}"#,
                "/emails/1",
                r#"{"value":"ada@example.org","type":"home","display":"A"}"#,
                r#"{"value":"ada@example.org","type":"home","display":"A"}"#,
            ),
            (r#"{"op":"replace","path":"emails[type eq \"home\"]","value":null}"#, "/emails/1", "-", "-"),
            (
                r#"{"op":"remove","path":"emails[type eq \"work\"].value"}"#,
                "/emails/0",
                r#"{"type":"work","primary":true}"#,
                r#"{"type":"work","primary":true}"#,
            ),
            (r#"{"op":"remove","path":"emails[value co \"ada\"]"}"#, "/emails", "-", "-"),
        ],
    );
}

#[test]
fn changing_what_is_not_there() {
    let user = user();
    let unchanged = user.get("emails").unwrap().to_string();
    check(
        &user,
        &[
            (
                r#"{"op":"remove","path":"emails[type eq \"fax\"]"}"#,
                "/emails",
                &format!("{unchanged} [3]"),
                &format!("{unchanged} [3]"),
            ),
            (
                r#"{"op":"replace","path":"emails[type eq \"fax\"]","value":{"value":"f"}}"#,
                "/emails/2",
                "noTarget",
                r#"{"type":"fax","value":"f"} [4]"#,
            ),
            (
                r#"{"op":"add","path":"emails[type eq \"fax\"].value","value":"f"}"#,
                "/emails/2",
                "noTarget",
                r#"{"type":"fax","value":"f"} [5]"#,
            ),
            (r#"{"op":"add","path":"emails[type sw \"fax\"].value","value":"f"}"#, "", "noTarget", "noTarget"),
            (
                r#"{"op":"replace","path":"phoneNumbers.value","value":"+1 555 0100"}"#,
                "/phoneNumbers",
                "noTarget",
                r#"[{"value":"+1 555 0100"}] [4]"#,
            ),
            (
                r#"{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":""}"#,
                "/phoneNumbers",
                "noTarget",
                "- [4, 9]",
            ),
        ],
    );
}

#[test]
fn members_of_a_group() {
    let group = group();
    let rest = r#"[{"value":"u-1","display":"maya"},{"value":"u-3","type":"User"}]"#;
    let all = group.get("members").unwrap().to_string();
    check(
        &group,
        &[
            (
                r#"{"op":"remove","path":"members","value":[{"value":"u-2"}]}"#,
                "/members",
                "- [2]",
                &format!("{rest} [2]"),
            ),
            (
                r#"{"op":"remove","path":"members","value":{"value":"u-2"}}"#,
                "/members",
                "- [2]",
                &format!("{rest} [2]"),
            ),
            (r#"{"op":"remove","path":"members","value":["u-2"]}"#, "/members", "- [2]", &format!("{rest} [2]")),
            (r#"{"op":"remove","path":"members","value":[]}"#, "/members", "- [2]", &format!("{all} [2]")),
            (r#"{"op":"remove","path":"members","value":null}"#, "/members", "-", "-"),
            (
                r#"{"op":"remove","path":"members[value eq \"u-8\"]"}"#,
                "/members",
                &format!("{all} [3]"),
                &format!("{all} [3]"),
            ),
            (r#"{"op":"add","path":"members","value":[{"value":"u-1"},{"value":"u-3"}]}"#, "/members", &all, &all),
            (
                r#"{"op":"replace","path":"members[value eq \"u-1\"].value","value":"u-8"}"#,
                "",
                "mutability",
                "mutability",
            ),
            (r#"{"op":"remove","path":"members[value eq \"u-1\"].value"}"#, "", "mutability", "mutability"),
            (
                r#"{"op":"replace","path":"members","value":[{"value":"u-8"}]}"#,
                "/members",
                r#"[{"value":"u-8"}]"#,
                r#"[{"value":"u-8"}]"#,
            ),
            (
                r#"{"op":"add","path":"members","value":[{"value":"u-8","label":"x"}]}"#,
                "/members/3",
                "invalidValue",
                r#"{"value":"u-8"} [19]"#,
            ),
            (r#"{"op":"remove","path":"displayName"}"#, "", "mutability", "mutability"),
        ],
    );
}

/// No schema of the RFCs has a sub-attribute with several values; those of products do.
#[test]
fn lists_within_a_value() {
    let schema = json(
        r#"{"id":"urn:example:Room","name":"Room","attributes":[{"name":"door","type":"complex","subAttributes":[
        {"name":"codes","type":"string","multiValued":true}]}]}"#,
    );
    let (core, problems) = Schema::from_json(&schema);
    assert_eq!(problems, []);
    let schema = ResourceSchema {
        name: "Room".to_owned(),
        endpoint: "/Rooms".to_owned(),
        core: Arc::new(core),
        extensions: Vec::new(),
    };
    let room = json(r#"{"id":"r-1","door":{"codes":["1"]}}"#);
    let cases = [
        (r#"{"op":"add","path":"door.codes","value":["2","1"]}"#, r#"["1","2"]"#),
        (r#"{"op":"replace","path":"door.codes","value":["2","3","2"]}"#, r#"["2","3"]"#),
        (r#"{"op":"replace","path":"door","value":{"codes":["2"]}}"#, r#"["2"]"#),
        (r#"{"op":"replace","path":"door.codes","value":[]}"#, "-"),
        (r#"{"op":"replace","path":"door.codes","value":[1]}"#, "invalidValue"),
        (r#"{"op":"remove","path":"door.codes"}"#, "-"),
    ];
    for (operation, expected) in cases {
        let patched = apply(&room, &message(&format!("[{operation}]")), &schema, Policy::Strict);
        assert_eq!(outcome(patched, "/door/codes"), expected, "{operation}");
    }
}
