//! What a filter is about: which sentence of RFC 7644 section 3.4.2.2 tells whether it was understood.

use super::Reading;
use crate::requirement::ambiguity::{A33_NAME_CASE, A33_URN_CASE};
use crate::scim::filter::{Filter, Operator};
use crate::scim::json::Json;
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};

/// What sets a filter apart from `userName eq "x"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Group {
    /// Nothing: equality.
    Equal,
    /// Another operator on a text: `ne`, `co`, `sw`, `ew`.
    Text,
    /// `pr`
    Presence,
    /// `gt`, `ge`, `lt`, `le`
    Order,
    /// `and`, `or`, `not`
    Logic,
    /// `emails[…]`
    ValuePath,
    /// How attributes and operators are written.
    Names,
    /// How values are written and compared.
    Values,
}

/// What a filter is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Aspect {
    /// Which group of sentences.
    pub(in crate::check) group: Group,
    /// The sentence.
    pub(in crate::check) requirement: &'static str,
    /// How bad a departure is, where that is debated.
    pub(in crate::check) reading: Option<Reading>,
}

impl Aspect {
    /// What a filter is about; `text` is how it was written.
    pub(in crate::check) fn of(text: &str, filter: &Filter, schema: &ResourceSchema) -> Self {
        let plain = |group, requirement| Self { group, requirement, reading: None };
        if let Some(aspect) = of_names(text, filter, schema) {
            return aspect;
        }
        match filter {
            Filter::Present(path) => match schema.find(path) {
                Some(attribute) if attribute.kind == Type::Complex => plain(Group::Presence, "RFC7644-3.4.2.2-17"),
                _ => plain(Group::Presence, "RFC7644-3.4.2.2-16"),
            },
            Filter::Compare(path, operator, literal) => {
                let (group, requirement) = comparison(schema.find(path), path, *operator, literal);
                plain(group, requirement)
            }
            Filter::Element(..) => plain(Group::ValuePath, "RFC7644-3.4.2.2-39"),
            Filter::Not(_) if text.to_ascii_lowercase().contains("not (") => plain(Group::Logic, "RFC7644-3.4.2.2-45"),
            Filter::Not(_) => plain(Group::Logic, "RFC7644-3.4.2.2-36"),
            Filter::And(left, right) if is_mixed(left, right, true) => plain(Group::Logic, "RFC7644-3.4.2.2-46"),
            Filter::Or(left, right) if is_mixed(left, right, false) => plain(Group::Logic, "RFC7644-3.4.2.2-46"),
            // Whoever looks at own resources only narrows the list down first; what is asked stands behind.
            Filter::And(left, right) if narrows(left) && !is_equality(right) => Self::of(text, right, schema),
            Filter::And(..) => plain(Group::Logic, "RFC7644-3.4.2.2-34"),
            Filter::Or(..) => plain(Group::Logic, "RFC7644-3.4.2.2-35"),
        }
    }
}

fn narrows(filter: &Filter) -> bool {
    matches!(filter, Filter::Compare(_, Operator::Sw, Json::String(_)))
}

fn is_equality(filter: &Filter) -> bool {
    matches!(filter, Filter::Compare(path, Operator::Eq, Json::String(text))
        if path.sub.is_none() && !text.contains(['"', '\\']))
}

/// Whether precedence decides what it means: `and` and `or` stand in it together.
fn is_mixed(left: &Filter, right: &Filter, and: bool) -> bool {
    [left, right].iter().any(|part| match part {
        Filter::And(..) => !and,
        Filter::Or(..) => and,
        _ => false,
    })
}

fn comparison(
    attribute: Option<&Attribute>,
    path: &AttributePath,
    operator: Operator,
    literal: &Json,
) -> (Group, &'static str) {
    let kind = attribute.map_or(Type::String, |attribute| attribute.kind);
    let order = |text, time, number| match kind {
        Type::DateTime => (Group::Order, time),
        Type::Integer | Type::Decimal => (Group::Order, number),
        _ => (Group::Order, text),
    };
    match operator {
        Operator::Gt => order("RFC7644-3.4.2.2-18", "RFC7644-3.4.2.2-19", "RFC7644-3.4.2.2-20"),
        Operator::Ge => order("RFC7644-3.4.2.2-22", "RFC7644-3.4.2.2-23", "RFC7644-3.4.2.2-24"),
        Operator::Lt => order("RFC7644-3.4.2.2-26", "RFC7644-3.4.2.2-27", "RFC7644-3.4.2.2-28"),
        Operator::Le => order("RFC7644-3.4.2.2-30", "RFC7644-3.4.2.2-31", "RFC7644-3.4.2.2-32"),
        Operator::Ne => (Group::Text, "RFC7644-3.4.2.2-10"),
        Operator::Co => (Group::Text, "RFC7644-3.4.2.2-11"),
        Operator::Sw => (Group::Text, "RFC7644-3.4.2.2-12"),
        Operator::Ew => (Group::Text, "RFC7644-3.4.2.2-14"),
        Operator::Eq => {
            let escaped = literal.as_str().is_some_and(|text| text.contains(['"', '\\']) || !text.is_ascii());
            if escaped || literal.as_str().is_none() {
                (Group::Values, "RFC7644-3.4.2.2-43")
            } else if path.sub.is_some() {
                (Group::Values, "RFC7644-3.4.2.2-48")
            } else {
                (Group::Equal, "RFC7644-3.4.2.2-09")
            }
        }
    }
}

/// Names in another case, and names with their schema in front.
fn of_names(text: &str, filter: &Filter, schema: &ResourceSchema) -> Option<Aspect> {
    let told = |requirement, reading| Some(Aspect { group: Group::Names, requirement, reading });
    if has_operator_in_capitals(text) {
        return told("RFC7644-3.4.2.2-04", None);
    }
    for path in filter.attributes() {
        let own = schema.core.id.as_str();
        let known = schema.extensions.iter().map(|(extension, _)| extension.id.as_str()).chain([own]);
        if let Some(urn) = &path.urn {
            let published = known.into_iter().find(|id| id.eq_ignore_ascii_case(urn))?;
            if urn != published {
                return told("RFC7644-3.10-05", Some(A33_URN_CASE));
            }
        }
        let whole = AttributePath { sub: None, ..path.clone() };
        let attribute = schema.find(&whole)?;
        if attribute.name != path.attribute {
            return told("RFC7644-3.4.2.2-03", Some(A33_NAME_CASE));
        }
        if let (Some(sub), Some(published)) = (&path.sub, path.sub.as_ref().and_then(|sub| attribute.sub(sub)))
            && *sub != published.name
        {
            return told("RFC7644-3.10-07", Some(A33_NAME_CASE));
        }
    }
    let prefixed = filter.attributes().iter().any(|path| path.urn.is_some());
    if prefixed { told("RFC7644-3.4.2.2-44", None) } else { None }
}

/// Whether an operator outside of quotes is not in lower case.
fn has_operator_in_capitals(text: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    let mut bare = String::new();
    for c in text.chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            _ if !quoted => bare.push(c),
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    let logical = ["and", "or", "not", "pr"];
    bare.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        let lower = word.to_ascii_lowercase();
        lower != word && (Operator::named(&lower).is_some() || logical.contains(&lower.as_str()))
    })
}

/// Filters with the number of the sentence that they are about.
#[cfg(test)]
pub(in crate::check) const EXAMPLES: &[(&str, &str)] = &[
    ("userName eq \"maya\"", "3.4.2.2-09"),
    ("USERNAME eq \"maya\"", "3.4.2.2-03"),
    ("userName EQ \"maya\"", "3.4.2.2-04"),
    ("userName eq \"EQ \\\" EQ\"", "3.4.2.2-43"),
    ("userName ne \"maya\"", "3.4.2.2-10"),
    ("userName co \"maya\"", "3.4.2.2-11"),
    ("title pr", "3.4.2.2-16"),
    ("name pr", "3.4.2.2-17"),
    ("meta.created gt \"2026-01-01T00:00:00Z\"", "3.4.2.2-19"),
    ("userName le \"maya\"", "3.4.2.2-30"),
    ("active eq true", "3.4.2.2-43"),
    ("name.givenName eq \"Maya\"", "3.4.2.2-48"),
    ("name.GIVENNAME eq \"Maya\"", "3.10-07"),
    ("emails[type eq \"work\"]", "3.4.2.2-39"),
    ("not (title pr)", "3.4.2.2-45"),
    ("not(title pr)", "3.4.2.2-36"),
    ("title pr and userName eq \"a\"", "3.4.2.2-34"),
    ("userName sw \"a\" and title eq \"b\"", "3.4.2.2-34"),
    ("userName sw \"a\" and title pr", "3.4.2.2-16"),
    ("title pr or userName eq \"a\"", "3.4.2.2-35"),
    ("title pr or userName eq \"a\" and active eq true", "3.4.2.2-46"),
    ("(title pr or userName eq \"a\") and active eq true", "3.4.2.2-46"),
    ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"a\"", "3.4.2.2-44"),
    ("URN:ietf:params:scim:schemas:core:2.0:User:userName eq \"a\"", "3.10-05"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    #[test]
    fn tells_the_sentence_behind_a_filter() {
        for (text, number) in EXAMPLES {
            let (filter, _) = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let aspect = Aspect::of(text, &filter, &builtin::user_type());
            assert_eq!(aspect.requirement, format!("RFC7644-{number}"), "{text}");
        }
    }
}
