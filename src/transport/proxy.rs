//! Which way requests go: to the target, or through a proxy (RFC 9110 section 7.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::head::{self, Found};
use super::tap::Stream;
use super::target::{BaseUrl, Scheme};
use super::wire::failure;
use super::{BadOption, Proxy};
use crate::exchange::secret::Secret;
use crate::exchange::{Failure, FailureKind};

/// A proxy.
#[derive(Clone, Debug)]
pub(super) struct ProxyServer {
    /// Its host.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// Whether it is spoken to over TLS.
    pub(super) tls: bool,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<Secret>,
}

impl ProxyServer {
    /// The proxy for a target, if there is one.
    ///
    /// # Errors
    /// A proxy that cannot be used.
    pub(super) fn for_target(base: &BaseUrl, proxy: &Proxy) -> Result<Option<Self>, BadOption> {
        if base.is_loopback() && matches!(proxy, Proxy::Environment) {
            return Ok(None);
        }
        let (option, matcher) = match proxy {
            Proxy::None => return Ok(None),
            Proxy::Environment => ("HTTP_PROXY, HTTPS_PROXY", Matcher::from_env()),
            Proxy::Url(url) => ("--proxy", Matcher::builder().all(url).build()),
        };
        let uri = http::Uri::builder()
            .scheme(base.scheme().as_str())
            .authority(base.authority())
            .path_and_query("/")
            .build()
            .map_err(|error| BadOption::new("--target", error.to_string()))?;
        match (matcher.intercept(&uri), proxy) {
            (Some(intercept), _) => Self::read(&intercept).map(Some).map_err(|why| BadOption::new(option, why)),
            (None, Proxy::Url(_)) => {
                Err(BadOption::new(option, "this is not a URL of a proxy, such as http://proxy.example.com:3128"))
            }
            (None, _) => Ok(None),
        }
    }

    fn read(intercept: &Intercept) -> Result<Self, String> {
        let uri = intercept.uri();
        let (tls, port) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            other => return Err(format!("{} proxies are not supported, only http and https", other.unwrap_or("such"))),
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let authorization = intercept.basic_auth().and_then(|value| value.to_str().ok());
        Ok(Self {
            host,
            port: uri.port_u16().unwrap_or(port),
            tls,
            authorization: authorization.map(|value| Secret::new(value.to_owned())),
        })
    }

    /// What must be masked.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let Some(value) = &self.authorization else { return Vec::new() };
        let encoded = value.expose().trim_start_matches("Basic ");
        let pair = BASE64.decode(encoded).ok().and_then(|pair| String::from_utf8(pair).ok()).unwrap_or_default();
        let password = pair.split_once(':').map_or("", |(_, password)| password);
        vec![Secret::new(encoded.to_owned()), Secret::new(password.to_owned())]
    }

    /// Asks for a tunnel to `authority` (RFC 9110 section 9.3.6).
    pub(super) async fn tunnel(&self, mut stream: Stream, authority: &str) -> Result<Stream, Failure> {
        let broken = |error: &std::io::Error| self.failed(&format!("did not open a tunnel ({error})"));
        let authorization = self.authorization.iter().map(|value| ("Proxy-Authorization", value.expose()));
        let lines = std::iter::once(("Host", authority)).chain(authorization);
        let request = head::request("CONNECT", authority, lines);
        stream.write_all(&request).await.map_err(|error| broken(&error))?;
        stream.flush().await.map_err(|error| broken(&error))?;
        let mut answer = Vec::new();
        loop {
            match head::answer(&answer) {
                Found::Head(head) if (200..300).contains(&head.status) => return Ok(stream),
                Found::Head(head) if head.status == 407 => return Err(self.wants_credentials()),
                Found::Head(head) => {
                    return Err(self.failed(&format!("opened no tunnel: {} {}", head.status, head.reason)));
                }
                Found::NotHttp => return Err(self.failed("does not speak HTTP")),
                Found::Partial => {}
            }
            // Whoever opens a TLS connection speaks first: nothing can follow the head.
            match stream.read_buf(&mut answer).await {
                Ok(0) => return Err(self.failed("closed the connection")),
                Ok(_) => {}
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    /// The failure of a 407.
    pub(super) fn wants_credentials(&self) -> Failure {
        self.failed(match self.authorization {
            Some(_) => "refused the credentials of its URL (407)",
            None => "wants credentials (407); write them into its URL: http://user:password@host:port",
        })
    }

    /// A failure of the proxy.
    pub(super) fn failed(&self, what: &str) -> Failure {
        failure(FailureKind::Proxy, format!("the proxy {}:{} {what}", self.host, self.port), false)
    }

    /// The target in absolute form, for a request in clear (RFC 9112 section 3.2.2).
    pub(super) fn absolute(base: &BaseUrl, target: &str) -> String {
        format!("{}://{}{target}", Scheme::Http.as_str(), base.host_line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(base: &str, url: &str) -> Result<Option<ProxyServer>, BadOption> {
        ProxyServer::for_target(&BaseUrl::parse(base).unwrap(), &Proxy::Url(url.to_owned()))
    }

    #[test]
    fn a_proxy_that_is_named_is_used() {
        let found = proxy("https://scim.example.com", "http://user:pa%20ss@proxy.example.com:3128").unwrap().unwrap();
        assert_eq!((found.host.as_str(), found.port, found.tls), ("proxy.example.com", 3128, false));
        assert_eq!(found.authorization.as_ref().unwrap().expose(), "Basic dXNlcjpwYSBzcw==");
        let secrets: Vec<_> = found.secrets().iter().map(|s| s.expose().to_owned()).collect();
        assert_eq!(secrets, ["dXNlcjpwYSBzcw==", "pa ss"]);
        assert_eq!(proxy("http://scim.example.com", "proxy.example.com").unwrap().unwrap().port, 80);
        assert!(proxy("https://scim.example.com", "https://proxy.example.com").unwrap().unwrap().tls);
        for base in ["http://localhost:1", "http://127.0.0.1", "https://[::1]"] {
            assert!(proxy(base, "http://proxy.example.com:3128").unwrap().is_some(), "{base}");
            let base = BaseUrl::parse(base).unwrap();
            assert!(ProxyServer::for_target(&base, &Proxy::Environment).unwrap().is_none(), "{base}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for (url, why) in [
            ("", "not a URL of a proxy"),
            ("ftp://x", "not a URL of a proxy"),
            ("http://a b", "not a URL of a proxy"),
            ("socks5://proxy.example.com", "socks5 proxies are not supported"),
        ] {
            let error = proxy("https://scim.example.com", url).unwrap_err().to_string();
            assert!(error.contains(why) && error.starts_with("--proxy: "), "{error}");
        }
    }
}
