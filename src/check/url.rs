//! URLs as far as checks compare them: resolving against the service root, and what makes two of them the same.

use crate::exchange::decode_path;

/// Scheme, authority and path of an absolute URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    /// In lower case, without the scheme's own port.
    pub(super) authority: String,
    /// Percent-decoded, without a slash at the end, query and fragment left out.
    pub(super) path: String,
}

impl Url {
    /// Reads a reference, relative ones resolved against the service root (RFC 7643 section 2.3.7); `None`: it is no
    /// reference to something on a web server.
    pub(super) fn resolve(reference: &str, root: &str) -> Option<Self> {
        let reference = without_query(reference);
        if reference.is_empty() || reference.bytes().any(is_alien) {
            return None;
        }
        if let Some((scheme, rest)) = reference.split_once("://") {
            return Self::absolute(scheme, rest);
        }
        let root = without_query(root);
        let (scheme, rest) = root.split_once("://")?;
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::absolute(scheme, rest);
        }
        if let Some(path) = reference.strip_prefix('/') {
            let authority = rest.split('/').next().unwrap_or_default();
            return Self::absolute(scheme, &format!("{authority}/{path}"));
        }
        Self::absolute(scheme, &format!("{}/{reference}", rest.trim_end_matches('/')))
    }

    fn absolute(scheme: &str, rest: &str) -> Option<Self> {
        let (scheme, own_port) = match scheme {
            _ if scheme.eq_ignore_ascii_case("http") => ("http", ":80"),
            _ if scheme.eq_ignore_ascii_case("https") => ("https", ":443"),
            _ => return None,
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authority = authority.strip_suffix(own_port).unwrap_or(authority);
        let (host, port) = match authority.rfind(':').filter(|_| !authority.ends_with(']')) {
            Some(colon) => authority.split_at(colon),
            None => (authority, ""),
        };
        // This machine by its names: a base URL with the one and a server that tells the other are no two hosts.
        let host = if matches!(host, "127.0.0.1" | "[::1]") { "localhost" } else { host };
        let authority = [host, port].concat().to_ascii_lowercase();
        (!authority.is_empty()).then(|| Self { scheme, authority, path: decode_path(path.trim_end_matches('/')) })
    }

    /// Whether both are on the same server.
    pub(super) fn same_server(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.authority == other.authority
    }

    /// Whether both have the same path; a version segment alone makes no difference (RFC 7643 section 2.4).
    pub(super) fn same_path(&self, other: &Self) -> bool {
        self.path == other.path || without_version(&self.path) == without_version(&other.path)
    }

    /// Whether the path ends in these segments.
    pub(super) fn ends_in(&self, segments: &str) -> bool {
        self.path.strip_suffix(segments).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

/// What no reference holds unencoded (RFC 3986 section 2).
fn is_alien(byte: u8) -> bool {
    matches!(byte, b' ' | b'"' | b'<' | b'>' | b'\\' | b'{' | b'}' | b'|' | b'^' | b'`')
}

fn without_query(url: &str) -> &str {
    let end = url.bytes().position(|byte| matches!(byte, b'?' | b'#'));
    &url[..end.unwrap_or(url.len())]
}

fn without_version(path: &str) -> Vec<&str> {
    let version = |part: &&str| {
        part.strip_prefix(['v', 'V'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    path.split('/').filter(|part| !version(part) && !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "https://example.com/scim/v2/?tenant=1";

    fn text(reference: &str) -> Option<String> {
        Url::resolve(reference, ROOT).map(|url| format!("{}://{}/{}", url.scheme, url.authority, url.path))
    }

    #[test]
    fn resolves_against_the_service_root() {
        let same = "https://example.com/scim/v2/Users/42";
        for reference in [
            "HTTPS://Example.com:443/scim/v2/Users/42/",
            "Users/42",
            "/scim/v2/Users/42?x#y",
            "//example.com/scim/v2/Users/%34%32",
        ] {
            assert_eq!(text(reference).as_deref(), Some(same), "{reference}");
        }
        for none in ["", "urn:ietf:params:scim", "ftp://example.com/x", "https:///x", "Users/4 2", "{base}/Users/1"] {
            let resolved = text(none);
            assert!(resolved.is_none() || none.starts_with("urn:"), "{none}: {resolved:?}");
        }
    }

    #[test]
    fn compares() {
        let a = Url::resolve("/scim/v2/Users/42", ROOT).unwrap();
        let b = Url::resolve("http://10.0.0.1:8080/scim/Users/42", ROOT).unwrap();
        assert!(a.same_path(&b) && !a.same_server(&b));
        assert!(a.ends_in("Users/42") && !a.ends_in("sers/42") && !a.ends_in("Users/4"));
        assert!(!a.same_path(&Url::resolve("/scim/v2/Users/43", ROOT).unwrap()));
        let local = |host: &str| Url::resolve(&format!("http://{host}:8080/Users"), ROOT).unwrap();
        assert!(local("localhost").same_server(&local("127.0.0.1")) && local("[::1]").same_server(&local("LOCALHOST")));
    }
}
