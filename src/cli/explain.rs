//! `scimproof explain`: what a requirement, a check or a need is about.

use super::args::ExplainArgs;
use super::print;
use crate::error::{Error, Exit};
use crate::explain::explain;

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
