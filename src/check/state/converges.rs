//! Writing once more what is there already changes nothing but `meta`.

use std::ops::RangeInclusive;

use super::{Observation, Told, words};
use crate::check::{Check, Finding, Judge, Judgement, Kind, Location, Operation, Scene};
use crate::exchange::{Exchange, Origin};
use crate::scim::json::Json;
use crate::scim::schema::ResourceSchema;
use crate::shadow::compare::{self, Gap, gaps, items, same_element};
use crate::shadow::fold::Extent;

pub(super) static CONVERGES: Check = Check {
    id: "state/converges",
    requirements: &["RFC7644-3.5.1-03", "RFC7644-3.5.2.1-10"],
    title: "A write that repeats what is there changes nothing but meta",
    why: "Okta and JumpCloud write without comparing: what another result comes of each time never comes to rest.",
    fix: "Make the stored resource a function of the request alone: append no value that is there, and derive nothing \
          from how often it was written.",
    judge: Judge::State,
};

/// Judges every write of the client that repeats what is there. What `told` says already is not told again.
pub(super) fn observe(scene: &Scene<'_>, told: &[Observation]) -> Vec<Observation> {
    let turns = 0..scene.trace.turns.len();
    turns.filter_map(|turn| Repeat::at(scene, turn)).flat_map(|repeat| repeat.judge(told)).collect()
}

/// A write that repeats, with the representations before and after it.
struct Repeat<'a> {
    schema: &'a ResourceSchema,
    operation: Operation,
    before: &'a Json,
    after: &'a Json,
    /// From the write to what shows its effect.
    turns: RangeInclusive<usize>,
}

impl<'a> Repeat<'a> {
    /// The write of that turn, if it is one that repeats. Readings are compared with readings and answers with answers:
    /// what a write answers may show less.
    fn at(scene: &Scene<'a>, write: usize) -> Option<Self> {
        let turns = &scene.trace.turns;
        let exchange = &*turns[write].exchange;
        let Kind { operation, resource, .. } = scene.kind(write);
        let is_write = matches!(operation, Operation::Replace | Operation::Patch);
        if !is_write || exchange.origin != Origin::Client || !exchange.succeeded() {
            return None;
        }
        let schema: &ResourceSchema = resource?;
        let shows = |turn: &usize| reading(&turns[*turn].exchange, exchange).is_some();
        let writes = |turn: &usize| may_write(&turns[*turn].exchange);
        let previous = (0..write).rev().find(writes);
        let next = (write + 1..turns.len()).find(writes).unwrap_or(turns.len());
        let first = (previous.map_or(0, |turn| turn + 1)..write).rev().find(shows);
        let last = (write + 1..next).rev().find(shows);
        let (before, after, end) = match (first, last) {
            (Some(first), Some(last)) => (shown(&turns[first].exchange)?, shown(&turns[last].exchange)?, last),
            (None, None) => {
                let earlier = previous.map(|turn| &*turns[turn].exchange).filter(|e| same_place(e, exchange))?;
                (shown(earlier)?, shown(exchange)?, write)
            }
            _ => return None,
        };
        let body = turns[write].exchange.sent.json()?;
        let again = previous.is_some_and(|turn| same_request(&turns[turn].exchange, exchange));
        let as_shown = || gaps(before, body, schema).is_empty() && gaps(body, before, schema).is_empty();
        let repeats = again || (operation == Operation::Replace && as_shown());
        repeats.then_some(Self { schema, operation, before, after, turns: write..=end })
    }

    fn judge(&self, told: &[Observation]) -> Vec<Observation> {
        let (write, end) = (*self.turns.start(), *self.turns.end());
        let mut found: Vec<Told> = Vec::new();
        for (gap, came) in self.changes() {
            if !told.iter().any(|told| self.turns.contains(&told.turn) && is_about(told, &gap)) {
                found.push(self.told(&gap, came).cause(write));
            }
        }
        if found.is_empty() {
            let (judgement, harm) = (Judgement::Conforms, String::new());
            let cause = Some(write);
            let (step_knows, against_intent) = (false, false);
            return vec![Observation {
                check: &CONVERGES,
                turn: end,
                judgement,
                cause,
                harm,
                step_knows,
                against_intent,
            }];
        }
        found.into_iter().map(|told| told.at_turn(end)).collect()
    }

    /// What is no longer as it was, and what is there that was not (`true`).
    fn changes(&self) -> Vec<(Gap<'_>, bool)> {
        let gone = gaps(self.before, self.after, self.schema).into_iter().map(|gap| (gap, false));
        let came = gaps(self.after, self.before, self.schema).into_iter().filter(|gap| self.is_new(gap));
        gone.chain(came.map(|gap| (gap, true))).collect()
    }

    /// A value that was there, and is there twice now, is told by the rule about distinct values.
    fn is_new(&self, gap: &Gap<'_>) -> bool {
        match (gap.kind, gap.expected) {
            (compare::Kind::Missing, _) => true,
            (compare::Kind::ElementMissing, Some(element)) => {
                let before = gap.actual.or_else(|| self.before.get(&gap.attribute.name)).map(items).unwrap_or_default();
                !before.iter().any(|item| same_element(item, element, gap.attribute))
            }
            _ => false,
        }
    }

    fn told(&self, gap: &Gap<'_>, came: bool) -> Told {
        let path = words::short_path(&gap.path);
        let (expected, actual) = match (came, gap.expected) {
            (true, Some(value)) if gap.kind == compare::Kind::ElementMissing => {
                (format!("{path} as before the repeated write"), format!("{} has come in", words::value(value)))
            }
            (true, Some(value)) => {
                (format!("no {path}, as before the repeated write"), format!("{path} {}", words::value(value)))
            }
            _ => (format!("{}, as before the repeated write", words::expected(gap)), words::actual(gap)),
        };
        let requirement = if self.operation == Operation::Replace { "RFC7644-3.5.1-03" } else { "RFC7644-3.5.2.1-10" };
        let finding = Finding::new(Location::Body(gap.pointer.clone()), expected, actual).of(requirement);
        Told::new(&CONVERGES, finding).harm(format!("the same write gives another {path} each time"))
    }
}

/// Whether an observation tells a defect of the attribute.
fn is_about(told: &Observation, gap: &Gap<'_>) -> bool {
    let Judgement::Violates(findings) = &told.judgement else { return false };
    findings.iter().any(|finding| match &finding.at {
        Location::Body(pointer) => pointer.starts_with(&gap.pointer) || gap.pointer.starts_with(pointer.as_str()),
        _ => false,
    })
}

/// Whether an exchange may have changed something.
fn may_write(exchange: &Exchange) -> bool {
    let reads = matches!(exchange.sent.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let refused = exchange.status().is_some_and(|status| (400..500).contains(&status));
    !reads && !refused && !exchange.sent.path().ends_with(".search")
}

fn same_place(one: &Exchange, other: &Exchange) -> bool {
    one.sent.path().trim_end_matches('/') == other.sent.path().trim_end_matches('/')
}

fn same_request(one: &Exchange, other: &Exchange) -> bool {
    one.succeeded()
        && one.sent.method == other.sent.method
        && same_place(one, other)
        && one.sent.body == other.sent.body
}

/// A whole reading of what another request writes.
fn reading<'a>(exchange: &'a Exchange, write: &Exchange) -> Option<&'a Json> {
    let reads = exchange.sent.method == "GET" && same_place(exchange, write);
    if reads { shown(exchange) } else { None }
}

/// The whole resource that an answer shows.
fn shown(exchange: &Exchange) -> Option<&Json> {
    let whole = exchange.succeeded() && Extent::of(exchange) == Some(Extent::Whole);
    exchange.answer().filter(|answer| whole && answer.get("id").is_some())
}
