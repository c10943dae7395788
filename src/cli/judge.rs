//! `scimproof judge`: the same verdicts from a transcript, without a network.

use std::cell::RefCell;
use std::rc::Rc;

use super::args::{FailOn, JudgeArgs};
use super::{config, failed};
use crate::check::{Options as Judging, Severity};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::plan::selection::Selection;
use crate::report::{Fan, Style};
use crate::session::{self, Bench};
use crate::transcript;
use crate::transport::target::BaseUrl;
use crate::verdict::deviation::Deviations;

pub fn judge(args: &JudgeArgs) -> Result<Exit, Error> {
    let path = args.transcript.display().to_string();
    let deviations = match &args.known {
        Some(known) => Deviations::parse(config::document(known)?)?,
        None => Deviations::default(),
    };
    let file = std::fs::File::open(&args.transcript).map_err(failed(&path))?;
    let mut reader = transcript::Reader::new(std::io::BufReader::new(file), &path).map_err(Error::Usage)?;
    let info = reader.info();
    let judging = Judging {
        strict: args.strict || info.strict,
        base: info.target.clone(),
        loopback: BaseUrl::parse(&info.target).is_ok_and(|base| base.is_loopback()),
    };
    let selection = Selection { only: args.only.clone(), skip: args.skip.clone() };
    let (judge, stale) = session::shared(Bench::new(judging, selection, deviations, None));
    let fail_on = match args.report.fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
    };
    let style = Style { verbose: args.report.verbose, fail_on };
    let fan = Rc::new(RefCell::new(Fan::open(&args.report.reports, style).map_err(Error::Usage)?));
    let told = Rc::clone(&fan);
    let sink = Rc::new(RefCell::new(move |event: &Event| told.borrow_mut().event(event)));
    transcript::replay(&mut reader, &judge, &stale, &sink).map_err(Error::Usage)?;
    let fan = fan.borrow();
    if fan.failures().is_empty() { Ok(fan.exit()) } else { Err(Error::Usage(fan.failures().join("\nerror: "))) }
}
