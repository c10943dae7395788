//! Finds in a text what belongs to somebody: e-mail addresses, hosts, GUIDs, and words.

use std::ops::Range;

use super::domain::Domains;
use super::text::{Coding, Edit, Unit, edited, units};
use super::vocabulary;
use super::word::Words;
use crate::exchange::secret::PLACEHOLDER;
use crate::play::NOBODY;

/// How much of a text is masked. E-mail addresses and GUIDs always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Every word: what stands here belongs to somebody.
    All,
    /// Every word that is not of the language of SCIM and its errors, and every word that is known to be somebody's.
    Free,
    /// Only what is known to be somebody's: what stands here is structure.
    Known,
    /// A filter or an attribute path: what it compares with is masked, the rest is structure.
    Filter,
    /// A path of a URL: its segments but for the names of endpoints.
    Path,
    /// A host, possibly with a port.
    Host,
    /// A date, or a date and a time: it stays one.
    Time,
}

/// What texts are masked with.
#[derive(Debug)]
pub(super) struct Scanner {
    pub(super) words: Words,
    pub(super) domains: Domains,
    /// Further texts to mask, wherever they stand.
    pub(super) also: Vec<regex::Regex>,
    /// Further names of endpoints.
    pub(super) endpoints: Vec<String>,
}

impl Scanner {
    /// The text masked, written as it was; and in how many places.
    pub(super) fn text(&mut self, raw: &str, coding: Coding, mode: Mode) -> (String, usize) {
        let units = units(raw, coding);
        let mut edits = Vec::new();
        self.part(&units, mode, &mut edits);
        (edited(raw, coding, &edits), edits.len())
    }

    pub(super) fn part(&mut self, units: &[Unit], mode: Mode, edits: &mut Vec<Edit>) {
        if self.also.is_empty() {
            return self.rest(units, mode, edits);
        }
        let text: String = units.iter().map(|unit| unit.c).collect();
        let found: Vec<Range<usize>> =
            self.also.iter().flat_map(|regex| regex.find_iter(&text)).map(|m| m.range()).collect();
        let mut at = 0;
        let mut flags = units.iter().map(|unit| {
            let here = found.iter().any(|range| range.contains(&at));
            at += unit.c.len_utf8();
            here
        });
        let flags: Vec<bool> = flags.by_ref().collect();
        let mut from = 0;
        for run in flags.chunk_by(|a, b| a == b) {
            let mode = if run[0] { Mode::All } else { mode };
            self.rest(&units[from..from + run.len()], mode, edits);
            from += run.len();
        }
    }

    fn rest(&mut self, units: &[Unit], mode: Mode, edits: &mut Vec<Edit>) {
        match mode {
            Mode::Filter => self.filter(units, edits),
            Mode::Path => self.path(units, edits),
            Mode::Host => self.host(units, edits),
            Mode::Time => self.time(units, edits),
            Mode::All | Mode::Free | Mode::Known => self.words(units, mode, edits),
        }
    }

    fn words(&mut self, units: &[Unit], mode: Mode, edits: &mut Vec<Edit>) {
        let mut at = 0;
        // The weak mark of an entity tag (RFC 9110 section 8.8.3).
        if begins(units, "W/\"") {
            at = 3;
        }
        while at < units.len() {
            let here = &units[at..];
            let before = at.checked_sub(1).and_then(|before| units.get(before)).map(|unit| unit.c);
            let word_begins = is_word(units[at].c) && before.is_none_or(|c| !is_word(c));
            at += if begins(here, PLACEHOLDER) {
                PLACEHOLDER.len()
            } else if let Some(length) = (word_begins && mode != Mode::Known).then(|| schema(here)).flatten() {
                self.words(&here[..length], Mode::Known, edits);
                length
            } else if let Some(length) = word_begins.then(|| guid(here)).flatten() {
                self.guid(&here[..length], edits);
                length
            } else if let Some(length) = word_begins.then(|| scheme(here)).flatten() {
                length + self.url(&here[length..], mode, edits)
            } else if let Some((local, whole)) = before.is_none_or(|c| !is_local(c)).then(|| email(here)).flatten() {
                self.words(&here[..local], Mode::All, edits);
                self.domain(&here[local + 1..whole], edits);
                whole
            } else if let Some(length) = word_begins.then(|| self.known_domain(here)).flatten() {
                self.domain(&here[..length], edits);
                length
            } else {
                self.word(here, mode, edits)
            };
        }
    }

    /// One word, or what stands between words.
    fn word(&mut self, units: &[Unit], mode: Mode, edits: &mut Vec<Edit>) -> usize {
        let length = units.iter().take_while(|unit| is_word(unit.c)).count();
        if length == 0 {
            return 1;
        }
        let word = string(&units[..length]);
        let known = self.words.knows(&word) && !(mode == Mode::Known && vocabulary::is_plain(&word));
        let number = word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
        let masked = match mode {
            Mode::All => true,
            Mode::Free => known || !(vocabulary::is_plain(&word) || number),
            _ => known && word.chars().count() > 3,
        };
        if masked {
            let invented = if mode == Mode::All { self.words.of(&word) } else { self.words.of_perhaps(&word) };
            edits.push((raw(&units[..length]), invented));
        }
        length
    }

    fn guid(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        let lower = string(units).to_lowercase();
        if lower.starts_with(NOBODY) {
            return;
        }
        let invented = self.words.of(&lower.replace('-', ""));
        let digits: Vec<char> = invented.chars().collect();
        let upper = units.iter().any(|unit| unit.c.is_ascii_uppercase());
        let mut digits = digits.into_iter().filter(char::is_ascii_hexdigit).chain(std::iter::repeat('0'));
        let mut out = String::with_capacity(36);
        for (i, unit) in units.iter().enumerate() {
            match unit.c {
                '-' => out.push('-'),
                // Version and variant (RFC 9562 section 4) are form.
                c if i == 14 || i == 19 => {
                    digits.next();
                    out.push(c);
                }
                _ => out.extend(digits.next().map(|c| if upper { c.to_ascii_uppercase() } else { c })),
            }
        }
        edits.push((raw(units), out));
    }

    fn domain(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        let text = string(units);
        let invented = self.domains.of(&text, &mut self.words);
        if invented != text {
            edits.push((raw(units), invented));
        }
    }

    /// A domain that was met before, at the end of a host name or alone.
    fn known_domain(&self, units: &[Unit]) -> Option<usize> {
        let length = units.iter().take_while(|unit| is_host(unit.c)).count();
        if !units[..length].iter().any(|unit| unit.c == '.') {
            return None;
        }
        let text = string(&units[..length]);
        let trimmed = text.trim_end_matches(['.', '-']);
        (trimmed.contains('.') && self.domains.knows(trimmed)).then_some(trimmed.chars().count())
    }

    /// What follows `://`: host, path, query. Gives its length.
    fn url(&mut self, units: &[Unit], mode: Mode, edits: &mut Vec<Edit>) -> usize {
        let ends = |c: char| c.is_whitespace() || "\"'<>,;)".contains(c);
        let whole = units.iter().position(|unit| ends(unit.c)).unwrap_or(units.len());
        let host = units[..whole].iter().position(|unit| "/?#".contains(unit.c)).unwrap_or(whole);
        self.host(&units[..host], edits);
        if mode == Mode::Known {
            self.words(&units[host..whole], Mode::Known, edits);
        } else {
            self.path(&units[host..whole], edits);
        }
        whole
    }

    fn host(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        // Nobody's name, but a password can stand before an @.
        let begin = units.iter().rposition(|unit| unit.c == '@').map_or(0, |at| at + 1);
        self.words(&units[..begin], Mode::All, edits);
        let units = &units[begin..];
        let port = units.iter().rposition(|unit| unit.c == ':').filter(|at| {
            units[at + 1..].iter().all(|unit| unit.c.is_ascii_digit())
                && units.first().is_none_or(|u| u.c != '[' || units[at - 1].c == ']')
        });
        self.domain(&units[..port.unwrap_or(units.len())], edits);
    }

    /// Digits up to a sign are a word; what is not the year gets the range of a month, a day, an hour, a minute.
    fn time(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        let mut parts = 0;
        let mut at = 0;
        while at < units.len() {
            let length = units[at..].iter().take_while(|unit| unit.c.is_ascii_digit()).count();
            // What follows the seconds tells nothing of anybody.
            if length > 0 && parts < 6 {
                let word = string(&units[at..at + length]);
                let invented = self.words.of_perhaps(&word);
                let number: usize =
                    invented.bytes().filter(u8::is_ascii_digit).fold(0, |n, b| n * 10 + usize::from(b - b'0'));
                let shown = match parts {
                    0 => format!("{:04}", 1900 + number % 100),
                    1 => format!("{:02}", number % 12 + 1),
                    2 => format!("{:02}", number % 28 + 1),
                    3 => format!("{:02}", number % 24),
                    _ => format!("{:02}", number % 60),
                };
                edits.push((raw(&units[at..at + length]), shown));
                parts += 1;
            }
            at += length.max(1);
        }
    }

    /// Path, and query if there is one, as characters that are percent-decoded or need not be.
    fn path(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        let end = units.iter().position(|unit| unit.c == '?' && is_bare(unit)).unwrap_or(units.len());
        for segment in units[..end].split(|unit| unit.c == '/' && is_bare(unit)) {
            let name = string(segment);
            if !vocabulary::is_segment(&name) && !self.endpoints.contains(&name) {
                self.words(segment, Mode::All, edits);
            }
        }
        if let Some(query) = units.get(end + 1..) {
            for pair in query.split(|unit| unit.c == '&') {
                let split = pair.iter().position(|unit| unit.c == '=').unwrap_or(pair.len());
                if !vocabulary::is_flag(&string(pair)) {
                    self.words(&pair[..split], if split < pair.len() { Mode::Known } else { Mode::All }, edits);
                }
                self.words(pair.get(split + 1..).unwrap_or_default(), Mode::All, edits);
            }
        }
    }

    /// What an attribute is compared with, in quotes.
    fn compared(&mut self, attribute: &str, units: &[Unit], edits: &mut Vec<Edit>) {
        let (lower, value) = (attribute.to_ascii_lowercase(), string(units));
        let is_plain = lower.ends_with("type") && vocabulary::is_type(&value) || is_boolean(&value);
        match () {
            () if is_plain => {}
            // When the server wrote something is nobody's, as in a body.
            () if is_time(&value) && (lower.ends_with("created") || lower.ends_with("lastmodified")) => {}
            () if is_time(&value) => self.time(units, edits),
            () => self.words(units, Mode::All, edits),
        }
    }

    /// RFC 7644 section 3.4.2.2: what stands in quotes, and what follows an operator without quotes.
    fn filter(&mut self, units: &[Unit], edits: &mut Vec<Edit>) {
        let mut at = 0;
        let mut attribute = String::new();
        let mut compares = false;
        while at < units.len() {
            let c = units[at].c;
            if c == '"' || c == '\'' && compares {
                let length = quoted(&units[at + 1..], c);
                let inside = &units[at + 1..at + 1 + length];
                self.compared(&attribute, inside, edits);
                at += length + 2;
                compares = false;
                continue;
            }
            let length = units[at..].iter().take_while(|unit| !is_filter_sign(unit.c)).count();
            if length == 0 {
                at += 1;
                continue;
            }
            let token = string(&units[at..at + length]);
            if compares {
                if !is_boolean(&token) && token != "null" {
                    self.words(&units[at..at + length], Mode::All, edits);
                }
                compares = false;
            } else if is_operator(&token) && !attribute.is_empty() {
                compares = true;
            } else {
                self.words(&units[at..at + length], Mode::Known, edits);
                attribute = if ["and", "or", "not"].contains(&token.as_str()) { String::new() } else { token };
            }
            at += length;
        }
    }
}

fn is_filter_sign(c: char) -> bool {
    c.is_whitespace() || "+()[]\"".contains(c)
}

fn is_operator(token: &str) -> bool {
    ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"].iter().any(|operator| operator.eq_ignore_ascii_case(token))
}

/// Whether a text is a boolean, as JSON or as identity providers write it.
pub(super) fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// `1990-05-17`, `1990-05-17T10:00:00Z`
pub(super) fn is_time(text: &str) -> bool {
    let date = |text: &str| {
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        parts == [4, 2, 2] && text.bytes().all(|b| b == b'-' || b.is_ascii_digit())
    };
    date(text) || text.get(..10).is_some_and(date) && crate::scim::date_time::is_valid(text)
}

/// Characters up to the closing quote.
fn quoted(units: &[Unit], quote: char) -> usize {
    let mut escaped = false;
    let end = units.iter().position(|unit| {
        let ends = unit.c == quote && !escaped;
        escaped = unit.c == '\\' && !escaped;
        ends
    });
    end.unwrap_or(units.len())
}

fn string(units: &[Unit]) -> String {
    units.iter().map(|unit| unit.c).collect()
}

fn raw(units: &[Unit]) -> Range<usize> {
    let begin = units.first().map_or(0, |unit| unit.raw.start);
    begin..units.last().map_or(begin, |unit| unit.raw.end)
}

fn begins(units: &[Unit], text: &str) -> bool {
    let mut here = units.iter();
    text.chars().all(|c| here.next().is_some_and(|unit| unit.c == c))
}

/// Whether the character is written as itself.
fn is_bare(unit: &Unit) -> bool {
    unit.raw.len() == unit.c.len_utf8()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_local(c: char) -> bool {
    is_word(c) || "._%-'\u{2019}".contains(c)
}

fn is_host(c: char) -> bool {
    is_word(c) || c == '.' || c == '-'
}

/// The length of the URN of a schema: structure, wherever it stands.
fn schema(units: &[Unit]) -> Option<usize> {
    if !begins(units, "urn:") {
        return None;
    }
    let length = units.iter().take_while(|unit| is_host(unit.c) || ":_".contains(unit.c)).count();
    string(&units[..length]).contains(":scim:").then_some(length)
}

/// The length of a GUID.
fn guid(units: &[Unit]) -> Option<usize> {
    let shape = units.len() >= 36
        && units[..36]
            .iter()
            .enumerate()
            .all(|(i, unit)| if [8, 13, 18, 23].contains(&i) { unit.c == '-' } else { unit.c.is_ascii_hexdigit() });
    (shape && units.get(36).is_none_or(|unit| !is_word(unit.c))).then_some(36)
}

/// The length of `https://`.
fn scheme(units: &[Unit]) -> Option<usize> {
    let letters = units.iter().take_while(|unit| unit.c.is_ascii_alphanumeric()).count();
    (letters > 0 && letters < 12 && begins(&units[letters..], "://")).then_some(letters + 3)
}

/// The lengths of an e-mail address: up to the `@`, and as a whole.
fn email(units: &[Unit]) -> Option<(usize, usize)> {
    let local = units.iter().take_while(|unit| is_local(unit.c) || unit.c == '+').count();
    if local == 0 || units.get(local)?.c != '@' {
        return None;
    }
    let domain = units[local + 1..].iter().take_while(|unit| is_host(unit.c)).count();
    let text = string(&units[local + 1..local + 1 + domain]);
    let domain = text.trim_end_matches(['.', '-']).chars().count();
    (domain > 0).then_some((local, local + 1 + domain))
}
