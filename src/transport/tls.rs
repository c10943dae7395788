//! TLS: which certificates are trusted, which one we show, and what a failed handshake means.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::ParsedCertificate;
use rustls::{AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::BadOption;

/// Certificates and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Further certificate authorities, or the server's own certificate, PEM.
    pub ca_file: Option<PathBuf>,
    /// The client's certificate chain, PEM.
    pub client_cert: Option<PathBuf>,
    /// The client's key, PEM; in the file of the certificate if this is `None`.
    pub client_key: Option<PathBuf>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
}

impl TlsOptions {
    /// What rustls wants to know.
    ///
    /// # Errors
    /// A file that is missing, is not PEM, or holds a key that does not fit.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, BadOption> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> =
            if self.insecure { Arc::new(Anyone(Arc::clone(&provider))) } else { self.verifier(&provider)? };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| BadOption::new("TLS", error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match self.identity()? {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
                let why = match error {
                    rustls::Error::InconsistentKeys(_) => "the key does not belong to the certificate".to_owned(),
                    other => other.to_string(),
                };
                BadOption::new("--client-key", why)
            })?,
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, BadOption> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let own = self.ca_file.as_deref().map_or(Ok(Vec::new()), |path| certificates("--ca-file", path))?;
        for certificate in &own {
            roots.add(certificate.clone()).map_err(|error| {
                BadOption::new("--ca-file", format!("a certificate in it cannot be read ({error})"))
            })?;
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| BadOption::new("--ca-file", error.to_string()))?;
        Ok(Arc::new(KnownOrOwn { chain, own }))
    }

    fn identity(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, BadOption> {
        let Some(path) = &self.client_cert else {
            return match self.client_key {
                Some(_) => Err(BadOption::new("--client-key", "it needs --client-cert too")),
                None => Ok(None),
            };
        };
        let chain = certificates("--client-cert", path)?;
        let key = private_key(self.client_key.as_deref().unwrap_or(path))?;
        Ok(Some((chain, key)))
    }
}

fn certificates(option: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, BadOption> {
    let text = read(option, path)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| BadOption::new(option, format!("{}: {}", path.display(), pem_error(&error))))?;
    if found.is_empty() {
        let why = "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it";
        return Err(BadOption::new(option, format!("{}: {why}", path.display())));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, BadOption> {
    let text = read("--client-key", path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let encrypted = String::from_utf8_lossy(&text).contains("ENCRYPTED");
        let why = if encrypted {
            "the key is encrypted; decrypt it first (openssl pkey -in FILE -out PLAIN)".to_owned()
        } else {
            pem_error(&error)
        };
        BadOption::new("--client-key", format!("{}: {why}", path.display()))
    })
}

fn read(option: &'static str, path: &Path) -> Result<Vec<u8>, BadOption> {
    std::fs::read(path).map_err(|error| BadOption::new(option, format!("{}: {error}", path.display())))
}

fn pem_error(error: &pem::Error) -> String {
    match error {
        pem::Error::NoItemsFound => {
            "there is no private key in PEM form (-----BEGIN PRIVATE KEY-----) in it".to_owned()
        }
        pem::Error::MissingSectionEnd { .. } => "it is not PEM (a section has no end: is the file whole?)".to_owned(),
        other => format!("it is not PEM ({other})"),
    }
}

/// Trusts the known authorities, those of `--ca-file`, and a server that shows exactly a certificate of that file: a
/// self-signed certificate is often marked as an authority, and as such is no server's by the book.
#[derive(Debug)]
struct KnownOrOwn {
    chain: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for KnownOrOwn {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp, now) {
            // Its validity has been checked before this error; the name has not.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) if self.own.contains(end_entity) => {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// `--insecure`: trusts anyone.
struct Anyone(Arc<CryptoProvider>);

impl fmt::Debug for Anyone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anyone")
    }
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed handshake means, if `error` is one: in plain words, with what to do.
pub(super) fn explain(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?;
    // An error that went through several layers is wrapped as often.
    if let Some(inner) = error.downcast_ref::<io::Error>() {
        return explain(inner);
    }
    Some(match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => certificate(why),
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS on this port; should the URL begin with http://?".to_owned()
        }
        rustls::Error::AlertReceived(alert) => received(*alert),
        rustls::Error::PeerIncompatible(_) => {
            format!("the server and this client have no TLS version or cipher in common ({error})")
        }
        other => format!("the TLS handshake failed ({other})"),
    })
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the server's certificate expired on {}", day(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("the server's certificate is not valid before {}; is the clock right?", day(*not_before))
        }
        CertificateError::UnknownIssuer => {
            "the server's certificate is from an authority that is not known; if it is yours, give it with --ca-file"
                .to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!("the server's certificate is for {} and not for {}", names(presented), expected.to_str())
        }
        CertificateError::Other(why) if why.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is self-signed; if it is yours, give it with --ca-file".to_owned()
        }
        other => format!("the server's certificate cannot be trusted ({other})"),
    }
}

/// `DnsName("a.example.com")` and the like, without what Rust puts around them.
fn names(presented: &[String]) -> String {
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    let plain = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
    presented.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn received(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "the server wants a client certificate; give it with --client-cert and --client-key".to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnknownCA
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateRevoked
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::DecryptError
        | AlertDescription::AccessDenied => format!("the server refused the client certificate ({alert:?})"),
        AlertDescription::HandshakeFailure => {
            "the server refused the TLS handshake; it may want a client certificate (--client-cert), or other ciphers"
                .to_owned()
        }
        AlertDescription::ProtocolVersion => "the server speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        AlertDescription::NoApplicationProtocol => "the server does not speak HTTP/1.1 over TLS".to_owned(),
        AlertDescription::UnrecognisedName => "the server does not know the host name of the URL".to_owned(),
        other => format!("the server ended the TLS handshake ({other:?})"),
    }
}

fn day(time: UnixTime) -> String {
    let stamp = i64::try_from(time.as_secs()).ok().and_then(|secs| jiff::Timestamp::from_second(secs).ok());
    stamp.map_or_else(String::new, |stamp| stamp.strftime("%Y-%m-%d").to_string())
}
