//! `scimproof serve`: the reference provider alone.

use super::args::ServeArgs;
use super::{failed, print, target};
use crate::error::{Error, Exit};
use crate::reference::{Options, Provider};
use crate::session::block_on;

pub(super) fn serve(args: &ServeArgs) -> Result<Exit, Error> {
    let token = args.token_env.as_deref().map(|name| target::variable("--token-env", name)).transpose()?;
    let options = Options { listen: args.listen, token, strict: args.strict, ..Options::default() };
    block_on(async {
        let provider = Provider::start(options).map_err(failed(&format!("--listen {}", args.listen)))?;
        // The first line is for programs: the base URL and nothing else.
        print(&format!("{}\n", provider.base_url()))?;
        super::run::interrupted().await;
        Ok(Exit::Good)
    })
    .map_err(failed("runtime"))?
}
