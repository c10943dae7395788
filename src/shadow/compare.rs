//! Where a representation departs from what it must show.
//!
//! Other than a plain difference this looks one way: every expected value must be there, what the target adds of its
//! own (ids, defaults, labels) is no departure. Nothing is allocated while all is well.

use crate::scim::json::{Json, Object, pointer_part};
use crate::scim::resource::equal;
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Returned, Schema, Type, builtin};

/// How a value departs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The attribute has no value.
    Missing,
    /// It has another value.
    Differs,
    /// A value of a multi-valued attribute is not there.
    ElementMissing,
    /// A value that was taken away is still there.
    Left,
    /// A value of a multi-valued attribute that was taken away is still there.
    ElementLeft,
}

/// One departure.
#[derive(Clone, Debug)]
pub struct Gap<'x> {
    /// How.
    pub kind: Kind,
    /// Attribute notation: `name.givenName`, `emails.value`, `urn:…:User:department`.
    pub path: String,
    /// JSON pointer into the actual representation: to the value, or to where it would be.
    pub pointer: String,
    /// The schema of the attribute.
    pub urn: &'x str,
    /// The attribute itself, not a sub-attribute.
    pub attribute: &'x Attribute,
    /// The sub-attribute, or the attribute again.
    pub leaf: &'x Attribute,
    /// What must be there; for what was left: nothing.
    pub expected: Option<&'x Json>,
    /// What is there.
    pub actual: Option<&'x Json>,
}

impl Gap<'_> {
    /// Tells this departure from others of the same resource, whatever the order of values.
    #[must_use]
    pub fn key(&self) -> String {
        let element = match self.kind {
            Kind::ElementMissing => self.expected,
            Kind::ElementLeft => self.actual,
            _ => None,
        };
        let identity = element.map(|e| e.get("value").unwrap_or(e).to_string().to_lowercase());
        format!("{}={}", self.path, identity.unwrap_or_default())
    }
}

/// Every expected value that `actual` does not show. `id`, `meta` and `schemas`, readOnly attributes, and what is never
/// or only on request returned are not compared; nor is what the schema does not know.
#[must_use]
pub fn gaps<'x>(expected: &'x Json, actual: &'x Json, schema: &'x ResourceSchema) -> Vec<Gap<'x>> {
    let mut walk = Walk { found: Vec::new() };
    each_attribute(expected, schema, &mut |place, value| {
        walk.attribute(&place, value, place.look_up(actual));
    });
    walk.found
}

/// Every value of `before` that `expected` no longer has and `actual` still shows.
#[must_use]
pub fn leftovers<'x>(
    before: &'x Json,
    expected: &'x Json,
    actual: &'x Json,
    schema: &'x ResourceSchema,
) -> Vec<Gap<'x>> {
    let mut walk = Walk { found: Vec::new() };
    each_attribute(before, schema, &mut |place, value| {
        walk.leftover(&place, value, place.look_up(expected), place.look_up(actual));
    });
    walk.found
}

/// Attribute paths, in lower case, whose values differ between two representations: what a write touched.
#[must_use]
pub fn changed(before: &Json, after: &Json, schema: &ResourceSchema) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for (one, other) in [(before, after), (after, before)] {
        each_attribute(one, schema, &mut |place, value| {
            let counterpart = place.look_up(other);
            let subs = |v: &Json| v.as_object().is_some() && !place.attribute.multi_valued;
            if subs(value) && counterpart.is_none_or(subs) {
                for (name, value) in value.as_object().into_iter().flat_map(Object::iter) {
                    let there = counterpart.and_then(|c| c.get(name)).unwrap_or(&Json::Null);
                    if !equal(value, there, place.attribute.sub(name)) {
                        paths.push(format!("{}.{name}", place.notation()).to_ascii_lowercase());
                    }
                }
            } else if !equal(value, counterpart.unwrap_or(&Json::Null), Some(place.attribute)) {
                paths.push(place.notation().to_ascii_lowercase());
            }
        });
    }
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Whether a value says nothing: unassigned, or an empty string, which servers store or drop as they like.
#[must_use]
pub fn is_blank(value: &Json) -> bool {
    match value {
        Json::String(text) => text.is_empty(),
        Json::Object(members) => members.iter().all(|(_, member)| is_blank(member)),
        other => other.is_unassigned(),
    }
}

/// Whether two elements of a multi-valued attribute stand for the same value: by `value` and `type`, as far as they
/// have them.
#[must_use]
pub fn same_element(a: &Json, b: &Json, attribute: &Attribute) -> bool {
    let (Some(_), Some(_)) = (a.as_object(), b.as_object()) else { return equal(a, b, Some(attribute)) };
    let part = |name: &str| -> Option<bool> {
        let (x, y) = (a.get(name).filter(|v| !is_blank(v)), b.get(name).filter(|v| !is_blank(v)));
        match (x, y) {
            (Some(x), Some(y)) => Some(equal(x, y, attribute.sub(name))),
            (None, None) => None,
            // A label that one side lacks tells nothing about the value.
            _ => (name == "value").then_some(false),
        }
    };
    match (part("value"), part("type")) {
        (None, None) => equal(a, b, Some(attribute)),
        (value, kind) => value.unwrap_or(true) && kind.unwrap_or(true),
    }
}

/// Whether an element gives the value of another one again, with the same type: it need be shown once (RFC 7643 section
/// 2.4). Without a value, such as in addresses, two elements are two.
fn repeats(element: &Json, other: &Json) -> bool {
    let same = |name: &str| element.get(name) == other.get(name);
    element == other || (element.get("value").is_some() && same("value") && same("type"))
}

/// Where an attribute stands.
#[derive(Clone, Copy)]
struct Place<'x> {
    schema: &'x Schema,
    is_extension: bool,
    attribute: &'x Attribute,
}

impl<'x> Place<'x> {
    fn look_up(&self, resource: &'x Json) -> Option<&'x Json> {
        let container = if self.is_extension { resource.get(&self.schema.id)? } else { resource };
        container.get(&self.attribute.name).filter(|value| !is_blank(value))
    }

    fn notation(&self) -> String {
        let name = &self.attribute.name;
        if self.is_extension { format!("{}:{name}", self.schema.id) } else { name.clone() }
    }

    fn pointer(&self) -> String {
        let name = pointer_part(&self.attribute.name);
        if self.is_extension { format!("/{}/{name}", pointer_part(&self.schema.id)) } else { format!("/{name}") }
    }
}

/// Hands over every attribute of a resource that can be compared, with its value.
fn each_attribute<'x>(resource: &'x Json, schema: &'x ResourceSchema, visit: &mut impl FnMut(Place<'x>, &'x Json)) {
    let Some(members) = resource.as_object() else { return };
    for (name, value) in members.iter().filter(|(_, value)| !is_blank(value)) {
        if ["id", "meta", "schemas"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            continue;
        }
        if let Some(attribute) = builtin::common(name).or_else(|| schema.core.attribute(name)) {
            if is_compared(attribute) {
                visit(Place { schema: &schema.core, is_extension: false, attribute }, value);
            }
            continue;
        }
        let extension = schema.extensions.iter().find(|(e, _)| e.id.eq_ignore_ascii_case(name)).map(|(e, _)| &**e);
        let (Some(schema), Some(members)) = (extension, value.as_object()) else { continue };
        for (name, value) in members.iter().filter(|(_, value)| !is_blank(value)) {
            if let Some(attribute) = schema.attribute(name).filter(|a| is_compared(a)) {
                visit(Place { schema, is_extension: true, attribute }, value);
            }
        }
    }
}

fn is_compared(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadOnly
        && attribute.mutability != Mutability::WriteOnly
        && matches!(attribute.returned, Returned::Always | Returned::Default)
}

struct Walk<'x> {
    found: Vec<Gap<'x>>,
}

impl<'x> Walk<'x> {
    fn attribute(&mut self, place: &Place<'x>, expected: &'x Json, actual: Option<&'x Json>) {
        let attribute = place.attribute;
        let Some(actual) = actual else {
            return self.tell(place, Kind::Missing, None, Some(expected), None);
        };
        if attribute.multi_valued {
            return self.elements(place, items(expected), items(actual));
        }
        if attribute.kind == Type::Complex {
            let (Some(wanted), Some(_)) = (expected.as_object(), actual.as_object()) else {
                return self.tell(place, Kind::Differs, None, Some(expected), Some(actual));
            };
            return self.members(place, "", wanted, actual);
        }
        if !equal(expected, actual, Some(attribute)) {
            self.tell(place, Kind::Differs, None, Some(expected), Some(actual));
        }
    }

    /// The sub-attributes of a complex value; `within` is where it stands below the attribute.
    fn members(&mut self, place: &Place<'x>, within: &str, wanted: &'x Object, actual: &'x Json) {
        for (name, value) in wanted.iter().filter(|(_, value)| !is_blank(value)) {
            let Some(sub) = place.attribute.sub(name).filter(|sub| is_compared_in(place.attribute, sub)) else {
                continue;
            };
            match actual.get(name).filter(|v| !is_blank(v)) {
                Some(there) if equal(value, there, Some(sub)) => {}
                Some(there) => self.tell(place, Kind::Differs, Some((within, sub)), Some(value), Some(there)),
                // A value that is not primary need not say so (RFC 7643 section 2.4).
                None if value.as_bool() == Some(false) && sub.name.eq_ignore_ascii_case("primary") => {}
                None => self.tell(place, Kind::Missing, Some((within, sub)), Some(value), None),
            }
        }
    }

    /// Each expected value needs one that shows it: the same in every part, else the one with its `value`, else the one
    /// with its `type`.
    fn elements(&mut self, place: &Place<'x>, expected: &'x [Json], actual: &'x [Json]) {
        let mut taken = vec![false; actual.len()];
        let mut open = Vec::new();
        let mut hint = 0;
        for item in expected.iter().filter(|item| !is_blank(item)) {
            let order = (hint..actual.len()).chain(0..hint);
            let found = order.into_iter().find(|&j| !taken[j] && shows(item, &actual[j], place.attribute));
            match found {
                Some(j) => {
                    taken[j] = true;
                    hint = j + 1;
                }
                None => open.push(item),
            }
        }
        for item in open {
            if expected.iter().take_while(|other| !std::ptr::eq(*other, item)).any(|other| repeats(item, other)) {
                continue;
            }
            let partner = partner(item, expected, actual, &taken, place.attribute);
            match (partner, item.as_object()) {
                (Some(j), Some(wanted)) => {
                    taken[j] = true;
                    self.members(place, &format!("/{j}"), wanted, &actual[j]);
                }
                _ => self.tell(place, Kind::ElementMissing, None, Some(item), None),
            }
        }
    }

    fn leftover(&mut self, place: &Place<'x>, before: &'x Json, expected: Option<&'x Json>, actual: Option<&'x Json>) {
        let Some(actual) = actual else { return };
        let attribute = place.attribute;
        if attribute.multi_valued {
            let expected = expected.map(items).unwrap_or_default();
            for gone in items(before).iter().filter(|b| !expected.iter().any(|e| same_element(b, e, attribute))) {
                let still = items(actual).iter().position(|a| same_element(gone, a, attribute));
                if let Some(j) = still {
                    self.tell(place, Kind::ElementLeft, None, None, items(actual).get(j));
                    if let Some(gap) = self.found.last_mut() {
                        gap.pointer = format!("{}/{j}", gap.pointer);
                    }
                }
            }
            return;
        }
        if let (Some(members), Some(_)) = (before.as_object(), actual.as_object()) {
            for (name, value) in members.iter().filter(|(_, value)| !is_blank(value)) {
                let Some(sub) = attribute.sub(name).filter(|sub| is_compared_in(attribute, sub)) else { continue };
                let still = actual.get(name).filter(|v| equal(value, v, Some(sub)));
                let wanted = expected.and_then(|e| e.get(name)).is_some_and(|v| !is_blank(v));
                if let (Some(still), false) = (still, wanted) {
                    self.tell(place, Kind::Left, Some(("", sub)), None, Some(still));
                }
            }
        } else if expected.is_none() && equal(before, actual, Some(attribute)) {
            self.tell(place, Kind::Left, None, None, Some(actual));
        }
    }

    fn tell(
        &mut self,
        place: &Place<'x>,
        kind: Kind,
        sub: Option<(&str, &'x Attribute)>,
        expected: Option<&'x Json>,
        actual: Option<&'x Json>,
    ) {
        let (mut path, mut pointer) = (place.notation(), place.pointer());
        let attribute = place.attribute;
        if let Some((within, sub)) = sub {
            path = format!("{path}.{}", sub.name);
            pointer = format!("{pointer}{within}/{}", pointer_part(&sub.name));
        }
        let leaf = sub.map_or(attribute, |(_, sub)| sub);
        self.found.push(Gap { kind, path, pointer, urn: &place.schema.id, attribute, leaf, expected, actual });
    }
}

/// The values of a multi-valued attribute; a single one that came without its array is one.
#[must_use]
pub fn items(value: &Json) -> &[Json] {
    value.as_array().unwrap_or(std::slice::from_ref(value))
}

/// Labels are the target's to choose: `display`, and `$ref`, whose host it knows best. Of a member only its id counts.
fn is_compared_in(parent: &Attribute, sub: &Attribute) -> bool {
    let label = matches!(sub.name.as_str(), "display" | "$ref");
    let of_member = parent.name.eq_ignore_ascii_case("members") && !sub.name.eq_ignore_ascii_case("value");
    is_compared(sub) && !(label && parent.kind == Type::Complex) && !of_member
}

/// Whether an actual element shows all that an expected one says.
fn shows(expected: &Json, actual: &Json, attribute: &Attribute) -> bool {
    let Some(wanted) = expected.as_object() else { return equal(expected, actual, Some(attribute)) };
    wanted.iter().filter(|(_, value)| !is_blank(value)).all(|(name, value)| {
        let Some(sub) = attribute.sub(name).filter(|sub| is_compared_in(attribute, sub)) else { return true };
        match actual.get(name).filter(|v| !is_blank(v)) {
            Some(there) => equal(value, there, Some(sub)),
            None => value.as_bool() == Some(false) && sub.name.eq_ignore_ascii_case("primary"),
        }
    })
}

/// The element that an expected one is compared with although it does not show it whole.
fn partner(item: &Json, expected: &[Json], actual: &[Json], taken: &[bool], attribute: &Attribute) -> Option<usize> {
    item.as_object()?;
    let free = |j: &usize| !taken[*j] && actual[*j].as_object().is_some();
    let same = |j: &usize, name: &str| {
        let (Some(x), Some(y)) = (item.get(name), actual[*j].get(name)) else { return false };
        !is_blank(x) && equal(x, y, attribute.sub(name))
    };
    let by_value = (0..actual.len()).filter(free).find(|j| same(j, "value"));
    if by_value.is_some() || attribute.name.eq_ignore_ascii_case("members") {
        return by_value;
    }
    let alone = expected.len() == 1 && actual.len() == 1;
    (0..actual.len()).filter(free).find(|j| same(j, "type") || alone)
}
