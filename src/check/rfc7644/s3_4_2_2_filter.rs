//! RFC 7644 section 3.4.2.2: filters. What a filter matches is told by the checks of the state.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::facts::Feature;
use crate::requirement::ambiguity;
use crate::scim::filter::{Filter, Operator, Reason};
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::ResourceSchema;

pub(super) static CHECKS: &[&Check] = &[&INVALID_FILTER, &NO_ORDER, &UNKNOWN_ATTRIBUTE];

static INVALID_FILTER: Check = Check {
    id: "rfc7644/3.4.2.2/invalid-filter",
    requirements: &[
        "RFC7644-3.4.2.2-51",
        "RFC7644-3.4.2.2-52",
        "RFC7644-3.4.2.2-05",
        "RFC7644-3.4.2.2-06",
        "RFC7644-3.4.2.2-42",
        "RFC7644-3.4.2.2-40",
        "RFC7644-3.4.3-07",
        "RFC7644-3.12-17",
        "RFC7644-3.12-08",
    ],
    title: "What is no filter is refused with 400 and scimType invalidFilter",
    why: "A client that gets a list for a filter that the server did not understand links the first person in it.",
    fix: "Refuse a filter that cannot be read instead of ignoring it.",
    judge: Judge::Exchange(invalid_filter),
};

fn invalid_filter(subject: &Subject<'_>) -> Judgement {
    let supported = subject.scene.facts.supports(Feature::Filter) != Some(false);
    let filter = subject.filter().filter(|_| supported);
    let Some((filter, error)) = filter.and_then(|asked| Some((&asked.text, asked.read.as_ref().err()?))) else {
        return Judgement::NotApplicable;
    };
    let requirement = match subject.kind.operation {
        Operation::Search => "RFC7644-3.4.3-07",
        _ if filter.contains('[') => "RFC7644-3.4.2.2-40",
        _ => "RFC7644-3.4.2.2-51",
    };
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    match subject.status() {
        Some(200..300) => expect::status(subject, &format!("400 Bad Request: {error}")).of(requirement).into(),
        Some(400) if scim_type.and_then(Json::as_str) == Some("invalidFilter") => Judgement::Conforms,
        Some(400) => {
            let finding = expect::body("/scimType", "\"invalidFilter\"", scim_type).of("RFC7644-3.12-17");
            finding.read_as(ambiguity::A15_OTHER_SCIM_TYPE).into()
        }
        Some(404 | 409 | 422) => expect::status(subject, "400 Bad Request").of("RFC7644-3.4.2.2-52").into(),
        _ => Judgement::NotApplicable,
    }
}

/// A filter over one type of resources, at a target that advertises filters.
struct Advertised<'a> {
    filter: &'a Filter,
    schema: &'a ResourceSchema,
}

impl<'a> Advertised<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let schema: &ResourceSchema = subject.kind.resource?;
        let advertised = subject.scene.facts.supports(Feature::Filter) == Some(true);
        let filter = subject.filter().filter(|_| advertised)?.read.as_ref().ok()?;
        Some(Self { filter, schema })
    }
}

static NO_ORDER: Check = Check {
    id: "rfc7644/3.4.2.2/no-order",
    requirements: &[
        "RFC7644-3.4.2.2-21",
        "RFC7644-3.4.2.2-25",
        "RFC7644-3.4.2.2-29",
        "RFC7644-3.4.2.2-33",
        "RFC7644-3.12-17",
    ],
    title: "gt, ge, lt and le on a Boolean or binary attribute are refused",
    why: "There is no such order; a list that comes all the same is not what was asked for.",
    fix: "Answer 400 with scimType invalidFilter.",
    judge: Judge::Exchange(no_order),
};

fn no_order(subject: &Subject<'_>) -> Judgement {
    let Some(asked) = Advertised::of(subject) else { return Judgement::NotApplicable };
    let problems = asked.filter.problems(asked.schema);
    let Some(problem) = problems.iter().find(|problem| problem.reason == Reason::NoOrder) else {
        return Judgement::NotApplicable;
    };
    let Some(requirement) = order_row(asked.filter) else { return Judgement::NotApplicable };
    let scim_type = subject.body().and_then(|body| body.get("scimType"));
    match subject.status() {
        Some(200..300) => expect::status(subject, &format!("400 Bad Request: {problem}")).of(requirement).into(),
        Some(400) if scim_type.and_then(Json::as_str) == Some("invalidFilter") => Judgement::Conforms,
        Some(400) => {
            let finding = expect::body("/scimType", "\"invalidFilter\"", scim_type).of("RFC7644-3.12-17");
            finding.read_as(ambiguity::A15_OTHER_SCIM_TYPE).into()
        }
        _ => Judgement::NotApplicable,
    }
}

/// The sentence about the first ordering operator.
fn order_row(filter: &Filter) -> Option<&'static str> {
    match filter {
        Filter::Compare(_, Operator::Gt, _) => Some("RFC7644-3.4.2.2-21"),
        Filter::Compare(_, Operator::Ge, _) => Some("RFC7644-3.4.2.2-25"),
        Filter::Compare(_, Operator::Lt, _) => Some("RFC7644-3.4.2.2-29"),
        Filter::Compare(_, Operator::Le, _) => Some("RFC7644-3.4.2.2-33"),
        Filter::Not(inner) | Filter::Element(_, inner, _) => order_row(inner),
        Filter::And(left, right) | Filter::Or(left, right) => order_row(left).or_else(|| order_row(right)),
        _ => None,
    }
}

static UNKNOWN_ATTRIBUTE: Check = Check {
    id: "rfc7644/3.4.2.2/unknown-attribute",
    requirements: &["RFC7644-3.4.2.2-02"],
    title: "A filter on an attribute that nobody has finds nobody",
    why: "A client that mistypes a name, or means an attribute of another product, takes the first of all users for a \
          match.",
    fix: "Refuse the filter with 400 and invalidFilter, or answer with an empty list.",
    judge: Judge::Exchange(unknown_attribute),
};

fn unknown_attribute(subject: &Subject<'_>) -> Judgement {
    let facts = subject.scene.facts;
    let Some(asked) = Advertised::of(subject).filter(|_| facts.schemas_published) else {
        return Judgement::NotApplicable;
    };
    let Some(path) = unknown_in(asked.filter, asked.schema) else { return Judgement::NotApplicable };
    if subject.status() == Some(400) {
        return Judgement::Conforms;
    }
    let Some(list) = super::s3_4_2_query::list(subject) else { return Judgement::NotApplicable };
    let items = list.get("Resources").and_then(Json::as_array).unwrap_or_default();
    let container = |item: &'_ Json| path.urn.as_ref().and_then(|urn| item.get(urn)).is_some();
    let stray = items.iter().position(|item| item.get(&path.attribute).is_none() && !container(item));
    stray
        .map(|index| {
            let expected = format!("nothing, since no schema defines {path}");
            let finding = expect::body(format!("/Resources/{index}"), expected, Some(&items[index]));
            finding.read_as(ambiguity::A24_UNFILTERED)
        })
        .into()
}

/// An attribute that no schema defines, and by which nobody matches.
fn unknown_in<'f>(filter: &'f Filter, schema: &ResourceSchema) -> Option<&'f AttributePath> {
    let path = match filter {
        Filter::Present(path) => path,
        Filter::Compare(path, Operator::Eq, literal) if *literal != Json::Null => path,
        Filter::And(left, right) => return unknown_in(left, schema).or_else(|| unknown_in(right, schema)),
        _ => return None,
    };
    filter.problems(schema).iter().any(|problem| problem.reason == Reason::Unknown).then_some(path)
}
