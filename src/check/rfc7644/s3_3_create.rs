//! RFC 7644 section 3.3: creating resources.

use super::super::expect;
use super::super::url::Url;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::exchange::Received;
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::schema::{ResourceSchema, Schema, builtin};

pub(super) static CHECKS: &[&Check] =
    &[&CREATED_STATUS, &LOCATION_HEADER, &LOCATION_IN_BODY, &LOCATIONS_AGREE, &CONFLICT_SCIM_TYPE, &UNDERSTOOD];

static CREATED_STATUS: Check = Check {
    id: "rfc7644/3.3/created-status",
    requirements: &["RFC7644-3.3-07", "RFC7644-3.3-01", "RFC7644-3.2-04"],
    title: "A create that succeeds answers 201",
    why: "Okta and Entra ID take another status for a create that did not happen, and try again.",
    fix: "Answer 201 Created when the resource was made, and 409 when it was there.",
    judge: Judge::Exchange(created_status),
};

fn created_status(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    (subject.status() != Some(201)).then(|| expect::status(subject, "201 Created")).into()
}

static LOCATION_HEADER: Check = Check {
    id: "rfc7644/3.3/location-header",
    requirements: &["RFC7644-3.3-09", "RFC7644-1.2-01"],
    title: "A 201 has the address of the new resource in Location",
    why: "A client that keeps the address of what it created has nothing to keep.",
    fix: "Send the same URI as meta.location in a Location header.",
    judge: Judge::Exchange(location_header),
};

fn location_header(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = created(subject) else { return Judgement::NotApplicable };
    let value = answer.header("location").map(str::trim);
    let Some(location) = value.filter(|value| !value.is_empty()) else {
        return expect::header("Location", "the address of the new resource", value).into();
    };
    let base = &subject.scene.options.base;
    let readable = base.is_empty() || Url::resolve(location, base).is_some();
    let finding = || expect::header("Location", "a URI, other characters percent-encoded", value).of("RFC7644-1.2-01");
    (!readable).then(finding).into()
}

static LOCATION_IN_BODY: Check = Check {
    id: "rfc7644/3.3/location-in-body",
    requirements: &["RFC7644-3.3-10", "RFC7643-3.1-29"],
    title: "A 201 has the address of the new resource in meta.location",
    why: "Clients that read only the body have no other way to the resource.",
    fix: "Put meta.location into the representation that a create returns.",
    judge: Judge::Exchange(location_in_body),
};

fn location_in_body(subject: &Subject<'_>) -> Judgement {
    if created(subject).is_none() || subject.is_projected() {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let location = resource.json.pointer("/meta/location");
        // What has another type is told by the check of data types; no meta at all by that of meta.
        if resource.members.get("meta").is_some_and(|meta| meta.as_object().is_some())
            && location.is_none_or(Json::is_unassigned)
        {
            findings.tell(expect::body("/meta/location", "the address of the new resource", location));
        }
    })
}

static LOCATIONS_AGREE: Check = Check {
    id: "rfc7644/3.3/locations-agree",
    requirements: &["RFC7644-3.3-09", "RFC7643-3.1-29", "RFC7643-2.3.7-03", "RFC7643-2.4-08"],
    title: "Location, meta.location and the target's own address agree",
    why: "Behind a reverse proxy the address of the server inside gets out, and no client can reach it.",
    fix: "Build both from the URL that clients use (Forwarded and X-Forwarded-Host tell it), and from the id.",
    judge: Judge::Exchange(locations_agree),
};

fn locations_agree(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = created(subject) else { return Judgement::NotApplicable };
    let root = subject.scene.options.base.as_str();
    let header = answer.header("location");
    let own = subject.body().and_then(|body| body.pointer("/meta/location")).and_then(Json::as_str);
    let (Some(header), Some(own)) = (header, own) else { return Judgement::NotApplicable };
    if header == own && root.is_empty() {
        return Judgement::Conforms;
    }
    let here = Url::resolve(own, root);
    let there = if header == own { here.clone() } else { Url::resolve(header, root) };
    let (Some(there), Some(here)) = (there, here) else { return Judgement::NotApplicable };
    let differ = || expect::header("Location", format!("what meta.location says: {own}"), Some(header));
    if !here.same_path(&there) {
        let prefix_only = same_end(&here, &there);
        return if prefix_only { differ().read_as(ambiguity::A36_HOST_MISMATCH).into() } else { differ().into() };
    }
    if !here.same_server(&there) {
        return differ().read_as(ambiguity::A36_HOST_MISMATCH).into();
    }
    let outside = |root: &Url| !here.same_server(root) || !here.same_path(&moved(&here, root));
    let base = root.split(['?', '#']).next().unwrap_or_default();
    let foreign = || expect::header("Location", format!("an address under {base}"), Some(header));
    let told = Url::resolve(root, root).filter(outside).map(|_| foreign().read_as(ambiguity::A36_HOST_MISMATCH));
    told.into()
}

/// The last two segments under the root: what the address would be there.
fn moved(url: &Url, root: &Url) -> Url {
    Url { path: format!("{}/{}", root.path, end(&url.path)).trim_start_matches('/').to_owned(), ..root.clone() }
}

fn same_end(a: &Url, b: &Url) -> bool {
    end(&a.path) == end(&b.path)
}

/// `Users/42`
fn end(path: &str) -> &str {
    path.rmatch_indices('/').nth(1).map_or(path, |(index, _)| &path[index + 1..])
}

static CONFLICT_SCIM_TYPE: Check = Check {
    id: "rfc7644/3.3/conflict",
    requirements: &["RFC7644-3.3-13", "RFC7644-3.3-12", "RFC7644-3.12-19"],
    title: "A create of what exists is refused with 409 and scimType uniqueness",
    why: "By that a client knows that it has to link the user that exists instead of trying again.",
    fix: "Answer 409 with scimType \"uniqueness\" when a unique value is in use.",
    judge: Judge::Exchange(conflict),
};

fn conflict(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create {
        return Judgement::NotApplicable;
    }
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    let unique = scim_type.and_then(Json::as_str) == Some("uniqueness");
    match (subject.status(), unique) {
        (Some(409), true) => Judgement::Conforms,
        (Some(409), false) if subject.body().is_some() => {
            let finding = expect::body("/scimType", "\"uniqueness\"", scim_type);
            finding.read_as(ambiguity::A18_SCIM_TYPE_MISSING).into()
        }
        (Some(400), true) => {
            let finding = expect::status(subject, "409 Conflict").of("RFC7644-3.3-12");
            finding.read_as(ambiguity::A18_BAD_REQUEST_ON_CREATE).into()
        }
        _ => Judgement::NotApplicable,
    }
}

static UNDERSTOOD: Check = Check {
    id: "rfc7644/3.3/understood",
    requirements: &["RFC7644-3.12-21"],
    title: "A body that fits the published schemas is not refused as malformed",
    why: "One attribute that is advertised and not known fails the whole account.",
    fix: "Take every attribute that /Schemas publishes, or do not publish it.",
    judge: Judge::Exchange(understood),
};

/// Whoever wants more than the schema says can say invalidValue.
fn understood(subject: &Subject<'_>) -> Judgement {
    let writes = subject.kind.is(&[Operation::Create, Operation::Replace]);
    let Some(schema) = subject.kind.resource.filter(|_| writes) else { return Judgement::NotApplicable };
    if subject.exchange().succeeded() {
        return Judgement::Conforms;
    }
    let scim_type = subject.body().and_then(|error| error.get("scimType")).and_then(Json::as_str);
    let malformed = subject.status() == Some(400) && scim_type == Some("invalidSyntax");
    let body = subject.exchange().sent.json().filter(|_| malformed);
    let Some(body) = body.filter(|body| is_published(body, schema, &subject.scene.facts.published)) else {
        return Judgement::NotApplicable;
    };
    // The validator knows resources as they are returned, with an id.
    let mut returned = body.clone();
    returned.as_object_mut().into_iter().for_each(|members| members.0.push(("id".to_owned(), "any".into())));
    let fits = super::super::validators::of(schema).check(&returned).is_empty();
    fits.then(|| expect::status(subject, "201 or 200: every attribute is published, and its value of the right type"))
        .map_or(Judgement::NotApplicable, Judgement::from)
}

/// Whether a body is of the type, and has nothing but what the target publishes, spelt as it does.
fn is_published(body: &Json, schema: &ResourceSchema, published: &[String]) -> bool {
    let is = |urn: &str| published.iter().any(|known| known == urn);
    let has = |schema: &Schema, name: &str| schema.attribute(name).is_some_and(|known| known.name == name);
    let mut members = body.as_object().into_iter().flat_map(Object::iter);
    let known = |(name, value): (&str, &Json)| {
        let common = builtin::common(name).is_some_and(|known| known.name == name && name != "id" && name != "meta");
        let extension = schema.extensions.iter().find(|(extension, _)| extension.id == name && is(name));
        let of_extension = extension.is_some_and(|(extension, _)| {
            value.as_object().is_some_and(|members| members.iter().all(|(name, _)| has(extension, name)))
        });
        common || has(&schema.core, name) || of_extension
    };
    is(&schema.core.id) && expect::names_schema(body, &schema.core.id) && members.all(known)
}

fn created<'a>(subject: &Subject<'a>) -> Option<&'a Received> {
    subject.received().filter(|answer| subject.kind.operation == Operation::Create && answer.status == 201)
}
