//! Text with holes: `{{userName}}`, `{{userName:EMAIL}}`, `{{userName|query}}`. A hole has a type, equal names stand for equal
//! values within one text, and `any` is never bound. `|query` is the value as a client encodes it in a query.

use std::collections::HashMap;

/// How a client encodes values in a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    pub(super) blank: &'static str,
    pub(super) upper_hex: bool,
}

impl Encoding {
    /// Everything but unreserved characters (RFC 3986 section 2.3) in percent form, the blank as the client writes it.
    fn encode(self, value: &str) -> String {
        let byte = |byte: u8| match byte {
            b' ' => self.blank.to_owned(),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if self.upper_hex => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        value.bytes().map(byte).collect()
    }

    /// The value, if `raw` is exactly what this client makes of it.
    fn decode(self, raw: &str) -> Option<String> {
        let (mut out, mut rest) = (Vec::new(), raw);
        while let Some(first) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix(self.blank) {
                out.push(b' ');
                rest = after;
            } else if first == '%' {
                out.push(u8::from_str_radix(rest.get(1..3)?, 16).ok()?);
                rest = &rest[3..];
            } else {
                out.extend_from_slice(first.to_string().as_bytes());
                rest = &rest[first.len_utf8()..];
            }
        }
        let value = String::from_utf8(out).ok()?;
        (self.encode(&value) == raw).then_some(value)
    }
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Plain(&'a str),
    Hole { name: &'a str, kind: &'a str, query: bool },
}

/// Whether `text` is `pattern` with its holes filled.
pub(super) fn fits(pattern: &str, text: &str, encoding: Encoding) -> bool {
    matches(&parts(pattern), text, encoding, &mut HashMap::new())
}

fn parts(pattern: &str) -> Vec<Part<'_>> {
    let (mut out, mut rest) = (Vec::new(), pattern);
    while let Some((plain, after)) = rest.split_once("{{") {
        let (hole, tail) = after.split_once("}}").unwrap();
        let (named, query) = hole.strip_suffix("|query").map_or((hole, false), |named| (named, true));
        let (name, kind) = named.split_once(':').unwrap_or((named, default_kind(named)));
        out.push(Part::Plain(plain));
        out.push(Part::Hole { name, kind, query });
        rest = tail;
    }
    out.push(Part::Plain(rest));
    out
}

fn default_kind(name: &str) -> &'static str {
    match name {
        "userName" => "email",
        "id" => "id",
        _ => "text",
    }
}

fn matches<'a>(parts: &[Part<'a>], text: &str, encoding: Encoding, bound: &mut HashMap<&'a str, String>) -> bool {
    let Some((first, later)) = parts.split_first() else { return text.is_empty() };
    let (name, kind, query) = match *first {
        Part::Plain(plain) => {
            return text.strip_prefix(plain).is_some_and(|rest| matches(later, rest, encoding, bound));
        }
        Part::Hole { name, kind, query } => (name, kind, query),
    };
    // The hole ends where the next plain text begins; an empty one is the end of the text.
    let next = match later.first() {
        Some(Part::Plain(next)) => *next,
        _ => "",
    };
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).filter(|at| text[*at..].starts_with(next));
    for end in ends {
        if next.is_empty() && end != text.len() {
            continue;
        }
        let Some(value) = (if query { encoding.decode(&text[..end]) } else { Some(text[..end].to_owned()) }) else {
            continue;
        };
        if !is(kind, &value) || bound.get(name).is_some_and(|old| *old != value) {
            continue;
        }
        let fresh = name != "any" && bound.insert(name, value).is_none();
        if matches(later, &text[end..], encoding, bound) {
            return true;
        }
        if fresh {
            bound.remove(name);
        }
    }
    false
}

/// Whether a value is of a type. Every invented address is on example.com.
fn is(kind: &str, value: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match kind {
        "text" => !value.is_empty() && !value.contains(['"', '\\', '\r', '\n']),
        "email" => value.strip_suffix("@example.com").is_some_and(local),
        "EMAIL" => {
            value.to_lowercase().strip_suffix("@example.com").is_some_and(local) && value == value.to_uppercase()
        }
        "Email" => {
            value.to_lowercase().strip_suffix("@example.com").is_some_and(local) && value != value.to_lowercase()
        }
        "id" => !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        "guid" => {
            let lengths: Vec<usize> = value.split('-').map(str::len).collect();
            lengths == [8, 4, 4, 4, 12] && hex(&value.replace('-', ""))
        }
        "oktaid" => {
            value.strip_prefix("00u").is_some_and(|id| id.len() == 17 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
        }
        "word" => !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric()),
        "urn" => {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b":.-_".contains(&b);
            value.starts_with("urn:") && value.bytes().all(allowed)
        }
        "hex24" => value.len() == 24 && hex(value),
        "number" => value.parse::<u32>().is_ok_and(|number| number.to_string() == value),
        "page" => value.parse::<u32>().is_ok_and(|number| number % 100 == 1 && number > 100),
        "wrong" => !value.is_empty() && value != super::recorder::TOKEN && !value.contains([' ', '\r', '\n']),
        "members" => members(value).is_some_and(|count| (2..=256).contains(&count)),
        "values" => several(value, r#"{"value":""#, r#""}"#),
        "references" => several(value, r#"{"$ref":null,"value":""#, r#""}"#),
        "removals" => several(value, r#"{"op":"remove","path":"members[value eq \""#, r#"\"]"}"#),
        other => panic!("there is no type {other}"),
    }
}

fn local(part: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'_');
    !part.is_empty() && part.bytes().all(allowed)
}

/// Whether two or more different ids stand in the text, each between `before` and `behind`.
fn several(text: &str, before: &str, behind: &str) -> bool {
    let inner = text.strip_prefix(before).and_then(|text| text.strip_suffix(behind));
    let between = format!("{behind},{before}");
    let ids: Vec<&str> = inner.map(|inner| inner.split(between.as_str()).collect()).unwrap_or_default();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    ids.len() > 1 && different.len() == ids.len() && ids.iter().all(|id| is("id", id))
}

/// How many members of Okta's form stand in the text.
fn members(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{\"value\":\"")?.strip_suffix("\"}")?;
    let mut count = 0;
    for member in inner.split("\"},{\"value\":\"") {
        let (id, display) = member.split_once("\",\"display\":\"")?;
        count += usize::from(is("id", id) && is("email", display));
        if !is("id", id) || !is("email", display) {
            return None;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLUS: Encoding = Encoding { blank: "+", upper_hex: false };
    const PERCENT: Encoding = Encoding { blank: "%20", upper_hex: true };

    #[test]
    fn equal_names_stand_for_equal_values() {
        assert!(fits("a={{x}}&b={{x}}", "a=1&b=1", PLUS));
        assert!(!fits("a={{x}}&b={{x}}", "a=1&b=2", PLUS));
        assert!(fits("a={{any}}&b={{any}}", "a=1&b=2", PLUS));
        assert!(fits("{{x}} {{y}}/{{x}}", "a b c/a b", PLUS));
        assert!(!fits("{\"a\":\"{{x}}\"}", "{\"a\":\"\"}", PLUS));
    }

    #[test]
    fn a_query_is_the_encoding_of_the_client() {
        for (raw, encoding, expected) in [
            ("a.b-c%40example.com", PLUS, true),
            ("a.b-c@example.com", PLUS, false),
            ("a%2b1%40example.com", PLUS, true),
            ("a%2B1%40example.com", PLUS, false),
            ("a%2B1%40example.com", PERCENT, true),
            ("%61%40example.com", PERCENT, false),
        ] {
            assert_eq!(fits("{{userName|query}}", raw, encoding), expected, "{raw}");
        }
        assert!(
            fits("{{name|query}}", "Field+Engineers", PLUS) && fits("{{name|query}}", "Field%20Engineers", PERCENT)
        );
        assert!(
            !fits("{{name|query}}", "Field%20Engineers", PLUS) && !fits("{{name|query}}", "Field+Engineers", PERCENT)
        );
        assert!(fits("u={{userName|query}}&e={{userName}}", "u=a%40example.com&e=a@example.com", PLUS));
    }

    #[test]
    fn types_are_held() {
        for (kind, value, expected) in [
            ("guid", "6f1c2a9e-4c1b-4f6e-9d53-0c7a1be10001", true),
            ("guid", "6F1C2A9E-4C1B-4F6E-9D53-0C7A1BE10001", false),
            ("oktaid", "00u7h2kq0ZpTnB3vE5d7", true),
            ("oktaid", "00u7h2kq0ZpTnB3vE5d", false),
            ("hex24", "66e2d689590450d073d2df3b", true),
            ("EMAIL", "ADA@EXAMPLE.COM", true),
            ("EMAIL", "Ada@example.com", false),
            ("page", "101", true),
            ("page", "1", false),
            ("members", r#"{"value":"1","display":"a@example.com"},{"value":"2","display":"b@example.com"}"#, true),
            ("members", r#"{"value":"1","display":"a@example.com"}"#, false),
        ] {
            assert_eq!(is(kind, value), expected, "{kind} {value}");
        }
    }
}
