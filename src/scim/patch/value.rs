//! Making a value fit an attribute: its type, what it replaces, and how clients write it.

use super::{Op, Refusal, Terms};
use crate::scim::filter::as_boolean;
use crate::scim::json::{Json, Object, object};
use crate::scim::schema::value::in_words;
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::sub_attribute;

/// The value of a single-valued attribute after `add` or `replace`; `None`: unassigned.
pub(super) fn single(
    current: Option<&Json>,
    value: &Json,
    attribute: &Attribute,
    op: Op,
    terms: &mut Terms,
) -> Result<Option<Json>, Refusal> {
    let value = unwrapped(value, attribute, terms)?;
    match value {
        // null means "no value" (RFC 7643 section 2.5): nothing to add, to some a reason to clear or to refuse (ambiguity 9).
        value if value.is_unassigned() => {
            if op == Op::Add {
                terms.reading(9);
            }
            Ok(current.filter(|_| op == Op::Add).cloned())
        }
        Json::Object(members) if attribute.kind == Type::Complex => {
            let mut merged = current.and_then(Json::as_object).cloned().unwrap_or_default();
            merge(&mut merged, members, attribute, op, terms)?;
            Ok(if merged.is_empty() { None } else { Some(Json::Object(merged)) })
        }
        value if attribute.kind == Type::Complex => {
            let text = bare_reference(value, attribute, terms)?;
            if text.is_empty() {
                terms.reading(9);
                return Ok(None);
            }
            single(current, &object([("value", text.into())]), attribute, op, terms)
        }
        value => simple(value, attribute, terms),
    }
}

/// A single value that old Entra ID jobs wrap: `[{"$ref": null, "value": "x"}]` (ambiguity 10, the other way round).
fn unwrapped<'v>(value: &'v Json, attribute: &Attribute, terms: &mut Terms) -> Result<&'v Json, Refusal> {
    let Json::Array(items) = value else { return Ok(value) };
    let [item] = items.as_slice() else {
        return if items.is_empty() { Ok(value) } else { Err(wrong_type(attribute, value)) };
    };
    terms.tolerate(10, || wrong_type(attribute, value))?;
    match item.get("value") {
        Some(inner) if attribute.kind != Type::Complex => Ok(inner),
        _ => Ok(item),
    }
}

/// `"manager": "u-1"` stands for `{"value": "u-1"}` (ambiguity 38).
fn bare_reference<'v>(value: &'v Json, attribute: &Attribute, terms: &mut Terms) -> Result<&'v str, Refusal> {
    let text = value.as_str().filter(|_| attribute.sub("value").is_some());
    let text = text.ok_or_else(|| wrong_type(attribute, value))?;
    terms.tolerate(38, || wrong_type(attribute, value))?;
    Ok(text)
}

/// Sets the sub-attributes that an object names; the others stay (RFC 7644 section 3.5.2.3).
pub(super) fn merge(
    into: &mut Object,
    members: &Object,
    attribute: &Attribute,
    op: Op,
    terms: &mut Terms,
) -> Result<(), Refusal> {
    // "value" goes first: when it changes, what belonged to the former one goes, but not what is given with the new one.
    let mut ordered: Vec<(&str, &Json)> = members.iter().collect();
    if into.get("value").is_some() {
        ordered.sort_by_key(|(name, _)| !name.eq_ignore_ascii_case("value"));
    }
    for (name, value) in ordered {
        let Some(sub) = sub_attribute::sub_attribute(attribute, name) else {
            let unknown = || Refusal::value(format!("{} has no sub-attribute {name}", attribute.name));
            if !value.is_unassigned() {
                terms.tolerate(19, unknown)?;
            }
            continue;
        };
        if sub.mutability == Mutability::ReadOnly {
            if !same(into.get(name), Some(value)) {
                terms.reading(7);
            }
            continue;
        }
        if !sub_attribute::is_listed(attribute, sub) && !value.is_unassigned() {
            terms.reading(38);
        }
        set_sub(into, attribute, sub, op, Some(value), terms)?;
    }
    Ok(())
}

/// Changes one sub-attribute.
pub(super) fn set_sub(
    element: &mut Object,
    parent: &Attribute,
    sub: &Attribute,
    op: Op,
    value: Option<&Json>,
    terms: &mut Terms,
) -> Result<(), Refusal> {
    let name = || format!("{}.{}", parent.name, sub.name);
    let current = element.get(&sub.name).filter(|value| !value.is_unassigned());
    let new = match (op, value) {
        (Op::Remove, _) => None,
        (_, None) => return Err(Refusal::value(format!("{} gets no value", name()))),
        (_, Some(value)) if sub.multi_valued => list(current, value, sub, op, terms)?,
        (_, Some(value)) => single(current, value, sub, op, terms)?,
    };
    if same(current, new.as_ref()) {
        return Ok(());
    }
    if sub.mutability == Mutability::Immutable && current.is_some() {
        return Err(Refusal::mutability(format!("{} is immutable and has a value", name())));
    }
    if sub.required && new.is_none() {
        let refuse = if op == Op::Remove { Refusal::mutability } else { Refusal::value };
        return Err(refuse(format!("{} is required", name())));
    }
    if sub.name.eq_ignore_ascii_case("value") && current.is_some() {
        forget_derived(element, parent);
    }
    put(element, &sub.name, new);
    Ok(())
}

/// What belonged to the former `value`: its address, and what the service provider tells about it.
fn forget_derived(element: &mut Object, parent: &Attribute) {
    element.remove("$ref");
    for sub in parent.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::ReadOnly) {
        element.remove(&sub.name);
    }
}

/// The values of a simple multi-valued sub-attribute.
fn list(
    current: Option<&Json>,
    value: &Json,
    sub: &Attribute,
    op: Op,
    terms: &mut Terms,
) -> Result<Option<Json>, Refusal> {
    let mut values = match current {
        Some(Json::Array(items)) if op == Op::Add => items.clone(),
        _ => Vec::new(),
    };
    for item in items(value, terms) {
        let new = simple(item, sub, terms)?;
        values.extend(new.filter(|new| !values.contains(new)));
    }
    Ok(if values.is_empty() { None } else { Some(Json::Array(values)) })
}

/// The values that a client gives to a multi-valued attribute; a lone one counts as a list of one (ambiguity 10).
pub(super) fn items<'v>(value: &'v Json, terms: &mut Terms) -> Vec<&'v Json> {
    match value {
        Json::Array(items) => items.iter().filter(|item| !item.is_unassigned()).collect(),
        Json::Null => Vec::new(),
        lone => {
            terms.reading(10);
            vec![lone]
        }
    }
}

/// A value of a simple attribute; `None`: unassigned.
pub(super) fn simple(value: &Json, attribute: &Attribute, terms: &mut Terms) -> Result<Option<Json>, Refusal> {
    if value.as_str() == Some("") && attribute.kind != Type::Boolean {
        return empty_string(attribute, terms);
    }
    if attribute.kind == Type::Boolean && value.as_str().is_some() {
        let boolean = as_boolean(value).ok_or_else(|| wrong_type(attribute, value))?;
        terms.tolerate(11, || wrong_type(attribute, value))?;
        return Ok(Some(boolean.into()));
    }
    let fits = attribute.kind != Type::Complex && attribute.kind.fits(value);
    if fits { Ok(Some(value.clone())) } else { Err(wrong_type(attribute, value)) }
}

/// An empty string: a string of no characters by the letter, "no value" to those who send it (ambiguity 9).
fn empty_string(attribute: &Attribute, terms: &mut Terms) -> Result<Option<Json>, Refusal> {
    let is_text = matches!(attribute.kind, Type::String | Type::Reference);
    if attribute.required || (!is_text && !terms.tolerant()) {
        return Err(Refusal::value(format!("{} must not be empty", attribute.name)));
    }
    terms.reading(9);
    Ok(if terms.tolerant() { None } else { Some("".into()) })
}

/// A value of another type than the attribute's.
pub(super) fn wrong_type(attribute: &Attribute, value: &Json) -> Refusal {
    Refusal::value(format!("{} wants {}, not {}", attribute.name, attribute.kind.in_words(), in_words(value)))
}

/// Sets or removes a member under the schema's spelling of its name, in its place.
pub(super) fn put(members: &mut Object, name: &str, value: Option<Json>) {
    let place = members.0.iter().rposition(|(n, _)| n.eq_ignore_ascii_case(name));
    match (value, place) {
        (None, _) => {
            members.remove(name);
        }
        (Some(value), None) => members.0.push((name.to_owned(), value)),
        (Some(value), Some(place)) => {
            members.0[place] = (name.to_owned(), value);
            let mut index = 0;
            members.0.retain(|(n, _)| {
                index += 1;
                index - 1 == place || !n.eq_ignore_ascii_case(name)
            });
        }
    }
}

/// Whether two values are the same to the letter, but for the order of values and members, and the many ways of having
/// no value (RFC 7643 sections 2.3.8, 2.4, 2.5).
pub(super) fn same(left: Option<&Json>, right: Option<&Json>) -> bool {
    let assigned = |value: Option<&'_ Json>| value.is_some_and(|value| !value.is_unassigned());
    match (left, right) {
        (Some(left), Some(right)) if assigned(Some(left)) && assigned(Some(right)) => same_value(left, right),
        _ => assigned(left) == assigned(right),
    }
}

fn same_value(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Array(left), Json::Array(right)) => {
            let mut rest: Vec<&Json> = right.iter().collect();
            left.len() == right.len()
                && left.iter().all(|item| {
                    let place = rest.iter().position(|other| same(Some(item), Some(other)));
                    place.map(|place| rest.swap_remove(place)).is_some()
                })
        }
        (Json::Object(left), Json::Object(right)) => {
            let covers = |a: &Object, b: &Object| a.iter().all(|(name, value)| same(Some(value), b.get(name)));
            covers(left, right) && covers(right, left)
        }
        (Json::Number(_), Json::Number(_)) => {
            left == right || (left.as_i64().is_some() && left.as_i64() == right.as_i64())
        }
        _ => left == right,
    }
}
