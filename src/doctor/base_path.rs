//! The base URL: what is odd about it as typed, whether SCIM is behind it, and where it is if not.

use super::answer::is_list;
use super::discovery::{Documents, document};
use super::{About, Diagnosis, Probe, Signed};
use crate::exchange::Received;
use crate::report::text::shorten;
use crate::run::scenario;
use crate::transport::target::{BaseUrl, Join, Slash};

/// What people append to the base URL although the client does.
const ENDPOINTS: [&str; 7] = ["Users", "Groups", "Me", "Bulk", "ServiceProviderConfig", "ResourceTypes", "Schemas"];
/// Parameters that hold credentials.
const SECRETS: [&str; 8] = ["token", "key", "secret", "password", "sig", "signature", "code", "auth"];
/// The parameter with which Entra ID changes how it speaks.
const ENTRA_FLAG: &str = "aadOptscim062020";

/// What can be said without asking.
pub(super) fn as_typed(base: &BaseUrl, to: &mut Diagnosis) {
    let about = About::BasePath;
    if let Some(place) = placeholder(base.path()) {
        to.mend(about, format!("{place} is a placeholder; write your own tenant or id in its place"));
    }
    let last = base.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if ENDPOINTS.iter().any(|endpoint| endpoint.eq_ignore_ascii_case(last)) {
        to.mend(about, format!("leave /{last} out: clients append it to the base URL themselves"));
    }
    let Some(query) = base.query() else { return };
    let (name, secret): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| !is_secret(pair));
    if !secret.is_empty() {
        let kept = if name.is_empty() { String::new() } else { format!("?{}", name.join("&")) };
        to.target = format!("{}{kept}", base.as_str().split('?').next().unwrap_or_default());
        let parameters: Vec<_> = secret.iter().map(|pair| pair.split('=').next().unwrap_or_default()).collect();
        to.mend(
            about,
            format!(
                "the parameter {} looks like a credential, and reports show the base URL; give it as a header, with \
                 --token-env or --header-env",
                parameters.join(", ")
            ),
        );
    }
    if query.starts_with(ENTRA_FLAG) {
        to.note(
            about,
            format!("the query {ENTRA_FLAG} is Entra ID's flag: entra plays that state, okta and jumpcloud nothing"),
        );
    } else if secret.is_empty() {
        to.note(
            about,
            format!("the query ?{query} stays behind the path; entra is played with it, okta and jumpcloud are not"),
        );
    }
}

/// `{tenantId}`, `<tenant>`, `:tenant`, `YOUR_TENANT`.
fn placeholder(path: &str) -> Option<&str> {
    path.split('/').find(|segment| {
        let lower = segment.to_ascii_lowercase();
        let shouted = segment.len() > 3 && !segment.chars().any(|c| c.is_ascii_lowercase()) && segment.contains('_');
        segment.starts_with(['{', '<', ':', '$'])
            || lower.starts_with("%7b")
            || lower.starts_with("%3c")
            || lower.starts_with("your-")
            || lower.starts_with("your_")
            || shouted && (lower.contains("tenant") || lower.contains("id"))
    })
}

fn is_secret(pair: &&str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    pair.contains('=') && name.split(['_', '-', '.']).any(|word| SECRETS.contains(&word) || word == "apikey")
}

/// Whether SCIM is behind the base URL; if not, why, and where it is.
pub(super) async fn answers(probe: &Probe<'_>, answer: &Received, documents: &Documents, to: &mut Diagnosis) -> bool {
    let about = About::BasePath;
    if is_list(answer) || documents.any() {
        to.good(about, format!("SCIM is behind {}", shown(&probe.base)));
        return true;
    }
    if matches!(answer.status, 429 | 500..) || is_scim_error(answer) && answer.status != 404 {
        // Whoever answers so is a SCIM endpoint, or says nothing of it.
        return true;
    }
    if (300..400).contains(&answer.status) {
        to.mend(about, redirected(&probe.base, answer));
        return false;
    }
    let what = match answer.media_type().as_deref() {
        Some("text/html") => format!("a web page ({})", answer.status),
        _ => answer.status.to_string(),
    };
    let found = elsewhere(probe).await;
    to.mend(
        about,
        match found {
            Some(url) => format!("/Users is answered with {what}, and SCIM is at another path; give --target {url}"),
            None => format!(
                "/Users is answered with {what}, and so are the usual paths; give the base URL that the endpoint's own \
             documentation names, with your tenant in it"
            ),
        },
    );
    false
}

fn is_scim_error(answer: &Received) -> bool {
    answer.status >= 400 && answer.json().is_some_and(|json| json.get("schemas").is_some())
}

fn redirected(base: &BaseUrl, answer: &Received) -> String {
    let location = answer.header("Location").unwrap_or_default();
    let status = answer.status;
    let to = location.split("/Users").next().unwrap_or_default();
    let url =
        if to.starts_with('/') { format!("{}://{}{to}", base.scheme().as_str(), base.host_line()) } else { to.into() };
    let same = BaseUrl::parse(&url).is_ok_and(|there| there.host().eq_ignore_ascii_case(base.host()));
    if same && location.contains("/Users") {
        format!("/Users is answered with a redirect ({status}), which is never followed; give --target {url}")
    } else {
        let place = shorten(location.split('?').next().unwrap_or_default(), 200);
        format!(
            "/Users is answered with a redirect ({status}) to {place}, which is never followed; give the base URL of the API, \
             not of the product's pages"
        )
    }
}

/// Where SCIM is, if it is at a usual place of the same server.
async fn elsewhere(probe: &Probe<'_>) -> Option<String> {
    for url in candidates(&probe.base) {
        let Ok(base) = BaseUrl::parse(&url) else { continue };
        let asked = probe.get_from(&base, &scenario::plain_join(), "/ServiceProviderConfig", Signed::Yes).await;
        if asked.is_ok_and(|answer| document(&answer).is_some_and(|json| json.as_array().is_none())) {
            return Some(url);
        }
    }
    None
}

/// Base URLs that people mean when they type this one, the likeliest first.
fn candidates(base: &BaseUrl) -> Vec<String> {
    let path = base.path().trim_end_matches('/');
    let (parent, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut paths = Vec::new();
    if ENDPOINTS.iter().any(|endpoint| endpoint.eq_ignore_ascii_case(last)) {
        paths.push(parent.to_owned());
    }
    paths.extend(["/scim/v2", "/scim", "/v2", "/api/scim/v2"].map(|more| format!("{path}{more}")));
    paths.push(parent.to_owned());
    paths.extend(["/scim/v2", "/scim"].map(str::to_owned));
    let mut seen = std::collections::BTreeSet::from([path.to_owned()]);
    paths.retain(|path| seen.insert(path.clone()));
    let query = base.query().map(|query| format!("?{query}")).unwrap_or_default();
    let host = format!("{}://{}", base.scheme().as_str(), base.host_line());
    paths.into_iter().map(|path| format!("{host}{path}{query}")).collect()
}

fn shown(base: &BaseUrl) -> String {
    match base.path() {
        "" => "the root of the server".to_owned(),
        path => path.to_owned(),
    }
}

/// JumpCloud appends to the base URL as typed: a slash at its end stands twice.
pub(super) async fn slash(probe: &Probe<'_>, search: &str, answer: &Received, to: &mut Diagnosis) {
    if !probe.base.path().ends_with('/') {
        return;
    }
    let join = Join { slash: Slash::Concat, ..scenario::plain_join() };
    let about = About::BasePath;
    match probe.get_from(&probe.base, &join, search, Signed::Yes).await {
        Ok(doubled) if doubled.status == answer.status && is_list(&doubled) == is_list(answer) => {
            to.good(about, "the slash at its end does no harm: //Users is answered as /Users is");
        }
        got => {
            let got = got.map_or_else(|failure| failure.detail, |answer| answer.status.to_string());
            to.mend(
                about,
                format!(
                    "leave out the slash at its end: JumpCloud then asks for //Users, and that is answered with {got}"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn told(url: &str) -> (String, Vec<(State, String)>) {
        let base = BaseUrl::parse(url).unwrap();
        let mut diagnosis = Diagnosis::new(&base);
        as_typed(&base, &mut diagnosis);
        let lines = diagnosis.lines().into_iter().map(|line| (line.state, line.says.clone())).collect();
        (diagnosis.target.clone(), lines)
    }

    #[test]
    fn what_is_odd_as_typed_is_told() {
        for (url, state, says) in [
            ("https://h.example.com/scim/{tenantId}/v2", State::Mend, "{tenantId} is a placeholder"),
            ("https://h.example.com/%7Btenant%7D", State::Mend, "placeholder"),
            ("https://h.example.com/scim/:tenant", State::Mend, "placeholder"),
            ("https://h.example.com/scim/YOUR_TENANT_ID", State::Mend, "placeholder"),
            ("https://h.example.com/scim/v2/Users/", State::Mend, "leave /Users out"),
            ("https://h.example.com/scim?aadOptscim062020", State::Note, "Entra ID's flag"),
            ("https://h.example.com/scim?tenant=acme", State::Note, "?tenant=acme stays behind the path"),
        ] {
            let (target, lines) = told(url);
            assert_eq!(target, url);
            assert!(lines.len() == 1 && lines[0].0 == state && lines[0].1.contains(says), "{url}: {lines:?}");
        }
        for url in [
            "https://h.example.com",
            "https://h.example.com/scim/v2/",
            "https://h.example.com/SCIM/v2",
            "https://h.example.com/scim/acme-4711/v2",
            "https://h.example.com/YOURS/V2",
        ] {
            assert_eq!(told(url).1, [], "{url}");
        }
    }

    #[test]
    fn a_credential_in_the_query_is_told_and_not_shown() {
        for (url, kept) in [
            ("https://h.example.com/scim?api_key=s3cr3t-7f", "https://h.example.com/scim"),
            ("https://h.example.com/scim?t=acme&access_token=s3cr3t-7f", "https://h.example.com/scim?t=acme"),
        ] {
            let (target, lines) = told(url);
            assert_eq!(target, kept);
            assert!(lines[0].0 == State::Mend && lines[0].1.contains("looks like a credential"), "{lines:?}");
            assert!(!format!("{lines:?}").contains("s3cr3t"), "{lines:?}");
        }
    }

    #[test]
    fn places_that_are_likely_are_tried_once_each() {
        let all = |url: &str| candidates(&BaseUrl::parse(url).unwrap());
        assert_eq!(
            all("https://h.example.com/"),
            [
                "https://h.example.com/scim/v2",
                "https://h.example.com/scim",
                "https://h.example.com/v2",
                "https://h.example.com/api/scim/v2",
            ]
        );
        assert_eq!(all("https://h.example.com/scim/v2/Users?x=y")[0], "https://h.example.com/scim/v2?x=y");
        assert!(all("https://h.example.com/scim/v3").contains(&"https://h.example.com/scim/v2".to_owned()));
    }
}
