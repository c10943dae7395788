//! The base URL as typed, and how a client joins it with a resource path.
//!
//! Nothing here goes through a URL library: those resolve dot segments, re-encode quotes and eat the last segment of
//! the base, and the joining is exactly what differs between clients.

use std::borrow::Cow;
use std::net::IpAddr;

use super::BadOption;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The word in front of `://`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The base URL of a SCIM endpoint, opaque: trailing slash, query string and tenant stay as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

impl BaseUrl {
    /// Reads a base URL.
    ///
    /// # Errors
    /// What is wrong with it, for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, BadOption> {
        Self::parse_as("--target", text)
    }

    /// The same for another option.
    pub(super) fn parse_as(option: &'static str, text: &str) -> Result<Self, BadOption> {
        // With credentials in it, the text must not be shown.
        let shown = if text.contains('@') { String::new() } else { format!("{text:?}: ") };
        parse(text).map_err(|why| BadOption::new(option, format!("{shown}{why}")))
    }

    /// The URL as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host as typed; an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own if none was typed.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path as typed, possibly empty.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query as typed, without its question mark; empty for a dangling one.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The value of a `Host` line: the host, and the port unless it is the scheme's own (RFC 9110 section 7.2).
    #[must_use]
    pub fn host_line(&self) -> String {
        if self.port == self.scheme.port() { bracketed(&self.host).into_owned() } else { self.authority() }
    }

    /// Host and port, both always there: `example.com:443`.
    #[must_use]
    pub fn authority(&self) -> String {
        [&*bracketed(&self.host), ":", &self.port.to_string()].concat()
    }

    /// Whether the target is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return address.is_loopback();
        }
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        host == "localhost" || host.ends_with(".localhost")
    }

    /// The request target in origin form: the base joined with `resource` (`/Users?filter=…`) as the client joins.
    #[must_use]
    pub fn target(&self, join: &Join, resource: &str) -> String {
        let (path, query) = match resource.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (resource, None),
        };
        let mut target = match (join.query, &self.query) {
            (QueryPlace::AppendRaw, Some(base_query)) => format!("{}?{base_query}", self.path),
            _ => self.path.clone(),
        };
        let kept = join.slash.kept(&target);
        target.truncate(kept);
        target.push_str(path);
        if join.suffix_slash == SuffixSlash::Always && !path.ends_with('/') {
            target.push('/');
        }
        if let Some(query) = self.joined_query(join.query, query) {
            target.push('?');
            target.push_str(&query);
        }
        target
    }

    fn joined_query(&self, place: QueryPlace, asked: Option<&str>) -> Option<String> {
        let own = match place {
            QueryPlace::BehindPath(_) => self.query.as_deref(),
            QueryPlace::AppendRaw => None,
        };
        match (own, asked, place) {
            (None, asked, _) => asked.map(str::to_owned),
            (Some(own), None, _) => Some(own.to_owned()),
            (Some(""), Some(asked), _) | (Some(_), Some(asked), QueryPlace::BehindPath(BaseQuery::Omit)) => {
                Some(asked.to_owned())
            }
            (Some(own), Some(asked), QueryPlace::BehindPath(BaseQuery::Last)) => Some(format!("{asked}&{own}")),
            (Some(own), Some(asked), _) => Some(format!("{own}&{asked}")),
        }
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// How a client joins the base URL with a resource path: a trait of its profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Join {
    /// What happens to slashes at the end of the base.
    pub slash: Slash,
    /// Whether the resource path ends in a slash.
    pub suffix_slash: SuffixSlash,
    /// Where a query string of the base goes.
    pub query: QueryPlace,
}

/// What a client does with slashes at the end of the base, before it appends `/Users`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slash {
    /// Nothing: a base with a trailing slash gives `//Users`.
    Concat,
    /// Removes one.
    #[default]
    StripOne,
    /// Removes all.
    StripAll,
}

impl Slash {
    /// How many bytes of `base` stay.
    fn kept(self, base: &str) -> usize {
        match self {
            Self::Concat => base.len(),
            Self::StripOne => base.strip_suffix('/').unwrap_or(base).len(),
            Self::StripAll => base.trim_end_matches('/').len(),
        }
    }
}

/// Whether a client ends the resource path with a slash (`/Users/`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SuffixSlash {
    /// No.
    #[default]
    Never,
    /// Always, before the query.
    Always,
}

/// Where the query string of the base goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryPlace {
    /// Behind the resource path; the inner value says where, if the request has a query of its own.
    BehindPath(BaseQuery),
    /// It stays where it is and the path is appended to it: `/scim?x=y/Users`.
    AppendRaw,
}

impl Default for QueryPlace {
    fn default() -> Self {
        Self::BehindPath(BaseQuery::First)
    }
}

/// Where the base's query stands in a request that has a query of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseQuery {
    /// Before the request's: `?flag&filter=…`.
    First,
    /// After it: `?filter=…&flag`.
    Last,
    /// It is left out.
    Omit,
}

fn parse(text: &str) -> Result<BaseUrl, String> {
    check_characters(text)?;
    let (scheme, rest) = scheme_of(text)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.contains('@') {
        return Err("credentials do not belong in the URL; give them with --token-env or --basic-env".to_owned());
    }
    let (host, port) = host_and_port(authority)?;
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (tail, None),
    };
    Ok(BaseUrl {
        text: text.to_owned(),
        scheme,
        host: host.to_owned(),
        port: port.unwrap_or_else(|| scheme.port()),
        path: path.to_owned(),
        query,
    })
}

fn check_characters(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the URL is empty".to_owned());
    }
    if let Some(c) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("the URL contains {c:?}; write it percent-encoded"));
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
        return Err(format!("the URL contains {c:?}; write it percent-encoded, a host name as xn--…"));
    }
    if text.contains('#') {
        return Err("a fragment (#…) is never sent to a server; leave it out".to_owned());
    }
    Ok(())
}

fn scheme_of(text: &str) -> Result<(Scheme, &str), String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("the URL has no scheme; did you mean https://{text}?"));
    };
    if scheme.eq_ignore_ascii_case("https") {
        Ok((Scheme::Https, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok((Scheme::Http, rest))
    } else {
        Err(format!("the scheme is {scheme:?}; only http and https can be played"))
    }
}

/// Splits `host`, `host:port` and `[address]:port`.
fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (host, behind) = inner.split_once(']').ok_or("the IPv6 address is not closed with ]")?;
        if host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(format!("{host:?} is not an IPv6 address"));
        }
        match behind {
            "" => (host, None),
            _ => (host, Some(behind.strip_prefix(':').ok_or("text follows the IPv6 address")?)),
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    if host.is_empty() {
        return Err("the URL has no host".to_owned());
    }
    match port {
        None | Some("") => Ok((host, None)),
        Some(port) => match port.parse::<u16>() {
            Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => Ok((host, Some(number))),
            _ => Err(format!("{port:?} is not a port (1 to 65535)")),
        },
    }
}

fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { Cow::Owned(format!("[{host}]")) } else { Cow::Borrowed(host) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(slash: Slash, query: QueryPlace) -> Join {
        Join { slash, query, ..Join::default() }
    }

    #[test]
    fn targets_are_joined_to_the_byte() {
        use BaseQuery::{First, Last, Omit};
        use QueryPlace::{AppendRaw, BehindPath};
        use Slash::{Concat, StripAll, StripOne};
        let table = [
            ("https://h.example.com/scim/v2", Concat, AppendRaw, "/Users", "/scim/v2/Users"),
            ("https://h.example.com/scim/v2/", Concat, AppendRaw, "/Users", "/scim/v2//Users"),
            ("https://h.example.com/scim/v2/", StripOne, AppendRaw, "/Users", "/scim/v2/Users"),
            ("https://h.example.com/scim/v2//", StripOne, AppendRaw, "/Users", "/scim/v2//Users"),
            ("https://h.example.com/scim/v2//", StripAll, AppendRaw, "/Users", "/scim/v2/Users"),
            ("https://h.example.com", Concat, AppendRaw, "/Users", "/Users"),
            ("https://h.example.com/", Concat, AppendRaw, "/Users", "//Users"),
            ("https://h.example.com/api/v1/scim/acme%2Fwest/v2", Concat, AppendRaw, "/Users", {
                "/api/v1/scim/acme%2Fwest/v2/Users"
            }),
            ("https://h.example.com/scim/v2/4711", StripOne, AppendRaw, "/Users/a%2fb", "/scim/v2/4711/Users/a%2fb"),
            ("https://h.example.com/a/../b/./c", Concat, AppendRaw, "/Users/%2e%2e/x", "/a/../b/./c/Users/%2e%2e/x"),
            ("https://h.example.com/SCIM", Concat, AppendRaw, "/Users?filter=a+b%20c&q='x'\"", {
                "/SCIM/Users?filter=a+b%20c&q='x'\""
            }),
            ("https://h.example.com/scim?x=y", Concat, AppendRaw, "/Users", "/scim?x=y/Users"),
            ("https://h.example.com/scim/?flag", Concat, AppendRaw, "/Users?a=b", "/scim/?flag/Users?a=b"),
            ("https://h.example.com/scim?aadOptscim062020", StripOne, BehindPath(First), "/Users", {
                "/scim/Users?aadOptscim062020"
            }),
            ("https://h.example.com/scim/?aadOptscim062020", StripOne, BehindPath(First), "/Users?filter=x", {
                "/scim/Users?aadOptscim062020&filter=x"
            }),
            ("https://h.example.com/scim/?flag", Concat, BehindPath(Last), "/Users?filter=x", {
                "/scim//Users?filter=x&flag"
            }),
            ("https://h.example.com/scim?flag=1", Concat, BehindPath(Omit), "/Users?filter=x", "/scim/Users?filter=x"),
            ("https://h.example.com/scim?flag=1", Concat, BehindPath(Omit), "/Users", "/scim/Users?flag=1"),
            ("https://h.example.com/scim?", Concat, BehindPath(First), "/Users", "/scim/Users?"),
            ("https://h.example.com/scim?", Concat, BehindPath(Last), "/Users?a", "/scim/Users?a"),
            ("https://h.example.com/scim", Concat, BehindPath(First), "/Users?a=b&&", "/scim/Users?a=b&&"),
            ("https://h.example.com/scim", Concat, BehindPath(First), "/Users?", "/scim/Users?"),
            ("https://h.example.com?flag", Concat, BehindPath(First), "/Users", "/Users?flag"),
        ];
        for (base, slash, query, resource, expected) in table {
            let target = BaseUrl::parse(base).unwrap().target(&join(slash, query), resource);
            assert_eq!(target, expected, "{base} {slash:?} {query:?} {resource}");
        }
    }

    #[test]
    fn a_slash_can_end_the_resource_path() {
        let base = BaseUrl::parse("http://localhost/scim?f").unwrap();
        let join = Join { suffix_slash: SuffixSlash::Always, ..Join::default() };
        assert_eq!(base.target(&join, "/Users?a=b"), "/scim/Users/?f&a=b");
        assert_eq!(base.target(&join, "/Users/"), "/scim/Users/?f");
    }

    #[test]
    fn the_parts_are_as_typed() {
        let url = BaseUrl::parse("HTTPS://Scim.Example.COM:8443/a//b/?x=%2f").unwrap();
        assert_eq!((url.scheme(), url.host(), url.port()), (Scheme::Https, "Scim.Example.COM", 8443));
        assert_eq!((url.path(), url.query()), ("/a//b/", Some("x=%2f")));
        assert_eq!(url.host_line(), "Scim.Example.COM:8443");
        assert_eq!(url.to_string(), "HTTPS://Scim.Example.COM:8443/a//b/?x=%2f");
        assert_eq!(BaseUrl::parse("https://a.example.com:443/").unwrap().host_line(), "a.example.com");
        assert_eq!(BaseUrl::parse("http://[::1]:8080").unwrap().host_line(), "[::1]:8080");
        assert_eq!(BaseUrl::parse("http://a.example.com").unwrap().authority(), "a.example.com:80");
    }

    #[test]
    fn loopback_is_recognised() {
        for text in
            ["http://localhost", "http://LOCALHOST.:1", "http://x.localhost", "http://127.9.9.9", "http://[::1]"]
        {
            assert!(BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://example.com", "http://10.0.0.1", "http://localhost.example.com", "http://[::2]"] {
            assert!(!BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_explained() {
        let table = [
            ("", "the URL is empty"),
            ("  ", "the URL is empty"),
            ("scim.example.com/v2", "did you mean https://scim.example.com/v2?"),
            ("ftp://x", "only http and https"),
            ("https://", "no host"),
            ("https:///scim", "no host"),
            ("https://:80", "no host"),
            ("https://a/b#c", "fragment"),
            ("https://user:pw@a/b", "credentials do not belong in the URL"),
            ("https://a b/", "percent-encoded"),
            ("https://bücher.example/", "xn--"),
            ("https://a:0/", "not a port"),
            ("https://a:+80/", "not a port"),
            ("https://a:99999/", "not a port"),
            ("https://[::1/", "not closed"),
            ("https://[zz]/", "not an IPv6 address"),
            ("https://[::1]x/", "text follows"),
        ];
        for (text, expected) in table {
            let error = BaseUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
