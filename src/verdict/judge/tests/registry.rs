//! Every state check has a case that it accepts and one that it does not; a check without is found here.

use super::stage::{judge, published, trace};
use crate::check::state::CHECKS;
use crate::verdict::Tally;

/// Check, what comes before, a conforming end, a violating end.
const CASES: &[(&str, &str, &str, &str)] = &[
    (
        "state/created",
        r#"create POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"create POST /Users {"userName":"omar","title":"Lead"} -> 201 {"id":"u-2","userName":"omar","title":"lost"}"#,
    ),
    (
        "state/replaced",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
           put PUT /Users/u-1 {"userName":"maya","title":"Boss"} -> 204"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Boss"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
    ),
    (
        "state/patched",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
           patch PATCH /Users/u-1 {"Operations":[{"op":"remove","path":"title"}]} -> 204"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
    ),
    (
        "state/refused",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
           patch PATCH /Users/u-1 {"Operations":[{"op":"replace","path":"title","value":"Boss"},{"op":"remove"}]} -> 400"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Boss"}"#,
    ),
    (
        "state/read-back",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Boss"}"#,
    ),
    (
        "state/stale",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"check GET /Users/u-1 -> 404
           check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
    ),
    (
        "state/active",
        r#"setup POST /Users {"userName":"maya","active":true} -> 201 {"id":"u-1","userName":"maya","active":true}
           off PATCH /Users/u-1 {"Operations":[{"op":"Replace","path":"active","value":"False"}]} -> 204"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":false}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","active":true}"#,
    ),
    (
        "state/member-added",
        r#"setup POST /Groups {"displayName":"staff","members":[{"value":"a"}]} -> 201 {"id":"g","displayName":"staff","members":[{"value":"a"}]}
           add PATCH /Groups/g {"Operations":[{"op":"add","path":"members","value":[{"value":"b"}]}]} -> 204"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"b"},{"value":"a"}]}"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"a"}]}"#,
    ),
    (
        "state/member-removed",
        r#"setup POST /Groups {"displayName":"staff","members":[{"value":"a"},{"value":"b"}]} -> 201 {"id":"g","displayName":"staff","members":[{"value":"a"},{"value":"b"}]}
           remove PATCH /Groups/g {"Operations":[{"op":"remove","path":"members[value eq \"b\"]"}]} -> 204"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"a"}]}"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"b"},{"value":"a"}]}"#,
    ),
    (
        "state/members-kept",
        r#"setup POST /Groups {"displayName":"staff","members":[{"value":"a"}]} -> 201 {"id":"g","displayName":"staff","members":[{"value":"a"}]}
           add PATCH /Groups/g {"Operations":[{"op":"add","path":"members","value":[{"value":"b"}]}]} -> 204"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"a"},{"value":"b"}]}"#,
        r#"check GET /Groups/g -> 200 {"id":"g","displayName":"staff","members":[{"value":"b"}]}"#,
    ),
    (
        "state/no-literal-keys",
        r#"setup POST /Users {"userName":"maya","name":{"givenName":"Maya"}} -> 201 {"id":"u-1","userName":"maya","name":{"givenName":"Maya"}}
           merge PATCH /Users/u-1 {"Operations":[{"op":"replace","value":{"name.givenName":"Maja"}}]} -> 204"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","name":{"givenName":"Maja"}}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","name":{"givenName":"Maya"},"name.givenName":"Maja"}"#,
    ),
    (
        "state/converges",
        r#"setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}
           put PUT /Users/u-1 {"userName":"maya","title":"Lead"} -> 204
           check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead","nickName":"maya 1"}
           put PUT /Users/u-1 {"userName":"maya","title":"Lead"} -> 204"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","meta":{"version":"2"},"userName":"maya","title":"Lead","nickName":"maya 1"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead","nickName":"maya 2"}"#,
    ),
    (
        "state/id-stable",
        r#"setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}"#,
        r#"check GET /Users/u-1 -> 200 {"id":"u-2","userName":"maya"}"#,
    ),
    (
        "state/filter",
        r#"setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}"#,
        r#"look GET /Users?filter=userName+eq+%22maya%22 -> 200 {"totalResults":1,"Resources":[{"id":"u-1"}]}"#,
        r#"look GET /Users?filter=userName+eq+%22maya%22 -> 200 {"totalResults":0,"Resources":[]}"#,
    ),
    (
        "state/list",
        r#"setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}"#,
        r#"look GET /Users -> 200 {"totalResults":1,"Resources":[{"id":"u-1"}]}"#,
        r#"look GET /Users -> 200 {"totalResults":1,"Resources":[{"id":"x-1"}]}"#,
    ),
    (
        "state/projection",
        r#"setup POST /Users {"userName":"maya","title":"Lead"} -> 201 {"id":"u-1","userName":"maya","title":"Lead"}
           check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya","title":"Lead"}"#,
        r#"read GET /Users/u-1?attributes=title -> 200 {"id":"u-1","title":"Lead"}"#,
        r#"read GET /Users/u-1?attributes=title -> 200 {"id":"u-1"}"#,
    ),
    (
        "state/deleted",
        r#"setup POST /Users {"userName":"maya"} -> 201 {"id":"u-1","userName":"maya"}
           delete DELETE /Users/u-1 -> 204"#,
        "check GET /Users/u-1 -> 404",
        r#"check GET /Users/u-1 -> 200 {"id":"u-1","userName":"maya"}"#,
    ),
];

#[test]
fn every_check_accepts_and_refuses() {
    for check in CHECKS {
        let case = CASES.iter().find(|(id, ..)| *id == check.id);
        let (id, before, good, bad) = case.unwrap_or_else(|| panic!("{} has no case", check.id));
        let told = |end: &str| {
            let judged = judge(&trace(&format!("{before}\n{end}")), &published());
            let states = judged
                .tallies
                .iter()
                .filter(|(rule, tally)| rule.starts_with("state/") && tally.errors + tally.warnings > 0);
            let wrong: Vec<String> = states.map(|(rule, _)| rule.clone()).collect();
            (judged.tallies.get(*id).copied().unwrap_or_default(), wrong)
        };
        let (tally, wrong) = told(good);
        assert_eq!(wrong, Vec::<String>::new(), "{id}: {good}");
        assert!(tally.conforms > 0, "{id} has nothing to say about {good}");
        let (tally, wrong) = told(bad);
        assert_eq!(wrong, [(*id).to_owned()], "{id}: {bad}");
        assert!(tally != Tally::default());
    }
}

#[test]
fn every_requirement_is_in_the_catalogue() {
    for check in CHECKS {
        for requirement in check.requirements {
            assert!(crate::requirement::get(requirement).is_some(), "{}: {requirement}", check.id);
        }
    }
}
