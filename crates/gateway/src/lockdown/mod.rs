//! The emergency stop (spec 002's way back): who may still get in, what is closed, and the way out of it.
//!
//! The store keeps the [`Record`] under [`SETTING`]; this gateway holds a copy. What it closes in the configuration is worked
//! out by [`plan`], which knows nothing but documents. [`running`] does it to a gateway that serves, [`offline`] to one that
//! does not run.

mod offline;
mod plan;
mod running;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwapOption;
use openclaw_auth::AuthMethod;
use openclaw_core::record::AuditEvent;
use openclaw_protocol::WireError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use offline::{NotDone, Offline};
pub(crate) use running::{lock, unlock};

use crate::connection::Peer;
use plan::Step;

/// Name of the store's setting that holds the record.
pub const SETTING: &str = "security.lockdown";
/// What those are told whose connection ends.
pub(crate) const REASON: &str = "gateway locked down";
/// What the audit calls it.
const EVENT: &str = "security.lockdown";
/// The same for its end.
const UNDONE: &str = "security.lockdown.undone";
/// Longest reason that is kept, characters.
const REASON_CHARS: usize = 500;

/// What is kept of a lockdown until it is undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// Since when, milliseconds since the epoch.
    pub(crate) since: i64,
    /// Who asked for it.
    pub(crate) by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What it changed in the configuration, and what was there before.
    steps: Vec<Step>,
}

/// The lockdown that holds, if one does.
#[derive(Debug, Default)]
pub(crate) struct Lockdown {
    record: ArcSwapOption<Record>,
    /// Held by whoever locks or unlocks.
    turn: tokio::sync::Mutex<()>,
}

impl Lockdown {
    /// As the store knows it. What cannot be read locks all the same.
    pub(crate) fn new(kept: Option<Value>) -> Self {
        let record = kept.map(|kept| {
            serde_json::from_value(kept).unwrap_or_else(|_| Record {
                since: 0,
                by: "unknown".to_owned(),
                reason: None,
                steps: Vec::new(),
            })
        });
        Self { record: ArcSwapOption::new(record.map(Arc::new)), turn: tokio::sync::Mutex::default() }
    }

    /// The lockdown that holds.
    pub(crate) fn record(&self) -> Option<Arc<Record>> {
        self.record.load_full()
    }

    /// Whether one holds.
    pub(crate) fn holds(&self) -> bool {
        self.record.load().is_some()
    }

    /// Whether somebody may connect from there at all.
    pub(crate) fn keeps_out(&self, ip: IpAddr) -> bool {
        !ip.is_loopback() && self.holds()
    }

    /// Why a caller is refused that was let in by this; `None` when it may come in. Only the owner of the host gets in: who shows
    /// the gateway's own secret, or needs none, on this machine.
    pub(crate) fn refusal(&self, direct: bool, method: AuthMethod) -> Option<String> {
        use AuthMethod::{LocalBypass, None as Nothing, Password, Token};
        let record = self.record()?;
        let owner = direct && matches!(method, Token | Password | LocalBypass | Nothing);
        (!owner).then(|| record.told())
    }

    /// Why a request is refused before anybody looks at who sent it.
    pub(crate) fn refuses(&self, peer: &Peer) -> Option<String> {
        let record = self.record()?;
        (!peer.direct_loopback).then(|| record.told())
    }

    fn set(&self, record: Option<Record>) {
        self.record.store(record.map(Arc::new));
    }
}

impl Record {
    /// What whoever is kept out is told.
    fn told(&self) -> String {
        let since = jiff::Timestamp::from_millisecond(self.since).unwrap_or_default();
        format!("{REASON} since {since:.0}; on its host: openclaw security lockdown --undo")
    }

    /// As health shows it.
    pub(crate) fn shown(&self) -> Shown {
        Shown { since: self.since, by: self.by.clone(), reason: self.reason.clone() }
    }

    fn audit(&self, event: &str, detail: Value) -> AuditEvent {
        AuditEvent {
            severity: "critical".to_owned(),
            reason: self.reason.clone(),
            target: Some("gateway".to_owned()),
            ..crate::audit::gateway_audit(event, detail)
        }
    }
}

/// A lockdown as `health` shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    since: i64,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Only work out what would be done.
    pub dry_run: bool,
    /// Why, for the record and the audit.
    pub reason: Option<String>,
}

impl Wish {
    /// The reason, as it is kept.
    fn reason(&self) -> Option<String> {
        let text: String = self.reason.as_deref()?.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect();
        Some(text).filter(|text| !text.trim().is_empty())
    }
}

/// What became of a lockdown, or of its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Whether a lockdown holds now.
    pub locked: bool,
    /// Whether nothing was done, only looked.
    pub dry_run: bool,
    /// Whether it was so before.
    pub already: bool,
    /// Since when it holds, or held, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it changes in the configuration, and what it leaves.
    pub changes: Vec<Changed>,
    /// Connections that end.
    pub closed_connections: usize,
    /// Programs that are stopped.
    pub stopped_programs: usize,
    /// Runs of agents that are stopped.
    pub aborted_runs: usize,
    /// Tokens of devices that are withdrawn for good.
    pub revoked_device_tokens: usize,
    /// Keys that wait for the next start.
    pub restart_required: Vec<String>,
    /// What could not be done, or is left to people.
    pub problems: Vec<String>,
}

/// One place of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Where.
    pub path: String,
    /// What stands there before; absent when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What stands there then; absent when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// What becomes of it.
    pub state: Fate,
}

/// What becomes of a place of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It gets the other value.
    Changed,
    /// It has that value already.
    Already,
    /// Somebody changed it since, so it stays.
    Left,
}

impl Outcome {
    /// What there is to say of a record.
    fn of(record: Option<&Record>, wish: &Wish) -> Self {
        Self {
            dry_run: wish.dry_run,
            since: record.map(|record| record.since),
            by: record.map(|record| record.by.clone()),
            reason: record.and_then(|record| record.reason.clone()),
            ..Self::default()
        }
    }
}

/// A record of it that is about to be kept, and how that is audited.
fn locked(before: Option<&Record>, steps: Vec<Step>, by: &str, wish: &Wish, now: i64) -> Record {
    match before {
        Some(before) => Record { steps: plan::merged(&before.steps, steps), ..before.clone() },
        None => Record { since: now, by: by.to_owned(), reason: wish.reason(), steps },
    }
}

fn detail(changes: &[Changed], revoked: usize) -> Value {
    let of = |fate: Fate| -> Vec<&str> {
        changes.iter().filter(|change| change.state == fate).map(|change| change.path.as_str()).take(100).collect()
    };
    json!({ "paths": of(Fate::Changed), "left": of(Fate::Left), "revokedDeviceTokens": revoked })
}

/// Nothing holds that could be undone.
pub(crate) fn not_locked() -> WireError {
    WireError::not_found("the gateway is not locked down, so there is nothing to undo")
}
