//! An extension that a server adds to its users by itself: declared, shown, read-only, and known to filters.

use std::sync::Arc;

use super::super::call::{Call, is_user};
use super::super::value::{append, number, swap};
use super::super::{Answer, Desk};
use crate::scim::filter::{Filter, Truth};
use crate::scim::json::{Json, Object, object};
use crate::scim::path::AttributePath;
use crate::scim::schema::{ResourceSchema, Schema};

/// What every user has of it.
fn values() -> Json {
    object([("score", number(7)), ("region", "eu".into())])
}

/// Users show it.
pub(super) fn show(resource: &mut Object, call: &Call) {
    if is_user(resource) && !call.projects() {
        resource.set(OWN, values());
        append(resource, "schemas", [OWN.into()]);
    }
}

/// Filters know it: as every user has the same, a comparison with it holds for all or for none.
pub(super) fn filter(call: &mut Call, _: &mut Desk<'_>) -> Option<Answer> {
    let known = call.filter().filter(|text| text.contains(OWN));
    if let Some((filter, _)) = known.and_then(|text| Filter::parse(&text).ok()) {
        call.set_filter(Some(&decided(filter).to_string()));
    }
    None
}

fn decided(filter: Filter) -> Filter {
    let both = |left: Box<Filter>, right: Box<Filter>| (Box::new(decided(*left)), Box::new(decided(*right)));
    match filter {
        Filter::And(left, right) => {
            let (left, right) = both(left, right);
            Filter::And(left, right)
        }
        Filter::Or(left, right) => {
            let (left, right) = both(left, right);
            Filter::Or(left, right)
        }
        Filter::Not(inner) => Filter::Not(Box::new(decided(*inner))),
        Filter::Present(path) if is_own(&path) => constant(&Filter::Present(bare(path))),
        Filter::Compare(path, operator, value) if is_own(&path) => {
            constant(&Filter::Compare(bare(path), operator, value))
        }
        other => other,
    }
}

fn is_own(path: &AttributePath) -> bool {
    path.urn.as_deref() == Some(OWN)
}

fn bare(path: AttributePath) -> AttributePath {
    AttributePath { urn: None, ..path }
}

/// A filter that holds for every user, or for none.
fn constant(filter: &Filter) -> Filter {
    let schema = Json::parse(OWN_SCHEMA.as_bytes()).unwrap_or_default();
    let core = Arc::new(Schema::from_json(&schema).0);
    let schema = ResourceSchema { name: "Acme".to_owned(), endpoint: String::new(), core, extensions: Vec::new() };
    let every = Filter::Present(AttributePath { urn: None, attribute: "id".to_owned(), sub: None });
    if filter.matches(&values(), &schema) == Truth::Yes { every } else { Filter::Not(Box::new(every)) }
}

const OWN: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

/// It is declared.
pub(super) fn declare(answer: &mut Answer, call: &Call, _: &mut Desk<'_>) {
    call.each_described(answer, "ResourceTypes", |one| {
        if one.get("id").and_then(Json::as_str) == Some("User") {
            let more = object([("schema", OWN.into()), ("required", false.into())]);
            append(one, "schemaExtensions", [more]);
        }
    });
    let body = answer.body.as_mut().filter(|_| call.path == "/Schemas" && answer.status == 200);
    if let Some(list) = body.and_then(Json::as_object_mut) {
        let own = Json::parse(OWN_SCHEMA.as_bytes()).unwrap_or_default();
        append(list, "Resources", [own]);
        swap(list, "totalResults", |total| number(total.as_i64().unwrap_or_default() + 1));
        swap(list, "itemsPerPage", |total| number(total.as_i64().unwrap_or_default() + 1));
    }
}

const OWN_SCHEMA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
"id":"urn:example:params:scim:schemas:extension:acme:2.0:User","name":"Acme","description":"What Acme adds","attributes":[
{"name":"score","type":"integer","multiValued":false,"description":"Score","required":false,"mutability":"readOnly","returned":"default","uniqueness":"none"},
{"name":"region","type":"string","multiValued":false,"description":"Region","required":false,"caseExact":false,"mutability":"readOnly","returned":"default","uniqueness":"none"}],
"meta":{"resourceType":"Schema","location":"/scim/v2/Schemas/urn:example:params:scim:schemas:extension:acme:2.0:User"}}"#;
