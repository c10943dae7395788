//! RFC 7644 section 2: authentication and authorization.

use super::super::expect;
use super::super::{Check, Judge, Judgement, Subject};

pub(super) static CHECKS: &[&Check] = &[&WWW_AUTHENTICATE];

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
