//! OAuth 2.0 client credentials (RFC 6749 section 4.4): one POST, written by hand so that its odd variants can be sent
//! and its refusals explained.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use rustls::ClientConfig;

use super::auth::{Fetched, check_token};
use super::mask::beginning;
use super::proxy::ProxyServer;
use super::target::BaseUrl;
use super::{BadOption, Proxy, tls};
use crate::exchange::secret::Secret;
use crate::scim::json::Json;

/// How to get a token.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The token endpoint.
    pub token_url: String,
    /// Client id.
    pub id: String,
    /// Client secret.
    pub secret: Secret,
    /// Scopes, separated by blanks; none are asked for when it is `None`.
    pub scope: Option<String>,
    /// How the client authenticates.
    pub method: ClientAuth,
}

/// How an OAuth client authenticates (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// In an `Authorization: Basic` line.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the body.
    Body,
}

/// Longer answers of a token endpoint are not read.
const MAX_ANSWER: usize = 64 * 1024;

/// Asks for tokens.
pub(super) struct TokenEndpoint {
    url: String,
    http: reqwest::Client,
}

impl TokenEndpoint {
    /// Prepares the client; nothing is sent.
    ///
    /// # Errors
    /// A token URL or proxy that cannot be used.
    pub(super) fn new(client: &ClientCredentials, proxy: &Proxy, tls: ClientConfig) -> Result<Self, BadOption> {
        let bad = |why: String| BadOption::new("--oauth-token-url", why);
        let url = BaseUrl::parse_as("--oauth-token-url", &client.token_url)?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("scimproof/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(server) = ProxyServer::for_target(&url, proxy)? {
            let scheme = if server.tls { "https" } else { "http" };
            let address = format!("{scheme}://{}:{}", server.host, server.port);
            let mut proxy = reqwest::Proxy::all(address).map_err(|error| bad(error.to_string()))?;
            if let Some(value) = &server.authorization {
                let value = http::HeaderValue::from_str(value.expose()).map_err(|error| bad(error.to_string()))?;
                proxy = proxy.custom_http_auth(value);
            }
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|error| bad(error.to_string()))?;
        Ok(Self { url: client.token_url.clone(), http })
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// What the endpoint said, or why it could not be asked, for people; it may hold credentials.
    pub(super) async fn fetch(&self, client: &ClientCredentials) -> Result<Fetched, String> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(client.scope.as_deref().map(|scope| ("scope", scope)));
        let mut request = self.http.post(&self.url).header("Accept", "application/json");
        match client.method {
            ClientAuth::Basic => {
                request = request.basic_auth(encoded(&client.id), Some(encoded(client.secret.expose())));
            }
            ClientAuth::Body => {
                form.extend([("client_id", client.id.as_str()), ("client_secret", client.secret.expose())]);
            }
        }
        let mut answer = request.form(&form).send().await.map_err(|error| unreachable(&self.url, error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&self.url, error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(format!("the token endpoint {} answered with more than {MAX_ANSWER} bytes", self.url));
            }
        }
        let location = answer.headers().get("location").map(|value| String::from_utf8_lossy(value.as_bytes()));
        read(answer.status().as_u16(), location.as_deref(), &body)
            .map_err(|why| format!("the token endpoint {} {why}", self.url))
    }
}

/// Client id and secret are form-encoded before they go into Basic (RFC 6749 section 2.3.1).
fn encoded(text: &str) -> String {
    let encode = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => char::from(b).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn unreachable(url: &str, error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(why) = inner.downcast_ref::<io::Error>().and_then(tls::explain) {
            return format!("the token endpoint {url} cannot be asked: {why}");
        }
        last = inner.to_string();
        cause = inner.source();
    }
    format!("the token endpoint {url} cannot be asked: {last}")
}

/// Reads an answer (RFC 6749 sections 5.1 and 5.2).
fn read(status: u16, location: Option<&str>, body: &[u8]) -> Result<Fetched, String> {
    if (300..400).contains(&status) {
        let to = location.unwrap_or("nowhere");
        return Err(format!("answered {status}, a redirect to {to}; redirects are not followed with a secret"));
    }
    let Ok(json) = Json::parse(body) else {
        let text = String::from_utf8_lossy(body);
        let start = beginning(text.trim(), 80);
        return Err(format!("answered {status} with something that is not JSON: {start:?}"));
    };
    let member = |name: &str| json.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    if !(200..300).contains(&status) || member("error").is_some() {
        let error = member("error").unwrap_or("no error code");
        let about = member("error_description").map_or_else(String::new, |about| format!(" ({about})"));
        return Err(format!("answered {status}: {error}{about}"));
    }
    let Some(token) = member("access_token") else {
        return Err(format!("answered {status} without an access_token"));
    };
    check_token(token).map_err(|why| format!("gave a token that cannot be used: {why}"))?;
    if let Some(other) = member("token_type").filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(format!("gave a token of type {other:?}; only Bearer can be used"));
    }
    let seconds = json.get("expires_in").and_then(|value| match value {
        Json::String(text) => text.trim().parse::<f64>().ok(),
        number => number.as_f64(),
    });
    Ok(Fetched { token: Secret::new(token.to_owned()), lifetime: seconds.and_then(usable) })
}

/// How long a token that lives for `seconds` is used: less a tenth, a minute at most, because requests take time.
fn usable(seconds: f64) -> Option<Duration> {
    let lifetime = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero())?;
    Some(lifetime.saturating_sub((lifetime / 10).min(Duration::from_mins(1))))
}
