//! The resources in an answer: the one that was asked for, or the items of a list.

use std::sync::Arc;

use super::expect::{Findings, names_schema};
use super::{Judgement, Kind, Operation, Subject};
use crate::exchange::{Exchange, Sent};
use crate::facts::Facts;
use crate::scim::json::{Json, Object};
use crate::scim::schema::ResourceSchema;
use crate::scim::urn;

/// A representation of a resource in an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    /// The representation; always an object.
    pub(super) json: &'a Json,
    /// Its members.
    pub(super) members: &'a Object,
    /// Its place among the items of a list; `None` when it is the whole body.
    pub(super) item: Option<usize>,
    /// Its type, if it can be told.
    pub(super) schema: Option<&'a Arc<ResourceSchema>>,
}

impl Resource<'_> {
    /// A place in it, as a place in the body.
    pub(super) fn pointer(&self, pointer: &str) -> String {
        self.item.map_or_else(|| pointer.to_owned(), |index| format!("/Resources/{index}{pointer}"))
    }

    /// Its id, if that is a string with something in it.
    pub(super) fn id(&self) -> Option<&str> {
        self.members.get("id")?.as_str().filter(|id| !id.is_empty())
    }
}

impl<'a> Subject<'a> {
    /// The resources in a successful answer to an operation on resources; discovery documents are none.
    pub(super) fn resources(&self) -> &'a [Resource<'a>] {
        &self.classified.resources
    }

    /// Judges every resource of the answer; not applicable where there is none.
    pub(super) fn each(&self, mut judge: impl FnMut(&Resource<'a>, &mut Findings)) -> Judgement {
        if self.resources().is_empty() {
            return Judgement::NotApplicable;
        }
        let mut findings = Findings::default();
        self.resources().iter().for_each(|resource| judge(resource, &mut findings));
        findings.judgement()
    }

    /// Whether the request asked for a part of the attributes, in its query or in the body of a search.
    pub(super) fn is_projected(&self) -> bool {
        self.classified.projected
    }

    /// Whether the resource of that id is this run's own: it was created in this scenario. What belongs to strangers is
    /// masked, so that only its form can be judged.
    pub(super) fn is_ours(&self, id: &str) -> bool {
        self.scene.trace.turns.iter().any(|turn| {
            let exchange = &turn.exchange;
            exchange.sent.method == "POST"
                && exchange.succeeded()
                && exchange.answer().and_then(|body| body.get("id")).and_then(Json::as_str) == Some(id)
        })
    }
}

/// The resources in the body of an answer; those in a list that are no objects are left out.
pub(super) fn resources<'a>(answered: Option<&'a Json>, kind: Kind<'a>, facts: &'a Facts) -> Vec<Resource<'a>> {
    let Some(body) = answered else { return Vec::new() };
    let resource = |item, json: &'a Json| {
        let members = json.as_object()?;
        Some(Resource { json, members, item, schema: type_of(json, kind, facts) })
    };
    if !kind.is(&[Operation::List, Operation::Search]) {
        return resource(None, body).into_iter().collect();
    }
    let items = body.get("Resources").and_then(Json::as_array).unwrap_or_default();
    items.iter().enumerate().filter_map(|(index, json)| resource(Some(index), json)).collect()
}

/// The endpoint's type; at the root and for `/Me` the one that the representation names.
fn type_of<'a>(json: &Json, kind: Kind<'a>, facts: &'a Facts) -> Option<&'a Arc<ResourceSchema>> {
    if let Some(resource) = kind.resource {
        return Some(resource);
    }
    let types = &facts.types;
    let name = json.get("meta").and_then(|meta| meta.get("resourceType")).and_then(Json::as_str);
    let named = name.and_then(|name| types.iter().find(|t| t.name.eq_ignore_ascii_case(name)));
    named.or_else(|| types.iter().find(|t| names_schema(json, &t.core.id)))
}

/// Whether a text stays different from others under a mask: short ones of strangers can become equal.
pub(super) fn stays_apart(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).count() >= 10
}

/// The JSON of a successful answer that holds resources.
pub(super) fn answered(exchange: &Exchange, operation: Operation) -> Option<&Json> {
    use Operation::{Create, List, Me, Patch, Read, Replace, Search};
    if !exchange.succeeded() || !matches!(operation, Read | List | Create | Patch | Replace | Search | Me) {
        return None;
    }
    let body = exchange.answer()?;
    // A message in the place of a resource is told by the check of that operation.
    let fits = matches!(operation, List | Search)
        || !(names_schema(body, urn::LIST_RESPONSE) || names_schema(body, urn::ERROR));
    fits.then_some(body)
}

/// Whether a request has `attributes` or `excludedAttributes`, in its query or in the body of a search.
pub(super) fn projected(sent: &Sent, operation: Operation) -> bool {
    let mentioned = |text: &[u8]| text.windows(9).any(|window| window == b"ttributes");
    if operation == Operation::Search {
        return sent.body.as_deref().is_some_and(mentioned);
    }
    sent.query().is_some_and(|query| mentioned(query.as_bytes()))
        && (sent.parameter("attributes").is_some() || sent.parameter("excludedAttributes").is_some())
}

/// The last whole representation of a resource that was shown before a turn.
pub(super) fn last_shown<'a>(scene: &super::Scene<'a>, before: usize, id: &str) -> Option<(usize, &'a Json)> {
    let earlier = scene.trace.turns.iter().enumerate().take(before).rev();
    earlier.map(|(index, turn)| (index, &*turn.exchange)).find_map(|(index, exchange)| {
        let single =
            exchange.succeeded() && !exchange.sent.path().ends_with(".search") && exchange.sent.query().is_none();
        let answer = exchange.answer().filter(|_| single)?;
        (answer.get("id").and_then(Json::as_str) == Some(id)).then_some((index, answer))
    })
}
