//! Verdicts grouped by cause: one defect of a target shows in many answers, and is told once.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::model::{Column, Key};
use crate::check::{Location, Severity};
use crate::exchange::{Exchange, Origin, Place};
use crate::profile::model::Profile;
use crate::trace::{Trace, Turn};
use crate::verdict::{Outcome, RuleId, Verdict};

/// How many causes that differ only in what was expected and found are kept apart. Values that a target invents anew
/// for every answer would otherwise make a cause each.
const SHAPES: usize = 8;

/// How bad a verdict is. The order is that of reports: the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// It could not be known. Never a pass.
    Undetermined,
    /// Shown only.
    Note,
}

impl Standing {
    /// The standing of a verdict, its known deviation left aside.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        match &verdict.outcome {
            Outcome::Undetermined(_) => Self::Undetermined,
            Outcome::Violates { severity: Severity::Error, .. } => Self::Error,
            Outcome::Violates { severity: Severity::Warning, .. } => Self::Warning,
            Outcome::Violates { severity: Severity::Note, .. } => Self::Note,
        }
    }

    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Undetermined => "undetermined",
            Self::Note => "note",
        }
    }
}

/// Where a cause showed: a step of a scenario of a variant, whatever the round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Place in the plan; column 0 is the run itself.
    pub key: Key,
    /// Label of the variant; empty: the run itself.
    pub variant: String,
    /// Scenario id.
    pub scenario: String,
    /// Step id; numbers of our own steps are left out.
    pub step: String,
}

impl Spot {
    /// The spot of a place.
    #[must_use]
    pub fn new(key: Key, place: &Place) -> Self {
        let step = if place.step.starts_with("clean-up/") { "clean-up" } else { &place.step };
        Self { key, variant: place.variant.clone(), scenario: place.scenario.clone(), step: step.to_owned() }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = [&self.variant, &self.scenario, &self.step].into_iter().filter(|part| !part.is_empty());
        f.write_str(parts.next().map_or("the run", |first| first))?;
        parts.try_for_each(|part| write!(f, " / {part}"))
    }
}

/// The exchange that shows a cause.
#[derive(Clone, Debug)]
pub struct Example {
    /// The exchange.
    pub exchange: Arc<Exchange>,
    /// The request at fault, if that is an earlier one: the exchange is our own reading of what it wrote.
    pub fault: Option<Arc<Exchange>>,
    /// The exact place in its answer.
    pub at: Option<Location>,
    /// The target's own id of the request at fault.
    pub request_id: Option<String>,
}

impl Example {
    /// The request at fault: what is to be repeated.
    #[must_use]
    pub fn at_fault(&self) -> &Exchange {
        self.fault.as_ref().unwrap_or(&self.exchange)
    }
}

/// How long it took is no part of what an example shows.
impl PartialEq for Example {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &Exchange, b: &Exchange| {
            let heads = (a.seq, &a.place, a.origin, a.at) == (b.seq, &b.place, b.origin, b.at);
            heads && a.sent == b.sent && a.got == b.got
        };
        same(&self.exchange, &other.exchange)
            && same(self.at_fault(), other.at_fault())
            && (&self.at, &self.request_id) == (&other.at, &other.request_id)
    }
}

/// One cause, with the first verdict of it in plan order.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Its name in links and files: the same in every run that finds it.
    pub id: String,
    /// How bad.
    pub standing: Standing,
    /// Check or need.
    pub rule: RuleId,
    /// The requirement behind it, if a standard's.
    pub requirement: Option<String>,
    /// How we know of a need: grade, sources.
    pub evidence: Option<String>,
    /// The duty or need, a sentence.
    pub title: String,
    /// Where in the answer, indices as `*`; `None` when it could not be known.
    pub at: Option<Location>,
    /// What should be.
    pub expected: String,
    /// What is, or why it is not known.
    pub actual: String,
    /// What breaks through it, in an administrator's words.
    pub breaks: Option<String>,
    /// The reason of the known deviation that covers it.
    pub known: Option<String>,
    /// How to mend it.
    pub fix: String,
    /// How often it was found.
    pub count: u64,
    /// Where.
    pub spots: BTreeSet<Spot>,
    /// An exchange that shows it.
    pub example: Option<Example>,
    order: Order,
}

/// Place in the plan, round, number of the exchange.
type Order = (Key, u32, u64);

impl Cause {
    /// Who is affected: places in `columns` with the titles of the features. A cause of the run itself (discovery)
    /// affects nobody in particular.
    #[must_use]
    pub fn affects<'a>(&self, columns: &'a [Column]) -> BTreeMap<usize, BTreeSet<&'a str>> {
        let mut out: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for spot in &self.spots {
            let Some(at) = spot.key.0.checked_sub(1) else { continue };
            let Some(column) = columns.get(at) else { continue };
            let features = out.entry(at).or_default();
            if let Some(planned) = column.scenarios.get(spot.key.1) {
                features.extend(column.feature_title(planned.feature_of(&spot.step)));
            }
        }
        out
    }
}

/// What verdicts of one cause have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    standing: Standing,
    rule: RuleId,
    known: Option<String>,
    at: Option<Location>,
}

/// All causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes(BTreeMap<Head, BTreeMap<(String, String), Cause>>);

impl Causes {
    /// Takes a verdict in.
    pub fn add(&mut self, verdict: &Verdict, standing: Standing, spot: Spot, trace: Option<&Trace>) {
        let (at, expected, actual) = match &verdict.outcome {
            Outcome::Violates { finding, .. } => (Some(pattern(&finding.at)), &*finding.expected, &*finding.actual),
            Outcome::Undetermined(reason) => (None, "", &**reason),
        };
        let id = fingerprint(verdict, standing, trace);
        let head = Head { standing, rule: verdict.rule.clone(), known: verdict.known.clone(), at: at.clone() };
        let shapes = self.0.entry(head).or_default();
        let own = verdict.rule.starts_with(BASELINE);
        let mut shape = shape(verdict, trace);
        if !own
            && !shapes.contains_key(&shape)
            && shapes.len() >= SHAPES
            && let Some(last) = shapes.keys().next_back()
        {
            shape = last.clone();
        }
        let order = (spot.key, verdict.place.round, verdict.seq.unwrap_or(u64::MAX));
        let new = |id, spots, count| Cause {
            id,
            standing,
            rule: verdict.rule.clone(),
            requirement: verdict.requirement.clone(),
            evidence: trace.and_then(|trace| evidence(&trace.profile, &verdict.rule)),
            title: verdict.title.clone(),
            at,
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            breaks: verdict.breaks.clone(),
            known: verdict.known.clone(),
            fix: verdict.fix.clone(),
            count,
            spots,
            example: example(verdict, trace),
            order,
        };
        match shapes.get_mut(&shape) {
            None => {
                shapes.insert(shape, new(id, BTreeSet::from([spot]), 1));
            }
            Some(cause) => {
                cause.count += 1;
                if !cause.spots.contains(&spot) {
                    cause.spots.insert(spot);
                }
                // Scenarios end in any order; the example must not depend on it.
                if order < cause.order {
                    let id = std::mem::take(&mut cause.id);
                    *cause = new(id, std::mem::take(&mut cause.spots), cause.count);
                }
            }
        }
    }

    /// The worst first, then in plan order.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Cause> {
        let mut all: Vec<_> = self.0.values().flat_map(BTreeMap::values).collect();
        let worst = |cause: &Cause| (cause.standing, cause.breaks.is_none());
        all.sort_by(|a, b| match worst(a).cmp(&worst(b)) {
            Ordering::Equal => (a.order, &a.rule).cmp(&(b.order, &b.rule)),
            different => different,
        });
        all
    }
}

/// How rules begin that compare with a baseline.
const BASELINE: &str = "baseline/";

/// What verdicts of one cause say, without what differs from answer to answer.
fn shape(verdict: &Verdict, trace: Option<&Trace>) -> (String, String) {
    // A difference from a baseline is of its scenario alone, and every one is shown.
    if verdict.rule.starts_with(BASELINE) {
        return (verdict.place.variant.clone(), verdict.place.scenario.clone());
    }
    let invented = trace.map_or(&[][..], |trace| &trace.invented);
    match &verdict.outcome {
        Outcome::Violates { finding, .. } => {
            (shape_of(&finding.expected, invented), shape_of(&finding.actual, invented))
        }
        Outcome::Undetermined(reason) => (String::new(), shape_of(reason, invented)),
    }
}

/// The name of the cause that a verdict belongs to: the same in every run that finds it.
#[must_use]
pub fn fingerprint(verdict: &Verdict, standing: Standing, trace: Option<&Trace>) -> String {
    let at = match &verdict.outcome {
        Outcome::Violates { finding, .. } => pattern(&finding.at).to_string(),
        Outcome::Undetermined(_) => String::new(),
    };
    let (expected, actual) = shape(verdict, trace);
    let known = verdict.known.as_deref().unwrap_or_default();
    let parts = [standing.as_str(), &verdict.rule, &at, &expected, &actual, known];
    let digest = Sha256::digest(parts.join("\u{0}").as_bytes());
    let number = digest.iter().take(5).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:010x}")
}

fn example(verdict: &Verdict, trace: Option<&Trace>) -> Option<Example> {
    let turns = &trace?.turns;
    let at = turns.iter().position(|turn| Some(turn.exchange.seq) == verdict.seq)?;
    let shown = &turns[at].exchange;
    let fault = written(&turns[..at], shown).cloned();
    let request_id = verdict.request_id.clone().filter(|_| fault.is_none());
    let at = match &verdict.outcome {
        Outcome::Violates { finding, .. } => Some(finding.at.clone()),
        Outcome::Undetermined(_) => None,
    };
    Some(Example { exchange: shown.clone(), fault, at, request_id })
}

/// The client's request that we read back: what our own reading shows is the fault of the last write to that resource.
fn written<'a>(before: &'a [Turn], shown: &Exchange) -> Option<&'a Arc<Exchange>> {
    if shown.origin != Origin::CheckRead {
        return None;
    }
    let mut writes = before.iter().map(|turn| &turn.exchange).filter(|exchange| {
        exchange.origin == Origin::Client && matches!(&*exchange.sent.method, "POST" | "PUT" | "PATCH" | "DELETE")
    });
    let to = shown.sent.path();
    let same = writes.clone().rfind(|exchange| exchange.sent.path() == to);
    same.or_else(|| writes.next_back())
}

/// How a need of a profile is known: `documented: Okta, SCIM 2.0 protocol reference (2025-09-01)`.
fn evidence(profile: &Profile, rule: &str) -> Option<String> {
    let need = profile.need(rule.strip_prefix(&profile.id)?.strip_prefix('/')?)?;
    let sources: Vec<_> = need
        .evidence
        .sources
        .iter()
        .filter_map(|key| profile.sources.get(key))
        .map(|source| match &source.url {
            Some(url) => format!("{} ({}), {url}", source.what, source.date),
            None => format!("{} ({})", source.what, source.date),
        })
        .collect();
    let grade = need.evidence.grade.as_str();
    Some(if sources.is_empty() { grade.to_owned() } else { format!("{grade}: {}", sources.join("; ")) })
}

fn pattern(at: &Location) -> Location {
    let Location::Body(pointer) = at else { return at.clone() };
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts = pointer.split('/').map(|part| if number(part) { "*" } else { part });
    Location::Body(parts.collect::<Vec<_>>().join("/"))
}

/// A text without what differs from answer to answer: ids, times, invented names.
fn shape_of(text: &str, invented: &[(String, String)]) -> String {
    let known = |text: String, (value, label): &(String, String)| text.replace(value.as_str(), label);
    let text = invented.iter().filter(|(value, _)| value.len() > 3).fold(text.to_owned(), known);
    let told = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.contains('@') || (digits > 0 && !(word.len() <= 3 && digits == word.len()))
    };
    let words = text.split_whitespace().map(|word| {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        if told(core) { "#" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Received, Sent};

    /// What our own reading shows is the fault of the write before it.
    #[test]
    fn the_request_at_fault_is_the_write() {
        let turn = |seq, origin, method: &str, path: &str| {
            let place = Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() };
            let sent = Sent {
                method: method.to_owned(),
                target: path.to_owned(),
                resource: path.into(),
                headers: vec![],
                body: None,
            };
            let got = Ok(Received::new(200, String::new(), vec![], vec![], vec![]));
            let (at, took) = (jiff::Timestamp::UNIX_EPOCH, std::time::Duration::ZERO);
            let exchange = Arc::new(Exchange { seq, place, origin, at, took, sent, got });
            Turn { exchange, needs: vec![], went_on: true, at_once: false }
        };
        let before = [
            turn(1, Origin::Client, "POST", "/Users"),
            turn(2, Origin::Client, "PATCH", "/Groups/7"),
            turn(3, Origin::Client, "PATCH", "/Users/4"),
            turn(4, Origin::Client, "GET", "/Groups/7"),
        ];
        let fault =
            |origin, path| written(&before, &turn(9, origin, "GET", path).exchange).map(|exchange| exchange.seq);
        assert_eq!(fault(Origin::CheckRead, "/Groups/7"), Some(2));
        assert_eq!(fault(Origin::CheckRead, "/Users/5"), Some(3));
        assert_eq!(fault(Origin::Client, "/Groups/7"), None);
    }

    #[test]
    fn indices_are_no_part_of_a_place() {
        let at = Location::Body("/Resources/12/emails/0/value".to_owned());
        assert_eq!(pattern(&at), Location::Body("/Resources/*/emails/*/value".to_owned()));
        assert_eq!(pattern(&Location::Status), Location::Status);
    }

    #[test]
    fn invented_values_are_no_part_of_a_shape() {
        assert_eq!(shape_of("200 OK", &[]), "200 OK");
        assert_eq!(shape_of("the id \"2819c223-7f76\", not ada@example.com", &[]), "the id # not #");
        assert_eq!(shape_of("an array of 3 members", &[]), "an array of 3 members");
        let invented = [("Maya Quist".to_owned(), "maya.displayName".to_owned())];
        assert_eq!(shape_of("is \"Maya Quist\"", &invented), "is \"maya.displayName\"");
    }
}
