//! A second reading of filters, as plain as can be: RFC 7644 section 3.4.2.2 over a fixed list of attributes, with what
//! clients usually expect where the text is open.

use std::cmp::Ordering;

use proptest::prelude::*;
use scimproof::scim::filter::{Filter, Operator, Truth};
use scimproof::scim::json::Json;
use scimproof::scim::path::AttributePath;
use scimproof::scim::schema::builtin;
use scimproof::scim::urn;

use super::generate::{filter, user};

/// Attributes whose case counts (RFC 7643 sections 3.1, 7 and 8.7.1 with erratum 8472), among those that are generated.
const EXACT: &[&str] =
    &["id", "externalid", "photos.value", "meta.resourcetype", "schemas", "enterprise:manager.value"];
const COMPLEX_LISTS: &[&str] = &["emails", "photos"];
const SINGLE_COMPLEX: &[&str] = &["name", "meta"];
const BOOLEANS: &[&str] = &["active", "emails.primary", "photos.primary"];
const TIMES: &[&str] = &["meta.created"];
const UNKNOWN: &[&str] = &["favourite"];

/// A reader; it may have peculiarities, by which libraries are known to differ (`fixtures/vectors/disagreements.toml`).
#[derive(Clone, Debug, Default)]
pub(super) struct Naive {
    pub(super) peculiarities: Vec<String>,
}

impl Naive {
    fn is(&self, peculiarity: &str) -> bool {
        self.peculiarities.iter().any(|known| known == peculiarity)
    }

    /// Whether a filter selects a user.
    pub(super) fn selects(&self, filter: &Filter, user: &Json) -> bool {
        match filter {
            Filter::And(left, right) => self.selects(left, user) && self.selects(right, user),
            Filter::Or(left, right) => self.selects(left, user) || self.selects(right, user),
            Filter::Not(inner) => !self.selects(inner, user),
            Filter::Present(path) => self.present(&self.name_of(path), user),
            Filter::Compare(path, operator, literal) => self.statement(&self.name_of(path), user, *operator, literal),
            Filter::Element(path, inner, _) => {
                let list = self.name_of(path);
                let elements = found(&list, user);
                let size = if self.is("brackets-over-all") { elements.len().max(1) } else { 1 };
                elements.chunks(size).any(|elements| self.in_brackets(&list, inner, elements))
            }
        }
    }

    /// The same for one element: a user that has only this one.
    fn in_brackets(&self, list: &str, filter: &Filter, elements: &[Json]) -> bool {
        let inner = |filter: &Filter| self.in_brackets(list, filter, elements);
        let alone = Json::Object([(list.to_owned(), Json::Array(elements.to_vec()))].into_iter().collect());
        let full = |path: &AttributePath| format!("{list}.{}", path.attribute.to_lowercase());
        match filter {
            Filter::And(left, right) => inner(left) && inner(right),
            Filter::Or(left, right) => inner(left) || inner(right),
            Filter::Not(filter) => !inner(filter),
            Filter::Present(path) => self.present(&full(path), &alone),
            Filter::Compare(path, operator, literal) => self.statement(&full(path), &alone, *operator, literal),
            Filter::Element(..) => panic!("brackets do not nest"),
        }
    }

    /// `emails.value`, or `enterprise:department`: lower case, the core schema left out.
    fn name_of(&self, path: &AttributePath) -> String {
        let plain = AttributePath { urn: None, ..path.clone() }.to_string().to_lowercase();
        match path.urn.as_deref().map(str::to_lowercase) {
            Some(urn) if urn == urn::ENTERPRISE_USER.to_lowercase() => format!("enterprise:{plain}"),
            Some(_) if self.is("core-urn") => "nowhere".to_owned(),
            _ => plain,
        }
    }

    fn present(&self, name: &str, user: &Json) -> bool {
        found(name, user).iter().any(|value| self.is("empty-is-present") || has_content(value))
    }

    fn statement(&self, name: &str, user: &Json, operator: Operator, literal: &Json) -> bool {
        let whole = COMPLEX_LISTS.contains(&name);
        if (whole || name == "schemas") && self.is("lists-as-a-whole") {
            return as_a_whole(&found(name, user), operator, literal);
        }
        if whole && *literal != Json::Null {
            return self.statement(&format!("{name}.value"), user, operator, literal);
        }
        let values = found(name, user);
        if UNKNOWN.contains(&name) || (SINGLE_COMPLEX.contains(&name) && *literal != Json::Null) {
            return false;
        }
        if *literal == Json::Null {
            let present = values.iter().any(has_content);
            return matches!((operator, present), (Operator::Eq, false) | (Operator::Ne, true));
        }
        if operator == Operator::Ne {
            let nothing = values.is_empty() && !self.is("missing-is-not-unequal");
            return nothing || values.iter().any(|value| !self.compare(name, value, Operator::Eq, literal));
        }
        values.iter().any(|value| self.compare(name, value, operator, literal))
    }

    fn compare(&self, name: &str, value: &Json, operator: Operator, literal: &Json) -> bool {
        if BOOLEANS.contains(&name) {
            let meant = literal.as_str().map_or_else(|| literal.to_string(), str::to_lowercase);
            return operator == Operator::Eq && value.to_string() == meant;
        }
        let (Some(value), Some(literal)) = (value.as_str(), literal.as_str()) else { return false };
        let exact = EXACT.contains(&name) || self.is("case");
        let fold = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
        let (left, right) = (fold(value), fold(literal));
        let instants = || Some((value.parse::<jiff::Timestamp>().ok()?, literal.parse::<jiff::Timestamp>().ok()?));
        let order = match instants() {
            Some((left, right)) if TIMES.contains(&name) && !self.is("times-are-text") => left.cmp(&right),
            _ => left.cmp(&right),
        };
        match operator {
            Operator::Eq => order == Ordering::Equal,
            Operator::Ne => order != Ordering::Equal,
            Operator::Co => left.contains(&right),
            Operator::Sw => left.starts_with(&right),
            Operator::Ew => left.ends_with(&right),
            Operator::Gt => order == Ordering::Greater,
            Operator::Ge => order != Ordering::Less,
            Operator::Lt => order == Ordering::Less,
            Operator::Le => order != Ordering::Greater,
        }
    }
}

/// A list compared as the text that JavaScript makes of it, and equal to nothing.
fn as_a_whole(values: &[Json], operator: Operator, literal: &Json) -> bool {
    let Some(literal) = literal.as_str().filter(|_| !values.is_empty()) else { return false };
    let texts: Vec<&str> = values.iter().map(|value| value.as_str().unwrap_or("[object Object]")).collect();
    let text = texts.join(",");
    match operator {
        Operator::Eq => false,
        Operator::Ne => true,
        Operator::Co => text == literal,
        Operator::Sw => text.starts_with(literal),
        Operator::Ew => text.ends_with(literal),
        Operator::Gt => text.as_str() > literal,
        Operator::Ge => text.as_str() >= literal,
        Operator::Lt => text.as_str() < literal,
        Operator::Le => text.as_str() <= literal,
    }
}

/// All values at a name.
fn found(name: &str, user: &Json) -> Vec<Json> {
    let (place, name) = match name.strip_prefix("enterprise:") {
        Some(rest) => (user.get(urn::ENTERPRISE_USER).cloned().unwrap_or_default(), rest),
        None => (user.clone(), name),
    };
    let mut values = vec![place];
    for part in name.split('.') {
        values = values.iter().filter_map(|value| value.get(part)).flat_map(one_by_one).collect();
    }
    values
}

fn one_by_one(value: &Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn has_content(value: &Json) -> bool {
    match value {
        Json::Object(members) => members.iter().any(|(_, member)| has_content(member)),
        value => *value != Json::Null && value.as_str() != Some(""),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn both_readings_agree(filter in filter(), user in user()) {
        let expected = Naive::default().selects(&filter, &user);
        prop_assert_eq!(filter.selects(&user, &builtin::user_type()), expected, "{}\n{}", filter, user);
        match filter.matches(&user, &builtin::user_type()) {
            Truth::Yes => prop_assert!(expected),
            Truth::No => prop_assert!(!expected),
            Truth::Open(_) => {}
        }
    }
}
