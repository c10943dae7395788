//! RFC 7643 sections 2.1 and 2.2: attribute names, and what the characteristics of an attribute demand.

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object, pointer_part, same_name};
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Returned, builtin};

pub(super) static CHECKS: &[&Check] = &[&ATTRIBUTE_CASE, &REQUIRED, &RETURNED_NEVER, &RETURNED_REQUEST];

static ATTRIBUTE_CASE: Check = Check {
    id: "rfc7643/2.1/attribute-case",
    requirements: &["RFC7643-2.1-01"],
    title: "Attributes are spelt as their schema publishes them",
    why: "Names are equal in any case, but many clients look a member up exactly as the standard spells it.",
    fix: "Write userName and not username or UserName.",
    judge: Judge::Exchange(attribute_case),
};

fn attribute_case(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        for (name, value) in resource.members.iter() {
            let Some(published) = spelling(name, schema) else { continue };
            if published != name {
                let pointer = resource.pointer(&format!("/{}", pointer_part(name)));
                findings.tell(misspelt(pointer, published, name));
            }
            subs_case(resource, name, value, schema, findings);
        }
    })
}

fn misspelt(pointer: String, published: &str, name: &str) -> super::super::Finding {
    let finding = expect::body(pointer, format!("the name {published}"), None).actually(format!("the name {name}"));
    finding.read_as(ambiguity::A33_OTHER_CASE_RETURNED)
}

/// How a top-level member is published; `None`: nobody publishes it.
fn spelling<'s>(name: &str, schema: &'s ResourceSchema) -> Option<&'s str> {
    let attributes = || builtin::commons().iter().chain(&schema.core.attributes).map(|a| a.name.as_str());
    let extensions = || schema.extensions.iter().map(|(extension, _)| extension.id.as_str());
    // Nearly every name is spelt right: the exact comparison comes first.
    let exact = attributes().chain(extensions()).find(|published| *published == name);
    exact.or_else(|| attributes().chain(extensions()).find(|published| published.eq_ignore_ascii_case(name)))
}

/// The members of a complex value or of an extension.
fn subs_case(resource: &Resource<'_>, name: &str, value: &Json, schema: &ResourceSchema, findings: &mut Findings) {
    let extension = schema.extensions.iter().find(|(extension, _)| extension.id.eq_ignore_ascii_case(name));
    let inner: &[Attribute] = match extension {
        Some((extension, _)) => &extension.attributes,
        None => match builtin::common(name).or_else(|| schema.core.attribute(name)) {
            Some(attribute) => &attribute.sub_attributes,
            None => return,
        },
    };
    let at = |element: Option<usize>| {
        let element = element.map_or_else(String::new, |index| format!("/{index}"));
        resource.pointer(&format!("/{}{element}", pointer_part(name)))
    };
    match value {
        Json::Object(object) => members_case(&|| at(None), object, inner, findings),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Json::Object(object) = item {
                    members_case(&|| at(Some(index)), object, inner, findings);
                }
            }
        }
        _ => {}
    }
}

fn members_case(at: &dyn Fn() -> String, object: &Object, inner: &[Attribute], findings: &mut Findings) {
    for (name, _) in object.iter() {
        if inner.iter().any(|attribute| attribute.name == name) {
            continue;
        }
        if let Some(attribute) = inner.iter().find(|attribute| same_name(&attribute.name, name)) {
            findings.tell(misspelt(format!("{}/{}", at(), pointer_part(name)), &attribute.name, name));
        }
    }
}

static REQUIRED: Check = Check {
    id: "rfc7643/2.2/required",
    requirements: &["RFC7643-7-17", "RFC7643-6-15", "RFC7643-4.1.1-03"],
    title: "A required attribute has a value in every whole representation",
    why: "A client that trusts the schema does not expect it to be missing.",
    fix: "Return it, or publish the attribute as not required.",
    judge: Judge::Exchange(required),
};

fn required(subject: &Subject<'_>) -> Judgement {
    if subject.is_projected() {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        missing(resource, "", resource.members, &schema.core.attributes, findings);
        for (extension, needed) in &schema.extensions {
            let at = || format!("/{}", pointer_part(&extension.id));
            match resource.members.get(&extension.id) {
                Some(Json::Object(inner)) if extension.attributes.iter().any(|attribute| attribute.required) => {
                    missing(resource, &at(), inner, &extension.attributes, findings);
                }
                None if *needed => {
                    findings
                        .tell(expect::body(resource.pointer(&at()), "a required extension", None).of("RFC7643-6-15"));
                }
                _ => {}
            }
        }
    })
}

/// Tells required attributes without a value. userName and a group's displayName have checks of their own.
fn missing(resource: &Resource<'_>, at: &str, members: &Object, attributes: &[Attribute], findings: &mut Findings) {
    for attribute in attributes.iter().filter(|attribute| attribute.required) {
        let shown = matches!(attribute.returned, Returned::Default | Returned::Always);
        let own_check =
            ["userName", "displayName", "id", "schemas"].iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        if !shown || own_check || attribute.mutability == Mutability::WriteOnly {
            continue;
        }
        let value = members.get(&attribute.name);
        if value.is_none_or(Json::is_unassigned) {
            let pointer = resource.pointer(&format!("{at}/{}", pointer_part(&attribute.name)));
            findings.tell(expect::body(pointer, format!("a value of {}", attribute.name), value));
        }
    }
}

static RETURNED_NEVER: Check = Check {
    id: "rfc7643/2.2/returned-never",
    requirements: &["RFC7643-7-34", "RFC7643-7-30"],
    title: "Attributes that are never returned are not returned",
    why: "Secrets get into the logs of everybody who reads the directory.",
    fix: "Leave attributes with returned \"never\" or mutability \"writeOnly\" out of every answer.",
    judge: Judge::Exchange(returned_never),
};

fn returned_never(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        let never = |a: &Attribute| a.returned == Returned::Never || a.mutability == Mutability::WriteOnly;
        // The password has a check of its own.
        let hidden = |a: &Attribute| never(a) && !a.name.eq_ignore_ascii_case("password");
        tell_shown(resource, schema, &hidden, "RFC7643-7-34", "nothing, since it is never returned", findings);
    })
}

static RETURNED_REQUEST: Check = Check {
    id: "rfc7643/2.2/returned-request",
    requirements: &["RFC7643-7-39"],
    title: "Attributes that are returned on request come only on request",
    why: "They are large or sensitive; that is why they are not in the default set.",
    fix: "Return attributes with returned \"request\" only when the attributes parameter names them.",
    judge: Judge::Exchange(returned_request),
};

fn returned_request(subject: &Subject<'_>) -> Judgement {
    let reads = subject.kind.is(&[Operation::Read, Operation::List, Operation::Search]);
    if !reads || subject.is_projected() {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        let on_request = |a: &Attribute| a.returned == Returned::Request;
        tell_shown(resource, schema, &on_request, "RFC7643-7-39", "nothing, since it was not asked for", findings);
    })
}

/// Tells every attribute that has a value and should not be shown.
fn tell_shown(
    resource: &Resource<'_>,
    schema: &ResourceSchema,
    hidden: &dyn Fn(&Attribute) -> bool,
    requirement: &'static str,
    expected: &str,
    findings: &mut Findings,
) {
    let core = ("", Some(resource.members), schema.core.attributes.as_slice());
    let extensions = schema.extensions.iter().map(|(extension, _)| {
        let inner = resource.members.get(&extension.id).and_then(Json::as_object);
        (extension.id.as_str(), inner, extension.attributes.as_slice())
    });
    for (urn, members, attributes) in std::iter::once(core).chain(extensions) {
        let Some(members) = members else { continue };
        for attribute in attributes {
            let whole = hidden(attribute);
            if !whole && !attribute.sub_attributes.iter().any(hidden) {
                continue;
            }
            let Some(value) = members.get(&attribute.name).filter(|value| !value.is_unassigned()) else { continue };
            let prefix = if urn.is_empty() { String::new() } else { format!("/{}", pointer_part(urn)) };
            let at = format!("{prefix}/{}", pointer_part(&attribute.name));
            let shown = if whole { Some(at) } else { shown_sub(&at, value, attribute, hidden) };
            if let Some(at) = shown {
                let finding = expect::body(resource.pointer(&at), expected, None).actually("a value");
                findings.tell(finding.of(requirement));
            }
        }
    }
}

fn shown_sub(at: &str, value: &Json, attribute: &Attribute, hidden: &dyn Fn(&Attribute) -> bool) -> Option<String> {
    let subs = || attribute.sub_attributes.iter().filter(|sub| hidden(sub));
    let has = |value: &Json, sub: &Attribute| value.get(&sub.name).is_some_and(|value| !value.is_unassigned());
    match value {
        Json::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            subs().find(|sub| has(item, sub)).map(|sub| format!("{at}/{index}/{}", pointer_part(&sub.name)))
        }),
        single => subs().find(|sub| has(single, sub)).map(|sub| format!("{at}/{}", pointer_part(&sub.name))),
    }
}
