use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::exchange::{Exchange, Origin, Place, Received, Sent};
use crate::profile::catalogue::builtin;
use crate::trace::Turn;

fn turn(method: &str, resource: &str, status: u16, body: &str) -> Turn {
    let place = Place { variant: "okta".into(), scenario: "s".into(), round: 0, step: method.to_lowercase() };
    let exchange = Exchange {
        seq: 1,
        place,
        origin: Origin::Client,
        at: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        sent: Sent {
            method: method.into(),
            target: format!("/scim{resource}"),
            resource: resource.into(),
            headers: Vec::new(),
            body: None,
        },
        got: Ok(Received::new(
            status,
            String::new(),
            vec![("Content-Type".into(), "application/scim+json".into()), ("ETag".into(), "W/\"9\"".into())],
            body.as_bytes().to_vec(),
            Vec::new(),
        )),
    };
    Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on: true, at_once: false }
}

fn trace(id: &str, word: &str, active: bool) -> Trace {
    let user = format!(
        r#"{{"id":"{id}","userName":"maya-{word}@example.com","active":{active},"emails":[{{"value":"Maya-{word}@example.com"}}],
        "meta":{{"created":"2026-01-01T00:00:0{}Z","location":"http://127.0.0.1:{}/scim/Users/{id}","version":"W/\"9\""}}}}"#,
        id.len(),
        id.len()
    );
    let list = format!(r#"{{"totalResults":{},"Resources":[{{"id":"x","userName":"stranger"}},{user}]}}"#, id.len());
    Trace {
        place: Place { variant: "okta:app=aiw".into(), scenario: "s".into(), round: 0, step: String::new() },
        profile: builtin("okta").unwrap().unwrap(),
        turns: vec![turn("POST", "/Users", 201, &user), turn("GET", "/Users?startIndex=1&count=100", 200, &list)],
        ending: Ending::Played,
        unsettled: Vec::new(),
        invented: vec![(format!("maya-{word}@example.com"), "maya.email".into())],
    }
}

#[test]
fn two_runs_with_other_names_are_equal() {
    let text = normalise::scenario(&trace("id-one", "abc", true));
    assert_eq!(text, normalise::scenario(&trace("second-id", "xyz", true)));
    insta::with_settings!({ snapshot_path => "../../snapshots/baseline", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("scenario", text);
    });
}

#[test]
fn new_then_equal_then_changed() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = |update| Baseline::new(Store::new(folder.path()), update);
    let rules = |baseline: Baseline, trace: &Trace| {
        let mut judged = Judged::default();
        baseline.compare(trace, &mut judged);
        judged.verdicts.into_iter().map(|v| (v.rule, v.outcome)).collect::<Vec<_>>()
    };
    let before = trace("id-one", "abc", true);
    assert_eq!(rules(baseline(false), &before)[0].0, "baseline/new");
    assert!(rules(baseline(true), &before).is_empty());
    assert!(rules(baseline(false), &trace("other", "xyz", true)).is_empty());
    let changed = rules(baseline(false), &trace("other", "xyz", false));
    assert_eq!(changed[0].0, "baseline/changed");
    let Outcome::Violates { finding, .. } = &changed[0].1 else { panic!("{changed:?}") };
    assert!(
        finding.actual.contains("-  \"active\": true") && finding.actual.contains("+  \"active\": false"),
        "{}",
        finding.actual
    );
}
