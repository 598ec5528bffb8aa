//! Proves the audit trail while people are served: page by page, on a reader, never on the writer's way. What it finds is told
//! in health, a gauge, the log and the trail itself; nothing is cut or mended.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_core::record::AuditEvent;
use openclaw_store::{ChainHead, FirstBad};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tracing::{error, info, warn};

use crate::{audit::gateway_audit, state::State};

/// Records that are proved at once.
const PAGE: usize = 500;
/// Time between two pages, so that nobody waits for a reader.
const PAUSE: Duration = Duration::from_millis(20);
/// Time until the whole trail is looked at once more: somebody may change the file under a gateway that runs.
const AGAIN: Duration = Duration::from_secs(6 * 60 * 60);
/// Time until a page that could not be read is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// What is known of the trail.
#[derive(Debug, Default)]
pub(crate) struct AuditWatch(Mutex<Known>);

#[derive(Clone, Debug, Default)]
struct Known {
    /// The newest record that the pass at work, or the last one, has proved.
    proved: i64,
    /// When a pass last came to the end.
    ended: Option<i64>,
    bad: Option<(FirstBad, i64)>,
}

/// What is known of the trail, for `health` and for whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    state: Standing,
    /// The newest record that is proved.
    verified: i64,
    /// When the whole trail was last looked at, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    /// The first record that is not as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<i64>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When that was found, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
}

/// How the trail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// It is not known yet.
    Verifying,
    /// Every record is as it was written.
    Whole,
    /// One is not.
    Broken,
}

impl AuditWatch {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known.
    pub(crate) fn shown(&self) -> Shown {
        let known = self.known().clone();
        let state = match (&known.bad, known.ended) {
            (Some(_), _) => Standing::Broken,
            (None, Some(_)) => Standing::Whole,
            (None, None) => Standing::Verifying,
        };
        let (bad, since) = known.bad.unzip();
        Shown {
            state,
            verified: known.proved,
            at: known.ended,
            first_bad: bad.as_ref().map(|bad| bad.seq),
            why: bad.map(|bad| bad.why),
            since,
        }
    }

    /// Where the trail is not as it was written, as an audit of the set-up says it.
    pub(crate) fn broken(&self) -> Option<String> {
        let (bad, _) = self.known().bad.clone()?;
        Some(format!("The audit trail is not as it was written: {bad}."))
    }
}

/// Looks until the gateway stops.
pub(crate) async fn run(state: Arc<State>) {
    loop {
        if !pass(&state).await {
            return;
        }
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

/// Looks at the whole trail once. Tells whether the gateway goes on.
async fn pass(state: &Arc<State>) -> bool {
    let mut head = ChainHead::default();
    loop {
        let from = head.clone();
        let pause = match state.store.read(move |reader| reader.verify_chain_after(&from, PAGE)).await {
            Ok(Ok(proved)) => {
                head = proved.head;
                state.audit_watch.known().proved = head.seq;
                state.metrics.audit_verified.set(head.seq);
                if proved.whole {
                    whole(state);
                    return true;
                }
                PAUSE
            }
            Ok(Err(bad)) => {
                broken(state, &bad);
                return true;
            }
            Err(error) => {
                warn!(%error, "the audit trail could not be read to be proved; trying again");
                RETRY
            }
        };
        tokio::select! {
            () = state.tasks.stopping() => return false,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn whole(state: &State) {
    let was_broken = {
        let mut known = state.audit_watch.known();
        known.ended = Some(state.clock.now_ms());
        known.bad.take().is_some()
    };
    state.metrics.audit_chain_broken.set(0);
    if was_broken {
        info!("The audit trail is as it was written again");
    }
    state.health.touch();
}

fn broken(state: &State, bad: &FirstBad) {
    let now = state.clock.now_ms();
    {
        let mut known = state.audit_watch.known();
        known.ended = Some(now);
        if known.bad.as_ref().is_some_and(|(before, _)| before == bad) {
            return;
        }
        known.bad = Some((bad.clone(), now));
        known.proved = bad.seq - 1;
    }
    state.metrics.audit_verified.set(bad.seq - 1);
    state.metrics.audit_chain_broken.set(1);
    error!(
        record = bad.seq,
        why = bad.why.as_str(),
        "The audit trail is not as it was written; keep a copy of the state directory, then: openclaw audit verify"
    );
    state.audit_detached(AuditEvent {
        severity: "critical".to_owned(),
        outcome: "error".to_owned(),
        target: Some("audit trail".to_owned()),
        reason: Some("a record in the store is not as it was written".to_owned()),
        ..gateway_audit("log.chain_broken", json!({ "seq": bad.seq, "why": bad.why }))
    });
    state.health.touch();
}
