//! What fits a schema, what does not, and how it is told.

use proptest::prelude::*;

use super::*;
use crate::scim::schema::{Attribute, Type};
use crate::scim::urn;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

/// Pointer, expected, actual.
fn told(mismatches: &[Mismatch]) -> Vec<(&str, &str, &str)> {
    let mut told: Vec<_> =
        mismatches.iter().map(|m| (m.pointer.as_str(), m.expected.as_str(), m.actual.as_str())).collect();
    told.sort_unstable();
    told
}

fn user() -> &'static Validator {
    static USER: LazyLock<Validator> = LazyLock::new(|| Validator::resource(&builtin::user_type()));
    &USER
}

const FULL_USER: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "id": "2819c223", "externalId": "701984", "userName": "ada@example.com", "unknown": {"x": [1, null]},
    "name": {"formatted": "Ms. Ada Example", "familyName": "Example", "givenName": "Ada", "other": 1},
    "displayName": "Ada", "nickName": null, "profileUrl": "https://example.com/ada", "active": true,
    "emails": [{"value": "ada@example.com", "type": "rare", "primary": true}, {"value": "ada@home.example.com"}],
    "addresses": [{"type": "work", "country": "GB", "primary": false}], "roles": [], "photos": null,
    "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAw"}],
    "groups": [{"value": "e9e30dba", "$ref": "https://example.com/v2/Groups/e9e30dba", "display": "Tour Guides"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "701984", "manager": {"value": "26118915"}},
    "meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34.5",
             "version": "W/\"a330bc54f0671c9\"", "location": "https://example.com/v2/Users/2819c223"}}"#;

#[test]
fn a_full_user_fits() {
    assert_eq!(told(&user().check(&json(FULL_USER))), []);
}

#[test]
fn names_are_compared_without_case() {
    let text = r#"{"SCHEMAS": ["x"], "ID": "1", "USERNAME": "ada", "Active": "False", "Name": {"GIVENNAME": 1},
        "URN:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User": {"Department": []
        , "MANAGER": {"$REF": false}}}"#;
    let expected = [
        ("/Active", "a boolean", "the string \"False\""),
        ("/Name/GIVENNAME", "a string", "the number 1"),
        ("/URN:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User/MANAGER/$REF", "a string", "false"),
    ];
    assert_eq!(told(&user().check(&json(text))), expected);
}

#[test]
fn what_is_required_must_have_a_value() {
    let mismatches = user().check(&json(r#"{"schemas": [], "id": "", "username": null}"#));
    let expected = [
        ("/id", "a string that is not empty", "an empty string"),
        ("/schemas", "the member \"schemas\" with a value", "an empty array"),
        ("/username", "the member \"userName\" with a value", "null"),
    ];
    assert_eq!(told(&mismatches), expected);
    assert_eq!(mismatches.iter().filter(|m| m.missing).count(), 2);
    let mismatches = user().check(&json("{}"));
    assert_eq!(mismatches.len(), 3);
    assert!(mismatches.iter().all(|m| m.missing && m.pointer.is_empty() && m.actual == "nothing"), "{mismatches:?}");
    assert_eq!(told(&user().check(&json("[]"))), [("", "an object", "an empty array")]);
}

#[test]
fn plurality_counts_and_emptiness_does_not() {
    let text = r#"{"schemas": ["x"], "id": "1", "userName": "ada", "emails": {"value": "a"}, "title": ["x"], "locale": [],
        "phoneNumbers": [null, "555", {"value": 555}], "name": "Ada", "meta": {"created": "2010-01-23"}}"#;
    let expected = [
        ("/emails", "an array", "an object"),
        ("/meta/created", "a string that is a dateTime of XML Schema", "the string \"2010-01-23\""),
        ("/name", "an object", "the string \"Ada\""),
        ("/phoneNumbers/0", "an object", "null"),
        ("/phoneNumbers/1", "an object", "the string \"555\""),
        ("/phoneNumbers/2/value", "a string", "the number 555"),
        ("/title", "a string", "an array of 1"),
    ];
    assert_eq!(told(&user().check(&json(text))), expected);
}

#[test]
fn of_duplicate_members_the_last_counts() {
    let text = r#"{"schemas": ["x"], "id": "1", "userName": 1, "username": "ada", "active": true, "Active": "x"}"#;
    assert_eq!(told(&user().check(&json(text))), [("/Active", "a boolean", "the string \"x\"")]);
}

fn attribute(name: &str, kind: &str, multi_valued: bool) -> Attribute {
    let text = format!(
        r#"{{"id": "urn:x", "attributes": [{{"name": "{name}", "type": "{kind}", "multiValued": {multi_valued}}}]}}"#
    );
    Schema::from_json(&json(&text)).0.attributes.remove(0)
}

fn resource_with(attributes: Vec<Attribute>) -> ResourceSchema {
    let core = Schema { id: "urn:x".to_owned(), attributes, ..Schema::default() };
    ResourceSchema { name: "X".to_owned(), endpoint: "/X".to_owned(), core: core.into(), extensions: Vec::new() }
}

#[test]
fn every_type_is_judged_as_its_values_are() {
    let samples = r#"["", "text", "true", "2008-01-23T04:56:22", "2008-01-23", "QQ==", "Q", true, false, 0, 1.0, 1e3, -7, {}, {"a": 1}]"#;
    let kinds = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];
    for (kind, multi_valued) in kinds.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
        let attribute = attribute("a/B~c", kind, multi_valued);
        let kind: Type = attribute.kind;
        let validator = Validator::resource(&resource_with(vec![attribute]));
        for sample in json(samples).as_array().unwrap() {
            let value = if multi_valued { format!("[{sample}]") } else { sample.to_string() };
            let found = validator.check(&json(&format!(r#"{{"schemas": ["urn:x"], "id": "1", "A/b~C": {value}}}"#)));
            let place = if multi_valued { "/A~1b~0C/0" } else { "/A~1b~0C" };
            let expected = [(place, kind.in_words(), in_words(sample))];
            let expected: Vec<_> =
                expected.iter().filter(|_| !kind.fits(sample)).map(|(p, e, a)| (*p, *e, a.as_str())).collect();
            assert_eq!(told(&found), expected, "{kind:?} {value}");
        }
    }
}

#[test]
fn common_attributes_win_over_what_a_schema_lists() {
    let validator = Validator::resource(&resource_with(vec![attribute("ID", "integer", true)]));
    assert_eq!(told(&validator.check(&json(r#"{"schemas": ["urn:x"], "id": "1"}"#))), []);
}

#[test]
fn a_required_extension_must_be_there_with_what_it_requires() {
    let mut schema = (*builtin::user_type()).clone();
    let mut extension = (*builtin::enterprise_user()).clone();
    extension.attributes[0].required = true;
    schema.extensions = vec![(extension.into(), true)];
    let validator = Validator::resource(&schema);
    let base = r#""schemas": ["x"], "id": "1", "userName": "ada""#;
    let missing = format!("the member {:?}", urn::ENTERPRISE_USER);
    assert_eq!(told(&validator.check(&json(&format!("{{{base}}}")))), [("", missing.as_str(), "nothing")]);
    let pointer = format!("/{}", urn::ENTERPRISE_USER);
    let inner = [(pointer.as_str(), "the member \"employeeNumber\"", "nothing")];
    assert_eq!(told(&validator.check(&json(&format!("{{{base}, {:?}: {{}}}}", urn::ENTERPRISE_USER)))), inner);
}

/// A document and what is wrong with it.
fn document(kind: Document, text: &str, expected: &[(&str, &str, &str)]) {
    assert_eq!(told(&kind.check(&json(text))), expected, "{kind:?} {text}");
}

#[test]
fn list_responses() {
    let list = |rest: &str| format!(r#"{{"schemas": ["{}"], {rest}}}"#, urn::LIST_RESPONSE);
    document(Document::ListResponse, &list(r#""TotalResults": 1, "resources": [{"id": 1}], "startIndex": 1"#), &[]);
    document(Document::ListResponse, &list(r#""totalResults": 0, "Resources": null"#), &[]);
    document(Document::ListResponse, &list(r#""nextCursor": "x", "Resources": []"#), &[]);
    document(Document::ListResponse, &list(r#""Resources": []"#), &[("", "the member \"totalResults\"", "nothing")]);
    let expected = [
        ("/Resources", "an array", "an object"),
        ("/itemsPerPage", "an integer", "the number 1.5"),
        ("/totalResults", "an integer", "the string \"1\""),
    ];
    document(Document::ListResponse, &list(r#""totalResults": "1", "itemsPerPage": 1.5, "Resources": {}"#), &expected);
    let urn = format!("the URN {:?}", urn::LIST_RESPONSE);
    document(
        Document::ListResponse,
        r#"{"schemas": ["x"], "totalResults": 0}"#,
        &[("/schemas", &urn, "an array of 1")],
    );
}

#[test]
fn errors() {
    let error = |rest: &str| format!(r#"{{"schemas": ["{}"], {rest}}}"#, urn::ERROR);
    document(Document::Error, &error(r#""status": "404", "detail": "gone", "scimType": "noTarget""#), &[]);
    let expected = [("/detail", "a string", "an array of 1"), ("/status", "a string", "the number 404")];
    document(Document::Error, &error(r#""status": 404, "detail": ["gone"]"#), &expected);
    document(Document::Error, &error(r#""detail": "gone""#), &[("", "the member \"status\"", "nothing")]);
}

#[test]
fn patch_and_bulk() {
    let patch = |rest: &str| format!(r#"{{"schemas": ["{}"], "Operations": {rest}}}"#, urn::PATCH_OP);
    document(Document::PatchOp, &patch(r#"[{"op": "Add", "value": 1}, {"op": "remove", "path": "title"}]"#), &[]);
    document(Document::PatchOp, &patch(r"[{}]"), &[("/Operations/0", "the member \"op\"", "nothing")]);
    document(
        Document::PatchOp,
        &patch("[]"),
        &[("/Operations", "the member \"Operations\" with a value", "an empty array")],
    );
    let bulk = |rest: &str| format!(r#"{{"schemas": ["{}"], "Operations": [{rest}]}}"#, urn::BULK_RESPONSE);
    document(Document::BulkResponse, &bulk(r#"{"method": "POST", "status": "201", "location": "x"}"#), &[]);
    let expected = [("/Operations/0/status", "a string", "an object")];
    document(Document::BulkResponse, &bulk(r#"{"method": "POST", "status": {"code": "201"}}"#), &expected);
}

#[test]
fn discovery_documents() {
    let config = format!(
        r#"{{"schemas": ["{}"], "patch": {{"supported": true}}, "bulk": {{"supported": false, "maxOperations": 0, "maxPayloadSize": 0}},
        "filter": {{"supported": true, "maxResults": "200"}}, "changePassword": {{"supported": false}}, "sort": {{}},
        "authenticationSchemes": [{{"type": "oauthbearertoken", "name": "Token"}}]}}"#,
        urn::SERVICE_PROVIDER_CONFIG
    );
    let expected = [
        ("", "the member \"etag\"", "nothing"),
        ("/authenticationSchemes/0", "the member \"description\"", "nothing"),
        ("/filter/maxResults", "an integer", "the string \"200\""),
        ("/sort", "the member \"supported\"", "nothing"),
    ];
    document(Document::ServiceProviderConfig, &config, &expected);
    let resource_type =
        format!(r#"{{"schemas": ["{}"], "name": "User", "schemaExtensions": null}}"#, urn::RESOURCE_TYPE);
    let expected = [("", "the member \"endpoint\"", "nothing"), ("", "the member \"schema\"", "nothing")];
    document(Document::ResourceType, &resource_type, &expected);
}

#[test]
fn our_own_schemas_are_schemas() {
    let all = [builtin::user(), builtin::group(), builtin::enterprise_user(), builtin::service_provider_config()];
    for schema in all.into_iter().chain([builtin::resource_type(), builtin::schema()]) {
        assert_eq!(told(&Document::Schema.check(&schema.to_json())), [], "{}", schema.id);
    }
    let text = format!(r#"{{"schemas": ["{}"], "id": "urn:x", "attributes": [{{"name": "a"}}]}}"#, urn::SCHEMA);
    let expected = [
        ("/attributes/0", "the member \"multiValued\"", "nothing"),
        ("/attributes/0", "the member \"type\"", "nothing"),
    ];
    document(Document::Schema, &text, &expected);
}

/// The same document with every member name in another case.
fn recased(value: &Json, upper: bool) -> Json {
    let recase = |name: &str| if upper { name.to_ascii_uppercase() } else { name.to_ascii_lowercase() };
    match value {
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (recase(name), recased(value, upper))).collect())
        }
        Json::Array(items) => items.iter().map(|item| recased(item, upper)).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

fn any_value() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec!["value", "type", "primary", "givenName", "created", "$ref", "x"]);
    let leaf =
        prop::sample::select(vec!["null", "true", "1", "1.5", "\"a\"", "\"\"", "\"2010-01-23T04:56:22Z\"", "[]", "{}"]);
    leaf.prop_map(json).prop_recursive(3, 12, 3, move |inner| {
        let member = (name.clone().prop_map(str::to_owned), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Json::Array),
            prop::collection::vec(member, 0..3).prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn any_user() -> impl Strategy<Value = Json> {
    let names = [
        "schemas",
        "id",
        "userName",
        "active",
        "name",
        "emails",
        "meta",
        "x509Certificates",
        "roles",
        urn::ENTERPRISE_USER,
    ];
    let name = prop::sample::select(names.to_vec()).prop_map(str::to_owned);
    prop::collection::vec((name, any_value()), 0..8).prop_map(|members| Json::Object(members.into_iter().collect()))
}

proptest! {
    #[test]
    fn the_case_of_names_changes_no_verdict(document in any_user(), upper in any::<bool>()) {
        let fold = |document: &Json| -> Vec<_> {
            let mut all: Vec<_> = user().check(document).into_iter()
                .map(|m| (m.pointer.to_ascii_lowercase(), m.expected, m.actual, m.missing)).collect();
            all.sort_unstable();
            all
        };
        prop_assert_eq!(fold(&document), fold(&recased(&document, upper)));
    }

    #[test]
    fn pointers_lead_to_what_is_told(document in any_user()) {
        for mismatch in user().check(&document) {
            let value = document.pointer(&mismatch.pointer);
            prop_assert!(value.is_some(), "{mismatch:?}");
            if mismatch.actual != "nothing" {
                prop_assert_eq!(value.map(in_words), Some(mismatch.actual));
            }
        }
    }
}
