//! From flags to a way to the endpoint: base URL, credentials, certificates, limits.

use crate::error::Error;
use crate::event::Credential;
use crate::exchange::secret::Secret;
use crate::transport::auth::{Credentials, Source, Token};
use crate::transport::oauth::{ClientAuth, ClientCredentials};
use crate::transport::target::BaseUrl;
use crate::transport::{ClientOptions, Limits, Proxy};

use super::args::{OauthAuth, TargetArgs};

/// The client options for a base URL.
///
/// # Errors
/// An environment variable that is not set, more than one kind of credentials, a header without a name.
pub fn client_options(args: &TargetArgs, base: BaseUrl, read_only: bool) -> Result<ClientOptions, Error> {
    let mut options = ClientOptions::new(base);
    options.credentials = credentials(args)?;
    options.tls = (&args.tls).into();
    options.proxy = proxy(args);
    options.limits = Limits { request_time: args.timeout, rate: args.rate, ..Limits::default() };
    options.read_only = read_only;
    Ok(options)
}

/// Which proxy the user wants.
#[must_use]
pub fn proxy(args: &TargetArgs) -> Proxy {
    args.proxy.clone().map_or(Proxy::Environment, Proxy::Url)
}

/// What every report says aloud of the way to the endpoint.
#[must_use]
pub fn notices(args: &TargetArgs, embedded: bool) -> Vec<String> {
    let mut out = Vec::new();
    if args.tls.insecure {
        out.push("--insecure: any certificate was accepted; what was read here proves nothing about TLS".to_owned());
    }
    let none = args.token_env.is_none()
        && args.token_file.is_none()
        && args.token_command.is_none()
        && args.basic_env.is_none()
        && args.oauth_token_url.is_none()
        && args.header_env.is_empty();
    if none && !embedded {
        out.push("no credentials were given: requests were sent without any".to_owned());
    }
    out
}

/// Which variables of the environment the credentials come from: reports name those in `curl` lines.
#[must_use]
pub fn variables(args: &TargetArgs) -> Vec<Credential> {
    let bearer = args.token_env.as_deref().map(Credential::bearer);
    let authorization = bearer.or_else(|| args.basic_env.as_deref().map(Credential::basic));
    let header = |text: &String| text.split_once('=').map(|(name, variable)| Credential::header(name, variable));
    authorization.into_iter().chain(args.header_env.iter().filter_map(header)).collect()
}

fn credentials(args: &TargetArgs) -> Result<Credentials, Error> {
    let given = [
        ("--token-env", args.token_env.is_some()),
        ("--token-file", args.token_file.is_some()),
        ("--token-command", args.token_command.is_some()),
        ("--basic-env", args.basic_env.is_some()),
        ("--oauth-token-url", args.oauth_token_url.is_some()),
    ];
    let named: Vec<_> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    if named.len() > 1 {
        return Err(Error::Usage(format!("{} exclude each other: give one kind of credentials", named.join(" and "))));
    }
    let source = if let Some(name) = &args.token_env {
        Source::Bearer(Token::Value(variable("--token-env", name)?))
    } else if let Some(path) = &args.token_file {
        Source::Bearer(Token::File(path.clone()))
    } else if let Some(command) = &args.token_command {
        Source::Bearer(Token::Command(command.clone()))
    } else if let Some(name) = &args.basic_env {
        let secret = variable("--basic-env", name)?;
        if !secret.expose().contains(':') {
            return Err(Error::Usage(format!(
                "--basic-env {name}: the variable holds no colon; expected user:password"
            )));
        }
        Source::Basic(secret)
    } else if let Some(url) = &args.oauth_token_url {
        let secret = args.oauth_secret_env.as_deref().unwrap_or_default();
        Source::OAuth2(ClientCredentials {
            token_url: url.clone(),
            id: args.oauth_client_id.clone().unwrap_or_default(),
            secret: variable("--oauth-secret-env", secret)?,
            scope: args.oauth_scope.clone(),
            method: match args.oauth_auth {
                Some(OauthAuth::Body) => ClientAuth::Body,
                _ => ClientAuth::Basic,
            },
        })
    } else {
        Source::None
    };
    let headers = args.header_env.iter().map(|text| header(text)).collect::<Result<_, _>>()?;
    Ok(Credentials { source, headers })
}

fn header(text: &str) -> Result<(String, Secret), Error> {
    let wrong = || Error::Usage(format!("--header-env {text:?}: expected HEADER=NAME, such as X-Api-Key=MY_KEY"));
    let (name, variable_name) = text.split_once('=').ok_or_else(wrong)?;
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err(wrong());
    }
    Ok((name.to_owned(), variable("--header-env", variable_name)?))
}

/// The value of an environment variable that holds a secret.
///
/// # Errors
/// It is not set, empty, or cannot stand in a header.
pub fn variable(flag: &str, name: &str) -> Result<Secret, Error> {
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let value = std::env::var(name);
    match value {
        Ok(value) if value.trim().is_empty() => {
            Err(Error::Usage(format!("{flag} {name}: the environment variable {name} is empty")))
        }
        Ok(value) if value.trim().chars().any(char::is_control) => Err(Error::Usage(format!(
            "{flag} {name}: the value holds control characters, and no header can carry them"
        ))),
        Ok(value) => Ok(Secret::new(value.trim().to_owned())),
        Err(_) => Err(Error::Usage(format!("{flag} {name}: the environment variable {name} is not set"))),
    }
}
