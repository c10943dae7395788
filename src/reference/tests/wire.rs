//! The same over a socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{GROUP, USER};
use crate::exchange::secret::Secret;
use crate::reference::{Options, Provider};

fn on_runtime<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Sends bytes and reads until the provider closes.
async fn raw(provider: &Provider, request: &str) -> String {
    let address = provider.base_url().replace("http://", "").replace("/scim/v2", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n")
}

#[test]
fn it_serves_and_stops() {
    on_runtime(async {
        let provider = Provider::start(Options::default()).unwrap();
        assert!(provider.base_url().starts_with("http://127.0.0.1:"));
        let answer = raw(&provider, &post("/scim/v2//Users?flag", &format!(r#"{{{USER},"userName":"ada"}}"#))).await;
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        assert!(answer.contains("content-type: application/scim+json\r\n"), "{answer}");
        assert!(answer.contains("location: http://a.example.com/scim/v2/Users/"), "{answer}");
        let answer = raw(&provider, &get("/scim/v2/Users?filter=userName+eq+%22ADA%22")).await;
        assert!(answer.contains("\"totalResults\":1"), "{answer}");
        let answer = raw(&provider, &get("/scim/v2/ServiceProviderConfig").replace("GET", "HEAD")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
        let address = provider.base_url().replace("http://", "").replace("/scim/v2", "");
        provider.stop().await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    });
}

#[test]
fn an_empty_answer_has_no_media_type() {
    on_runtime(async {
        let provider = Provider::start(Options::default()).unwrap();
        let created = raw(&provider, &post("/scim/v2/Groups", &format!(r#"{{{GROUP},"displayName":"G"}}"#))).await;
        let id = created.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let answer = raw(&provider, &get(&format!("/scim/v2/Groups/{id}")).replace("GET", "DELETE")).await;
        assert!(answer.starts_with("HTTP/1.1 204 No Content\r\n"), "{answer}");
        assert!(!answer.contains("content-type") && answer.ends_with("\r\n\r\n"), "{answer}");
    });
}

#[test]
fn too_long_a_body_is_read_and_refused() {
    on_runtime(async {
        let options = Options { token: Some(Secret::new("sesame".to_owned())), ..Options::default() };
        let provider = Provider::start(options).unwrap();
        let request = post("/scim/v2/Users", &"x".repeat(3 << 20));
        assert!(raw(&provider, &request).await.starts_with("HTTP/1.1 401 "));
        let request = request.replacen("\r\n", "\r\nAuthorization: Bearer sesame\r\n", 1);
        let answer = raw(&provider, &request).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("1048576"), "{answer}");
    });
}
