//! Requests with what must come of them, as text.
//!
//! Blocks are separated by empty lines. A block is a title, `METHOD /target`, header lines, the body if there is one, the
//! status (`201 @name` keeps the new id under that name, which later blocks use as if it were the id), and statements:
//! `/pointer = JSON`, `/pointer absent`, `/pointer holds N`.

use super::{Desk, id};
use crate::scim::json::Json;

/// Plays a script against a provider.
pub(super) fn play(desk: &mut Desk, script: &str) {
    let mut names: Vec<(String, String)> = Vec::new();
    for block in script.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let block = names.iter().fold(block.to_owned(), |text, (name, id)| text.replace(name, id));
        if let Some(name) = step(desk, &block) {
            names.push(name);
        }
    }
}

/// Plays one block; a name for the new id.
fn step(desk: &mut Desk, block: &str) -> Option<(String, String)> {
    let mut lines = block.lines().peekable();
    let (title, request) = (lines.next().unwrap(), lines.next().expect(block));
    let mut headers = Vec::new();
    while let Some((name, value)) =
        lines.peek().and_then(|line| line.split_once(": ")).filter(|(n, _)| !n.contains('"'))
    {
        headers.push((name.to_owned(), value.to_owned()));
        lines.next();
    }
    let body = lines.next_if(|line| line.starts_with('{')).unwrap_or_default();
    if !headers.iter().any(|(name, _)| name == "Authorization") {
        headers.push(("Authorization".to_owned(), "Bearer sesame".to_owned()));
    }
    if !body.is_empty() && !headers.iter().any(|(name, _)| name == "Content-Type") {
        headers.push(("Content-Type".to_owned(), "application/scim+json; charset=utf-8".to_owned()));
    }
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = desk.send(request, &headers, body);
    let shown = answer.body.unwrap_or_default();
    let expected = lines.next().expect(block);
    let (status, name) = expected.split_once(" @").map_or((expected, None), |(status, name)| (status, Some(name)));
    assert_eq!(answer.status.to_string(), status, "{title}: {shown}");
    for statement in lines {
        state(&shown, statement, title);
    }
    name.map(|name| (name.to_owned(), id(&shown)))
}

fn state(shown: &Json, statement: &str, title: &str) {
    if let Some((pointer, expected)) = statement.split_once(" = ") {
        let expected = Json::parse(expected.as_bytes()).expect(statement);
        assert_eq!(shown.pointer(pointer), Some(&expected), "{title}: {statement} in {shown}");
    } else if let Some((pointer, count)) = statement.split_once(" holds ") {
        let found = shown.pointer(pointer).and_then(Json::as_array).map_or(0, <[Json]>::len);
        assert_eq!(found.to_string(), count, "{title}: {statement} in {shown}");
    } else if let Some(pointer) = statement.strip_suffix(" absent") {
        assert_eq!(shown.pointer(pointer), None, "{title}: {statement} in {shown}");
    } else {
        panic!("{title}: {statement:?} is no statement");
    }
}
