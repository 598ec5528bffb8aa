//! Looking for what was said.

use openclaw_core::record::TranscriptMessage;
use openclaw_protocol::{AgentId, SessionKey};
use rusqlite::{Row, params};
use uuid::Uuid;

use super::Reader;
use crate::{
    error::Error,
    rows::{self, message_columns},
};

/// Most lines that one search looks at, newest first.
pub const MAX_SEARCHED_LINES: usize = 50_000;
/// Most bytes of lines that one search looks at.
pub const MAX_SEARCHED_BYTES: usize = 64 << 20;

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct LineQuery {
    /// In conversations of this agent.
    pub agent: Option<AgentId>,
    /// In these conversations; in all when empty.
    pub keys: Vec<SessionKey>,
    /// Most lines that are found.
    pub limit: usize,
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundLine {
    /// Its conversation.
    pub key: SessionKey,
    /// Identifier of the transcript.
    pub session_id: Uuid,
    /// The line.
    pub line: TranscriptMessage,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundLines {
    /// Newest first.
    pub lines: Vec<FoundLine>,
    /// Whether older lines were not looked at.
    pub cut: bool,
}

impl Reader {
    /// The newest lines of present transcripts that `fits` takes, given their bodies as JSON text. Looks at
    /// [`MAX_SEARCHED_LINES`] and [`MAX_SEARCHED_BYTES`] at most.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn find_lines(&self, query: &LineQuery, fits: impl Fn(&str) -> bool) -> Result<FoundLines, Error> {
        let sql = "SELECT m.seq, m.message_id, m.ts, m.run_id, opened('messages.body', m.message_id, m.body), s.key, s.session_id, s.agent FROM messages m
                   JOIN sessions s ON s.transcript = m.transcript ORDER BY m.id DESC LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| self.failed(error))?;
        let mut rows = statement.query(params![MAX_SEARCHED_LINES + 1]).map_err(|error| self.failed(error))?;
        let (mut found, mut seen, mut bytes) = (FoundLines::default(), 0, 0);
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            if seen == MAX_SEARCHED_LINES || bytes > MAX_SEARCHED_BYTES || found.lines.len() == query.limit {
                found.cut = true;
                break;
            }
            seen += 1;
            if !query.takes(row) {
                continue;
            }
            let body = row.get_ref(4).ok().and_then(|body| body.as_str().ok()).unwrap_or_default();
            bytes += body.len();
            if fits(body) {
                let key: String = rows::column(row, 5, "session")?;
                found.lines.push(FoundLine {
                    key: SessionKey::new(key).map_err(|why| Error::damaged("session", why))?,
                    session_id: rows::uuid(row, 6, "session")?,
                    line: rows::message(row)?,
                });
            }
        }
        Ok(found)
    }

    /// A line of a session's present transcript, by its identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn line(&self, key: &SessionKey, message_id: Uuid) -> Result<Option<TranscriptMessage>, Error> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE transcript = (SELECT transcript FROM sessions WHERE key = ?1) AND message_id = ?2"
        );
        self.one(sql, params![key.as_str(), message_id.to_string()], rows::message)
    }
}

impl LineQuery {
    fn takes(&self, row: &Row<'_>) -> bool {
        let is = |at: usize, wanted: &str| row.get_ref(at).ok().and_then(|text| text.as_str().ok()) == Some(wanted);
        self.agent.as_ref().is_none_or(|agent| is(7, agent.as_str()))
            && (self.keys.is_empty() || self.keys.iter().any(|key| is(5, key.as_str())))
    }
}
