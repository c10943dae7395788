//! What the whole-program tests stand on: the binary in a folder of its own, targets that answer as told, real servers.

pub(crate) mod desk;
pub(crate) mod peers;
pub(crate) mod target;
pub(crate) mod text;
pub(crate) mod tls;
