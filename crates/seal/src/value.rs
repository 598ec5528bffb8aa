//! Values that are sealed for one place.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    cipher::{
        AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
        UnboundCipherKey,
    },
    hmac,
    iv::FixedLength,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::Ids;
use zeroize::Zeroizing;

use crate::{DataKeys, OpenError};

/// What a sealed value begins with.
pub const MARK: &str = "enc:v1:";
/// The same when it was sealed by AES-256-CBC with HMAC.
const MARK_CBC: &str = "enc:c1:";
const IV_LEN: usize = 16;
const TAG_LEN: usize = 32;

/// How a value is sealed. Either kind opens, whatever is configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    /// AES-256 in Galois counter mode.
    #[default]
    Gcm,
    /// AES-256 in block chaining mode with PKCS#7, then HMAC-SHA-256 over everything.
    Cbc,
}

impl Cipher {
    /// Its letter, for whoever keeps which one was used.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gcm => "gcm",
            Self::Cbc => "cbc",
        }
    }
}

/// What is sealed. Each use has keys of its own, so that nothing sealed for one opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Secrets of the configuration.
    Config,
    /// Rows of the database.
    Database,
    /// Tokens of other gateways.
    Fleet,
}

impl Use {
    const fn label(self) -> &'static str {
        match self {
            Self::Config => "openclaw config 1",
            Self::Database => "openclaw database 1",
            Self::Fleet => "openclaw fleet 1",
        }
    }
}

/// Whether the text is a sealed value.
#[must_use]
pub fn is_sealed(text: &str) -> bool {
    parts(text).is_some()
}

/// The name of the data key that opens it.
#[must_use]
pub fn kid_of(text: &str) -> Option<&str> {
    parts(text).map(|(_, kid, _)| kid)
}

fn parts(text: &str) -> Option<(Cipher, &str, &str)> {
    let (cipher, rest) = match text.strip_prefix(MARK) {
        Some(rest) => (Cipher::Gcm, rest),
        None => (Cipher::Cbc, text.strip_prefix(MARK_CBC)?),
    };
    let (kid, body) = rest.split_once(':')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (!kid.is_empty() && kid.len() <= 32 && !body.is_empty() && plain(kid) && plain(body)).then_some((cipher, kid, body))
}

/// Seals and opens values for one use.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<Vec<(String, Prepared)>>,
    ids: Ids,
    cipher: Cipher,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

/// A data key as one use needs it.
struct Prepared {
    gcm: LessSafeKey,
    chained: Zeroizing<[u8; 32]>,
    mac: hmac::Key,
}

impl Sealer {
    /// For this use of the keys; new values are sealed with the newest of them.
    #[must_use]
    pub fn new(keys: &DataKeys, ids: &Ids, what: Use, cipher: Cipher) -> Self {
        let prepared = keys.each().map(|(kid, key)| {
            let derive = |part: &str| derive(key, what.label(), part);
            let gcm = UnboundKey::new(&AES_256_GCM, &*derive("gcm")).expect("a key has 32 bytes");
            let prepared = Prepared {
                gcm: LessSafeKey::new(gcm),
                chained: derive("cbc"),
                mac: hmac::Key::new(hmac::HMAC_SHA256, &*derive("hmac")),
            };
            (kid.to_owned(), prepared)
        });
        Self { keys: Arc::new(prepared.collect()), ids: ids.clone(), cipher }
    }

    /// The name of the key that new values are sealed with.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.keys.last().map_or("", |(kid, _)| kid)
    }

    /// Whether it opens what was sealed with this key.
    #[must_use]
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == kid)
    }

    /// How new values are sealed.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Seals a value for the place.
    #[must_use]
    pub fn seal(&self, place: &str, plain: &str) -> String {
        let (kid, key) = self.keys.last().expect("there is always a newest key");
        let (mark, body) = match self.cipher {
            Cipher::Gcm => (MARK, key.seal_gcm(self.ids.bytes(), &bound(kid, place), plain.as_bytes())),
            Cipher::Cbc => (MARK_CBC, key.seal_cbc(self.ids.bytes(), &bound(kid, place), plain.as_bytes())),
        };
        let mut text = format!("{mark}{kid}:");
        URL_SAFE_NO_PAD.encode_string(body, &mut text);
        text
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`OpenError`]; nothing of the value is in it.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Zeroizing<String>, OpenError> {
        let (cipher, kid, body) = parts(sealed).ok_or(OpenError::Malformed)?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(known, _)| known == kid)
            .ok_or_else(|| OpenError::UnknownKey { kid: kid.to_owned() })?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| OpenError::NotHere)?;
        let plain = match cipher {
            Cipher::Gcm => key.open_gcm(&bound(kid, place), body),
            Cipher::Cbc => key.open_cbc(&bound(kid, place), &body),
        };
        let mut plain = plain.ok_or(OpenError::NotHere)?;
        String::from_utf8(std::mem::take(&mut *plain)).map(Zeroizing::new).map_err(|_| OpenError::NotHere)
    }
}

/// What a value is bound to: its key and its place. A key's name has no zero byte, so no two pairs are written alike.
fn bound(kid: &str, place: &str) -> Vec<u8> {
    [kid.as_bytes(), b"\0", place.as_bytes()].concat()
}

/// A key for one part of one use.
pub(crate) fn derive(key: &[u8; 32], label: &str, part: &str) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for piece in [label.as_bytes(), b"\0", part.as_bytes()] {
        context.update(piece);
    }
    let mut derived = Zeroizing::new([0; 32]);
    derived.copy_from_slice(context.sign().as_ref());
    derived
}

pub(crate) fn gcm_key(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key has 32 bytes"))
}

pub(crate) fn seal_gcm(key: &LessSafeKey, nonce: [u8; NONCE_LEN], bound: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
    body.extend_from_slice(plain);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body)
        .expect("values are far below the cipher's limit");
    body.splice(0..0, nonce);
    body
}

pub(crate) fn open_gcm(key: &LessSafeKey, bound: &[u8], mut body: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
    let nonce: [u8; NONCE_LEN] = body.get(..NONCE_LEN)?.try_into().ok()?;
    let opened = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body[NONCE_LEN..]);
    let length = opened.ok()?.len();
    body.truncate(NONCE_LEN + length);
    body.drain(..NONCE_LEN);
    Some(Zeroizing::new(body))
}

impl Prepared {
    fn seal_gcm(&self, nonce: [u8; NONCE_LEN], bound: &[u8], plain: &[u8]) -> Vec<u8> {
        seal_gcm(&self.gcm, nonce, bound, plain)
    }

    fn open_gcm(&self, bound: &[u8], body: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        open_gcm(&self.gcm, bound, body)
    }

    fn seal_cbc(&self, iv: [u8; IV_LEN], bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let key = UnboundCipherKey::new(&AES_256, &*self.chained).expect("a key has 32 bytes");
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).expect("the cipher has this mode");
        let mut text = plain.to_vec();
        key.less_safe_encrypt(&mut text, EncryptionContext::Iv128(FixedLength::from(&iv)))
            .expect("padding makes any length fit");
        let mut body = [&iv[..], &text].concat();
        let tag = self.tag(bound, &body);
        body.extend_from_slice(tag.as_ref());
        body
    }

    fn open_cbc(&self, bound: &[u8], body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (sealed, tag) = body.split_at_checked(body.len().checked_sub(TAG_LEN)?)?;
        // Looked at before anything is deciphered, so that nobody learns from padding.
        hmac::verify(&self.mac, &authenticated(bound, sealed), tag).ok()?;
        let (iv, text) = sealed.split_at_checked(IV_LEN)?;
        let iv: [u8; IV_LEN] = iv.try_into().ok()?;
        let key = UnboundCipherKey::new(&AES_256, &*self.chained).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = key.decrypt(&mut text, DecryptionContext::Iv128(FixedLength::from(&iv))).ok()?;
        Some(Zeroizing::new(plain.to_vec()))
    }

    fn tag(&self, bound: &[u8], sealed: &[u8]) -> hmac::Tag {
        hmac::sign(&self.mac, &authenticated(bound, sealed))
    }
}

/// What the tag is over. The length in front keeps the two parts apart.
fn authenticated(bound: &[u8], sealed: &[u8]) -> Vec<u8> {
    let length = u64::try_from(bound.len()).unwrap_or(u64::MAX).to_be_bytes();
    [&length[..], bound, sealed].concat()
}

#[cfg(test)]
mod tests;
