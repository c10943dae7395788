//! The run's own resources as a scenario wrote them: each write with what was there before and what came of it.
//!
//! The shadow directory knows what the state must be; this only tells what was shown. Checks of characteristics
//! (mutability, returned, uniqueness) compare the two ends of a write.

use std::sync::Arc;

use super::{Kind, Operation, Scene};
use crate::exchange::{Exchange, Origin, decode_path};
use crate::scim::json::{Json, pointer_part};
use crate::scim::path::{AttributePath, PatchPath};
use crate::scim::schema::ResourceSchema;
use crate::shadow::fold::{Extent, created_id};

/// A write of an own resource that succeeded.
#[derive(Debug)]
pub struct Written<'a> {
    /// The scenario around it.
    pub scene: Scene<'a>,
    /// Its turn.
    pub turn: usize,
    /// The turn that shows its effect: the last reading before the next write there, else its own answer.
    pub shown_at: usize,
    /// POST, PUT or PATCH.
    pub operation: Operation,
    /// Type of the resource.
    pub schema: &'a Arc<ResourceSchema>,
    /// Id of the resource.
    pub id: String,
    /// What was sent.
    pub body: &'a Json,
    /// The whole resource as it was shown last before; `None`: it was made by this write, or never shown.
    pub before: Option<&'a Json>,
    /// The whole resource as it was shown afterwards.
    pub after: &'a Json,
}

/// Every write that succeeded and whose effect was shown, in their order.
pub(crate) fn writes<'a>(scene: &Scene<'a>) -> Vec<Written<'a>> {
    let turns = &scene.trace.turns;
    let history = History { scene: *scene };
    (0..turns.len()).filter_map(|turn| history.write(turn)).collect()
}

/// A scenario as a history of its resources.
struct History<'a> {
    scene: Scene<'a>,
}

impl<'a> History<'a> {
    fn exchange(&self, turn: usize) -> &'a Exchange {
        &self.scene.trace.turns[turn].exchange
    }

    /// The write of that turn, if it is one of an own resource and its effect was shown.
    fn write(&self, turn: usize) -> Option<Written<'a>> {
        let exchange = self.exchange(turn);
        let Kind { operation, resource, id } = self.scene.kind(turn);
        let writes = matches!(operation, Operation::Create | Operation::Replace | Operation::Patch);
        if !writes || exchange.origin == Origin::CleanUp || !exchange.succeeded() {
            return None;
        }
        let (schema, body) = (resource?, exchange.sent.json()?);
        let creates = operation == Operation::Create;
        let id = if creates { created_id(exchange)? } else { decode_path(id?) };
        let is_own = creates || (0..turn).rev().any(|turn| self.creates(turn, schema, &id));
        if !is_own {
            return None;
        }
        let answer = whole(exchange);
        let next = self.next_write(turn, schema, &id);
        let reading = (turn + 1..next).rev().find_map(|turn| Some((turn, self.shown(turn, schema, &id)?)));
        let (shown_at, after) = reading.or_else(|| Some((turn, answer?)))?;
        let earlier = || (0..turn).rev().find_map(|turn| self.shown(turn, schema, &id));
        let before = if creates { None } else { earlier() };
        Some(Written { scene: self.scene, turn, shown_at, operation, schema, id, body, before, after })
    }

    /// Whether the request of a turn is about this resource, by its path.
    fn is_at(&self, turn: usize, schema: &Arc<ResourceSchema>, id: &str) -> bool {
        let kind = self.scene.kind(turn);
        kind.resource.is_some_and(|known| Arc::ptr_eq(known, schema))
            && kind.id.is_some_and(|own| own == id || (own.contains('%') && decode_path(own) == id))
    }

    fn creates(&self, turn: usize, schema: &Arc<ResourceSchema>, id: &str) -> bool {
        let kind = self.scene.kind(turn);
        kind.operation == Operation::Create
            && kind.resource.is_some_and(|known| Arc::ptr_eq(known, schema))
            && created_id(self.exchange(turn)).as_deref() == Some(id)
    }

    /// The whole resource, if that turn shows it.
    fn shown(&self, turn: usize, schema: &Arc<ResourceSchema>, id: &str) -> Option<&'a Json> {
        let is_about = self.is_at(turn, schema, id) || self.creates(turn, schema, id);
        if is_about { whole(self.exchange(turn)) } else { None }
    }

    /// The turn of the next request that may change the resource; a bulk request may change any.
    fn next_write(&self, turn: usize, schema: &Arc<ResourceSchema>, id: &str) -> usize {
        let turns = self.scene.trace.turns.len();
        let writes = |turn: &usize| match self.scene.kind(*turn).operation {
            Operation::Bulk | Operation::Me => true,
            _ => self.exchange(*turn).sent.method != "GET" && self.is_at(*turn, schema, id),
        };
        (turn + 1..turns).find(writes).unwrap_or(turns)
    }
}

/// The whole resource that a successful answer shows.
fn whole(exchange: &Exchange) -> Option<&Json> {
    let answer = exchange.answer().filter(|_| exchange.succeeded())?;
    let is_resource = answer.as_object().is_some() && answer.get("id").is_some() && answer.get("Resources").is_none();
    (is_resource && Extent::of(exchange) == Some(Extent::Whole)).then_some(answer)
}

impl<'a> Written<'a> {
    /// The value that the request gives for an attribute.
    pub(crate) fn sent(&self, path: &AttributePath) -> Option<&'a Json> {
        sent(self.operation, self.body, path, self.schema)
    }
}

/// The value that a body gives for an attribute, or for a sub-attribute of a single complex one; of several operations
/// of a PATCH the last that names it without a filter.
pub(crate) fn sent<'j>(
    operation: Operation,
    body: &'j Json,
    path: &AttributePath,
    schema: &ResourceSchema,
) -> Option<&'j Json> {
    if operation != Operation::Patch {
        return value(body, path, schema);
    }
    let operations = body.get("Operations")?.as_array()?;
    let sets = |operation: &&Json| {
        let op = operation.get("op").and_then(Json::as_str).unwrap_or_default();
        op.eq_ignore_ascii_case("add") || op.eq_ignore_ascii_case("replace")
    };
    operations.iter().rev().filter(sets).find_map(|operation| {
        let given = operation.get("value")?;
        match operation.get("path").and_then(Json::as_str) {
            Some(text) => at_path(text, given, path, schema),
            None => value(given, path, schema).or_else(|| {
                let named = |(name, _): &(&str, &Json)| name.eq_ignore_ascii_case(&path.to_string());
                given.as_object()?.iter().find(named).map(|(_, value)| value)
            }),
        }
    })
}

/// What an operation with a path gives for an attribute.
fn at_path<'j>(text: &str, given: &'j Json, path: &AttributePath, schema: &ResourceSchema) -> Option<&'j Json> {
    let (PatchPath::Attribute { target, filter: None }, _) = PatchPath::parse(text).ok()? else { return None };
    if !same_attribute(&target, path, schema) {
        return None;
    }
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    match (&target.sub, &path.sub) {
        (None, None) => Some(given),
        (Some(one), Some(other)) => same(one, other).then_some(given),
        (None, Some(sub)) => given.get(sub),
        (Some(_), None) => None,
    }
}

fn same_attribute(one: &AttributePath, other: &AttributePath, schema: &ResourceSchema) -> bool {
    let urn = |path: &AttributePath| {
        let urn = path.urn.as_deref().unwrap_or(&schema.core.id);
        urn.to_ascii_lowercase()
    };
    one.attribute.eq_ignore_ascii_case(&other.attribute) && urn(one) == urn(other)
}

/// The value at a path of a resource that has one: not `null`, not `[]`.
pub(crate) fn value<'j>(resource: &'j Json, path: &AttributePath, schema: &ResourceSchema) -> Option<&'j Json> {
    let extension = path.urn.as_deref().filter(|urn| !urn.eq_ignore_ascii_case(&schema.core.id));
    let container = match extension {
        Some(urn) => resource.get(urn)?,
        None => resource,
    };
    let value = container.get(&path.attribute)?;
    let value = match &path.sub {
        Some(sub) => value.get(sub)?,
        None => value,
    };
    (!value.is_unassigned()).then_some(value)
}

/// Where a path stands in a representation, as a JSON pointer.
pub(crate) fn pointer(path: &AttributePath, schema: &ResourceSchema) -> String {
    let extension = path.urn.as_deref().filter(|urn| !urn.eq_ignore_ascii_case(&schema.core.id));
    let mut pointer = String::new();
    for part in extension.into_iter().chain([path.attribute.as_str()]).chain(path.sub.as_deref()) {
        pointer.push('/');
        pointer.push_str(&pointer_part(part));
    }
    pointer
}
