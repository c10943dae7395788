//! Hosts and domains: every one gets a name on example.com, and its owner's name is known from then on.

use std::collections::HashMap;
use std::net::IpAddr;

use super::vocabulary;
use super::word::Words;

/// Domains with the invented ones that stand for them.
#[derive(Debug, Default)]
pub(super) struct Domains {
    invented: HashMap<String, String>,
    addresses: HashMap<IpAddr, usize>,
}

impl Domains {
    /// The invented host name or address; this machine stays itself.
    pub(super) fn of(&mut self, host: &str, words: &mut Words) -> String {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.address(host, address);
        }
        if host.eq_ignore_ascii_case("localhost") || host.is_empty() {
            return host.to_owned();
        }
        let lower = host.to_lowercase();
        let (front, owned) = split(&lower);
        let mut out = String::new();
        for label in front {
            out.push_str(&masked(label, words));
            out.push('.');
        }
        let first = self.invented.is_empty();
        let name = owned.split('.').next().unwrap_or_default();
        if !self.invented.contains_key(owned) {
            let word = words_of(name, words);
            let invented = if first { "example.com".to_owned() } else { format!("{word}.example.com") };
            self.invented.insert(owned.to_owned(), invented);
        }
        out + self.invented.get(owned).map_or("example.com", String::as_str)
    }

    /// Whether the host belongs to a domain that was met before.
    pub(super) fn knows(&self, host: &str) -> bool {
        let lower = host.to_lowercase();
        lower.parse::<IpAddr>().is_ok() || self.invented.contains_key(split(&lower).1)
    }

    /// Addresses kept for documentation (RFC 5737, RFC 3849).
    fn address(&mut self, host: &str, address: IpAddr) -> String {
        if address.is_loopback() {
            return host.to_owned();
        }
        let next = self.addresses.len() + 1;
        let number = *self.addresses.entry(address).or_insert(next);
        match (address, host.starts_with('[')) {
            (IpAddr::V4(_), _) => format!("192.0.2.{}", number % 256),
            (IpAddr::V6(_), true) => format!("[2001:db8::{number:x}]"),
            (IpAddr::V6(_), false) => format!("2001:db8::{number:x}"),
        }
    }
}

/// The labels in front, and the part that somebody owns: `acme.com`, `acme.co.uk`.
fn split(host: &str) -> (Vec<&str>, &str) {
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels.len().checked_sub(2).and_then(|at| labels.get(at)).copied().unwrap_or_default();
    let short = labels.last().is_some_and(|last| last.len() == 2);
    let three = short && labels.len() > 2 && ["co", "com", "ac", "gov", "org", "net", "edu"].contains(&second);
    let owned = labels.len().saturating_sub(if three { 3 } else { 2 });
    let begin: usize = labels[..owned].iter().map(|label| label.len() + 1).sum();
    (labels[..owned].to_vec(), &host[begin..])
}

fn masked(label: &str, words: &mut Words) -> String {
    if vocabulary::is_label(label) { label.to_owned() } else { words_of(label, words) }
}

/// The words of a label masked; what names nobody is not remembered.
fn words_of(label: &str, words: &mut Words) -> String {
    if vocabulary::is_label(label) {
        return label.to_owned();
    }
    label
        .split('-')
        .map(|word| if word.is_empty() { String::new() } else { words.of(word) })
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_on_example_com() {
        let (mut domains, mut words) = (Domains::default(), Words::new([3; 32]));
        assert_eq!(domains.of("scim.Acme.com", &mut words), "scim.example.com");
        assert_eq!(domains.of("acme.com", &mut words), "example.com");
        let other = domains.of("bolt.co.uk", &mut words);
        assert!(other.ends_with(".example.com") && !other.contains("bolt"), "{other}");
        assert!(!domains.of("tenant-7.acme.com", &mut words).contains("tenant-7"));
        assert!(words.knows("acme") && words.knows("bolt") && domains.knows("x.bolt.co.uk") && !domains.knows("x.uk"));
        assert_eq!(domains.of("127.0.0.1", &mut words), "127.0.0.1");
        assert_eq!(domains.of("10.1.2.3", &mut words), "192.0.2.1");
        assert_eq!(domains.of("[fd00::1]", &mut words), "[2001:db8::2]");
    }
}
