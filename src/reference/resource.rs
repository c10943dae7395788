//! Single resources: read, create, replace, patch, delete (RFC 7644 sections 3.3, 3.4.1, 3.5, 3.6).

use std::sync::Arc;

use jiff::Timestamp;

use crate::scim::json::{Json, Object};
use crate::scim::patch::{self, Policy};
use crate::scim::resource::{project, replace};
use crate::scim::schema::{Attribute, ResourceSchema};

use super::certificate;
use super::etag::{Conditions, Outcome};
use super::intake;
use super::password;
use super::query::Projection;
use super::refusal::Refusal;
use super::specified;
use super::store::{Kind, Record, Store};
use super::view::{self, Viewer};
use super::wire::Answer;

/// What a request says beside its target and body.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The base URL that the client used.
    pub base: String,
    /// When the request came.
    pub at: Timestamp,
    /// How far the RFC's letter is left.
    pub policy: Policy,
    /// Which version the client expects.
    pub conditions: Conditions,
    /// Which attributes the client wants.
    pub projection: Projection,
}

/// An id that does not exist yet but will, when a bulk job is done: a reference to it is no mistake.
pub(super) type Promised<'p> = &'p [String];

/// GET: 200, or 304 when the client has this version.
///
/// # Errors
/// 404, 412.
pub(super) fn read(store: &Store, scope: &Scope, kind: Kind, id: &str) -> Result<Answer, Refusal> {
    let record = existing(store, kind, id)?;
    let representation = scope.viewer(store).resource(kind, record);
    let version = version(&representation);
    Ok(match scope.conditions.check(&version, true)? {
        Outcome::NotModified => Answer::empty(304).header("etag", version),
        Outcome::Proceed => scope.show(200, store.schema(kind), &representation),
    })
}

/// POST: 201 with what was created.
///
/// # Errors
/// 400 for what the schema refuses, 409 for a unique value that is taken.
pub(super) fn create(store: &mut Store, scope: &Scope, kind: Kind, body: &Json) -> Result<Answer, Refusal> {
    let id = store.new_id();
    create_as(store, scope, kind, body, &id, &[])
}

/// The same under an id from [`Store::new_id`].
pub(super) fn create_as(
    store: &mut Store,
    scope: &Scope,
    kind: Kind,
    body: &Json,
    id: &str,
    promised: Promised<'_>,
) -> Result<Answer, Refusal> {
    let schema = Arc::clone(store.schema(kind));
    let nothing = Json::Object(Object::default());
    let whole = replace(&nothing, &scope.understood(body, &schema)?, &schema).map_err(refused)?;
    let content = settled(store, kind, id, &with_defaults(whole, &schema), promised)?;
    store.insert(kind, id, content, scope.at);
    Ok(scope.written(201, &schema, &scope.representation(store, kind, id)?, body))
}

/// PUT: 200 with what it became.
///
/// # Errors
/// 404, 412, 400 for what the schema refuses, 409 for a unique value that is taken.
pub(super) fn put(
    store: &mut Store,
    scope: &Scope,
    kind: Kind,
    id: &str,
    body: &Json,
    promised: Promised<'_>,
) -> Result<Answer, Refusal> {
    let schema = Arc::clone(store.schema(kind));
    let current = scope.current(store, kind, id)?;
    let whole = replace(&current, &scope.understood(body, &schema)?, &schema).map_err(refused)?;
    let content = settled(store, kind, id, &with_defaults(whole, &schema), promised)?;
    keep(store, kind, id, content, scope.at);
    Ok(scope.written(200, &schema, &scope.representation(store, kind, id)?, body))
}

/// PATCH: 200 with what it became; all operations or none.
///
/// # Errors
/// 404, 412, 400 for an operation that cannot be applied, 409 for a unique value that is taken.
pub(super) fn patch(
    store: &mut Store,
    scope: &Scope,
    kind: Kind,
    id: &str,
    body: &Json,
    promised: Promised<'_>,
) -> Result<Answer, Refusal> {
    let schema = Arc::clone(store.schema(kind));
    let current = scope.current(store, kind, id)?;
    let patched = patch::apply(&current, body, &schema, scope.policy)
        .map_err(|error| Refusal::bad(error.scim_type, operation_detail(error.operation, &error.detail)))?;
    if patched.changed {
        let content = settled(store, kind, id, &patched.resource, promised)?;
        keep(store, kind, id, content, scope.at);
    }
    Ok(scope.written(200, &schema, &scope.representation(store, kind, id)?, body))
}

/// DELETE: 204.
///
/// # Errors
/// 404, 412.
pub(super) fn delete(store: &mut Store, scope: &Scope, kind: Kind, id: &str) -> Result<Answer, Refusal> {
    scope.current(store, kind, id)?;
    store.delete(id, scope.at);
    Ok(Answer::empty(204))
}

impl Scope {
    pub(super) fn viewer<'a>(&'a self, store: &'a Store) -> Viewer<'a> {
        Viewer { store, base: &self.base }
    }

    /// A resource as an answer, with its address and version in the head.
    fn show(&self, status: u16, schema: &ResourceSchema, representation: &Json) -> Answer {
        let location = representation.pointer("/meta/location").and_then(Json::as_str).unwrap_or_default().to_owned();
        let version = version(representation);
        let Projection { attributes, excluded } = &self.projection;
        Answer::with_body(status, project(representation, schema, attributes, excluded))
            .header("location", location)
            .header("etag", version)
    }

    /// The same for a write: what its body specified is there, also if it is returned on request only.
    fn written(&self, status: u16, schema: &ResourceSchema, representation: &Json, body: &Json) -> Answer {
        let mut answer = self.show(status, schema, representation);
        let Projection { attributes, excluded } = &self.projection;
        if let (true, true, Some(shown)) = (attributes.is_empty(), excluded.is_empty(), &mut answer.body) {
            specified::add(shown, representation, body, schema);
        }
        answer
    }

    fn representation(&self, store: &Store, kind: Kind, id: &str) -> Result<Json, Refusal> {
        Ok(self.viewer(store).resource(kind, existing(store, kind, id)?))
    }

    /// What a write starts from: the representation, once the conditions hold, with what is never shown in its place.
    fn current(&self, store: &Store, kind: Kind, id: &str) -> Result<Json, Refusal> {
        let record = existing(store, kind, id)?;
        let mut representation = self.viewer(store).resource(kind, record);
        self.conditions.check(&version(&representation), false)?;
        if let Some(members) = representation.as_object_mut() {
            // What is never shown stays what it is.
            let hidden = record.content.iter().filter(|(name, _)| members.get(name).is_none());
            let hidden: Vec<_> = hidden.map(|(name, value)| (name.to_owned(), value.clone())).collect();
            members.0.extend(hidden);
        }
        Ok(representation)
    }

    /// The body of a POST or PUT as it is meant.
    fn understood(&self, body: &Json, schema: &ResourceSchema) -> Result<Json, Refusal> {
        check_schemas(body, schema)?;
        Ok(match self.policy {
            Policy::Strict => body.clone(),
            Policy::Tolerant => intake::tolerated(body, schema),
        })
    }
}

/// A resource names its core schema (RFC 7643 section 3.3); what else it names is not ours to judge.
fn check_schemas(body: &Json, schema: &ResourceSchema) -> Result<(), Refusal> {
    let named = body.get("schemas").and_then(Json::as_array).unwrap_or_default();
    let has_core = named.iter().filter_map(Json::as_str).any(|urn| urn.eq_ignore_ascii_case(&schema.core.id));
    if body.as_object().is_some() && !has_core {
        return Err(Refusal::syntax(format!("\"schemas\" must name {}.", schema.core.id)));
    }
    Ok(())
}

fn existing<'a>(store: &'a Store, kind: Kind, id: &str) -> Result<&'a Record, Refusal> {
    store.get(kind, id).ok_or_else(|| Refusal::no_resource(&store.schema(kind).name, id))
}

fn version(representation: &Json) -> String {
    representation.pointer("/meta/version").and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn refused((scim_type, detail): (&'static str, String)) -> Refusal {
    Refusal::bad(scim_type, detail)
}

fn operation_detail(operation: Option<usize>, detail: &str) -> String {
    match operation {
        Some(index) => format!("Operation {}: {detail}", index + 1),
        None => detail.to_owned(),
    }
}

/// What is not given gets its default when a resource is written whole: people are active.
fn with_defaults(mut whole: Json, schema: &ResourceSchema) -> Json {
    if schema.core.attribute("active").is_some()
        && let Some(members) = whole.as_object_mut()
        && members.get("active").is_none_or(Json::is_unassigned)
    {
        members.set("active", true.into());
    }
    whole
}

/// What is kept of a whole resource, once it is known to be sound.
fn settled(store: &Store, kind: Kind, id: &str, whole: &Json, promised: Promised<'_>) -> Result<Object, Refusal> {
    let schema = store.schema(kind);
    let mut content = intake::canonical(whole, schema);
    check_attributes(&content, schema)?;
    check_members(store, &content, promised)?;
    certificate::check(&content)?;
    if let Some((attribute, value)) = store.conflict(kind, &content, id) {
        return Err(Refusal::taken(&attribute, &value));
    }
    forget_labels(store, &mut content);
    hide_password(store, id, &mut content);
    Ok(content)
}

/// Writes only what differs: `lastModified` tells of changes (RFC 7643 section 3.1).
fn keep(store: &mut Store, kind: Kind, id: &str, content: Object, at: Timestamp) {
    let unchanged = store.get(kind, id).is_some_and(|record| intake::same(&record.content, &content));
    if !unchanged {
        store.update(id, content, at);
    }
}

/// Required attributes have a value that says something, and at most one value is primary (RFC 7643 section 2.4).
fn check_attributes(content: &Object, schema: &ResourceSchema) -> Result<(), Refusal> {
    for attribute in &schema.core.attributes {
        let value = content.get(&attribute.name);
        if attribute.required && value.is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty())) {
            return Err(Refusal::value(format!("{} is required.", attribute.name)));
        }
        check_primary(attribute, value)?;
    }
    Ok(())
}

fn check_primary(attribute: &Attribute, value: Option<&Json>) -> Result<(), Refusal> {
    let values = value.and_then(Json::as_array).unwrap_or_default();
    let primary = values.iter().filter(|item| item.get("primary").and_then(Json::as_bool) == Some(true));
    match primary.count() {
        0 | 1 => Ok(()),
        _ => Err(Refusal::value(format!("{} has more than one primary value.", attribute.name))),
    }
}

/// Members are resources of this directory (RFC 7643 section 4.2).
fn check_members(store: &Store, content: &Object, promised: Promised<'_>) -> Result<(), Refusal> {
    for member in content.get("members").and_then(Json::as_array).unwrap_or_default() {
        let Some(id) = member.get("value").and_then(Json::as_str) else {
            return Err(Refusal::value("A member has no value."));
        };
        if store.find(id).is_none() && !promised.iter().any(|known| known == id) {
            return Err(Refusal::value(format!("There is no member {id}.")));
        }
    }
    Ok(())
}

/// A member's label that is the provider's own is not kept: it follows the member's name.
fn forget_labels(store: &Store, content: &mut Object) {
    let Some(Json::Array(members)) = content.get_mut("members") else { return };
    for member in members.iter_mut().filter_map(Json::as_object_mut) {
        let own = member.get("value").and_then(Json::as_str).and_then(|id| store.find(id));
        let own = own.and_then(|(_, record)| view::label(&record.content));
        if own.is_some() && member.get("display") == own.as_ref() {
            member.remove("display");
        }
    }
}

/// A new password becomes its digest; the one that is kept already is one.
fn hide_password(store: &Store, id: &str, content: &mut Object) {
    let kept = store.find(id).and_then(|(_, record)| record.content.get("password").cloned());
    if let Some(given) = content.get_mut("password")
        && kept.as_ref() != Some(given)
        && let Some(text) = given.as_str()
    {
        *given = password::stored(text, id).into();
    }
}
