//! `scimproof.toml`: named targets with the options of `run`; flags override it, and it holds no secret.

use super::support::desk::Desk;
use super::support::target::{Reply, Target};
use super::support::text::{of_type, transcript};

/// Two targets, the second the default.
fn configuration(first: &Target, second: &Target) -> String {
    format!(
        r#"default = "staging"

[target.production]
url = "{}"
profiles = ["jumpcloud"]
only = ["jumpcloud/create-user"]

[target.staging]
url = "{}"
profiles = ["okta:app=oin"]
only = ["okta/create-user", "okta/link-user"]
skip = ["okta/link-user"]
token-env = "SCIM_TOKEN"
header-env = ["X-Tenant=TENANT"]
report = ["console", "transcript=out/run.ndjson"]
seed = 77
jobs = 2
timeout = "30s"
rate = 500.5
"#,
        first.url(),
        second.url()
    )
}

fn targets() -> (Target, Target) {
    let staging = Target::with_token("staging-token-31c7", |asked, directory| Reply::Tell(directory.answer(asked)));
    (Target::conforming(), staging)
}

fn desk() -> Desk {
    Desk::new().with("SCIM_TOKEN", "staging-token-31c7").with("TENANT", "acme")
}

#[test]
fn the_default_target_is_played_as_configured() {
    let (production, staging) = targets();
    let desk = desk();
    desk.write("scimproof.toml", &configuration(&production, &staging));
    let ended = desk.say("run").exits(0).says(", seed 77");
    assert!(ended.stdout.contains("okta:app=oin") && !ended.stdout.contains("jumpcloud"), "{}", ended.stdout);
    assert_eq!(production.connections(), 0);
    let asked = staging.asked();
    assert!(asked.iter().all(|asked| asked.header("x-tenant") == Some("acme")));
    let lines = transcript(&desk.read("out/run.ndjson"));
    assert_eq!(of_type(&lines, "scenario").len(), 2, "discovery and create-user");
}

#[test]
fn flags_override_the_configuration() {
    let (production, staging) = targets();
    let desk = desk();
    desk.write("scimproof.toml", &configuration(&production, &staging));
    desk.say("run --seed 5 --only okta/rename-group --report console").exits(0).says(", seed 5");
    assert!(!desk.path("out/run.ndjson").exists(), "the reports of the flags, not those of the file");
    assert!(staging.asked().iter().any(|asked| asked.is("PATCH", "/Groups/")));
    // Another target by its name: its own options and no other's.
    let ended = desk.say("run --target production").exits(0);
    assert!(ended.stdout.contains("JumpCloud") && !ended.stdout.contains("Okta"), "{}", ended.stdout);
    assert!(production.asked().iter().all(|asked| asked.header("authorization").is_none()));
    // A URL is a target of its own.
    let before = staging.asked().len();
    desk.say(&format!("run okta:app=oin --only okta/create-user --target {}", production.url())).exits(0);
    assert_eq!(staging.asked().len(), before);
}

/// Another kind of credentials on the command line takes the place of the configured one.
#[test]
fn credentials_of_flags_take_the_place_of_the_configured_ones() {
    let (production, staging) = targets();
    let desk = desk();
    desk.write("scimproof.toml", &configuration(&production, &staging));
    desk.write("token", "staging-token-31c7\n");
    desk.say("run --token-file token").exits(0);
}

/// Paths in a configuration are relative to its own folder.
#[test]
fn a_configuration_elsewhere_brings_its_own_folder() {
    let (production, staging) = targets();
    let desk = desk();
    desk.write("deep/ci.toml", &configuration(&production, &staging));
    desk.say("run --config deep/ci.toml").exits(0);
    assert!(desk.path("deep/out/run.ndjson").exists());
    desk.say("run --config deep/ci.toml --target production").exits(0);
    assert!(!production.asked().is_empty());
}

#[test]
fn a_sweep_finds_its_target_in_the_configuration() {
    let (production, staging) = targets();
    let desk = desk();
    desk.write("scimproof.toml", &configuration(&production, &staging));
    desk.say("run --keep --ledger kept").exits(0);
    assert_eq!(staging.count(), 1);
    desk.say("sweep kept --target staging").exits(0).says("1 of 1 removed");
    assert_eq!(staging.count(), 0);
}

/// Whatever a secret is called, it is refused, and it is not shown.
#[test]
fn secrets_are_refused() {
    let desk = Desk::new();
    let target = Target::conforming();
    for key in ["token", "password", "secret", "basic", "authorization", "oauth-secret"] {
        desk.write("scimproof.toml", &format!("[target.a]\nurl = \"{}\"\n{key} = \"hunter2\"\n", target.url()));
        desk.say("run").exits(2).says(&format!("`{key}`: a configuration never holds a secret"));
    }
    desk.write("scimproof.toml", "[target.a]\nurl = \"https://ada:hunter2@scim.example.com/\"\n");
    desk.say("run").exits(2).does_not_say("hunter2");
    assert_eq!(target.connections(), 0);
}
