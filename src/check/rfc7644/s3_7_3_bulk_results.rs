//! RFC 7644 section 3.7.3: the results of a bulk job.

use super::super::bulk::{self, Entry, Job};
use super::super::expect::{self, Findings};
use super::super::{Check, Judge, Judgement, Subject};
use crate::requirement::ambiguity;
use crate::scim::json::Json;
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] =
    &[&EVERY_RESULT, &RESULT_METHOD, &RESULT_LOCATION, &RESULT_STATUS, &RESULT_CODE, &RESULT_ERROR];

/// Judges the results of a job that was processed.
fn of_job(subject: &Subject<'_>, judge: impl Fn(&Job<'_>, &mut Findings)) -> Judgement {
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let Some(job) = job.filter(|job| subject.status() == Some(200) && !job.entries.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let mut findings = Findings::default();
    judge(&job, &mut findings);
    findings.judgement()
}

fn at(place: usize, member: &str) -> String {
    format!("/Operations/{place}/{member}")
}

static EVERY_RESULT: Check = Check {
    id: "rfc7644/3.7.3/every-result",
    requirements: &["RFC7644-3.7.3-01"],
    title: "A bulk response has a result for every operation that was processed",
    why: "What has no result may have been done or not; the client can only do it again.",
    fix: "Put one result into Operations for each operation, failed ones too.",
    judge: Judge::Exchange(every_result),
};

fn every_result(subject: &Subject<'_>) -> Judgement {
    of_job(subject, |job, findings| {
        let (asked, told) = (job.entries.len(), job.results.len());
        let failed = job.entries.iter().any(|entry| entry.result.is_some() && !entry.succeeded());
        // Behind an error a job may have been stopped; that is judged by failOnErrors.
        if told > asked || (told < asked && !failed) {
            let expected = format!("{asked} results, one for each operation");
            findings.tell(expect::body("/Operations", expected, None).actually(format!("{told} results")));
        }
    })
}

static RESULT_METHOD: Check = Check {
    id: "rfc7644/3.7.3/result-method",
    requirements: &["RFC7644-3.7-07"],
    title: "Every result names the method of its operation",
    why: "Results may come in another order than the operations; method and location tell them apart.",
    fix: "Copy method from the operation to its result.",
    judge: Judge::Exchange(result_method),
};

fn result_method(subject: &Subject<'_>) -> Judgement {
    of_job(subject, |job, findings| {
        for entry in job.entries.iter().filter(|entry| entry.text("method").is_some()) {
            let Some((place, result)) = entry.result else { continue };
            let method = result.get("method");
            let same = method.and_then(Json::as_str).is_some_and(|method| method.eq_ignore_ascii_case(&entry.method()));
            if !same {
                findings.tell(expect::body(at(place, "method"), format!("\"{}\"", entry.method()), method));
            }
        }
    })
}

static RESULT_LOCATION: Check = Check {
    id: "rfc7644/3.7.3/result-location",
    requirements: &["RFC7644-3.7.3-02", "RFC7644-3.7-13"],
    title: "Every result but that of a failed create has the location of the resource",
    why: "The id of a new resource stands nowhere else when the response is left out.",
    fix: "Put the resource's URL into location, for PUT, PATCH and DELETE also when they fail.",
    judge: Judge::Exchange(result_location),
};

fn result_location(subject: &Subject<'_>) -> Judgement {
    of_job(subject, |job, findings| {
        let needed = |entry: &&Entry<'_>| {
            entry.succeeded()
                || (entry.method() != "POST" && entry.status() != Some(404) && bulk::flaw(entry.operation).is_none())
        };
        for entry in job.entries.iter().filter(needed) {
            let Some((place, result)) = entry.result else { continue };
            let location = result.get("location");
            if location.and_then(Json::as_str).is_none_or(|text| text.trim().is_empty()) {
                let finding = expect::body(at(place, "location"), "the address of the resource", location);
                findings.tell(if entry.succeeded() { finding } else { finding.of("RFC7644-3.7-13") });
            }
        }
    })
}

static RESULT_STATUS: Check = Check {
    id: "rfc7644/3.7.3/result-status",
    requirements: &["RFC7644-3.7-16", "RFC7644-3.7.3-03"],
    title: "Every result has its status as a string",
    why: "A client that expects \"201\" does not understand 201 or an object, and takes the operation for failed.",
    fix: "Write \"status\": \"201\".",
    judge: Judge::Exchange(result_status),
};

fn result_status(subject: &Subject<'_>) -> Judgement {
    of_job(subject, |job, findings| {
        for (place, result) in job.results.iter().enumerate() {
            let value = result.get("status");
            let finding = || expect::body(at(place, "status"), "a status code as a string, such as \"201\"", value);
            match (value, bulk::status(result)) {
                (Some(Json::String(text)), Some(code)) if *text == code.to_string() => {}
                (Some(Json::Number(_) | Json::Object(_)), Some(_)) => {
                    findings.tell(finding().of("RFC7644-3.7.3-03").read_as(ambiguity::A35_BULK_STATUS_FORM));
                }
                _ => findings.tell(finding()),
            }
        }
    })
}

static RESULT_CODE: Check = Check {
    id: "rfc7644/3.7.3/result-code",
    requirements: &["RFC7644-3.7.3-03"],
    title: "The status of a result is that of the single request",
    why: "A client handles results as it handles answers: by 201, 204, 404 and 409.",
    fix: "Take the status from what POST, PUT, PATCH and DELETE answer.",
    judge: Judge::Exchange(result_code),
};

fn result_code(subject: &Subject<'_>) -> Judgement {
    of_job(subject, |job, findings| {
        for entry in job.entries.iter().filter(|entry| entry.succeeded()) {
            let (Some((place, result)), Some(code)) = (entry.result, entry.status()) else { continue };
            let (fits, expected) = match entry.method().as_str() {
                "POST" => (code == 201, "\"201\""),
                "PUT" => (code == 200, "\"200\""),
                "PATCH" => (matches!(code, 200 | 204), "\"200\" or \"204\""),
                "DELETE" => (code == 204, "\"204\""),
                _ => continue,
            };
            if !fits {
                findings.tell(expect::body(at(place, "status"), expected, result.get("status")));
            }
        }
    })
}

static RESULT_ERROR: Check = Check {
    id: "rfc7644/3.7.3/result-error",
    requirements: &["RFC7644-3.7-14", "RFC7644-3.7-17", "RFC7644-3.7.3-04"],
    title: "The result of an operation that failed holds the SCIM error",
    why: "The administrator sees that something failed and not what.",
    fix: "Put the error body with schemas, status and detail into response.",
    judge: Judge::Exchange(result_error),
};

fn result_error(subject: &Subject<'_>) -> Judgement {
    let failed = |entry: &&Entry<'_>| entry.status().is_some_and(|status| status >= 300);
    let judgement = of_job(subject, |job, findings| {
        for entry in job.entries.iter().filter(failed) {
            if let Some((place, result)) = entry.result {
                error_of(place, result, findings);
            }
        }
    });
    let request = bulk::request(subject);
    let job = request.as_ref().zip(subject.body()).and_then(|(request, answer)| Job::new(request, answer));
    let any = job.is_some_and(|job| job.entries.iter().any(|entry| failed(&entry)));
    if any { judgement } else { Judgement::NotApplicable }
}

fn error_of(place: usize, result: &Json, findings: &mut Findings) {
    let response = result.get("response");
    let Some(error) = response.filter(|response| response.as_object().is_some()) else {
        findings.tell(expect::body(at(place, "response"), "the SCIM error", response));
        return;
    };
    if !expect::names_schema(error, urn::ERROR) {
        let found = error.get("schemas").map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let finding = expect::body(at(place, "response/schemas"), format!("[{:?}]", urn::ERROR), None);
        findings.tell(finding.actually(found).of("RFC7644-3.7-17"));
    }
    let texts = [error.get("detail"), result.pointer("/status/description")];
    let told = texts.iter().flatten().any(|text| text.as_str().is_some_and(|text| !text.trim().is_empty()));
    if !told {
        let finding = expect::body(at(place, "response/detail"), "why it failed", error.get("detail"));
        findings.tell(finding.of("RFC7644-3.7.3-04"));
    }
}
