//! `scimproof judge`: the same verdicts from a transcript, without a network.

use super::args::JudgeArgs;
use super::{config, failed, output};
use crate::check::Options as Judging;
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::facts::Facts;
use crate::plan::selection::Selection;
use crate::session::{self, Bench};
use crate::trace::Trace;
use crate::transcript;
use crate::transport::target::BaseUrl;
use crate::verdict::deviation::Deviations;

pub(super) fn judge(args: &JudgeArgs) -> Result<Exit, Error> {
    let path = args.transcript.display().to_string();
    let deviations = match &args.known {
        Some(known) => Deviations::parse(config::document(known)?)?,
        None => Deviations::default(),
    };
    let file = std::fs::File::open(&args.transcript).map_err(failed(&path))?;
    let reader = transcript::Reader::new(std::io::BufReader::new(file), &path);
    let mut reader = reader.map_err(|error| Error::Usage(error.to_string()))?;
    let info = reader.info();
    let judging = Judging {
        strict: args.strict || info.strict,
        base: info.target.clone(),
        loopback: BaseUrl::parse(&info.target).is_ok_and(|base| base.is_loopback()),
    };
    let selection = Selection { only: args.only.clone(), skip: args.skip.clone() };
    let (judge, stale) = session::shared(Bench::new(judging, selection, deviations, None));
    let mut fan = output::fan(&args.report, Vec::new())?;
    let mut judging = |trace: &Trace, facts: &Facts| (judge.borrow_mut())(trace, facts);
    let told = transcript::replay(&mut reader, &mut judging, &*stale, &mut |event: &Event| fan.event(event));
    // What could be read is reported, also when the rest cannot be.
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            fan.finish();
            return Err(Error::Usage(error.to_string()));
        }
    };
    for notice in told.notices {
        fan.notice(notice);
    }
    fan.finish();
    if fan.failures().is_empty() { Ok(fan.exit()) } else { Err(Error::Usage(fan.failures().join("\nerror: "))) }
}
