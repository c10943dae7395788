//! Requests that differ in one thing, of which one is refused: only then it is known what it was refused for.

use super::{Operation, Scene};
use crate::exchange::{Exchange, Origin};
use crate::scim::json::{Json, Object};
use crate::scim::schema::ResourceSchema;

/// A POST or PUT that was refused with 400, and one that was accepted at the same place.
pub(super) struct Contrast<'a> {
    /// The turn of the one that was refused.
    pub(super) refused: usize,
    /// Its type.
    pub(super) schema: &'a ResourceSchema,
    /// How they differ.
    pub(super) difference: Difference,
    /// The `scimType` of the refusal.
    pub(super) scim_type: Option<String>,
}

/// How the refused body differs from the accepted one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Members that only the accepted one gives a value, as pointers.
    pub(super) lacks: Vec<String>,
    /// Members that only the refused one has, without a value: `null` or `[]`.
    pub(super) empty: Vec<String>,
    /// Members that only the refused one gives a value.
    pub(super) adds: Vec<String>,
    /// Members with two values.
    pub(super) alters: Vec<String>,
    /// `schemas` has the same URIs in another order.
    pub(super) schemas_reordered: bool,
    /// The same members stand in another order.
    pub(super) members_reordered: bool,
}

impl Difference {
    /// Whether the bodies differ in nothing but what `self` names once the given field is left out.
    pub(super) fn only(&self, clear: impl FnOnce(&mut Self)) -> bool {
        let mut rest = Self {
            lacks: self.lacks.clone(),
            empty: self.empty.clone(),
            adds: self.adds.clone(),
            alters: self.alters.clone(),
            ..*self
        };
        clear(&mut rest);
        *self != Self::default() && rest == Self::default()
    }
}

/// Every contrast of a scenario. Nothing is read while nothing is refused.
pub(super) fn contrasts<'a>(scene: &Scene<'a>) -> Vec<Contrast<'a>> {
    let turns = &scene.trace.turns;
    let is_write = |(turn, exchange): &(usize, &Exchange)| {
        scene.kind(*turn).is(&[Operation::Create, Operation::Replace]) && exchange.origin != Origin::CleanUp
    };
    let writes: Vec<(usize, &Exchange)> =
        turns.iter().enumerate().map(|(i, turn)| (i, &*turn.exchange)).filter(is_write).collect();
    let mut found = Vec::new();
    for (index, refused) in writes.iter().filter(|(_, exchange)| exchange.status() == Some(400)) {
        let (Some(schema), Some(body)) = (scene.facts.type_at(refused.sent.path()), refused.sent.json()) else {
            continue;
        };
        let accepted = writes.iter().filter(|(_, exchange)| {
            exchange.succeeded()
                && exchange.sent.method == refused.sent.method
                && exchange.sent.path() == refused.sent.path()
        });
        let scim_type = refused.answer().and_then(|e| e.get("scimType")).and_then(Json::as_str).map(str::to_owned);
        for other in accepted.filter_map(|(_, exchange)| exchange.sent.json()) {
            let difference = Comparison { scene }.bodies(body, other);
            found.push(Contrast { refused: *index, schema, difference, scim_type: scim_type.clone() });
        }
    }
    found
}

struct Comparison<'s, 'a> {
    scene: &'s Scene<'a>,
}

impl Comparison<'_, '_> {
    fn bodies(&self, refused: &Json, accepted: &Json) -> Difference {
        let mut difference = Difference::default();
        if let (Some(one), Some(other)) = (refused.as_object(), accepted.as_object()) {
            self.members("", one, other, &mut difference);
        }
        difference
    }

    fn members(&self, at: &str, refused: &Object, accepted: &Object, out: &mut Difference) {
        for (name, value) in refused.iter() {
            let pointer = format!("{at}/{name}");
            match (accepted.get(name).filter(|value| !value.is_unassigned()), value) {
                (None, value) if value.is_unassigned() && accepted.get(name).is_none() => out.empty.push(pointer),
                (None, value) if value.is_unassigned() => {}
                (None, _) => out.adds.push(pointer),
                (Some(_), value) if value.is_unassigned() => out.alters.push(pointer),
                (Some(Json::Object(other)), Json::Object(one)) => self.members(&pointer, one, other, out),
                (Some(other), one) => self.values(pointer, one, other, out),
            }
        }
        let lacking = accepted.iter().filter(|(name, value)| !value.is_unassigned() && refused.get(name).is_none());
        out.lacks.extend(lacking.map(|(name, _)| format!("{at}/{name}")));
        let names = |object: &Object, other: &Object| -> Vec<String> {
            object
                .iter()
                .filter(|(name, _)| other.get(name).is_some())
                .map(|(name, _)| name.to_ascii_lowercase())
                .collect()
        };
        out.members_reordered |= names(refused, accepted) != names(accepted, refused);
    }

    fn values(&self, pointer: String, one: &Json, other: &Json, out: &mut Difference) {
        if one == other || self.is_invented(one, other) {
            return;
        }
        let sorted = |json: &Json| {
            let mut items: Vec<String> = json.as_array().unwrap_or_default().iter().map(ToString::to_string).collect();
            items.sort();
            items
        };
        let same_uris = pointer.eq_ignore_ascii_case("/schemas") && sorted(one) == sorted(other);
        if same_uris {
            out.schemas_reordered = true;
        } else {
            out.alters.push(pointer);
        }
    }

    /// Whether both are invented for the same purpose: the names of two people, their addresses.
    fn is_invented(&self, one: &Json, other: &Json) -> bool {
        let label = |json: &Json| {
            let text = json.as_str()?;
            let (_, label) = self.scene.trace.invented.iter().find(|(value, _)| value == text)?;
            label.rsplit('.').next()
        };
        label(one).is_some_and(|label_of_one| label(other) == Some(label_of_one))
    }
}
