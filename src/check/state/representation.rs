//! An own resource in an answer, held against the shadow directory.

use super::{Told, active, id, keys, members, projection, read_back, refused, words, written};
use crate::check::{Location, Reading, Severity};
use crate::facts::Facts;
use crate::requirement::ambiguity as read_as;
use crate::scim::json::Json;
use crate::scim::schema::Type;
use crate::shadow::compare::{Gap, Kind};
use crate::shadow::fold::Extent;
use crate::shadow::tolerance::{Tolerance, tolerance};
use crate::shadow::{Operation, Record, Write};

/// Where a representation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A reading by id.
    Reading,
    /// The answer to a write. What it leaves out may be there all the same.
    Answer,
    /// An item of a list, by its place. What it leaves out says nothing: many products list less than they have.
    Item(usize),
}

/// What a representation tells.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Violations.
    pub(super) told: Vec<Told>,
    /// The departures behind them, so that they are told once.
    pub(super) keys: Vec<(String, Option<Json>)>,
    /// Attributes that the answer to a write left out.
    pub(super) omitted: Vec<String>,
    /// Attributes that are not as they must be, tolerated or not.
    pub(super) departed: Vec<String>,
}

/// Holds a representation against what it must show.
pub(super) fn judge(record: &Record<'_>, answer: &Json, source: Source, extent: &Extent, facts: &Facts) -> Outcome {
    let place = |pointer: &str| match source {
        Source::Item(index) => Location::Body(format!("/Resources/{index}{pointer}")),
        _ => Location::Body(pointer.to_owned()),
    };
    let mut outcome = Outcome::default();
    outcome.told.extend(id::told(record, answer, place("/id")));
    for told in keys::told(record, answer, &place) {
        outcome.once(record, told);
    }
    if record.uncertain {
        return outcome;
    }
    let expected = extent.of_resource(&record.state, record.schema);
    // What was not asked for and is there all the same is told by the check of that.
    let shown = extent.of_resource(answer, record.schema);
    let gaps = record.departures(&expected, &shown);
    outcome.departed = gaps.iter().map(|gap| gap.path.clone()).collect();
    let mut of_members = Vec::new();
    for gap in &gaps {
        let kind = tolerance(gap, record, answer, facts);
        let known = record.is_told(&gap.key(), gap.actual) || keys::explains(answer, &gap.path);
        let elsewhere = matches!(kind, Tolerance::NotAdvertised | Tolerance::Immutable);
        if elsewhere || known || is_silent(gap, source) || is_mistyped(gap) {
            continue;
        }
        if source == Source::Answer && written::is_absent(gap) {
            outcome.omitted.push(gap.path.clone());
            continue;
        }
        outcome.keys.push((gap.key(), gap.actual.cloned()));
        if gap.attribute.name.eq_ignore_ascii_case("members") && record.refused.is_none() {
            of_members.push((gap, kind));
        } else {
            outcome.told.push(departure(gap, kind, record, answer, extent, place(&gap.pointer)));
        }
    }
    let (gaps, kinds): (Vec<&Gap<'_>>, Vec<Tolerance>) = of_members.into_iter().unzip();
    for told in members::told(&gaps, record, answer, &place) {
        let (reading, against_intent) = reading(gaps[0], kinds[0], record.touched_by("members"), answer);
        outcome.told.push(read(told, reading).against_intent(against_intent));
    }
    outcome
}

impl Outcome {
    /// Tells a defect of the representation itself unless it has been told.
    fn once(&mut self, record: &Record<'_>, told: Told) {
        let place = match &told.finding.at {
            Location::Body(pointer) => pointer.splitn(4, '/').last().unwrap_or_default().to_owned(),
            other => other.to_string(),
        };
        let key = format!("{} {place}", told.check.id);
        if !record.is_told(&key, None) {
            self.keys.push((key, None));
            self.told.push(told);
        }
    }
}

/// What was written is no value of the attribute's type: whatever became of it, it was not to be stored as it stood.
fn is_mistyped(gap: &Gap<'_>) -> bool {
    use Type::{Binary, Boolean, DateTime, Decimal, Integer, Reference};
    let Some(written) = gap.expected else { return false };
    match (gap.leaf.kind, written) {
        (Type::String | Reference | DateTime | Binary, Json::Number(_) | Json::Bool(_) | Json::Object(_))
        | (Boolean, Json::Number(_) | Json::Object(_))
        | (Integer | Decimal, Json::String(_) | Json::Bool(_) | Json::Object(_)) => true,
        (Boolean, Json::String(text)) => !["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

/// In a list only a differing value tells something.
fn is_silent(gap: &Gap<'_>, source: Source) -> bool {
    let of_item = matches!(source, Source::Item(_));
    of_item && (gap.kind != Kind::Differs || gap.attribute.multi_valued)
}

fn departure(
    gap: &Gap<'_>,
    kind: Tolerance,
    record: &Record<'_>,
    answer: &Json,
    extent: &Extent,
    at: Location,
) -> Told {
    let touching = record.touched_by(&gap.path);
    let write = touching.or(record.writes.last());
    let asked = if let Extent::Part(only, _) = extent { only.as_slice() } else { &[] };
    let told = if gap.path.eq_ignore_ascii_case("active") {
        active::told(gap, record, write, at)
    } else if let Some(turn) = record.refused.filter(|turn| touching.is_none_or(|w| w.answered && w.turn < *turn)) {
        refused::told(gap, turn, record.refused_body, at)
    } else if !asked.is_empty()
        && (record.shown || write.is_none_or(|write| write.answered))
        && gap.expected.is_some()
        && gap.actual.is_none()
        && touching.is_none()
    {
        projection::missing(gap, asked, at)
    } else {
        match write {
            Some(write) if !write.answered || touching.is_none() => {
                written::told(gap, record, write, touching.is_some(), at)
            }
            _ => read_back::told(gap, record, at),
        }
    };
    // What a whole reading has shown is known to the target, published or not.
    let shown = told.check.id == projection::PROJECTION.id && kind == Tolerance::Unpublished;
    let kind = if shown { Tolerance::None } else { kind };
    let (reading, against_intent) = reading(gap, kind, touching, answer);
    let mut told = read(told, reading).against_intent(against_intent);
    if kind == Tolerance::Kept {
        told.finding.requirement = Some("RFC7644-3.5.1-05");
    }
    told
}

fn read(mut told: Told, reading: Option<Reading>) -> Told {
    told.finding.reading = reading.or(told.finding.reading);
    told
}

/// The reading that decides how bad a departure is, and whether it is bad for the client all the same.
fn reading(gap: &Gap<'_>, kind: Tolerance, write: Option<&Write<'_>>, answer: &Json) -> (Option<Reading>, bool) {
    let tolerated = match kind {
        Tolerance::None | Tolerance::NotAdvertised | Tolerance::Immutable => None,
        Tolerance::Unpublished => Some(read_as::A46_UNPUBLISHED),
        Tolerance::Derived => Some(read_as::A46_DERIVED),
        Tolerance::Normalised => Some(read_as::A46_NORMALISED),
        Tolerance::Optional => Some(read_as::A46_OPTIONAL),
        Tolerance::Label => Some(read_as::A46_LABEL),
        Tolerance::Kept => Some(read_as::A16_KEPT),
    };
    if tolerated.is_some() {
        return (tolerated, false);
    }
    let of_patch = write.and_then(|write| ambiguous(gap, write, answer));
    let mild = of_patch.is_some_and(|reading| reading.lenient < Severity::Error);
    (of_patch, mild)
}

/// The case of an ambiguous PATCH that a departure shows.
fn ambiguous(gap: &Gap<'_>, write: &Write<'_>, answer: &Json) -> Option<Reading> {
    if write.operation != Operation::Patch {
        return None;
    }
    let rests_on = |number: u8| write.readings.contains(&number);
    let values = || {
        let operations = write.body.get("Operations").and_then(Json::as_array).unwrap_or_default();
        operations.iter().filter_map(|operation| operation.get("value"))
    };
    let members = gap.attribute.name.eq_ignore_ascii_case("members");
    if rests_on(2) && members && answer.get("members").is_none_or(Json::is_unassigned) {
        return Some(read_as::A02_ALL_MEMBERS_REMOVED);
    }
    if rests_on(6) && keyed(gap, write.body) {
        return Some(read_as::A06_NO_EFFECT);
    }
    if rests_on(9) && gap.expected.is_none() && values().any(|value| value.as_str() == Some("")) {
        return Some(read_as::A09_EMPTY_STRING);
    }
    let manager = gap.attribute.name.eq_ignore_ascii_case("manager");
    if rests_on(38) && manager && values().any(|value| value.as_str().is_some()) {
        return Some(read_as::A38_MANAGER_STRING_IGNORED);
    }
    None
}

/// Whether an operation without a path names the attribute by a dotted or qualified key.
fn keyed(gap: &Gap<'_>, body: &Json) -> bool {
    let operations = body.get("Operations").and_then(Json::as_array).unwrap_or_default();
    operations.iter().filter(|operation| operation.get("path").is_none()).any(|operation| {
        let members = operation.get("value").and_then(Json::as_object);
        members.is_some_and(|members| {
            members.iter().any(|(name, _)| {
                let named = words::short_path(name).split(['.', '[']).next().unwrap_or(name);
                name.contains(['.', ':']) && named.eq_ignore_ascii_case(&gap.attribute.name)
            })
        })
    })
}
