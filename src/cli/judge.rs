//! `scimproof judge`: the same verdicts from a transcript, without a network.

use super::args::JudgeArgs;
use super::retell::{Manner, retell};
use crate::error::{Error, Exit};
use crate::plan::selection::Selection;

pub(super) fn judge(args: &JudgeArgs) -> Result<Exit, Error> {
    let manner = Manner {
        known: args.known.clone(),
        strict: args.strict,
        selection: Selection { only: args.only.clone(), skip: args.skip.clone() },
    };
    retell(std::slice::from_ref(&args.transcript), manner, &args.report)
}
