//! Whose certificates are trusted.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};

use crate::identity::hex;

/// Whose certificates a client trusts.
#[derive(Clone, Debug)]
pub enum Tls {
    /// What the operating system trusts, and these authorities (DER).
    Platform {
        /// Further authorities.
        extra: Vec<CertificateDer<'static>>,
    },
    /// Any certificate for any name. The connection is encrypted, but anybody in between can read it.
    AllowSelfSigned,
    /// The one certificate with this SHA-256, whatever its name, issuer and age.
    Fingerprint(Fingerprint),
}

impl Default for Tls {
    /// What the operating system trusts.
    fn default() -> Self {
        Self::Platform { extra: Vec::new() }
    }
}

/// SHA-256 of a certificate in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate.as_ref()).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A text that is not a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is the SHA-256 of the certificate: 64 hex digits, with or without colons")]
pub struct BadFingerprint;

impl FromStr for Fingerprint {
    type Err = BadFingerprint;

    fn from_str(text: &str) -> Result<Self, BadFingerprint> {
        let digits: Vec<u8> = text
            .trim()
            .trim_start_matches("sha256:")
            .chars()
            .filter(|c| *c != ':')
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(BadFingerprint))
            .collect::<Result<_, _>>()?;
        if digits.len() != 64 {
            return Err(BadFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(bytes))
    }
}

/// The fingerprint of the certificate that a gateway showed, known once it has shown one.
pub(crate) type Seen = Arc<OnceLock<Fingerprint>>;

/// The TLS side of a connection, and where the fingerprint of what the gateway shows will stand.
pub(crate) fn configure(tls: &Tls) -> Result<(Arc<ClientConfig>, Seen), Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let seen = Seen::default();
    let trust = match tls {
        Tls::Platform { extra } => Trust::Platform(Box::new(rustls_platform_verifier::Verifier::new_with_extra_roots(
            extra.iter().cloned(),
            Arc::clone(&provider),
        )?)),
        Tls::AllowSelfSigned => Trust::Anybody,
        Tls::Fingerprint(pin) => Trust::Pinned(*pin),
    };
    let verifier = Verifier { trust, provider: Arc::clone(&provider), seen: Arc::clone(&seen) };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok((Arc::new(config), seen))
}

#[derive(Debug)]
enum Trust {
    Platform(Box<rustls_platform_verifier::Verifier>),
    Anybody,
    Pinned(Fingerprint),
}

/// Decides about the certificate; that the gateway holds its key is checked in every case.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    seen: Seen,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = *self.seen.get_or_init(|| Fingerprint::of(end_entity));
        match &self.trust {
            Trust::Platform(platform) => {
                platform.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pin) if *pin == shown => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pin) => {
                Err(Error::General(format!("its certificate has the fingerprint {shown}, but {pin} is pinned")))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_in_the_forms_that_tools_print() {
        let plain = "00".repeat(31) + "ff";
        let colons = "00:".repeat(31) + "FF";
        for text in [plain.clone(), colons, format!("sha256:{plain}")] {
            assert_eq!(text.parse::<Fingerprint>().unwrap().to_string(), plain);
        }
        for text in ["", "00", &"0".repeat(65), &"g".repeat(64), &"ü".repeat(32)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
