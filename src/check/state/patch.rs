//! A PATCH is refused when it has to be, and only then (RFC 7644 section 3.5.2).
//!
//! What it must be answered with follows from the resource as it is, by our own PATCH: once by the letter, once with
//! what IdPs are known to send.

use super::{Told, words};
use crate::check::{Check, Finding, Judge, Location, Reading};
use crate::exchange::Exchange;
use crate::facts::Facts;
use crate::requirement::ambiguity as read_as;
use crate::scim::json::{Json, object};
use crate::scim::patch::{self, Policy};
use crate::scim::path::PatchPath;
use crate::scim::schema::{Attribute, ResourceSchema, Type};
use crate::scim::urn;
use crate::shadow::Record;

pub(super) static MESSAGE: Check = Check {
    id: "state/patch-message",
    requirements: &[
        "RFC7644-3.5.2-02",
        "RFC7644-3.5.2-03",
        "RFC7644-3.5.2-04",
        "RFC7644-3.5.2-05",
        "RFC7644-3.5.2-06",
        "RFC7644-3.5.2-07",
        "RFC7644-3.5.2-09",
        "RFC7644-3.5.2-10",
        "RFC7644-3.5.2-25",
        "RFC7644-3.5.2.1-01",
        "RFC7644-3.5.2.2-01",
    ],
    title: "A PATCH that is no PatchOp is refused",
    why: "A success tells the client that its change was made, and nobody can say which.",
    fix: "Answer 400: invalidSyntax for the message, invalidPath for a path, noTarget for a remove without a path.",
    judge: Judge::State,
};

pub(super) static FITS: Check = Check {
    id: "state/patch-fits",
    requirements: &[
        "RFC7644-3.5.2-12",
        "RFC7644-3.5.2-15",
        "RFC7644-3.5.2-25",
        "RFC7644-3.5.2.1-05",
        "RFC7644-3.5.2.3-05",
        "RFC7644-3.5.2.2-09",
    ],
    title: "A PATCH that does not fit the schema or the mutability of an attribute is refused",
    why: "What is stored against the schema breaks every client that reads it; what is dropped silently is sent again.",
    fix: "Answer 400 with invalidValue, or mutability for what is readOnly, immutable or required.",
    judge: Judge::State,
};

pub(super) static TARGET: Check = Check {
    id: "state/patch-target",
    requirements: &["RFC7644-3.5.2.3-09", "RFC7644-3.5.2.2-10"],
    title: "An operation whose filter selects nothing fails with noTarget; a remove of who is not there does no harm",
    why: "Clients repeat a removal when they are not sure of the first; a replacement of nothing hides a mistake.",
    fix: "Answer a replace that finds nothing with 400 and noTarget, a remove with success.",
    judge: Judge::State,
};

pub(super) static ACCEPTED: Check = Check {
    id: "state/patch-accepted",
    requirements: &[
        "RFC7644-3.5.2-10",
        "RFC7644-3.5.2-07",
        "RFC7644-3.5.2-16",
        "RFC7644-3.5.2-17",
        "RFC7644-3.5.2.1-03",
        "RFC7644-3.5.2.1-06",
        "RFC7644-3.5.2.1-11",
        "RFC7644-3.5.2.2-03",
        "RFC7644-3.5.2.3-01",
        "RFC7644-3.5.2.3-03",
        "RFC7644-3.10-01",
        "RFC7644-3.10-06",
    ],
    title: "A PATCH that the standard allows is not refused",
    why: "Clients choose among the forms of a PATCH; each integration uses its own.",
    fix: "Implement every form of path and value: with and without a path, with a filter, with the schema's URN.",
    judge: Judge::State,
};

/// How a PATCH was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer<'a> {
    Accepted,
    /// 400 with its scimType.
    Refused(Option<&'a str>),
    /// 404, 409 or 422.
    Otherwise,
}

impl<'a> Answer<'a> {
    fn of(exchange: &'a Exchange) -> Option<Self> {
        Some(match exchange.status()? {
            200..300 => Self::Accepted,
            400 => Self::Refused(exchange.answer().and_then(|error| error.get("scimType")).and_then(Json::as_str)),
            404 | 409 | 422 => Self::Otherwise,
            _ => return None,
        })
    }
}

/// What the answer to a PATCH of an own resource tells; `record` as it was before.
pub(super) fn judge(record: &Record<'_>, body: &Json, exchange: &Exchange, facts: &Facts) -> Option<Ruling> {
    let answer = Answer::of(exchange)?;
    let published = facts.published.iter().any(|urn| urn.eq_ignore_ascii_case(&record.schema.core.id));
    let of = Of { record, body, exchange, answer, published };
    of.message().or_else(|| of.operations())
}

/// The check that is content, or what it has to tell.
type Ruling = Result<&'static Check, Box<Told>>;

struct Of<'a> {
    record: &'a Record<'a>,
    body: &'a Json,
    exchange: &'a Exchange,
    answer: Answer<'a>,
    /// Whether the target says itself which attributes the type has.
    published: bool,
}

impl Of<'_> {
    fn told(&self, check: &'static Check, requirement: &'static str, expected: &str) -> Box<Told> {
        let finding = Finding::new(Location::Status, expected, words::status(self.exchange));
        Box::new(Told::new(check, finding.of(requirement)))
    }

    fn read(&self, check: &'static Check, requirement: &'static str, expected: &str, reading: Reading) -> Box<Told> {
        let mut told = self.told(check, requirement, expected);
        told.finding.reading = Some(reading);
        told
    }

    fn count(&self) -> usize {
        self.body.get("Operations").and_then(Json::as_array).map_or(0, <[Json]>::len)
    }

    /// The message itself.
    fn message(&self) -> Option<Ruling> {
        let (requirement, problem) = flaw(self.body)?;
        let no_target = requirement == "RFC7644-3.5.2.2-01";
        Some(match self.answer {
            Answer::Accepted if requirement == "RFC7644-3.5.2-04" => {
                let expected = format!("400 Bad Request: {problem}");
                Err(self.read(&MESSAGE, requirement, &expected, read_as::A47_WITHOUT_SCHEMAS))
            }
            Answer::Accepted => {
                let requirement = match requirement {
                    _ if self.count() > 1 => "RFC7644-3.5.2-25",
                    "RFC7644-3.5.2.2-01" => "RFC7644-3.5.2-09",
                    other => other,
                };
                Err(self.told(&MESSAGE, requirement, &format!("400 Bad Request: {problem}")))
            }
            Answer::Refused(scim_type) if no_target => match named(&MESSAGE, requirement, "noTarget", scim_type) {
                Some(told) => Err(told),
                None => Ok(&MESSAGE),
            },
            Answer::Refused(_) => Ok(&MESSAGE),
            Answer::Otherwise => return None,
        })
    }

    /// The operations, one after the other, on the resource as it becomes.
    fn operations(&self) -> Option<Ruling> {
        let schema = self.record.schema;
        let mut state = (*self.record.state).clone();
        for operation in self.body.get("Operations")?.as_array()? {
            let one = object([
                ("schemas", Json::Array(vec![Json::String(urn::PATCH_OP.to_owned())])),
                ("Operations", Json::Array(vec![operation.clone()])),
            ]);
            let usual = patch::apply(&state, &one, schema, Policy::Tolerant);
            if let Err(error) = patch::apply(&state, &one, schema, Policy::Strict) {
                return self.refusal(operation, error.scim_type, usual.ok().map(|patched| patched.readings));
            }
            let patched = usual.ok()?;
            if !patched.changed && self.count() == 1 && removes_by_filter(operation) {
                return Some(self.nothing_to_remove());
            }
            state = patched.resource;
        }
        let idle = state == *self.record.state;
        self.valid(idle)
    }

    /// An operation that the letter refuses; `usual`: the ambiguities by which clients mean something by it.
    fn refusal(&self, operation: &Json, scim_type: &str, usual: Option<Vec<u8>>) -> Option<Ruling> {
        let op = operation.get("op")?.as_str()?.to_ascii_lowercase();
        let path = operation.get("path").and_then(Json::as_str);
        match (scim_type, op.as_str()) {
            ("noTarget", "remove") => Some(self.nothing_to_remove()),
            ("noTarget", "replace") => Some(self.nothing_to_replace()),
            ("mutability", _) if !self.published && !matches!(path, Some("id" | "userName")) => None,
            ("mutability", "remove") => self.mutability("RFC7644-3.5.2.2-09"),
            // The server ignores meta in every request (RFC 7643 section 3.1), or refuses it.
            ("mutability", _) if path.is_some_and(|path| path.to_ascii_lowercase().starts_with("meta")) => None,
            ("mutability", _) if path.is_some() => self.mutability("RFC7644-3.5.2-15"),
            ("invalidValue", _) if usual.is_none() => self.misfit(operation, &op),
            _ => self.dialect(&usual?),
        }
    }

    fn nothing_to_remove(&self) -> Ruling {
        let expected = "success without a change";
        match self.answer {
            Answer::Accepted => Ok(&TARGET),
            Answer::Refused(Some("noTarget")) => {
                Err(self.read(&TARGET, "RFC7644-3.5.2.2-10", expected, read_as::A03_NO_TARGET))
            }
            _ => Err(self.read(&TARGET, "RFC7644-3.5.2.2-10", expected, read_as::A03_OTHER_ERROR)),
        }
    }

    fn nothing_to_replace(&self) -> Ruling {
        let requirement = "RFC7644-3.5.2.3-09";
        match self.answer {
            Answer::Refused(scim_type) => match named(&TARGET, requirement, "noTarget", scim_type) {
                Some(told) => Err(told),
                None => Ok(&TARGET),
            },
            Answer::Accepted => {
                let expected = "400 Bad Request with noTarget: the filter selects nothing";
                Err(self.read(&TARGET, requirement, expected, read_as::A04_ELEMENT_MADE))
            }
            Answer::Otherwise => Err(self.told(&TARGET, requirement, "400 Bad Request with noTarget")),
        }
    }

    fn mutability(&self, requirement: &'static str) -> Option<Ruling> {
        let removes = requirement == "RFC7644-3.5.2.2-09";
        Some(match self.answer {
            Answer::Refused(scim_type) if removes => match named(&FITS, requirement, "mutability", scim_type) {
                Some(told) => Err(told),
                None => Ok(&FITS),
            },
            Answer::Refused(_) => Ok(&FITS),
            Answer::Accepted if removes => {
                Err(self.told(&FITS, requirement, "400 Bad Request with mutability: the attribute cannot be removed"))
            }
            Answer::Accepted => {
                let expected = "400 Bad Request with mutability, since the attribute cannot be changed";
                Err(self.read(&FITS, requirement, expected, read_as::A07_READ_ONLY_IGNORED))
            }
            Answer::Otherwise => return None,
        })
    }

    /// A value that does not fit the attribute, and that no client means anything by.
    fn misfit(&self, operation: &Json, op: &str) -> Option<Ruling> {
        let path = operation.get("path").and_then(Json::as_str).and_then(|path| PatchPath::parse(path).ok());
        let Some((PatchPath::Attribute { target, filter: None }, _)) = path else { return None };
        let attribute = self.record.schema.find(&target)?;
        if !is_misfit(attribute, operation.get("value")?) {
            return None;
        }
        if self.answer != Answer::Accepted {
            return Some(Ok(&FITS));
        }
        let complex = attribute.kind == Type::Complex && !attribute.multi_valued;
        let requirement = match op {
            _ if self.count() > 1 => "RFC7644-3.5.2-25",
            "add" if complex => "RFC7644-3.5.2.1-05",
            "replace" if complex => "RFC7644-3.5.2.3-05",
            _ => "RFC7644-3.5.2-12",
        };
        Some(Err(self.told(&FITS, requirement, "400 Bad Request: the value does not fit the attribute")))
    }

    /// What IdPs send beyond the letter: refusing it is allowed, and worth knowing.
    fn dialect(&self, readings: &[u8]) -> Option<Ruling> {
        if !matches!(self.answer, Answer::Refused(_)) {
            return None;
        }
        let (requirement, reading) = match readings.first()? {
            1 => ("RFC7644-3.5.2-07", read_as::A01_CAPITAL_OP_REFUSED),
            2 => ("RFC7644-3.5.2.2-03", read_as::A02_VALUE_ARRAY_REFUSED),
            6 => ("RFC7644-3.5.2.3-01", read_as::A06_KEYS_REFUSED),
            10 => ("RFC7644-3.5.2.1-06", read_as::A10_OBJECT_REFUSED),
            _ => return None,
        };
        Some(Err(self.read(&ACCEPTED, requirement, "success, as clients expect it", reading)))
    }

    /// A PATCH by the letter; `idle`: it changes nothing.
    fn valid(&self, idle: bool) -> Option<Ruling> {
        let operations = self.body.get("Operations")?.as_array()?;
        let scim_type = match self.answer {
            Answer::Accepted => return Some(Ok(&ACCEPTED)),
            Answer::Refused(Some("uniqueness")) => return None,
            Answer::Refused(scim_type) => scim_type,
            Answer::Otherwise if idle && self.exchange.status() == Some(409) => None,
            Answer::Otherwise => return None,
        };
        let all_add = operations.iter().all(|o| o.get("op").and_then(Json::as_str) == Some("add"));
        if idle && all_add {
            let expected = "success: the value is there already";
            return Some(Err(self.read(&ACCEPTED, "RFC7644-3.5.2.1-11", expected, read_as::A13_REFUSED)));
        }
        let clears = operations.iter().any(|operation| {
            let replaces = operation.get("op").and_then(Json::as_str) == Some("replace");
            replaces && operation.get("path").is_some() && operation.get("value").is_some_and(Json::is_unassigned)
        });
        if clears {
            let expected = "success: the attribute is cleared";
            return Some(Err(self.read(&ACCEPTED, "RFC7644-3.5.2.3-03", expected, read_as::A09_NOT_CLEARED)));
        }
        let refers = |operation: &Json| {
            let named = operation.get("path").and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
            let value = operation.get("value");
            ["members", "manager"]
                .iter()
                .any(|name| named.contains(name) || value.is_some_and(|v| v.get(name).is_some()))
        };
        // A value may be refused for what it is, and a reference for what it points to.
        let understood = !matches!(scim_type, Some("invalidPath" | "invalidFilter" | "noTarget"));
        if scim_type == Some("invalidValue") || (understood && operations.iter().any(refers)) {
            return None;
        }
        let (requirement, reading) = form(operations, self.record.schema);
        // The target says itself that it did not understand the form, and not that it does not like the value.
        let shown = self.published && !understood;
        let reading = reading.unwrap_or(read_as::A47_PATCH_REFUSED);
        let expected = "200 OK or 204 No Content";
        Some(Err(if shown && reading == read_as::A47_PATCH_REFUSED {
            self.told(&ACCEPTED, requirement, expected)
        } else {
            self.read(&ACCEPTED, requirement, expected, reading)
        }))
    }
}

/// Where the text demands a scimType: another one that can be meant is a slip, none is more.
fn named(check: &'static Check, requirement: &'static str, wanted: &str, given: Option<&str>) -> Option<Box<Told>> {
    let given_words = given.map_or_else(|| "nothing".to_owned(), |given| format!("\"{given}\""));
    let finding = Finding::new(Location::Body("/scimType".to_owned()), format!("\"{wanted}\""), given_words);
    let reading = match given {
        Some(given) if given == wanted => return None,
        Some(_) => read_as::A15_OTHER_SCIM_TYPE,
        None => read_as::A15_SCIM_TYPE_MISSING,
    };
    Some(Box::new(Told::new(check, finding.of(requirement).read_as(reading))))
}

/// Whether an operation removes the values that a filter selects.
fn removes_by_filter(operation: &Json) -> bool {
    let path = operation.get("path").and_then(Json::as_str).and_then(|path| PatchPath::parse(path).ok());
    let selects = matches!(path, Some((PatchPath::Attribute { filter: Some(_), .. }, _)));
    selects && operation.get("op").and_then(Json::as_str) == Some("remove")
}

/// Whether a value has another shape than the attribute; what a target may understand all the same does not count: a
/// bare text for a complex value, one value for several, a number for a text.
fn is_misfit(attribute: &Attribute, value: &Json) -> bool {
    let bare = |value: &Json| matches!(value, Json::Number(_) | Json::Bool(_));
    match (attribute.kind, attribute.multi_valued) {
        (Type::Complex, true) => bare(value) || value.as_array().is_some_and(|items| items.iter().any(bare)),
        (Type::Complex, false) => {
            let text = value.as_str().is_some() && attribute.sub("value").is_none();
            bare(value) || text || value.as_array().is_some_and(|items| !items.is_empty())
        }
        (Type::Boolean, false) => match value {
            Json::String(text) => !["true", "false", ""].iter().any(|word| text.eq_ignore_ascii_case(word)),
            Json::Bool(_) | Json::Null => false,
            _ => true,
        },
        (_, false) => value.as_object().is_some() || value.as_array().is_some_and(|items| !items.is_empty()),
        (_, true) => false,
    }
}

/// The sentence that allows the form of an operation which stands out most.
fn form(operations: &[Json], schema: &ResourceSchema) -> (&'static str, Option<Reading>) {
    let paths: Vec<Option<&str>> = operations.iter().map(|o| o.get("path").and_then(Json::as_str)).collect();
    if paths.first().copied().flatten().is_some_and(|path| path.eq_ignore_ascii_case("schemas")) && paths.len() > 1 {
        return ("RFC7644-3.5.2-17", None);
    }
    for path in paths.iter().flatten() {
        let Ok((PatchPath::Attribute { target, filter }, _)) = PatchPath::parse(path) else { continue };
        match &target.urn {
            Some(urn) if *urn == schema.core.id => return ("RFC7644-3.5.2-16", None),
            Some(_) => return ("RFC7644-3.10-01", None),
            None => {}
        }
        let known = schema.find(&crate::scim::path::AttributePath { sub: None, ..target.clone() });
        if known.is_some_and(|attribute| attribute.name != target.attribute) {
            return ("RFC7644-3.10-06", Some(read_as::A33_NAME_CASE));
        }
        let one = operations.iter().any(|o| o.get("value").is_some_and(|value| value.as_object().is_some()));
        if one && known.is_some_and(|attribute| attribute.multi_valued) && filter.is_none() {
            return ("RFC7644-3.5.2.1-06", Some(read_as::A10_OBJECT_REFUSED));
        }
    }
    match (paths.contains(&None), operations.first().and_then(|o| o.get("op")?.as_str())) {
        (true, Some("add")) => ("RFC7644-3.5.2.1-03", None),
        (true, _) => ("RFC7644-3.5.2.3-01", None),
        (false, _) => ("RFC7644-3.5.2-10", None),
    }
}

/// What is wrong with a message, whatever it is sent to. An empty list of operations is what Entra ID sends when there
/// is nothing to do.
fn flaw(body: &Json) -> Option<(&'static str, &'static str)> {
    let Some(operations) = body.get("Operations").and_then(Json::as_array) else {
        return Some(("RFC7644-3.5.2-05", "it has no array of Operations"));
    };
    if let Some(flaw) = operations.iter().find_map(flaw_of) {
        return Some(flaw);
    }
    let named = crate::check::expect::names_schema(body, urn::PATCH_OP);
    (!named).then_some(("RFC7644-3.5.2-04", "no PatchOp in schemas"))
}

fn flaw_of(operation: &Json) -> Option<(&'static str, &'static str)> {
    let Some(members) = operation.as_object() else { return Some(("RFC7644-3.5.2-06", "an operation is no object")) };
    let twice = members.duplicates().iter().any(|name| name.eq_ignore_ascii_case("op"));
    let op = members.get("op").and_then(Json::as_str).map(str::to_ascii_lowercase);
    let Some(op) = op.filter(|_| !twice) else { return Some(("RFC7644-3.5.2-06", "an operation has not one op")) };
    let path = members.get("path").filter(|path| **path != Json::Null && path.as_str() != Some(""));
    match op.as_str() {
        "add" if members.get("value").is_none() => return Some(("RFC7644-3.5.2.1-01", "an add has no value")),
        "remove" if path.is_none() => return Some(("RFC7644-3.5.2.2-01", "a remove has no path")),
        "add" | "replace" | "remove" => {}
        "move" | "copy" | "test" => return Some(("RFC7644-3.5.2-03", "there is no such operation in SCIM")),
        _ => return Some(("RFC7644-3.5.2-07", "op is none of add, replace and remove")),
    }
    let path = path?;
    let Some(text) = path.as_str() else { return Some(("RFC7644-3.5.2-10", "a path is no text")) };
    if PatchPath::parse(text).is_ok() {
        return None;
    }
    let index = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    if text.split(['[', '/']).skip(1).any(index) {
        return Some(("RFC7644-3.5.2-02", "a path has an index"));
    }
    Some(("RFC7644-3.5.2-10", "a path follows no rule"))
}
