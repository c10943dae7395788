//! What the whole-program tests stand on: the binary in a folder of its own, targets that answer as told, real servers.

pub mod desk;
pub mod peers;
pub mod target;
pub mod text;
pub mod tls;
