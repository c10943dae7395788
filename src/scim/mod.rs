//! The nouns and the meaning of SCIM 2.0 (RFC 7643, RFC 7644): no I/O, no opinion about anybody's answer.

pub mod date_time;
pub mod filter;
pub mod json;
pub mod message;
pub mod patch;
pub mod path;
pub mod resource;
pub mod schema;
pub mod sub_attribute;
pub mod urn;
