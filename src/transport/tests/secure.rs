//! TLS against real handshakes.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;

use super::*;

/// An authority, and what it issued for the server.
struct Pki {
    ca_pem: String,
    issuer: Issuer<'static, KeyPair>,
    chain: CertificateParams,
    key: KeyPair,
}

impl Pki {
    fn new(names: &[&str]) -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
        let chain = CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
        Self { ca_pem, issuer: Issuer::new(ca, ca_key), chain, key: KeyPair::generate().unwrap() }
    }

    fn server(&self) -> ServerConfig {
        let certificate = self.chain.signed_by(&self.key, &self.issuer).unwrap();
        config(vec![certificate.der().clone()], &self.key)
    }
}

fn builder() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap()
}

fn key_of(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

fn config(chain: Vec<rustls_pki_types::CertificateDer<'static>>, key: &KeyPair) -> ServerConfig {
    builder().with_no_client_auth().with_single_cert(chain, key_of(key)).unwrap()
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn path(file: &NamedTempFile) -> PathBuf {
    file.path().to_owned()
}

async fn tls_peer(config: ServerConfig, script: Vec<Act>) -> Peer {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Peer::over(vec![script], move |stream| acceptor.accept(stream)).await
}

/// What a client with these options gets of a server that answers 200 to one request.
async fn ask(config: ServerConfig, host: &str, tls: TlsOptions) -> Result<Received, Failure> {
    let peer = tls_peer(config, vec![Act::Hear, say_json(200, "{}")]).await;
    let base = BaseUrl::parse(&format!("https://{host}:{}/scim", peer.address.port())).unwrap();
    let mut options = ClientOptions::new(base);
    options.tls = tls;
    Client::new(options).unwrap().send(get("/")).await.1
}

fn trusting(ca: &NamedTempFile) -> TlsOptions {
    TlsOptions { ca_file: Some(path(ca)), ..TlsOptions::default() }
}

async fn refusal(config: ServerConfig, host: &str, tls: TlsOptions) -> String {
    let failure = ask(config, host, tls).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls, "{failure:?}");
    failure.detail
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_given() {
    let pki = Pki::new(&["localhost", "127.0.0.1"]);
    let ca = file(&pki.ca_pem);
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(ask(pki.server(), host, trusting(&ca)).await.unwrap().status, 200);
    }
    assert_eq!(
        refusal(pki.server(), "localhost", TlsOptions::default()).await,
        "the server's certificate is from an authority that is not known; if it is yours, give it with --ca-file"
    );
    let insecure = TlsOptions { insecure: true, ..TlsOptions::default() };
    assert_eq!(ask(pki.server(), "localhost", insecure).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_when_given() {
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = is_ca;
        let certificate = params.self_signed(&key).unwrap();
        let server = || config(vec![certificate.der().clone()], &key);
        let given = file(&certificate.pem());
        assert_eq!(ask(server(), "localhost", trusting(&given)).await.unwrap().status, 200);
        let wrong = refusal(server(), "127.0.0.1", trusting(&given)).await;
        assert_eq!(wrong, "the server's certificate is for localhost and not for 127.0.0.1");
        assert!(refusal(server(), "localhost", TlsOptions::default()).await.ends_with("give it with --ca-file"));
    }
}

#[tokio::test]
async fn certificates_out_of_their_time_are_refused_with_the_day() {
    let mut pki = Pki::new(&["localhost"]);
    let ca = file(&pki.ca_pem);
    pki.chain.not_after = rcgen::date_time_ymd(2020, 2, 29);
    let why = refusal(pki.server(), "localhost", trusting(&ca)).await;
    assert_eq!(why, "the server's certificate expired on 2020-02-29");
    pki.chain.not_after = rcgen::date_time_ymd(3001, 1, 1);
    pki.chain.not_before = rcgen::date_time_ymd(3000, 1, 1);
    let why = refusal(pki.server(), "localhost", trusting(&ca)).await;
    assert_eq!(why, "the server's certificate is not valid before 3000-01-01; is the clock right?");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_with_the_names() {
    let pki = Pki::new(&["scim.example.com", "*.example.org"]);
    let ca = file(&pki.ca_pem);
    assert_eq!(
        refusal(pki.server(), "localhost", trusting(&ca)).await,
        "the server's certificate is for scim.example.com, *.example.org and not for localhost"
    );
}

#[tokio::test]
async fn a_server_can_want_a_client_certificate() {
    let pki = Pki::new(&["localhost"]);
    let mut roots = RootCertStore::empty();
    let client_ca = Pki::new(&["client"]);
    roots.add(rustls_pki_types::pem::PemObject::from_pem_slice(client_ca.ca_pem.as_bytes()).unwrap()).unwrap();
    let roots = Arc::new(roots);
    let server = || {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), provider).build().unwrap();
        let chain = vec![pki.chain.signed_by(&pki.key, &pki.issuer).unwrap().der().clone()];
        builder().with_client_cert_verifier(verifier).with_single_cert(chain, key_of(&pki.key)).unwrap()
    };
    let ca = file(&pki.ca_pem);
    assert_eq!(
        refusal(server(), "localhost", trusting(&ca)).await,
        "the server wants a client certificate; give it with --client-cert and --client-key"
    );

    let certificate = client_ca.chain.signed_by(&client_ca.key, &client_ca.issuer).unwrap().pem();
    let cert_file = file(&certificate);
    let key_file = file(&client_ca.key.serialize_pem());
    let apart = TlsOptions { client_cert: Some(path(&cert_file)), client_key: Some(path(&key_file)), ..trusting(&ca) };
    assert_eq!(ask(server(), "localhost", apart).await.unwrap().status, 200);
    let both = file(&format!("{certificate}{}", client_ca.key.serialize_pem()));
    let together = TlsOptions { client_cert: Some(path(&both)), ..trusting(&ca) };
    assert_eq!(ask(server(), "localhost", together).await.unwrap().status, 200);

    let stranger = Pki::new(&["client"]);
    let strange = file(&stranger.chain.signed_by(&stranger.key, &stranger.issuer).unwrap().pem());
    let strange_key = file(&stranger.key.serialize_pem());
    let wrong = TlsOptions { client_cert: Some(path(&strange)), client_key: Some(path(&strange_key)), ..trusting(&ca) };
    let why = refusal(server(), "localhost", wrong).await;
    assert!(why.starts_with("the server refused the client certificate ("), "{why}");
}

#[tokio::test]
async fn keep_alive_and_odd_framing_work_over_tls() {
    let pki = Pki::new(&["localhost"]);
    let odd = "HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}";
    let script = vec![Act::Hear, say_json(200, "{}"), Act::Hear, say("HTTP/1.1 204 X\r\n\r\n{}")];
    for (script, expected) in [
        (script, vec![Oddity::BodyWhereNoneBelongs(2)]),
        (vec![Act::Hear, say_json(200, "{}"), Act::Hear, say(odd)], {
            vec![Oddity::Malformed("a header line is folded over two lines".to_owned())]
        }),
    ] {
        let peer = tls_peer(pki.server(), script).await;
        let base = BaseUrl::parse(&format!("https://localhost:{}", peer.address.port())).unwrap();
        let mut options = ClientOptions::new(base);
        options.tls.insecure = true;
        let client = Client::new(options).unwrap();
        client.send(get("/")).await.1.unwrap();
        assert_eq!(client.send(request("PATCH", "/", &[], None)).await.1.unwrap().oddities, expected);
    }
}

#[tokio::test]
async fn clear_text_and_tls_are_told_apart() {
    let peer = Peer::new(vec![vec![say("HTTP/1.1 400 Bad Request\r\n\r\n"), Act::Stay]]).await;
    let base = BaseUrl::parse(&format!("https://localhost:{}", peer.address.port())).unwrap();
    let failure = Client::new(ClientOptions::new(base)).unwrap().send(get("/")).await.1.unwrap_err();
    assert_eq!(
        (failure.kind, failure.detail.as_str()),
        (FailureKind::Tls, "the server does not speak TLS on this port; should the URL begin with http://?")
    );

    let peer = Peer::new(vec![vec![]]).await;
    let base = BaseUrl::parse(&format!("https://localhost:{}", peer.address.port())).unwrap();
    let failure = Client::new(ClientOptions::new(base)).unwrap().send(get("/")).await.1.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls);
    assert!(failure.detail.contains("does it speak TLS on this port?"), "{}", failure.detail);

    // Clear text to a port that speaks TLS: rustls answers with an alert.
    let peer = tls_peer(Pki::new(&["localhost"]).server(), vec![]).await;
    let failure = client(&peer).send(get("/")).await.1.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::NotHttp), "{failure:?}");
    assert!(failure.detail.contains("https://"), "{}", failure.detail);
}

#[test]
fn files_that_cannot_be_used_are_explained() {
    let pki = Pki::new(&["localhost"]);
    let no_pem = file("hello");
    let cert = file(&pki.ca_pem);
    let other_key = file(&KeyPair::generate().unwrap().serialize_pem());
    let encrypted = file("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let missing = Some(PathBuf::from("/nonexistent/ca.pem"));
    let options = TlsOptions::default;
    let table = [
        (TlsOptions { ca_file: missing.clone(), ..options() }, "--ca-file: /nonexistent/ca.pem: No such file"),
        (TlsOptions { ca_file: Some(path(&no_pem)), ..options() }, "there is no certificate in PEM form"),
        (TlsOptions { client_cert: missing, ..options() }, "--client-cert: /nonexistent/ca.pem: No such file"),
        (TlsOptions { client_key: Some(path(&other_key)), ..options() }, "--client-key: it needs --client-cert too"),
        (TlsOptions { client_cert: Some(path(&cert)), ..options() }, "there is no private key in PEM form"),
        (
            TlsOptions { client_cert: Some(path(&cert)), client_key: Some(path(&other_key)), ..options() },
            "--client-key: the key does not belong to the certificate",
        ),
        (
            TlsOptions { client_cert: Some(path(&cert)), client_key: Some(path(&encrypted)), ..options() },
            "the key is encrypted",
        ),
    ];
    for (options, why) in table {
        let error = options.config().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
