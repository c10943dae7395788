//! Requests as templates: what belongs to an actor gives way to its name, every other byte stays.

use crate::exchange::secret::PLACEHOLDER;
use crate::record::text::{Coding, Edit, JSON, PERCENT, Unit, units};
use crate::record::tree::{Kind, Node, tree};

use super::cast::Known;

/// A body as a template; `None` if it is not JSON.
pub(super) fn body(text: &str, known: &[Known], password: Option<&str>) -> Option<String> {
    let root = tree(text)?;
    let mut edits = Vec::new();
    Walk { text, known, password }.value(&root, &[], &mut edits);
    Some(written(text, &edits))
}

/// A request target as a template.
pub(super) fn target(resource: &str, known: &[Known]) -> String {
    let (path, query) = resource.split_once('?').map_or((resource, None), |(path, query)| (path, Some(query)));
    let ids: Vec<Known> = known.iter().filter(|k| k.is_id() || !k.expression.contains('.')).cloned().collect();
    let mut out = part(path, PERCENT, &ids, &[]);
    if let Some(query) = query {
        out.push('?');
        out.push_str(&part(query, PERCENT, known, &["filter".to_owned()]));
    }
    out
}

fn part(raw: &str, coding: Coding, known: &[Known], names: &[String]) -> String {
    let units = units(raw, coding);
    let mut edits = Vec::new();
    find(&units, known, names, coding, &mut edits);
    written(raw, &edits)
}

/// The raw text with its edits, which are template parts, and without anything else that a template would take for one.
fn written(raw: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut from = 0;
    for (range, text) in edits {
        out.push_str(&literal(&raw[from..range.start]));
        out.push_str(text);
        from = range.end;
    }
    out + &literal(&raw[from..])
}

fn literal(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|sign| rest.find(sign)).min() {
        out.push_str(&rest[..at]);
        out.push_str(&format!("{{{{ '{}' }}}}", &rest[at..at + 2]));
        rest = &rest[at + 2..];
    }
    out + rest
}

struct Walk<'w> {
    text: &'w str,
    known: &'w [Known],
    password: Option<&'w str>,
}

impl Walk<'_> {
    fn value(&self, node: &Node, names: &[String], edits: &mut Vec<Edit>) {
        let raw = &self.text[node.span.clone()];
        match &node.kind {
            Kind::Array(items) => items.iter().for_each(|item| self.value(item, names, edits)),
            Kind::Object(members) => self.object(members, names, edits),
            Kind::Text if raw == PLACEHOLDER => {
                let is_password = names.last().is_some_and(|name| name == "password");
                if let Some(actor) = self.password.filter(|_| is_password) {
                    edits.push((node.span.clone(), format!("{{{{ {actor}.password }}}}")));
                }
            }
            Kind::Text => self.text_at(node.span.start, raw, names, edits),
            Kind::Number => {
                // An id can be a number; then it is written as one.
                if let Some(known) = self.known.iter().find(|k| k.is_id() && k.value == raw && raw.len() > 2) {
                    edits.push((node.span.clone(), format!("{{{{ {} }}}}", known.expression)));
                }
            }
            Kind::Word => {}
        }
    }

    fn object(&self, members: &[(std::ops::Range<usize>, Node)], names: &[String], edits: &mut Vec<Edit>) {
        let name_of = |span: &std::ops::Range<usize>| self.text[span.clone()].to_lowercase();
        // An operation's value is what its path says.
        let path = members.iter().find(|(span, _)| name_of(span) == "path");
        let path = path.map(|(_, node)| &self.text[node.span.clone()]).unwrap_or_default();
        for (span, node) in members {
            let name = name_of(span);
            self.text_at(span.start, &self.text[span.clone()], &["path".to_owned()], edits);
            let of_path = name == "value" && !path.is_empty();
            let own: Vec<String> = if of_path { attributes(path) } else { attributes(&name) };
            self.value(node, &[names, &own].concat(), edits);
        }
    }

    fn text_at(&self, begin: usize, raw: &str, names: &[String], edits: &mut Vec<Edit>) {
        let mut found = Vec::new();
        find(&units(raw, JSON), self.known, names, JSON, &mut found);
        edits.extend(found.into_iter().map(|(range, text)| (range.start + begin..range.end + begin, text)));
    }
}

/// The names in an attribute path, in lower case: `name.givenName`, `emails[type eq "work"].value`.
fn attributes(path: &str) -> Vec<String> {
    let lower = path.to_lowercase();
    let plain = lower.rsplit_once("user:").map_or(lower.as_str(), |(_, attribute)| attribute);
    let parts = plain.split(['.', '[', ']', ':', ' ']).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Finds what is known in a text, longer values first.
fn find(units: &[Unit], known: &[Known], names: &[String], coding: Coding, edits: &mut Vec<Edit>) {
    let text: Vec<char> = units.iter().map(|unit| unit.c).collect();
    let mut at = 0;
    while at < units.len() {
        let hit = best(&text, at, known, names);
        let Some((length, known)) = hit else {
            at += 1;
            continue;
        };
        let here = &units[at..at + length];
        let range = here[0].raw.start..here[length - 1].raw.end;
        let expression = in_case(&known.expression, &text[at..at + length], &known.value);
        let bare = coding.percent && here.iter().any(|unit| unit.c == '@' && unit.raw.len() == 1);
        edits.push((range, if bare { at_sign(&expression) } else { format!("{{{{ {expression} }}}}") }));
        at += length;
    }
}

/// An address whose sign is not percent-encoded.
fn at_sign(expression: &str) -> String {
    let half = |n: usize| format!("{{{{ (({expression}) | split('@') | list)[{n}] }}}}");
    format!("{}@{}", half(0), half(1))
}

/// The known value that begins here.
fn best<'k>(text: &[char], at: usize, known: &'k [Known], names: &[String]) -> Option<(usize, &'k Known)> {
    let fits = |known: &&Known| {
        let value: Vec<char> = known.value.chars().collect();
        let here = text.get(at..at + value.len())?;
        let same = here.iter().zip(&value).all(|(a, b)| a == b || a.to_lowercase().eq(b.to_lowercase()));
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let bounded = !word(at.checked_sub(1).and_then(|before| text.get(before))) && !word(text.get(at + value.len()));
        let whole = at == 0 && value.len() == text.len();
        let here = known.only.is_empty() || known.only.iter().any(|only| names.iter().any(|name| name == only));
        // A short value is somebody's only where it stands alone.
        let sure = whole || value.len() >= 6 || quoted(text, at, value.len()) || !known.only.is_empty();
        (same && bounded && here && sure).then_some(value.len())
    };
    let hits: Vec<(usize, &Known)> = known.iter().filter_map(|known| Some((fits(&known)?, known))).collect();
    let longest = hits.first()?.0;
    let same = hits.iter().filter(|(length, _)| *length == longest);
    // One value can be a userName and an e-mail address: the attribute tells.
    let fitting = |known: &Known| {
        let field = known.expression.rsplit('.').next().unwrap_or_default().to_lowercase();
        names.iter().any(|name| name.starts_with(&field) || *name == format!("{field}name"))
    };
    same.clone().find(|(_, known)| fitting(known)).or(same.clone().next()).copied()
}

fn quoted(text: &[char], at: usize, length: usize) -> bool {
    let sign = |c: Option<&char>| c.is_some_and(|c| *c == '"' || *c == '/');
    let end = text.get(at + length);
    sign(at.checked_sub(1).and_then(|before| text.get(before))) && (end.is_none() || sign(end))
}

/// The expression for a value that is written in other letters than before.
fn in_case(expression: &str, here: &[char], value: &str) -> String {
    let here: String = here.iter().collect();
    if here == value {
        return expression.to_owned();
    }
    let filter = if here == here.to_uppercase() {
        "upper"
    } else if here == here.to_lowercase() {
        "lower"
    } else {
        ""
    };
    if filter.is_empty() { expression.to_owned() } else { format!("({expression}) | {filter}") }
}

#[cfg(test)]
mod tests {
    use super::super::cast::Cast;
    use super::*;
    use crate::profile::model::ActorKind;
    use crate::scim::json::Json;

    fn known() -> Vec<Known> {
        let mut cast = Cast::default();
        let user = r#"{"userName":"ada.byron@example.com","name":{"givenName":"Ada","familyName":"Byron"},"displayName":"Ada Byron","emails":[{"value":"ada.byron@example.com"}],"title":"Planner"}"#;
        cast.of(ActorKind::User, Some("7f31c0")).learn(&Json::parse(user.as_bytes()).unwrap());
        cast.of(ActorKind::Group, Some("12")).value("displayName", "Night Shift");
        cast.known()
    }

    #[test]
    fn targets_name_actors() {
        let known = known();
        let table = [
            ("/Users/7f31c0?attributes=id", "/Users/{{ maya.id }}?attributes=id"),
            (
                "/Users?filter=userName+eq+%22ada.byron%40example.com%22",
                "/Users?filter=userName+eq+%22{{ maya.userName }}%22",
            ),
            (
                "/Users?filter=userName%20eq%20%22ADA.BYRON%40EXAMPLE.COM%22",
                "/Users?filter=userName%20eq%20%22{{ (maya.userName) | upper }}%22",
            ),
            (
                "/Users?filter=emails.value%20eq%20%22ada.byron%40example.com%22&startIndex=12",
                "/Users?filter=emails.value%20eq%20%22{{ maya.userName }}%22&startIndex=12",
            ),
            (
                "/Users?filter=x%20eq%20%22ada.byron@example.com%22",
                "/Users?filter=x%20eq%20%22{{ ((maya.userName) | split('@') | list)[0] }}@{{ ((maya.userName) | split('@') | list)[1] }}%22",
            ),
            ("/Groups/12", "/Groups/{{ crew.id }}"),
            (
                "/Groups?filter=displayName%20eq%20%22Night%20Shift%22",
                "/Groups?filter=displayName%20eq%20%22{{ crew.displayName }}%22",
            ),
        ];
        for (resource, expected) in table {
            assert_eq!(target(resource, &known), expected);
        }
    }

    #[test]
    fn bodies_keep_their_bytes_around_the_actors() {
        let text = r#"{ "userName":"ada.byron@example.com", "name":{"formatted":"Byron, Ada","givenName":"Ada"},"emails":[{"value":"ada.byron@example.com"}],"title":"Planner","nickName":"Planner","note":"{{x}}","members":[{"value":"12"},{"value":"7f31c0"}],"n":12,"password":"[secret]"}"#;
        let expected = r#"{ "userName":"{{ maya.userName }}", "name":{"formatted":"{{ maya.family }}, {{ maya.given }}","givenName":"{{ maya.given }}"},"emails":[{"value":"{{ maya.email }}"}],"title":"{{ maya.title }}","nickName":"Planner","note":"{{ '{{' }}x}}","members":[{"value":"{{ crew.id }}"},{"value":"{{ maya.id }}"}],"n":12,"password":"{{ maya.password }}"}"#;
        assert_eq!(body(text, &known(), Some("maya")).unwrap(), expected);
        let patch = r#"{"Operations":[{"op":"Replace","path":"name.familyName","value":"Byron"},{"op":"remove","path":"members[value eq \"7f31c0\"]"}]}"#;
        let expected = r#"{"Operations":[{"op":"Replace","path":"name.familyName","value":"{{ maya.family }}"},{"op":"remove","path":"members[value eq \"{{ maya.id }}\"]"}]}"#;
        assert_eq!(body(patch, &known(), None).unwrap(), expected);
    }
}
