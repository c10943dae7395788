//! The transcript: a whole run as lines of JSON (NDJSON), from which every report can be made again, and every answer
//! judged again, without a network.
//!
//! One line an event, in order of completion, each written at once: a killed run leaves a transcript that is whole up to
//! its last exchange. `docs/transcript.schema.json` describes the lines. Nothing but this module knows the format.

mod carried;
pub mod merge;
pub mod read;
pub mod replay;
mod wire;
pub mod write;

#[cfg(test)]
mod tests;

pub use merge::merge;
pub use read::{ReadError, Reader};
pub use replay::{Replayed, failed_scenarios, replay};
pub use write::Writer;

/// The version of the format that this writes and reads, first in every transcript as `"scimproof":1`.
pub const FORMAT: u64 = 1;
