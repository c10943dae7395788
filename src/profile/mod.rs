//! Client profiles: data about who the client is and what it sends.

pub mod catalogue;
pub mod fit;
pub mod fresh;
pub mod model;
pub mod parse;
pub mod reference;
pub mod show;
