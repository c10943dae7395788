//! RFC 7643 section 4.1.1: values of a user's single attributes.

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use super::s4_1_user::is_user;
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&FORMS, &FORMATTED, &NICK_NAME];

/// A value whose form the RFC describes.
pub(super) struct Form {
    /// The requirement.
    pub(super) requirement: &'static str,
    /// What it is, for people.
    pub(super) expected: &'static str,
    /// Whether a text has it.
    pub(super) fits: fn(&str) -> bool,
}

static FORMS: Check = Check {
    id: "rfc7643/4.1.1/forms",
    requirements: &["RFC7643-4.1.1-14", "RFC7643-4.1.1-16", "RFC7643-4.1.1-17", "RFC7643-4.1.1-19"],
    title: "Addresses, languages, locales and time zones of a user are written as the RFC says",
    why: "A client that reads en_US or \"Pacific Standard Time\" does not know what it means, and writes its own again.",
    fix: "Keep these values as they were written; those that you make yourself follow RFC 3986, RFC 9110, BCP 47 and \
          the names of the IANA time zone database.",
    judge: Judge::Exchange(forms),
};

const ADDRESS: Form = Form { requirement: "RFC7643-4.1.1-14", expected: "a URL", fits: is_url };
const LANGUAGE: Form = Form {
    requirement: "RFC7643-4.1.1-16",
    expected: "languages as in an Accept-Language header",
    fits: |text| text.split(',').all(is_language_range),
};
const LOCALE: Form =
    Form { requirement: "RFC7643-4.1.1-17", expected: "a language tag of BCP 47", fits: is_language_tag };
const TIME_ZONE: Form =
    Form { requirement: "RFC7643-4.1.1-19", expected: "the name of an IANA time zone", fits: is_time_zone };

fn forms(subject: &Subject<'_>) -> Judgement {
    let forms =
        [("profileUrl", &ADDRESS), ("preferredLanguage", &LANGUAGE), ("locale", &LOCALE), ("timezone", &TIME_ZONE)];
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        for (name, form) in forms.iter().filter(|_| is_own_user(subject, resource)) {
            let text = resource.members.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
            if let Some(text) = text {
                asked = true;
                judge_form(subject, form, text, || resource.pointer(&format!("/{name}")), findings);
            }
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

/// Whether a resource is a user that this run made: values of strangers are masked.
pub(super) fn is_own_user(subject: &Subject<'_>, resource: &Resource<'_>) -> bool {
    is_user(resource) && resource.id().is_some_and(|id| subject.is_ours(id))
}

/// Tells a value without the form. One that the client wrote so is kept rightly.
pub(super) fn judge_form(
    subject: &Subject<'_>,
    form: &Form,
    text: &str,
    pointer: impl FnOnce() -> String,
    findings: &mut Findings,
) {
    if (form.fits)(text) {
        return;
    }
    let finding = expect::body(pointer(), form.expected, None).actually(format!("{text:?}")).of(form.requirement);
    findings.tell(if was_sent(subject, text) { finding.read_as(ambiguity::A48_AS_WRITTEN) } else { finding });
}

/// Whether a request of the scenario had this text as a value.
pub(super) fn was_sent(subject: &Subject<'_>, text: &str) -> bool {
    let quoted = Json::from(text).to_string();
    let turns = &subject.scene.trace.turns[..=subject.index];
    let mut bodies = turns.iter().filter_map(|turn| turn.exchange.sent.body.as_deref());
    // Letters beyond ASCII may be escaped in the body: then nothing is certain, and it counts as sent.
    !text.is_ascii() || bodies.any(|body| memchr::memmem::find(body, quoted.as_bytes()).is_some())
}

/// An absolute URL, or one that starts at the server's root (section 2.3.7).
pub(super) fn is_url(text: &str) -> bool {
    let scheme = |scheme: &str| scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(is_scheme);
    let absolute = text.split_once(':').is_some_and(|(before, rest)| scheme(before) && !rest.is_empty());
    (absolute || text.starts_with('/')) && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// `en-US`, `de;q=0.8`, `*`
fn is_language_range(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    (range == "*" || is_language_tag(range)) && parts.all(|weight| weight.starts_with("q=") || weight.starts_with("Q="))
}

fn is_language_tag(text: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('-').all(part)
}

/// A name that the database may have: `Europe/Berlin`, `UTC`; no offset, no name of Windows.
fn is_time_zone(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let offset = ["UTC+", "UTC-", "GMT+", "GMT-"].iter().any(|start| text.to_ascii_uppercase().starts_with(start));
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(name) && !offset
}

static FORMATTED: Check = Check {
    id: "rfc7643/4.1.1/formatted",
    requirements: &["RFC7643-4.1.1-08"],
    title: "name.formatted and the parts of the name describe the same name",
    why: "After a marriage one application shows the old name and another the new one.",
    fix: "Make the formatted name anew whenever a part of the name changes.",
    judge: Judge::Exchange(formatted),
};

fn formatted(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        let text = |name: &str| {
            let value = resource.members.get("name").and_then(|whole| whole.get(name));
            value.and_then(Json::as_str).filter(|text| !text.is_empty())
        };
        let parts = (text("formatted"), text("givenName"), text("familyName"));
        let (Some(whole), Some(given), Some(family)) = parts else { return };
        // What the client wrote is the client's.
        if !is_own_user(subject, resource) || mentions(subject, b"formatted") {
            return;
        }
        asked = true;
        let initial: String = given.chars().take(1).collect();
        let (whole, has) = (whole.to_lowercase(), |text: &str, part: &str| text.contains(&part.to_lowercase()));
        if !has(&whole, family) || !has(&whole, &initial) {
            let expected = format!("a name with {given:?} and {family:?}");
            let finding = expect::body(resource.pointer("/name/formatted"), expected, None);
            findings.tell(finding.actually(format!("{:?}", text("formatted").unwrap_or_default())));
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

/// Whether a request of the scenario has this word anywhere in its body.
fn mentions(subject: &Subject<'_>, word: &[u8]) -> bool {
    let turns = &subject.scene.trace.turns[..=subject.index];
    turns
        .iter()
        .filter_map(|turn| turn.exchange.sent.body.as_deref())
        .any(|body| memchr::memmem::find(body, word).is_some())
}

static NICK_NAME: Check = Check {
    id: "rfc7643/4.1.1/nick-name",
    requirements: &["RFC7643-4.1.1-13"],
    title: "The nickName is no second userName",
    why: "An application greets people by their login.",
    fix: "Leave nickName without a value until somebody gives one.",
    judge: Judge::Exchange(nick_name),
};

fn nick_name(subject: &Subject<'_>) -> Judgement {
    if subject.kind.operation != Operation::Create || mentions(subject, b"nickName") {
        return Judgement::NotApplicable;
    }
    subject.each(|resource, findings| {
        let text = |name: &str| resource.members.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        if is_user(resource) && text("nickName").is_some() && text("nickName") == text("userName") {
            findings.tell(expect::body("/nickName", "nothing, or a name for daily use", None).actually("the userName"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_forms() {
        let all = |fits: fn(&str) -> bool, good: &[&str], bad: &[&str]| {
            for text in good {
                assert!(fits(text), "{text}");
            }
            for text in bad {
                assert!(!fits(text), "{text}");
            }
        };
        all(
            is_url,
            &["https://example.com/~maya", "/Users/1", "urn:x:y"],
            &["maya", "not a url", "http:", "https://a b"],
        );
        all(
            LANGUAGE.fits,
            &["en-US", "da, en-gb;q=0.8, *;q=0.1", "de"],
            &["en_US", "", "en US", "en-US;0.8", "en,,de"],
        );
        all(is_language_tag, &["en-CA", "zh-Hant-TW"], &["en_CA", "en CA", "C.UTF-8", "-en"]);
        all(
            is_time_zone,
            &["America/Los_Angeles", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"],
            &["Pacific Standard Time", "+01:00", "UTC+1", "GMT-05:00"],
        );
    }
}
