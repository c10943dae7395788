//! When two values of an attribute are the same for SCIM (RFC 7643 sections 2.2 to 2.5).

use std::borrow::Cow;

use crate::scim::date_time;
use crate::scim::json::{Json, Object};
use crate::scim::schema::{Attribute, Type};
use crate::scim::sub_attribute::sub_attribute;

/// Whether two values of an attribute are equal by SCIM's rules; `None` for an attribute that no schema knows.
///
/// Absent, `null` and `[]` are equal; the values of a multi-valued attribute have no order, though each must be there as
/// often. Strings are compared without case unless they are `caseExact` (the default where no schema speaks), references
/// and binaries exactly, times by instant, numbers by value. A value that has not the attribute's type equals only what is
/// the same JSON.
#[must_use]
pub fn equal(a: &Json, b: &Json, attribute: Option<&Attribute>) -> bool {
    match (a, b) {
        _ if a.is_unassigned() || b.is_unassigned() => a.is_unassigned() && b.is_unassigned(),
        (Json::Array(a), Json::Array(b)) => same_elements(a, b, attribute),
        (Json::Object(a), Json::Object(b)) => same_members(a, b, attribute),
        (Json::String(a), Json::String(b)) => same_text(a, b, attribute),
        (Json::Number(a), Json::Number(b)) => same_number(a, b),
        (Json::Bool(a), Json::Bool(b)) => a == b,
        _ => false,
    }
}

/// A string as it is compared.
fn comparable<'t>(text: &'t str, attribute: Option<&Attribute>) -> Cow<'t, str> {
    let exact = attribute.is_some_and(|a| a.case_exact || matches!(a.kind, Type::Reference | Type::Binary));
    if exact || !text.chars().any(|c| c.is_uppercase() || !c.is_ascii()) {
        text.into()
    } else {
        text.to_lowercase().into()
    }
}

/// What tells an element of a multi-valued complex attribute from others by one sub-attribute: the same text for equal
/// values. `None`: it has no single value.
pub(super) fn key(element: &Json, sub: &str, attribute: Option<&Attribute>) -> Option<String> {
    let definition = attribute.and_then(|a| sub_attribute(a, sub));
    let is_time = definition.is_some_and(|d| d.kind == Type::DateTime);
    match element.get(sub)? {
        Json::String(text) => {
            let instant = date_time::parse(text).filter(|_| is_time);
            Some(instant.map_or_else(|| comparable(text, definition).into_owned(), |instant| instant.to_string()))
        }
        Json::Number(token) => Some(decimal(token).map_or_else(|| token.to_string(), |value| format!("{value:?}"))),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn same_text(a: &str, b: &str, attribute: Option<&Attribute>) -> bool {
    if a == b {
        return true;
    }
    if attribute.is_some_and(|a| a.kind == Type::DateTime) {
        return date_time::parse(a).is_some_and(|instant| date_time::parse(b) == Some(instant));
    }
    comparable(a, attribute) == comparable(b, attribute)
}

fn same_members(a: &Object, b: &Object, attribute: Option<&Attribute>) -> bool {
    let within = |one: &Object, other: &Object| {
        one.iter().all(|(name, _)| {
            let sub = attribute.and_then(|a| sub_attribute(a, name));
            equal(one.get(name).unwrap_or(&Json::Null), other.get(name).unwrap_or(&Json::Null), sub)
        })
    };
    within(a, b) && within(b, a)
}

/// Equal arrays mostly have the same order, so the same place is looked at first.
fn same_elements(a: &[Json], b: &[Json], attribute: Option<&Attribute>) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut taken = vec![false; b.len()];
    let mut moved = Vec::new();
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        taken[i] = equal(x, y, attribute);
        if !taken[i] {
            moved.push(x);
        }
    }
    moved.into_iter().all(|x| {
        let Some(i) = (0..b.len()).find(|&i| !taken[i] && equal(x, &b[i], attribute)) else { return false };
        taken[i] = true;
        true
    })
}

fn same_number(a: &str, b: &str) -> bool {
    a == b || decimal(a).is_some_and(|value| decimal(b) == Some(value))
}

/// A JSON number as sign, digits without zeros at either end, and the power of ten of the last digit: unlike a double it
/// tells any two numbers apart.
fn decimal(token: &str) -> Option<(bool, String, i64)> {
    let (negative, token) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let power = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
    let significant = significant.trim_start_matches('0');
    Some(if significant.is_empty() { (false, String::new(), 0) } else { (negative, significant.to_owned(), power) })
}
