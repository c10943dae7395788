//! Where two representations of a resource differ.

use std::collections::HashMap;

use crate::scim::json::{Json, Object, pointer_part};
use crate::scim::schema::{Attribute, ResourceSchema, builtin};
use crate::scim::sub_attribute::sub_attribute;

use super::equality::{equal, key};

/// One place where two representations differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// JSON pointer into the expected resource (or the actual one, for what is too much).
    pub pointer: String,
    /// Attribute notation, such as `emails.value` or `urn:…:User:department`.
    pub attribute: String,
    /// What was expected; `None`: no value.
    pub expected: Option<Json>,
    /// What is there; `None`: no value.
    pub actual: Option<Json>,
}

/// Where `actual` departs from `expected`, by SCIM's equality: names without case, values with case only where
/// `caseExact`, no order among values of a multi-valued attribute, absent = `null` = `[]`, times by instant.
/// Attributes that only `actual` has are told too; `meta` is not compared.
///
/// Complex attributes are looked into, so that the place is the sub-attribute's. The elements of a multi-valued one are
/// matched by `value` and `type`, by `value`, by `type`, in this order; what finds no partner is told whole.
#[must_use]
pub fn differences(expected: &Json, actual: &Json, schema: &ResourceSchema) -> Vec<Difference> {
    let mut comparison = Comparison { schema, found: Vec::new() };
    let root = Place::default();
    match (expected, actual) {
        (Json::Object(expected), Json::Object(actual)) => comparison.resources(expected, actual, &root),
        _ if equal(expected, actual, None) => {}
        _ => comparison.tell(&root, Some(expected), Some(actual)),
    }
    comparison.found
}

/// One place in both resources.
#[derive(Clone, Default)]
struct Place {
    expected: String,
    actual: String,
    attribute: String,
}

impl Place {
    /// A member, spelled as either side spells it; `notation` is its name in attribute notation.
    fn member(&self, name: &str, other_spelling: &str, notation: String) -> Self {
        Self {
            expected: format!("{}/{}", self.expected, pointer_part(name)),
            actual: format!("{}/{}", self.actual, pointer_part(other_spelling)),
            attribute: notation,
        }
    }

    fn element(&self, expected: usize, actual: usize) -> Self {
        Self {
            expected: format!("{}/{expected}", self.expected),
            actual: format!("{}/{actual}", self.actual),
            attribute: self.attribute.clone(),
        }
    }
}

struct Comparison<'s> {
    schema: &'s ResourceSchema,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn tell(&mut self, place: &Place, expected: Option<&Json>, actual: Option<&Json>) {
        let pointer = if expected.is_some() { &place.expected } else { &place.actual };
        self.found.push(Difference {
            pointer: pointer.clone(),
            attribute: place.attribute.clone(),
            expected: expected.cloned(),
            actual: actual.cloned(),
        });
    }

    fn resources(&mut self, expected: &Object, actual: &Object, root: &Place) {
        for pair in pairs(expected, actual) {
            if pair.name.eq_ignore_ascii_case("meta") {
                continue;
            }
            let core = builtin::common(pair.name).or_else(|| self.schema.core.attribute(pair.name));
            let place = root.member(pair.name, pair.other, core.map_or(pair.name, |a| &a.name).to_owned());
            if core.is_none() && pair.name.contains(':') {
                self.extensions(&pair, &place);
            } else {
                self.values(pair.expected, pair.actual, core, &place);
            }
        }
    }

    /// What stands under a URN; one that is missing on a side is as good as empty.
    fn extensions(&mut self, pair: &Pair<'_>, place: &Place) {
        let urn = pair.name;
        let extension = self.schema.extensions.iter().find(|(e, _)| e.id.eq_ignore_ascii_case(urn)).map(|(e, _)| e);
        let urn = extension.map_or(urn, |e| &e.id);
        let define = |name: &str| extension.and_then(|e| e.attribute(name));
        self.objects(pair.expected, pair.actual, place, define, |name| format!("{urn}:{name}"));
    }

    /// Member by member if both sides are objects or absent.
    fn objects<'a>(
        &mut self,
        expected: Option<&Json>,
        actual: Option<&Json>,
        place: &Place,
        define: impl Fn(&str) -> Option<&'a Attribute>,
        notation: impl Fn(&str) -> String,
    ) {
        let none = Object::default();
        let (Some(left), Some(right)) = (object_or(expected, &none), object_or(actual, &none)) else {
            return self.scalars(expected, actual, None, place);
        };
        for pair in pairs(left, right) {
            let attribute = define(pair.name);
            let place = place.member(pair.name, pair.other, notation(attribute.map_or(pair.name, |a| &a.name)));
            self.values(pair.expected, pair.actual, attribute, &place);
        }
    }

    fn values(&mut self, expected: Option<&Json>, actual: Option<&Json>, attribute: Option<&Attribute>, place: &Place) {
        let complex = |value: Option<&Json>| value.is_none_or(|v| v.as_object().is_some());
        let plural = |value: Option<&Json>| value.is_none_or(|v| v.as_array().is_some());
        if complex(expected) && complex(actual) {
            let define = |name: &str| attribute.and_then(|a| sub_attribute(a, name));
            self.objects(expected, actual, place, define, |name| format!("{}.{name}", place.attribute));
        } else if plural(expected) && plural(actual) {
            self.elements(items_of(expected), items_of(actual), attribute, place);
        } else {
            self.scalars(expected, actual, attribute, place);
        }
    }

    /// Values that are not looked into.
    fn scalars(
        &mut self,
        expected: Option<&Json>,
        actual: Option<&Json>,
        attribute: Option<&Attribute>,
        place: &Place,
    ) {
        if !equal(expected.unwrap_or(&Json::Null), actual.unwrap_or(&Json::Null), attribute) {
            self.tell(place, expected, actual);
        }
    }

    fn elements(&mut self, expected: &[Json], actual: &[Json], attribute: Option<&Attribute>, place: &Place) {
        let partners = partners(expected, actual, attribute);
        let mut alone = vec![true; actual.len()];
        partners.iter().flatten().for_each(|&j| alone[j] = false);
        for (i, (item, partner)) in expected.iter().zip(&partners).enumerate() {
            match *partner {
                Some(j) => self.values(Some(item), Some(&actual[j]), attribute, &place.element(i, j)),
                None => self.tell(&place.element(i, i), Some(item), None),
            }
        }
        for (j, item) in actual.iter().enumerate().filter(|(j, _)| alone[*j]) {
            self.tell(&place.element(j, j), None, Some(item));
        }
    }
}

fn object_or<'o>(value: Option<&'o Json>, none: &'o Object) -> Option<&'o Object> {
    value.map_or(Some(none), Json::as_object)
}

fn items_of(value: Option<&Json>) -> &[Json] {
    value.and_then(Json::as_array).unwrap_or_default()
}

/// A member of either object or of both, without those that have no value.
struct Pair<'o> {
    /// As the expected object spells it, if it has it.
    name: &'o str,
    /// As the actual object spells it, if it has it.
    other: &'o str,
    expected: Option<&'o Json>,
    actual: Option<&'o Json>,
}

fn pairs<'o>(expected: &'o Object, actual: &'o Object) -> Vec<Pair<'o>> {
    let mut pairs: Vec<Pair<'o>> = Vec::with_capacity(expected.0.len());
    for (name, _) in expected.iter().chain(actual.iter()) {
        if pairs.iter().any(|pair| pair.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let other = actual.iter().map(|(n, _)| n).find(|n| n.eq_ignore_ascii_case(name)).unwrap_or(name);
        let value = |object: &'o Object| object.get(name).filter(|v| !v.is_unassigned());
        pairs.push(Pair { name, other, expected: value(expected), actual: value(actual) });
    }
    pairs.retain(|pair| pair.expected.is_some() || pair.actual.is_some());
    pairs
}

/// For each expected element the index of the actual one that it is compared with.
fn partners(expected: &[Json], actual: &[Json], attribute: Option<&Attribute>) -> Vec<Option<usize>> {
    let keys = |items: &[Json], sub: &str| -> Vec<_> { items.iter().map(|item| key(item, sub, attribute)).collect() };
    let (value, its_value) = (keys(expected, "value"), keys(actual, "value"));
    let (kind, its_kind) = (keys(expected, "type"), keys(actual, "type"));
    let mut pairing = Pairing { partners: vec![None; expected.len()], taken: vec![false; actual.len()] };
    pairing.pass(&value, &its_value, |i, j| kind[i] == its_kind[j] && equal(&expected[i], &actual[j], attribute));
    pairing.pass(&value, &its_value, |i, j| value[i].is_some() && kind[i] == its_kind[j]);
    pairing.pass(&value, &its_value, |i, _| value[i].is_some());
    pairing.pass(&kind, &its_kind, |i, _| kind[i].is_some());
    pairing.partners
}

struct Pairing {
    partners: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairing {
    /// Pairs what is still alone, has the same key, and matches.
    fn pass(&mut self, keys: &[Option<String>], its_keys: &[Option<String>], matches: impl Fn(usize, usize) -> bool) {
        let mut alone: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
        for (j, its_key) in its_keys.iter().enumerate().filter(|(j, _)| !self.taken[*j]) {
            alone.entry(its_key.as_deref()).or_default().push(j);
        }
        for (i, key) in keys.iter().enumerate() {
            let Some(candidates) = alone.get_mut(&key.as_deref()).filter(|_| self.partners[i].is_none()) else {
                continue;
            };
            if let Some(at) = candidates.iter().position(|&j| matches(i, j)) {
                let j = candidates.remove(at);
                self.partners[i] = Some(j);
                self.taken[j] = true;
            }
        }
    }
}
