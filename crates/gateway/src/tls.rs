//! TLS of the listener: certificates from files or made here once, TLS 1.2 and 1.3, client certificates where an authority is named.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use openclaw_config::Tls as Settings;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Folder of a certificate that is made here, in the state directory.
const FOLDER: &str = "tls";
/// Names that a certificate made here is good for besides the machine's own.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{key}: cannot use {}: {source}", path.display())]
    File {
        /// Which key names it.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others could read the private key.
    #[error("gateway.tls.keyPath: everybody can read {}; run chmod 600 on it", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
    /// A file does not hold what belongs there.
    #[error("{key}: {} holds no {expected} in PEM form", path.display())]
    Pem {
        /// Which key names it.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// What belongs there.
        expected: &'static str,
    },
    /// Certificate and key cannot be served together.
    #[error("gateway.tls: the certificate cannot be served: {0}; is keyPath the key of the certificate in certPath?")]
    Unusable(String),
    /// A certificate cannot be made.
    #[error("gateway.tls.autoGenerate: no certificate could be made: {0}")]
    Made(String),
}

/// What the listener needs to serve TLS.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    /// SHA-256 of the certificate, hex.
    pub(crate) fingerprint: String,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Reads what the configuration names; `None` when TLS is off.
pub(crate) fn load(
    settings: &Settings,
    state_dir: &Path,
    home: Option<&str>,
    host: &str,
) -> Result<Option<Tls>, TlsError> {
    if !settings.enabled {
        return Ok(None);
    }
    let (cert, key) = match (&settings.cert_path, &settings.key_path) {
        (Some(cert), Some(key)) => (expanded(cert, home), expanded(key, home)),
        _ => own_certificate(&state_dir.join(FOLDER), host)?,
    };
    let chain = certificates("gateway.tls.certPath", &cert)?;
    let fingerprint = fingerprint(&chain[0]);
    let key = private_key(&key)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Unusable(error.to_string()))?;
    let builder = match &settings.ca_path {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let path = expanded(ca, home);
            let mut roots = RootCertStore::empty();
            let (added, _) = roots.add_parsable_certificates(certificates("gateway.tls.caPath", &path)?);
            if added == 0 {
                return Err(TlsError::Pem { key: "gateway.tls.caPath", path, expected: "authority's certificate" });
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| TlsError::Unusable(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| TlsError::Unusable(error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Tls { config: Arc::new(config), fingerprint }))
}

impl Tls {
    /// Does the handshake; `None` when it fails or takes too long.
    pub(crate) async fn accept<S>(&self, io: S, patience: Duration) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let shaking = TlsAcceptor::from(Arc::clone(&self.config)).accept(io);
        match tokio::time::timeout(patience, shaking).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS handshake failed");
                None
            }
            Err(_) => None,
        }
    }
}

fn expanded(path: &str, home: Option<&str>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = fs::read(path).map_err(|source| TlsError::File { key, path: path.to_path_buf(), source })?;
    let wrong = || TlsError::Pem { key, path: path.to_path_buf(), expected: "certificate" };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>().map_err(|_| wrong())?;
    if chain.is_empty() { Err(wrong()) } else { Ok(chain) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let key = "gateway.tls.keyPath";
    let file = |source| TlsError::File { key, path: path.to_path_buf(), source };
    let mode = fs::metadata(path).map_err(file)?.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(TlsError::Exposed { path: path.to_path_buf() });
    }
    let bytes = zeroize::Zeroizing::new(fs::read(path).map_err(file)?);
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| TlsError::Pem {
        key,
        path: path.to_path_buf(),
        expected: "private key",
    })
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    Sha256::digest(certificate.as_ref()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The certificate that was made here at an earlier start, else a new one. It is its own authority: clients pin its fingerprint.
fn own_certificate(folder: &Path, host: &str) -> Result<(PathBuf, PathBuf), TlsError> {
    let paths = (folder.join("certificate.pem"), folder.join("key.pem"));
    if paths.0.exists() && paths.1.exists() {
        return Ok(paths);
    }
    let made = |error: rcgen::Error| TlsError::Made(error.to_string());
    let names = LOCAL_NAMES.into_iter().chain(Some(host).filter(|host| !host.is_empty()));
    let mut params = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>()).map_err(made)?;
    params.distinguished_name.push(DnType::CommonName, "OpenClaw Gateway");
    let key = KeyPair::generate().map_err(made)?;
    let certificate = params.self_signed(&key).map_err(made)?;
    let file =
        |path: &Path, source| TlsError::File { key: "gateway.tls.autoGenerate", path: path.to_path_buf(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| file(folder, error))?;
    // The key first: a certificate without its key would be taken for whole.
    let key = zeroize::Zeroizing::new(key.serialize_pem());
    for (path, text) in [(&paths.1, key.as_str()), (&paths.0, certificate.pem().as_str())] {
        write_new(path, text).map_err(|error| file(path, error))?;
    }
    Ok(paths)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}
