//! What a client means by the body of a POST or PUT.
//!
//! More is understood than the letter allows, as with a PATCH: a boolean in quotes is a boolean, a bare string for a
//! complex value is its `value`, a single object for a multi-valued attribute is one of its values.

use super::compare::is_blank;
use crate::scim::json::{Json, Object, object};
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Type, builtin};

/// The values that a body asks the target to keep. What the client cannot set, what is never shown again, and what no
/// schema knows is left out.
#[must_use]
pub fn of_body(body: &Json, schema: &ResourceSchema) -> Json {
    let mut kept = Object::default();
    for (name, value) in body.as_object().into_iter().flat_map(Object::iter) {
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        let attribute = builtin::common(name).or_else(|| schema.core.attribute(name));
        if let Some(attribute) = attribute {
            kept.0.extend(value_of(attribute, value).map(|value| (attribute.name.clone(), value)));
            continue;
        }
        let Some((extension, _)) = schema.extensions.iter().find(|(e, _)| e.id.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let members = value.as_object().into_iter().flat_map(Object::iter);
        let values: Object = members
            .filter_map(|(name, value)| {
                let attribute = extension.attribute(name)?;
                Some((attribute.name.clone(), value_of(attribute, value)?))
            })
            .collect();
        if !values.is_empty() {
            kept.0.push((extension.id.clone(), Json::Object(values)));
        }
    }
    Json::Object(kept)
}

/// Names that a body mentions, with or without a value: attributes in notation and in lower case.
pub fn mentions(body: &Json, path: &str) -> bool {
    let Some(members) = body.as_object() else { return false };
    let attribute = path.split('.').next().unwrap_or(path);
    members.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case(attribute)
            || path.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && path
                    .get(name.len()..)
                    .and_then(|rest| rest.strip_prefix(':'))
                    .is_some_and(|rest| value.get(rest.split('.').next().unwrap_or(rest)).is_some())
    })
}

fn value_of(attribute: &Attribute, value: &Json) -> Option<Json> {
    if matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly) || is_blank(value) {
        return None;
    }
    if !attribute.multi_valued {
        return single(attribute, value);
    }
    let values: Vec<Json> = super::compare::items(value).iter().filter_map(|item| single(attribute, item)).collect();
    (!values.is_empty()).then_some(Json::Array(values))
}

fn single(attribute: &Attribute, value: &Json) -> Option<Json> {
    match (attribute.kind, value) {
        (_, value) if is_blank(value) => None,
        (Type::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("true") => Some(Json::Bool(true)),
        (Type::Boolean, Json::String(text)) if text.eq_ignore_ascii_case("false") => Some(Json::Bool(false)),
        (Type::Complex, Json::String(text)) => Some(object([("value", Json::String(text.clone()))])),
        (Type::Complex, Json::Object(members)) => {
            let kept: Object = members
                .iter()
                .filter_map(|(name, value)| match attribute.sub(name) {
                    Some(sub) => Some((sub.name.clone(), value_of(sub, value)?)),
                    None => Some((name.to_owned(), value.clone())),
                })
                .collect();
            (!kept.is_empty()).then_some(Json::Object(kept))
        }
        (_, value) => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(body: &str) -> String {
        of_body(&Json::parse(body.as_bytes()).unwrap(), &builtin::user_type()).to_string()
    }

    #[test]
    fn leaves_out_what_the_client_cannot_set_or_see_again() {
        let body = r#"{"schemas":["x"],"id":"7","meta":{},"userName":"maya","password":"p","groups":[],"title":null,
            "nickName":"","name":{},"colour":"red","roles":[]}"#;
        assert_eq!(meant(body), r#"{"userName":"maya"}"#);
    }

    #[test]
    fn reads_what_idps_send() {
        let urn = crate::scim::urn::ENTERPRISE_USER;
        let body = format!(r#"{{"active":"False","emails":{{"value":"m@example.com"}},"{urn}":{{"manager":"u-1"}}}}"#);
        let kept = format!(
            r#"{{"active":false,"emails":[{{"value":"m@example.com"}}],"{urn}":{{"manager":{{"value":"u-1"}}}}}}"#
        );
        assert_eq!(meant(&body), kept);
    }

    #[test]
    fn knows_what_a_body_mentions() {
        let urn = crate::scim::urn::ENTERPRISE_USER;
        let body = Json::parse(format!(r#"{{"Title":null,"{urn}":{{"department":null}}}}"#).as_bytes()).unwrap();
        assert!(mentions(&body, "title"));
        assert!(mentions(&body, &format!("{urn}:department")));
        assert!(!mentions(&body, &format!("{urn}:manager.value")));
        assert!(!mentions(&body, "nickName"));
    }
}
