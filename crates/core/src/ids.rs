//! Randomness and identifiers, passed in.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Makes identifiers, nonces and tokens.
#[derive(Clone)]
pub struct Ids(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Ids {
    /// From the operating system's random source.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|bytes| {
            getrandom::fill(bytes).expect("the operating system's random source works once the process runs");
        }))
    }

    /// A repeatable sequence, for tests. Never for secrets.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let state = AtomicU64::new(seed);
        Self(Arc::new(move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                // SplitMix64
                let mut word =
                    state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
                word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                word ^= word >> 31;
                chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
            }
        }))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// So many random bytes.
    #[must_use]
    pub fn random(&self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        (self.0)(&mut bytes);
        bytes
    }

    /// A version 4 UUID.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A bearer secret: 32 random bytes as 43 base64url characters.
    #[must_use]
    pub fn token(&self) -> crate::Secret {
        crate::Secret::new(URL_SAFE_NO_PAD.encode(self.bytes::<32>()))
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}
