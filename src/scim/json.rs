//! A JSON tree that keeps what a test tool must see: duplicate members, the spelling of member names, their order, and
//! numbers exactly as they were written.
//!
//! `serde_json` keeps the last of two equal members and turns `1E2` into `100.0`; both would hide defects of the target,
//! and an echoed representation (Okta writes back what it read) would not be the server's own. Grammar: RFC 8259.

mod parse;

use std::borrow::Cow;
use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};

/// How deep an answer may nest before it is refused: recursion must be bounded, and no SCIM message comes close.
pub const MAX_DEPTH: usize = 128;

/// How many members an object may have before it is refused: members are found by looking at each, so that more would take
/// a time that grows with their square, and no SCIM resource comes close.
pub const MAX_MEMBERS: usize = 1000;

/// A JSON value as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number's token, as written: `1`, `1.0` and `1E0` are different tokens.
    Number(Box<str>),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The members of a JSON object in their order; a name can occur more than once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub Vec<(String, Json)>);

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// Byte offset into the text.
    pub offset: usize,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in bytes, counted from 1.
    pub column: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}, column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for JsonError {}

impl Json {
    /// Reads a JSON text.
    ///
    /// # Errors
    /// The first place where the text is not JSON by RFC 8259, is not UTF-8, or nests deeper than [`MAX_DEPTH`].
    pub fn parse(text: &[u8]) -> Result<Self, JsonError> {
        parse::Parser::of(text).whole()
    }

    /// The word for this kind of value: `null`, `boolean`, `number`, `string`, `array` or `object`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The string, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(s) = self { Some(s) } else { None }
    }

    /// The boolean, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self { Some(*b) } else { None }
    }

    /// The integer, if this is a number that is one (`10`, also `1e1` or `10.0`).
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        let Self::Number(token) = self else { return None };
        token.parse::<i64>().ok().or_else(|| {
            let value: f64 = token.parse().ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "checked against the bounds and for a fraction")]
            let whole = (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64);
            whole
        })
    }

    /// The number as a double, if this is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Self::Number(token) = self { token.parse().ok() } else { None }
    }

    /// The elements, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Json]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The object, if this is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The object, if this is one, to change it.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// Member `name` of an object, its name compared without case as SCIM does (RFC 7643 section 2.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    /// Whether SCIM reads this as "no value": `null`, `[]` (RFC 7643 section 2.5).
    #[must_use]
    pub fn is_unassigned(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Array(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The value at a JSON pointer (RFC 6901); member names are compared without case. `""` is the whole value.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let mut here = self;
        for part in pointer.split('/').skip(1) {
            here = match here {
                Self::Object(object) => object.get(&unescape_pointer(part))?,
                Self::Array(items) => items.get(part.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// Appends the compact JSON text.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(token) => out.push_str(token),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(Object(members)) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The JSON text on several lines, two blanks a level, as people read it.
    #[must_use]
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write_pretty(0, &mut out);
        out
    }

    fn write_pretty(&self, level: usize, out: &mut String) {
        let line = |level: usize, out: &mut String| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", level));
        };
        match self {
            Self::Array(items) if !items.is_empty() => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    line(level + 1, out);
                    item.write_pretty(level + 1, out);
                }
                line(level, out);
                out.push(']');
            }
            Self::Object(Object(members)) if !members.is_empty() => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    line(level + 1, out);
                    write_string(name, out);
                    out.push_str(": ");
                    value.write_pretty(level + 1, out);
                }
                line(level, out);
                out.push('}');
            }
            other => other.write(out),
        }
    }
}

/// The compact JSON text.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

impl Object {
    /// The value of member `name`, compared without case; of several, the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().rev().find(|(n, _)| same_name(n, name)).map(|(_, v)| v)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.0.iter_mut().rev().find(|(n, _)| same_name(n, name)).map(|(_, v)| v)
    }

    /// Sets member `name`: in its place when it is there under any spelling, else at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes every member of that name out; the last one's value.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let mut removed = None;
        self.0.retain_mut(|(n, v)| {
            if n.eq_ignore_ascii_case(name) {
                removed = Some(std::mem::take(v));
                false
            } else {
                true
            }
        });
        removed
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v))
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names that occur more than once, compared without case, each once and as it was first written.
    #[must_use]
    pub fn duplicates(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for (i, (name, _)) in self.0.iter().enumerate() {
            let again = self.0[..i].iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
            if again && !found.iter().any(|n| n.eq_ignore_ascii_case(name)) {
                found.push(name);
            }
        }
        found
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<usize> for Json {
    fn from(value: usize) -> Self {
        Self::Number(value.to_string().into())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<T: IntoIterator<Item = (String, Json)>>(members: T) -> Self {
        Self(members.into_iter().collect())
    }
}

/// An object from members in their order.
#[must_use]
pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Order, duplicates and spelling survive; numbers become JSON numbers of the serializer.
impl serde::Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Number(token) => match token.parse::<i64>() {
                Ok(whole) if token.as_ref() != "-0" => serializer.serialize_i64(whole),
                _ => serializer.serialize_f64(token.parse().unwrap_or(f64::NAN)),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Self::Object(Object(members)) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A member name or array index as one part of a JSON pointer.
#[must_use]
pub fn pointer_part(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}

/// Whether two member or attribute names are one (RFC 7643 section 2.1: names are compared without case). Most names that are
/// compared differ in their length, and nearly all the others are spelt alike: this is many times as fast as
/// [`str::eq_ignore_ascii_case`] alone.
#[must_use]
#[inline]
pub fn same_name(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one == other || one.eq_ignore_ascii_case(other))
}

fn unescape_pointer(part: &str) -> Cow<'_, str> {
    if part.contains('~') { part.replace("~1", "/").replace("~0", "~").into() } else { part.into() }
}

/// Appends a JSON string: only what RFC 8259 section 7 demands is escaped.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (i, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[plain..i]);
        plain = i + 1;
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_duplicates_spelling_order_and_number_tokens() {
        let text = r#"{"b":1E2,"A":[1.0,12345678901234567890123],"a":"x\u00e9\n","Active":true,"active":false}"#;
        let value = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(value.to_string(), text.replace("\\u00e9", "é"));
        assert_eq!(value.as_object().unwrap().duplicates(), ["a", "active"]);
        assert_eq!(value.get("ACTIVE"), Some(&Json::Bool(false)));
    }

    #[test]
    fn is_shown_on_several_lines() {
        let json = Json::parse(br#"{"a":[1,{"b":"x"}],"c":{},"d":[],"e":null}"#).unwrap();
        insta::assert_snapshot!(json.pretty(), @r#"
        {
          "a": [
            1,
            {
              "b": "x"
            }
          ],
          "c": {},
          "d": [],
          "e": null
        }
        "#);
    }

    #[test]
    fn says_where_it_stops() {
        let error = Json::parse(b"{\n \"a\": tru }").unwrap_err();
        assert_eq!((error.line, error.column, error.offset), (2, 7, 8));
        for bad in ["", "\u{feff}{}", "{} x", "[1,]", "01", "1.", "\"\\ud800\"", "\"\x01\"", "{\"a\" 1}", "nul"] {
            assert!(Json::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(Json::parse(&b"[".repeat(MAX_DEPTH + 2)).unwrap_err().message.contains("128"));
        let members = |count: usize| format!("{{{}}}", vec!["\"m\":1"; count].join(","));
        assert!(Json::parse(members(MAX_MEMBERS).as_bytes()).is_ok());
        let error = Json::parse(members(MAX_MEMBERS + 1).as_bytes()).unwrap_err();
        assert!(error.message.contains(&MAX_MEMBERS.to_string()), "{error}");
        assert!(Json::parse(b"\"\xff\"").unwrap_err().message.contains("UTF-8"));
    }

    #[test]
    fn agrees_with_serde_json() {
        proptest::proptest!(|(text in "[\\[\\]{}:,\"\\\\a-c0-2eE.+\\- tnu]{0,24}")| {
            let ours = Json::parse(text.as_bytes());
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // A number that does not fit a double is JSON all the same.
            let too_large = theirs.as_ref().err().is_some_and(|e| e.to_string().contains("number out of range"));
            proptest::prop_assert!(too_large || ours.is_ok() == theirs.is_ok(), "{ours:?} {theirs:?}");
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                proptest::prop_assert_eq!(serde_json::to_value(&ours).unwrap(), theirs);
            }
        });
    }

    #[test]
    fn points_without_case() {
        let value = Json::parse(br#"{"Resources":[{"a/b":{"C":1}}]}"#).unwrap();
        assert_eq!(value.pointer("/resources/0/a~1b/c").and_then(Json::as_i64), Some(1));
        assert_eq!(value.pointer("/resources/1"), None);
        assert_eq!(value.pointer(""), Some(&value));
    }
}
