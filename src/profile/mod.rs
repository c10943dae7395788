//! Client profiles: data about who the client is and what it sends.

pub mod model;
