//! What Okta, Entra ID and JumpCloud are known to send. The tolerant policy understands all of it.

use super::*;

fn check(resource: &Json, rows: &[(&str, &str, &str)]) {
    for (operations, pointer, expected) in rows {
        assert_eq!(outcome(tolerant(resource, operations), pointer), *expected, "{operations}");
    }
}

const ENTERPRISE: &str = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn okta() {
    check(
        &user(),
        &[
            (r#"[{"op":"replace","value":{"active":false}}]"#, "/active", "false"),
            (r#"[{"op":"replace","value":{"active":true}}]"#, "/active", "true"),
            (r#"[{"op":"replace","value":{"password":"N3w-Pass-Word!"}}]"#, "/password", r#""N3w-Pass-Word!""#),
        ],
    );
    let all = group().get("members").unwrap().to_string();
    check(
        &group(),
        &[
            (r#"[{"op":"add","path":"members","value":[{"value":"u-1","display":"maya"}]}]"#, "/members", &all),
            (r#"[{"op":"replace","value":{"id":"g-1","displayName":"Field Engineers"}}]"#, "", &group().to_string()),
            (r#"[{"op":"replace","value":{"id":"g-1","displayName":"North"}}]"#, "/displayName", r#""North""#),
            (r#"[{"op":"remove","path":"members[value eq \"u-2\"]"}]"#, "/members/1/value", r#""u-3""#),
            (
                r#"[{"op":"remove","path":"members[value eq \"u-1\"]"},{"op":"remove","path":"members[value eq \"u-2\"]"},
                    {"op":"add","path":"members","value":[{"value":"u-4","display":"tomas.okafor@example.com"}]}]"#,
                "/members",
                r#"[{"value":"u-3","type":"User"},{"value":"u-4","display":"tomas.okafor@example.com"}]"#,
            ),
            (r#"[{"op":"replace","path":"members","value":[]}]"#, "/members", "-"),
            (
                r#"[{"op":"replace","value":{"id":"g-1","displayName":"North","members":[{"value":"u-2","display":"x"}]}}]"#,
                "/members",
                r#"[{"value":"u-2","display":"x"}]"#,
            ),
            (
                r#"[{"op":"replace","path":"members","value":[{"value":"u-2","display":null}]}]"#,
                "/members",
                r#"[{"value":"u-2"}]"#,
            ),
            (r#"[{"op":"remove","path":"members[value eq \"u-77\"]"}]"#, "/members", &format!("{all} [3]")),
        ],
    );
}

#[test]
fn okta_pushes_256_members_twice() {
    let members: Vec<Json> = (0..256).map(|n| object([("value", format!("u-{n}").into())])).collect();
    let operations = format!(r#"[{{"op":"add","path":"members","value":{}}}]"#, Json::Array(members));
    let once = tolerant(&group(), &operations).unwrap();
    assert_eq!(once.resource.get("members").and_then(Json::as_array).map(<[Json]>::len), Some(256));
    assert!(!tolerant(&once.resource, &operations).unwrap().changed);
}

#[test]
fn jumpcloud() {
    check(
        &group(),
        &[
            (r#"[{"op":"add","path":"members","value":[{"value":"u-9"}]}]"#, "/members/3", r#"{"value":"u-9"}"#),
            (r#"[{"op":"remove","path":"members[value eq \"u-1\"]"}]"#, "/members/0/value", r#""u-2""#),
            (r#"[{"op":"remove","path":"members","value":[{"value":"u-1"}]}]"#, "/members/0/value", r#""u-2" [2]"#),
        ],
    );
}

#[test]
fn entra_without_the_flag() {
    check(
        &user(),
        &[
            (r#"[{"op":"Replace","path":"displayName","value":"Ada King"}]"#, "/displayName", r#""Ada King" [1]"#),
            (
                r#"[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada.king@example.com"},
                    {"op":"Replace","path":"name.familyName","value":"King"},{"op":"Replace","path":"name.formatted","value":"Ada King"}]"#,
                "/name",
                r#"{"givenName":"Ada","familyName":"King","formatted":"Ada King"} [1]"#,
            ),
            (
                r#"[{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"12 Canal Street"},
                    {"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Ghent"},
                    {"op":"Add","path":"addresses[type eq \"work\"].country","value":"BE"}]"#,
                "/addresses",
                r#"[{"type":"work","streetAddress":"12 Canal Street","locality":"Ghent","country":"BE"}] [1, 5]"#,
            ),
            (
                r#"[{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"+47 555 0199"}]"#,
                "/phoneNumbers",
                r#"[{"type":"mobile","value":"+47 555 0199"}] [1, 4]"#,
            ),
            (r#"[{"op":"Replace","path":"active","value":"False"}]"#, "/active", "false [1, 11]"),
            (r#"[{"op":"Replace","path":"active","value":"True"}]"#, "/active", "true [1, 11]"),
            (r#"[{"op":"Replace","path":"active","value":"false"}]"#, "/active", "false [1, 11]"),
            (r#"[{"op":"Add","path":"active","value":"False"}]"#, "/active", "false [1, 11]"),
            (
                r#"[{"op":"Replace","path":"displayName","value":[{"$ref":null,"value":"Ada B"}]}]"#,
                "/displayName",
                r#""Ada B" [1, 10]"#,
            ),
            (
                r#"[{"op":"Remove","path":"emails[type eq \"work\"].value","value":"ada@example.com"}]"#,
                "/emails/0",
                r#"{"type":"work","primary":true} [1]"#,
            ),
        ],
    );
}

#[test]
fn entra_managers_and_roles_without_the_flag() {
    let manager = format!("{ENTERPRISE}/manager");
    check(
        &user(),
        &[
            (
                r#"[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"u-1010"}]"#,
                &manager,
                r#"{"value":"u-1010"} [1, 38]"#,
            ),
            (
                r#"[{"op":"Add","path":"manager","value":[{"$ref":"https://scim.example.com/scim/v2/Users/u-2","value":"u-2"}]}]"#,
                &manager,
                r#"{"value":"u-2","$ref":"https://scim.example.com/scim/v2/Users/u-2"} [1, 6, 10]"#,
            ),
            (
                r#"[{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""}]"#,
                &manager,
                "- [1, 9, 38]",
            ),
            (
                r#"[{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"0a3c\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}]"#,
                "/roles/0",
                r#"{"value":"{\"id\":\"0a3c\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"} [1]"#,
            ),
            (
                r#"[{"op":"Add","path":"roles[primary eq \"True\"].value","value":"Admin"},
                    {"op":"Add","path":"roles[primary eq \"True\"].display","value":"Admin"}]"#,
                "/roles",
                r#"[{"primary":true,"value":"Admin","display":"Admin"}] [1, 5, 11]"#,
            ),
            (
                r#"[{"op":"Add","path":"roles","value":[{"primary":"True","display":"A","value":"R","type":"T"}]}]"#,
                "/roles",
                r#"[{"primary":true,"display":"A","value":"R","type":"T"}] [1, 11]"#,
            ),
        ],
    );
}

#[test]
fn entra_groups_without_the_flag() {
    check(
        &group(),
        &[
            (
                r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"u-9"}]}]"#,
                "/members/3",
                r#"{"value":"u-9"} [1]"#,
            ),
            (
                r#"[{"op":"Remove","path":"members","value":[{"value":"u-2"}]}]"#,
                "/members",
                r#"[{"value":"u-1","display":"maya"},{"value":"u-3","type":"User"}] [1, 2]"#,
            ),
            (
                r#"[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u-2"}]}]"#,
                "/members/1/value",
                r#""u-3" [1, 2]"#,
            ),
            (r#"[{"op":"Add","path":"externalId","value":"b7d0"}]"#, "/externalId", r#""b7d0" [1]"#),
            ("[]", "", &group().to_string()),
        ],
    );
}

#[test]
fn entra_with_the_flag() {
    check(
        &user(),
        &[
            (r#"[{"op":"replace","path":"active","value":false}]"#, "/active", "false"),
            (r#"[{"op":"add","path":"nickName","value":"Ada"}]"#, "/nickName", r#""Ada""#),
            (
                r#"[{"op":"replace","value":{"displayName":"Ada King","name.givenName":"A","name.familyName":"King",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"40001"}}]"#,
                "/name",
                r#"{"givenName":"A","familyName":"King"} [6]"#,
            ),
            (
                r#"[{"op":"replace","path":"emails[type eq \"other\"].value","value":"o@example.com"},
                    {"op":"replace","path":"emails[type eq \"other\"].primary","value":true},
                    {"op":"replace","value":{"name.formatted":"Ada King"}}]"#,
                "/emails",
                r#"[{"value":"ada@example.com","type":"work","primary":false},{"value":"ada@example.org","type":"home"},{"type":"other","value":"o@example.com","primary":true}] [4, 6]"#,
            ),
            (
                r#"[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Ops"}]"#,
                &format!("{ENTERPRISE}/department"),
                r#""Ops""#,
            ),
            (
                r#"[{"op":"remove","path":"manager[value eq \"u-1009\"]"}]"#,
                ENTERPRISE,
                r#"{"department":"Research"} [6, 38]"#,
            ),
            (r#"[{"op":"remove","path":"manager[value eq \"u-8\"]"}]"#, "/id", r#""u-1001" [3, 6, 38]"#),
            (
                r#"[{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Reader","value":"Reader"}]}]"#,
                "/roles/0",
                r#"{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Reader","value":"Reader"}"#,
            ),
            (r#"[{"op":"replace","path":"title","value":""}]"#, "/title", "- [9]"),
            (r#"[{"op":"replace","path":"title","value":null}]"#, "/title", "-"),
            (
                r#"[{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":null}}}]"#,
                ENTERPRISE,
                r#"{"department":"Research"}"#,
            ),
        ],
    );
}

#[test]
fn entra_with_a_schema_of_the_customer() {
    let schema = json(
        r#"{"id":"urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User","name":"ExampleCo","attributes":[
            {"name":"costRegion","type":"string"},
            {"name":"contacts","type":"complex","multiValued":true,"subAttributes":[
                {"name":"value","type":"string"},{"name":"primary","type":"boolean"}]}]}"#,
    );
    let mut user_type = (*builtin::user_type()).clone();
    user_type.extensions.push((std::sync::Arc::new(crate::scim::schema::Schema::from_json(&schema).0), false));
    let operations = r#"[
        {"op":"replace","path":"urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:contacts[primary eq true].value","value":"desk-4"},
        {"op":"add","value":{"title":"Planner II","urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:costRegion":"AMER"}}]"#;
    let patched = apply(&user(), &message(operations), &user_type, Policy::Tolerant).unwrap();
    assert_eq!(
        patched
            .resource
            .get("urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User")
            .map(ToString::to_string)
            .as_deref(),
        Some(r#"{"contacts":[{"primary":true,"value":"desk-4"}],"costRegion":"AMER"}"#)
    );
    assert_eq!(patched.readings, [4, 6]);
    assert!(patched.resource.pointer("/schemas/2").is_some());
}
