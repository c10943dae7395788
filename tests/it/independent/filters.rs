//! Our reading of filters beside that of scim2-parse-filter, scim2-filter-parser and scim2-models.

use scimproof::scim::filter::{Filter, Operator, SyntaxError, Truth};
use scimproof::scim::json::Json;
use scimproof::scim::schema::builtin;

use super::decided::{About, Disagreement, decided, ids};
use super::generate::{filter, near_filter, sample, seed, user};
use super::libraries::{Answers, Question, ask, someone};
use super::naive::Naive;

/// How a text is read.
#[derive(Clone, Debug, PartialEq)]
enum Reading {
    /// No filter.
    Refused,
    /// Outside the grammar, but understood: others may refuse it.
    Understood(Json),
    /// By the grammar.
    Read(Json),
}

/// The tree in the form that all libraries are compared in: `["and", …]`, `["not", …]`, `["[]", list, …]`,
/// `["pr", path]`, `[operator, path, literal]`.
fn form(filter: &Filter) -> Json {
    let node = |name: &str, parts: Vec<Json>| Json::Array([vec![name.into()], parts].concat());
    match filter {
        Filter::And(left, right) => node("and", vec![form(left), form(right)]),
        Filter::Or(left, right) => node("or", vec![form(left), form(right)]),
        Filter::Not(inner) => node("not", vec![form(inner)]),
        Filter::Present(path) => node("pr", vec![path.to_string().into()]),
        Filter::Compare(path, operator, literal) => {
            node(operator.name(), vec![path.to_string().into(), literal.clone()])
        }
        Filter::Element(path, inner, None) => node("[]", vec![path.to_string().into(), form(inner)]),
        Filter::Element(path, inner, Some(behind)) => {
            node("[].", vec![path.to_string().into(), form(inner), form(behind)])
        }
    }
}

/// `a and (b and c)` is the same as `(a and b) and c`; `1e1` is the same as `10.0`.
fn flat(form: &Json) -> Json {
    match form {
        Json::Array(parts) => {
            let mut out = Vec::new();
            for part in parts.iter().map(flat) {
                let is_logic = matches!(parts[0].as_str(), Some("and" | "or"));
                match part.as_array() {
                    Some([first, rest @ ..]) if is_logic && *first == parts[0] => out.extend_from_slice(rest),
                    _ => out.push(part),
                }
            }
            Json::Array(out)
        }
        Json::Number(_) => Json::Number(form.as_f64().unwrap().to_string().into()),
        other => other.clone(),
    }
}

/// Literals as text, for a library that keeps no types.
fn untyped(form: &Json) -> Json {
    match form {
        Json::Array(parts) => Json::Array(parts.iter().map(untyped).collect()),
        Json::String(_) => form.clone(),
        literal => literal.to_string().into(),
    }
}

fn ours(text: &str, library: &str) -> Reading {
    match Filter::parse(text) {
        Err(_) => Reading::Refused,
        Ok((filter, deviations)) if deviations.is_empty() => Reading::Read(compared(&form(&filter), library)),
        Ok((filter, _)) => Reading::Understood(compared(&form(&filter), library)),
    }
}

fn theirs(answer: &Json, library: &str) -> Option<Json> {
    answer.get("form").map(|form| compared(form, library))
}

fn compared(form: &Json, library: &str) -> Json {
    let form = flat(form);
    if library == "scim2-filter-parser" { untyped(&form) } else { form }
}

/// Whether a decided disagreement about reading explains this text.
fn explains(id: &str, text: &str) -> bool {
    let parsed = Filter::parse(text).map(|(filter, _)| filter);
    let literal = |test: fn(&str) -> bool| parsed.as_ref().is_ok_and(|filter| has_number(filter, test));
    match id {
        "and-beside-or" => parsed.as_ref().is_ok_and(and_right_of_or),
        "backslash" => text.contains('\\'),
        "number" => literal(|token| token.len() > 1),
        "negative-number" => literal(|token| token.starts_with('-')),
        "name" => parsed.as_ref().is_err_and(is_about_a_name),
        "blank-in-name" => text.contains(" ."),
        "colons-cut" => text.contains("::"),
        "only-urns" => parsed.as_ref().is_ok_and(names_by_an_unusual_uri),
        _ => panic!("{id}: nobody knows how to recognise it"),
    }
}

fn names_by_an_unusual_uri(filter: &Filter) -> bool {
    let usual = |part: &str| {
        let signs = part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        signs && part.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    let unusual = |uri: &str| !uri.to_lowercase().starts_with("urn:") || !uri.split(':').all(usual);
    filter.attributes().iter().filter_map(|path| path.urn.as_deref()).any(unusual)
}

fn is_about_a_name(error: &SyntaxError) -> bool {
    error.expected.contains("attribute name") || error.expected.contains("schema URI")
}

fn and_right_of_or(filter: &Filter) -> bool {
    match filter {
        Filter::Or(left, right) => {
            matches!(**right, Filter::And(..)) || and_right_of_or(left) || and_right_of_or(right)
        }
        Filter::And(left, right) => and_right_of_or(left) || and_right_of_or(right),
        Filter::Not(inner) | Filter::Element(_, inner, _) => and_right_of_or(inner),
        Filter::Present(_) | Filter::Compare(..) => false,
    }
}

fn any_comparison(filter: &Filter, test: &dyn Fn(&str, Operator, &Json) -> bool) -> bool {
    match filter {
        Filter::Or(left, right) | Filter::And(left, right) => any_comparison(left, test) || any_comparison(right, test),
        Filter::Not(inner) => any_comparison(inner, test),
        Filter::Element(_, inner, behind) => {
            any_comparison(inner, test) || behind.iter().any(|behind| any_comparison(behind, test))
        }
        Filter::Compare(path, operator, literal) => test(&path.to_string(), *operator, literal),
        Filter::Present(_) => false,
    }
}

fn has_number(filter: &Filter, test: fn(&str) -> bool) -> bool {
    any_comparison(filter, &|_, _, literal| matches!(literal, Json::Number(token) if test(token)))
}

/// Comparisons that mean nothing, so that nobody can be right about them: text operators on Booleans and times.
fn is_meaningless(filter: &Filter) -> bool {
    any_comparison(filter, &|path, operator, _| {
        let of_text = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
        of_text && ["active", "primary", "meta.created"].iter().any(|name| path.ends_with(name))
    })
}

/// What we say with certainty about a user.
fn certain(filter: &Filter, user: &Json) -> Option<bool> {
    let schema = builtin::user_type();
    let clear = filter.problems(&schema).is_empty() && !is_meaningless(filter);
    match filter.matches(user, &schema) {
        Truth::Yes if clear => Some(true),
        Truth::No if clear => Some(false),
        _ => None,
    }
}

/// Whether an example comes out as it is written.
fn hold(entry: &Disagreement, question: &Question, answers: &Answers) {
    let Question::Filter(text, user) = question else { panic!("only filters were asked") };
    let (library, answer) = (entry.library.as_str(), &answers[&entry.library]);
    let said = |yes: bool| if yes { "selects" } else { "does not select" }.to_owned();
    let (ours, theirs) = if entry.about == About::Selection {
        let (filter, _) = Filter::parse(text).unwrap();
        let matches = answer.get("matches").and_then(Json::as_bool).unwrap();
        (said(filter.selects(user, &builtin::user_type())), said(matches))
    } else {
        assert!(explains(&entry.id, text), "{}: the example is not recognised", entry.id);
        let ours = match ours(text, library) {
            Reading::Refused => "refused".to_owned(),
            Reading::Understood(form) | Reading::Read(form) => form.to_string(),
        };
        (ours, theirs(answer, library).map_or_else(|| "refused".to_owned(), |form| form.to_string()))
    };
    assert_eq!((ours, theirs), (entry.ours.clone(), entry.theirs.clone()), "{library}: {}", entry.id);
}

/// What was compared, and what no entry explains.
#[derive(Default)]
struct Comparison {
    reading: Vec<Disagreement>,
    selection: Vec<Disagreement>,
    read: usize,
    selected: usize,
    new: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, question: &Question, library: &str, answer: &Json) {
        let Question::Filter(text, user) = question else { panic!("only filters were asked") };
        if ids(&self.reading, library).iter().any(|id| explains(id, text)) {
            return;
        }
        let (ours, theirs) = (ours(text, library), theirs(answer, library));
        self.read += 1;
        let agree = match (&ours, &theirs) {
            (Reading::Refused | Reading::Understood(_), None) => true,
            (Reading::Read(ours) | Reading::Understood(ours), Some(theirs)) => ours == theirs,
            _ => false,
        };
        if !agree {
            self.new.push(format!("{library} reads {text}\n  ours:   {ours:?}\n  theirs: {answer}"));
            return;
        }
        let Some(matches) = answer.get("matches").and_then(Json::as_bool) else { return };
        let (filter, _) = Filter::parse(text).unwrap();
        let Some(certain) = certain(&filter, user) else { return };
        self.selected += 1;
        let peculiarities = ids(&self.selection, library);
        if matches != (Naive { peculiarities }).selects(&filter, user) {
            let sides = format!("ours:   {certain}\n  theirs: {matches}");
            self.new.push(format!("{library}: {text}\n  user:   {user}\n  {sides}"));
        }
    }
}

#[test]
fn filters_are_read_and_select_as_elsewhere() {
    let (reading, selection) = (decided(About::Reading), decided(About::Selection));
    let examples = [reading.as_slice(), &selection].concat();
    let seed = seed();
    let mut texts: Vec<String> = sample(&filter(), seed, 300).iter().map(ToString::to_string).collect();
    texts.extend(sample(&near_filter(), seed, 300));
    let users = sample(&user(), seed, texts.len());
    let mut questions: Vec<_> =
        examples.iter().map(|entry| Question::Filter(entry.filter.clone(), someone(&entry.user))).collect();
    questions.extend(texts.into_iter().zip(users).map(|(text, user)| Question::Filter(text, user)));
    let answers = ask(&questions);
    for ((entry, question), answers) in examples.iter().zip(&questions).zip(&answers) {
        hold(entry, question, answers);
    }
    let mut comparison = Comparison { reading, selection, ..Comparison::default() };
    for (question, answers) in questions.iter().zip(&answers).skip(examples.len()) {
        for (library, answer) in answers {
            comparison.compare(question, library, answer);
        }
    }
    let Comparison { read, selected, new, .. } = comparison;
    assert!(new.is_empty(), "seed {seed}: {} disagreements:\n{}", new.len(), new.join("\n"));
    assert!(read > 1000 && selected > 200, "only {read} readings and {selected} selections were compared");
}
