//! RFC 7644 section 2: authentication and authorization.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Operation, Subject};
use crate::exchange::{Exchange, secret};

pub(super) static CHECKS: &[&Check] = &[&WWW_AUTHENTICATE, &UNAUTHORIZED];

static WWW_AUTHENTICATE: Check = Check {
    id: "rfc7644/2/www-authenticate",
    requirements: &["RFC7644-2-06"],
    title: "A 401 names the authentication schemes in WWW-Authenticate",
    why: "Without it a client cannot tell an expired token from a scheme that the server never accepts.",
    fix: "Send a WWW-Authenticate header with every 401, such as `Bearer realm=\"scim\"`.",
    judge: Judge::Exchange(www_authenticate),
};

fn www_authenticate(subject: &Subject<'_>) -> Judgement {
    let Some(answer) = subject.received().filter(|answer| answer.status == 401) else {
        return Judgement::NotApplicable;
    };
    let value = answer.header("www-authenticate").filter(|value| !value.trim().is_empty());
    value.is_none().then(|| expect::header("WWW-Authenticate", "the schemes that are accepted", value)).into()
}

static UNAUTHORIZED: Check = Check {
    id: "rfc7644/2/unauthorized",
    requirements: &["RFC7644-3.12-09", "RFC7644-2-04"],
    title: "A request without a valid token is answered with 401",
    why: "Whoever knows the address would read the directory; and a client renews its token on 401 only.",
    fix: "Check the Authorization header of every request to resources before anything else.",
    judge: Judge::Exchange(unauthorized),
};

/// Judges requests that leave the credentials out which the others of the scenario carry, or carry a token that is
/// written out.
fn unauthorized(subject: &Subject<'_>) -> Judgement {
    let token = |exchange: &'_ Exchange| {
        let headers = &exchange.sent.headers;
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value.clone())
    };
    let is_masked = |value: &String| value.contains(secret::PLACEHOLDER);
    let guarded = subject.scene.trace.turns.iter().any(|turn| token(&turn.exchange).as_ref().is_some_and(is_masked));
    let own = token(subject.exchange());
    let discovery = subject.kind.is(&[Operation::ServiceProviderConfig, Operation::ResourceTypes, Operation::Schemas]);
    if !guarded || discovery || own.as_ref().is_some_and(is_masked) {
        return Judgement::NotApplicable;
    }
    let requirement = if own.is_some() { "RFC7644-2-04" } else { "RFC7644-3.12-09" };
    match subject.status() {
        Some(401) => Judgement::Conforms,
        Some(200..300) => expect::status(subject, "401 Unauthorized").of(requirement).into(),
        Some(400 | 403 | 404 | 409 | 500) => expect::status(subject, "401 Unauthorized").of("RFC7644-3.12-09").into(),
        _ => Judgement::NotApplicable,
    }
}
