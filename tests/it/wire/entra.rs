//! Entra ID: with and without the flag, and every setting that changes what is sent.

use super::pattern::{Encoding, fits};
use super::recorder::Recorder;
use super::{Play, Played, all_seen, golden, header_names, held, play_all, targets, variant};

const CUSTOM: &str = "urn:ietf:params:scim:schemas:extension:ExampleCo:2.0:User:costRegion";
const FORM: Encoding = Encoding { blank: "+", upper_hex: false };

const VARIANTS: [&str; 34] = [
    "flag=off",
    "flag=aadOptscim062020",
    "flag=AzureAdScimPatch062020",
    "flag=aadOptscim062020,flag_value=true",
    "flag=aadOptscim062020,flag_position=last",
    "flag=aadOptscim062020,flag_position=omit",
    "flag=aadOptscim062020,on_demand=on",
    "flag=off,matching=externalId",
    "flag=off,matching=email",
    "flag=off,group_matching=externalId",
    "flag=off,bool_style=lower",
    "flag=off,bool_style=json",
    "flag=off,member_ref_null=on",
    "flag=aadOptscim062020,members_replace=on",
    "flag=off,group_ms_schema_uri=on",
    "flag=off,manager_on_post=on",
    "flag=off,reference_queries=on",
    "flag=off,accept=*/*,adscimversion=on",
    "flag=off,accept=application/scim+json",
    "flag=off,import=on",
    "flag=off,groups=off",
    "flag=off,delete=off",
    "flag=off,edge=on",
    "flag=aadOptscim062020,edge=on",
    "flag=off,matching=externalId,edge=on",
    "flag=off,legacy=on",
    "flag=aadOptscim062020,legacy=on",
    TEST_TOOLS[0],
    TEST_TOOLS[1],
    "flag=off,members_per_patch=2",
    "flag=off,members_per_patch=3",
    "flag=aadOptscim062020,members_per_patch=2",
    "flag=aadOptscim062020,members_per_patch=3",
    "flag=off,member_ref_null=on,members_per_patch=3",
];

/// Only Microsoft's test tools clear an attribute.
const TEST_TOOLS: [&str; 2] = ["flag=off,test_tools=on", "flag=aadOptscim062020,test_tools=on"];

#[test]
fn entra_sends_what_the_facts_say() {
    let custom = ["off", "aadOptscim062020"].map(|flag| format!("flag={flag},custom={CUSTOM}"));
    let names = VARIANTS.into_iter().chain(custom.iter().map(String::as_str));
    let played = play_all(names.map(|name| Play::new("entra", name)).collect());
    let goldens = golden::of("entra");
    all_seen(&goldens, &held(&goldens, &played));
    lines_that_are_not_there(&played);
    form_encoding(&played);
    what_it_never_does(&played);
}

/// No User-Agent ever; no Accept unless the setting says so; Content-Type and Content-Length only with a body.
fn lines_that_are_not_there(played: &[Played]) {
    let plain: Vec<_> = ["flag=off", "flag=aadOptscim062020"].map(|name| variant(played, name)).into();
    for variant in plain {
        for request in &variant.requests {
            let names: Vec<_> = request.headers().map(|(name, _)| name).collect();
            let expected: &[&str] = match request.method() {
                "GET" | "DELETE" => &["Authorization", "Host"],
                _ => &["Authorization", "Content-Type", "Host", "Content-Length"],
            };
            assert_eq!(names, expected, "{}", request.text());
            assert_eq!(request.body().is_empty(), matches!(request.method(), "GET" | "DELETE"));
        }
    }
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let names = header_names(played, method);
        assert!(!names.contains("User-Agent") && !names.iter().any(|name| name.starts_with("If-")), "{names:?}");
    }
    assert!(!variant(played, "flag=off,accept=*/*,adscimversion=on").requests.iter().any(|r| !r.has("adscimversion")));
}

/// `+`, `%22`, `%40`, and brackets in lower-case hex.
fn form_encoding(played: &[Played]) {
    for target in targets(played) {
        for wrong in ["%20", "%5B", "%5D", "%2B", "\"", "[", "@", "%27"] {
            assert!(!target.contains(wrong), "{wrong} in {target}");
        }
    }
    let email = &variant(played, "flag=off,matching=email").requests;
    let wanted = "/scim/v2/Users?filter=emails%5btype+eq+%22work%22%5d.value+eq+%22";
    assert!(email.iter().any(|request| request.target().starts_with(wanted)));
}

/// No PUT, no Bulk, no search, no sorting; nothing is written that was not looked at before; no clears.
fn what_it_never_does(played: &[Played]) {
    for variant in played {
        for (at, request) in variant.requests.iter().enumerate() {
            assert!(["GET", "POST", "PATCH", "DELETE"].contains(&request.method()), "{}", request.text());
            for never in ["/Bulk", "/.search", "sortBy", "/Me", "/ServiceProviderConfig", "/ResourceTypes"] {
                assert!(!request.target().contains(never), "{}", request.target());
            }
            let text = request.text();
            assert!(
                TEST_TOOLS.contains(&variant.name.as_str())
                    || request.method() != "PATCH"
                    || !text.contains("\"value\":\"\"") && !text.contains("\"value\":null}")
            );
            // A group gets its members right behind its create; everything else was read.
            let read = |earlier: &super::Recorded| earlier.method() == "GET" && earlier.path() == request.path();
            let adds = text.contains(r#""path":"members""#);
            if matches!(request.method(), "PATCH" | "DELETE") && !adds {
                assert!(variant.requests[..at].iter().any(read), "never read before: {text}");
            }
        }
    }
    let without = |name: &str, part: &str| {
        let requests = &variant(played, name).requests;
        assert!(!requests.iter().any(|r| format!("{} {}", r.method(), r.target()).contains(part)), "{part} in {name}");
    };
    without("flag=off,delete=off", "DELETE ");
    without("flag=off,groups=off", "/Groups/");
    without("flag=off,groups=off", "POST /scim/v2/Groups");
}

/// One difference that the flag makes: the operations of every PATCH of a scenario, in order, in both states.
struct Difference {
    rule: &'static str,
    scenario: &'static str,
    off: &'static [&'static str],
    on: &'static [&'static str],
}

/// The nine differences as documented. In a removal those who stay are sent again behind it.
const DIFFERENCES: [Difference; 8] = [
    Difference {
        rule: "D1 op names, D2 booleans",
        scenario: "disable-user",
        off: &[r#"{"op":"Replace","path":"active","value":"False"}"#],
        on: &[r#"{"op":"replace","path":"active","value":false}"#],
    },
    Difference {
        rule: "D3 several single values with the same op",
        scenario: "update-names-and-number",
        off: &[concat!(
            r#"{"op":"Replace","path":"displayName","value":"{{a}}"},{"op":"Replace","path":"name.givenName","value":"{{b}}"},"#,
            r#"{"op":"Replace","path":"name.familyName","value":"{{c}}"},{"op":"Replace","#,
            r#""path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"{{d}}"}"#
        )],
        on: &[concat!(
            r#"{"op":"replace","value":{"displayName":"{{a}}","name.givenName":"{{b}}","name.familyName":"{{c}}","#,
            r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"{{d}}"}}"#
        )],
    },
    Difference {
        rule: "D4 one single value",
        scenario: "update-department",
        off: &[concat!(
            r#"{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","#,
            r#""value":"{{a}}"}"#
        )],
        on: &[concat!(
            r#"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","#,
            r#""value":"{{a}}"}"#
        )],
    },
    Difference {
        rule: "D5 a filtered path stays, and comes before the merged operation",
        scenario: "update-several",
        off: &[concat!(
            r#"{"op":"Replace","path":"displayName","value":"{{a}}"},"#,
            r#"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"{{b:email}}"},"#,
            r#"{"op":"Replace","path":"userName","value":"{{b:email}}"},"#,
            r#"{"op":"Replace","path":"name.familyName","value":"{{c}}"},"#,
            r#"{"op":"Replace","path":"name.formatted","value":"{{d}}"}"#
        )],
        on: &[concat!(
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"{{b:email}}"},"#,
            r#"{"op":"replace","value":{"displayName":"{{a}}","userName":"{{b:email}}","#,
            r#""name.familyName":"{{c}}","name.formatted":"{{d}}"}}"#
        )],
    },
    Difference {
        rule: "D5 `primary` is a JSON true",
        scenario: "update-email-and-title",
        off: &[],
        on: &[concat!(
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"{{a:email}}"},"#,
            r#"{"op":"replace","path":"emails[type eq \"work\"].primary","value":true},"#,
            r#"{"op":"replace","value":{"displayName":"{{b}}","name.formatted":"{{b}}","title":"{{c}}"}}"#
        )],
    },
    Difference {
        rule: "D6 remove a member, D9 several removals: a request each",
        scenario: "remove-member",
        off: &[
            r#"{"op":"Remove","path":"members","value":[{"value":"{{m:id}}"}]}"#,
            r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"{{m:id}}"}]}"#,
            r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"{{m:id}}"}]}"#,
        ],
        on: &[
            r#"{"op":"remove","path":"members[value eq \"{{m:id}}\"]"}"#,
            r#"{"op":"remove","path":"members[value eq \"{{m:id}}\"]"}"#,
            r#"{"op":"add","path":"members","value":[{"value":"{{m:id}}"}]}"#,
            r#"{"op":"add","path":"members","value":[{"value":"{{m:id}}"}]}"#,
        ],
    },
    Difference {
        rule: "D7 add a member",
        scenario: "add-member",
        off: &[r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"{{m:id}}"}]}"#; 2],
        on: &[r#"{"op":"add","path":"members","value":[{"value":"{{m:id}}"}]}"#; 2],
    },
    Difference {
        rule: "D8 roles",
        scenario: "update-roles",
        off: &[concat!(
            r#"{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"{{id:guid}}\",\"value\":\"{{r}}\","#,
            r#"\"displayName\":\"{{r}}\"}"}]}"#
        )],
        on: &[concat!(
            r#"{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","#,
            r#""display":"{{r}}","value":"{{r}}"}]}"#
        )],
    },
];

#[test]
fn the_flag_changes_nine_things() {
    for Difference { rule, scenario, off, on } in &DIFFERENCES {
        let states = [("flag=off,member_ref_null=on", "", off), ("flag=aadOptscim062020", "?aadOptscim062020", on)];
        for (name, flag, wanted) in states {
            let Some(played) = patches(name, scenario, wanted.is_empty()) else { continue };
            let told = format!("{rule}, {name}: {played:#?}");
            assert_eq!(played.len(), wanted.len(), "{told}");
            for ((target, body), operations) in played.iter().zip(*wanted) {
                assert_eq!(
                    target.split_once('?').map_or("", |(_, query)| query),
                    flag.trim_start_matches('?'),
                    "{told}"
                );
                let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
                let pattern = format!(r#"{{"schemas":["{schema}"],"Operations":[{operations}]}}"#);
                assert!(fits(&pattern, body, FORM), "{told}");
            }
        }
    }
}

/// Target and body of every PATCH of a scenario; `None` where the scenario is not for that state.
fn patches(name: &str, scenario: &str, none: bool) -> Option<Vec<(String, String)>> {
    let played = Play { only: &[scenario], ..Play::new("entra", name) }.play();
    let patches = played.requests.iter().filter(|request| request.method() == "PATCH");
    let body = |request: &super::Recorded| String::from_utf8(request.body().to_vec()).unwrap();
    let patches: Vec<_> = patches.map(|request| (request.target().to_owned(), body(request))).collect();
    if none {
        assert!(patches.is_empty(), "{patches:#?}");
    }
    (!none).then_some(patches)
}

/// What the flag does not change: look-ups, creates and deletes are the same but for the flag behind the path.
#[test]
fn the_flag_changes_nothing_else() {
    let only: &[&str] = &["test-connection", "create-user", "create-group", "delete-user", "delete-group"];
    let states = ["flag=off", "flag=aadOptscim062020"].map(|name| Play { only, ..Play::new("entra", name) }.play());
    let goldens = golden::of("entra");
    let [off, on] = states.each_ref().map(|played| held(&goldens, std::slice::from_ref(played)));
    assert_eq!(off["flag=off"], on["flag=aadOptscim062020"]);
}

#[test]
fn a_flag_in_the_base_url_goes_behind_the_path_and_is_never_doubled() {
    let goldens = golden::of("entra");
    let only: &[&str] = &["test-connection", "create-user", "disable-user", "create-group", "delete-user"];
    for typed in ["?aadOptscim062020", "/?aadOptscim062020"] {
        for (name, lookup) in [
            ("flag_position=first", "/scim/v2/Users?aadOptscim062020&filter=userName+eq+%22{{userName|query}}%22"),
            ("flag_position=last", "/scim/v2/Users?filter=userName+eq+%22{{userName|query}}%22&aadOptscim062020"),
            ("flag_position=omit", "/scim/v2/Users?filter=userName+eq+%22{{userName|query}}%22"),
        ] {
            let played = Play { typed, only, ..Play::new("entra", name) }.play();
            held(&goldens, std::slice::from_ref(&played));
            let sent: Vec<_> = played.requests.iter().map(|r| format!("{} {}", r.method(), r.target())).collect();
            assert!(
                played.requests.iter().any(|request| fits(lookup, request.target(), FORM)),
                "{typed} {name}: {sent:#?}"
            );
            for form in ["POST /scim/v2/Users?aadOptscim062020", "PATCH /scim/v2/Users/{{id}}?aadOptscim062020"] {
                assert!(sent.iter().any(|line| fits(form, line, FORM)), "{typed} {name}: {form} in {sent:#?}");
            }
            assert!(sent.iter().all(|line| line.matches("aadOptscim062020").count() <= 1), "{sent:#?}");
            assert!(sent.iter().all(|line| !line.contains("//") && line.matches('?').count() <= 1), "{sent:#?}");
        }
    }
}

/// An endpoint that does not tell `active` gets it as an addition.
#[test]
fn what_an_answer_leaves_out_is_added() {
    let recorder = Recorder::with("/scim/v2", Some("active"));
    let played = Play { recorder, only: &["disable-user"], ..Play::new("entra", "flag=off") }.play();
    let shown = held(&golden::of("entra"), &[played]);
    assert!(shown["flag=off"].contains("E31-disable-add"), "{shown:?}");
}

#[test]
fn a_tenant_in_the_path_stays_as_it_was_typed() {
    let recorder = Recorder::with("/api/v1/scim/acme%2Fco/v2", None);
    let only: &[&str] = &["create-user", "disable-user"];
    let played = Play { recorder, typed: "?aadOptscim062020", only, ..Play::new("entra", "plain") }.play();
    let sent: Vec<_> = played.requests.iter().map(super::Recorded::target).collect();
    assert!(sent.iter().all(|target| target.starts_with("/api/v1/scim/acme%2Fco/v2/Users")), "{sent:#?}");
    let patch = "/api/v1/scim/acme%2Fco/v2/Users/{{id}}?aadOptscim062020";
    assert!(sent.iter().any(|target| fits(patch, target, FORM)), "{sent:#?}");
}
