//! Approvals as the gateway tells them, as far as they are shown.

use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::{ask::ask, failure::Failure};

/// Something that waits.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Waiting {
    approval_kind: String,
    id: String,
    request: Asked,
    created_at_ms: i64,
    expires_at_ms: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Asked {
    command: Option<String>,
    title: Option<String>,
    description: Option<String>,
    cwd: Option<String>,
    host: Option<String>,
    node_id: Option<String>,
    agent_id: Option<String>,
    session_key: Option<String>,
    warning_text: Option<String>,
    command_analysis: Analysis,
    allowed_decisions: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Analysis {
    warning_lines: Vec<String>,
}

/// The same for programs, whatever kind it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// `exec` or `plugin`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) id: String,
    /// What is asked, in full.
    pub(crate) summary: String,
    /// For which agent.
    pub(crate) agent_id: Option<String>,
    /// In which session.
    pub(crate) session_key: Option<String>,
    /// Where it would run.
    pub(crate) place: Option<String>,
    /// What people should look at.
    pub(crate) warnings: Vec<String>,
    /// What may be answered.
    pub(crate) allowed_decisions: Vec<String>,
    /// When it was asked.
    pub(crate) created_at_ms: i64,
    /// From when on nobody can answer.
    pub(crate) expires_at_ms: i64,
}

impl From<Waiting> for Entry {
    fn from(waiting: Waiting) -> Self {
        let asked = waiting.request;
        let place = [asked.node_id.or(asked.host), asked.cwd];
        let place: Vec<String> = place.into_iter().flatten().collect();
        Self {
            kind: waiting.approval_kind,
            id: waiting.id,
            summary: asked.command.unwrap_or_else(|| {
                let words = [asked.title, asked.description];
                words.into_iter().flatten().collect::<Vec<_>>().join(": ")
            }),
            agent_id: asked.agent_id,
            session_key: asked.session_key,
            place: (!place.is_empty()).then(|| place.join(":")),
            warnings: asked.warning_text.into_iter().chain(asked.command_analysis.warning_lines).collect(),
            allowed_decisions: asked.allowed_decisions,
            created_at_ms: waiting.created_at_ms,
            expires_at_ms: waiting.expires_at_ms,
        }
    }
}

/// Everything that waits, oldest first.
pub(crate) async fn waiting(gateway: &Connection) -> Result<Vec<Entry>, Failure> {
    let mut all: Vec<Entry> = Vec::new();
    for method in ["exec.approval.list", "plugin.approval.list", "openclaw.approval.list"] {
        all.extend(ask::<Vec<Waiting>>(gateway, method, Nothing {}).await?.read.into_iter().map(Entry::from));
    }
    all.sort_by_key(|entry| entry.created_at_ms);
    Ok(all)
}

/// An approval, waiting or over.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Snapshot {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) decision: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) resolved_at_ms: Option<i64>,
    pub(super) resolver: Option<Resolver>,
    pub(super) presentation: Presentation,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resolver {
    pub(super) kind: String,
    pub(super) id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Presentation {
    pub(super) kind: String,
    command_text: Option<String>,
    title: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) allowed_decisions: Vec<String>,
}

impl Presentation {
    pub(super) fn summary(&self) -> String {
        self.command_text.clone().or_else(|| self.title.clone()).unwrap_or_default()
    }
}
