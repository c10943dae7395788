//! Every departure, by area: a file each, in the order of the RFCs.

use super::Fault;

mod acme;
mod active;
mod create;
mod delete;
mod discovery;
mod filter;
mod http;
mod members;
mod pages;
mod patch;
mod patch_path;
mod projection;
mod protocol;
mod put;
mod query;
mod resource;
mod time;
mod tolerated;
mod tolerated_protocol;
mod values;

/// The areas, with what people call them.
pub(super) static AREAS: &[(&str, &[Fault])] = &[
    ("Resources", resource::FAULTS),
    ("Values", values::FAULTS),
    ("Create", create::FAULTS),
    ("Read and filter", query::FAULTS),
    ("Filters", filter::FAULTS),
    ("Lists and pages", pages::FAULTS),
    ("Selected attributes", projection::FAULTS),
    ("Replace", put::FAULTS),
    ("Patch", patch::FAULTS),
    ("Paths of a patch", patch_path::FAULTS),
    ("Active and inactive", active::FAULTS),
    ("Members", members::FAULTS),
    ("Delete", delete::FAULTS),
    ("Errors, credentials, versions", protocol::FAULTS),
    ("Discovery and bulk", discovery::FAULTS),
    ("HTTP", http::FAULTS),
    ("Time", time::FAULTS),
    ("Legal differences of resources", tolerated::FAULTS),
    ("Legal differences of the protocol", tolerated_protocol::FAULTS),
];
