//! Connections and the shape of the database.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{
    error::{Error, is_corruption},
    sealing::{self, Sealing},
    settings::Settings,
};

/// The database's name inside the state directory.
pub(crate) const FILE: &str = "gateway.sqlite";
/// Where copies go before a migration.
pub(crate) const SNAPSHOTS: &str = "snapshots";
/// How many of those copies are kept.
const KEEP_SNAPSHOTS: usize = 3;
/// "OCGW" in the file header: tells our database from any other.
const APPLICATION_ID: i64 = 0x4f43_4757;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The log shrinks to this after a checkpoint.
const JOURNAL_LIMIT_BYTES: u32 = 64 << 20;
/// Prepared statements kept per connection; the writer uses about 50.
const STATEMENTS: usize = 80;

/// A step from one schema to the next.
pub(crate) struct Migration {
    /// `PRAGMA user_version` after it.
    pub(crate) version: i64,
    pub(crate) sql: &'static str,
}

/// Every schema since the first, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../migrations/001_first.sql") },
    Migration { version: 2, sql: include_str!("../migrations/002_nodes.sql") },
    Migration { version: 3, sql: include_str!("../migrations/003_approvals.sql") },
    Migration { version: 4, sql: include_str!("../migrations/004_cron.sql") },
    Migration { version: 5, sql: include_str!("../migrations/005_spawn.sql") },
    Migration { version: 6, sql: include_str!("../migrations/006_usage.sql") },
    Migration { version: 7, sql: include_str!("../migrations/007_http.sql") },
    Migration { version: 8, sql: include_str!("../migrations/008_audit_key.sql") },
    Migration { version: 9, sql: include_str!("../migrations/009_access_tokens.sql") },
    Migration { version: 10, sql: include_str!("../migrations/010_sealing.sql") },
    Migration { version: 11, sql: include_str!("../migrations/011_passkeys.sql") },
];

/// What [`prepare`] did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Migrated {
    /// Schema that was found; 0 for a new database.
    pub(crate) from: i64,
}

/// Opens the writer's connection. The file gets mode 0600 whatever the umask; SQLite gives its companions the same.
pub(crate) fn writer(path: &Path, settings: &Settings) -> Result<Connection, Error> {
    private_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connect = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        common(&connection, settings.cache_kib, &settings.sealing)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update_and_check(None, "wal_autocheckpoint", settings.checkpoint_pages, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL_LIMIT_BYTES, |_| Ok(()))?;
        if let Some(pages) = settings.max_pages {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        Ok(connection)
    };
    let connection = connect().map_err(|source| cannot_open(path, source))?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .map_err(|source| cannot_open(path, source))?;
    if mode != "wal" {
        return Err(Error::invalid(format!(
            "{} is on a file system without write-ahead logging (journal mode {mode})",
            path.display()
        )));
    }
    Ok(connection)
}

/// Opens a connection that cannot write.
pub(crate) fn reader(path: &Path, settings: &Settings) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    common(&connection, settings.reader_cache_kib, &settings.sealing)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn common(connection: &Connection, cache_kib: u32, sealing: &Sealing) -> rusqlite::Result<()> {
    sealing::functions(connection, sealing)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

fn cannot_open(path: &Path, source: rusqlite::Error) -> Error {
    if is_corruption(&source) {
        Error::Corrupt { path: path.to_owned(), why: source.to_string() }
    } else {
        Error::Sqlite { doing: "open the database", source }
    }
}

/// Brings the database to the newest schema, with a snapshot before each step when there is something to lose.
pub(crate) fn prepare(
    connection: &mut Connection,
    dir: &Path,
    migrations: &[Migration],
    now_ms: i64,
) -> Result<Migrated, Error> {
    let path = dir.join(FILE);
    let number = |name| -> Result<i64, Error> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(|source| cannot_open(&path, source))
    };
    let (application, found) = (number("application_id")?, number("user_version")?);
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(|source| cannot_open(&path, source))?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || tables != 0) {
        return Err(Error::Corrupt { path, why: "it is a database of another program".to_owned() });
    }
    let known = migrations.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(Error::NewerSchema { path, found, known });
    }
    let mut version = found;
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        if found > 0 {
            snapshot(connection, dir, version, now_ms)?;
        }
        step(connection, migration).map_err(Error::sqlite("migrate the database"))?;
        version = migration.version;
    }
    Ok(Migrated { from: found })
}

fn step(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", migration.version)?;
    transaction.commit()
}

/// Copies the database into `snapshots/`, mode 0600, on stable storage, and removes the oldest copies.
fn snapshot(connection: &Connection, dir: &Path, version: i64, now_ms: i64) -> Result<(), Error> {
    let folder = dir.join(SNAPSHOTS);
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::io("make", &folder)(error));
        }
        _ => {}
    }
    // Fixed width, so that names sort by schema and time.
    let copy = folder.join(format!("gateway-schema{version:04}-{now_ms:015}.sqlite"));
    private_file(&copy)?;
    let name = copy.to_str().ok_or_else(|| Error::invalid(format!("{} is not UTF-8", copy.display())))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(Error::sqlite("copy the database before migrating it"))?;
    File::open(&copy).and_then(|file| file.sync_all()).map_err(Error::io("sync", &copy))?;
    sync_folder(&folder)?;
    sync_folder(dir)?;
    let mut copies: Vec<_> = fs::read_dir(&folder)
        .map_err(Error::io("list", &folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sqlite"))
        .collect();
    copies.sort();
    for old in copies.iter().rev().skip(KEEP_SNAPSHOTS) {
        fs::remove_file(old).map_err(Error::io("remove", old))?;
    }
    Ok(())
}

/// Makes the file with mode 0600 unless it exists, and corrects the mode of one that does.
fn private_file(path: &Path) -> Result<(), Error> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| Error::Unwritable { path: path.to_owned(), source })?;
    let metadata = file.metadata().map_err(Error::io("look at", path))?;
    if metadata.permissions().mode() & 0o777 != 0o600 {
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(Error::io("protect", path))?;
    }
    if metadata.len() == 0 {
        // The name must survive a power loss as well as the content.
        path.parent().map_or(Ok(()), sync_folder)?;
    }
    Ok(())
}

fn sync_folder(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", path))
}

#[cfg(test)]
mod tests;
