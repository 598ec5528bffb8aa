//! Content that is sealed: nothing of it is in the files, everything works as without, and nothing opens elsewhere.

use std::{fs, path::Path};

use openclaw_core::{Clock, Ids, record::RunState};
use openclaw_protocol::SessionKey;
use openclaw_seal::{Cipher, Derivation, KeyRing, Means, Protection, Sealer, Use};
use openclaw_store::{Change, Converted, Error, LineQuery, MessageQuery, Sealing, SessionPatch, Settings, Store};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::support::*;

const SAID: &str = "the heron stands in the reeds";

fn sealer(folder: &Path, cipher: Cipher) -> Sealer {
    let ids = Ids::system();
    let keys =
        KeyRing::of(folder).ensure(&Means::default(), &Protection::Usual, Derivation::default(), &ids, START).unwrap();
    Sealer::new(&keys, &ids, Use::Database, cipher)
}

fn sealed(folder: &Path) -> Settings {
    let sealer = sealer(folder, Cipher::Gcm);
    let sealing = Sealing { opener: Some(sealer.clone()), documents: Some(sealer), messages: None };
    Settings { sealing, ..Settings::default() }
}

fn opening(folder: &Path) -> Settings {
    Settings {
        sealing: Sealing { opener: Some(sealer(folder, Cipher::Gcm)), ..Sealing::default() },
        ..Settings::default()
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn started(folder: &Path, settings: Settings) -> (Store, Converted) {
    let (clock, _) = Clock::manual(START);
    let opened = open(folder, clock, settings).unwrap();
    (opened.store, opened.recovered.converted)
}

/// Something in every kind of content that is easily made.
async fn fill(store: &Store, lines: usize) {
    let texts = (0..lines).map(|n| format!("{SAID} {n}"));
    let settings = SessionPatch { model: Some(Some("heron/model".to_owned())), ..SessionPatch::default() };
    let changes = vec![
        Change::CreateSession { session: session("a") },
        Change::PatchSession { key: key("a"), patch: settings, create: None },
        Change::PutSetting { name: "note".to_owned(), value: json!({ "text": "heron in a setting" }) },
        Change::AcceptRun { run: run("r", "a") },
        Change::StartRun { run_id: run_id("r"), at: START },
        Change::EndRun {
            run_id: run_id("r"),
            state: RunState::Final,
            at: START,
            outcome: Some(json!({ "text": "heron in an outcome" })),
        },
    ];
    store.write(transaction(changes)).await.unwrap();
    for chunk in texts.collect::<Vec<_>>().chunks(100) {
        store.write(transaction(vec![append("a", chunk.iter().cloned())])).await.unwrap();
    }
}

async fn check(store: &Store, lines: usize) {
    let newest = store.read(|reader| reader.messages(&key("a"), &MessageQuery { limit: 1, ..MessageQuery::default() }));
    assert_eq!(newest.await.unwrap()[0].body["content"], format!("{SAID} {}", lines - 1));
    let found = store.read(|reader| {
        reader.find_lines(&LineQuery { limit: 3, ..LineQuery::default() }, |body| body.contains("heron"))
    });
    assert_eq!(found.await.unwrap().lines.len(), 3.min(lines), "search looks into what is sealed");
    let run = store.read(|reader| reader.get_run(&run_id("r"))).await.unwrap().unwrap();
    assert_eq!(run.outcome, Some(json!({ "text": "heron in an outcome" })));
    let setting = store.read(|reader| reader.setting("note")).await.unwrap().unwrap();
    assert_eq!(setting["text"], "heron in a setting");
    let session = store.read(|reader| reader.get_session(&key("a"))).await.unwrap().unwrap();
    assert_eq!(session.settings.model.as_deref(), Some("heron/model"));
    assert!(store.read(openclaw_store::Reader::verify_chain).await.unwrap().is_ok());
}

/// Whether any file of the database holds the word.
fn holds(folder: &Path, word: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("gateway.sqlite"))
        .any(|path| fs::read(path).unwrap().windows(word.len()).any(|window| window == word.as_bytes()))
}

fn meddle(folder: &Path, sql: &str) {
    Connection::open(folder.join("gateway.sqlite")).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn what_is_sealed_is_in_no_file_and_works_as_before() {
    let folder = folder();
    let (store, converted) = started(folder.path(), sealed(folder.path()));
    assert_eq!(converted, Converted::default(), "there was nothing to convert");
    fill(&store, 50).await;
    check(&store, 50).await;
    assert!(!holds(folder.path(), "heron"), "neither in the database nor in its log");
    store.close().await.unwrap();
    assert!(!holds(folder.path(), "heron"));
    let (store, converted) = started(folder.path(), sealed(folder.path()));
    assert_eq!(converted, Converted::default());
    check(&store, 50).await;
}

#[tokio::test]
async fn turning_it_on_and_off_converts_what_is_there() {
    let folder = folder();
    let (store, _) = started(folder.path(), Settings::default());
    fill(&store, 1_700).await;
    store.close().await.unwrap();
    assert!(holds(folder.path(), "heron"));
    let (store, converted) = started(folder.path(), sealed(folder.path()));
    assert!(converted.sealed >= 1_703 && converted.opened == 0, "{converted:?}");
    check(&store, 1_700).await;
    store.close().await.unwrap();
    assert!(!holds(folder.path(), "heron"), "nothing is left in pages that nobody uses");
    let (store, converted) = started(folder.path(), opening(folder.path()));
    assert!(converted.opened >= 1_703 && converted.sealed == 0, "{converted:?}");
    check(&store, 1_700).await;
    store.close().await.unwrap();
    let (store, converted) = started(folder.path(), Settings::default());
    assert_eq!(converted, Converted::default(), "without any key, as if it had never been sealed");
    check(&store, 1_700).await;
}

#[tokio::test]
async fn messages_are_sealed_alone_and_in_block_chaining_when_that_is_configured() {
    let folder = folder();
    let sealer = sealer(folder.path(), Cipher::Cbc);
    let sealing = Sealing { opener: Some(sealer.clone()), documents: None, messages: Some(sealer) };
    let (store, _) = started(folder.path(), Settings { sealing, ..Settings::default() });
    fill(&store, 5).await;
    check(&store, 5).await;
    store.close().await.unwrap();
    assert!(!holds(folder.path(), SAID) && !holds(folder.path(), "heron in an outcome"));
    assert!(holds(folder.path(), "heron in a setting"), "the rest is in the open");
    assert!(holds(folder.path(), "enc:c1:"));
    // Everything in Galois counter mode: the messages are sealed anew, the rest for the first time.
    let (store, converted) = started(folder.path(), sealed_all(folder.path()));
    assert!(converted.sealed > 5, "{converted:?}");
    check(&store, 5).await;
    store.close().await.unwrap();
    assert!(!holds(folder.path(), "heron") && !holds(folder.path(), "enc:c1:"));
}

fn sealed_all(folder: &Path) -> Settings {
    sealed(folder)
}

#[tokio::test]
async fn a_row_that_was_moved_changed_or_written_in_the_open_is_refused_by_name() {
    let folder = folder();
    let (store, _) = started(folder.path(), sealed(folder.path()));
    fill(&store, 3).await;
    store.close().await.unwrap();
    let whole = fs::read(folder.path().join("gateway.sqlite")).unwrap();
    for sql in [
        "UPDATE messages SET body = (SELECT body FROM messages WHERE seq = 1) WHERE seq = 3",
        "UPDATE messages SET body = (SELECT outcome FROM runs) WHERE seq = 3",
        "UPDATE messages SET body = '{\"role\":\"user\",\"content\":\"not said\"}' WHERE seq = 3",
        "UPDATE messages SET body = substr(body, 1, length(body) - 4) || 'AAAA' WHERE seq = 3",
    ] {
        meddle(folder.path(), sql);
        let (store, _) = started(folder.path(), sealed(folder.path()));
        let read =
            store.read(|reader| reader.messages(&key("a"), &MessageQuery { limit: 1, ..MessageQuery::default() }));
        let error = read.await.unwrap_err();
        assert!(
            matches!(&error, Error::Damaged { what: "message", why } if why.contains("not as it was sealed")),
            "{error}"
        );
        let first = store.read(|reader| {
            reader.messages(&key("a"), &MessageQuery { before_seq: Some(2), limit: 1, ..MessageQuery::default() })
        });
        assert_eq!(first.await.unwrap().len(), 1, "others are read all the same");
        store.close().await.unwrap();
        fs::write(folder.path().join("gateway.sqlite"), &whole).unwrap();
    }
    // What is written to meets it as a refusal of that change, not as the end of the store.
    meddle(folder.path(), "UPDATE settings SET value = '{}' WHERE name = 'note'");
    let (store, _) = started(folder.path(), sealed(folder.path()));
    let entries = json!({ "a": 1 }).as_object().unwrap().clone();
    let merge = Change::MergeSetting { name: "note".to_owned(), entries, expected: serde_json::Map::new(), most: 9 };
    store.write(transaction(vec![merge])).await.unwrap_err();
    store.write(transaction(vec![append("a", ["more".to_owned()])])).await.unwrap();
}

#[tokio::test]
async fn without_its_key_a_sealed_store_does_not_open_and_says_which() {
    let folder = folder();
    let (store, _) = started(folder.path(), sealed(folder.path()));
    fill(&store, 3).await;
    store.close().await.unwrap();
    let before = fs::read(folder.path().join("gateway.sqlite")).unwrap();
    let (clock, _) = Clock::manual(START);
    let error = open(folder.path(), clock.clone(), Settings::default()).unwrap_err();
    assert!(
        matches!(&error, Error::Sealed { .. }) && error.to_string().contains("OPENCLAW_STATE_PASSPHRASE"),
        "{error}"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let error = open(folder.path(), clock, sealed(elsewhere.path())).unwrap_err();
    assert!(matches!(error, Error::Sealed { .. }), "{error}");
    assert!(fs::read(folder.path().join("gateway.sqlite")).unwrap() == before, "nothing was changed");
}

#[tokio::test]
async fn a_conversion_that_was_cut_off_goes_on_wherever_it_was_even_the_other_way() {
    let folder = folder();
    let (store, _) = started(folder.path(), Settings::default());
    fill(&store, 1_200).await;
    store.close().await.unwrap();
    let sealer = sealer(folder.path(), Cipher::Gcm);
    // As a crash leaves it: some rows are sealed, and how far it came is with them.
    let cut = |through: i64| {
        let mut connection = Connection::open(folder.path().join("gateway.sqlite")).unwrap();
        let transaction = connection.transaction().unwrap();
        let rows: Vec<(i64, String, String)> = transaction
            .prepare("SELECT id, message_id, body FROM messages WHERE id <= ?1")
            .unwrap()
            .query_map([through], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for (id, name, body) in rows {
            let body = sealer.seal(&format!("messages.body {name}"), &body);
            transaction.execute("UPDATE messages SET body = ?2 WHERE id = ?1", (id, body)).unwrap();
        }
        let form = format!("gcm:{}", sealer.kid());
        transaction
            .execute("INSERT OR REPLACE INTO sealing VALUES('messages.body', 'plain', ?1, ?2)", (form, through))
            .unwrap();
        transaction.commit().unwrap();
    };
    cut(500);
    let (store, converted) = started(folder.path(), sealed(folder.path()));
    assert!(converted.sealed >= 700, "{converted:?}");
    check(&store, 1_200).await;
    store.close().await.unwrap();
    let (store, _) = started(folder.path(), opening(folder.path()));
    store.close().await.unwrap();
    // Begun, and by now unwanted.
    cut(700);
    let (store, _) = started(folder.path(), opening(folder.path()));
    check(&store, 1_200).await;
    store.close().await.unwrap();
    assert!(!holds(folder.path(), "enc:v1:"));
}

#[tokio::test]
async fn text_that_looks_sealed_survives_both_ways() {
    let folder = folder();
    let key = SessionKey::new("agent:main:a").unwrap();
    let tell = openclaw_store::cron::CronChange::Tell {
        session_key: key.clone(),
        text: "enc:v1:abc:def".to_owned(),
        at: START,
    };
    let (store, _) = started(folder.path(), Settings::default());
    store.write(transaction(vec![Change::Cron(tell)])).await.unwrap();
    store.close().await.unwrap();
    for settings in [sealed(folder.path()), opening(folder.path()), Settings::default()] {
        let (store, _) = started(folder.path(), settings);
        let key = key.clone();
        let told = store.read(move |reader| reader.system_events(&key)).await.unwrap();
        assert_eq!(told[0].text, "enc:v1:abc:def");
        store.close().await.unwrap();
    }
}
