//! How providers and keys are, for people.

use super::{ask::Failover, cooldowns::Blocked, place::Place};
use crate::{ModelRef, Registry, registry::KeyNeed};

/// How a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderStanding {
    /// Its id.
    pub provider: String,
    /// Whether a key is there, missing, or not needed.
    pub key: KeyNeed,
    /// Set while all of it is left alone.
    pub blocked: Option<Blocked>,
    /// Models that are left alone whatever the key.
    pub models: Vec<(String, Blocked)>,
    /// Its keys in the order of the configuration; one when it needs none.
    pub keys: Vec<KeyStanding>,
}

/// How a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// Set while it is left alone for every model.
    pub blocked: Option<Blocked>,
    /// Models for which it is left alone.
    pub models: Vec<(String, Blocked)>,
}

impl ProviderStanding {
    /// Why none of it can be asked, and when the first of its keys can; nothing when one key at least can be asked.
    #[must_use]
    pub fn unusable(&self) -> Option<Blocked> {
        let keys = self.keys.iter().map(|key| key.blocked).collect::<Option<Vec<_>>>().unwrap_or_default();
        self.blocked.or_else(|| keys.into_iter().min_by_key(|blocked| blocked.until))
    }
}

impl Failover {
    /// How every provider of the registry is, by id.
    #[must_use]
    pub fn standing(&self, registry: &Registry) -> Vec<ProviderStanding> {
        let (book, now) = self.book();
        let exactly = |place: &Place| book.cooldowns.exactly(place, now);
        let models = |of: &Place| {
            let mut models: Vec<(String, Blocked)> = book
                .cooldowns
                .all(now)
                .filter_map(|(place, blocked)| {
                    let model = place.model()?;
                    (of.with_model(model) == *place).then(|| (model.to_owned(), blocked))
                })
                .collect();
            models.sort_by(|one, other| one.0.cmp(&other.0));
            models
        };
        let standing = registry.entries().map(|(provider, entry)| ProviderStanding {
            provider: provider.to_owned(),
            key: entry.key,
            blocked: exactly(&entry.place),
            models: models(&entry.place),
            keys: entry
                .keys
                .iter()
                .map(|keyed| KeyStanding { blocked: exactly(&keyed.place), models: models(&keyed.place) })
                .collect(),
        });
        standing.collect()
    }

    /// Whether a model can be asked now, with one key at least; else why not, and when the first of its keys can.
    #[must_use]
    pub fn blocked(&self, registry: &Registry, model: &ModelRef) -> Option<Blocked> {
        let (keys, _) = registry.resolve(model).ok()?;
        let (book, now) = self.book();
        let mut soonest: Option<Blocked> = None;
        for keyed in keys.iter() {
            let blocked = book.cooldowns.blocked(&keyed.place.with_model(&model.model), now)?;
            soonest = Some(soonest.filter(|known| known.until <= blocked.until).unwrap_or(blocked));
        }
        soonest
    }
}
