//! RFC 7644 sections 3.7.1 and 3.7.2: references within a bulk job, and what becomes of it.

use super::super::bulk::{self, Entry, Job};
use super::super::expect;
use super::super::{Check, Finding, Judge, Judgement, Operation, Scene, Subject};
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&CIRCULAR, &BULK_ID_RETURNED, &REFERENCES, &EFFECT];

static CIRCULAR: Check = Check {
    id: "rfc7644/3.7.1/circular-references",
    requirements: &["RFC7644-3.7.1-01"],
    title: "References that go round in a circle are resolved, or refused with 409",
    why: "Two groups that hold each other cannot be created in any order otherwise.",
    fix: "Create the resources first and set the references afterwards; answer 409 when that is not possible.",
    judge: Judge::Exchange(circular),
};

fn circular(subject: &Subject<'_>) -> Judgement {
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let Some(job) = job.filter(|_| subject.status() == Some(200)) else { return Judgement::NotApplicable };
    let round = job.entries.iter().filter(|entry| is_circular(entry, &job));
    let mut round = round.filter(|entry| bulk::flaw(entry.operation).is_none()).peekable();
    if round.peek().is_none() {
        return Judgement::NotApplicable;
    }
    let failed = round.find(|entry| entry.status().is_some_and(|status| status >= 400 && status != 409));
    failed
        .and_then(|entry| entry.result)
        .map(|(place, result)| {
            let at = format!("/Operations/{place}/status");
            expect::body(at, "\"201\", or \"409\" when the circle cannot be resolved", result.get("status"))
        })
        .into()
}

/// Whether an operation refers to one that refers back to it.
fn is_circular(entry: &Entry<'_>, job: &Job<'_>) -> bool {
    let Some(own) = entry.text("bulkId") else { return false };
    refers_to(entry).iter().any(|other| {
        let other = job.entries.iter().find(|entry| entry.text("bulkId") == Some(other));
        other.is_some_and(|other| other.number != entry.number && refers_to(other).iter().any(|id| id == own))
    })
}

fn refers_to(entry: &Entry<'_>) -> Vec<String> {
    let references = entry.operation.get("data").map(bulk::references).unwrap_or_default();
    references.into_iter().map(|(_, id)| id).collect()
}

static BULK_ID_RETURNED: Check = Check {
    id: "rfc7644/3.7.2/bulk-id-returned",
    requirements: &["RFC7644-3.7-24"],
    title: "The result of a create has the bulkId of its operation",
    why: "By the bulkId alone a client knows which of its new resources has which id.",
    fix: "Copy bulkId from the operation to its result.",
    judge: Judge::Exchange(bulk_id_returned),
};

fn bulk_id_returned(subject: &Subject<'_>) -> Judgement {
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let Some(job) = job.filter(|_| subject.status() == Some(200)) else { return Judgement::NotApplicable };
    let created = job.entries.iter().filter(|e| e.method() == "POST" && e.succeeded() && e.text("bulkId").is_some());
    let mut created = created.peekable();
    if created.peek().is_none() {
        return Judgement::NotApplicable;
    }
    let wrong = created
        .find(|entry| entry.result.and_then(|(_, result)| result.get("bulkId")?.as_str()) != entry.text("bulkId"));
    wrong
        .and_then(|entry| Some((entry.text("bulkId")?, entry.result?)))
        .map(|(id, (place, result))| {
            expect::body(format!("/Operations/{place}/bulkId"), format!("\"{id}\""), result.get("bulkId"))
        })
        .into()
}

static REFERENCES: Check = Check {
    id: "rfc7644/3.7.2/references-replaced",
    requirements: &["RFC7644-3.7.2-02", "RFC7644-3.7.2-03", "RFC7644-3.7.1-01"],
    title: "A bulkId reference becomes the id of the resource that was created",
    why: "A member called bulkId:1 is nobody: the new user is not in the group.",
    fix: "Replace bulkId: references by the permanent id when the resource has been created, in extensions too.",
    judge: Judge::Scenario(references),
};

fn references(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut judged = Vec::new();
    each_job(scene, &mut |turn, job| {
        for entry in job.entries.iter().filter(|entry| matches!(entry.method().as_str(), "POST" | "PUT")) {
            for (keys, target) in entry.operation.get("data").map(bulk::references).unwrap_or_default() {
                let made = job.entries.iter().find(|e| e.text("bulkId") == Some(&target) && e.succeeded());
                let Some(id) = made.and_then(Entry::id) else { continue };
                let extension = keys.first().is_some_and(|key| key.contains(':'));
                let circle = is_circular(entry, job);
                let requirement = match (extension, circle) {
                    (true, _) => "RFC7644-3.7.2-03",
                    (false, true) => "RFC7644-3.7.1-01",
                    (false, false) => "RFC7644-3.7.2-02",
                };
                let backward = made.is_some_and(|made| made.number < entry.number);
                judged.extend(reference(scene, turn, entry, (&keys, &target, id), backward, requirement));
            }
        }
    });
    judged
}

/// One reference: the operation that holds it must not fail for it, and what is read afterwards has the id.
fn reference(
    scene: &Scene<'_>,
    turn: usize,
    entry: &Entry<'_>,
    (keys, target, id): (&[String], &str, &str),
    backward: bool,
    requirement: &'static str,
) -> Option<(usize, Judgement)> {
    let (place, result) = entry.result?;
    if !entry.succeeded() {
        let refused = backward && matches!(entry.status(), Some(400 | 404 | 409 | 422 | 500));
        let at = format!("/Operations/{place}/status");
        let finding = || expect::body(at, format!("success: bulkId:{target} is \"{id}\""), result.get("status"));
        return refused.then(|| (turn, finding().of(requirement).into()));
    }
    let (reading, resource) = read_afterwards(scene, turn, entry)?;
    let shown = bulk::texts_at(resource, keys);
    if shown.iter().any(|text| text == id) {
        return Some((reading, Judgement::Conforms));
    }
    let at = format!("/{}", keys.iter().map(|key| crate::scim::json::pointer_part(key)).collect::<Vec<_>>().join("/"));
    let actual = shown.first().map_or_else(|| "nothing".to_owned(), |text| format!("\"{text}\""));
    let expected = format!("\"{id}\", the id behind bulkId:{target}");
    Some((reading, expect::body(at, expected, None).actually(actual).of(requirement).into()))
}

/// The first reading of a resource after the job, before anything is written to it.
fn read_afterwards<'a>(scene: &Scene<'a>, turn: usize, entry: &Entry<'_>) -> Option<(usize, &'a Json)> {
    let (reading, exchange) = next_of(scene, turn, entry)?;
    let kind = scene.kind(reading);
    let whole = kind.operation == Operation::Read && exchange.succeeded() && exchange.sent.query().is_none();
    whole.then(|| exchange.answer()).flatten().map(|resource| (reading, resource))
}

/// The next exchange about the resource of an operation.
fn next_of<'a>(scene: &Scene<'a>, turn: usize, entry: &Entry<'_>) -> Option<(usize, &'a crate::exchange::Exchange)> {
    let id = entry.id()?;
    let endpoint = entry.text("path")?.trim_matches('/').split('/').next()?;
    let wanted = format!("{endpoint}/{id}");
    let later = scene.trace.turns.iter().enumerate().skip(turn + 1);
    let later = later.map(|(index, turn)| (index, &*turn.exchange));
    let mut about = later.take_while(|(_, exchange)| !exchange.sent.path().contains("Bulk"));
    about.find(|(_, exchange)| exchange.sent.path().trim_matches('/') == wanted)
}

fn each_job(scene: &Scene<'_>, visit: &mut dyn FnMut(usize, &Job<'_>)) {
    for turn in 0..scene.trace.turns.len() {
        if !scene.trace.turns[turn].exchange.sent.path().contains("Bulk") {
            continue;
        }
        let subject = Subject::new(*scene, turn);
        let request = bulk::request(&subject).filter(|_| subject.status() == Some(200));
        let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
        if let Some(job) = job {
            visit(turn, &job);
        }
    }
}

static EFFECT: Check = Check {
    id: "rfc7644/3.7.2/bulk-effect",
    requirements: &["RFC7644-3.7-26", "RFC7644-3.7.3-06"],
    title: "What a bulk job reports as done is done, in the order of its operations",
    why: "The client has no other way to know the state than to believe the results.",
    fix: "Perform the operations as single requests in their order would be, PATCH with a whole PatchOp as its data.",
    judge: Judge::Scenario(effect),
};

fn effect(scene: &Scene<'_>) -> Vec<(usize, Judgement)> {
    let mut judged = Vec::new();
    each_job(scene, &mut |turn, job| {
        for entry in job.entries.iter().filter(|entry| entry.succeeded()) {
            let path = entry.text("path");
            let last = entry.method() == "POST"
                || !job.entries.iter().any(|e| e.number > entry.number && e.text("path") == path);
            if last
                && let Some((reading, exchange)) = next_of(scene, turn, entry).filter(|(_, e)| e.sent.method == "GET")
            {
                judged.extend(found(entry, job, exchange).map(|judgement| (reading, judgement)));
            }
        }
        for entry in job.entries.iter().filter(|entry| entry.method() == "PATCH") {
            judged.extend(patch_message(entry).map(|judgement| (turn, judgement)));
        }
    });
    judged
}

/// A PATCH whose data is a whole message must not be refused for its form (erratum 5050).
fn patch_message(entry: &Entry<'_>) -> Option<Judgement> {
    let data = entry.operation.get("data")?;
    let whole = expect::names_schema(data, crate::scim::urn::PATCH_OP) && data.get("Operations").is_some();
    let (place, result) = entry.result.filter(|_| whole)?;
    let syntax = result.pointer("/response/scimType").and_then(Json::as_str) == Some("invalidSyntax");
    let finding = || expect::body(format!("/Operations/{place}/status"), "\"200\" or \"204\"", result.get("status"));
    (entry.status() == Some(400) && syntax).then(|| finding().of("RFC7644-3.7.3-06").into())
}

/// What the first reading after the job shows of its last operation on a resource.
fn found(entry: &Entry<'_>, job: &Job<'_>, exchange: &crate::exchange::Exchange) -> Option<Judgement> {
    if entry.method() == "DELETE" {
        let gone = exchange.status() == Some(404);
        let status = || exchange.status().unwrap_or_default().to_string();
        let finding = || Finding::new(crate::check::Location::Status, "404: the job has deleted it", status());
        return (gone || exchange.succeeded()).then(|| (!gone).then(finding).into());
    }
    if exchange.status() == Some(404) && entry.method() == "POST" {
        let deleted = job.entries.iter().any(|e| e.method() == "DELETE" && e.id() == entry.id());
        let finding = || Finding::new(crate::check::Location::Status, "200: the job has created it", "404");
        return (!deleted).then(|| finding().into());
    }
    let (name, wanted) = written(entry)?;
    let shown = exchange.answer().filter(|_| exchange.succeeded())?.get(&name);
    if shown.is_some_and(|shown| same(&wanted, shown)) {
        return Some(Judgement::Conforms);
    }
    Some(expect::body(format!("/{name}"), format!("{wanted}, as the job wrote it"), shown).into())
}

/// The last simple value that an operation writes: an attribute by its plain name with a text or a Boolean.
fn written(entry: &Entry<'_>) -> Option<(String, Json)> {
    let data = entry.operation.get("data")?;
    let simple = |value: &Json| matches!(value, Json::String(_) | Json::Bool(_));
    if entry.method() == "PATCH" {
        let operation = data.get("Operations")?.as_array()?.last()?;
        let op = operation.get("op")?.as_str()?.to_ascii_lowercase();
        let path = operation.get("path")?.as_str()?;
        let value = operation.get("value").filter(|value| simple(value))?;
        let plain = path.chars().all(char::is_alphanumeric) && matches!(op.as_str(), "add" | "replace");
        return plain.then(|| (path.to_owned(), value.clone()));
    }
    let name = ["displayName", "userName", "title", "nickName"].into_iter().find(|name| data.get(name).is_some())?;
    data.get(name).filter(|value| simple(value)).map(|value| (name.to_owned(), value.clone()))
}

fn same(wanted: &Json, shown: &Json) -> bool {
    match (wanted, shown) {
        (Json::String(a), Json::String(b)) => a.to_lowercase() == b.to_lowercase(),
        _ => wanted == shown,
    }
}
