//! A command that wants to run: what is kept of it, and what a standing permission is bound to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Analysis, Ask, Decision, Security};

/// May this command run?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecRequest {
    /// The command line, as it would be typed.
    pub command: String,
    /// Its words, when they are known.
    pub argv: Option<Vec<String>>,
    /// The folder it would run in.
    pub cwd: Option<String>,
    /// Where it would run: `gateway`, `node`, `sandbox`.
    pub host: Option<String>,
    /// On which node.
    pub node_id: Option<String>,
    /// The program that would run.
    pub resolved_path: Option<String>,
    /// Names of the variables that it would get besides. Their values are not kept, only bound by `plan`.
    pub env: Vec<String>,
    /// What the asker's policy lets run.
    pub security: Option<Security>,
    /// When the asker's policy asks.
    pub ask: Option<Ask>,
    /// A warning of the asker.
    pub warning: Option<String>,
    /// What is known about the command.
    pub analysis: Analysis,
    /// What may be answered.
    pub allowed: Vec<Decision>,
    /// [`plan_hash`] of the plan: whoever runs it compares.
    pub plan: String,
    /// Transcript that the session had.
    pub session_id: Option<String>,
    /// Call of a tool that asks.
    pub tool_call_id: Option<String>,
}

/// A command that is to run, as far as a permission for it goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// For which agent.
    pub agent_id: Option<&'a str>,
    /// Where: `gateway`, `node`, `sandbox`.
    pub host: Option<&'a str>,
    /// On which node.
    pub node_id: Option<&'a str>,
    /// The command line.
    pub command: &'a str,
    /// Its words, when they are known.
    pub argv: Option<&'a [String]>,
    /// The folder it runs in.
    pub cwd: Option<&'a str>,
    /// The program.
    pub resolved_path: Option<&'a str>,
    /// Variables that it gets besides.
    pub env: &'a BTreeMap<String, String>,
}

/// Names a plan: two plans that differ in anything have different names.
#[must_use]
pub fn plan_hash(plan: &Plan<'_>) -> String {
    let Plan { agent_id, host, node_id, command, argv, cwd, resolved_path, env } = *plan;
    // JSON keeps the borders between the parts.
    let text = serde_json::json!([agent_id, host, node_id, command, argv, cwd, resolved_path, env]).to_string();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A standing permission: exactly this plan may run without asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Its name.
    pub id: String,
    /// The approval that it came from.
    pub approval_id: String,
    /// [`plan_hash`] of what may run.
    pub plan: String,
    /// For which agent.
    pub agent_id: Option<String>,
    /// The scheduled job that asked.
    pub job_id: Option<String>,
    /// The command line, for display.
    pub command: String,
    /// The folder, for display.
    pub cwd: Option<String>,
    /// When it was given.
    pub created_at: i64,
    /// From when on it holds no more.
    pub expires_at: Option<i64>,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// How often it was used.
    pub uses: u64,
}

impl Grant {
    /// Whether it is for this plan and was not taken back, by its own word and not by what stands beside it.
    #[must_use]
    pub fn stands_for(&self, plan: &str) -> bool {
        self.plan == plan && self.revoked_at.is_none()
    }
}

/// Whether a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// It holds.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl Grant {
    /// Whether it holds at this time.
    #[must_use]
    pub fn state(&self, now: i64) -> GrantState {
        if self.revoked_at.is_some() {
            GrantState::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            GrantState::Expired
        } else {
            GrantState::Active
        }
    }
}
