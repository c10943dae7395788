//! The vendors' test tools: Okta's SPEC test and Microsoft's validator, as far as their requests are public.

use super::{Play, all_seen, golden, header_names, held, play_all};

fn play(profile: &str) -> Vec<super::Played> {
    let played = play_all(vec![Play::new(profile, "plain")]);
    let goldens = golden::of(profile);
    all_seen(&goldens, &held(&goldens, &played));
    played
}

#[test]
fn the_spec_test_sends_what_the_facts_say() {
    let played = play("okta-spec");
    let methods: Vec<_> = played[0].requests.iter().map(super::Recorded::method).collect();
    // Twelve requests, and nothing but reads and creates.
    assert_eq!(methods.len(), 12, "{methods:?}");
    assert!(methods.iter().all(|method| ["GET", "POST"].contains(method)), "{methods:?}");
    assert!(!header_names(&played, "POST").contains("Accept-Charset"));
}

#[test]
fn the_validator_sends_what_the_facts_say() {
    let played = play("entra-validator");
    for request in &played[0].requests {
        for capital in ["\"Add\"", "\"Replace\"", "\"Remove\"", "\"False\""] {
            assert!(!request.text().contains(capital), "{}", request.text());
        }
    }
}
