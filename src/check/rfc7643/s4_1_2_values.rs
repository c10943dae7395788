//! RFC 7643 section 4.1.2: values of a user's multi-valued attributes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::expect::{self, Findings};
use super::super::resource::Resource;
use super::super::{Check, Finding, Judge, Judgement, Operation, Subject};
use super::s4_1_1_values::{Form, is_own_user, is_url, judge_form, was_sent};
use crate::requirement::ambiguity;
use crate::scim::json::Json;

pub(super) static CHECKS: &[&Check] = &[&FORMS, &CANONICAL, &CERTIFICATES];

static FORMS: Check = Check {
    id: "rfc7643/4.1.2/forms",
    requirements: &["RFC7643-4.1.2-23", "RFC7643-4.1.2-01", "RFC7643-4.1.2-14"],
    title: "Mail addresses, photos and countries of a user are written as the RFC says",
    why: "A client reads \"United States\" where it wrote US, and writes US again in every cycle.",
    fix: "Keep these values as they were written; a country is a code of two letters (ISO 3166-1 alpha-2).",
    judge: Judge::Exchange(forms),
};

const MAIL: Form = Form { requirement: "RFC7643-4.1.2-01", expected: "a mail address", fits: is_mail_address };
const PHOTO: Form = Form { requirement: "RFC7643-4.1.2-14", expected: "a URL", fits: is_url };
const COUNTRY: Form = Form {
    requirement: "RFC7643-4.1.2-23",
    expected: "a country code of two capital letters",
    fits: |text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()),
};

fn is_mail_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    parts
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains(char::is_whitespace))
}

/// The texts of a sub-attribute over all values of an attribute, each with its place among them.
fn texts<'r>(resource: &Resource<'r>, name: &str, sub: &str) -> impl Iterator<Item = (usize, &'r str)> {
    let items = resource.members.get(name).and_then(Json::as_array).unwrap_or_default();
    let text = move |item: &'r Json| item.get(sub)?.as_str().filter(|text| !text.is_empty());
    items.iter().enumerate().filter_map(move |(index, item)| Some((index, text(item)?)))
}

fn forms(subject: &Subject<'_>) -> Judgement {
    let forms = [("emails", "value", &MAIL), ("photos", "value", &PHOTO), ("addresses", "country", &COUNTRY)];
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        for (name, sub, form) in forms.iter().filter(|_| is_own_user(subject, resource)) {
            for (index, text) in texts(resource, name, sub) {
                asked = true;
                judge_form(subject, form, text, || resource.pointer(&format!("/{name}/{index}/{sub}")), findings);
            }
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

static CANONICAL: Check = Check {
    id: "rfc7643/4.1.2/canonical",
    requirements: &["RFC7643-4.1.2-02", "RFC7643-4.1.2-06", "RFC7643-4.1.2-07", "RFC7643-4.1.2-11", "RFC7643-2.4-09"],
    title: "Mail addresses, telephone numbers and chat addresses come back in a canonical form",
    why: "The standard recommends it, and clients that compare literally want the opposite: either should be known.",
    fix: "Nothing has to be mended. Who canonicalises should do so when a value is written, not when it is read.",
    judge: Judge::Exchange(canonical),
};

/// Attribute, requirement, what is canonical, whether a text is.
type Canon = (&'static str, &'static str, &'static str, fn(&str) -> bool);

const CANONS: [Canon; 3] = [
    ("emails", "RFC7643-4.1.2-02", "a domain in lower case", |text| {
        text.rsplit_once('@').is_none_or(|(_, domain)| !domain.bytes().any(|b| b.is_ascii_uppercase()))
    }),
    ("phoneNumbers", "RFC7643-4.1.2-07", "a tel: URI of RFC 3966", |text| {
        text.to_ascii_lowercase().starts_with("tel:")
    }),
    ("ims", "RFC7643-4.1.2-11", "no blanks and no capital letters", |text| {
        !text.contains(|c: char| c.is_whitespace() || c.is_uppercase())
    }),
];

fn canonical(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        if subject.kind.operation != Operation::Create || !is_own_user(subject, resource) {
            return;
        }
        for (name, requirement, expected, fits) in CANONS {
            for (index, text) in texts(resource, name, "value") {
                asked = true;
                if !fits(text) {
                    let pointer = resource.pointer(&format!("/{name}/{index}/value"));
                    findings.tell(not_canonical(subject, requirement, expected, pointer, text));
                }
            }
        }
        let emails = resource.members.get("emails").and_then(Json::as_array).unwrap_or_default();
        let bare = emails.iter().position(|item| item.get("type").is_none_or(Json::is_unassigned));
        if let Some(index) = bare.filter(|_| !subject.is_projected()) {
            let finding = expect::body(format!("/emails/{index}/type"), "a type, such as work", None);
            findings.tell(finding.of("RFC7643-2.4-09").read_as(ambiguity::A48_AS_WRITTEN));
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

fn not_canonical(
    subject: &Subject<'_>,
    requirement: &'static str,
    expected: &str,
    pointer: String,
    text: &str,
) -> Finding {
    let finding = expect::body(pointer, expected, None).actually(format!("{text:?}")).of(requirement);
    if was_sent(subject, text) {
        return finding.read_as(ambiguity::A48_AS_WRITTEN);
    }
    // The server has a canonical form of its own.
    let of_phone = requirement == "RFC7643-4.1.2-07";
    let finding = if of_phone { finding.of("RFC7643-4.1.2-06") } else { finding };
    finding.read_as(ambiguity::A46_NORMALISED)
}

static CERTIFICATES: Check = Check {
    id: "rfc7643/4.1.2/certificates",
    requirements: &["RFC7643-4.1.2-32", "RFC7643-4.1.2-34"],
    title: "A value of x509Certificates is exactly one certificate",
    why: "A client reads the first certificate and overlooks the rest.",
    fix: "Put each certificate, DER in base64, into a value of its own.",
    judge: Judge::Exchange(certificates),
};

fn certificates(subject: &Subject<'_>) -> Judgement {
    let mut asked = false;
    let judgement = subject.each(|resource, findings| {
        if !is_own_user(subject, resource) {
            return;
        }
        for (index, text) in texts(resource, "x509Certificates", "value") {
            // What is no base64 is told by the check of data types.
            let Ok(bytes) = STANDARD.decode(text.as_bytes()) else { continue };
            asked = true;
            let pointer = resource.pointer(&format!("/x509Certificates/{index}/value"));
            certificate(subject, &bytes, text, pointer, findings);
        }
    });
    if asked { judgement } else { Judgement::NotApplicable }
}

fn certificate(subject: &Subject<'_>, bytes: &[u8], text: &str, pointer: String, findings: &mut Findings) {
    let told = |actual: &str| expect::body(pointer, "one DER certificate", None).actually(actual);
    match sequence(bytes) {
        Some([]) => {}
        Some(rest) if sequence(rest).is_some() => {
            findings.tell(told("several certificates").of("RFC7643-4.1.2-34"));
        }
        _ => {
            let finding = told("something else");
            findings.tell(if was_sent(subject, text) { finding.read_as(ambiguity::A48_AS_WRITTEN) } else { finding });
        }
    }
}

/// What follows the DER sequence at the start; `None`: there is none.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let short = usize::from(first);
    let (length, rest) = if short < 0x80 {
        (short, rest)
    } else {
        let (digits, rest) =
            rest.split_at_checked(short - 0x80).filter(|(digits, _)| (1..=4).contains(&digits.len()))?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (_, rest) = rest.split_at_checked(length)?;
    (tag == 0x30).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_der_sequences() {
        assert_eq!(sequence(&[0x30, 2, 5, 0]), Some(&[][..]));
        assert_eq!(sequence(&[0x30, 0x81, 2, 5, 0, 0x30]), Some(&[0x30][..]));
        for bad in [&[][..], &[0x30], &[0x30, 3, 5, 0], &[0x04, 0], &[0x30, 0x80, 0], &[0x30, 0x85, 0, 0, 0, 0, 0]] {
            assert_eq!(sequence(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn knows_the_forms() {
        assert!(is_mail_address("maya@example.com") && is_mail_address("\"a b\"@example.com"));
        assert!(!is_mail_address("maya") && !is_mail_address("@example.com") && !is_mail_address("maya@"));
        assert!((COUNTRY.fits)("NO") && !(COUNTRY.fits)("USA") && !(COUNTRY.fits)("no"));
    }
}
