use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use openclaw_core::Clock;
use openclaw_store::{
    Change, Committed, Error, Idempotency, IdempotentReply, MAX_CHANGES, Opened, Outcome, SessionPatch, Settings,
    Store, Transaction,
};
use serde_json::json;

use crate::support::*;

fn idempotency(key: &str, hash: &str, reply: IdempotentReply) -> Idempotency {
    let (scope, request_hash) = ("device:test sessions.create".to_owned(), hash.to_owned());
    Idempotency { scope, key: key.to_owned(), request_hash, reply, expires_at: START + 1_000 }
}

#[tokio::test]
async fn a_failing_change_takes_the_whole_transaction_with_it() {
    let world = World::new();
    world.create("a").await;
    let patch = SessionPatch { pinned: Some(true), ..SessionPatch::default() };
    let error = world
        .write(vec![
            Change::CreateSession { session: session("b") },
            Change::PatchSession { key: key("a"), patch, create: None },
            append("a", ["one".to_owned()]),
            Change::AcceptRun { run: run("r", "a") },
            Change::CreateSession { session: session("a") },
        ])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }));
    assert_eq!(world.get("b").await, None);
    let a = world.get("a").await.unwrap();
    assert_eq!((a.revision, a.message_count, a.settings.pinned), (1, 0, false));
    assert_eq!(world.store.read(|reader| reader.get_run(&run_id("r"))).await.unwrap(), None);
    assert_eq!(world.store.read(|reader| reader.count_sessions(None, None)).await.unwrap(), 1);
    assert_eq!(world.chain().await, 1);
    assert_eq!(world.change(Change::CreateSession { session: session("b") }).await.map(drop).ok(), Some(()));
    assert_eq!(world.get("b").await.unwrap().revision, 2);
}

#[tokio::test]
async fn one_transaction_gives_one_audit_record_and_one_revision() {
    let world = World::new();
    let committed = world
        .write(vec![Change::CreateSession { session: session("a") }, Change::CreateSession { session: session("b") }])
        .await
        .unwrap();
    assert_eq!((committed.seq, committed.ts, committed.outcomes.len()), (1, START, 2));
    let only_audit = world.write(Vec::new()).await.unwrap();
    assert_eq!((only_audit.seq, only_audit.outcomes), (2, Vec::new()));
    let records = world.store.read(|reader| reader.audit_after(0, 10)).await.unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].event, audit("test.changed"));
    assert_eq!(records[0].prev, "0".repeat(64));
    assert_eq!(records[1].prev, records[0].hash);
    let head = world.store.read(openclaw_store::Reader::audit_head).await.unwrap();
    assert_eq!((head.seq, head.hash_hex()), (2, records[1].hash.clone()));
}

#[tokio::test]
async fn a_repeated_key_happens_once() {
    let world = World::new();
    let create = |name: &str, hash: &str, reply| {
        repeatable(
            vec![Change::CreateSession { session: session(name) }],
            idempotency(&format!("k-{name}"), hash, reply),
        )
    };
    let first = world.store.write(create("a", "h", IdempotentReply::Static(json!({ "ok": true })))).await.unwrap();
    world.clock.advance_ms(7);
    let second = world.store.write(create("a", "h", IdempotentReply::Static(json!("ignored")))).await.unwrap();
    assert_eq!(second, Committed { outcomes: vec![Outcome::Repeated(json!({ "ok": true }))], ..first.clone() });
    assert_eq!(second.repeated(), Some(&json!({ "ok": true })));
    assert_eq!(world.chain().await, 1);

    let error = world.store.write(create("a", "another", IdempotentReply::FromOutcome)).await.unwrap_err();
    assert!(matches!(error, Error::KeyReused { key } if key == "k-a"));

    let first = world.store.write(create("b", "h", IdempotentReply::FromOutcome)).await.unwrap();
    let second = world.store.write(create("b", "h", IdempotentReply::FromOutcome)).await.unwrap();
    assert_eq!(second.first_outcomes().unwrap(), first.outcomes);
    assert!(matches!(&first.outcomes[0], Outcome::Session(made) if made.key == key("b")));

    // A refused request leaves no key behind.
    let refused = create("a", "h", IdempotentReply::FromOutcome);
    let refused = Transaction { idempotency: Some(idempotency("k-c", "h", IdempotentReply::FromOutcome)), ..refused };
    assert!(matches!(world.store.write(refused.clone()).await, Err(Error::Conflict { .. })));
    assert!(matches!(world.store.write(refused).await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn simultaneous_requests_with_one_key_happen_once() {
    let world = World::new();
    let same = || repeatable(vec![append("a", ["x".to_owned()])], idempotency("k", "h", IdempotentReply::FromOutcome));
    world.create("a").await;
    let (a, b, c) = tokio::join!(world.store.write(same()), world.store.write(same()), world.store.write(same()));
    let outcomes: Vec<_> = [a, b, c].into_iter().map(|result| result.unwrap().first_outcomes().unwrap()).collect();
    assert!(outcomes.iter().all(|outcome| *outcome == [Outcome::Messages { first_seq: 1, last_seq: 1 }]));
    assert_eq!(world.get("a").await.unwrap().message_count, 1);
}

#[tokio::test]
async fn an_expired_key_is_new_again_and_is_forgotten() {
    let world = World::new();
    world.create("a").await;
    let say = |key: &str, expires_at| {
        let idempotency = Idempotency { expires_at, ..idempotency(key, "h", IdempotentReply::Static(json!(1))) };
        repeatable(vec![append("a", ["x".to_owned()])], idempotency)
    };
    for n in 0..20 {
        world.store.write(say(&format!("k{n}"), START + 1_000)).await.unwrap();
    }
    world.clock.advance_ms(1_000);
    world.store.write(say("k0", START + 5_000)).await.unwrap();
    assert_eq!(world.get("a").await.unwrap().message_count, 21);
    assert_eq!(world.store.write(say("k0", 0)).await.unwrap().repeated(), Some(&json!(1)));
    // Each commit forgets some; opening forgets the rest.
    let folder = world.closed().await;
    let left = |folder: &tempfile::TempDir| -> i64 {
        let raw = rusqlite::Connection::open(folder.path().join("gateway.sqlite")).unwrap();
        raw.query_row("SELECT count(*) FROM idempotency", [], |row| row.get(0)).unwrap()
    };
    let before = left(&folder);
    assert!((2..=11).contains(&before), "{before}");
    let (clock, _) = Clock::manual(START + 1_000);
    let Opened { store, recovered, .. } = open(folder.path(), clock, Settings::default()).unwrap();
    assert_eq!(recovered.expired_keys as i64, before - 1);
    store.close().await.unwrap();
    assert_eq!(left(&folder), 1);
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_the_limit() {
    let world = World::new();
    world.create("a").await;
    let mut big = transaction(Vec::new());
    big.audit.detail = json!("x".repeat(16 << 10));
    assert!(matches!(world.store.write(big).await, Err(Error::TooLarge { what: "audit event", max: 16_384, .. })));
    let many = vec![append("a", []); MAX_CHANGES + 1];
    assert!(matches!(world.write(many).await, Err(Error::TooLarge { what: "transaction", size: 257, .. })));
    let lines = append("a", (0..=1_024).map(|n| n.to_string()));
    assert!(matches!(world.write(vec![lines]).await, Err(Error::TooLarge { what: "append", .. })));
    let long = idempotency(&"k".repeat(1_025), "h", IdempotentReply::FromOutcome);
    let error = world.store.write(repeatable(Vec::new(), long)).await.unwrap_err();
    assert_eq!(error.to_string(), "idempotency key has 1025, more than the limit of 1024");
    let reply = idempotency("k", "h", IdempotentReply::Static(json!("x".repeat(1 << 20))));
    assert!(matches!(
        world.store.write(repeatable(Vec::new(), reply)).await,
        Err(Error::TooLarge { what: "idempotent reply", .. })
    ));
    assert_eq!(world.chain().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_share_commits_and_lose_nothing() {
    let world = World::new();
    let callers: Vec<_> = (0..64)
        .map(|caller| {
            let store = world.store.clone();
            tokio::task::spawn(async move {
                let name = format!("s{caller}");
                store.write(transaction(vec![Change::CreateSession { session: session(&name) }])).await.unwrap();
                for n in 0..20 {
                    store.write(transaction(vec![append(&name, [format!("{caller}-{n}")])])).await.unwrap();
                    // Somebody always fails in the middle of everybody's batches.
                    assert!(store.write(transaction(vec![append("nobody", []), append(&name, [])])).await.is_err());
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    for caller in 0..64 {
        assert_eq!(world.get(&format!("s{caller}")).await.unwrap().message_count, 20);
    }
    assert_eq!(world.chain().await, 64 * 21);
    let stats = world.store.stats();
    assert_eq!((stats.transactions, stats.refused, stats.queued), (64 * 21, 64 * 20, 0));
    assert!(stats.commits < stats.transactions && stats.largest_batch > 1, "{stats:?}");
}

/// A store whose writer stands still inside a commit for as long as the gate is held: the writer asks the clock there.
fn gated(settings: Settings) -> (Store, Arc<Mutex<()>>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Mutex::new(()));
    let held = Arc::clone(&gate);
    let clock = Clock::from_fn(move || {
        drop(held.lock());
        START
    });
    let Opened { store, .. } = open(folder.path(), clock, settings).unwrap();
    (store, gate, folder)
}

/// Waits until the writer has taken everything that was queued.
async fn until_taken(store: &Store) {
    while store.stats().queued > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "the lock is what makes the writer stand still")]
async fn a_full_queue_refuses_and_recovers() {
    let (store, gate, _folder) = gated(Settings { queue: 2, ..Settings::default() });
    let held = gate.lock().unwrap();
    let mut writes = Vec::new();
    for n in 0..3 {
        let mut write =
            Box::pin(store.write(transaction(vec![Change::EnsureSession { session: session(&n.to_string()) }])));
        assert!(poll_once(&mut write).await.is_none());
        writes.push(write);
        if n == 0 {
            until_taken(&store).await;
        }
    }
    let refused = store.write(transaction(Vec::new())).await.unwrap_err();
    assert!(matches!(refused, Error::Busy { waiting: 2 }) && refused.retryable(), "{refused}");
    drop(held);
    for write in writes {
        write.await.unwrap();
    }
    assert_eq!(store.write(transaction(Vec::new())).await.unwrap().seq, 4);
}

/// Polls once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn detached_records_are_written_or_counted() {
    let (store, gate, _folder) = gated(Settings { detached: 3, ..Settings::default() });
    {
        let _held = gate.lock().unwrap();
        for _ in 0..5 {
            store.write_detached(Transaction { audit: audit("authz.denied"), ..transaction(Vec::new()) });
        }
        assert_eq!((store.stats().dropped, store.stats().detached), (2, 3));
    }
    // A later write comes after them.
    assert_eq!(store.write(transaction(Vec::new())).await.unwrap().seq, 4);
    // One that is refused counts as dropped.
    store.write_detached(transaction(vec![append("nobody", [])]));
    store.write(transaction(Vec::new())).await.unwrap();
    assert_eq!((store.stats().dropped, store.stats().detached), (3, 0));
}

#[tokio::test]
async fn records_that_nobody_awaits_are_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(START);
    let settings = Settings { linger: Duration::from_secs(3600), ..Settings::default() };
    let store = open(folder.path(), clock, settings).unwrap().store;
    let before = store.stats().commits;
    for _ in 0..3 {
        store.write_detached(transaction(Vec::new()));
        until_taken(&store).await;
    }
    assert_eq!(store.stats().commits, before, "they wait for company");
    let awaited = store.write(transaction(Vec::new())).await.unwrap();
    assert_eq!((awaited.seq, store.stats().commits), (4, before + 1), "somebody awaits, so all are synced at once");
}

#[tokio::test]
async fn records_that_nobody_awaits_do_not_wait_for_ever() {
    let world = World::new();
    world.store.write_detached(transaction(Vec::new()));
    while world.store.stats().detached > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.store.stats().transactions, 1);
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "the lock is what makes the writer stand still")]
async fn a_caller_that_gives_up_takes_nothing_back() {
    let (store, gate, _folder) = gated(Settings::default());
    let held = gate.lock().unwrap();
    let mut write = Box::pin(store.write(transaction(vec![Change::CreateSession { session: session("a") }])));
    assert!(poll_once(&mut write).await.is_none());
    drop(write);
    drop(held);
    store.write(transaction(Vec::new())).await.unwrap();
    assert!(store.read(|reader| reader.get_session(&key("a"))).await.unwrap().is_some());
}

#[tokio::test]
async fn closing_writes_what_is_queued_and_refuses_the_rest() {
    let world = World::new();
    world.store.write_detached(transaction(vec![Change::CreateSession { session: session("a") }]));
    let other = world.store.clone();
    let folder = world.closed().await;
    assert!(matches!(other.write(transaction(Vec::new())).await, Err(Error::Closed)));
    assert!(matches!(other.read(|reader| reader.get_session(&key("a"))).await, Err(Error::Closed)));
    other.write_detached(transaction(Vec::new()));
    assert_eq!(other.stats().dropped, 1);
    other.close().await.unwrap();
    assert!(!folder.path().join("gateway.sqlite-wal").exists());
    let (clock, _) = Clock::manual(START);
    let Opened { store, chain_head, .. } = open(folder.path(), clock, Settings::default()).unwrap();
    assert_eq!(chain_head.seq, 1);
    assert!(store.read(|reader| reader.get_session(&key("a"))).await.unwrap().is_some());
}

#[tokio::test]
async fn a_read_that_panics_ends_alone() {
    let world = World::with(Settings { readers: 1, ..Settings::default() });
    let failed = world.store.read(|_| -> Result<(), Error> { panic!("on purpose") }).await.unwrap_err();
    assert!(matches!(failed, Error::Unavailable { .. }));
    assert_eq!(world.get("a").await, None);
    assert_eq!(world.store.stats().reading, 0);
}

#[tokio::test]
async fn reads_see_one_moment_and_are_bounded() {
    let world = World::with(Settings { readers: 1, waiting_reads: 2, ..Settings::default() });
    world.create("a").await;
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let store = world.store.clone();
    let reading = tokio::task::spawn(async move {
        store
            .read(move |reader| {
                let before = reader.count_sessions(None, None)?;
                began.send(()).unwrap();
                wait.recv().unwrap();
                Ok((before, reader.count_sessions(None, None)?))
            })
            .await
    });
    begun.await.unwrap();
    // The writer does not wait for the reader.
    world.create("b").await;
    let mut queued = Box::pin(world.store.read(|reader| reader.count_sessions(None, None)));
    assert!(poll_once(&mut queued).await.is_none());
    let refused = world.store.read(|reader| reader.count_sessions(None, None)).await;
    assert!(matches!(refused, Err(Error::Busy { waiting: 2 })));
    go.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (1, 1));
    assert_eq!(queued.await.unwrap(), 2);
}
