//! Legal differences of the protocol.

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::{refuse, refuse_as};
use super::super::value::{number, reword, within};
use super::super::{Answer, Fault, Hook, tolerated};

pub(super) static FAULTS: &[Fault] = &[
    tolerated(
        "location-relative",
        "Location and meta.location are relative.",
        &[
            Hook::Shown(|resource, _| within(resource, "meta", |meta| reword(meta, "location", path_of))),
            Hook::Told(|answer, _, _| {
                for (_, value) in answer.headers.iter_mut().filter(|(name, _)| *name == "location") {
                    *value = path_of(value);
                }
            }),
        ],
    ),
    tolerated(
        "location-only-on-create",
        "Only a create has a Location header.",
        &[Hook::Told(|answer, _, _| {
            if answer.status != 201 {
                answer.headers.retain(|(name, _)| *name != "location");
            }
        })],
    ),
    tolerated(
        "content-location",
        "Answers name the resource in Content-Location too.",
        &[Hook::Told(|answer, call, _| {
            let location = answer.body.as_ref().and_then(|body| body.pointer("/meta/location")).and_then(Json::as_str);
            if let Some(location) = location.map(str::to_owned).filter(|_| call.on_resources()) {
                answer.headers.push(("content-location", location));
            }
        })],
    ),
    tolerated(
        "times-to-the-second",
        "Times have no fraction.",
        &[Hook::Shown(|resource, _| timed(resource, |time| format!("{}Z", &time[..19])))],
    ),
    tolerated(
        "times-with-offset",
        "Times are those of a zone.",
        &[Hook::Shown(|resource, _| timed(resource, |time| time.replace('Z', "+00:00")))],
    ),
    tolerated(
        "times-to-the-millisecond",
        "Times have three digits behind the second.",
        &[Hook::Shown(|resource, _| {
            timed(resource, |time| format!("{}Z", &time[..23]));
        })],
    ),
    tolerated(
        "etag-strong",
        "Versions are strong tags.",
        &[
            Hook::Shown(|resource, _| within(resource, "meta", |meta| reword(meta, "version", strong))),
            Hook::Told(|answer, call, _| {
                for (_, value) in answer.headers.iter_mut().filter(|(name, _)| *name == "etag" && call.on_resources()) {
                    *value = strong(value);
                }
            }),
        ],
    ),
    tolerated(
        "etag-none",
        "There are no versions, and none are advertised.",
        &[
            Hook::Asked(|call, _| {
                call.headers.remove("if-match");
                call.headers.remove("if-none-match");
                None
            }),
            Hook::Shown(|resource, _| within(resource, "meta", |meta| drop(meta.remove("version")))),
            Hook::Told(|answer, call, _| {
                answer.headers.retain(|(name, _)| *name != "etag");
                denied(answer, call, "etag");
            }),
        ],
    ),
    tolerated(
        "etag-of-the-body",
        "Every answer has an ETag of the server's framework, and none are advertised.",
        &[
            Hook::Asked(|call, _| {
                call.headers.remove("if-match");
                None
            }),
            Hook::Shown(|resource, _| within(resource, "meta", |meta| drop(meta.remove("version")))),
            Hook::Told(|answer, call, _| {
                answer.headers.retain(|(name, _)| *name != "etag");
                denied(answer, call, "etag");
                // Other types than users and groups show their version here.
                if let Some(body) = answer.body.as_mut().and_then(Json::as_object_mut) {
                    within(body, "meta", |meta| drop(meta.remove("version")));
                }
                if let Some(body) = &answer.body {
                    answer.headers.push(("etag", format!("W/\"{:x}\"", body.to_string().len())));
                }
            }),
        ],
    ),
    tolerated(
        "bulk-none",
        "There is no bulk, and none is advertised.",
        &[
            Hook::Asked(|call, _| (call.endpoint() == "Bulk").then(|| refuse(501, "Bulk is not supported."))),
            Hook::Told(|answer, call, _| denied(answer, call, "bulk")),
        ],
    ),
    tolerated(
        "sort-none",
        "There is no sorting, and none is advertised.",
        &[
            Hook::Asked(|call, _| {
                call.set_parameter("sortBy", None);
                call.set_parameter("sortOrder", None);
                None
            }),
            Hook::Told(|answer, call, _| denied(answer, call, "sort")),
        ],
    ),
    tolerated(
        "change-password-none",
        "Passwords cannot be changed, and that is said.",
        &[Hook::Told(|answer, call, _| {
            denied(answer, call, "changePassword");
        })],
    ),
    tolerated(
        "config-limits-other",
        "The limits are other ones.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| within(config, "filter", |filter| filter.set("maxResults", number(1000))));
        })],
    ),
    tolerated(
        "config-more",
        "The configuration has a documentationUri and another scheme.",
        &[Hook::Told(|answer, call, _| {
            config(answer, call, |config| {
                config.set("documentationUri", "https://docs.example.com/scim".into());
                if let Some(Json::Array(schemes)) = config.get_mut("authenticationSchemes") {
                    schemes.push(object([
                        ("type", "httpbasic".into()),
                        ("name", "HTTP Basic".into()),
                        ("description", "Name and password".into()),
                    ]));
                }
            });
        })],
    ),
    tolerated(
        "endpoint-without-slash",
        "The endpoints of resource types have no slash.",
        &[Hook::Told(|answer, call, _| {
            call.each_described(answer, "ResourceTypes", |one| {
                reword(one, "endpoint", |name| name.trim_start_matches('/').to_owned());
            });
        })],
    ),
    tolerated(
        "discovery-without-meta",
        "Descriptions have no meta.",
        &[Hook::Told(|answer, call, _| {
            for endpoint in ["ResourceTypes", "Schemas"] {
                call.each_described(answer, endpoint, |one| drop(one.remove("meta")));
            }
            config(answer, call, |config| drop(config.remove("meta")));
        })],
    ),
    tolerated(
        "discovery-filter-detail",
        "A filter on the descriptions is refused with 403 and another detail.",
        &[Hook::Told(|answer, call, _| {
            if answer.status == 403 && call.parameter("filter").is_some() {
                *answer = refuse(403, "Forbidden");
            }
        })],
    ),
    tolerated(
        "pages-of-ten",
        "A page holds ten resources at most, and says so.",
        &[Hook::Asked(|call, _| {
            if call.is_get()
                && call.on_resources()
                && call.id().is_none()
                && call.number("count").is_none_or(|count| count > 10)
            {
                call.set_parameter("count", Some("10"));
            }
            None
        })],
    ),
    tolerated(
        "lists-newest-first",
        "Lists begin with the newest resource.",
        &[Hook::Listed(|list, call| {
            let all = call.parameter("count").is_none()
                && call.parameter("startIndex").is_none()
                && call.parameter("sortBy").is_none();
            if let Some(Json::Array(resources)) = list.get_mut("Resources").filter(|_| all && call.on_resources()) {
                resources.reverse();
            }
        })],
    ),
    tolerated(
        "lists-without-paging-numbers",
        "A whole list does not name its page.",
        &[Hook::Listed(|list, call| {
            let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
            let total = list.get("totalResults").and_then(Json::as_i64);
            if total == i64::try_from(shown).ok()
                && call.parameter("count").is_none()
                && call.parameter("startIndex").is_none()
            {
                list.remove("startIndex");
                list.remove("itemsPerPage");
            }
        })],
    ),
    tolerated(
        "external-id-filter-unknown-empty",
        "A filter on an unknown attribute finds nobody.",
        &[Hook::Told(|answer, call, _| {
            let detail =
                answer.body.as_ref().and_then(|body| body.get("detail")).and_then(Json::as_str).unwrap_or_default();
            if call.lists() && call.on_resources() && detail.contains("unknown") {
                *answer = Answer::with_body(200, crate::scim::message::list(Vec::new(), 0, 1));
            }
        })],
    ),
    tolerated(
        "error-detail-other",
        "The detail of errors is in another language.",
        &[Hook::Told(|answer, _, _| {
            if let Some(body) = answer.body.as_mut().filter(|_| answer.status >= 400).and_then(Json::as_object_mut) {
                body.set("detail", "Das geht hier nicht \u{2013} bitte pr\u{fc}fen.".into());
            }
        })],
    ),
    tolerated(
        "error-more-members",
        "Errors have members of the server's own.",
        &[Hook::Told(|answer, _, _| {
            if let Some(body) = answer.body.as_mut().filter(|_| answer.status >= 400).and_then(Json::as_object_mut) {
                body.set("traceId", "4bf92f3577b34da6".into());
                body.set("timestamp", "2026-11-22T08:00:00Z".into());
            }
        })],
    ),
    tolerated(
        "media-type-with-charset",
        "Answers name their charset.",
        &[Hook::Told(|answer, _, _| {
            if answer.body.is_some() {
                answer.headers.push(("content-type", "application/scim+json; charset=utf-8".to_owned()));
            }
        })],
    ),
    tolerated(
        "media-type-in-capitals",
        "The media type is written in capitals.",
        &[Hook::Told(|answer, _, _| {
            if answer.body.is_some() {
                answer.headers.push(("content-type", "Application/SCIM+JSON;charset=UTF-8".to_owned()));
            }
        })],
    ),
    tolerated(
        "more-headers",
        "Answers have headers of a proxy.",
        &[Hook::Told(|answer, _, _| {
            for (name, value) in [
                ("x-request-id", "0f8fad5b"),
                ("cache-control", "no-store"),
                ("strict-transport-security", "max-age=63072000"),
                ("vary", "Accept, Accept-Encoding"),
                ("server", "cloudflare"),
                ("set-cookie", "session=1; HttpOnly"),
            ] {
                answer.headers.push((name, value.to_owned()));
            }
        })],
    ),
    tolerated(
        "connection-closed",
        "Each answer ends its connection.",
        &[Hook::Told(|answer, _, _| {
            answer.headers.push(("connection", "close".to_owned()));
        })],
    ),
    tolerated(
        "headers-in-capitals",
        "Header names are written in capitals, the reason is missing.",
        &[Hook::Sent(|bytes| {
            if bytes.starts_with(b"HTTP/1.1 ")
                && let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                let mut lines = head.split("\r\n");
                let status = lines.next().unwrap_or_default().chars().take(13).collect::<String>();
                let lines = lines.map(|line| {
                    line.split_once(':').map_or(line.to_owned(), |(n, v)| format!("{}:{v}", n.to_uppercase()))
                });
                let head = std::iter::once(status).chain(lines).collect::<Vec<_>>().join("\r\n");
                *bytes = [head.as_bytes(), &bytes[end..]].concat();
            }
            true
        })],
    ),
    tolerated(
        "group-names-unique",
        "A group of a name that is taken is answered with 409.",
        &[Hook::Asked(|call, desk| {
            let name =
                call.json.as_ref().filter(|_| call.creates() && call.on_groups())?.get("displayName")?.to_string();
            let key = format!("group {name}");
            let known = desk.recall(&key).is_some();
            desk.remember(&key, true.into());
            known.then(|| Answer { status: 409, ..refuse_as("uniqueness", "displayName is taken") })
        })],
    ),
    tolerated(
        "unknown-members-detail",
        "A member that there is not is refused with another detail.",
        &[Hook::Told(|answer, call, _| {
            let detail =
                answer.body.as_ref().and_then(|body| body.get("detail")).and_then(Json::as_str).unwrap_or_default();
            if call.on_groups() && detail.contains("no member") {
                *answer = refuse_as("invalidValue", "unknown member");
            }
        })],
    ),
    tolerated(
        "me-501",
        "/Me is not supported and says so in another way.",
        &[Hook::Told(|answer, call, _| {
            if call.endpoint() == "Me" {
                *answer = refuse(501, "Not Implemented");
            }
        })],
    ),
];

fn config(answer: &mut Answer, call: &Call, change: impl FnOnce(&mut Object)) {
    let config = answer.body.as_mut().filter(|_| answer.status == 200 && call.endpoint() == "ServiceProviderConfig");
    if let Some(config) = config.and_then(Json::as_object_mut) {
        change(config);
    }
}

fn denied(answer: &mut Answer, call: &Call, feature: &str) {
    config(answer, call, |config| within(config, feature, |feature| feature.set("supported", false.into())));
}

fn path_of(url: &str) -> String {
    format!("/{}", url.splitn(4, '/').nth(3).unwrap_or_default())
}

fn strong(tag: &str) -> String {
    tag.trim_start_matches("W/").to_owned()
}

fn timed(resource: &mut Object, change: impl Fn(&str) -> String) {
    within(resource, "meta", |meta| {
        reword(meta, "created", &change);
        reword(meta, "lastModified", &change);
    });
}
