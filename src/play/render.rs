//! What a step sends: templates filled in for a variant of a profile, byte for byte.
//!
//! Where a value is put decides how it is escaped, so that a profile's author writes the wire's own text and cannot
//! forget it: in a path by the client's habit, in a query as a JSON string inside a filter and then percent-encoded, in
//! a JSON body as the inside of a JSON string.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use super::map::Map;
pub use super::scope::{ActorCell, Scope, target_value, template_value};
use super::{diff, echo};
use crate::profile::model::{ActorKind, Body, BoundNeed, Dialect, HeaderLine, Need, Profile, Scenario, Step, Test};
use crate::scim::json::{Json, write_string};

/// A request ready to be sent; `{credentials}`, `{host}` and `{length}` in header values are still to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// HTTP method.
    pub method: String,
    /// Path and query behind the base URL.
    pub resource: String,
    /// Header lines in their order.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Option<Vec<u8>>,
}

/// What a step comes to.
#[derive(Clone, Debug)]
pub enum Made {
    /// A request.
    Request(Prepared),
    /// Nothing differs: nothing is sent.
    Nothing,
    /// The client would write although it should have nothing to write: the request, and the differences behind it.
    Unsettled(Prepared, Vec<diff::Change>),
}

/// Why a step cannot be made: a value is missing, a template is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError(pub String);

impl std::fmt::Display for RenderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        Self(match (error.kind(), error.detail()) {
            (ErrorKind::UndefinedError, _) => "a value that the step needs is not known".to_owned(),
            (_, Some(detail)) => detail.to_owned(),
            (kind, None) => kind.to_string(),
        })
    }
}

/// A variant of a profile, its templates compiled.
#[derive(Debug)]
pub struct Stage {
    /// The client.
    pub profile: Arc<Profile>,
    /// Every setting with its value.
    pub settings: Arc<BTreeMap<String, Value>>,
    env: Environment<'static>,
    dialect: Option<Dialect>,
    /// Header lines whose conditions hold in this variant.
    headers: Vec<HeaderLine>,
    /// Query that the administrator appends to the base URL; empty: none.
    pub own_query: String,
    /// `first`, `last` or `omit`.
    pub query_position: String,
}

impl Stage {
    /// Compiles what a variant can say.
    ///
    /// # Errors
    /// A template of the profile is wrong; `profile lint` finds the place.
    pub fn new(profile: &Arc<Profile>, settings: &[(String, String)]) -> Result<Self, RenderError> {
        let settings: Arc<BTreeMap<String, Value>> =
            Arc::new(settings.iter().map(|(name, value)| (name.clone(), setting_value(value))).collect());
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|name| match name.rsplit_once('.').map(|(_, kind)| kind) {
            Some(kind @ ("path" | "query" | "json")) => AutoEscape::Custom(kind.to_owned().into()),
            _ => AutoEscape::None,
        });
        let scope = Value::from_object(Scope { settings: settings.clone(), ..Scope::default() });
        let space = Space::named(&env.render_str(&profile.traits.space, scope.clone())?)?;
        let own_query = env.render_str(profile.traits.own_query.as_deref().unwrap_or_default(), scope.clone())?;
        let query_position = env.render_str(&profile.traits.query_position, scope.clone())?;
        let (upper, escape_ids) = (profile.traits.upper_hex, profile.traits.escape_ids);
        env.set_formatter(move |out, state, value| {
            let place = if let AutoEscape::Custom(place) = state.auto_escape() { place.as_ref() } else { "" };
            let text = match place {
                "path" if escape_ids && !value.is_safe() => percent(&printed(value)?, Space::Percent20, upper),
                // JSON already: a value of a filter.
                "query" if value.is_safe() => percent(&printed(value)?, space, upper),
                "query" => percent(&json_inside(&printed(value)?), space, upper),
                "json" => json_text(value)?,
                _ => printed(value)?,
            };
            out.write_str(&text).map_err(minijinja::Error::from)
        });
        let mut stage = Self {
            profile: profile.clone(),
            settings,
            env,
            dialect: None,
            headers: Vec::new(),
            own_query,
            query_position,
        };
        for scenario in &profile.scenarios {
            stage.compile(scenario)?;
        }
        for need in &profile.needs {
            if let Test::Equals(_, template) | Test::Contains(_, template) = &need.test {
                stage.env.add_template_owned(need_template(need), template.clone())?;
            }
        }
        for line in &profile.traits.headers {
            let holds = match &line.when {
                Some(condition) => stage.holds_now(condition, scope.clone())?,
                None => true,
            };
            if holds {
                stage.headers.push(line.clone());
            }
        }
        for dialect in &profile.dialects {
            let holds = match &dialect.when {
                Some(condition) => stage.holds_now(condition, scope.clone())?,
                None => true,
            };
            if holds {
                stage.dialect = Some(dialect.clone());
                break;
            }
        }
        Ok(stage)
    }

    fn compile(&mut self, scenario: &Scenario) -> Result<(), RenderError> {
        for step in &scenario.steps {
            let name = |part: &str| format!("{}/{}/{part}", scenario.id, step.id);
            let (path, query) = split_target(&step.target);
            self.env.add_template_owned(name("target.path"), path.to_owned())?;
            if let Some(query) = query {
                self.env.add_template_owned(name("target.query"), query.to_owned())?;
            }
            match &step.body {
                Body::None => {}
                Body::Text(text) => self.env.add_template_owned(name("body.json"), text.clone())?,
                Body::Echo { overlay, append, .. } => {
                    self.env.add_template_owned(name("overlay.json"), overlay.clone())?;
                    self.env.add_template_owned(name("append.json"), append.clone())?;
                }
                Body::Diff { want, .. } => {
                    for (i, (_, value)) in want.iter().enumerate() {
                        self.env.add_template_owned(name(&format!("want-{i}.json")), value.clone())?;
                    }
                }
            }
            for (i, (_, value)) in step.headers.iter().enumerate().filter(|(_, (_, value))| is_template(value)) {
                self.env.add_template_owned(name(&format!("header-{i}")), value.clone())?;
            }
            if let Some(attributes) = &step.attributes {
                self.env.add_template_owned(name("attributes"), condition_template(&attributes.when))?;
            }
            if let Some(condition) = &step.when {
                self.env.add_template_owned(name("when"), condition_template(condition))?;
            }
        }
        for actor in &scenario.actors {
            if let Some(set) = &actor.set {
                self.env.add_template_owned(format!("{}/actor/{}.json", scenario.id, actor.id), set.clone())?;
            }
        }
        Ok(())
    }

    /// Whether a condition over settings alone holds, if these settings had other values.
    ///
    /// # Errors
    /// The condition is wrong or uses what is not a setting.
    pub fn holds(&self, condition: &str, others: &[(&str, &str)]) -> Result<bool, RenderError> {
        let mut settings = self.settings.clone();
        if !others.is_empty() {
            let others = others.iter().map(|(name, value)| ((*name).to_owned(), setting_value(value)));
            Arc::make_mut(&mut settings).extend(others);
        }
        self.holds_now(condition, Value::from_object(Scope { settings, ..Scope::default() }))
    }

    fn holds_now(&self, condition: &str, scope: Value) -> Result<bool, RenderError> {
        Ok(!self.env.render_str(&condition_template(condition), scope)?.is_empty())
    }

    /// Whether a step's condition holds.
    ///
    /// # Errors
    /// The condition uses a value that is not known.
    pub fn wants(&self, scenario: &Scenario, step: &Step, scope: &Scope) -> Result<bool, RenderError> {
        match step.when {
            Some(_) => Ok(!self.part(scenario, step, "when", scope)?.is_empty()),
            None => Ok(true),
        }
    }

    /// The elements that a step is played over.
    ///
    /// # Errors
    /// The expression is wrong, uses a value that is not known, or gives no list.
    pub fn elements(&self, list: &str, scope: &Scope) -> Result<Vec<Value>, RenderError> {
        let list = self.env.compile_expression(list)?.eval(Value::from_object(scope.clone()))?;
        Ok(list.try_iter()?.collect())
    }

    /// The attributes of the declared type that a step is played for.
    ///
    /// # Errors
    /// The condition uses a value that is not known.
    pub fn attributes(&self, scenario: &Scenario, step: &Step, scope: &Scope) -> Result<Vec<Value>, RenderError> {
        let (Some(wanted), Some(of)) = (&step.attributes, &scope.of) else { return Ok(Vec::new()) };
        let mut taken: Vec<(Vec<Value>, Value)> = Vec::new();
        for attribute in of.get_attr("attributes")?.try_iter()? {
            let here = Scope { attribute: Some(attribute.clone()), ..scope.clone() };
            if self.part(scenario, step, "attributes", &here)?.is_empty() {
                continue;
            }
            let marks: Vec<Value> = wanted.distinct.iter().map(|f| attribute.get_attr(f)).collect::<Result<_, _>>()?;
            let new = marks.is_empty() || taken.iter().all(|(before, _)| *before != marks);
            if new && taken.len() < wanted.at_most {
                taken.push((marks, attribute));
            }
        }
        Ok(taken.into_iter().map(|(_, attribute)| attribute).collect())
    }

    /// Fills in a text over settings and actors (a count).
    ///
    /// # Errors
    /// The template is wrong or uses a value that is not known.
    pub fn text(&self, template: &str, scope: &Scope) -> Result<String, RenderError> {
        Ok(self.env.render_str(template, Value::from_object(scope.clone()))?)
    }

    /// Further members of an actor's set-up body.
    ///
    /// # Errors
    /// The template is wrong, or the result is not JSON.
    pub fn actor_members(&self, scenario: &Scenario, actor: &str, scope: &Scope) -> Result<Json, RenderError> {
        let name = format!("{}/actor/{actor}.json", scenario.id);
        let text = self.env.get_template(&name)?.render(Value::from_object(scope.clone()))?;
        json(&text)
    }

    /// What a step sends.
    ///
    /// # Errors
    /// A value that it needs is not known, or a template does not give JSON where it must.
    pub fn make(&self, scenario: &Scenario, step: &Step, scope: &Scope, map: &Map) -> Result<Made, RenderError> {
        let mut resource = self.part(scenario, step, "target.path", scope)?;
        if split_target(&step.target).1.is_some() {
            resource.push('?');
            resource.push_str(&self.part(scenario, step, "target.query", scope)?);
        }
        let mut differences = Vec::new();
        let body = match &step.body {
            Body::None => None,
            Body::Text(_) => Some(self.part(scenario, step, "body.json", scope)?),
            Body::Echo { of, .. } => {
                let read = scope.read(of)?;
                let overlay = json(&self.part(scenario, step, "overlay.json", scope)?)?;
                let append = json(&self.part(scenario, step, "append.json", scope)?)?;
                Some(echo::echo(&read, &overlay, &append).to_string())
            }
            Body::Diff { of, want } => {
                let mut wanted = Vec::with_capacity(want.len());
                for (i, (path, _)) in want.iter().enumerate() {
                    let value = self.part(scenario, step, &format!("want-{i}.json"), scope)?;
                    wanted.push((path.clone(), json(&value)?));
                }
                differences = diff::changes(&scope.read(of)?, &wanted);
                let Some(dialect) = &self.dialect else {
                    return Err(RenderError("the profile has no dialect for its differences".to_owned()));
                };
                match diff::patch(&differences, dialect) {
                    Some(body) => Some(body.to_string()),
                    None => return Ok(Made::Nothing),
                }
            }
        };
        let body = body.map(|text| match kind_of(&resource) {
            Some(kind) if !map.is_empty() => map.apply(kind, &step.method, text),
            _ => text,
        });
        let headers = self.headers(scenario, step, scope)?;
        let request = Prepared { method: step.method.clone(), resource, headers, body: body.map(String::into_bytes) };
        Ok(if step.settled { Made::Unsettled(request, differences) } else { Made::Request(request) })
    }

    fn headers(&self, scenario: &Scenario, step: &Step, scope: &Scope) -> Result<Vec<(String, String)>, RenderError> {
        let carried = |line: &&HeaderLine| line.on.is_empty() || line.on.contains(&step.method);
        let lines = self.headers.iter().filter(carried);
        let mut lines: Vec<_> = lines.map(|line| (line.name.clone(), line.value.clone())).collect();
        for (i, (name, value)) in step.headers.iter().enumerate() {
            let value = if is_template(value) {
                self.part(scenario, step, &format!("header-{i}"), scope)?
            } else {
                value.clone()
            };
            match lines.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
                Some(line) => *line = (name.clone(), value),
                None => lines.push((name.clone(), value)),
            }
        }
        lines.retain(|(_, value)| !value.is_empty());
        Ok(lines)
    }

    /// A need with its template parts filled in; needs whose values are not known here say nothing.
    ///
    /// # Errors
    /// The value's template does not give JSON.
    pub fn bind(&self, need: &Need, scope: &Scope) -> Result<BoundNeed, RenderError> {
        let value = match &need.test {
            Test::Equals(..) | Test::Contains(..) => {
                let template = self.env.get_template(&need_template(need))?;
                Some(json(&template.render(Value::from_object(scope.clone()))?)?)
            }
            _ => None,
        };
        Ok(BoundNeed { id: need.id.clone(), value })
    }

    fn part(&self, scenario: &Scenario, step: &Step, part: &str, scope: &Scope) -> Result<String, RenderError> {
        let template = self.env.get_template(&format!("{}/{}/{part}", scenario.id, step.id))?;
        Ok(template.render(Value::from_object(scope.clone()))?)
    }
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn need_template(need: &Need) -> String {
    format!("need/{}.json", need.id)
}

fn json(text: &str) -> Result<Json, RenderError> {
    Json::parse(text.as_bytes()).map_err(|error| RenderError(format!("not JSON after filling in: {error}")))
}

fn condition_template(condition: &str) -> String {
    format!("{{% if {condition} %}}1{{% endif %}}")
}

fn setting_value(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// A target template in its path and its query; a question mark inside a template part does not count.
fn split_target(target: &str) -> (&str, Option<&str>) {
    let mut depth = 0usize;
    for (i, c) in target.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '?' if depth == 0 => return (&target[..i], Some(&target[i + 1..])),
            _ => {}
        }
    }
    (target, None)
}

fn kind_of(resource: &str) -> Option<ActorKind> {
    let path = resource.trim_start_matches('/');
    path.starts_with("Users")
        .then_some(ActorKind::User)
        .or_else(|| path.starts_with("Groups").then_some(ActorKind::Group))
}

fn printed(value: &Value) -> Result<String, minijinja::Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    Ok(value.to_string())
}

fn json_inside(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_string(text, &mut quoted);
    quoted[1..quoted.len() - 1].to_owned()
}

fn json_text(value: &Value) -> Result<String, minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => Ok(json_inside(text)),
        _ => printed(value),
    }
}

/// How a blank in a query is written.
#[derive(Clone, Copy, Debug)]
enum Space {
    Percent20,
    Plus,
}

impl Space {
    fn named(name: &str) -> Result<Self, RenderError> {
        match name {
            "percent20" => Ok(Self::Percent20),
            "plus" => Ok(Self::Plus),
            _ => Err(RenderError(format!("the trait `space` is {name:?}; expected percent20 or plus"))),
        }
    }

    fn written(self) -> &'static str {
        match self {
            Self::Percent20 => "%20",
            Self::Plus => "+",
        }
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn percent(text: &str, space: Space, upper: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b' ' => out.push_str(space.written()),
            _ if upper => out.push_str(&format!("%{byte:02X}")),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_by_place() {
        assert_eq!(percent(&json_inside("a \"b\"+é@x"), Space::Plus, true), "a+%5C%22b%5C%22%2B%C3%A9%40x");
        assert_eq!(percent("[ü]", Space::Percent20, false), "%5b%c3%bc%5d");
        assert_eq!(json_text(&Value::from("O'Brien \"x\" & <b>")).unwrap(), r#"O'Brien \"x\" & <b>"#);
        assert_eq!(json_text(&Value::from(3)).unwrap(), "3");
    }

    #[test]
    fn splits_targets_outside_of_template_parts() {
        assert_eq!(split_target("/Users/{{ a if b else '?' }}?x=1"), ("/Users/{{ a if b else '?' }}", Some("x=1")));
        assert_eq!(split_target("/Users"), ("/Users", None));
    }
}
