//! Opening: the newest schema, an intact chain, and an end for what a crash cut off.

use openclaw_core::{Clock, record::AuditEvent};
use openclaw_protocol::RunId;
use rusqlite::{TransactionBehavior, params};
use serde_json::json;

use crate::{
    StateDir, apply,
    chain::{self, ChainHead},
    error::{Error, Fail},
    schema,
    settings::Settings,
    store::Store,
    writer::Database,
};

/// Most expired idempotency keys and pairing requests that opening removes; the writer removes the rest as it goes.
const PRUNE_AT_OPEN: usize = 4_096;
/// Run ids named in the audit record; the rest is counted.
const NAMED_RUNS: usize = 20;

/// A store that is ready, and what was found on the way.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// What opening put right.
    pub recovered: Recovery,
    /// Where the audit chain ends.
    pub chain_head: ChainHead,
}

/// What opening put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Runs that were accepted or running when the gateway ended; they are `interrupted` now. Oldest first.
    pub interrupted: Vec<RunId>,
    /// Expired idempotency keys that were forgotten.
    pub expired_keys: usize,
    /// Pairing requests that had lapsed.
    pub expired_requests: usize,
    /// Schema before migration; `None` when it was the newest already, or the database is new.
    pub migrated_from: Option<i64>,
}

/// Prepares the database for the writer.
pub(crate) fn database(dir: &StateDir, clock: &Clock, settings: &Settings) -> Result<(Database, Recovery), Error> {
    let path = dir.path().join(schema::FILE);
    let corrupt = |why: String| Error::Corrupt { path: path.clone(), why };
    let engine = |error: rusqlite::Error| match crate::error::is_corruption(&error) {
        true => corrupt(error.to_string()),
        false => Error::Sqlite { doing: "open the database", source: error },
    };
    let now = clock.now_ms();
    let mut connection = schema::writer(&path, settings)?;
    let migrated = schema::prepare(&mut connection, dir.path(), schema::MIGRATIONS, now)?;
    let head = chain::load_head(&connection).map_err(engine)?.map_err(|bad| corrupt(bad.to_string()))?;
    let mut database = Database { connection, head };
    let mut recovery = recover(&mut database, now, settings).map_err(|fail| match fail {
        Fail::Refused(error) => error,
        Fail::Engine(error) => engine(error),
    })?;
    let newest = schema::MIGRATIONS.last().map_or(0, |migration| migration.version);
    recovery.migrated_from = (migrated.from > 0 && migrated.from < newest).then_some(migrated.from);
    Ok((database, recovery))
}

/// Ends what a crash cut off and forgets what has expired, in one transaction with one audit record when there was anything.
fn recover(database: &mut Database, now: i64, settings: &Settings) -> Result<Recovery, Fail> {
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let interrupted = apply::interrupt(&transaction, database.head.seq + 1, now)?;
    let expired_keys = apply::prune_keys(&transaction, now, PRUNE_AT_OPEN)?;
    let expired_requests = transaction.execute(
        "DELETE FROM pairing_requests WHERE rowid IN (SELECT rowid FROM pairing_requests WHERE ts < ?1 LIMIT ?2)",
        params![now - settings.pairing_ttl_ms, PRUNE_AT_OPEN],
    )?;
    let recovery = Recovery { interrupted, expired_keys, expired_requests, migrated_from: None };
    if recovery == Recovery::default() {
        return Ok(recovery);
    }
    let event = AuditEvent {
        event: "gateway.recovered".to_owned(),
        severity: if recovery.interrupted.is_empty() { "info" } else { "warn" }.to_owned(),
        actor: "gateway".to_owned(),
        ip: None,
        method: None,
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({
            "interruptedRuns": recovery.interrupted.len(),
            "runIds": &recovery.interrupted[..recovery.interrupted.len().min(NAMED_RUNS)],
            "expiredKeys": expired_keys,
            "expiredPairingRequests": expired_requests,
        }),
    };
    let head = chain::append(&transaction, &database.head, now, &event)?;
    chain::save_head(&transaction, &head)?;
    transaction.commit()?;
    database.head = head;
    Ok(recovery)
}
