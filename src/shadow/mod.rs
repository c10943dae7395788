//! The shadow directory: what the target's state must be, folded from what was written and answered so far.
//!
//! It holds the run's own resources only: those created in this scenario, by the client or in its set-up. Everybody
//! else is a stranger. What a write means is decided by our own SCIM semantics, tolerantly: a client's intent counts,
//! not the letter. What a complete reading shows becomes the state, so that a defect that has been told is not told
//! again.

pub mod compare;
pub mod fold;
pub mod intent;
pub mod tolerance;

#[cfg(test)]
mod tests;

pub use fold::settled;

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::facts::Facts;
use crate::scim::json::Json;
use crate::scim::patch::{self, Policy};
use crate::scim::schema::{Mutability, ResourceSchema};

/// A representation: one that an answer showed, or one that was computed. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Tree<'a> {
    /// From an answer.
    Seen(&'a Json),
    /// Computed.
    Made(Rc<Json>),
}

impl Tree<'_> {
    fn made(json: Json) -> Self {
        Self::Made(Rc::new(json))
    }

    fn has_member(&self, id: &str) -> bool {
        let members = self.get("members").map(compare::items).unwrap_or_default();
        members.iter().any(|member| names(member, id))
    }

    fn without_member(&mut self, id: &str) {
        if !self.has_member(id) {
            return;
        }
        let mut json = (**self).clone();
        if let Some(Json::Array(members)) = json.as_object_mut().and_then(|group| group.get_mut("members")) {
            members.retain(|member| !names(member, id));
        }
        *self = Self::made(json);
    }
}

/// Whether a member is the resource of that id.
fn names(member: &Json, id: &str) -> bool {
    member.get("value").and_then(Json::as_str) == Some(id)
}

impl Deref for Tree<'_> {
    type Target = Json;

    fn deref(&self) -> &Json {
        match self {
            Self::Seen(json) => json,
            Self::Made(json) => json,
        }
    }
}

/// Whether a resource is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is.
    Live,
    /// The DELETE of this turn succeeded.
    Deleted(usize),
    /// It was found missing, and that was told.
    Lost,
    /// A DELETE had no answer, or one that does not tell.
    Unknown,
}

/// The operations that write a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// POST
    Create,
    /// PUT
    Replace,
    /// PATCH
    Patch,
}

/// A write whose effect has not been seen in a complete reading yet.
#[derive(Clone, Debug)]
pub struct Write<'a> {
    /// Its turn.
    pub turn: usize,
    /// What it was.
    pub operation: Operation,
    /// The body.
    pub body: &'a Json,
    /// The state before.
    pub before: Tree<'a>,
    /// Attribute paths that it touched, in lower case.
    pub touched: Vec<String>,
    /// Ambiguities on which the expected outcome rests.
    pub readings: Vec<u8>,
    /// Whether its answer showed the resource.
    pub answered: bool,
}

/// An own resource.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Its type.
    pub schema: &'a ResourceSchema,
    /// Its id.
    pub id: String,
    /// Whether it is there.
    pub life: Life,
    /// What it must show.
    pub state: Tree<'a>,
    /// Attribute paths that the run has set, in lower case.
    pub set: Vec<String>,
    /// Whether a complete reading has been seen.
    pub shown: bool,
    /// A write failed so that its effect cannot be known: the next complete reading is believed.
    pub uncertain: bool,
    /// The turn of a PATCH that was refused since the last complete reading: it must have changed nothing.
    pub refused: Option<usize>,
    /// Its body.
    pub refused_body: Option<&'a Json>,
    /// Writes since the last complete reading, the oldest first.
    pub writes: Vec<Write<'a>>,
    /// The last write.
    pub last_write: usize,
    /// Departures that have been told, with the value that was there.
    pub told: Vec<(String, Option<Json>)>,
    /// Attributes that the answer to a write left out, with its turn: only a reading can tell what became of them.
    pub omitted: Vec<(usize, String)>,
    /// The whole resource as the answer to the last write showed it.
    pub answer: Option<&'a Json>,
    /// Ids of members that have been deactivated since.
    pub inactive: Vec<String>,
}

/// The run's own resources as they must be.
#[derive(Debug)]
pub struct Shadow<'a> {
    facts: &'a Facts,
    /// In the order of their creation.
    pub records: Vec<Record<'a>>,
    lost: Vec<(usize, &'a ResourceSchema, Json)>,
}

impl<'a> Shadow<'a> {
    /// An empty directory.
    #[must_use]
    pub fn new(facts: &'a Facts) -> Self {
        Self { facts, records: Vec::new(), lost: Vec::new() }
    }

    /// The resource type of a path and what stands behind its endpoint: `/Users/42` → User, `42`.
    #[must_use]
    pub fn place<'p>(&self, path: &'p str) -> Option<(&'a ResourceSchema, Option<&'p str>)> {
        let schema: &'a Arc<ResourceSchema> = self.facts.type_at(path)?;
        let rest = path.trim_start_matches('/').split_once('/').map(|(_, rest)| rest.trim_end_matches('/'));
        Some((schema, rest.filter(|rest| !rest.is_empty())))
    }

    /// The index of an own resource.
    #[must_use]
    pub fn find(&self, schema: &ResourceSchema, id: &str) -> Option<usize> {
        self.records.iter().rposition(|r| r.id == id && std::ptr::eq(r.schema, schema))
    }

    /// A resource was created: `body` is what was written, `id` what the target calls it.
    pub fn create(&mut self, turn: usize, schema: &'a ResourceSchema, id: &str, body: &'a Json) -> usize {
        let state = Tree::made(intent::of_body(body, schema));
        let nothing = Tree::made(Json::Null);
        let touched = compare::changed(&nothing, &state, schema);
        let set = touched.clone();
        let write = Write {
            turn,
            operation: Operation::Create,
            body,
            before: nothing,
            touched,
            readings: Vec::new(),
            answered: false,
        };
        self.records.push(Record {
            schema,
            id: id.to_owned(),
            life: Life::Live,
            state,
            set,
            shown: false,
            // Who sends a group to the place of users was not understood, whatever the answer.
            uncertain: names_another(body, &schema.core.id),
            refused: None,
            refused_body: None,
            writes: vec![write],
            last_write: turn,
            told: Vec::new(),
            omitted: Vec::new(),
            answer: None,
            inactive: Vec::new(),
        });
        self.records.len() - 1
    }

    /// A create had no answer that names the resource: it may be there under an id that is yet to be found.
    pub fn lose(&mut self, turn: usize, schema: &'a ResourceSchema, body: &Json) {
        self.lost.push((turn, schema, intent::of_body(body, schema)));
    }

    /// Takes a resource in whose create had no answer, if this is one: it has the invented name.
    pub fn adopt(&mut self, schema: &'a ResourceSchema, resource: &'a Json) -> Option<usize> {
        let id = resource.get("id")?.as_str()?;
        let same = |wanted: &Json| {
            ["userName", "displayName"].iter().any(|name| {
                let text = |json: &Json| json.get(name).and_then(Json::as_str).map(str::to_lowercase);
                text(wanted).is_some() && text(wanted) == text(resource)
            })
        };
        let at = self.lost.iter().position(|(_, s, wanted)| std::ptr::eq(*s, schema) && same(wanted))?;
        let (turn, ..) = self.lost.remove(at);
        let index = self.create(turn, schema, id, resource);
        let record = &mut self.records[index];
        record.state = Tree::Seen(resource);
        record.writes.clear();
        Some(index)
    }

    /// A resource was deleted: whether it stays a member of its groups is the server's to say (RFC 7643 section 2.3.7).
    fn release(&mut self, id: &str) {
        for record in &mut self.records {
            record.state.without_member(id);
            record.writes.iter_mut().for_each(|write| write.before.without_member(id));
        }
    }

    /// A resource was deactivated: its groups note it.
    fn deactivate(&mut self, id: &str) {
        for record in self.records.iter_mut().filter(|record| record.state.has_member(id)) {
            record.inactive.push(id.to_owned());
        }
    }

    /// A bulk request may have written anything.
    pub fn doubt_everything(&mut self) {
        for record in &mut self.records {
            record.doubt();
            if record.life == Life::Live {
                record.life = Life::Unknown;
            }
        }
    }
}

impl<'a> Record<'a> {
    /// The next complete reading is believed.
    pub fn doubt(&mut self) {
        self.uncertain = true;
        self.writes.clear();
        self.omitted.clear();
        self.refused = None;
        self.answer = None;
    }

    /// A PUT succeeded. What it leaves out is the server's to clear, keep or set (RFC 7644 section 3.5.1).
    pub fn replace(&mut self, turn: usize, body: &'a Json) {
        let mut state = intent::of_body(body, self.schema);
        if let (Json::Object(members), Some(before)) = (&mut state, self.state.as_object()) {
            let read_only = |name: &str| {
                let attribute = self.schema.core.attribute(name);
                matches!(name.to_ascii_lowercase().as_str(), "id" | "meta" | "schemas")
                    || attribute.is_some_and(|a| a.mutability == Mutability::ReadOnly)
            };
            let kept = before.iter().filter(|(name, _)| read_only(name)).map(|(n, v)| (n.to_owned(), v.clone()));
            members.0.extend(kept);
        }
        // Whatever was there before, it is replaced.
        self.uncertain = false;
        self.wrote(turn, Operation::Replace, body, state, Vec::new());
    }

    /// A PATCH succeeded. What our own semantics cannot follow is left to the next reading.
    pub fn patch(&mut self, turn: usize, body: &'a Json) {
        if let Ok(patched) = patch::apply(&self.state, body, self.schema, Policy::Tolerant) {
            self.wrote(turn, Operation::Patch, body, patched.resource, patched.readings);
        } else {
            self.last_write = turn;
            self.doubt();
        }
    }

    fn wrote(&mut self, turn: usize, operation: Operation, body: &'a Json, state: Json, readings: Vec<u8>) {
        let before = std::mem::replace(&mut self.state, Tree::made(state));
        let touched = compare::changed(&before, &self.state, self.schema);
        for path in &touched {
            if !self.set.contains(path) {
                self.set.push(path.clone());
            }
        }
        self.told.retain(|(key, _)| !touched.iter().any(|path| key.to_ascii_lowercase().starts_with(path.as_str())));
        self.refused = None;
        self.answer = None;
        self.last_write = turn;
        if !self.uncertain {
            self.writes.push(Write { turn, operation, body, before, touched, readings, answered: false });
        }
    }

    /// A complete reading: it is the state from now on.
    pub fn saw(&mut self, resource: &'a Json) {
        self.state = Tree::Seen(resource);
        self.shown = true;
        self.uncertain = false;
        self.refused = None;
        self.writes.clear();
        self.omitted.clear();
        self.told.clear();
    }

    /// The answer to a write showed the resource: what it adds of its own belongs to the state.
    pub fn learn(&mut self, answer: &'a Json) {
        let (Some(shown), Some(expected)) = (answer.as_object(), self.state.as_object()) else { return };
        let new: Vec<_> = shown.iter().filter(|(name, _)| expected.get(name).is_none()).collect();
        if new.is_empty() {
            return;
        }
        let mut state = expected.clone();
        state.0.extend(new.into_iter().map(|(name, value)| (name.to_owned(), value.clone())));
        self.state = Tree::made(Json::Object(state));
    }

    /// Whether it must not show itself as inactive.
    fn is_active(&self) -> bool {
        self.state.get("active").and_then(Json::as_bool) != Some(false)
    }

    /// Whether the resource is a user who was deactivated.
    #[must_use]
    pub fn is_inactive(&self) -> bool {
        self.state.get("active").and_then(Json::as_bool) == Some(false)
    }

    /// Whether a member of that id has been deactivated.
    #[must_use]
    pub fn has_inactive(&self, id: &str) -> bool {
        self.inactive.iter().any(|inactive| inactive == id)
    }

    /// Whether the run has set the attribute of that path, or a part of it.
    #[must_use]
    pub fn has_set(&self, path: &str) -> bool {
        self.set.iter().any(|set| overlaps(set, path))
    }

    /// The write since the last complete reading that touched the attribute of that path last.
    #[must_use]
    pub fn touched_by(&self, path: &str) -> Option<&Write<'a>> {
        self.writes.iter().rev().find(|write| write.touched.iter().any(|touched| overlaps(touched, path)))
    }

    /// Whether this departure has been told with the same value.
    #[must_use]
    pub fn is_told(&self, key: &str, actual: Option<&Json>) -> bool {
        self.told.iter().any(|(k, v)| k == key && v.as_ref() == actual)
    }
}

/// Whether two attribute paths are the same, or one is a part of the other; names are compared without case.
fn overlaps(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    long.get(..short.len()).is_some_and(|start| start.eq_ignore_ascii_case(short))
        && (long.len() == short.len() || long[short.len()..].starts_with('.'))
}

/// Whether a body says that it is of other schemas than this one (RFC 7643 section 3).
fn names_another(body: &Json, schema: &str) -> bool {
    let named = body.get("schemas").and_then(Json::as_array).unwrap_or_default();
    let is_it = |name: &Json| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(schema));
    !named.is_empty() && !named.iter().any(is_it)
}
