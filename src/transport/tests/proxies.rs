//! Requests through a proxy that knows where it is.

use super::*;

fn through(peer: &Peer, user: &str, base: &str) -> Client {
    let mut options = ClientOptions::new(BaseUrl::parse(base).unwrap());
    options.proxy = Proxy::Url(format!("http://{user}{}", peer.address));
    Client::new(options).unwrap()
}

#[tokio::test]
async fn a_request_in_clear_names_the_whole_url() {
    let peer = Peer::new(vec![vec![Act::Hear, say_json(200, "\"dTpwYXNz\""), Act::Hear, say_json(407, "{}")]]).await;
    let client = through(&peer, "u:pass@", "http://scim.example.com/scim");
    let (sent, got, _) = client.send(get("//scim/Users?q='x'")).await;
    assert_eq!(body(&got.unwrap()), "\"[secret]\"");
    assert_eq!((sent.target.as_str(), sent.headers.len()), ("//scim/Users?q='x'", 1));
    let failure = client.send(get("/")).await.1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Proxy);
    assert!(failure.detail.ends_with("refused the credentials of its URL (407)"), "{}", failure.detail);
    assert_eq!(
        peer.heard().await[0],
        "GET http://scim.example.com//scim/Users?q='x' HTTP/1.1\r\nHost: scim.example.com\r\n\
         Proxy-Authorization: Basic dTpwYXNz\r\n\r\n"
    );
}

#[tokio::test]
async fn a_tunnel_is_asked_for_tls() {
    let table = [
        ("HTTP/1.1 407 X\r\n\r\n", FailureKind::Proxy, "wants credentials (407)"),
        ("HTTP/1.1 503 Down\r\n\r\n", FailureKind::Proxy, "opened no tunnel: 503 Down"),
        ("what?", FailureKind::Proxy, "does not speak HTTP"),
        ("", FailureKind::Proxy, "closed the connection"),
        ("HTTP/1.1 200 Go\r\n\r\n", FailureKind::Tls, "closed the connection during the TLS handshake"),
    ];
    for (answer, kind, why) in table {
        let peer = Peer::new(vec![vec![Act::Hear, say(answer)]]).await;
        let failure = through(&peer, "", "https://scim.example.com/x").send(get("/")).await.1.unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.detail.contains(why), "{}", failure.detail);
        let heard = peer.heard().await;
        assert_eq!(heard, ["CONNECT scim.example.com:443 HTTP/1.1\r\nHost: scim.example.com:443\r\n\r\n"]);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let peer = Peer::new(vec![]).await;
    let client = through(&peer, "", "http://scim.example.com");
    let address = peer.address;
    peer.heard().await;
    let failure = client.send(get("/")).await.1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Proxy);
    let start = format!("the proxy {address} cannot be reached: nothing listens");
    assert!(failure.detail.starts_with(&start), "{}", failure.detail);
}

/// Who looks at the traffic of a server of their own, on their own machine, names the proxy.
#[tokio::test]
async fn this_machine_is_asked_through_a_proxy_that_is_named() {
    let peer = Peer::new(vec![vec![Act::Hear, say_json(200, "{}")]]).await;
    let client = through(&peer, "", "http://localhost:1");
    assert!(client.stays_here());
    client.send(get("/Users")).await.1.unwrap();
    let heard = peer.heard().await;
    assert!(heard[0].starts_with("GET http://localhost:1/Users "), "{heard:?}");
}

#[test]
fn seen_from_a_proxy_elsewhere_this_machine_is_another() {
    let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let stays = |url: &str| stays_here(&base, &Proxy::Url(url.to_owned()));
    assert!(stays("http://localhost:8888") && !stays("http://proxy.example.com:3128"));
    assert!(stays_here(&base, &Proxy::Environment));
}
