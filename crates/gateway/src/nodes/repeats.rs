//! Commands by the keys of those who asked for them, so that asking again does not do them again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_protocol::{WireError, detail};
use tokio::{sync::watch, time::Instant};

use super::Done;

/// Commands that are remembered.
const KEPT: usize = 1000;
/// For how long.
const AGE: Duration = Duration::from_secs(300);
/// Bytes of their answers, all together.
const BYTES: usize = 8 << 20;

/// What came of a command that was sent to its node.
pub(super) type Outcome = Arc<Result<Done, WireError>>;

#[derive(Debug, Default)]
pub(super) struct Repeats(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<String, Entry>,
    /// By age, oldest first.
    order: VecDeque<(String, Instant)>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    request: String,
    outcome: watch::Receiver<Option<Outcome>>,
    bytes: usize,
    at: Instant,
}

/// What somebody with a key is to do.
pub(super) enum Claim {
    /// Do the work and tell what came of it.
    First(Claimed),
    /// It was done before, or is being done.
    Again(watch::Receiver<Option<Outcome>>),
}

/// A key whose work is being done. Dropped without an outcome it is free again.
pub(super) struct Claimed {
    key: String,
    at: Instant,
    tell: watch::Sender<Option<Outcome>>,
}

impl Repeats {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims a key for a request, of which `request` is a hash.
    pub(super) fn claim(&self, key: String, request: &str) -> Result<Claim, WireError> {
        let now = Instant::now();
        let mut kept = self.kept();
        kept.shrink(now);
        if let Some(entry) = kept.entries.get(&key) {
            if entry.request != request {
                let text = "this idempotencyKey was used before for another request; use a new key";
                return Err(WireError::invalid(detail::CONFLICT, text).with("path", "params.idempotencyKey"));
            }
            return Ok(Claim::Again(entry.outcome.clone()));
        }
        let (tell, outcome) = watch::channel(None);
        kept.order.push_back((key.clone(), now));
        kept.entries.insert(key.clone(), Entry { request: request.to_owned(), outcome, bytes: 0, at: now });
        Ok(Claim::First(Claimed { key, at: now, tell }))
    }

    /// Tells what came of it, and remembers it for a while.
    pub(super) fn done(&self, claimed: &Claimed, outcome: Outcome) {
        let bytes = match &*outcome {
            Ok(done) => done.bytes(),
            Err(error) => error.message.len(),
        };
        let _ = claimed.tell.send(Some(outcome));
        let mut kept = self.kept();
        let Some(entry) = kept.entries.get_mut(&claimed.key).filter(|entry| entry.at == claimed.at) else { return };
        entry.bytes = bytes;
        kept.bytes += bytes;
        kept.shrink(Instant::now());
    }

    /// Frees a key whose work was not begun.
    pub(super) fn free(&self, claimed: &Claimed) {
        let mut kept = self.kept();
        if kept.entries.get(&claimed.key).is_some_and(|entry| entry.at == claimed.at) {
            kept.forget(&claimed.key.clone());
        }
    }
}

impl Kept {
    fn shrink(&mut self, now: Instant) {
        while let Some((key, at)) = self.order.front() {
            let over = self.order.len() > KEPT || self.bytes > BYTES || now.duration_since(*at) > AGE;
            if !over {
                return;
            }
            let (key, at) = (key.clone(), *at);
            self.order.pop_front();
            if self.entries.get(&key).is_some_and(|entry| entry.at == at) {
                self.forget(&key);
            }
        }
    }

    fn forget(&mut self, key: &str) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }
}

/// The outcome of work that somebody else with the same key does.
pub(super) async fn outcome(mut again: watch::Receiver<Option<Outcome>>) -> Result<Outcome, WireError> {
    let lost = || {
        WireError::unavailable(detail::SHUTTING_DOWN, "the gateway stopped waiting for this command")
            .retryable(Some(1000))
    };
    let outcome = again.wait_for(Option::is_some).await.map_err(|_| lost())?;
    outcome.clone().ok_or_else(lost)
}
