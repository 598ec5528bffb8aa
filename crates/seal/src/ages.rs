//! How old keys are that nobody can make anew by itself: keys of vendors, the gateway's own token.
//!
//! Kept beside the data keys, as a time and a mark for each. A mark is two bytes of a salted hash: enough to see that a key was
//! exchanged, and of no use to whoever guesses at it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::{Ids, Secret};
use serde::{Deserialize, Serialize};

use crate::{KeyError, file};

const FILE: &str = "keys/ages.json";
const MARK_BYTES: usize = 2;

/// How old keys are, by the place they stand at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ages {
    salt: String,
    keys: BTreeMap<String, Age>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Age {
    /// When it was first seen, milliseconds since the epoch.
    since: i64,
    mark: String,
}

/// A key that is due to be exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Where it stands in the configuration.
    pub place: String,
    /// When it was first seen, milliseconds since the epoch.
    pub since: i64,
    /// When it is due.
    pub at: i64,
}

impl Ages {
    fn path(state_dir: &Path) -> PathBuf {
        state_dir.join(FILE)
    }

    /// What is known in this state directory; nothing when it was not kept yet, or cannot be read.
    #[must_use]
    pub fn read(state_dir: &Path) -> Self {
        let text = file::read(&Self::path(state_dir)).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Takes in the keys that are there now. One that was exchanged begins anew, one that is gone is forgotten. Whether anything is new.
    pub fn see<'a>(&mut self, keys: impl IntoIterator<Item = (&'a str, &'a Secret)>, ids: &Ids, now_ms: i64) -> bool {
        let before = self.clone();
        if self.salt.is_empty() {
            self.salt = URL_SAFE_NO_PAD.encode(ids.bytes::<16>());
        }
        let mut seen = BTreeMap::new();
        for (place, secret) in keys {
            let mark = self.mark(place, secret);
            let since = self.keys.get(place).filter(|age| age.mark == mark).map_or(now_ms, |age| age.since);
            seen.insert(place.to_owned(), Age { since, mark });
        }
        self.keys = seen;
        *self != before
    }

    fn mark(&self, place: &str, secret: &Secret) -> String {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for part in [self.salt.as_str(), place, secret.expose()] {
            context.update(part.as_bytes());
            context.update(b"\0");
        }
        context.finish().as_ref()[..MARK_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`KeyError::Io`].
    pub fn write(&self, state_dir: &Path) -> Result<(), KeyError> {
        let path = Self::path(state_dir);
        file::make_folder(&file::folder_of(&path))?;
        file::write(&path, &(serde_json::to_string_pretty(self).unwrap_or_default() + "\n"))
    }

    /// The keys whose interval ends within `notice_ms`, or has ended, oldest first.
    #[must_use]
    pub fn due(&self, interval_ms: i64, notice_ms: i64, now_ms: i64) -> Vec<Due> {
        let mut due: Vec<Due> = self
            .keys
            .iter()
            .map(|(place, age)| Due {
                place: place.clone(),
                since: age.since,
                at: age.since.saturating_add(interval_ms),
            })
            .filter(|due| due.at.saturating_sub(notice_ms) <= now_ms)
            .collect();
        due.sort_by_key(|due| due.since);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_exchanged_begins_anew_and_one_that_stays_grows_old() {
        let folder = tempfile::tempdir().unwrap();
        let ids = Ids::seeded(1);
        let (first, second) = (Secret::new("first-key"), Secret::new("second-key"));
        let mut ages = Ages::read(folder.path());
        assert!(ages.see([("a", &first), ("b", &first)], &ids, 100));
        ages.write(folder.path()).unwrap();
        let mut ages = Ages::read(folder.path());
        assert!(!ages.see([("a", &first), ("b", &first)], &ids, 200));
        assert!(ages.see([("a", &first), ("b", &second)], &ids, 300));
        let due = |now| ages.due(1000, 100, now).into_iter().map(|due| (due.place, due.at)).collect::<Vec<_>>();
        assert_eq!(due(999), []);
        assert_eq!(due(1000), [("a".to_owned(), 1100)]);
        assert_eq!(due(1200), [("a".to_owned(), 1100), ("b".to_owned(), 1300)]);
        let mut gone = ages.clone();
        gone.see([("b", &second)], &ids, 400);
        assert_eq!(gone.due(0, 0, 9999).len(), 1);
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!text.contains("first-key"), "{text}");
    }
}
