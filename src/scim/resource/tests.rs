//! Comparing, projecting and replacing by example and by law.

use proptest::prelude::*;

use super::*;
use crate::scim::json::{Json, Object};
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Returned, Schema, builtin};
use crate::scim::urn;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn attribute(characteristics: &str) -> Attribute {
    let text = format!(r#"{{"id": "urn:x", "attributes": [{{"name": "a", {characteristics}}}]}}"#);
    let (mut schema, problems) = Schema::from_json(&json(&text));
    assert_eq!(problems, []);
    schema.attributes.remove(0)
}

mod equality {
    use super::*;

    /// Pairs that are equal and pairs that are not, for an attribute.
    #[test]
    fn follows_the_type() {
        let cases = [
            (r#""type": "string""#, r#"[["Ada","ADA"],["É","é"],["x","x"]]"#, r#"[["a","b"],["true",true],["1",1]]"#),
            (r#""caseExact": true"#, r#"[["Ada","Ada"]]"#, r#"[["Ada","ada"]]"#),
            (r#""type": "boolean""#, r"[[true,true]]", r#"[[true,false],[true,"true"],[true,1]]"#),
            (r#""type": "decimal""#, r"[[1,1.0],[1E2,100],[0,-0.0],[-1.50,-15e-1]]", r"[[1,2],[1,-1],[10,1]]"),
            (
                r#""type": "integer""#,
                r"[[12345678901234567890123,12345678901234567890123]]",
                r"[[12345678901234567890123,12345678901234567890124]]",
            ),
            (
                r#""type": "dateTime""#,
                r#"[["2010-01-23T04:56:22Z","2010-01-23T05:56:22.000+01:00"],["now","now"]]"#,
                r#"[["2010-01-23T04:56:22Z","2010-01-23T04:56:23Z"],["now","NOW"]]"#,
            ),
            (r#""type": "binary""#, r#"[["QQ==","QQ=="]]"#, r#"[["QQ==","qq=="],["QQ==","QQ"]]"#),
            (r#""type": "reference""#, r#"[["../Users/a","../Users/a"]]"#, r#"[["../Users/a","../Users/A"]]"#),
            (
                r#""type": "complex", "subAttributes": [{"name": "b"}, {"name": "c", "caseExact": true}]"#,
                r#"[[{"b":"X","C":"x"},{"c":"x","B":"x"}],[{"b":"x","c":null},{"b":"x"}]]"#,
                r#"[[{"c":"X"},{"c":"x"}],[{"b":"x"},{"b":"x","c":"x"}],[{"b":"x"},"x"]]"#,
            ),
            (
                r#""multiValued": true"#,
                r#"[[["a","B"],["b","A"]],[[],null],[["a","a"],["A","a"]]]"#,
                r#"[[["a"],["a","a"]],[["a","a","b"],["a","b","b"]],[["a"],"a"],[["a"],[]]]"#,
            ),
        ];
        for (characteristics, same, different) in cases {
            let attribute = attribute(characteristics);
            for (pairs, verdict) in [(same, true), (different, false)] {
                for pair in json(pairs).as_array().unwrap() {
                    let [a, b] = pair.as_array().unwrap() else { panic!("{pair}") };
                    assert_eq!(equal(a, b, Some(&attribute)), verdict, "{characteristics} {pair}");
                    assert_eq!(equal(b, a, Some(&attribute)), verdict, "{characteristics} {pair}, turned");
                }
            }
        }
    }

    #[test]
    fn unknown_attributes_follow_their_json_type() {
        assert!(equal(&json(r#"{"a":["X",1]}"#), &json(r#"{"A":[1.0,"x"]}"#), None));
        assert!(!equal(&json("\"1\""), &json("1"), None));
    }
}

mod difference {
    use super::*;

    fn told(expected: &str, actual: &str) -> Vec<(String, String, String, String)> {
        let show = |value: Option<Json>| value.map_or_else(|| "-".to_owned(), |v| v.to_string());
        let found = differences(&json(expected), &json(actual), &builtin::user_type());
        found.into_iter().map(|d| (d.pointer, d.attribute, show(d.expected), show(d.actual))).collect()
    }

    fn check(expected: &str, actual: &str, differences: &[(&str, &str, &str, &str)]) {
        let told = told(expected, actual);
        let told: Vec<_> = told.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), d.as_str())).collect();
        assert_eq!(told, differences, "{expected} {actual}");
    }

    #[test]
    fn says_nothing_about_what_scim_calls_equal() {
        check(
            r#"{"schemas":["b","a"],"userName":"Ada","nickName":null,"emails":[{"value":"x"},{"value":"y","primary":true}],
                "meta":{"version":"1"},"roles":[],"name":{"givenName":"A","middleName":null}}"#,
            r#"{"schemas":["a","B"],"USERNAME":"ada","Emails":[{"Primary":true,"value":"Y"},{"value":"X"}],
                "meta":{"version":"2"},"name":{"GIVENNAME":"a"}}"#,
            &[],
        );
    }

    #[test]
    fn points_at_the_place() {
        let enterprise = urn::ENTERPRISE_USER;
        check(
            &format!(
                r#"{{"userName":"ada","profileUrl":"a","Name":{{"givenName":"Ada"}},"{enterprise}":{{"department":"R","Manager":{{"value":"1"}}}}}}"#
            ),
            &format!(
                r#"{{"userName":"bob","profileUrl":"A","title":"Dr","{}":{{"department":"S"}},"x":{{"y":[1]}}}}"#,
                enterprise.to_ascii_uppercase()
            ),
            &[
                ("/userName", "userName", "\"ada\"", "\"bob\""),
                ("/profileUrl", "profileUrl", "\"a\"", "\"A\""),
                ("/Name/givenName", "name.givenName", "\"Ada\"", "-"),
                (&format!("/{enterprise}/department"), &format!("{enterprise}:department"), "\"R\"", "\"S\""),
                (&format!("/{enterprise}/Manager/value"), &format!("{enterprise}:manager.value"), "\"1\"", "-"),
                ("/title", "title", "-", "\"Dr\""),
                ("/x/y/0", "x.y", "-", "1"),
            ],
        );
    }

    #[test]
    fn elements_are_matched_by_value_then_by_type() {
        check(
            r#"{"emails":[{"value":"a","type":"work"},{"value":"b","type":"home"},{"value":"c","type":"other"},{"value":"d"}]}"#,
            r#"{"emails":[{"value":"z","type":"HOME"},{"value":"A","type":"work","primary":true},{"value":"c","type":"x"},{"value":"e"}]}"#,
            &[
                ("/emails/1/primary", "emails.primary", "-", "true"),
                ("/emails/1/value", "emails.value", "\"b\"", "\"z\""),
                ("/emails/2/type", "emails.type", "\"other\"", "\"x\""),
                ("/emails/3", "emails", r#"{"value":"d"}"#, "-"),
                ("/emails/3", "emails", "-", r#"{"value":"e"}"#),
            ],
        );
        check(r#"{"x":[{"value":1},{"value":{"A":1}}]}"#, r#"{"x":[{"value":{"a":1.0}},{"value":1.0}]}"#, &[]);
        // The same value twice: the types decide.
        check(
            r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"}]}"#,
            r#"{"emails":[{"value":"a","type":"home"},{"value":"a","type":"work"}]}"#,
            &[],
        );
    }

    #[test]
    fn a_wrong_shape_is_told_whole() {
        check(
            r#"{"name":"Ada"}"#,
            r#"{"name":{"givenName":"Ada"}}"#,
            &[("/name", "name", "\"Ada\"", r#"{"givenName":"Ada"}"#)],
        );
        check(
            r#"{"emails":[{"value":"a"}]}"#,
            r#"{"emails":{"value":"a"}}"#,
            &[("/emails", "emails", r#"[{"value":"a"}]"#, r#"{"value":"a"}"#)],
        );
        check("[]", "{}", &[("", "", "[]", "{}")]);
        let broken = format!(r#"{{"{}":[null]}}"#, urn::ENTERPRISE_USER);
        check(&broken, &broken, &[]);
    }
}

mod projection {
    use super::*;

    const USER: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","externalId":"e","userName":"ada",
        "password":"secret","name":{"givenName":"Ada","familyName":"Example"},"emails":[{"value":"a","type":"work"},{"type":"home"}],
        "title":null,"x":{"y":1},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R","manager":{"value":"2","displayName":"B"}},
        "meta":{"resourceType":"User","location":"l"}}"#;

    /// The projection without `schemas` and `id`, which must always be there.
    fn shown(attributes: &[&str], excluded: &[&str]) -> String {
        let paths = |texts: &[&str]| texts.iter().map(|t| AttributePath::parse(t).unwrap()).collect::<Vec<_>>();
        let mut projected = project(&json(USER), &builtin::user_type(), &paths(attributes), &paths(excluded));
        let members = projected.as_object_mut().unwrap();
        assert!(members.remove("schemas").is_some() && members.remove("id").is_some(), "{attributes:?} {excluded:?}");
        projected.to_string().replace(urn::ENTERPRISE_USER, "E").replace('"', "")
    }

    #[test]
    fn shows_the_default_set() {
        assert_eq!(
            shown(&[], &[]),
            "{externalId:e,userName:ada,name:{givenName:Ada,familyName:Example},emails:[{value:a,type:work},{type:home}],x:{y:1},\
             E:{department:R,manager:{value:2,displayName:B}},meta:{resourceType:User,location:l}}"
        );
    }

    #[test]
    fn shows_what_is_asked_for() {
        let enterprise = |rest: &str| format!("{}{rest}", urn::ENTERPRISE_USER);
        assert_eq!(shown(&["USERNAME", "password"], &[]), "{userName:ada}");
        assert_eq!(
            shown(&["name.GivenName", "emails.value", "meta.location"], &[]),
            "{name:{givenName:Ada},emails:[{value:a}],meta:{location:l}}"
        );
        assert_eq!(shown(&["name", "name.givenName"], &[]), "{name:{givenName:Ada,familyName:Example}}");
        assert_eq!(shown(&["department", "nothing", "userName.x"], &[]), "{}");
        assert_eq!(shown(&[&enterprise(":department")], &[]), "{E:{department:R}}");
        assert_eq!(shown(&[&enterprise(":manager.value")], &[]), "{E:{manager:{value:2}}}");
        assert_eq!(
            shown(&[&enterprise("").to_ascii_uppercase()], &[]),
            "{E:{department:R,manager:{value:2,displayName:B}}}"
        );
        assert_eq!(shown(&[&format!("{}:userName", urn::USER)], &[]), "{userName:ada}");
        assert!(shown(&[urn::USER], &[]).starts_with("{externalId:e,userName:ada,name:"));
    }

    #[test]
    fn hides_what_is_excluded() {
        let rest = ["externalId", "x", "meta", urn::ENTERPRISE_USER];
        let without = |more: &[&str]| shown(&[], &[&rest[..], more].concat());
        assert_eq!(
            without(&["name.givenName", "emails.type", "id", "schemas"]),
            "{userName:ada,name:{familyName:Example},emails:[{value:a}]}"
        );
        assert_eq!(without(&["NAME", "emails"]), "{userName:ada}");
        assert_eq!(shown(&["name", "userName"], &["name.givenName", "userName"]), "{name:{familyName:Example}}");
    }

    #[test]
    fn returned_rules() {
        let text = r#"{"id":"urn:x","attributes":[
            {"name":"always","returned":"always"},{"name":"never","returned":"never"},{"name":"request","returned":"request"},
            {"name":"c","type":"complex","subAttributes":[{"name":"always","returned":"always"},{"name":"never","returned":"never"},
                {"name":"request","returned":"request"},{"name":"default"}]}]}"#;
        let core = Schema::from_json(&json(text)).0;
        let schema = ResourceSchema { name: "X".into(), endpoint: "/X".into(), core: core.into(), extensions: vec![] };
        let resource = json(r#"{"always":1,"never":2,"request":3,"c":{"always":4,"never":5,"request":6,"default":7}}"#);
        let shown = |attributes: &[&str], excluded: &[&str]| {
            let paths = |texts: &[&str]| texts.iter().map(|t| AttributePath::parse(t).unwrap()).collect::<Vec<_>>();
            project(&resource, &schema, &paths(attributes), &paths(excluded)).to_string().replace('"', "")
        };
        assert_eq!(shown(&[], &[]), "{always:1,c:{always:4,default:7}}");
        assert_eq!(shown(&["never", "request"], &[]), "{always:1,request:3}");
        assert_eq!(shown(&["c.request", "c.never"], &[]), "{always:1,c:{always:4,request:6}}");
        assert_eq!(shown(&[], &["always", "c.always", "c.default"]), "{always:1,c:{always:4}}");
    }
}

mod replacement {
    use super::*;

    fn user(current: &str, body: &str) -> Result<String, (&'static str, String)> {
        replace(&json(current), &json(body), &builtin::user_type()).map(|resource| {
            let text = resource.to_string().replace(urn::ENTERPRISE_USER, "E").replace(urn::USER, "U");
            text.replace('"', "")
        })
    }

    #[test]
    fn keeps_what_the_server_owns_and_clears_what_is_left_out() {
        let current = r#"{"schemas":["U"],"id":"1","externalId":"e","userName":"ada","title":"Dr","password":"old",
            "groups":[{"value":"g"}],"meta":{"version":"1"}}"#;
        let body = r#"{"schemas":["urn:other"],"id":"2","USERNAME":"Ada","nickName":null,"roles":[],"groups":[],"meta":{"version":"9"},
            "unknown":1,"urn:other":{"x":1},"name":{"givenName":"Ada","x":1,"formatted":null}}"#;
        let expected =
            "{schemas:[U],id:1,userName:Ada,name:{givenName:Ada},password:old,groups:[{value:g}],meta:{version:1}}";
        assert_eq!(user(current, body).unwrap(), expected);
    }

    #[test]
    fn creates_from_nothing() {
        let body = format!(
            r#"{{"userName":"ada","password":"new","id":"9","{}":{{"department":"R","manager":{{"value":"2","displayName":"B"}}}}}}"#,
            urn::ENTERPRISE_USER
        );
        assert_eq!(
            user("{}", &body).unwrap(),
            "{schemas:[U,E],userName:ada,password:new,E:{department:R,manager:{value:2}}}"
        );
    }

    #[test]
    fn what_the_server_says_of_a_manager_goes_with_the_manager() {
        let with =
            |manager: &str| format!(r#"{{"userName":"ada","{}":{{"manager":{manager}}}}}"#, urn::ENTERPRISE_USER);
        let current = with(r#"{"value":"2","displayName":"B"}"#);
        let result = |manager: &str| user(&current, &with(manager)).unwrap();
        assert_eq!(result(r#"{"value":"2"}"#), "{schemas:[U,E],userName:ada,E:{manager:{value:2,displayName:B}}}");
        assert_eq!(result(r#"{"value":"3"}"#), "{schemas:[U,E],userName:ada,E:{manager:{value:3}}}");
        assert_eq!(result("null"), "{schemas:[U],userName:ada}");
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |body: &str| user("{}", body).unwrap_err();
        let invalid = |text: &str| ("invalidValue", text.to_owned());
        assert_eq!(refused("{}"), invalid("userName is required"));
        assert_eq!(refused(r#"{"userName":""}"#), invalid("userName is required"));
        assert_eq!(refused(r#"{"userName":["ada"]}"#), invalid("userName must be a string, not an array of 1"));
        assert_eq!(
            refused(r#"{"userName":"a","active":"False"}"#),
            invalid("active must be a boolean, not the string \"False\"")
        );
        assert_eq!(
            refused(r#"{"userName":"a","emails":{"value":"a"}}"#),
            invalid("emails must be an array, not an object")
        );
        assert_eq!(refused(r#"{"userName":"a","emails":[null]}"#), invalid("emails[0] must be an object, not null"));
        assert_eq!(
            refused(r#"{"userName":"a","emails":[{"value":1}]}"#),
            invalid("emails[0].value must be a string, not the number 1")
        );
        let body = r#"{"userName":"a","emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}"#;
        assert_eq!(refused(body), invalid("emails has more than one primary value"));
        let body = format!(r#"{{"userName":"a","{}":"x"}}"#, urn::ENTERPRISE_USER);
        assert_eq!(
            refused(&body),
            invalid(&format!("{} must be an object, not the string \"x\"", urn::ENTERPRISE_USER))
        );
        assert_eq!(refused("[1]"), ("invalidSyntax", "the body must be an object, not an array of 1".to_owned()));
    }

    #[test]
    fn immutable_attributes_are_set_once() {
        let mut core = (*builtin::user()).clone();
        core.attributes.iter_mut().find(|a| a.name == "title").unwrap().mutability = Mutability::Immutable;
        let schema = ResourceSchema { core: core.into(), ..(*builtin::user_type()).clone() };
        let with = |title: &str| json(&format!(r#"{{"userName":"ada","title":{title}}}"#));
        let title = |current: &str, body: &str| {
            replace(&with(current), &with(body), &schema).map(|r| r.get("title").map(ToString::to_string))
        };
        assert_eq!(title("null", "\"Dr\""), Ok(Some("\"Dr\"".to_owned())));
        assert_eq!(title("\"Dr\"", "\"dr\""), Ok(Some("\"Dr\"".to_owned())));
        assert_eq!(title("\"Dr\"", "null"), Ok(Some("\"Dr\"".to_owned())));
        assert_eq!(title("\"Dr\"", "\"Ms\"").unwrap_err().0, "mutability");
    }

    #[test]
    fn members_are_exchanged_whole() {
        let group = |members: &str| json(&format!(r#"{{"displayName":"g","members":{members}}}"#));
        let current = group(r#"[{"value":"1","display":"Ada","type":"User"},{"value":"2"}]"#);
        let body = group(r#"[{"value":"3","type":"User"},{"value":"1","display":"Stale"}]"#);
        let result = replace(&current, &body, &builtin::group_type()).unwrap();
        assert_eq!(
            result.get("members").unwrap().to_string(),
            r#"[{"value":"3","type":"User"},{"value":"1","display":"Ada"}]"#
                .replace("\"display\":\"Ada\"", "\"display\":\"Ada\",\"type\":\"User\"")
        );
        assert_eq!(replace(&current, &group("[]"), &builtin::group_type()).unwrap().get("members"), None);
    }
}

mod laws {
    use super::*;

    fn any_leaf() -> impl Strategy<Value = Json> {
        let leaves = ["null", "true", "1", "1.0", "\"a\"", "\"A\"", "\"\"", "\"2010-01-23T04:56:22Z\"", "[]", "{}"];
        prop::sample::select(leaves.to_vec()).prop_map(json)
    }

    fn any_object(names: &'static [&'static str], value: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
        let member = (prop::sample::select(names.to_vec()).prop_map(str::to_owned), value);
        prop::collection::vec(member, 0..5).prop_map(|members| Json::Object(Object(members)))
    }

    fn any_resource() -> impl Strategy<Value = Json> {
        let subs = &["value", "Value", "type", "primary", "display", "givenName", "x"];
        let inner = || prop_oneof![any_leaf(), any_object(subs, any_leaf())];
        let value = prop_oneof![inner(), prop::collection::vec(inner(), 0..4).prop_map(Json::Array)];
        let names = &[
            "schemas",
            "id",
            "userName",
            "USERNAME",
            "password",
            "Password",
            "name",
            "emails",
            "roles",
            "groups",
            "meta",
            "x",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ];
        any_object(names, value)
    }

    fn any_paths() -> impl Strategy<Value = Vec<AttributePath>> {
        let texts = [
            "password",
            "userName",
            "name.givenName",
            "emails",
            "emails.value",
            "x",
            "groups.display",
            "PASSWORD.x",
            "urn:ietf:params:scim:schemas:core:2.0:User:password",
            urn::USER,
            urn::ENTERPRISE_USER,
        ];
        let path = prop::sample::select(texts.to_vec()).prop_map(|text| AttributePath::parse(text).unwrap());
        prop::collection::vec(path, 0..4)
    }

    /// The User type where a sub-attribute is never returned either.
    fn secretive() -> ResourceSchema {
        let mut core = (*builtin::user()).clone();
        for attribute in core.attributes.iter_mut().filter(|a| a.name == "emails") {
            attribute.sub_attributes[0].returned = Returned::Never;
        }
        ResourceSchema { core: core.into(), ..(*builtin::user_type()).clone() }
    }

    fn leaks(projected: &Json) -> bool {
        let emails =
            projected.as_object().into_iter().flat_map(Object::iter).filter(|(n, _)| n.eq_ignore_ascii_case("emails"));
        let mut values = emails.flat_map(|(_, v)| v.as_array().map_or_else(|| vec![v], |items| items.iter().collect()));
        projected.get("password").is_some() || values.any(|element| element.get("value").is_some())
    }

    fn shuffled(value: &Json) -> Json {
        match value {
            Json::Object(members) => {
                // Of duplicate members the last counts, so only those without may change places.
                let mut members = members.clone();
                if members.duplicates().is_empty() {
                    members.0.reverse();
                }
                Json::Object(members.iter().map(|(n, v)| (n.to_owned(), shuffled(v))).collect())
            }
            Json::Array(items) => Json::Array(items.iter().rev().map(shuffled).collect()),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(resource in any_resource()) {
            prop_assert_eq!(differences(&resource, &resource, &builtin::user_type()), vec![]);
            prop_assert_eq!(differences(&resource, &shuffled(&resource), &builtin::user_type()), vec![]);
            prop_assert!(equal(&resource, &shuffled(&resource), None));
        }

        #[test]
        fn a_difference_has_a_place(a in any_resource(), b in any_resource()) {
            let found = differences(&a, &b, &builtin::user_type());
            for difference in &found {
                let side = if difference.expected.is_some() { (&a, &difference.expected) } else { (&b, &difference.actual) };
                prop_assert_eq!(side.0.pointer(&difference.pointer), side.1.as_ref(), "{:?}", difference);
            }
            let turned = differences(&b, &a, &builtin::user_type());
            prop_assert_eq!(found.is_empty(), turned.is_empty());
        }

        #[test]
        fn what_is_never_returned_does_not_leak(resource in any_resource(), attributes in any_paths(), excluded in any_paths()) {
            let projected = project(&resource, &secretive(), &attributes, &excluded);
            prop_assert!(!leaks(&projected), "{projected}");
            let again = project(&projected, &secretive(), &attributes, &excluded);
            prop_assert_eq!(again, projected);
        }

        #[test]
        fn replacing_by_what_was_replaced_changes_nothing(current in any_resource(), body in any_resource()) {
            let schema = builtin::user_type();
            let created = replace(&Json::Object(Object::default()), &current, &schema).unwrap_or_default();
            if let Ok(once) = replace(&created, &body, &schema) {
                prop_assert_eq!(replace(&once, &once, &schema), Ok(once.clone()));
                prop_assert_eq!(replace(&once, &body, &schema), Ok(once));
            }
        }
    }
}
