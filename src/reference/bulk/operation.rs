//! One operation of a bulk job: read, tied to ids, carried out, reported.

use std::collections::{BTreeSet, HashMap};

use crate::reference::etag::Conditions;
use crate::reference::query::Projection;
use crate::reference::refusal::Refusal;
use crate::reference::resource::{self, Promised, Scope};
use crate::reference::store::{Kind, Store};
use crate::reference::wire::Answer;
use crate::scim::json::{Json, Object};

/// What stands before a bulkId where an id belongs (RFC 7644 section 3.7.2).
const REFERENCE: &str = "bulkId:";

/// A well-formed operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub method: Method,
    pub bulk_id: Option<String>,
    pub kind: Kind,
    /// Of the resource; `None` for POST. It may be a reference to a new one.
    pub id: Option<String>,
    version: Option<String>,
    data: Json,
}

/// What an operation may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    fn named(name: &str) -> Option<Self> {
        match name {
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

impl Operation {
    /// Reads an operation.
    ///
    /// # Errors
    /// 400 for what is no operation, 404 for a path that leads nowhere.
    pub(super) fn read(operation: &Json, store: &Store) -> Result<Self, Refusal> {
        let text = |name: &str| operation.get(name).and_then(Json::as_str);
        let method = text("method").and_then(Method::named);
        let method = method.ok_or_else(|| Refusal::syntax("\"method\" must be POST, PUT, PATCH or DELETE."))?;
        let path = text("path").ok_or_else(|| Refusal::syntax("An operation must have a \"path\"."))?;
        let (kind, id) = target(path, store)?;
        let bulk_id = text("bulkId").filter(|id| !id.is_empty()).map(str::to_owned);
        if method == Method::Post && bulk_id.is_none() {
            return Err(Refusal::syntax("A POST operation must have a \"bulkId\"."));
        }
        if (method == Method::Post) != id.is_none() {
            return Err(Refusal::syntax("POST takes the path of an endpoint, every other method that of a resource."));
        }
        let data = operation.get("data").cloned().unwrap_or_default();
        if method != Method::Delete && data.as_object().is_none() {
            return Err(Refusal::syntax("\"data\" must be an object."));
        }
        Ok(Self { method, bulk_id, kind, id, version: text("version").map(str::to_owned), data })
    }

    /// The bulkIds that it refers to, in path and data.
    pub(super) fn references(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        collect(&self.data, &mut found);
        if let Some(id) = self.id.as_ref().and_then(|id| id.strip_prefix(REFERENCE)) {
            found.insert(id.to_owned());
        }
        found
    }

    /// The same with ids in place of references.
    pub(super) fn resolved(&self, ids: &HashMap<String, String>) -> Self {
        let mut operation = self.clone();
        replace(&mut operation.data, ids);
        let id = self.id.as_ref().and_then(|id| id.strip_prefix(REFERENCE)).and_then(|id| ids.get(id));
        operation.id = id.cloned().or(operation.id);
        operation
    }

    /// Carries it out; a POST under the id that was put aside for it.
    pub(super) fn perform(
        &self,
        store: &mut Store,
        scope: &Scope,
        new_id: &str,
        promised: Promised<'_>,
    ) -> Result<Answer, Refusal> {
        let conditions = Conditions::version(self.version.as_deref());
        let scope = Scope { conditions, projection: Projection::default(), ..scope.clone() };
        let id = self.id.as_deref().unwrap_or(new_id);
        match self.method {
            Method::Post => resource::create_as(store, &scope, self.kind, &self.data, id, promised),
            Method::Put => resource::put(store, &scope, self.kind, id, &self.data, promised),
            Method::Patch => resource::patch(store, &scope, self.kind, id, &self.data, promised),
            Method::Delete => resource::delete(store, &scope, self.kind, id),
        }
    }
}

/// The type and the id in a path relative to the base URL.
fn target(path: &str, store: &Store) -> Result<(Kind, Option<String>), Refusal> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let nowhere = || Refusal::new(404, format!("The path {path} leads nowhere."));
    let kind = parts.next().and_then(|endpoint| store.kind_at(endpoint)).ok_or_else(nowhere)?;
    let id = parts.next().map(crate::exchange::decode_path);
    if parts.next().is_some() { Err(nowhere()) } else { Ok((kind, id)) }
}

fn collect(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::String(text) => found.extend(text.strip_prefix(REFERENCE).map(str::to_owned)),
        Json::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Json::Object(Object(members)) => members.iter().for_each(|(_, member)| collect(member, found)),
        _ => {}
    }
}

fn replace(value: &mut Json, ids: &HashMap<String, String>) {
    match value {
        Json::String(text) => {
            if let Some(id) = text.strip_prefix(REFERENCE).and_then(|id| ids.get(id)) {
                text.clone_from(id);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, ids)),
        Json::Object(Object(members)) => members.iter_mut().for_each(|(_, member)| replace(member, ids)),
        _ => {}
    }
}
