//! Strangers: people who were in the directory before the run are not ours. What an answer says of them is masked before
//! anything keeps it.
//!
//! A mask keeps what judging needs: the JSON type, the form (letters stay letters, digits digits, signs stay), the
//! length, and equality with and without case. The same value gets the same mask in a whole run.

use sha2::{Digest, Sha256};

use super::{Exchange, Received, Sent};
use crate::scim::json::{Json, Object};

/// Masks with a key of the run, so that masks of different runs cannot be compared.
#[derive(Clone, Debug)]
pub struct Mask {
    key: [u8; 32],
}

/// Members whose text says nothing of a person.
const FORMAL: [&str; 6] = ["schemas", "resourceType", "created", "lastModified", "type", "$schema"];

impl Mask {
    /// A mask for a run.
    #[must_use]
    pub fn new(run: &str) -> Self {
        Self { key: Sha256::digest(run).into() }
    }

    /// Masks every resource in an exchange whose id is not `own`; gives the answer as it came when it was changed. Discovery
    /// documents are nobody's.
    pub fn exchange(&self, exchange: &mut Exchange, own: &dyn Fn(&str) -> bool) -> Option<Received> {
        let first = exchange.sent.path().trim_matches('/').split('/').next().unwrap_or_default();
        if matches!(first, "ServiceProviderConfig" | "ResourceTypes" | "Schemas") {
            return None;
        }
        let lists = is_list(&exchange.sent);
        let came = match &mut exchange.got {
            Ok(received) => self.answer(received, lists, own),
            Err(_) => None,
        };
        if let Some(id) = stranger_in_path(exchange.sent.path(), own) {
            self.id(exchange, &id);
            // Who writes back what was read tells all of it.
            let echo = exchange.sent.json().filter(|_| exchange.sent.method == "PUT");
            if let Some(Json::Object(mut echo)) = echo.cloned() {
                self.object(&mut echo);
                exchange.sent.body = Some(Json::Object(echo).to_string().into_bytes().into());
            }
        }
        came
    }

    /// Masks the id of a stranger wherever a request or a failure names it.
    pub fn id(&self, exchange: &mut Exchange, id: &str) {
        let mask = self.text(id);
        let Sent { target, resource, body, .. } = &mut exchange.sent;
        if names(resource, id) {
            *resource = renamed(resource, id, &mask).into();
        }
        for text in std::iter::once(target).chain(exchange.got.as_mut().err().map(|failure| &mut failure.detail)) {
            if names(text, id) {
                *text = renamed(text, id, &mask);
            }
        }
        if let Some(text) = body.as_ref().and_then(|body| std::str::from_utf8(body).ok()).filter(|text| names(text, id))
        {
            *body = Some(renamed(text, id, &mask).into_bytes().into());
        }
    }

    /// The answer as it came, when something in it is masked.
    fn answer(&self, received: &mut Received, lists: bool, own: &dyn Fn(&str) -> bool) -> Option<Received> {
        let mut strangers = Vec::new();
        let body = match received.json() {
            // Nearly every answer: then nothing need be copied.
            Some(json) if names_own(json, lists, own) => None,
            Some(json) => {
                let mut copy = json.clone();
                let masked = match copy.as_object_mut().and_then(|object| object.get_mut("Resources")) {
                    Some(resources) if !lists => self.list(resources, own, &mut strangers),
                    _ if lists => self.list(&mut copy, own, &mut strangers),
                    _ => self.resource(&mut copy, own, &mut strangers),
                };
                masked.then(|| copy.to_string().into_bytes())
            }
            // A list that cannot be read may name anybody.
            None if lists && (200..300).contains(&received.status) && !received.body.is_empty() => {
                Some(self.unreadable(&String::from_utf8_lossy(&received.body)).into_bytes())
            }
            None => None,
        };
        let body = body?;
        let headers = received.headers.iter().map(|(n, v)| (n.clone(), self.ids(v, &strangers))).collect();
        let masked = Received::new(received.status, received.reason.clone(), headers, body, received.oddities.clone());
        Some(std::mem::replace(received, masked))
    }

    /// The resources of a list, whatever its envelope looks like.
    fn list(&self, json: &mut Json, own: &dyn Fn(&str) -> bool, strangers: &mut Vec<String>) -> bool {
        match json {
            Json::Array(items) => items.iter_mut().fold(false, |any, item| {
                let anonymous = matches!(item, Json::Object(object) if object.get("id").is_none());
                if let (Json::Object(object), true) = (&mut *item, anonymous) {
                    self.object(object);
                }
                anonymous || self.resource(item, own, strangers) || any
            }),
            Json::Object(object) if object.get("id").is_some() => self.resource(json, own, strangers),
            Json::Object(object) => {
                let members = object.0.iter_mut().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas"));
                members.fold(false, |any, (_, value)| self.list(value, own, strangers) || any)
            }
            _ => false,
        }
    }

    /// A text that should have been a list: what stands in quotes and is no name of a member; or, in a page, what stands
    /// between tags.
    fn unreadable(&self, text: &str) -> String {
        let page = text.trim_start().starts_with('<');
        let (open, close) = if page { ('>', '<') } else { ('"', '"') };
        let mut out = String::new();
        let mut rest = text;
        while let Some(begin) = rest.find(open) {
            let (head, tail) = rest.split_at(begin + 1);
            let end = tail.find(close).unwrap_or(tail.len());
            out.push_str(head);
            let (inside, behind) = tail.split_at(end);
            let name = !page && behind.get(1..).is_some_and(|behind| behind.trim_start().starts_with(':'));
            out.push_str(&if name || inside.starts_with("urn:") { inside.to_owned() } else { self.text(inside) });
            // A closing quote is not the next opening one.
            let step = if page { 0 } else { behind.len().min(1) };
            out.push_str(&behind[..step]);
            rest = &behind[step..];
        }
        out + rest
    }

    fn resource(&self, json: &mut Json, own: &dyn Fn(&str) -> bool, strangers: &mut Vec<String>) -> bool {
        let id = match json.get("id") {
            Some(Json::String(id)) => id.clone(),
            Some(Json::Number(id)) => id.to_string(),
            _ => return false,
        };
        if own(&id) {
            return false;
        }
        strangers.push(id);
        if let Json::Object(object) = json {
            self.object(object);
        }
        true
    }

    fn object(&self, object: &mut Object) {
        for (name, value) in &mut object.0 {
            if !FORMAL.iter().any(|formal| formal.eq_ignore_ascii_case(name)) {
                self.json(value);
            }
        }
    }

    /// Masks a value that was read of a stranger.
    pub fn json(&self, value: &mut Json) {
        match value {
            Json::String(text) if !text.starts_with("urn:") => *text = self.text(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Json::Object(object) => self.object(object),
            _ => {}
        }
    }

    fn ids(&self, text: &str, strangers: &[String]) -> String {
        strangers
            .iter()
            .filter(|id| !id.is_empty())
            .fold(text.to_owned(), |text, id| renamed(&text, id, &self.text(id)))
    }

    /// The mask of one text. Addresses are masked part by part, so that an id at their end stays equal to the id.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        match text.split_once("://") {
            Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                let mut parts = rest.split('/');
                let host = parts.next().unwrap_or_default();
                let path: Vec<String> = parts.map(|part| self.part(part)).collect();
                let slash = if path.is_empty() { "" } else { "/" };
                format!("{scheme}://{host}{slash}{}", path.join("/"))
            }
            _ => self.part(text),
        }
    }

    fn part(&self, text: &str) -> String {
        // Names of endpoints stay readable; they are nobody's name.
        if matches!(text, "Users" | "Groups" | "scim" | "v2" | "api") || text.is_empty() {
            return text.to_owned();
        }
        let digest = Sha256::new_with_prefix(self.key).chain_update(text.to_lowercase()).finalize();
        let masked = |shift: u16| {
            let bytes = digest.iter().map(|byte| u16::from(*byte) + shift).cycle();
            let mask = |(c, byte): (char, u16)| {
                let turned = |first: u8, range: u16| char::from(first + u8::try_from(byte % range).unwrap_or(0));
                match c {
                    '0'..='9' => turned(b'0', 10),
                    'a'..='f' => turned(b'a', 6),
                    'A'..='F' => turned(b'A', 6),
                    c if c.is_lowercase() => turned(b'a', 26),
                    c if c.is_uppercase() => turned(b'A', 26),
                    c if c.is_alphanumeric() => 'x',
                    c => c,
                }
            };
            text.chars().zip(bytes).map(mask).collect::<String>()
        };
        // Of a few letters the mask can be these letters.
        Some(masked(0)).filter(|masked| masked != text).unwrap_or_else(|| masked(1))
    }
}

/// Whether an answer is plainly about the run's own resources: one of them, or a list of nothing else.
fn names_own(json: &Json, lists: bool, own: &dyn Fn(&str) -> bool) -> bool {
    let is_own = |json: &Json| json.get("id").and_then(Json::as_str).is_some_and(own);
    match (json, lists) {
        (Json::Object(envelope), true) => envelope.iter().all(|(name, value)| match value {
            Json::Array(items) if name.eq_ignore_ascii_case("Resources") => items.iter().all(is_own),
            Json::Array(_) => name.eq_ignore_ascii_case("schemas"),
            Json::Object(_) => false,
            _ => !name.eq_ignore_ascii_case("id"),
        }),
        (Json::Object(resource), false) => is_own(json) && resource.get("Resources").is_none(),
        _ => false,
    }
}

/// Where a text names an id: as a quoted string, or as the part of a path. An id can be as short as `1`.
fn places<'t>(text: &'t str, id: &'t str) -> impl Iterator<Item = usize> + 't {
    let begins = |before: &str| before.is_empty() || ["\"", "%22", "/"].iter().any(|mark| before.ends_with(mark));
    let ends = |behind: &str| {
        behind.is_empty() || ["\"", "\\\"", "%22", "/", "?", " "].iter().any(|mark| behind.starts_with(mark))
    };
    let all = text.match_indices(id).map(|(at, _)| at);
    all.filter(move |at| !id.is_empty() && begins(&text[..*at]) && ends(&text[at + id.len()..]))
}

/// Whether a text names this id.
#[must_use]
pub fn names(text: &str, id: &str) -> bool {
    places(text, id).next().is_some()
}

fn renamed(text: &str, id: &str, with: &str) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for at in places(text, id) {
        out.push_str(&text[from..at]);
        out.push_str(with);
        from = at + id.len();
    }
    out + &text[from..]
}

/// Whether a request asks for everybody: a collection, or a search.
fn is_list(sent: &Sent) -> bool {
    let mut parts = sent.path().split('/').filter(|part| !part.is_empty());
    let last = parts.next_back().unwrap_or_default();
    last == ".search" || sent.method == "GET" && parts.next().is_none()
}

fn stranger_in_path(path: &str, own: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut parts = path.trim_matches('/').split('/').filter(|part| !part.is_empty());
    let (endpoint, id) = (parts.next()?, parts.next()?);
    let resource = !matches!(endpoint, "ServiceProviderConfig" | "ResourceTypes" | "Schemas") && id != ".search";
    (resource && !own(id)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_form_and_equality() {
        let mask = Mask::new("run");
        let email = mask.text("Ada.Byron@corp.example.com");
        assert_ne!(email, "Ada.Byron@corp.example.com");
        assert_eq!(email.len(), 26);
        assert_eq!((&email[3..4], &email[9..10], &email[14..15]), (".", "@", "."));
        assert_eq!(email.to_lowercase(), mask.text("ada.byron@corp.example.com"));
        assert_ne!(email, Mask::new("other").text("Ada.Byron@corp.example.com"));
        let location = mask.text("https://scim.example.com/scim/v2/Users/0d9a-42");
        assert_eq!(location, format!("https://scim.example.com/scim/v2/Users/{}", mask.text("0d9a-42")));
    }

    #[test]
    fn lists_that_cannot_be_read_are_masked_where_they_name_somebody() {
        let mask = Mask::new("run");
        let broken = mask.unreadable(r#"{"Resources":[,{"userName" : "ada@corp","active":true}]}"#);
        assert!(
            broken.starts_with(r#"{"Resources":[,{"userName" : ""#) && broken.ends_with(r#"","active":true}]}"#),
            "{broken}"
        );
        assert!(!broken.contains("ada"), "{broken}");
        let page = mask.unreadable("<html><b class=\"x\">Ada</b> Byron</html>");
        assert!(
            page.starts_with("<html><b class=\"x\">") && !page.contains("Ada") && !page.contains("Byron"),
            "{page}"
        );
    }

    #[test]
    fn short_ids_are_found_where_they_are_ids() {
        let text = r#"/Users/1?startIndex=1&filter=id eq "1" and members eq %221%22"#;
        assert_eq!(renamed(text, "1", "7"), r#"/Users/7?startIndex=1&filter=id eq "7" and members eq %227%22"#);
        assert!(
            names(r#"{"value":"1"}"#, "1")
                && names("PUT /Users/1 was not sent", "1")
                && !names(r#"{"n":1,"v":"12"}"#, "1")
        );
    }

    /// What is passed over unread holds nothing that would be masked.
    #[test]
    fn what_is_plainly_own_is_not_masked_and_nothing_else_is_passed_over() {
        let own = |id: &str| id == "own";
        let cases = [
            (r#"{"id":"own","userName":"us"}"#, false, true),
            (r#"{"id":"7","userName":"Bo"}"#, false, false),
            (r#"{"detail":"Bo has that name"}"#, false, false),
            (r#"{"schemas":["urn:x"],"totalResults":1,"Resources":[{"id":"own"}]}"#, true, true),
            (r#"{"totalResults":0}"#, true, true),
            (r#"{"Resources":[{"id":"own"},{"id":"7","userName":"Bo"}]}"#, true, false),
            (r#"{"Resources":[{"userName":"Bo"}]}"#, true, false),
            (r#"{"data":{"Resources":[{"id":"7","userName":"Bo"}]}}"#, true, false),
            (r#"{"users":[{"id":"7","userName":"Bo"}]}"#, true, false),
            (r#"{"id":"7","userName":"Bo"}"#, true, false),
            (r#"[{"id":"7","userName":"Bo"}]"#, true, false),
            (r#"{"id":"own","Resources":[{"id":"7","userName":"Bo"}]}"#, false, false),
        ];
        for (text, lists, plainly) in cases {
            let mut json = Json::parse(text.as_bytes()).unwrap();
            assert_eq!(names_own(&json, lists, &own), plainly, "{text}");
            let changed = if lists {
                Mask::new("run").list(&mut json, &own, &mut Vec::new())
            } else {
                Mask::new("run").resource(&mut json, &own, &mut Vec::new())
            };
            assert!(!(plainly && changed), "{text}");
        }
    }

    #[test]
    fn nothing_is_its_own_mask() {
        let mask = Mask::new("run");
        for (first, range) in [(b'a', 26), (b'A', 26), (b'0', 10)] {
            let letters = || (0..range).map(move |n| char::from(first + n));
            for text in letters()
                .map(String::from)
                .chain(letters().flat_map(|a| letters().map(move |b| [a, b].iter().collect())))
            {
                let masked = mask.text(&text);
                assert_ne!(masked, text);
                assert_eq!(masked.to_lowercase(), mask.text(&text.to_lowercase()), "{text}");
            }
        }
    }

    fn quoted(text: &str) -> String {
        let mut out = String::new();
        crate::scim::json::write_string(text, &mut out);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Whatever a stranger is called, and wherever an answer says it: in a list or alone, at any depth, in a header.
        #[test]
        fn no_stranger_is_kept(
            values in proptest::collection::vec("[A-Za-zéЖ][A-Za-z0-9éЖ .@'\\\\\"-]{5,20}", 4),
            id in "[a-z0-9-]{6,12}|[A-Za-z]{6,9}",
            listed in any::<bool>(),
            ours_first in any::<bool>(),
        ) {
            prop_assume!(id != "own-id");
            let [name, mail, nested, deep] = [0, 1, 2, 3].map(|index| quoted(&values[index]));
            let stranger = format!(
                r#"{{"schemas":["urn:x"],"id":"{id}","userName":{name},"emails":[{{"type":"work","value":{mail}}}],
                "name":{{"familyName":{nested}}},"urn:example:1":{{"a":[{{"b":{deep}}}]}},"active":true,
                "meta":{{"location":"https://scim.example.com/v2/Users/{id}"}}}}"#
            );
            let ours = r#"{"schemas":["urn:x"],"id":"own-id","userName":"us"}"#;
            let (first, second) = if ours_first { (ours, stranger.as_str()) } else { (stranger.as_str(), ours) };
            let (path, body) = if listed {
                ("/Users".to_owned(), format!(r#"{{"totalResults":2,"Resources":[{first},{second}]}}"#))
            } else {
                (format!("/Users/{id}"), stranger)
            };
            let location = format!("https://scim.example.com/v2/Users/{id}");
            let mut masked = exchange(&path, &body, vec![("Content-Location".to_owned(), location)]);
            let came = Mask::new("run").exchange(&mut masked, &|id| id == "own-id");
            prop_assert!(came.is_some_and(|came| came.body == body.as_bytes()));
            let Received { headers, body, .. } = masked.got.unwrap();
            let json = Json::parse(&body).unwrap();
            let text = format!("{}\n{}\n{headers:?}\n{json:?}", masked.sent.target, masked.sent.resource);
            for value in values.iter().chain([&id]) {
                prop_assert!(!text.contains(&format!("{value:?}")) && !text.contains(&format!("/{value}")), "{value}: {text}");
            }
            prop_assert!(!listed || text.contains("own-id") && text.contains("\"us\""), "{text}");
        }
    }

    fn exchange(path: &str, body: &str, headers: Vec<(String, String)>) -> Exchange {
        use crate::exchange::{Origin, Place};
        Exchange {
            seq: 1,
            place: Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() },
            origin: Origin::Client,
            at: jiff::Timestamp::UNIX_EPOCH,
            took: std::time::Duration::ZERO,
            sent: Sent {
                method: "GET".to_owned(),
                target: format!("/v2{path}"),
                resource: path.into(),
                headers: Vec::new(),
                body: None,
            },
            got: Ok(Received::new(200, "OK".to_owned(), headers, body.as_bytes().to_vec(), Vec::new())),
        }
    }

    #[test]
    fn masks_strangers_and_leaves_our_own() {
        let mask = Mask::new("run");
        let mut json = Json::parse(
            br#"{"Resources":[{"schemas":["urn:x"],"id":"own","userName":"us"},
            {"schemas":["urn:x"],"id":"7","userName":"Bo","active":true,"meta":{"resourceType":"User"}}]}"#,
        )
        .unwrap();
        let mut strangers = Vec::new();
        assert!(mask.list(&mut json, &|id| id == "own", &mut strangers));
        assert_eq!(strangers, ["7"]);
        assert_eq!(json.pointer("/Resources/0/userName").and_then(Json::as_str), Some("us"));
        assert_ne!(json.pointer("/Resources/1/userName").and_then(Json::as_str), Some("Bo"));
        assert_eq!(json.pointer("/Resources/1/meta/resourceType").and_then(Json::as_str), Some("User"));
        assert_eq!(json.pointer("/Resources/1/active"), Some(&Json::Bool(true)));
    }
}
