//! Versions of resources (RFC 7644 section 3.14): weak entity tags and the conditions that name them.

use super::digest;
use super::refusal::Refusal;
use super::wire::Request;

/// The tag of a representation: weak, because member order and white space are no difference.
pub(super) fn tag(representation: &str, modified: &str) -> String {
    format!("W/\"{}\"", digest::hex(&[representation.as_bytes(), modified.as_bytes()], 8))
}

/// The conditions of a request on the version of its target.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

/// What a met or unmet condition means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Go on.
    Proceed,
    /// Answer 304: the client has this version.
    NotModified,
}

impl Conditions {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let header = |name| request.header(name).map(str::to_owned);
        Self { if_match: header("if-match"), if_none_match: header("if-none-match") }
    }

    /// The condition that a bulk operation puts in `version`.
    pub(super) fn version(version: Option<&str>) -> Self {
        Self { if_match: version.map(str::to_owned), if_none_match: None }
    }

    /// Compares with the current version; `reading` for GET.
    ///
    /// # Errors
    /// 412 when the target has another version than the client believes.
    pub(super) fn check(&self, current: &str, reading: bool) -> Result<Outcome, Refusal> {
        if self.if_match.as_deref().is_some_and(|tags| !names(tags, current)) {
            return Err(Refusal::new(412, format!("The resource has changed: its version is {current}.")));
        }
        match self.if_none_match.as_deref() {
            Some(tags) if names(tags, current) && reading => Ok(Outcome::NotModified),
            Some(tags) if names(tags, current) => {
                Err(Refusal::new(412, format!("The resource has the version {current} already.")))
            }
            _ => Ok(Outcome::Proceed),
        }
    }
}

/// Whether a list of tags has the current one. The comparison is weak even for If-Match, as the RFC's examples have it:
/// by the strong one no weak tag would ever match.
fn names(tags: &str, current: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(current))
}
