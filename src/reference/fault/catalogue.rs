//! Every departure, by area: a file each, in the order of the RFCs.

use super::Fault;

mod create;
mod http;
mod members;
mod patch;
mod protocol;
mod query;
mod resource;
mod tolerated;
mod values;

/// The areas, with what people call them.
pub(super) static AREAS: &[(&str, &[Fault])] = &[
    ("Resources", resource::FAULTS),
    ("Values", values::FAULTS),
    ("Create and replace", create::FAULTS),
    ("Read and search", query::FAULTS),
    ("Patch", patch::FAULTS),
    ("Members and deletion", members::FAULTS),
    ("Protocol", protocol::FAULTS),
    ("HTTP and time", http::FAULTS),
    ("Legal differences", tolerated::FAULTS),
];
