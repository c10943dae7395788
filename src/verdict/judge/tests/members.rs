//! Groups and their members.

use super::stage::{judge, lines, told, trace_with};
use crate::facts::Facts;

const GROUP: &str = r#"
        setup POST /Groups {"displayName":"staff","members":[{"value":"u-1"},{"value":"u-2"},{"value":"u-3"}]} -> 201 {"id":"g-1","displayName":"staff","members":[{"value":"u-1","display":"Maya"},{"value":"u-2"},{"value":"u-3"}]}
        check GET /Groups/g-1 -> 200 {"id":"g-1","displayName":"staff","members":[{"value":"u-1"},{"value":"u-2"},{"value":"u-3"}]}"#;

const ENTRA: &str = r#"{"Operations":[{"op":"Remove","path":"members","value":[{"value":"u-2"}]}]}"#;
const FILTER: &str = r#"{"Operations":[{"op":"remove","path":"members[value eq \"u-2\"]"}]}"#;

fn after(patch: &str, members: &str) -> String {
    told(&format!(
        r#"{GROUP}
        remove PATCH /Groups/g-1 {patch} -> 204
        check GET /Groups/g-1 -> 200 {{"id":"g-1","displayName":"staff","members":{members}}}"#
    ))
}

#[test]
fn removed_one_and_only_one() {
    assert_eq!(after(ENTRA, r#"[{"value":"u-3"},{"value":"u-1","type":"User","$ref":"x"}]"#), "");
    assert_eq!(after(FILTER, r#"[{"value":"u-1"},{"value":"u-3"}]"#), "");
}

#[test]
fn the_group_is_emptied() {
    insta::assert_snapshot!(after(ENTRA, "[]"), @r#"
    #4 state/members-kept (RFC7644-3.5.2.2-04) note at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left
    #4 entra/state/members-kept error at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left [breaks: the group is emptied]
    "#);
    insta::assert_snapshot!(after(FILTER, "[]"), @r#"#4 state/members-kept (RFC7644-3.5.2.2-04) error at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left [breaks: the group is emptied]"#);
}

#[test]
fn the_member_stays() {
    let all = r#"[{"value":"u-1"},{"value":"u-2"},{"value":"u-3"}]"#;
    insta::assert_snapshot!(after(ENTRA, all), @r#"#4 state/member-removed (RFC7644-3.5.2.2-04) error at body /members/1: no member "u-2" <> still a member [breaks: the member stays in the group]"#);
    insta::assert_snapshot!(after(FILTER, all), @r#"#4 state/member-removed (RFC7644-3.5.2.2-04) error at body /members/1: no member "u-2" <> still a member [breaks: the member stays in the group]"#);
}

#[test]
fn another_one_goes_with_it() {
    insta::assert_snapshot!(after(FILTER, r#"[{"value":"u-1"}]"#), @r#"#4 state/members-kept (RFC7644-3.5.2.2-04) error at body /members: "u-3" stays <> "u-3" gone: 2 members expected, 1 left [breaks: other members lose the group]"#);
}

#[test]
fn an_inferred_request_breaks_nothing() {
    let script = format!(
        r#"{GROUP}
        perhaps PATCH /Groups/g-1 {ENTRA} -> 204
        check GET /Groups/g-1 -> 200 {{"id":"g-1","displayName":"staff"}}"#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #4 state/members-kept (RFC7644-3.5.2.2-04) note at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left
    #4 entra/state/members-kept note at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left
    "#);
}

#[test]
fn additions() {
    let add = r#"{"Operations":[{"op":"Add","path":"members","value":[{"value":"u-4"},{"value":"u-1"}]}]}"#;
    let four = r#"[{"value":"u-1"},{"value":"u-2"},{"value":"u-3"},{"value":"u-4"}]"#;
    assert_eq!(after(add, four), "");
    insta::assert_snapshot!(after(add, r#"[{"value":"u-1"},{"value":"u-2"},{"value":"u-3"}]"#), @r#"#4 state/member-added (RFC7644-3.5.2.1-06) error at body /members: "u-4" among the members <> not among them [breaks: the member does not get into the group]"#);
    insta::assert_snapshot!(after(add, r#"[{"value":"u-4"},{"value":"u-1"}]"#), @r#"#4 state/members-kept (RFC7644-3.5.2.1-06) error at body /members: "u-2" and "u-3" stay <> "u-2" and "u-3" gone: 4 members expected, 2 left [breaks: other members lose the group]"#);
    insta::assert_snapshot!(after(add, &four.replace(r#""u-3"}"#, r#""u-3"},{"value":"u-1"}"#)), @"");
}

#[test]
fn an_answer_without_the_members() {
    let script = format!(
        r#"{GROUP}
        remove PATCH /Groups/g-1 {FILTER} -> 200 {{"id":"g-1","displayName":"staff"}}
        check GET /Groups/g-1 -> 200 {{"id":"g-1","displayName":"staff","members":[{{"value":"u-1"}},{{"value":"u-3"}}]}}
        read GET /Groups/g-1?excludedAttributes=members -> 200 {{"id":"g-1","displayName":"staff"}}
        read GET /Groups/g-1?excludedAttributes=members -> 200 {{"id":"g-1","displayName":"staff","members":[{{"value":"u-1"}},{{"value":"u-3"}}]}}
        rename PATCH /Groups/g-1 {{"Operations":[{{"op":"replace","value":{{"id":"g-1","displayName":"people"}}}}]}} -> 204
        check GET /Groups/g-1 -> 200 {{"id":"g-1","displayName":"people","members":[{{"value":"u-1"}},{{"value":"u-3"}}]}}
        only GET /Groups/g-1?attributes=members -> 200 {{"id":"g-1"}}"#
    );
    insta::assert_snapshot!(told(&script), @r#"
    #3 state/patched (RFC7644-3.5.2-27) error at body: the whole resource, or 204 without a body <> no members, which the resource has
    #9 state/members-kept (RFC7644-3.2-07) error at body /members: "u-1" and "u-3" stay <> the group is emptied: 2 members expected, 0 left [breaks: the group is emptied]
    "#);
}

#[test]
fn pushed_as_a_whole() {
    let replace = r#"{"Operations":[{"op":"replace","path":"members","value":[{"value":"u-1"},{"value":"u-5"}]}]}"#;
    assert_eq!(after(replace, r#"[{"value":"u-5"},{"value":"u-1"}]"#), "");
    insta::assert_snapshot!(after(replace, r#"[{"value":"u-5"},{"value":"u-1"},{"value":"u-2"}]"#), @r#"#4 state/member-removed (RFC7644-3.5.2.3-03) error at body /members/2: no member "u-2" <> still a member [breaks: the member stays in the group]"#);
    let empty = r#"{"Operations":[{"op":"replace","path":"members","value":[]}]}"#;
    assert_eq!(after(empty, "[]"), "");
    insta::assert_snapshot!(after(empty, r#"[{"value":"u-1"}]"#), @r#"#4 state/member-removed (RFC7644-3.5.2.3-03) error at body /members/0: no member "u-1" <> still a member [breaks: the member stays in the group]"#);
}

#[test]
fn created_without_its_members() {
    let script = r#"
        create POST /Groups {"displayName":"staff","members":[{"value":"u-1"}]} -> 201 {"id":"g-1","displayName":"staff"}
        read GET /Groups/g-1 -> 200 {"id":"g-1","displayName":"staff","members":[]}"#;
    let trace = trace_with(script, Vec::new(), |step| step.breaks = Some("groups are not created".to_owned()));
    insta::assert_snapshot!(lines(&judge(&trace, &Facts::default())), @r#"#2 state/member-added (RFC7644-3.3-01) error at body /members: "u-1" among the members <> not among them [breaks: the group is created without its members]"#);
}
