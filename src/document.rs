//! TOML files that people write (profiles, configuration, deviations, maps), read so that every problem is told at once,
//! each with its place.
//!
//! Deserialising into structs stops at the first error; a person who edits a profile wants them all.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user knows it.
    pub file: String,
    /// The file's text, to show the line.
    pub text: String,
    /// Bytes of the text that are to blame.
    pub span: Range<usize>,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What would be right.
    pub expected: Option<String>,
}

impl Problem {
    /// A problem of the command line, to be told with those of files.
    #[must_use]
    pub fn outside(message: String) -> Self {
        Self { file: String::new(), text: String::new(), span: 0..0, message, expected: None }
    }

    /// Line and column of the place, counted from 1; columns in characters.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One line: `file:line:column: message; expected …`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position();
        write!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        match &self.expected {
            Some(expected) => write!(f, "; expected {expected}"),
            None => Ok(()),
        }
    }
}

/// A file's text with the problems found so far.
#[derive(Debug)]
pub struct Document {
    file: String,
    text: String,
    problems: RefCell<Vec<Problem>>,
}

impl Document {
    /// A document from its text; `file` is what messages call it.
    #[must_use]
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into(), problems: RefCell::default() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read or is not UTF-8; a problem without a place in it.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::new(path.display().to_string(), text)),
            Err(error) => Err(Problem {
                file: path.display().to_string(),
                text: String::new(),
                span: 0..0,
                message: format!("cannot be read: {error}"),
                expected: None,
            }),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Hands the top-level table to `read`, then tells what it made of it, or every problem there is.
    ///
    /// # Errors
    /// Syntax errors, and all that `read` and its tables have reported.
    pub fn parse<T>(self, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Result<T, Vec<Problem>> {
        let text = self.text.clone();
        let (table, errors) = DeTable::parse_recoverable(&text);
        for error in &errors {
            self.report(error.span().unwrap_or(0..0), error.message().trim().to_owned(), None);
        }
        let root =
            Table { doc: &self, members: table.get_ref(), span: 0..0, name: String::new(), seen: RefCell::default() };
        let value = read(&root);
        if errors.is_empty() {
            root.finish();
        }
        drop(root);
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|p| (p.span.start, p.span.end));
        problems.dedup();
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ if problems.is_empty() => Err(vec![Problem {
                file: self.file,
                text: self.text,
                span: 0..0,
                message: "the file says nothing that can be used".to_owned(),
                expected: None,
            }]),
            _ => Err(problems),
        }
    }

    fn report(&self, span: Range<usize>, message: String, expected: Option<String>) {
        let (file, text) = (self.file.clone(), self.text.clone());
        self.problems.borrow_mut().push(Problem { file, text, span, message, expected });
    }
}

/// A value with the bytes it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place in the file.
    pub span: Range<usize>,
}

/// A table of the document; remembers which keys were asked for, so that misspelt ones are found.
#[derive(Debug)]
pub struct Table<'a> {
    doc: &'a Document,
    members: &'a DeTable<'a>,
    span: Range<usize>,
    name: String,
    seen: RefCell<BTreeSet<String>>,
}

impl<'a> Table<'a> {
    /// Where the table stands.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Reports a problem at a place of this document.
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, expected: Option<String>) {
        self.doc.report(span, message.into(), expected);
    }

    /// The place of a part of a string's value: exact where the file spells the value without escapes, else the whole.
    #[must_use]
    pub fn within(&self, of: &At<String>, part: Range<usize>) -> Range<usize> {
        let spelt = self.doc.text.get(of.span.clone()).unwrap_or_default();
        match spelt.find(of.value.as_str()) {
            Some(begin) if part.end <= of.value.len() => {
                of.span.start + begin + part.start..of.span.start + begin + part.end
            }
            _ => of.span.clone(),
        }
    }

    /// The keys of the table in their order in the file; asking counts as having seen them all.
    #[must_use]
    pub fn keys(&self) -> Vec<At<String>> {
        let mut keys: Vec<_> =
            self.members.keys().map(|k| At { value: k.get_ref().to_string(), span: k.span() }).collect();
        keys.sort_by_key(|k| k.span.start);
        self.seen.borrow_mut().extend(keys.iter().map(|k| k.value.clone()));
        keys
    }

    /// Whether the key is there, whatever its type.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// A string.
    pub fn string(&self, key: &str) -> Option<At<String>> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().map(|s| At { value: s.to_owned(), span: value.span() });
        self.or_wrong(key, value, text, "a string")
    }

    /// A string that must be there and must not be empty.
    pub fn required(&self, key: &str) -> Option<At<String>> {
        if !self.has(key) {
            self.missing(key, "a string");
            return None;
        }
        let text = self.string(key)?;
        if text.value.trim().is_empty() {
            self.problem(text.span, format!("`{key}` is empty"), Some("a text".to_owned()));
            return None;
        }
        Some(text)
    }

    /// A boolean.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        self.or_wrong(key, value, value.get_ref().as_bool(), "`true` or `false`")
    }

    /// A whole number.
    pub fn integer(&self, key: &str) -> Option<At<i64>> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        self.or_wrong(key, value, number.map(|value_| At { value: value_, span: value.span() }), "a whole number")
    }

    /// A string or a whole number or a boolean, as text.
    pub fn scalar(&self, key: &str) -> Option<At<String>> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::String(s) => Some(s.to_string()),
            DeValue::Integer(i) => Some(i.as_str().to_owned()),
            DeValue::Float(f) => Some(f.as_str().to_owned()),
            DeValue::Boolean(b) => Some(b.to_string()),
            _ => None,
        };
        self.or_wrong(key, value, text.map(|text| At { value: text, span: value.span() }), "a string or a number")
    }

    /// An array of strings and whole numbers, each as text; absent is empty.
    pub fn scalars(&self, key: &str) -> Vec<At<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.problem(value.span(), wrong(key, value), Some("an array".to_owned()));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            let text = match item.get_ref() {
                DeValue::String(s) => s.to_string(),
                DeValue::Integer(i) => i.as_str().to_owned(),
                _ => {
                    self.problem(item.span(), wrong(key, item), Some("strings or whole numbers".to_owned()));
                    continue;
                }
            };
            out.push(At { value: text, span: item.span() });
        }
        out
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(key)?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.problem(text.span, format!("`{key}` is \"{}\"", text.value), Some(all.join(" or ")));
        }
        found
    }

    /// A table.
    pub fn table(&self, key: &str) -> Option<Table<'a>> {
        let value = self.value(key)?;
        let inner = value.get_ref().as_table().map(|table| self.inner(key, table, value.span()));
        self.or_wrong(key, value, inner, "a table")
    }

    /// An array of tables (`[[key]]`); absent is empty.
    #[must_use]
    pub fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.problem(value.span(), wrong(key, value), Some(format!("tables, written `[[{key}]]`")));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => out.push(self.inner(key, table, item.span())),
                None => self.problem(item.span(), wrong(key, item), Some(format!("tables, written `[[{key}]]`"))),
            }
        }
        out
    }

    /// Reports every key that nobody asked for. Inner tables are finished by whoever reads them.
    pub fn finish(&self) {
        let seen = self.seen.borrow();
        for key in self.members.keys() {
            let name: &str = key.get_ref();
            if !seen.contains(name) {
                let expected = nearest(name, seen.iter()).map_or_else(
                    || format!("one of {}", seen.iter().cloned().collect::<Vec<_>>().join(", ")),
                    |near| format!("perhaps `{near}`"),
                );
                let place = if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) };
                self.problem(key.span(), format!("unknown key `{name}`{place}"), Some(expected));
            }
        }
    }

    /// Reports that a key is missing from this table.
    pub fn missing(&self, key: &str, what: &str) {
        self.seen.borrow_mut().insert(key.to_owned());
        let place = if self.name.is_empty() { "the file".to_owned() } else { format!("this `{}`", self.name) };
        let end = self.doc.text[self.span.start.min(self.doc.text.len())..].find('\n');
        let span = self.span.start..end.map_or(self.span.end, |e| self.span.start + e).max(self.span.start);
        self.problem(span, format!("{place} has no `{key}`"), Some(what.to_owned()));
    }

    fn inner(&self, key: &str, table: &'a DeTable<'a>, span: Range<usize>) -> Table<'a> {
        Table { doc: self.doc, members: table, span, name: key.to_owned(), seen: RefCell::default() }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.seen.borrow_mut().insert(key.to_owned());
        self.members.get(key)
    }

    fn or_wrong<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, read: Option<T>, expected: &str) -> Option<T> {
        if read.is_none() {
            self.problem(value.span(), wrong(key, value), Some(expected.to_owned()));
        }
        read
    }
}

fn wrong(key: &str, value: &Spanned<DeValue<'_>>) -> String {
    let kind = value.get_ref().type_str();
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("`{key}` holds {article} {kind}")
}

/// The word nearest to a misspelt one, if one is near.
#[must_use]
pub fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w String>) -> Option<&'w str> {
    let best = words.into_iter().map(|w| (distance(word, w), w.as_str())).min()?;
    (best.0 <= 1 + word.chars().count() / 4).then_some(best.1)
}

/// How many characters have to be changed, added or taken away to make one word of another.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_every_problem_with_its_place() {
        let text = "id = 3\ntitel = \"x\"\n[[step]]\nrequest = \"\"\n[[step]]\nmode = \"fast\"\n";
        let problems = Document::new("p.toml", text)
            .parse(|root| {
                root.required("id");
                root.required("title");
                for step in root.tables("step") {
                    step.required("request");
                    step.word("mode", &[("slow", 1), ("quick", 2)]);
                    step.finish();
                }
                Some(())
            })
            .unwrap_err();
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        insta::assert_debug_snapshot!(told, @r#"
        [
            "p.toml:1:1: the file has no `title`; expected a string",
            "p.toml:1:6: `id` holds an integer; expected a string",
            "p.toml:2:1: unknown key `titel`; expected perhaps `title`",
            "p.toml:4:11: `request` is empty; expected a text",
            "p.toml:5:1: this `step` has no `request`; expected a string",
            "p.toml:6:8: `mode` is \"fast\"; expected \"slow\" or \"quick\"",
        ]
        "#);
    }

    #[test]
    fn tells_syntax_errors_too() {
        let problems = Document::new("p.toml", "a = \nb = 'x\nc = 1 2\n").parse(|_| Some(())).unwrap_err();
        assert!(problems.len() >= 2, "{problems:?}");
        assert_eq!(problems[0].position().0, 1);
    }
}
