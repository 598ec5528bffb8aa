//! What a gateway is doing, at one moment.

use std::fmt;

use futures_util::future::join;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ask::ask,
    commands::{approvals, sessions},
    failure::Failure,
};

/// Conversations that are looked at.
const SESSIONS: u32 = 200;

/// Everything that is shown. What this program may not see, or the gateway does not have, is not there.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) ts: i64,
    pub(super) url: String,
    pub(super) version: String,
    pub(super) uptime_ms: i64,
    pub(super) connections: u64,
    pub(super) runs: u64,
    /// Turns that wait for their place.
    pub(super) queued: Option<u64>,
    pub(super) sessions: u64,
    /// Bytes of memory of the gateway.
    pub(super) resident_bytes: Option<u64>,
    /// Processor time of the gateway so far, milliseconds.
    pub(super) cpu_ms: Option<u64>,
    pub(super) frames: Frames,
    pub(super) today: Option<Spent>,
    /// Approvals that wait for people.
    pub(super) waiting: Option<Vec<Waiting>>,
    pub(super) nodes: Option<Vec<Node>>,
    pub(super) presence: Option<Vec<Presence>>,
    pub(super) cron: Option<Cron>,
    pub(super) conversations: Vec<Conversation>,
}

/// Frames since the gateway began.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Frames {
    pub(super) received: u64,
    pub(super) sent: u64,
}

/// What was used today, by the gateway's days, which are those of UTC.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spent {
    pub(super) total_tokens: u64,
    pub(super) total_cost: f64,
}

/// Something that waits for people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) what: String,
    pub(super) whose: Option<String>,
    pub(super) expires_at_ms: i64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Node {
    pub(super) node_id: String,
    pub(super) display_name: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) connected: bool,
    pub(super) commands: Vec<String>,
}

/// Somebody who is there.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Presence {
    pub(super) host: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) version: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) ts: i64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Cron {
    pub(super) enabled: bool,
    pub(super) jobs: u64,
    pub(super) next_wake_at_ms: Option<i64>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation {
    pub(super) key: String,
    pub(super) name: Option<String>,
    pub(super) model: String,
    /// Turns at work, and those that wait for them.
    pub(super) runs: usize,
    pub(super) tokens: u64,
    pub(super) cost: f64,
    pub(super) messages: u64,
    pub(super) updated_at: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    uptime_ms: i64,
    connections: u64,
    runs: Active,
    sessions: Count,
    process: Process,
    frames: Frames,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Active {
    active: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Count {
    count: u64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Process {
    resident_bytes: Option<u64>,
    cpu_ms: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Lanes {
    lanes: Vec<Lane>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Lane {
    queued_count: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cost {
    totals: Spent,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Nodes {
    nodes: Vec<Node>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sessions {
    sessions: Vec<sessions::Row>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Days {
    days: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    limit: u32,
    include_derived_titles: bool,
}

/// Asks for everything at once.
pub(super) async fn gather(gateway: &Connection, url: &str, now_ms: i64) -> Result<Facts, Failure> {
    let listed = Listed { limit: SESSIONS, include_derived_titles: true };
    let first = join(ask::<Status>(gateway, "status", Nothing {}), ask::<Sessions>(gateway, "sessions.list", listed));
    let second = join(
        join(
            part::<Lanes>(gateway, "diagnostics.lanes", Nothing {}),
            part::<Cost>(gateway, "usage.cost", Days { days: 1 }),
        ),
        join(part::<Nodes>(gateway, "node.list", Nothing {}), part::<Cron>(gateway, "cron.status", Nothing {})),
    );
    let third = join(part::<Vec<Presence>>(gateway, "system-presence", Nothing {}), approvals::waiting(gateway));
    let ((status, sessions), (((lanes, cost), (nodes, cron)), (presence, waiting))) =
        join(first, join(second, third)).await;
    let (status, sessions) = (status?.read, sessions?.read);
    Ok(Facts {
        ts: now_ms,
        url: url.to_owned(),
        version: gateway.hello().server.version.clone(),
        uptime_ms: status.uptime_ms,
        connections: status.connections,
        runs: status.runs.active,
        queued: lanes.map(|lanes| lanes.lanes.iter().map(|lane| lane.queued_count).sum()),
        sessions: status.sessions.count,
        resident_bytes: status.process.resident_bytes,
        cpu_ms: status.process.cpu_ms,
        frames: status.frames,
        today: cost.map(|cost| cost.totals),
        waiting: waiting.ok().map(|waiting| waiting.into_iter().map(Waiting::from).collect()),
        nodes: nodes.map(|nodes| nodes.nodes),
        presence,
        cron,
        conversations: sessions.sessions.into_iter().map(Conversation::from).collect(),
    })
}

/// A part that may be missing: whoever may not see it sees the rest.
async fn part<T: DeserializeOwned>(gateway: &Connection, method: &str, params: impl Serialize) -> Option<T> {
    ask(gateway, method, params).await.ok().map(|answer| answer.read)
}

impl From<approvals::Entry> for Waiting {
    fn from(entry: approvals::Entry) -> Self {
        let approvals::Entry { kind, id, summary, agent_id, session_key, expires_at_ms, .. } = entry;
        Self { id, kind, what: summary, whose: session_key.or(agent_id), expires_at_ms }
    }
}

impl From<sessions::Row> for Conversation {
    fn from(row: sessions::Row) -> Self {
        Self {
            name: row.name().cloned(),
            model: row.model(),
            runs: row.active_run_ids.len(),
            tokens: row.input_tokens + row.output_tokens,
            cost: row.cost,
            messages: row.message_count,
            updated_at: row.updated_at,
            key: row.key,
        }
    }
}

/// Bytes for people's eyes.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1 << 20;
        match self.0 {
            0..MIB => write!(f, "{} KiB", self.0 / 1024),
            bytes if bytes < 10 * MIB => write!(f, "{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB),
            bytes => write!(f, "{} MiB", bytes / MIB),
        }
    }
}
