//! Random sequences of legal requests to the reference provider: whatever they are, nothing is found.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use scimproof::scim::json::Json;
use scimproof::session::Session;

use super::independent::generate;

const HEAD: &str = r#"
format = 1
id = "random"
title = "A client without a plan"
about = "It sends what RFC 7644 allows, in any order."

[sources]
RFC = { what = "RFC 7644", date = "2015-09" }

[traits]
join = "strip-all"
query = "keep-and-merge"
space = "percent20"
curious = true
user_external_id = "{hex:16}"
group_external_id = "{hex:16}"

[[header]]
name = "Host"
value = "{host}"

[[header]]
name = "Accept"
value = "application/scim+json"

[[header]]
name = "Authorization"
value = "{credentials}"

[[header]]
name = "Content-Type"
value = "application/scim+json"
on = ["POST", "PUT", "PATCH"]

[[header]]
name = "Content-Length"
value = "{length}"
on = ["POST", "PUT", "PATCH"]

[[feature]]
id = "anything"
title = "Anything"
"#;

const ACTORS: &str = r#"
[[actor]]
id = "maya"
kind = "user"
exists = true

[[actor]]
id = "noor"
kind = "user"
exists = true

[[actor]]
id = "crew"
kind = "group"
exists = true
"#;

/// A request: method and target, and its body.
type Request = (String, Option<String>);

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn user_patch() -> impl Strategy<Value = Request> {
    generate::patch().prop_map(|patch| ("PATCH /Users/{{ maya.id }}".to_owned(), Some(patch.to_string())))
}

/// A PUT of a whole user, who keeps the name.
fn user_put() -> impl Strategy<Value = Request> {
    generate::user().prop_map(|mut user| {
        let members = user.as_object_mut().unwrap();
        members.remove("id");
        members.remove("meta");
        members.set("userName", "{{ maya.userName }}".into());
        ("PUT /Users/{{ maya.id }}".to_owned(), Some(user.to_string()))
    })
}

fn search() -> impl Strategy<Value = Request> {
    let pages =
        select(vec!["", "&startIndex=1&count=2", "&count=0", "&sortBy=userName", "&attributes=userName,emails"]);
    let filter = generate::filter().prop_filter("short", |filter| filter.to_string().len() < 300);
    (filter, pages, any::<bool>()).prop_map(|(filter, pages, post)| {
        if post {
            let body = scimproof::scim::json::object([
                ("schemas", Json::Array(vec!["urn:ietf:params:scim:api:messages:2.0:SearchRequest".into()])),
                ("filter", filter.to_string().into()),
            ]);
            return ("POST /Users/.search".to_owned(), Some(body.to_string()));
        }
        (format!("GET /Users?filter={}{pages}", encoded(&filter.to_string())), None)
    })
}

fn of_group() -> impl Strategy<Value = Request> {
    let add = r#"{"op":"add","path":"members","value":[{"value":"{{ maya.id }}"},{"value":"{{ noor.id }}"}]}"#;
    let replace = r#"{"op":"replace","path":"members","value":[{"value":"{{ noor.id }}"}]}"#;
    let remove = r#"{"op":"remove","path":"members[value eq \"{{ maya.id }}\"]"}"#;
    let clear = r#"{"op":"remove","path":"members"}"#;
    select(vec![add, replace, remove, clear]).prop_map(|operation| {
        let message =
            format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#);
        ("PATCH /Groups/{{ crew.id }}".to_owned(), Some(message))
    })
}

fn read() -> impl Strategy<Value = Request> {
    let targets = [
        "GET /Users/{{ maya.id }}",
        "GET /Users/{{ maya.id }}?attributes=userName,name.givenName",
        "GET /Users/{{ noor.id }}?excludedAttributes=emails",
        "GET /Groups/{{ crew.id }}",
        "GET /Users/nobody",
    ];
    select(targets.to_vec()).prop_map(|target| (target.to_owned(), None))
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![4 => user_patch(), 2 => user_put(), 4 => search(), 2 => of_group(), 2 => read()]
}

fn scenario(number: usize, requests: &[Request]) -> String {
    let mut out =
        format!("id = \"walk-{number}\"\ntitle = \"A walk\"\nfeature = \"anything\"\nwhy = \"It may.\"\n{ACTORS}");
    for (step, (request, body)) in requests.iter().enumerate() {
        out += &format!("\n[[step]]\nid = \"step-{step}\"\nevidence = \"documented: RFC\"\nrequest = '{request}'\n");
        out += &body.as_ref().map(|body| format!("body = '''\n{body}\n'''\n")).unwrap_or_default();
    }
    out
}

#[test]
fn nothing_is_found_on_the_reference_provider() {
    let seed = generate::seed();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("scenarios")).unwrap();
    std::fs::write(folder.path().join("profile.toml"), HEAD).unwrap();
    for (number, requests) in generate::sample(&vec(request(), 4..12), seed, 25).iter().enumerate() {
        let file = folder.path().join(format!("scenarios/{number:02}-walk.toml"));
        std::fs::write(file, scenario(number, requests)).unwrap();
    }
    let report = Session::embedded().folder(folder.path()).jobs(1).play().unwrap();
    assert_eq!((report.errors(), report.warnings()), (0, 0), "seed {seed}\n{}", report.to_text());
}
