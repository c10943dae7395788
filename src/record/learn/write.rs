//! A profile's files, written to be read and edited.

use super::manner::{Client, Manner};
use super::scene::{Body, Scene, Step};
use super::subject::Talk;
use crate::profile::model::ActorKind;
use crate::scim::json::Json;

/// Columns of a line in a body.
const WIDTH: usize = 118;

/// What the head of the profile says.
pub(super) struct Head<'h> {
    pub(super) id: &'h str,
    pub(super) client: &'h Client,
    pub(super) manner: &'h Manner,
    /// First and last day of the recording.
    pub(super) days: Vec<String>,
    pub(super) requests: usize,
    pub(super) features: Vec<(&'static str, &'static str)>,
}

/// The key of the source for a day.
pub(super) fn source(day: &str) -> String {
    format!("R{}", day.replace('-', ""))
}

/// `profile.toml`
pub(super) fn head(head: &Head<'_>) -> String {
    let Head { id, client, manner, days, requests, .. } = head;
    let (first, last) = (days.first().map_or("", String::as_str), days.last().map_or("", String::as_str));
    let when = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
    let mut out = String::from(
        "# Made from recorded traffic; meant to be read and edited. `scimproof profile lint` checks it.\n",
    );
    for note in &manner.notes {
        out.push_str(&format!("# {note}\n"));
    }
    out.push_str(&format!(
        "\nformat = 1\nid = {}\ntitle = {}\n",
        quoted(id),
        quoted(&format!("{}, recorded", client.title))
    ));
    let by = if client.by.is_empty() {
        "It was not recognised".to_owned()
    } else {
        format!("Recognised by {}", client.by.join(" and "))
    };
    let about = format!(
        "Recorded {when}: {requests} requests. {by}.\nPeople, ids and hosts are invented, credentials are not in it."
    );
    out.push_str(&format!("about = \"\"\"\n{}\"\"\"\n", about.replace('\\', "\\\\").replace('"', "\\\"")));
    out.push_str("\n[sources]\n");
    for day in days {
        out.push_str(&format!(
            "{} = {{ what = \"Traffic recorded with scimproof\", date = {} }}\n",
            source(day),
            quoted(day)
        ));
    }
    traits(manner, &mut out);
    for line in &manner.lines {
        out.push_str(&format!("\n[[header]]\nname = {}\nvalue = {}\n", quoted(&line.name), quoted(&line.value)));
        if line.on.len() < manner.methods.len() {
            let on: Vec<String> = line.on.iter().map(|method| quoted(method)).collect();
            out.push_str(&format!("on = [{}]\n", on.join(", ")));
        }
    }
    for (id, title) in &head.features {
        out.push_str(&format!("\n[[feature]]\nid = {}\ntitle = {}\n", quoted(id), quoted(title)));
    }
    out
}

fn traits(manner: &Manner, out: &mut String) {
    out.push_str("\n[traits]\n");
    if manner.doubled_slash {
        out.push_str("# Seen as `//Users`: the base URL ended in a slash. Play it with one to get the same.\njoin = \"concat\"\n");
    } else {
        out.push_str("# A base URL that ends in a slash was not seen.\njoin = \"strip-one\"\n");
    }
    match &manner.own_query {
        Some((query, first)) => {
            out.push_str("# In every request; it stands in the client's base URL.\nquery = \"keep-and-merge\"\n");
            out.push_str(&format!("own_query = {}\n", quoted(query)));
            out.push_str(&format!("query_position = \"{}\"\n", if *first { "first" } else { "last" }));
        }
        None => out.push_str("query = \"unknown\"\n"),
    }
    out.push_str(&format!("space = \"{}\"\n", if manner.plus { "plus" } else { "percent20" }));
    out.push_str(&format!("upper_hex = {}\n", !manner.lower_hex));
    out.push_str(&format!("escape_ids = {}\n", manner.escapes_ids));
    out.push_str(&format!("user_external_id = {}\n", quoted(&manner.user_external_id)));
    out.push_str(&format!("group_external_id = {}\n", quoted(&manner.group_external_id)));
}

/// `scenarios/*.toml`
pub(super) fn scenario(scene: &Scene, id: &str, title: &str, feature: &str, talks: &[Talk<'_>]) -> String {
    let (at, took) = scene.span(talks);
    let begun = at.strftime("%Y-%m-%d %H:%M:%S");
    let mut why = format!("Recorded {begun} UTC, within {:.1} s.", took.as_secs_f64());
    if scene.times > 1 {
        why.push_str(&format!(" Seen {} times with other people.", scene.times));
    }
    let mut out = format!(
        "id = {}\ntitle = {}\nfeature = {}\nwhy = {}\n",
        quoted(id),
        quoted(title),
        quoted(feature),
        quoted(&why)
    );
    let lists = scene.steps.iter().any(|step| step.id.starts_with("list"));
    out.push_str(if lists { "alone = true\n" } else { "" });
    let reads = scene.steps.iter().all(|step| step.request.starts_with("GET ") || step.request.starts_with("HEAD "));
    out.push_str(if reads { "reads_only = true\n" } else { "" });
    out.push_str(&body_of(scene, talks));
    out
}

/// Actors and steps: what makes one scenario differ from another.
pub(super) fn body_of(scene: &Scene, talks: &[Talk<'_>]) -> String {
    let mut out = String::new();
    for actor in scene.cast.in_order() {
        let kind = if actor.kind == ActorKind::User { "user" } else { "group" };
        out.push_str(&format!("\n[[actor]]\nid = \"{}\"\nkind = \"{kind}\"\n", actor.name));
        if actor.exists {
            out.push_str("exists = true\n");
        }
        if !actor.members.is_empty() {
            let members: Vec<String> = actor.members.iter().map(|name| quoted(name)).collect();
            out.push_str(&format!("members = [{}]\n", members.join(", ")));
        }
        if let Some(set) = actor.set.as_ref().and_then(Json::as_str) {
            out.push_str(&format!("set = {}\n", literal(set)));
        }
    }
    for step in &scene.steps {
        written(step, talks, &mut out);
    }
    out
}

fn written(step: &Step, talks: &[Talk<'_>], out: &mut String) {
    let exchange = step.talks.first().map(|at| talks[*at].exchange);
    let day = exchange.map(|exchange| exchange.at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    out.push_str(&format!("\n[[step]]\nid = {}\nevidence = \"captured: {}\"\n", quoted(&step.id), source(&day)));
    let line = |key: &str, value: &Option<String>, out: &mut String| {
        if let Some(value) = value {
            out.push_str(&format!("{key} = {}\n", quoted(value)));
        }
    };
    line("when", &step.when, out);
    out.push_str(&format!("# It was answered with {}.\nrequest = {}\n", step.status, quoted(&step.request)));
    if let Some(pages) = step.pages {
        out.push_str(&format!("pages = {pages}\n"));
    }
    if !step.headers.is_empty() {
        let lines: Vec<String> = step.headers.iter().map(|line| quoted(line)).collect();
        out.push_str(&format!("headers = [{}]\n", lines.join(", ")));
    }
    if let Body::Text(text) = &step.body {
        out.push_str(&format!("body = {}\n", literal(text)));
    }
    line("finds", &step.finds, out);
    line("creates", &step.creates, out);
    line("reads", &step.reads, out);
    line("deletes", &step.deletes, out);
    if !step.capture.is_empty() {
        let captured: Vec<String> =
            step.capture.iter().map(|(name, pointer)| format!("{name} = {}", quoted(pointer))).collect();
        out.push_str(&format!("capture = {{ {} }}\n", captured.join(", ")));
    }
    if !(200..300).contains(&step.status) {
        out.push_str(&format!("accept = [\"2xx\", {}]\n", step.status));
    }
    if let Body::Echo { of, overlay, append } = &step.body {
        out.push_str(&format!("\n# What was read is written back, with this over it.\n[step.echo]\nof = \"{of}\"\n"));
        for (key, part) in [("overlay", overlay), ("append", append)] {
            if part != "{}" {
                out.push_str(&format!("{key} = {}\n", literal(part)));
            }
        }
    }
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let literal = text.contains(['"', '\\']) && !text.contains(['\'', '\n']) && !text.chars().any(char::is_control);
    if literal {
        return format!("'{text}'");
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A body as literal text, over several lines: line breaks are for the reader of the file.
fn literal(text: &str) -> String {
    let lines = wrapped(text);
    if text.contains("'''") || text.ends_with('\'') || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return quoted(&lines.concat());
    }
    match lines.as_slice() {
        [one] if !one.contains('\'') => format!("'{one}'"),
        lines => format!("'''\n{}\n'''", lines.join("\n")),
    }
}

/// Breaks at commas between members, where a break is lost when the file is read.
fn wrapped(text: &str) -> Vec<String> {
    let flat: String = text.lines().map(str::trim).collect();
    let mut lines = Vec::new();
    let (mut begin, mut last) = (0, None);
    let (mut inside, mut escaped, mut template) = (false, false, 0usize);
    for (at, c) in flat.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' if template == 0 => inside = !inside,
            '{' if flat[at..].starts_with("{{") => template = 1,
            '}' if flat[at..].starts_with("}}") && template > 0 => template = 0,
            ',' if !inside && template == 0 && !flat[at + 1..].starts_with(char::is_whitespace) => last = Some(at + 1),
            _ => {}
        }
        if let (true, Some(end)) = (at - begin >= WIDTH, last.filter(|end| *end > begin)) {
            lines.push(flat[begin..end].to_owned());
            begin = end;
        }
    }
    lines.push(flat[begin..].to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_broken_where_it_is_lost() {
        let member = r#""displayName":"a, b {{ maya.given }}, c""#;
        let text = format!("{{{}}}", [member; 12].join(","));
        let lines = wrapped(&text);
        assert!(lines.len() > 3 && lines.iter().all(|line| line.len() < 2 * WIDTH), "{lines:?}");
        assert_eq!(lines.concat(), text);
        assert!(lines[..lines.len() - 1].iter().all(|line| line.ends_with(',')), "{lines:?}");
        let blanks = "{\"a\": 1, \"b\": 2}".repeat(20);
        assert_eq!(wrapped(&blanks), std::slice::from_ref(&blanks));
    }

    #[test]
    fn texts_are_toml() {
        for text in ["plain", "a \"b\" c", "it's \"both\" \\", "line\nbreak", "'''", "{\"a\":\"it's\"}", "\u{1}"] {
            for written in [quoted(text), literal(text)] {
                let table: toml::Table = toml::from_str(&format!("x = {written}")).unwrap();
                let read: String = table["x"].as_str().unwrap().lines().map(str::trim).collect();
                assert_eq!(read, text.lines().collect::<String>(), "{written}");
            }
        }
    }
}
