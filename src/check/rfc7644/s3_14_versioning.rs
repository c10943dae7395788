//! RFC 7644 section 3.14: versions and entity tags.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Scene, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] =
    &[&ETAG_HEADER, &ETAG_FORM, &VERSION_AGREES, &LISTED_VERSION, &IF_MATCH, &IF_NONE_MATCH];

const ONE_RESOURCE: [Operation; 4] = [Operation::Create, Operation::Read, Operation::Replace, Operation::Patch];

static ETAG_HEADER: Check = Check {
    id: "rfc7644/3.14/etag-header",
    requirements: &["RFC7644-3.14-02", "RFC7644-3.14-03"],
    title: "A server with entity tags sends one with every resource",
    why: "A client that protects its writes with If-Match has nothing to send.",
    fix: "Send ETag and meta.version with every resource, or announce etag.supported false.",
    judge: Judge::Exchange(etag_header),
};

fn etag_header(subject: &Subject<'_>) -> Judgement {
    let advertised = subject.scene.facts.supports(Feature::Etag) == Some(true);
    let shown = subject.kind.is(&ONE_RESOURCE) && matches!(subject.status(), Some(200 | 201));
    let Some(answer) = subject.received().filter(|_| advertised && shown) else { return Judgement::NotApplicable };
    let Some(body) = answer.json().filter(|body| body.as_object().is_some()) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    if answer.header("etag").is_none() {
        findings.tell(expect::header("ETag", "the version of the resource", None));
    }
    let version = body.pointer("/meta/version");
    if version.is_none_or(Json::is_unassigned) && body.get("meta").is_some() && !subject.is_projected() {
        findings.tell(expect::body("/meta/version", "the version of the resource", version).of("RFC7644-3.14-03"));
    }
    findings.judgement()
}

static ETAG_FORM: Check = Check {
    id: "rfc7644/3.14/etag-form",
    requirements: &["RFC7644-3.14-02", "RFC7643-3.1-34"],
    title: "An entity tag stands in quotes, with W/ before it when it is weak",
    why: "HTTP libraries refuse a tag without quotes, or never find it equal to the one they were given.",
    fix: "Write ETag: \"abc\" or W/\"abc\", the W in upper case.",
    judge: Judge::Exchange(etag_form),
};

fn etag_form(subject: &Subject<'_>) -> Judgement {
    let value = subject.received().and_then(|answer| answer.header("etag"));
    let Some(tag) = value.filter(|_| subject.kind.is(&ONE_RESOURCE)) else { return Judgement::NotApplicable };
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let quoted = opaque.len() >= 2 && inner.is_some_and(|inner| !inner.contains('"'));
    (!quoted).then(|| expect::header("ETag", "a tag in quotes", value)).into()
}

static VERSION_AGREES: Check = Check {
    id: "rfc7644/3.14/version-agrees",
    requirements: &["RFC7643-3.1-31", "RFC7643-3.1-32"],
    title: "meta.version and ETag are the same",
    why: "A client that sends the one back in If-Match is refused, because the server compares the other.",
    fix: "Put the tag into meta.version exactly as in the header, quotes and W/ included.",
    judge: Judge::Exchange(version_agrees),
};

fn version_agrees(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&ONE_RESOURCE) || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    let Some(answer) = subject.received() else { return Judgement::NotApplicable };
    let Some(body) = answer.json() else { return Judgement::NotApplicable };
    let version = body.pointer("/meta/version");
    let (Some(tag), Some(text)) = (answer.header("etag"), version.and_then(Json::as_str)) else {
        return Judgement::NotApplicable;
    };
    if tag == text {
        return Judgement::Conforms;
    }
    // A stranger's version is masked and its tag is not.
    let id = body.get("id").and_then(Json::as_str).unwrap_or_default();
    if !subject.is_ours(id) {
        return Judgement::NotApplicable;
    }
    let finding = expect::body("/meta/version", format!("the ETag, {tag}"), version);
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned();
    let same_value = bare(tag) == bare(text);
    if same_value { finding.read_as(ambiguity::A37_VERSION_UNQUOTED).into() } else { finding.into() }
}

static LISTED_VERSION: Check = Check {
    id: "rfc7644/3.14/listed-version",
    requirements: &["RFC7643-3.1-31"],
    title: "meta.version in a list is that of the resource",
    why: "A client that takes the version from a list is refused, or believes that somebody has changed the account.",
    fix: "Compute the version from what is stored, not from what is shown.",
    judge: Judge::Scenario(listed_version),
};

/// Compares with the last answer about the resource alone, as long as nothing is written in between.
fn listed_version(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut known: Vec<(&str, &str)> = Vec::new();
    let mut judged = Vec::new();
    for index in 0..scene.trace.turns.len() {
        let subject = Subject::new(*scene, index);
        let exchange = subject.exchange();
        if exchange.sent.method != "GET" {
            known.clear();
        }
        if subject.is_projected() {
            continue;
        }
        let mut findings = Findings::default();
        let mut asked = false;
        for resource in subject.resources() {
            let text = |pointer: &str| resource.json.pointer(pointer).and_then(Json::as_str);
            let (Some(id), Some(text)) = (text("/id"), text("/meta/version")) else { continue };
            if resource.item.is_none() {
                known.retain(|(other, _)| *other != id);
                known.push((id, text));
            } else if let Some((_, last)) = known.iter().find(|(other, _)| *other == id).filter(|_| subject.is_ours(id))
            {
                asked = true;
                if text != *last {
                    let at = resource.pointer("/meta/version");
                    findings.tell(expect::body(at, format!("{last}, as of the resource itself"), None).actually(text));
                }
            }
        }
        if asked {
            judged.push((index, findings.judgement()));
        }
    }
    judged
}

static IF_MATCH: Check = Check {
    id: "rfc7644/3.14/if-match",
    requirements: &["RFC7644-3.14-06", "RFC7644-3.14-01", "RFC7644-3.12-13"],
    title: "A write with If-Match succeeds with the current tag and fails with an old one",
    why: "By that two administrators do not overwrite each other.",
    fix: "Compare the tags weakly, so that W/ makes no difference, and answer 412 when they differ.",
    judge: Judge::Exchange(if_match),
};

fn if_match(subject: &Subject<'_>) -> Judgement {
    if !subject.kind.is(&[Operation::Replace, Operation::Patch, Operation::Delete]) {
        return Judgement::NotApplicable;
    }
    let Some(sent) = condition(subject, "if-match") else { return Judgement::NotApplicable };
    let Some(current) = current_tag(subject) else { return Judgement::NotApplicable };
    match (same(sent, current), subject.status()) {
        (true, Some(200..300)) | (false, Some(412)) => Judgement::Conforms,
        (true, Some(409 | 412)) => {
            let finding = expect::status(subject, "success, since the tag is current");
            finding.read_as(ambiguity::A37_WEAK_REFUSED).into()
        }
        (false, Some(200..300)) => {
            let finding = expect::status(subject, "412 Precondition Failed, since the tag is old");
            finding.read_as(ambiguity::A37_STALE_ACCEPTED).into()
        }
        (false, Some(409)) => {
            let finding = expect::status(subject, "412 Precondition Failed").of("RFC7644-3.12-13");
            finding.read_as(ambiguity::A37_CONFLICT).into()
        }
        _ => Judgement::NotApplicable,
    }
}

static IF_NONE_MATCH: Check = Check {
    id: "rfc7644/3.14/if-none-match",
    requirements: &["RFC7644-3.14-04"],
    title: "A reading with the current tag in If-None-Match answers 304",
    why: "A client that polls saves the reading of what it knows.",
    fix: "Answer 304 Not Modified without a body when the tag is current.",
    judge: Judge::Exchange(if_none_match),
};

fn if_none_match(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Read {
        return Judgement::NotApplicable;
    }
    let Some(sent) = condition(subject, "if-none-match") else { return Judgement::NotApplicable };
    let Some(current) = current_tag(subject) else { return Judgement::NotApplicable };
    match (same(sent, current), subject.status()) {
        (true, Some(304)) | (false, Some(200)) => Judgement::Conforms,
        (true, Some(200)) => expect::status(subject, "304 Not Modified").into(),
        (false, Some(304)) => expect::status(subject, "200 OK, since the resource has changed").into(),
        _ => Judgement::NotApplicable,
    }
}

/// The one tag of a conditional request to a server that announces entity tags.
fn condition<'a>(subject: &Subject<'a>, name: &str) -> Option<&'a str> {
    if subject.scene.facts.supports(Feature::Etag) != Some(true) {
        return None;
    }
    let headers = &subject.exchange().sent.headers;
    let (_, value) = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
    (value != "*" && !value.contains(',')).then_some(value)
}

/// Weak comparison (RFC 9110 section 8.8.3.2).
fn same(a: &str, b: &str) -> bool {
    let opaque = |tag: &'_ str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    opaque(a.trim()) == opaque(b.trim())
}

/// The tag that the target last showed of the resource; `None` when it was written since and no tag was shown.
fn current_tag<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    let path = subject.exchange().sent.path();
    let id = subject.kind.id?;
    let earlier = subject.scene.trace.turns[..subject.index].iter().rev();
    for exchange in earlier.map(|turn| &*turn.exchange).filter(|exchange| exchange.succeeded()) {
        let created = || exchange.answer().and_then(|body| body.get("id")).and_then(Json::as_str) == Some(id);
        let about_it = exchange.sent.path() == path || (exchange.sent.method == "POST" && created());
        if about_it {
            return exchange.got.as_ref().ok()?.header("etag");
        }
    }
    None
}
