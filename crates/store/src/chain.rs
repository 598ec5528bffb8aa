//! The chained audit table: every record holds the hash of the one before, so that a change to any of them shows.

use openclaw_core::record::{AuditEvent, AuditRecord};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    audit_key::AuditKey,
    error::{Error, Fail},
};

/// Most bytes of an audit event's document.
pub const MAX_AUDIT_BYTES: usize = 16 << 10;

/// Separates these hashes from any other use of SHA-256.
const DOMAIN: &[u8] = b"openclaw audit 1";
/// The same for hashes that nobody can make without the key.
const KEYED: &[u8] = b"openclaw audit 2";
/// The same for the proof of where the chain ends.
const SEAL: &[u8] = b"openclaw audit head 1";

type Hash = [u8; 32];

/// What the records of one database are proved with.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) key: AuditKey,
    /// The first record whose hash is keyed. Those before it were written by versions without a key; the key proves that they
    /// are the ones that were there when it was made.
    pub(crate) keyed_from: i64,
}

impl Proof {
    fn link(&self, prev: &Hash, seq: i64, ts: i64, texts: [&str; 3]) -> Hash {
        if seq < self.keyed_from {
            return link(prev, seq, ts, texts);
        }
        let lengths = texts.map(|text| (text.len() as u64).to_be_bytes());
        let (seq, ts) = (seq.to_be_bytes(), ts.to_be_bytes());
        let [event, actor, doc] = texts.map(str::as_bytes);
        self.key.table(&[KEYED, prev, &seq, &ts, &lengths[0], event, &lengths[1], actor, &lengths[2], doc])
    }

    fn seal(&self, head: &ChainHead) -> Hash {
        self.key.table(&[SEAL, &self.keyed_from.to_be_bytes(), &head.seq.to_be_bytes(), &head.hash])
    }
}

/// Number and hash of the newest audit record; 0 and zeros before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainHead {
    /// Number of the newest record.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ChainHead {
    /// The hash in hex, as an [`AuditRecord`] shows it.
    #[must_use]
    pub fn hash_hex(&self) -> String {
        openclaw_core::hex(&self.hash)
    }
}

/// The first audit record that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit record {seq}: {why}")]
pub struct FirstBad {
    /// Its number.
    pub seq: i64,
    /// What is wrong with it.
    pub why: String,
}

/// What of an event is kept as JSON; the rest has columns.
#[derive(Serialize, Deserialize)]
struct Document<S, V> {
    severity: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<S>,
    outcome: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<S>,
    detail: V,
}

/// Checks that the event fits and gives its document.
pub(crate) fn document(event: &AuditEvent) -> Result<String, Error> {
    let document = Document {
        severity: event.severity.as_str(),
        ip: event.ip.as_deref(),
        method: event.method.as_deref(),
        target: event.target.as_deref(),
        outcome: event.outcome.as_str(),
        reason: event.reason.as_deref(),
        detail: &event.detail,
    };
    let text = serde_json::to_string(&document).map_err(|why| Error::invalid(format!("audit event: {why}")))?;
    let size = text.len() + event.event.len() + event.actor.len();
    if size > MAX_AUDIT_BYTES {
        return Err(Error::TooLarge { what: "audit event", size, max: MAX_AUDIT_BYTES });
    }
    Ok(text)
}

/// Adds the record after `head` and gives the new head. The caller stores the head with [`save_head`] before it commits.
pub(crate) fn append(
    connection: &Connection,
    proof: &Proof,
    head: &ChainHead,
    ts: i64,
    event: &AuditEvent,
) -> Result<ChainHead, Fail> {
    let doc = document(event)?;
    let seq = head.seq + 1;
    let hash = proof.link(&head.hash, seq, ts, [&event.event, &event.actor, &doc]);
    connection
        .prepare_cached("INSERT INTO audit(seq, ts, event, actor, doc, prev, hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![seq, ts, event.event, event.actor, doc, head.hash.as_slice(), hash.as_slice()])?;
    Ok(ChainHead { seq, hash })
}

/// Stores where the chain ends, with the proof that whoever wrote it had the key.
pub(crate) fn save_head(connection: &Connection, proof: &Proof, head: &ChainHead) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE audit_head SET seq = ?1, hash = ?2, seal = ?3 WHERE id = 1")?
        .execute(params![head.seq, head.hash.as_slice(), proof.seal(head).as_slice()])?;
    Ok(())
}

/// From which record on hashes are keyed; `None` in a database that no key has sealed yet.
pub(crate) fn keyed_from(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT keyed_from FROM audit_head WHERE id = 1", [], |row| row.get(0))
}

/// Seals a chain that has no keyed record yet.
pub(crate) fn first_seal(connection: &Connection, proof: &Proof, head: &ChainHead) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE audit_head SET keyed_from = ?1, seal = ?2 WHERE id = 1",
        params![proof.keyed_from, proof.seal(head).as_slice()],
    )?;
    Ok(())
}

/// Where the chain is said to end, and whether the key proves that.
fn saved_head(connection: &Connection, proof: Option<&Proof>) -> rusqlite::Result<(ChainHead, bool)> {
    let (seq, hash, seal) = connection.query_row("SELECT seq, hash, seal FROM audit_head WHERE id = 1", [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<Vec<u8>>>(2)?))
    })?;
    let head = ChainHead { seq, hash };
    let proved = proof.is_none_or(|proof| seal.as_deref() == Some(proof.seal(&head).as_slice()));
    Ok((head, proved))
}

/// Compares where the chain ends with where it is said to.
fn ended(saved: (ChainHead, bool), newest: &ChainHead) -> Result<ChainHead, FirstBad> {
    match saved {
        (saved, _) if saved != *newest => Err(ends_wrongly(&saved, newest.seq)),
        (saved, false) => {
            let why = "is not sealed with this gateway's key as the newest one".to_owned();
            Err(FirstBad { seq: saved.seq, why })
        }
        (saved, true) => Ok(saved),
    }
}

/// Reads where the chain ends, and checks that its newest record is there. Without a proof the seal is not looked at.
pub(crate) fn load_head(
    connection: &Connection,
    proof: Option<&Proof>,
) -> Result<Result<ChainHead, FirstBad>, rusqlite::Error> {
    let saved = saved_head(connection, proof)?;
    let newest = connection
        .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .map_or(ChainHead { seq: 0, hash: [0; 32] }, |(seq, hash)| ChainHead { seq, hash });
    Ok(ended(saved, &newest))
}

fn ends_wrongly(head: &ChainHead, newest: i64) -> FirstBad {
    if newest < head.seq {
        FirstBad { seq: newest + 1, why: format!("missing: the newest records up to {} are gone", head.seq) }
    } else if newest > head.seq {
        FirstBad { seq: head.seq + 1, why: "was added without the writer".to_owned() }
    } else {
        FirstBad { seq: newest, why: "is not the record that the chain ended with".to_owned() }
    }
}

/// How far a chain was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The newest record that is proved.
    pub head: ChainHead,
    /// Whether the chain ends there.
    pub whole: bool,
}

/// Recomputes every hash. Gives the number of records, or the first one that is not as it was written.
pub(crate) fn verify(connection: &Connection, proof: &Proof) -> Result<Result<u64, FirstBad>, rusqlite::Error> {
    let proved = verify_after(connection, proof, &ChainHead::default(), usize::MAX)?;
    Ok(proved.map(|proved| u64::try_from(proved.head.seq).unwrap_or_default()))
}

/// Recomputes the hashes of so many records behind `from`, which was proved before.
pub(crate) fn verify_after(
    connection: &Connection,
    proof: &Proof,
    from: &ChainHead,
    most: usize,
) -> Result<Result<Proved, FirstBad>, rusqlite::Error> {
    let sql = "SELECT seq, ts, event, actor, doc, prev, hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare(sql)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![from.seq, limit])?;
    let (mut head, mut records) = (from.clone(), 0);
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let expected = head.seq + 1;
        if seq != expected {
            return Ok(Err(FirstBad { seq: expected, why: format!("missing: the next one is {seq}") }));
        }
        let Some(stored) = Stored::read(row) else {
            return Ok(Err(FirstBad { seq, why: "cannot be read".to_owned() }));
        };
        if stored.prev != head.hash {
            return Ok(Err(FirstBad { seq, why: "does not follow the record before it".to_owned() }));
        }
        if proof.link(&head.hash, seq, stored.ts, [stored.event, stored.actor, stored.doc]) != stored.hash {
            return Ok(Err(FirstBad { seq, why: "was changed after it was written".to_owned() }));
        }
        head = ChainHead { seq, hash: stored.hash };
        records += 1;
    }
    if records == most {
        return Ok(Ok(Proved { head, whole: false }));
    }
    Ok(ended(saved_head(connection, Some(proof))?, &head).map(|head| Proved { head, whole: true }))
}

struct Stored<'a> {
    ts: i64,
    event: &'a str,
    actor: &'a str,
    doc: &'a str,
    prev: Hash,
    hash: Hash,
}

impl<'a> Stored<'a> {
    /// `None` when a column does not hold what it should.
    fn read(row: &'a Row<'_>) -> Option<Self> {
        let text = |index| row.get_ref(index).ok()?.as_str().ok();
        Some(Self {
            ts: row.get(1).ok()?,
            event: text(2)?,
            actor: text(3)?,
            doc: text(4)?,
            prev: row.get(5).ok()?,
            hash: row.get(6).ok()?,
        })
    }
}

/// Turns a row `seq, ts, event, actor, doc, prev, hash` into a record.
pub(crate) fn record(row: &Row<'_>) -> Result<AuditRecord, Error> {
    let doing = Error::sqlite("read an audit record");
    let read = || -> rusqlite::Result<_> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get_ref(4)?.as_str()?, row.get(5)?, row.get(6)?))
    };
    let (seq, ts, event, actor, doc, prev, hash): (i64, i64, String, String, &str, Hash, Hash) =
        read().map_err(doing)?;
    let document: Document<String, Value> =
        serde_json::from_str(doc).map_err(|why| Error::damaged("audit record", why))?;
    Ok(AuditRecord {
        seq,
        ts,
        event: AuditEvent {
            event,
            severity: document.severity,
            actor,
            ip: document.ip,
            method: document.method,
            target: document.target,
            outcome: document.outcome,
            reason: document.reason,
            detail: document.detail,
        },
        prev: openclaw_core::hex(&prev),
        hash: openclaw_core::hex(&hash),
    })
}

/// Hashes the bytes as they are stored, each text after its length, so that no two records give the same bytes.
fn link(prev: &Hash, seq: i64, ts: i64, texts: [&str; 3]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(prev);
    hasher.update(seq.to_be_bytes());
    hasher.update(ts.to_be_bytes());
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests;
