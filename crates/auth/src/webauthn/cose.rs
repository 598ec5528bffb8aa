//! Public keys as authenticators write them (RFC 9052, RFC 9053, RFC 8812), and signatures by them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use ciborium::Value;
use ed25519_dalek::{Signature, VerifyingKey};

use super::{Problem, authenticator::cbor};

/// Algorithms that are understood, the best first, by their numbers: Ed25519, ECDSA on P-256, RSA with PKCS #1.
pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

/// A public key.
pub(super) enum PublicKey {
    Ed25519(Box<VerifyingKey>),
    P256(Box<ParsedPublicKey>),
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl PublicKey {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = bytes;
        let members = cbor(&mut rest).and_then(|value| value.into_map().ok()).ok_or(Problem::Key)?;
        if !rest.is_empty() {
            return Err(Problem::Key);
        }
        let members = Members(members);
        let number = |label| members.get(label)?.as_integer().and_then(|number| i64::try_from(number).ok());
        let bytes = |label| members.get(label)?.as_bytes().map(Vec::as_slice);
        let key = match (number(1), number(3), number(-1)) {
            (Some(1), Some(-8), Some(6)) => {
                let key = bytes(-2).and_then(|x| VerifyingKey::from_bytes(x.try_into().ok()?).ok());
                key.filter(|key| !key.is_weak()).map(|key| Self::Ed25519(Box::new(key)))
            }
            (Some(2), Some(-7), Some(1)) => bytes(-2).zip(bytes(-3)).and_then(|(x, y)| {
                let (x, y): ([u8; 32], [u8; 32]) = (x.try_into().ok()?, y.try_into().ok()?);
                let point = [&[4][..], &x, &y].concat();
                let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok()?;
                Some(Self::P256(Box::new(key)))
            }),
            (Some(3), Some(-257), None) => bytes(-1).zip(bytes(-2)).and_then(|(modulus, exponent)| {
                let fits = (256..=1024).contains(&modulus.len()) && (1..=8).contains(&exponent.len());
                fits.then(|| Self::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
            }),
            _ => None,
        };
        key.ok_or(Problem::Key)
    }

    pub(super) const fn algorithm(&self) -> i64 {
        match self {
            Self::Ed25519(_) => -8,
            Self::P256(_) => -7,
            Self::Rsa { .. } => -257,
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Problem> {
        let right = match self {
            Self::Ed25519(key) => {
                Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
            }
            Self::P256(key) => key.verify_sig(message, signature).is_ok(),
            Self::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        };
        if right { Ok(()) } else { Err(Problem::Signature) }
    }
}

struct Members(Vec<(Value, Value)>);

impl Members {
    /// The member with this label, when there is exactly one.
    fn get(&self, label: i64) -> Option<&Value> {
        let is = |key: &Value| key.as_integer().is_some_and(|number| i128::from(number) == i128::from(label));
        let mut found = self.0.iter().filter(|(key, _)| is(key)).map(|(_, value)| value);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}
