//! The recorder's own certificate: given, or made on the spot.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Chain and key, PEM.
    Files(PathBuf, PathBuf),
    /// A new one, valid for this machine; written beside the recording, so that a client can be told to trust it.
    SelfSigned,
}

/// The file of a certificate that was made.
pub const CERTIFICATE: &str = "recorder.pem";

/// What accepts TLS.
pub(super) fn acceptor(certificate: &Certificate, address: IpAddr, folder: &Path) -> Result<TlsAcceptor, String> {
    let (chain, key) = match certificate {
        Certificate::Files(chain, key) => (read_chain(chain)?, read_key(key)?),
        Certificate::SelfSigned => self_signed(address, folder)?,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS: {error}"))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| format!("--tls-key: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Why there is no TLS with a client, in words.
pub(super) fn refused(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidMessage(_)) => {
            "a client does not speak TLS; does its base URL begin with https?".to_owned()
        }
        Some(rustls::Error::AlertReceived(_)) => {
            format!("a client ended the TLS handshake ({error}); does it trust the certificate?")
        }
        _ => format!("a client's TLS handshake failed: {error}"),
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: String| format!("--tls-cert: {}: {why}", path.display());
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(wrong("there is no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it".to_owned())),
        Err(error) => Err(wrong(format!("it is not PEM ({error})"))),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let wrong = |why: String| format!("--tls-key: {}: {why}", path.display());
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|error| wrong(format!("there is no key in PEM form that can be used ({error})")))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn self_signed(address: IpAddr, folder: &Path) -> Result<Identity, String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !address.is_unspecified() && !address.is_loopback() {
        names.push(address.to_string());
    }
    let wrong = |error: rcgen::Error| format!("--tls-self-signed: {error}");
    let made = rcgen::generate_simple_self_signed(names).map_err(wrong)?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join(CERTIFICATE), made.cert.pem()))
        .map_err(|error| format!("{}: {error}", folder.join(CERTIFICATE).display()))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    Ok((vec![made.cert.der().clone()], key))
}
