//! A bulk job with its results (RFC 7644 section 3.7): what the checks of Bulk look at.

use super::{Operation, Subject};
use crate::scim::json::Json;

/// One operation of the request with the result that belongs to it.
#[derive(Debug)]
pub(in crate::check) struct Entry<'j> {
    /// Its place in the request.
    pub(in crate::check) number: usize,
    /// The operation.
    pub(in crate::check) operation: &'j Json,
    /// Its result with its place in the answer, if there is one.
    pub(in crate::check) result: Option<(usize, &'j Json)>,
}

impl<'j> Entry<'j> {
    /// A member of the operation that is a text: `method`, `path`, `bulkId`.
    pub(in crate::check) fn text(&self, name: &str) -> Option<&'j str> {
        self.operation.get(name).and_then(Json::as_str)
    }

    /// The method, in upper case.
    pub(in crate::check) fn method(&self) -> String {
        self.text("method").unwrap_or_default().to_ascii_uppercase()
    }

    /// The status code of the result.
    pub(in crate::check) fn status(&self) -> Option<u16> {
        status(self.result?.1)
    }

    /// Whether the result is a success.
    pub(in crate::check) fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// The id of the resource, from the location of the result.
    pub(in crate::check) fn id(&self) -> Option<&'j str> {
        let location = self.result?.1.get("location")?.as_str()?;
        location.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
    }
}

/// Request and answer of a job that was answered with 200.
#[derive(Debug)]
pub(in crate::check) struct Job<'j> {
    /// The whole request.
    pub(in crate::check) request: &'j Json,
    /// The results as they came.
    pub(in crate::check) results: &'j [Json],
    /// The operations in their order.
    pub(in crate::check) entries: Vec<Entry<'j>>,
}

impl<'j> Job<'j> {
    /// Brings operations and results together: by bulkId, by method and location, at last by their place.
    pub(in crate::check) fn new(request: &'j Json, answer: &'j Json) -> Option<Self> {
        let operations = request.get("Operations")?.as_array()?;
        let results = answer.get("Operations")?.as_array()?;
        let mut free: Vec<usize> = (0..results.len()).collect();
        let mut entries: Vec<Entry<'j>> = Vec::new();
        for (number, operation) in operations.iter().enumerate() {
            entries.push(Entry { number, operation, result: None });
        }
        for fits in [by_bulk_id, by_location, by_place] {
            for entry in entries.iter_mut().filter(|entry| entry.result.is_none()) {
                let found = free.iter().position(|place| fits(entry, *place, &results[*place]));
                entry.result = found.map(|at| free.remove(at)).map(|place| (place, &results[place]));
            }
        }
        Some(Self { request, results, entries })
    }
}

fn by_bulk_id(entry: &Entry<'_>, _: usize, result: &Json) -> bool {
    let wanted = entry.text("bulkId");
    wanted.is_some() && result.get("bulkId").and_then(Json::as_str) == wanted
}

fn by_location(entry: &Entry<'_>, _: usize, result: &Json) -> bool {
    let same_method =
        result.get("method").and_then(Json::as_str).is_some_and(|m| m.eq_ignore_ascii_case(&entry.method()));
    let path = entry.text("path").map(|path| path.trim_matches('/')).filter(|path| path.contains('/'));
    let location = result.get("location").and_then(Json::as_str).map(|location| location.trim_end_matches('/'));
    same_method && path.zip(location).is_some_and(|(path, location)| location.ends_with(path))
}

fn by_place(entry: &Entry<'_>, place: usize, result: &Json) -> bool {
    let other = |name: &str| {
        let (sent, got) = (entry.text(name), result.get(name).and_then(Json::as_str));
        sent.zip(got).is_some_and(|(sent, got)| !sent.eq_ignore_ascii_case(got))
    };
    place == entry.number && !other("method") && !other("bulkId")
}

/// The status code of a result: a string, a number, or an object with a `code` (ambiguity 35).
pub(in crate::check) fn status(result: &Json) -> Option<u16> {
    let value = result.get("status")?;
    let value = value.get("code").unwrap_or(value);
    value.as_str().and_then(|text| text.trim().parse().ok()).or_else(|| value.as_i64()?.try_into().ok())
}

/// The JSON of a bulk request.
pub(in crate::check) fn request<'a>(subject: &Subject<'a>) -> Option<&'a Json> {
    if subject.kind.operation == Operation::Bulk { subject.exchange().sent.json() } else { None }
}

/// The methods that an operation may have.
const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// What is wrong with an operation, with the requirement that says so; `None`: it is well formed.
pub(in crate::check) fn flaw(operation: &Json) -> Option<(&'static str, &'static str)> {
    let text = |name: &str| operation.get(name).and_then(Json::as_str);
    let Some(method) = text("method").map(str::to_ascii_uppercase) else {
        return Some(("RFC7644-3.7-07", "it has no method"));
    };
    if !METHODS.contains(&method.as_str()) {
        return Some(("RFC7644-3.7-07", "its method is none of POST, PUT, PATCH and DELETE"));
    }
    let Some(path) = text("path") else { return Some(("RFC7644-3.7-10", "it has no path")) };
    let segments = path.split('/').filter(|part| !part.is_empty()).count();
    let post = method == "POST";
    if post && segments > 1 {
        return Some(("RFC7644-3.7-11", "it is a POST to a resource"));
    }
    if !post && segments < 2 {
        return Some(("RFC7644-3.7-11", "its path names no resource"));
    }
    if method != "DELETE" && operation.get("data").is_none() {
        return Some(("RFC7644-3.7-12", "it has no data"));
    }
    if post && text("bulkId").is_none() {
        return Some(("RFC7644-3.7-08", "it is a POST without a bulkId"));
    }
    None
}

/// Every `bulkId:` in a value: the keys that lead to it, without places in arrays, and the identifier.
pub(in crate::check) fn references(value: &Json) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut |keys, text| {
        if let Some(id) = text.strip_prefix("bulkId:") {
            found.push((keys.to_vec(), id.to_owned()));
        }
    });
    found
}

/// The texts that stand in a value under these keys.
pub(in crate::check) fn texts_at(value: &Json, wanted: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut |keys, text| {
        if keys.len() == wanted.len() && keys.iter().zip(wanted).all(|(a, b)| a.eq_ignore_ascii_case(b)) {
            found.push(text.to_owned());
        }
    });
    found
}

fn walk(value: &Json, keys: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &str)) {
    match value {
        Json::String(text) => visit(keys, text),
        Json::Array(items) => items.iter().for_each(|item| walk(item, keys, visit)),
        Json::Object(members) => {
            for (name, member) in members.iter() {
                keys.push(name.to_owned());
                walk(member, keys, visit);
                keys.pop();
            }
        }
        _ => {}
    }
}
