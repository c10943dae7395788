//! Single values and the data types of RFC 7643 section 2.3.

use crate::scim::date_time;
use crate::scim::json::Json;

use super::Type;

impl Type {
    /// What a value of this type is, for people: `a boolean`.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::String | Self::Reference => "a string",
            Self::Boolean => "a boolean",
            Self::Decimal => "a number",
            Self::Integer => "an integer",
            Self::DateTime => "a string that is a dateTime of XML Schema",
            Self::Binary => "a string in base64",
            Self::Complex => "an object",
        }
    }

    /// Whether a value, one element of a multi-valued attribute, has this type; an object is not looked into.
    #[must_use]
    pub fn fits(self, value: &Json) -> bool {
        match (self, value) {
            (Self::String | Self::Reference, Json::String(_))
            | (Self::Boolean, Json::Bool(_))
            | (Self::Decimal, Json::Number(_))
            | (Self::Complex, Json::Object(_)) => true,
            (Self::Integer, Json::Number(token)) => is_integer(token),
            (Self::DateTime, Json::String(text)) => date_time::is_valid(text),
            (Self::Binary, Json::String(text)) => is_base64(text),
            _ => false,
        }
    }
}

/// An integer has neither fraction nor exponent (RFC 7643 section 2.3.4): `1.0` is none.
pub(super) fn is_integer(token: &str) -> bool {
    !token.contains(['.', 'e', 'E'])
}

/// RFC 4648 sections 4 and 5; RFC 7643 section 2.3.6 lets attributes choose base64url and padding be left out.
pub(super) fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let alphabet = |extra: [u8; 2]| digits.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b));
    let whole = match digits.len() % 4 {
        0 => padding == 0,
        2 => padding == 0 || padding == 2,
        3 => padding <= 1,
        _ => false,
    };
    whole && (alphabet(*b"+/") || alphabet(*b"-_"))
}

/// A value for people: `the string "True"`, `the number 1.0`, `an array of 2`. A long string is cut.
#[must_use]
pub fn in_words(value: &Json) -> String {
    const LONGEST: usize = 60;
    match value {
        Json::Null | Json::Bool(_) => value.to_string(),
        Json::Number(token) => format!("the number {token}"),
        Json::String(text) if text.is_empty() => "an empty string".to_owned(),
        Json::String(text) if text.chars().count() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            format!("the string {} (cut)", Json::from(start))
        }
        Json::String(_) => format!("the string {value}"),
        Json::Array(items) if items.is_empty() => "an empty array".to_owned(),
        Json::Array(items) => format!("an array of {}", items.len()),
        Json::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_takes_its_own_values_and_no_other() {
        let types = [
            (Type::String, r#"["", "True", "2008-01-23"]"#, r"[true, 1, null, [], {}]"),
            (Type::Reference, r#"["https://example.com/", "../Users/1", "urn:x"]"#, r"[1, {}]"),
            (Type::Boolean, r"[true, false]", r#"["true", "True", "", 0, 1, null]"#),
            (Type::Decimal, r"[0, -1.5, 1E400, 12345678901234567890]", r#"["1", null, true]"#),
            (Type::Integer, r"[0, -1, 12345678901234567890123]", r#"[1.0, 1e2, 1E2, 0.5, "1"]"#),
            (Type::DateTime, r#"["2008-01-23T04:56:22Z", "2008-01-23T04:56:22"]"#, r#"["2008-01-23", "now", "", 1]"#),
            (
                Type::Binary,
                r#"["", "QQ==", "QQ", "QUI=", "-_-_", "+/+/"]"#,
                r#"["Q", "QQ=", "QUI==", "Q Q=", "+_+_", "====", 1]"#,
            ),
            (Type::Complex, r#"[{}, {"a": 1}]"#, r#"["", [], null]"#),
        ];
        for (kind, good, bad) in types {
            for (values, fits) in [(good, true), (bad, false)] {
                for value in Json::parse(values.as_bytes()).unwrap().as_array().unwrap() {
                    assert_eq!(kind.fits(value), fits, "{kind:?} {value}");
                }
            }
        }
    }

    #[test]
    fn tells_values_to_people() {
        let tell = |text: &str| in_words(&Json::parse(text.as_bytes()).unwrap());
        assert_eq!(tell(r#""Fal\"se""#), r#"the string "Fal\"se""#);
        assert_eq!(tell("1.0"), "the number 1.0");
        assert_eq!(tell("null"), "null");
        assert_eq!(tell("[1,2]"), "an array of 2");
        assert_eq!(tell(&format!("\"{}\"", "é".repeat(61))), format!("the string \"{}\" (cut)", "é".repeat(60)));
    }
}
