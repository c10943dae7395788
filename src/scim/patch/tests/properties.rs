use proptest::prelude::*;

use super::*;

fn any_email() -> impl Strategy<Value = Json> {
    let kind = prop_oneof![Just("work"), Just("home"), Just("other")];
    ("[a-d]", kind, proptest::option::of(any::<bool>())).prop_map(|(local, kind, primary)| {
        let mut email = object([("value", format!("{local}@example.com").into()), ("type", kind.into())]);
        if let (Some(primary), Json::Object(members)) = (primary, &mut email) {
            members.set("primary", primary.into());
        }
        email
    })
}

fn any_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (0usize..9).prop_map(Json::from),
        "[a-cTrue]{0,4}".prop_map(Json::String),
        any_email(),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let name =
            proptest::sample::select(vec!["value", "type", "primary", "givenName", "title", "emails", "name.x", "id"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            proptest::collection::vec((name.prop_map(str::to_owned), inner), 0..3)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn any_operation() -> impl Strategy<Value = Json> {
    let op = proptest::sample::select(vec!["add", "replace", "remove", "Add"]);
    let paths = vec![
        "title",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "active",
        "id",
        "emails[type eq \"work\"].value",
        "emails[primary eq true].primary",
        "emails[value eq \"x\"].type",
        "schemas",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "emails[not (type pr)].display",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "x",
        "emails[",
        "userName",
    ];
    (op, proptest::option::of(proptest::sample::select(paths)), any_value()).prop_map(|(op, path, value)| {
        object([("op", op.into()), ("path", path.map_or(Json::Null, Json::from)), ("value", value)])
    })
}

fn primaries(resource: &Json) -> usize {
    let emails = resource.get("emails").and_then(Json::as_array).unwrap_or_default();
    emails.iter().filter(|email| email.get("primary").and_then(Json::as_bool) == Some(true)).count()
}

proptest! {
    #[test]
    fn any_patch_keeps_what_must_hold(operations in proptest::collection::vec(any_operation(), 0..4)) {
        let operations = Json::Array(operations).to_string();
        for policy in [Policy::Strict, Policy::Tolerant] {
            let Ok(patched) = patch_with(&user(), &operations, policy) else { continue };
            let resource = &patched.resource;
            prop_assert_eq!(resource.get("id").and_then(Json::as_str), Some("u-1001"));
            prop_assert!(resource.get("userName").is_some_and(|name| name.as_str().is_some()));
            prop_assert!(primaries(resource) <= 1, "{}", resource);
            prop_assert!(resource.as_object().is_some_and(|object| object.duplicates().is_empty()));
            let declared = resource.to_string().matches(urn::ENTERPRISE_USER).count();
            let expected = if resource.get(urn::ENTERPRISE_USER).is_some() { [2, 2] } else { [0, 1] };
            prop_assert!(expected.contains(&declared), "{}", resource);
        }
    }

    /// What the letter accepts, the tolerant policy accepts with the same outcome, unless an empty string, a value list of
    /// a removal or several primaries say otherwise.
    #[test]
    fn tolerance_only_adds(operations in proptest::collection::vec(any_operation(), 0..3)) {
        let operations = Json::Array(operations).to_string();
        if let Ok(by_letter) = strict(&user(), &operations) {
            let by_usage = tolerant(&user(), &operations);
            prop_assume!(!by_letter.readings.iter().any(|reading| [2, 9].contains(reading)));
            prop_assert_eq!(by_usage, Ok(by_letter), "{}", operations);
        }
    }

    #[test]
    fn replacing_twice_changes_nothing_more(emails in proptest::collection::vec(any_email(), 0..4)) {
        let operations = format!(r#"[{{"op":"replace","path":"emails","value":{}}}]"#, Json::Array(emails));
        let once = tolerant(&user(), &operations).unwrap().resource;
        prop_assert!(!tolerant(&once, &operations).unwrap().changed, "{}", once);
    }

    #[test]
    fn adding_and_removing_restores(value in "[e-h]{1,5}") {
        let member = format!(r#"{{"value":"{value}"}}"#);
        let added = strict(&group(), &format!(r#"[{{"op":"add","path":"members","value":[{member}]}}]"#)).unwrap();
        prop_assert!(added.changed);
        let removals = [
            (Policy::Strict, format!(r#"[{{"op":"remove","path":"members[value eq \"{value}\"]"}}]"#)),
            (Policy::Tolerant, format!(r#"[{{"op":"remove","path":"members","value":[{member}]}}]"#)),
        ];
        for (policy, removal) in removals {
            prop_assert_eq!(patch_with(&added.resource, &removal, policy).unwrap().resource, group());
        }
    }

    #[test]
    fn untouched_values_keep_their_order(emails in proptest::collection::vec(any_email(), 0..6), index in 0usize..6) {
        let start = tolerant(&user(), &format!(r#"[{{"op":"replace","path":"emails","value":{}}}]"#, Json::Array(emails)));
        let start = start.unwrap().resource;
        let before = start.get("emails").and_then(Json::as_array).unwrap_or_default();
        let Some(gone) = before.get(index) else { return Ok(()) };
        let select = |name: &str| gone.get(name).unwrap().clone();
        let operations = format!(
            r#"[{{"op":"remove","path":"emails[value eq {} and type eq {}]"}}]"#,
            select("value").to_string().replace('"', "\\\""), select("type").to_string().replace('"', "\\\"")
        );
        let after = strict(&start, &operations).unwrap().resource;
        let expected: Vec<&Json> = before.iter().filter(|email| *email != gone).collect();
        let after: Vec<&Json> = after.get("emails").and_then(Json::as_array).unwrap_or_default().iter().collect();
        prop_assert_eq!(after, expected);
    }
}
