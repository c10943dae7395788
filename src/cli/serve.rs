//! `scimproof serve`: the reference provider alone.

use super::args::ServeArgs;
use super::{failed, print, target};
use crate::error::{Error, Exit};
use crate::reference::fault::{self, Fault, Kind};
use crate::reference::{Options, Provider};
use crate::session::block_on;

pub(super) fn serve(args: &ServeArgs) -> Result<Exit, Error> {
    for (names, kind) in [(&args.fault, Kind::Mistake), (&args.variant, Kind::Tolerated)] {
        if names.iter().any(|name| name == "list") {
            print(&list(kind, args.verbose))?;
            return Ok(Exit::Good);
        }
    }
    let mut faults = named("--fault", &args.fault, Kind::Mistake)?;
    faults.extend(named("--variant", &args.variant, Kind::Tolerated)?);
    let token = args.token_env.as_deref().map(|name| target::variable("--token-env", name)).transpose()?;
    let options = Options { listen: args.listen, token, strict: args.strict, faults, ..Options::default() };
    block_on(async {
        let provider = Provider::start(options).map_err(failed(&format!("--listen {}", args.listen)))?;
        // The first line is for programs: the base URL and nothing else.
        print(&format!("{}\n", provider.base_url()))?;
        super::run::interrupted().await;
        Ok(Exit::Good)
    })
    .map_err(failed("runtime"))?
}

/// A name a line; with what it does behind a tab when that is asked for.
fn list(kind: Kind, verbose: bool) -> String {
    let line = |fault: &Fault| {
        if verbose { format!("{}\t{}\n", fault.name, fault.about) } else { format!("{}\n", fault.name) }
    };
    fault::all(kind).map(line).collect()
}

fn named(option: &str, names: &[String], kind: Kind) -> Result<Vec<&'static Fault>, Error> {
    let find = |name: &String| {
        let found = fault::get(name).filter(|fault| fault.kind == kind);
        found.ok_or_else(|| {
            Error::Usage(format!("{option} {name}: there is none of that name; `{option} list` prints them"))
        })
    };
    names.iter().map(find).collect()
}
