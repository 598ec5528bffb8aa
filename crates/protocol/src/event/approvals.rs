//! What people are asked, as clients see it (PROTOCOL §6.5, §7).

use std::{collections::BTreeMap, sync::Arc};

use schemars::JsonSchema;
use serde::Serialize;

use crate::SessionKey;

/// What is known about a command line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommandAnalysis {
    /// Commands side by side.
    pub command_count: usize,
    /// Commands inside others.
    pub nested_command_count: usize,
    /// `inline-eval`, `shell-wrapper`, `command-carrier`, `privilege`, `destructive`, `unparsed`, `hidden-characters`.
    pub risk_kinds: Vec<String>,
    /// For people.
    pub warning_lines: Vec<String>,
}

/// A command that wants to run. Everything that is hidden in it is shown as `\u{202E}`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecAsked {
    /// The command line.
    pub command: String,
    /// Its words, when they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_argv: Option<Vec<String>>,
    /// Names of the variables that it gets besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_keys: Vec<String>,
    /// The folder it would run in.
    pub cwd: Option<String>,
    /// On which node.
    pub node_id: Option<String>,
    /// Where: `gateway`, `node`, `sandbox`.
    pub host: Option<String>,
    /// What the asker's policy lets run.
    pub security: Option<&'static str>,
    /// When the asker's policy asks.
    pub ask: Option<&'static str>,
    /// A warning of the asker.
    pub warning_text: Option<String>,
    /// What is known about the command.
    pub command_analysis: CommandAnalysis,
    /// What may be answered.
    pub allowed_decisions: Vec<&'static str>,
    /// For which agent.
    pub agent_id: Option<String>,
    /// The program that would run.
    pub resolved_path: Option<String>,
    /// In which session.
    pub session_key: Option<String>,
    /// Transcript of the session.
    pub session_id: Option<String>,
    /// In which run.
    pub run_id: Option<String>,
    /// Call of a tool that asks.
    pub tool_call_id: Option<String>,
}

/// A wish of a plugin.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginAsked {
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub description: String,
    /// Everything.
    pub detail: Option<String>,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Which plugin.
    pub plugin_id: Option<String>,
    /// Which of its tools.
    pub tool_name: Option<String>,
    /// Which call of it.
    pub tool_call_id: Option<String>,
    /// What may be answered.
    pub allowed_decisions: Vec<&'static str>,
    /// For which agent.
    pub agent_id: Option<String>,
    /// In which session.
    pub session_key: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Asked {
    /// A command.
    Exec(ExecAsked),
    /// A plugin's wish.
    Plugin(PluginAsked),
}

/// Something waits for people's word.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRequested {
    /// `exec` or `plugin`.
    pub approval_kind: &'static str,
    /// Its name.
    pub id: String,
    /// What is asked.
    pub request: Asked,
    /// When it was asked.
    pub created_at_ms: i64,
    /// From when on nobody can answer.
    pub expires_at_ms: i64,
    /// Connection that asked; it is not told in dialect 4.
    #[serde(skip)]
    pub asked_on: Option<u64>,
    /// Devices that are asked; everybody who may answer when empty.
    #[serde(skip)]
    pub reviewers: Arc<[String]>,
}

/// It waits no more.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalResolved {
    /// `exec` or `plugin`.
    #[serde(skip)]
    pub approval_kind: &'static str,
    /// Its name.
    pub id: String,
    /// `allow-once`, `allow-always` or `deny`; `deny` too when nobody answered in time.
    pub decision: &'static str,
    /// Who decided, as their client calls itself.
    pub resolved_by: Option<String>,
    /// When.
    pub ts: i64,
    /// Why, unless people decided: `timeout`, `run-aborted`, `no-route`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What was asked.
    pub request: Asked,
    /// Devices that were asked; everybody who may answer when empty.
    #[serde(skip)]
    pub reviewers: Arc<[String]>,
}

/// What an approval is about, as reviewers see it (official `ApprovalPresentation`).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Presentation {
    /// A command.
    Exec {
        /// The command line, with everything hidden shown.
        command_text: String,
        /// Its beginning, when it is long.
        command_preview: Option<String>,
        /// Warnings.
        warning_text: Option<String>,
        /// Where it would run.
        host: Option<String>,
        /// On which node.
        node_id: Option<String>,
        /// For which agent.
        agent_id: Option<String>,
        /// What may be answered.
        allowed_decisions: Vec<&'static str>,
    },
    /// A plugin's wish.
    Plugin {
        /// In a few words.
        title: String,
        /// In a sentence.
        description: String,
        /// Everything.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// `info`, `warning` or `critical`.
        severity: String,
        /// Which plugin.
        plugin_id: Option<String>,
        /// Which of its tools.
        tool_name: Option<String>,
        /// For which agent.
        agent_id: Option<String>,
        /// What may be answered.
        allowed_decisions: Vec<&'static str>,
    },
}

/// An approval, waiting or over (official `ApprovalSnapshot`).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalSnapshot {
    /// Its name.
    pub id: String,
    /// Path of its page.
    pub url_path: String,
    /// `pending`, `allowed`, `denied`, `expired` or `cancelled`.
    pub status: &'static str,
    /// When it was asked.
    pub created_at_ms: i64,
    /// From when on nobody can answer.
    pub expires_at_ms: i64,
    /// What it is about.
    pub presentation: Presentation,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at_ms: Option<i64>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'static str>,
    /// Why it ended so: `user`, `timeout`, `no-route`, `run-aborted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Where it came from, once it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ApprovalSource>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<Resolver>,
}

/// Where an approval came from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalSource {
    /// For which agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
}

/// Who decided.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Resolver {
    /// `device`, `runtime` or `system`.
    pub kind: &'static str,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// An approval of a session began or ended (official `SessionApprovalEvent`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionApproval {
    /// In which session.
    pub session_key: SessionKey,
    /// When.
    pub updated_at_ms: i64,
    /// `pending` or `terminal`.
    pub phase: &'static str,
    /// The approval.
    pub approval: Arc<ApprovalSnapshot>,
}

/// Questions of an agent, waiting or over (official `QuestionRecord`).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuestionRecord {
    /// Their name.
    pub id: String,
    /// One to three.
    pub questions: Vec<QuestionShown>,
    /// For which agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// In which run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// When they were asked.
    pub created_at_ms: i64,
    /// From when on nobody can answer.
    pub expires_at_ms: i64,
    /// `pending`, `answered`, `cancelled` or `expired`.
    pub status: &'static str,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswersShown>,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
}

/// One question.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuestionShown {
    /// Its name.
    pub question_id: String,
    /// A few letters above it.
    pub header: String,
    /// The question.
    pub question: String,
    /// What can be chosen.
    pub options: Vec<OptionShown>,
    /// Several may be chosen.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub multi_select: bool,
    /// Something else may be answered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_other: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OptionShown {
    /// What is chosen.
    pub label: String,
    /// What that means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswersShown {
    /// By question.
    pub answers: BTreeMap<String, Vec<String>>,
}

/// Questions wait no more.
#[derive(Clone, Debug, Serialize)]
pub struct QuestionResolved {
    /// Their name.
    pub id: String,
    /// `answered`, `cancelled` or `expired`.
    pub status: &'static str,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswersShown>,
}
