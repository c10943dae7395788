//! What `judge` and `report` share: a recorded run, told again to reports.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::{config, failed, output};
use crate::check::Options as Judging;
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::facts::Facts;
use crate::plan::selection::Selection;
use crate::session::{self, Bench};
use crate::trace::Trace;
use crate::transcript::{self, Reader};
use crate::transport::target::BaseUrl;
use crate::verdict::deviation::Deviations;

/// How a recorded run is judged.
#[derive(Default)]
pub(super) struct Manner {
    pub(super) known: Option<PathBuf>,
    pub(super) strict: bool,
    pub(super) selection: Selection,
}

type Open = Reader<BufReader<File>>;

/// Tells one transcript, or several as one, to the reports that were asked for.
pub(super) fn retell(paths: &[PathBuf], manner: Manner, report: &ReportArgs) -> Result<Exit, Error> {
    let deviations = match &manner.known {
        Some(known) => Deviations::parse(config::document(known)?)?,
        None => Deviations::default(),
    };
    let mut readers = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let judging = judging(&readers, manner.strict);
    let (judge, stale) = session::shared(Bench::new(judging, manner.selection, deviations, None));
    let mut fan = output::fan(report, Box::new(std::io::stdout()))?;
    let mut judging = |trace: &Trace, facts: &Facts| (judge.borrow_mut())(trace, facts);
    let mut sink = |event: &Event| fan.event(event);
    let told = match readers.as_mut_slice() {
        [one] => transcript::replay(one, &mut judging, &*stale, &mut sink).map_err(|error| error.to_string()),
        many => transcript::merge(many, &mut judging, &*stale, &mut sink).map_err(|error| error.to_string()),
    };
    // What could be read is reported, also when the rest cannot be.
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            fan.finish();
            return Err(Error::Usage(error));
        }
    };
    for notice in told.notices {
        fan.notice(notice);
    }
    fan.finish();
    if fan.failures().is_empty() { Ok(fan.exit()) } else { Err(Error::Usage(fan.failures().join("\nerror: "))) }
}

/// Tells one transcript to `sink`, judged as the run was.
pub(super) fn tell(path: &Path, known: Option<&Path>, sink: &mut dyn FnMut(&Event)) -> Result<(), Error> {
    let deviations = match known {
        Some(known) => Deviations::parse(config::document(known)?)?,
        None => Deviations::default(),
    };
    let mut readers = [open(path)?];
    let judging = judging(&readers, false);
    let (judge, stale) = session::shared(Bench::new(judging, Selection::default(), deviations, None));
    let mut judging = |trace: &Trace, facts: &Facts| (judge.borrow_mut())(trace, facts);
    let [reader] = &mut readers;
    let told = transcript::replay(reader, &mut judging, &*stale, sink);
    told.map(drop).map_err(|error| Error::Usage(error.to_string()))
}

fn open(path: &Path) -> Result<Open, Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(failed(&name))?;
    Reader::new(BufReader::new(file), &name).map_err(|error| Error::Usage(error.to_string()))
}

/// As the run was judged.
fn judging(readers: &[Open], strict: bool) -> Judging {
    let base = readers.first().map(|reader| reader.info().target.clone()).unwrap_or_default();
    Judging {
        strict: strict || readers.iter().any(|reader| reader.info().strict),
        loopback: BaseUrl::parse(&base).is_ok_and(|base| base.is_loopback()),
        base,
    }
}
