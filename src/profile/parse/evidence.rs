//! Words that profiles use for evidence, statuses and ids.

use std::collections::BTreeMap;

use super::super::model::{Evidence, Grade, NEEDS, Source, StatusPattern};
use crate::document::{At, Table, nearest};

/// Reads `evidence = "captured: SUPA, LAB"`; every key must stand in the profile's sources.
pub(super) fn read(table: &Table<'_>, sources: &BTreeMap<String, Source>) -> Evidence {
    let nothing = Evidence { grade: Grade::Inferred, sources: Vec::new() };
    let Some(text) = table.required("evidence") else { return nothing };
    let form = "a grade and its sources: \"captured: A, B\", \"documented: A\" or \"inferred: A\"";
    let Some((word, keys)) = text.value.split_once(':') else {
        table.problem(text.span, format!("evidence is \"{}\"", text.value), Some(form.to_owned()));
        return nothing;
    };
    let grades = [Grade::Inferred, Grade::Documented, Grade::Captured];
    let Some(grade) = grades.into_iter().find(|grade| grade.as_str() == word.trim()) else {
        let place = table.within(&text, 0..word.len());
        table.problem(place, format!("evidence has the grade \"{}\"", word.trim()), Some(form.to_owned()));
        return nothing;
    };
    let mut found = Vec::new();
    let mut at = word.len() + 1;
    for part in keys.split(',') {
        let key = part.trim();
        let begin = at + part.len() - part.trim_start().len();
        at += part.len() + 1;
        if !sources.contains_key(key) {
            let expected = nearest(key, sources.keys())
                .map_or_else(|| "a key of `[sources]`".to_owned(), |near| format!("perhaps `{near}`"));
            let place = table.within(&text, begin..begin + key.len());
            table.problem(place, format!("evidence names the unknown source `{key}`"), Some(expected));
        }
        found.push(key.to_owned());
    }
    Evidence { grade, sources: found }
}

/// Reads statuses: `200`, `"2xx"`.
pub(super) fn statuses(table: &Table<'_>, key: &str) -> Vec<StatusPattern> {
    let pattern = |text: &At<String>| {
        let pattern = status(&text.value);
        if pattern.is_none() {
            let expected = Some("a status such as 404, or a class such as \"2xx\"".to_owned());
            table.problem(text.span.clone(), format!("`{key}` holds {}", text.value), expected);
        }
        pattern
    };
    table.scalars(key).iter().filter_map(pattern).collect()
}

fn status(text: &str) -> Option<StatusPattern> {
    if let Some(class) = text.strip_suffix("xx") {
        return class.parse().ok().filter(|c| (1..=5).contains(c)).map(StatusPattern::Class);
    }
    text.parse().ok().filter(|code| (100..=599).contains(code)).map(StatusPattern::Code)
}

/// Reads an id that must be there: lower-case letters, digits and hyphens.
pub(super) fn id(table: &Table<'_>) -> At<String> {
    let Some(id) = table.required("id") else { return At::default() };
    let fits = id.value.starts_with(|c: char| c.is_ascii_lowercase())
        && id.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        let expected = Some("lower-case letters, digits and hyphens, a letter first".to_owned());
        table.problem(id.span.clone(), format!("the id is \"{}\"", id.value), expected);
    }
    id
}

/// Reads a name that templates and conditions use: lower-case letters, digits and underscores.
pub(super) fn name(table: &Table<'_>, key: &str) -> At<String> {
    let Some(name) = table.required(key) else { return At::default() };
    if !is_name(&name.value) || super::template::RESERVED.contains(&name.value.as_str()) {
        let expected =
            "lower-case letters, digits and underscores, a letter first, and no word of the template language";
        table.problem(name.span.clone(), format!("`{key}` is \"{}\"", name.value), Some(expected.to_owned()));
    }
    name
}

/// Whether templates can use a text as a name.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Reports an id that was used before.
pub(super) fn unique(table: &Table<'_>, what: &str, id: &At<String>, before: &mut Vec<String>) {
    if id.value.is_empty() {
        return;
    }
    if before.contains(&id.value) {
        let message = format!("the {what} `{}` is there twice", id.value);
        table.problem(id.span.clone(), message, Some("an id of its own".to_owned()));
    }
    before.push(id.value.clone());
}

/// Reports a word that is not among those known.
pub(super) fn known<'w>(table: &Table<'_>, what: &str, word: &At<String>, words: impl Iterator<Item = &'w String>) {
    let words: Vec<_> = words.collect();
    if words.contains(&&word.value) {
        return;
    }
    let expected = match nearest(&word.value, words.iter().copied()) {
        Some(near) => format!("perhaps `{near}`"),
        None if words.is_empty() => format!("a {what} of the profile; there is none"),
        None => format!("one of {}", words.iter().map(|w| w.as_str()).collect::<Vec<_>>().join(", ")),
    };
    table.problem(word.span.clone(), format!("there is no {what} `{}`", word.value), Some(expected));
}

/// What the target must advertise.
pub(super) fn needs(table: &Table<'_>) -> Vec<String> {
    let words: Vec<String> = NEEDS.iter().map(|word| (*word).to_owned()).collect();
    let needs = table.scalars("requires");
    for need in &needs {
        known(table, "feature or resource type", need, words.iter());
    }
    needs.into_iter().map(|need| need.value).collect()
}
