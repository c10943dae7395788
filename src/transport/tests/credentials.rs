//! Where credentials come from, and when they are renewed.

use std::fs;

use super::*;
use crate::transport::oauth::{ClientAuth, ClientCredentials};

fn asking() -> Outgoing {
    request("GET", "/", &[("Authorization", CREDENTIALS)], None)
}

fn with(peer: &Peer, source: Source) -> Client {
    let mut options = options(peer);
    options.credentials.source = source;
    Client::new(options).unwrap()
}

fn refused(source: Source) -> String {
    let mut options = ClientOptions::new(BaseUrl::parse("http://localhost").unwrap());
    options.credentials.source = source;
    Client::new(options).unwrap_err().to_string()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Answers that many requests on one connection.
fn statuses(statuses: &[u16]) -> Vec<Vec<Act>> {
    vec![statuses.iter().flat_map(|status| [Act::Hear, say_json(*status, "{}")]).collect()]
}

fn authorizations(heard: &[String]) -> Vec<&str> {
    heard.iter().map(|r| r.split("Authorization: ").nth(1).unwrap_or("").trim_end()).collect()
}

#[tokio::test]
async fn basic_credentials_may_have_an_empty_password() {
    let peer = Peer::new(statuses(&[200])).await;
    with(&peer, Source::Basic(secret("user:"))).send(asking()).await.1.unwrap();
    assert_eq!(authorizations(&peer.heard().await), ["Basic dXNlcjo="]);
}

#[tokio::test]
async fn a_file_is_read_again_after_a_401() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "first-token\n").unwrap();
    let peer = Peer::new(statuses(&[200, 401, 200, 401, 401, 200, 401, 401])).await;
    let client = with(&peer, Source::Bearer(Token::File(file.path().to_owned())));
    assert_eq!(client.send(asking()).await.1.unwrap().status, 200);
    fs::write(file.path(), "second-token\n").unwrap();
    // 401, read again, 200.
    let (sent, got, _) = client.send(asking()).await;
    assert_eq!((got.unwrap().status, sent.headers[0].1.as_str()), (200, "[secret]"));
    // 401, the same token again: no use in asking twice.
    assert_eq!(client.send(asking()).await.1.unwrap().status, 401);
    // Nor is it read for each further refusal.
    fs::write(file.path(), "third-token\n").unwrap();
    assert_eq!(client.send(asking()).await.1.unwrap().status, 401);
    assert_eq!(client.send(asking()).await.1.unwrap().status, 200);
    // The token has worked: now it is worth a look again.
    assert_eq!(client.send(asking()).await.1.unwrap().status, 401);
    let heard = peer.heard().await;
    let tokens: Vec<_> = authorizations(&heard).into_iter().map(|line| line.trim_start_matches("Bearer ")).collect();
    assert_eq!(tokens[..3], ["first-token", "first-token", "second-token"]);
    assert_eq!(tokens[6..], ["second-token", "third-token"]);
}

#[tokio::test]
async fn a_command_prints_the_token() {
    let peer = Peer::new(statuses(&[200, 200])).await;
    let client = with(&peer, Source::Bearer(Token::Command("echo to''ken-$((1+1))".to_owned())));
    for _ in 0..2 {
        client.send(asking()).await.1.unwrap();
    }
    assert_eq!(authorizations(&peer.heard().await), ["Bearer token-2", "Bearer token-2"]);
}

#[tokio::test]
async fn a_command_that_fails_is_explained() {
    let table = [
        ("echo no luck >&2; exit 3", "the token command failed (exit status: 3): no luck"),
        ("true", "the token command's output: the token is empty"),
        ("echo two words", "the token contains ' '"),
    ];
    for (command, why) in table {
        let peer = Peer::new(vec![]).await;
        let failure =
            with(&peer, Source::Bearer(Token::Command(command.to_owned()))).send(asking()).await.1.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(failure.detail.contains(why), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_request_that_carries_no_credentials_renews_none() {
    let peer = Peer::new(statuses(&[401])).await;
    let client = with(&peer, Source::Bearer(Token::Command("exit 1".to_owned())));
    assert_eq!(client.send(get("/")).await.1.unwrap().status, 401);
}

#[test]
fn credentials_that_cannot_be_used_are_refused_before_anything_is_sent() {
    assert_eq!(refused(Source::Basic(secret("user"))), "--basic-env: the value has no colon; it must be user:password");
    assert_eq!(refused(Source::Bearer(Token::Value(secret("")))), "--token-env: the token is empty");
    assert!(refused(Source::Bearer(Token::Value(secret("a\nb")))).contains("one word"));
    assert!(refused(Source::Bearer(Token::File("/nonexistent/token".into()))).contains("No such file"));
    assert!(refused(Source::Bearer(Token::Command(" ".to_owned()))).contains("empty"));
    let mut options = ClientOptions::new(BaseUrl::parse("http://localhost").unwrap());
    options.credentials.headers = vec![("X Key".to_owned(), secret("x"))];
    assert!(Client::new(options).unwrap_err().to_string().contains("not a header name"));
}

fn oauth(endpoint: &Peer, method: ClientAuth) -> ClientCredentials {
    ClientCredentials {
        token_url: format!("http://{}/oauth/token?tenant=a", endpoint.address),
        id: "client one".to_owned(),
        secret: secret("s3cr3t/+"),
        scope: Some("scim:read scim:write".to_owned()),
        method,
    }
}

#[tokio::test]
async fn a_token_is_asked_for_both_ways() {
    for method in [ClientAuth::Basic, ClientAuth::Body] {
        let token = r#"{"access_token":"tok-1","token_type":"BEARER","expires_in":"3600"}"#;
        let endpoint = Peer::new(vec![vec![Act::Hear, say_json(200, token)]]).await;
        let peer = Peer::new(statuses(&[200])).await;
        let client = with(&peer, Source::OAuth2(oauth(&endpoint, method)));
        client.send(asking()).await.1.unwrap();
        assert_eq!(authorizations(&peer.heard().await), ["Bearer tok-1"]);
        let asked = endpoint.heard().await.remove(0);
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /oauth/token?tenant=a HTTP/1.1\r\n"), "{head}");
        let form = "grant_type=client_credentials&scope=scim%3Aread+scim%3Awrite";
        match method {
            // client+one:s3cr3t%2F%2B
            ClientAuth::Basic => {
                assert!(head.contains("authorization: Basic Y2xpZW50K29uZTpzM2NyM3QlMkYlMkI="), "{head}");
                assert_eq!(body, form);
            }
            ClientAuth::Body => {
                assert!(!head.contains("authorization"), "{head}");
                assert_eq!(body, format!("{form}&client_id=client+one&client_secret=s3cr3t%2F%2B"));
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_renewed_when_it_expires_and_after_a_401() {
    let token = |n: u8| say_json(200, &format!(r#"{{"access_token":"tok-{n}","expires_in":100}}"#));
    let endpoint = Peer::new(vec![vec![Act::Hear, token(1), Act::Hear, token(2), Act::Hear, token(3)]]).await;
    let peer = Peer::new(statuses(&[200, 200, 200, 401, 200])).await;
    let clock = Rc::new(FakeClock::default());
    let mut options = options(&peer);
    options.clock = clock.clone();
    options.credentials.source = Source::OAuth2(oauth(&endpoint, ClientAuth::Basic));
    let client = Client::new(options).unwrap();
    client.send(asking()).await.1.unwrap();
    clock.advance(Duration::from_secs(89));
    client.send(asking()).await.1.unwrap();
    clock.advance(Duration::from_secs(1));
    client.send(asking()).await.1.unwrap();
    assert_eq!(client.send(asking()).await.1.unwrap().status, 200);
    let heard = peer.heard().await;
    assert_eq!(
        authorizations(&heard),
        ["Bearer tok-1", "Bearer tok-1", "Bearer tok-2", "Bearer tok-2", "Bearer tok-3"]
    );
}

#[tokio::test]
async fn a_token_endpoint_that_refuses_is_quoted_without_the_secret() {
    let table = [
        (
            say_json(401, r#"{"error":"invalid_client","error_description":"bad s3cr3t/+ given"}"#),
            "answered 401: invalid_client (bad [secret] given)",
        ),
        (say_json(200, r#"{"error":"invalid_scope"}"#), "answered 200: invalid_scope"),
        (say_json(200, r#"{"token":"x"}"#), "answered 200 without an access_token"),
        (say_json(200, r#"{"access_token":"x","token_type":"mac"}"#), "gave a token of type \"mac\""),
        (say_json(200, "<html>"), "answered 200 with something that is not JSON: \"<html>\""),
        (say("HTTP/1.1 302 X\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"), "a redirect to /login"),
        (say(""), "cannot be asked: "),
    ];
    for (answer, why) in table {
        let endpoint = Peer::new(vec![vec![Act::Hear, answer]]).await;
        let peer = Peer::new(vec![]).await;
        let client = with(&peer, Source::OAuth2(oauth(&endpoint, ClientAuth::Body)));
        let failure = client.send(asking()).await.1.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(failure.detail.contains(why), "{}", failure.detail);
        assert!(failure.detail.starts_with("the token endpoint http://127.0.0.1:"), "{}", failure.detail);
    }
}

#[tokio::test]
async fn several_refused_requests_renew_once() {
    let token = |n: u8| say_json(200, &format!(r#"{{"access_token":"tok-{n}"}}"#));
    let endpoint = Peer::new(vec![vec![Act::Hear, token(1), Act::Hear, token(2)]]).await;
    // The peer plays its connections one after the other: both requests are refused before either is sent again.
    let script = |status| vec![Act::Hear, say_json(status, "{}")];
    let peer = Peer::new(vec![script(401), script(401), script(200), script(200)]).await;
    let client = with(&peer, Source::OAuth2(oauth(&endpoint, ClientAuth::Basic)));
    let (first, second) = futures_util::future::join(client.send(asking()), client.send(asking())).await;
    assert_eq!((first.1.unwrap().status, second.1.unwrap().status), (200, 200));
    assert_eq!(endpoint.heard().await.len(), 2);
}
