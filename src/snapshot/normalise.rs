//! Answers without what differs from run to run: ids, times, versions, hosts, invented names.

use std::collections::BTreeMap;

use crate::exchange::{Exchange, Origin, Received};
use crate::scim::json::{Json, Object};
use crate::trace::Trace;

/// The text of a scenario's answers.
#[must_use]
pub fn scenario(trace: &Trace) -> String {
    let mut normal = Normal::new(trace);
    let mut out = format!("scimproof baseline 1\n{} / {}\n", trace.place.variant, trace.place.scenario);
    for turn in &trace.turns {
        let exchange = &turn.exchange;
        normal.learn(exchange);
        if exchange.origin != Origin::Client {
            continue;
        }
        let target = normal.text(&crate::exchange::decode_query(&exchange.sent.resource));
        out.push_str(&format!("\n=== {}: {} {target}\n", exchange.place.step, exchange.sent.method));
        match &exchange.got {
            Ok(answer) => normal.answer(exchange, answer, &mut out),
            Err(failure) => out.push_str(&format!("no answer: {}\n", failure.kind.as_str())),
        }
    }
    out
}

struct Normal {
    /// Longest first: an e-mail address before the names in it.
    invented: Vec<(String, String)>,
    ids: BTreeMap<String, usize>,
    own: Vec<String>,
}

impl Normal {
    fn new(trace: &Trace) -> Self {
        let mut invented = trace.invented.clone();
        invented.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self { invented, ids: BTreeMap::new(), own: Vec::new() }
    }

    /// Numbers ids by their first sight; what an answer to a POST tells is our own.
    fn learn(&mut self, exchange: &Exchange) {
        let Some(id) = exchange.answer().and_then(|json| json.get("id")).and_then(Json::as_str) else { return };
        let next = self.ids.len() + 1;
        self.ids.entry(id.to_owned()).or_insert(next);
        if exchange.sent.method == "POST" && exchange.succeeded() {
            self.own.push(id.to_owned());
        }
    }

    fn answer(&self, exchange: &Exchange, answer: &Received, out: &mut String) {
        let media = answer.media_type().map(|media| format!(" {media}")).unwrap_or_default();
        out.push_str(&format!("{}{media}\n", answer.status));
        for name in ["Location", "ETag"] {
            if let Some(value) = answer.header(name) {
                let value = if name == "ETag" { "[version]".to_owned() } else { self.address(value) };
                out.push_str(&format!("{name}: {value}\n"));
            }
        }
        match answer.json() {
            Some(json) => {
                let mut json = json.clone();
                self.value("", &mut json);
                if exchange.sent.parameter("filter").is_none() {
                    self.without_strangers(&mut json);
                }
                out.push_str(&json.pretty());
                out.push('\n');
            }
            None if answer.body.is_empty() => {}
            None => out.push_str("(a body that is not JSON)\n"),
        }
    }

    /// A list of everything holds other people's records and their number: neither belongs into a baseline.
    fn without_strangers(&self, json: &mut Json) {
        let Some(list) = json.as_object_mut() else { return };
        let Some(Json::Array(resources)) = list.get_mut("Resources") else { return };
        let own: Vec<String> = self.own.iter().filter_map(|id| self.ids.get(id)).map(|n| format!("[id:{n}]")).collect();
        resources.retain(|r| r.get("id").and_then(Json::as_str).is_some_and(|id| own.iter().any(|o| o == id)));
        resources.sort_by_cached_key(ToString::to_string);
        for name in ["totalResults", "itemsPerPage"] {
            if list.get(name).is_some() {
                list.set(name, "[count]".into());
            }
        }
    }

    fn value(&self, name: &str, value: &mut Json) {
        match value {
            Json::String(text) => *text = self.string(name, text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(name, item)),
            Json::Object(Object(members)) => {
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                for (name, value) in members {
                    self.value(name, value);
                }
            }
            _ => {}
        }
    }

    fn string(&self, name: &str, text: &str) -> String {
        match name {
            "version" => "[version]".to_owned(),
            "location" | "$ref" => self.address(text),
            "created" | "lastModified" if crate::scim::date_time::is_valid(text) => "[time]".to_owned(),
            _ => self.text(text),
        }
    }

    /// An address without its host.
    fn address(&self, text: &str) -> String {
        match text.split_once("://") {
            Some((_, rest)) => format!("[host]{}", self.text(&rest[rest.find('/').unwrap_or(rest.len())..])),
            None => self.text(text),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (id, number) in &self.ids {
            if out.contains(id.as_str()) && id.len() > 3 || out == *id {
                out = out.replace(id.as_str(), &format!("[id:{number}]"));
            }
        }
        for (value, label) in &self.invented {
            if out == *value {
                return format!("[{label}]");
            }
            if value.len() >= 6 {
                out = replace_without_case(&out, value, &format!("[{label}]"));
            }
        }
        out
    }
}

fn replace_without_case(text: &str, value: &str, with: &str) -> String {
    let (lower, wanted) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
    let mut out = String::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find(&wanted) {
        out.push_str(&text[from..from + at]);
        out.push_str(with);
        from += at + wanted.len();
    }
    out.push_str(&text[from..]);
    out
}
