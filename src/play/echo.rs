//! Okta's kind of update: what the server said of a resource is written back, with the client's own values over it.
//!
//! The server's member order and number tokens stay; that is what makes an echoed `meta` or an unknown member a test.

use crate::scim::json::{Json, Object};

/// `read` with the members of `overlay` written over it in their places (or added behind), and those of `append` added
/// at the end where `read` has none. Objects are overlaid member by member, everything else is replaced.
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
            _ => base.set(name, value.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_numbers_and_unknown_members() {
        let json = |text: &str| Json::parse(text.as_bytes()).unwrap();
        let read = json(r#"{"x":1.0,"name":{"formatted":"P. R. (old)","familyName":"R"},"active":true,"meta":{"v":1}}"#);
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
}
