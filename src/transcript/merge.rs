//! Tells several transcripts as one: the shards of a run, each with scenarios of its own, against one target.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use super::read::{ReadError, Reader};
use super::replay::{Judge, Replayed, replay};
use crate::event::{CleanUp, Event, RunEnd, RunInfo, VariantInfo};

/// Why transcripts cannot be told as one.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them cannot be read.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// They are not shards of one run.
    #[error("{one} and {other} cannot be merged: {why}")]
    Differ {
        /// A file.
        one: String,
        /// The other file.
        other: String,
        /// In words.
        why: String,
    },
}

/// Tells the events of several transcripts as those of one run. Exchanges are numbered on from file to file. The run is
/// whole when all of them are.
///
/// # Errors
/// They are of different targets or profiles, two of them played the same scenario, or one cannot be read.
pub fn merge<R: BufRead>(
    readers: &mut [Reader<R>],
    judge: &mut Judge<'_>,
    stale: &dyn Fn() -> Vec<String>,
    sink: &mut dyn FnMut(&Event),
) -> Result<Replayed, MergeError> {
    let info = head(readers)?;
    sink(&Event::Started(Arc::new(info)));
    let (mut cleaned, mut ended): (Option<CleanUp>, Option<RunEnd>) = (None, None);
    let mut all = Replayed { whole: true, notices: Vec::new() };
    let mut highest = 0;
    for reader in readers {
        reader.count_behind(highest);
        let told = replay(reader, judge, &Vec::new, &mut |event| match event {
            Event::Started(_) => {}
            Event::CleanedUp(done) => add_clean_up(cleaned.get_or_insert_default(), done),
            Event::Ended(end) => add_end(&mut ended, end),
            other => sink(other),
        })?;
        highest = reader.highest();
        all.whole &= told.whole;
        all.notices.extend(told.notices.into_iter().map(|notice| format!("{}: {notice}", reader.file())));
    }
    if let Some(done) = cleaned {
        sink(&Event::CleanedUp(done));
    }
    if let Some(end) = ended.filter(|_| all.whole) {
        sink(&Event::Ended(RunEnd { stale: stale(), ..end }));
    }
    Ok(all)
}

fn add_clean_up(all: &mut CleanUp, one: &CleanUp) {
    all.created += one.created;
    all.removed += one.removed;
    all.kept += one.kept;
    all.left_over.extend(one.left_over.iter().cloned());
}

/// Shards go on side by side: together they took as long as the longest.
fn add_end(all: &mut Option<RunEnd>, one: &RunEnd) {
    let Some(all) = all else {
        *all = Some(one.clone());
        return;
    };
    all.at = all.at.max(one.at);
    all.took = Duration::max(all.took, one.took);
    all.requests += one.requests;
    all.refused += one.refused;
    all.cut = all.cut.take().or_else(|| one.cut.clone());
}

/// The run that the shards make together.
fn head<R: BufRead>(readers: &[Reader<R>]) -> Result<RunInfo, MergeError> {
    let mut shards = readers.iter();
    let Some(first) = shards.next() else { return Ok(RunInfo::default()) };
    let mut all = RunInfo::clone(first.info());
    for shard in shards {
        let one = shard.info();
        let differ =
            |why: String| MergeError::Differ { one: first.file().to_owned(), other: shard.file().to_owned(), why };
        if one.target != all.target {
            return Err(differ(format!("the targets are {} and {}", all.target, one.target)));
        }
        all.run = format!("{}+{}", all.run, one.run);
        all.at = all.at.min(one.at);
        all.strict |= one.strict;
        all.read_only &= one.read_only;
        add_new(&mut all.notices, &one.notices);
        add_new(&mut all.credentials, &one.credentials);
        for variant in &one.variants {
            match all.variants.iter_mut().find(|known| known.label == variant.label) {
                Some(known) => add_variant(known, variant).map_err(differ)?,
                None => all.variants.push(variant.clone()),
            }
        }
    }
    Ok(all)
}

fn add_new<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// A scenario of the whole is played if one of the shards plays it.
fn add_variant(all: &mut VariantInfo, one: &VariantInfo) -> Result<(), String> {
    if all.profile.files != one.profile.files {
        return Err(format!("they hold different versions of the profile {}", all.profile.id));
    }
    let played: BTreeSet<&str> =
        one.scenarios.iter().filter(|(_, skip)| skip.is_none()).map(|(id, _)| id.as_str()).collect();
    for (id, skip) in &mut all.scenarios {
        match (skip.is_none(), played.contains(id.as_str())) {
            (true, true) => return Err(format!("both played {}/{id}", all.label)),
            (false, true) => *skip = None,
            (_, false) => {}
        }
    }
    Ok(())
}
