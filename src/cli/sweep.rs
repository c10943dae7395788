//! `scimproof sweep`: finishes the clean-up of a run that was killed.

use std::cell::RefCell;
use std::rc::Rc;

use super::args::SweepArgs;
use super::target::{client_options, notices};
use super::{failed, print};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::exchange::mask::Mask;
use crate::run::clean_up::{self, Doubt};
use crate::run::ledger::Ledger;
use crate::run::link::{Link, Permissions};
use crate::session::block_on;
use crate::transport::Client;
use crate::transport::target::BaseUrl;

pub(super) fn sweep(args: &SweepArgs) -> Result<Exit, Error> {
    let (ledger, target) = Ledger::open(&args.ledger).map_err(failed(&args.ledger.display().to_string()))?;
    let asked = args.target.target.clone().unwrap_or_else(|| target.clone());
    let doubt = Doubt { ids: asked.trim_end_matches('/') != target.trim_end_matches('/'), names: false };
    let base = BaseUrl::parse(&asked).map_err(|error| Error::Usage(error.to_string()))?;
    let options = client_options(&args.target, base.clone(), false)?;
    for notice in notices(&args.target, false) {
        print(&format!("note: {notice}\n"))?;
    }
    let before = ledger.still_there().len();
    if before == 0 {
        print("nothing is left to remove\n")?;
        return Ok(Exit::Good);
    }
    block_on(async {
        let client = Client::new(options).map_err(|error| Error::Usage(error.to_string()))?;
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let sink = Rc::new(RefCell::new(|_: &Event| {}));
        let (permissions, mask) = (Permissions::default(), Mask::new("sweep"));
        let link = Link::new(client, ledger, permissions, mask, sink, stopped);
        let turns = clean_up::sweep(&link, &base, doubt).await;
        let left = clean_up::left_overs(&link);
        print(&format!("{} of {before} removed\n", before - left.len()))?;
        for one in &left {
            print(&format!("left: {} ({}): {}\n", one.path, one.name, one.reason))?;
        }
        let answered = turns.iter().any(|turn| turn.exchange.got.is_ok());
        Ok(match (left.is_empty(), answered) {
            (true, _) => Exit::Good,
            (false, true) => Exit::Violations,
            (false, false) => Exit::Unreachable,
        })
    })
    .map_err(failed("runtime"))?
}
