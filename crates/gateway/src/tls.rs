//! TLS of the listener: certificates from files, made here once, or signed by an authority that is asked; TLS 1.2 and 1.3, client
//! certificates where an authority is named. Files that change are read again; while they cannot be served, what was read before is.

pub(crate) mod acme;
mod certificate;
mod own;
mod proof;

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use openclaw_config::Tls as Settings;
use openclaw_core::Clock;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{Acceptor, WebPkiClientVerifier},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, server::TlsStream};

use crate::state::State;
use acme::{Acme, Standing};
use certificate::Facts;
use own::Own;
use proof::Proofs;

/// Folder of certificates that are made or asked for, in the state directory.
const FOLDER: &str = "tls";
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

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
    #[error("gateway.tls.keyPath: others can read {}; run chmod 600 on it", path.display())]
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
pub(crate) struct Tls {
    files: ArcSwap<Files>,
    served: ArcSwap<Served>,
    /// Why files that changed are not served.
    problem: ArcSwapOption<String>,
    /// The certificate that is made here, and when to look whether the next one is to be made.
    own: Option<(Own, AtomicI64)>,
    /// The authority that is asked.
    acme: Option<Acme>,
    proofs: Arc<Proofs>,
}

/// How it stands with certificates, as people are told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Certificates {
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<i64>,
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acme: Option<Standing>,
}

/// Where it is read from.
#[derive(Clone, Debug)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
    ca: Option<PathBuf>,
}

/// What is served until the files change.
struct Served {
    config: Arc<ServerConfig>,
    /// SHA-256 of the certificate, hex.
    fingerprint: String,
    /// What it says of itself.
    facts: Option<Facts>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// Reads what the configuration names; `None` when TLS is off.
pub(crate) fn load(
    settings: &Settings,
    state_dir: &Path,
    home: Option<&str>,
    host: &str,
    clock: &Clock,
) -> Result<Option<Tls>, TlsError> {
    if !settings.enabled {
        return Ok(None);
    }
    let ca = settings.ca_path.as_ref().map(|ca| expanded(ca, home));
    let folder = state_dir.join(FOLDER);
    let acme = (!settings.acme.domains.is_empty()).then(|| Acme::new(&settings.acme, &folder));
    let signed = acme.as_ref().map(|acme| Files { cert: acme.pair(), key: acme.pair(), ca: ca.clone() });
    let signed = signed.filter(|files| files.cert.exists()).and_then(|files| match files.read() {
        Ok(served) => Some((files, served)),
        Err(error) => {
            tracing::warn!(%error, "the certificate that an authority signed cannot be served; it is asked for anew");
            None
        }
    });
    let (files, served, own) = match (signed, &settings.cert_path, &settings.key_path) {
        (Some((files, served)), ..) => (files, served, None),
        (None, Some(cert), Some(key)) => {
            let files = Files { cert: expanded(cert, home), key: expanded(key, home), ca };
            let served = files.read()?;
            (files, served, None)
        }
        _ => {
            let own = Own { folder, host: host.to_owned() };
            let again = own.ensure(clock.now_ms())?;
            let files = Files { cert: own.certificate(), key: own.key(), ca };
            let served = files.read()?;
            (files, served, Some((own, AtomicI64::new(again))))
        }
    };
    if let Some(acme) = &acme {
        acme.holds(served.facts.as_ref().filter(|_| own.is_none()));
    }
    Ok(Some(Tls {
        files: ArcSwap::from_pointee(files),
        served: ArcSwap::from_pointee(served),
        problem: ArcSwapOption::empty(),
        own,
        acme,
        proofs: Arc::default(),
    }))
}

impl Files {
    fn read(&self) -> Result<Served, TlsError> {
        let chain = certificates("gateway.tls.certPath", &self.cert)?;
        let (fingerprint, facts) = (fingerprint(&chain[0]), Facts::of(&chain[0]));
        let key = private_key(&self.key)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Unusable(error.to_string()))?;
        let builder = match &self.ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                let (added, _) = roots.add_parsable_certificates(certificates("gateway.tls.caPath", path)?);
                if added == 0 {
                    let (key, path) = ("gateway.tls.caPath", path.clone());
                    return Err(TlsError::Pem { key, path, expected: "authority's certificate" });
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .map_err(|error| TlsError::Unusable(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| TlsError::Unusable(error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Served { config: Arc::new(config), fingerprint, facts })
    }

    /// What tells a file from one that took its place. Links are followed: certificates are mostly renewed by turning one.
    fn look(&self) -> Vec<Option<Stamp>> {
        let all = [Some(&self.cert), Some(&self.key), self.ca.as_ref()];
        all.into_iter().flatten().map(|path| fs::metadata(path).ok().map(|about| Stamp::of(&about))).collect()
    }
}

/// One state of a file. The time of its last change of mode counts as well: that mends a key that others could read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(about: &fs::Metadata) -> Self {
        Self {
            device: about.dev(),
            inode: about.ino(),
            size: about.size(),
            written: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }
}

impl Tls {
    /// Does the handshake; `None` when it fails or takes too long, or was an authority's look at a proof, which ends with it.
    pub(crate) async fn accept<S>(&self, io: S, patience: Duration) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match tokio::time::timeout(patience, self.shake(io)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS handshake failed");
                None
            }
            Err(_) => None,
        }
    }

    async fn shake<S>(&self, io: S) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = Arc::clone(&self.served.load().config);
        if self.proofs.is_empty() {
            return TlsAcceptor::from(config).accept(io).await.map(Some);
        }
        let begun = LazyConfigAcceptor::new(Acceptor::default(), io).await?;
        let Some(proof) = self.proofs.for_client(&begun.client_hello()) else {
            return begun.into_stream(config).await.map(Some);
        };
        let mut stream = begun.into_stream(proof).await?;
        stream.shutdown().await?;
        Ok(None)
    }

    /// SHA-256 of the certificate that is shown, hex.
    pub(crate) fn fingerprint(&self) -> String {
        self.served.load().fingerprint.clone()
    }

    /// How it stands.
    pub(crate) fn shown(&self) -> Certificates {
        let served = self.served.load();
        Certificates {
            fingerprint: served.fingerprint.clone(),
            not_after: served.facts.as_ref().map(|facts| facts.not_after),
            problem: self.problem.load().as_deref().cloned(),
            acme: self.acme.as_ref().map(Acme::standing),
        }
    }

    /// What is wrong with certificates, when something is.
    pub(crate) fn problem(&self) -> Option<String> {
        let files = self.problem.load().as_deref().cloned();
        files.or_else(|| self.acme.as_ref()?.standing().problem)
    }

    /// Makes the next certificate of its own when the time has come; the files are read as any that change.
    fn renew_own(&self, clock: &Clock) {
        let Some((own, again)) = &self.own else { return };
        let now = clock.now_ms();
        if now < again.load(Ordering::Relaxed) {
            return;
        }
        let next = own.ensure(now).unwrap_or_else(|error| {
            tracing::warn!(%error, "the certificate is nearly over and cannot be made anew");
            now.saturating_add(i64::try_from(LOOK.as_millis()).unwrap_or(i64::MAX).saturating_mul(3600))
        });
        again.store(next, Ordering::Relaxed);
    }

    /// Serves what an authority has signed from then on, once it is read like any files that change.
    fn take_over(&self, pair: &Path) -> Result<Option<Facts>, TlsError> {
        let files = Files { cert: pair.to_path_buf(), key: pair.to_path_buf(), ca: self.files.load().ca.clone() };
        let facts = files.read()?.facts;
        self.files.store(Arc::new(files));
        Ok(facts)
    }

    /// Reads the files again; what cannot be served changes nothing. Tells whether another certificate is shown now.
    fn reload(&self) -> bool {
        match self.files.load().read() {
            Ok(served) => {
                let (fingerprint, former) = (served.fingerprint.clone(), self.fingerprint());
                self.served.store(Arc::new(served));
                self.problem.store(None);
                tracing::info!(fingerprint, "TLS files were read again");
                fingerprint != former
            }
            Err(error) => {
                tracing::warn!(%error, "TLS files changed and cannot be served; the former certificate stays");
                self.problem.store(Some(Arc::new(error.to_string())));
                false
            }
        }
    }
}

/// Follows the files until the gateway stops. `shown` is called whenever another certificate is shown.
pub(crate) async fn follow(state: Arc<State>, shown: impl Fn(&str) + Send) {
    if state.tls.is_none() {
        return;
    }
    let looked = || {
        let state = Arc::clone(&state);
        let look = move || {
            let tls = state.tls.as_ref()?;
            tls.renew_own(&state.clock);
            Some(tls.files.load().look())
        };
        async move { tokio::task::spawn_blocking(look).await.ok() }
    };
    let mut known = looked().await;
    let mut seen = known.clone();
    loop {
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let now = looked().await;
        // Two looks must agree: one of the two files may not be there yet.
        let settled = now == seen;
        seen.clone_from(&now);
        if now == known || !settled {
            continue;
        }
        known = now;
        let reading = Arc::clone(&state);
        let changed = tokio::task::spawn_blocking(move || reading.tls.as_ref().is_some_and(Tls::reload)).await;
        if let Some(tls) = state.tls.as_ref().filter(|_| changed.unwrap_or(false)) {
            shown(&tls.fingerprint());
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
    let about = fs::metadata(path).map_err(file)?;
    if is_exposed(about.mode(), about.uid()) {
        return Err(TlsError::Exposed { path: path.to_path_buf() });
    }
    let bytes = zeroize::Zeroizing::new(fs::read(path).map_err(file)?);
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| TlsError::Pem {
        key,
        path: path.to_path_buf(),
        expected: "private key",
    })
}

/// Whether anybody but the gateway can read a key. Packages let a group read what belongs to the superuser, and put services into it.
const fn is_exposed(mode: u32, owner: u32) -> bool {
    let others = if owner == 0 { 0o037 } else { 0o077 };
    mode & others != 0
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    openclaw_core::hex(&Sha256::digest(certificate.as_ref()))
}

/// Writes it whole or not at all, for its owner alone.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_its_owner_and_of_the_superusers_for_a_group() {
        for (mode, owner, exposed) in [
            (0o100_600, 1000, false),
            (0o100_400, 1000, false),
            (0o100_640, 1000, true),
            (0o100_604, 1000, true),
            (0o100_640, 0, false),
            (0o100_660, 0, true),
            (0o100_644, 0, true),
        ] {
            assert_eq!(is_exposed(mode, owner), exposed, "{mode:o} {owner}");
        }
    }

    #[test]
    fn only_what_mozilla_calls_intermediate_is_offered() {
        use rustls::CipherSuite as Suite;
        let intermediate = [
            Suite::TLS13_AES_128_GCM_SHA256,
            Suite::TLS13_AES_256_GCM_SHA384,
            Suite::TLS13_CHACHA20_POLY1305_SHA256,
            Suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            Suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            Suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            Suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            Suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            Suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ];
        let folder = tempfile::tempdir().unwrap();
        let own = Own { folder: folder.path().to_path_buf(), host: String::new() };
        own.ensure(1_790_000_000_000).unwrap();
        let served = Files { cert: own.certificate(), key: own.key(), ca: None }.read().unwrap();
        let offered: Vec<_> =
            served.config.crypto_provider().cipher_suites.iter().map(rustls::SupportedCipherSuite::suite).collect();
        assert!(!offered.is_empty() && offered.iter().all(|suite| intermediate.contains(suite)), "{offered:?}");
    }
}
