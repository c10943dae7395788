//! The meaning of filters and PATCH held against independent truth: a second implementation in these tests, the examples
//! of the RFCs, and what others published.

mod decided;
mod filters;
pub(crate) mod generate;
mod laws;
mod libraries;
mod naive;
mod patches;
mod vectors;
