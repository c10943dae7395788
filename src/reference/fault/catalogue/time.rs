//! Load, delay, and writes and readings that do not see each other.

use std::time::Duration;

use crate::scim::json::{Json, Object, object};

use super::super::call::Call;
use super::super::desk::{TAKES, refuse};
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "every-third-503",
        "Every third request is answered with 503.",
        &[Hook::Asked(|_, desk| (desk.count("every-third-503") % 3 == 2).then(|| refuse(503, "Service Unavailable")))],
    ),
    mistake(
        "every-third-429",
        "Every third request is answered with 429 and no Retry-After.",
        &[Hook::Asked(|_, desk| (desk.count("every-third-429") % 3 == 2).then(|| refuse(429, "Too Many Requests")))],
    ),
    mistake(
        "groups-slow",
        "Lists of groups take 700 ms.",
        &[Hook::Told(|answer, call, _| {
            if call.on_groups() && call.lists() {
                answer.late = Duration::from_millis(700);
            }
        })],
    ),
    mistake(
        "never-answers",
        "A create is never answered.",
        &[Hook::Told(|answer, call, _| {
            if call.creates() {
                answer.late = Duration::from_hours(1);
            }
        })],
    ),
    mistake(
        "reads-stale-once",
        "The first reading after a write shows the resource as it was.",
        &[
            Hook::Asked(remember_old),
            Hook::Told(|answer, call, desk| {
                let name = format!("old {}", call.path);
                let old = if call.is_get() && call.id().is_some() { desk.forget(&name) } else { None };
                if let Some(old) = old.filter(|_| answer.status == 200) {
                    answer.body = Some(old);
                }
            }),
        ],
    ),
    mistake(
        "reads-stale-for-ever",
        "Readings show a resource as it was before its last write.",
        &[
            Hook::Asked(remember_old),
            Hook::Told(|answer, call, desk| {
                let old = desk.recall(&format!("old {}", call.path)).filter(|_| call.is_get() && answer.status == 200);
                if let Some(old) = old {
                    answer.body = Some(old);
                }
            }),
        ],
    ),
    mistake(
        "created-visible-later",
        "A new resource cannot be read at first.",
        &[Hook::Told(|answer, call, desk| {
            if let Some(id) = new_id(answer, call) {
                desk.remember(&format!("new /{}/{id}", call.endpoint()), true.into());
            }
            if call.is_get() && call.id().is_some() && desk.forget(&format!("new {}", call.path)).is_some() {
                *answer = refuse(404, "not found");
            }
        })],
    ),
    mistake(
        "created-found-later",
        "A search does not find a new resource at first.",
        &[Hook::Told(|answer, call, desk| {
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
        })],
    ),
    mistake(
        "deleted-readable-once",
        "A deleted resource can be read once more.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "DELETE"
                    && let Some(old) = desk.read(&call.path)
                {
                    desk.remember(&format!("old {}", call.path), old);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                let old = if call.is_get() && answer.status == 404 {
                    desk.forget(&format!("old {}", call.path))
                } else {
                    None
                };
                if let Some(old) = old {
                    *answer = Answer::with_body(200, old);
                }
            }),
        ],
    ),
    mistake(
        "every-second-write-lost",
        "Every second change of a resource is answered and lost.",
        &[Hook::Told(|answer, call, desk| {
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
        })],
    ),
    mistake(
        "lost-update",
        "Of two changes of a group that are under way at once, the later one undoes the earlier.",
        &[
            Hook::Asked(|call, desk| {
                let id = call.id().filter(|_| changes_group(call))?;
                let name = format!("before {}", call.path);
                let others = desk.is_under_way(&call.path);
                if let Some(Json::Object(before)) = desk.recall(&name).filter(|_| others) {
                    desk.keep(id, before);
                } else {
                    let before = desk.content(id).map(Json::Object).unwrap_or_default();
                    desk.remember(&name, before);
                }
                None
            }),
            Hook::Told(|answer, call, _| {
                if changes_group(call) {
                    answer.late = TAKES;
                }
            }),
        ],
    ),
    mistake(
        "answers-of-another",
        "Every tenth reading shows another resource.",
        &[Hook::Told(|answer, call, desk| {
            if call.is_get() && call.id().is_some() && call.on_resources() && answer.status == 200 {
                let last = desk.recall("last");
                desk.remember("last", answer.body.clone().unwrap_or_default());
                if desk.count("answers-of-another") % 10 == 9 {
                    answer.body = last;
                }
            }
        })],
    ),
    mistake(
        "empty-object-for-all",
        "Every success is an empty object.",
        &[Hook::Told(|answer, call, _| {
            if call.on_resources() && answer.status < 300 && answer.body.is_some() {
                answer.body = Some(Json::Object(Object::default()));
            }
        })],
    ),
    mistake(
        "ok-for-all",
        "Every success is the object ok.",
        &[Hook::Told(|answer, call, _| {
            if call.writes() && answer.status < 300 && answer.body.is_some() {
                answer.body = Some(object([("status", "ok".into())]));
            }
        })],
    ),
];

fn changes_group(call: &Call) -> bool {
    call.method == "PATCH" && call.on_groups()
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
