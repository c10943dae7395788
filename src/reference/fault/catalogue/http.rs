//! HTTP around SCIM: media types, headers, framing, connections.

use crate::scim::json::Json;

use super::super::desk::{refuse, refuse_as};
use super::super::value::swap;
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "media-type-json",
        "Answers are application/json.",
        &[Hook::Told(|answer, _, _| typed(answer, "application/json"))],
    ),
    mistake("media-type-text", "Answers are text/plain.", &[Hook::Told(|answer, _, _| typed(answer, "text/plain"))]),
    mistake(
        "media-type-html",
        "Answers are text/html.",
        &[Hook::Told(|answer, _, _| typed(answer, "text/html; charset=utf-8"))],
    ),
    mistake(
        "media-type-missing",
        "Answers have no Content-Type.",
        &[Hook::Sent(|bytes| {
            replaced(bytes, "content-type: application/scim+json\r\n", "");
            true
        })],
    ),
    mistake(
        "json-type-refused",
        "A body of application/json is refused.",
        &[Hook::Asked(|call, _| {
            let json = call.header("content-type").is_some_and(|given| given.starts_with("application/json"));
            json.then(|| refuse(415, "Send application/scim+json."))
        })],
    ),
    mistake(
        "scim-type-refused",
        "A body of application/scim+json is refused.",
        &[Hook::Asked(|call, _| {
            let scim = call.header("content-type").is_some_and(|given| given.starts_with("application/scim+json"));
            scim.then(|| refuse(415, "Send application/json."))
        })],
    ),
    mistake(
        "charset-refused",
        "A Content-Type with a charset is refused.",
        &[Hook::Asked(|call, _| {
            let has = call.header("content-type").is_some_and(|given| given.contains("charset"));
            has.then(|| refuse(415, "Unsupported Media Type"))
        })],
    ),
    mistake(
        "content-type-required",
        "A GET without Content-Type is refused.",
        &[Hook::Asked(|call, _| {
            (call.is_get() && call.header("content-type").is_none()).then(|| refuse(415, "Unsupported Media Type"))
        })],
    ),
    mistake(
        "accept-required",
        "A request without Accept is refused.",
        &[Hook::Asked(|call, _| call.header("accept").is_none().then(|| refuse(406, "Not Acceptable")))],
    ),
    mistake(
        "accept-scim-refused",
        "An Accept of application/scim+json is refused.",
        &[Hook::Asked(|call, _| {
            let scim = call.header("accept").is_some_and(|given| given.starts_with("application/scim+json"));
            scim.then(|| refuse(406, "Not Acceptable"))
        })],
    ),
    mistake(
        "accept-json-refused",
        "An Accept without application/scim+json is refused.",
        &[Hook::Asked(|call, _| {
            let other =
                call.header("accept").is_some_and(|given| !given.contains("scim+json") && !given.contains("*/*"));
            other.then(|| refuse(406, "Not Acceptable"))
        })],
    ),
    mistake(
        "user-agent-required",
        "A request without User-Agent is refused.",
        &[Hook::Asked(|call, _| call.header("user-agent").is_none().then(|| refuse(403, "Forbidden")))],
    ),
    mistake(
        "flag-refused",
        "A parameter of the base URL that is not known is refused.",
        &[Hook::Asked(|call, _| {
            call.parameter("aadOptscim062020").map(|_| refuse_as("invalidValue", "The parameter is not known."))
        })],
    ),
    mistake(
        "slash-404",
        "A doubled slash is answered with 404.",
        &[Hook::Asked(|call, _| call.sent_path.contains("//").then(|| refuse(404, "There is nothing here.")))],
    ),
    mistake(
        "slash-redirected",
        "A doubled slash is redirected.",
        &[Hook::Asked(|call, _| {
            let path = call.path.clone();
            call.sent_path.contains("//").then(|| Answer::empty(308).header("location", format!("/scim/v2{path}")))
        })],
    ),
    mistake(
        "redirected-to-slash",
        "Every address is redirected to the same with a slash.",
        &[Hook::Asked(|call, _| {
            let path = call.sent_path.clone();
            (!path.ends_with('/')).then(|| Answer::empty(301).header("location", format!("{path}/")))
        })],
    ),
    mistake(
        "encoded-blank-refused",
        "%20 in a query is not decoded.",
        &[Hook::Asked(|call, _| {
            let query = call.query.as_deref().filter(|query| query.contains("%20"))?;
            call.query = Some(query.replace("%20", "%2520"));
            None
        })],
    ),
    mistake(
        "body-with-204",
        "A 204 has a body.",
        &[Hook::Sent(|bytes| {
            if bytes.starts_with(b"HTTP/1.1 204") {
                bytes.extend_from_slice(b"{}");
            }
            true
        })],
    ),
    mistake(
        "length-too-long",
        "Content-Length is more than what comes.",
        &[Hook::Sent(|bytes| {
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
            if let Some(length) = length.and_then(|text| text.parse::<usize>().ok()).filter(|length| *length > 0) {
                replaced(bytes, &format!("content-length: {length}"), &format!("content-length: {}", length + 7));
                return false;
            }
            true
        })],
    ),
    mistake(
        "length-too-short",
        "Content-Length is less than what comes.",
        &[Hook::Sent(|bytes| {
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
            if let Some(length) = length.and_then(|text| text.parse::<usize>().ok()).filter(|length| *length > 9) {
                replaced(bytes, &format!("content-length: {length}"), &format!("content-length: {}", length - 7));
                return false;
            }
            true
        })],
    ),
    mistake(
        "created-then-cut",
        "A create is carried out, and the connection ends before the answer.",
        &[Hook::Sent(|bytes| {
            if bytes.starts_with(b"HTTP/1.1 201") {
                bytes.clear();
                return false;
            }
            true
        })],
    ),
    mistake(
        "body-cut",
        "The connection ends in the middle of a list.",
        &[Hook::Sent(|bytes| {
            let is_list = String::from_utf8_lossy(bytes).contains("ListResponse");
            if is_list {
                bytes.truncate(bytes.len() - 20);
            }
            !is_list
        })],
    ),
    mistake(
        "bare-line-feeds",
        "Header lines end in a bare line feed.",
        &[Hook::Sent(|bytes| {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let mut head = bytes[..end + 4].to_vec();
                head.retain(|byte| *byte != b'\r');
                head.extend_from_slice(&bytes[end + 4..]);
                *bytes = head;
            }
            true
        })],
    ),
    mistake(
        "not-http",
        "Lists are written without HTTP.",
        &[Hook::Sent(|bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let is_list = text.contains("ListResponse");
            if is_list {
                *bytes = text.split("\r\n\r\n").nth(1).unwrap_or_default().as_bytes().to_vec();
            }
            !is_list
        })],
    ),
    mistake(
        "byte-order-mark",
        "Bodies begin with a byte order mark.",
        &[Hook::Told(|answer, _, _| {
            retold(answer, |text| format!("\u{feff}{text}"));
        })],
    ),
    mistake(
        "trailing-comma",
        "Bodies have a comma too many.",
        &[Hook::Told(|answer, _, _| {
            retold(answer, |text| format!("{},}}", &text[..text.len() - 1]));
        })],
    ),
    mistake(
        "single-quotes",
        "Bodies have single quotes.",
        &[Hook::Told(|answer, _, _| {
            retold(answer, |text| text.replace('"', "'"));
        })],
    ),
    mistake(
        "two-bodies",
        "A body comes twice.",
        &[Hook::Told(|answer, _, _| retold(answer, |text| format!("{text}{text}")))],
    ),
    mistake(
        "warning-before-body",
        "A warning of the server stands before the body.",
        &[Hook::Told(|answer, _, _| {
            retold(answer, |text| {
                format!("<br />\n<b>Warning</b>: Undefined index in scim.php on line 42<br />\n{text}")
            });
        })],
    ),
    mistake(
        "latin-1",
        "Bodies are Latin-1.",
        &[Hook::Sent(|bytes| {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
                let coded: Vec<u8> = body.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
                let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
                let head = head
                    .replace(&format!("content-length: {}", body.len()), &format!("content-length: {}", coded.len()));
                *bytes = [head.into_bytes(), coded].concat();
            }
            true
        })],
    ),
    mistake(
        "not-a-number",
        "A list has NaN for its total.",
        &[Hook::Listed(|list, _| {
            swap(list, "totalResults", |_| Json::Number("NaN".into()));
        })],
    ),
    mistake(
        "bodies-double-encoded",
        "A body is JSON inside a JSON text.",
        &[Hook::Told(|answer, _, _| {
            retold(answer, |text| Json::from(text).to_string());
        })],
    ),
    mistake(
        "get-without-body",
        "GET is answered with 200 and no body.",
        &[Hook::Told(|answer, call, _| {
            if call.is_get() && call.on_resources() && answer.status == 200 {
                answer.body = None;
            }
        })],
    ),
    mistake(
        "many-members-500",
        "More than 50 members at a time end in a server error.",
        &[Hook::Asked(|call, _| {
            let many =
                call.operations().iter().filter_map(|o| o.get("value")?.as_array()).any(|members| members.len() > 50);
            many.then(|| refuse(500, "Gateway Timeout"))
        })],
    ),
];

fn typed(answer: &mut Answer, media_type: &str) {
    if answer.body.is_some() {
        answer.headers.push(("content-type", media_type.to_owned()));
    }
}

/// The body as another text.
fn retold(answer: &mut Answer, change: impl FnOnce(String) -> String) {
    if let Some(body) = answer.body.take() {
        answer.text = Some(change(body.to_string()));
    }
}

fn replaced(bytes: &mut Vec<u8>, from: &str, to: &str) {
    if let Some(at) = bytes.windows(from.len()).position(|window| window == from.as_bytes()) {
        bytes.splice(at..at + from.len(), to.bytes());
    }
}
