//! scimproof as a dev-dependency: a server in the same process, played against by its own tests.

use std::sync::mpsc;
use std::thread;

use scimproof::reference::{Options, Provider};
use scimproof::session::{Session, block_on};

/// Stands for the server under test: it runs on a thread of this process until the test lets it go.
struct Server {
    url: String,
    _stop: mpsc::Sender<()>,
}

fn server() -> Server {
    let (tell, told) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::spawn(move || {
        block_on(async {
            let provider = Provider::start(Options::default()).unwrap();
            tell.send(provider.base_url()).unwrap();
            // The runtime goes on serving while a blocking thread waits for the test to end.
            let _ = tokio::task::spawn_blocking(move || stopped.recv()).await;
        })
        .unwrap();
    });
    Server { url: told.recv().unwrap(), _stop: stop }
}

#[test]
fn a_server_in_the_same_process_is_played_against() {
    let server = server();
    let report = Session::against(&server.url).profile("okta:app=aiw").only("okta/create-user").play().unwrap();
    assert_eq!((report.errors(), report.warnings()), (0, 0), "{}", report.to_text());
    assert!(report.to_text().contains("Push New Users"), "{}", report.to_text());
    assert!(report.left_overs().is_empty());
}

#[test]
fn a_profile_that_does_not_exist_is_told() {
    let error = Session::embedded().profile("otka").play().unwrap_err();
    assert_eq!(error.to_string(), "there is no profile `otka`; expected perhaps `okta`");
}
