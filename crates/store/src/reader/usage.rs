//! Looking up what turns used.

use openclaw_core::usage::Used;
use openclaw_protocol::{AgentId, SessionKey};
use rusqlite::{Row, params};

use super::Reader;
use crate::{apply::SLOT_MS, error::Error, rows};

/// A day, milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Most rows of one answer: days times models times agents, or turns of a session.
pub const MAX_USAGE_ROWS: usize = 100_000;

/// Which turns.
#[derive(Clone, Debug)]
pub struct UsageQuery {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// The first day, counted from 1970-01-01.
    pub first_day: i64,
    /// The last day, which counts, too.
    pub last_day: i64,
    /// By how much the days begin before those of UTC, milliseconds; a multiple of a quarter of an hour.
    pub offset_ms: i64,
}

impl UsageQuery {
    /// When the first day begins and the last one has ended, milliseconds since the epoch.
    fn span(&self) -> (i64, i64) {
        let at = |day: i64| day.saturating_mul(DAY_MS).saturating_sub(self.offset_ms);
        (at(self.first_day), at(self.last_day.saturating_add(1)))
    }
}

/// What was used on one day, of one model, by one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedDay {
    /// Counted from 1970-01-01.
    pub day: i64,
    /// Who used it. Empty where rows of one session are asked for.
    pub agent: String,
    /// The model's provider.
    pub provider: String,
    /// Its id, without the provider.
    pub model: String,
    /// What was used.
    pub used: Used,
}

/// What one session used.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedSession {
    /// Its key.
    pub key: SessionKey,
    /// Whose it is.
    pub agent: String,
    /// Identifier of the transcript of its last turn; empty when not known.
    pub session_id: String,
    /// When its first turn ended.
    pub first_at: i64,
    /// When its last turn ended.
    pub last_at: i64,
    /// What was used.
    pub used: Used,
}

/// What one turn used.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedPoint {
    /// When it ended.
    pub ts: i64,
    /// What it used.
    pub used: Used,
}

const SLOT_SUMS: &str = "sum(runs), sum(input), sum(output), sum(cache_read), sum(cache_write), sum(total), sum(cost), sum(unpriced),
    sum(cost_input), sum(cost_output), sum(cost_read), sum(cost_write), sum(duration), max(longest), min(shortest), sum(asked),
    sum(answered), sum(failed)";
const RUN_SUMS: &str = "count(*), sum(input), sum(output), sum(cache_read), sum(cache_write), sum(total), sum(cost), sum(unpriced),
    sum(cost_input), sum(cost_output), sum(cost_read), sum(cost_write), sum(duration), max(duration), min(duration), sum(asked),
    sum(answered), sum(failed)";

/// The sums that begin at this column.
fn sums(row: &Row<'_>, from: usize) -> Result<Used, Error> {
    const WHAT: &str = "usage";
    let count = |at: usize| rows::column::<u64>(row, from + at, WHAT);
    let dollars = |at: usize| rows::column::<f64>(row, from + at, WHAT);
    Ok(Used {
        runs: count(0)?,
        input: count(1)?,
        output: count(2)?,
        cache_read: count(3)?,
        cache_write: count(4)?,
        total: count(5)?,
        cost: dollars(6)?,
        unpriced: count(7)?,
        cost_input: dollars(8)?,
        cost_output: dollars(9)?,
        cost_cache_read: dollars(10)?,
        cost_cache_write: dollars(11)?,
        duration_ms: count(12)?,
        longest_ms: count(13)?,
        shortest_ms: count(14)?,
        asked: count(15)?,
        answered: count(16)?,
        failed: count(17)?,
    })
}

impl Reader {
    /// What was used, by day, agent and model, oldest day first. Reads sums, not turns.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn usage_days(&self, query: &UsageQuery) -> Result<Vec<UsedDay>, Error> {
        let (from, to) = query.span();
        let sql = format!(
            "SELECT (slot * {SLOT_MS} + ?3) / {DAY_MS} AS day, agent, provider, model, {SLOT_SUMS} FROM usage_slots
             WHERE slot >= ?1 AND slot < ?2 AND (?4 IS NULL OR agent = ?4)
             GROUP BY day, agent, provider, model ORDER BY day LIMIT {MAX_USAGE_ROWS}"
        );
        let agent = query.agent.as_ref().map(AsRef::as_ref);
        let slots = params![from.div_euclid(SLOT_MS), to.div_euclid(SLOT_MS), query.offset_ms, agent];
        self.many(&sql, slots, |row| {
            Ok(UsedDay {
                day: rows::column(row, 0, "usage")?,
                agent: rows::column(row, 1, "usage")?,
                provider: rows::column(row, 2, "usage")?,
                model: rows::column(row, 3, "usage")?,
                used: sums(row, 4)?,
            })
        })
    }

    /// The sessions that used something, the last active first, at most `limit`; of one session only where `key` says so.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn usage_sessions(
        &self,
        query: &UsageQuery,
        key: Option<&SessionKey>,
        limit: usize,
    ) -> Result<Vec<UsedSession>, Error> {
        let (from, to) = query.span();
        // One statement per index: a parameter that may be absent would keep SQLite from using it.
        let place = if key.is_some() { "session_key = ?3 AND" } else { "?3 IS NULL AND" };
        let sql = format!(
            "SELECT session_key, agent, session_id, min(ts), max(ts), {RUN_SUMS} FROM usage_runs
             WHERE {place} ts >= ?1 AND ts < ?2 AND (?4 IS NULL OR agent = ?4)
             GROUP BY session_key ORDER BY max(ts) DESC LIMIT ?5"
        );
        let agent = query.agent.as_ref().map(AsRef::as_ref);
        self.many(&sql, params![from, to, key.map(AsRef::as_ref), agent, limit], |row| {
            let key: String = rows::column(row, 0, "usage")?;
            Ok(UsedSession {
                key: SessionKey::new(key).map_err(|why| Error::damaged("usage", why))?,
                agent: rows::column(row, 1, "usage")?,
                session_id: rows::column(row, 2, "usage")?,
                first_at: rows::column(row, 3, "usage")?,
                last_at: rows::column(row, 4, "usage")?,
                used: sums(row, 5)?,
            })
        })
    }

    /// What one session used, by day and model, oldest day first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn usage_of_session(&self, query: &UsageQuery, key: &SessionKey) -> Result<Vec<UsedDay>, Error> {
        let (from, to) = query.span();
        let sql = format!(
            "SELECT (ts + ?4) / {DAY_MS} AS day, provider, model, {RUN_SUMS} FROM usage_runs
             WHERE session_key = ?3 AND ts >= ?1 AND ts < ?2 GROUP BY day, provider, model ORDER BY day LIMIT {MAX_USAGE_ROWS}"
        );
        self.many(&sql, params![from, to, key.as_str(), query.offset_ms], |row| {
            Ok(UsedDay {
                day: rows::column(row, 0, "usage")?,
                agent: String::new(),
                provider: rows::column(row, 1, "usage")?,
                model: rows::column(row, 2, "usage")?,
                used: sums(row, 3)?,
            })
        })
    }

    /// How long the turns of one day took, in milliseconds, ascending, at most [`MAX_USAGE_ROWS`].
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn usage_durations(&self, query: &UsageQuery, day: i64) -> Result<Vec<u64>, Error> {
        let (from, to) = UsageQuery { first_day: day, last_day: day, ..query.clone() }.span();
        let sql = "SELECT duration FROM usage_runs WHERE ts >= ?1 AND ts < ?2 AND (?3 IS NULL OR agent = ?3) ORDER BY duration LIMIT ?4";
        let agent = query.agent.as_ref().map(AsRef::as_ref);
        self.many(sql, params![from, to, agent, MAX_USAGE_ROWS], |row| rows::column(row, 0, "usage"))
    }

    /// What the newest turns of a session used, each for itself, oldest first, at most `limit`.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn usage_points(&self, key: &SessionKey, limit: usize) -> Result<Vec<UsedPoint>, Error> {
        let sql = "SELECT ts, 1, input, output, cache_read, cache_write, total, cost, unpriced, cost_input, cost_output, cost_read,
                   cost_write, duration, duration, duration, asked, answered, failed
                   FROM usage_runs WHERE session_key = ?1 ORDER BY ts DESC, id DESC LIMIT ?2";
        let limit = limit.min(MAX_USAGE_ROWS);
        let mut points = self.many(sql, params![key.as_str(), limit], |row| {
            Ok(UsedPoint { ts: rows::column(row, 0, "usage")?, used: sums(row, 1)? })
        })?;
        points.reverse();
        Ok(points)
    }
}
