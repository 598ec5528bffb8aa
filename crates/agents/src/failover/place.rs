//! What a failure is about.

use std::{fmt, sync::Arc};

use openclaw_core::Secret;
use sha2::{Digest, Sha256};

use super::reason::Scope;

/// A provider at its address, perhaps narrowed to one of its keys, to one of its models, or to both.
///
/// Keys and addresses are known by fingerprints, so a place outlives the settings it was made from: what was learnt
/// about a key still holds after a reload, and a changed key or address starts afresh.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Place {
    provider: Arc<str>,
    address: u64,
    key: Option<u64>,
    model: Option<Arc<str>>,
}

impl Place {
    /// All of a provider at an address.
    #[must_use]
    pub fn provider(provider: &str, address: &str) -> Self {
        Self { provider: provider.into(), address: fingerprint(address), key: None, model: None }
    }

    /// Narrowed to a key; no key at all counts as one, too.
    #[must_use]
    pub fn with_key(&self, key: Option<&Secret>) -> Self {
        Self { key: Some(key.map_or(0, |key| fingerprint(key.expose()))), ..self.clone() }
    }

    /// Narrowed to a model.
    #[must_use]
    pub fn with_model(&self, model: &str) -> Self {
        Self { model: Some(model.into()), ..self.clone() }
    }

    /// The model it is narrowed to.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// This place widened to a scope.
    #[must_use]
    pub fn widened(&self, scope: Scope) -> Self {
        let mut wide = self.clone();
        if matches!(scope, Scope::Provider | Scope::Model) {
            wide.key = None;
        }
        if matches!(scope, Scope::Provider | Scope::Key) {
            wide.model = None;
        }
        wide
    }

    /// Every place that contains this one, itself among them.
    pub(super) fn widenings(&self) -> [Self; 4] {
        [Scope::Provider, Scope::Model, Scope::Key, Scope::KeyAndModel].map(|scope| self.widened(scope))
    }

    /// Whether `other` lies within this place.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.provider == other.provider
            && self.address == other.address
            && (self.key.is_none() || self.key == other.key)
            && (self.model.is_none() || self.model == other.model)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not even the fingerprint of a key is shown.
        let key = self.key.map(|_| "…");
        write!(f, "{}[{}]/{}", self.provider, key.unwrap_or("*"), self.model.as_deref().unwrap_or("*"))
    }
}

fn fingerprint(text: &str) -> u64 {
    let hash = Sha256::digest(text.as_bytes());
    let (first, _) = hash.split_at(8);
    first.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
