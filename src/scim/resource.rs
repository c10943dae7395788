//! Resources: comparing them as SCIM does, projecting them, writing them whole.

mod difference;
mod equality;
mod projection;
mod replacement;

pub use difference::{Difference, differences};
pub use equality::equal;
pub use projection::project;
pub use replacement::replace;

#[cfg(test)]
mod tests;
