//! One of each event, in each of its forms.

use openclaw_protocol::{
    AgentId, NodeId, RunId, SessionKey,
    event::{
        AgentEvent, AgentStatus, ApprovalRequested, ApprovalResolved, ApprovalSnapshot, Asked, ConfigChanged,
        ConfigRejected, CronEvent, DevicePairResolved, DevicePairSetupCompleted, GatewaysChanged, Heartbeat, LogEntry,
        ModelFallback, PasskeysChanged, PluginAsked, Presentation, QuestionRecord, QuestionResolved, SessionApproval,
        SessionsChanged, SpawnResult,
        node::{NodeAbout, NodeHostStats, NodePairRequest, NodePairResolved, NodePresence},
    },
};
use serde_json::json;

use super::*;

/// The session that they are about.
pub(super) const SESSION: &str = "agent:main:main";

fn session() -> SessionKey {
    SessionKey::new(SESSION).unwrap()
}

fn agent() -> AgentId {
    AgentId::new("main").unwrap()
}

fn node() -> NodeId {
    NodeId::new("node-1").unwrap()
}

/// A step of a run, in a stream.
fn step(stream: &'static str) -> Event {
    Event::Agent(AgentEvent {
        run_id: RunId::new("run").unwrap(),
        session_key: session(),
        agent_id: agent(),
        seq: 1,
        stream,
        ts: 1,
        assistant: None,
        data: Some(Arc::new(json!({}))),
    })
}

fn wish() -> Asked {
    Asked::Plugin(PluginAsked {
        title: "a wish".to_owned(),
        description: "to be allowed something".to_owned(),
        detail: None,
        severity: "info".to_owned(),
        plugin_id: None,
        tool_name: None,
        tool_call_id: None,
        allowed_decisions: Vec::new(),
        agent_id: None,
        session_key: None,
    })
}

fn asked(kind: &'static str) -> Event {
    Event::ApprovalRequested(Arc::new(ApprovalRequested {
        approval_kind: kind,
        id: "approval".to_owned(),
        request: wish(),
        created_at_ms: 1,
        expires_at_ms: 2,
        asked_on: None,
        reviewers: Arc::new([]),
    }))
}

fn answered(kind: &'static str) -> Event {
    Event::ApprovalResolved(Arc::new(ApprovalResolved {
        approval_kind: kind,
        id: "approval".to_owned(),
        decision: "deny",
        resolved_by: None,
        ts: 1,
        reason: None,
        request: wish(),
        reviewers: Arc::new([]),
    }))
}

fn approval_of_a_session() -> Event {
    let presentation = Presentation::Plugin {
        title: "a wish".to_owned(),
        description: "to be allowed something".to_owned(),
        detail: None,
        severity: "info".to_owned(),
        plugin_id: None,
        tool_name: None,
        agent_id: None,
        allowed_decisions: Vec::new(),
    };
    let approval = ApprovalSnapshot {
        id: "approval".to_owned(),
        url_path: "/approvals/approval".to_owned(),
        status: "pending",
        created_at_ms: 1,
        expires_at_ms: 2,
        presentation,
        resolved_at_ms: None,
        decision: None,
        reason: None,
        source: None,
        resolver: None,
    };
    let approval = Arc::new(approval);
    Event::SessionApproval(SessionApproval { session_key: session(), updated_at_ms: 1, phase: "pending", approval })
}

fn question() -> Event {
    Event::QuestionRequested(Arc::new(QuestionRecord {
        id: "question".to_owned(),
        questions: Vec::new(),
        agent_id: None,
        session_key: None,
        run_id: None,
        created_at_ms: 1,
        expires_at_ms: 2,
        status: "pending",
        answers: None,
        resolved_by: None,
    }))
}

fn job() -> Event {
    Event::Cron(CronEvent {
        job_id: "job".to_owned(),
        action: "added",
        job: None,
        next_run_at_ms: None,
        run_id: None,
        status: None,
        summary: None,
        error: None,
        run_at_ms: None,
        duration_ms: None,
        session_key: None,
    })
}

fn look() -> Event {
    Event::Heartbeat(Heartbeat { ts: 1, status: "ok", reason: None, to: None, preview: None, duration_ms: None })
}

fn fallback() -> Event {
    Event::ModelFallback(ModelFallback {
        run_id: RunId::new("run").unwrap(),
        session_key: session(),
        agent_id: agent(),
        from: "a/b".to_owned(),
        to: "c/d".to_owned(),
        reason: "overloaded",
        attempt: 1,
        cooldown_until: None,
    })
}

fn configuration() -> [Event; 2] {
    let changed = ConfigChanged {
        path: "openclaw.json".to_owned(),
        hash: "hash".to_owned(),
        ts: 1,
        changed_paths: Vec::new(),
        restart_required: Vec::new(),
        actor: "file".to_owned(),
    };
    let (path, message) = ("openclaw.json".to_owned(), "it is not JSON5".to_owned());
    let rejected = ConfigRejected { path, hash: None, ts: 1, message, issues: 1 };
    [Event::ConfigChanged(Arc::new(changed)), Event::ConfigRejected(Arc::new(rejected))]
}

fn devices() -> [Event; 3] {
    let resolved =
        DevicePairResolved { request_id: Uuid::nil(), device_id: "device".to_owned(), decision: "approved", ts: 1 };
    let completed = DevicePairSetupCompleted {
        setup_id: "setup".to_owned(),
        device_id: "device".to_owned(),
        device_name: None,
        access: "limited",
        ts: 1,
    };
    [
        Event::DevicePairRequested(Arc::new(json!({ "requestId": "request" }))),
        Event::DevicePairResolved(resolved),
        Event::DevicePairSetupCompleted(completed),
    ]
}

fn nodes() -> [Event; 4] {
    let request = NodePairRequest {
        request_id: "request".to_owned(),
        node_id: node(),
        about: NodeAbout::default(),
        caps: Vec::new(),
        commands: Vec::new(),
        required_approve_scopes: Vec::new(),
        permissions: std::collections::BTreeMap::new(),
        silent: false,
        ts: 1,
    };
    let resolved = NodePairResolved { request_id: "request".to_owned(), node_id: node(), decision: "approved", ts: 1 };
    let presence = NodePresence { node_id: node(), last_active_at_ms: None, presence_updated_at_ms: None };
    let stats = NodeHostStats { node_id: node(), host_stats: serde_json::Map::new() };
    [
        Event::NodePairRequested(Arc::new(request)),
        Event::NodePairResolved(resolved),
        Event::NodePresence(presence),
        Event::NodeHostStats(Arc::new(stats)),
    ]
}

fn page() -> [Event; 2] {
    let line = LogEntry {
        id: "1".to_owned(),
        timestamp: 1,
        level: "info",
        source: "gateway".to_owned(),
        session: None,
        message: "a line".to_owned(),
        extra: None,
    };
    let last_activity = "idle".to_owned();
    let status = AgentStatus { id: 1, name: agent(), status: "idle", last_seen: 1, last_activity };
    [Event::Log(line), Event::AgentStatus(status)]
}

/// One of each, with its name on the wire, and `agent` and the approvals in both of their forms. An event that is not here does not
/// compile.
pub(super) fn all() -> Vec<(&'static str, Event)> {
    let changed = SessionsChanged { session_key: session(), agent_id: agent(), reason: "patch", ts: 1, session: None };
    let id = "program".to_owned();
    let spawned = SpawnResult { id, status: "completed", pid: None, completed_at: None, result: None, error: None };
    let mut events = vec![
        Event::Tick { ts: 1, sessions: Arc::new([]) },
        Event::Presence { presence: Arc::new([]), version: StateVersion::default() },
        health(),
        delta("run", "text", 0),
        end("run"),
        step("lifecycle"),
        step("tool"),
        fallback(),
        Event::SessionsChanged(changed),
        message(SESSION, "text"),
        Event::Shutdown { reason: "stop", restart_expected_ms: None },
        Event::SpawnResult(spawned),
        job(),
        look(),
        Event::SkillsChanged { reason: "install" },
        asked("exec"),
        asked("plugin"),
        answered("exec"),
        answered("plugin"),
        approval_of_a_session(),
        question(),
        Event::PasskeysChanged(PasskeysChanged { ts: 1 }),
        Event::GatewaysChanged(GatewaysChanged { id: "there".into(), state: "connected", ts: 1 }),
        Event::QuestionResolved(Arc::new(QuestionResolved {
            id: "question".to_owned(),
            status: "answered",
            answers: None,
        })),
    ];
    events.extend(configuration());
    events.extend(devices());
    events.extend(nodes());
    events.extend(page());
    events.into_iter().map(|event| (name(&event), event)).collect()
}

/// The name of an event in dialect 4. Written down once more, so that a new one has to be looked at.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Tick { .. } => "tick",
        Event::Presence { .. } => "presence",
        Event::Health { .. } => "health",
        Event::ChatDelta(_) | Event::ChatEnd(_) => "chat",
        Event::Agent(_) => "agent",
        Event::ModelFallback(_) => "model.fallback",
        Event::SessionsChanged(_) => "sessions.changed",
        Event::SessionMessage(_) => "session.message",
        Event::Log(_) => "log",
        Event::AgentStatus(_) => "agent.status",
        Event::Shutdown { .. } => "shutdown",
        Event::DevicePairRequested(_) => "device.pair.requested",
        Event::DevicePairResolved(_) => "device.pair.resolved",
        Event::DevicePairSetupCompleted(_) => "device.pair.setup.completed",
        Event::NodePairRequested(_) => "node.pair.requested",
        Event::NodePairResolved(_) => "node.pair.resolved",
        Event::NodePresence(_) => "node.presence",
        Event::NodeHostStats(_) => "node.hostStats",
        Event::SpawnResult(_) => "spawn_result",
        Event::Cron(_) => "cron",
        Event::Heartbeat(_) => "heartbeat",
        Event::ConfigChanged(_) => "config.changed",
        Event::ConfigRejected(_) => "config.rejected",
        Event::SkillsChanged { .. } => "skills.changed",
        Event::ApprovalRequested(asked) if asked.approval_kind == "plugin" => "plugin.approval.requested",
        Event::ApprovalRequested(_) => "exec.approval.requested",
        Event::ApprovalResolved(resolved) if resolved.approval_kind == "plugin" => "plugin.approval.resolved",
        Event::ApprovalResolved(_) => "exec.approval.resolved",
        Event::SessionApproval(_) => "session.approval",
        Event::QuestionRequested(_) => "question.requested",
        Event::QuestionResolved(_) => "question.resolved",
        Event::GatewaysChanged(_) => "gateways.changed",
        Event::PasskeysChanged(_) => "passkeys.changed",
    }
}
