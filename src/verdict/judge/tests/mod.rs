//! Whole traces: each defect, each variant that is no defect.

mod client;
mod converges;
mod lists;
mod members;
pub(crate) mod stage;
mod users;
