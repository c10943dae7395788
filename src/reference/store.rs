//! The directory: resources of every type in the order of their creation, with indexes for ids, unique values and members.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::scim::json::{Json, Object};
use crate::scim::schema::{ResourceSchema, Uniqueness, builtin};

use super::digest;
use super::fault::{self, Fault};

/// Which resource type: its place in the list of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind(usize);

/// One resource as it is kept: what clients said, spelled and ordered as the schema does; what is readOnly or follows from
/// other resources is added when it is shown.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub id: String,
    pub content: Object,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// Type and number of creation.
type Place = (Kind, u64);

/// All resources.
pub(super) struct Store {
    types: Vec<Arc<ResourceSchema>>,
    /// In the order of creation, so that pages are stable.
    records: BTreeMap<Place, Record>,
    places: HashMap<String, Place>,
    unique: HashMap<String, String>,
    groups_of: HashMap<String, BTreeSet<Place>>,
    seed: u64,
    faults: Vec<&'static Fault>,
    created: u64,
    reserved: u64,
}

impl Store {
    /// An empty directory.
    pub(super) fn new(types: Vec<Arc<ResourceSchema>>, seed: u64, faults: Vec<&'static Fault>) -> Self {
        let (records, places) = (BTreeMap::new(), HashMap::new());
        let (unique, groups_of) = (HashMap::new(), HashMap::new());
        Self { types, records, places, unique, groups_of, seed, faults, created: 0, reserved: 0 }
    }

    /// What its ids and cursors come from.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The resource types, in their published order.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + use<> {
        (0..self.types.len()).map(Kind)
    }

    /// The type behind an endpoint, named without its slash.
    pub(super) fn kind_at(&self, endpoint: &str) -> Option<Kind> {
        self.types.iter().position(|schema| schema.endpoint.trim_start_matches('/') == endpoint).map(Kind)
    }

    pub(super) fn schema(&self, kind: Kind) -> &Arc<ResourceSchema> {
        &self.types[kind.0]
    }

    /// A resource of one type.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<&Record> {
        self.find(id).filter(|(found, _)| *found == kind).map(|(_, record)| record)
    }

    /// A resource of any type; ids are unique over all of them (RFC 7643 section 3.1).
    pub(super) fn find(&self, id: &str) -> Option<(Kind, &Record)> {
        let place = self.places.get(id)?;
        self.records.get(place).map(|record| (place.0, record))
    }

    /// All resources of a type, oldest first.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.range((kind, 0)..=(kind, u64::MAX)).map(|(_, record)| record)
    }

    /// The groups that name this id as a member, oldest first.
    pub(super) fn groups_of(&self, id: &str) -> impl Iterator<Item = (Kind, &Record)> {
        let places = self.groups_of.get(id).into_iter().flatten();
        places.filter_map(|place| self.records.get(place).map(|record| (place.0, record)))
    }

    /// Who holds a unique value that `content` claims, other than `id`: the attribute and its value.
    pub(super) fn conflict(&self, kind: Kind, content: &Object, id: &str) -> Option<(String, String)> {
        self.claims(kind, content)
            .find(|claim| self.unique.get(&claim.key).is_some_and(|owner| owner != id))
            .map(|claim| (claim.attribute, claim.value))
    }

    /// Whether no two resources of a type share a value of that attribute.
    pub(super) fn is_unique(&self, kind: Kind, attribute: &str) -> bool {
        let definition = builtin::common(attribute).or_else(|| self.schema(kind).core.attribute(attribute));
        definition.is_some_and(|definition| definition.uniqueness != Uniqueness::None)
    }

    /// Who has a value of a unique attribute.
    pub(super) fn holder(&self, kind: Kind, attribute: &str, value: &str) -> Option<&Record> {
        if attribute.eq_ignore_ascii_case("id") {
            return self.get(kind, value);
        }
        self.unique.get(&self.key(kind, attribute, value)).and_then(|id| self.get(kind, id))
    }

    /// An id that no resource has had or will have, in the shape of a UUID.
    pub(super) fn new_id(&mut self) -> String {
        self.reserved += 1;
        fault::id(&self.faults, self.reserved).unwrap_or_else(|| uuid(self.seed, self.reserved))
    }

    /// Adds a resource under an id from [`Store::new_id`].
    pub(super) fn insert(&mut self, kind: Kind, id: &str, content: Object, at: Timestamp) {
        self.created += 1;
        let place = (kind, self.created);
        self.places.insert(id.to_owned(), place);
        self.index(place, id, &content);
        self.records.insert(place, Record { id: id.to_owned(), content, created: at, modified: at });
    }

    /// Gives a resource new content, later than the old.
    pub(super) fn update(&mut self, id: &str, content: Object, at: Timestamp) {
        let Some(&place) = self.places.get(id) else { return };
        let Some(mut record) = self.records.remove(&place) else { return };
        self.unindex(place, &record);
        self.index(place, id, &content);
        record.modified = after(record.modified, at);
        record.content = content;
        self.records.insert(place, record);
    }

    /// Removes a resource, and its memberships with it.
    pub(super) fn delete(&mut self, id: &str, at: Timestamp) {
        let left: Vec<_> =
            self.groups_of(id).map(|(_, group)| (group.id.clone(), without_member(&group.content, id))).collect();
        for (group, content) in left {
            self.update(&group, content, at);
        }
        let Some(place) = self.places.remove(id) else { return };
        if let Some(record) = self.records.remove(&place) {
            self.unindex(place, &record);
        }
    }

    fn index(&mut self, place: Place, id: &str, content: &Object) {
        let claims: Vec<Claim> = self.claims(place.0, content).collect();
        for claim in claims {
            self.unique.insert(claim.key, id.to_owned());
        }
        for member in members(content) {
            self.groups_of.entry(member.to_owned()).or_default().insert(place);
        }
    }

    fn unindex(&mut self, place: Place, record: &Record) {
        let claims: Vec<Claim> = self.claims(place.0, &record.content).collect();
        for claim in claims {
            self.unique.remove(&claim.key);
        }
        for member in members(&record.content) {
            if let Some(groups) = self.groups_of.get_mut(member) {
                groups.remove(&place);
                if groups.is_empty() {
                    self.groups_of.remove(member);
                }
            }
        }
    }

    /// The values of a resource that nobody else of its type may have.
    fn claims(&self, kind: Kind, content: &Object) -> impl Iterator<Item = Claim> {
        let attributes = self.schema(kind).core.attributes.iter();
        attributes.filter(|attribute| attribute.uniqueness != Uniqueness::None).filter_map(move |attribute| {
            let value = content.get(&attribute.name)?.as_str()?;
            Some(Claim {
                key: self.key(kind, &attribute.name, value),
                attribute: attribute.name.clone(),
                value: value.to_owned(),
            })
        })
    }

    /// A unique value as it is compared: with case only where its attribute says so (RFC 7643 section 2.2).
    fn key(&self, kind: Kind, attribute: &str, value: &str) -> String {
        let exact = self.schema(kind).core.attribute(attribute).is_some_and(|definition| definition.case_exact);
        let value = if exact { value.to_owned() } else { value.to_lowercase() };
        format!("{}/{}/{value}", kind.0, attribute.to_ascii_lowercase())
    }
}

struct Claim {
    key: String,
    attribute: String,
    value: String,
}

/// The ids in `members`.
fn members(content: &Object) -> impl Iterator<Item = &str> {
    let members = content.get("members").and_then(Json::as_array).unwrap_or_default();
    members.iter().filter_map(|member| member.get("value")?.as_str())
}

fn without_member(content: &Object, id: &str) -> Object {
    let mut content = content.clone();
    let emptied = match content.get_mut("members") {
        Some(Json::Array(members)) => {
            members.retain(|member| member.get("value").and_then(Json::as_str) != Some(id));
            members.is_empty()
        }
        _ => false,
    };
    if emptied {
        content.remove("members");
    }
    content
}

/// Time as the clock has it, but never standing still for a resource: two changes within a microsecond are told apart.
fn after(last: Timestamp, at: Timestamp) -> Timestamp {
    let next = last.checked_add(SignedDuration::from_micros(1)).unwrap_or(last);
    at.max(next)
}

/// A seed and a number in the shape of a version 4 UUID (RFC 9562).
fn uuid(seed: u64, number: u64) -> String {
    let mut id = digest::hex(&[&seed.to_be_bytes(), &number.to_be_bytes()], 16);
    id.replace_range(12..13, "4");
    id.replace_range(16..17, "8");
    for hyphen in [20, 16, 12, 8] {
        id.insert(hyphen, '-');
    }
    id
}
