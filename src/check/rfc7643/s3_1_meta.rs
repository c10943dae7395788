//! RFC 7643 section 3.1: meta.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::url::Url;
use super::super::{Check, Judge, Judgement, Operation, Scene, Subject};
use crate::requirement::ambiguity;
use crate::scim::date_time;
use crate::scim::json::{Json, Object};

pub(super) static CHECKS: &[&Check] = &[
    &META,
    &META_COMPLETE,
    &META_RESOURCE_TYPE,
    &META_TIMES,
    &META_TIME_ORDER,
    &META_FRESH,
    &META_CLOCK,
    &LAST_MODIFIED_ADVANCES,
    &CREATED_STAYS,
    &MODIFIED_BY_CHANGE,
    &META_LOCATION,
    &CONTENT_LOCATION,
    &META_VERSION,
];

fn meta<'r>(resource: &Resource<'r>) -> Option<&'r Object> {
    resource.members.get("meta")?.as_object()
}

fn text<'r>(meta: &'r Object, name: &str) -> Option<&'r str> {
    meta.get(name)?.as_str()
}

static META: Check = Check {
    id: "rfc7643/3.1/meta",
    requirements: &["RFC7643-3.1-02", "RFC7643-3.1-01", "RFC7643-3.1-23"],
    title: "Every whole resource has meta",
    why: "Entra ID's validator refuses an endpoint without it; clients find address and version there.",
    fix: "Return meta, an object, in every representation that the client did not cut down.",
    judge: Judge::Exchange(meta_present),
};

fn meta_present(subject: &Subject<'_>) -> Judgement {
    if subject.is_projected() {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let value = resource.members.get("meta");
        if value.and_then(Json::as_object).is_none() {
            findings.tell(expect::body(resource.pointer("/meta"), "an object", value));
        }
    })
}

static META_COMPLETE: Check = Check {
    id: "rfc7643/3.1/meta-complete",
    requirements: &["RFC7643-3.1-23", "RFC7643-3.1-26", "RFC7643-3.1-27", "RFC7643-3.1-29"],
    title: "meta has resourceType, created, lastModified and location",
    why: "Clients tell types apart and find changes by them.",
    fix: "Fill them in; only version is optional.",
    judge: Judge::Exchange(meta_complete),
};

fn meta_complete(subject: &Subject<'_>) -> Judgement {
    if subject.is_projected() {
        return Judgement::NotApplicable;
    }
    // On create a missing location or resourceType is told by its own check.
    let create = subject.kind.operation == Operation::Create;
    let names: &[&str] =
        if create { &["created", "lastModified"] } else { &["resourceType", "created", "lastModified", "location"] };
    subject.each(|resource, findings| {
        let Some(meta) = meta(resource) else { return };
        for name in names {
            let value = meta.get(name);
            if value.is_none_or(Json::is_unassigned) {
                let finding =
                    expect::body(resource.pointer(&format!("/meta/{name}")), format!("{name} of the resource"), value);
                findings.tell(finding.read_as(ambiguity::A43_LEFT_OUT));
            }
        }
    })
}

static META_RESOURCE_TYPE: Check = Check {
    id: "rfc7643/3.1/meta-resource-type",
    requirements: &["RFC7643-3.1-25", "RFC7644-3.3.1-01", "RFC7643-6-06", "RFC7643-1.1-01"],
    title: "meta.resourceType is the name of the resource's type",
    why: "In mixed lists it is what tells a group from a user.",
    fix: "Set it to the name of the type as in /ResourceTypes, in the same case.",
    judge: Judge::Exchange(meta_resource_type),
};

fn meta_resource_type(subject: &Subject<'_>) -> Judgement {
    let create = subject.kind.operation == Operation::Create && !subject.is_projected();
    subject.each(|resource, findings| {
        let (Some(meta), Some(schema)) = (meta(resource), resource.schema) else { return };
        let value = meta.get("resourceType");
        let right = value.and_then(Json::as_str) == Some(schema.name.as_str());
        let missing = value.is_none_or(Json::is_unassigned);
        if right || (missing && !create) {
            return;
        }
        let requirement = if missing { "RFC7644-3.3.1-01" } else { "RFC7643-3.1-25" };
        let finding = expect::body(resource.pointer("/meta/resourceType"), format!("{:?}", schema.name), value);
        findings.tell(finding.of(requirement));
    })
}

static META_TIMES: Check = Check {
    id: "rfc7643/3.1/meta-times",
    requirements: &["RFC7643-3.1-26", "RFC7643-2.3.5-01", "RFC7643-2.3.5-02", "RFC7643-2.3.5-03", "RFC7643-2.3-06"],
    title: "meta.created and meta.lastModified are dateTimes",
    why: "A client that reads what has changed since yesterday cannot compare them.",
    fix: "Write them as in 2008-01-23T04:56:22Z: date, T, time, offset; as a string.",
    judge: Judge::Exchange(meta_times),
};

fn meta_times(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(meta) = meta(resource) else { return };
        for name in ["created", "lastModified"] {
            let Some(value) = meta.get(name).filter(|value| !value.is_unassigned()) else { continue };
            let valid = value.as_str().is_some_and(date_time::is_valid);
            if !valid {
                let pointer = resource.pointer(&format!("/meta/{name}"));
                let requirement = if name == "created" { "RFC7643-3.1-26" } else { "RFC7643-2.3.5-01" };
                findings.tell(
                    expect::body(pointer, "a dateTime such as 2008-01-23T04:56:22Z", Some(value)).of(requirement),
                );
            }
        }
    })
}

/// How far `lastModified` is after `created`, in nanoseconds.
fn distance(meta: &Object) -> Option<i128> {
    let (created, modified) = (text(meta, "created")?, text(meta, "lastModified")?);
    // Nearly always of the same form: then the texts compare as the times do, and equal ones need no reading.
    if created == modified {
        return date_time::is_valid(created).then_some(0);
    }
    let (created, modified) = (date_time::parse(created)?, date_time::parse(modified)?);
    Some(modified.as_nanosecond() - created.as_nanosecond())
}

const SECOND: i128 = 1_000_000_000;

static META_TIME_ORDER: Check = Check {
    id: "rfc7643/3.1/meta-time-order",
    requirements: &["RFC7643-3.1-27"],
    title: "lastModified is not before created",
    why: "A client that reads what has changed since its last visit overlooks new people.",
    fix: "Set both from the same clock; on create, to the same time.",
    judge: Judge::Exchange(meta_time_order),
};

fn meta_time_order(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(meta) = meta(resource) else { return };
        // One of the two may be cut to whole seconds.
        if distance(meta).is_some_and(|distance| distance <= -SECOND) {
            let created = text(meta, "created").unwrap_or_default();
            let pointer = resource.pointer("/meta/lastModified");
            findings.tell(expect::body(pointer, format!("{created} or later"), meta.get("lastModified")));
        }
    })
}

static META_FRESH: Check = Check {
    id: "rfc7643/3.1/meta-fresh",
    requirements: &["RFC7643-3.1-28"],
    title: "A new resource was last modified when it was created",
    why: "Clients tell by it whether anybody has touched an account since it was made.",
    fix: "Take one time stamp for both.",
    judge: Judge::Exchange(meta_fresh),
};

fn meta_fresh(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create || subject.status() != Some(201) {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(meta) = meta(resource) else { return };
        let distance = distance(meta).unwrap_or(0);
        // The wrong order is told by its own check.
        if distance == 0 || distance <= -SECOND {
            return;
        }
        let created = text(meta, "created").unwrap_or_default();
        let near = distance.abs() <= SECOND;
        let reading = if near { ambiguity::A36_FRESH_WITHIN_A_SECOND } else { ambiguity::A36_FRESH };
        let finding = expect::body("/meta/lastModified", format!("meta.created, {created}"), meta.get("lastModified"));
        findings.tell(finding.read_as(reading));
    })
}

static META_CLOCK: Check = Check {
    id: "rfc7643/3.1/meta-clock",
    requirements: &["RFC7643-3.1-26"],
    title: "The time of a creation is that of the server's clock",
    why: "A client that asks for what has changed since its last visit misses hours of changes, or reads them again.",
    fix: "Write the time in UTC with Z, or the time of a zone with its offset.",
    judge: Judge::Exchange(meta_clock),
};

/// Holds created against the Date of the same answer. Only a difference such as a zone makes is told: whole quarters of
/// an hour. Other differences may come from a proxy that writes Date, or from an account that was there before.
fn meta_clock(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create || subject.status() != Some(201) {
        return Judgement::NotApplicable;
    }
    let date = subject.received().and_then(|answer| answer.header("date"));
    let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
        return Judgement::NotApplicable;
    };
    subject.each(|resource, findings| {
        let created = meta(resource).and_then(|meta| text(meta, "created"));
        let Some((created, time)) = created.and_then(|text| Some((text, text.parse::<Timestamp>().ok()?))) else {
            return;
        };
        let seconds = time.as_second() - date.timestamp().as_second();
        let quarters = (seconds.abs() + QUARTER / 2) / QUARTER;
        let of_a_zone = (1..=14 * 4).contains(&quarters) && (seconds.abs() - quarters * QUARTER).abs() <= NEAR;
        if of_a_zone {
            let expected = format!("about {}, the Date of the answer", date.timestamp());
            let finding = expect::body(resource.pointer("/meta/created"), expected, None).actually(created);
            findings.tell(finding.read_as(ambiguity::A54_ZONE_AS_UTC));
        }
    })
}

/// Seconds in the smallest step between zones.
const QUARTER: i64 = 900;

/// Seconds that a create may take, and clocks may differ by.
const NEAR: i64 = 30;

static LAST_MODIFIED_ADVANCES: Check = Check {
    id: "rfc7643/3.1/last-modified-advances",
    requirements: &["RFC7643-3.1-27"],
    title: "lastModified never goes back",
    why: "A client that asks for what has changed since its last visit never sees the change.",
    fix: "Set lastModified with every change, from one clock.",
    judge: Judge::Scenario(last_modified_advances),
};

fn last_modified_advances(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut latest: HashMap<&str, Shown<'_>> = HashMap::new();
    let mut judged = Vec::new();
    for index in 0..scene.trace.turns.len() {
        let subject = Subject::new(*scene, index);
        let Some((id, now)) = shown(&subject) else { continue };
        let Some(before) = latest.insert(id, now) else { continue };
        let value = now.body.pointer("/meta/lastModified");
        let written = subject.kind.is(&[Operation::Replace, Operation::Patch]);
        judged.push((
            index,
            match now.time.cmp(&before.time) {
                Ordering::Less => expect::body("/meta/lastModified", format!("{} or later", before.text), value).into(),
                Ordering::Equal if written && !same_but_meta(before.body, now.body) => Judgement::Undetermined(
                    "lastModified is the same after the change; the clock may be coarse".to_owned(),
                ),
                _ => Judgement::Conforms,
            },
        ));
    }
    judged
}

static CREATED_STAYS: Check = Check {
    id: "rfc7643/3.1/created-stays",
    requirements: &["RFC7643-3.1-26"],
    title: "created stays what it was",
    why: "Reports of new accounts list people again who were only changed.",
    fix: "Write created once, when the resource is made, and never with an update.",
    judge: Judge::Scenario(created_stays),
};

fn created_stays(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut first: HashMap<&str, &str> = HashMap::new();
    let mut judged = Vec::new();
    for index in 0..scene.trace.turns.len() {
        let subject = Subject::new(*scene, index);
        let Some((id, now)) = shown(&subject) else { continue };
        let Some(created) = now.body.pointer("/meta/created").and_then(Json::as_str) else { continue };
        let before = *first.entry(id).or_insert(created);
        match is_same_time(before, created) {
            Some(true) => judged.push((index, Judgement::Conforms)),
            Some(false) => {
                let value = now.body.pointer("/meta/created");
                judged.push((index, expect::body("/meta/created", format!("{before} as before"), value).into()));
            }
            None => {}
        }
    }
    judged
}

/// Whether two times are the same as far as the coarser of them tells: a store may keep fewer digits than an answer that
/// was made before it was stored, cut or rounded.
fn is_same_time(one: &str, other: &str) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let digits = |text: &str| {
        let fraction = text.split('.').nth(1).unwrap_or_default();
        let fraction: &str = fraction.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        u32::try_from(fraction.trim_end_matches('0').len().min(9)).unwrap_or(9)
    };
    let unit = 10_i128.pow(9 - digits(one).min(digits(other)));
    let apart = date_time::parse(one)?.as_nanosecond() - date_time::parse(other)?.as_nanosecond();
    Some(apart.abs() <= unit)
}

static MODIFIED_BY_CHANGE: Check = Check {
    id: "rfc7643/3.1/modified-by-change",
    requirements: &["RFC7643-3.1-27"],
    title: "lastModified moves with a change and not with a reading",
    why: "A client that asks for what has changed since its last visit gets everybody each time.",
    fix: "Set lastModified when something was changed; a reading is no change.",
    judge: Judge::Scenario(modified_by_change),
};

/// Twice, because something behind the target may change a resource once after it was made.
fn modified_by_change(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut latest: HashMap<&str, Shown<'_>> = HashMap::new();
    let mut moved: HashMap<&str, usize> = HashMap::new();
    let mut judged = Vec::new();
    for index in 0..scene.trace.turns.len() {
        let subject = Subject::new(*scene, index);
        let reads = matches!(subject.exchange().sent.method.as_str(), "GET" | "HEAD");
        if !reads {
            latest.clear();
        }
        let Some((id, now)) = shown(&subject) else { continue };
        let Some(before) = latest.insert(id, now) else { continue };
        if now.time <= before.time || !same_but_meta(before.body, now.body) {
            judged.push((index, Judgement::Conforms));
            continue;
        }
        let times = moved.entry(id).or_default();
        *times += 1;
        if *times == 2 {
            let expected = format!("{}, since nothing was changed", before.text);
            let value = now.body.pointer("/meta/lastModified");
            judged.push((index, expect::body("/meta/lastModified", expected, value).into()));
        }
    }
    judged
}

/// A resource as an answer showed it.
#[derive(Clone, Copy)]
struct Shown<'a> {
    body: &'a Json,
    time: Timestamp,
    text: &'a str,
}

/// The one resource of a whole answer, with its id.
fn shown<'a>(subject: &Subject<'a>) -> Option<(&'a str, Shown<'a>)> {
    let one = [Operation::Create, Operation::Read, Operation::Replace, Operation::Patch];
    if !subject.kind.is(&one) || subject.is_projected() {
        return None;
    }
    let resource = subject.resources().first()?;
    let text = text(meta(resource)?, "lastModified")?;
    let id = resource.members.get("id")?.as_str()?;
    Some((id, Shown { body: resource.json, time: date_time::parse(text)?, text }))
}

/// Whether a write left everything as it was: then the time has no reason to advance.
fn same_but_meta(before: &Json, after: &Json) -> bool {
    let members = |json: &'_ Json| {
        let object = json.as_object().map(|object| object.0.clone()).unwrap_or_default();
        object.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("meta")).collect::<Vec<_>>()
    };
    members(before) == members(after)
}

static META_LOCATION: Check = Check {
    id: "rfc7643/3.1/meta-location",
    requirements: &["RFC7643-3.1-29", "RFC7643-2.3.7-02", "RFC7643-2.3-08", "RFC7643-2.3.7-06"],
    title: "meta.location is the address of the resource",
    why: "A client that follows it reads another resource, or none.",
    fix: "Build it from base URL, endpoint and id.",
    judge: Judge::Exchange(meta_location),
};

fn meta_location(subject: &Subject<'_>) -> Judgement {
    let root = subject.scene.options.base.as_str();
    subject.each(|resource, findings| {
        let Some(value) = meta(resource).and_then(|meta| meta.get("location")) else { return };
        let told = |findings: &mut Findings, expected: String, requirement: &'static str| {
            findings.tell(expect::body(resource.pointer("/meta/location"), expected, Some(value)).of(requirement));
        };
        match value {
            Json::Null => {}
            Json::String(text) => {
                let (Some(id), Some(schema)) = (resource.id(), resource.schema) else { return };
                let endpoint = schema.endpoint.trim_matches('/');
                if ends_as(text, endpoint, id) {
                    return;
                }
                let address = format!("{endpoint}/{id}");
                match Url::resolve(text, if root.is_empty() { "http://localhost" } else { root }) {
                    None => told(findings, "a URI".to_owned(), "RFC7643-2.3.7-02"),
                    Some(url) if url.ends_in(&address) || !subject.is_ours(id) => {}
                    Some(_) => told(findings, format!("an address that ends in /{address}"), "RFC7643-3.1-29"),
                }
            }
            other => told(findings, format!("a string, not {}", other.kind()), "RFC7643-2.3-08"),
        }
    })
}

/// Without making anything of it: nearly every location is written just so.
fn ends_as(location: &str, endpoint: &str, id: &str) -> bool {
    let rest =
        location.strip_suffix(id).and_then(|rest| rest.strip_suffix('/')).and_then(|rest| rest.strip_suffix(endpoint));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/')) && !location.contains([' ', '{', '<', '"'])
}

static CONTENT_LOCATION: Check = Check {
    id: "rfc7643/3.1/content-location",
    requirements: &["RFC7643-3.1-30"],
    title: "Content-Location, where it is sent, is meta.location",
    why: "Caches and clients take it for the address of what they read.",
    fix: "Send the same address in both, or no Content-Location.",
    judge: Judge::Exchange(content_location),
};

fn content_location(subject: &Subject<'_>) -> Judgement {
    let Some(header) = subject.received().and_then(|answer| answer.header("content-location")) else {
        return Judgement::NotApplicable;
    };
    let root = subject.scene.options.base.as_str();
    subject.each(|resource, findings| {
        if resource.item.is_some() {
            return;
        }
        let Some(own) = meta(resource).and_then(|meta| text(meta, "location")) else { return };
        let (Some(there), Some(here)) = (Url::resolve(header, root), Url::resolve(own, root)) else { return };
        let ours = resource.id().is_some_and(|id| subject.is_ours(id));
        if here != there && ours {
            let finding = expect::header("Content-Location", format!("what meta.location says: {own}"), Some(header));
            findings.tell(finding.read_as(ambiguity::A36_CONTENT_LOCATION));
        }
    })
}

static META_VERSION: Check = Check {
    id: "rfc7643/3.1/meta-version",
    requirements: &["RFC7643-3.1-34", "RFC7643-2.3-02"],
    title: "meta.version is a string; a weak one begins with W/",
    why: "Clients send it back in If-Match as it stands.",
    fix: "Write W/\"abc\" for a weak version and \"abc\" for a strong one.",
    judge: Judge::Exchange(meta_version),
};

fn meta_version(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(value) = meta(resource).and_then(|meta| meta.get("version")).filter(|value| !value.is_unassigned())
        else {
            return;
        };
        let pointer = || resource.pointer("/meta/version");
        match value.as_str() {
            None => findings.tell(expect::body(pointer(), "a string", Some(value)).of("RFC7643-2.3-02")),
            // Only of our own: the mask of a stranger may have changed the letter.
            Some(text) if text.starts_with("w/") && resource.id().is_some_and(|id| subject.is_ours(id)) => {
                findings.tell(expect::body(pointer(), "W/ in upper case", Some(value)));
            }
            Some(_) => {}
        }
    })
}
