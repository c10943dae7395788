//! Real traffic: recorded by a proxy between a client and an endpoint, or imported from files, masked before anything of it
//! touches a disk, and made into a profile.

pub mod import;
pub mod learn;
mod log;
pub mod mask;
pub mod proxy;
mod text;
mod tree;
