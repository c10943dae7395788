//! A resource as it is shown: what is kept, and what follows from it or from other resources.

use jiff::Timestamp;

use crate::scim::json::{Json, Object, object};
use crate::scim::schema::{Mutability, Returned};

use super::etag;
use super::store::{Kind, Record, Store};

/// Shows resources of a directory under a base URL.
#[derive(Clone, Copy)]
pub(super) struct Viewer<'a> {
    pub store: &'a Store,
    /// `http://127.0.0.1:8080/scim/v2`
    pub base: &'a str,
}

impl Viewer<'_> {
    /// The whole representation, before any projection.
    pub(super) fn resource(&self, kind: Kind, record: &Record) -> Json {
        let mut members = self.body(kind, record);
        let modified = time(record.modified);
        let version = etag::tag(&Json::Object(members.clone()).to_string(), &modified);
        members.set("meta", self.meta(kind, record, modified, version));
        Json::Object(members)
    }

    /// Where a resource is found.
    pub(super) fn location(&self, kind: Kind, id: &str) -> String {
        format!("{}{}/{id}", self.base, self.store.schema(kind).endpoint)
    }

    /// Everything but `meta`.
    fn body(&self, kind: Kind, record: &Record) -> Object {
        let schema = self.store.schema(kind);
        let mut members = Object::default();
        members.set("schemas", self.schemas(kind, record));
        members.set("id", record.id.as_str().into());
        for (name, value) in record.content.iter() {
            let definition = schema.core.attribute(name);
            if definition.is_some_and(|a| a.returned == Returned::Never || a.mutability == Mutability::WriteOnly) {
                continue;
            }
            members.0.push((name.to_owned(), self.linked(name, value)));
        }
        if schema.core.attribute("label").is_some() {
            members.0.extend(room_label(&record.content).map(|label| ("label".to_owned(), label)));
        }
        if schema.core.attribute("groups").is_some() {
            let groups = self.groups(&record.id);
            if !groups.is_empty() {
                members.set("groups", groups.into());
            }
        }
        members
    }

    /// The core schema, and every extension that has a value (RFC 7643 section 3).
    fn schemas(&self, kind: Kind, record: &Record) -> Json {
        let schema = self.store.schema(kind);
        let extensions = schema.extensions.iter().map(|(extension, _)| &extension.id);
        let used = extensions.filter(|id| record.content.get(id).is_some());
        std::iter::once(&schema.core.id).chain(used).map(|id| Json::from(id.as_str())).collect::<Vec<_>>().into()
    }

    fn meta(&self, kind: Kind, record: &Record, modified: String, version: String) -> Json {
        object([
            ("resourceType", self.store.schema(kind).name.as_str().into()),
            ("created", time(record.created).into()),
            ("lastModified", modified.into()),
            ("location", self.location(kind, &record.id).into()),
            ("version", version.into()),
        ])
    }

    /// A value with what its references lead to.
    fn linked(&self, name: &str, value: &Json) -> Json {
        match value {
            Json::Array(items) if name == "members" => {
                items.iter().map(|member| self.member(member)).collect::<Vec<_>>().into()
            }
            // An extension: nothing that is kept at the top level is called like this.
            Json::Object(extension) if name.contains(':') => {
                let members = extension.iter().map(|(name, value)| match name {
                    "manager" => (name.to_owned(), self.manager(value)),
                    _ => (name.to_owned(), value.clone()),
                });
                Json::Object(members.collect())
            }
            other => other.clone(),
        }
    }

    /// A member with its address, its type, and a label if the client gave none (RFC 7643 section 4.2).
    fn member(&self, member: &Json) -> Json {
        let id = member.get("value").and_then(Json::as_str).unwrap_or_default();
        let Some((kind, record)) = self.store.find(id) else { return member.clone() };
        let label = member.get("display").cloned().or_else(|| label(&record.content));
        let mut members = Object::default();
        members.set("value", id.into());
        members.set("$ref", self.location(kind, id).into());
        if let Some(label) = label {
            members.set("display", label);
        }
        members.set("type", self.store.schema(kind).name.as_str().into());
        Json::Object(members)
    }

    /// A manager with address and name, if that is a user here (RFC 7643 section 4.3).
    fn manager(&self, manager: &Json) -> Json {
        let id = manager.get("value").and_then(Json::as_str).unwrap_or_default();
        let Some((kind, record)) = self.store.find(id) else { return manager.clone() };
        let mut members = Object::default();
        members.set("value", id.into());
        members.set("$ref", self.location(kind, id).into());
        if let Some(name) = record.content.get("displayName") {
            members.set("displayName", name.clone());
        }
        Json::Object(members)
    }

    /// The groups that name an id as a member (RFC 7643 section 4.1.2); readOnly, so it follows from the groups.
    fn groups(&self, id: &str) -> Vec<Json> {
        self.store.groups_of(id).map(|(kind, group)| self.membership(kind, group)).collect()
    }

    fn membership(&self, kind: Kind, group: &Record) -> Json {
        let mut members = Object::default();
        members.set("value", group.id.as_str().into());
        members.set("$ref", self.location(kind, &group.id).into());
        if let Some(label) = label(&group.content) {
            members.set("display", label);
        }
        members.set("type", "direct".into());
        Json::Object(members)
    }
}

/// Name and number plate of a room.
fn room_label(content: &Object) -> Option<Json> {
    let text = |name: &str| content.get(name).and_then(Json::as_str);
    Some(format!("{} ({})", text("displayName")?, text("code")?).into())
}

/// What people call a resource.
pub(super) fn label(content: &Object) -> Option<Json> {
    content.get("displayName").or_else(|| content.get("userName")).cloned()
}

/// An instant as `dateTime`: UTC, to the microsecond, so that quick changes differ.
fn time(at: Timestamp) -> String {
    format!("{at:.6}")
}
