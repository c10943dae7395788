//! What templates of a scenario can name: settings, actors with what the client has learned of them, captured values, what
//! the target says of itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Object, Value};

use super::cast::{Inventor, Person};
use super::render::RenderError;
use crate::facts::Facts;
use crate::profile::model::ActorKind;
use crate::scim::json::Json;

/// An actor with what the client has learned of it.
#[derive(Debug)]
pub struct ActorState {
    /// User or group.
    pub kind: ActorKind,
    /// Its invented values.
    pub person: Person,
    /// The server's id, once known.
    pub id: Option<String>,
    /// Whether the last look-up found it.
    pub found: bool,
    /// How many the last look-up found.
    pub hits: i64,
    /// The representation last read.
    pub read: Option<Json>,
}

/// An actor as templates and the run share it.
#[derive(Clone, Debug)]
pub struct ActorCell(Arc<Mutex<ActorState>>);

impl ActorCell {
    /// A new actor, of whom the client knows nothing yet.
    #[must_use]
    pub fn new(kind: ActorKind, person: Person) -> Self {
        let state = ActorState { kind, person, id: None, found: false, hits: 0, read: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state, to read or change it.
    pub fn state(&self) -> MutexGuard<'_, ActorState> {
        // Everything runs on one thread; a panic elsewhere leaves the values as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object for ActorCell {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let state = self.state();
        let person = &state.person;
        let text = match key {
            "id" => return state.id.as_deref().map(Value::from),
            "found" => return Some(Value::from(state.found)),
            "hits" => return Some(Value::from(state.hits)),
            "read" => return state.read.as_ref().map(template_value),
            "userName" => &person.user_name,
            "email" => &person.email,
            "given" => &person.given,
            "family" => &person.family,
            "displayName" => &person.display_name,
            "externalId" => &person.external_id,
            "password" => &person.password,
            "title" => &person.title,
            "department" => &person.department,
            "phone" => &person.phone,
            "street" => &person.street,
            "locality" => &person.locality,
            "country" => &person.country,
            "word" => &person.word,
            _ => return None,
        };
        Some(Value::from(text.as_str()))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// A JSON value as templates see it.
#[must_use]
pub fn template_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(b) => Value::from(*b),
        Json::Number(token) => {
            token.parse::<i64>().map_or_else(|_| Value::from(token.parse::<f64>().unwrap_or(0.0)), Value::from)
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(template_value).collect::<Vec<_>>()),
        Json::Object(object) => Value::from_pairs(object.iter().map(|(name, value)| (name, template_value(value)))),
    }
}

/// What templates know of the target: whether requests stay on this machine (`loopback`), whether they carry
/// credentials, and the limits of its bulk jobs.
#[must_use]
pub fn target_value(facts: &Facts, loopback: bool, credentials: bool) -> Value {
    let limit = |name: &str| {
        let limit = facts.config.as_ref().and_then(|config| config.get("bulk")?.get(name)?.as_i64());
        Value::from(limit.unwrap_or(0))
    };
    Value::from_pairs([
        ("loopback", loopback.into()),
        ("credentials", credentials.into()),
        ("maxOperations", limit("maxOperations")),
        ("maxPayloadSize", limit("maxPayloadSize")),
    ])
}

/// What templates of a scenario can name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Settings of the variant.
    pub settings: Arc<BTreeMap<String, Value>>,
    /// Actors by id; a list when there are several under one id.
    pub actors: Arc<Vec<(String, Vec<ActorCell>)>>,
    /// Captured values.
    pub captured: BTreeMap<String, Value>,
    /// The actor of this turn of `each`.
    pub it: Option<ActorCell>,
    /// The element of this turn of `over`.
    pub element: Option<Value>,
    /// What the target says of itself.
    pub target: Value,
    /// The declared type that the scenario is played for.
    pub of: Option<Value>,
    /// The attribute of this turn.
    pub attribute: Option<Value>,
    /// Page start and size.
    pub page: Option<(u32, u32)>,
    /// Random word of the run.
    pub run: String,
    /// Where `guid()` and the like take their values from.
    pub inventor: Option<Inventor>,
    /// Status of each step played so far.
    pub statuses: Arc<BTreeMap<String, u16>>,
    /// What was listed to an actor name that stands for several.
    pub several: bool,
}

impl Scope {
    /// The actor of that name (`it` included); the first when there are several.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<ActorCell> {
        if name == "it" {
            return self.it.clone();
        }
        self.actors.iter().find(|(id, _)| id == name)?.1.first().cloned()
    }

    /// All actors of that name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<ActorCell> {
        self.actors.iter().find(|(id, _)| id == name).map(|(_, cells)| cells.clone()).unwrap_or_default()
    }

    pub(super) fn read(&self, actor: &str) -> Result<Json, RenderError> {
        let cell = self.actor(actor).ok_or_else(|| RenderError(format!("there is no actor `{actor}`")))?;
        let read = cell.state().read.clone();
        read.ok_or_else(|| RenderError(format!("no representation of `{actor}` has been read")))
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(value) = self.captured.get(key).or_else(|| self.settings.get(key)) {
            return Some(value.clone());
        }
        if let Some((_, cells)) = self.actors.iter().find(|(id, _)| id == key) {
            return Some(match cells.as_slice() {
                [one] => Value::from_object(one.clone()),
                several => several.iter().cloned().map(Value::from_object).collect::<Vec<_>>().into(),
            });
        }
        match key {
            "it" => self.it.clone().map(Value::from_object).or_else(|| self.element.clone()),
            "run" => Some(Value::from(self.run.as_str())),
            "target" => Some(self.target.clone()),
            "type" => self.of.clone(),
            "attribute" => self.attribute.clone(),
            "page" => {
                let (start, size) = self.page?;
                Some(Value::from_pairs([("start", Value::from(start)), ("size", Value::from(size))]))
            }
            "guid" => {
                let inventor = self.inventor.clone()?;
                Some(Value::from_function(move |label: &str| inventor.at("guid").at(label).guid()))
            }
            "hex" => {
                let inventor = self.inventor.clone()?;
                Some(Value::from_function(move |label: &str, n: u32| inventor.at("hex").at(label).hex(n as usize)))
            }
            "alnum" => {
                let inventor = self.inventor.clone()?;
                Some(Value::from_function(move |label: &str, n: u32| inventor.at("alnum").at(label).alnum(n as usize)))
            }
            "status" => {
                let statuses = self.statuses.clone();
                Some(Value::from_function(move |step: &str| statuses.get(step).copied().unwrap_or(0)))
            }
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
