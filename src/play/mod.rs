//! Plays a client, without a network: who takes part ([`cast`]), what a step sends ([`render`], [`echo`], [`diff`]), and
//! what this target wants otherwise ([`map`]). Pure; `run` sends what this makes.

pub mod cast;
pub mod diff;
pub mod echo;
pub mod map;
pub mod render;
pub mod sample;
pub mod scope;

/// How ids begin that this tool made up: nobody has one, so a write to it harms nobody.
pub const NOBODY: &str = "5c1ab0de-0000-4000-8000-";
