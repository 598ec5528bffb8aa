//! Runs: accepted, running, ended.

use openclaw_core::record::{Run, RunState};
use openclaw_protocol::RunId;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::{Applying, Stop};
use crate::{
    change::MAX_TEXT_BYTES,
    error::{Error, Fail},
    rows::{self, run_columns},
};

pub(super) fn accept(at: &Applying<'_>, run: &Run) -> Result<(), Stop> {
    if let Some(known) = find(at.connection, &run.run_id)? {
        return Err(Stop::RunExists(Box::new(known)));
    }
    if run.state.ended() != run.ended_at.is_some() {
        return Err(Error::invalid(format!("run {} must have an end exactly when it has ended", run.run_id)).into());
    }
    let outcome = run.outcome.as_ref().map(|outcome| rows::text(outcome, "run outcome", MAX_TEXT_BYTES)).transpose()?;
    at.connection
        .prepare_cached(
            "INSERT INTO runs(run_id, session_key, principal, request_hash, state, accepted, started, ended, outcome)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, sealed('runs.outcome', ?1, ?9))",
        )?
        .execute(params![
            run.run_id.as_str(),
            run.session_key.as_str(),
            run.principal,
            run.request_hash,
            run.state.as_str(),
            run.accepted_at,
            run.started_at,
            run.ended_at,
            outcome
        ])?;
    Ok(())
}

pub(super) fn start(at: &Applying<'_>, run_id: &RunId, when: i64) -> Result<Run, Fail> {
    let mut run = load(at, run_id)?;
    if run.state != RunState::Accepted {
        return Err(Error::conflict(format!("run {run_id} is {} and cannot start", run.state.as_str())).into());
    }
    run.state = RunState::Running;
    run.started_at = Some(when);
    at.connection.prepare_cached("UPDATE runs SET state = ?2, started = ?3 WHERE run_id = ?1")?.execute(params![
        run_id.as_str(),
        run.state.as_str(),
        when
    ])?;
    Ok(run)
}

pub(super) fn end(
    at: &Applying<'_>,
    run_id: &RunId,
    state: RunState,
    when: i64,
    outcome: Option<&Value>,
) -> Result<Run, Fail> {
    if !state.ended() {
        return Err(Error::invalid(format!("{} does not end a run", state.as_str())).into());
    }
    let mut run = load(at, run_id)?;
    if run.state.ended() {
        return Err(Error::conflict(format!("run {run_id} has ended already ({})", run.state.as_str())).into());
    }
    let text = outcome.map(|outcome| rows::text(outcome, "run outcome", MAX_TEXT_BYTES)).transpose()?;
    run.state = state;
    run.ended_at = Some(when);
    run.outcome = outcome.cloned();
    at.connection
        .prepare_cached(
            "UPDATE runs SET state = ?2, ended = ?3, outcome = sealed('runs.outcome', run_id, ?4) WHERE run_id = ?1",
        )?
        .execute(params![run_id.as_str(), state.as_str(), when, text])?;
    Ok(run)
}

/// Ends every run that was cut off, marks their sessions, and names the runs in the order of acceptance.
pub(crate) fn interrupt(connection: &Connection, seq: i64, ts: i64) -> Result<Vec<RunId>, Fail> {
    let mut statement = connection.prepare("SELECT run_id FROM runs WHERE ended IS NULL ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    connection.execute(
        "UPDATE sessions SET aborted = 1, updated = ?1, revision = ?2
         WHERE key IN (SELECT session_key FROM runs WHERE ended IS NULL)",
        params![ts, seq],
    )?;
    connection.execute(
        "UPDATE runs SET state = ?1, ended = ?2 WHERE ended IS NULL",
        params![RunState::Interrupted.as_str(), ts],
    )?;
    let ids = ids.into_iter().map(RunId::new).collect::<Result<_, _>>().map_err(|why| Error::damaged("run", why))?;
    Ok(ids)
}

fn load(at: &Applying<'_>, run_id: &RunId) -> Result<Run, Fail> {
    Ok(find(at.connection, run_id)?.ok_or_else(|| Error::not_found("run", run_id))?)
}

fn find(connection: &Connection, run_id: &RunId) -> Result<Option<Run>, Fail> {
    let sql = concat!("SELECT ", run_columns!(), " FROM runs WHERE run_id = ?1");
    Ok(rows::one(connection, sql, [run_id.as_str()], rows::run)??)
}
