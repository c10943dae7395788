//! RFC 7643 section 5: the service provider configuration.

use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};

pub(super) static CHECKS: &[&Check] = &[&FEATURES, &LIMITS, &AUTHENTICATION_SCHEMES, &URIS, &READ_ONLY, &PUBLIC];

/// The configuration in an answer.
fn config<'a>(subject: &Subject<'a>) -> Option<&'a Object> {
    let shown = subject.kind.operation == Operation::ServiceProviderConfig && subject.status() == Some(200);
    subject.body().filter(|_| shown)?.as_object()
}

static FEATURES: Check = Check {
    id: "rfc7643/5/features",
    requirements: &[
        "RFC7643-5-05",
        "RFC7643-5-06",
        "RFC7643-5-07",
        "RFC7643-5-08",
        "RFC7643-5-11",
        "RFC7643-5-12",
        "RFC7643-5-14",
        "RFC7643-5-15",
        "RFC7643-5-16",
        "RFC7643-5-17",
        "RFC7643-5-18",
        "RFC7643-5-19",
    ],
    title: "The configuration says of every feature whether it is supported",
    why: "Clients use what is announced and leave the rest alone; silence makes them guess.",
    fix: "Give patch, bulk, filter, changePassword, sort and etag an object with a boolean \"supported\".",
    judge: Judge::Exchange(features),
};

/// Feature, the row of its presence, the row of `supported`.
const FEATURE_ROWS: [(&str, &str, &str); 6] = [
    ("patch", "RFC7643-5-05", "RFC7643-5-06"),
    ("bulk", "RFC7643-5-07", "RFC7643-5-08"),
    ("filter", "RFC7643-5-11", "RFC7643-5-12"),
    ("changePassword", "RFC7643-5-14", "RFC7643-5-15"),
    ("sort", "RFC7643-5-16", "RFC7643-5-17"),
    ("etag", "RFC7643-5-18", "RFC7643-5-19"),
];

fn features(subject: &Subject<'_>) -> Judgement {
    let Some(config) = config(subject) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    for (name, present, supported) in FEATURE_ROWS {
        let feature = config.get(name);
        let Some(object) = feature.and_then(Json::as_object) else {
            findings.tell(expect::body(format!("/{name}"), "an object", feature).of(present));
            continue;
        };
        let value = object.get("supported");
        if value.and_then(Json::as_bool).is_none() {
            findings.tell(expect::body(format!("/{name}/supported"), "true or false", value).of(supported));
        }
    }
    findings.judgement()
}

static LIMITS: Check = Check {
    id: "rfc7643/5/limits",
    requirements: &["RFC7643-5-09", "RFC7643-5-10", "RFC7643-5-13", "RFC7644-3.7.4-01", "RFC7644-3.7.4-02"],
    title: "The configuration tells the limits of bulk and filter",
    why: "Clients cut their work to size by them.",
    fix: "Give bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults whole numbers; 0 where it is off.",
    judge: Judge::Exchange(limits),
};

fn limits(subject: &Subject<'_>) -> Judgement {
    let Some(config) = config(subject) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let rows = [
        ("bulk", "maxOperations", "RFC7643-5-09"),
        ("bulk", "maxPayloadSize", "RFC7643-5-10"),
        ("filter", "maxResults", "RFC7643-5-13"),
    ];
    for (feature, limit, requirement) in rows {
        // A feature that is missing altogether is told once.
        let Some(object) = config.get(feature).and_then(Json::as_object) else { continue };
        let value = object.get(limit);
        if value.and_then(Json::as_i64).is_none_or(|number| number < 0) {
            findings.tell(expect::body(format!("/{feature}/{limit}"), "a whole number", value).of(requirement));
        }
    }
    findings.judgement()
}

static AUTHENTICATION_SCHEMES: Check = Check {
    id: "rfc7643/5/authentication-schemes",
    requirements: &["RFC7643-5-20", "RFC7643-5-22", "RFC7643-5-23", "RFC7643-5-24"],
    title: "The configuration describes the authentication schemes",
    why: "An administrator reads there which credentials the server takes.",
    fix: "Give every scheme a type of the standard, a name and a description.",
    judge: Judge::Exchange(authentication_schemes),
};

const SCHEME_TYPES: [&str; 5] = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];

fn authentication_schemes(subject: &Subject<'_>) -> Judgement {
    let Some(config) = config(subject) else { return Judgement::NotApplicable };
    let value = config.get("authenticationSchemes");
    let Some(Json::Array(schemes)) = value else {
        return expect::body("/authenticationSchemes", "an array of schemes", value).into();
    };
    let mut findings = Findings::default();
    for (index, scheme) in schemes.iter().enumerate() {
        let at = |name: &str| format!("/authenticationSchemes/{index}/{name}");
        let kind = scheme.get("type");
        let known =
            kind.and_then(Json::as_str).is_some_and(|text| SCHEME_TYPES.iter().any(|t| t.eq_ignore_ascii_case(text)));
        if !known {
            let expected = format!("one of {}", SCHEME_TYPES.join(", "));
            findings.tell(expect::body(at("type"), expected, kind).of("RFC7643-5-22"));
        }
        for (name, requirement) in [("name", "RFC7643-5-23"), ("description", "RFC7643-5-24")] {
            let text = scheme.get(name);
            if text.and_then(Json::as_str).is_none() {
                findings.tell(expect::body(at(name), "a string", text).of(requirement));
            }
        }
    }
    findings.judgement()
}

static URIS: Check = Check {
    id: "rfc7643/5/uris",
    requirements: &["RFC7643-5-04", "RFC7643-5-25", "RFC7643-5-26"],
    title: "Addresses of documentation can be opened in a browser",
    why: "The administrator who follows them gets nowhere.",
    fix: "Write them as http or https URLs, or leave them out.",
    judge: Judge::Exchange(uris),
};

fn uris(subject: &Subject<'_>) -> Judgement {
    let Some(config) = config(subject) else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    let mut look = |pointer: String, value: Option<&Json>, requirement: &'static str| {
        let Some(value) = value.filter(|value| !value.is_unassigned()) else { return };
        let web = |text: &str| text.is_empty() || text.starts_with("https://") || text.starts_with("http://");
        if !value.as_str().is_some_and(web) {
            findings.tell(expect::body(pointer, "an http or https URL", Some(value)).of(requirement));
        }
    };
    look("/documentationUri".to_owned(), config.get("documentationUri"), "RFC7643-5-04");
    let schemes = config.get("authenticationSchemes").and_then(Json::as_array).unwrap_or_default();
    for (index, scheme) in schemes.iter().enumerate() {
        let at = |name: &str| format!("/authenticationSchemes/{index}/{name}");
        look(at("specUri"), scheme.get("specUri"), "RFC7643-5-25");
        look(at("documentationUri"), scheme.get("documentationUri"), "RFC7643-5-26");
    }
    findings.judgement()
}

static READ_ONLY: Check = Check {
    id: "rfc7643/5/read-only",
    requirements: &["RFC7643-5-02", "RFC7643-6-01", "RFC7643-7-02"],
    title: "The configuration, the resource types and the schemas cannot be written",
    why: "Whoever can provision users could change what every other client believes of the server.",
    fix: "Refuse POST, PUT, PATCH and DELETE on the discovery endpoints, with 405 or 501.",
    judge: Judge::Exchange(read_only),
};

fn read_only(subject: &Subject<'_>) -> Judgement {
    let sent = &subject.exchange().sent;
    let path = sent.path().trim_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let writes = matches!(sent.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") && !path.ends_with(".search");
    let requirement = match first {
        "ServiceProviderConfig" => "RFC7643-5-02",
        "ResourceTypes" => "RFC7643-6-01",
        "Schemas" => "RFC7643-7-02",
        _ => return Judgement::NotApplicable,
    };
    match subject.status().filter(|_| writes) {
        None => Judgement::NotApplicable,
        Some(200..300) => expect::status(subject, "a refusal, such as 405 Method Not Allowed").of(requirement).into(),
        Some(_) => Judgement::Conforms,
    }
}

static PUBLIC: Check = Check {
    id: "rfc7643/5/public",
    requirements: &["RFC7643-5-21"],
    title: "The configuration can be read without credentials",
    why: "A client that does not know yet how to authenticate learns it here.",
    fix: "Answer GET /ServiceProviderConfig without asking for credentials.",
    judge: Judge::Exchange(public),
};

fn public(subject: &Subject<'_>) -> Judgement {
    let sent = &subject.exchange().sent;
    let has_credentials = sent
        .headers
        .iter()
        .any(|(name, _)| ["authorization", "cookie"].iter().any(|known| name.eq_ignore_ascii_case(known)));
    // A query may carry a token.
    if subject.kind.operation != Operation::ServiceProviderConfig || has_credentials || sent.target.contains('?') {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(401 | 403) => expect::status(subject, "200 OK").read_as(ambiguity::A39_UNAUTHORIZED).into(),
        _ => Judgement::NotApplicable,
    }
}
