//! Reports: events of a run become bytes. Every format stands in [`FORMATS`]; a run writes as many as are asked for.

pub mod cause;
pub mod console;
pub mod curl;
pub mod matrix;
pub mod model;
pub mod played;
pub mod style;
pub mod text;
