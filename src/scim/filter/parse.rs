//! The grammar of filters (RFC 7644 section 3.4.2.2, figure 1) and of PATCH paths (section 3.5.2, figure 7), and what is
//! read beyond it.
//!
//! A word decides what follows it, so nothing is parsed twice. Nesting and length are bounded, which bounds the recursion
//! of everybody who walks the tree.

use winnow::ascii::{Caseless, alpha0, multispace0};
use winnow::combinator::{alt, eof, not, opt, peek, repeat};
use winnow::error::ParserError;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, none_of, one_of, take_till, take_while};

use super::{Deviation, Filter, Operator, SyntaxError};
use crate::scim::json::Json;
use crate::scim::path::{AttributePath, PatchPath};

/// Bytes that a filter or path may have; a URL does not carry more.
pub const MAX_LENGTH: usize = 8192;
/// How deep parentheses and brackets may nest.
pub const MAX_DEPTH: usize = 64;

const OPERATOR: &str = "an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)";

type Input<'i> = Stateful<LocatingSlice<&'i str>, State>;
type Parsed<T> = Result<T, SyntaxError>;

/// What the parser carries along.
#[derive(Debug, Default)]
struct State {
    deviations: Vec<Deviation>,
    depth: usize,
    in_brackets: bool,
}

impl<'i> ParserError<Input<'i>> for SyntaxError {
    type Inner = Self;

    fn from_input(input: &Input<'i>) -> Self {
        Self { offset: input.current_token_start(), expected: "something else".to_owned() }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Reads a whole text as a filter.
pub(super) fn filter(text: &str) -> Parsed<(Filter, Vec<Deviation>)> {
    whole(text, |input| {
        let filter = disjunction(input)?;
        end(input, "'and', 'or' or the end of the filter")?;
        Ok(filter)
    })
}

/// Reads a whole text as attribute notation.
pub(in crate::scim) fn attribute_path(text: &str) -> Parsed<AttributePath> {
    bounded(text)?;
    named(text, 0)
}

/// Reads a whole text as the path of a PATCH operation.
pub(in crate::scim) fn patch_path(text: &str) -> Parsed<(PatchPath, Vec<Deviation>)> {
    whole(text, |input| {
        let start = input.current_token_start();
        let word = path_word(input)?;
        if opt(peek('[')).parse_next(input)?.is_none() {
            end(input, "the end of the path")?;
            return bare_path(word, start);
        }
        let mut target = named(word, start)?;
        let filter = brackets(input)?;
        if opt('.').parse_next(input)?.is_some() {
            target.sub = Some(sub_attribute(input)?);
        }
        end(input, "'.' and a sub-attribute, or the end of the path")?;
        Ok(PatchPath::Attribute { target, filter: Some(filter) })
    })
}

/// A path without brackets: an attribute, or a URN whose end cannot be an attribute name.
fn bare_path(word: &str, start: usize) -> Parsed<PatchPath> {
    match named(word, start) {
        Ok(target) => Ok(PatchPath::Attribute { target, filter: None }),
        Err(_) if is_urn(word) => Ok(PatchPath::Schema(word.to_owned())),
        Err(error) => Err(error),
    }
}

fn is_urn(word: &str) -> bool {
    let urn = word.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    urn && !word.ends_with([':', '.']) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b":.-_%+".contains(&b))
}

fn bounded(text: &str) -> Parsed<()> {
    if text.len() > MAX_LENGTH {
        return Err(SyntaxError { offset: MAX_LENGTH, expected: format!("the end, after at most {MAX_LENGTH} bytes") });
    }
    Ok(())
}

fn whole<'i, T>(text: &'i str, parser: impl FnOnce(&mut Input<'i>) -> Parsed<T>) -> Parsed<(T, Vec<Deviation>)> {
    bounded(text)?;
    let mut input = Input { input: LocatingSlice::new(text), state: State::default() };
    blanks(&mut input, "")?;
    let value = parser(&mut input)?;
    Ok((value, input.state.deviations))
}

fn end(input: &mut Input<'_>, expected: &str) -> Parsed<()> {
    blanks(input, "")?;
    expect(input, eof.void(), expected)
}

fn fail<T>(input: &Input<'_>, expected: &str) -> Parsed<T> {
    Err(SyntaxError { offset: input.current_token_start(), expected: expected.to_owned() })
}

/// Runs a parser of one token, wording its failure.
fn expect<'i, T>(input: &mut Input<'i>, parser: impl Parser<Input<'i>, T, SyntaxError>, expected: &str) -> Parsed<T> {
    match opt(parser).parse_next(input)? {
        Some(value) => Ok(value),
        None => fail(input, expected),
    }
}

/// Skips blanks; others than the grammar has there are a deviation.
fn blanks(input: &mut Input<'_>, grammar: &str) -> Parsed<()> {
    let found: &str = multispace0.parse_next(input)?;
    if found != grammar {
        input.state.deviations.push(Deviation::Blanks);
    }
    Ok(())
}

fn disjunction(input: &mut Input<'_>) -> Parsed<Filter> {
    let mut left = conjunction(input)?;
    while keyword(input, "or")? {
        left = Filter::Or(Box::new(left), Box::new(conjunction(input)?));
    }
    Ok(left)
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Filter> {
    let mut left = term(input)?;
    while keyword(input, "and")? {
        left = Filter::And(Box::new(left), Box::new(term(input)?));
    }
    Ok(left)
}

/// Consumes `and` or `or` with the blanks around it, if it comes next.
fn keyword(input: &mut Input<'_>, word: &'static str) -> Parsed<bool> {
    let found = opt((multispace0, Caseless(word), not(one_of(is_name_char)), multispace0)).parse_next(input)?;
    let Some((before, _, (), after)) = found else { return Ok(false) };
    if (before, after) != (" ", " ") {
        input.state.deviations.push(Deviation::Blanks);
    }
    Ok(true)
}

fn term(input: &mut Input<'_>) -> Parsed<Filter> {
    // The grammar has no blank behind 'not', the RFC's example has one (erratum 7319): both are fine.
    let negated = opt((Caseless("not"), multispace0, peek('('))).parse_next(input)?.is_some();
    if opt(peek('(')).parse_next(input)?.is_none() {
        return attribute_expression(input);
    }
    let inner = enclosed(input, '(', ')', "')'", disjunction)?;
    Ok(if negated { Filter::Not(Box::new(inner)) } else { inner })
}

/// What stands between two signs, one level deeper.
fn enclosed<T>(
    input: &mut Input<'_>,
    mut open: char,
    close: char,
    expected: &str,
    parser: fn(&mut Input<'_>) -> Parsed<T>,
) -> Parsed<T> {
    if input.state.depth == MAX_DEPTH {
        return fail(input, &format!("at most {MAX_DEPTH} levels of parentheses"));
    }
    input.state.depth += 1;
    open.parse_next(input)?;
    blanks(input, "")?;
    let inner = parser(input)?;
    blanks(input, "")?;
    expect(input, close, expected)?;
    input.state.depth -= 1;
    Ok(inner)
}

/// A value filter in its brackets; brackets do not nest (errata 4690 and 7322).
fn brackets(input: &mut Input<'_>) -> Parsed<Filter> {
    if input.state.in_brackets {
        return fail(input, OPERATOR);
    }
    input.state.in_brackets = true;
    let filter = enclosed(input, '[', ']', "']'", disjunction)?;
    input.state.in_brackets = false;
    Ok(filter)
}

/// `title pr`, `userName eq "x"`, `emails[…]`.
fn attribute_expression(input: &mut Input<'_>) -> Parsed<Filter> {
    let start = input.current_token_start();
    let word = path_word(input)?;
    let path = named(word, start)?;
    if opt(peek((multispace0, '['))).parse_next(input)?.is_none() {
        return comparison(input, path);
    }
    blanks(input, "")?;
    let filter = Box::new(brackets(input)?);
    if opt('.').parse_next(input)?.is_none() {
        return Ok(Filter::Element(path, filter, None));
    }
    input.state.deviations.push(Deviation::ComparisonBehindBrackets);
    let sub = AttributePath { urn: None, attribute: sub_attribute(input)?, sub: None };
    Ok(Filter::Element(path, filter, Some(Box::new(comparison(input, sub)?))))
}

/// What follows an attribute: an operator, and a value unless it is `pr`.
fn comparison(input: &mut Input<'_>, path: AttributePath) -> Parsed<Filter> {
    if opt(peek(any)).parse_next(input)?.is_none() {
        return fail(input, OPERATOR);
    }
    blanks(input, " ")?;
    let start = input.current_token_start();
    let word: &str = alpha0.parse_next(input)?;
    if word.eq_ignore_ascii_case("pr") {
        return Ok(Filter::Present(path));
    }
    let Some(operator) = Operator::named(word) else {
        return Err(SyntaxError { offset: start, expected: OPERATOR.to_owned() });
    };
    if opt(peek((multispace0, any))).parse_next(input)?.is_none() {
        return fail(input, "a value");
    }
    blanks(input, " ")?;
    let value = value(input)?;
    if let Some(text) = quoted_primary(&path, &value) {
        input.state.deviations.push(Deviation::QuotedBoolean(text.to_owned()));
    }
    Ok(Filter::Compare(path, operator, value))
}

/// `primary eq "True"`: of all Booleans only `primary` is known without a schema (RFC 7643 section 2.4).
fn quoted_primary<'a>(path: &AttributePath, value: &'a Json) -> Option<&'a str> {
    let name = path.sub.as_ref().unwrap_or(&path.attribute);
    let text = value.as_str().filter(|_| name.eq_ignore_ascii_case("primary"))?;
    ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)).then_some(text)
}

/// A JSON literal that is no array or object, or what is meant as one.
fn value(input: &mut Input<'_>) -> Parsed<Json> {
    let start = input.current_token_start();
    if opt(peek('"')).parse_next(input)?.is_some() {
        return string(input, start);
    }
    if opt('\'').parse_next(input)?.is_some() {
        let text: &str = take_till(0.., '\'').parse_next(input)?;
        expect(input, '\'', "a closing single quote")?;
        input.state.deviations.push(Deviation::Spelling(format!("'{text}'")));
        return Ok(text.into());
    }
    let word: &str = take_while(0.., is_word_char).parse_next(input)?;
    bare_value(input, word, start)
}

fn string(input: &mut Input<'_>, start: usize) -> Parsed<Json> {
    let content = repeat::<_, _, (), _, _>(0.., alt((none_of(['"', '\\']).void(), ('\\', any).void())));
    let token: Option<&str> = opt(('"', content, '"').take()).parse_next(input)?;
    let Some(token) = token else { return fail(input, "a JSON string with its closing quote") };
    Json::parse(token.as_bytes()).map_err(|error| SyntaxError {
        offset: start + error.offset,
        expected: format!("a JSON string ({})", error.message),
    })
}

/// A number, `true`, `false`, `null`, or a word that somebody forgot to quote.
fn bare_value(input: &mut Input<'_>, word: &str, start: usize) -> Parsed<Json> {
    let reserved = word.is_empty() || word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or");
    if reserved {
        return Err(SyntaxError { offset: start, expected: "a value".to_owned() });
    }
    if let Some(literal) = literal(word) {
        return Ok(literal);
    }
    if let Some(meant) = literal(&word.to_ascii_lowercase()).filter(|json| !matches!(json, Json::Number(_))) {
        input.state.deviations.push(Deviation::Spelling(word.to_owned()));
        return Ok(meant);
    }
    input.state.deviations.push(Deviation::Unquoted(word.to_owned()));
    Ok(word.into())
}

fn literal(word: &str) -> Option<Json> {
    Json::parse(word.as_bytes()).ok().filter(|json| matches!(json, Json::Null | Json::Bool(_) | Json::Number(_)))
}

/// Everything up to a sign that cannot stand in an attribute path.
fn path_word<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    let word: &str = take_while(0.., is_word_char).parse_next(input)?;
    if word.is_empty() { fail(input, "an attribute name") } else { Ok(word) }
}

fn sub_attribute(input: &mut Input<'_>) -> Parsed<String> {
    let start = input.current_token_start();
    let word = path_word(input)?;
    name(word, start)
}

/// Reads `urn:…:User:name.givenName`: the attribute stands behind the last colon, because URNs may hold dots.
fn named(word: &str, start: usize) -> Parsed<AttributePath> {
    let (urn, rest) = match word.rfind(':') {
        None => (None, word),
        Some(colon) if is_schema_uri(&word[..colon]) => (Some(word[..colon].to_owned()), &word[colon + 1..]),
        Some(_) => {
            return Err(SyntaxError { offset: start, expected: "a schema URI in front of the colon".to_owned() });
        }
    };
    let start = start + word.len() - rest.len();
    let (attribute, sub) = match rest.split_once('.') {
        None => (name(rest, start)?, None),
        Some((attribute, sub)) => (name(attribute, start)?, Some(name(sub, start + attribute.len() + 1)?)),
    };
    Ok(AttributePath { urn, attribute, sub })
}

/// Whether a text can be a URI with a scheme (RFC 3986, appendix A); signs that words cannot hold aside.
fn is_schema_uri(text: &str) -> bool {
    let is_uri_char = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&*+,;=%".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains(':') && text.chars().all(is_uri_char)
}

/// An attribute name; `$` is one of its signs in RFC 7643 section 2.1, and `$ref` begins with it.
fn name(word: &str, start: usize) -> Parsed<String> {
    let error = |at: usize, expected: &str| Err(SyntaxError { offset: start + at, expected: expected.to_owned() });
    if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') {
        return error(0, "an attribute name, which begins with a letter");
    }
    match word.find(|c| !is_name_char(c)) {
        Some(at) => error(at, "a letter, digit, '-' or '_' of an attribute name"),
        None => Ok(word.to_owned()),
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_$".contains(c)
}

fn is_word_char(c: char) -> bool {
    !c.is_whitespace() && !"()[]{}\"'".contains(c)
}
