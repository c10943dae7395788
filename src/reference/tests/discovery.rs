//! What the provider says of itself is true, complete and by its own schemas.

use super::*;
use crate::scim::schema::validate::Document;

#[test]
fn the_documents_fit_their_schemas() {
    let mut desk = Desk::new();
    let config = desk.ok("GET /ServiceProviderConfig", "", 200);
    assert_eq!(Document::ServiceProviderConfig.check(&config), []);
    for (path, document, count) in [("/ResourceTypes", Document::ResourceType, 6), ("/Schemas", Document::Schema, 7)] {
        let list = desk.ok(&format!("GET {path}"), "", 200);
        assert_eq!(Document::ListResponse.check(&list), []);
        let resources = list.get("Resources").and_then(Json::as_array).unwrap();
        assert_eq!(resources.len(), count);
        for resource in resources {
            assert_eq!(document.check(resource), [], "{resource}");
            let location = text(resource, "/meta/location").strip_prefix("http://scim.example.com").unwrap();
            assert_eq!(desk.ok(&format!("GET {location}"), "", 200), *resource);
        }
        assert_eq!(desk.ok(&format!("GET {path}?count=1&startIndex=2&sortBy=id"), "", 200), list);
        desk.refused(&format!("GET {path}?filter=id%20pr"), "", 403, None);
        desk.refused(&format!("GET {path}/nothing"), "", 404, None);
    }
    desk.refused("GET /ServiceProviderConfig?filter=a", "", 403, None);
    desk.refused("GET /Schemas/urn:ietf:params:scim:api:messages:2.0:Error", "", 404, None);
}

#[test]
fn resources_fit_the_published_schemas() {
    use crate::scim::schema::builtin;
    use crate::scim::schema::validate::Validator;
    let mut desk = Desk::new();
    let boss = desk.user("boss");
    let body = format!(
        r#"{{{BOTH},"userName":"ada","emails":[{{"value":"a@example.com","type":"work","primary":true}}],"{ENTERPRISE}":{{"manager":{{"value":"{boss}"}}}}}}"#
    );
    let ada = id(&desk.ok("POST /Users", &body, 201));
    let group = desk.group("Group", &[&ada, &boss]);
    let user = desk.ok(&format!("GET /Users/{ada}"), "", 200);
    assert_eq!(Validator::resource(&builtin::user_type()).check(&user), []);
    let group = desk.ok(&format!("GET /Groups/{group}"), "", 200);
    assert_eq!(Validator::resource(&builtin::group_type()).check(&group), []);
}

fn described(attributes: &Json) {
    for attribute in attributes.as_array().unwrap_or_default() {
        assert!(!text(attribute, "/description").is_empty(), "{attribute}");
        described(attribute.get("subAttributes").unwrap_or(&Json::Null));
    }
}

#[test]
fn what_is_advertised_is_explained() {
    let mut desk = Desk::new();
    let list = desk.ok("GET /Schemas", "", 200);
    for schema in list.get("Resources").and_then(Json::as_array).unwrap() {
        assert!(!text(schema, "/description").is_empty() && !text(schema, "/name").is_empty());
        described(schema.get("attributes").unwrap());
    }
}
