//! Bodies: what a value is, is told by its name.

use std::ops::Range;

use super::Masker;
use super::scan::{Mode, is_boolean, is_time};
use super::text::{Edit, JSON, PLAIN};
use super::tree::{Kind, Node, tree};
use super::vocabulary;
use crate::exchange::secret::{PLACEHOLDER, Secret};

/// Parts of names that hold credentials.
const SECRET: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "authorization",
    "assertion",
    "privatekey",
    "private_key",
    "otp",
];

/// Names of texts for people.
const FREE: [&str; 9] =
    ["detail", "details", "description", "message", "error", "errors", "error_description", "reason", "hint"];

/// Names of addresses.
const URLS: [&str; 10] =
    ["$ref", "ref", "location", "documentationuri", "specuri", "endpoint", "href", "uri", "url", "profileurl"];

/// Names of numbers that count.
const COUNTS: [&str; 8] =
    ["totalresults", "startindex", "itemsperpage", "count", "maxresults", "maxoperations", "maxpayloadsize", "status"];

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Keep,
    Secret,
    Mask(Mode),
}

/// A value in its place.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// Names and indices from the root.
    path: &'p [String],
    /// Whether everything here describes the endpoint, and nobody.
    discovery: bool,
    /// `body` or `answer body`.
    side: &'static str,
}

impl Masker {
    /// A body of any kind. `discovery`: it describes the endpoint.
    pub(super) fn body(&mut self, body: &[u8], side: &'static str, discovery: bool) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(body) else {
            self.report.add(&format!("{side} (not text)"), 1);
            return format!("[{} bytes that are not text]", body.len()).into_bytes();
        };
        let text = self.body_without_secrets(text, side);
        if let Some(root) = tree(&text) {
            let mut edits = Vec::new();
            self.value(&text, &root, Place { path: &[], discovery, side }, None, &mut edits);
            edits.sort_by_key(|(range, _)| range.start);
            return super::text::edited(&text, PLAIN, &edits).into_bytes();
        }
        if is_form(&text) {
            return self.query(&text, side).into_bytes();
        }
        self.plain(&text, Mode::Free, &format!("{side} (no JSON)")).into_bytes()
    }

    fn value(&mut self, text: &str, node: &Node, place: Place<'_>, name: Option<&str>, edits: &mut Vec<Edit>) {
        if self.rules.keeps(place.path) {
            return;
        }
        let raw = &text[node.span.clone()];
        match &node.kind {
            Kind::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let path = [place.path, &[i.to_string()]].concat();
                    self.value(text, item, Place { path: &path, ..place }, name, edits);
                }
            }
            Kind::Object(members) => self.object(text, members, place, edits),
            Kind::Word => {}
            Kind::Text | Kind::Number => {
                let number = matches!(node.kind, Kind::Number);
                let fate = if self.rules.also_masks(place.path) {
                    Fate::Mask(Mode::All)
                } else if number {
                    number_fate(name.unwrap_or_default(), raw, place.discovery)
                } else {
                    text_fate(name.unwrap_or_default(), raw, place.discovery)
                };
                if number && fate != Fate::Keep {
                    return self.number(raw, &node.span, place, edits);
                }
                self.leaf(raw, &node.span, fate, place, edits);
            }
        }
    }

    /// A number stays one: digits before and behind the point are words.
    fn number(&mut self, raw: &str, span: &Range<usize>, place: Place<'_>, edits: &mut Vec<Edit>) {
        let mut out = String::with_capacity(raw.len());
        for (i, part) in raw.split('.').enumerate() {
            let begin = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let (sign, rest) = part.split_at(begin);
            let (digits, exponent) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
            out.push_str(if i > 0 { "." } else { "" });
            out.push_str(sign);
            out.push_str(&if digits.starts_with('0') && i == 0 {
                digits.to_owned()
            } else {
                self.scanner.words.of(digits)
            });
            out.push_str(exponent);
        }
        self.report.add(&format!("{} {}", place.side, pointer(place.path)), 1);
        edits.push((span.clone(), out));
    }

    fn object(&mut self, text: &str, members: &[(Range<usize>, Node)], place: Place<'_>, edits: &mut Vec<Edit>) {
        let member = |name: &str| members.iter().find(|(span, _)| text[span.clone()].eq_ignore_ascii_case(name));
        // An operation's value is what its path says (RFC 7644 section 3.5.2).
        let target = member("op").and_then(|_| member("path")).map(|(_, node)| last_name(&text[node.span.clone()]));
        for (span, node) in members {
            let raw = &text[span.clone()];
            let (shown, times) = self.name(raw);
            if times > 0 {
                self.report.add(&format!("{} names of members", place.side), times);
                edits.push((span.clone(), shown.clone()));
            }
            let path = [place.path, &[shown]].concat();
            let name = last_name(raw);
            let name = if name == "value" { target.clone().unwrap_or(name) } else { name };
            let name = if name == "value" { named_by_parent(place.path).unwrap_or(name) } else { name };
            self.value(text, node, Place { path: &path, ..place }, Some(&name), edits);
        }
    }

    /// The name of a member: SCIM's own is nobody's.
    fn name(&mut self, raw: &str) -> (String, usize) {
        if vocabulary::is_plain(raw) && self.rules.texts().is_empty() {
            return (raw.to_owned(), 0);
        }
        self.scanner.text(raw, JSON, if raw.contains('@') { Mode::All } else { Mode::Filter })
    }

    fn leaf(&mut self, raw: &str, span: &Range<usize>, fate: Fate, place: Place<'_>, edits: &mut Vec<Edit>) {
        let what = || format!("{} {}", place.side, pointer(place.path));
        match fate {
            Fate::Keep => {}
            Fate::Secret => {
                self.remember(Secret::new(super::text::units(raw, JSON).iter().map(|unit| unit.c).collect()));
                self.report.add(&what(), 1);
                edits.push((span.clone(), PLACEHOLDER.to_owned()));
            }
            Fate::Mask(mode) => {
                let path = matches!(mode, Mode::Path);
                let coding =
                    super::text::Coding { json: true, percent: path || mode == Mode::All && raw.contains("://") };
                let (shown, times) = self.scanner.text(raw, coding, mode);
                self.report.add(&what(), times);
                if times > 0 {
                    edits.push((span.clone(), shown));
                }
            }
        }
    }
}

/// The last part of a name or of an attribute path, in lower case: `emails[type eq "work"].value` is a `value` of
/// `emails`, which is told as `emails`.
fn last_name(raw: &str) -> String {
    let lower = raw.to_lowercase();
    if lower.starts_with("urn:") && !lower.contains('[') {
        let last = lower.rsplit(':').next().unwrap_or_default();
        return last.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let without_filter = lower.split('[').next().unwrap_or_default();
    let tail = lower.rsplit(']').next().filter(|_| lower.contains(']')).unwrap_or_default();
    match tail.trim_start_matches('.') {
        "" | "value" => without_filter.rsplit(['.', ':']).next().unwrap_or_default().to_owned(),
        sub => sub.to_owned(),
    }
}

/// `value` within `emails`, `members` and the like.
fn named_by_parent(path: &[String]) -> Option<String> {
    path.iter().rev().find(|part| part.parse::<usize>().is_err()).map(|part| format!("{}.value", part.to_lowercase()))
}

fn number_fate(name: &str, raw: &str, discovery: bool) -> Fate {
    if is_secret(name) {
        Fate::Secret
    } else if discovery || COUNTS.contains(&name) || !raw.bytes().any(|b| b.is_ascii_digit()) {
        Fate::Keep
    } else {
        Fate::Mask(Mode::All)
    }
}

fn text_fate(name: &str, raw: &str, discovery: bool) -> Fate {
    let lower = raw.to_ascii_lowercase();
    if raw.is_empty() || is_boolean(raw) {
        return Fate::Keep;
    }
    if is_secret(name) && !discovery {
        return Fate::Secret;
    }
    if URLS.contains(&name) {
        return Fate::Mask(Mode::All);
    }
    if discovery {
        return Fate::Mask(Mode::Known);
    }
    let kept_if = |keep: bool| if keep { Fate::Keep } else { Fate::Mask(Mode::All) };
    match name {
        "schemas" | "schema" | "attributes" | "excludedattributes" | "sortby" | "sortorder" => Fate::Mask(Mode::Known),
        "op" => kept_if(["add", "replace", "remove"].contains(&lower.as_str())),
        "method" => kept_if(["get", "post", "put", "patch", "delete", "oauthbearertoken"].contains(&lower.as_str())),
        "path" if raw.starts_with('/') => Fate::Mask(Mode::Path),
        "path" | "filter" => Fate::Mask(Mode::Filter),
        "scimtype" => Fate::Mask(Mode::Free),
        "status" => kept_if(raw.len() == 3 && raw.bytes().all(|b| b.is_ascii_digit())),
        "resourcetype" | "type" => kept_if(vocabulary::is_type(raw)),
        "created" | "lastmodified" => kept_if(crate::scim::date_time::is_valid(raw)),
        "locale" | "preferredlanguage" => kept_if(is_language(raw)),
        "timezone" => kept_if(is_time_zone(raw)),
        _ if is_time(raw) => Fate::Mask(Mode::Time),
        "country" => kept_if(raw.len() == 2 && raw.bytes().all(|b| b.is_ascii_uppercase())),
        name if FREE.contains(&name) => Fate::Mask(Mode::Free),
        _ if lower.starts_with("urn:ietf:params:scim:") => Fate::Mask(Mode::Known),
        _ => Fate::Mask(Mode::All),
    }
}

/// Whether what has this name is a credential.
pub(super) fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET.iter().any(|part| lower.contains(part))
}

/// `en`, `en-US`, `pt_BR`
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once(['-', '_']).unwrap_or((text, "XX"));
    language.len() == 2 && region.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_')
}

/// `Europe/Oslo`
fn is_time_zone(text: &str) -> bool {
    let areas = [
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
        "US",
    ];
    text.split_once('/').is_some_and(|(area, _)| areas.contains(&area)) && text.len() < 40 || text == "UTC"
}

/// `grant_type=client_credentials&client_secret=…`
fn is_form(text: &str) -> bool {
    text.contains('=') && !text.contains(|c: char| c.is_whitespace() || "<>{}\"".contains(c))
}

/// A JSON pointer with `*` for every index.
fn pointer(path: &[String]) -> String {
    path.iter().map(|part| if part.parse::<usize>().is_ok() { "/*".to_owned() } else { format!("/{part}") }).collect()
}
