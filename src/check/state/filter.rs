//! A filtered list holds what matches, and nothing else.

use super::{Told, words};
use crate::check::aspect::{Aspect, Group};
use crate::check::{Check, Finding, Judge, Location};
use crate::exchange::Exchange;
use crate::requirement::ambiguity::{
    A29_ADVERTISED, A29_UNFILTERED, A29_WORKS_ANYWAY, A40_INACTIVE_HIDDEN, A47_FILTER_REFUSED,
};
use crate::scim::filter::{Filter, Operator, Truth};
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::resource::equal;
use crate::scim::schema::{Attribute, ResourceSchema, Returned, Type};
use crate::scim::urn;
use crate::shadow::Record;
use crate::shadow::compare::{is_blank, items, same_element};

pub(super) static FILTER: Check = Check {
    id: "state/filter",
    requirements: &[
        "RFC7644-3.4.2.2-02",
        "RFC7644-3.4.2.2-09",
        "RFC7644-3.4.2.2-54",
        "RFC7643-4.1.1-04",
        "RFC7643-2.2-03",
        "RFC7643-7-21",
        "RFC7643-4.1.1-20",
    ],
    title: "A filtered list holds the resources that match and no other",
    why: "Every IdP looks before it creates. A look-up that misses makes a second account; one that finds somebody \
          else lets the IdP take over that account.",
    fix: "Evaluate the filter over all resources, the inactive ones too, comparing userName without case; refuse with \
          400 and invalidFilter what you cannot evaluate, never ignore it.",
    judge: Judge::State,
};

pub(super) static TEXT: Check = Check {
    id: "state/filter-text",
    requirements: &[
        "RFC7644-3.4.2.2-10",
        "RFC7644-3.4.2.2-11",
        "RFC7644-3.4.2.2-12",
        "RFC7644-3.4.2.2-13",
        "RFC7644-3.4.2.2-14",
        "RFC7644-3.4.2.2-15",
    ],
    title: "ne, co, sw and ew compare texts as their names say",
    why: "Administrators search by the beginning of a name, and an import of one department by a part of it.",
    fix: "Let co find the value anywhere, sw at the beginning and ew at the end, the whole value too, and let ne be \
          the opposite of eq.",
    judge: Judge::State,
};

pub(super) static PRESENCE: Check = Check {
    id: "state/filter-presence",
    requirements: &["RFC7644-3.4.2.2-16", "RFC7644-3.4.2.2-17"],
    title: "pr finds the resources that have a value",
    why: "By it a client finds who lacks something: an external id, a manager.",
    fix: "Take null, an empty string and an empty array for no value, and a complex attribute for present when one of \
          its parts is.",
    judge: Judge::State,
};

pub(super) static ORDER: Check = Check {
    id: "state/filter-order",
    requirements: &[
        "RFC7644-3.4.2.2-18",
        "RFC7644-3.4.2.2-19",
        "RFC7644-3.4.2.2-20",
        "RFC7644-3.4.2.2-22",
        "RFC7644-3.4.2.2-23",
        "RFC7644-3.4.2.2-24",
        "RFC7644-3.4.2.2-26",
        "RFC7644-3.4.2.2-27",
        "RFC7644-3.4.2.2-28",
        "RFC7644-3.4.2.2-30",
        "RFC7644-3.4.2.2-31",
        "RFC7644-3.4.2.2-32",
    ],
    title: "gt, ge, lt and le compare times by instant, numbers by value and texts by letter",
    why: "A client that asks for what changed since its last visit misses changes otherwise.",
    fix: "Compare by the attribute's type: times with their offset, numbers as numbers, and let ge and le include the \
          value itself.",
    judge: Judge::State,
};

pub(super) static LOGIC: Check = Check {
    id: "state/filter-logic",
    requirements: &[
        "RFC7644-3.4.2.2-34",
        "RFC7644-3.4.2.2-35",
        "RFC7644-3.4.2.2-36",
        "RFC7644-3.4.2.2-45",
        "RFC7644-3.4.2.2-46",
    ],
    title: "and, or, not and parentheses mean what they mean in logic",
    why: "A look-up by two attributes that finds by either links the wrong person.",
    fix: "Evaluate parentheses first, then not, then and, then or; allow a blank behind not.",
    judge: Judge::State,
};

pub(super) static VALUE_PATH: Check = Check {
    id: "state/filter-value-path",
    requirements: &["RFC7644-3.4.2.2-39", "RFC7643-2.4-05"],
    title: "Conditions in brackets hold for one and the same value",
    why: "A search for a work address finds who has that address as a private one.",
    fix: "Evaluate what stands in brackets for each value of the attribute by itself.",
    judge: Judge::State,
};

pub(super) static NAMES: Check = Check {
    id: "state/filter-names",
    requirements: &[
        "RFC7644-3.4.2.2-03",
        "RFC7644-3.4.2.2-04",
        "RFC7644-3.4.2.2-44",
        "RFC7644-3.10-05",
        "RFC7644-3.10-07",
    ],
    title: "Attributes and operators are understood in any case, and with the schema's URN in front",
    why: "Clients write userName, username and urn:…:User:userName; one that is not understood finds nobody.",
    fix: "Compare names of attributes and operators without case, and resolve a URN in front of the name.",
    judge: Judge::State,
};

pub(super) static VALUES: Check = Check {
    id: "state/filter-values",
    requirements: &[
        "RFC7644-3.4.2.2-43",
        "RFC7644-3.4.2.2-47",
        "RFC7644-3.4.2.2-48",
        "RFC7644-3.4.2.2-49",
        "RFC7644-3.4.2.2-55",
        "RFC7643-3.1-12",
        "RFC7643-3.1-19",
        "RFC7643-7-21",
        "RFC7643-2.4-05",
    ],
    title: "Values in a filter are JSON and are compared with every value of the attribute, by its type",
    why: "Look-ups by e-mail address, by active, by a name with a quotation mark in it.",
    fix: "Read the value as JSON, compare it with each value of a multi-valued attribute, and heed caseExact.",
    judge: Judge::State,
};

pub(super) static ADVERTISED: Check = Check {
    id: "state/filter-advertised",
    requirements: &["RFC7643-5-12"],
    title: "Filters that work are advertised",
    why: "A client that goes by the configuration reads everybody to find one.",
    fix: "Set filter.supported in the ServiceProviderConfig to true.",
    judge: Judge::State,
};

/// The check that tells of a group of sentences.
pub(super) fn check_of(group: Group) -> &'static Check {
    match group {
        Group::Equal => &FILTER,
        Group::Text => &TEXT,
        Group::Presence => &PRESENCE,
        Group::Order => &ORDER,
        Group::Logic => &LOGIC,
        Group::ValuePath => &VALUE_PATH,
        Group::Names => &NAMES,
        Group::Values => &VALUES,
    }
}

/// A filter by the grammar is refused by a target that advertises filters. Table 9 lets a server refuse a combination
/// of attribute and operator; but not the one that every client needs, and not a way of writing. The query must hold
/// nothing else that could be refused.
pub(super) fn refused(text: &str, schema: &ResourceSchema, exchange: &Exchange) -> Option<Told> {
    let (filter, deviations) = Filter::parse(text).ok()?;
    // What a whole complex attribute is compared by is open, and nothing is published about schemas.
    let open = |path: &AttributePath| {
        let complex = schema.find(path).is_some_and(|attribute| attribute.kind == Type::Complex);
        complex || path.attribute.eq_ignore_ascii_case("schemas")
    };
    let presence = matches!(filter, Filter::Present(_));
    let unclear = !presence && filter.attributes().iter().any(open);
    let unclear = unclear || !deviations.is_empty() || !filter.problems(schema).is_empty();
    if unclear {
        return None;
    }
    let aspect = Aspect::of(text, &filter, schema);
    let known = |name: &str| ["userName", "id"].iter().any(|known| name.eq_ignore_ascii_case(known));
    let simple = matches!(&filter, Filter::Compare(path, Operator::Eq, _) if known(&path.attribute));
    let reading = match (aspect.group, aspect.reading) {
        (Group::Names, Some(reading)) if simple => reading,
        (Group::Names | Group::Equal, _) if simple => A29_ADVERTISED,
        _ => A47_FILTER_REFUSED,
    };
    let expected = format!("200 OK for {filter}, since filter.supported is true");
    let finding = Finding::new(Location::Status, expected, words::status(exchange));
    Some(Told::new(check_of(aspect.group), finding.of(aspect.requirement).read_as(reading)).harm("the look-up fails"))
}

/// A filter with the place where its list answers.
#[derive(Clone, Copy)]
pub(super) struct Query<'q> {
    /// The filter.
    pub(super) filter: &'q Filter,
    /// The type that is asked for.
    pub(super) schema: &'q ResourceSchema,
    /// Filtering is advertised as not supported.
    pub(super) unsupported: bool,
    /// What the filter is about.
    pub(super) aspect: Aspect,
    /// Whether a value was invented by this run, or is an id that it got: nobody else has it.
    pub(super) invented: &'q dyn Fn(&str) -> bool,
}

impl Query<'_> {
    /// What the filter says about an own resource; `None` when its values are not known well enough.
    pub(super) fn truth(&self, record: &Record<'_>) -> Option<Truth> {
        let paths = self.filter.attributes();
        if record.uncertain || paths.iter().any(|path| !self.is_reliable(path, record)) {
            return None;
        }
        Some(self.filter.matches(&record.state, self.schema))
    }

    /// An own resource that matches is not in the list; `inactive`: nor is anybody else who matches, and all are inactive.
    pub(super) fn missing(&self, record: &Record<'_>, inactive: bool) -> Told {
        let the = words::the(record);
        let name = words::name(record);
        let expected = format!("{the} {name} for {}", self.filter);
        let mut finding = Finding::new(Location::Body("/Resources".to_owned()), expected, "not in the list");
        let mut harm = format!("the look-up does not find {the}");
        // A way of writing that is not understood finds nobody, active or not.
        if inactive && self.aspect.group != Group::Names {
            finding = finding.of("RFC7643-4.1.1-20").read_as(A40_INACTIVE_HIDDEN);
            finding.actual = format!("not in the list: {the} is inactive");
            harm = format!("{the} is not found once deactivated, and is created a second time");
        } else if self.differs_in_case(record) {
            finding = finding.of(self.case_rule());
            finding.actual.push_str(": the case of the letters differs");
        } else {
            return self.read(self.told(finding, self.sentence(record)).harm(harm).step_knows());
        }
        self.read(Told::new(&FILTER, finding).harm(harm).step_knows())
    }

    /// A finding about what the filter is about.
    fn told(&self, finding: Finding, requirement: &'static str) -> Told {
        let finding = Finding { reading: self.aspect.reading, ..finding.of(requirement) };
        Told::new(check_of(self.aspect.group), finding)
    }

    /// The sentence that says why a resource matches, where the resource makes a difference.
    fn sentence(&self, record: &Record<'_>) -> &'static str {
        let asked = match self.filter {
            Filter::And(_, right) => right,
            other => other,
        };
        let Filter::Compare(path, operator, Json::String(wanted)) = asked else {
            return self.default_of(asked, record);
        };
        let whole = AttributePath { sub: None, ..path.clone() };
        let several = self.schema.find(&whole).is_some_and(|attribute| attribute.multi_valued);
        let value = record.state.get(&path.attribute).and_then(Json::as_str);
        let all = value.is_some_and(|value| value.to_lowercase() == wanted.to_lowercase());
        match operator {
            Operator::Eq if several && self.aspect.group == Group::Values => "RFC7644-3.4.2.2-47",
            Operator::Sw if all && self.aspect.group == Group::Text => "RFC7644-3.4.2.2-13",
            Operator::Ew if all && self.aspect.group == Group::Text => "RFC7644-3.4.2.2-15",
            _ => self.aspect.requirement,
        }
    }

    /// A value that the target gave the attribute itself counts as much as one that was written.
    fn default_of(&self, asked: &Filter, record: &Record<'_>) -> &'static str {
        let Filter::Compare(path, Operator::Eq, Json::Bool(_)) = asked else { return self.aspect.requirement };
        let default = self.aspect.group == Group::Values && !record.has_set(&path.to_string());
        if default { "RFC7644-3.4.2.2-49" } else { self.aspect.requirement }
    }

    /// An own resource that does not match is in the list.
    pub(super) fn wrong(&self, record: &Record<'_>, index: usize) -> Told {
        let at = Location::Body(format!("/Resources/{index}"));
        let expected = format!("only resources for which {} holds", self.filter);
        let finding = Finding::new(at, expected, format!("{} {}", words::the(record), words::name(record)));
        let told = if self.only_case_differs(record) {
            Told::new(&VALUES, finding.of(self.case_rule()))
        } else if self.asks_for_primary() {
            // A value that does not say that it is primary is not.
            self.told(finding, "RFC7643-2.4-05")
        } else {
            self.told(finding, self.aspect.requirement)
        };
        self.read(told.harm("the look-up finds somebody else").step_knows())
    }

    /// The sentence that says how the letters of the attribute compare: its own, that of its schema, or the general one.
    fn case_rule(&self) -> &'static str {
        let Filter::Compare(path, ..) = self.filter else { return "RFC7644-3.4.2.2-54" };
        let is = |name: &str| path.attribute.eq_ignore_ascii_case(name);
        let urn = path.urn.as_ref().unwrap_or(&self.schema.core.id);
        let of_rfc = [urn::USER, urn::GROUP, urn::ENTERPRISE_USER].iter().any(|known| known.eq_ignore_ascii_case(urn));
        match self.schema.find(path) {
            Some(attribute) if attribute.case_exact && is("id") => "RFC7643-3.1-12",
            Some(attribute) if attribute.case_exact && is("externalId") => "RFC7643-3.1-19",
            _ if is("userName") => "RFC7643-4.1.1-04",
            Some(attribute) if attribute.is_silent_on("caseExact") => "RFC7643-2.2-03",
            Some(_) if !of_rfc => "RFC7643-7-21",
            Some(attribute) if attribute.case_exact => "RFC7644-3.4.2.2-55",
            _ => "RFC7644-3.4.2.2-54",
        }
    }

    /// Whether the filter looks for values that say that they are primary.
    fn asks_for_primary(&self) -> bool {
        let about = matches!(self.aspect.group, Group::Values | Group::ValuePath);
        about && self.filter.to_string().to_ascii_lowercase().contains("primary eq true")
    }

    /// Whether the filter names a value of an attribute with exact case in another case.
    fn only_case_differs(&self, record: &Record<'_>) -> bool {
        let Filter::Compare(path, Operator::Eq, Json::String(_)) = self.filter else { return false };
        self.schema.find(path).is_some_and(|attribute| attribute.case_exact) && self.differs_in_case(record)
    }

    /// Resources of other people came although the filter names an invented value.
    pub(super) fn ignored(&self, strangers: usize, first: usize) -> Told {
        let at = Location::Body(format!("/Resources/{first}"));
        let actual = match strangers {
            1 => "a resource that does not match: the filter is ignored".to_owned(),
            n => format!("{n} resources that do not match: the filter is ignored"),
        };
        let finding = Finding::new(at, format!("only resources for which {} holds", self.filter), actual);
        self.read(Told::new(&FILTER, finding).harm("the look-up finds somebody else").step_knows())
    }

    /// Whether a resource of somebody else cannot match: the filter compares an identifying attribute with an invented
    /// value. A masked value keeps its length, so one of another length is another value.
    pub(super) fn excludes(&self, stranger: &Json) -> bool {
        let Some((path, wanted)) = self.decides(self.filter) else { return false };
        if self.filter.matches(stranger, self.schema) != Truth::No {
            return false;
        }
        let shown = stranger.get(&path.attribute);
        match shown {
            Some(Json::String(text)) => text.chars().count() != wanted.chars().count(),
            Some(Json::Array(_) | Json::Object(_)) => true,
            _ => !path.attribute.eq_ignore_ascii_case("userName"),
        }
    }

    fn read(&self, mut told: Told) -> Told {
        if self.unsupported {
            told.finding.reading = Some(A29_UNFILTERED);
            return told.against_intent(true);
        }
        told
    }

    /// A comparison with a value that only this run can have, if one decides alone.
    fn decides<'f>(&self, filter: &'f Filter) -> Option<(&'f AttributePath, &'f str)> {
        match filter {
            Filter::Compare(path, Operator::Eq, Json::String(value)) => {
                let name = path.attribute.as_str();
                let is = |known: &str| name.eq_ignore_ascii_case(known);
                let identifies = is("userName")
                    || is("externalId")
                    || is("emails")
                    || (is("displayName") && self.schema.core.id == urn::GROUP)
                    || (self.invented)(value);
                identifies.then_some((path, value.as_str()))
            }
            Filter::Element(path, _, Some(behind)) if path.attribute.eq_ignore_ascii_case("emails") => {
                match &**behind {
                    Filter::Compare(_, Operator::Eq, Json::String(value)) => Some((path, value.as_str())),
                    _ => None,
                }
            }
            Filter::And(left, right) => self.decides(left).or_else(|| self.decides(right)),
            _ => None,
        }
    }

    /// Whether the value of an attribute is known: it was read, or it is one that every target keeps. Left out are
    /// values that are never shown, and the ambiguous comparison of a whole complex attribute.
    fn is_reliable(&self, path: &AttributePath, record: &Record<'_>) -> bool {
        let whole = AttributePath { sub: None, ..path.clone() };
        let Some(attribute) = self.schema.find(&whole) else { return false };
        let hidden = matches!(attribute.returned, Returned::Never | Returned::Request);
        let presence = matches!(self.filter, Filter::Present(_));
        if hidden || (attribute.kind == Type::Complex && path.sub.is_none() && !presence) {
            return false;
        }
        if ["id", "userName"].iter().any(|known| path.attribute.eq_ignore_ascii_case(known)) {
            return true;
        }
        let group_name = path.attribute.eq_ignore_ascii_case("displayName") && self.schema.core.id == urn::GROUP;
        let value_in = |resource: &'_ Json| {
            let container = path.urn.as_ref().and_then(|urn| resource.get(urn));
            container.unwrap_or(resource).get(&path.attribute).cloned()
        };
        let value = value_in(&record.state);
        let dropped = value.is_none() && record.has_set(&whole.to_string());
        group_name || !dropped && (record.shown || is_answered(value.as_ref(), &value_in, record, attribute))
    }

    fn differs_in_case(&self, record: &Record<'_>) -> bool {
        let Filter::Compare(path, Operator::Eq, Json::String(value)) = self.filter else { return false };
        let container = path.urn.as_ref().and_then(|urn| record.state.get(urn)).unwrap_or(&record.state);
        let stored = container.get(&path.attribute).and_then(Json::as_str);
        stored.is_some_and(|stored| stored != value && stored.to_lowercase() == value.to_lowercase())
    }
}

/// It was heeded, although filters are not advertised.
pub(super) fn works_anyway() -> Told {
    let expected = "400 or 501, since filter.supported is false";
    let finding = Finding::new(Location::Body("/Resources".to_owned()), expected, "only what matches");
    Told::new(&ADVERTISED, finding.read_as(A29_WORKS_ANYWAY))
}

/// Whether the answer to the last write showed the value of an attribute as it was written, or that it has none.
fn is_answered(
    value: Option<&Json>,
    value_in: &dyn Fn(&Json) -> Option<Json>,
    record: &Record<'_>,
    attribute: &Attribute,
) -> bool {
    let Some(answer) = record.answer else { return false };
    let there = value_in(answer).filter(|there| !is_blank(there));
    match (value.filter(|value| !is_blank(value)), there) {
        (None, None) => true,
        (Some(value), Some(there)) if attribute.multi_valued => {
            let shows = |item: &Json| items(&there).iter().any(|other| same_element(item, other, attribute));
            items(value).len() == items(&there).len() && items(value).iter().all(shows)
        }
        (Some(value), Some(there)) => equal(&there, value, Some(attribute)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    /// A finding may name only what its check says that it serves.
    #[test]
    fn a_check_serves_the_sentences_of_its_group() {
        for text in crate::check::aspect::EXAMPLES.iter().map(|(text, _)| text) {
            let filter = Filter::parse(text).unwrap().0;
            let aspect = Aspect::of(text, &filter, &builtin::user_type());
            assert!(check_of(aspect.group).requirements.contains(&aspect.requirement), "{text}");
        }
    }
}
