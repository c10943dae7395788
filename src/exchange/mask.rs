//! Strangers: people who were in the directory before the run are not ours. What an answer says of them is masked before
//! anything keeps it.
//!
//! A mask keeps what judging needs: the JSON type, the form (letters stay letters, digits digits, signs stay), the
//! length, and equality with and without case. The same value gets the same mask in a whole run.

use sha2::{Digest, Sha256};

use super::{Exchange, Received};
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

    /// The exchange with every resource masked whose id is not `own`. Discovery documents are nobody's.
    #[must_use]
    pub fn exchange(&self, mut exchange: Exchange, own: &dyn Fn(&str) -> bool) -> Exchange {
        let first = exchange.sent.path().trim_matches('/').split('/').next().unwrap_or_default();
        if matches!(first, "ServiceProviderConfig" | "ResourceTypes" | "Schemas") {
            return exchange;
        }
        let Ok(received) = &mut exchange.got else { return exchange };
        let mut strangers = Vec::new();
        let masked = received.json().and_then(|json| {
            let mut copy = json.clone();
            self.resources(&mut copy, own, &mut strangers).then_some(copy)
        });
        if let Some(masked) = masked {
            let headers = received.headers.iter().map(|(n, v)| (n.clone(), self.ids(v, &strangers))).collect();
            let body = masked.to_string().into_bytes();
            *received =
                Received::new(received.status, received.reason.clone(), headers, body, received.oddities.clone());
        }
        if let Some(id) = stranger_in_path(exchange.sent.path(), own) {
            let mask = self.text(&id);
            exchange.sent.target = exchange.sent.target.replace(&id, &mask);
            exchange.sent.resource = exchange.sent.resource.replace(&id, &mask);
        }
        exchange
    }

    fn resources(&self, json: &mut Json, own: &dyn Fn(&str) -> bool, strangers: &mut Vec<String>) -> bool {
        let Json::Object(object) = json else { return false };
        let list = object.0.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("Resources"));
        if let Some((_, Json::Array(items))) = list {
            return items.iter_mut().fold(false, |any, item| self.resource(item, own, strangers) || any);
        }
        self.resource(json, own, strangers)
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
                self.value(value);
            }
        }
    }

    fn value(&self, value: &mut Json) {
        match value {
            Json::String(text) if !text.starts_with("urn:") => *text = self.text(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Json::Object(object) => self.object(object),
            _ => {}
        }
    }

    fn ids(&self, text: &str, strangers: &[String]) -> String {
        strangers.iter().filter(|id| !id.is_empty()).fold(text.to_owned(), |text, id| text.replace(id, &self.text(id)))
    }

    /// The mask of one text. Addresses are masked part by part, so that an id at their end stays equal to the id.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        match text.split_once("://") {
            Some((scheme, rest)) => {
                let mut parts = rest.split('/');
                let host = parts.next().unwrap_or_default();
                let path: String = parts.map(|part| format!("/{}", self.part(part))).collect();
                format!("{scheme}://{host}{path}")
            }
            None => self.part(text),
        }
    }

    fn part(&self, text: &str) -> String {
        // Names of endpoints stay readable; they are nobody's name.
        if matches!(text, "Users" | "Groups" | "scim" | "v2" | "api") || text.is_empty() {
            return text.to_owned();
        }
        let digest = Sha256::new_with_prefix(self.key).chain_update(text.to_lowercase()).finalize();
        let mut bytes = digest.iter().copied().cycle();
        text.chars()
            .map(|c| {
                let byte = bytes.next().unwrap_or(0);
                match c {
                    '0'..='9' => char::from(b'0' + byte % 10),
                    'a'..='f' => char::from(b'a' + byte % 6),
                    'A'..='F' => char::from(b'A' + byte % 6),
                    c if c.is_lowercase() => char::from(b'a' + byte % 26),
                    c if c.is_uppercase() => char::from(b'A' + byte % 26),
                    c if c.is_alphanumeric() => 'x',
                    c => c,
                }
            })
            .collect()
    }
}

fn stranger_in_path(path: &str, own: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut parts = path.trim_matches('/').split('/').filter(|part| !part.is_empty());
    let (endpoint, id) = (parts.next()?, parts.next()?);
    let resource = !matches!(endpoint, "ServiceProviderConfig" | "ResourceTypes" | "Schemas") && id != ".search";
    (resource && !own(id)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
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
    fn masks_strangers_and_leaves_our_own() {
        let mask = Mask::new("run");
        let mut json = Json::parse(
            br#"{"Resources":[{"schemas":["urn:x"],"id":"own","userName":"us"},
            {"schemas":["urn:x"],"id":"7","userName":"Bo","active":true,"meta":{"resourceType":"User"}}]}"#,
        )
        .unwrap();
        let mut strangers = Vec::new();
        assert!(mask.resources(&mut json, &|id| id == "own", &mut strangers));
        assert_eq!(strangers, ["7"]);
        assert_eq!(json.pointer("/Resources/0/userName").and_then(Json::as_str), Some("us"));
        assert_ne!(json.pointer("/Resources/1/userName").and_then(Json::as_str), Some("Bo"));
        assert_eq!(json.pointer("/Resources/1/meta/resourceType").and_then(Json::as_str), Some("User"));
        assert_eq!(json.pointer("/Resources/1/active"), Some(&Json::Bool(true)));
    }
}
