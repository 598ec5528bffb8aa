//! Content that is sealed row by row.
//!
//! SQL reads and writes content through two functions, `opened(place, row, value)` and `sealed(place, row, value)`, which every
//! connection has; without encryption they give what they get. A value is bound to its table, column and row, so that it opens
//! nowhere else. What is looked for, sorted by or counted stays in the open: keys, names of jobs and labels of sessions, times, states,
//! sums, and the audit table, whose records hold no content.
//!
//! Turning it on or off converts what is there before the store opens, some rows at a time. Each step and how far it came are one
//! transaction, so that a crash costs a step.

use std::{path::Path, sync::Arc};

use openclaw_seal::Sealer;
use rusqlite::{
    Connection, OptionalExtension, TransactionBehavior,
    functions::{Context, FunctionFlags},
    params,
    types::{Value, ValueRef},
};

use crate::error::Error;

/// Rows of one step.
const STEP: usize = 500;
/// Steps between two lines of the log.
const TOLD: usize = 40;
/// What stands in the place of a value that does not open, and which no column can hold.
pub(crate) const UNOPENED: &[u8] = b"\0unopened";

/// What seals and opens content.
#[derive(Clone, Debug, Default)]
pub struct Sealing {
    /// Opens what is sealed, whatever is sealed from now on.
    pub opener: Option<Sealer>,
    /// Seals everything but what is said; in the open without.
    pub documents: Option<Sealer>,
    /// Seals what is said: messages, results of runs, replies that are kept, and what agents are to be told.
    pub messages: Option<Sealer>,
}

/// A column with content.
#[derive(Debug)]
struct Column {
    table: &'static str,
    column: &'static str,
    /// What names the row, as an SQL expression.
    row: &'static str,
    said: bool,
}

const fn column(table: &'static str, column: &'static str, row: &'static str, said: bool) -> Column {
    Column { table, column, row, said }
}

const COLUMNS: &[Column] = &[
    column("messages", "body", "message_id", true),
    column("runs", "outcome", "run_id", true),
    column("idempotency", "reply", "scope || ' ' || key", true),
    column("system_events", "text", "session_key || ' ' || ts", true),
    column("sessions", "settings", "key", false),
    column("settings", "value", "name", false),
    column("approvals", "doc", "approval_id", false),
    column("exec_grants", "doc", "grant_id", false),
    column("cron_jobs", "doc", "job_id", false),
    column("cron_jobs", "state", "job_id", false),
    column("cron_occurrences", "doc", "run_id", false),
    column("nodes", "doc", "node_id", false),
    column("node_requests", "doc", "node_id", false),
    column("node_work", "doc", "work_id", false),
    column("spawns", "doc", "spawn_id", false),
    column("devices", "doc", "device_id", false),
    column("pairing_requests", "doc", "request_id", false),
    column("agent_tokens", "doc", "agent_id", false),
    column("access_tokens", "doc", "id", false),
    column("passkeys", "doc", "id", false),
];

impl Column {
    fn place(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

impl Sealing {
    fn sealer(&self, said: bool) -> Option<&Sealer> {
        if said { self.messages.as_ref().or(self.documents.as_ref()) } else { self.documents.as_ref() }
    }

    /// What seals a column of this place.
    fn of(&self, place: &str) -> Option<&Sealer> {
        let (table, name) = place.split_once('.').unwrap_or_default();
        self.sealer(COLUMNS.iter().any(|column| column.said && column.table == table && column.column == name))
    }

    /// Whether anything is sealed from now on.
    #[must_use]
    pub const fn on(&self) -> bool {
        self.documents.is_some() || self.messages.is_some()
    }
}

const PLAIN: &str = "plain";

fn form(sealer: Option<&Sealer>) -> String {
    sealer.map_or_else(|| PLAIN.to_owned(), |sealer| format!("{}:{}", sealer.cipher().word(), sealer.kid()))
}

fn bound(place: &str, row: &str) -> String {
    format!("{place} {row}")
}

/// Gives a connection the two functions.
pub(crate) fn functions(connection: &Connection, sealing: &Sealing) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    if !sealing.on() {
        // As it is, without a look at it: this is on the way of every read and write.
        for name in ["sealed", "opened"] {
            connection.create_scalar_function(name, 3, flags, |call: &Context<'_>| Ok(call.get_arg(2)))?;
        }
        return Ok(());
    }
    let sealing = Arc::new(sealing.clone());
    let seal = Arc::clone(&sealing);
    connection.create_scalar_function("sealed", 3, flags, move |call: &Context<'_>| {
        changed(call, |place, row, text| match seal.of(place) {
            Some(sealer) => Value::Text(sealer.seal(&bound(place, row), text)),
            None => Value::Text(text.to_owned()),
        })
    })?;
    connection.create_scalar_function("opened", 3, flags, move |call: &Context<'_>| {
        changed(call, |place, row, text| match sealing.of(place) {
            // With encryption on, everything was sealed; what is not was written by somebody else.
            Some(sealer) => match sealer.open(&bound(place, row), text) {
                Ok(plain) => Value::Text(plain.as_str().to_owned()),
                Err(_) => Value::Blob(UNOPENED.to_vec()),
            },
            None => Value::Text(text.to_owned()),
        })
    })
}

fn changed(call: &Context<'_>, change: impl FnOnce(&str, &str, &str) -> Value) -> rusqlite::Result<Value> {
    match call.get_raw(2) {
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|error| rusqlite::Error::Utf8Error(2, error))?;
            Ok(change(call.get_raw(0).as_str()?, call.get_raw(1).as_str()?, text))
        }
        ValueRef::Null => Ok(Value::Null),
        // No column with content holds anything else.
        _ => Ok(Value::Blob(UNOPENED.to_vec())),
    }
}

/// What a conversion did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Rows that are sealed now and were not.
    pub sealed: u64,
    /// Rows that are in the open now and were not.
    pub opened: u64,
}

/// Brings every column to the form that is wanted, from wherever a crash left it.
pub(crate) fn convert(connection: &mut Connection, path: &Path, sealing: &Sealing) -> Result<Converted, Error> {
    let mut done = Converted::default();
    for column in COLUMNS {
        // One that was begun for another wish is first brought to that.
        while one(connection, path, sealing, column, &mut done)? {}
    }
    if done == Converted::default() && !unclean(connection)? {
        return Ok(done);
    }
    // What was in the open is still in pages that nobody uses, and in the log.
    let clean = |connection: &Connection| -> rusqlite::Result<bool> {
        let busy = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        let mut cleared = !busy()?;
        connection.execute_batch("VACUUM")?;
        cleared &= !busy()?;
        if cleared {
            connection.execute("DELETE FROM sealing WHERE place = 'unclean'", [])?;
        }
        Ok(cleared)
    };
    if !clean(connection).map_err(Error::sqlite("clear what was in the open"))? {
        tracing::warn!(
            "Somebody reads the database, so old pages of it stay in the open until the next start clears them"
        );
    }
    tracing::info!(sealed = done.sealed, opened = done.opened, "The database's content was converted");
    Ok(done)
}

fn unclean(connection: &Connection) -> Result<bool, Error> {
    let mut statement = connection
        .prepare("SELECT 1 FROM sealing WHERE place = 'unclean'")
        .map_err(Error::sqlite("read how content is kept"))?;
    statement.exists([]).map_err(Error::sqlite("read how content is kept"))
}

/// Converts one column to what it was begun for, else to what is wanted. Whether anything may be left to do.
fn one(
    connection: &mut Connection,
    path: &Path,
    sealing: &Sealing,
    column: &Column,
    done: &mut Converted,
) -> Result<bool, Error> {
    let place = column.place();
    let wanted = form(sealing.sealer(column.said));
    let reading = || Error::sqlite("read how content is kept");
    let kept: Option<(String, Option<String>, i64)> = connection
        .query_row("SELECT form, target, through FROM sealing WHERE place = ?1", [&place], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(reading())?;
    let (from, begun, mut through) = kept.unwrap_or_else(|| (PLAIN.to_owned(), None, i64::MIN));
    let resumes = begun.is_some();
    let target = match begun {
        Some(target) => target,
        None if from == wanted => return Ok(false),
        None => wanted.clone(),
    };
    // Before anything is written, so that a key that is missing changes nothing.
    let change = Change {
        opens: (from != PLAIN).then(|| opener(sealing, path, &from)).transpose()?,
        seals: (target != PLAIN).then(|| sealer(sealing, path, &target)).transpose()?,
    };
    if !resumes {
        through = i64::MIN;
        connection
            .execute(
                "INSERT INTO sealing(place, form, target, through) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT(place) DO UPDATE SET target = excluded.target, through = excluded.through",
                params![place, from, target, through],
            )
            .map_err(Error::sqlite("begin to convert content"))?;
    }
    let mut steps = 0;
    while let Some((last, rows)) = step(connection, column, &change, through)? {
        through = last;
        match change.seals {
            Some(_) => done.sealed += rows,
            None => done.opened += rows,
        }
        steps += 1;
        if steps % TOLD == 0 {
            tracing::info!(place = place.as_str(), rows = done.sealed + done.opened, "Content is being converted");
        }
    }
    connection
        .execute("UPDATE sealing SET form = ?2, target = NULL WHERE place = ?1", params![place, target])
        .map_err(Error::sqlite("end to convert content"))?;
    Ok(target != wanted)
}

/// How a value becomes another.
struct Change {
    opens: Option<Sealer>,
    seals: Option<Sealer>,
}

impl Change {
    fn apply(&self, place: &str, text: &str) -> Result<String, openclaw_seal::OpenError> {
        let opened = self.opens.as_ref().map(|opener| opener.open(place, text)).transpose()?;
        let plain = opened.as_ref().map_or(text, |opened| opened.as_str());
        Ok(self.seals.as_ref().map_or_else(|| plain.to_owned(), |sealer| sealer.seal(place, plain)))
    }
}

fn opener(sealing: &Sealing, path: &Path, form: &str) -> Result<Sealer, Error> {
    let kid = form.rsplit(':').next().unwrap_or_default();
    let missing = || Error::Sealed { path: path.to_owned(), kid: kid.to_owned() };
    sealing.opener.clone().filter(|sealer| sealer.knows(kid)).ok_or_else(missing)
}

/// What seals to a form that was begun, which may not be the one that is wanted now.
fn sealer(sealing: &Sealing, path: &Path, target: &str) -> Result<Sealer, Error> {
    let mut wished = [&sealing.messages, &sealing.documents].into_iter().flatten();
    match wished.find(|sealer| form(Some(*sealer)) == target) {
        Some(sealer) => Ok(sealer.clone()),
        None => opener(sealing, path, target),
    }
}

/// Converts the next rows behind `through`: the last of them and how many they were; `None` when there are no more.
fn step(
    connection: &mut Connection,
    column: &Column,
    change: &Change,
    through: i64,
) -> Result<Option<(i64, u64)>, Error> {
    let Column { table, column: name, row, .. } = column;
    let place = column.place();
    let converting = || Error::sqlite("convert content");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(converting())?;
    // A table without numbers is small, and is one step.
    let numbered = *table != "agent_tokens";
    let number = if numbered { "rowid" } else { "0" };
    let limit = if numbered { i64::try_from(STEP).unwrap_or(i64::MAX) } else { i64::MAX };
    let rows: Vec<(i64, String, String)> = {
        let sql = format!(
            "SELECT {number}, CAST({row} AS TEXT), {name} FROM {table} WHERE {number} > ?1 AND {name} IS NOT NULL ORDER BY 1 LIMIT ?2"
        );
        let mut statement = transaction.prepare_cached(&sql).map_err(converting())?;
        let found = statement.query_map(params![through, limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        found.and_then(Iterator::collect).map_err(converting())?
    };
    let Some(last) = rows.last().map(|(number, ..)| *number) else { return Ok(None) };
    let update = match numbered {
        true => format!("UPDATE {table} SET {name} = ?2 WHERE rowid = ?1"),
        false => format!("UPDATE {table} SET {name} = ?2 WHERE {row} = ?1"),
    };
    let count = rows.len() as u64;
    {
        let mut statement = transaction.prepare_cached(&update).map_err(converting())?;
        for (number, key, text) in rows {
            let text = change
                .apply(&bound(&place, &key), &text)
                .map_err(|why| Error::Damaged { what: "content", why: format!("{place} of {key}: {why}") })?;
            let updated = match numbered {
                true => statement.execute(params![number, text]),
                false => statement.execute(params![key, text]),
            };
            updated.map_err(converting())?;
        }
    }
    transaction
        .execute("UPDATE sealing SET through = ?2 WHERE place = ?1", params![place, last])
        .and_then(|_| transaction.execute("INSERT OR IGNORE INTO sealing VALUES('unclean', '', NULL, 0)", []))
        .map_err(converting())?;
    transaction.commit().map_err(converting())?;
    Ok(Some((last, count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MIGRATIONS;

    /// Columns that are called as content is and are none.
    const NONE: &[&str] = &["audit.doc"];

    #[test]
    fn every_column_with_content_is_listed_so_that_it_can_be_sealed() {
        let connection = Connection::open_in_memory().unwrap();
        functions(&connection, &Sealing::default()).unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(migration.sql).unwrap();
        }
        let mut statement = connection
            .prepare(
                "SELECT t.name || '.' || c.name FROM pragma_table_list t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name IN ('doc', 'body', 'reply', 'outcome', 'value', 'text', 'settings')
                 AND t.name NOT LIKE 'sqlite%'",
            )
            .unwrap();
        let found: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(found.len() > 15, "{found:?}");
        for place in found.iter().filter(|place| !NONE.contains(&place.as_str())) {
            assert!(
                COLUMNS.iter().any(|column| column.place() == *place),
                "{place} is not in COLUMNS: write it with sealed('{place}', …) and read it with opened('{place}', …)"
            );
        }
        for column in COLUMNS {
            let sql = format!("SELECT {}, {} FROM {}", column.row, column.column, column.table);
            connection.prepare(&sql).unwrap();
        }
    }
}
