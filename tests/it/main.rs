//! The tests of the whole crate, one binary for all.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "tests may look at the clock to give up")]

mod architecture;
mod bad_input;
mod book;
mod browser;
mod check_page;
mod checks;
mod command_page;
mod configuration;
mod coverage_page;
mod daily;
mod detection;
mod doctor;
mod exit_codes;
mod explain;
mod failures;
mod help;
mod hostile;
mod independent;
mod interrupted;
mod judging;
mod legal;
mod pace;
mod papers;
mod peers;
mod pipelines;
mod reacting;
mod record;
mod retelling;
mod rfc;
mod round_trip;
mod run;
mod secrets;
mod session;
mod strangers;
mod support;
mod unreachable;
mod watch;
mod wire;
