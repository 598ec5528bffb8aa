//! Programs that clients had started: about to, running, ended.

use openclaw_core::record::{SpawnState, Spawned};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::Applying;
use crate::{
    change::{MAX_ENDED_SPAWNS, SpawnChange},
    error::{Error, Fail},
    rows,
};

/// Most bytes of one record, as JSON.
const MAX_BYTES: usize = 64 << 10;

pub(super) fn apply(at: &Applying<'_>, change: &SpawnChange) -> Result<Spawned, Fail> {
    match change {
        SpawnChange::Begin { spawned } => begin(at, spawned),
        SpawnChange::Start { spawn_id, pid, ticks, machine, at: when } => {
            let mut spawned = load(at.connection, *spawn_id)?;
            if spawned.state != SpawnState::Starting {
                return Err(Error::conflict(format!("program {spawn_id} is {} already", spawned.state.as_str())).into());
            }
            spawned.state = SpawnState::Running;
            spawned.pid = Some(*pid);
            spawned.ticks = Some(*ticks);
            spawned.machine.clone_from(machine);
            spawned.started_at = Some(*when);
            save(at.connection, &spawned)?;
            Ok(spawned)
        }
        SpawnChange::End { spawn_id, state, at: when, end, error } => {
            if !state.ended() {
                return Err(Error::invalid(format!("{} does not end a program", state.as_str())).into());
            }
            let mut spawned = load(at.connection, *spawn_id)?;
            if spawned.state.ended() {
                let state = spawned.state.as_str();
                return Err(Error::conflict(format!("program {spawn_id} has ended already ({state})")).into());
            }
            spawned.state = *state;
            spawned.ended_at = Some(*when);
            spawned.end.clone_from(end);
            spawned.error.clone_from(error);
            save(at.connection, &spawned)?;
            Ok(spawned)
        }
    }
}

fn begin(at: &Applying<'_>, spawned: &Spawned) -> Result<Spawned, Fail> {
    if spawned.state.ended() != spawned.ended_at.is_some() {
        return Err(Error::invalid("a program must have an end exactly when it has ended").into());
    }
    let doc = rows::text(spawned, "program", MAX_BYTES)?;
    let inserted = at
        .connection
        .prepare_cached("INSERT INTO spawns(spawn_id, ended, doc) VALUES(?1, ?2, sealed('spawns.doc', ?1, ?3)) ON CONFLICT DO NOTHING")?
        .execute(params![spawned.spawn_id.to_string(), spawned.ended_at, doc])?;
    if inserted == 0 {
        return Err(Error::conflict(format!("program {} exists", spawned.spawn_id)).into());
    }
    // Those that are about to go are the oldest, whatever became of those between.
    at.connection
        .prepare_cached("DELETE FROM spawns WHERE ended IS NOT NULL AND id <= (SELECT max(id) FROM spawns) - ?1")?
        .execute([MAX_ENDED_SPAWNS])?;
    Ok(spawned.clone())
}

fn save(connection: &Connection, spawned: &Spawned) -> Result<(), Fail> {
    let doc = rows::text(spawned, "program", MAX_BYTES)?;
    connection
        .prepare_cached("UPDATE spawns SET ended = ?2, doc = sealed('spawns.doc', spawn_id, ?3) WHERE spawn_id = ?1")?
        .execute(params![spawned.spawn_id.to_string(), spawned.ended_at, doc])?;
    Ok(())
}

fn load(connection: &Connection, spawn_id: Uuid) -> Result<Spawned, Fail> {
    let sql = "SELECT opened('spawns.doc', spawn_id, doc) FROM spawns WHERE spawn_id = ?1";
    let found = rows::one(connection, sql, [spawn_id.to_string()], |row| rows::json(row, 0, "program"))??;
    Ok(found.ok_or_else(|| Error::not_found("program", spawn_id))?)
}
