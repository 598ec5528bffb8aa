//! Idempotency keys, agents' numbers and settings.

use openclaw_core::record::AgentNumber;
use openclaw_protocol::AgentId;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::Applying;
use crate::{
    change::{Committed, Idempotency, MAX_IDEMPOTENCY_NAME_BYTES, MAX_SETTING_BYTES, Outcome},
    error::{Error, Fail},
    rows,
};

/// What the first request with this key got; `None` when there was none, or it has expired.
pub(super) fn find(at: &Applying<'_>, key: &Idempotency) -> Result<Option<Committed>, Fail> {
    for (what, name) in [("idempotency scope", &key.scope), ("idempotency key", &key.key)] {
        if name.len() > MAX_IDEMPOTENCY_NAME_BYTES {
            return Err(Error::TooLarge { what, size: name.len(), max: MAX_IDEMPOTENCY_NAME_BYTES }.into());
        }
    }
    let found: Option<(String, i64, i64, String)> = rows::one(
        at.connection,
        "SELECT request_hash, seq, ts, opened('idempotency.reply', scope || ' ' || key, reply) FROM idempotency WHERE scope = ?1 AND key = ?2 AND expires > ?3",
        params![key.scope, key.key, at.ts],
        |row| {
            let (hash, seq) = (rows::column(row, 0, "reply")?, rows::column(row, 1, "reply")?);
            Ok((hash, seq, rows::column(row, 2, "reply")?, rows::column(row, 3, "reply")?))
        },
    )??;
    let Some((request_hash, seq, ts, reply)) = found else { return Ok(None) };
    if request_hash != key.request_hash {
        return Err(Error::KeyReused { key: key.key.clone() }.into());
    }
    Ok(Some(Committed { seq, ts, outcomes: vec![Outcome::Repeated(rows::parse(&reply, "reply")?)] }))
}

/// Keeps the reply; an expired one with the same key is replaced.
pub(super) fn keep(at: &Applying<'_>, key: &Idempotency, reply: &str) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "INSERT INTO idempotency(scope, key, request_hash, seq, ts, expires, reply)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, sealed('idempotency.reply', ?1 || ' ' || ?2, ?7))
             ON CONFLICT(scope, key) DO UPDATE SET request_hash = excluded.request_hash, seq = excluded.seq, ts = excluded.ts,
             expires = excluded.expires, reply = excluded.reply",
        )?
        .execute(params![key.scope, key.key, key.request_hash, at.seq, at.ts, key.expires_at, reply])?;
    Ok(())
}

/// Forgets at most `limit` expired keys.
pub(crate) fn prune(connection: &Connection, now: i64, limit: usize) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE expires <= ?1 LIMIT ?2)",
        )?
        .execute(params![now, limit])
}

pub(super) fn ensure_agent(at: &Applying<'_>, agent_id: &AgentId) -> Result<AgentNumber, Fail> {
    let known = at
        .connection
        .prepare_cached("SELECT number FROM agents WHERE agent_id = ?1")?
        .query_row([agent_id.as_str()], |row| row.get(0))
        .optional()?;
    let number = match known {
        Some(number) => number,
        None => at
            .connection
            .prepare_cached("INSERT INTO agents(agent_id) VALUES(?1) RETURNING number")?
            .query_row([agent_id.as_str()], |row| row.get(0))?,
    };
    Ok(AgentNumber { number, agent_id: agent_id.clone() })
}

pub(super) fn put_setting(at: &Applying<'_>, name: &str, value: &Value) -> Result<(), Fail> {
    if name.is_empty() || name.len() > MAX_IDEMPOTENCY_NAME_BYTES {
        return Err(
            Error::invalid(format!("a setting's name must have 1 to {MAX_IDEMPOTENCY_NAME_BYTES} bytes")).into()
        );
    }
    if value.is_null() {
        at.connection.prepare_cached("DELETE FROM settings WHERE name = ?1")?.execute([name])?;
        return Ok(());
    }
    let value = rows::text(value, "setting", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO settings(name, value) VALUES(?1, sealed('settings.value', ?1, ?2))
             ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        )?
        .execute([name, &value])?;
    Ok(())
}

pub(super) fn merge_setting(
    at: &Applying<'_>,
    name: &str,
    entries: &Map<String, Value>,
    expected: &Map<String, Value>,
    most: usize,
) -> Result<(), Fail> {
    let kept: Option<String> = rows::one(
        at.connection,
        "SELECT opened('settings.value', name, value) FROM settings WHERE name = ?1",
        [name],
        |row| rows::column(row, 0, "setting"),
    )??;
    let mut members = match kept.map(|text| rows::parse::<Value>(&text, "setting")).transpose()? {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for (member, value) in expected {
        if members.get(member).unwrap_or(&Value::Null) != value {
            return Err(Error::conflict(format!("setting {name} has another {member} than expected")).into());
        }
    }
    for (member, value) in entries {
        if value.is_null() {
            members.remove(member);
        } else {
            members.insert(member.clone(), value.clone());
        }
    }
    if members.len() > most {
        return Err(Error::Limit { what: "members of a setting", max: most }.into());
    }
    put_setting(at, name, &Value::Object(members))
}
