//! `scimproof explain`: a requirement, a check or a need of a profile as a page for people.
//!
//! What is looked up by: its id in any case, or the beginning of ids, which lists them.

mod page;
mod played;

use crate::check::{self, Check};
use crate::profile::catalogue;
use crate::profile::model::{Need, Profile};
use crate::requirement::{self, Requirement};

/// How many near ids an unknown one is answered with.
const NEAR: usize = 3;

/// What an id stands for.
enum Subject<'p> {
    Requirement(&'static Requirement),
    Check(&'static Check),
    Need(&'p Profile, &'p Need),
}

/// The page of an id, or the list of the ids that begin so.
///
/// # Errors
/// There is none; the nearest ids, the best first.
pub fn explain(id: &str) -> Result<String, Vec<String>> {
    let profiles: Vec<_> = catalogue::builtin_ids().into_iter().filter_map(|id| catalogue::builtin(id)?.ok()).collect();
    let subjects = subjects(profiles.iter().map(AsRef::as_ref));
    let wanted = id.trim();
    let same = subjects.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted));
    if let Some((_, subject)) = same {
        return Ok(match subject {
            Subject::Requirement(row) => page::requirement(row, &profiles),
            Subject::Check(check) => page::check(check, &profiles),
            Subject::Need(profile, need) => page::need(profile, need),
        });
    }
    let begins = |known: &str| known.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted));
    let found: Vec<_> = subjects.iter().filter(|(known, _)| !wanted.is_empty() && begins(known)).collect();
    if found.is_empty() {
        return Err(nearest(wanted, subjects.iter().map(|(known, _)| known.as_str())));
    }
    let width = found.iter().map(|(known, _)| known.len()).max().unwrap_or_default();
    let lines: Vec<_> = found.iter().map(|(known, subject)| format!("{known:width$}  {}", title(subject))).collect();
    Ok(lines.join("\n") + "\n")
}

/// Everything that can be explained, by its id: requirements, checks, needs.
fn subjects<'p>(profiles: impl Iterator<Item = &'p Profile>) -> Vec<(String, Subject<'p>)> {
    let rows = requirement::all().iter().map(|row| (row.id.clone(), Subject::Requirement(row)));
    let checks = check::all().map(|check| (check.id.to_owned(), Subject::Check(check)));
    let needs = profiles.flat_map(|profile| {
        profile.needs.iter().map(move |need| (format!("{}/{}", profile.id, need.id), Subject::Need(profile, need)))
    });
    rows.chain(checks).chain(needs).collect()
}

fn title<'s>(subject: &'s Subject<'_>) -> &'s str {
    match subject {
        Subject::Requirement(row) => &row.requirement,
        Subject::Check(check) => check.title,
        Subject::Need(_, need) => &need.text,
    }
}

/// The ids nearest to an unknown one.
fn nearest<'i>(wanted: &str, ids: impl Iterator<Item = &'i str>) -> Vec<String> {
    let wanted = wanted.to_ascii_lowercase();
    let mut ranked: Vec<_> = ids.map(|id| (crate::document::distance(&wanted, &id.to_ascii_lowercase()), id)).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(NEAR).map(|(_, id)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests;
