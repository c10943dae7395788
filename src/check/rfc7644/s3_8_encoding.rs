//! RFC 7644 section 3.8: the encoding of answers.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};
use crate::exchange::Received;

pub(super) static CHECKS: &[&Check] = &[&CHARSET];

static CHARSET: Check = Check {
    id: "rfc7644/3.8/utf-8",
    requirements: &["RFC7644-3.8-02", "RFC7644-3.8-03", "RFC7643-2.3.1-01"],
    title: "Answers are encoded in UTF-8",
    why: "Names with accents arrive broken, and the client writes the broken form back.",
    fix: "Encode JSON in UTF-8 and declare no other charset.",
    judge: Judge::Exchange(charset),
};

fn charset(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| !answer.body.is_empty()) else {
        return Judgement::NotApplicable;
    };
    // An ASCII text is the same in every encoding that occurs.
    if answer.body.is_ascii() || !looks_like_json(answer) {
        return if answer.json().is_some() { Judgement::Conforms } else { Judgement::NotApplicable };
    }
    if std::str::from_utf8(&answer.body).is_err() {
        return expect::body("", "text in UTF-8", None).actually("bytes that are no UTF-8").into();
    }
    let declared = answer.header("content-type").and_then(charset_of);
    let other = declared.filter(|name| !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("utf8"));
    other.map(|_| expect::header("Content-Type", "charset utf-8, or none", answer.header("content-type"))).into()
}

/// Whatever else comes is told by the check for JSON.
fn looks_like_json(answer: &Received) -> bool {
    matches!(answer.body.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}
