//! Looking things up, on a connection that cannot write.

mod access_tokens;
mod agent_tokens;
mod approvals;
mod cron;
mod nodes;
mod passkeys;
mod search;
mod spawns;
mod usage;

use std::{path::PathBuf, sync::Arc};

pub use approvals::{ApprovalPage, ApprovalQuery};
use openclaw_core::{
    Clock,
    record::{AgentNumber, AuditRecord, Device, PairingRequest, Run, Session, TranscriptMessage},
};
use openclaw_protocol::{AgentId, DeviceId, RunId, SessionKey};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use uuid::Uuid;

pub use search::{FoundLine, FoundLines, LineQuery, MAX_SEARCHED_BYTES, MAX_SEARCHED_LINES};
pub use usage::{MAX_USAGE_ROWS, UsageQuery, UsedDay, UsedPoint, UsedSession};

use crate::{
    chain::{self, ChainHead, FirstBad, Proof, Proved},
    error::{Error, is_corruption},
    rows::{self, SessionRow, message_columns, run_columns, session_columns},
    writer::Figures,
};

/// Most records on one page.
pub const MAX_PAGE: usize = 1_000;
/// Most bytes of message bodies on one page, unless a single message is larger.
pub const MAX_PAGE_BYTES: usize = 16 << 20;
/// Most sessions that one page looks at before it returns what it found, with a cursor to go on from.
pub const MAX_SCAN: usize = 5_000;

/// One consistent view of the database.
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    clock: Clock,
    pairing_ttl_ms: i64,
    figures: Arc<Figures>,
    proof: Proof,
}

/// Which sessions, newest revision first. Conditions add up.
#[derive(Clone, Debug)]
pub struct SessionQuery {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// With exactly this label.
    pub label: Option<String>,
    /// With this text in label or key, whatever its case.
    pub search: Option<String>,
    /// Set aside, or not.
    pub archived: Option<bool>,
    /// Written to after this time.
    pub updated_after: Option<i64>,
    /// Most sessions on the page, up to [`MAX_PAGE`]. A page may hold a few more, when one transaction touched several.
    pub limit: usize,
    /// Older than this revision: [`SessionPage::next`] of the page before.
    pub before_revision: Option<i64>,
}

impl Default for SessionQuery {
    fn default() -> Self {
        Self {
            agent: None,
            label: None,
            search: None,
            archived: None,
            updated_after: None,
            limit: 100,
            before_revision: None,
        }
    }
}

/// Some sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPage {
    /// Newest revision first. May be short, or empty, while `next` is there: then the page looked at [`MAX_SCAN`] sessions.
    pub sessions: Vec<Session>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<i64>,
    /// All sessions of the agent and in or out of the archive as asked, without regard to the other conditions.
    pub total: u64,
}

/// Which lines of a transcript.
#[derive(Clone, Debug)]
pub struct MessageQuery {
    /// Most lines, up to [`MAX_PAGE`]; bodies together have at most [`MAX_PAGE_BYTES`].
    pub limit: usize,
    /// Only lines before this one.
    pub before_seq: Option<u64>,
    /// Only lines after this one; the page is then the oldest of them instead of the newest.
    pub after_seq: Option<u64>,
}

impl Default for MessageQuery {
    fn default() -> Self {
        Self { limit: 200, before_seq: None, after_seq: None }
    }
}

/// A transcript that a reset, a compaction or a deletion set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Number for [`Reader::archived_messages`].
    pub number: i64,
    /// Identifier that the transcript had.
    pub session_id: Uuid,
    /// When it was set aside.
    pub ended_at: i64,
    /// `reset`, `compacted` or `deleted`.
    pub why: String,
    /// Lines in it.
    pub messages: u64,
}

impl Reader {
    pub(crate) const fn new(
        connection: Connection,
        path: PathBuf,
        clock: Clock,
        pairing_ttl_ms: i64,
        figures: Arc<Figures>,
        proof: Proof,
    ) -> Self {
        Self { connection, path, clock, pairing_ttl_ms, figures, proof }
    }

    /// Runs `read` inside one read transaction.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.connection.execute_batch("BEGIN").map_err(|error| self.failed(error))?;
        let result = read(self);
        // Nothing was written, so there is nothing to lose; a connection that stays inside is not used again.
        let _ = self.connection.execute_batch("ROLLBACK");
        result
    }

    pub(crate) fn usable(&self) -> bool {
        self.connection.is_autocommit()
    }

    fn failed(&self, source: rusqlite::Error) -> Error {
        if is_corruption(&source) {
            let why = source.to_string();
            let _ = self.figures.fatal.set(why.clone());
            return Error::Corrupt { path: self.path.clone(), why };
        }
        Error::Sqlite { doing: "read the database", source }
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        rows::one(&self.connection, sql, params, read).map_err(|error| self.failed(error))?
    }

    fn many<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query(params).map_err(|error| self.failed(error))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// The session with this key.
    ///
    /// # Errors
    /// As every lookup here: [`Error::Sqlite`] when the disk fails, [`Error::Corrupt`] and [`Error::Damaged`] when what is stored
    /// cannot be read.
    pub fn get_session(&self, key: &SessionKey) -> Result<Option<Session>, Error> {
        self.session(concat!("SELECT ", session_columns!(), " FROM sessions WHERE key = ?1"), key.as_str())
    }

    /// The session whose present transcript has this identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn session_by_id(&self, session_id: Uuid) -> Result<Option<Session>, Error> {
        self.session(
            concat!("SELECT ", session_columns!(), " FROM sessions WHERE session_id = ?1"),
            &session_id.to_string(),
        )
    }

    /// The session with this label.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn session_by_label(&self, label: &str) -> Result<Option<Session>, Error> {
        self.session(concat!("SELECT ", session_columns!(), " FROM sessions WHERE label = ?1"), label)
    }

    fn session(&self, sql: &str, value: &str) -> Result<Option<Session>, Error> {
        self.one(sql, [value], |row| Ok(SessionRow::read(row)?.session))
    }

    /// A page of sessions, newest revision first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn list_sessions(&self, query: &SessionQuery) -> Result<SessionPage, Error> {
        let total = self.count_sessions(query.agent.as_ref(), query.archived)?;
        if let Some(label) = &query.label {
            let found = self.session_by_label(label)?.filter(|session| query.matches(session));
            return Ok(SessionPage { sessions: found.into_iter().collect(), next: None, total });
        }
        // One statement per index: a parameter that may be absent would keep SQLite from using it.
        let sql = if query.agent.is_some() {
            concat!(
                "SELECT ",
                session_columns!(),
                " FROM sessions WHERE agent = ?1 AND revision < ?2 ORDER BY revision DESC"
            )
        } else {
            concat!(
                "SELECT ",
                session_columns!(),
                " FROM sessions WHERE ?1 IS NULL AND revision < ?2 ORDER BY revision DESC"
            )
        };
        let limit = query.limit.clamp(1, MAX_PAGE);
        let search = query.search.as_ref().map(|text| text.to_lowercase());
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| self.failed(error))?;
        let agent = query.agent.as_ref().map(AsRef::as_ref);
        let before = query.before_revision.unwrap_or(i64::MAX);
        let mut rows = statement.query(params![agent, before]).map_err(|error| self.failed(error))?;
        let mut page = SessionPage { sessions: Vec::new(), next: None, total };
        let mut seen = 0;
        let mut last = None;
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            let revision: i64 = rows::column(row, 8, "session")?;
            // Sessions with one revision stay on one page, because the cursor is a revision.
            if let Some(last) = last
                && (page.sessions.len() >= limit || seen >= MAX_SCAN)
                && revision != last
            {
                page.next = Some(last);
                break;
            }
            last = Some(revision);
            seen += 1;
            if query.row_matches(row, search.as_deref())? {
                page.sessions.push(SessionRow::read(row)?.session);
            }
        }
        Ok(page)
    }

    /// How many sessions there are, of all agents or of one, in and out of the archive or one of both. Reads a counter, not the sessions.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn count_sessions(&self, agent: Option<&AgentId>, archived: Option<bool>) -> Result<u64, Error> {
        let sql = "SELECT coalesce(sum(n), 0) FROM session_counts WHERE (?1 IS NULL OR agent = ?1) AND (?2 IS NULL OR archived = ?2)";
        let count =
            self.one(sql, params![agent.map(AsRef::as_ref), archived], |row| rows::column(row, 0, "session count"))?;
        Ok(count.unwrap_or(0))
    }

    /// How many sessions each agent has, in and out of the archive together. Reads counters, not sessions.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn session_counts(&self) -> Result<Vec<(AgentId, u64)>, Error> {
        self.many("SELECT agent, sum(n) FROM session_counts GROUP BY agent ORDER BY agent", [], |row| {
            let agent: String = rows::column(row, 0, "session count")?;
            let agent = AgentId::new(agent).map_err(|why| Error::damaged("session count", why))?;
            Ok((agent, rows::column(row, 1, "session count")?))
        })
    }

    /// A page of the present transcript, in ascending order. Empty when there is no such session.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn messages(&self, key: &SessionKey, query: &MessageQuery) -> Result<Vec<TranscriptMessage>, Error> {
        let sql = "SELECT transcript FROM sessions WHERE key = ?1";
        let transcript = self.one(sql, [key.as_str()], |row| rows::column(row, 0, "session"))?;
        transcript.map_or_else(|| Ok(Vec::new()), |transcript| self.page(transcript, query))
    }

    /// The transcripts of this key that were set aside, oldest first, at most [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn archives(&self, key: &SessionKey) -> Result<Vec<Archive>, Error> {
        let sql = "SELECT id, session_id, ended, why, messages FROM transcripts
                   WHERE session_key = ?1 AND ended IS NOT NULL ORDER BY id LIMIT ?2";
        self.many(sql, params![key.as_str(), MAX_PAGE], |row| {
            Ok(Archive {
                number: rows::column(row, 0, "archive")?,
                session_id: rows::uuid(row, 1, "archive")?,
                ended_at: rows::column(row, 2, "archive")?,
                why: rows::column(row, 3, "archive")?,
                messages: rows::column(row, 4, "archive")?,
            })
        })
    }

    /// A page of a transcript that was set aside, in ascending order.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn archived_messages(&self, archive: &Archive, query: &MessageQuery) -> Result<Vec<TranscriptMessage>, Error> {
        self.page(archive.number, query)
    }

    fn page(&self, transcript: i64, query: &MessageQuery) -> Result<Vec<TranscriptMessage>, Error> {
        let forward = query.after_seq.is_some();
        let sql = if forward {
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE transcript = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4"
            )
        } else {
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE transcript = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4"
            )
        };
        let bound = |seq: Option<u64>, absent| seq.map_or(absent, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let range = params![
            transcript,
            bound(query.after_seq, 0),
            bound(query.before_seq, i64::MAX),
            query.limit.clamp(1, MAX_PAGE)
        ];
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query(range).map_err(|error| self.failed(error))?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            bytes += row.get_ref(4).ok().and_then(|body| body.as_str().ok()).map_or(0, str::len);
            if bytes > MAX_PAGE_BYTES && !found.is_empty() {
                break;
            }
            found.push(rows::message(row)?);
        }
        if !forward {
            found.reverse();
        }
        Ok(found)
    }

    /// The run with this name.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn get_run(&self, run_id: &RunId) -> Result<Option<Run>, Error> {
        self.one(concat!("SELECT ", run_columns!(), " FROM runs WHERE run_id = ?1"), [run_id.as_str()], rows::run)
    }

    /// The newest runs of a session, newest first, at most `limit` and [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn runs_of_session(&self, key: &SessionKey, limit: usize) -> Result<Vec<Run>, Error> {
        let sql = concat!("SELECT ", run_columns!(), " FROM runs WHERE session_key = ?1 ORDER BY id DESC LIMIT ?2");
        self.many(sql, params![key.as_str(), limit.min(MAX_PAGE)], rows::run)
    }

    /// The runs that have not ended, oldest first, at most [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn unfinished_runs(&self) -> Result<Vec<Run>, Error> {
        self.many(
            concat!("SELECT ", run_columns!(), " FROM runs WHERE ended IS NULL ORDER BY id LIMIT ?1"),
            [MAX_PAGE],
            rows::run,
        )
    }

    /// The device with this identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn device(&self, device_id: &DeviceId) -> Result<Option<Device>, Error> {
        let sql = "SELECT opened('devices.doc', device_id, doc) FROM devices WHERE device_id = ?1";
        self.one(sql, [device_id.as_str()], |row| rows::json(row, 0, "device"))
    }

    /// Every device, by identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn devices(&self) -> Result<Vec<Device>, Error> {
        self.many("SELECT opened('devices.doc', device_id, doc) FROM devices ORDER BY device_id", [], |row| {
            rows::json(row, 0, "device")
        })
    }

    /// The pairing requests that have not lapsed, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn pairing_requests(&self) -> Result<Vec<PairingRequest>, Error> {
        let since = self.clock.now_ms() - self.pairing_ttl_ms;
        let sql = "SELECT opened('pairing_requests.doc', request_id, doc) FROM pairing_requests WHERE ts >= ?1 ORDER BY ts, request_id";
        self.many(sql, [since], |row| rows::json(row, 0, "pairing request"))
    }

    /// Every agent with its number, by number.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn agents(&self) -> Result<Vec<AgentNumber>, Error> {
        self.many("SELECT number, agent_id FROM agents ORDER BY number", [], |row| {
            let agent_id: String = rows::column(row, 1, "agent")?;
            let agent_id = AgentId::new(agent_id).map_err(|why| Error::damaged("agent", why))?;
            Ok(AgentNumber { number: rows::column(row, 0, "agent")?, agent_id })
        })
    }

    /// The value kept under this name.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn setting(&self, name: &str) -> Result<Option<Value>, Error> {
        self.one("SELECT opened('settings.value', name, value) FROM settings WHERE name = ?1", [name], |row| {
            rows::json(row, 0, "setting")
        })
    }

    /// The reply that is kept for a request with this idempotency key, for work that must not begin again before its
    /// transaction could tell so.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key was used for another request; else as [`Reader::get_session`].
    pub fn repeated(&self, scope: &str, key: &str, request_hash: &str, now_ms: i64) -> Result<Option<Value>, Error> {
        let sql = "SELECT request_hash, opened('idempotency.reply', scope || ' ' || key, reply) FROM idempotency WHERE scope = ?1 AND key = ?2 AND expires > ?3";
        let found = self.one(sql, params![scope, key, now_ms], |row| {
            Ok((rows::column::<String>(row, 0, "idempotency key")?, rows::json(row, 1, "reply")?))
        })?;
        match found {
            Some((hash, _)) if hash != request_hash => Err(Error::KeyReused { key: key.to_owned() }),
            found => Ok(found.map(|(_, reply)| reply)),
        }
    }

    /// Audit records after number `seq`, in order, at most `limit` and [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn audit_after(&self, seq: i64, limit: usize) -> Result<Vec<AuditRecord>, Error> {
        let sql = "SELECT seq, ts, event, actor, doc, prev, hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        self.many(sql, params![seq, limit.min(MAX_PAGE)], chain::record)
    }

    /// Number of the newest audit record, whether or not it can be proved; 0 before the first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn newest_audit(&self) -> Result<i64, Error> {
        let found =
            self.one("SELECT coalesce(max(seq), 0) FROM audit", [], |row| rows::column(row, 0, "audit record"))?;
        Ok(found.unwrap_or_default())
    }

    /// Where the audit chain ends.
    ///
    /// # Errors
    /// As [`Reader::get_session`]; [`Error::Corrupt`] when its newest records are gone.
    pub fn audit_head(&self) -> Result<ChainHead, Error> {
        let head = chain::load_head(&self.connection, Some(&self.proof)).map_err(|error| self.failed(error))?;
        head.map_err(|bad| Error::Corrupt { path: self.path.clone(), why: bad.to_string() })
    }

    /// Recomputes the audit chain behind a record that was proved before, at most `most` records and [`MAX_PAGE`].
    ///
    /// # Errors
    /// As [`Reader::verify_chain`].
    pub fn verify_chain_after(&self, from: &ChainHead, most: usize) -> Result<Result<Proved, FirstBad>, Error> {
        let result = chain::verify_after(&self.connection, &self.proof, from, most.min(MAX_PAGE));
        result.map_err(|error| self.failed(error))
    }

    /// Recomputes the whole audit chain: the number of records, or the first one that is not as it was written.
    ///
    /// # Errors
    /// As [`Reader::get_session`]. A broken chain is no error of the lookup; it is the inner result.
    pub fn verify_chain(&self) -> Result<Result<u64, FirstBad>, Error> {
        chain::verify(&self.connection, &self.proof).map_err(|error| self.failed(error))
    }
}

impl SessionQuery {
    /// Looks only at the columns it needs; most rows of a search do not match.
    fn row_matches(&self, row: &Row<'_>, search: Option<&str>) -> Result<bool, Error> {
        if let Some(archived) = self.archived
            && rows::column::<bool>(row, 5, "session")? != archived
        {
            return Ok(false);
        }
        if let Some(after) = self.updated_after
            && rows::column::<i64>(row, 7, "session")? <= after
        {
            return Ok(false);
        }
        let Some(search) = search else { return Ok(true) };
        let holds = |index| {
            let text = row.get_ref(index).ok().and_then(|value| value.as_str_or_null().ok().flatten());
            text.is_some_and(|text| text.to_lowercase().contains(search))
        };
        Ok(holds(4) || holds(1))
    }

    fn matches(&self, session: &Session) -> bool {
        let search = self.search.as_ref().map(|text| text.to_lowercase());
        let holds = |text: &str| search.as_ref().is_none_or(|search| text.to_lowercase().contains(search));
        self.agent.as_ref().is_none_or(|agent| *agent == session.agent_id)
            && self.archived.is_none_or(|archived| archived == session.settings.archived)
            && self.updated_after.is_none_or(|after| session.updated_at > after)
            && self.before_revision.is_none_or(|before| session.revision < before)
            && (session.label.as_deref().is_some_and(holds) || holds(session.key.as_str()))
    }
}
