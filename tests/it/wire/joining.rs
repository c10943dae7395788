//! The hazards of joining a base URL with a resource path (the list of 14 that the facts about clients give), each on the wire.

use std::collections::BTreeSet;
use std::fs;

use scimproof::session::Session;

use super::{Recorded, Recorder, TOKEN};

/// One client, one base URL, one request, and the target that must go out.
struct Case {
    hazard: u8,
    /// Lines of `[traits]` beside those that every client here has.
    traits: &'static str,
    /// What the administrator typed behind the host.
    base: &'static str,
    /// The request of the profile.
    request: &'static str,
    target: &'static str,
}

const fn case(
    hazard: u8,
    traits: &'static str,
    base: &'static str,
    request: &'static str,
    target: &'static str,
) -> Case {
    Case { hazard, traits, base, request, target }
}

const CONCAT: &str = "join = 'concat'\nquery = 'keep-and-merge'";
const ONE: &str = "join = 'strip-one'\nquery = 'keep-and-merge'";
const ALL: &str = "join = 'strip-all'\nquery = 'keep-and-merge'";
const RAW: &str = "join = 'concat'\nquery = 'append-raw'";
const SLASHED: &str = "join = 'strip-one'\nquery = 'keep-and-merge'\nsuffix_slash = 'always'";
const PLUS: &str = "join = 'strip-one'\nquery = 'keep-and-merge'\nspace = 'plus'";
const LAST: &str = "join = 'strip-one'\nquery = 'keep-and-merge'\nquery_position = 'last'";
const LOWER: &str = "join = 'strip-one'\nquery = 'keep-and-merge'\nupper_hex = false\nescape_ids = true";

const NAMED: &str = "GET /Users?filter=userName{{ ' ' }}eq{{ ' ' }}%22{{ 'ada+x@example.com' }}%22";

/// Hazards 11 and 12, redirects and addresses of another host, are the server's doing: its faults show that they are told.
const CASES: [Case; 32] = [
    // 1: a slash at the end of the base.
    case(1, CONCAT, "/scim/v2/", "GET /Users", "/scim/v2//Users"),
    case(1, ONE, "/scim/v2/", "GET /Users", "/scim/v2/Users"),
    case(1, ONE, "/scim/v2//", "GET /Users", "/scim/v2//Users"),
    case(1, ALL, "/scim/v2//", "GET /Users", "/scim/v2/Users"),
    // 2: none at its end; a resolver of relative references would drop the last segment or the whole path.
    case(2, CONCAT, "/scim/v2", "GET /Users", "/scim/v2/Users"),
    case(2, ONE, "/scim/v2", "GET /Users/4711", "/scim/v2/Users/4711"),
    case(2, ALL, "", "GET /Users", "/Users"),
    // 3: a slash behind the resource.
    case(3, SLASHED, "/scim/v2", "GET /Users", "/scim/v2/Users/"),
    case(3, SLASHED, "/scim/v2/", "GET /Users/4711", "/scim/v2/Users/4711/"),
    case(3, SLASHED, "/scim/v2", "GET /Users?count=1", "/scim/v2/Users/?count=1"),
    case(3, ONE, "/scim/v2", "GET /Users/", "/scim/v2/Users/"),
    // 4: a query in the base.
    case(4, ONE, "/scim?aadOptscim062020", "GET /Users", "/scim/Users?aadOptscim062020"),
    case(4, ONE, "/scim/?flag", "GET /Users?count=1", "/scim/Users?flag&count=1"),
    case(4, LAST, "/scim?flag", "GET /Users?count=1", "/scim/Users?count=1&flag"),
    case(4, RAW, "/scim?flag", "GET /Users", "/scim?flag/Users"),
    case(4, RAW, "/scim?flag", "GET /Users?count=1", "/scim?flag/Users?count=1"),
    // 5: a question mark or an ampersand with nothing behind it.
    case(5, ONE, "/scim?", "GET /Users", "/scim/Users?"),
    case(5, ONE, "/scim", "GET /Users?", "/scim/Users?"),
    case(5, ONE, "/scim", "GET /Users?count=1&", "/scim/Users?count=1&"),
    // 6 and 7: a blank and a plus in a value.
    case(6, ONE, "/scim", NAMED, "/scim/Users?filter=userName%20eq%20%22ada%2Bx%40example.com%22"),
    case(7, PLUS, "/scim", NAMED, "/scim/Users?filter=userName+eq+%22ada%2Bx%40example.com%22"),
    // 8: a slash inside an id, and one inside the name of a tenant.
    case(8, LOWER, "/scim", "GET /Users/{{ 'a/b' }}", "/scim/Users/a%2fb"),
    case(8, ONE, "/scim", "GET /Users/a%2Fb", "/scim/Users/a%2Fb"),
    case(8, ONE, "/scim/acme%2fwest/v2", "GET /Users", "/scim/acme%2fwest/v2/Users"),
    // 9: the case of a path.
    case(9, ONE, "/SCIM/V2", "GET /users", "/SCIM/V2/users"),
    // 10: where tenant and version stand.
    case(10, ONE, "/api/v1/scim/acme/v2", "GET /Users", "/api/v1/scim/acme/v2/Users"),
    case(10, ONE, "/scim/v2/acme", "GET /Users", "/scim/v2/acme/Users"),
    case(10, ONE, "/api/v1/scim", "GET /Users", "/api/v1/scim/Users"),
    case(10, ONE, "/a/../b/./c", "GET /Users", "/a/../b/./c/Users"),
    // 13: a value that is encoded twice.
    case(13, ONE, "/scim", "GET /Users?filter=userName%20eq%20%22{{ 'ada%40example.com' }}%22", {
        "/scim/Users?filter=userName%20eq%20%22ada%2540example.com%22"
    }),
    // 14: a client whose resources have addresses of their own; the path of a step is its own.
    case(14, ONE, "/scim", "GET /people?count=1", "/scim/people?count=1"),
    case(14, ONE, "", "GET /groups-api/v3/teams", "/groups-api/v3/teams"),
];

#[test]
fn every_hazard_of_joining_is_sent_as_its_client_joins() {
    for Case { hazard, traits, base, request, target } in &CASES {
        let sent = sent(traits, base, request);
        assert_eq!(sent.iter().map(Recorded::target).collect::<Vec<_>>(), [*target], "{hazard}: {base:?} {traits}");
        assert!(sent[0].headers().all(|(name, _)| name != "Referer"));
    }
    let hazards: BTreeSet<u8> = CASES.iter().map(|case| case.hazard).chain([11, 12]).collect();
    assert_eq!(hazards, (1..=14).collect(), "every hazard of the list");
}

/// What a client with these traits sends.
fn sent(traits: &str, base: &str, request: &str) -> Vec<Recorded> {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!(
        "format = 1\nid = 'joins'\ntitle = 'Joins'\nabout = 'One request.'\n\n[sources]\nUS = {{ what = 'our own client', \
         date = '2026' }}\n\n[traits]\n{traits}\nuser_external_id = ''\n\n[[header]]\nname = 'Host'\nvalue = \
         '{{host}}'\n\n[[feature]]\nid = 'users'\ntitle = 'Users'\n"
    );
    let scenario = format!(
        "id = 'ask'\ntitle = 'Ask'\nfeature = 'users'\nwhy = 'To see the target.'\n\n[[step]]\nid = 'ask'\nevidence = \
         'inferred: US'\nrequest = '''{request}'''\n"
    );
    fs::create_dir(folder.path().join("scenarios")).unwrap();
    fs::write(folder.path().join("profile.toml"), profile).unwrap();
    fs::write(folder.path().join("scenarios/ask.toml"), scenario).unwrap();
    let recorder = Recorder::start();
    let url = format!("http://{}{base}", recorder.host());
    Session::against(url).bearer(TOKEN).folder(folder.path()).profile("joins").play().unwrap();
    recorder.client()
}
