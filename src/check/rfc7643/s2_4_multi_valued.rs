//! RFC 7643 section 2.4: multi-valued attributes.

use super::super::expect;
use super::super::resource::stays_apart;
use super::super::{Check, Judge, Judgement, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};

pub(super) static CHECKS: &[&Check] = &[&ONE_PRIMARY, &NORMAL_FORM, &DISTINCT_VALUES];

static ONE_PRIMARY: Check = Check {
    id: "rfc7643/2.4/one-primary",
    requirements: &["RFC7643-2.4-04", "RFC7644-3.5.2-22"],
    title: "At most one value of an attribute is primary",
    why: "Mail goes to whichever address a client finds first.",
    fix: "Reset primary on the other values when one is set.",
    judge: Judge::Exchange(one_primary),
};

fn one_primary(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        for (name, items) in arrays(resource.members) {
            let primary = |item: &&Json| item.get("primary").and_then(Json::as_bool) == Some(true);
            let number = items.iter().filter(primary).count();
            if number > 1 {
                let pointer = resource.pointer(&format!("/{}", pointer_part(name)));
                let finding = expect::body(pointer, "at most one primary value", None);
                findings
                    .tell(finding.actually(format!("{number} primary values")).read_as(ambiguity::A14_SEVERAL_PRIMARY));
            }
        }
    })
}

static NORMAL_FORM: Check = Check {
    id: "rfc7643/2.4/normal-form",
    requirements: &["RFC7643-2.4-07"],
    title: "References are in the normal form of URIs",
    why: "A client that compares addresses as texts takes one resource for two.",
    fix: "Write scheme and host in lower case, no port that is the scheme's own, no dot segments, and %2F, not %2f.",
    judge: Judge::Exchange(normal_form),
};

fn normal_form(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        if !resource.id().is_some_and(|id| subject.is_ours(id)) {
            return;
        }
        let mut look = |value: &Json, pointer: &dyn Fn() -> String| {
            if let Some(why) = value.as_str().and_then(abnormal) {
                let finding = expect::body(resource.pointer(&pointer()), why, Some(value));
                findings.tell(finding.actually(value.to_string()));
            }
        };
        if let Some(location) = resource.json.pointer("/meta/location") {
            look(location, &|| "/meta/location".to_owned());
        }
        for (name, value) in resource.members.iter() {
            for (index, item) in value.as_array().unwrap_or_default().iter().enumerate() {
                if let Some(reference) = item.get("$ref") {
                    look(reference, &|| format!("/{}/{index}/$ref", pointer_part(name)));
                }
            }
        }
    })
}

/// What of a reference is not in the normal form of RFC 3986 section 6.2.2 and 6.2.3.
fn abnormal(reference: &str) -> Option<&'static str> {
    let (scheme, rest) = reference.split_once("://").unwrap_or(("", reference));
    let (authority, path) = if scheme.is_empty() { ("", rest) } else { rest.split_once('/').unwrap_or((rest, "")) };
    let upper = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut escapes = path.match_indices('%').filter_map(|(at, _)| path.get(at + 1..at + 3));
    if upper(scheme) || upper(host) {
        Some("scheme and host in lower case")
    } else if (scheme == "https" && host.ends_with(":443")) || (scheme == "http" && host.ends_with(":80")) {
        Some("no port that is the scheme's own")
    } else if !scheme.is_empty() && path.split('/').any(|segment| segment == "." || segment == "..") {
        Some("no dot segments")
    } else if escapes.any(|hex| hex.bytes().any(|b| b.is_ascii_lowercase())) {
        Some("percent-encoding in upper case")
    } else {
        None
    }
}

static DISTINCT_VALUES: Check = Check {
    id: "rfc7643/2.4/distinct-values",
    requirements: &["RFC7643-2.4-11", "RFC7644-3.5.2.1-10"],
    title: "No value stands twice under the same type",
    why: "A member who is there twice is still there after it was removed once.",
    fix: "Add a value only when the attribute does not have it yet.",
    judge: Judge::Exchange(distinct_values),
};

fn distinct_values(subject: &Subject<'_>) -> Judgement {
    subject.each(|resource, findings| {
        for (name, items) in arrays(resource.members).filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
            let members = name.eq_ignore_ascii_case("members");
            let told = |index: &usize| {
                let apart = items[*index].get("value").and_then(Json::as_str).is_some_and(stays_apart);
                apart || resource.id().is_some_and(|id| subject.is_ours(id))
            };
            if let Some(index) = repeated(items, members).filter(told) {
                let pointer = resource.pointer(&format!("/{}/{index}", pointer_part(name)));
                let finding =
                    expect::body(pointer, "another value than before it", None).actually("the same value again");
                let reading = if members { ambiguity::A13_MEMBER_TWICE } else { ambiguity::A13_VALUE_TWICE };
                findings.tell(finding.read_as(reading));
            }
        }
    })
}

/// The first element whose value came before, under the same type unless these are members.
fn repeated(items: &[Json], members: bool) -> Option<usize> {
    // A large group would cost the square of its size.
    if items.len() > 16 {
        let mut seen = std::collections::HashSet::new();
        return items.iter().position(|item| key(item, members).is_some_and(|key| !seen.insert(key)));
    }
    items.iter().enumerate().position(|(index, item)| {
        let key = |item| key(item, members);
        key(item).is_some_and(|own| items[..index].iter().any(|other| key(other) == Some(own)))
    })
}

/// Type and value; a value that is not there is not compared.
fn key(item: &Json, members: bool) -> Option<(&str, &str)> {
    let value = item.get("value")?.as_str()?;
    let kind = item.get("type").and_then(Json::as_str).filter(|_| !members);
    Some((kind.unwrap_or_default(), value))
}

fn arrays(members: &crate::scim::json::Object) -> impl Iterator<Item = (&str, &[Json])> {
    members
        .iter()
        .filter_map(|(name, value)| value.as_array().filter(|items| items.len() > 1).map(|items| (name, items)))
}
