//! `scimproof import`: a profile of traffic that others recorded; and what `record` ends with.

use std::path::Path;
use std::sync::Arc;

use super::args::{ImportArgs, LearnArgs};
use super::{failed, print, record};
use crate::error::{Error, Exit};
use crate::exchange::Exchange;
use crate::record::import::import as read;
use crate::record::learn::{self, BASELINE, Options, learn};
use crate::record::mask::Report;
use crate::report::text::count;
use crate::transport::clock::{Clock, RealClock};

pub(super) fn import(args: &ImportArgs) -> Result<Exit, Error> {
    vacant(&args.out)?;
    let masker = record::masker(&args.mask)?;
    let now = crate::session::block_on(async { RealClock::new().utc() }).map_err(failed("runtime"))?;
    let imported = read(&args.files, &args.out, now, masker).map_err(Error::Usage)?;
    for note in &imported.notes {
        print(&format!("note: {note}\n"))?;
    }
    let exchanges = count(imported.exchanges.len() as u64, "exchange");
    print(&format!("{exchanges} in {}\n", imported.path.display()))?;
    print(&masked(&args.out, &imported.masked)?)?;
    print(&profile(&args.out, &imported.exchanges, &args.learn)?)?;
    Ok(Exit::Good)
}

/// A folder whose profile would be written over is no place for another.
pub(super) fn vacant(folder: &Path) -> Result<(), Error> {
    learn::vacant(folder).map_err(|error| Error::Usage(format!("--out {error}")))
}

/// Writes the report of what was masked where; gives its summary.
pub(super) fn masked(folder: &Path, report: &Report) -> Result<String, Error> {
    let path = folder.join("masked.txt");
    std::fs::write(&path, report.to_string()).map_err(failed(&path.display().to_string()))?;
    Ok(format!("{} masked; {} tells where\n", count(report.total(), "value"), path.display()))
}

/// Makes the profile, and says how to play it.
pub(super) fn profile(folder: &Path, exchanges: &[Arc<Exchange>], args: &LearnArgs) -> Result<String, Error> {
    let options = Options { name: args.name.clone(), pause: args.pause };
    let learned = learn(exchanges, &options).map_err(|error| Error::Usage(error.to_string()))?;
    learned.write(folder).map_err(|error| Error::Usage(error.to_string()))?;
    let mut out = String::new();
    for note in &learned.notes {
        out.push_str(&format!("note: {note}\n"));
    }
    let (profile, client, dir) = (&learned.profile, &learned.client, folder.display());
    let scenarios = count(profile.scenarios.len() as u64, "scenario");
    out.push_str(&format!("profile {}: {scenarios} ({client}); this plays it:\n", profile.id));
    out.push_str(&format!("  scimproof run --profile-dir {dir} --baseline {dir}/{BASELINE}\n"));
    Ok(out)
}
