//! Entra's kind of update: operations from the difference between what is wanted and what was read.
//!
//! Absent or empty in the answer: `Add`; another value: `Replace`; the same: nothing. The comparison is literal, so an
//! endpoint that stores a value otherwise makes such a client write for ever.

use crate::profile::model::{BooleanStyle, Dialect};
use crate::scim::filter::{Filter, Operator};
use crate::scim::json::{Json, Object, object};
use crate::scim::path::PatchPath;
use crate::scim::urn;

/// One difference: attribute path, wanted value, and what was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Path as the profile writes it.
    pub path: String,
    /// Wanted value.
    pub wanted: Json,
    /// Value in the answer, if it has one.
    pub read: Option<Json>,
}

/// What a client that wants these values would have to write.
#[must_use]
pub fn changes(read: &Json, want: &[(String, Json)]) -> Vec<Change> {
    let mut out = Vec::new();
    for (path, wanted) in want {
        let found = look_up(read, path);
        // A reference that is sent as a bare id comes back as an object.
        let literal = match found {
            Some(Json::Object(inner)) if wanted.as_str().is_some() => inner.get("value"),
            other => other,
        };
        if literal != Some(wanted) {
            out.push(Change { path: path.clone(), wanted: wanted.clone(), read: found.cloned() });
        }
    }
    out
}

/// The `PatchOp` body that writes the changes; `None` when there is nothing to write.
#[must_use]
pub fn patch(changes: &[Change], dialect: &Dialect) -> Option<Json> {
    if changes.is_empty() {
        return None;
    }
    let mut operations = Vec::new();
    let (filtered, plain): (Vec<_>, Vec<_>) = changes.iter().partition(|c| c.path.contains('['));
    if dialect.merge {
        operations.extend(filtered.into_iter().map(|change| operation(change, dialect)));
        let (adds, replaces): (Vec<_>, Vec<_>) = plain.into_iter().partition(|c| is_add(c));
        for same in [replaces, adds] {
            match same.as_slice() {
                [] => {}
                [one] => operations.push(operation(one, dialect)),
                several => operations.push(merged(several, dialect)),
            }
        }
    } else {
        operations.extend(changes.iter().map(|change| operation(change, dialect)));
    }
    Some(object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", Json::Array(operations))]))
}

fn is_add(change: &Change) -> bool {
    match &change.read {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.is_empty(),
        Some(Json::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

fn verb(change: &Change, dialect: &Dialect) -> Json {
    match (is_add(change), dialect.capital_ops) {
        (true, true) => "Add",
        (true, false) => "add",
        (false, true) => "Replace",
        (false, false) => "replace",
    }
    .into()
}

fn operation(change: &Change, dialect: &Dialect) -> Json {
    object([
        ("op", verb(change, dialect)),
        ("path", change.path.as_str().into()),
        ("value", written(&change.wanted, dialect)),
    ])
}

fn merged(changes: &[&Change], dialect: &Dialect) -> Json {
    let value: Object = changes.iter().map(|c| (c.path.clone(), written(&c.wanted, dialect))).collect();
    object([("op", verb(changes[0], dialect)), ("value", Json::Object(value))])
}

fn written(value: &Json, dialect: &Dialect) -> Json {
    match (value, dialect.booleans) {
        (Json::Bool(true), BooleanStyle::Capital) => "True".into(),
        (Json::Bool(false), BooleanStyle::Capital) => "False".into(),
        (Json::Bool(b), BooleanStyle::Lower) => b.to_string().into(),
        (other, _) => other.clone(),
    }
}

/// The value at a PATCH path in a representation.
#[must_use]
pub fn look_up<'a>(read: &'a Json, path: &str) -> Option<&'a Json> {
    let PatchPath::Attribute { target, filter } = PatchPath::parse(path).ok()?.0 else { return read.get(path) };
    let holder = match &target.urn {
        Some(urn) => read.get(urn).or_else(|| urn.contains(":core:").then_some(read))?,
        None => read,
    };
    let mut value = holder.get(&target.attribute)?;
    if let Some(filter) = &filter {
        value = value.as_array()?.iter().find(|element| element_matches(element, filter))?;
    }
    match &target.sub {
        Some(sub) => value.get(sub),
        None => Some(value),
    }
}

fn element_matches(element: &Json, filter: &Filter) -> bool {
    match filter {
        Filter::Compare(path, Operator::Eq, wanted) => {
            element.get(&path.attribute).is_some_and(|value| match (value, wanted) {
                (Json::String(a), Json::String(b)) => a.eq_ignore_ascii_case(b),
                (Json::Bool(a), Json::String(b)) => b.eq_ignore_ascii_case(&a.to_string()),
                (a, b) => a == b,
            })
        }
        Filter::And(a, b) => element_matches(element, a) && element_matches(element, b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = r#"{"displayName":"Ada Byron","title":"","active":true,
        "emails":[{"type":"home","value":"h@example.com"},{"type":"work","value":"a@example.com"}],
        "name":{"familyName":"Byron"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"u-9"},"department":"Ops"}}"#;
    const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    fn want(pairs: &[(&str, &str)]) -> Vec<(String, Json)> {
        pairs.iter().map(|(p, v)| ((*p).to_owned(), Json::parse(v.as_bytes()).unwrap())).collect()
    }

    fn body(dialect: &Dialect, pairs: &[(&str, &str)]) -> String {
        let read = Json::parse(READ.as_bytes()).unwrap();
        patch(&changes(&read, &want(pairs)), dialect)
            .map_or_else(String::new, |json| json.get("Operations").unwrap().to_string())
    }

    #[test]
    fn writes_only_what_differs() {
        let plain = Dialect { when: None, capital_ops: true, booleans: BooleanStyle::Capital, merge: false };
        let all = [
            ("displayName", "\"Ada King\""),
            ("title", "\"Lead\""),
            ("name.familyName", "\"Byron\""),
            ("emails[type eq \"work\"].value", "\"k@example.com\""),
            (DEPARTMENT, "\"Research\""),
            (MANAGER, "\"u-9\""),
            ("active", "false"),
        ];
        insta::assert_snapshot!(body(&plain, &all), @r#"[{"op":"Replace","path":"displayName","value":"Ada King"},{"op":"Add","path":"title","value":"Lead"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"k@example.com"},{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Research"},{"op":"Replace","path":"active","value":"False"}]"#);
        let flag = Dialect { when: None, capital_ops: false, booleans: BooleanStyle::Json, merge: true };
        insta::assert_snapshot!(body(&flag, &all), @r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"k@example.com"},{"op":"replace","value":{"displayName":"Ada King","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Research","active":false}},{"op":"add","path":"title","value":"Lead"}]"#);
        assert_eq!(body(&plain, &[("displayName", "\"Ada Byron\""), (MANAGER, "\"u-9\""), ("active", "true")]), "");
    }
}
