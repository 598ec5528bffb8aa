//! Looking up scheduled work.

use openclaw_core::cron::{Job, Occurrence, SystemEvent};
use openclaw_protocol::SessionKey;
use rusqlite::{ToSql, params};
use uuid::Uuid;

use super::{MAX_PAGE, Reader};
use crate::{
    change::cron::{JobQuery, JobSort, OccurrenceQuery, Page},
    error::Error,
    rows::{
        self,
        cron::{job, job_columns, occurrence, occurrence_columns, system_event},
    },
};

/// Conditions of a query, and their values.
#[derive(Default)]
struct Conditions {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    /// Adds one; `?` stands for the value.
    fn add(&mut self, condition: &str, value: impl ToSql + 'static) {
        self.values.push(Box::new(value));
        let place = format!("?{}", self.values.len());
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition.replace('?', &place));
    }

    /// Adds one that is true when the column holds any of the words.
    fn any(&mut self, column: &str, words: &[&'static str]) {
        let places: Vec<String> = words
            .iter()
            .map(|word| {
                self.values.push(Box::new(*word));
                format!("?{}", self.values.len())
            })
            .collect();
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&format!("{column} IN ({})", places.join(", ")));
    }

    fn values(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(AsRef::as_ref).collect()
    }
}

impl Reader {
    /// The scheduled job with this identifier.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_job(&self, job_id: Uuid) -> Result<Option<Job>, Error> {
        let sql = concat!("SELECT ", job_columns!(), " FROM cron_jobs WHERE job_id = ?1");
        self.one(sql, [job_id.to_string()], job)
    }

    /// Identifier and next time of every job that is to run by itself.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_waiting(&self) -> Result<Vec<(Uuid, i64)>, Error> {
        let sql = "SELECT job_id, next_at FROM cron_jobs WHERE enabled AND next_at IS NOT NULL ORDER BY next_at, id";
        self.many(sql, [], |row| Ok((rows::uuid(row, 0, "scheduled job")?, rows::column(row, 1, "scheduled job")?)))
    }

    /// How many jobs there are, and when the first of them is due.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_count(&self) -> Result<(u64, Option<i64>), Error> {
        let sql = "SELECT count(*), min(iif(enabled, next_at, NULL)) FROM cron_jobs";
        let read = self
            .one(sql, [], |row| Ok((rows::column(row, 0, "scheduled job")?, rows::column(row, 1, "scheduled job")?)))?;
        Ok(read.unwrap_or_default())
    }

    /// A page of scheduled jobs.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_jobs(&self, query: &JobQuery) -> Result<Page<Job>, Error> {
        let mut conditions = Conditions::default();
        if let Some(enabled) = query.enabled {
            conditions.add("enabled = ?", enabled);
        }
        if let Some((agent, default)) = &query.agent {
            let condition = if *default { "coalesce(agent, ?) = ?" } else { "agent = ?" };
            conditions.add(condition, agent.as_str().to_owned());
        }
        if let Some(kind) = query.kind {
            conditions.add("kind = ?", kind);
        }
        match query.last_status {
            None => {}
            Some(Some(status)) => conditions.add("last_status = ?", status),
            Some(None) => conditions.add("last_status IS ?", rusqlite::types::Null),
        }
        if let Some(search) = &query.search {
            conditions.add(
                "(instr(lower(name), ?) OR instr(lower(coalesce(opened('cron_jobs.doc', job_id, doc) ->> '$.description', '')), ?) OR instr(job_id, ?) OR instr(lower(coalesce(opened('cron_jobs.doc', job_id, doc) ->> '$.displayName', '')), ?))",
                search.to_lowercase(),
            );
        }
        let order = match (query.sort, query.descending) {
            (JobSort::Next, false) => "next_at IS NULL, next_at, id",
            (JobSort::Next, true) => "next_at IS NULL, next_at DESC, id DESC",
            (JobSort::Updated, false) => "updated, id",
            (JobSort::Updated, true) => "updated DESC, id DESC",
            (JobSort::Name, false) => "name COLLATE NOCASE, id",
            (JobSort::Name, true) => "name COLLATE NOCASE DESC, id DESC",
        };
        let total = self.total("cron_jobs", &conditions)?;
        let sql = format!(
            concat!("SELECT ", job_columns!(), " FROM cron_jobs{} ORDER BY {} LIMIT {} OFFSET {}"),
            conditions.sql,
            order,
            query.limit.clamp(1, MAX_PAGE),
            query.offset
        );
        Ok(Page { rows: self.many(&sql, &*conditions.values(), job)?, total })
    }

    fn total(&self, table: &str, conditions: &Conditions) -> Result<u64, Error> {
        let sql = format!("SELECT count(*) FROM {table}{}", conditions.sql);
        Ok(self.one(&sql, &*conditions.values(), |row| rows::column(row, 0, "count"))?.unwrap_or(0))
    }

    /// The occurrences that have not ended, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_open(&self) -> Result<Vec<Occurrence>, Error> {
        let sql = concat!("SELECT ", occurrence_columns!(), " FROM cron_occurrences WHERE ended IS NULL ORDER BY id");
        self.many(sql, [], occurrence)
    }

    /// The occurrences of a job that have not ended, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_open_of(&self, job_id: Uuid) -> Result<Vec<Occurrence>, Error> {
        let sql = concat!(
            "SELECT ",
            occurrence_columns!(),
            " FROM cron_occurrences WHERE job_id = ?1 AND ended IS NULL ORDER BY id"
        );
        self.many(sql, [job_id.to_string()], occurrence)
    }

    /// The occurrence with this name.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_occurrence(&self, run_id: &str) -> Result<Option<Occurrence>, Error> {
        let sql = concat!("SELECT ", occurrence_columns!(), " FROM cron_occurrences WHERE run_id = ?1");
        self.one(sql, [run_id], occurrence)
    }

    /// A page of ended occurrences.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn cron_occurrences(&self, query: &OccurrenceQuery) -> Result<Page<Occurrence>, Error> {
        let mut conditions = Conditions { sql: " WHERE ended IS NOT NULL".to_owned(), values: Vec::new() };
        if let Some(job_id) = query.job_id {
            conditions.add("job_id = ?", job_id.to_string());
        }
        if let Some(run_id) = &query.run_id {
            conditions.add("run_id = ?", run_id.clone());
        }
        if let Some((agent, default)) = &query.agent {
            let condition = if *default { "coalesce(agent, ?) = ?" } else { "agent = ?" };
            conditions.add(condition, agent.as_str().to_owned());
        }
        if !query.states.is_empty() {
            let words: Vec<&'static str> = query.states.iter().map(|state| state.as_str()).collect();
            conditions.any("state", &words);
        }
        if !query.deliveries.is_empty() {
            conditions.any("coalesce(delivery, 'not-requested')", &query.deliveries);
        }
        if let Some(search) = &query.search {
            conditions.add(
                "(instr(lower(coalesce(opened('cron_occurrences.doc', run_id, doc) ->> '$.ended.summary', '')), ?) OR instr(lower(coalesce(opened('cron_occurrences.doc', run_id, doc) ->> '$.ended.error', '')), ?) OR instr(lower(opened('cron_occurrences.doc', run_id, doc) ->> '$.jobName'), ?))",
                search.to_lowercase(),
            );
        }
        let order = if query.ascending { "ended, id" } else { "ended DESC, id DESC" };
        let total = self.total("cron_occurrences", &conditions)?;
        let sql = format!(
            concat!("SELECT ", occurrence_columns!(), " FROM cron_occurrences{} ORDER BY {} LIMIT {} OFFSET {}"),
            conditions.sql,
            order,
            query.limit.clamp(1, MAX_PAGE),
            query.offset
        );
        Ok(Page { rows: self.many(&sql, &*conditions.values(), occurrence)?, total })
    }

    /// What the agent is to be told with its next turn in this session, oldest first.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn system_events(&self, key: &SessionKey) -> Result<Vec<SystemEvent>, Error> {
        let sql = "SELECT id, session_key, ts, opened('system_events.text', session_key || ' ' || ts, text) FROM system_events WHERE session_key = ?1 ORDER BY id LIMIT ?2";
        self.many(sql, params![key.as_str(), MAX_PAGE], system_event)
    }

    /// How many system events wait in each session.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn system_event_counts(&self) -> Result<Vec<(SessionKey, usize)>, Error> {
        self.many("SELECT session_key, count(*) FROM system_events GROUP BY session_key", [], |row| {
            let key: String = rows::column(row, 0, "system event")?;
            let key = SessionKey::new(key).map_err(|why| Error::damaged("system event", why))?;
            Ok((key, rows::column(row, 1, "system event")?))
        })
    }
}
