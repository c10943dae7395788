//! The people and groups of a scenario: what they are called in the recording, and what stands for it in a profile.

use std::collections::BTreeMap;

use super::manner;
use crate::play::NOBODY;
use crate::profile::model::ActorKind;
use crate::scim::json::Json;
use crate::scim::urn;

/// Names of users and of groups, in the order in which they are given.
const USERS: [&str; 12] =
    ["maya", "tomas", "priya", "noor", "lucia", "ivo", "tara", "lena", "omar", "mina", "niels", "ada"];
const GROUPS: [&str; 4] = ["crew", "team", "desk", "unit"];

/// A user or group of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) kind: ActorKind,
    /// The server's id in the recording; `None`: it was never told.
    pub(super) id: Option<String>,
    /// Whether it is there before the scenario.
    pub(super) exists: bool,
    /// Members beforehand, by actor name.
    pub(super) members: Vec<String>,
    /// Further members of the body that makes it.
    pub(super) set: Option<Json>,
    /// Values in the recording with what they are, such as `userName`; the first value of each counts.
    values: Vec<(String, String)>,
}

/// A value of an actor that stands in a text.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// In the recording.
    pub(super) value: String,
    /// In a template, without its braces: `maya.userName`.
    pub(super) expression: String,
    /// Names of attributes where it counts; empty: everywhere, also as a part of a text.
    pub(super) only: &'static [&'static str],
}

impl Known {
    /// What nobody is called: invented anew for each run, in its own form. `None`: it has no form of its own.
    pub(super) fn nobody(value: &str, is_id: bool, number: usize) -> Option<Self> {
        let label = if number == 0 { "nobody".to_owned() } else { format!("nobody{}", number + 1) };
        let expression = match manner::form(value).as_str() {
            // A run writes to no other id that it was not told.
            "{guid}" if is_id => format!("'{NOBODY}' ~ hex('{label}', 12)"),
            "{guid}" if !value.contains('@') => format!("guid('{label}')"),
            form if value.len() >= 8 => {
                let length = form.strip_prefix("{hex:")?.strip_suffix('}')?;
                format!("hex('{label}', {length})")
            }
            _ => return None,
        };
        Some(Self { value: value.to_owned(), expression, only: &[] })
    }

    /// Whether it is the id of an actor.
    pub(super) fn is_id(&self) -> bool {
        self.expression.rsplit_once('.').is_some_and(|(_, field)| field == "id")
    }
}

/// Attributes of names, in which given and family name may stand together.
const NAMES: &[&str] = &["givenname", "familyname", "displayname", "formatted", "display", "name", "nickname"];

impl Actor {
    fn new(name: String, kind: ActorKind, id: Option<String>) -> Self {
        Self { name, kind, id, exists: false, members: Vec::new(), set: None, values: Vec::new() }
    }

    /// Learns values from a representation or a request's body.
    pub(super) fn learn(&mut self, json: &Json) {
        let found = |pointer: &str| json.pointer(pointer).and_then(Json::as_str).filter(|text| !text.is_empty());
        let first = |name: &str| {
            let items = json.get(name).and_then(Json::as_array)?;
            let work = items.iter().find(|item| item.get("type").and_then(Json::as_str) == Some("work"));
            work.or(items.first())
        };
        let of = |name: &str, part: &str| first(name).and_then(|item| item.get(part)).and_then(Json::as_str);
        let department = json.get(urn::ENTERPRISE_USER).and_then(|e| e.get("department")).and_then(Json::as_str);
        let values = match self.kind {
            ActorKind::User => vec![
                ("userName", found("/userName")),
                ("email", of("emails", "value")),
                ("externalId", found("/externalId")),
                ("given", found("/name/givenName")),
                ("family", found("/name/familyName")),
                ("displayName", found("/displayName")),
                ("title", found("/title")),
                ("department", department),
            ],
            ActorKind::Group => vec![("displayName", found("/displayName")), ("externalId", found("/externalId"))],
        };
        for (what, value) in values {
            if let Some(value) = value {
                self.value(what, value);
            }
        }
    }

    /// A value of the actor; a second one of a name is a change.
    pub(super) fn value(&mut self, what: &str, value: &str) {
        // Who writes `new-` before a name says it by that name.
        let lower = value.to_lowercase();
        let same = self.values.iter().any(|(w, v)| w == what && lower.contains(&v.to_lowercase()));
        let unique = matches!(what, "userName" | "email") || self.kind == ActorKind::Group && what == "displayName";
        let later = self.values.iter().any(|(w, _)| w == what);
        if !same && (!later || unique) {
            self.values.push((what.to_owned(), value.to_owned()));
        }
    }

    /// The first value of this name.
    pub(super) fn first(&self, what: &str) -> Option<&str> {
        self.values.iter().find(|(w, _)| w == what).map(|(_, value)| value.as_str())
    }

    /// What stands for its values, the surest first.
    pub(super) fn known(&self) -> Vec<Known> {
        let name = &self.name;
        let mut out: Vec<Known> = Vec::new();
        let mut add = |value: &str, expression: String, only| {
            out.push(Known { value: value.to_owned(), expression, only });
        };
        if let Some(id) = &self.id {
            add(id, format!("{name}.id"), &[]);
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (what, value) in &self.values {
            let times = seen.entry(what).or_default();
            *times += 1;
            let expression = match *times {
                1 => format!("{name}.{what}"),
                2 => format!("'changed-' ~ {name}.{what}"),
                n => format!("'changed{n}-' ~ {name}.{what}"),
            };
            let only: &'static [&'static str] = match what.as_str() {
                "given" | "family" => NAMES,
                "displayName" if self.kind == ActorKind::User => NAMES,
                "title" => &["title"],
                "department" => &["department"],
                _ => &[],
            };
            // Whoever is called otherwise than by given and family name keeps it: an invented displayName is both.
            let both = match (self.first("given"), self.first("family")) {
                (Some(given), Some(family)) => Some(format!("{given} {family}")),
                _ => None,
            };
            let display = self.kind == ActorKind::User && what == "displayName";
            if display && both.is_some_and(|both| both != *value) {
                continue;
            }
            add(value, expression, only);
        }
        if let (Some(given), Some(family)) = (self.first("given"), self.first("family")) {
            add(&format!("{given} {family}"), format!("{name}.displayName"), NAMES);
        }
        out
    }

    /// Values with what they stand for, as a run tells them.
    pub(super) fn invented(&self) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        let mut out = Vec::new();
        for (what, value) in &self.values {
            if !seen.contains(&what) {
                seen.push(what);
                out.push((value.clone(), format!("{}.{what}", self.name)));
            }
        }
        out
    }
}

/// The actors of a scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Cast {
    pub(super) actors: Vec<Actor>,
}

impl Cast {
    /// The actor with this id; a new one if there is none.
    pub(super) fn of(&mut self, kind: ActorKind, id: Option<&str>) -> &mut Actor {
        let at = self.actors.iter().position(|actor| id.is_some() && actor.id.as_deref() == id);
        let at = at.unwrap_or_else(|| {
            let name = self.free_name(kind);
            self.actors.push(Actor::new(name, kind, id.map(str::to_owned)));
            self.actors.len() - 1
        });
        &mut self.actors[at]
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.id.as_deref() == Some(id))
    }

    fn free_name(&self, kind: ActorKind) -> String {
        let names: &[&str] = if kind == ActorKind::User { &USERS } else { &GROUPS };
        let taken = self.actors.iter().filter(|actor| actor.kind == kind).count();
        match names.get(taken) {
            Some(name) => (*name).to_owned(),
            None => format!("{}{}", names[taken % names.len()], taken / names.len() + 1),
        }
    }

    /// What stands for values of all actors, longer values first.
    pub(super) fn known(&self) -> Vec<Known> {
        let mut known: Vec<Known> = self.actors.iter().flat_map(Actor::known).collect();
        known.sort_by_key(|known| std::cmp::Reverse(known.value.chars().count()));
        known
    }

    /// In the order in which they can be made: members before their groups.
    pub(super) fn in_order(&self) -> Vec<&Actor> {
        let kind = |wanted: ActorKind| self.actors.iter().filter(move |actor| actor.kind == wanted);
        kind(ActorKind::User).chain(kind(ActorKind::Group)).collect()
    }
}
