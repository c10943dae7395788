//! A request as a `curl` line that repeats it: the same target, headers and body. Credentials are variables of the shell.

use std::fmt::Write as _;

use crate::event::{Credential, Scheme};
use crate::exchange::Sent;
use crate::exchange::secret::PLACEHOLDER;

/// Headers that curl adds of itself: where the request has none, it must be told not to.
const ADDED: [&str; 2] = ["Accept", "User-Agent"];

/// The `curl` line of a request. `base`: the base URL, for scheme and host.
#[must_use]
pub fn line(base: &str, sent: &Sent, credentials: &[Credential]) -> String {
    let has = |name: &str| sent.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let mut out = String::from("curl -i");
    match sent.method.as_str() {
        "GET" if sent.body.is_none() => {}
        "HEAD" => out.push_str(" --head"),
        method => {
            let _ = write!(out, " -X {}", quote(method));
        }
    }
    if sent.target.contains(['[', ']', '{', '}']) {
        out.push_str(" --globoff");
    }
    if sent.target.contains("/.") {
        out.push_str(" --path-as-is");
    }
    let origin = origin(base);
    let _ = write!(out, " {}", quote(&format!("{origin}{}", sent.target)));
    for (name, value) in &sent.headers {
        let host = name.eq_ignore_ascii_case("host") && origin.ends_with(&format!("//{value}"));
        if !host && !name.eq_ignore_ascii_case("content-length") {
            let _ = write!(out, " -H {}", header(name, value, credentials));
        }
    }
    for name in ADDED.into_iter().filter(|name| !has(name)) {
        let _ = write!(out, " -H '{name}:'");
    }
    if has("Accept-Encoding") {
        out.push_str(" --compressed");
    }
    if let Some(body) = &sent.body {
        if !has("Content-Type") {
            out.push_str(" -H 'Content-Type:'");
        }
        let _ = write!(out, " --data-raw {}", quote_bytes(body));
    }
    out
}

fn origin(base: &str) -> &str {
    let from = base.find("://").map_or(0, |at| at + 3);
    let end = base[from..].find(['/', '?', '#']).map_or(base.len(), |at| from + at);
    &base[..end]
}

fn header(name: &str, value: &str, credentials: &[Credential]) -> String {
    if value == PLACEHOLDER {
        let given = credentials.iter().find(|credential| credential.header.eq_ignore_ascii_case(name));
        let shell = match given {
            Some(credential) => shell(credential),
            None if name.eq_ignore_ascii_case("authorization") => "Bearer $TOKEN".to_owned(),
            None => format!("${}", variable(name)),
        };
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        return format!("\"{name}: {shell}\"");
    }
    // `Name;` is how curl is told to send a header without a value.
    if value.is_empty() { quote(&format!("{name};")) } else { quote(&format!("{name}: {value}")) }
}

/// The value of a header as it stands between double quotes of the shell.
fn shell(credential: &Credential) -> String {
    let variable = variable_name(&credential.variable);
    match credential.scheme {
        Scheme::Bearer => format!("Bearer ${variable}"),
        Scheme::Basic => format!("Basic $(printf %s \"${variable}\" | base64 | tr -d '\\n')"),
        Scheme::Plain => format!("${variable}"),
    }
}

/// A transcript may come from anybody: only what the shell takes for a name becomes one.
fn variable_name(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// A word of the shell; credentials in it become `$SECRET`.
fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

fn quote_bytes(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains(PLACEHOLDER) || std::str::from_utf8(bytes).is_err() {
        return literal(bytes);
    }
    let parts: Vec<_> = text
        .split(PLACEHOLDER)
        .map(|part| match part {
            "" => String::new(),
            part => literal(part.as_bytes()),
        })
        .collect();
    parts.join("\"$SECRET\"")
}

/// Single quotes, unless something in it would move the terminal or is not UTF-8: then `$'…'` with escapes.
fn literal(bytes: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:%+,=@".contains(b);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && bytes.iter().all(plain) => text.to_owned(),
        Ok(text) if super::text::clean(text) == text => format!("'{}'", text.replace('\'', "'\\''")),
        _ => {
            let mut out = String::from("$'");
            for byte in bytes {
                match byte {
                    b'\'' | b'\\' => {
                        out.push('\\');
                        out.push(char::from(*byte));
                    }
                    b'\n' => out.push_str("\\n"),
                    0x20..=0x7e => out.push(char::from(*byte)),
                    _ => {
                        let _ = write!(out, "\\x{byte:02x}");
                    }
                }
            }
            out.push('\'');
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(method: &str, target: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Sent {
        Sent {
            method: method.to_owned(),
            target: target.to_owned(),
            resource: target.into(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.map(|body| body.to_vec().into()),
        }
    }

    #[test]
    fn repeats_target_headers_and_body() {
        let headers = [
            ("Host", "scim.example.com"),
            ("Authorization", PLACEHOLDER),
            ("Content-Type", "application/scim+json"),
            ("X-Api-Key", PLACEHOLDER),
            ("Content-Length", "7"),
        ];
        let patch = sent("PATCH", "/v2/Users/4'2?a=[b]", &headers, Some(br#"{"a":"it's"}"#));
        insta::assert_snapshot!(
            line("https://scim.example.com/v2?flag", &patch, &[]),
            @r#"curl -i -X PATCH --globoff 'https://scim.example.com/v2/Users/4'\''2?a=[b]' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/scim+json' -H "X-Api-Key: $X_API_KEY" -H 'Accept:' -H 'User-Agent:' --data-raw '{"a":"it'\''s"}'"#
        );
    }

    #[test]
    fn credentials_are_the_users_variables() {
        let get = sent("GET", "/Users", &[("host", "other"), ("authorization", PLACEHOLDER), ("Accept", "*/*")], None);
        insta::assert_snapshot!(
            line("http://localhost:8080", &get, &[Credential::basic("SCIM_LOGIN")]),
            @r#"curl -i http://localhost:8080/Users -H 'host: other' -H "authorization: Basic $(printf %s "$SCIM_LOGIN" | base64 | tr -d '\n')" -H 'Accept: */*' -H 'User-Agent:'"#
        );
    }

    #[test]
    fn secrets_elsewhere_are_variables_and_nothing_moves_the_terminal() {
        assert_eq!(quote("/x?t=[secret]&u"), "'/x?t='\"$SECRET\"'&u'");
        assert_eq!(quote("a\u{1b}[2J'$(id)\n"), r"$'a\x1b[2J\'$(id)\n'");
        assert_eq!(quote_bytes(b"\xff$x"), r"$'\xff$x'");
        assert_eq!(quote(""), "''");
    }
}
