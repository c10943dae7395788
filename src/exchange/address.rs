//! The address of a request below the base URL.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use super::decode_query;

/// A path with its query: `/Users?filter=…`, as it was written. Dozens of checks ask for its parameters; they are decoded
/// once.
#[derive(Clone, Debug, Default)]
pub struct Address {
    text: String,
    parameters: OnceLock<Vec<(String, String)>>,
}

impl Address {
    /// The path, without the query: `/Users/42`.
    #[must_use]
    pub fn path(&self) -> &str {
        let end = memchr::memchr2(b'?', b'#', self.text.as_bytes());
        &self.text[..end.unwrap_or(self.text.len())]
    }

    /// The query, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.text.split_once('?').map(|(_, query)| query)
    }

    /// Names and values of the query's parameters in their order, decoded: `+` and `%20` both are a blank.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.parameters.get_or_init(|| self.query().map_or_else(Vec::new, decoded));
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of query parameter `name`, its case aside.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn decoded(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_query(key), decode_query(value))
    };
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self { text, parameters: OnceLock::new() }
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl Deref for Address {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Address {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_found_whatever_their_case() {
        let address = Address::from("/Users?Filter=userName+eq+%22a%26b%22&count=&cursor&c%6funt=2&x=1=2#y?z=1");
        assert_eq!(address.path(), "/Users");
        assert_eq!(address.parameter("filter"), Some("userName eq \"a&b\""));
        assert_eq!(address.parameter("count"), Some(""));
        assert_eq!(address.parameter("cursor"), Some(""));
        assert_eq!(address.parameter("x"), Some("1=2#y?z=1"));
        assert_eq!(address.parameter("z"), None);
        assert_eq!(Address::from("/Users").parameter("count"), None);
    }
}
