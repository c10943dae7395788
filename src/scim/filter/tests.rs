use proptest::prelude::*;

use super::*;
use crate::scim::schema::builtin;

fn ada() -> Json {
    let text = r#"{
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "U-1", "userName": "Ada.Byron@example.com", "nickName": "say \"A\\da\"", "displayName": "",
        "title": null, "active": true, "name": {"familyName": "Byron", "givenName": "Ada"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true},
                   {"value": "byron@example.org", "type": "home"}],
        "ims": [{"value": "ada", "type": "xmpp"}, {"value": "countess"}],
        "roles": [],
        "x509Certificates": [{"value": "AAbb"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department": "Research", "employeeNumber": "40001", "manager": {"value": "U-9"}},
        "meta": {"resourceType": "User", "created": "2026-11-22T08:00:00Z", "lastModified": "2026-11-22T10:00:00+02:00"},
        "urn:example:badge:1.0:User": {"level": 10, "score": 1.5}
    }"#;
    Json::parse(text.as_bytes()).unwrap()
}

fn parse(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).0
}

fn truth(text: &str) -> Truth {
    parse(text).matches(&ada(), &builtin::user_type())
}

fn selects(text: &str) -> bool {
    parse(text).selects(&ada(), &builtin::user_type())
}

fn error(text: &str) -> String {
    Filter::parse(text).unwrap_err().to_string()
}

#[test]
fn precedence_grouping_and_case() {
    let same = |a: &str, b: &str| assert_eq!(parse(a), parse(b), "{a} | {b}");
    same("a pr or b pr and c pr", "a pr or (b pr and c pr)");
    same("a pr and b pr or c pr", "(a pr and b pr) or c pr");
    same("a pr and b pr and c pr", "(a pr and b pr) and c pr");
    same("not (a pr) and b pr", "(not (a pr)) and b pr");
    same("not(a pr)", "NOT (a PR)");
    same("a EQ 1 AND b Sw \"x\"", "a eq 1 and b sw \"x\"");
    assert_ne!(parse("(a pr or b pr) and c pr"), parse("a pr or b pr and c pr"));
    assert_ne!(parse("a pr and (b pr and c pr)"), parse("a pr and b pr and c pr"));
    // A name may begin like a keyword, and "not" and the operators are names too where a name belongs.
    assert_eq!(parse("order pr and android pr").to_string(), "order pr and android pr");
    assert_eq!(parse("not eq \"or\" and eq eq \"and\"").to_string(), "not eq \"or\" and eq eq \"and\"");
}

#[test]
fn paths_with_urns() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let Filter::Compare(path, ..) = parse(&format!("{enterprise}:manager.displayName eq \"x\"")) else { panic!() };
    assert_eq!(path.urn.as_deref(), Some(enterprise));
    assert_eq!((path.attribute.as_str(), path.sub.as_deref()), ("manager", Some("displayName")));
    let Filter::Element(path, ..) = parse("urn:example:x.y:v2.1:contacts[primary eq true]") else { panic!() };
    assert_eq!(path.urn.as_deref(), Some("urn:example:x.y:v2.1"));
    assert_eq!(parse("members.$ref pr").attributes()[0].sub.as_deref(), Some("$ref"));
}

#[test]
fn literals_follow_json() {
    let value = |text: &str| match parse(&format!("a eq {text}")) {
        Filter::Compare(_, _, value) => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(value(r#""a\"b\\c\u00e9 (]'""#), Json::from("a\"b\\cé (]'"));
    assert_eq!(value("null"), Json::Null);
    assert_eq!(value("false"), Json::Bool(false));
    for number in ["0", "-1", "1.50", "6.02E+23", "1e-3"] {
        assert_eq!(value(number), Json::Number(number.into()));
    }
}

#[test]
fn lenient_forms_are_told() {
    let cases: [(&str, &str, &[Deviation]); 11] = [
        ("userName sw J", "userName sw \"J\"", &[Deviation::Unquoted("J".into())]),
        ("displayName sw 'Group A'", "displayName sw \"Group A\"", &[Deviation::Spelling("'Group A'".into())]),
        ("active eq True", "active eq true", &[Deviation::Spelling("True".into())]),
        ("value eq\"2819\"", "value eq \"2819\"", &[Deviation::Blanks]),
        ("  a  pr ", "a pr", &[Deviation::Blanks, Deviation::Blanks, Deviation::Blanks]),
        ("a eq \"x\"and(b pr)", "a eq \"x\" and b pr", &[Deviation::Blanks]),
        ("roles[primary eq \"True\"]", "roles[primary eq \"True\"]", &[Deviation::QuotedBoolean("True".into())]),
        (
            "emails[type eq \"work\"].value eq \"a@example.com\"",
            "emails[type eq \"work\"].value eq \"a@example.com\"",
            &[Deviation::ComparisonBehindBrackets],
        ),
        ("a eq 2026-11-22", "a eq \"2026-11-22\"", &[Deviation::Unquoted("2026-11-22".into())]),
        ("not (a pr) and not(b pr)", "not (a pr) and not (b pr)", &[]),
        ("nickName eq \"true\"", "nickName eq \"true\"", &[]),
    ];
    for (text, normal, deviations) in cases {
        let (filter, found) = Filter::parse(text).unwrap();
        assert_eq!((filter.to_string().as_str(), found.as_slice()), (normal, deviations), "{text}");
    }
}

#[test]
fn errors_tell_place_and_expectation() {
    let cases = [
        "",
        " ",
        "userName",
        "userName ",
        "userName eq",
        "userName eq ",
        "eq \"x\"",
        "userName regex \"x\"",
        "userName eq \"x",
        "userName eq \"\\x\"",
        "userName eq \"a\" or",
        "(userName pr",
        "userName pr)",
        "userName pr and and title pr",
        "title eq and active eq true",
        "emails[]",
        "emails[type]",
        "emails[type eq \"work\"",
        "emails[a[b pr]]",
        "emails[type pr].",
        "emails[type pr].value",
        "1a pr",
        "a.b.c pr",
        "user:name pr",
        "urn:a\\b:c:name pr",
        "userName=x",
        "a eq [1]",
        "a eq {}",
        "not a pr",
        "userName eq \"x\" title pr",
    ];
    let shown: Vec<String> = cases.iter().map(|text| format!("{:<28}| {}", format!("`{text}`"), error(text))).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    ``                          | expected an attribute name at character 1
    ` `                         | expected an attribute name at character 2
    `userName`                  | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 9
    `userName `                 | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 10
    `userName eq`               | expected a value at character 12
    `userName eq `              | expected a value at character 12
    `eq "x"`                    | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 4
    `userName regex "x"`        | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 10
    `userName eq "x`            | expected a JSON string with its closing quote at character 13
    `userName eq "\x"`          | expected a JSON string (an unknown escape in a string) at character 16
    `userName eq "a" or`        | expected an attribute name at character 19
    `(userName pr`              | expected ')' at character 13
    `userName pr)`              | expected 'and', 'or' or the end of the filter at character 12
    `userName pr and and title pr`| expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 21
    `title eq and active eq true`| expected a value at character 10
    `emails[]`                  | expected an attribute name at character 8
    `emails[type]`              | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 12
    `emails[type eq "work"`     | expected ']' at character 22
    `emails[a[b pr]]`           | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 9
    `emails[type pr].`          | expected an attribute name at character 17
    `emails[type pr].value`     | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 22
    `1a pr`                     | expected an attribute name, which begins with a letter at character 1
    `a.b.c pr`                  | expected a letter, digit, '-' or '_' of an attribute name at character 4
    `user:name pr`              | expected a schema URI in front of the colon at character 1
    `urn:a\b:c:name pr`         | expected a schema URI in front of the colon at character 1
    `userName=x`                | expected a letter, digit, '-' or '_' of an attribute name at character 9
    `a eq [1]`                  | expected a value at character 6
    `a eq {}`                   | expected a value at character 6
    `not a pr`                  | expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) at character 5
    `userName eq "x" title pr`  | expected 'and', 'or' or the end of the filter at character 17
    "#);
}

#[test]
fn length_and_depth_are_bounded() {
    assert!(error(&format!("{}a pr{}", "(".repeat(5000), ")".repeat(5000))).contains("8192"));
    assert!(error(&format!("{}a pr{}", "(".repeat(65), ")".repeat(65))).contains("64 levels"));
    assert!(Filter::parse(&format!("{}a pr{}", "not (".repeat(64), ")".repeat(64))).is_ok());
    let longest = vec!["a pr"; MAX_LENGTH / 8].join(" or ");
    let (filter, _) = Filter::parse(&longest).unwrap();
    assert_eq!(filter.to_string(), longest);
    assert_eq!(filter.matches(&ada(), &builtin::user_type()), Truth::Open(24));
}

#[test]
fn evaluates_definite_cases() {
    let yes = [
        "userName eq \"ada.byron@EXAMPLE.com\"",
        "USERNAME sw \"ADA\"",
        "userName co \"byron\" and userName ew \".COM\" and userName sw \"Ada.Byron@example.com\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
        "URN:IETF:params:scim:schemas:extension:enterprise:2.0:user:Department eq \"research\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"U-9\"",
        "nickName eq \"say \\\"A\\\\da\\\"\"",
        "id eq \"U-1\"",
        "name.givenname eq \"ada\"",
        "name pr and emails pr and active pr",
        "emails co \"example.org\"",
        "emails.value eq \"byron@example.org\"",
        "emails[type eq \"work\" and value ew \"example.com\"]",
        "emails[type eq \"home\"].value eq \"byron@example.org\"",
        "active eq true and not (active eq false)",
        "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
        "meta.lastModified eq \"2026-11-22T08:00:00Z\"",
        "meta.created ge \"2026-11-22T09:00:00+01:00\" and meta.created lt \"2026-11-22T09:00:00Z\"",
        "userName gt \"aaa\" and userName le \"ada.byron@example.com\"",
        "urn:example:badge:1.0:User:level gt 9 and urn:example:badge:1.0:User:level eq 1e1",
        "urn:example:badge:1.0:User:score lt 2",
        "userName eq \"x\" or not (title pr)",
        "emails.type ne \"other\"",
    ];
    let no = [
        "id eq \"u-1\"",
        "userName eq \"ada\"",
        "title pr",
        "displayName pr",
        "roles pr",
        "title eq \"x\"",
        "title eq null and active eq false",
        "nickName eq null",
        "emails[type eq \"work\" and value ew \"example.org\"]",
        "emails[type eq \"home\"].value eq \"ada@example.com\"",
        "active gt true",
        "x509Certificates.value gt \"A\"",
        "x509Certificates eq \"aabb\"",
        "userName eq 5",
        "active eq \"yes\"",
        "active eq \"false\"",
        "x509Certificates.value ne \"AAbb\"",
        "title pr or userName eq \"x\" and active eq true",
    ];
    for (texts, expected) in [(&yes[..], Truth::Yes), (&no[..], Truth::No)] {
        for text in texts {
            assert_eq!(truth(text), expected, "{text}");
            assert_eq!(selects(text), expected == Truth::Yes, "{text}");
        }
    }
}

#[test]
fn open_cases_name_their_ambiguity() {
    let cases = [
        ("active eq \"True\"", 11, true),
        ("active ne \"true\"", 11, false),
        ("favourite eq \"x\"", 24, false),
        ("emails.favourite pr", 24, false),
        ("department eq \"Research\"", 24, false),
        ("name eq \"Ada\"", 26, false),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"U-9\"", 26, true),
        ("title ne \"x\"", 28, true),
        ("not (title eq \"x\")", 28, true),
        ("not (addresses[type eq \"work\"])", 28, true),
        ("title eq null", 28, true),
        ("nickName ne null", 28, true),
        ("title ne null", 28, false),
        ("ims.type eq null", 28, false),
        ("emails.type ne \"work\"", 28, true),
        ("ims.type ne \"xmpp\"", 28, false),
    ];
    for (text, ambiguity, usual) in cases {
        assert_eq!((truth(text), selects(text)), (Truth::Open(ambiguity), usual), "{text}");
    }
}

#[test]
fn logic_is_kleenes() {
    // title ne "x" is open, active is true.
    assert_eq!(truth("title ne \"x\" or active eq true"), Truth::Yes);
    assert_eq!(truth("title ne \"x\" and active eq false"), Truth::No);
    assert_eq!(truth("title ne \"x\" and active eq true"), Truth::Open(28));
    assert_eq!(truth("title ne \"x\" or active eq false"), Truth::Open(28));
    assert_eq!(truth("not (title ne \"x\" or active eq true)"), Truth::No);
}

#[test]
fn attributes_of_a_filter() {
    let filter = parse("emails[type eq \"work\"].value eq \"x\" and not (name.familyName pr or urn:a:b:c pr)");
    let names: Vec<String> = filter.attributes().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["emails.type", "emails.value", "name.familyName", "urn:a:b:c"]);
}

#[test]
fn problems_with_a_schema() {
    let cases = [
        ("userName eq \"x\" and emails.type eq \"work\" and title eq null", ""),
        ("emails[type eq \"work\" and primary eq true] or addresses.primary eq true", ""),
        ("favourite pr", "no schema defines favourite"),
        ("emails[favourite pr]", "no schema defines emails.favourite"),
        ("active gt true", "active has no order"),
        ("x509Certificates.value le \"AA\"", "x509Certificates.value has no order"),
        ("name eq \"x\"", "name is complex: name one of its sub-attributes"),
        ("emails co \"x\"", ""),
        ("active eq \"True\"", "active is a Boolean: write true or false without quotes"),
        ("roles[primary eq \"True\"]", "roles.primary is a Boolean: write true or false without quotes"),
        ("userName eq 5", "userName is compared with a value of another type"),
        ("meta.created gt \"yesterday\"", "meta.created is compared with a value of another type"),
        ("meta.created gt \"2026-11-22T08:00:00Z\" and meta.created sw \"2026\"", ""),
    ];
    for (text, expected) in cases {
        let problems: Vec<String> =
            parse(text).problems(&builtin::user_type()).iter().map(ToString::to_string).collect();
        assert_eq!(problems.join("; "), expected, "{text}");
    }
    let problems = parse("active gt true").problems(&builtin::user_type());
    assert!(problems[0].reason.must_refuse());
}

fn any_path() -> impl Strategy<Value = AttributePath> {
    let name = "[A-Za-z][A-Za-z0-9_-]{0,6}|\\$ref";
    let urn = proptest::option::of("urn:[a-z]{1,5}(:[a-zA-Z0-9.]{1,5}){1,3}");
    (urn, name, proptest::option::of(name)).prop_map(|(urn, attribute, sub)| AttributePath { urn, attribute, sub })
}

fn any_literal() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?".prop_map(|token| Json::Number(token.into())),
        any::<String>().prop_map(Json::String),
    ]
}

fn any_attribute_expression() -> impl Strategy<Value = Filter> {
    let operator = proptest::sample::select(Operator::ALL.map(|(operator, _)| operator).to_vec());
    prop_oneof![
        any_path().prop_map(Filter::Present),
        (any_path(), operator, any_literal())
            .prop_map(|(path, operator, value)| Filter::Compare(path, operator, value)),
    ]
}

fn with_logic(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Filter::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Filter::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let behind = proptest::option::of(any_attribute_expression().prop_map(|filter| match filter {
        Filter::Present(path) => Box::new(Filter::Present(AttributePath { urn: None, sub: None, ..path })),
        Filter::Compare(path, operator, value) => {
            Box::new(Filter::Compare(AttributePath { urn: None, sub: None, ..path }, operator, value))
        }
        other => Box::new(other),
    }));
    let element = (any_path(), with_logic(any_attribute_expression()), behind)
        .prop_map(|(path, inner, behind)| Filter::Element(path, Box::new(inner), behind));
    with_logic(prop_oneof![any_attribute_expression(), element])
}

proptest! {
    #[test]
    fn display_reads_back(filter in any_filter()) {
        let text = filter.to_string();
        prop_assume!(text.len() <= MAX_LENGTH);
        let read = Filter::parse(&text).map(|(filter, _)| filter);
        prop_assert_eq!(read, Ok(filter), "{}", text);
    }

    #[test]
    fn arbitrary_text_is_no_panic(text in ".{0,60}") {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn near_filters_are_no_panic(text in "[a-c$ .:()\\[\\]\"'\\\\eqnotrandpr019TF-]{0,40}") {
        if let Ok((filter, _)) = Filter::parse(&text) {
            let _ = filter.matches(&ada(), &builtin::user_type());
            prop_assert_eq!(Filter::parse(&filter.to_string()).map(|(filter, _)| filter), Ok(filter), "{}", text);
        }
    }

    /// Where the RFC decides, the usual answer is the RFC's.
    #[test]
    fn usual_agrees_with_truth(text in "(title|userName|emails|active|name\\.givenName|x) (eq|ne|co|gt) (\"ada\"|true|null|5)") {
        for text in [format!("not ({text})"), text] {
            match truth(&text) {
                Truth::Open(_) => {}
                decided => prop_assert_eq!(selects(&text), decided == Truth::Yes, "{}", text),
            }
        }
    }
}
