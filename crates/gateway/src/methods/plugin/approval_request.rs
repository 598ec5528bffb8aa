//! `plugin.approval.request`: a plugin asks people.

use openclaw_core::approval::{Approval, Decision, Ending, How, PluginRequest, Subject};

use crate::{
    approvals::{self, PERMIT_FOR_NOBODY},
    methods::{
        exec::asked::{self, Decided},
        prelude::*,
    },
};

/// Milliseconds that people have.
const USUAL_MS: u64 = 120_000;
/// The longest.
const LONGEST_MS: u64 = 600_000;

params! {
    /// What the plugin wishes.
    {
        /// In at most 80 characters.
        title: String,
        /// In at most 512 characters.
        description: String,
        /// Everything, at most 16,384 characters.
        #[serde(default)]
        detail: Option<String>,
        /// `info`, `warning` or `critical`; `warning` when absent.
        #[serde(default)]
        severity: Option<Severity>,
        /// Which plugin.
        #[serde(default)]
        plugin_id: Option<String>,
        /// Which of its tools.
        #[serde(default)]
        tool_name: Option<String>,
        /// Which call of it.
        #[serde(default)]
        tool_call_id: Option<String>,
        /// What may be answered; everything when absent. `deny` always may.
        #[serde(default)]
        allowed_decisions: Option<Vec<DecisionWord>>,
        /// For which agent; the session's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// In which session.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Devices that are asked and may answer; everybody who may when absent.
        #[serde(default)]
        approval_reviewer_device_ids: Option<Vec<String>>,
        /// Milliseconds that people have; 120,000 when absent, 600,000 at most.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Answer at once that people are asked, and again with what they decided.
        #[serde(default)]
        two_phase: bool,
    } understood {
        scope mcp_tool turn_source_channel turn_source_to turn_source_account_id
        turn_source_thread_id
    }
}

/// How much is at stake.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Info,
    Warning,
    Critical,
}

/// What may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DecisionWord {
    AllowOnce,
    AllowAlways,
    Deny,
}

pub(crate) struct Request;

impl Method for Request {
    const NAME: &'static str = "plugin.approval.request";
    const ABOUT: &'static str = "Asks people about a wish of a plugin.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("approval.requested");
    const REPEAT: Repeat = Repeat::Fresh;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Decided;

    async fn call(call: Call, params: Params) -> Result<Decided, WireError> {
        let long = |name: &'static str, text: Option<&String>, most: usize| match text {
            Some(text) if text.trim().is_empty() || text.chars().count() > most => {
                let what = format!("{name} must have 1 to {most} characters");
                Err(WireError::params(what).with("path", format!("params.{name}")))
            }
            _ => Ok(()),
        };
        long("title", Some(&params.title), 80)?;
        long("description", Some(&params.description), 512)?;
        long("detail", params.detail.as_ref(), 16_384)?;
        long("pluginId", params.plugin_id.as_ref(), 128)?;
        long("toolName", params.tool_name.as_ref(), 128)?;
        long("toolCallId", params.tool_call_id.as_ref(), 256)?;
        if params.timeout_ms.is_some_and(|ms| ms > LONGEST_MS) {
            let text = format!("timeoutMs must be at most {LONGEST_MS}");
            return Err(WireError::params(text).with("path", "params.timeoutMs"));
        }
        let timeout = asked::timeout(&call, params.timeout_ms, USUAL_MS)?;
        let may = |decision: Decision| {
            let word = match decision {
                Decision::AllowOnce => DecisionWord::AllowOnce,
                Decision::AllowAlways => DecisionWord::AllowAlways,
                Decision::Deny => return true,
            };
            params.allowed_decisions.as_ref().is_none_or(|list| list.contains(&word))
        };
        let allowed = Decision::ALL.into_iter().filter(|decision| may(*decision)).collect();
        let session = params.session_key.map(|key| call.canonical(&key));
        let agent = params.agent_id.or_else(|| session.as_ref().map(|key| call.agent_of(key)));
        let state = call.state();
        let reviewers = asked::reviewers(params.approval_reviewer_device_ids)?;
        let routed = state.hub.has_reviewer(true, Some(call.conn().number), &reviewers.clone().into());
        let now = call.now_ms();
        let approval = Approval {
            id: format!("plugin:{}", state.ids.uuid()),
            subject: Subject::Plugin(PluginRequest {
                title: params.title,
                description: params.description,
                detail: params.detail,
                severity: match params.severity {
                    Some(Severity::Info) => "info",
                    Some(Severity::Critical) => "critical",
                    Some(Severity::Warning) | None => "warning",
                }
                .to_owned(),
                plugin_id: params.plugin_id,
                tool_name: params.tool_name,
                tool_call_id: params.tool_call_id,
                allowed,
            }),
            asked_by: approvals::person(&call),
            agent_id: agent.map(|agent| agent.to_string()),
            session_key: session.map(|key| key.to_string()),
            run_id: None,
            created_at: now,
            expires_at: now.saturating_add(timeout),
            ending: (!routed).then_some(Ending { at: now, how: How::NoRoute, by: None }),
            reviewers,
            quiet: false,
            redeemed_at: None,
        };
        let detail = json!({ "kind": "plugin", "agentId": approval.agent_id, "sessionKey": approval.session_key });
        let mut audit = call.audit("approval.requested", Self::NAME, Some(approval.id.clone()), detail);
        if !routed {
            audit.outcome = "denied".to_owned();
            audit.reason = Some("nobody is connected who could answer".to_owned());
        }
        let waiting = state.approvals.ask(approval, Some(call.conn().number.number()), audit).await?;
        if !routed {
            return Ok(Decided { message: Some(PERMIT_FOR_NOBODY), ..Decided::of(&waiting.approval) });
        }
        asked::wait(&call, waiting, params.two_phase, true).await
    }
}
