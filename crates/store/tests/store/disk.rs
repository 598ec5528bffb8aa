use std::{
    fs,
    os::unix::fs::{FileExt, PermissionsExt},
};

use openclaw_core::Clock;
use openclaw_store::{Change, Error, Opened, Outcome, Settings, StateDir};
use rusqlite::Connection;

use crate::support::*;

async fn fill(world: &World, name: &str) -> Error {
    for n in 0..10_000 {
        if let Err(error) = world.change(append(name, [format!("{n}{}", "x".repeat(4_000))])).await {
            return error;
        }
    }
    panic!("the database never got full");
}

#[tokio::test]
async fn a_full_database_refuses_and_recovers_when_there_is_room() {
    let world = World::with(Settings { max_pages: Some(200), ..Settings::default() });
    world.create("big").await;
    let error = fill(&world, "big").await;
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("full")) && error.retryable(), "{error}");
    let stats = world.store.stats();
    assert!(stats.failed_commits == 1 && stats.fatal.is_none(), "{stats:?}");
    // Reading goes on, and nothing of the failed write is there.
    let before = world.get("big").await.unwrap();
    let records = world.chain().await;
    assert_eq!((before.message_count + 1, before.revision), (records, i64::try_from(records).unwrap()));
    assert!(world.change(append("big", ["x".repeat(4_000)])).await.is_err());
    // Making room is possible, and then everything is as before.
    let delete = Change::DeleteSession { key: key("big"), keep_transcript: false };
    assert_eq!(world.change(delete).await.unwrap(), Outcome::Deleted(true));
    world.create("small").await;
    assert_eq!(world.chain().await, records + 2);
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_never_written_again() {
    let world = World::new();
    world.create("a").await;
    world.change(append("a", (0..1_000).map(|n| format!("{n}{}", "x".repeat(500))))).await.unwrap();
    let folder = world.closed().await;
    let path = folder.path().join("gateway.sqlite");
    let root = |name: &str| -> i64 {
        let raw = Connection::open(&path).unwrap();
        raw.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0)).unwrap()
    };
    let page = root("messages_by_seq");
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0xff; 4_096], u64::try_from(page - 1).unwrap() * 4_096).unwrap();
    let (clock, _) = Clock::manual(START);
    let Opened { store, .. } = open(folder.path(), clock, Settings::default()).unwrap();
    let error = store.write(transaction(vec![append("a", ["one".to_owned()])])).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }) && !error.retryable(), "{error}");
    assert!(store.stats().fatal.is_some());
    let error = store.write(transaction(vec![])).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_of_ours_is_left_alone() {
    let (clock, _) = Clock::manual(START);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite");
    fs::write(&path, "this is a text that somebody put here, and it is longer than one hundred bytes, so that it is read as a header").unwrap();
    assert!(matches!(open(folder.path(), clock.clone(), Settings::default()), Err(Error::Corrupt { .. })));
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs(x); PRAGMA user_version = 1").unwrap();
    let error = open(folder.path(), clock, Settings::default()).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_name() {
    let folder = World::new().closed().await;
    let path = folder.path().join("gateway.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let (clock, _) = Clock::manual(START);
    let error = open(folder.path(), clock, Settings::default()).unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn files_are_private() {
    let world = World::new();
    world.create("a").await;
    world.get("a").await;
    for entry in fs::read_dir(world.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    let folder = world.closed().await;
    let path = folder.path().join("gateway.sqlite");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (clock, _) = Clock::manual(START);
    let _opened = open(folder.path(), clock, Settings::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_claim_lasts_as_long_as_the_store() {
    let world = World::new();
    let path = world.folder.path().to_owned();
    let error = StateDir::claim(&path).unwrap_err();
    assert!(matches!(&error, Error::Locked { .. }) && error.to_string().contains("stop it first"), "{error}");
    let _folder = world.closed().await;
    StateDir::claim(&path).unwrap();
}
