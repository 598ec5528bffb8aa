//! What an authority looks for in a handshake when it wants to know that a name leads here (`tls-alpn-01`, RFC 8737).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::ClientHello,
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::TlsError;

/// How an authority says what it wants.
const PROTOCOL: &[u8] = b"acme-tls/1";

/// Proofs that are shown while an authority looks.
#[derive(Debug, Default)]
pub(super) struct Proofs(Mutex<HashMap<String, Arc<ServerConfig>>>);

/// A proof that is shown; dropping it ends that.
#[derive(Debug)]
pub(super) struct Shown {
    proofs: Arc<Proofs>,
    name: String,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.proofs.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl Proofs {
    /// Shows this digest to whoever asks for the name.
    pub(super) fn show(self: &Arc<Self>, name: &str, digest: &[u8; 32]) -> Result<Shown, TlsError> {
        let made = |error: rcgen::Error| TlsError::Made(error.to_string());
        let mut params = CertificateParams::new([name.to_owned()]).map_err(made)?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate().map_err(made)?;
        let certificate = params.self_signed(&key).map_err(made)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let unusable = |error: rustls::Error| TlsError::Unusable(error.to_string());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = provider.key_provider.load_private_key(key).map_err(unusable)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            // Not compared with its key, because the library reads no certificate that says what this one must (`acmeIdentifier`,
            // and critical); both were made a moment ago.
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(
                vec![certificate.der().clone()],
                key,
            ))));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::new(config));
        Ok(Shown { proofs: Arc::clone(self), name: name.to_owned() })
    }

    /// Whether nobody looks, which is nearly always so.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// What to show to this client, when it is an authority that looks.
    pub(super) fn for_client(&self, hello: &ClientHello<'_>) -> Option<Arc<ServerConfig>> {
        let wanted = hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == PROTOCOL));
        let name = hello.server_name().filter(|_| wanted)?.to_ascii_lowercase();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned()
    }
}
