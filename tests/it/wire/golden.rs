//! The golden files: how they are read, and whether a request is one of them. `fixtures/wire/README.md` tells their form.

use std::path::Path;

use serde_json::Value;
use similar::TextDiff;

use super::pattern::{self, Encoding};
use super::recorder::{Recorded, TOKEN};

/// The settings of a variant.
pub(super) type Settings = [(String, String)];

/// A request form.
#[derive(Debug)]
pub(super) struct Golden {
    /// Its file name without the ending.
    pub(super) name: String,
    when: Vec<Vec<Condition>>,
    /// The variants in which it must be seen.
    pub(super) seen_in: Vec<String>,
    /// Why no variant sends it.
    pub(super) not_played: Option<String>,
    lines: Vec<(Option<Condition>, String)>,
    body: String,
}

/// `flag=off`, or `flag!=off`.
#[derive(Debug)]
struct Condition {
    name: String,
    value: String,
    equal: bool,
}

impl Condition {
    fn parse(text: &str) -> Self {
        let (name, value) = text.split_once('=').unwrap_or_else(|| panic!("no condition: {text}"));
        let (name, equal) = name.strip_suffix('!').map_or((name, true), |name| (name, false));
        Self { name: name.to_owned(), value: value.to_owned(), equal }
    }

    fn holds(&self, settings: &Settings) -> bool {
        let value = setting(settings, &self.name).unwrap_or_else(|| panic!("no setting {}", self.name));
        (value == self.value) == self.equal
    }
}

fn setting<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    settings.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// The golden files of a profile, sorted by name.
pub(super) fn of(profile: &str) -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire").join(profile);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| Golden::parse(name(path), &std::fs::read_to_string(path).unwrap())).collect()
}

impl Golden {
    fn parse(name: String, text: &str) -> Self {
        let (top, body) = text.split_once("\n\n").unwrap_or_else(|| panic!("{name}: no blank line"));
        let (head, lines): (Vec<&str>, Vec<&str>) = top.lines().partition(|line| line.starts_with("# "));
        let said = |key: &str| {
            let key = format!("# {key}: ");
            head.iter().filter_map(|line| line.strip_prefix(&key)).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(said("confidence").len() == 1 && said("source").len() == 1, "{name}: says no confidence or source");
        let golden = Self {
            when: said("when").iter().map(|all| all.split(", ").map(Condition::parse).collect()).collect(),
            seen_in: said("seen in").iter().flat_map(|all| all.split("; ")).map(str::to_owned).collect(),
            not_played: said("not played").pop(),
            lines: lines.into_iter().map(line).collect(),
            // The end of the file is no part of the body.
            body: body.strip_suffix('\n').unwrap_or(body).to_owned(),
            name,
        };
        assert_ne!(golden.seen_in.is_empty(), golden.not_played.is_none(), "{}: seen, or not played", golden.name);
        golden
    }

    /// The request line, with its holes.
    pub(super) fn line(&self) -> &str {
        &self.lines[0].1
    }

    /// Whether a variant sends it at all.
    pub(super) fn admits(&self, settings: &Settings) -> bool {
        self.when.is_empty() || self.when.iter().any(|all| all.iter().all(|condition| condition.holds(settings)))
    }

    /// Whether the request is of this form.
    pub(super) fn fits(&self, request: &Recorded, settings: &Settings, host: &str) -> bool {
        let encoding = encoding(settings);
        self.patterns(request, settings, host).iter().any(|pattern| pattern::fits(pattern, request.text(), encoding))
    }

    /// The whole request with what the variant and the read before settle filled in; several if it leaves a choice.
    fn patterns(&self, request: &Recorded, settings: &Settings, host: &str) -> Vec<String> {
        let lines = self.lines.iter().filter(|(when, _)| when.as_ref().is_none_or(|when| when.holds(settings)));
        let mut head = String::new();
        for (_, line) in lines {
            head.push_str(line);
            head.push_str("\r\n");
        }
        let head = flagged(&head, settings)
            .replace("{{host}}", host)
            .replace("{{token}}", TOKEN)
            .replace("{{length}}", &request.body().len().to_string());
        let bodies = if self.body.contains("{{read") { self.read_bodies(request) } else { vec![self.body.clone()] };
        bodies.into_iter().map(|body| format!("{head}\r\n{body}")).collect()
    }

    /// Bodies that are made from what was read; none if nothing was.
    fn read_bodies(&self, request: &Recorded) -> Vec<String> {
        let Some(read) = &request.read else { return Vec::new() };
        if let Some(lines) = self.body.strip_prefix("{{read}}") {
            let sent = serde_json::from_slice(request.body()).unwrap_or_default();
            return vec![overlaid(read.clone(), lines, &sent).to_string()];
        }
        let members = members(read);
        let all = members.join(",");
        let open = if all.is_empty() { String::new() } else { format!("{all},") };
        let body = self.body.replace("{{read.members}}", &all).replace("{{read.members,}}", &open);
        let body = body.replace("{{read.displayName}}", &read["displayName"].to_string());
        if !body.contains("{{read.members-}}") {
            return vec![body];
        }
        let without = |gone: usize| {
            let left: Vec<_> =
                members.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, m)| m.clone()).collect();
            body.replace("{{read.members-}}", &left.join(","))
        };
        (0..members.len()).map(without).collect()
    }

    /// How the request differs from this form, and how alike they are.
    pub(super) fn difference(&self, request: &Recorded, settings: &Settings, host: &str) -> (f32, String) {
        let readable = |text: &str| text.replace("\r\n", "\n").replace(",\"", ",\n  \"").replace('?', "\n?") + "\n";
        let pattern = self.patterns(request, settings, host).pop().unwrap_or_else(|| self.body.clone());
        let (expected, sent) = (readable(&pattern), readable(request.text()));
        let diff = TextDiff::from_lines(&expected, &sent);
        let ratio = TextDiff::from_words(&expected, &sent).ratio();
        (ratio, diff.unified_diff().context_radius(40).header(&self.name, "request").to_string())
    }
}

/// A header line that only some variants send begins with `[setting=value] `.
fn line(text: &str) -> (Option<Condition>, String) {
    match text.strip_prefix('[').and_then(|text| text.split_once("] ")) {
        Some((condition, line)) => (Some(Condition::parse(condition)), line.to_owned()),
        None => (None, text.to_owned()),
    }
}

/// Entra's flag where the variant has it: `{{?flag}}` alone, `{{flag&}}` and `{{&flag}}` beside a query of the request.
fn flagged(head: &str, settings: &Settings) -> String {
    let flag = match setting(settings, "flag") {
        None | Some("off") => String::new(),
        Some(flag) if setting(settings, "flag_value") == Some("true") => format!("{flag}=true"),
        Some(flag) => flag.to_owned(),
    };
    let position = setting(settings, "flag_position");
    let at = |wanted: &[&str], text: String| {
        let here = !flag.is_empty() && position.is_some_and(|position| wanted.contains(&position));
        if here { text } else { String::new() }
    };
    head.replace("{{?flag}}", &at(&["first", "last", "omit"], format!("?{flag}")))
        .replace("{{flag&}}", &at(&["first"], format!("{flag}&")))
        .replace("{{&flag}}", &at(&["last"], format!("&{flag}")))
}

/// How the client of these settings encodes: Entra as .NET forms do, the others with `%20` unless a setting says `+`.
fn encoding(settings: &Settings) -> Encoding {
    match (setting(settings, "flag"), setting(settings, "space")) {
        (Some(_), _) => Encoding { blank: "+", upper_hex: false },
        (None, Some("plus")) => Encoding { blank: "+", upper_hex: true },
        (None, _) => Encoding { blank: "%20", upper_hex: true },
    }
}

/// Okta's view of the members that it read: `display` is null where there was none.
fn members(read: &Value) -> Vec<String> {
    let all = read["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|member| format!(r#"{{"value":{},"display":{}}}"#, member["value"], member["display"])).collect()
}

/// What was read with the lines of a golden file over it: `=` writes in place or at the end, `~` only where the request has
/// another value, `+=` only where the member is missing.
fn overlaid(mut read: Value, lines: &str, sent: &Value) -> Value {
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let mut words = line.splitn(3, ' ');
        let (path, sign, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let value: Value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{line}: {error}"));
        let pointer = format!("/{path}");
        let differs = sent.pointer(&pointer).is_some_and(|sent| read.pointer(&pointer) != Some(sent));
        match sign {
            "=" => set(&mut read, path, value),
            "~" if differs => set(&mut read, path, value),
            "+=" if read.pointer(&pointer).is_none() => set(&mut read, path, value),
            "~" | "+=" => {}
            other => panic!("{line}: what is {other}?"),
        }
    }
    read
}

/// Writes a value in place, or as the last member of the object that the path leads to.
fn set(whole: &mut Value, path: &str, value: Value) {
    let (outer, member) = path.rsplit_once('/').unwrap_or(("", path));
    let outer = if outer.is_empty() { Some(whole) } else { whole.pointer_mut(&format!("/{outer}")) };
    // Another kind of resource does not have the outer member, and is not of this form.
    if let Some(Value::Object(members)) = outer {
        members.insert(member.to_owned(), value);
    }
}
