//! Plays a client, without a network: who takes part ([`cast`]), what a step sends ([`render`], [`echo`], [`diff`]), and
//! what this target wants otherwise ([`map`]). Pure; `run` sends what this makes.

pub mod cast;
pub mod diff;
pub mod echo;
pub mod map;
pub mod render;
pub mod sample;
pub mod scope;
