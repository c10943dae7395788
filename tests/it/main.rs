//! The tests of the whole crate, one binary for all.

mod architecture;
mod bad_input;
mod check_page;
mod checks;
mod exit_codes;
mod interrupted;
mod run;
mod papers;
mod session;
mod strangers;
mod support;
mod wire;
mod unreachable;
