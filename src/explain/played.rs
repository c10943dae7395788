//! Which steps of the profiles ask for what a section of the standard, or a check of the state, is about.

use crate::profile::model::{Body, Profile, Step};

/// A kind of request, as the template of a step shows it.
type Asks = fn(&Step) -> bool;

/// Section (of an RFC, or the name of a state check), and the requests that it is about. The first that fits decides; a
/// section that is not here is about every request.
const SECTIONS: &[(&str, Asks)] = &[
    ("rfc7644/3.3", creates),
    ("rfc7644/3.4.1", reads),
    ("rfc7644/3.4.2.1", lists),
    ("rfc7644/3.4.2.2", |step| has(step, "filter=")),
    ("rfc7644/3.4.2.3", |step| has(step, "sortBy=")),
    ("rfc7644/3.4.2.4", |step| lists(step) && (has(step, "startIndex=") || has(step, "count="))),
    ("rfc7644/3.4.2.5", projects),
    ("rfc7644/3.4.2", lists),
    ("rfc7644/3.4.3", |step| has(step, ".search")),
    ("rfc7644/3.5.1", |step| step.method == "PUT"),
    ("rfc7644/3.5.2", |step| step.method == "PATCH"),
    ("rfc7644/3.6", |step| step.method == "DELETE"),
    ("rfc7644/3.7", |step| has(step, "/Bulk")),
    ("rfc7644/3.9", projects),
    ("rfc7644/3.11", |step| has(step, "/Me")),
    ("rfc7644/3.14", |step| step.headers.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("if-"))),
    ("rfc7644/4", discovers),
    ("rfc9865/", |step| has(step, "cursor")),
    ("rfc7643/4.1", |step| has(step, "/Users") && !has(step, ".search")),
    ("rfc7643/4.2", |step| has(step, "/Groups")),
    ("rfc7643/4.3", |step| mentions(step, "extension:enterprise")),
    ("rfc7643/5", |step| has(step, "/ServiceProviderConfig")),
    ("rfc7643/6", |step| has(step, "/ResourceTypes")),
    ("rfc7643/8.7", |step| has(step, "/Schemas")),
    ("state/created", creates),
    ("state/replaced", |step| step.method == "PUT"),
    ("state/patched", |step| step.method == "PATCH"),
    ("state/refused", |step| step.method == "PATCH"),
    ("state/active", |step| writes(step) && mentions(step, "active")),
    ("state/member", |step| writes(step) && mentions(step, "members")),
    ("state/no-literal-keys", |step| step.method == "PATCH"),
    ("state/filter", |step| has(step, "filter=")),
    ("state/list", |step| lists(step) && !has(step, "filter=")),
    ("state/sort", |step| has(step, "sortBy=")),
    ("state/projection", projects),
    ("state/deleted", |step| step.method == "DELETE"),
];

fn has(step: &Step, part: &str) -> bool {
    step.target.contains(part)
}

fn creates(step: &Step) -> bool {
    step.method == "POST" && !has(step, ".search") && !has(step, "/Bulk") && !discovers(step)
}

fn writes(step: &Step) -> bool {
    matches!(step.method.as_str(), "POST" | "PUT" | "PATCH")
}

fn discovers(step: &Step) -> bool {
    ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"].iter().any(|part| has(step, part))
}

/// A path that ends in a resource's id, which is a part of a template.
fn reads(step: &Step) -> bool {
    step.method == "GET" && step.target.split('?').next().unwrap_or_default().trim_end_matches('/').ends_with("}}")
}

fn lists(step: &Step) -> bool {
    step.method == "GET" && !reads(step) && !discovers(step) && !has(step, "/Me")
}

fn projects(step: &Step) -> bool {
    has(step, "attributes=") || has(step, "excludedAttributes=")
}

fn mentions(step: &Step, word: &str) -> bool {
    match &step.body {
        Body::None => false,
        Body::Text(text) => text.contains(word),
        Body::Echo { overlay, append, .. } => overlay.contains(word) || append.contains(word),
        Body::Diff { want, .. } => want.iter().any(|(path, value)| path.contains(word) || value.contains(word)),
    }
}

/// The steps of a profile that ask for it, as `scenario/step`; `subject` is `rfc7644/3.3` or the id of a state check.
pub(super) fn steps(profile: &Profile, subject: &str) -> Vec<String> {
    let fits = |key: &str| {
        let rest = subject.strip_prefix(key);
        rest.is_some_and(|rest| rest.is_empty() || key.ends_with('/') || rest.starts_with(['.', '/', '-', 's']))
    };
    let asks = SECTIONS.iter().find(|(key, _)| fits(key)).map_or(any as Asks, |(_, asks)| *asks);
    let scenarios = profile.scenarios.iter();
    let steps = scenarios.flat_map(|scenario| scenario.steps.iter().map(move |step| (scenario, step)));
    steps.filter(|(_, step)| asks(step)).map(|(scenario, step)| format!("{}/{}", scenario.id, step.id)).collect()
}

fn any(_: &Step) -> bool {
    true
}
