//! Rows to records and back.

pub(crate) mod cron;

use openclaw_core::record::{Run, RunState, Session, TranscriptMessage};
use openclaw_protocol::{AgentId, RunId, SessionKey};
use rusqlite::{
    Row,
    types::{FromSql, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{error::Error, sealing::UNOPENED};

/// Columns of a [`SessionRow`], in its order.
macro_rules! session_columns {
    () => {
        "id, key, session_id, agent, label, archived, created, updated, revision, transcript, last_seq, message_count, aborted, totals, opened('sessions.settings', key, settings)"
    };
}
/// Columns of a [`Run`], in the order of [`run`].
macro_rules! run_columns {
    () => {
        "run_id, session_key, principal, request_hash, state, accepted, started, ended, opened('runs.outcome', run_id, outcome)"
    };
}
/// Columns of a [`TranscriptMessage`], in the order of [`message`].
macro_rules! message_columns {
    () => {
        "seq, message_id, ts, run_id, opened('messages.body', message_id, body)"
    };
}
pub(crate) use {message_columns, run_columns, session_columns};

/// A session with what only the store knows of it.
pub(crate) struct SessionRow {
    pub(crate) id: i64,
    pub(crate) transcript: i64,
    pub(crate) last_seq: u64,
    pub(crate) session: Session,
}

impl SessionRow {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, Error> {
        const WHAT: &str = "session";
        let key: String = column(row, 1, WHAT)?;
        let agent: String = column(row, 3, WHAT)?;
        Ok(Self {
            id: column(row, 0, WHAT)?,
            transcript: column(row, 9, WHAT)?,
            last_seq: column(row, 10, WHAT)?,
            session: Session {
                key: SessionKey::new(key).map_err(|why| Error::damaged(WHAT, why))?,
                session_id: uuid(row, 2, WHAT)?,
                agent_id: AgentId::new(agent).map_err(|why| Error::damaged(WHAT, why))?,
                label: column(row, 4, WHAT)?,
                created_at: column(row, 6, WHAT)?,
                updated_at: column(row, 7, WHAT)?,
                revision: column(row, 8, WHAT)?,
                message_count: column(row, 11, WHAT)?,
                aborted_last_run: column(row, 12, WHAT)?,
                totals: json(row, 13, WHAT)?,
                settings: json(row, 14, WHAT)?,
            },
        })
    }
}

pub(crate) fn run(row: &Row<'_>) -> Result<Run, Error> {
    const WHAT: &str = "run";
    let run_id: String = column(row, 0, WHAT)?;
    let key: String = column(row, 1, WHAT)?;
    let outcome: Option<String> = column(row, 8, WHAT)?;
    Ok(Run {
        run_id: RunId::new(run_id).map_err(|why| Error::damaged(WHAT, why))?,
        session_key: SessionKey::new(key).map_err(|why| Error::damaged(WHAT, why))?,
        principal: column(row, 2, WHAT)?,
        request_hash: column(row, 3, WHAT)?,
        state: run_state(&column::<String>(row, 4, WHAT)?)?,
        accepted_at: column(row, 5, WHAT)?,
        started_at: column(row, 6, WHAT)?,
        ended_at: column(row, 7, WHAT)?,
        outcome: outcome.map(|text| parse(&text, WHAT)).transpose()?,
    })
}

fn run_state(word: &str) -> Result<RunState, Error> {
    use RunState::{Aborted, Accepted, Final, Interrupted, Running};
    [Accepted, Running, Final, RunState::Error, Aborted, Interrupted]
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| Error::damaged("run", format!("unknown state {word:?}")))
}

pub(crate) fn message(row: &Row<'_>) -> Result<TranscriptMessage, Error> {
    const WHAT: &str = "message";
    let run_id: Option<String> = column(row, 3, WHAT)?;
    Ok(TranscriptMessage {
        seq: column(row, 0, WHAT)?,
        id: uuid(row, 1, WHAT)?,
        ts: column(row, 2, WHAT)?,
        run_id: run_id.map(RunId::new).transpose().map_err(|why| Error::damaged(WHAT, why))?,
        body: json(row, 4, WHAT)?,
    })
}

pub(crate) fn column<T: FromSql>(row: &Row<'_>, index: usize, what: &'static str) -> Result<T, Error> {
    row.get(index).map_err(|why| match row.get_ref(index) {
        Ok(ValueRef::Blob(UNOPENED)) => {
            Error::damaged(what, "it is not as it was sealed: it was changed, or moved here from another row")
        }
        _ => Error::damaged(what, why),
    })
}

pub(crate) fn uuid(row: &Row<'_>, index: usize, what: &'static str) -> Result<Uuid, Error> {
    let text: String = column(row, index, what)?;
    Uuid::parse_str(&text).map_err(|why| Error::damaged(what, why))
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, index: usize, what: &'static str) -> Result<T, Error> {
    let text: String = column(row, index, what)?;
    parse(&text, what)
}

pub(crate) fn parse<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|why| Error::damaged(what, why))
}

/// Serialises a record for its column and refuses one that is larger than `max`.
pub(crate) fn text<T: Serialize + ?Sized>(value: &T, what: &'static str, max: usize) -> Result<String, Error> {
    let text = serde_json::to_string(value).map_err(|why| Error::invalid(format!("{what}: {why}")))?;
    if text.len() > max {
        return Err(Error::TooLarge { what, size: text.len(), max });
    }
    Ok(text)
}

/// Runs a query that gives at most one record.
pub(crate) fn one<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
) -> Result<Result<Option<T>, Error>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    Ok(match rows.next()? {
        None => Ok(None),
        Some(row) => read(row).map(Some),
    })
}
