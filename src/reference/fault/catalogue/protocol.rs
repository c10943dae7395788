//! Errors, credentials, versions (RFC 7644 sections 2, 3.12, 3.14).

use crate::scim::json::{Json, Object, object};

use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, reword, swap, within};
use super::super::{Answer, Fault, Hook, mistake};

const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>";

pub(super) static FAULTS: &[Fault] = &[
    mistake("error-html", "Errors are HTML pages.", &[Hook::Told(|answer, _, _| as_text(answer, PAGE, "text/html"))]),
    mistake(
        "error-plain-text",
        "Errors are plain text.",
        &[Hook::Told(|answer, _, _| {
            as_text(answer, "Bad Request", "text/plain");
        })],
    ),
    mistake(
        "error-empty",
        "Errors have no body.",
        &[Hook::Told(|answer, _, _| {
            if answer.status >= 400 {
                answer.body = None;
            }
        })],
    ),
    mistake(
        "error-own-form",
        "Errors are JSON of a form of their own.",
        &[Hook::Told(|answer, _, _| {
            if answer.status >= 400 {
                answer.body =
                    Some(object([("error", "bad_request".into()), ("message", "Something went wrong".into())]));
            }
        })],
    ),
    mistake(
        "error-without-schemas",
        "Errors have no schemas.",
        &[Hook::Told(|answer, _, _| {
            error(answer, |body| drop(body.remove("schemas")));
        })],
    ),
    mistake(
        "error-without-status",
        "Errors have no status.",
        &[Hook::Told(|answer, _, _| {
            error(answer, |body| drop(body.remove("status")));
        })],
    ),
    mistake(
        "error-status-number",
        "The status of an error is a number.",
        &[Hook::Told(|answer, _, _| {
            let status = answer.status;
            error(answer, |body| body.set("status", number(status)));
        })],
    ),
    mistake(
        "error-status-other",
        "The status in an error is another than that of the answer.",
        &[Hook::Told(|answer, _, _| {
            error(answer, |body| body.set("status", "500".into()));
        })],
    ),
    mistake(
        "error-without-detail",
        "Errors have no detail.",
        &[Hook::Told(|answer, _, _| {
            error(answer, |body| drop(body.remove("detail")));
        })],
    ),
    mistake(
        "error-scim-type-invented",
        "Errors have a scimType that is not in the table.",
        &[Hook::Told(|answer, _, _| {
            error(answer, |body| body.set("scimType", "somethingWrong".into()));
        })],
    ),
    mistake(
        "error-200",
        "Errors are answered with status 200.",
        &[Hook::Told(|answer, _, _| {
            if answer.status >= 400 {
                answer.status = 200;
            }
        })],
    ),
    mistake(
        "error-500",
        "Every refusal is a 500.",
        &[Hook::Told(|answer, _, _| {
            if (400..500).contains(&answer.status) && answer.status != 401 {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "error-in-array",
        "An error comes inside an array.",
        &[Hook::Told(|answer, _, _| {
            if answer.status >= 400 {
                answer.body = answer.body.take().map(|body| Json::Array(vec![body]));
            }
        })],
    ),
    mistake(
        "error-as-list",
        "An error is a list of nothing.",
        &[Hook::Told(|answer, _, _| {
            if answer.status >= 400 {
                answer.body = Some(crate::scim::message::list(Vec::new(), 0, 1));
            }
        })],
    ),
    mistake(
        "unauthorised-403",
        "Wrong credentials are answered with 403.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 401 {
                *answer = refuse(403, "Forbidden");
            }
        })],
    ),
    mistake(
        "unauthorised-without-challenge",
        "A 401 has no WWW-Authenticate.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 401 {
                answer.headers.retain(|(name, _)| *name != "www-authenticate");
            }
        })],
    ),
    mistake(
        "unauthorised-to-login-page",
        "Wrong credentials lead to a log-in page.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 401 {
                *answer = Answer::empty(302).header("location", "/login");
            }
        })],
    ),
    mistake(
        "unauthorised-200",
        "Wrong credentials are answered with 200 and a page.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 401 {
                as_text(answer, PAGE, "text/html");
                answer.status = 200;
            }
        })],
    ),
    mistake(
        "unauthorised-html",
        "A 401 is an HTML page.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 401 {
                as_text(answer, PAGE, "text/html");
            }
        })],
    ),
    mistake(
        "any-token",
        "Any token lets in.",
        &[Hook::Told(|answer, call, _| {
            if answer.status == 401 && call.header("authorization").is_some() {
                *answer = Answer::with_body(200, crate::scim::message::list(Vec::new(), 0, 1));
            }
        })],
    ),
    mistake(
        "etag-stands-still",
        "Versions never change.",
        &[
            Hook::Shown(|resource, _| within(resource, "meta", |meta| swap(meta, "version", |_| "W/\"1\"".into()))),
            Hook::Told(|answer, _, _| retagged(answer, |_| "W/\"1\"".to_owned())),
        ],
    ),
    mistake(
        "etag-moves-by-reading",
        "Versions change with each reading.",
        &[Hook::Told(|answer, call, desk| {
            let tag = format!("W/\"{}\"", desk.count("etag-moves-by-reading"));
            retagged(answer, |_| tag.clone());
            if let Some(body) = answer.body.as_mut().and_then(Json::as_object_mut).filter(|_| !call.lists()) {
                within(body, "meta", |meta| swap(meta, "version", |_| tag.into()));
            }
        })],
    ),
    mistake(
        "etag-other-than-version",
        "ETag and meta.version differ.",
        &[Hook::Told(|answer, _, _| {
            retagged(answer, |tag| tag.replace("W/\"", "W/\"x"));
        })],
    ),
    mistake(
        "etag-without-quotes",
        "ETag and meta.version have no quotes.",
        &[
            Hook::Shown(|resource, _| within(resource, "meta", |meta| reword(meta, "version", bare))),
            Hook::Told(|answer, _, _| retagged(answer, bare)),
        ],
    ),
    mistake(
        "version-without-quotes",
        "meta.version has no quotes, ETag has.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| reword(meta, "version", bare));
        })],
    ),
    mistake(
        "version-as-number",
        "meta.version is a number.",
        &[Hook::Shown(|resource, _| {
            within(resource, "meta", |meta| swap(meta, "version", |_| number(1)));
        })],
    ),
    mistake(
        "etag-advertised-missing",
        "Versions are advertised, and there are none.",
        &[
            Hook::Shown(|resource, _| within(resource, "meta", |meta| drop(meta.remove("version")))),
            Hook::Told(|answer, _, _| answer.headers.retain(|(name, _)| *name != "etag")),
        ],
    ),
    mistake(
        "if-match-ignored",
        "If-Match is ignored.",
        &[Hook::Asked(|call, _| {
            call.headers.remove("if-match");
            None
        })],
    ),
    mistake(
        "if-match-refused",
        "Weak tags in If-Match never match.",
        &[Hook::Asked(|call, _| call.header("if-match").map(|_| refuse(412, "The version does not match.")))],
    ),
    mistake(
        "if-match-required",
        "A change without If-Match is refused.",
        &[Hook::Asked(|call, _| {
            let changes = matches!(call.method.as_str(), "PUT" | "PATCH") && call.on_resources();
            (changes && call.header("if-match").is_none()).then(|| refuse(428, "Precondition Required"))
        })],
    ),
    mistake(
        "if-match-409",
        "A stale If-Match is answered with 500.",
        &[Hook::Told(|answer, _, _| {
            if answer.status == 412 {
                *answer = refuse(500, "stale object");
            }
        })],
    ),
    mistake(
        "if-none-match-ignored",
        "If-None-Match is ignored.",
        &[Hook::Asked(|call, _| {
            call.headers.remove("if-none-match");
            None
        })],
    ),
    mistake(
        "not-modified-always",
        "Every read with If-None-Match is answered with 304.",
        &[Hook::Told(|answer, call, _| {
            if call.header("if-none-match").is_some() && call.is_get() && answer.status == 200 {
                *answer = Answer::empty(304);
            }
        })],
    ),
    mistake(
        "me-404",
        "/Me is answered with 404.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Me" {
                *answer = refuse(404, "There is nothing here.");
            }
        })],
    ),
    mistake(
        "me-500",
        "/Me ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Me" {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "probe-refused",
        "A value that is no e-mail address is refused in a search for a userName.",
        &[Hook::Asked(|call, _| {
            let filter = call.filter()?;
            let no_mail = filter.starts_with("userName eq ") && !filter.contains('@');
            no_mail.then(|| refuse_as("invalidFilter", "userName must be an e-mail address."))
        })],
    ),
];

fn as_text(answer: &mut Answer, text: &str, media_type: &str) {
    if answer.status >= 400 {
        answer.body = None;
        answer.text = Some(text.to_owned());
        answer.headers.push(("content-type", media_type.to_owned()));
    }
}

fn error(answer: &mut Answer, change: impl FnOnce(&mut Object)) {
    if let Some(body) = answer.body.as_mut().filter(|_| answer.status >= 400).and_then(Json::as_object_mut) {
        change(body);
    }
}

fn bare(tag: &str) -> String {
    tag.trim_start_matches("W/").trim_matches('"').to_owned()
}

fn retagged(answer: &mut Answer, change: impl Fn(&str) -> String) {
    for (_, value) in answer.headers.iter_mut().filter(|(name, _)| *name == "etag") {
        *value = change(value);
    }
}
