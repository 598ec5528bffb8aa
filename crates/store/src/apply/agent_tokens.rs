//! Tokens of agents.

use openclaw_core::record::AgentToken;
use openclaw_protocol::AgentId;
use rusqlite::params;

use super::Applying;
use crate::{
    change::{AgentTokenChange, MAX_SETTING_BYTES},
    error::{Error, Fail},
    rows,
};

pub(super) fn apply(at: &Applying<'_>, change: &AgentTokenChange) -> Result<AgentToken, Fail> {
    let token = match change {
        AgentTokenChange::Create { token } => match find(at, &token.agent_id)? {
            Some(known) if known.revoked_at.is_none() => {
                let text = format!("agent \"{}\" has a token already; rotate it, or revoke it first", token.agent_id);
                return Err(Error::conflict(text).into());
            }
            known => AgentToken { replaced_hash: known.map(|known| known.hash), ..token.clone() },
        },
        AgentTokenChange::Rotate { agent_id, hash, at: when } => {
            let old = live(at, agent_id)?;
            AgentToken { hash: hash.clone(), replaced_hash: Some(old.hash), rotated_at: Some(*when), ..old }
        }
        AgentTokenChange::Revoke { agent_id, at: when } => {
            AgentToken { revoked_at: Some(*when), ..live(at, agent_id)? }
        }
    };
    let doc = rows::text(&token, "agent token", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO agent_tokens(agent_id, doc) VALUES(?1, sealed('agent_tokens.doc', ?1, ?2))
             ON CONFLICT(agent_id) DO UPDATE SET doc = excluded.doc",
        )?
        .execute(params![token.agent_id.as_str(), doc])?;
    Ok(token)
}

fn live(at: &Applying<'_>, agent_id: &AgentId) -> Result<AgentToken, Fail> {
    let found = find(at, agent_id)?.filter(|token| token.revoked_at.is_none());
    Ok(found.ok_or_else(|| Error::not_found("token of agent", agent_id))?)
}

fn find(at: &Applying<'_>, agent_id: &AgentId) -> Result<Option<AgentToken>, Fail> {
    Ok(rows::one(
        at.connection,
        "SELECT opened('agent_tokens.doc', agent_id, doc) FROM agent_tokens WHERE agent_id = ?1",
        [agent_id.as_str()],
        |row| rows::json(row, 0, "agent token"),
    )??)
}
