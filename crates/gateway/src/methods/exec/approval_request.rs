//! `exec.approval.request`: may this command run?

use std::collections::BTreeMap;

use openclaw_core::approval::{self, Ask, Decision, Security, Wanted};

use super::asked::{self, Decided};
use crate::{
    approvals::{self, ExecAsk, PERMIT_FOR_NOBODY, Permit},
    methods::prelude::*,
};

/// Milliseconds that people have in dialect 4.
const USUAL_MS: u64 = 1_800_000;
/// Most variables.
const VARIABLES: usize = 256;

params! {
    /// The command, and who wants it.
    {
        /// Name of the approval; made when absent.
        #[serde(default)]
        id: Option<String>,
        /// The command line.
        #[serde(default)]
        command: Option<String>,
        /// Its words; they and `command` must be the same.
        #[serde(default)]
        command_argv: Option<Vec<String>>,
        /// What a node would run; it counts instead of what is said beside it.
        #[serde(default)]
        system_run_plan: Option<SystemRunPlan>,
        /// Variables that it gets besides. Their values are neither kept nor shown.
        #[serde(default)]
        env: Option<BTreeMap<String, String>>,
        /// The folder.
        #[serde(default)]
        cwd: Option<String>,
        /// On which node.
        #[serde(default)]
        node_id: Option<String>,
        /// Where: `gateway`, `node`, `sandbox`.
        #[serde(default)]
        host: Option<String>,
        /// What the asker's policy lets run: it can only be stricter than the gateway's.
        #[serde(default)]
        security: Option<Security>,
        /// When the asker's policy asks.
        #[serde(default)]
        ask: Option<Ask>,
        /// A warning for people.
        #[serde(default)]
        warning_text: Option<String>,
        /// `allow-always` when people may not allow it for good.
        #[serde(default)]
        unavailable_decisions: Option<Vec<Unavailable>>,
        /// For which agent; the session's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// The program.
        #[serde(default)]
        resolved_path: Option<String>,
        /// In which session.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Transcript of the session.
        #[serde(default)]
        session_id: Option<String>,
        /// In which run.
        #[serde(default)]
        run_id: Option<RunId>,
        /// Call of a tool.
        #[serde(default)]
        tool_call_id: Option<String>,
        /// `false` waits even when nobody is connected who could answer.
        #[serde(default)]
        require_delivery_route: Option<bool>,
        /// Devices that are asked and may answer; everybody who may when absent.
        #[serde(default)]
        approval_reviewer_device_ids: Option<Vec<String>>,
        /// `true` tells nobody of it: it waits, and whoever looks for it finds it.
        #[serde(default)]
        suppress_delivery: bool,
        /// Milliseconds that people have; 120,000 when absent, 1,800,000 in dialect 4, a day at most.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Answer at once that people are asked, and again with what they decided.
        #[serde(default)]
        two_phase: bool,
    } understood {
        scope command_spans turn_source_channel turn_source_to turn_source_account_id turn_source_thread_id
        deliver_to_approval_clients_only
    }
}

/// A decision that is not on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Unavailable {
    /// For good.
    AllowAlways,
}

/// What a node would run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SystemRunPlan {
    /// Its words.
    argv: Vec<String>,
    /// The folder.
    #[serde(default)]
    cwd: Option<String>,
    /// The command line.
    command_text: String,
    /// For which agent.
    #[serde(default)]
    agent_id: Option<AgentId>,
    /// In which session.
    #[serde(default)]
    session_key: Option<SessionKey>,
    #[serde(default)]
    #[expect(dead_code, reason = "sent by clients, not needed here")]
    command_preview: Understood,
    #[serde(default)]
    #[expect(dead_code, reason = "sent by clients, not needed here")]
    policy_snapshot: Understood,
    #[serde(default)]
    #[expect(dead_code, reason = "sent by clients, not needed here")]
    mutable_file_operand: Understood,
}

pub(crate) struct Request;

impl Method for Request {
    const NAME: &'static str = "exec.approval.request";
    const ABOUT: &'static str = "Asks whether a command may run: the policy, what was allowed for good, then people.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("approval.requested");
    const REPEAT: Repeat = Repeat::Fresh;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Decided;

    async fn call(call: Call, params: Params) -> Result<Decided, WireError> {
        let two_phase = params.two_phase;
        let ask = wish(&call, params)?;
        let id = ask.id.clone();
        let audit = call.audit(
            "approval.requested",
            Self::NAME,
            None,
            json!({ "kind": "exec", "agentId": ask.agent_id, "sessionKey": ask.session_key, "host": ask.host }),
        );
        let now = call.now_ms();
        let at_once = |decision: Decision, message| Decided {
            id,
            decision: Some(decision.as_str()),
            created_at_ms: now,
            expires_at_ms: now,
            terminal_reason: "policy",
            message: Some(message),
        };
        match approvals::permit(call.state(), ask, audit).await? {
            Permit::Allowed(decision, reason) => Ok(at_once(decision, reason.about())),
            Permit::Refused(reason) => Ok(at_once(Decision::Deny, reason.about())),
            Permit::Asked(waiting, routed) => asked::wait(&call, waiting, two_phase, routed).await,
            Permit::NoRoute(approval) => Ok(Decided { message: Some(PERMIT_FOR_NOBODY), ..Decided::of(&approval) }),
        }
    }
}

/// What is wanted, after a look whether people would be shown what would run.
fn wish(call: &Call, params: Params) -> Result<ExecAsk, WireError> {
    let wrong = |path: &'static str, text: String| WireError::params(text).with("path", path);
    let mut params = params;
    if let Some(plan) = params.system_run_plan.take() {
        let differs = |one: Option<&String>, other: &Option<String>| one.is_some() && one != other.as_ref();
        if params.command.as_ref().is_some_and(|command| *command != plan.command_text)
            || params.command_argv.as_ref().is_some_and(|argv| *argv != plan.argv)
            || differs(params.cwd.as_ref(), &plan.cwd)
        {
            let text = "systemRunPlan says something else than command, commandArgv or cwd beside it";
            return Err(wrong("params.systemRunPlan", text.to_owned()));
        }
        params.command = Some(plan.command_text);
        params.command_argv = Some(plan.argv);
        params.cwd = plan.cwd;
        params.agent_id = plan.agent_id.or(params.agent_id);
        params.session_key = plan.session_key.or(params.session_key);
    }
    let argv = params.command_argv.filter(|argv| !argv.is_empty());
    let command = match (params.command, &argv) {
        (Some(command), _) if command.trim().is_empty() => {
            return Err(wrong("params.command", "command must not be empty".to_owned()));
        }
        (Some(command), Some(argv)) => {
            approval::same_command(&command, argv)
                .map_err(|mismatch| wrong("params.commandArgv", mismatch.to_string()))?;
            command
        }
        (Some(command), None) => command,
        (None, Some(argv)) => approval::quoted(argv),
        (None, None) => {
            return Err(wrong("params.command", "one of command, commandArgv and systemRunPlan is needed".to_owned()));
        }
    };
    let env = params.env.unwrap_or_default();
    if env.len() > VARIABLES {
        return Err(wrong("params.env", format!("at most {VARIABLES} variables can be set")));
    }
    let optional = [&params.cwd, &params.node_id, &params.host, &params.warning_text, &params.resolved_path];
    let more = [&params.session_id, &params.tool_call_id];
    let texts = optional.into_iter().chain(more).filter_map(Option::as_deref);
    let words = argv.iter().flatten().map(String::as_str);
    let variables = env.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    asked::bounded(texts.chain(words).chain(variables).chain([command.as_str()]))?;
    let session = params.session_key.map(|key| call.canonical(&key));
    let agent = params.agent_id.or_else(|| session.as_ref().map(|key| call.agent_of(key)));
    Ok(ExecAsk {
        id: asked::id(call, params.id)?,
        asked_by: approvals::person(call),
        asker: Some(call.conn().number),
        command,
        argv,
        cwd: params.cwd,
        host: params.host,
        node_id: params.node_id,
        resolved_path: params.resolved_path,
        env,
        wanted: Wanted { security: params.security, ask: params.ask },
        warning: params.warning_text,
        agent_id: agent.map(|agent| agent.to_string()),
        session_key: session.map(|key| key.to_string()),
        session_id: params.session_id,
        run_id: params.run_id.map(|run| run.to_string()),
        tool_call_id: params.tool_call_id,
        once_only: params.unavailable_decisions.is_some_and(|list| list.contains(&Unavailable::AllowAlways)),
        timeout_ms: asked::timeout(call, params.timeout_ms, USUAL_MS)?,
        without_reviewer: params.require_delivery_route == Some(false),
        reviewers: asked::reviewers(params.approval_reviewer_device_ids)?,
        quiet: params.suppress_delivery,
    })
}
