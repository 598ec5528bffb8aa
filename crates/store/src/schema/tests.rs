use super::*;

const NEXT: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../migrations/001_first.sql") },
    Migration { version: 2, sql: "ALTER TABLE settings ADD COLUMN note TEXT" },
    Migration { version: 3, sql: "INSERT INTO settings(name, value, note) VALUES('migrated', 'true', 'yes')" },
];
const BROKEN: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../migrations/001_first.sql") },
    Migration { version: 2, sql: "CREATE TABLE half(x); SELECT * FROM nowhere" },
];

fn version(connection: &Connection) -> i64 {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

/// A database of schema 1 with something in it.
fn first() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = writer(&folder.path().join(FILE), &Settings::default()).unwrap();
    assert_eq!(prepare(&mut connection, folder.path(), &MIGRATIONS[..1], 1).unwrap(), Migrated { from: 0 });
    connection.execute("INSERT INTO settings VALUES('kept', '1')", []).unwrap();
    (folder, connection)
}

fn snapshots(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.join(SNAPSHOTS)) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_writer_syncs_every_commit() {
    let (_folder, connection) = first();
    for (name, expected) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("wal_autocheckpoint", "4000"),
        ("journal_size_limit", "67108864"),
        ("cache_size", "-4096"),
        ("temp_store", "2"),
        ("busy_timeout", "5000"),
        ("mmap_size", "0"),
        ("page_size", "4096"),
    ] {
        let value =
            connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        let value = match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(value, expected, "{name}");
    }
}

#[test]
fn a_new_database_gets_the_newest_schema_without_snapshots() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = writer(&folder.path().join(FILE), &Settings::default()).unwrap();
    prepare(&mut connection, folder.path(), MIGRATIONS, 1).unwrap();
    assert_eq!(version(&connection), MIGRATIONS.last().unwrap().version);
    assert!(snapshots(folder.path()).is_empty());
}

#[test]
fn each_step_is_taken_behind_a_private_snapshot() {
    let (folder, mut connection) = first();
    assert_eq!(prepare(&mut connection, folder.path(), NEXT, 7).unwrap(), Migrated { from: 1 });
    assert_eq!(version(&connection), 3);
    let note: String =
        connection.query_row("SELECT note FROM settings WHERE name = 'migrated'", [], |row| row.get(0)).unwrap();
    assert_eq!(note, "yes");
    assert_eq!(
        snapshots(folder.path()),
        ["gateway-schema0001-000000000000007.sqlite", "gateway-schema0002-000000000000007.sqlite"]
    );
    for (name, schema) in snapshots(folder.path()).into_iter().zip(1..) {
        let path = folder.path().join(SNAPSHOTS).join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let copy = Connection::open(path).unwrap();
        assert_eq!(version(&copy), schema);
        let kept: String =
            copy.query_row("SELECT value FROM settings WHERE name = 'kept'", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "1");
    }
    assert_eq!(fs::metadata(folder.path().join(SNAPSHOTS)).unwrap().permissions().mode() & 0o777, 0o700);
    // Nothing is left to do.
    assert_eq!(prepare(&mut connection, folder.path(), NEXT, 8).unwrap(), Migrated { from: 3 });
    assert_eq!(snapshots(folder.path()).len(), 2);
}

#[test]
fn a_step_that_fails_leaves_the_database_as_it_was() {
    let (folder, mut connection) = first();
    let error = prepare(&mut connection, folder.path(), BROKEN, 7).unwrap_err();
    assert!(matches!(error, Error::Sqlite { doing: "migrate the database", .. }), "{error}");
    assert_eq!(version(&connection), 1);
    let half: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'", [], |row| row.get(0)).unwrap();
    assert_eq!(half, 0);
    assert_eq!(snapshots(folder.path()).len(), 1);
}

#[test]
fn the_last_three_snapshots_are_kept() {
    let (folder, connection) = first();
    for now in 1..=5 {
        snapshot(&connection, folder.path(), 1, now).unwrap();
    }
    let expected: Vec<_> = (3..=5).map(|now| format!("gateway-schema0001-{now:015}.sqlite")).collect();
    assert_eq!(snapshots(folder.path()), expected);
}

#[test]
fn a_newer_schema_is_refused() {
    let (folder, mut connection) = first();
    prepare(&mut connection, folder.path(), NEXT, 7).unwrap();
    let error = prepare(&mut connection, folder.path(), &MIGRATIONS[..1], 8).unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 3, known: 1, .. }), "{error}");
}

#[test]
fn lookups_use_their_indexes() {
    let (_folder, connection) = first();
    for (query, plan) in [
        (
            "SELECT * FROM sessions WHERE NULL IS NULL AND revision < 9 ORDER BY revision DESC",
            "sessions_by_revision (revision<?)",
        ),
        (
            "SELECT * FROM sessions WHERE agent = 'a' AND revision < 9 ORDER BY revision DESC",
            "sessions_by_agent (agent=? AND revision<?)",
        ),
        ("SELECT * FROM sessions WHERE session_id = 'a'", "sessions_by_id (session_id=?)"),
        ("SELECT * FROM sessions WHERE label = 'a'", "sessions_by_label (label=?)"),
        (
            "SELECT * FROM messages WHERE transcript = 1 AND seq > 1 AND seq < 9 ORDER BY seq DESC LIMIT 2",
            "messages_by_seq",
        ),
        ("SELECT run_id FROM runs WHERE ended IS NULL ORDER BY id", "runs_unfinished"),
        ("SELECT * FROM runs WHERE session_key = 'a' ORDER BY id DESC LIMIT 2", "runs_by_session (session_key=?)"),
        ("SELECT rowid FROM idempotency WHERE expires <= 1 LIMIT 2", "idempotency_by_expiry (expires<?)"),
        (
            "SELECT * FROM transcripts WHERE session_key = 'a' AND ended IS NOT NULL ORDER BY id",
            "transcripts_archived (session_key=?)",
        ),
        ("SELECT * FROM audit WHERE seq > 1 ORDER BY seq LIMIT 9", "INTEGER PRIMARY KEY (rowid>?)"),
    ] {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let steps = statement
            .query_map([], |row| row.get::<_, String>(3))
            .unwrap()
            .collect::<Result<Vec<_>, _>>()
            .unwrap()
            .join("; ");
        assert!(steps.contains(plan) && !steps.contains("TEMP B-TREE"), "{query}: {steps}");
    }
}

#[test]
fn what_earlier_turns_used_is_taken_over() {
    let (folder, mut connection) = first();
    let outcome = |total: u64, cost: &str| {
        format!(
            r#"{{"provider":"p","model":"m","durationMs":7,"usage":{{"input":{total},"output":0,"cacheRead":0,"cacheWrite":0,"totalTokens":{total}{cost}}}}}"#
        )
    };
    let run = |id: &str, key: &str, state: &str, ended: i64, outcome: &str| {
        connection
            .execute(
                "INSERT INTO runs(run_id, session_key, principal, request_hash, state, accepted, started, ended, outcome)
                 VALUES(?1, ?2, 'p', 'h', ?3, 1, 2, ?4, ?5)",
                rusqlite::params![id, key, state, ended, outcome],
            )
            .unwrap();
    };
    run("a", "agent:old:main", "final", 1_000_000, &outcome(10, r#","cost":{"total":0.5}"#));
    // Two messages that were answered together.
    run("b", "agent:old:main", "final", 1_000_001, &outcome(20, ""));
    run("c", "agent:old:main", "final", 1_000_001, &outcome(20, ""));
    run("d", "global", "error", 1_000_002, &outcome(0, ""));
    run("e", "agent:old:main", "aborted", 1_000_003, r#"{"status":"error","error":"dropped"}"#);
    prepare(&mut connection, folder.path(), MIGRATIONS, 2).unwrap();
    let sums = |agent: &str| -> (i64, i64, i64, i64, f64) {
        connection
            .query_row(
                "SELECT sum(runs), sum(total), sum(asked), sum(failed), sum(cost) FROM usage_slots WHERE agent = ?1",
                [agent],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
            )
            .unwrap()
    };
    assert_eq!(sums("old"), (2, 30, 3, 0, 0.5));
    assert_eq!(sums("main"), (1, 0, 1, 1, 0.0));
}
