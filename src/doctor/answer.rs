//! Whether we are let in, and how a search for somebody who does not exist is answered.

use super::{About, Diagnosis, State};
use crate::exchange::{Failure, Received};
use crate::scim::json::Json;
use crate::transport::auth::{Credentials, Source};

/// Which kind of credentials were given.
pub(super) enum Given {
    None,
    /// With the word that stands before them in an `Authorization` line.
    Authorization(&'static str),
    /// In header lines of other names.
    Headers,
}

impl Given {
    pub(super) fn of(credentials: &Credentials) -> Self {
        match &credentials.source {
            Source::Bearer(_) | Source::OAuth2(_) => Self::Authorization("Bearer"),
            Source::Basic(_) => Self::Authorization("Basic"),
            Source::None if credentials.headers.is_empty() => Self::None,
            Source::None => Self::Headers,
        }
    }

    pub(super) fn any(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// Whether the credentials are accepted; the answer with which the rest can be looked at.
pub(super) fn credentials(
    given: &Given,
    without: &Received,
    answered: Result<Received, Failure>,
    to: &mut Diagnosis,
) -> Option<Received> {
    let answered = match answered {
        Ok(answered) => answered,
        Err(failure) => {
            to.mend(About::Credentials, format!("{}; mend what gives them", failure.detail));
            return None;
        }
    };
    let says = match (answered.status, given) {
        (401 | 403, Given::None) => Err(none_given(&answered)),
        (401, given) => Err(refused(given, &answered)),
        (403, _) => {
            Err(format!("the target knows them and answers {}; give them the right to read users", said(&answered)))
        }
        (_, Given::None) if is_list(&answered) => {
            Ok((State::Note, "none were given, and none are asked for: anybody is let in".to_owned()))
        }
        (status, Given::None) => {
            let says =
                format!("none were given; the target answers {status}, which does not tell whether it wants any");
            Ok((State::Note, says))
        }
        _ if matches!(without.status, 401 | 403) => {
            Ok((State::Good, format!("accepted; without any the target answers {}", without.status)))
        }
        _ => {
            let says =
                format!("without any the target answers {} too: whether they are right cannot be seen", without.status);
            Ok((State::Note, says))
        }
    };
    match says {
        Ok((state, says)) => {
            to.add(About::Credentials, state, says);
            Some(answered)
        }
        Err(says) => {
            to.mend(About::Credentials, says);
            None
        }
    }
}

fn none_given(answered: &Received) -> String {
    let basic = wanted(answered).is_some_and(|scheme| scheme.eq_ignore_ascii_case("Basic"));
    let flag = if basic { "--basic-env" } else { "--token-env, --token-file, --token-command or --oauth-token-url" };
    format!("none were given, and the target answers {}; give them with {flag}", said(answered))
}

fn refused(given: &Given, answered: &Received) -> String {
    let sent = if let Given::Authorization(scheme) = given { *scheme } else { "" };
    match wanted(answered).filter(|wanted| !sent.is_empty() && !wanted.eq_ignore_ascii_case(sent)) {
        Some(wanted) => {
            let flag = flag_of(&wanted);
            format!("the target wants {wanted} credentials and got {sent} ones; give them with {flag}")
        }
        None => format!(
            "the target refuses them with {}; take ones that are valid now, and made for this tenant",
            said(answered)
        ),
    }
}

/// The scheme that the target asks for (RFC 9110 section 11.6.1), if it asks for one only.
fn wanted(answer: &Received) -> Option<String> {
    let mut lines = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("WWW-Authenticate"));
    let (first, further) = (lines.next()?, lines.next());
    let scheme: String = first.1.chars().take_while(char::is_ascii_alphanumeric).collect();
    (further.is_none() && matches!(scheme.to_ascii_lowercase().as_str(), "basic" | "bearer")).then_some(scheme)
}

fn flag_of(scheme: &str) -> &'static str {
    if scheme.eq_ignore_ascii_case("Basic") { "--basic-env" } else { "--token-env or --token-file" }
}

/// A status, and what the target says of it.
pub(super) fn said(answer: &Received) -> String {
    let detail = answer.json().and_then(|json| json.get("detail")).and_then(Json::as_str);
    match detail {
        Some(detail) => format!("{} ({})", answer.status, crate::report::text::shorten(detail, 120)),
        None => answer.status.to_string(),
    }
}

/// Whether a list came as the answer to a search.
pub(super) fn is_list(answer: &Received) -> bool {
    let list = |json: &Json| json.get("totalResults").is_some() || json.get("Resources").is_some();
    answer.status == 200 && answer.json().is_some_and(list)
}

/// A search for nobody gives an empty list.
pub(super) fn search(answer: &Received, to: &mut Diagnosis) {
    let about = About::Search;
    let found = answer.json().and_then(|json| {
        let listed = json.get("Resources").and_then(Json::as_array).map(|all| i64::try_from(all.len()).unwrap_or(1));
        json.get("totalResults").and_then(Json::as_i64).max(listed)
    });
    match answer.status {
        200 if is_list(answer) && found.unwrap_or(0) > 0 => to.mend(
            about,
            format!(
                "a search for a user name that nobody has finds {}: the filter is ignored; evaluate it, or a client takes \
                 strangers for its own",
                found.unwrap_or(0)
            ),
        ),
        200 if is_list(answer) => to.good(about, "a search for a user name that nobody has finds nobody"),
        404 => to.mend(about, "a search that finds nobody is answered with 404; answer with 200 and an empty list"),
        429 => to.mend(about, "the target has had enough requests for now (429); wait, and run with --rate"),
        500.. => to.mend(
            about,
            format!("a search for a user name is answered with {}; look into the target's log", said(answer)),
        ),
        _ => to.mend(
            about,
            format!(
                "a search for a user name is answered with {}; answer with 200 and a list, every identity provider looks \
                 before it writes",
                said(answer)
            ),
        ),
    }
}
