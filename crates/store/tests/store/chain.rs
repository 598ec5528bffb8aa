use openclaw_core::Clock;
use openclaw_store::{Error, FirstBad, Settings};
use rusqlite::Connection;

use crate::support::*;

/// Writes ten records, changes the database behind the store's back while it is open, and verifies.
async fn verify_after(meddle: &str) -> FirstBad {
    let world = World::new();
    for n in 0..10 {
        world.write(vec![]).await.unwrap();
        assert_eq!(world.chain().await, n + 1);
    }
    let raw = Connection::open(world.folder.path().join("gateway.sqlite")).unwrap();
    raw.execute_batch(meddle).unwrap();
    world.store.read(openclaw_store::Reader::verify_chain).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn a_flipped_byte_is_found() {
    for (column, value) in [
        ("doc", "replace(doc, 'info', 'inf0')"),
        ("actor", "'device:else'"),
        ("event", "'test.change' || 'e'"),
        ("ts", "ts + 1"),
        ("hash", "zeroblob(32)"),
    ] {
        let bad = verify_after(&format!("UPDATE audit SET {column} = {value} WHERE seq = 4")).await;
        assert_eq!((bad.seq, bad.why.as_str()), (4, "was changed after it was written"), "{column}");
    }
    let bad = verify_after("UPDATE audit SET prev = zeroblob(32) WHERE seq = 4").await;
    assert_eq!((bad.seq, bad.why.as_str()), (4, "does not follow the record before it"));
    let bad = verify_after("UPDATE audit SET hash = x'00' WHERE seq = 4").await;
    assert_eq!((bad.seq, bad.why.as_str()), (4, "cannot be read"));
}

#[tokio::test]
async fn a_text_moved_between_columns_is_found() {
    let bad = verify_after("UPDATE audit SET event = event || 'd', actor = substr(actor, 2) WHERE seq = 3").await;
    assert_eq!(bad.seq, 3);
}

#[tokio::test]
async fn a_deleted_record_is_found() {
    let bad = verify_after("DELETE FROM audit WHERE seq = 1").await;
    assert_eq!(bad.to_string(), "audit record 1: missing: the next one is 2");
    let bad = verify_after("DELETE FROM audit WHERE seq BETWEEN 5 AND 6").await;
    assert_eq!(bad.to_string(), "audit record 5: missing: the next one is 7");
    let bad = verify_after("DELETE FROM audit WHERE seq = 10").await;
    assert_eq!(bad.to_string(), "audit record 10: missing: the newest records up to 10 are gone");
}

#[tokio::test]
async fn reordered_records_are_found() {
    let swap = "UPDATE audit SET seq = 99 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 7; UPDATE audit SET seq = 7 WHERE seq = 99";
    let bad = verify_after(swap).await;
    assert_eq!((bad.seq, bad.why.as_str()), (6, "does not follow the record before it"));
}

#[tokio::test]
async fn an_added_record_is_found() {
    let add = "INSERT INTO audit SELECT 11, ts, event, actor, doc, hash, hash FROM audit WHERE seq = 10";
    assert_eq!(verify_after(add).await.seq, 11);
}

#[tokio::test]
async fn a_store_whose_chain_was_cut_does_not_open() {
    for meddle in [
        "DELETE FROM audit WHERE seq = 2",
        "UPDATE audit_head SET seq = 1",
        "UPDATE audit_head SET hash = zeroblob(32)",
    ] {
        let world = World::new();
        world.write(vec![]).await.unwrap();
        world.write(vec![]).await.unwrap();
        let folder = world.closed().await;
        Connection::open(folder.path().join("gateway.sqlite")).unwrap().execute_batch(meddle).unwrap();
        let (clock, _) = Clock::manual(START);
        let error = open(folder.path(), clock, Settings::default()).unwrap_err();
        assert!(matches!(&error, Error::Corrupt { .. }) && error.to_string().contains("audit record 2"), "{error}");
    }
}
