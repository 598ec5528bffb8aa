//! Sessions and their transcripts.

use openclaw_core::record::{Session, SessionSettings, Totals};
use openclaw_protocol::{AgentId, SessionKey};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::Applying;
use crate::{
    change::{
        MAX_CHANGES, MAX_EXTRA_BYTES, MAX_LABEL_BYTES, MAX_MESSAGES, MAX_SETTING_BYTES, MAX_SETTING_EXTRAS,
        MAX_TEXT_BYTES, NewMessage, Outcome, SessionPatch,
    },
    error::{Error, Fail},
    rows::{self, SessionRow, session_columns},
};

pub(super) fn create(at: &Applying<'_>, index: usize, session: &Session) -> Result<SessionRow, Fail> {
    let key = session.key.as_str();
    let known = at.connection.prepare_cached("SELECT 1 FROM sessions WHERE key = ?1")?.exists([key])?;
    if known {
        return Err(Error::conflict(format!("session {key} exists already")).into());
    }
    if let Some(label) = &session.label {
        check_label(at, key, label)?;
    }
    let mut row = SessionRow {
        id: 0,
        transcript: begin_transcript(at, index, key, session.session_id)?,
        last_seq: 0,
        session: Session { revision: at.seq, message_count: 0, ..session.clone() },
    };
    let made = &row.session;
    row.id = at
        .connection
        .prepare_cached(
            "INSERT INTO sessions(key, session_id, agent, label, archived, created, updated, revision, transcript, last_seq,
             message_count, aborted, totals, settings) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, ?10, ?11,
             sealed('sessions.settings', ?1, ?12))",
        )?
        .insert(params![
            key,
            made.session_id.to_string(),
            made.agent_id.as_str(),
            made.label,
            made.settings.archived,
            made.created_at,
            made.updated_at,
            made.revision,
            row.transcript,
            made.aborted_last_run,
            totals_text(&made.totals)?,
            settings_text(&made.settings)?,
        ])?;
    count(at, &made.agent_id, made.settings.archived, 1)?;
    Ok(row)
}

pub(super) fn ensure(at: &Applying<'_>, index: usize, session: &Session) -> Result<SessionRow, Fail> {
    match find(at, &session.key)? {
        Some(row) => Ok(row),
        None => create(at, index, session),
    }
}

pub(super) fn patch(
    at: &Applying<'_>,
    index: usize,
    key: &SessionKey,
    patch: &SessionPatch,
    make: Option<&Session>,
) -> Result<Session, Fail> {
    let mut row = match (find(at, key)?, make) {
        (Some(row), _) => row,
        (None, Some(session)) if session.key == *key => create(at, index, session)?,
        (None, Some(session)) => {
            return Err(Error::invalid(format!("a patch of session {key} cannot make session {}", session.key)).into());
        }
        (None, None) => return Err(missing(key)),
    };
    let session = &mut row.session;
    if let Some(label) = &patch.label {
        if let Some(label) = label {
            check_label(at, key.as_str(), label)?;
        }
        session.label.clone_from(label);
    }
    if let Some(aborted) = patch.aborted_last_run {
        session.aborted_last_run = aborted;
    }
    let archived_before = session.settings.archived;
    patch.clone().apply_to(&mut session.settings);
    if session.settings.archived != archived_before {
        count(at, &session.agent_id, archived_before, -1)?;
        count(at, &session.agent_id, session.settings.archived, 1)?;
    }
    session.updated_at = at.ts;
    session.revision = at.seq;
    at.connection
        .prepare_cached(
            "UPDATE sessions SET label = ?2, archived = ?3, updated = ?4, revision = ?5, aborted = ?6,
             settings = sealed('sessions.settings', key, ?7) WHERE id = ?1",
        )?
        .execute(params![
            row.id,
            session.label,
            session.settings.archived,
            session.updated_at,
            session.revision,
            session.aborted_last_run,
            settings_text(&session.settings)?,
        ])?;
    Ok(row.session)
}

pub(super) fn reset(at: &Applying<'_>, index: usize, key: &SessionKey, new_session_id: Uuid) -> Result<Session, Fail> {
    let mut row = load(at, key)?;
    end_transcript(at, &row, "reset")?;
    row.transcript = begin_transcript(at, index, key.as_str(), new_session_id)?;
    let session = &mut row.session;
    session.session_id = new_session_id;
    session.updated_at = at.ts;
    session.revision = at.seq;
    session.message_count = 0;
    session.totals = Totals::default();
    session.aborted_last_run = false;
    at.connection
        .prepare_cached(
            "UPDATE sessions SET session_id = ?2, updated = ?3, revision = ?4, transcript = ?5, last_seq = 0, message_count = 0,
             aborted = 0, totals = ?6 WHERE id = ?1",
        )?
        .execute(params![row.id, new_session_id.to_string(), at.ts, at.seq, row.transcript, totals_text(&session.totals)?])?;
    Ok(row.session)
}

/// Refuses the transaction when the session is another one than its caller saw.
pub(super) fn require(
    at: &Applying<'_>,
    key: &SessionKey,
    session_id: Option<Uuid>,
    archived: Option<bool>,
) -> Result<(), Fail> {
    let Some(row) = find(at, key)? else {
        return if session_id.is_some() { Err(missing(key)) } else { Ok(()) };
    };
    if session_id.is_some_and(|wanted| wanted != row.session.session_id) {
        return Err(Error::conflict(format!("session {key} was started over meanwhile; look at it again")).into());
    }
    match archived {
        Some(true) if !row.session.settings.archived => {
            Err(Error::conflict(format!("session {key} is not archived; archive it first")).into())
        }
        Some(false) if row.session.settings.archived => {
            Err(Error::conflict(format!("session {key} is archived; take it back first")).into())
        }
        _ => Ok(()),
    }
}

pub(super) fn delete(at: &Applying<'_>, key: &SessionKey, keep_transcript: bool) -> Result<bool, Fail> {
    let Some(row) = find(at, key)? else { return Ok(false) };
    end_transcript(at, &row, "deleted")?;
    if !keep_transcript {
        at.connection
            .prepare_cached(
                "DELETE FROM messages WHERE transcript IN (SELECT id FROM transcripts WHERE session_key = ?1 AND ended IS NOT NULL)",
            )?
            .execute([key.as_str()])?;
        at.connection
            .prepare_cached("DELETE FROM transcripts WHERE session_key = ?1 AND ended IS NOT NULL")?
            .execute([key.as_str()])?;
        at.connection
            .prepare_cached("UPDATE runs SET outcome = NULL WHERE session_key = ?1 AND ended IS NOT NULL")?
            .execute([key.as_str()])?;
    }
    at.connection.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([row.id])?;
    count(at, &row.session.agent_id, row.session.settings.archived, -1)?;
    Ok(true)
}

pub(super) fn compact(at: &Applying<'_>, index: usize, key: &SessionKey, keep_last: u64) -> Result<Outcome, Fail> {
    let mut row = load(at, key)?;
    let archived = row.session.message_count.saturating_sub(keep_last);
    if archived == 0 {
        return Ok(Outcome::Compacted { archived, session: row.session });
    }
    let archive = begin_transcript(at, index, key.as_str(), row.session.session_id)?;
    at.connection
        .prepare_cached("UPDATE messages SET transcript = ?3 WHERE transcript = ?1 AND seq <= ?2")?
        .execute(params![row.transcript, row.last_seq - keep_last, archive])?;
    at.connection
        .prepare_cached("UPDATE transcripts SET ended = ?2, why = 'compacted', messages = ?3 WHERE id = ?1")?
        .execute(params![archive, at.ts, archived])?;
    let session = &mut row.session;
    session.message_count = keep_last;
    session.updated_at = at.ts;
    session.revision = at.seq;
    at.connection
        .prepare_cached("UPDATE sessions SET updated = ?2, revision = ?3, message_count = ?4 WHERE id = ?1")?
        .execute(params![row.id, at.ts, at.seq, keep_last])?;
    Ok(Outcome::Compacted { archived, session: row.session })
}

pub(super) fn append(
    at: &Applying<'_>,
    key: &SessionKey,
    messages: &[NewMessage],
    totals_add: &Totals,
    aborted_last_run: Option<bool>,
) -> Result<Outcome, Fail> {
    if messages.len() > MAX_MESSAGES {
        return Err(Error::TooLarge { what: "append", size: messages.len(), max: MAX_MESSAGES }.into());
    }
    let found: Option<(i64, i64, u64, String)> = at
        .connection
        .prepare_cached("SELECT id, transcript, last_seq, totals FROM sessions WHERE key = ?1")?
        .query_row([key.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((id, transcript, last_seq, totals)) = found else { return Err(missing(key)) };
    let first_seq = last_seq + 1;
    let mut insert = at.connection.prepare_cached(
        "INSERT INTO messages(transcript, seq, message_id, ts, run_id, body)
         VALUES(?1, ?2, ?3, ?4, ?5, sealed('messages.body', ?3, ?6))",
    )?;
    for (seq, message) in (first_seq..).zip(messages) {
        let body = rows::text(&message.body, "message", MAX_TEXT_BYTES)?;
        let run_id = message.run_id.as_ref().map(AsRef::as_ref);
        insert.execute(params![transcript, seq, message.id.to_string(), at.ts, run_id, body])?;
    }
    let last_seq = last_seq + messages.len() as u64;
    let totals = if *totals_add == Totals::default() {
        totals
    } else {
        totals_text(&add(&rows::parse(&totals, "session totals")?, totals_add))?
    };
    at.connection
        .prepare_cached(
            "UPDATE sessions SET updated = ?2, revision = ?3, last_seq = ?4, message_count = message_count + ?5,
             aborted = coalesce(?6, aborted), totals = ?7 WHERE id = ?1",
        )?
        .execute(params![id, at.ts, at.seq, last_seq, messages.len(), aborted_last_run, totals])?;
    Ok(Outcome::Messages { first_seq, last_seq })
}

fn add(totals: &Totals, more: &Totals) -> Totals {
    Totals {
        input: totals.input.saturating_add(more.input),
        output: totals.output.saturating_add(more.output),
        cache_read: totals.cache_read.saturating_add(more.cache_read),
        cache_write: totals.cache_write.saturating_add(more.cache_write),
        reasoning: totals.reasoning.saturating_add(more.reasoning),
        total_tokens: totals.total_tokens.saturating_add(more.total_tokens),
        context_tokens: if more.context_tokens == 0 { totals.context_tokens } else { more.context_tokens },
        cost: totals.cost + more.cost,
    }
}

fn missing(key: &SessionKey) -> Fail {
    Error::not_found("session", key).into()
}

fn load(at: &Applying<'_>, key: &SessionKey) -> Result<SessionRow, Fail> {
    find(at, key)?.ok_or_else(|| missing(key))
}

fn find(at: &Applying<'_>, key: &SessionKey) -> Result<Option<SessionRow>, Fail> {
    let sql = concat!("SELECT ", session_columns!(), " FROM sessions WHERE key = ?1");
    Ok(rows::one(at.connection, sql, [key.as_str()], SessionRow::read)??)
}

fn check_label(at: &Applying<'_>, key: &str, label: &str) -> Result<(), Fail> {
    if label.len() > MAX_LABEL_BYTES {
        return Err(Error::TooLarge { what: "label", size: label.len(), max: MAX_LABEL_BYTES }.into());
    }
    let taken =
        at.connection.prepare_cached("SELECT 1 FROM sessions WHERE label = ?1 AND key <> ?2")?.exists([label, key])?;
    if taken { Err(Error::conflict(format!("label already in use: {label}")).into()) } else { Ok(()) }
}

fn settings_text(settings: &SessionSettings) -> Result<String, Error> {
    if settings.extra.len() > MAX_SETTING_EXTRAS {
        return Err(Error::TooLarge { what: "session settings", size: settings.extra.len(), max: MAX_SETTING_EXTRAS });
    }
    for value in settings.extra.values() {
        rows::text(value, "session setting", MAX_EXTRA_BYTES)?;
    }
    rows::text(settings, "session settings", MAX_SETTING_BYTES)
}

fn totals_text(totals: &Totals) -> Result<String, Error> {
    rows::text(totals, "session totals", MAX_SETTING_BYTES)
}

fn count(at: &Applying<'_>, agent: &AgentId, archived: bool, by: i64) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "INSERT INTO session_counts(agent, archived, n) VALUES(?1, ?2, ?3) ON CONFLICT(agent, archived) DO UPDATE SET n = n + ?3",
        )?
        .execute(params![agent.as_str(), archived, by])?;
    Ok(())
}

/// Gives a transcript its row. Its number comes from the audit number and the change's place, so the writer alone decides it.
fn begin_transcript(at: &Applying<'_>, index: usize, key: &str, session_id: Uuid) -> Result<i64, Fail> {
    let id = at.seq * (MAX_CHANGES as i64) + index as i64;
    at.connection
        .prepare_cached("INSERT INTO transcripts(id, session_key, session_id, started) VALUES(?1, ?2, ?3, ?4)")?
        .execute(params![id, key, session_id.to_string(), at.ts])?;
    Ok(id)
}

/// Leaves a transcript to the archives, or forgets it when it is empty.
fn end_transcript(at: &Applying<'_>, row: &SessionRow, why: &str) -> Result<(), Fail> {
    if row.session.message_count == 0 {
        at.connection.prepare_cached("DELETE FROM transcripts WHERE id = ?1")?.execute([row.transcript])?;
        return Ok(());
    }
    at.connection
        .prepare_cached("UPDATE transcripts SET ended = ?2, why = ?3, messages = ?4 WHERE id = ?1")?
        .execute(params![row.transcript, at.ts, why, row.session.message_count])?;
    Ok(())
}
