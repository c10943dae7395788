//! Credentials: where they come from, the header lines that they become, and when new ones are fetched.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::BadOption;
use super::clock::Clock;
use super::oauth::{ClientCredentials, TokenEndpoint};
use super::wire::failure;
use crate::exchange::secret::Secret;
use crate::exchange::{Failure, FailureKind};

/// The credentials of a run.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// What becomes the `Authorization` line.
    pub source: Source,
    /// Further header lines, name and value, sent as they are.
    pub headers: Vec<(String, Secret)>,
}

/// Where the `Authorization` line comes from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// Nowhere: there is no such line.
    #[default]
    None,
    /// A bearer token (RFC 6750).
    Bearer(Token),
    /// `user:password` (RFC 7617); the password can be empty.
    Basic(Secret),
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4).
    OAuth2(ClientCredentials),
}

/// Where a bearer token comes from.
#[derive(Clone, Debug)]
pub enum Token {
    /// The token itself.
    Value(Secret),
    /// A file that holds it, read again after a 401.
    File(PathBuf),
    /// A shell command that prints it, run again after a 401.
    Command(String),
}

/// Header lines with credentials, at one time.
#[derive(Debug)]
pub struct Lines {
    /// Name and value; the `Authorization` line first, if there is one.
    pub lines: Vec<(String, Secret)>,
    /// Counts the renewals, so that two requests that are refused together renew once.
    pub serial: u64,
    /// When the token expires, on the clock; `None` when that is not known.
    expires: Option<Duration>,
}

/// A token as fetched.
pub(super) struct Fetched {
    /// The token.
    pub(super) token: Secret,
    /// How long it may be used.
    pub(super) lifetime: Option<Duration>,
}

/// Gives out credentials and renews them.
pub struct Auth {
    credentials: Credentials,
    endpoint: Option<TokenEndpoint>,
    clock: Rc<dyn Clock>,
    /// The longest that fetching may take.
    patience: Duration,
    current: RefCell<Option<Rc<Lines>>>,
    /// A renewed token has not been accepted yet: fetching another one is no use.
    unproven: Cell<bool>,
    /// One fetch at a time.
    fetching: tokio::sync::Mutex<()>,
    seen: RefCell<Vec<Secret>>,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

impl Auth {
    /// Whether there are credentials at all.
    pub fn is_some(&self) -> bool {
        !matches!(self.credentials.source, Source::None)
    }

    /// Checks the credentials as far as that is possible without asking anybody; a token file is read.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn new(
        credentials: Credentials,
        endpoint: Option<TokenEndpoint>,
        clock: Rc<dyn Clock>,
        patience: Duration,
    ) -> Result<Self, BadOption> {
        for (name, value) in &credentials.headers {
            check_line(name, value)?;
        }
        let mut seen = credentials.headers.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>();
        match &credentials.source {
            Source::Bearer(Token::Value(token)) => {
                check_token(token.expose()).map_err(|why| BadOption::new("--token-env", why))?;
            }
            Source::Bearer(Token::File(path)) => {
                read_file(path).map_err(|why| BadOption::new("--token-file", why))?;
            }
            Source::Bearer(Token::Command(command)) if command.trim().is_empty() => {
                return Err(BadOption::new("--token-command", "the command is empty".to_owned()));
            }
            Source::None | Source::Bearer(Token::Command(_)) => {}
            Source::Basic(pair) => seen.extend(basic_parts(pair)?),
            Source::OAuth2(client) => {
                let pair = format!("{}:{}", client.id, client.secret.expose());
                seen.extend([client.secret.clone(), Secret::new(BASE64.encode(pair))]);
            }
        }
        Ok(Self {
            credentials,
            endpoint,
            clock,
            patience,
            current: RefCell::default(),
            unproven: Cell::new(false),
            fetching: tokio::sync::Mutex::default(),
            seen: RefCell::new(seen),
        })
    }

    /// The header lines to send now. A token is fetched when there is none or the one there is has expired.
    ///
    /// # Errors
    /// No token could be had.
    pub async fn lines(&self) -> Result<Rc<Lines>, Failure> {
        if let Some(lines) = self.valid() {
            return Ok(lines);
        }
        let _one_at_a_time = self.fetching.lock().await;
        if let Some(lines) = self.valid() {
            return Ok(lines);
        }
        self.fetch().await
    }

    /// The names of the header lines.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let authorization = (!matches!(self.credentials.source, Source::None)).then_some("Authorization");
        authorization.into_iter().chain(self.credentials.headers.iter().map(|(name, _)| name.as_str()))
    }

    /// After a 401 to a request with the lines numbered `serial`: whether it makes sense to send it again, with new
    /// credentials.
    pub async fn renew(&self, serial: u64) -> bool {
        if !self.can_renew() {
            return false;
        }
        let _one_at_a_time = self.fetching.lock().await;
        let old = self.current.borrow().clone();
        if old.as_ref().is_some_and(|lines| lines.serial != serial) {
            return true;
        }
        if self.unproven.replace(true) {
            return false;
        }
        let Ok(new) = self.fetch().await else { return false };
        old.is_none_or(|old| !same(&old, &new))
    }

    /// The lines numbered `serial` were not refused.
    pub fn accepted(&self, serial: u64) {
        if self.current.borrow().as_ref().is_some_and(|lines| lines.serial == serial) {
            self.unproven.set(false);
        }
    }

    /// All credentials that have been in use so far: what must be masked.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        self.seen.borrow().clone()
    }

    /// Whether no credentials are sent at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self.credentials.source, Source::None) && self.credentials.headers.is_empty()
    }

    fn can_renew(&self) -> bool {
        matches!(self.credentials.source, Source::OAuth2(_) | Source::Bearer(Token::File(_) | Token::Command(_)))
    }

    fn valid(&self) -> Option<Rc<Lines>> {
        let current = self.current.borrow();
        let lines = current.as_ref()?;
        lines.expires.is_none_or(|end| self.clock.now() < end).then(|| Rc::clone(lines))
    }

    async fn fetch(&self) -> Result<Rc<Lines>, Failure> {
        let fetching = tokio::time::timeout(self.patience, Box::pin(self.authorization()));
        let late = |_| Err(format!("no token within {:?}", self.patience));
        let fetched = fetching.await.unwrap_or_else(late).map_err(|why| {
            let mut why = why;
            let mut mask = super::mask::Mask::default();
            mask.add(&self.secrets());
            mask.text(&mut why);
            failure(FailureKind::Credentials, why, false)
        })?;
        let serial = self.current.borrow().as_ref().map_or(0, |lines| lines.serial + 1);
        let (value, lifetime) = fetched.unzip();
        let lines = value
            .map(|value| ("Authorization".to_owned(), value))
            .into_iter()
            .chain(self.credentials.headers.iter().cloned())
            .collect();
        let expires = lifetime.flatten().map(|lifetime| self.clock.now() + lifetime);
        let lines = Rc::new(Lines { lines, serial, expires });
        *self.current.borrow_mut() = Some(Rc::clone(&lines));
        Ok(lines)
    }

    /// The value of the `Authorization` line and how long it may be used.
    async fn authorization(&self) -> Result<Option<(Secret, Option<Duration>)>, String> {
        let fetched = match (&self.credentials.source, &self.endpoint) {
            (Source::None, _) => return Ok(None),
            (Source::Basic(pair), _) => {
                let value = format!("Basic {}", BASE64.encode(pair.expose()));
                return Ok(Some((Secret::new(value), None)));
            }
            (Source::Bearer(Token::Value(token)), _) => Fetched { token: token.clone(), lifetime: None },
            (Source::Bearer(Token::File(path)), _) => Fetched { token: read_file(path)?, lifetime: None },
            (Source::Bearer(Token::Command(command)), _) => Fetched { token: run(command).await?, lifetime: None },
            (Source::OAuth2(client), Some(endpoint)) => endpoint.fetch(client).await?,
            (Source::OAuth2(_), None) => return Err("there is no token endpoint".to_owned()),
        };
        let value = Secret::new(format!("Bearer {}", fetched.token.expose()));
        self.seen.borrow_mut().push(fetched.token);
        Ok(Some((value, fetched.lifetime)))
    }
}

fn same(one: &Lines, other: &Lines) -> bool {
    one.lines.len() == other.lines.len()
        && one.lines.iter().zip(&other.lines).all(|((_, a), (_, b))| a.expose() == b.expose())
}

fn check_line(name: &str, value: &Secret) -> Result<(), BadOption> {
    let bad = |why: &str| Err(BadOption::new("--header-env", format!("header {name:?}: {why}")));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
        return bad("this is not a header name");
    }
    if value.expose().bytes().any(|b| b.is_ascii_control()) {
        return bad("its value contains a line break or another control character");
    }
    Ok(())
}

/// A token is one word (RFC 6750 section 2.1).
pub(super) fn check_token(token: &str) -> Result<(), String> {
    if token.is_empty() {
        return Err("the token is empty".to_owned());
    }
    if let Some(c) = token.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(format!("the token contains {c:?}; it must be one word in plain ASCII"));
    }
    Ok(())
}

fn read_file(path: &std::path::Path) -> Result<Secret, String> {
    let path_text = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path_text}: {error}"))?;
    check_token(text.trim()).map_err(|why| format!("{path_text}: {why}"))?;
    Ok(Secret::new(text.trim().to_owned()))
}

async fn run(command: &str) -> Result<Secret, String> {
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", command]).stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = shell.output().await.map_err(|error| format!("the token command cannot be run: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let complaint = complaint.trim().lines().last().unwrap_or("it printed no reason").to_owned();
        return Err(format!("the token command failed ({}): {complaint}", output.status));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| "the token command printed no text".to_owned())?;
    check_token(text.trim()).map_err(|why| format!("the token command's output: {why}"))?;
    Ok(Secret::new(text.trim().to_owned()))
}

/// What must be masked of `user:password`.
fn basic_parts(pair: &Secret) -> Result<Vec<Secret>, BadOption> {
    let bad = |why: &str| BadOption::new("--basic-env", why.to_owned());
    let Some((_, password)) = pair.expose().split_once(':') else {
        return Err(bad("the value has no colon; it must be user:password"));
    };
    if pair.expose().bytes().any(|b| b.is_ascii_control()) {
        return Err(bad("the value contains a line break or another control character"));
    }
    let encoded = BASE64.encode(pair.expose());
    Ok(vec![pair.clone(), Secret::new(password.to_owned()), Secret::new(encoded)])
}
