//! Checks passwords against a hash: a few at once, beside the tasks that serve, and the one that was right a second time for little.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use openclaw_auth::password;
pub(crate) use openclaw_auth::password::check;
use openclaw_core::{Ids, Secret};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// Hashes that are computed at once; each takes a core and some memory.
const AT_ONCE: usize = 2;
/// Further ones that wait. More at a time is nobody who has forgotten a password.
const WAITING: usize = 32;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Right,
    Wrong,
    /// Too many are being checked.
    Busy,
}

/// Checks passwords, and remembers that one was right.
pub(crate) struct Passwords {
    places: Semaphore,
    waiting: AtomicUsize,
    /// Keeps what is remembered from being looked up in a table.
    salt: [u8; 32],
    /// Digest of the last hash and password that belonged together. Programs show their password with every request.
    right: Mutex<Option<[u8; 32]>>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Passwords {
    pub(crate) fn new(ids: &Ids) -> Self {
        Self {
            places: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
            salt: ids.bytes(),
            right: Mutex::default(),
        }
    }

    /// Whether `candidate` is the password of `hash`.
    pub(crate) async fn check(&self, hash: &Secret, candidate: &str) -> Outcome {
        let digest = self.digest(hash, candidate);
        let known = *self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known.ct_eq(&digest).into()) {
            return Outcome::Right;
        }
        let Some(_turn) = Turn::take(&self.waiting) else { return Outcome::Busy };
        let Ok(_place) = self.places.acquire().await else { return Outcome::Busy };
        let (hash, candidate) = (hash.clone(), Secret::new(candidate));
        let computing = tokio::task::spawn_blocking(move || password::verify(&hash, candidate.expose()));
        if !computing.await.unwrap_or(false) {
            return Outcome::Wrong;
        }
        *self.right.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
        Outcome::Right
    }

    fn digest(&self, hash: &Secret, candidate: &str) -> [u8; 32] {
        // Each part is as long as it says, so that none can pass for the end of another.
        let mut digest = Sha256::new();
        for part in [&self.salt[..], hash.expose().as_bytes(), candidate.as_bytes()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

/// A place among those that wait or are at work; given back when it is dropped, also by a caller that goes away.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let turn = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < AT_ONCE + WAITING).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_told_from_others_also_the_second_time() {
        let ids = Ids::seeded(1);
        let passwords = Passwords::new(&ids);
        let hash = password::hash(&Secret::new("right"), ids.bytes()).unwrap();
        for (candidate, expected) in
            [("wrong", Outcome::Wrong), ("right", Outcome::Right), ("right", Outcome::Right), ("wrong", Outcome::Wrong)]
        {
            assert_eq!(passwords.check(&hash, candidate).await, expected, "{candidate}");
        }
        let other = password::hash(&Secret::new("other"), ids.bytes()).unwrap();
        assert_eq!(passwords.check(&other, "right").await, Outcome::Wrong, "a new password ends the memory");
    }

    #[tokio::test]
    async fn a_storm_is_turned_away_and_leaves_nothing_behind() {
        let ids = Ids::seeded(1);
        let passwords = Passwords::new(&ids);
        let hash = password::hash(&Secret::new("right"), ids.bytes()).unwrap();
        let storm = (0..100).map(|_| passwords.check(&hash, "wrong"));
        let outcomes = futures_util::future::join_all(storm).await;
        let busy = outcomes.iter().filter(|outcome| **outcome == Outcome::Busy).count();
        assert_eq!(busy, 100 - AT_ONCE - WAITING, "{outcomes:?}");
        assert_eq!(passwords.check(&hash, "right").await, Outcome::Right);
    }
}
