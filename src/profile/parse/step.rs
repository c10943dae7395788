//! A step: a request, what is taken from its answer, and what the client needs of it.

use std::ops::Range;

use super::super::model::{Attributes, Body, Spot, StatusPattern, Step, Test};
use super::evidence;
use super::head::Head;
use super::template::Scope;
use crate::document::{At, Table};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Reads a step, and tells the scope what is known after it.
pub(super) fn read(table: &Table<'_>, head: &Head, scope: &mut Scope) -> Step {
    let id = evidence::id(table);
    let mut before = scope.steps.clone();
    evidence::unique(table, "step", &id, &mut before);
    let evidence = evidence::read(table, &head.sources);
    let when = table.string("when");
    if let Some(condition) = &when {
        head.checker.condition(table, condition, scope);
    }
    let each = actor_names(table, "each", scope);
    let over = table.string("over");
    if let Some(list) = &over {
        head.checker.condition(table, list, scope);
    }
    if over.is_some() && !each.is_empty() {
        table.problem(table.span(), "this step has both `each` and `over`", Some("one of them".to_owned()));
    }
    let at_once = table.boolean("at_once").unwrap_or(false);
    let pages = pages(table);
    let mut inside = scope.clone();
    let attributes = attributes(table, head, &mut inside);
    let one_by_one = (each.is_empty() && over.is_none()) || pages.is_some() || attributes.is_some();
    if at_once && one_by_one {
        let expected = Some("`each` or `over`, and neither `pages` nor `attributes`".to_owned());
        table.problem(table.span(), "this step has nothing that could be sent `at_once`", expected);
    }
    inside.page = pages.is_some();
    inside.it = (!each.is_empty())
        .then(|| (each.iter().all(|a| scope.bound.contains(a)), each.iter().all(|a| scope.read.contains(a))));
    if over.is_some() {
        // What stands in an answer is not known here.
        inside.captured.insert("it".to_owned());
    }
    let (method, target) = request(table, head, &inside);
    let body = body(table, head, &inside, &method);
    let step = Step {
        id: id.value,
        evidence,
        why: table.string("why").map(|why| why.value.trim().to_owned()),
        feature: feature(table, head),
        when: when.map(|condition| condition.value),
        method,
        target,
        body,
        headers: headers(table, head, &inside),
        requires: evidence::needs(table),
        attributes,
        finds: actor(table, "finds", &inside),
        creates: actor(table, "creates", &inside),
        reads: actor(table, "reads", &inside),
        deletes: actor(table, "deletes", &inside),
        each,
        over: over.map(|list| list.value),
        at_once,
        pages,
        capture: capture(table, scope),
        accept: accept(table, head),
        read_back: table.boolean("read_back").unwrap_or(true),
        needs: Vec::new(),
        settled: table.boolean("settled").unwrap_or(false),
        breaks: table.string("breaks").map(|breaks| breaks.value.trim().to_owned()),
    };
    learn(&step, scope);
    inside.bound.clone_from(&scope.bound);
    inside.read.clone_from(&scope.read);
    inside.captured.clone_from(&scope.captured);
    let needs = needs(table, head, &inside);
    table.finish();
    Step { needs, ..step }
}

/// What the step is about, if not the scenario's feature.
fn feature(table: &Table<'_>, head: &Head) -> Option<String> {
    let feature = table.string("feature")?;
    evidence::known(table, "feature", &feature, head.features.iter().map(|(feature, _)| &feature.id));
    Some(feature.value)
}

/// For which attributes of the declared type the step is played; tells the scope that there is one.
fn attributes(table: &Table<'_>, head: &Head, scope: &mut Scope) -> Option<Attributes> {
    let when = table.string("attributes");
    let distinct = table.scalars("distinct").into_iter().map(|field| field.value).collect();
    let at_most = table.integer("at_most").map_or(1, |at| usize::try_from(at.value).unwrap_or(1));
    let when = when?;
    if !scope.declared {
        let expected = Some("`for_each_declared = true` in the scenario".to_owned());
        table.problem(when.span.clone(), "there is no declared type here", expected);
    }
    scope.attribute = true;
    head.checker.condition(table, &when, scope);
    Some(Attributes { when: when.value, distinct, at_most })
}

fn accept(table: &Table<'_>, head: &Head) -> Vec<StatusPattern> {
    let own = evidence::statuses(table, "accept");
    if own.is_empty() { head.accept() } else { own }
}

/// What is known after a step.
fn learn(step: &Step, scope: &mut Scope) {
    let whom = |name: &Option<String>| match name.as_deref() {
        Some("it") => step.each.clone(),
        Some(name) => vec![name.to_owned()],
        None => Vec::new(),
    };
    scope.bound.extend(whom(&step.finds));
    scope.bound.extend(whom(&step.creates));
    scope.read.extend(whom(&step.reads));
    scope.captured.extend(step.capture.iter().map(|(name, _)| name.clone()));
    scope.steps.push(step.id.clone());
}

fn pages(table: &Table<'_>) -> Option<u32> {
    let size = table.integer("pages")?;
    let fits = u32::try_from(size.value).ok().filter(|size| (1..=1000).contains(size));
    if fits.is_none() {
        table.problem(size.span, "this is no page size", Some("a whole number from 1 to 1000".to_owned()));
    }
    fits
}

fn request(table: &Table<'_>, head: &Head, scope: &Scope) -> (String, String) {
    let Some(request) = table.required("request") else { return Default::default() };
    let Some((verb, target)) = request.value.split_once(' ') else {
        let expected = Some("a method and a target: \"GET /Users\"".to_owned());
        table.problem(request.span, "this is no request", expected);
        return Default::default();
    };
    method(table, &request, 0..verb.len());
    head.checker.template(table, &request, scope);
    let begin = verb.len() + 1;
    if !target.starts_with('/') && !target.starts_with("{{") {
        let place = table.within(&request, begin..request.value.len());
        table.problem(place, "the target does not begin with `/`", Some("what follows the base URL".to_owned()));
    }
    let mut depth = 0i32;
    for (at, c) in target.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth <= 0 && (c.is_whitespace() || c == '"' || !c.is_ascii()) {
            let place = table.within(&request, begin + at..begin + at + c.len_utf8());
            let expected = Some("the bytes of the wire: `%20` or `+`, `%22`, …".to_owned());
            table.problem(place, format!("{c:?} cannot stand in a request target"), expected);
        }
    }
    (verb.to_owned(), target.to_owned())
}

/// Reports a method that is none.
pub(super) fn method(table: &Table<'_>, text: &At<String>, part: Range<usize>) {
    let word = &text.value[part.clone()];
    if !METHODS.contains(&word) {
        let message = format!("there is no method `{word}`");
        table.problem(table.within(text, part), message, Some(format!("one of {}", METHODS.join(", "))));
    }
}

/// Reports a header name that is none (RFC 9110 section 5.6.2: a token).
pub(super) fn header_name(table: &Table<'_>, text: &At<String>, name: &str) {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        let message = format!("\"{name}\" is no header name");
        table.problem(text.span.clone(), message, Some("letters, digits and hyphens".to_owned()));
    }
}

fn headers(table: &Table<'_>, head: &Head, scope: &Scope) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for line in table.scalars("headers") {
        let Some((name, value)) = line.value.split_once(':') else {
            let expected = Some("\"Name: value\", or \"Name:\" to leave that header out".to_owned());
            table.problem(line.span.clone(), "this is no header line", expected);
            continue;
        };
        header_name(table, &line, name);
        if value.contains("{{") || value.contains("{%") {
            head.checker.template(table, &line, scope);
        }
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    headers
}

/// A text without its layout: line breaks, and the blanks around them, are for the reader of the file.
fn without_layout(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

/// Reads a template that gives JSON.
pub(super) fn json(table: &Table<'_>, key: &str, head: &Head, scope: &Scope, kind: Option<&str>) -> Option<String> {
    let mut text = table.string(key)?;
    text.value = without_layout(&text.value);
    head.checker.json(table, &text, scope, kind);
    Some(text.value)
}

fn body(table: &Table<'_>, head: &Head, scope: &Scope, method: &str) -> Body {
    let there: Vec<_> = ["body", "echo", "diff"].into_iter().filter(|key| table.has(key)).collect();
    if there.len() > 1 {
        table.problem(table.span(), "this step has several bodies", Some("one of body, echo, diff".to_owned()));
    }
    if method == "GET" && !there.is_empty() {
        table.problem(table.span(), "a GET has no body", None);
    }
    let text = json(table, "body", head, scope, None);
    let echoed = table.table("echo").map(|inner| {
        let part = |key| json(&inner, key, head, scope, Some("object")).unwrap_or_else(|| "{}".to_owned());
        let body = Body::Echo { of: source(&inner, "of", scope), overlay: part("overlay"), append: part("append") };
        inner.finish();
        body
    });
    let differs = table.table("diff").map(|inner| {
        let body = Body::Diff { of: source(&inner, "of", scope), want: want(&inner, head, scope) };
        inner.finish();
        body
    });
    echoed.or(differs).or_else(|| text.map(Body::Text)).unwrap_or(Body::None)
}

/// The actor whose representation a body is made from: it must have been read.
fn source(table: &Table<'_>, key: &str, scope: &Scope) -> String {
    if !table.has(key) {
        table.missing(key, "the actor that was read");
        return String::new();
    }
    let Some(name) = table.string(key) else { return String::new() };
    let read = scope.read.contains(&name.value) || (name.value == "it" && scope.it.is_some_and(|(_, read)| read));
    if !read {
        let expected = Some("an actor that a step before reads".to_owned());
        table.problem(name.span.clone(), format!("`{}` has not been read", name.value), expected);
    }
    name.value
}

fn want(table: &Table<'_>, head: &Head, scope: &Scope) -> Vec<(String, String)> {
    let Some(inner) = table.table("want") else {
        if !table.has("want") {
            table.missing("want", "attribute paths with the values that the client wants");
        }
        return Vec::new();
    };
    inner
        .keys()
        .into_iter()
        .filter_map(|key| Some((key.value.clone(), json(&inner, &key.value, head, scope, None)?)))
        .collect()
}

fn actor(table: &Table<'_>, key: &str, scope: &Scope) -> Option<String> {
    let name = table.string(key)?;
    if name.value != "it" || scope.it.is_none() {
        evidence::known(table, "actor", &name, scope.actors.keys());
    }
    Some(name.value)
}

fn actor_names(table: &Table<'_>, key: &str, scope: &Scope) -> Vec<String> {
    let names = table.scalars(key);
    for name in &names {
        evidence::known(table, "actor", name, scope.actors.keys());
    }
    names.into_iter().map(|name| name.value).collect()
}

fn capture(table: &Table<'_>, scope: &Scope) -> Vec<(String, Spot)> {
    let Some(inner) = table.table("capture") else { return Vec::new() };
    let mut captured = Vec::new();
    for key in inner.keys() {
        let taken = scope.settings.contains_key(&key.value) || scope.actors.contains_key(&key.value);
        if taken || !evidence::is_name(&key.value) {
            let message = format!("a captured value cannot be called `{}`", key.value);
            inner.problem(key.span.clone(), message, Some("a name of its own: letters, digits, `_`".to_owned()));
        }
        let Some(pointer) = inner.string(&key.value) else { continue };
        if let Some(name) = pointer.value.strip_prefix("header ") {
            header_name(&inner, &pointer, name);
            captured.push((key.value, Spot::Header(name.to_owned())));
            continue;
        }
        if !pointer.value.starts_with('/') {
            let expected = Some("a text that begins with `/`, or \"header Name\"".to_owned());
            inner.problem(pointer.span, "this is no JSON pointer", expected);
        }
        captured.push((key.value, Spot::Body(pointer.value)));
    }
    captured
}

/// The needs of a step; what their values name must be known here.
fn needs(table: &Table<'_>, head: &Head, scope: &Scope) -> Vec<String> {
    let ids: Vec<_> = head.needs.iter().map(|need| need.id.clone()).collect();
    let mut needs = Vec::new();
    for id in table.scalars("needs") {
        match head.needs.iter().find(|need| need.id == id.value) {
            None => evidence::known(table, "need", &id, ids.iter()),
            Some(need) => {
                if let Test::Equals(_, value) | Test::Contains(_, value) = &need.test {
                    let value = At { value: value.clone(), span: id.span.clone() };
                    head.checker.json(table, &value, scope, None);
                }
            }
        }
        needs.push(id.value);
    }
    needs
}
