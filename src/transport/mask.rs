//! Finds credentials in what was said, and writes the placeholder in their place.

use memchr::memmem::Finder;

use crate::exchange::Payload;
use crate::exchange::secret::{PLACEHOLDER, Secret};
use crate::scim::json::Json;

/// Shorter credentials are masked where they stand as such, but not looked for elsewhere: they would be found in
/// every other word.
const MIN_LENGTH: usize = 4;

/// The credentials of a run, in every spelling in which a server may echo them.
#[derive(Debug, Default)]
pub struct Mask {
    /// Longest first, so that no credential hides the rest of a longer one.
    needles: Vec<Finder<'static>>,
}

impl Mask {
    /// Adds credentials; those that were added before stay, because an old token may still be echoed.
    pub fn add(&mut self, secrets: &[Secret]) {
        for secret in secrets {
            for spelling in spellings(secret.expose()) {
                if spelling.len() >= MIN_LENGTH && !self.needles.iter().any(|n| n.needle() == spelling.as_bytes()) {
                    self.needles.push(Finder::new(spelling.as_bytes()).into_owned());
                }
            }
        }
        self.needles.sort_by_key(|needle| std::cmp::Reverse(needle.needle().len()));
    }

    /// Masks a text.
    pub fn text(&self, text: &mut String) {
        for needle in &self.needles {
            let mut from = 0;
            while let Some(found) = needle.find(&text.as_bytes()[from..]) {
                let at = from + found;
                text.replace_range(at..at + needle.needle().len(), PLACEHOLDER);
                from = at + PLACEHOLDER.len();
            }
        }
    }

    /// Masks the body of a request, which stays as it was read when there is nothing to mask.
    pub fn payload(&self, payload: Payload) -> Payload {
        if !self.is_in(&payload) {
            return payload;
        }
        let mut body = payload.into_bytes();
        self.body(&mut body);
        body.into()
    }

    fn is_in(&self, body: &[u8]) -> bool {
        self.needles.iter().any(|needle| needle.find(body).is_some())
    }

    /// Masks a body. JSON stays JSON: a number that is a credential becomes ones.
    pub fn body(&self, body: &mut Vec<u8>) {
        if !self.is_in(body) {
            return;
        }
        let is_json = Json::parse(body).is_ok();
        for needle in &self.needles {
            let length = needle.needle().len();
            let mut from = 0;
            while let Some(found) = needle.find(&body[from..]) {
                let at = from + found;
                if is_json && !is_in_string(body, at) {
                    from = at + length;
                    body[at..from].iter_mut().filter(|b| b.is_ascii_digit()).for_each(|digit| *digit = b'1');
                } else {
                    body.splice(at..at + length, PLACEHOLDER.bytes());
                    from = at + PLACEHOLDER.len();
                }
            }
        }
    }
}

/// About `length` characters of a text, cut at a blank: half a credential would not be found.
pub(super) fn beginning(text: &str, length: usize) -> &str {
    let Some((least, _)) = text.char_indices().nth(length) else { return text };
    text[least..].find(char::is_whitespace).map_or(text, |more| &text[..least + more])
}

/// The credential itself, in JSON strings (with and without the slash escaped), and in a URL.
fn spellings(secret: &str) -> [String; 5] {
    let json = secret.replace('\\', "\\\\").replace('"', "\\\"");
    let slashed = json.replace('/', "\\/");
    let percent = |code: fn(u8) -> String| {
        let byte = |b: u8| if is_unreserved(b) { char::from(b).to_string() } else { code(b) };
        secret.bytes().map(byte).collect::<String>()
    };
    [secret.to_owned(), json, slashed, percent(|b| format!("%{b:02X}")), percent(|b| format!("%{b:02x}"))]
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether byte `at` of a JSON text is within a string.
fn is_in_string(json: &[u8], at: usize) -> bool {
    let mut inside = false;
    let mut escaped = false;
    for byte in &json[..at] {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        let mut mask = Mask::default();
        mask.add(&secrets.iter().map(|s| Secret::new((*s).to_owned())).collect::<Vec<_>>());
        mask
    }

    fn masked(secrets: &[&str], body: &str) -> String {
        let mut body = body.as_bytes().to_vec();
        mask(secrets).body(&mut body);
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn every_spelling_is_found() {
        let secret = "ab/c\"d+e";
        assert_eq!(masked(&[secret], r#"{"x":"ab/c\"d+e","y":"ab\/c\"d+e"}"#), r#"{"x":"[secret]","y":"[secret]"}"#);
        let mut text = "see ?token=ab%2Fc%22d%2Be&x=ab%2fc%22d%2be and ab/c\"d+e!".to_owned();
        mask(&[secret]).text(&mut text);
        assert_eq!(text, "see ?token=[secret]&x=[secret] and [secret]!");
    }

    #[test]
    fn the_longer_credential_goes_first() {
        assert_eq!(masked(&["pass", "user:pass"], "user:pass pass"), "[secret] [secret]");
    }

    #[test]
    fn json_stays_json() {
        let body = masked(&["12345678"], r#"{"n":12345678,"s":"\"12345678\"","t":[912345678]}"#);
        assert_eq!(body, r#"{"n":11111111,"s":"\"[secret]\"","t":[911111111]}"#);
        assert!(Json::parse(body.as_bytes()).is_ok());
        assert_eq!(masked(&["true"], r#"{"active":true}"#), r#"{"active":true}"#);
        assert_eq!(masked(&["12345678"], "it is 12345678"), "it is [secret]");
    }

    #[test]
    fn short_credentials_do_not_wipe_out_everything() {
        assert_eq!(masked(&["a", ""], "a banana"), "a banana");
    }

    #[test]
    fn a_credential_that_occurs_in_the_placeholder_ends() {
        let mut text = "secret".to_owned();
        mask(&["secret"]).text(&mut text);
        assert_eq!(text, "[secret]");
    }
}
