//! Okta's kind of update: what the server said of a resource is written back, with the client's own values over it.
//!
//! The server's member order and number tokens stay; that is what makes an echoed `meta` or an unknown member a test.

use crate::scim::json::{Json, Object};

/// `read` with the members of `overlay` written over it in their places (or added behind), and those of `append` added
/// at the end where `read` has none. Objects are overlaid member by member, elements of an array where there is one of
/// the same `type` for each (a client maps `emails[type eq "work"]`, not all e-mails); everything else is replaced.
#[must_use]
pub fn echo(read: &Json, overlay: &Json, append: &Json) -> Json {
    let mut result = read.clone();
    if let (Json::Object(base), Json::Object(over)) = (&mut result, overlay) {
        lay_over(base, over);
    }
    if let (Json::Object(base), Json::Object(extra)) = (&mut result, append) {
        for (name, value) in extra.iter().filter(|(name, _)| read.get(name).is_none()) {
            base.set(name, value.clone());
        }
    }
    result
}

fn lay_over(base: &mut Object, over: &Object) {
    for (name, value) in over.iter() {
        match (base.get_mut(name), value) {
            (Some(Json::Object(inner)), Json::Object(change)) => lay_over(inner, change),
            (Some(Json::Array(elements)), Json::Array(changes)) if all_there(elements, changes) => {
                for change in changes {
                    elements_over(elements, change);
                }
            }
            _ => base.set(name, value.clone()),
        }
    }
}

/// Whether every change names a type, and there is an element of each.
fn all_there(elements: &[Json], changes: &[Json]) -> bool {
    let there = |change: &Json| kind(change).is_some() && elements.iter().any(|element| kind(element) == kind(change));
    !changes.is_empty() && changes.iter().all(there)
}

/// A change over the first element of its type.
fn elements_over(elements: &mut [Json], change: &Json) {
    let element = elements.iter_mut().find(|element| kind(element) == kind(change));
    if let (Some(Json::Object(inner)), Json::Object(change)) = (element, change) {
        lay_over(inner, change);
    }
}

/// The `type` of an element of a multi-valued attribute.
fn kind(element: &Json) -> Option<&Json> {
    element.get("type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_numbers_and_unknown_members() {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let read =
            json(r#"{"x":1.0,"name":{"formatted":"P. R. (old)","familyName":"R"},"active":true,"meta":{"v":1}}"#);
        let result = echo(
            &read,
            &json(r#"{"name":{"familyName":"Holm","givenName":"Pia"},"externalId":"00u"}"#),
            &json(r#"{"groups":[],"active":false}"#),
        );
        assert_eq!(
            result.to_string(),
            r#"{"x":1.0,"name":{"formatted":"P. R. (old)","familyName":"Holm","givenName":"Pia"},"active":true,"meta":{"v":1},"externalId":"00u","groups":[]}"#
        );
    }

    #[test]
    fn elements_of_the_same_type_are_overlaid_in_place() {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let read =
            json(r#"{"emails":[{"value":"h","type":"home"},{"value":"old","type":"work","primary":true}],"x":["a"]}"#);
        let over = json(r#"{"emails":[{"primary":true,"value":"new","type":"work"}],"x":["b"]}"#);
        assert_eq!(
            echo(&read, &over, &json("{}")).to_string(),
            r#"{"emails":[{"value":"h","type":"home"},{"value":"new","type":"work","primary":true}],"x":["b"]}"#
        );
        for replaced in [r#"{"emails":[],"x":[]}"#, r#"{"emails":[{"value":"h","type":"home"}],"x":[]}"#] {
            assert_eq!(echo(&json(replaced), &over, &json("{}")).to_string(), over.to_string());
        }
    }
}
