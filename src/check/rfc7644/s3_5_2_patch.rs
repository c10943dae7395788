//! RFC 7644 section 3.5.2: changing with PATCH.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;

pub(super) static CHECKS: &[&Check] = &[&PATCH_SUPPORTED, &PATCHED_STATUS, &PATCHED_PROJECTION];

static PATCH_SUPPORTED: Check = Check {
    id: "rfc7644/3.5.2/patch-supported",
    requirements: &["RFC7644-3.2-07", "RFC7644-3.5-02", "RFC7644-3.5.2-01", "RFC7643-5-06"],
    title: "PATCH works where the configuration says so, and only there",
    why: "Entra ID writes every change by PATCH; an integration is configured by what the server announces.",
    fix: "Set patch.supported in the ServiceProviderConfig to what the server does.",
    judge: Judge::Exchange(patch_supported),
};

fn patch_supported(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Patch {
        return Judgement::NotApplicable;
    }
    match (subject.scene.facts.supports(Feature::Patch), subject.status()) {
        (Some(true), Some(405 | 501)) => {
            let finding = expect::status(subject, "a PATCH that works, since patch.supported is true");
            finding.read_as(ambiguity::A29_ADVERTISED).into()
        }
        (None, Some(405 | 501)) => expect::status(subject, "a PATCH that works").of("RFC7644-3.5-02").into(),
        (Some(false), Some(200..300)) => {
            let finding = expect::status(subject, "501 Not Implemented, since patch.supported is false");
            finding.read_as(ambiguity::A29_WORKS_ANYWAY).into()
        }
        (Some(false), Some(405 | 501)) | (_, Some(200..300)) => Judgement::Conforms,
        _ => Judgement::NotApplicable,
    }
}

static PATCHED_STATUS: Check = Check {
    id: "rfc7644/3.5.2/patched-status",
    requirements: &["RFC7644-3.5.2-27", "RFC7644-3.5.2-28"],
    title: "A PATCH that succeeds answers 200 or 204",
    why: "Clients take 202 and others for a change that has not happened.",
    fix: "Answer 200 with the whole resource, or 204 without a body.",
    judge: Judge::Exchange(patched_status),
};

fn patched_status(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Patch || !subject.exchange().succeeded() {
        return Judgement::NotApplicable;
    }
    let other = !matches!(subject.status(), Some(200 | 204));
    let finding = || expect::status(subject, "200 OK or 204 No Content").read_as(ambiguity::A08_OTHER_SUCCESS);
    other.then(finding).into()
}

static PATCHED_PROJECTION: Check = Check {
    id: "rfc7644/3.5.2/patched-attributes",
    requirements: &["RFC7644-3.5.2-29"],
    title: "A PATCH that asks for attributes is answered with 200",
    why: "The client asked for the new values and gets none.",
    fix: "Answer 200 with the attributes that the query names.",
    judge: Judge::Exchange(patched_attributes),
};

fn patched_attributes(subject: &Subject<'_>) -> Judgement {
    let asked = subject.kind.operation == Operation::Patch
        && subject.exchange().succeeded()
        && subject.exchange().sent.parameter("attributes").is_some();
    if !asked {
        return Judgement::NotApplicable;
    }
    let finding = || expect::status(subject, "200 OK").read_as(ambiguity::A08_NO_CONTENT_WITH_ATTRIBUTES);
    (subject.status() == Some(204)).then(finding).into()
}
