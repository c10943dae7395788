//! RFC 7644 section 7: security.

use super::super::expect::{self, Findings};
use super::super::{Check, Finding, Judge, Judgement, Location, Subject};

pub(super) static CHECKS: &[&Check] = &[&TLS, &COOKIES];

static TLS: Check = Check {
    id: "rfc7644/7.2/tls",
    requirements: &["RFC7644-7.2-01", "RFC7644-7.4-02", "RFC7642-4-01"],
    title: "SCIM is spoken over TLS only",
    why: "The token that travels in the clear opens the directory to whoever hears it.",
    fix: "Refuse plain HTTP, or redirect it, before anything is answered.",
    judge: Judge::Exchange(tls),
};

fn tls(subject: &Subject<'_>) -> Judgement {
    let options = subject.scene.options;
    if options.loopback || subject.received().is_none() {
        return Judgement::NotApplicable;
    }
    let base = options.base.to_ascii_lowercase();
    if base.starts_with("https://") {
        return Judgement::Conforms;
    }
    let open = base.starts_with("http://") && subject.exchange().succeeded();
    let token = subject.exchange().sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let requirement = match (token, subject.resources().first()) {
        (true, _) => "RFC7644-7.4-02",
        // People's data in the clear.
        (false, Some(_)) => "RFC7642-4-01",
        (false, None) => "RFC7644-7.2-01",
    };
    let finding =
        || Finding::new(Location::Wire, "an answer over TLS only", "an answer over plain HTTP").of(requirement);
    if open { finding().into() } else { Judgement::NotApplicable }
}

/// How long a cookie may live that ends with a browser's session, in seconds: a day.
const SESSION: i64 = 86_400;

static COOKIES: Check = Check {
    id: "rfc7644/7.4/cookies",
    requirements: &["RFC7644-7.4-04", "RFC7644-7.4-02"],
    title: "A cookie is for TLS only and ends with the session",
    why: "A cookie that stands for a login is as good as the token.",
    fix: "Set no cookies, or with Secure and without Max-Age and Expires.",
    judge: Judge::Exchange(cookies),
};

fn cookies(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received() else { return Judgement::NotApplicable };
    let set: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, value)| value.as_str())
        .collect();
    if set.is_empty() {
        return Judgement::NotApplicable;
    }
    let mut findings = Findings::default();
    for cookie in set {
        let name = cookie.split('=').next().unwrap_or_default();
        let traits = || cookie.split(';').skip(1).map(str::trim);
        let secure = traits().any(|part| part.eq_ignore_ascii_case("secure"));
        if !secure && !subject.scene.options.loopback {
            let expected = "the attribute Secure";
            findings
                .tell(expect::header("Set-Cookie", expected, Some(&format!("{name} without it"))).of("RFC7644-7.4-02"));
        }
        let age = traits().find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.eq_ignore_ascii_case("max-age").then(|| value.trim().parse::<i64>().ok()).flatten()
        });
        if let Some(age) = age.filter(|age| *age > SESSION) {
            let actual = format!("{name} for {age} seconds");
            findings.tell(expect::header("Set-Cookie", "a cookie that ends with the session", Some(&actual)));
        }
    }
    findings.judgement()
}
