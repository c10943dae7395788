//! HTTP around SCIM: media types, headers, framing, connections, time.

use std::time::Duration;

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::swap;
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake("media-type-json", "Answers are application/json.", &[Hook::Told(|answer, _, _| typed(answer, "application/json"))]),
    mistake("media-type-text", "Answers are text/plain.", &[Hook::Told(|answer, _, _| typed(answer, "text/plain"))]),
    mistake("media-type-html", "Answers are text/html.", &[Hook::Told(|answer, _, _| typed(answer, "text/html; charset=utf-8"))]),
    mistake("media-type-missing", "Answers have no Content-Type.", &[Hook::Sent(|bytes| {
        replaced(bytes, "content-type: application/scim+json\r\n", "");
        true
    })]),
    mistake("json-type-refused", "A body of application/json is refused.", &[Hook::Asked(|call, _| {
        let json = call.header("content-type").is_some_and(|given| given.starts_with("application/json"));
        json.then(|| refuse(415, "Send application/scim+json."))
    })]),
    mistake("scim-type-refused", "A body of application/scim+json is refused.", &[Hook::Asked(|call, _| {
        let scim = call.header("content-type").is_some_and(|given| given.starts_with("application/scim+json"));
        scim.then(|| refuse(415, "Send application/json."))
    })]),
    mistake("charset-refused", "A Content-Type with a charset is refused.", &[Hook::Asked(|call, _| {
        let has = call.header("content-type").is_some_and(|given| given.contains("charset"));
        has.then(|| refuse(415, "Unsupported Media Type"))
    })]),
    mistake("content-type-required", "A GET without Content-Type is refused.", &[Hook::Asked(|call, _| {
        (call.is_get() && call.header("content-type").is_none()).then(|| refuse(415, "Unsupported Media Type"))
    })]),
    mistake("accept-required", "A request without Accept is refused.", &[Hook::Asked(|call, _| {
        call.header("accept").is_none().then(|| refuse(406, "Not Acceptable"))
    })]),
    mistake("accept-scim-refused", "An Accept of application/scim+json is refused.", &[Hook::Asked(|call, _| {
        let scim = call.header("accept").is_some_and(|given| given.starts_with("application/scim+json"));
        scim.then(|| refuse(406, "Not Acceptable"))
    })]),
    mistake("accept-json-refused", "An Accept without application/scim+json is refused.", &[Hook::Asked(|call, _| {
        let other = call.header("accept").is_some_and(|given| !given.contains("scim+json") && !given.contains("*/*"));
        other.then(|| refuse(406, "Not Acceptable"))
    })]),
    mistake("user-agent-required", "A request without User-Agent is refused.", &[Hook::Asked(|call, _| {
        call.header("user-agent").is_none().then(|| refuse(403, "Forbidden"))
    })]),
    mistake("flag-refused", "A parameter of the base URL that is not known is refused.", &[Hook::Asked(|call, _| {
        call.parameter("aadOptscim062020").map(|_| refuse_as("invalidValue", "The parameter is not known."))
    })]),
    mistake("slash-404", "A doubled slash is answered with 404.", &[Hook::Asked(|call, _| {
        call.sent_path.contains("//").then(|| refuse(404, "There is nothing here."))
    })]),
    mistake("slash-redirected", "A doubled slash is redirected.", &[Hook::Asked(|call, _| {
        let path = call.path.clone();
        call.sent_path.contains("//").then(|| Answer::empty(308).header("location", format!("/scim/v2{path}")))
    })]),
    mistake("redirected-to-slash", "Every address is redirected to the same with a slash.", &[Hook::Asked(|call, _| {
        let path = call.sent_path.clone();
        (!path.ends_with('/')).then(|| Answer::empty(301).header("location", format!("{path}/")))
    })]),
    mistake("encoded-blank-refused", "%20 in a query is not decoded.", &[Hook::Asked(|call, _| {
        let query = call.query.as_deref().filter(|query| query.contains("%20"))?;
        call.query = Some(query.replace("%20", "%2520"));
        None
    })]),
    mistake("body-with-204", "A 204 has a body.", &[Hook::Sent(|bytes| {
        if bytes.starts_with(b"HTTP/1.1 204") {
            bytes.extend_from_slice(b"{}");
        }
        true
    })]),
    mistake("length-too-long", "Content-Length is more than what comes.", &[Hook::Sent(|bytes| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
        if let Some(length) = length.and_then(|text| text.parse::<usize>().ok()).filter(|length| *length > 0) {
            replaced(bytes, &format!("content-length: {length}"), &format!("content-length: {}", length + 7));
            return false;
        }
        true
    })]),
    mistake("length-too-short", "Content-Length is less than what comes.", &[Hook::Sent(|bytes| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
        if let Some(length) = length.and_then(|text| text.parse::<usize>().ok()).filter(|length| *length > 9) {
            replaced(bytes, &format!("content-length: {length}"), &format!("content-length: {}", length - 7));
            return false;
        }
        true
    })]),
    mistake("created-then-cut", "A create is carried out, and the connection ends before the answer.", &[Hook::Sent(|bytes| {
        if bytes.starts_with(b"HTTP/1.1 201") {
            bytes.clear();
            return false;
        }
        true
    })]),
    mistake("body-cut", "The connection ends in the middle of a list.", &[Hook::Sent(|bytes| {
        let is_list = String::from_utf8_lossy(bytes).contains("ListResponse");
        if is_list {
            bytes.truncate(bytes.len() - 20);
        }
        !is_list
    })]),
    mistake("bare-line-feeds", "Header lines end in a bare line feed.", &[Hook::Sent(|bytes| {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let mut head = bytes[..end + 4].to_vec();
            head.retain(|byte| *byte != b'\r');
            head.extend_from_slice(&bytes[end + 4..]);
            *bytes = head;
        }
        true
    })]),
    mistake("not-http", "Lists are written without HTTP.", &[Hook::Sent(|bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_list = text.contains("ListResponse");
        if is_list {
            *bytes = text.split("\r\n\r\n").nth(1).unwrap_or_default().as_bytes().to_vec();
        }
        !is_list
    })]),
    mistake("byte-order-mark", "Bodies begin with a byte order mark.", &[Hook::Told(|answer, _, _| {
        retold(answer, |text| format!("\u{feff}{text}"));
    })]),
    mistake("trailing-comma", "Bodies have a comma too many.", &[Hook::Told(|answer, _, _| {
        retold(answer, |text| format!("{},}}", &text[..text.len() - 1]));
    })]),
    mistake("single-quotes", "Bodies have single quotes.", &[Hook::Told(|answer, _, _| {
        retold(answer, |text| text.replace('"', "'"));
    })]),
    mistake("two-bodies", "A body comes twice.", &[Hook::Told(|answer, _, _| retold(answer, |text| format!("{text}{text}")))]),
    mistake("warning-before-body", "A warning of the server stands before the body.", &[Hook::Told(|answer, _, _| {
        retold(answer, |text| format!("<br />\n<b>Warning</b>: Undefined index in scim.php on line 42<br />\n{text}"));
    })]),
    mistake("latin-1", "Bodies are Latin-1.", &[Hook::Sent(|bytes| {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
            let coded: Vec<u8> = body.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let head = head.replace(&format!("content-length: {}", body.len()), &format!("content-length: {}", coded.len()));
            *bytes = [head.into_bytes(), coded].concat();
        }
        true
    })]),
    mistake("not-a-number", "A list has NaN for its total.", &[Hook::Listed(|list, _| {
        swap(list, "totalResults", |_| Json::Number("NaN".into()));
    })]),
    mistake("bodies-double-encoded", "A body is JSON inside a JSON text.", &[Hook::Told(|answer, _, _| {
        retold(answer, |text| Json::from(text).to_string());
    })]),
    mistake("get-without-body", "GET is answered with 200 and no body.", &[Hook::Told(|answer, call, _| {
        if call.is_get() && call.on_resources() && answer.status == 200 {
            answer.body = None;
        }
    })]),
    mistake("many-members-500", "More than 50 members at a time end in a server error.", &[Hook::Asked(|call, _| {
        let many = call.operations().iter().filter_map(|o| o.get("value")?.as_array()).any(|members| members.len() > 50);
        many.then(|| refuse(500, "Gateway Timeout"))
    })]),
    mistake("every-third-503", "Every third request is answered with 503.", &[Hook::Asked(|_, desk| {
        (desk.count("every-third-503") % 3 == 2).then(|| refuse(503, "Service Unavailable"))
    })]),
    mistake("every-third-429", "Every third request is answered with 429 and no Retry-After.", &[Hook::Asked(|_, desk| {
        (desk.count("every-third-429") % 3 == 2).then(|| refuse(429, "Too Many Requests"))
    })]),
    mistake("groups-slow", "Lists of groups take 700 ms.", &[Hook::Told(|answer, call, _| {
        if call.on_groups() && call.lists() {
            answer.late = Duration::from_millis(700);
        }
    })]),
    mistake("never-answers", "A create is never answered.", &[Hook::Told(|answer, call, _| {
        if call.creates() {
            answer.late = Duration::from_secs(3600);
        }
    })]),
    mistake("reads-stale-once", "The first reading after a write shows the resource as it was.", &[
        Hook::Asked(remember_old),
        Hook::Told(|answer, call, desk| {
            let name = format!("old {}", call.path);
            let old = if call.is_get() && call.id().is_some() { desk.forget(&name) } else { None };
            if let Some(old) = old.filter(|_| answer.status == 200) {
                answer.body = Some(old);
            }
        }),
    ]),
    mistake("reads-stale-for-ever", "Readings show a resource as it was before its last write.", &[
        Hook::Asked(remember_old),
        Hook::Told(|answer, call, desk| {
            let old = desk.recall(&format!("old {}", call.path)).filter(|_| call.is_get() && answer.status == 200);
            if let Some(old) = old {
                answer.body = Some(old);
            }
        }),
    ]),
    mistake("created-visible-later", "A new resource cannot be read at first.", &[Hook::Told(|answer, call, desk| {
        if let Some(id) = new_id(answer, call) {
            desk.remember(&format!("new /{}/{id}", call.endpoint()), true.into());
        }
        if call.is_get() && call.id().is_some() && desk.forget(&format!("new {}", call.path)).is_some() {
            *answer = refuse(404, "not found");
        }
    })]),
    mistake("created-found-later", "A search does not find a new resource at first.", &[Hook::Told(|answer, call, desk| {
        if let Some(id) = new_id(answer, call) {
            desk.remember("newest", id.into());
            return;
        }
        let newest = desk.recall("newest").filter(|_| call.lists() && call.filter().is_some());
        let found = answer.body.as_ref().and_then(|body| body.pointer("/Resources/0/id")).cloned();
        if newest.is_some() && newest == found {
            desk.forget("newest");
            answer.body = Some(crate::scim::message::list(Vec::new(), 0, 1));
        }
    })]),
    mistake("deleted-readable-once", "A deleted resource can be read once more.", &[
        Hook::Asked(|call, desk| {
            if call.method == "DELETE"
                && let Some(old) = desk.read(&call.path)
            {
                desk.remember(&format!("old {}", call.path), old);
            }
            None
        }),
        Hook::Told(|answer, call, desk| {
            let old = if call.is_get() && answer.status == 404 { desk.forget(&format!("old {}", call.path)) } else { None };
            if let Some(old) = old {
                *answer = Answer::with_body(200, old);
            }
        }),
    ]),
    mistake("every-second-write-lost", "Every second change of a resource is answered and lost.", &[Hook::Told(
        |answer, call, desk| {
            let changes = matches!(call.method.as_str(), "PUT" | "PATCH") && answer.status == 200;
            let Some(id) = call.id().filter(|_| changes).map(str::to_owned) else { return };
            let kept = desk.recall(&format!("kept {id}"));
            let now = desk.content(&id).map(Json::Object).unwrap_or_default();
            if desk.count(&id) % 2 == 1 {
                if let Some(Json::Object(kept)) = kept {
                    desk.keep(&id, kept);
                }
            } else {
                desk.remember(&format!("kept {id}"), now);
            }
        },
    )]),
    mistake("answers-of-another", "Every tenth reading shows another resource.", &[Hook::Told(|answer, call, desk| {
        if call.is_get() && call.id().is_some() && call.on_resources() && answer.status == 200 {
            let last = desk.recall("last");
            desk.remember("last", answer.body.clone().unwrap_or_default());
            if desk.count("answers-of-another") % 10 == 9 {
                answer.body = last;
            }
        }
    })]),
    mistake("empty-object-for-all", "Every success is an empty object.", &[Hook::Told(|answer, call, _| {
        if call.on_resources() && answer.status < 300 && answer.body.is_some() {
            answer.body = Some(Json::Object(Object::default()));
        }
    })]),
    mistake("ok-for-all", "Every success is the object ok.", &[Hook::Told(|answer, call, _| {
        if call.writes() && answer.status < 300 && answer.body.is_some() {
            answer.body = Some(object([("status", "ok".into())]));
        }
    })]),
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

/// Keeps what a resource was before a change.
fn remember_old(call: &mut Call, desk: &mut super::super::Desk<'_>) -> Option<Answer> {
    if matches!(call.method.as_str(), "PUT" | "PATCH")
        && let Some(old) = desk.read(&call.path)
    {
        desk.remember(&format!("old {}", call.path), old);
    }
    None
}

fn new_id(answer: &Answer, call: &Call) -> Option<String> {
    let body = answer.body.as_ref().filter(|_| call.creates() && answer.status == 201)?;
    body.get("id")?.as_str().map(str::to_owned)
}
