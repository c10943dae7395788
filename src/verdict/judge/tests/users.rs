//! Users: what was written, what is read.

use super::stage::{judge, lines, published, told, trace};
use crate::facts::Facts;

/// A conforming server, in its many ways: other order, other spelling of names, additions of its own, 204 for 200.
#[test]
fn tells_nothing_of_a_conforming_server() {
    let script = r#"
        lookup GET /Users?filter=userName%20eq%20%22maya@example.com%22 -> 200 {"totalResults":0}
        create POST /Users {"schemas":["s"],"userName":"maya@example.com","name":{"givenName":"Maya","familyName":"Lind"},"emails":[{"primary":true,"value":"Maya@example.com","type":"work"}],"title":"Engineer","active":true,"password":"x","groups":[],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":"u-9"}} -> 201 {"active":true,"Title":"Engineer","id":"u-1","meta":{"version":"1"},"userName":"maya@example.com","displayName":"Maya Lind","name":{"formatted":"Maya Lind","familyName":"Lind","givenName":"Maya"},"emails":[{"value":"maya@example.com","type":"Work","primary":true,"display":"x"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9","displayName":"Boss"}}}
        check GET /Users/u-1 -> 200 {"active":true,"title":"Engineer","id":"u-1","meta":{"version":"2"},"userName":"maya@example.com","displayName":"Maya Lind","name":{"formatted":"Maya Lind","familyName":"Lind","givenName":"Maya"},"emails":[{"value":"maya@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9"}}}
        lookup GET /Users?filter=userName%20eq%20%22MAYA@example.com%22&startIndex=1&count=100 -> 200 {"totalResults":1,"Resources":[{"id":"u-1","userName":"maya@example.com"}]}
        rename PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"title","value":"Lead"},{"op":"Replace","path":"name.familyName","value":"Berg"}]} -> 204
        check GET /Users/u-1 -> 200 {"active":true,"title":"Lead","id":"u-1","meta":{"version":"3"},"userName":"maya@example.com","displayName":"Maya Berg","name":{"formatted":"Maya Berg","familyName":"Berg","givenName":"Maya"},"emails":[{"value":"maya@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9"}}}
        off PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"active","value":"False"}]} -> 200 {"active":false,"title":"Lead","id":"u-1","userName":"maya@example.com","displayName":"Maya Berg","name":{"familyName":"Berg","givenName":"Maya"},"emails":[{"value":"maya@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9"}}}
        check GET /Users/u-1 -> 200 {"active":false,"title":"Lead","id":"u-1","userName":"maya@example.com","displayName":"Maya Berg","name":{"familyName":"Berg","givenName":"Maya"},"emails":[{"value":"maya@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"u-9"}}}
        delete DELETE /Users/u-1 -> 204
        check GET /Users/u-1 -> 404
        delete DELETE /Users/u-1 -> 404
        lookup GET /Users?filter=userName%20eq%20%22maya@example.com%22 -> 200 {"totalResults":0,"Resources":[]}
    "#;
    let judged = judge(&trace(script), &published());
    assert_eq!(lines(&judged), "");
    let counted: Vec<_> = judged.tallies.iter().map(|(rule, tally)| format!("{rule} {}", tally.conforms)).collect();
    insta::assert_debug_snapshot!(counted, @r#"
    [
        "state/active 1",
        "state/created 2",
        "state/deleted 2",
        "state/filter 3",
        "state/id-stable 3",
        "state/patched 3",
        "state/read-back 3",
        "state/stale 3",
    ]
    "#);
}

#[test]
fn a_dropped_attribute() {
    let script = r#"
        create POST /Users {"userName":"maya","title":"Engineer","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D"}} -> 201 {"id":"u-1","userName":"maya"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}
        again GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #3 state/created (RFC7644-3.3-01) error at body /title: title "Engineer" <> no title [breaks: title is lost when the user is created]
    #3 state/created (RFC7644-3.3-01) error at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department: department "R&D" <> no department [breaks: department is lost when the user is created]
    "#);
    let without_extension = Facts { published: vec![crate::scim::urn::USER.to_owned()], ..published() };
    insta::assert_snapshot!(lines(&judge(&trace(script), &without_extension)), @r#"#3 state/created (RFC7644-3.3-01) error at body /title: title "Engineer" <> no title [breaks: title is lost when the user is created]"#);
    insta::assert_snapshot!(lines(&judge(&trace(script), &Facts::default())), @r#"
    #3 state/created (RFC7644-3.3-01) warning at body /title: title "Engineer" <> no title
    #3 state/created (RFC7644-3.3-01) warning at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department: department "R&D" <> no department
    "#);
}

#[test]
fn an_answer_that_leaves_out_what_is_stored() {
    let script = r#"
        create POST /Users {"userName":"maya","title":"Engineer"} -> 201 {"id":"u-1","userName":"maya"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Engineer"}
        rename PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Lead"}]} -> 200 {"id":"u-1","userName":"maya"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        rename PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Boss"}]} -> 200 {"id":"u-1","userName":"maya"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #1 state/created (RFC7644-3.3-08) warning at body: the resource as it is stored <> no title, which the resource has
    #3 state/patched (RFC7644-3.5.2-27) error at body: the whole resource, or 204 without a body <> no title, which the resource has
    #5 state/patched undetermined: the answer leaves out title, and nothing was read afterwards
    "#);
}

/// What a later write takes away again tells nothing of the answer before it.
#[test]
fn an_answer_that_leaves_out_what_a_later_write_removes() {
    let script = r#"
        create POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}
        replace PUT /Users/u-1 {"userName":"maya","title":"Lead"} -> 200 {"id":"u-1","userName":"maya"}
        again PUT /Users/u-1 {"userName":"maya","title":null} -> 200 {"id":"u-1","userName":"maya"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}
    "#;
    assert_eq!(told(script), "");
}

/// A value that is given twice with the same type need be shown once (RFC 7643 section 2.4); two types are two values.
#[test]
fn an_element_that_is_given_twice() {
    let shown = |again: &str, emails: &str| {
        told(&format!(
            r#"
            create POST /Users {{"userName":"maya","emails":[{{"value":"m@example.com","type":"work"}},{{"value":"m@example.com","type":"{again}"}}]}} -> 201 {{"id":"u-1","userName":"maya","emails":[{emails}]}}
            check GET /Users/u-1 -> 200 {{"id":"u-1","userName":"maya","emails":[{emails}]}}
            "#
        ))
    };
    let one = r#"{"value":"m@example.com","type":"work"}"#;
    assert_eq!(shown("work", one), "");
    assert!(shown("home", one).contains("state/created"));
    assert!(shown("work", r#"{"value":"n@example.com","type":"work"}"#).contains("state/created"));
    let streets = told(
        r#"
        create POST /Users {"userName":"maya","addresses":[{"type":"work","locality":"Oslo"},{"type":"work","locality":"Turku"}]} -> 201 {"id":"u-1","userName":"maya","addresses":[{"type":"work","locality":"Oslo"}]}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","addresses":[{"type":"work","locality":"Oslo"}]}
        "#,
    );
    assert!(streets.contains("Turku"), "{streets}");
}

#[test]
fn values_that_the_target_makes_or_spells_itself() {
    let script = r#"
        create POST /Users {"userName":"maya","displayName":"M. Lind","name":{"givenName":"Maya","familyName":"Lind","formatted":"Lind, Maya"},"externalId":"e-1","phoneNumbers":[{"value":"+46 8 123 45","type":"work"}],"preferredLanguage":"en_US"} -> 201 {"id":"u-1","userName":"maya","displayName":"Maya Lind","name":{"givenName":"Maya","familyName":"Lind","formatted":"Maya Lind"},"phoneNumbers":[{"value":"tel:+46-8-12345","type":"work"}],"preferredLanguage":"en-US"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","displayName":"Maya Lind","name":{"givenName":"Maya","familyName":"Lind","formatted":"Maya Lind"},"phoneNumbers":[{"value":"tel:+46-8-12345","type":"work"}],"preferredLanguage":"en-US"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #1 state/created (RFC7644-3.3-01) note at body /displayName: displayName "M. Lind" <> displayName "Maya Lind"
    #1 state/created (RFC7644-3.3-01) note at body /name/formatted: name.formatted "Lind, Maya" <> name.formatted "Maya Lind"
    #1 state/created (RFC7644-3.3-01) note at body /phoneNumbers/0/value: phoneNumbers.value "+46 8 123 45" <> phoneNumbers.value "tel:+46-8-12345"
    #1 state/created (RFC7644-3.3-01) note at body /preferredLanguage: preferredLanguage "en_US" <> preferredLanguage "en-US"
    #2 state/created (RFC7644-3.3-01) note at body /externalId: externalId "e-1" <> no externalId
    "#);
}

#[test]
fn a_patch_without_effect_and_one_with_too_much() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Engineer","displayName":"Maya","nickName":"M"} -> 201 {"id":"u-1","userName":"maya","title":"Engineer","displayName":"Maya","nickName":"M"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Engineer","displayName":"Maya","nickName":"M"}
        rename PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"displayName","value":"Maja"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Engineer","displayName":"Maya","nickName":"M"}
        promote PATCH /Users/u-1 {"Operations":[{"op":"replace","value":{"title":"Lead"}},{"op":"remove","path":"nickName"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead","nickName":"M"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #4 state/patched (RFC7644-3.5.2.3-02) error at body /displayName: displayName "Maja" <> displayName "Maya" [breaks: the change of displayName does not arrive]
    #6 state/patched (RFC7644-3.2-07) error at body /displayName: displayName "Maya", as before <> no displayName [breaks: displayName is lost when something else changes]
    #6 state/patched (RFC7644-3.5.2.2-02) error at body /nickName: no nickName <> nickName "M" [breaks: the change of nickName does not arrive]
    "#);
}

#[test]
fn active_as_a_string() {
    let script = r#"
        setup POST /Users {"userName":"maya","active":true} -> 201 {"id":"u-1","userName":"maya","active":true}
        off PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"active","value":"False"}]} -> 200 {"id":"u-1","userName":"maya","active":true}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":true}
        off PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"active","value":"False"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":"False"}
        perhaps-on PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"active","value":"True"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":false}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #2 state/active (RFC7643-4.1.1-20) error at body /active: active false, as "False" was sent <> active true [breaks: the user stays active]
    #5 state/active (RFC7643-2.3.2-01) error at body /active: active false, as "False" was sent <> active "False" [breaks: active comes back as a string]
    #7 state/active (RFC7643-4.1.1-20) error at body /active: active true, as "True" was sent <> active false
    "#);
}

#[test]
fn a_put_that_keeps_and_one_that_does_not_clear() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Engineer","nickName":"M"} -> 201 {"id":"u-1","userName":"maya","title":"Engineer","nickName":"M"}
        put PUT /Users/u-1 {"id":"u-1","userName":"maya","title":null} -> 200 {"id":"u-1","userName":"maya","title":"Engineer","nickName":"M"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Engineer","nickName":"M"}
        put PUT /Users/u-1 {"id":"u-1","userName":"omar","title":"Lead","nickName":"M"} -> 200 {"id":"u-1","userName":"omar","title":"Engineer","nickName":"M"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"omar","title":"Lead","nickName":"M"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #2 state/replaced (RFC7643-2.5-02) error at body /title: no title <> title "Engineer" [breaks: the change of title does not arrive]
    #2 state/replaced (RFC7644-3.5.1-05) note at body /nickName: no nickName <> nickName "M"
    #4 state/replaced (RFC7644-3.5.1-03) error at body /title: title "Lead" <> title "Engineer" [breaks: the change of title does not arrive]
    "#);
}

#[test]
fn dotted_keys() {
    let urn = crate::scim::urn::ENTERPRISE_USER;
    let script = format!(
        r#"
        setup POST /Users {{"userName":"maya","name":{{"givenName":"Maya"}}}} -> 201 {{"id":"u-1","userName":"maya","name":{{"givenName":"Maya"}}}}
        merge PATCH /Users/u-1 {{"Operations":[{{"op":"replace","value":{{"name.givenName":"Maja","{urn}:department":"R&D"}}}}]}} -> 204
        check GET /Users/u-1 -> 200 {{"id":"u-1","userName":"maya","name":{{"givenName":"Maya"}},"name.givenName":"Maja","{urn}:department":"R&D"}}
        again GET /Users/u-1 -> 200 {{"id":"u-1","userName":"maya","name":{{"givenName":"Maya"}},"name.givenName":"Maja","{urn}:department":"R&D"}}
        "#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #4 state/no-literal-keys (RFC7643-2.1-03) error at body /name.givenName: name.givenName in its place <> a member that is called "name.givenName" [breaks: name.givenName is stored under a name that nobody reads]
    #4 state/no-literal-keys (RFC7643-2.1-03) error at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: department in its place <> a member that is called "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:… [breaks: department is stored under a name that nobody reads]
    "#);
}

#[test]
fn a_manager_as_a_string() {
    let urn = crate::scim::urn::ENTERPRISE_USER;
    let script = format!(
        r#"
        setup POST /Users {{"userName":"maya"}} -> 201 {{"id":"u-1","userName":"maya"}}
        manager PATCH /Users/u-1 {{"Operations":[{{"op":"Add","path":"{urn}:manager","value":"u-9"}}]}} -> 204
        check GET /Users/u-1 -> 200 {{"id":"u-1","userName":"maya"}}
        "#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #3 state/patched (RFC7644-3.5.2.1-08) warning at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager: manager {"value":"u-9"} <> no manager
    #3 entra/state/patched error at body /urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager: manager {"value":"u-9"} <> no manager [breaks: the change of manager does not arrive]
    "#);
}

#[test]
fn a_refused_patch_that_was_applied_in_part() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Engineer"} -> 201 {"id":"u-1","userName":"maya","title":"Engineer"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Lead"},{"op":"remove"}]} -> 400 {"scimType":"noTarget"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
    "#;
    insta::assert_snapshot!(told(script), @r#"#4 state/refused (RFC7644-3.5.2-24) error at body /title: title "Engineer", as before <> title "Lead" [breaks: title changes although the request is refused]"#);
}

#[test]
fn a_failed_write_makes_the_next_reading_believed() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Engineer"} -> 201 {"id":"u-1","userName":"maya","title":"Engineer"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Lead"}]} -> 500
        read GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Boss"}]} -> time-out
        read GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        read GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Boss"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #4 wire/answered error at wire: an answer <> no answer within 60 s [breaks: the request is not answered]
    #6 state/read-back (RFC7644-3.1-06) error at body /title: title "Lead" <> title "Boss" [breaks: title of the user is not what was written]
    "#);
}

#[test]
fn an_old_state_that_passes_and_one_that_stays() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Engineer"} -> 201 {"id":"u-1","userName":"maya","title":"Engineer"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Lead"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Engineer"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        change PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Boss"}]} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        delete DELETE /Users/u-1 -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        check GET /Users/u-1 -> 404
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #3 state/stale (RFC7644-3.1-06) warning at body /title: title "Lead" <> title "Engineer"; right when read again
    #7 state/patched (RFC7644-3.5.2.3-02) error at body /title: title "Boss" <> title "Lead" [breaks: the change of title does not arrive]
    #9 state/stale (RFC7644-3.1-06) warning at status: 404 Not Found <> 200 OK; right when read again
    "#);
}

#[test]
fn what_was_deleted_is_still_there() {
    let script = r#"
        setup POST /Users {"userName":"maya","active":true} -> 201 {"id":"u-1","userName":"maya","active":true}
        delete DELETE /Users/u-1 -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":false}
        delete DELETE /Users/u-1 -> 204
        lookup GET /Users?filter=userName%20eq%20%22maya%22 -> 200 {"totalResults":1,"Resources":[{"id":"u-1","userName":"maya","active":false}]}
        setup POST /Users {"userName":"omar"} -> 201 {"id":"u-1","userName":"omar"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #3 state/deleted (RFC7644-3.6-02) error at status: 404 Not Found <> 200 OK, deactivated instead of deleted [breaks: the user is still there after its deletion]
    #4 state/deleted (RFC7644-3.6-05) warning at status: 404 Not Found <> 204 No Content
    #5 state/deleted (RFC7644-3.6-06) error at body /Resources/0: nothing of the user "maya", which was deleted <> it is listed [breaks: the user is still found after its deletion]
    #6 state/id-stable (RFC7643-3.1-09) error at body /id: an id that no resource had before <> "u-1", the id of a deleted one
    "#);
}

#[test]
fn what_was_written_is_not_there() {
    let script = r#"
        create POST /Users {"userName":"maya","active":true} -> 201 {"id":"u-1","userName":"maya","active":true}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":true}
        off PATCH /Users/u-1 {"Operations":[{"op":"replace","value":{"active":false}}]} -> 204
        check GET /Users/u-1 -> 404
        lookup GET /Users?filter=userName%20eq%20%22maya%22 -> 200 {"totalResults":0,"Resources":[]}
        setup POST /Users {"userName":"omar"} -> 201 {"id":"u-2","userName":"omar"}
        check GET /Users/u-2 -> 200 {"id":"u-3","userName":"omar"}
    "#;
    insta::assert_snapshot!(told(script), @r#"
    #4 state/read-back (RFC7643-4.1.1-20) error at status: 200 with the user "maya" <> 404 Not Found [breaks: the user cannot be read once deactivated, and never comes back]
    #7 state/id-stable (RFC7643-3.1-08) error at body /id: id "u-2" <> id "u-3"
    "#);
}

#[test]
fn a_write_that_was_put_off_and_repeated() {
    let script = r#"
        setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
        put PUT /Users/u-1 {"userName":"maya","title":"Boss"} -> 429
        put PUT /Users/u-1 {"userName":"maya","title":"Boss"} -> 204
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        put PUT /Users/u-1 {"userName":"maya","title":"Head"} -> 500
        put PUT /Users/u-1 {"userName":"maya","title":"Head"} -> 200 {"id":"u-1","userName":"maya","title":"Head"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Head"}
    "#;
    insta::assert_snapshot!(told(script), @r#"#4 state/replaced (RFC7644-3.5.1-03) error at body /title: title "Boss" <> title "Lead" [breaks: the change of title does not arrive]"#);
}
