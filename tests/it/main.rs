//! The tests of the whole crate, one binary for all.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod architecture;
mod bad_input;
mod check_page;
mod checks;
mod configuration;
mod exit_codes;
mod failures;
mod interrupted;
mod judging;
mod pace;
mod papers;
mod run;
mod secrets;
mod session;
mod strangers;
mod support;
mod unreachable;
mod wire;
