//! Accounts at a code host: the gateway has none.

use super::{Empty, Nothing, read};
use crate::methods::prelude::*;

/// Who acts at the code host: nobody.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    source: &'static str,
    credential_kind: &'static str,
    credential_state: &'static str,
    account: Option<Nothing>,
    git_author: GitAuthor,
    evidence: &'static str,
    access_expires_at_ms: Option<i64>,
    refresh_state: &'static str,
    oauth_scopes: Empty,
    repository_grants: &'static str,
}

/// Who commits: nobody in particular.
#[derive(Serialize, JsonSchema)]
pub(crate) struct GitAuthor {
    name: Option<Nothing>,
    email: Option<Nothing>,
}

fn nobody() -> Identity {
    Identity {
        source: "system-detected",
        credential_kind: "native",
        credential_state: "unavailable",
        account: None,
        git_author: GitAuthor { name: None, email: None },
        evidence: "none",
        access_expires_at_ms: None,
        refresh_state: "not_applicable",
        oauth_scopes: [],
        repository_grants: "unknown",
    }
}

/// A scope's own identity.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Selected {
    scope: String,
    configured: bool,
    identity: Identity,
}

/// A person's own connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Personal {
    state: &'static str,
    generation: Option<u64>,
    account: Option<Nothing>,
    access_expires_at_ms: Option<i64>,
    refresh_state: &'static str,
    pending: Option<Nothing>,
}

/// Whose identity is asked about.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SelectedScope {
    /// The gateway's.
    System,
    /// One agent's.
    Agent,
}

read! {
    "Which account agents have at a code host: none."
    tools "tools.github.status" Read
    params {
        uses {
            /// Which agent; the default one when absent.
            #[serde(default)]
            agent_id: Option<AgentId>,
            /// Whose identity; the gateway's when absent.
            #[serde(default)]
            selected_scope: Option<SelectedScope>,
        }
        checks {} understood {}
    }
    reply |call, params| {
        agent_id: AgentId = call.state().agent(&params.agent_id.unwrap_or_else(|| call.state().default_agent()))?.id,
        selected_scope: &'static str = word(params.selected_scope),
        selected: Selected = Selected { scope: word(params.selected_scope).to_owned(), configured: false, identity: nobody() },
        effective: Identity = nobody(),
    }
}

const fn word(scope: Option<SelectedScope>) -> &'static str {
    match scope {
        Some(SelectedScope::Agent) => "agent",
        Some(SelectedScope::System) | None => "system",
    }
}

read! {
    "Which account a person has at a code host: none."
    users "users.github.status" Read
    params { uses {} checks {} understood { profile_id } }
    reply {
        personal: Personal = Personal {
            state: "disconnected",
            generation: None,
            account: None,
            access_expires_at_ms: None,
            refresh_state: "not_applicable",
            pending: None,
        },
        system: Identity = nobody(),
    }
}
