//! One line a rule: operations, pointer, outcome under each policy (value and readings, or `scimType`).

use super::*;

pub(super) type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

pub(super) fn check(resource: &Json, rows: &[Row<'_>]) {
    for (operations, pointer, by_letter, by_usage) in rows {
        let operations = format!("[{operations}]");
        assert_eq!(outcome(strict(resource, &operations), pointer), *by_letter, "strict {operations}");
        assert_eq!(outcome(tolerant(resource, &operations), pointer), *by_usage, "tolerant {operations}");
    }
}

#[test]
fn operations_and_paths() {
    let user = user();
    check(
        &user,
        &[
            (r#"{"op":"Replace","path":"title","value":"x"}"#, "/title", "invalidSyntax", r#""x" [1]"#),
            (r#"{"op":"move","path":"title","value":"x"}"#, "", "invalidSyntax", "invalidSyntax"),
            (r#"{"path":"title","value":"x"}"#, "", "invalidSyntax", "invalidSyntax"),
            (r#""add""#, "", "invalidSyntax", "invalidSyntax"),
            (r#"{"op":"add","path":7,"value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"add","path":"favourite","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"add","path":"name.favourite","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"add","path":"title.x","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"add","path":"urn:example:other:User:x","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"replace","path":"emails[0].value","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"replace","path":"emails/0","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"replace","path":"emails[type eq \"work\"","value":"x"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"remove","path":"emails[favourite pr]"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"remove","path":"title[value eq \"x\"]"}"#, "", "invalidPath", "invalidPath"),
            (r#"{"op":"remove","path":"emails[primary gt true]"}"#, "", "invalidFilter", "invalidFilter"),
            (r#"{"op":"remove","path":"emails[value eq 5]"}"#, "", "invalidFilter", "invalidFilter"),
            (r#"{"op":"remove"}"#, "", "noTarget", "noTarget"),
            (r#"{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User"}"#, "", "noTarget", "noTarget"),
            (r#"{"op":"add","path":"title"}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"replace","value":"x"}"#, "", "invalidValue", "invalidValue"),
            (
                r#"{"op":"remove","path":"emails[type eq\"work\"]"}"#,
                "/emails/0/type",
                r#""home" [25]"#,
                r#""home" [25]"#,
            ),
            (r#"{"op":"remove","path":"emails[type eq work]"}"#, "/emails/0/type", "invalidPath", r#""home" [25]"#),
            (r#"{"op":"add","path":"NICKNAME","value":"Countess"}"#, "/nickName", r#""Countess""#, r#""Countess""#),
            (r#"{"op":"add","path":"department","value":"Ops"}"#, "", "invalidPath", &with_department("Ops", "[6]")),
        ],
    );
    let spelt = strict(
        &user,
        r#"[{"op":"add","path":"NAME.MIDDLENAME","value":"K"},{"op":"add","path":"NickName","value":"C"}]"#,
    );
    let spelt = spelt.unwrap().resource.to_string();
    assert!(spelt.contains(r#""middleName":"K""#) && spelt.contains(r#""nickName":"C""#), "{spelt}");
}

/// The whole user, with another department and some readings.
fn with_department(department: &str, readings: &str) -> String {
    format!("{} {readings}", user().to_string().replace("Research", department))
}

#[test]
fn messages() {
    let user_type = builtin::user_type();
    let run = |text: &str, policy| apply(&user(), &json(text), &user_type, policy).map_err(|error| error.scim_type);
    let nothing = Ok(Patched { resource: user(), changed: false, readings: Vec::new() });
    let empty = format!(r#"{{"schemas":["{}"],"operations":[]}}"#, urn::PATCH_OP);
    assert_eq!(run(&empty, Policy::Tolerant), nothing);
    assert_eq!(run(&empty, Policy::Strict), Err("invalidSyntax"));
    assert_eq!(run(r#"{"Operations":[]}"#, Policy::Tolerant), nothing);
    let without_schemas = r#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#;
    assert!(run(without_schemas, Policy::Tolerant).is_ok());
    assert_eq!(run(without_schemas, Policy::Strict), Err("invalidSyntax"));
    for text in ["[]", "{}", r#"{"Operations":{}}"#] {
        assert_eq!(run(text, Policy::Tolerant), Err("invalidSyntax"), "{text}");
    }
}

#[test]
fn all_or_nothing() {
    let operations = r#"[{"op":"add","path":"title","value":"x"},{"op":"replace","path":"active","value":7}]"#;
    for result in [strict(&user(), operations), tolerant(&user(), operations)] {
        let error = result.unwrap_err();
        assert_eq!(error.operation, Some(1));
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"operation 2: active wants a boolean, not the number 7 (invalidValue)");
        }
    }
}

#[test]
fn operations_see_what_came_before() {
    let user = user();
    check(
        &user,
        &[
            (
                r#"{"op":"add","path":"emails","value":[{"value":"a@example.net","type":"other"}]},
                   {"op":"replace","path":"emails[type eq \"other\"].value","value":"b@example.net"}"#,
                "/emails/2/value",
                r#""b@example.net""#,
                r#""b@example.net""#,
            ),
            (
                r#"{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":[{"value":"a@example.net"}]}"#,
                "/emails",
                r#"[{"value":"a@example.net"}]"#,
                r#"[{"value":"a@example.net"}]"#,
            ),
        ],
    );
}

#[test]
fn single_valued_attributes() {
    let user = user();
    check(
        &user,
        &[
            (r#"{"op":"add","path":"displayName","value":"A"}"#, "/displayName", r#""A""#, r#""A""#),
            (r#"{"op":"replace","path":"nickName","value":"A"}"#, "/nickName", r#""A""#, r#""A""#),
            (r#"{"op":"remove","path":"displayName"}"#, "/displayName", "-", "-"),
            (r#"{"op":"remove","path":"nickName"}"#, "/nickName", "-", "-"),
            (r#"{"op":"replace","path":"displayName","value":null}"#, "/displayName", "-", "-"),
            (r#"{"op":"replace","path":"displayName","value":[]}"#, "/displayName", "-", "-"),
            (
                r#"{"op":"add","path":"displayName","value":null}"#,
                "/displayName",
                r#""Ada Byron" [9]"#,
                r#""Ada Byron" [9]"#,
            ),
            (r#"{"op":"replace","path":"displayName","value":""}"#, "/displayName", r#""" [9]"#, "- [9]"),
            (r#"{"op":"replace","path":"displayName","value":5}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"replace","path":"displayName","value":["A","B"]}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"replace","path":"displayName","value":["A"]}"#, "/displayName", "invalidValue", r#""A" [10]"#),
            (r#"{"op":"replace","path":"userName","value":""}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"replace","path":"userName","value":null}"#, "", "invalidValue", "invalidValue"),
            (r#"{"op":"remove","path":"userName"}"#, "", "mutability", "mutability"),
            (r#"{"op":"replace","path":"active","value":false}"#, "/active", "false", "false"),
            (r#"{"op":"replace","path":"active","value":"False"}"#, "/active", "invalidValue", "false [11]"),
            (r#"{"op":"replace","path":"active","value":"no"}"#, "", "invalidValue", "invalidValue"),
            (
                r#"{"op":"replace","path":"profileUrl","value":"https://ada.example.com"}"#,
                "/profileUrl",
                r#""https://ada.example.com""#,
                r#""https://ada.example.com""#,
            ),
        ],
    );
}

#[test]
fn complex_attributes() {
    let user = user();
    let merged = r#"{"givenName":"Augusta","familyName":"Byron","middleName":"Ada"}"#;
    check(
        &user,
        &[
            (
                r#"{"op":"add","path":"name","value":{"middleName":"Ada","GIVENname":"Augusta"}}"#,
                "/name",
                merged,
                merged,
            ),
            (
                r#"{"op":"replace","path":"name","value":{"middleName":"Ada","givenName":"Augusta"}}"#,
                "/name",
                merged,
                merged,
            ),
            (
                r#"{"op":"replace","path":"name","value":{"givenName":null}}"#,
                "/name",
                r#"{"familyName":"Byron"}"#,
                r#"{"familyName":"Byron"}"#,
            ),
            (
                r#"{"op":"add","path":"name","value":{"givenName":null}}"#,
                "/name/givenName",
                r#""Ada" [9]"#,
                r#""Ada" [9]"#,
            ),
            (r#"{"op":"replace","path":"name.givenName","value":"A"}"#, "/name/givenName", r#""A""#, r#""A""#),
            (
                r#"{"op":"remove","path":"name.givenName"}"#,
                "/name",
                r#"{"familyName":"Byron"}"#,
                r#"{"familyName":"Byron"}"#,
            ),
            (r#"{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}"#, "/name", "-", "-"),
            (r#"{"op":"replace","path":"name","value":null}"#, "/name", "-", "-"),
            (r#"{"op":"replace","path":"name","value":"Ada"}"#, "", "invalidValue", "invalidValue"),
            (
                r#"{"op":"replace","path":"name","value":{"nobility":"Countess","givenName":"A"}}"#,
                "/name/givenName",
                "invalidValue",
                r#""A" [19]"#,
            ),
        ],
    );
}

#[test]
fn mutability() {
    let user = user();
    let unchanged = user.to_string();
    check(
        &user,
        &[
            (r#"{"op":"replace","path":"id","value":"u-2"}"#, "", "mutability", "mutability"),
            (r#"{"op":"replace","path":"id","value":"u-1001"}"#, "/id", "mutability", r#""u-1001" [7]"#),
            (r#"{"op":"remove","path":"id"}"#, "", "mutability", "mutability"),
            (r#"{"op":"remove","path":"groups"}"#, "", "mutability", "mutability"),
            (r#"{"op":"add","path":"groups","value":[{"value":"g-2"}]}"#, "", "mutability", "mutability"),
            (
                r#"{"op":"replace","path":"meta.created","value":"2026-11-22T08:00:00Z"}"#,
                "",
                "mutability",
                "mutability",
            ),
            (r#"{"op":"replace","path":"meta","value":7}"#, "", "mutability", "mutability"),
            (
                r#"{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName","value":"x"}"#,
                "",
                "mutability",
                "mutability",
            ),
            (r#"{"op":"replace","value":{"id":"u-1001","meta":{"resourceType":"User"}}}"#, "", &unchanged, &unchanged),
            (r#"{"op":"replace","value":{"id":"u-2","groups":[],"title":"x"}}"#, "/title", r#""x" [7]"#, r#""x" [7]"#),
        ],
    );
}

#[test]
fn immutable_is_set_once() {
    let mut schema = (*builtin::user_type()).clone();
    let mut core = (*schema.core).clone();
    for attribute in core.attributes.iter_mut().filter(|a| ["title", "ims"].contains(&a.name.as_str())) {
        attribute.mutability = crate::scim::schema::Mutability::Immutable;
    }
    schema.core = std::sync::Arc::new(core);
    let run = |resource: &Json, operations: &str| apply(resource, &message(operations), &schema, Policy::Tolerant);
    let titled = run(&user(), r#"[{"op":"add","path":"title","value":"x"}]"#).unwrap().resource;
    assert_eq!(run(&titled, r#"[{"op":"replace","path":"title","value":"x"}]"#).map(|p| p.changed), Ok(false));
    for operations in [
        r#"[{"op":"replace","path":"title","value":"y"}]"#,
        r#"[{"op":"replace","value":{"title":"y"}}]"#,
        r#"[{"op":"remove","path":"title"}]"#,
    ] {
        assert_eq!(run(&titled, operations).unwrap_err().scim_type, "mutability", "{operations}");
    }
}

#[test]
fn path_less_values() {
    let user = user();
    let unchanged = user.to_string();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let department = format!("/{enterprise}/department");
    check(
        &user,
        &[
            (
                r#"{"op":"replace","value":{"name.givenName":"A"}}"#,
                "/name",
                "invalidPath",
                r#"{"givenName":"A","familyName":"Byron"} [6]"#,
            ),
            (
                &format!(r#"{{"op":"replace","value":{{"{enterprise}:department":"Ops"}}}}"#),
                &department,
                "invalidPath",
                r#""Ops" [6]"#,
            ),
            (
                &format!(r#"{{"op":"replace","value":{{"{enterprise}":{{"department":"Ops"}}}}}}"#),
                &department,
                r#""Ops""#,
                r#""Ops""#,
            ),
            (
                &format!(r#"{{"op":"replace","value":{{"{enterprise}":{{"manager.value":"u-2"}}}}}}"#),
                &format!("/{enterprise}/manager"),
                "invalidPath",
                r#"{"value":"u-2"} [6]"#,
            ),
            (
                &format!(r#"{{"op":"replace","value":{{"{enterprise}":null}}}}"#),
                &format!("/{enterprise}/department"),
                "-",
                "-",
            ),
            (&format!(r#"{{"op":"replace","value":{{"{enterprise}":"x"}}}}"#), "", "invalidValue", "invalidValue"),
            (
                r#"{"op":"replace","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"title":"x"}}}"#,
                "/title",
                r#""x""#,
                r#""x""#,
            ),
            (r#"{"op":"replace","value":{"favourite":"x"}}"#, "", "invalidPath", &format!("{unchanged} [19]")),
            (
                r#"{"op":"replace","value":{"emails[type eq \"work\"].value":"b@example.com"}}"#,
                "/emails/0/value",
                "invalidPath",
                r#""b@example.com" [6]"#,
            ),
            (
                r#"{"op":"add","value":{"emails":[{"value":"b@example.com"}]}}"#,
                "/emails/2/value",
                r#""b@example.com""#,
                r#""b@example.com""#,
            ),
            (
                r#"{"op":"replace","value":{"emails":[{"value":"b@example.com"}]}}"#,
                "/emails",
                r#"[{"value":"b@example.com"}]"#,
                r#"[{"value":"b@example.com"}]"#,
            ),
            (r#"{"op":"replace","value":{"displayName":null,"Title":"x"}}"#, "/displayName", "-", "-"),
            (r#"{"op":"replace","value":{}}"#, "", &unchanged, &unchanged),
        ],
    );
}

#[test]
fn changing_schemas() {
    let user = user();
    let core = format!(r#"["{}"]"#, urn::USER);
    check(
        &user,
        &[
            (
                r#"{"op":"remove","path":"schemas[value eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"]"}"#,
                "/schemas",
                &core,
                &core,
            ),
            (r#"{"op":"remove","path":"schemas"}"#, "", "mutability", "mutability"),
            (r#"{"op":"replace","path":"schemas","value":["urn:example:other"]}"#, "", "invalidValue", "mutability"),
            (
                r#"{"op":"add","path":"schemas","value":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]}"#,
                "",
                &user.to_string(),
                &user.to_string(),
            ),
        ],
    );
    let removed =
        strict(&user, r#"[{"op":"replace","value":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}}]"#);
    assert_eq!(removed.unwrap().resource.get(urn::ENTERPRISE_USER), None);
}

#[test]
fn a_new_manager_has_no_old_address() {
    let manager = format!("/{}/manager", urn::ENTERPRISE_USER);
    let path = format!("{}:manager", urn::ENTERPRISE_USER);
    check(
        &user(),
        &[
            (
                &format!(r#"{{"op":"replace","path":"{path}","value":{{"value":"u-2"}}}}"#),
                &manager,
                r#"{"value":"u-2"}"#,
                r#"{"value":"u-2"}"#,
            ),
            (
                &format!(r#"{{"op":"replace","path":"{path}.value","value":"u-2"}}"#),
                &manager,
                r#"{"value":"u-2"}"#,
                r#"{"value":"u-2"}"#,
            ),
            (
                &format!(r#"{{"op":"replace","path":"{path}","value":{{"$ref":"../Users/u-2","value":"u-2"}}}}"#),
                &manager,
                r#"{"value":"u-2","$ref":"../Users/u-2"}"#,
                r#"{"value":"u-2","$ref":"../Users/u-2"}"#,
            ),
        ],
    );
}
