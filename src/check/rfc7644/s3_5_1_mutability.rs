//! RFC 7644 sections 3.3 and 3.5.1: what a client may not set.

use super::super::expect::{self, Findings};
use super::super::resource::last_shown;
use super::super::{Check, Finding, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::resource::equal;
use crate::scim::schema::{Attribute, Mutability};

pub(super) static CHECKS: &[&Check] = &[&READ_ONLY, &IMMUTABLE];

static READ_ONLY: Check = Check {
    id: "rfc7644/3.5.1/read-only",
    requirements: &["RFC7644-3.5.1-11", "RFC7644-3.3-02", "RFC7643-3.1-24"],
    title: "readOnly values in a POST or PUT are ignored, neither refused nor taken over",
    why: "Okta writes back what it has read: id, meta and groups come along with every PUT.",
    fix: "Leave id, meta, groups and other readOnly attributes of the body alone.",
    judge: Judge::Exchange(read_only),
};

fn read_only(subject: &Subject<'_>) -> Judgement {
    let create = subject.kind.operation == Operation::Create;
    let requirement = if create { "RFC7644-3.3-02" } else { "RFC7644-3.5.1-11" };
    let Some(sent) = subject.exchange().sent.json().filter(|_| create || subject.kind.operation == Operation::Replace)
    else {
        return Judgement::NotApplicable;
    };
    let names: Vec<&str> = ["id", "meta", "groups"]
        .into_iter()
        .filter(|name| sent.get(name).is_some_and(|v| !v.is_unassigned()))
        .collect();
    if names.is_empty() {
        return Judgement::NotApplicable;
    }
    let id = sent.get("id").and_then(Json::as_str);
    match subject.status() {
        Some(400) => {
            let error = subject.body();
            let mutability = error.and_then(|e| e.get("scimType")).and_then(Json::as_str) == Some("mutability");
            if !mutability {
                return Judgement::NotApplicable;
            }
            let other_id = !create && id.is_some_and(|id| subject.kind.id != Some(id));
            let reading = if other_id { ambiguity::A17_OTHER_ID_REFUSED } else { ambiguity::A17_READ_ONLY_REFUSED };
            let expected = format!("success, {} ignored", names.join(" and "));
            let requirement = if names == ["meta"] { "RFC7643-3.1-24" } else { requirement };
            expect::status(subject, &expected).of(requirement).read_as(reading).into()
        }
        Some(200 | 201) => applied(subject, sent, create).of_all(requirement),
        _ => Judgement::NotApplicable,
    }
}

/// Values of the body that the server cannot have had by itself, and that its answer shows.
fn applied(subject: &Subject<'_>, sent: &Json, create: bool) -> Findings {
    let mut findings = Findings::default();
    let Some(answer) = subject.body() else { return findings };
    let before = subject.kind.id.and_then(|id| last_shown(&subject.scene, subject.index, id)).map(|(_, shown)| shown);
    for pointer in ["/id", "/meta/created"] {
        let (Some(wanted), Some(shown)) = (sent.pointer(pointer).and_then(Json::as_str), answer.pointer(pointer))
        else {
            continue;
        };
        let had = before.and_then(|before| before.pointer(pointer)).and_then(Json::as_str) == Some(wanted);
        let own = had || (!create && subject.kind.id == Some(wanted)) || (!create && before.is_none());
        if !own && shown.as_str() == Some(wanted) {
            let finding = expect::body(pointer, "a value of the server's own", Some(shown));
            let finding = if pointer == "/id" { finding } else { finding.of("RFC7643-3.1-24") };
            findings.tell(finding.read_as(ambiguity::A17_READ_ONLY_APPLIED));
        }
    }
    findings
}

impl Findings {
    fn of_all(self, requirement: &'static str) -> Judgement {
        match self.judgement() {
            Judgement::Violates(found) => {
                let named =
                    |finding: Finding| if finding.requirement.is_some() { finding } else { finding.of(requirement) };
                Judgement::Violates(found.into_iter().map(named).collect())
            }
            other => other,
        }
    }
}

static IMMUTABLE: Check = Check {
    id: "rfc7644/3.5.1/immutable",
    requirements: &["RFC7644-3.5.1-08", "RFC7644-3.5.1-09", "RFC7644-3.5.1-10"],
    title: "A PUT sets an immutable attribute that has no value, and does not change one that has",
    why: "Identifiers that other systems rely on must not move under a careless update.",
    fix: "Answer 400 with scimType mutability when an immutable value differs, and store a first value.",
    judge: Judge::Exchange(immutable),
};

fn immutable(subject: &Subject<'_>) -> Judgement {
    let replace = subject.kind.operation == Operation::Replace;
    let (Some(schema), Some(id), true) = (subject.kind.resource, subject.kind.id, replace) else {
        return Judgement::NotApplicable;
    };
    let Some((_, before)) = last_shown(&subject.scene, subject.index, id) else { return Judgement::NotApplicable };
    let Some(sent) = subject.exchange().sent.json() else { return Judgement::NotApplicable };
    let fixed = |attribute: &&Attribute| attribute.mutability == Mutability::Immutable;
    for attribute in schema.core.attributes.iter().filter(fixed) {
        let Some(wanted) = sent.get(&attribute.name).filter(|value| !value.is_unassigned()) else { continue };
        let had = before.get(&attribute.name).filter(|value| !value.is_unassigned());
        let judgement = match had {
            Some(had) if equal(had, wanted, Some(attribute)) => continue,
            Some(_) => changed(subject, attribute, wanted),
            None => first_value(subject, attribute, wanted),
        };
        if judgement != Judgement::NotApplicable {
            return judgement;
        }
    }
    Judgement::NotApplicable
}

fn changed(subject: &Subject<'_>, attribute: &Attribute, wanted: &Json) -> Judgement {
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    match subject.status() {
        Some(400) if scim_type.and_then(Json::as_str) == Some("mutability") => Judgement::Conforms,
        Some(400) => {
            let finding = expect::body("/scimType", "\"mutability\"", scim_type).of("RFC7644-3.5.1-09");
            finding.read_as(ambiguity::A15_OTHER_SCIM_TYPE).into()
        }
        Some(200) => {
            let shown = subject.body().and_then(|body| body.get(&attribute.name));
            if shown.is_some_and(|shown| equal(shown, wanted, Some(attribute))) {
                return expect::body(format!("/{}", attribute.name), "the value as before: it is immutable", shown)
                    .into();
            }
            expect::status(subject, "400 Bad Request with mutability").of("RFC7644-3.5.1-09").into()
        }
        _ => Judgement::NotApplicable,
    }
}

fn first_value(subject: &Subject<'_>, attribute: &Attribute, wanted: &Json) -> Judgement {
    let Some(answer) = subject.body().filter(|_| subject.status() == Some(200)) else {
        return Judgement::NotApplicable;
    };
    let shown = answer.get(&attribute.name);
    let stored = shown.is_some_and(|shown| equal(shown, wanted, Some(attribute)));
    let finding = || expect::body(format!("/{}", attribute.name), wanted.to_string(), shown).of("RFC7644-3.5.1-10");
    (!stored).then(finding).into()
}
