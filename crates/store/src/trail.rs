//! The audit trail for commands of this machine, whether a gateway runs or not. Nothing is written.

use std::path::{Path, PathBuf};

use openclaw_core::record::AuditRecord;
use rusqlite::Connection;

use crate::{
    audit_file::{self, Appender, BadLine, Checked},
    audit_key::AuditKey,
    chain::{self, FirstBad, Proof},
    error::{Error, is_corruption},
    rows, schema,
    settings::Settings,
};

/// A setting that is kept in a state directory, for commands of this machine. Nothing is written, and nothing waits for a gateway.
///
/// # Errors
/// The database cannot be read, or the setting is sealed.
pub fn setting(dir: &Path, name: &str) -> Result<Option<serde_json::Value>, Error> {
    let path = dir.join(schema::FILE);
    if !path.exists() {
        return Ok(None);
    }
    let engine = |source| Error::Sqlite { doing: "look up a setting", source };
    let connection = schema::reader(&path, &Settings::default()).map_err(engine)?;
    let sql = "SELECT opened('settings.value', name, value) FROM settings WHERE name = ?1";
    let read = rows::one(&connection, sql, [name], |row| rows::json(row, 0, "setting"));
    read.map_err(engine)?
}

/// The audit table of a state directory.
#[derive(Debug)]
pub struct Trail {
    connection: Connection,
    proof: Proof,
    dir: PathBuf,
}

impl Trail {
    /// Opens it. `None` when there is no database yet.
    ///
    /// # Errors
    /// [`Error::Unproved`] when there is no key, [`Error::Sqlite`] and [`Error::Corrupt`] when the database does not open.
    pub fn open(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(schema::FILE);
        if !path.exists() {
            return Ok(None);
        }
        let engine = |source: rusqlite::Error| match is_corruption(&source) {
            true => Error::Corrupt { path: path.clone(), why: source.to_string() },
            false => Error::Sqlite { doing: "read the audit trail", source },
        };
        let unproved = |why: &str| Error::Unproved {
            path: path.clone(),
            key: dir.join(crate::AUDIT_KEY_FILE),
            why: why.to_owned(),
        };
        let connection = schema::reader(&path, &Settings::default()).map_err(engine)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(engine)?;
        if version < 8 {
            return Err(unproved("it is from before there were keys; start the gateway once"));
        }
        let keyed_from = chain::keyed_from(&connection)
            .map_err(engine)?
            .ok_or_else(|| unproved("no key has sealed it yet; start the gateway once"))?;
        let key = AuditKey::read(dir)?.ok_or_else(|| unproved("the key is missing; put it back from a backup"))?;
        Ok(Some(Self { connection, proof: Proof { key, keyed_from }, dir: dir.to_owned() }))
    }

    /// Recomputes the table's chain: the number of records, or the first one that is not as it was written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify(&self) -> Result<Result<u64, FirstBad>, Error> {
        // One view, so that a gateway at work does not look like one that broke its chain.
        let engine = |source| Error::Sqlite { doing: "read the audit trail", source };
        self.connection.execute_batch("BEGIN").map_err(engine)?;
        let result = chain::verify(&self.connection, &self.proof).map_err(engine);
        let _ = self.connection.execute_batch("ROLLBACK");
        result
    }

    /// Tells `each` every record after number `seq` that is not older than `since_ms`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read, or what `each` gives.
    pub fn each<E: From<Error>>(
        &self,
        seq: i64,
        since_ms: i64,
        mut each: impl FnMut(AuditRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let engine = |source| Error::Sqlite { doing: "read the audit trail", source };
        let sql = "SELECT seq, ts, event, actor, doc, prev, hash FROM audit WHERE seq > ?1 AND ts >= ?2 ORDER BY seq";
        let mut statement = self.connection.prepare(sql).map_err(engine)?;
        let mut rows = statement.query([seq, since_ms]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            each(chain::record(row)?)?;
        }
        Ok(())
    }

    /// The table's hash of a record, hex.
    fn hash(&self, seq: i64) -> Option<String> {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 32]>(0);
        let hash = self
            .connection
            .prepare_cached("SELECT hash FROM audit WHERE seq = ?1")
            .and_then(|mut statement| statement.query_row([seq], read));
        hash.ok().map(|hash| openclaw_core::hex(&hash))
    }

    /// Checks an audit file with its rotated files: as a chain of its own, and each record against the table.
    ///
    /// # Errors
    /// The first line that is not as it was written, or that a line is missing at the end.
    pub fn verify_file(&self, path: &Path) -> Result<Checked, BadLine> {
        let bad = |why: String, seq| BadLine { file: path.to_owned(), line: 0, seq, why };
        let files = audit_file::files(path).map_err(|error| bad(format!("cannot be looked for: {error}"), None))?;
        // Looked at before the file: a gateway at work may only have gone further since.
        let anchored = Appender::anchored(&self.dir, path, &self.proof.key);
        if files.is_empty() {
            return Err(bad("does not exist".to_owned(), None));
        }
        let checked = audit_file::check(&self.proof.key, &files, |seq, hash| match self.hash(seq) {
            Some(known) if known == hash => Ok(()),
            Some(_) => Err(format!("is not record {seq} of the store")),
            None => Err(format!("is record {seq}, which the store does not have")),
        })?;
        let newest = checked.span.map(|(_, newest)| newest);
        if let Some(anchored) = anchored.filter(|anchored| newest.is_none_or(|newest| newest < *anchored)) {
            let why = format!("ends too early: lines up to record {anchored} were there");
            return Err(BadLine { file: path.to_owned(), line: checked.lines + 1, seq: newest, why });
        }
        Ok(checked)
    }
}
