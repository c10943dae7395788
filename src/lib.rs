//! Plays identity providers against a SCIM 2.0 endpoint and judges every answer.
#![warn(missing_docs)]

pub mod check;
pub mod document;
pub mod event;
pub mod exchange;
pub mod facts;
pub mod profile;
pub mod scim;
pub mod trace;
pub mod transport;
pub mod verdict;
