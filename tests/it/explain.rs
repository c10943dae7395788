//! `scimproof explain`, as a shell sees it. Its pages are tested beside its code.

use super::support::desk::Desk;

#[test]
fn an_id_gives_a_page_and_a_beginning_a_list() {
    let desk = Desk::new();
    let page = desk.say("explain RFC7644-3.3-13").exits(0);
    assert!(page.stdout.contains("checked by rfc7644/3.3/conflict"), "{}", page.stdout);
    let list = desk.say("explain state/filter").exits(0);
    assert!(list.stdout.lines().count() == 1 || list.stdout.contains("A filtered list"), "{}", list.stdout);
    assert!(desk.say("explain okta/").exits(0).stdout.lines().all(|line| line.starts_with("okta/")));
}

#[test]
fn an_unknown_id_is_answered_with_the_nearest() {
    let desk = Desk::new();
    let ended = desk.say("explain rfc7644/3.3/created-statsu").exits(2);
    assert!(ended.stderr.contains("near are rfc7644/3.3/created-status"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}
