//! Writes that repeat what is there.

use super::stage::{judge, lines, published, told, trace};

const USER: &str = r#"
        setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}
        read GET /Users/u-1 -> 200 {"id":"u-1","meta":{"version":"1"},"userName":"maya","emails":[{"value":"a@example.com","type":"work"}],"roles":[{"value":"r-1"}]}"#;

/// What is told, and how often a repeated write was judged as it should be.
fn after(script: &str) -> (String, u64) {
    let judged = judge(&trace(script), &published());
    let tally = judged.tallies.get(&"state/converges".into()).copied().unwrap_or_default();
    (lines(&judged), tally.conforms)
}

#[test]
fn an_echo_changes_nothing() {
    let echo = r#"write PUT /Users/u-1 {"id":"u-1","meta":{"version":"1"},"userName":"maya","emails":[{"value":"a@example.com","type":"work"}],"roles":[{"value":"r-1"}],"groups":[]} -> 200 {"id":"u-1","userName":"maya"}"#;
    let same = r#"check GET /Users/u-1 -> 200 {"id":"u-1","meta":{"version":"2"},"userName":"maya","roles":[{"value":"r-1","display":"R"}],"emails":[{"value":"a@example.com","type":"work"}]}"#;
    let good = format!("{USER}\n{echo}\n{same}");
    assert_eq!(after(&good).1, 1);
    let bad = good.replace(r#","display":"R"}]"#, r#"},{"value":"r-2"}],"title":"Lead""#);
    insta::assert_snapshot!(told(&bad), @r#"
    #4 state/converges (RFC7644-3.5.1-03) error at body /roles: roles as before the repeated write <> {"value":"r-2"} has come in [breaks: the same write gives another roles each time]
    #4 state/converges (RFC7644-3.5.1-03) error at body /title: no title, as before the repeated write <> title "Lead" [breaks: the same write gives another title each time]
    "#);
    // Somebody else's write lies between, so nothing is known.
    let between = format!("{USER}\nother PATCH /Groups/g {{}} -> 204\n{echo}\n{same}");
    assert_eq!(after(&between).1, 0);
}

#[test]
fn a_write_of_something_else_is_none() {
    let other = r#"write PUT /Users/u-1 {"userName":"maya","title":"Lead"} -> 200 {"id":"u-1","userName":"maya","title":"Lead"}
        check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#;
    assert_eq!(after(&format!("{USER}\n{other}")).1, 0);
}

#[test]
fn the_same_request_twice_without_readings() {
    let put = |end: &str| {
        format!(
            r#"setup POST /Users {{"userName":"maya"}} -> 201 {{"id":"u-1","userName":"maya"}}
            write PUT /Users/u-1 {{"userName":"maya","title":"Lead"}} -> 200 {{"id":"u-1","userName":"maya","title":"Lead","nickName":"m"}}
            write PUT /Users/u-1 {{"userName":"maya","title":"Lead"}} -> 200 {{"id":"u-1","userName":"maya","title":"Lead"{end}}}"#
        )
    };
    assert_eq!(after(&put(r#","nickName":"m""#)).1, 1);
    insta::assert_snapshot!(told(&put("")), @r#"#3 state/converges (RFC7644-3.5.1-03) error at body /nickName: nickName "m", as before the repeated write <> no nickName [breaks: the same write gives another nickName each time]"#);
}

#[test]
fn a_member_added_twice() {
    let add = r#"{"Operations":[{"op":"add","path":"members","value":[{"value":"u-2"}]}]}"#;
    let group = |members: &str| {
        format!(
            r#"setup POST /Groups {{"displayName":"staff"}} -> 201 {{"id":"g","displayName":"staff"}}
            add PATCH /Groups/g {add} -> 204
            check GET /Groups/g -> 200 {{"id":"g","displayName":"staff","members":[{{"value":"u-2"}}]}}
            add PATCH /Groups/g {add} -> 204
            check GET /Groups/g -> 200 {{"id":"g","displayName":"staff","members":[{members}]}}"#
        )
    };
    assert_eq!(after(&group(r#"{"value":"u-2"}"#)), (String::new(), 1));
    // The rule about distinct values tells this.
    assert_eq!(told(&group(r#"{"value":"u-2"},{"value":"u-2"}"#)), "");
    insta::assert_snapshot!(told(&group(r#"{"value":"u-2"},{"value":"u-3"}"#)), @r#"#5 state/converges (RFC7644-3.5.2.1-10) warning at body /members: members as before the repeated write <> {"value":"u-3"} has come in"#);
    // Told by the state already.
    insta::assert_snapshot!(told(&group("")), @r#"#5 state/members-kept (RFC7644-3.2-07) error at body /members: "u-2" stays <> the group is emptied: 1 member expected, 0 left [breaks: the group is emptied]"#);
}
