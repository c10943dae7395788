//! What a target wants otherwise: attributes that it requires, must not get, or names differently. Real products are
//! picky, and a 400 on every create helps nobody; but what is mapped is no longer the client's to the byte, and every
//! report says so.

use crate::document::{Document, Problem};
use crate::profile::model::ActorKind;
use crate::scim::json::{Json, Object};
use crate::scim::path::PatchPath;

/// A map file (`--map`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Form of userName: `{given}.{family}-{word}`; the e-mail address when absent.
    pub user_name: Option<String>,
    /// For users.
    pub user: Changes,
    /// For groups.
    pub group: Changes,
}

/// What is changed in the bodies of one resource type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Members added to a create or replace that has none of that name.
    pub add: Vec<(String, Json)>,
    /// Attributes left out: `title`, `name.formatted`, `urn:…:User:department`.
    pub drop: Vec<String>,
    /// Attributes with another name: `title` → `urn:…:User:jobTitle`.
    pub rename: Vec<(String, String)>,
}

impl Map {
    /// Reads a map file.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn parse(document: Document) -> Result<Self, Vec<Problem>> {
        document.parse(|root| {
            let user_name = root.string("userName");
            if let Some(form) = &user_name
                && !form.value.contains("{word}")
                && !form.value.contains("{email}")
            {
                let expected = "a form with {word} or {email} in it, so that every invented name differs".to_owned();
                root.problem(form.span.clone(), "every user would have the same userName", Some(expected));
            }
            let changes = |name: &str| root.table(name).map(|table| Changes::read(&table)).unwrap_or_default();
            Some(Self { user: changes("user"), group: changes("group"), user_name: user_name.map(|form| form.value) })
        })
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A body with the changes of its resource type; the text itself when nothing applies.
    #[must_use]
    pub fn apply(&self, kind: ActorKind, method: &str, body: String) -> String {
        let changes = match kind {
            ActorKind::User => &self.user,
            ActorKind::Group => &self.group,
        };
        if *changes == Changes::default() {
            return body;
        }
        let Ok(mut json) = Json::parse(body.as_bytes()) else { return body };
        if method == "PATCH" {
            changes.to_patch(&mut json);
        } else {
            changes.to_resource(&mut json);
        }
        json.to_string()
    }
}

impl Changes {
    fn read(table: &crate::document::Table<'_>) -> Self {
        let mut out = Self { drop: table.scalars("drop").into_iter().map(|at| at.value).collect(), ..Self::default() };
        if let Some(add) = table.table("add") {
            for key in add.keys() {
                let Some(text) = add.scalar(&key.value) else { continue };
                // A JSON text is taken as such, anything else is a string.
                let value = Json::parse(text.value.as_bytes()).unwrap_or_else(|_| Json::String(text.value.clone()));
                out.add.push((key.value, value));
            }
        }
        if let Some(rename) = table.table("rename") {
            for key in rename.keys() {
                if let Some(to) = rename.required(&key.value) {
                    out.rename.push((key.value, to.value));
                }
            }
        }
        table.finish();
        out
    }

    fn to_resource(&self, json: &mut Json) {
        for path in &self.drop {
            take(json, path);
        }
        for (from, to) in &self.rename {
            if let Some(value) = take(json, from) {
                put(json, to, value);
            }
        }
        for (path, value) in &self.add {
            if crate::play::diff::look_up(json, path).is_none() {
                put(json, path, value.clone());
            }
        }
    }

    fn to_patch(&self, json: &mut Json) {
        let Some(Json::Array(operations)) = json.as_object_mut().and_then(|o| o.get_mut("Operations")) else { return };
        for operation in operations.iter_mut().filter_map(Json::as_object_mut) {
            let path = operation.get("path").and_then(Json::as_str).map(str::to_owned);
            match (path, operation.get_mut("value")) {
                (Some(path), _) => {
                    if let Some((_, to)) = self.rename.iter().find(|(from, _)| from.eq_ignore_ascii_case(&path)) {
                        operation.set("path", to.as_str().into());
                    }
                }
                (None, Some(Json::Object(values))) => {
                    for path in &self.drop {
                        values.remove(path);
                    }
                    for (from, to) in &self.rename {
                        if let Some(value) = values.remove(from) {
                            values.set(to, value);
                        }
                    }
                }
                _ => {}
            }
        }
        operations.retain(|operation| {
            let path = operation.get("path").and_then(Json::as_str);
            !path.is_some_and(|path| self.drop.iter().any(|dropped| dropped.eq_ignore_ascii_case(path)))
        });
    }
}

/// Where an attribute path leads: the names to go through, extension URN first.
fn steps(path: &str) -> Vec<String> {
    match PatchPath::parse(path) {
        Ok((PatchPath::Attribute { target, .. }, _)) => {
            target.urn.into_iter().chain([target.attribute]).chain(target.sub).collect()
        }
        _ => vec![path.to_owned()],
    }
}

fn take(json: &mut Json, path: &str) -> Option<Json> {
    let steps = steps(path);
    let (last, parents) = steps.split_last()?;
    take_below(json, parents, last)
}

fn take_below(json: &mut Json, parents: &[String], last: &str) -> Option<Json> {
    match json {
        Json::Array(items) => items.iter_mut().filter_map(|item| take_below(item, parents, last)).last(),
        Json::Object(object) => match parents.split_first() {
            None => object.remove(last),
            Some((first, rest)) => take_below(object.get_mut(first)?, rest, last),
        },
        _ => None,
    }
}

fn put(json: &mut Json, path: &str, value: Json) {
    let steps = steps(path);
    let Some((last, parents)) = steps.split_last() else { return };
    let mut here = &mut *json;
    for name in parents {
        let Some(object) = here.as_object_mut() else { return };
        if object.get(name).is_none() {
            object.set(name, Json::Object(Object::default()));
        }
        let Some(next) = object.get_mut(name) else { return };
        here = next;
    }
    if let Some(object) = here.as_object_mut() {
        object.set(last, value);
    }
    if let Some(urn) = steps.first().filter(|first| first.starts_with("urn:"))
        && let Some(Json::Array(schemas)) = json.as_object_mut().and_then(|o| o.get_mut("schemas"))
        && !schemas.iter().any(|s| s.as_str() == Some(urn))
    {
        schemas.push(urn.as_str().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_drops_and_renames() {
        let map = Map::parse(Document::new(
            "map.toml",
            r#"
userName = "{given}.{word}"
[user]
drop = ["displayName", "emails.type"]
[user.add]
nickName = "x"
roles = '[{"value":"member"}]'
[user.rename]
title = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"
"#,
        ))
        .unwrap();
        let body =
            r#"{"schemas":["u"],"userName":"a","displayName":"A","title":"T","emails":[{"type":"work","value":"v"}]}"#;
        insta::assert_snapshot!(map.apply(ActorKind::User, "POST", body.to_owned()), @r#"{"schemas":["u","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"a","emails":[{"value":"v"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"T"},"nickName":"x","roles":[{"value":"member"}]}"#);
        let patch = r#"{"Operations":[{"op":"add","path":"title","value":"T"},{"op":"add","path":"displayName","value":"D"},{"op":"add","value":{"displayName":"D","title":"T"}}]}"#;
        insta::assert_snapshot!(map.apply(ActorKind::User, "PATCH", patch.to_owned()), @r#"{"Operations":[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division","value":"T"},{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division":"T"}}]}"#);
        assert_eq!(map.apply(ActorKind::Group, "POST", body.to_owned()), body);
    }

    #[test]
    fn a_form_without_a_word_is_refused() {
        let problems = Map::parse(Document::new("map.toml", "userName = \"bob\"\n")).unwrap_err();
        assert!(problems[0].message.contains("same userName"), "{problems:?}");
    }
}
