//! Okta: the PUT dialect, the PATCH dialect, and every setting that changes what is sent.

use super::recorder::Recorder;
use super::{Play, Played, Recorded, all_seen, golden, header_names, held, play_all, targets, variant};

const CUSTOM: &str = "app=oin,custom=urn:example:params:scim:schemas:extension:badge:1.0:User:badgeColor";

const GOVERNANCE: &str = "app=oin,governance=on";

const VARIANTS: [&str; 17] = [
    "app=aiw",
    "app=oin",
    "app=oin,user_patch=off",
    "app=oin,space=plus",
    "app=oin,password=on",
    "app=aiw,password=on",
    "app=aiw,clears=empty",
    "app=aiw,clears=null",
    "app=oin,bulk_members=256",
    "app=oin,import_pages=on",
    "app=oin,import_groups=off",
    "app=oin,pathless_members=off",
    "app=aiw,delete=off",
    "app=aiw,groups=off",
    "app=aiw,governance=on",
    GOVERNANCE,
    CUSTOM,
];

#[test]
fn okta_sends_what_the_facts_say() {
    let played = play_all(VARIANTS.map(|name| Play::new("okta", name)).into());
    let goldens = golden::of("okta");
    all_seen(&goldens, &held(&goldens, &played));
    lines_that_are_not_there(&played);
    encoding(&played);
    what_it_never_does(&played);
    reads_before_it_puts(&played);
    every_endpoint_of_roles_and_entitlements_is_read(variant(&played, GOVERNANCE));
}

/// The reference provider has one endpoint of roles and two of entitlements.
fn every_endpoint_of_roles_and_entitlements_is_read(played: &Played) {
    for endpoint in ["/Roles", "/Licenses", "/Profiles"] {
        let times = played.requests.iter().filter(|request| request.path() == format!("/scim/v2{endpoint}")).count();
        assert_eq!(times, 1, "{endpoint}");
    }
}

/// No Content-Type on GET, no conditional request, and nothing that is not in the dump.
fn lines_that_are_not_there(played: &[Played]) {
    let always = ["Accept", "Accept-Charset", "Accept-Encoding", "Authorization", "Connection", "Host", "User-Agent"];
    assert_eq!(header_names(played, "GET").into_iter().collect::<Vec<_>>(), always);
    for method in ["POST", "PUT", "PATCH"] {
        let mut names = Vec::from(always);
        names.extend(["Content-Length", "Content-Type"]);
        names.sort_unstable();
        assert_eq!(header_names(played, method).into_iter().collect::<Vec<_>>(), names, "{method}");
    }
}

/// `%20`, or `+` where the setting says so; always `%22` and `%40`; parameters in the order filter, startIndex, count.
fn encoding(played: &[Played]) {
    for target in targets(played) {
        assert!(!target.contains(['"', '@', ' ']), "{target}");
        let names: Vec<_> = target.split_once('?').map_or("", |(_, query)| query).split('&').collect();
        let names: Vec<_> = names.iter().map(|part| part.split('=').next().unwrap()).collect();
        assert!(["", "startIndex count", "filter startIndex count"].contains(&names.join(" ").as_str()), "{target}");
    }
    for variant in played {
        let (blank, other) =
            if variant.name.contains("space=plus") { ("+eq+%22", "%20") } else { ("%20eq%20%22", "+") };
        let filters: Vec<_> = variant.requests.iter().map(Recorded::target).filter(|t| t.contains("filter=")).collect();
        assert!(!filters.is_empty() && filters.iter().all(|t| t.contains(blank) && !t.contains(other)), "{filters:#?}");
    }
}

fn what_it_never_does(played: &[Played]) {
    for request in played.iter().flat_map(|variant| &variant.requests) {
        let line = format!("{} {}", request.method(), request.target());
        assert!(!line.starts_with("DELETE /scim/v2/Users"), "{line}");
        for never in ["/Bulk", "/.search", "sortBy", "/Me", "/ServiceProviderConfig", "ttributes="] {
            assert!(!line.contains(never), "{line}");
        }
    }
    let without = |name: &str, part: &str| {
        let requests = &variant(played, name).requests;
        assert!(!requests.iter().any(|r| format!("{} {}", r.method(), r.target()).contains(part)), "{part} in {name}");
    };
    without("app=aiw", "PATCH ");
    without("app=oin,user_patch=off", "PATCH /scim/v2/Users");
    without("app=oin", "PUT /scim/v2/Groups");
    without("app=aiw,delete=off", "DELETE ");
    without("app=aiw,groups=off", "/Groups");
    without("app=oin", "/ResourceTypes");
    without("app=oin", "/Schemas");
}

/// Every PUT is preceded by a GET of the same resource, with no other write of it between them; only the PUT of a group's
/// first member arrives twice.
fn reads_before_it_puts(played: &[Played]) {
    for variant in played {
        for (at, request) in variant.requests.iter().enumerate().filter(|(_, request)| request.method() == "PUT") {
            let before = variant.requests[..at].iter().rev().find(|earlier| earlier.path() == request.path());
            let read = before.is_some_and(|before| before.method() == "GET");
            let twice = request.path().contains("/Groups/") && before.is_some_and(|before| before.raw == request.raw);
            assert!(read || twice, "{}: {}", variant.name, request.text());
        }
    }
}

#[test]
fn a_tenant_in_the_path_stays_as_it_was_typed() {
    let recorder = Recorder::with("/api/v1/scim/acme%2Fco/v2", None);
    let played = Play { only: &["create-user"], recorder, typed: "/", ..Play::new("okta", "app=aiw") }.play();
    let sent: Vec<_> = played.requests.iter().map(Recorded::target).collect();
    assert!(sent.contains(&"/api/v1/scim/acme%2Fco/v2/Users"), "{sent:#?}");
    assert!(sent.iter().all(|target| target.starts_with("/api/v1/scim/acme%2Fco/v2/Users")), "{sent:#?}");
}

#[test]
fn a_base_url_with_a_query_is_not_played() {
    for profile in ["okta", "jumpcloud"] {
        let played =
            Play { typed: "?tenant=7", ..Play::new(profile, if profile == "okta" { "app=oin" } else { "plain" }) }
                .play();
        assert!(played.requests.is_empty(), "{profile}: {:?}", played.requests);
    }
}
