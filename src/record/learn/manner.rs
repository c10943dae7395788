//! How a client speaks: header lines, joining, encoding; and which client it is.

use std::collections::BTreeMap;

use super::subject::{Act, Talk};
use crate::exchange::Exchange;
use crate::exchange::secret::PLACEHOLDER;
use crate::profile::model::ActorKind;
use crate::scim::json::Json;

/// Header lines that belong to the way and not to the client.
const DROPPED: [&str; 11] = [
    "transfer-encoding",
    "expect",
    "via",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
    "cookie",
    "content-encoding",
    "x-request-start",
];

/// A header line as the profile writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    /// Methods that carry it.
    pub(super) on: Vec<String>,
}

/// What was learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    pub(super) doubled_slash: bool,
    /// The query that belongs to the base URL, and whether it stands first.
    pub(super) own_query: Option<(String, bool)>,
    pub(super) plus: bool,
    pub(super) lower_hex: bool,
    pub(super) escapes_ids: bool,
    pub(super) user_external_id: String,
    pub(super) group_external_id: String,
    pub(super) lines: Vec<Line>,
    /// Methods of the recording.
    pub(super) methods: Vec<String>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

/// The flag of Entra's tenant URL, wherever it stands in a query.
fn flag(query: &str) -> Option<(&str, bool)> {
    let parts: Vec<&str> = query.split('&').collect();
    let at = parts.iter().position(|part| {
        part.to_ascii_lowercase().contains("scim062020") || part.to_ascii_lowercase().contains("scimpatch062020")
    })?;
    Some((parts[at], at == 0))
}

/// The query that every request carries: it belongs to the base URL.
pub(super) fn own_query(exchanges: &[&Exchange]) -> Option<(String, bool)> {
    let with_more = exchanges.iter().filter_map(|exchange| exchange.sent.query()).filter(|query| query.contains('&'));
    let (own, _) = exchanges.iter().find_map(|exchange| exchange.sent.query().and_then(flag))?;
    let everywhere =
        exchanges.iter().all(|exchange| exchange.sent.query().and_then(flag).is_some_and(|(f, _)| f == own));
    let first = with_more.clone().next().is_none_or(|query| query.starts_with(own));
    everywhere.then(|| (own.to_owned(), first))
}

/// The resource without the base's own query.
pub(super) fn without_own(resource: &str, own: Option<&(String, bool)>) -> String {
    let (Some((own, _)), Some((path, query))) = (own, resource.split_once('?')) else { return resource.to_owned() };
    let rest: Vec<&str> = query.split('&').filter(|part| part != own).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}

/// Learns from all requests.
pub(super) fn learn(talks: &[Talk<'_>], own_query: Option<(String, bool)>) -> Manner {
    let mut manner = Manner { own_query, ..Manner::default() };
    let mut blanks = (0, 0);
    for talk in talks {
        let sent = &talk.exchange.sent;
        let path = sent.target.split('?').next().unwrap_or_default();
        manner.doubled_slash |= path.contains(&format!("//{}", talk.endpoint)) && !talk.endpoint.is_empty();
        if let Some(query) = sent.query() {
            blanks.0 += query.matches("+eq+").count();
            blanks.1 += query.matches("%20eq%20").count();
            let lower = |three: &[u8]| three[0] == b'%' && three[1..].iter().any(u8::is_ascii_lowercase);
            manner.lower_hex |= query.as_bytes().windows(3).any(lower);
        }
        manner.escapes_ids |= talk.id.is_some() && path.contains('%');
    }
    manner.plus = blanks.0 > blanks.1;
    manner.user_external_id = external_id(talks, ActorKind::User);
    manner.group_external_id = external_id(talks, ActorKind::Group);
    headers(talks, &mut manner);
    if talks.iter().any(|talk| talk.exchange.sent.body.as_ref().is_some_and(|body| body.contains(&b'\n'))) {
        manner.notes.push("The client wrote bodies over several lines; they are sent in one.".to_owned());
    }
    manner
}

/// The form of the ids that a client gives.
fn external_id(talks: &[Talk<'_>], kind: ActorKind) -> String {
    let creates = talks.iter().filter(|talk| talk.kind == Some(kind) && matches!(talk.act, Act::Create | Act::Replace));
    let given = creates.filter_map(|talk| Some(talk.exchange.sent.json()?.get("externalId")?.as_str()?.to_owned()));
    let ids: Vec<String> = given.collect();
    let begin = common(&ids);
    let forms: Vec<String> = ids.iter().map(|id| format!("{}{}", &id[..begin], form(&id[begin..]))).collect();
    let mut counted: BTreeMap<&String, usize> = BTreeMap::new();
    for form in &forms {
        *counted.entry(form).or_default() += 1;
    }
    counted.into_iter().max_by_key(|(_, times)| *times).map(|(form, _)| form.clone()).unwrap_or_default()
}

/// How many bytes of all ids are the same, up to a sign.
fn common(ids: &[String]) -> usize {
    let Some((first, rest)) = ids.split_first().filter(|(first, rest)| rest.iter().any(|id| id != *first)) else {
        return 0;
    };
    let same = |id: &String| first.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count();
    let length = rest.iter().map(same).min().unwrap_or(0);
    first.as_bytes()[..length].iter().rposition(|b| b"-_.:".contains(b)).map_or(0, |sign| sign + 1)
}

/// The form of an id, part by part.
pub(super) fn form(id: &str) -> String {
    let hex = id.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    if parts == [8, 4, 4, 4, 12] {
        "{guid}".to_owned()
    } else if let Some(rest) = ["00u", "00g"].iter().find_map(|prefix| id.strip_prefix(prefix)) {
        format!("{}{{alnum:{}}}", &id[..3], rest.len())
    } else if hex {
        format!("{{hex:{}}}", id.len())
    } else if id.contains('@') {
        // No form of its own: the user's e-mail address, which stands in the steps.
        "{guid}".to_owned()
    } else if let Some((part, rest)) = id.split_once('-') {
        format!("{}-{}", form(part), form(rest))
    } else {
        format!("{{alnum:{}}}", id.chars().count())
    }
}

/// The lines of each method, merged into one list in which every method finds its own in their order.
fn headers(talks: &[Talk<'_>], manner: &mut Manner) {
    let mut lists: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut dropped: Vec<String> = Vec::new();
    for talk in talks {
        let sent = &talk.exchange.sent;
        if !manner.methods.contains(&sent.method) {
            manner.methods.push(sent.method.clone());
        }
        // A log without header lines tells nothing of them.
        if sent.headers.is_empty() || lists.iter().any(|(method, _)| *method == sent.method) {
            continue;
        }
        lists.push((sent.method.clone(), template(&sent.headers, sent.body.is_some(), &mut dropped)));
    }
    let told: Vec<String> = lists.iter().map(|(method, _)| method.clone()).collect();
    for method in manner.methods.iter().filter(|method| !told.contains(method)) {
        lists.push((method.clone(), lists.first().map(|(_, lines)| general(lines)).unwrap_or_default()));
        manner
            .notes
            .push(format!("No {method} came with header lines; it is sent with those that every request needs."));
    }
    for (method, list) in &mut lists {
        let bodies = talks.iter().any(|talk| talk.exchange.sent.method == *method && has_body(talk));
        complete(list, bodies, told.contains(method));
    }
    let mut lines: Vec<Line> = Vec::new();
    for (method, list) in lists {
        lines = merged(lines, &list, &method);
    }
    if !lines.iter().any(|line| line.value == "{credentials}") {
        let on = manner.methods.clone();
        lines.push(Line { name: "Authorization".to_owned(), value: "{credentials}".to_owned(), on });
        manner.notes.push("No credentials were in the recording; a run sends its own in Authorization.".to_owned());
    }
    manner.lines = lines;
    if !dropped.is_empty() {
        manner.notes.push(format!("Header lines that are left out: {}.", dropped.join(", ")));
    }
}

fn has_body(talk: &Talk<'_>) -> bool {
    talk.exchange.sent.body.as_ref().is_some_and(|body| !body.is_empty())
}

/// The lines of another method, without what is about a body.
fn general(lines: &[(String, String)]) -> Vec<(String, String)> {
    let about_body = |name: &str| name.to_ascii_lowercase().starts_with("content-");
    lines.iter().filter(|(name, _)| !about_body(name)).cloned().collect()
}

/// Adds the lines without which no server understands a request, where a recording does not hold them: what was HTTP/2 has
/// no `Host`, and some logs have no header lines at all.
fn complete(list: &mut Vec<(String, String)>, bodies: bool, told: bool) {
    let has = |list: &[(String, String)], name: &str| list.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    if !has(list, "host") {
        list.insert(0, line("Host", "{host}"));
    }
    if bodies && !told {
        list.push(line("Content-Type", "application/scim+json"));
    }
    if bodies && !has(list, "content-length") {
        list.push(line("Content-Length", "{length}"));
    }
}

/// Header lines with the places of credentials, host and length.
pub(super) fn template(
    headers: &[(String, String)],
    has_body: bool,
    dropped: &mut Vec<String>,
) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let bearer = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let shown = match lower.as_str() {
            "host" => "{host}".to_owned(),
            "content-length" if has_body || value != "0" => "{length}".to_owned(),
            "authorization" => "{credentials}".to_owned(),
            "transfer-encoding" if has_body => {
                out.push(("Content-Length".to_owned(), "{length}".to_owned()));
                note(dropped, name);
                continue;
            }
            lower if DROPPED.contains(&lower) => {
                note(dropped, name);
                continue;
            }
            _ if value.contains(PLACEHOLDER) && !bearer => "{credentials}".to_owned(),
            _ if value.contains(PLACEHOLDER) => {
                note(dropped, name);
                continue;
            }
            _ => value.clone(),
        };
        out.push((name.clone(), shown));
    }
    out
}

fn note(dropped: &mut Vec<String>, name: &str) {
    if !dropped.iter().any(|known| known == name) {
        dropped.push(name.to_owned());
    }
}

/// The longest common lines stay one; every other line stands in its place.
fn merged(lines: Vec<Line>, list: &[(String, String)], method: &str) -> Vec<Line> {
    let same = |line: &Line, other: &(String, String)| line.name == other.0 && line.value == other.1;
    // Lengths of the longest common subsequences of the tails.
    let (n, m) = (lines.len(), list.len());
    let mut length = vec![vec![0usize; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            length[i][j] = if same(&lines[i], &list[j]) {
                length[i + 1][j + 1] + 1
            } else {
                length[i + 1][j].max(length[i][j + 1])
            };
        }
    }
    let own =
        |line: &(String, String)| Line { name: line.0.clone(), value: line.1.clone(), on: vec![method.to_owned()] };
    let mut out = Vec::with_capacity(n + m);
    let mut j = 0;
    for (i, mut line) in lines.into_iter().enumerate() {
        while j < m && !same(&line, &list[j]) && length[i][j + 1] == length[i][j] && length[i + 1][j] < length[i][j] {
            out.push(own(&list[j]));
            j += 1;
        }
        if j < m && same(&line, &list[j]) {
            line.on.push(method.to_owned());
            j += 1;
        }
        out.push(line);
    }
    out.extend(list[j..].iter().map(own));
    out
}

/// A client that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) id: &'static str,
    pub(super) title: String,
    /// By what it was recognised.
    pub(super) by: Vec<&'static str>,
}

/// Recognises a client by its traits.
pub(super) fn recognise(talks: &[Talk<'_>], manner: &Manner) -> Client {
    let agent = talks.iter().find_map(|talk| {
        talk.exchange.sent.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("user-agent")).map(|(_, v)| v.as_str())
    });
    let known = |id, title: &str, by| Client { id, title: title.to_owned(), by };
    // Its test suite writes its name in capitals.
    if agent.is_some_and(|agent| agent.to_lowercase().contains("okta")) {
        return known("okta", "Okta", vec!["its User-Agent"]);
    }
    if agent.is_some_and(|agent| agent.contains("JumpCloud")) {
        return known("jumpcloud", "JumpCloud", vec!["its User-Agent"]);
    }
    if manner.own_query.is_some() {
        return known("entra", "Microsoft Entra ID with the flag aadOptscim062020", vec!["the flag in its requests"]);
    }
    let signs = entra(talks, manner, agent);
    if signs.len() > 1 {
        return known("entra", "Microsoft Entra ID without the flag aadOptscim062020", signs);
    }
    let hex = manner.user_external_id == "{hex:24}";
    let puts = manner.methods.iter().any(|method| method == "PUT");
    if hex && (puts || manner.doubled_slash) {
        return known("jumpcloud", "JumpCloud", vec!["externalIds of 24 hexadecimal digits", "updates by PUT"]);
    }
    let name = agent.and_then(|agent| agent.split(['/', ' ']).next()).filter(|name| !name.is_empty());
    let title = name.map_or_else(|| "A client that is not known".to_owned(), |name| format!("The client {name}"));
    Client { id: "client", title, by: Vec::new() }
}

/// What speaks for Entra without its flag.
fn entra(talks: &[Talk<'_>], manner: &Manner, agent: Option<&str>) -> Vec<&'static str> {
    let operations = |talk: &Talk<'_>| -> Vec<Json> {
        let body = talk.exchange.sent.json();
        body.as_ref().and_then(|b| b.get("Operations")).and_then(Json::as_array).unwrap_or_default().to_vec()
    };
    let ops: Vec<Json> = talks.iter().flat_map(operations).collect();
    let text = |op: &Json, name| op.get(name).and_then(Json::as_str).map(str::to_owned);
    let capital =
        ops.iter().any(|op| text(op, "op").is_some_and(|op| ["Add", "Replace", "Remove"].contains(&op.as_str())));
    let booleans =
        ops.iter().any(|op| text(op, "value").is_some_and(|value| ["True", "False"].contains(&value.as_str())));
    let guid = manner.user_external_id == "{guid}";
    let signs = [
        (capital, "operations with capital letters"),
        (booleans, "booleans as text"),
        (agent.is_none() && manner.plus, "filters with + for a blank and no User-Agent"),
        (agent.is_none() && guid, "externalIds that are GUIDs and no User-Agent"),
    ];
    signs.into_iter().filter(|(there, _)| *there).map(|(_, sign)| sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn every_method_finds_its_lines_in_their_order() {
        let get = list(&[("Accept", "a"), ("Authorization", "{credentials}"), ("Host", "{host}")]);
        let post = list(&[
            ("Accept", "a"),
            ("Content-Type", "t"),
            ("Authorization", "{credentials}"),
            ("Length", "{length}"),
            ("Host", "{host}"),
        ]);
        let patch = list(&[("Host", "{host}"), ("Accept", "b"), ("Authorization", "{credentials}")]);
        let mut lines = Vec::new();
        for (method, list) in [("GET", &get), ("POST", &post), ("PATCH", &patch)] {
            lines = merged(lines, list, method);
        }
        for (method, expected) in [("GET", &get), ("POST", &post), ("PATCH", &patch)] {
            let own = lines.iter().filter(|line| line.on.iter().any(|m| m == method));
            let own: Vec<_> = own.map(|line| (line.name.clone(), line.value.clone())).collect();
            assert_eq!(&own, expected, "{method}");
        }
        assert_eq!(lines.iter().filter(|line| line.name == "Accept" && line.value == "a").count(), 1);
    }

    #[test]
    fn forms_of_ids_are_recognised() {
        assert_eq!(form("00uabcdefghijklmnop1"), "00u{alnum:17}");
        assert_eq!(form("0d9a42ff13bc0d9a42ff13bc"), "{hex:24}");
        assert_eq!(form("0d9a42ff-13bc-4d9a-82ff-13bc0d9a42ff"), "{guid}");
        assert_eq!(form("E1042x"), "{alnum:6}");
        assert_eq!(form("people-0d9a42ff"), "{alnum:6}-{hex:8}");
        let ids = ["people-0d9a42ff", "people-0d13bc00"].map(str::to_owned);
        assert_eq!((common(&ids), common(&ids[..1])), (7, 0));
    }

    #[test]
    fn the_bases_own_query_goes_from_the_resources() {
        let own = Some(("aadOptscim062020".to_owned(), true));
        assert_eq!(without_own("/Users?aadOptscim062020&filter=x", own.as_ref()), "/Users?filter=x");
        assert_eq!(without_own("/Users?aadOptscim062020", own.as_ref()), "/Users");
        assert_eq!(without_own("/Users?filter=x", None), "/Users?filter=x");
    }
}
