//! Plays identity providers against a SCIM 2.0 endpoint and judges every answer.
#![warn(missing_docs)]

pub mod check;
pub mod cli;
pub mod compare;
pub mod doctor;
pub mod document;
pub mod error;
pub mod event;
pub mod exchange;
pub mod explain;
pub mod facts;
pub mod plan;
pub mod play;
pub mod profile;
pub mod record;
pub mod reference;
pub mod report;
pub mod requirement;
pub mod run;
pub mod scim;
pub mod session;
pub mod shadow;
pub mod snapshot;
pub mod trace;
pub mod transcript;
pub mod transport;
pub mod verdict;
