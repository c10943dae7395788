//! The `rfc` profile on the embedded provider: no finding, everything cleaned up, and no more requests than it is worth.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use scimproof::event::{Event, Reporter};
use scimproof::exchange::Exchange;
use scimproof::session::Session;

/// What User and Group may cost, and each further resource type.
const MOST: (usize, usize) = (400, 60);

#[derive(Default)]
struct Sent(Arc<Mutex<Vec<Arc<Exchange>>>>);

impl Reporter for Sent {
    fn name(&self) -> &'static str {
        "sent"
    }

    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        if let Event::Exchanged(turn) = event {
            self.0.lock().unwrap().push(Arc::clone(&turn.exchange));
        }
        Ok(())
    }
}

#[test]
fn the_rfc_client_finds_nothing_and_asks_no_more_than_it_may() {
    let sent = Sent::default();
    let exchanges = Arc::clone(&sent.0);
    let session = Session::embedded().profile("rfc").bearer("let-me-in").seed(7);
    let report = session.play_with(vec![Box::new(sent)]).unwrap();
    assert_eq!((report.errors(), report.warnings()), (0, 0), "{}", report.to_text());
    assert!(report.left_overs().is_empty());
    assert!(report.not_played().is_empty(), "{:?}", report.not_played());

    let exchanges = exchanges.lock().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for exchange in exchanges.iter() {
        // What is declared of a type of its own; an extension of User is part of User.
        let further = exchange.place.scenario.strip_prefix("declared@").filter(|name| !name.starts_with("User-"));
        *counts.entry(further.unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), ["", "License", "Profile", "Role", "Room"]);
    for (name, count) in counts {
        let most = if name.is_empty() { MOST.0 } else { MOST.1 };
        assert!(count <= most, "{count} requests for {name:?}, {most} at most");
    }
    for document in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        let authorized =
            |exchange: &&Arc<Exchange>| exchange.sent.headers.iter().any(|(name, _)| name == "Authorization");
        let read = |exchange: &&Arc<Exchange>| exchange.sent.method == "GET" && *exchange.sent.resource == *document;
        assert_eq!(exchanges.iter().filter(authorized).filter(read).count(), 1, "{document} is read once a run");
    }
}
