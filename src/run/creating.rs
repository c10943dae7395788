//! Creates under way: what a request will create, one resource or several by Bulk, and what its answer says came of each.

use super::link::id_of;
use crate::exchange::{Payload, Received, decode_path};
use crate::scim::json::Json;

/// One resource that a request creates.
#[derive(Debug)]
pub(super) struct Creating {
    /// Its number in the ledger.
    pub(super) entry: u64,
    endpoint: String,
    names: Names,
    /// Its place in a bulk job.
    job: Option<Job>,
}

/// A create within a bulk job (RFC 7644 section 3.7).
#[derive(Debug)]
struct Job {
    /// Which operation, counted from 0.
    index: usize,
    bulk_id: Option<String>,
}

/// What came of a create.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is there, under this id.
    Created(String),
    /// The answer is about another record.
    Merged,
    /// It was refused with this status.
    Refused(u16),
    /// It may be there: clean-up searches by the invented name.
    Unknown,
}

/// What a request would create, in order; `note` writes each down and gives its number.
///
/// # Errors
/// What `note` says.
pub(super) fn under_way<E>(
    method: &str,
    path: &str,
    body: Option<&Payload>,
    mut note: impl FnMut(&str, &Json) -> Result<u64, E>,
) -> Result<Vec<Creating>, E> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (Some(first), None, "POST") = (parts.next(), parts.next(), method) else { return Ok(Vec::new()) };
    let body = body.and_then(Payload::json).unwrap_or(&Json::Null);
    if matches!(first, ".search" | "Me") {
        return Ok(Vec::new());
    }
    let mut creating = Vec::new();
    if first != "Bulk" {
        let endpoint = format!("/{first}");
        let entry = note(&endpoint, body)?;
        creating.push(Creating { entry, names: Names::of(&endpoint, body), endpoint, job: None });
        return Ok(creating);
    }
    for (index, operation) in operations(body).iter().enumerate() {
        let text = |name: &str| operation.get(name).and_then(Json::as_str);
        if !text("method").is_some_and(|method| method.eq_ignore_ascii_case("POST")) {
            continue;
        }
        let endpoint = format!("/{}", text("path").unwrap_or_default().trim_matches('/'));
        let data = operation.get("data").unwrap_or(&Json::Null);
        let job = Some(Job { index, bulk_id: text("bulkId").map(str::to_owned) });
        let entry = note(&endpoint, data)?;
        creating.push(Creating { entry, names: Names::of(&endpoint, data), endpoint, job });
    }
    Ok(creating)
}

/// The ids of records that the operations of a bulk job change or delete; references to what the job itself creates are
/// none.
pub(super) fn changed(body: Option<&Payload>) -> Vec<String> {
    let body = body.and_then(Payload::json).unwrap_or(&Json::Null);
    let changes = |operation: &&Json| {
        let method = operation.get("method").and_then(Json::as_str).unwrap_or_default();
        !method.eq_ignore_ascii_case("POST")
    };
    let path = |operation: &Json| operation.get("path").and_then(Json::as_str).unwrap_or_default().to_owned();
    let last = |path: String| decode_path(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
    operations(body).iter().filter(changes).map(path).map(last).filter(|id| !id.starts_with("bulkId:")).collect()
}

fn operations(body: &Json) -> &[Json] {
    body.get("Operations").and_then(Json::as_array).unwrap_or_default()
}

impl Creating {
    /// What the answer says came of it.
    pub(super) fn outcome(&self, answer: &Received) -> Outcome {
        match (&self.job, answer.status) {
            (None, 200..300) => match id_of(answer, &self.endpoint) {
                Some(_) if !self.is_told_by(answer.json()) => Outcome::Merged,
                Some(id) => Outcome::Created(id),
                None => Outcome::Unknown,
            },
            (Some(job), 200..300) => self.within(job, answer.json()),
            (_, status @ 400..500) if status != 408 => Outcome::Refused(status),
            _ => Outcome::Unknown,
        }
    }

    /// What a bulk response says. A job that was broken off lists only what was tried.
    fn within(&self, job: &Job, answer: Option<&Json>) -> Outcome {
        let all = answer.map(operations).unwrap_or_default();
        let named = |told: &&Json| {
            let id = told.get("bulkId").and_then(Json::as_str);
            id.is_some() && id == job.bulk_id.as_deref()
        };
        let Some(told) = all.iter().find(named).or_else(|| all.get(job.index).filter(|t| t.get("bulkId").is_none()))
        else {
            return Outcome::Unknown;
        };
        let status = match told.get("status") {
            Some(Json::String(text)) => text.parse().unwrap_or(0),
            Some(Json::Object(old)) => old.get("code").and_then(Json::as_str).and_then(|c| c.parse().ok()).unwrap_or(0),
            Some(number) => number.as_i64().and_then(|n| u16::try_from(n).ok()).unwrap_or(0),
            None => 0,
        };
        let id = told.pointer("/response/id").or_else(|| told.get("id")).and_then(Json::as_str).map(str::to_owned);
        let location = told.get("location").and_then(Json::as_str);
        let id = id.or_else(|| Some(decode_path(location?.trim_end_matches('/').rsplit('/').next()?)));
        match (status, id) {
            (200..300, Some(_)) if !self.is_told_by(told.get("response")) => Outcome::Merged,
            (200..300, Some(id)) => Outcome::Created(id),
            (status @ 400..500, _) if status != 408 => Outcome::Refused(status),
            _ => Outcome::Unknown,
        }
    }

    /// Whether the answer is about what was sent, as far as it names anything: a target that merges by e-mail address,
    /// for example, gives back somebody who was there before, and they must not become the run's own.
    fn is_told_by(&self, told: Option<&Json>) -> bool {
        let sent = &self.names.0;
        let pairs = sent.iter().filter_map(|(name, sent)| Some((sent, lower(told?, name)?)));
        let same: Vec<bool> = pairs.map(|(sent, told)| *sent == told).collect();
        same.is_empty() || same.contains(&true)
    }
}

/// What names a resource that is being created: JSON pointers with their texts in lower case.
#[derive(Debug)]
struct Names(Vec<(&'static str, String)>);

impl Names {
    fn of(endpoint: &str, body: &Json) -> Self {
        let names: &[&'static str] = match endpoint {
            "/Users" => &["/userName", "/externalId", "/emails/0/value"],
            _ => &["/displayName", "/externalId"],
        };
        Self(names.iter().filter_map(|name| Some((*name, lower(body, name)?))).collect())
    }
}

fn lower(json: &Json, pointer: &str) -> Option<String> {
    json.pointer(pointer).and_then(Json::as_str).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = r#"{"Operations":[
        {"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"a@example.com"}},
        {"method":"PATCH","path":"/Groups/g%201","data":{}},
        {"method":"PUT","path":"/Users/bulkId:a","data":{}},
        {"method":"POST","path":"/Groups","bulkId":"b","data":{"displayName":"Crew"}}]}"#;

    fn job() -> Vec<Creating> {
        let mut next = 0;
        let note = |_: &str, _: &Json| {
            next += 1;
            Ok::<_, ()>(next)
        };
        under_way("POST", "/Bulk", Some(&JOB.as_bytes().to_vec().into()), note).unwrap()
    }

    fn answer(status: u16, body: &str) -> Received {
        Received::new(status, String::new(), Vec::new(), body.as_bytes().to_vec(), Vec::new())
    }

    #[test]
    fn a_bulk_job_creates_what_it_posts() {
        let creating = job();
        let told: Vec<_> = creating.iter().map(|c| (c.entry, c.endpoint.as_str())).collect();
        assert_eq!(told, [(1, "/Users"), (2, "/Groups")]);
        assert_eq!(changed(Some(&JOB.as_bytes().to_vec().into())), ["g 1"]);
    }

    #[test]
    fn each_create_of_a_job_has_its_own_outcome() {
        let creating = job();
        let told = answer(
            200,
            r#"{"Operations":[{"bulkId":"b","status":"409"},
                {"bulkId":"a","status":"201","location":"https://example.com/Users/u-1"}]}"#,
        );
        assert_eq!(creating[0].outcome(&told), Outcome::Created("u-1".to_owned()));
        assert_eq!(creating[1].outcome(&told), Outcome::Refused(409));
        assert_eq!(creating[0].outcome(&answer(413, "{}")), Outcome::Refused(413));
        assert_eq!(creating[0].outcome(&answer(200, r#"{"Operations":[]}"#)), Outcome::Unknown);
        assert_eq!(creating[0].outcome(&answer(500, "{}")), Outcome::Unknown);
    }

    #[test]
    fn another_record_in_the_answer_is_not_taken_over() {
        let told = answer(
            200,
            r#"{"Operations":[{"bulkId":"a","status":"201","response":{"id":"u","userName":"z@example.com"}}]}"#,
        );
        assert_eq!(job()[0].outcome(&told), Outcome::Merged);
    }
}
