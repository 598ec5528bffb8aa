//! Opening: the newest schema, an intact chain, and an end for what a crash cut off.

use std::path::Path;

use openclaw_core::{Clock, Ids, record::AuditEvent};
use openclaw_protocol::RunId;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::json;

use crate::{
    StateDir, apply,
    audit_key::{AUDIT_KEY_FILE, AuditKey},
    chain::{self, ChainHead, Proof},
    error::{Error, Fail},
    schema,
    sealing::{self, Converted},
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
    /// Content that was sealed or opened, because the configuration says so now.
    pub converted: Converted,
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
    // Before anything is read that may be sealed.
    let converted = sealing::convert(&mut connection, &path, &settings.sealing)?;
    let proof = proof(&mut connection, dir.path(), migrated.from)?;
    let head = chain::load_head(&connection, Some(&proof)).map_err(engine)?.map_err(|bad| corrupt(bad.to_string()))?;
    let mut database = Database { connection, proof, head };
    let mut recovery = recover(&mut database, now, settings, converted).map_err(|fail| match fail {
        Fail::Refused(error) => error,
        Fail::Engine(error) => engine(error),
    })?;
    let newest = schema::MIGRATIONS.last().map_or(0, |migration| migration.version);
    recovery.migrated_from = (migrated.from > 0 && migrated.from < newest).then_some(migrated.from);
    Ok((database, recovery))
}

/// What the audit trail is proved with. A database that no key has sealed is sealed with a new one, but not where a key is
/// already: somebody may have put it there instead of the one that the key proves.
fn proof(connection: &mut Connection, dir: &Path, found_schema: i64) -> Result<Proof, Error> {
    let unproved = |why: &str| Error::Unproved {
        path: dir.join(schema::FILE),
        key: dir.join(AUDIT_KEY_FILE),
        why: why.to_owned(),
    };
    let engine = |error| Error::sqlite("read the audit trail's end")(error);
    let key = AuditKey::read(dir)?;
    let pending = AuditKey::read_pending(dir)?;
    let Some(keyed_from) = chain::keyed_from(connection).map_err(engine)? else {
        let (key, settled) = match (key, pending) {
            // A database that was made just now holds nothing that could be false.
            (Some(key), _) if found_schema == 0 => (key, true),
            (Some(_), _) => {
                return Err(unproved(
                    "no key has sealed it; if you restored a copy from before there was a key, move the key aside",
                ));
            }
            (None, Some(key)) => (key, false),
            (None, None) => (AuditKey::make_pending(dir, &Ids::system())?, false),
        };
        let sealing = Error::sqlite("seal the audit trail");
        let head = chain::load_head(connection, None)
            .map_err(engine)?
            .map_err(|bad| Error::Corrupt { path: dir.join(schema::FILE), why: bad.to_string() })?;
        let proof = Proof { key, keyed_from: head.seq + 1 };
        chain::first_seal(connection, &proof, &head).map_err(sealing)?;
        if !settled {
            AuditKey::settle(dir)?;
        }
        return Ok(proof);
    };
    // A crash between the commit that sealed and the key's name leaves the key under its first name.
    let sealed = |key: AuditKey| -> Result<Option<Proof>, Error> {
        let proof = Proof { key, keyed_from };
        Ok(chain::load_head(connection, Some(&proof)).map_err(engine)?.is_ok().then_some(proof))
    };
    match (key, pending) {
        (Some(key), _) => Ok(Proof { key, keyed_from }),
        (None, Some(key)) => match sealed(key)? {
            Some(proof) => AuditKey::settle(dir).map(|()| proof),
            None => Err(unproved("the key is missing; put it back from a backup")),
        },
        (None, None) => Err(unproved("the key is missing; put it back from a backup")),
    }
}

/// Ends what a crash cut off and forgets what has expired, in one transaction with one audit record when there was anything.
fn recover(database: &mut Database, now: i64, settings: &Settings, converted: Converted) -> Result<Recovery, Fail> {
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let interrupted = apply::interrupt(&transaction, database.head.seq + 1, now)?;
    let expired_keys = apply::prune_keys(&transaction, now, PRUNE_AT_OPEN)?;
    let expired_requests = transaction.execute(
        "DELETE FROM pairing_requests WHERE rowid IN (SELECT rowid FROM pairing_requests WHERE ts < ?1 LIMIT ?2)",
        params![now - settings.pairing_ttl_ms, PRUNE_AT_OPEN],
    )?;
    let recovery = Recovery { interrupted, expired_keys, expired_requests, migrated_from: None, converted };
    if recovery == Recovery::default() {
        return Ok(recovery);
    }
    let event = AuditEvent {
        event: "gateway.recovered".to_owned(),
        // That content was sealed which stood in the open is to be seen: only whoever turned encryption on expects it.
        severity: if recovery.interrupted.is_empty() && recovery.converted.sealed == 0 { "info" } else { "warn" }
            .to_owned(),
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
            "sealedRows": recovery.converted.sealed,
            "openedRows": recovery.converted.opened,
        }),
    };
    let head = chain::append(&transaction, &database.proof, &database.head, now, &event)?;
    chain::save_head(&transaction, &database.proof, &head)?;
    transaction.commit()?;
    database.head = head;
    Ok(recovery)
}
