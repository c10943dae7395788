//! `scimproof completions` and `scimproof man`: what packages and shells want.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::{failed, print};
use crate::error::{Error, Exit};

pub(super) fn completions(shell: Shell) -> Result<Exit, Error> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "scimproof", &mut out);
    print(&String::from_utf8_lossy(&out))?;
    Ok(Exit::Good)
}

/// One page for the tool and each of its commands.
pub(super) fn man(folder: &Path) -> Result<Exit, Error> {
    let name = folder.display().to_string();
    std::fs::create_dir_all(folder).map_err(failed(&name))?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed(&name))?;
    Ok(Exit::Good)
}
