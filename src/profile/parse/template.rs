//! Checks templates and conditions without playing them: their syntax, the names that they use, and whether a body is
//! JSON once its template parts stand for something.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};

use super::super::model::{Setting, SettingKind};
use crate::document::{At, Table, nearest};
use crate::scim::json::Json;

/// Names of the template language: no setting, actor or captured value can be called so.
pub(super) const RESERVED: [&str; 19] = [
    "run",
    "target",
    "type",
    "attribute",
    "page",
    "it",
    "guid",
    "hex",
    "alnum",
    "status",
    "range",
    "dict",
    "namespace",
    "debug",
    "true",
    "false",
    "none",
    "not",
    "loop",
];

/// Functions that the template language has everywhere.
const GLOBALS: [&str; 3] = ["range", "dict", "namespace"];

/// What an actor has, whatever happened.
const FIELDS: [&str; 18] = [
    "id",
    "userName",
    "email",
    "given",
    "family",
    "displayName",
    "externalId",
    "password",
    "title",
    "department",
    "phone",
    "street",
    "locality",
    "country",
    "word",
    "found",
    "hits",
    "read",
];

/// What templates can name at a place of a profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Settings with their default and the other values that a choice or switch can take.
    pub(super) settings: BTreeMap<String, Vec<String>>,
    /// Actors: whether there are several under the name.
    pub(super) actors: BTreeMap<String, bool>,
    /// Actors whose id is known.
    pub(super) bound: BTreeSet<String>,
    /// Actors that were read.
    pub(super) read: BTreeSet<String>,
    /// Values taken from answers.
    pub(super) captured: BTreeSet<String>,
    /// Ids of the steps so far.
    pub(super) steps: Vec<String>,
    /// Inside `each`: whether the ids of its actors are known, and whether they were read.
    pub(super) it: Option<(bool, bool)>,
    /// Inside a step that goes page by page.
    pub(super) page: bool,
    /// Inside a scenario that is played for what the target declares.
    pub(super) declared: bool,
    /// Inside a step that is played for attributes.
    pub(super) attribute: bool,
    /// Inside a step of a scenario, where invented values can be asked for.
    pub(super) inside: bool,
}

impl Scope {
    /// Only settings.
    pub(super) fn of(settings: &[Setting]) -> Self {
        let values = |setting: &Setting| {
            let mut values = vec![setting.default.clone()];
            match &setting.kind {
                SettingKind::Choice(words) => values.extend(words.iter().cloned()),
                SettingKind::Switch => values.extend(["off".to_owned(), "on".to_owned()]),
                SettingKind::Number(..) => values.push("3".to_owned()),
                SettingKind::Text => values.push("urn:example:x:word".to_owned()),
            }
            values
        };
        Self { settings: settings.iter().map(|s| (s.name.clone(), values(s))).collect(), ..Self::default() }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.settings.keys().chain(self.actors.keys()).cloned().collect();
        names.extend(self.captured.iter().cloned());
        if self.inside {
            names.extend(["run", "target", "guid", "hex", "alnum", "status"].map(str::to_owned));
        }
        names.extend(self.declared.then(|| "type".to_owned()));
        names.extend(self.attribute.then(|| "attribute".to_owned()));
        names.extend(self.it.map(|_| "it".to_owned()));
        names.extend(self.page.then(|| "page".to_owned()));
        names
    }

    /// What is wrong with a name and its fields, such as `maya.id`.
    fn fault(&self, path: &str) -> Option<(String, Option<String>)> {
        let mut parts = path.split('.');
        let root = parts.next().unwrap_or_default();
        let field = parts.next();
        let names = self.names();
        if !names.iter().any(|name| name == root) && !GLOBALS.contains(&root) {
            let expected = match (root, nearest(root, names.iter())) {
                ("page", _) => "`pages` in this step".to_owned(),
                ("it", _) => "`each` in this step".to_owned(),
                ("attribute", _) => "`attributes` in this step".to_owned(),
                ("type", _) => "`for_each_declared` in this scenario".to_owned(),
                (_, Some(near)) => format!("perhaps `{near}`"),
                _ => format!("one of {}", names.join(", ")),
            };
            return Some((format!("`{root}` is not known here"), Some(expected)));
        }
        let (bound, read) = match (self.actors.get(root), self.it) {
            (None, Some(it)) if root == "it" => it,
            (Some(false), _) => (self.bound.contains(root), self.read.contains(root)),
            _ => return None,
        };
        let field = field?;
        if !FIELDS.contains(&field) {
            let fields: Vec<_> = FIELDS.iter().map(|f| (*f).to_owned()).collect();
            let expected = match nearest(field, fields.iter()) {
                Some(near) => format!("perhaps `{root}.{near}`"),
                None => format!("one of {}", FIELDS.join(", ")),
            };
            return Some((format!("an actor has no `{field}`"), Some(expected)));
        }
        let early = match field {
            "id" => (!bound).then_some("a step before that finds or creates it, or `exists = true`"),
            "read" => (!read).then_some("a step before that reads it"),
            _ => None,
        };
        early.map(|expected| (format!("`{root}.{field}` is not known yet"), Some(expected.to_owned())))
    }

    fn stand_ins(&self, setting: Option<(&str, &str)>) -> Value {
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for (name, values) in &self.settings {
            let value = match setting {
                Some((changed, value)) if changed == name => value,
                _ => values[0].as_str(),
            };
            all.insert(name.clone(), value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from));
        }
        let actor = || -> Value {
            FIELDS
                .iter()
                .filter(|field| **field != "read")
                .map(|field| match *field {
                    "found" => (*field, Value::from(true)),
                    "hits" => (*field, Value::from(1)),
                    _ => (*field, Value::from("x")),
                })
                .collect()
        };
        for (name, several) in &self.actors {
            all.insert(name.clone(), if *several { Value::from(vec![actor(), actor()]) } else { actor() });
        }
        all.extend(self.captured.iter().map(|name| (name.clone(), Value::from("1"))));
        all.insert("it".to_owned(), actor());
        let limits = [("maxOperations", 2), ("maxPayloadSize", 2), ("loopback", 1), ("credentials", 1)];
        all.insert("target".to_owned(), Value::from_pairs(limits));
        all.extend(self.declared.then(|| ("type".to_owned(), declared_stand_in())));
        all.extend(self.attribute.then(|| ("attribute".to_owned(), attribute_stand_in())));
        all.insert("run".to_owned(), Value::from("x"));
        all.insert("page".to_owned(), [("start", 1), ("size", 100)].into_iter().collect());
        Value::from(all)
    }
}

/// A declared type with bodies.
fn declared_stand_in() -> Value {
    let body = || Value::from("{}");
    let fields = [("name", "x".into()), ("endpoint", "/x".into()), ("unique", true.into())];
    Value::from_pairs(fields.into_iter().chain(["least", "one", "two", "changed"].map(|name| (name, body()))))
}

/// An attribute with values.
fn attribute_stand_in() -> Value {
    let texts = ["name", "path", "comparedPath", "sub", "selector"].map(|name| (name, Value::from("x")));
    let values = ["one", "two", "three", "wrong", "without", "comparedOne", "comparedTwo", "otherCase"];
    Value::from_pairs(texts.into_iter().chain(values.map(|name| (name, Value::from("{}")))))
}

/// Compiles and checks templates.
#[derive(Debug)]
pub(super) struct Checker {
    env: RefCell<Environment<'static>>,
}

impl Default for Checker {
    fn default() -> Self {
        let mut env = Environment::new();
        env.set_debug(true);
        // Whatever an answer holds is not known here: it stands for nothing, and loops over it are empty.
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.add_function("guid", |_: &str| "x");
        env.add_function("hex", |_: &str, _: u32| "x");
        env.add_function("alnum", |_: &str, _: u32| "x");
        env.add_function("status", |_: &str| 200);
        Self { env: RefCell::new(env) }
    }
}

impl Checker {
    /// Checks a condition.
    pub(super) fn condition(&self, table: &Table<'_>, text: &At<String>, scope: &Scope) {
        match self.env.borrow().compile_expression_owned(text.value.clone()) {
            Ok(expression) => names(table, text, scope, expression.undeclared_variables(true)),
            Err(error) => wrong(table, text, "condition", &error),
        }
    }

    /// Checks a template; whether it can be filled in.
    pub(super) fn template(&self, table: &Table<'_>, text: &At<String>, scope: &Scope) -> bool {
        let mut env = self.env.borrow_mut();
        let used = env
            .add_template_owned("text", text.value.clone())
            .and_then(|()| env.get_template("text"))
            .map(|template| template.undeclared_variables(true));
        match used {
            Ok(used) => {
                let known = used.iter().all(|path| scope.fault(path).is_none());
                names(table, text, scope, used);
                known
            }
            Err(error) => {
                wrong(table, text, "template", &error);
                false
            }
        }
    }

    /// Checks a template that gives JSON, with every value that the settings in it can take; `kind` is `object` where it
    /// must be one.
    pub(super) fn json(&self, table: &Table<'_>, text: &At<String>, scope: &Scope, kind: Option<&str>) {
        if !self.template(table, text, scope) {
            return;
        }
        let mut settings = vec![None];
        for (name, values) in scope.settings.iter().filter(|(name, _)| text.value.contains(name.as_str())) {
            settings.extend(values.iter().skip(1).map(|value| Some((name.as_str(), value.as_str()))));
        }
        for setting in settings {
            let with = setting.map(|(name, value)| format!(" with {name} = {value}")).unwrap_or_default();
            let env = self.env.borrow();
            let filled = env.get_template("text").and_then(|template| template.render(scope.stand_ins(setting)));
            let filled = match filled {
                Ok(filled) => filled,
                Err(error) => return wrong(table, text, "template", &error),
            };
            let message = match Json::parse(filled.as_bytes()) {
                Ok(json) if kind.is_none_or(|kind| kind == json.kind()) => continue,
                Ok(json) => format!("once filled in{with}, this is a JSON {}", json.kind()),
                Err(error) => format!("once filled in{with}, this is not JSON: {}", error.message),
            };
            return table.problem(text.span.clone(), message, kind.map(|kind| format!("a JSON {kind}")));
        }
    }
}

fn names(table: &Table<'_>, text: &At<String>, scope: &Scope, used: HashSet<String>) {
    for path in used.into_iter().collect::<BTreeSet<_>>() {
        if let Some((message, expected)) = scope.fault(&path) {
            table.problem(table.within(text, place(&text.value, &path)), message, expected);
        }
    }
    for (at, step) in status_arguments(&text.value) {
        if scope.inside && !scope.steps.contains(&step) {
            let expected = match nearest(&step, scope.steps.iter()) {
                Some(near) => format!("perhaps `{near}`"),
                None => "the id of a step before this one".to_owned(),
            };
            table.problem(table.within(text, at), format!("no step `{step}` comes before"), Some(expected));
        }
    }
}

/// Where a name stands in a template, as a whole word; else the whole template.
fn place(text: &str, path: &str) -> Range<usize> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let whole = |at: usize| {
        !text[..at].ends_with(part_of_word)
            && !text[at + path.len()..].starts_with(|c: char| part_of_word(c) && c != '.')
    };
    text.match_indices(path).find(|(at, _)| whole(*at)).map_or(0..text.len(), |(at, _)| at..at + path.len())
}

/// The step ids that `status('…')` asks for, with their places.
fn status_arguments(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for (at, call) in text.match_indices("status(") {
        let begin = at + call.len();
        let Some(quote) = text[begin..].chars().next().filter(|c| ['\'', '"'].contains(c)) else { continue };
        let inside = &text[begin + 1..];
        if let Some(end) = inside.find(quote) {
            found.push((begin + 1..begin + 1 + end, inside[..end].to_owned()));
        }
    }
    found
}

fn wrong(table: &Table<'_>, text: &At<String>, what: &str, error: &minijinja::Error) {
    let place = error.range().filter(|part| part.end <= text.value.len()).unwrap_or(0..text.value.len());
    let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    table.problem(table.within(text, place), format!("the {what} is wrong: {reason}"), None);
}
