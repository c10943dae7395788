//! The tests of the whole crate, one binary for all.

mod architecture;
mod check_page;
mod checks;
mod run;
mod session;
mod support;
