//! A request on its way through the hooks of the departures that are switched on.

use crate::scim::json::{Json, Object};

use super::super::wire::{Answer, Request};
use super::super::{BASE_PATH, Service};
use super::call::Call;
use super::desk::Desk;
use super::{Fault, Hook};

/// Answers a request as the departures have it.
pub(in super::super) fn answer(service: &mut Service, faults: &[&'static Fault], request: &Request<'_>) -> Answer {
    let mut call = Call::of(request);
    let hooks: Vec<Hook> = faults.iter().flat_map(|fault| fault.hooks).copied().collect();
    let early = hooks.iter().find_map(|hook| match hook {
        Hook::Asked(asked) => {
            let mut desk = Desk::new(service, &call);
            asked(&mut call, &mut desk)
        }
        _ => None,
    });
    let before = call.id().and_then(|id| Desk::new(service, &call).content(id));
    let mut answer = early.unwrap_or_else(|| handled(service, request, &call));
    stored(service, &hooks, &call, before.as_ref(), &mut answer);
    if let Some(body) = answer.body.as_mut().filter(|_| answer.status < 300).and_then(Json::as_object_mut) {
        shown(&hooks, &call, body);
    }
    for hook in &hooks {
        if let Hook::Told(told) = hook {
            told(&mut answer, &call, &mut Desk::new(service, &call));
        }
    }
    answer
}

/// The id of a new resource.
pub(in super::super) fn id(faults: &[&'static Fault], number: u64) -> Option<String> {
    faults.iter().flat_map(|fault| fault.hooks).find_map(|hook| match hook {
        Hook::Named(named) => Some(named(number)),
        _ => None,
    })
}

fn handled(service: &mut Service, request: &Request<'_>, call: &Call) -> Answer {
    let path = if call.sent_path == request.path && Call::of(request).path == call.path {
        request.path.to_owned()
    } else {
        format!("{BASE_PATH}{}", call.path)
    };
    let body = call.bytes();
    let (query, headers) = (call.query.as_deref(), &call.headers);
    service.conforming(&Request { method: &call.method, path: &path, query, headers, body: &body, at: request.at })
}

/// What a write left behind goes through the hooks, and is shown again.
fn stored(service: &mut Service, hooks: &[Hook], call: &Call, before: Option<&Object>, answer: &mut Answer) {
    let hooks: Vec<_> =
        hooks.iter().filter_map(|hook| if let Hook::Stored(stored) = hook { Some(stored) } else { None }).collect();
    let written = answer.body.as_ref().and_then(|body| body.get("id")).and_then(Json::as_str).or(call.id());
    let Some(id) = written.filter(|_| call.writes() && answer.status < 300 && !hooks.is_empty()).map(str::to_owned)
    else {
        return;
    };
    let mut desk = Desk::new(service, call);
    let Some(content) = desk.content(&id) else { return };
    let mut changed = content.clone();
    for hook in hooks {
        hook(&mut changed, call, before);
    }
    if changed != content {
        desk.keep(&id, changed);
        let again = desk.send("GET", &format!("/{}/{id}", call.endpoint()), "");
        if answer.body.is_some() && !call.projects() {
            *answer = Answer { status: answer.status, ..again };
        }
    }
}

fn shown(hooks: &[Hook], call: &Call, body: &mut Object) {
    let is_list = body.get("totalResults").is_some();
    for hook in hooks {
        match hook {
            Hook::Shown(shown) if call.lists() => {
                if let Some(Json::Array(items)) = body.get_mut("Resources") {
                    items.iter_mut().filter_map(Json::as_object_mut).for_each(|item| shown(item, call));
                }
            }
            Hook::Shown(shown) if call.on_resources() => shown(body, call),
            Hook::Listed(listed) if is_list => listed(body, call),
            _ => {}
        }
    }
}
