//! What is encrypted at rest, as the configuration says: the database's content, and the secrets of the configuration itself.

use std::path::Path;

use openclaw_config::{Attempt, Config, ConfigFile, Loaded, Mode};
use openclaw_core::{Clock, Environment, Ids};
use openclaw_seal::{Cipher, DataKeys, Guard, KeyError, KeyRing, Means, Protection, Sealer, Use};
use openclaw_store::Sealing;
use tracing::{info, warn};

/// What seals the database's content.
///
/// # Errors
/// When it is to be sealed and the keys cannot be used. Without that, keys that do not open are the store's to miss.
pub(crate) fn database(
    config: &Config,
    state_dir: &Path,
    environment: &Environment,
    ids: &Ids,
    clock: &Clock,
) -> Result<Sealing, KeyError> {
    let ring = KeyRing::of(state_dir);
    let means = Means::of(environment);
    let wanted = config.security.encryption.as_ref();
    let documents = wanted.filter(|wanted| wanted.database.enabled).map(|wanted| cipher(wanted.database.algorithm));
    let messages = wanted.filter(|wanted| wanted.messages.enabled).map(|wanted| cipher(wanted.messages.algorithm));
    let keys: Option<DataKeys> = if documents.is_some() || messages.is_some() {
        Some(ring.ensure(&means, &Protection::Usual, config.key_derivation(), ids, clock.now_ms())?)
    } else {
        ring.open(&means).unwrap_or_else(|error| {
            warn!(%error, "The data keys do not open; nothing asks for them now");
            None
        })
    };
    if means.passphrase.is_some()
        && let Ok(Some(standing)) = ring.standing()
        && !matches!(standing.guard, Guard::Passphrase { .. })
    {
        warn!(
            guard = standing.guard.word(),
            "OPENCLAW_STATE_PASSPHRASE is set and does not wrap the data keys; run: openclaw security rotate-keys --to passphrase"
        );
    }
    let sealer = |cipher| keys.as_ref().map(|keys| Sealer::new(keys, ids, Use::Database, cipher));
    Ok(Sealing {
        opener: sealer(Cipher::Gcm),
        documents: documents.and_then(sealer),
        messages: messages.and_then(sealer),
    })
}

const fn cipher(configured: openclaw_config::Cipher) -> Cipher {
    match configured {
        openclaw_config::Cipher::Gcm => Cipher::Gcm,
        openclaw_config::Cipher::Cbc => Cipher::Cbc,
    }
}

/// Seals the secrets that stand in the open in the configuration, when it wants that, and gives the configuration as it is then. One
/// that cannot be written stays as it is, which the log says.
pub(crate) fn configuration(file: &ConfigFile, loaded: Loaded, now_ms: i64) -> Loaded {
    let attempt = Attempt {
        base_hash: Some(&loaded.hash),
        who: "gateway",
        note: Some("security.encryption.config"),
        now_ms,
        mode: Mode::Write,
    };
    match file.seal_wanted(&loaded, &attempt) {
        Ok(sealed) if sealed.changed.is_empty() => loaded,
        Ok(sealed) => {
            info!(keys = sealed.changed.join(" ").as_str(), "Secrets of the configuration were sealed");
            file.load().unwrap_or(loaded)
        }
        Err(error) => {
            warn!(%error, "Secrets of the configuration stand in the open; run: openclaw config encrypt");
            loaded
        }
    }
}
