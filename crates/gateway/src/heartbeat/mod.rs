//! An agent's regular look at what waits for it: a turn in its main session, by the clock or because somebody woke it.

mod beat;
mod hours;
mod settings;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use openclaw_protocol::{AgentId, SessionKey, event::Heartbeat};
use tokio::sync::Notify;

pub(crate) use settings::of_agent;

use crate::state::State;

/// Longest time without a look at the clock and the configuration.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// Name of the store's setting that turns looks off.
pub(crate) const SETTING: &str = "heartbeats.enabled";

/// What is known of looks.
#[derive(Debug)]
pub(crate) struct Heartbeats {
    /// Whether there are any at all (`set-heartbeats`).
    enabled: AtomicBool,
    /// What came of the newest.
    last: Mutex<Option<Heartbeat>>,
    /// Sessions that were woken. Bounded by the sessions with system events, and the agents.
    woken: Mutex<HashSet<SessionKey>>,
    bell: Notify,
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self { enabled: AtomicBool::new(true), last: Mutex::default(), woken: Mutex::default(), bell: Notify::new() }
    }
}

impl Heartbeats {
    /// Whether there are any at all.
    pub(crate) fn enabled(&self) -> bool {
        self.enabled.load(Relaxed)
    }

    /// Turns all of them on or off.
    pub(crate) fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Relaxed);
        self.bell.notify_one();
    }

    /// What came of the newest.
    pub(crate) fn last(&self) -> Option<Heartbeat> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, heartbeat: Heartbeat) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(heartbeat);
    }

    /// Says that the configuration may be another one.
    pub(crate) fn reloaded(&self) {
        self.bell.notify_one();
    }

    fn woken(&self) -> MutexGuard<'_, HashSet<SessionKey>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The main session of an agent.
pub(crate) fn main_session(agent: &AgentId) -> SessionKey {
    SessionKey::new(format!("agent:{agent}:main"))
        .expect("an agent's id has no control characters and 128 bytes at most")
}

/// Has the agent of a session look at once at what waits for it there.
pub(crate) fn wake(state: &State, key: &SessionKey) {
    state.heartbeats.woken().insert(key.clone());
    state.heartbeats.bell.notify_one();
}

/// Lets agents look until the gateway stops. Costs nothing while no agent is to look by itself.
pub(crate) async fn run(state: Arc<State>) {
    let mut next: BTreeMap<AgentId, i64> = BTreeMap::new();
    let beats = Arc::new(Beats::default());
    loop {
        let now = state.clock.now_ms();
        for key in std::mem::take(&mut *state.heartbeats.woken()) {
            beats.begin(&state, key, beat::Cause::Woken);
        }
        let due = plan(&state, &mut next, now);
        for agent in due {
            beats.begin(&state, main_session(&agent), beat::Cause::Clock);
        }
        let first = next.values().min().copied();
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = state.heartbeats.bell.notified() => {}
            () = sleep(first.map(|first| first - now)) => {}
        }
    }
}

async fn sleep(wait: Option<i64>) {
    match wait {
        None => std::future::pending().await,
        Some(ms) => tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(LONGEST_SLEEP)).await,
    }
}

/// The agents whose time has come, and the next time of each that looks by itself. Times are multiples of the interval, so that a
/// restart does not put them off.
fn plan(state: &State, next: &mut BTreeMap<AgentId, i64>, now: i64) -> Vec<AgentId> {
    let active = state.active();
    let mut every: HashMap<AgentId, i64> = HashMap::new();
    if state.heartbeats.enabled() && state.cron.enabled(&active.loaded.config) && !state.lockdown.holds() {
        for agent in &active.agents {
            if let Some(ms) = of_agent(&active.loaded.config, &agent.id).every_ms {
                every.insert(agent.id.clone(), ms);
            }
        }
    }
    next.retain(|agent, _| every.contains_key(agent));
    let mut due = Vec::new();
    for (agent, every) in every {
        let following = (now.div_euclid(every) + 1) * every;
        match next.get(&agent) {
            Some(at) if *at <= now => {
                due.push(agent.clone());
                next.insert(agent, following);
            }
            // Another interval, or the clock was put back.
            Some(at) if *at > following => drop(next.insert(agent, following)),
            Some(_) => {}
            None => drop(next.insert(agent, following)),
        }
    }
    due
}

/// Looks at work: at most one for each session.
#[derive(Debug, Default)]
struct Beats {
    /// Sessions with one, and whether another is to follow.
    at_work: Mutex<HashMap<SessionKey, bool>>,
}

impl Beats {
    fn at_work(&self) -> MutexGuard<'_, HashMap<SessionKey, bool>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>, state: &Arc<State>, key: SessionKey, cause: beat::Cause) {
        {
            let mut at_work = self.at_work();
            if let Some(again) = at_work.get_mut(&key) {
                *again |= cause == beat::Cause::Woken;
                return;
            }
            at_work.insert(key.clone(), false);
        }
        let (beats, state) = (Arc::clone(self), Arc::clone(state));
        let tasks = state.tasks.clone();
        tasks.spawn("heartbeat", async move {
            let mut cause = cause;
            loop {
                beat::beat(&state, &key, cause).await;
                let mut at_work = beats.at_work();
                match at_work.get_mut(&key) {
                    Some(again) if *again => *again = false,
                    _ => {
                        at_work.remove(&key);
                        return;
                    }
                }
                cause = beat::Cause::Woken;
            }
        });
    }
}
