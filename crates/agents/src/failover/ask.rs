//! The route walked: asks models until one answers, and tells each step.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    StreamExt, TryFutureExt,
    stream::{self, BoxStream},
};
use openclaw_core::Clock;

use super::{
    failure::{Attempted, Failure},
    place::Place,
    reason::Reason,
    route::{Book, GaveUp, Left, Move, Route, Seen},
};
use crate::{
    Delta, Error, ModelInfo, ModelRef, Registry, Request, UnknownModel, Usage, provider::DeltaStream, registry::Keyed,
};

/// What one run gets to hear: steps, and at most one failure, last.
pub type Steps = BoxStream<'static, Result<Step, Failure>>;

/// A step of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A model is asked.
    Asking(Box<Asking>),
    /// What it says.
    Said(Delta),
    /// It failed before anything could be seen; what it thought is void. Another attempt follows, or the failure.
    Failed(Box<Attempted>),
}

/// A model that is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Which one.
    pub model: ModelRef,
    /// What is known about it.
    pub info: ModelInfo,
    /// Counts the attempts of the run from 1.
    pub attempt: u32,
    /// Set when another one was to be asked before.
    pub instead: Option<Instead>,
}

/// Which model another one stands in for.
#[derive(Clone, Debug, PartialEq)]
pub struct Instead {
    /// The one that was left.
    pub of: ModelRef,
    /// Why.
    pub reason: Reason,
    /// Until when it is left alone, milliseconds since the epoch.
    pub cooldown_until: Option<i64>,
}

/// A model that may be asked, and where.
#[derive(Clone)]
pub struct Candidate {
    /// Which one.
    pub model: ModelRef,
    /// Its provider's keys, or why there is nobody to ask.
    pub found: Result<(Arc<[Keyed]>, ModelInfo), UnknownModel>,
}

impl Candidate {
    /// As the registry knows it.
    #[must_use]
    pub fn of(registry: &Registry, model: ModelRef) -> Self {
        Self { found: registry.resolve(&model), model }
    }

    fn places(&self) -> Vec<Place> {
        let place = |keyed: &Keyed| keyed.place.with_model(&self.model.model);
        self.found.as_ref().map(|(keys, _)| keys.iter().map(place).collect()).unwrap_or_default()
    }
}

/// The owner of what all runs know about providers and keys. Cheap to clone; outlives every registry.
#[derive(Clone)]
pub struct Failover {
    book: Arc<Mutex<Book>>,
    clock: Clock,
}

impl fmt::Debug for Failover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failover")
    }
}

impl Failover {
    /// Nothing known yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { book: Arc::new(Mutex::new(Book::new(clock.now_ms()))), clock }
    }

    /// The book and the time. The lock is held for one decision at a time, never across a wait.
    pub(super) fn book(&self) -> (MutexGuard<'_, Book>, i64) {
        (self.book.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now_ms())
    }

    /// Asks the candidates in order until one answers. `compose` makes the request for whichever is asked. Nothing is
    /// sent before the stream is polled, and dropping it closes the connection to whoever is being asked.
    pub fn ask(
        &self,
        candidates: Vec<Candidate>,
        sticky: u64,
        compose: impl FnMut(&ModelRef, &ModelInfo) -> Request + Send + 'static,
    ) -> Steps {
        let route = Route::new(candidates.iter().map(Candidate::places).collect(), sticky);
        let walk = Walk {
            failover: self.clone(),
            route,
            candidates,
            compose: Box::new(compose),
            open: None,
            attempts: Vec::new(),
            passed: 0,
            over: false,
        };
        stream::unfold(Box::new(walk), |mut walk| async { walk.next().await.map(|step| (step, walk)) }).boxed()
    }
}

type Compose = Box<dyn FnMut(&ModelRef, &ModelInfo) -> Request + Send>;

struct Walk {
    failover: Failover,
    route: Route,
    candidates: Vec<Candidate>,
    compose: Compose,
    open: Option<Open>,
    attempts: Vec<Attempted>,
    /// Candidates whose absence is among the attempts already.
    passed: usize,
    over: bool,
}

/// An attempt under way.
struct Open {
    model: ModelRef,
    info: ModelInfo,
    key: Option<usize>,
    deltas: DeltaStream,
    usage: Usage,
    spoke: bool,
    seen: Seen,
}

impl Walk {
    async fn next(&mut self) -> Option<Result<Step, Failure>> {
        loop {
            if let Some(open) = &mut self.open {
                let said = open.deltas.next().await;
                return self.take(said);
            }
            if self.over {
                return None;
            }
            let step = {
                let (mut book, now) = self.failover.book();
                self.route.next(&mut book, now)
            };
            match step {
                Move::Wait(wait) => tokio::time::sleep(wait).await,
                Move::GiveUp(why) => {
                    self.over = true;
                    return Some(Err(self.failure(why)));
                }
                Move::Ask { candidate, key, pause, instead } => {
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    if let Some(asking) = self.ask(candidate, key, instead) {
                        return Some(Ok(Step::Asking(Box::new(asking))));
                    }
                }
            }
        }
    }

    fn ask(&mut self, at: usize, key: usize, instead: Option<Left>) -> Option<Asking> {
        self.pass(at);
        let candidate = self.candidates.get(at)?;
        let (keys, info) = candidate.found.as_ref().ok()?;
        let provider = Arc::clone(&keys.get(key)?.provider);
        let request = (self.compose)(&candidate.model, info);
        let asked = async move { provider.stream(request).await };
        self.open = Some(Open {
            model: candidate.model.clone(),
            info: info.clone(),
            key: (keys.len() > 1).then_some(key + 1),
            deltas: asked.try_flatten_stream().boxed(),
            usage: Usage::default(),
            spoke: false,
            seen: Seen::Nothing,
        });
        let instead = instead.and_then(|left| {
            let of = self.candidates.get(left.candidate)?.model.clone();
            Some(Instead { of, reason: left.reason, cooldown_until: left.until })
        });
        Some(Asking { model: candidate.model.clone(), info: info.clone(), attempt: self.route.asked(), instead })
    }

    /// Counts the candidates before this one that cannot be asked at all among the attempts.
    fn pass(&mut self, until: usize) {
        for candidate in self.candidates.iter().take(until).skip(self.passed) {
            let Err(unknown) = &candidate.found else { continue };
            self.attempts.push(Attempted {
                model: candidate.model.clone(),
                key: None,
                reason: Reason::Settings,
                error: Error::NotFound { message: unknown.to_string() },
                usage: Usage::default(),
                cost: None,
                cooldown_until: None,
            });
        }
        self.passed = self.passed.max(until);
    }

    fn take(&mut self, said: Option<Result<Delta, Error>>) -> Option<Result<Step, Failure>> {
        let open = self.open.as_mut()?;
        let delta = match said {
            Some(Ok(delta)) => delta,
            Some(Err(error)) => return Some(self.failed(error)),
            None if self.over => {
                self.open = None;
                return None;
            }
            None => return Some(self.failed(Error::Cut { cause: None })),
        };
        match &delta {
            Delta::Usage(usage) => open.usage = *usage,
            Delta::Text(_) | Delta::ToolStart { .. } => open.seen = Seen::Something,
            Delta::Done(_) => self.over = true,
            _ => {}
        }
        let speaks = !matches!(delta, Delta::Started { .. } | Delta::KeepAlive | Delta::Usage(_));
        if speaks && !std::mem::replace(&mut open.spoke, true) {
            let (mut book, _) = self.failover.book();
            self.route.succeeded(&mut book);
        }
        Some(Ok(Step::Said(delta)))
    }

    fn failed(&mut self, error: Error) -> Result<Step, Failure> {
        // The connection goes first; nothing may be charged for what nobody reads.
        let Some(Open { model, info, key, usage, seen, .. }) = self.open.take() else {
            return Err(self.failure(GaveUp::Final));
        };
        let reason = Reason::of(&error);
        let cooldown_until = {
            let (mut book, now) = self.failover.book();
            self.route.failed(&mut book, reason, error.retry_after(), seen, now)
        };
        let cost = info.cost_usd(&usage);
        let attempted = Attempted { model, key, reason, error, usage, cost, cooldown_until };
        self.attempts.push(attempted.clone());
        if seen == Seen::Something {
            self.over = true;
            return Err(self.failure(GaveUp::Broke));
        }
        Ok(Step::Failed(Box::new(attempted)))
    }

    fn failure(&mut self, why: GaveUp) -> Failure {
        if !matches!(why, GaveUp::Final | GaveUp::Broke) {
            self.pass(self.candidates.len());
        }
        let wait_ms = match why {
            GaveUp::NobodyLeft { free_at: Some(at) } => Some(at.saturating_sub(self.failover.clock.now_ms())),
            _ => None,
        };
        let unnamed = || ModelRef::new("", "");
        let wanted = self.candidates.first().map_or_else(unnamed, |candidate| candidate.model.clone());
        Failure { wanted, attempts: std::mem::take(&mut self.attempts), why, wait_ms }
    }
}
