//! RFC 7644 section 3.9: which attributes are returned (and section 3.4.2.5).

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object, pointer_part};
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Returned, builtin};

pub(super) static CHECKS: &[&Check] = &[&MINIMUM_SET, &ATTRIBUTES, &EXCLUDED_ATTRIBUTES, &BOTH];

static MINIMUM_SET: Check = Check {
    id: "rfc7644/3.9/minimum-set",
    requirements: &[
        "RFC7644-3.9-05",
        "RFC7644-3.9-07",
        "RFC7644-3.4.2.5-04",
        "RFC7644-3.4.3-05",
        "RFC7643-3.1-14",
        "RFC7643-7-33",
    ],
    title: "A part of a resource still has its id",
    why: "Without the id the client cannot change what it found.",
    fix: "Return id and every other attribute with returned \"always\" whatever attributes and excludedAttributes say.",
    judge: Judge::Exchange(minimum_set),
};

fn minimum_set(subject: &Subject<'_>) -> Judgement {
    if !subject.is_projected() {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        if resource.members.get("id").is_none_or(Json::is_unassigned) {
            findings.tell(expect::body(resource.pointer("/id"), "the id", resource.members.get("id")));
        }
    })
}

static ATTRIBUTES: Check = Check {
    id: "rfc7644/3.9/attributes",
    requirements: &["RFC7644-3.9-04", "RFC7644-3.4.2.5-01", "RFC7644-3.9-06", "RFC7644-3.4.3-04", "RFC7643-7-37"],
    title: "attributes gives what it names and nothing more",
    why: "Clients ask for a part because the whole is large: groups with all their members, users with photos.",
    fix: "Return what attributes names, and what is always returned; leave the default set out.",
    judge: Judge::Exchange(attributes),
};

fn attributes(subject: &Subject<'_>) -> Judgement {
    let Some(asked) = named(subject, "attributes") else { return Judgement::NotApplicable };
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        extra(resource, schema, &asked, findings);
    })
}

/// Tells the attributes that were not asked for; what is unknown to the schema is not judged here. One is told by its name,
/// several as the one mistake that they are.
fn extra(resource: &Resource<'_>, schema: &ResourceSchema, asked: &[AttributePath], findings: &mut Findings) {
    let finding = match extras(resource, schema, asked).as_slice() {
        [] => return,
        [(pointer, value)] => expect::body(resource.pointer(pointer), "only what was asked for", Some(value)),
        _ => expect::body(resource.pointer(""), "only what was asked for", None).actually("several attributes more"),
    };
    findings.tell(finding.read_as(ambiguity::A31_EXTRA));
}

/// The attributes that were not asked for, with their places.
fn extras<'r>(resource: &Resource<'r>, schema: &ResourceSchema, asked: &[AttributePath]) -> Vec<(String, &'r Json)> {
    let mut extras = Vec::new();
    for (name, value) in resource.members.iter().filter(|(_, value)| !value.is_unassigned()) {
        let extension = schema.extensions.iter().find(|(extension, _)| extension.id.eq_ignore_ascii_case(name));
        if let Some((extension, _)) = extension {
            let of_it = |path: &AttributePath| path.to_string().eq_ignore_ascii_case(&extension.id);
            if asked.iter().any(of_it) {
                continue;
            }
            for (inner, value) in value.as_object().into_iter().flat_map(Object::iter) {
                let known = extension.attribute(inner).filter(|_| !value.is_unassigned());
                if known.is_some_and(|a| is_extra(a, Some(&extension.id), asked)) {
                    extras.push((format!("/{}/{}", pointer_part(name), pointer_part(inner)), value));
                }
            }
            continue;
        }
        let known = builtin::common(name).or_else(|| schema.core.attribute(name));
        // The characteristics of schemas are published nowhere, and every example has it.
        if known.is_some_and(|a| !a.name.eq_ignore_ascii_case("schemas") && is_extra(a, None, asked)) {
            extras.push((format!("/{}", pointer_part(name)), value));
        }
    }
    extras
}

fn is_extra(attribute: &Attribute, extension: Option<&str>, asked: &[AttributePath]) -> bool {
    let always = |a: &Attribute| a.returned == Returned::Always;
    let needed = always(attribute) || attribute.sub_attributes.iter().any(always);
    !needed && !asked.iter().any(|path| names(path, attribute, extension))
}

/// Whether a path names an attribute, or a part of it. A path without a URN is understood in an extension too.
fn names(path: &AttributePath, attribute: &Attribute, extension: Option<&str>) -> bool {
    let schema = match (&path.urn, extension) {
        (Some(urn), Some(extension)) => urn.eq_ignore_ascii_case(extension),
        _ => true,
    };
    schema && path.attribute.eq_ignore_ascii_case(&attribute.name)
}

static EXCLUDED_ATTRIBUTES: Check = Check {
    id: "rfc7644/3.9/excluded-attributes",
    requirements: &["RFC7644-3.9-08", "RFC7644-3.4.2.5-02", "RFC7644-3.4.2.5-05", "RFC7644-3.4.3-06"],
    title: "excludedAttributes leaves out what it names",
    why: "Entra ID excludes the members of a group because there can be thousands.",
    fix: "Leave the named attributes out unless they are always returned.",
    judge: Judge::Exchange(excluded_attributes),
};

fn excluded_attributes(subject: &Subject<'_>) -> Judgement {
    let Some(excluded) = named(subject, "excludedAttributes") else { return Judgement::NotApplicable };
    if named(subject, "attributes").is_some() {
        // Both together are mutually exclusive: one wins (ambiguity 31).
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let Some(schema) = resource.schema else { return };
        for path in &excluded {
            let Some(attribute) = schema.find(path).filter(|a| a.returned != Returned::Always) else { continue };
            if attribute.name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            if let Some((pointer, value)) = locate(resource, path, schema) {
                let noted = path.urn.is_some() || path.sub.is_some();
                let requirement = match (noted, subject.kind.operation) {
                    (true, Operation::Search) => "RFC7644-3.4.3-06",
                    (true, _) => "RFC7644-3.4.2.5-05",
                    (false, _) => "RFC7644-3.9-08",
                };
                tell_excluded(resource, &pointer, value, requirement, findings);
            }
        }
    })
}

fn tell_excluded(
    resource: &Resource<'_>,
    pointer: &str,
    value: &Json,
    requirement: &'static str,
    findings: &mut Findings,
) {
    let finding = expect::body(resource.pointer(pointer), "nothing, since it is excluded", Some(value));
    findings.tell(finding.of(requirement).read_as(ambiguity::A31_EXTRA));
}

/// Where the value of a path stands in a resource, if it has one; a sub-attribute of a multi-valued attribute at its
/// first element that has it.
fn locate<'r>(resource: &Resource<'r>, path: &AttributePath, schema: &ResourceSchema) -> Option<(String, &'r Json)> {
    let mut pointer = String::new();
    let mut here = resource.json;
    if let Some(urn) = path.urn.as_ref().filter(|urn| !urn.eq_ignore_ascii_case(&schema.core.id)) {
        pointer = format!("/{}", pointer_part(urn));
        here = here.get(urn)?;
    }
    pointer.push('/');
    pointer.push_str(&pointer_part(&path.attribute));
    here = here.get(&path.attribute)?;
    let Some(sub) = &path.sub else { return (!here.is_unassigned()).then_some((pointer, here)) };
    let found = match here {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| item.get(sub).map(|value| (format!("{pointer}/{i}/{sub}"), value))),
        other => other.get(sub).map(|value| (format!("{pointer}/{sub}"), value)),
    };
    found.filter(|(_, value)| !value.is_unassigned())
}

/// The attribute paths of a parameter: in the query, or in the body of a search. Names that are no paths are left out.
fn named(subject: &Subject<'_>, parameter: &str) -> Option<Vec<AttributePath>> {
    let sent = &subject.exchange().sent;
    let texts: Vec<String> = if subject.kind.operation == Operation::Search {
        let body = sent.json()?;
        let items = body.get(parameter)?.as_array()?.iter().filter_map(Json::as_str);
        items.map(str::to_owned).collect()
    } else {
        sent.query()?;
        sent.parameter(parameter)?.split(',').map(|name| name.trim().to_owned()).collect()
    };
    let paths: Vec<_> = texts.iter().filter_map(|text| AttributePath::parse(text).ok()).collect();
    (!paths.is_empty() && paths.len() == texts.len()).then_some(paths)
}

static BOTH: Check = Check {
    id: "rfc7644/3.9/both",
    requirements: &["RFC7644-3.9-03"],
    title: "attributes and excludedAttributes together are refused, or one of them wins",
    why: "What a client gets by both is not defined; an internal error or an empty answer helps nobody.",
    fix: "Answer 400, or heed one of the two.",
    judge: Judge::Exchange(both),
};

fn both(subject: &Subject<'_>) -> Judgement {
    let asked = named(subject, "attributes").is_some() && named(subject, "excludedAttributes").is_some();
    match subject.status().filter(|_| asked) {
        Some(200 | 201 | 400) => Judgement::Conforms,
        Some(404 | 409 | 422 | 500) => expect::status(subject, "400 Bad Request, or an answer to one of them").into(),
        _ => Judgement::NotApplicable,
    }
}
