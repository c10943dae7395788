//! A text as the characters it means, with the place of each in the bytes that were sent: what is masked is replaced, and
//! every other byte stays.

use std::ops::Range;

/// One character, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) c: char,
    pub(super) raw: Range<usize>,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Coding {
    /// Inside of a JSON string.
    pub(super) json: bool,
    /// Percent-encoded; `+` is a blank.
    pub(super) percent: bool,
}

pub(super) const PLAIN: Coding = Coding { json: false, percent: false };
pub(super) const JSON: Coding = Coding { json: true, percent: false };
pub(super) const PERCENT: Coding = Coding { json: false, percent: true };

/// What is put in place of a part of the raw text.
pub(super) type Edit = (Range<usize>, String);

/// The characters of a text.
pub(super) fn units(raw: &str, coding: Coding) -> Vec<Unit> {
    let mut units: Vec<Unit> = raw.char_indices().map(|(at, c)| Unit { c, raw: at..at + c.len_utf8() }).collect();
    if coding.json && raw.contains('\\') {
        units = without_escapes(&units);
    }
    if coding.percent && raw.contains('%') {
        units = without_percent(&units);
    }
    units
}

fn joined(units: &[Unit], c: char) -> Unit {
    let begin = units.first().map_or(0, |unit| unit.raw.start);
    Unit { c, raw: begin..units.last().map_or(begin, |unit| unit.raw.end) }
}

fn hex(units: &[Unit]) -> Option<u32> {
    units.iter().try_fold(0, |number, unit| Some(number * 16 + unit.c.to_digit(16)?))
}

fn without_escapes(units: &[Unit]) -> Vec<Unit> {
    let mut out = Vec::with_capacity(units.len());
    let mut rest = units;
    while let [first, more @ ..] = rest {
        let escape = more.first().filter(|_| first.c == '\\').map(|unit| unit.c);
        let (c, length) = match escape {
            None => (first.c, 1),
            Some('n') => ('\n', 2),
            Some('t') => ('\t', 2),
            Some('r') => ('\r', 2),
            Some('b') => ('\u{8}', 2),
            Some('f') => ('\u{c}', 2),
            Some('u') => unicode(rest),
            Some(c) => (c, 2),
        };
        let length = length.min(rest.len());
        out.push(joined(&rest[..length], c));
        rest = &rest[length..];
    }
    out
}

/// `\uXXXX`, or two of them for one character.
fn unicode(units: &[Unit]) -> (char, usize) {
    let code = |from: usize| units.get(from..from + 4).and_then(hex);
    match (code(2), units.get(6..8), code(8)) {
        (Some(high @ 0xd800..0xdc00), Some([slash, u]), Some(low @ 0xdc00..0xe000))
            if slash.c == '\\' && u.c == 'u' =>
        {
            let both = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(both).unwrap_or('\u{fffd}'), 12)
        }
        (Some(code), _, _) => (char::from_u32(code).unwrap_or('\u{fffd}'), 6),
        _ => ('u', 2),
    }
}

fn without_percent(units: &[Unit]) -> Vec<Unit> {
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let mut bytes = Vec::new();
        while let Some(byte) = encoded(&units[at + 3 * bytes.len()..]) {
            bytes.push(byte);
        }
        if bytes.is_empty() {
            out.push(units[at].clone());
            at += 1;
            continue;
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (c, length) = first_char(rest);
            out.push(joined(&units[at..at + 3 * length], c));
            at += 3 * length;
            rest = &rest[length..];
        }
    }
    out
}

fn encoded(units: &[Unit]) -> Option<u8> {
    let [percent, high, low, ..] = units else { return None };
    let code = hex(&[high.clone(), low.clone()]).filter(|_| percent.c == '%')?;
    u8::try_from(code).ok()
}

/// The first character of bytes; what is not UTF-8 is read as ISO 8859-1.
fn first_char(bytes: &[u8]) -> (char, usize) {
    let valid = (1..=bytes.len().min(4)).find_map(|length| Some((std::str::from_utf8(&bytes[..length]).ok()?, length)));
    match valid.and_then(|(text, length)| Some((text.chars().next()?, length))) {
        Some(found) => found,
        None => (char::from(bytes[0]), 1),
    }
}

/// The raw text with its edits, written in the coding of the rest.
pub(super) fn edited(raw: &str, coding: Coding, edits: &[Edit]) -> String {
    let lower_hex = coding.percent && raw.as_bytes().windows(3).any(is_lower_hex);
    let ascii = coding.json && raw.contains("\\u");
    let mut out = String::with_capacity(raw.len() + 16);
    let mut from = 0;
    for (range, text) in edits {
        out.push_str(&raw[from..range.start]);
        for c in text.chars() {
            write(c, coding, lower_hex, ascii, &mut out);
        }
        from = range.end;
    }
    out.push_str(&raw[from..]);
    out
}

fn is_lower_hex(three: &[u8]) -> bool {
    three[0] == b'%' && three[1..].iter().all(u8::is_ascii_hexdigit) && three[1..].iter().any(u8::is_ascii_lowercase)
}

fn write(c: char, coding: Coding, lower_hex: bool, ascii: bool, out: &mut String) {
    if coding.percent && !(c.is_ascii_alphanumeric() || "-._~[]".contains(c)) {
        let mut buffer = [0; 4];
        for byte in c.encode_utf8(&mut buffer).bytes() {
            out.push_str(&if lower_hex { format!("%{byte:02x}") } else { format!("%{byte:02X}") });
        }
    } else if coding.json && (c == '"' || c == '\\') {
        out.push('\\');
        out.push(c);
    } else if coding.json && (c.is_control() || ascii && !c.is_ascii()) {
        let mut buffer = [0; 2];
        for code in c.encode_utf16(&mut buffer) {
            out.push_str(&format!("\\u{code:04x}"));
        }
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(raw: &str, coding: Coding) -> String {
        units(raw, coding).iter().map(|unit| unit.c).collect()
    }

    #[test]
    fn texts_are_what_they_mean() {
        assert_eq!(chars(r#"a\"b\\\u00e9\ud83d\ude00\/"#, JSON), "a\"b\\é😀/");
        assert_eq!(chars("a%40b%C3%A9%e9+%zz%", PERCENT), "a@béé+%zz%");
        assert_eq!(chars(r"ada%40x\u002fy", Coding { json: true, percent: true }), "ada@x/y");
    }

    #[test]
    fn edits_are_written_like_the_rest() {
        let raw = "a%3ab%c3%a9";
        let units = units(raw, PERCENT);
        let last = units.last().unwrap().raw.clone();
        assert_eq!(edited(raw, PERCENT, &[(last, "ü".to_owned())]), "a%3ab%c3%bc");
        assert_eq!(edited("\\u00e9x", JSON, &[(0..6, "ü\"".to_owned())]), "\\u00fc\\\"x");
    }
}
