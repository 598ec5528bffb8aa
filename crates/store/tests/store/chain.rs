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

/// A store with three records that was closed.
async fn three_records() -> tempfile::TempDir {
    let world = World::new();
    for _ in 0..3 {
        world.write(vec![]).await.unwrap();
    }
    world.closed().await
}

fn opened(folder: &tempfile::TempDir) -> Result<openclaw_store::Opened, Error> {
    open(folder.path(), Clock::manual(START).0, Settings::default())
}

fn meddle(folder: &tempfile::TempDir, sql: &str) {
    Connection::open(folder.path().join("gateway.sqlite")).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_tail_that_was_cut_together_with_the_stored_end_is_found() {
    let folder = three_records().await;
    meddle(
        &folder,
        "DELETE FROM audit WHERE seq = 3; UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit WHERE seq = 2)",
    );
    let error = opened(&folder).unwrap_err().to_string();
    assert!(error.contains("audit record 2: is not sealed with this gateway's key"), "{error}");
}

#[tokio::test]
async fn a_trail_that_was_written_anew_without_the_key_is_never_accepted() {
    // Everything that somebody without the key can make: a whole store of their own in place of ours.
    let (ours, theirs) = (three_records().await, three_records().await);
    std::fs::copy(theirs.path().join("gateway.sqlite"), ours.path().join("gateway.sqlite")).unwrap();
    let error = opened(&ours).unwrap_err().to_string();
    assert!(error.contains("is not sealed with this gateway's key"), "{error}");
    // The same, as a store of a version without keys.
    meddle(&ours, "UPDATE audit_head SET keyed_from = NULL, seal = NULL");
    let error = opened(&ours).unwrap_err();
    assert!(matches!(error, Error::Unproved { .. }), "{error}");
    assert!(error.to_string().contains("no key has sealed it"), "{error}");
    // The same, with the point where keyed hashes begin moved behind the end.
    meddle(&theirs, "UPDATE audit_head SET keyed_from = 100");
    assert!(opened(&theirs).unwrap_err().to_string().contains("is not sealed"));
}

#[tokio::test]
async fn a_store_from_before_keys_is_sealed_as_it_is_and_goes_on_with_keyed_records() {
    let folder = three_records().await;
    // An old store's records are not keyed; here they count as such, as far as opening is concerned.
    meddle(&folder, "UPDATE audit_head SET keyed_from = NULL, seal = NULL");
    std::fs::remove_file(folder.path().join(openclaw_store::AUDIT_KEY_FILE)).unwrap();
    drop(opened(&folder).unwrap());
    let raw = Connection::open(folder.path().join("gateway.sqlite")).unwrap();
    let (from, sealed): (i64, bool) = raw
        .query_row("SELECT keyed_from, seal IS NOT NULL FROM audit_head", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((from, sealed), (4, true));
    assert!(folder.path().join(openclaw_store::AUDIT_KEY_FILE).exists());
}

#[tokio::test]
async fn without_its_key_a_store_does_not_open_and_a_key_that_lost_its_name_in_a_crash_gets_it_back() {
    let folder = three_records().await;
    let (key, pending) = (folder.path().join("audit.key"), folder.path().join("audit.key.new"));
    std::fs::rename(&key, &pending).unwrap();
    drop(opened(&folder).unwrap());
    assert!(key.exists() && !pending.exists());
    std::fs::remove_file(&key).unwrap();
    let error = opened(&folder).unwrap_err().to_string();
    assert!(error.contains("the key is missing; put it back from a backup"), "{error}");
}

#[tokio::test]
async fn a_key_that_others_can_read_or_that_is_a_link_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = three_records().await;
    let key = folder.path().join("audit.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(opened(&folder).unwrap_err().to_string().contains("can be read or written by others"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&key, folder.path().join("audit.elsewhere")).unwrap();
    symlink(folder.path().join("audit.elsewhere"), &key).unwrap();
    assert!(opened(&folder).is_err());
    std::fs::remove_file(&key).unwrap();
    std::fs::write(&key, "short").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(opened(&folder).unwrap_err().to_string().contains("holds no key"));
}
