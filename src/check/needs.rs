//! What a client needs of an answer beyond the standard: data in its profile, judged here.

use super::{Finding, Judgement, Location};
use crate::exchange::{Exchange, Oddity, Received};
use crate::profile::model::{BoundNeed, Need, StatusPattern, Test};
use crate::scim::json::{Json, pointer_part};

/// Places that one need tells of one answer.
const MOST: usize = 3;
/// Characters of a value that a finding shows.
const SHOWN: usize = 60;

/// Judges a need of a client for one exchange. Without an answer there is nothing to judge.
#[must_use]
pub fn judge(need: &Need, bound: &BoundNeed, exchange: &Exchange) -> Judgement {
    let Ok(answer) = &exchange.got else { return Judgement::NotApplicable };
    if !applies(need, answer.status) {
        return Judgement::NotApplicable;
    }
    let result = match &need.test {
        Test::Status(patterns) => Ok(status(patterns, answer).into_iter().collect()),
        Test::Header(name, part) => Ok(header(name, part, answer).into_iter().collect()),
        Test::Within(time) => Ok(within(*time, exchange).into_iter().collect()),
        Test::Is(pointer, kinds) => body(answer, pointer, |value| is(value, kinds), || in_words(kinds)),
        Test::Equals(pointer, _) => match &bound.value {
            Some(wanted) => body(answer, pointer, |value| value.is_some_and(|v| same(wanted, v)), || show(wanted)),
            None => Err(unknown()),
        },
        Test::Contains(pointer, _) => match &bound.value {
            Some(wanted) => {
                let expected = || format!("{} in it", show(wanted));
                body(answer, pointer, |value| value.is_some_and(|v| contains(wanted, v)), expected)
            }
            None => Err(unknown()),
        },
    };
    match result {
        Ok(findings) if findings.is_empty() => Judgement::Conforms,
        Ok(findings) => Judgement::Violates(findings),
        Err(why) => Judgement::Undetermined(why),
    }
}

/// A need about the status looks at every answer unless it says on which.
fn applies(need: &Need, status: u16) -> bool {
    if need.on.is_empty() {
        return matches!(need.test, Test::Status(_)) || (200..300).contains(&status);
    }
    need.on.iter().any(|pattern| pattern.fits(status))
}

fn unknown() -> String {
    "the value to compare with is not known".to_owned()
}

fn status(patterns: &[StatusPattern], answer: &Received) -> Option<Finding> {
    if patterns.iter().any(|pattern| pattern.fits(answer.status)) {
        return None;
    }
    let expected: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    let actual = format!("{} {}", answer.status, answer.reason);
    Some(Finding::new(Location::Status, expected.join(" or "), actual.trim()))
}

fn header(name: &str, part: &str, answer: &Received) -> Option<Finding> {
    let expected = if part.is_empty() { "the header" } else { part };
    let finding = |actual: &str| Finding::new(Location::Header(name.to_owned()), expected, actual);
    match answer.header(name) {
        None => Some(finding("no such header")),
        Some(value) if value.to_ascii_lowercase().contains(&part.to_ascii_lowercase()) => None,
        Some(value) => Some(finding(value)),
    }
}

fn within(time: u32, exchange: &Exchange) -> Option<Finding> {
    let took = exchange.took.as_millis();
    let late = took > u128::from(time);
    late.then(|| Finding::new(Location::Wire, format!("an answer within {time} ms"), format!("after {took} ms")))
}

/// Tests every value that a pointer finds.
fn body(
    answer: &Received,
    pointer: &str,
    test: impl Fn(Option<&Json>) -> bool,
    expected: impl Fn() -> String,
) -> Result<Vec<Finding>, String> {
    if let Some(cut) = answer.oddities.iter().find(|oddity| matches!(oddity, Oddity::BodyCut(_))) {
        return Err(cut.to_string());
    }
    let Some(json) = answer.json() else {
        let actual = if answer.body.is_empty() { "an empty body" } else { "a body that is not JSON" };
        return Ok(vec![Finding::new(Location::Body(String::new()), expected(), actual)]);
    };
    let mut found = Vec::new();
    let mut look = |place: &str, value: Option<&Json>| {
        if !test(value) && found.len() < MOST {
            let actual = value.map_or_else(|| "nothing".to_owned(), show);
            found.push(Finding::new(Location::Body(place.to_owned()), expected(), actual));
        }
    };
    if pointer.contains('*') {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        each(Some(json), &parts, "", &mut look);
    } else {
        look(pointer, json.pointer(pointer));
    }
    Ok(found)
}

/// Hands over the value at a pointer, for `*` that of every element; of an empty list there is none.
fn each(value: Option<&Json>, parts: &[&str], place: &str, visit: &mut dyn FnMut(&str, Option<&Json>)) {
    let Some((part, rest)) = parts.split_first() else { return visit(place, value) };
    match (*part, value) {
        ("*", Some(Json::Array(items))) => {
            for (index, item) in items.iter().enumerate() {
                each(Some(item), rest, &format!("{place}/{index}"), visit);
            }
        }
        ("*", Some(Json::Object(members))) => {
            for (name, member) in members.iter() {
                each(Some(member), rest, &format!("{place}/{}", pointer_part(name)), visit);
            }
        }
        ("*", _) => {}
        (part, value) => {
            let below = format!("/{part}");
            each(value.and_then(|value| value.pointer(&below)), rest, &format!("{place}{below}"), visit);
        }
    }
}

fn is(value: Option<&Json>, kinds: &[String]) -> bool {
    kinds.iter().any(|kind| match (kind.as_str(), value) {
        ("absent", None | Some(Json::Null)) => true,
        ("present", Some(value)) => *value != Json::Null,
        ("not-empty", Some(value)) => !is_empty(value),
        ("integer", Some(value)) => value.as_i64().is_some(),
        (kind, Some(value)) => value.kind() == kind,
        (_, None) => false,
    })
}

fn in_words(kinds: &[String]) -> String {
    let words = kinds.iter().map(|kind| match kind.as_str() {
        "present" => "a value".to_owned(),
        "absent" => "no value".to_owned(),
        "not-empty" => "a value that is not empty".to_owned(),
        "null" => "null".to_owned(),
        kind if kind.starts_with(['a', 'i', 'o']) => format!("an {kind}"),
        kind => format!("a {kind}"),
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Whether a value is the wanted one: numbers by value, strings with case, of an object the wanted members.
fn same(wanted: &Json, value: &Json) -> bool {
    match (wanted, value) {
        (Json::Number(a), Json::Number(b)) => a == b || wanted.as_f64() == value.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(_)) => a.iter().all(|(name, a)| value.get(name).is_some_and(|b| same(a, b))),
        _ => wanted == value,
    }
}

fn contains(wanted: &Json, value: &Json) -> bool {
    match (wanted, value) {
        (Json::String(part), Json::String(text)) => text.contains(part.as_str()),
        (_, Json::Array(items)) => items.iter().any(|item| same(wanted, item)),
        _ => false,
    }
}

fn show(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}\u{2026}", &text[..cut]),
        None => text,
    }
}
