//! What a conversation asks of the gateway and hears from it, as far as it is shown.

use openclaw_client::Event;
use serde::{Deserialize, Serialize};

use crate::commands::content::Content;

/// Something of the conversation that is followed.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// Somebody said something.
    Said { by_run: Option<String>, text: String },
    /// A turn began.
    Began { run: String },
    /// A turn asks this model.
    Asks { run: String, model: String },
    /// A tool is at work, or done.
    Tool { run: String, name: String, over: bool },
    /// The whole reply so far.
    Text { run: String, text: String },
    /// A turn is over.
    Ended { run: String, end: End, text: Option<String>, used: Used },
    /// Something waits for people.
    Waits(Approval),
    /// It waits no more.
    Decided { id: String, how: String },
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a reply.
    Final,
    /// Somebody stopped it.
    Aborted,
    /// It failed.
    Failed(String),
}

/// What a turn used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Used {
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cache_read: u64,
    pub(super) cache_write: u64,
    pub(super) cost: Cost,
}

/// US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Cost {
    pub(super) total: f64,
}

/// Something that waits for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Approval {
    pub(super) id: String,
    pub(super) kind: String,
    /// The whole of what is asked.
    pub(super) what: String,
    /// Where it would run.
    pub(super) place: Option<String>,
    pub(super) warning: Option<String>,
    pub(super) offered: Vec<String>,
    pub(super) expires_at_ms: i64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ChatEvent {
    session_key: String,
    run_id: String,
    state: String,
    message: Option<Message>,
    error_message: Option<String>,
    usage: Option<Used>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AgentEvent {
    session_key: String,
    run_id: String,
    stream: String,
    data: AgentData,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AgentData {
    phase: String,
    provider: Option<String>,
    model: Option<String>,
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionMessage {
    session_key: String,
    message: Message,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApprovalEvent {
    session_key: String,
    approval: Snapshot,
}

/// An approval as the gateway tells it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Snapshot {
    id: String,
    status: String,
    decision: Option<String>,
    expires_at_ms: i64,
    presentation: Presentation,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Presentation {
    kind: String,
    command_text: Option<String>,
    title: Option<String>,
    description: Option<String>,
    detail: Option<String>,
    host: Option<String>,
    node_id: Option<String>,
    warning_text: Option<String>,
    allowed_decisions: Vec<String>,
}

impl From<Snapshot> for Approval {
    fn from(told: Snapshot) -> Self {
        let shown = told.presentation;
        let titled =
            || [shown.title, shown.description, shown.detail].into_iter().flatten().collect::<Vec<_>>().join("\n");
        Self {
            id: told.id,
            kind: shown.kind,
            what: shown.command_text.unwrap_or_else(titled),
            place: shown.node_id.or(shown.host),
            warning: shown.warning_text.filter(|text| !text.is_empty()),
            offered: shown.allowed_decisions,
            expires_at_ms: told.expires_at_ms,
        }
    }
}

/// A line of a conversation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Message {
    pub(super) role: String,
    content: Content,
    pub(super) idempotency_key: Option<String>,
    pub(super) usage: Option<Used>,
    pub(super) stop_reason: Option<String>,
    pub(super) error_message: Option<String>,
    #[serde(rename = "__openclaw")]
    pub(super) place: Place,
}

/// Which turn a line belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Place {
    pub(super) run_id: Option<String>,
}

impl Message {
    /// What a person reads.
    pub(super) fn text(&self) -> String {
        self.content.text()
    }
}

/// What an event says about the session with this key; nothing when it is about something else.
pub(super) fn heard(event: &Event, key: &str) -> Option<Heard> {
    match event.name.as_str() {
        "chat" => {
            let told = event.read::<ChatEvent>().ok().filter(|told| told.session_key == key)?;
            let text = told.message.as_ref().map(Message::text);
            let end = match told.state.as_str() {
                "delta" => return Some(Heard::Text { run: told.run_id, text: text? }),
                "final" => End::Final,
                "aborted" => End::Aborted,
                "error" => End::Failed(told.error_message.unwrap_or_else(|| "the turn failed".to_owned())),
                _ => return None,
            };
            let used = told.usage.or_else(|| told.message.as_ref().and_then(|message| message.usage));
            Some(Heard::Ended { run: told.run_id, end, text, used: used.unwrap_or_default() })
        }
        "agent" => {
            let told = event.read::<AgentEvent>().ok().filter(|told| told.session_key == key)?;
            let (run, data) = (told.run_id, told.data);
            match (told.stream.as_str(), data.phase.as_str()) {
                ("lifecycle", "start") => Some(Heard::Began { run }),
                ("lifecycle", "model") => {
                    let model = [data.provider, data.model].into_iter().flatten().collect::<Vec<_>>().join("/");
                    Some(Heard::Asks { run, model })
                }
                ("tool", "start") => Some(Heard::Tool { run, name: data.name?, over: false }),
                ("tool", "result") => Some(Heard::Tool { run, name: data.name?, over: true }),
                _ => None,
            }
        }
        "session.message" => {
            let told = event.read::<SessionMessage>().ok().filter(|told| told.session_key == key)?.message;
            // Replies come by themselves, as they are made.
            (told.role == "user").then(|| Heard::Said { text: told.text(), by_run: told.idempotency_key })
        }
        "session.approval" => {
            let told = event.read::<ApprovalEvent>().ok().filter(|told| told.session_key == key)?.approval;
            Some(match told.status.as_str() {
                "pending" => Heard::Waits(told.into()),
                _ => Heard::Decided { how: told.decision.unwrap_or(told.status), id: told.id },
            })
        }
        _ => None,
    }
}

/// What is asked of `sessions.messages.subscribe`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Follow<'a> {
    pub(super) key: &'a str,
    pub(super) include_approvals: bool,
}

/// Its reply.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Followed {
    pub(super) key: String,
    approval_replay: Replay,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Replay {
    approvals: Vec<Snapshot>,
}

impl Followed {
    pub(super) fn waiting(self) -> Vec<Approval> {
        let pending = |told: &Snapshot| told.status == "pending";
        self.approval_replay.approvals.into_iter().filter(pending).map(Approval::from).collect()
    }
}

/// What is asked of `chat.history` and other methods about one session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<'a> {
    pub(super) session_key: &'a str,
    pub(super) limit: u32,
}

/// The reply of `chat.history`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct History {
    pub(super) messages: Vec<Message>,
    pub(super) has_more: bool,
    defaults: Model,
    session_info: Option<Model>,
    pub(super) in_flight_run: Option<InFlight>,
}

impl History {
    /// The model that answers.
    pub(super) fn model(&self) -> String {
        let Model { model_provider, model } = self.session_info.as_ref().unwrap_or(&self.defaults);
        format!("{model_provider}/{model}")
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model {
    model_provider: String,
    model: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct InFlight {
    pub(super) run_id: String,
}

/// What is asked of `chat.send`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Say {
    pub(super) session_key: String,
    pub(super) message: String,
    pub(super) idempotency_key: String,
}

/// The reply of `chat.send`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Taken {
    /// `started`, `in_flight` or `ok`; nothing when the gateway took the text for a command.
    pub(super) status: Option<String>,
}

/// What is asked of `agent.wait`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Await<'a> {
    pub(super) run_id: &'a str,
    pub(super) timeout_ms: u64,
}

/// Its reply.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Awaited {
    /// `ok`, `error`, or `timeout` as long as the turn is not over.
    status: String,
    text: Option<String>,
    error: Option<String>,
    stop_reason: Option<String>,
    meta: Option<Meta>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    agent_meta: AgentMeta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AgentMeta {
    usage: Used,
}

impl Awaited {
    /// How the turn of this name ended; nothing when it has not.
    pub(super) fn ended(self, run: &str) -> Option<Heard> {
        let end = match (self.status.as_str(), self.stop_reason.as_deref()) {
            ("ok", _) => End::Final,
            ("error", Some("aborted")) => End::Aborted,
            ("error", _) => End::Failed(self.error.unwrap_or_else(|| "the turn failed".to_owned())),
            _ => return None,
        };
        let used = self.meta.map(|meta| meta.agent_meta.usage).unwrap_or_default();
        Some(Heard::Ended { run: run.to_owned(), end, text: self.text, used })
    }
}

/// What is asked of `chat.abort`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stop<'a> {
    pub(super) session_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run_id: Option<&'a str>,
}

/// What is asked of `approval.resolve`.
#[derive(Serialize)]
pub(super) struct Decide<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) decision: &'a str,
}

/// What is asked of `sessions.patch`.
#[derive(Serialize)]
pub(super) struct SetModel<'a> {
    pub(super) key: &'a str,
    pub(super) model: &'a str,
}

/// What is asked of `sessions.list`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListSessions {
    pub(super) limit: u32,
    pub(super) include_derived_titles: bool,
}

/// Its reply.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sessions {
    pub(super) sessions: Vec<crate::commands::sessions::Row>,
}

/// A method that takes nothing.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// The reply of `models.list`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Models {
    pub(super) models: Vec<ListedModel>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ListedModel {
    pub(super) id: String,
    pub(super) provider: String,
    pub(super) name: Option<String>,
}

impl ListedModel {
    /// As `sessions.patch` takes it.
    pub(super) fn reference(&self) -> String {
        format!("{}/{}", self.provider, self.id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_asked_is_read_whole() {
        let shown =
            json!({"kind": "plugin", "title": "Pay", "description": "An invoice", "detail": "4,000 to Mallory"});
        let told: Snapshot = serde_json::from_value(json!({"id": "a", "presentation": shown})).unwrap();
        assert_eq!(Approval::from(told).what, "Pay\nAn invoice\n4,000 to Mallory");
    }

    fn awaited(reply: serde_json::Value) -> Option<Heard> {
        serde_json::from_value::<Awaited>(reply).unwrap().ended("r")
    }

    #[test]
    fn how_a_turn_ended_is_read_from_its_own_word() {
        let ended = |end, text: Option<&str>, used| {
            Some(Heard::Ended { run: "r".into(), end, text: text.map(str::to_owned), used })
        };
        let usage = json!({"agentMeta": {"usage": {"input": 7, "output": 2, "cost": {"total": 0.5}}}});
        let used = Used { input: 7, output: 2, cost: Cost { total: 0.5 }, ..Used::default() };
        let reply = json!({"status": "ok", "text": "Hi", "stopReason": "stop", "meta": usage});
        assert_eq!(awaited(reply), ended(End::Final, Some("Hi"), used));
        let stopped = json!({"status": "error", "error": "aborted", "stopReason": "aborted"});
        assert_eq!(awaited(stopped), ended(End::Aborted, None, Used::default()));
        let broken = json!({"status": "error", "error": "no money left", "stopReason": "error"});
        assert_eq!(awaited(broken), ended(End::Failed("no money left".into()), None, Used::default()));
        assert_eq!(awaited(json!({"status": "timeout"})), None);
    }
}
