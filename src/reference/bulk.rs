//! Bulk jobs (RFC 7644 section 3.7): many operations in one request, which may refer to each other's new resources.

mod job;
mod operation;

use crate::scim::json::{Json, object};
use crate::scim::urn;

use super::query::check_message;
use super::refusal::Refusal;
use super::resource::Scope;
use super::store::Store;
use super::wire::Answer;

/// `bulk.maxOperations` of the service provider configuration.
pub(super) const MAX_OPERATIONS: usize = 1000;

/// POST `/Bulk`: 200 when the job was worked on, whatever became of its operations.
///
/// # Errors
/// 400 for another message, 413 for too many operations.
pub(super) fn answer(store: &mut Store, scope: &Scope, body: &Json) -> Result<Answer, Refusal> {
    check_message(body, urn::BULK_REQUEST)?;
    let operations = match body.get("Operations").map(Json::as_array) {
        Some(Some(operations)) if !operations.is_empty() => operations,
        _ => return Err(Refusal::syntax("\"Operations\" must be an array with one operation at least.")),
    };
    if operations.len() > MAX_OPERATIONS {
        let detail = format!("The job has {} operations; maxOperations is {MAX_OPERATIONS}.", operations.len());
        return Err(Refusal::new(413, detail));
    }
    let tolerated = tolerated_errors(body)?;
    let results = job::run(store, scope, operations, tolerated);
    let answer = object([("schemas", Json::Array(vec![urn::BULK_RESPONSE.into()])), ("Operations", results.into())]);
    Ok(Answer::with_body(200, answer))
}

/// `failOnErrors`: after that many errors the rest is left undone; without it nothing stops the job.
fn tolerated_errors(body: &Json) -> Result<Option<usize>, Refusal> {
    match body.get("failOnErrors") {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let limit = value.as_i64().and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
            limit.map(Some).ok_or_else(|| Refusal::value("failOnErrors must be a whole number above 0."))
        }
    }
}
