//! `scimproof report`: any recorded run, rendered again; the shards of a run as one.

use super::args::{RenderArgs, RenderCommand};
use super::retell::{Manner, retell};
use crate::error::{Error, Exit};

pub(super) fn report(args: RenderArgs) -> Result<Exit, Error> {
    let (transcripts, shown) = match args.command {
        Some(RenderCommand::Merge(merge)) => (merge.transcripts, merge.shown),
        None => (args.transcript.into_iter().collect(), args.shown),
    };
    retell(&transcripts, Manner { known: shown.known, ..Manner::default() }, &shown.report)
}
