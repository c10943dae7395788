//! RFC 7643 section 7: mutability and returned, as they show in what a write makes of a resource.

use super::super::expect::Findings;
use super::super::history::{self, Written};
use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Scene, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::resource::equal;
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Returned, Type, builtin};
use crate::scim::urn;
use crate::shadow::fold::Extent;

pub(super) static CHECKS: &[&Check] = &[&READ_ONLY, &IMMUTABLE, &RETURNED_DEFAULT, &RETURNED_ON_WRITE];

/// Attributes without several values, and the sub-attributes of complex ones, for which a test holds. What section 3.1
/// says of common attributes wins over what a schema lists.
fn single<'s>(schema: &'s ResourceSchema, test: &dyn Fn(&Attribute) -> bool) -> Vec<(AttributePath, &'s Attribute)> {
    let core = schema.core.attributes.iter().filter(|attribute| builtin::common(&attribute.name).is_none());
    let core = builtin::commons().iter().chain(core).map(|attribute| (None, attribute));
    let extensions = schema
        .extensions
        .iter()
        .flat_map(|(extension, _)| extension.attributes.iter().map(move |attribute| (Some(&extension.id), attribute)));
    let mut found = Vec::new();
    for (urn, attribute) in core.chain(extensions).filter(|(_, attribute)| !attribute.multi_valued) {
        let path = |sub: Option<&Attribute>| AttributePath {
            urn: urn.cloned(),
            attribute: attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        };
        if attribute.kind == Type::Complex {
            let whole = test(attribute);
            let subs = attribute.sub_attributes.iter().filter(|sub| !sub.multi_valued && (whole || test(sub)));
            found.extend(subs.map(|sub| (path(Some(sub)), sub)));
        } else if test(attribute) {
            found.push((path(None), attribute));
        }
    }
    found
}

/// Where a path stands in a representation.
fn pointer(path: &AttributePath, schema: &ResourceSchema) -> Location {
    Location::Body(history::pointer(path, schema))
}

fn is(path: &AttributePath, name: &str) -> bool {
    path.attribute.eq_ignore_ascii_case(name)
}

static READ_ONLY: Check = Check {
    id: "rfc7643/7/read-only",
    requirements: &["RFC7643-7-25", "RFC7643-3.1-22", "RFC7643-3.1-24", "RFC7643-4.1.2-24", "RFC7643-4.3-07"],
    title: "A client cannot set a readOnly attribute",
    why: "IdPs send back what they read, and some send groups or a manager's name of their own making: it would \
          overwrite what only the server knows.",
    fix: "Ignore readOnly attributes in a POST or PUT, and refuse a PATCH that names one.",
    judge: Judge::Write(read_only),
};

fn read_only(written: &Written<'_>) -> Judgement {
    let schema = written.schema;
    let mut findings = Findings::default();
    let mut asked = false;
    for (path, attribute) in single(schema, &|attribute| attribute.mutability == Mutability::ReadOnly) {
        // Another id is told by the check of stable ids, another time of creation by that of created.
        let created = path.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("created"));
        let told = is(&path, "id") || (is(&path, "meta") && created);
        let Some(sent) = written.sent(&path).filter(|sent| !sent.is_unassigned() && !told) else { continue };
        let value = |resource: &'_ Json| history::value(resource, &path, schema).cloned();
        let before = written.before.and_then(value);
        let says_nothing_new = before.as_ref().is_some_and(|before| equal(before, sent, Some(attribute)));
        if says_nothing_new || !is_telling(written, &path, sent, before.is_some()) {
            continue;
        }
        asked = true;
        if value(written.after).is_some_and(|after| equal(&after, sent, Some(attribute))) {
            findings.tell(applied(written, &path, sent));
        }
    }
    asked |= groups(written, &mut findings);
    if asked { findings.judgement() } else { Judgement::NotApplicable }
}

fn applied(written: &Written<'_>, path: &AttributePath, sent: &Json) -> Finding {
    let expected = format!("a {path} that the client cannot set");
    let finding = Finding::new(pointer(path, written.schema), expected, format!("{sent}, as the client sent it"));
    let by_patch = written.operation == Operation::Patch;
    let finding = match (is(path, "meta"), is(path, "manager")) {
        (true, _) if by_patch => finding.of("RFC7643-3.1-22"),
        (true, _) => finding.of("RFC7643-3.1-24"),
        (_, true) => finding.of("RFC7643-4.3-07"),
        _ => finding,
    };
    let reading = if by_patch { ambiguity::A07_READ_ONLY_CHANGED } else { ambiguity::A17_READ_ONLY_APPLIED };
    finding.read_as(reading)
}

/// Whether the server cannot have come to the same value by itself.
fn is_telling(written: &Written<'_>, path: &AttributePath, sent: &Json, known_before: bool) -> bool {
    if is(path, "manager") {
        let manager = AttributePath { sub: Some("value".to_owned()), ..path.clone() };
        let id = history::value(written.after, &manager, written.schema).and_then(Json::as_str);
        return id.and_then(|id| display_name(&written.scene, id, written.shown_at)).is_some_and(|name| name != sent);
    }
    if !known_before {
        let time = |sub: &str| sub.eq_ignore_ascii_case("lastModified");
        return is(path, "meta") && path.sub.as_deref().is_some_and(time);
    }
    // A name that is made from others may come to what was sent because those were sent too.
    let alone = written.operation == Operation::Patch && operations(written.body).len() == 1;
    alone || !sent.as_str().is_some_and(|text| has_part_of(written.body, text))
}

/// Whether a body has another text that is a part of this one.
fn has_part_of(json: &Json, whole: &str) -> bool {
    match json {
        Json::String(text) => text.chars().count() > 2 && text != whole && whole.contains(text.as_str()),
        Json::Array(items) => items.iter().any(|item| has_part_of(item, whole)),
        Json::Object(members) => members.iter().any(|(_, member)| has_part_of(member, whole)),
        _ => false,
    }
}

fn operations(body: &Json) -> &[Json] {
    body.get("Operations").and_then(Json::as_array).unwrap_or_default()
}

/// The display name of a resource as it was shown last.
fn display_name<'a>(scene: &Scene<'a>, id: &str, until: usize) -> Option<&'a Json> {
    let answers = scene.trace.turns[..until].iter().rev().filter_map(|turn| turn.exchange.answer());
    let own = answers.filter(|answer| answer.get("id").and_then(Json::as_str) == Some(id));
    own.filter_map(|answer| answer.get("displayName")).find(|name| !name.is_unassigned())
}

/// The groups of a user, which only a change of the group may change; whether the request named one.
fn groups(written: &Written<'_>, findings: &mut Findings) -> bool {
    let read_only = |a: &Attribute| a.multi_valued && a.mutability == Mutability::ReadOnly;
    if written.schema.core.id != urn::USER || !written.schema.core.attribute("groups").is_some_and(read_only) {
        return false;
    }
    let path = AttributePath { urn: None, attribute: "groups".to_owned(), sub: None };
    let ids = |value: &Json| -> Vec<String> {
        let items = value.as_array().unwrap_or(std::slice::from_ref(value));
        items.iter().filter_map(|item| Some(item.get("value")?.as_str()?.to_owned())).collect()
    };
    let of = |resource: &Json| history::value(resource, &path, written.schema).map(ids).unwrap_or_default();
    let sent = written.sent(&path).map(ids).unwrap_or_default();
    let before = written.before.map(of).unwrap_or_default();
    let new: Vec<_> = sent.into_iter().filter(|id| !before.contains(id) && !is_member(written, id)).collect();
    let after = of(written.after);
    if let Some(group) = new.iter().find(|id| after.contains(id)) {
        let finding = Finding::new(
            Location::Body("/groups".to_owned()),
            "groups that the client cannot set",
            format!("the group {group:?}, as the client sent it"),
        );
        findings.tell(finding.of("RFC7643-4.1.2-24").read_as(ambiguity::A17_READ_ONLY_APPLIED));
    }
    !new.is_empty()
}

/// Whether something was written to that group which names the user: the membership may come from there.
fn is_member(written: &Written<'_>, group: &str) -> bool {
    written.scene.trace.turns[..written.shown_at].iter().any(|turn| {
        let sent = &turn.exchange.sent;
        let names =
            |text: &str| sent.body.as_deref().is_some_and(|body| memchr::memmem::find(body, text.as_bytes()).is_some());
        sent.path().contains(group) && sent.method != "GET" && names(&written.id)
            || (sent.method == "POST" && !sent.path().starts_with(&written.schema.endpoint) && names(&written.id))
    })
}

static IMMUTABLE: Check = Check {
    id: "rfc7643/7/immutable",
    requirements: &["RFC7643-7-28"],
    title: "An immutable attribute keeps its first value",
    why: "Clients rely on it as on a key: they keep it, and never read it again.",
    fix: "Refuse a change of an immutable attribute that has a value with 400 and scimType mutability.",
    judge: Judge::Write(immutable),
};

fn immutable(written: &Written<'_>) -> Judgement {
    // A PUT is told by the check of PUT.
    if written.operation != Operation::Patch {
        return Judgement::NotApplicable;
    }
    let schema = written.schema;
    let mut findings = Findings::default();
    let mut asked = false;
    for (path, attribute) in single(schema, &|attribute| attribute.mutability == Mutability::Immutable) {
        let value = |resource| history::value(resource, &path, schema);
        let Some(before) = written.before.and_then(value) else { continue };
        let Some(sent) = written.sent(&path).filter(|sent| !equal(before, sent, Some(attribute))) else { continue };
        asked = true;
        if value(written.after).is_some_and(|after| equal(after, sent, Some(attribute))) {
            let expected = format!("{path} {before}, as it was set first");
            findings.tell(Finding::new(pointer(&path, schema), expected, sent.to_string()));
        }
    }
    if asked { findings.judgement() } else { Judgement::NotApplicable }
}

static RETURNED_DEFAULT: Check = Check {
    id: "rfc7643/7/returned-default",
    requirements: &["RFC7643-7-36", "RFC7643-2.2-05"],
    title: "What is returned by default comes without being asked for",
    why: "An IdP reads without naming attributes; what it does not see it writes again in every cycle.",
    fix: "Return every attribute that has a value, or publish it with returned \"request\".",
    judge: Judge::Scenario(returned_default),
};

/// A reading that names an attribute shows its value, and a whole reading of the same state does not.
fn returned_default(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let turns = &scene.trace.turns;
    let mut told = Vec::new();
    for (index, turn) in turns.iter().enumerate() {
        let asking = &*turn.exchange;
        let Some(Extent::Part(only, _)) = Extent::of(asking).filter(|_| asking.sent.method == "GET") else { continue };
        let (Some(answer), Some(schema)) = (asking.answer(), scene.facts.type_at(asking.sent.path())) else { continue };
        if !asking.succeeded() || answer.get("id").is_none() {
            continue;
        }
        let Some((whole, shown)) = whole_reading(scene, index) else { continue };
        let mut findings = Findings::default();
        for path in &only {
            let Some(attribute) = schema.find(path) else { continue };
            let published = || attribute.name.clone();
            let path = &match path.sub {
                Some(_) => AttributePath { sub: Some(published()), ..path.clone() },
                None => AttributePath { attribute: published(), ..path.clone() },
            };
            let by_default = matches!(attribute.returned, Returned::Default | Returned::Always);
            let value = |resource| history::value(resource, path, schema).filter(|value| value.as_str() != Some(""));
            if let (true, Some(value), None) = (by_default, value(answer), value(shown)) {
                let expected = format!("{path} {value}, which the resource has");
                let finding = Finding::new(pointer(path, schema), expected, "nothing");
                let silent = attribute.is_silent_on("returned");
                findings.tell(if silent { finding.of("RFC7643-2.2-05") } else { finding });
            }
        }
        told.push((whole, findings.judgement()));
    }
    told
}

/// The nearest whole reading of the same resource with no other request than readings between.
fn whole_reading<'a>(scene: &Scene<'a>, index: usize) -> Option<(usize, &'a Json)> {
    let turns = &scene.trace.turns;
    let path = turns[index].exchange.sent.path();
    let reads = |at: &usize| turns[*at].exchange.sent.method == "GET";
    let around = (0..index).rev().take_while(reads).chain((index + 1..turns.len()).take_while(reads));
    around.filter(|at| turns[*at].exchange.sent.path() == path).find_map(|at| {
        let exchange = &*turns[at].exchange;
        let whole = exchange.succeeded() && Extent::of(exchange) == Some(Extent::Whole);
        Some((at, exchange.answer().filter(|answer| whole && answer.get("id").is_some())?))
    })
}

static RETURNED_ON_WRITE: Check = Check {
    id: "rfc7643/7/returned-on-write",
    requirements: &["RFC7643-7-38"],
    title: "What is returned on request comes back from the write that set it",
    why: "A client cannot tell whether the value was taken.",
    fix: "Put an attribute with returned \"request\" into the answer to a POST, PUT or PATCH that gave it a value.",
    judge: Judge::Exchange(returned_on_write),
};

fn returned_on_write(subject: &Subject<'_>) -> Judgement {
    let writes = subject.kind.is(&[Operation::Create, Operation::Replace, Operation::Patch]);
    let Some(schema) = subject.kind.resource.filter(|_| writes && !subject.is_projected()) else {
        return Judgement::NotApplicable;
    };
    let on_request = single(schema, &|attribute| attribute.returned == Returned::Request);
    let Some(resource) = subject.resources().first().filter(|_| !on_request.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let Some(body) = subject.exchange().sent.json() else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let mut asked = false;
    for (path, _) in on_request {
        let sent = history::sent(subject.kind.operation, body, &path, schema);
        let Some(sent) = sent.filter(|sent| !sent.is_unassigned()) else { continue };
        asked = true;
        if history::value(resource.json, &path, schema).is_none() {
            findings.tell(Finding::new(pointer(&path, schema), format!("{path} {sent}, as it was written"), "nothing"));
        }
    }
    if asked { findings.judgement() } else { Judgement::NotApplicable }
}
