//! RFC 7644 section 3.12: status codes and error bodies.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[
    &ERROR_SCHEMAS,
    &ERROR_STATUS,
    &ERROR_DETAIL,
    &SCIM_TYPE,
    &SCIM_TYPE_STATUS,
    &SERVER_ERROR,
    &REDIRECT,
    &NOT_FOUND,
];

/// The body of an error answer, if it is a JSON object.
fn error<'a>(subject: &Subject<'a>) -> Option<&'a Object> {
    subject.status().filter(|status| *status >= 400)?;
    subject.body()?.as_object()
}

static ERROR_SCHEMAS: Check = Check {
    id: "rfc7644/3.12/error-schemas",
    requirements: &["RFC7644-3.12-02", "RFC7644-3.12-01", "RFC7644-3.2-18", "RFC7644-3.5.2-26"],
    title: "The body of an error names the Error schema",
    why: "A client that does not recognise the body shows the administrator no reason.",
    fix: "Put \"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:Error\"] into every error, the framework's too.",
    judge: Judge::Exchange(error_schemas),
};

fn error_schemas(subject: &Subject<'_>) -> Judgement {
    let Some(error) = error(subject) else { return Judgement::NotApplicable };
    let schemas = error.get("schemas");
    if schemas.is_some_and(|schemas| expect::holds(schemas, urn::ERROR)) {
        return Judgement::Conforms;
    }
    let found = schemas.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    expect::body("/schemas", format!("[{:?}]", urn::ERROR), None).actually(found).into()
}

static ERROR_STATUS: Check = Check {
    id: "rfc7644/3.12/error-status",
    requirements: &["RFC7644-3.12-03"],
    title: "The status of an error body is the HTTP status as a string",
    why: "Clients that parse it as a string fail on a number, and logs show another status than the wire.",
    fix: "Write \"status\": \"404\", with quotes, the same as the status line.",
    judge: Judge::Exchange(error_status),
};

fn error_status(subject: &Subject<'_>) -> Judgement {
    let Some(error) = error(subject) else { return Judgement::NotApplicable };
    let code = subject.status().unwrap_or_default().to_string();
    let value = error.get("status");
    let finding = || expect::body("/status", format!("the string \"{code}\""), value);
    match value {
        Some(Json::String(text)) if *text == code => Judgement::Conforms,
        // Whatever the status is, it is one mistake.
        Some(Json::Number(token)) if **token == *code => {
            let finding = expect::body("/status", "the HTTP status as a string", None).actually("a number");
            finding.read_as(ambiguity::A35_STATUS_AS_NUMBER).into()
        }
        // A body in another form is told by its missing schema, once.
        None if error.get("schemas").is_none() => Judgement::NotApplicable,
        _ => finding().into(),
    }
}

static ERROR_DETAIL: Check = Check {
    id: "rfc7644/3.12/error-detail",
    requirements: &["RFC7644-3.12-05", "RFC7643-2.3-02", "RFC7644-3.4.2.2-53"],
    title: "The detail of an error is a text for people",
    why: "It is what the administrator sees in the IdP's log.",
    fix: "Write one sentence into detail.",
    judge: Judge::Exchange(error_detail),
};

fn error_detail(subject: &Subject<'_>) -> Judgement {
    let Some(value) = error(subject).and_then(|error| error.get("detail")) else { return Judgement::NotApplicable };
    let text = matches!(value, Json::String(_) | Json::Null);
    (!text).then(|| expect::body("/detail", "a string", Some(value)).of("RFC7643-2.3-02")).into()
}

/// The keywords of Table 9, those of RFC 9865 section 2, each with its row and the status that goes with it.
const SCIM_TYPES: [(&str, &str, &[u16]); 13] = [
    ("invalidFilter", "RFC7644-3.12-17", &[400]),
    ("tooMany", "RFC7644-3.12-18", &[400]),
    ("uniqueness", "RFC7644-3.12-19", &[400, 409]),
    ("mutability", "RFC7644-3.12-20", &[400]),
    ("invalidSyntax", "RFC7644-3.12-21", &[400]),
    ("invalidPath", "RFC7644-3.12-22", &[400]),
    ("noTarget", "RFC7644-3.12-23", &[400]),
    ("invalidValue", "RFC7644-3.12-24", &[400]),
    ("invalidVers", "RFC7644-3.12-25", &[400]),
    ("sensitive", "RFC7644-3.12-26", &[400, 403]),
    ("invalidCursor", "RFC7644-3.12-04", &[400]),
    ("expiredCursor", "RFC7644-3.12-04", &[400]),
    ("invalidCount", "RFC7644-3.12-04", &[400]),
];

fn scim_type_of<'a>(subject: &Subject<'a>) -> Option<&'a Json> {
    error(subject)?.get("scimType").filter(|value| !value.is_unassigned())
}

static SCIM_TYPE: Check = Check {
    id: "rfc7644/3.12/scim-type",
    requirements: &["RFC7644-3.12-04", "RFC7643-2.3-02"],
    title: "scimType is a keyword of the standard",
    why: "A client knows the keywords of the standard and can act on no other.",
    fix: "Use a keyword of Table 9 in RFC 7644, spelt as there, or leave scimType out.",
    judge: Judge::Exchange(scim_type),
};

fn scim_type(subject: &Subject<'_>) -> Judgement {
    let Some(value) = scim_type_of(subject) else { return Judgement::NotApplicable };
    let Some(text) = value.as_str() else {
        return expect::body("/scimType", "a string", Some(value)).of("RFC7643-2.3-02").into();
    };
    let known = SCIM_TYPES.iter().any(|(name, ..)| *name == text);
    (!known).then(|| expect::body("/scimType", "a keyword of Table 9, or nothing", Some(value))).into()
}

static SCIM_TYPE_STATUS: Check = Check {
    id: "rfc7644/3.12/scim-type-status",
    requirements: &[
        "RFC7644-3.12-17",
        "RFC7644-3.12-18",
        "RFC7644-3.12-19",
        "RFC7644-3.12-20",
        "RFC7644-3.12-21",
        "RFC7644-3.12-22",
        "RFC7644-3.12-23",
        "RFC7644-3.12-24",
        "RFC7644-3.12-25",
        "RFC7644-3.12-26",
        "RFC7644-3.12-08",
    ],
    title: "scimType goes with the status that it explains",
    why: "A client branches on the status first: a bad request under 404 or 500 is handled as something else.",
    fix: "Answer 400 with these keywords, 409 with uniqueness.",
    judge: Judge::Exchange(scim_type_status),
};

fn scim_type_status(subject: &Subject<'_>) -> Judgement {
    let text = scim_type_of(subject).and_then(Json::as_str);
    let Some((_, row, statuses)) = SCIM_TYPES.iter().find(|(name, ..)| Some(*name) == text) else {
        return Judgement::NotApplicable;
    };
    let fits = subject.status().is_some_and(|status| statuses.contains(&status));
    let allowed: Vec<_> = statuses.iter().map(ToString::to_string).collect();
    let finding = || {
        let about = format!("{} for {}", allowed.join(" or "), text.unwrap_or_default());
        expect::status(subject, &about).of(row).read_as(ambiguity::A15_OTHER_SCIM_TYPE)
    };
    (!fits).then(finding).into()
}

static SERVER_ERROR: Check = Check {
    id: "rfc7644/3.12/server-error",
    requirements: &["RFC7644-3.12-15"],
    title: "No request ends in an internal error",
    why: "An IdP takes 500 for a passing failure and sends the same request again, for days.",
    fix: "Find the request in the server's log; answer what is wrong with it by 400, 404 or 409.",
    judge: Judge::Exchange(server_error),
};

fn server_error(subject: &Subject<'_>) -> Judgement {
    let Some(status) = subject.status() else { return Judgement::NotApplicable };
    match status {
        501 | 503 => Judgement::NotApplicable,
        502 | 504 => expect::status(subject, "an answer of the server").read_as(ambiguity::A45_GATEWAY).into(),
        500.. => expect::status(subject, "success, or an error of the 4xx class")
            .read_as(ambiguity::A45_INTERNAL_ERROR)
            .into(),
        _ => Judgement::Conforms,
    }
}

static REDIRECT: Check = Check {
    id: "rfc7644/3.12/redirect",
    requirements: &["RFC7644-3.12-06", "RFC7644-3.12-07"],
    title: "A redirect keeps the request and says where to",
    why: "IdPs follow no redirects, and a client that does may turn a POST into a GET.",
    fix: "Configure the final address as base URL; where a redirect must be, use 307 or 308 with Location.",
    judge: Judge::Exchange(redirect),
};

fn redirect(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| matches!(answer.status, 301..=303 | 307 | 308)) else {
        return Judgement::NotApplicable;
    };
    let location = answer.header("location").filter(|value| !value.trim().is_empty());
    let keeps = matches!(answer.status, 307 | 308);
    let requirement = if answer.status == 307 { "RFC7644-3.12-06" } else { "RFC7644-3.12-07" };
    match location {
        None => expect::header("Location", "where the request has to go", None)
            .of(requirement)
            .read_as(ambiguity::A41_OTHER_REDIRECT)
            .into(),
        Some(_) if keeps && subject.kind.operation == Operation::Me => Judgement::Conforms,
        Some(target) => {
            let finding = expect::status(subject, "an answer at this address");
            let finding = finding.of(requirement);
            let actual = format!("{}, to {target}", expect::status_line(subject));
            let reading = if keeps { ambiguity::A41_REDIRECT } else { ambiguity::A41_OTHER_REDIRECT };
            finding.actually(actual).read_as(reading).into()
        }
    }
}

static NOT_FOUND: Check = Check {
    id: "rfc7644/3.12/not-found",
    requirements: &["RFC7644-3.12-11"],
    title: "What is not there is answered with 404",
    why: "By 404 a client knows that somebody is gone, and by nothing else.",
    fix: "Answer 404 for an id that nobody has, whatever it looks like.",
    judge: Judge::Exchange(not_found),
};

fn not_found(subject: &Subject<'_>) -> Judgement {
    let asked = subject.kind.is(&[Operation::Read, Operation::Patch, Operation::Replace, Operation::Delete]);
    let Some(id) = subject.kind.id.filter(|id| asked && is_invented(id)) else { return Judgement::NotApplicable };
    let told = |exchange: &crate::exchange::Exchange| {
        let received = exchange.got.as_ref().ok();
        received.is_some_and(|answer| String::from_utf8_lossy(&answer.body).contains(id))
    };
    if subject.scene.trace.turns[..subject.index].iter().any(|turn| told(&turn.exchange)) {
        return Judgement::NotApplicable;
    }
    match subject.status() {
        Some(404) => Judgement::Conforms,
        Some(200..300 | 400 | 409 | 410 | 422) => expect::status(subject, "404 Not Found").into(),
        _ => Judgement::NotApplicable,
    }
}

/// Whether an id is one that this tool makes up for nobody: a UUID with a middle of zeros.
fn is_invented(id: &str) -> bool {
    id.contains("-0000-4000-8000-")
}
