//! Certificates made for a test, and servers that show them.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::target::{Talk, Target, Wrap};

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Identity {
    /// Signed by itself, for these names.
    pub(crate) fn for_names(names: &[&str]) -> Self {
        Self::made(
            &CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("names"),
        )
    }

    /// The same, of a year long gone.
    pub(crate) fn expired(names: &[&str]) -> Self {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("names");
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        Self::made(&params)
    }

    fn made(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { certificate: certificate.pem(), chain: vec![certificate.der().clone()], key }
    }

    /// The reference provider behind this certificate.
    pub(crate) fn serve(&self) -> Target {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .expect("the key fits");
        let config = Arc::new(config);
        let wrap: Wrap = Box::new(move |stream: TcpStream| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(std::io::Error::other)?;
            Ok(Box::new(StreamOwned::new(connection, stream)) as Box<dyn Talk>)
        });
        Target::secure(wrap)
    }
}
