//! Many transactions, one commit.

use rusqlite::{Connection, TransactionBehavior};

use super::Database;
use crate::{
    apply::{self, Applied, Applying},
    chain::{self, ChainHead, Proof},
    change::{Committed, Transaction},
    error::{Error, Fail},
};

/// Expired idempotency keys that each batch forgets beyond as many as it brings.
const PRUNE_MORE: usize = 8;

/// Applies each transaction behind its own savepoint, so that a refused one fails alone, and commits them together. Returns after the
/// `fsync`. When the engine fails the connection is dropped, because nothing about it can be relied on.
pub(super) fn commit<'a>(
    mut database: Database,
    transactions: impl Iterator<Item = &'a Transaction>,
    now: i64,
    pairing_since: i64,
) -> rusqlite::Result<(Database, Vec<Result<Committed, Error>>)> {
    let mut head = database.head.clone();
    let mut results = Vec::with_capacity(transactions.size_hint().0);
    let batch = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut keyed = 0;
    for transaction in transactions {
        keyed += usize::from(transaction.idempotency.is_some());
        let applied = one(&batch, (&database.proof, &head), transaction, now, pairing_since)?;
        results.push(applied.map(|(committed, next)| {
            head = next.unwrap_or_else(|| head.clone());
            committed
        }));
    }
    // Only keys make the table grow, so only they pay for keeping it small.
    if keyed > 0 {
        apply::prune_keys(&batch, now, keyed + PRUNE_MORE)?;
    }
    if head != database.head {
        chain::save_head(&batch, &database.proof, &head)?;
    }
    batch.commit()?;
    database.head = head;
    Ok((database, results))
}

type Single = Result<(Committed, Option<ChainHead>), Error>;

fn one(
    connection: &Connection,
    (proof, head): (&Proof, &ChainHead),
    transaction: &Transaction,
    now: i64,
    pairing_since: i64,
) -> rusqlite::Result<Single> {
    let at = Applying { connection, proof, seq: head.seq + 1, ts: now, pairing_since };
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    let result = match apply::transaction(&at, head, transaction) {
        Ok(Applied::All(committed, next)) => Ok((committed, Some(next))),
        Ok(Applied::Nothing(committed)) => {
            undo(connection)?;
            Ok((committed, None))
        }
        Err(Fail::Refused(error)) => {
            undo(connection)?;
            Err(error)
        }
        Err(Fail::Engine(error)) => return Err(error),
    };
    connection.prepare_cached("RELEASE one")?.execute([])?;
    Ok(result)
}

fn undo(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("ROLLBACK TO one")?.execute([]).map(drop)
}
