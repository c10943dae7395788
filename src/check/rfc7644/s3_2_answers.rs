//! RFC 7644 section 3.2: answers are HTTP with JSON in their body. That there is an answer at all is told with the
//! verdicts.

use super::super::expect::{self, Findings};
use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Subject};
use crate::exchange::{Oddity, Received};
use crate::requirement::ambiguity;
use crate::scim::json::{Json, pointer_part};

pub(super) static CHECKS: &[&Check] = &[&FRAMING, &NO_BODY, &BODY_SIZE, &BODY_PRESENT, &JSON, &DUPLICATE_MEMBERS];

static FRAMING: Check = Check {
    id: "rfc7644/3.2/framing",
    requirements: &["RFC7644-3.2-16"],
    title: "Answers are well-formed HTTP",
    why: "Strict HTTP clients refuse such an answer, and the next answer on the connection is read wrong.",
    fix: "Let an HTTP library write the answer: CRLF line ends, a right Content-Length, the coding that is declared.",
    judge: Judge::Exchange(framing),
};

fn framing(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received() else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    for oddity in &answer.oddities {
        let finding = Finding::new(Location::Wire, "well-formed HTTP", oddity.to_string());
        match oddity {
            Oddity::BareLineFeed => findings.tell(finding.read_as(ambiguity::A42_BARE_LINE_FEED)),
            Oddity::BadContentCoding(_) | Oddity::Malformed(_) => findings.tell(finding),
            Oddity::BodyWhereNoneBelongs(_) | Oddity::BodyCut(_) => {}
        }
    }
    findings.judgement()
}

static NO_BODY: Check = Check {
    id: "rfc7644/3.2/no-body",
    requirements: &["RFC7644-3.2-16", "RFC7644-3.5.2-27", "RFC7644-3.6-09", "RFC7644-3.14-04"],
    title: "204 and 304 have no body",
    why: "The bytes of the body are read as the start of the next answer on the same connection.",
    fix: "Send nothing after the header of a 204 or 304, or answer 200.",
    judge: Judge::Exchange(no_body),
};

fn no_body(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| matches!(answer.status, 204 | 304)) else {
        return Judgement::NotApplicable;
    };
    let stray = answer.oddities.iter().find(|oddity| matches!(oddity, Oddity::BodyWhereNoneBelongs(_)));
    let requirement = match (answer.status, subject.kind.operation) {
        (304, _) => "RFC7644-3.14-04",
        (_, Operation::Patch) => "RFC7644-3.5.2-27",
        (_, Operation::Delete) => "RFC7644-3.6-09",
        _ => "RFC7644-3.2-16",
    };
    stray.map(|oddity| Finding::new(Location::Wire, "no body", oddity.to_string()).of(requirement)).into()
}

static BODY_SIZE: Check = Check {
    id: "rfc7644/3.2/body-size",
    requirements: &["RFC7644-3.2-16"],
    title: "Answers have a size that a client reads",
    why: "Every client has a limit, and reads nothing of an answer beyond it.",
    fix: "Answer lists in pages, and honour count.",
    judge: Judge::Exchange(body_size),
};

fn body_size(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| !answer.body.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let cut =
        answer.oddities.iter().find_map(|oddity| if let Oddity::BodyCut(limit) = oddity { Some(limit) } else { None });
    cut.map(|limit| {
        let finding = Finding::new(Location::Wire, format!("at most {limit} bytes"), "a longer body");
        finding.read_as(ambiguity::A42_TOO_LARGE)
    })
    .into()
}

static BODY_PRESENT: Check = Check {
    id: "rfc7644/3.2/body-present",
    requirements: &[
        "RFC7644-3.2-16",
        "RFC7644-3.3-08",
        "RFC7644-3.4.1-01",
        "RFC7644-3.4.2-04",
        "RFC7644-3.5.1-13",
        "RFC7644-3.5.2-27",
        "RFC7644-3.12-01",
        "RFC7644-3.2-18",
    ],
    title: "Answers that must have a body have one",
    why: "The client reads the id, the state or the reason of an error from it.",
    fix: "Put the resource, the list or the SCIM error into the body, or answer 204 where that is allowed.",
    judge: Judge::Exchange(body_present),
};

fn body_present(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received() else { return Judgement::NotApplicable };
    let Some((expected, requirement)) = needed_body(answer.status, subject) else { return Judgement::NotApplicable };
    if !answer.body.is_empty() {
        return Judgement::Conforms;
    }
    let finding = expect::body("", expected, None).actually("an empty body").of(requirement);
    let partial = subject.kind.operation == Operation::Patch && answer.status == 200;
    if partial { finding.read_as(ambiguity::A08_PARTIAL_BODY).into() } else { finding.into() }
}

fn needed_body(status: u16, subject: &Subject<'_>) -> Option<(&'static str, &'static str)> {
    use Operation::{Bulk, Create, List, Patch, Read, Replace, ResourceTypes, Schemas, Search, ServiceProviderConfig};
    if status >= 400 && subject.exchange().sent.method != "HEAD" {
        return Some(("a SCIM error", "RFC7644-3.12-01"));
    }
    if !(200..300).contains(&status) || status == 204 {
        return None;
    }
    Some(match subject.kind.operation {
        Create => ("the new resource", "RFC7644-3.3-08"),
        Read => ("the resource", "RFC7644-3.4.1-01"),
        List | Search => ("a ListResponse", "RFC7644-3.4.2-04"),
        Replace => ("the replaced resource", "RFC7644-3.5.1-13"),
        Patch => ("the whole resource", "RFC7644-3.5.2-27"),
        ServiceProviderConfig | ResourceTypes | Schemas | Bulk => ("JSON", "RFC7644-3.2-16"),
        _ => return None,
    })
}

static JSON: Check = Check {
    id: "rfc7644/3.2/json",
    requirements: &["RFC7644-3.2-16", "RFC7643-2.1-04", "RFC7644-3.12-01"],
    title: "What stands in a body is a JSON object",
    why: "An HTML page of a proxy or half a text looks to the client like a server that is broken.",
    fix: "Answer in JSON in every case, errors too, and let the proxies before the server do the same.",
    judge: Judge::Exchange(json),
};

fn json(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| !answer.body.is_empty()) else {
        return Judgement::NotApplicable;
    };
    let unreadable = |oddity: &Oddity| matches!(oddity, Oddity::BodyCut(_) | Oddity::BadContentCoding(_));
    // The page behind a redirect is for browsers, and bytes behind a 204 are told elsewhere.
    if (300..400).contains(&answer.status) || answer.status == 204 || answer.oddities.iter().any(unreadable) {
        return Judgement::NotApplicable;
    }
    let found = match answer.json() {
        Some(Json::Object(_)) => return Judgement::Conforms,
        Some(other) => expect::in_words(other),
        None => not_json(answer),
    };
    let requirement = if answer.status >= 400 { "RFC7644-3.12-01" } else { "RFC7644-3.2-16" };
    expect::body("", "a JSON object", None).actually(found).of(requirement).into()
}

fn not_json(answer: &Received) -> String {
    let text = answer.body.trim_ascii();
    let starts = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    let problem = answer.json_error().map_or_else(String::new, ToString::to_string);
    if starts("<!doctype") || starts("<html") || answer.media_type().is_some_and(|media| media == "text/html") {
        return "an HTML page".to_owned();
    }
    if starts("<") {
        return "XML".to_owned();
    }
    if text.is_empty() {
        return "only white space".to_owned();
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        return "a byte order mark before the JSON".to_owned();
    }
    let ended = answer.json_error().is_some_and(|error| error.offset >= answer.body.len());
    let begun = matches!(text.first(), Some(b'{' | b'['));
    match (begun, ended) {
        (true, true) => format!("JSON that is cut: {problem}"),
        (true, false) => format!("JSON with a mistake: {problem}"),
        (false, _) => format!("no JSON: {problem}"),
    }
}

static DUPLICATE_MEMBERS: Check = Check {
    id: "rfc7644/3.2/duplicate-members",
    requirements: &["RFC7643-2.1-04", "RFC7643-2.1-01", "RFC7644-3.8-10"],
    title: "No object has a member twice",
    why: "Which of two values a client takes depends on its JSON library.",
    fix: "Write every attribute once; names that differ only in case are the same attribute.",
    judge: Judge::Exchange(duplicate_members),
};

fn duplicate_members(subject: &Subject<'_>) -> Judgement {
    let Some(body) = subject.body() else { return Judgement::NotApplicable };
    let mut findings = Findings::default();
    find_duplicates(body, &mut String::new(), &mut findings);
    findings.judgement()
}

fn find_duplicates(json: &Json, pointer: &mut String, findings: &mut Findings) {
    let length = pointer.len();
    match json {
        Json::Object(object) => {
            for (index, (name, value)) in object.0.iter().enumerate() {
                if object.0[..index].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                    let at = format!("{pointer}/{}", pointer_part(name));
                    findings.tell(expect::body(at, "the member once", None).actually("the member twice"));
                }
                if matches!(value, Json::Object(_) | Json::Array(_)) {
                    pointer.push('/');
                    pointer.push_str(&pointer_part(name));
                    find_duplicates(value, pointer, findings);
                    pointer.truncate(length);
                }
            }
        }
        Json::Array(items) => {
            for (index, item) in
                items.iter().enumerate().filter(|(_, item)| matches!(item, Json::Object(_) | Json::Array(_)))
            {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                find_duplicates(item, pointer, findings);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_named_in_words() {
        let told = |media: &str, body: &str| {
            let headers = vec![("Content-Type".to_owned(), media.to_owned())];
            not_json(&Received::new(200, String::new(), headers, body.as_bytes().to_vec(), Vec::new()))
        };
        let scim = "application/scim+json";
        assert_eq!(told("text/html; charset=utf-8", "Bad Gateway"), "an HTML page");
        assert_eq!(told(scim, "<!DOCTYPE html><p>"), "an HTML page");
        assert_eq!(told(scim, "<Envelope/>"), "XML");
        assert_eq!(told(scim, " \n"), "only white space");
        assert_eq!(told(scim, "\u{feff}{}"), "a byte order mark before the JSON");
        assert!(told(scim, r#"{"id":"#).starts_with("JSON that is cut: "), "{}", told(scim, r#"{"id":"#));
        assert!(told(scim, r#"{"id":1,}"#).starts_with("JSON with a mistake: "), "{}", told(scim, r#"{"id":1,}"#));
    }
}
