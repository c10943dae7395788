//! `scimproof explain`: what a requirement, a check or a need is about.

use clap::Args;

use super::args::concat_after;
use super::print;
use crate::error::{Error, Exit};
use crate::explain::explain;

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  scimproof explain RFC7644-3.5.2-07
      a requirement: what, how it is tested, how ambiguous places are read, which profiles ask for it
  scimproof explain rfc7644/3.3/created-status
      a check, as reports name it
  scimproof explain entra/
      every need of a profile, by the beginning of its id

";

/// `scimproof explain`.
#[derive(Debug, Args)]
#[command(after_help = concat_after(EXPLAIN_EXAMPLES))]
pub struct ExplainArgs {
    /// Id of a requirement, a check or a need, in any case; or the beginning of ids, which lists them
    pub id: String,
}

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Error> {
    match explain(&args.id) {
        Ok(page) => print(&page)?,
        Err(near) => {
            let near = near.join(", ");
            return Err(Error::Usage(format!("there is no requirement, check or need `{}`; near are {near}", args.id)));
        }
    }
    Ok(Exit::Good)
}
