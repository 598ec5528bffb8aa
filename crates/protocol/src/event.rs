//! Events: what the gateway tells unasked. One [`Event`] is put into each dialect here and nowhere else.

mod approvals;
mod chat;
mod cron;
mod kept;
mod model;
pub mod node;

use std::{borrow::Cow, sync::Arc};

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    AgentId, Dialect, RunId, Scope, SessionKey,
    frame::{StateVersion, event_open},
    hello::PresenceEntry,
};

pub use approvals::{
    AnswersShown, ApprovalRequested, ApprovalResolved, ApprovalSnapshot, ApprovalSource, Asked, CommandAnalysis,
    ExecAsked, OptionShown, PluginAsked, Presentation, QuestionRecord, QuestionResolved, QuestionShown, Resolver,
    SessionApproval,
};
pub use chat::{ChatDelta, ChatEnd, ChatState};
pub use cron::{CronEvent, Heartbeat};
pub use model::{ErrorDetail, ModelFallback};

/// How much of an event a connection sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// The connection's dialect.
    pub dialect: Dialect,
    /// Whether `client.mode` is `ui` (SPEC-NOTES 9).
    pub ui: bool,
}

impl View {
    /// Number of different bodies an event can have.
    pub const SHAPES: usize = 4;

    /// Views with the same number get the same bytes.
    #[must_use]
    pub const fn shape(self) -> usize {
        match (matches!(self.dialect, Dialect::V1), self.ui) {
            (false, false) => 0,
            (false, true) => 1,
            (true, false) => 2,
            (true, true) => 3,
        }
    }
}

/// What happens to an event when a connection cannot keep up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Never dropped; a connection that cannot take it is closed.
    Durable,
    /// A newer one with the same key takes the place of an older one that still waits.
    Latest(Cow<'static, str>),
    /// As [`Delivery::Latest`], but the newer one is widened to hold what the older one said.
    Merged(String),
    /// Dropped, oldest first, when the connection cannot keep up.
    Droppable,
}

/// Who gets an event, beside the scope it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Every authenticated connection.
    Everyone,
    /// Connections whose mode is `ui`.
    Ui,
    /// Connections that asked for `sessions.changed`.
    SessionSubscribers,
    /// Connections that follow this session.
    MessageSubscribers(&'a SessionKey),
    /// Those, and connections whose mode is `ui`.
    MessageSubscribersAndUi(&'a SessionKey),
    /// Every connection of an operator, and nodes that follow this session.
    Conversation(&'a SessionKey),
    /// Connections with the capability `tool-events`.
    ToolEvents,
    /// Connections that show such approvals to people.
    Reviewers {
        /// Of plugins, not of commands.
        plugin: bool,
        /// Not this connection, when it speaks dialect 4.
        but: Option<u64>,
        /// Only these devices; all when empty.
        devices: &'a Arc<[String]>,
    },
    /// Connections that follow this session with its approvals.
    ApprovalFollowers(&'a SessionKey),
    /// Connections whose business the pairing of this device is.
    Managers(&'a str),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A sign of life.
    Tick {
        /// Now.
        ts: i64,
        /// Newest sessions, for connections whose mode is `ui`.
        sessions: Arc<[TickSession]>,
    },
    /// Who is connected.
    Presence {
        /// The whole list.
        presence: Arc<[PresenceEntry]>,
        /// Counters.
        version: StateVersion,
    },
    /// The health reply changed.
    Health {
        /// The reply.
        health: Arc<RawValue>,
        /// Counters.
        version: StateVersion,
    },
    /// A run produced text.
    ChatDelta(ChatDelta),
    /// A run ended, as the conversation shows it.
    ChatEnd(ChatEnd),
    /// A run went on, in detail.
    Agent(AgentEvent),
    /// Another model than the wanted one is asked.
    ModelFallback(ModelFallback),
    /// A session was made, changed or removed.
    SessionsChanged(SessionsChanged),
    /// A message was added to a transcript.
    SessionMessage(SessionMessage),
    /// A line of the log.
    Log(LogEntry),
    /// An agent became busy, idle, …
    AgentStatus(AgentStatus),
    /// The gateway stops.
    Shutdown {
        /// Why.
        reason: &'static str,
        /// Milliseconds until it is back, when it restarts.
        restart_expected_ms: Option<u64>,
    },
    /// A device asks to be admitted.
    DevicePairRequested(Arc<Value>),
    /// A device was admitted or turned away.
    DevicePairResolved(DevicePairResolved),
    /// A device came in by a setup code.
    DevicePairSetupCompleted(DevicePairSetupCompleted),
    /// A node wants more than is approved.
    NodePairRequested(Arc<node::NodePairRequest>),
    /// A node's surface was decided about.
    NodePairResolved(node::NodePairResolved),
    /// Somebody used a node.
    NodePresence(node::NodePresence),
    /// How the machine of a node is doing.
    NodeHostStats(Arc<node::NodeHostStats>),
    /// What became of a spawned process.
    SpawnResult(SpawnResult),
    /// Something became of a scheduled job.
    Cron(CronEvent),
    /// What came of an agent's regular look.
    Heartbeat(Heartbeat),
    /// Another configuration is in force, or the file is again what is in force.
    ConfigChanged(Arc<ConfigChanged>),
    /// The configuration's file cannot be used; what was read before stays in force.
    ConfigRejected(Arc<ConfigRejected>),
    /// There are other skills, or they are used in another way.
    SkillsChanged {
        /// `install` or `config`.
        reason: &'static str,
    },
    /// Something waits for people's word.
    ApprovalRequested(Arc<ApprovalRequested>),
    /// It waits no more.
    ApprovalResolved(Arc<ApprovalResolved>),
    /// An approval of a session began or ended.
    SessionApproval(SessionApproval),
    /// An agent has questions.
    QuestionRequested(Arc<QuestionRecord>),
    /// They wait no more.
    QuestionResolved(Arc<QuestionResolved>),
    /// Another gateway that this one knows was added, changed, removed, reached or lost.
    GatewaysChanged(GatewaysChanged),
    /// A passkey was registered, renamed or removed.
    PasskeysChanged(PasskeysChanged),
}

/// Names of all events that this gateway sends, for `hello-ok.features`.
pub const NAMES: &[&str] = &[
    "connect.challenge",
    "agent",
    "agent.status",
    "chat",
    "config.changed",
    "config.rejected",
    "cron",
    "device.pair.requested",
    "device.pair.resolved",
    "device.pair.setup.completed",
    "exec.approval.requested",
    "exec.approval.resolved",
    "gateways.changed",
    "gateways.event",
    "gateways.line",
    "health",
    "heartbeat",
    "log",
    "model.fallback",
    "node.hostStats",
    "node.invoke.cancel",
    "node.invoke.progress",
    "node.invoke.request",
    "node.pair.requested",
    "node.pair.resolved",
    "node.presence",
    "passkeys.changed",
    "plugin.approval.requested",
    "plugin.approval.resolved",
    "presence",
    "question.requested",
    "question.resolved",
    "session.approval",
    "session.message",
    "sessions.changed",
    "shutdown",
    "skills.changed",
    "spawn_result",
    "tick",
];

impl Event {
    /// The scope a connection needs to see it; `None` for everybody who is authenticated.
    #[must_use]
    pub const fn scope(&self) -> Option<Scope> {
        match self {
            Self::Tick { .. } | Self::Health { .. } | Self::Shutdown { .. } => None,
            Self::DevicePairRequested(_)
            | Self::DevicePairResolved(_)
            | Self::DevicePairSetupCompleted(_)
            | Self::PasskeysChanged(_)
            | Self::NodePairRequested(_)
            | Self::NodePairResolved(_) => Some(Scope::Pairing),
            Self::SpawnResult(_) => Some(Scope::Admin),
            Self::ApprovalRequested(_) | Self::ApprovalResolved(_) | Self::SessionApproval(_) => Some(Scope::Approvals),
            Self::QuestionRequested(_) | Self::QuestionResolved(_) => Some(Scope::Questions),
            Self::Presence { .. }
            | Self::ChatDelta(_)
            | Self::ChatEnd(_)
            | Self::Agent(_)
            | Self::ModelFallback(_)
            | Self::SessionsChanged(_)
            | Self::SessionMessage(_)
            | Self::Log(_)
            | Self::AgentStatus(_)
            | Self::NodePresence(_)
            | Self::NodeHostStats(_)
            | Self::Cron(_)
            // The reference sends it to everybody; ours holds what the agent said.
            | Self::Heartbeat(_)
            | Self::ConfigChanged(_)
            | Self::ConfigRejected(_)
            | Self::GatewaysChanged(_)
            | Self::SkillsChanged { .. } => Some(Scope::Read),
        }
    }

    /// Who gets it.
    #[must_use]
    pub fn audience(&self) -> Audience<'_> {
        match self {
            Self::Log(_) | Self::AgentStatus(_) => Audience::Ui,
            Self::SessionsChanged(_) => Audience::SessionSubscribers,
            Self::SessionMessage(message) => Audience::MessageSubscribers(&message.session_key),
            Self::ModelFallback(fallback) => Audience::MessageSubscribersAndUi(&fallback.session_key),
            Self::Agent(event) if event.stream == "tool" => Audience::ToolEvents,
            Self::Agent(event) => Audience::Conversation(&event.session_key),
            Self::ChatDelta(delta) => Audience::Conversation(&delta.session_key),
            Self::ChatEnd(end) => Audience::Conversation(&end.session_key),
            Self::ApprovalRequested(asked) => {
                let (plugin, devices) = (asked.approval_kind == "plugin", &asked.reviewers);
                Audience::Reviewers { plugin, but: asked.asked_on, devices }
            }
            Self::ApprovalResolved(resolved) => {
                let (plugin, devices) = (resolved.approval_kind == "plugin", &resolved.reviewers);
                Audience::Reviewers { plugin, but: None, devices }
            }
            Self::SessionApproval(approval) => Audience::ApprovalFollowers(&approval.session_key),
            Self::DevicePairRequested(request) => Audience::Managers(request["deviceId"].as_str().unwrap_or_default()),
            Self::DevicePairResolved(resolved) => Audience::Managers(&resolved.device_id),
            Self::DevicePairSetupCompleted(done) => Audience::Managers(&done.device_id),
            Self::Tick { .. }
            | Self::Presence { .. }
            | Self::Health { .. }
            | Self::Shutdown { .. }
            | Self::PasskeysChanged(_)
            | Self::NodePairRequested(_)
            | Self::NodePairResolved(_)
            | Self::NodePresence(_)
            | Self::NodeHostStats(_)
            | Self::SpawnResult(_)
            | Self::Cron(_)
            | Self::Heartbeat(_)
            | Self::ConfigChanged(_)
            | Self::ConfigRejected(_)
            | Self::GatewaysChanged(_)
            | Self::SkillsChanged { .. }
            | Self::QuestionRequested(_)
            | Self::QuestionResolved(_) => Audience::Everyone,
        }
    }

    /// What happens to it when a connection cannot keep up.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Tick { .. } => Delivery::Latest("tick".into()),
            Self::Presence { .. } => Delivery::Latest("presence".into()),
            Self::Health { .. } => Delivery::Latest("health".into()),
            Self::Heartbeat(_) => Delivery::Latest("heartbeat".into()),
            Self::AgentStatus(status) => Delivery::Latest(format!("agent.status:{}", status.id).into()),
            Self::SessionsChanged(changed) => {
                Delivery::Latest(format!("sessions.changed:{}", changed.session_key).into())
            }
            Self::ChatDelta(delta) => Delivery::Merged(format!("chat:{}", delta.run_id)),
            Self::Agent(event) if event.assistant.is_some() => Delivery::Merged(format!("agent:{}", event.run_id)),
            Self::PasskeysChanged(_) => Delivery::Latest("passkeys.changed".into()),
            Self::SkillsChanged { .. } => Delivery::Latest("skills.changed".into()),
            Self::GatewaysChanged(changed) => Delivery::Latest(format!("gateways.changed:{}", changed.id).into()),
            Self::Log(_) => Delivery::Droppable,
            Self::NodePresence(presence) => Delivery::Latest(format!("node.presence:{}", presence.node_id).into()),
            Self::NodeHostStats(stats) => Delivery::Latest(format!("node.hostStats:{}", stats.node_id).into()),
            Self::ChatEnd(_)
            | Self::Agent(_)
            | Self::ModelFallback(_)
            | Self::SessionMessage(_)
            | Self::Shutdown { .. }
            | Self::DevicePairRequested(_)
            | Self::DevicePairResolved(_)
            | Self::DevicePairSetupCompleted(_)
            | Self::NodePairRequested(_)
            | Self::NodePairResolved(_)
            | Self::SpawnResult(_)
            | Self::Cron(_)
            | Self::ConfigChanged(_)
            | Self::ConfigRejected(_)
            | Self::ApprovalRequested(_)
            | Self::ApprovalResolved(_)
            | Self::SessionApproval(_)
            | Self::QuestionRequested(_)
            | Self::QuestionResolved(_) => Delivery::Durable,
        }
    }

    /// The frame for this view without its closing brace, or `None` when the view does not have this event.
    #[must_use]
    pub fn body(&self, view: View) -> Option<Vec<u8>> {
        Some(match self {
            Self::Tick { ts, sessions } if view.ui => {
                event_open("tick", &json!({ "ts": ts, "snapshot": { "sessions": sessions } }), None)
            }
            Self::Tick { ts, .. } => event_open("tick", &json!({ "ts": ts }), None),
            Self::Presence { presence, version } => {
                event_open("presence", &json!({ "presence": presence }), Some(*version))
            }
            Self::Health { health, version } => event_open("health", health, Some(*version)),
            Self::ChatDelta(delta) if view.dialect == Dialect::V1 => delta.body_v1(),
            Self::ChatDelta(delta) => delta.body(),
            Self::ChatEnd(end) if view.dialect == Dialect::V1 => event_open(end.state.name_v1(), &end.payload(), None),
            Self::ChatEnd(end) => event_open("chat", &end.payload(), None),
            Self::Agent(event) => event_open("agent", &event.payload(), None),
            Self::ModelFallback(fallback) => event_open("model.fallback", fallback, None),
            Self::SessionsChanged(changed) => event_open("sessions.changed", changed, None),
            Self::SessionMessage(message) => event_open("session.message", message, None),
            Self::Log(entry) => event_open("log", entry, None),
            Self::AgentStatus(status) => event_open("agent.status", status, None),
            Self::Shutdown { reason, restart_expected_ms: Some(ms) } => {
                event_open("shutdown", &json!({ "reason": reason, "restartExpectedMs": ms }), None)
            }
            Self::Shutdown { reason, .. } => event_open("shutdown", &json!({ "reason": reason }), None),
            Self::DevicePairRequested(request) => event_open("device.pair.requested", request, None),
            Self::DevicePairResolved(resolved) => event_open("device.pair.resolved", resolved, None),
            Self::DevicePairSetupCompleted(done) => event_open("device.pair.setup.completed", done, None),
            Self::NodePairRequested(request) => event_open("node.pair.requested", request, None),
            Self::NodePairResolved(resolved) => event_open("node.pair.resolved", resolved, None),
            Self::NodePresence(presence) => event_open("node.presence", presence, None),
            Self::NodeHostStats(stats) => event_open("node.hostStats", stats, None),
            Self::SpawnResult(result) => event_open("spawn_result", result, None),
            Self::Cron(cron) => event_open("cron", cron, None),
            Self::Heartbeat(heartbeat) => event_open("heartbeat", heartbeat, None),
            Self::ConfigChanged(changed) => event_open("config.changed", changed, None),
            Self::SkillsChanged { reason } => event_open("skills.changed", &json!({ "reason": reason }), None),
            Self::ConfigRejected(rejected) => event_open("config.rejected", rejected, None),
            Self::ApprovalRequested(asked) if asked.approval_kind == "plugin" => {
                event_open("plugin.approval.requested", asked, None)
            }
            Self::ApprovalRequested(asked) => event_open("exec.approval.requested", asked, None),
            Self::ApprovalResolved(resolved) if resolved.approval_kind == "plugin" => {
                event_open("plugin.approval.resolved", resolved, None)
            }
            Self::ApprovalResolved(resolved) => event_open("exec.approval.resolved", resolved, None),
            Self::SessionApproval(approval) => event_open("session.approval", approval, None),
            Self::QuestionRequested(record) => event_open("question.requested", record, None),
            Self::QuestionResolved(resolved) => event_open("question.resolved", resolved, None),
            Self::PasskeysChanged(changed) => event_open("passkeys.changed", changed, None),
            Self::GatewaysChanged(changed) => event_open("gateways.changed", changed, None),
        })
    }
}

/// A session in the tick of a `ui` connection (spec 001).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TickSession {
    /// Canonical key.
    pub key: SessionKey,
    /// `chat` for a person's conversation.
    pub kind: &'static str,
    /// `provider/model`.
    pub model: String,
    /// Over all runs since the last reset.
    pub total_tokens: u64,
    /// Size of the conversation.
    pub context_tokens: u64,
    /// Messages in the transcript.
    pub message_count: u64,
    /// US dollars.
    pub cost: f64,
    /// When it was last written to.
    pub updated_at: i64,
    /// Run in progress, or touched less than an hour ago.
    pub active: bool,
}

/// A step of a run.
#[derive(Clone, Debug)]
pub struct AgentEvent {
    /// Which run.
    pub run_id: RunId,
    /// Where.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// Position in the run's events, from 1.
    pub seq: u64,
    /// `lifecycle`, `assistant`, `thinking`, `tool`, `usage`, …
    pub stream: &'static str,
    /// When.
    pub ts: i64,
    /// For `assistant`: the text and from where it is new. Others have `data`.
    pub assistant: Option<AssistantDelta>,
    /// What the step says.
    pub data: Option<Arc<Value>>,
}

/// Text of an `assistant` step.
#[derive(Clone, Debug)]
pub struct AssistantDelta {
    /// All text so far.
    pub text: Arc<str>,
    /// Byte offset from which it is new.
    pub from: usize,
}

impl AgentEvent {
    fn payload(&self) -> Value {
        let data = match (&self.assistant, &self.data) {
            (Some(delta), _) => json!({ "text": delta.text, "delta": &delta.text[delta.from..] }),
            (None, Some(data)) => (**data).clone(),
            (None, None) => json!({}),
        };
        json!({
            "runId": self.run_id, "seq": self.seq, "stream": self.stream, "ts": self.ts, "data": data,
            "sessionKey": self.session_key, "agentId": self.agent_id,
        })
    }
}

/// A passkey was registered, renamed or removed: whoever shows them asks again.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeysChanged {
    /// When.
    pub ts: i64,
}

/// Another gateway that this one knows.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewaysChanged {
    /// Which.
    pub id: Arc<str>,
    /// `connecting`, `connected`, `waiting`, `refused`, or `removed`.
    pub state: &'static str,
    /// When.
    pub ts: i64,
}

/// A session was made, changed or removed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionsChanged {
    /// Which.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// `create`, `patch`, `reset`, `delete`, `compact`, `message`, `run`.
    pub reason: &'static str,
    /// When.
    pub ts: i64,
    /// The row as `sessions.list` shows it; absent when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Arc<Value>>,
}

/// A message was added to a transcript.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionMessage {
    /// Where.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// The message as `chat.history` shows it.
    pub message: Arc<Value>,
    /// Position in the transcript.
    pub message_seq: u64,
}

/// A line of the log, for `ui` connections (spec 001).
#[derive(Clone, Debug, Serialize)]
pub struct LogEntry {
    /// Names the line.
    pub id: String,
    /// When.
    pub timestamp: i64,
    /// `info`, `warn` or `error`.
    pub level: &'static str,
    /// Agent, command or part of the gateway.
    pub source: String,
    /// Session it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// For people.
    pub message: String,
    /// Further facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Value>,
}

/// What an agent is doing (spec 001, SPEC-NOTES 9).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentStatus {
    /// Stable number of the agent.
    pub id: i64,
    /// Its identifier.
    pub name: AgentId,
    /// `idle`, `busy`, `offline` or `error`.
    pub status: &'static str,
    /// Seconds since the epoch.
    pub last_seen: i64,
    /// One line for people.
    pub last_activity: String,
}

/// A device was admitted or turned away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevicePairResolved {
    /// Which request.
    pub request_id: uuid::Uuid,
    /// Which device.
    pub device_id: String,
    /// `approved` or `rejected`.
    pub decision: &'static str,
    /// When.
    pub ts: i64,
}

/// A device came in by a setup code.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DevicePairSetupCompleted {
    /// Names the code; nothing of it can be told from that.
    pub setup_id: String,
    /// Which device.
    pub device_id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// `full`, `limited` or `node`.
    pub access: &'static str,
    /// When.
    pub ts: i64,
}

/// What became of a spawned process (spec 001, SPEC-NOTES 10).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpawnResult {
    /// The request's id.
    pub id: String,
    /// `running`, `completed`, `failed` or `killed`.
    pub status: &'static str,
    /// Process id.
    pub pid: Option<u32>,
    /// When it ended.
    pub completed_at: Option<i64>,
    /// `{exitCode}` or `{signal}`.
    pub result: Option<Value>,
    /// What went wrong.
    pub error: Option<String>,
}

/// Another configuration is in force (PROTOCOL §7: `path`, `hash` and `ts`; the rest is ours).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigChanged {
    /// The file.
    pub path: String,
    /// Hash of what is in force now: the `baseHash` of the next change.
    pub hash: String,
    /// When.
    pub ts: i64,
    /// Canonical paths of the keys that changed, never their values. Empty when an unusable file became usable again.
    pub changed_paths: Vec<String>,
    /// Keys that wait for the next start.
    pub restart_required: Vec<String>,
    /// Who did it, as the audit names them; `file` for an edit of the file.
    pub actor: String,
}

/// The configuration's file cannot be used.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigRejected {
    /// The file.
    pub path: String,
    /// Hash of it; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// When that was found.
    pub ts: i64,
    /// What is wrong and what to do, without any value.
    pub message: String,
    /// How many things are wrong; `config.get` lists them.
    pub issues: usize,
}

#[cfg(test)]
mod tests;
