//! Plays identity providers against a SCIM 2.0 endpoint and judges every answer.
#![warn(missing_docs)]

pub mod exchange;
pub mod scim;
