//! RFC 7644 section 3.7: bulk jobs.

use super::super::bulk::{self, Job};
use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] =
    &[&BULK_OFFERED, &JOB_ANSWERED, &BULK_RESPONSE, &MALFORMED_JOB, &MALFORMED_OPERATION, &GOES_ON];

static BULK_OFFERED: Check = Check {
    id: "rfc7644/3.7/bulk-offered",
    requirements: &["RFC7644-3.2-14"],
    title: "Bulk works where the configuration says so, and only there",
    why: "A client that is told of Bulk sends its changes by it and finds that none of them arrives.",
    fix: "Set bulk.supported in the ServiceProviderConfig to what the server does.",
    judge: Judge::Exchange(bulk_offered),
};

fn bulk_offered(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Bulk {
        return Judgement::NotApplicable;
    }
    match (subject.scene.facts.supports(Feature::Bulk), subject.status()) {
        (Some(true), Some(404 | 405 | 501)) => {
            let finding = expect::status(subject, "a job that is processed, since bulk.supported is true");
            finding.read_as(ambiguity::A29_ADVERTISED).into()
        }
        (Some(false), Some(404 | 405)) => {
            let finding = expect::status(subject, "501 Not Implemented, since bulk.supported is false");
            finding.read_as(ambiguity::A29_OTHER_ERROR).into()
        }
        (Some(false), Some(200)) if results(subject).is_some() => {
            let finding = expect::status(subject, "501 Not Implemented, since bulk.supported is false");
            finding.read_as(ambiguity::A29_WORKS_ANYWAY).into()
        }
        (Some(true), Some(200)) | (Some(false), Some(501)) => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}

fn results<'a>(subject: &Subject<'a>) -> Option<&'a [Json]> {
    subject.body()?.get("Operations")?.as_array()
}

static JOB_ANSWERED: Check = Check {
    id: "rfc7644/3.7/job-answered",
    requirements: &["RFC7644-3.7-18"],
    title: "A bulk job that is processed answers 200, whatever becomes of its operations",
    why: "A client that gets an error for the whole job does not know which of its changes were made.",
    fix: "Answer 200 OK with the result of every operation; errors of operations stand in their results.",
    judge: Judge::Exchange(job_answered),
};

fn job_answered(subject: &Subject<'_>) -> Judgement {
    let Some(request) = bulk::request(subject).filter(|request| is_well_formed(request, subject)) else {
        return Judgement::NotApplicable;
    };
    let circular = || bulk::request(subject).is_some_and(|request| !bulk::references(request).is_empty());
    match subject.status() {
        Some(200) => Judgement::Conforms,
        Some(201..300) => expect::status(subject, "200 OK").into(),
        // A job whose references cannot be resolved may be refused as a whole (section 3.7.1).
        Some(409) if circular() => Judgement::NotApplicable,
        Some(400 | 409 | 412 | 422) if advertised(subject) && request.get("Operations").is_some() => {
            expect::status(subject, "200 OK with a result for each operation").into()
        }
        _ => Judgement::NotApplicable,
    }
}

fn advertised(subject: &Subject<'_>) -> bool {
    subject.scene.facts.supports(Feature::Bulk) == Some(true)
}

/// Whether nothing is wrong with the job itself, its operations and its size.
fn is_well_formed(request: &Json, subject: &Subject<'_>) -> bool {
    let Some(operations) = request.get("Operations").and_then(Json::as_array).filter(|all| !all.is_empty()) else {
        return false;
    };
    let limit = |name: &str| {
        let config = subject.scene.facts.config.as_ref()?;
        usize::try_from(config.pointer(&format!("/bulk/{name}"))?.as_i64()?).ok()
    };
    let size = subject.exchange().sent.body.as_ref().map_or(0, |body| body.len());
    let fits = limit("maxOperations").is_none_or(|most| operations.len() <= most)
        && limit("maxPayloadSize").is_none_or(|most| size <= most);
    fits && expect::names_schema(request, urn::BULK_REQUEST) && operations.iter().all(|o| bulk::flaw(o).is_none())
}

static BULK_RESPONSE: Check = Check {
    id: "rfc7644/3.7/bulk-response",
    requirements: &["RFC7644-3.7-03", "RFC7644-3.7-05", "RFC7644-3.7-06"],
    title: "The answer to a bulk job is a BulkResponse",
    why: "A client that cannot read the answer does not know the ids of what it created.",
    fix: "Answer with the BulkResponse schema and an array Operations; leave failOnErrors out.",
    judge: Judge::Exchange(bulk_response),
};

fn bulk_response(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Bulk || subject.status() != Some(200) {
        return Judgement::NotApplicable;
    }
    let Some(answer) = subject.body().filter(|body| body.as_object().is_some()) else {
        return Judgement::NotApplicable;
    };
    let mut findings = Findings::default();
    if !expect::names_schema(answer, urn::BULK_RESPONSE) {
        let found = answer.get("schemas").map_or_else(|| "nothing".to_owned(), ToString::to_string);
        findings.tell(expect::body("/schemas", format!("[{:?}]", urn::BULK_RESPONSE), None).actually(found));
    }
    if let Some(stray) = answer.get("failOnErrors") {
        findings.tell(expect::body("/failOnErrors", "nothing", Some(stray)).of("RFC7644-3.7-05"));
    }
    let operations = answer.get("Operations");
    if operations.and_then(Json::as_array).is_none() {
        findings.tell(expect::body("/Operations", "an array of results", operations).of("RFC7644-3.7-06"));
    }
    findings.judgement()
}

static MALFORMED_JOB: Check = Check {
    id: "rfc7644/3.7/malformed-job",
    requirements: &["RFC7644-3.7-19", "RFC7644-3.7-02", "RFC7644-3.7-06"],
    title: "A bulk job that cannot be processed is refused",
    why: "A client that gets 200 believes that its changes were made.",
    fix: "Answer 400 with scimType invalidSyntax to a body that is no BulkRequest.",
    judge: Judge::Exchange(malformed_job),
};

fn malformed_job(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Bulk || !advertised(subject) {
        return Judgement::NotApplicable;
    }
    let request = subject.exchange().sent.json();
    let (problem, requirement) = match &request {
        None => ("the body is no JSON", "RFC7644-3.7-19"),
        Some(job) if job.get("Operations").and_then(Json::as_array).is_none_or(<[Json]>::is_empty) => {
            ("it has no Operations", "RFC7644-3.7-06")
        }
        Some(job) if !expect::names_schema(job, urn::BULK_REQUEST) => ("no BulkRequest in schemas", "RFC7644-3.7-02"),
        Some(_) => return Judgement::NotApplicable,
    };
    match subject.status() {
        Some(200..300) => {
            let finding = expect::status(subject, &format!("400 Bad Request: {problem}")).of(requirement);
            let mild = requirement == "RFC7644-3.7-02";
            if mild { finding.read_as(ambiguity::A47_WITHOUT_SCHEMAS).into() } else { finding.into() }
        }
        Some(400) => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}

static MALFORMED_OPERATION: Check = Check {
    id: "rfc7644/3.7/malformed-operation",
    requirements: &[
        "RFC7644-3.7-07",
        "RFC7644-3.7-08",
        "RFC7644-3.7-10",
        "RFC7644-3.7-11",
        "RFC7644-3.7-12",
        "RFC7644-3.7.2-01",
    ],
    title: "An operation of a bulk job that is not well formed fails",
    why: "What is reported as done and cannot have been done is lost.",
    fix: "Give such an operation a result with status \"400\" and a SCIM error.",
    judge: Judge::Exchange(malformed_operation),
};

fn malformed_operation(subject: &Subject<'_>) -> Judgement {
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let Some(job) = job.filter(|_| subject.status() == Some(200)) else { return Judgement::NotApplicable };
    let known: Vec<&str> = job.entries.iter().filter_map(|entry| entry.text("bulkId")).collect();
    let mut findings = Findings::default();
    let mut seen = false;
    for entry in &job.entries {
        let dangling = || {
            let references = bulk::references(entry.operation.get("data")?);
            references.iter().any(|(_, id)| !known.contains(&id.as_str())).then_some(())
        };
        let flaw = bulk::flaw(entry.operation)
            .or_else(|| dangling().map(|()| ("RFC7644-3.7.2-01", "it refers to a bulkId that no operation has")));
        let (Some((requirement, problem)), Some((place, result))) = (flaw, entry.result) else { continue };
        seen = true;
        if entry.succeeded() {
            let at = format!("/Operations/{place}/status");
            let finding = expect::body(at, format!("an error: {problem}"), result.get("status")).of(requirement);
            let mild = requirement == "RFC7644-3.7-08";
            findings.tell(if mild { finding.read_as(ambiguity::A47_WITHOUT_BULK_ID) } else { finding });
        }
    }
    if seen { findings.judgement() } else { Judgement::NotApplicable }
}

static GOES_ON: Check = Check {
    id: "rfc7644/3.7/goes-on",
    requirements: &["RFC7644-3.7-20", "RFC7644-3.7-22", "RFC7644-3.7.3-05"],
    title: "A bulk job goes on after an error until failOnErrors is reached, and no further",
    why: "One bad record must not keep back all that stand behind it, and a client that sets a limit relies on it.",
    fix: "Count the operations that failed; stop when failOnErrors of them have, and never without it.",
    judge: Judge::Exchange(goes_on),
};

fn goes_on(subject: &Subject<'_>) -> Judgement {
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let Some(job) = job.filter(|_| subject.status() == Some(200)) else { return Judgement::NotApplicable };
    let limit = job.request.get("failOnErrors").and_then(Json::as_i64).and_then(|limit| usize::try_from(limit).ok());
    let failed: Vec<usize> =
        job.entries.iter().filter(|e| e.result.is_some() && !e.succeeded()).map(|e| e.number).collect();
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return never_stops(&job, failed.len()) };
    if failed.len() < limit {
        return never_stops(&job, failed.len());
    }
    let after =
        |error: usize| failed.get(error).and_then(|at| job.entries.iter().find(|e| e.number > *at && e.succeeded()));
    let tell = |entry: &bulk::Entry<'_>, requirement| {
        let place = entry.result.map_or(0, |(place, _)| place);
        let expected = format!("nothing: {limit} operations have failed before");
        let actual =
            expect::body(format!("/Operations/{place}"), expected, None).actually("an operation that was done");
        actual.of(requirement)
    };
    // Whether the limit itself is still accepted can be read in two ways; one more than that in none.
    match (after(limit), after(limit - 1)) {
        (Some(entry), _) => tell(entry, "RFC7644-3.7.3-05").into(),
        (None, Some(entry)) => tell(entry, "RFC7644-3.7-22").into(),
        (None, None) => Judgement::Conforms,
    }
}

/// Every operation has been tried.
fn never_stops(job: &Job<'_>, failed: usize) -> Judgement {
    if failed == 0 {
        return Judgement::NotApplicable;
    }
    let untried = job.entries.iter().filter(|entry| entry.result.is_none()).count();
    let expected = format!("{} results, one for each operation", job.entries.len());
    let finding = || expect::body("/Operations", expected, None).actually(format!("{} results", job.results.len()));
    (untried > 0).then(|| finding().of("RFC7644-3.7-20")).into()
}
