//! JumpCloud: reconstructed, with every setting that changes what is sent, and a base URL that ends in a slash.

use super::{Play, Played, Recorded, all_seen, golden, header_names, held, play_all, variant};

const VARIANTS: [&str; 9] = [
    "plain",
    "space=plus",
    "content_type=json",
    "group_lookup=list",
    "create_members=off",
    "import_query=department=Ops",
    "wrong_token=on",
    "delete=off",
    "groups=off",
];

#[test]
fn jumpcloud_sends_what_the_facts_say() {
    let played = play_all(VARIANTS.map(|name| Play::new("jumpcloud", name)).into());
    let goldens = golden::of("jumpcloud");
    all_seen(&goldens, &held(&goldens, &played));
    let always = ["Accept", "Authorization", "Host", "User-Agent"];
    for method in ["GET", "DELETE"] {
        assert_eq!(header_names(&played, method).into_iter().collect::<Vec<_>>(), always, "{method}");
    }
    what_it_never_does(&played);
}

/// Users by PUT and groups by PATCH; no discovery; what is switched off stays away.
fn what_it_never_does(played: &[Played]) {
    let lines = |variant: &Played| {
        let line = |request: &Recorded| format!("{} {}", request.method(), request.target().replace("//", "/"));
        variant.requests.iter().map(line).collect::<Vec<_>>()
    };
    for line in played.iter().flat_map(lines) {
        for never in
            ["PATCH /scim/v2/Users", "PUT /scim/v2/Groups", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes"]
        {
            assert!(!line.contains(never), "{line}");
        }
    }
    assert!(!lines(variant(played, "delete=off")).iter().any(|line| line.starts_with("DELETE ")));
    assert!(!lines(variant(played, "groups=off")).iter().any(|line| line.contains("/Groups")));
}

#[test]
fn a_slash_at_the_end_of_the_base_url_shows_as_two() {
    let played = Play { typed: "/", ..Play::new("jumpcloud", "plain") }.play();
    let sent: Vec<_> = played.requests.iter().map(Recorded::target).collect();
    assert!(sent.iter().all(|target| target.starts_with("/scim/v2//") && !target.contains("///")), "{sent:#?}");
    assert!(sent.contains(&"/scim/v2//Users") && sent.contains(&"/scim/v2//Groups"), "{sent:#?}");
    // But for the second slash it is what is sent without one.
    let goldens = golden::of("jumpcloud");
    let requests = played.requests.iter().map(|request| request.with_target(|target| target.replacen("//", "/", 1)));
    held(&goldens, &[Played { requests: requests.collect(), ..played }]);
}
