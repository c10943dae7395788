//! RFC 7643 section 7: uniqueness.

use super::super::expect::{self, Findings};
use super::super::history::{self, Written};
use super::super::resource::stays_apart;
use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Subject};
use crate::exchange::Exchange;
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type, Uniqueness, builtin};
use crate::scim::urn;
use crate::shadow::fold::created_id;

pub(super) static CHECKS: &[&Check] = &[&UNIQUE, &UNIQUE_IN_LIST, &CONFLICT];

/// Whether values of an attribute of a type must not be there twice. A user name must not whatever the schema says
/// (section 4.1.1).
fn is_unique(schema: &ResourceSchema, attribute: &Attribute) -> bool {
    let user_name = schema.core.id == urn::USER && attribute.name.eq_ignore_ascii_case("userName");
    user_name || (attribute.uniqueness != Uniqueness::None && builtin::common(&attribute.name).is_none())
}

/// The unique attributes with one text each, core schema and extensions.
fn unique(schema: &ResourceSchema) -> impl Iterator<Item = (AttributePath, &Attribute)> {
    let core = schema.core.attributes.iter().map(|attribute| (None, attribute));
    let extensions = schema
        .extensions
        .iter()
        .flat_map(|(e, _)| e.attributes.iter().map(move |attribute| (Some(e.id.clone()), attribute)));
    let text = |attribute: &Attribute| !attribute.multi_valued && attribute.kind == Type::String;
    core.chain(extensions)
        .filter(move |(_, attribute)| text(attribute) && is_unique(schema, attribute))
        .map(|(urn, attribute)| (AttributePath { urn, attribute: attribute.name.clone(), sub: None }, attribute))
}

fn text_of<'j>(resource: &'j Json, path: &AttributePath, schema: &ResourceSchema) -> Option<&'j str> {
    history::value(resource, path, schema)?.as_str().filter(|text| !text.is_empty())
}

fn same_text(attribute: &Attribute, one: &str, other: &str) -> bool {
    one == other || (!attribute.case_exact && one.to_lowercase() == other.to_lowercase())
}

fn row(path: &AttributePath) -> &'static str {
    if path.attribute.eq_ignore_ascii_case("userName") { "RFC7643-4.1.1-02" } else { "RFC7643-7-43" }
}

static UNIQUE: Check = Check {
    id: "rfc7643/7/unique",
    requirements: &["RFC7643-7-43", "RFC7643-4.1.1-02"],
    title: "A unique value is not accepted a second time",
    why: "Two accounts with one user name: the IdP links the wrong one, and a person signs in to the account of \
          another.",
    fix: "Refuse a value that another resource has with 409 and scimType uniqueness, comparing as caseExact says.",
    judge: Judge::Write(unique_values),
};

fn unique_values(written: &Written<'_>) -> Judgement {
    let schema = written.schema;
    let mut findings = Findings::default();
    let mut asked = false;
    for (path, attribute) in unique(schema) {
        let Some(value) = text_of(written.after, &path, schema) else { continue };
        for other in others(written) {
            asked = true;
            if !text_of(other, &path, schema).is_some_and(|text| same_text(attribute, text, value)) {
                continue;
            }
            let actual = format!("{value:?}, which another resource of this run has");
            let finding =
                Finding::new(Location::Body(history::pointer(&path, schema)), "a conflict, 409", actual).of(row(&path));
            let duplicate = row(&path) == "RFC7643-4.1.1-02";
            findings.tell(if duplicate { finding.read_as(ambiguity::A18_DUPLICATE) } else { finding });
            break;
        }
    }
    if asked { findings.judgement() } else { Judgement::NotApplicable }
}

/// The other live resources of the type that the run has made, as they were shown last before a write.
fn others<'a>(written: &Written<'a>) -> Vec<&'a Json> {
    let turns = &written.scene.trace.turns[..written.turn];
    let place = |id: &str| format!("{}/{id}", written.schema.endpoint.trim_end_matches('/'));
    let at = |exchange: &Exchange, place: &str| exchange.sent.path().trim_end_matches('/') == place;
    let creates = turns.iter().enumerate().filter(|(_, turn)| {
        turn.exchange.sent.method == "POST" && at(&turn.exchange, written.schema.endpoint.trim_end_matches('/'))
    });
    creates
        .filter_map(|(index, turn)| {
            let id = created_id(&turn.exchange).filter(|id| *id != written.id)?;
            let place = place(&id);
            let later = || turns[index + 1..].iter().filter(|turn| at(&turn.exchange, &place));
            let is_gone = later().any(|turn| turn.exchange.sent.method == "DELETE" && turn.exchange.succeeded());
            let mut shown = turn.exchange.answer();
            for turn in later().filter(|turn| turn.exchange.succeeded()) {
                // What was written and not shown since is not known.
                let wrote = matches!(turn.exchange.sent.method.as_str(), "PUT" | "PATCH");
                shown = turn.exchange.answer().or(if wrote { None } else { shown });
            }
            shown.filter(|_| !is_gone)
        })
        .collect()
}

static UNIQUE_IN_LIST: Check = Check {
    id: "rfc7643/7/unique-in-list",
    requirements: &["RFC7643-7-45"],
    title: "No two resources of a list share a unique value",
    why: "An import links both accounts to one person, or neither.",
    fix: "Make the value unique in the store, and mend the duplicates that are there.",
    judge: Judge::Exchange(unique_in_list),
};

fn unique_in_list(subject: &Subject<'_>) -> Judgement {
    let lists = subject.kind.is(&[Operation::List, Operation::Search]);
    let Some(schema) = subject.kind.resource.filter(|_| lists) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let mut asked = false;
    for (path, attribute) in unique(schema) {
        let mut seen: std::collections::HashMap<String, Option<&str>> = std::collections::HashMap::new();
        for resource in subject.resources() {
            let Some(text) = text_of(resource.json, &path, schema).filter(|text| stays_apart(text)) else { continue };
            asked = true;
            let key = if attribute.case_exact { text.to_owned() } else { text.to_lowercase() };
            let id = resource.members.get("id").and_then(Json::as_str);
            let Some(before) = seen.insert(key, id) else { continue };
            // The same resource twice, and two of the run's own, are told by other checks.
            let own = [before, id].into_iter().flatten().all(|id| subject.is_ours(id));
            if before != id && !own {
                let at = resource.pointer(&history::pointer(&path, schema));
                let expected = format!("a {path} that no other resource has");
                findings.tell(expect::body(at, expected, None).actually(format!("{text:?} again")));
            }
        }
    }
    if asked { findings.judgement() } else { Judgement::NotApplicable }
}

static CONFLICT: Check = Check {
    id: "rfc7643/7/conflict",
    requirements: &["RFC7643-7-42", "RFC7643-2.2-06", "RFC7643-3.1-18"],
    title: "A create is refused as a conflict only over a value that is unique",
    why: "Two people of one household, or two groups of one name, cannot both be provisioned, and no schema says why.",
    fix: "Accept equal values of attributes with uniqueness \"none\", or publish the attribute as unique.",
    judge: Judge::Exchange(conflict),
};

/// What a server might keep unique beyond the name: only such values are blamed for a conflict.
const SUSPECTS: [(Option<&str>, &str, Option<&str>); 6] = [
    (None, "externalId", None),
    (None, "displayName", None),
    (None, "emails", Some("value")),
    (None, "phoneNumbers", Some("value")),
    (None, "nickName", None),
    (Some(urn::ENTERPRISE_USER), "employeeNumber", None),
];

fn conflict(subject: &Subject<'_>) -> Judgement {
    let Some(schema) = subject.kind.resource.filter(|_| subject.kind.operation == Operation::Create) else {
        return Judgement::NotApplicable;
    };
    if subject.status() == Some(201) {
        return accepted(subject, schema);
    }
    let scim_type = subject.body().and_then(|body| body.get("scimType")).and_then(Json::as_str);
    let is_conflict = subject.status() == Some(409) && scim_type.is_none_or(|kind| kind == "uniqueness");
    let sent = subject.exchange().sent.json().filter(|_| is_conflict);
    let Some(sent) = sent else { return Judgement::NotApplicable };
    let earlier: Vec<&Json> = subject.scene.trace.turns[..subject.index]
        .iter()
        .filter(|turn| {
            turn.exchange.sent.method == "POST" && turn.exchange.sent.path() == subject.exchange().sent.path()
        })
        .filter_map(|turn| turn.exchange.sent.json())
        .collect();
    let shares = |path: &AttributePath, attribute: &Attribute| {
        let value = text_of(sent, path, schema);
        value.is_some_and(|value| {
            earlier.iter().any(|body| text_of(body, path, schema).is_some_and(|text| same_text(attribute, text, value)))
        })
    };
    // Where a unique value is missing, that may be what the refusal is about, whatever its status says.
    let lacks =
        |path: &AttributePath, attribute: &Attribute| attribute.required && text_of(sent, path, schema).is_none();
    if unique(schema).any(|(path, attribute)| shares(&path, attribute) || lacks(&path, attribute)) {
        return Judgement::NotApplicable;
    }
    let suspect = SUSPECTS.iter().find_map(|(urn, name, sub)| {
        let path =
            AttributePath { urn: urn.map(str::to_owned), attribute: (*name).to_owned(), sub: sub.map(str::to_owned) };
        let attribute = schema.find(&path).filter(|attribute| !is_unique(schema, attribute))?;
        let in_use = match sub {
            Some(sub) => shares_element(sent, &earlier, name, sub),
            None => shares(&path, attribute),
        };
        in_use.then_some((path, attribute))
    });
    suspect.map_or(Judgement::NotApplicable, |(path, attribute)| blamed(subject, schema, &path, attribute))
}

/// A create that succeeded shows something only if a value of a suspect was in use.
fn accepted(subject: &Subject<'_>, schema: &ResourceSchema) -> Judgement {
    let earlier = subject.scene.trace.turns[..subject.index].iter().rev().map(|turn| &turn.exchange.sent);
    let before =
        earlier.into_iter().find(|sent| sent.method == "POST" && sent.path() == subject.exchange().sent.path());
    let Some((before, own)) = before.and_then(|sent| Some((sent.json()?, subject.exchange().sent.json()?))) else {
        return Judgement::NotApplicable;
    };
    let shared = SUSPECTS.iter().any(|(urn, name, sub)| {
        if let Some(sub) = sub {
            return shares_element(own, &[before], name, sub);
        }
        let path = AttributePath { urn: urn.map(str::to_owned), attribute: (*name).to_owned(), sub: None };
        text_of(own, &path, schema).is_some_and(|text| text_of(before, &path, schema) == Some(text))
    });
    if shared { Judgement::Conforms } else { Judgement::NotApplicable }
}

fn shares_element(sent: &Json, earlier: &[&Json], name: &str, sub: &str) -> bool {
    let values = |body: &Json| -> Vec<String> {
        let items = body.get(name).and_then(Json::as_array).unwrap_or_default();
        items.iter().filter_map(|item| Some(item.get(sub)?.as_str()?.to_lowercase())).collect()
    };
    let own = values(sent);
    earlier.iter().any(|body| values(body).iter().any(|value| own.contains(value)))
}

fn blamed(subject: &Subject<'_>, schema: &ResourceSchema, path: &AttributePath, attribute: &Attribute) -> Judgement {
    let expected = format!("201 Created: no attribute that is unique has a value in use, only {path}");
    let finding = expect::status(subject, &expected);
    let is = |name: &str| path.attribute.eq_ignore_ascii_case(name);
    let finding = if is("externalId") {
        finding.of("RFC7643-3.1-18").read_as(ambiguity::A18_EXTERNAL_ID_CONFLICT)
    } else if is("displayName") && schema.core.id == urn::GROUP {
        finding.read_as(ambiguity::A18_GROUP_NAME_CONFLICT)
    } else {
        finding.read_as(ambiguity::A18_OTHER_CONFLICT)
    };
    let silent = attribute.is_silent_on("uniqueness") && finding.requirement.is_none();
    (if silent { finding.of("RFC7643-2.2-06") } else { finding }).into()
}
