//! What the provider says of itself (RFC 7644 section 4; RFC 7643 sections 5, 6, 7).

use crate::scim::json::{Json, object};
use crate::scim::message;
use crate::scim::schema::ResourceSchema;
use crate::scim::urn;

use super::query::{MAX_RESULTS, Parameters};
use super::refusal::Refusal;
use super::route::MAX_BODY;
use super::store::Store;
use super::wire::Answer;
use super::{bulk, cursor};

/// `/ServiceProviderConfig`
///
/// # Errors
/// 403 for a filter.
pub(super) fn service_provider_config(base: &str, parameters: &Parameters) -> Result<Answer, Refusal> {
    refuse_filter(parameters)?;
    let supported = |yes: bool| object([("supported", yes.into())]);
    let bulk = object([
        ("supported", true.into()),
        ("maxOperations", bulk::MAX_OPERATIONS.into()),
        ("maxPayloadSize", MAX_BODY.into()),
    ]);
    let body = object([
        ("schemas", Json::Array(vec![urn::SERVICE_PROVIDER_CONFIG.into()])),
        ("patch", supported(true)),
        ("bulk", bulk),
        ("filter", object([("supported", true.into()), ("maxResults", MAX_RESULTS.into())])),
        ("changePassword", supported(true)),
        ("sort", supported(true)),
        ("etag", supported(true)),
        ("pagination", pagination()),
        ("authenticationSchemes", Json::Array(vec![bearer_scheme()])),
        ("meta", meta("ServiceProviderConfig", format!("{base}/ServiceProviderConfig"))),
    ]);
    Ok(Answer::with_body(200, body))
}

/// RFC 9865 section 4.
fn pagination() -> Json {
    object([
        ("cursor", true.into()),
        ("index", true.into()),
        ("defaultPaginationMethod", "index".into()),
        ("defaultPageSize", MAX_RESULTS.into()),
        ("maxPageSize", MAX_RESULTS.into()),
        ("cursorTimeout", Json::Number(cursor::TIMEOUT.to_string().into())),
    ])
}

fn bearer_scheme() -> Json {
    object([
        ("type", "oauthbearertoken".into()),
        ("name", "OAuth Bearer Token".into()),
        ("description", "A bearer token in the Authorization header".into()),
        ("specUri", "https://www.rfc-editor.org/info/rfc6750".into()),
        ("primary", true.into()),
    ])
}

/// `/ResourceTypes`, or one of them.
///
/// # Errors
/// 403 for a filter, 404 for a type that there is not.
pub(super) fn resource_types(
    store: &Store,
    base: &str,
    id: Option<&str>,
    parameters: &Parameters,
) -> Result<Answer, Refusal> {
    let types = store.kinds().map(|kind| resource_type(store.schema(kind), base)).collect();
    listed(types, id, parameters, "resource type")
}

fn resource_type(schema: &ResourceSchema, base: &str) -> Json {
    let extension = |id: &str, required: bool| object([("schema", id.into()), ("required", required.into())]);
    let extensions: Vec<_> =
        schema.extensions.iter().map(|(schema, required)| extension(&schema.id, *required)).collect();
    let mut body = object([
        ("schemas", Json::Array(vec![urn::RESOURCE_TYPE.into()])),
        ("id", schema.name.as_str().into()),
        ("name", schema.name.as_str().into()),
        ("description", schema.core.description.as_str().into()),
        ("endpoint", schema.endpoint.as_str().into()),
        ("schema", schema.core.id.as_str().into()),
    ]);
    if let Some(members) = body.as_object_mut() {
        if !extensions.is_empty() {
            members.set("schemaExtensions", extensions.into());
        }
        members.set("meta", meta("ResourceType", format!("{base}/ResourceTypes/{}", schema.name)));
    }
    body
}

/// `/Schemas`, or one of them: those of resources, never those of messages (section 3.1).
///
/// # Errors
/// 403 for a filter, 404 for a schema that there is not.
pub(super) fn schemas(store: &Store, base: &str, id: Option<&str>, parameters: &Parameters) -> Result<Answer, Refusal> {
    let (mut schemas, mut told): (Vec<Json>, Vec<String>) = Default::default();
    for kind in store.kinds() {
        let schema = store.schema(kind);
        for schema in std::iter::once(&schema.core).chain(schema.extensions.iter().map(|(extension, _)| extension)) {
            // Several types can share one.
            if told.contains(&schema.id) {
                continue;
            }
            told.push(schema.id.clone());
            let mut body = schema.to_json();
            if let Some(members) = body.as_object_mut() {
                members.set("meta", meta("Schema", format!("{base}/Schemas/{}", schema.id)));
            }
            schemas.push(body);
        }
    }
    listed(schemas, id, parameters, "schema")
}

/// Several as a list, one alone as itself.
fn listed(resources: Vec<Json>, id: Option<&str>, parameters: &Parameters, what: &str) -> Result<Answer, Refusal> {
    refuse_filter(parameters)?;
    let Some(id) = id else {
        let total = resources.len();
        return Ok(Answer::with_body(200, message::list(resources, total, 1)));
    };
    let named = |resource: &Json| resource.get("id").and_then(Json::as_str).is_some_and(|i| i.eq_ignore_ascii_case(id));
    let found = resources.into_iter().find(named);
    found.map(|body| Answer::with_body(200, body)).ok_or_else(|| Refusal::new(404, format!("There is no {what} {id}.")))
}

/// Parameters are ignored but for a filter, which is forbidden (RFC 7644 section 4).
fn refuse_filter(parameters: &Parameters) -> Result<(), Refusal> {
    if parameters.has("filter") {
        return Err(Refusal::new(403, "Discovery endpoints cannot be filtered."));
    }
    Ok(())
}

fn meta(kind: &str, location: String) -> Json {
    object([("resourceType", kind.into()), ("location", location.into())])
}
