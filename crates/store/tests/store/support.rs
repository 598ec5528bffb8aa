//! A store in a temporary folder, and records to put into it.

use std::path::Path;

use openclaw_core::{
    Clock, Ids, ManualClock,
    record::{AuditEvent, Run, RunState, Session, SessionSettings, Totals},
};
use openclaw_protocol::{AgentId, RunId, SessionKey};
use openclaw_store::{
    Change, Committed, Error, Idempotency, NewMessage, Opened, Outcome, Settings, StateDir, Store, Transaction,
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const START: i64 = 1_800_000_000_000;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, hands) = Clock::manual(START);
        let Opened { store, .. } = open(folder.path(), clock, settings).unwrap();
        Self { store, clock: hands, folder }
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Outcome, Error> {
        let mut committed = self.store.write(transaction(vec![change])).await?;
        assert_eq!(committed.outcomes.len(), 1);
        Ok(committed.outcomes.remove(0))
    }

    pub(crate) async fn write(&self, changes: Vec<Change>) -> Result<Committed, Error> {
        self.store.write(transaction(changes)).await
    }

    pub(crate) async fn create(&self, name: &str) -> Session {
        match self.change(Change::CreateSession { session: session(name) }).await.unwrap() {
            Outcome::Session(session) => session,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn get(&self, name: &str) -> Option<Session> {
        let key = key(name);
        self.store.read(move |reader| reader.get_session(&key)).await.unwrap()
    }

    pub(crate) async fn chain(&self) -> u64 {
        self.store.read(openclaw_store::Reader::verify_chain).await.unwrap().unwrap()
    }

    /// Closes the store, lets `meddle` at the database, and gives the folder back.
    pub(crate) async fn closed(self) -> TempDir {
        self.store.close().await.unwrap();
        self.folder
    }
}

pub(crate) fn open(path: &Path, clock: Clock, settings: Settings) -> Result<Opened, Error> {
    // The writer's thread keeps the claim for a moment after its last answer.
    let dir = (0..2_000)
        .find_map(|_| match StateDir::claim(path) {
            Err(Error::Locked { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(1));
                None
            }
            other => Some(other),
        })
        .expect("the folder is free within two seconds")?;
    Store::open(&dir, clock, settings)
}

pub(crate) fn key(name: &str) -> SessionKey {
    SessionKey::new(format!("agent:main:{name}")).unwrap()
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

pub(crate) fn run_id(name: &str) -> RunId {
    RunId::new(name).unwrap()
}

/// The same name gives the same identifier.
pub(crate) fn uuid(name: &str) -> Uuid {
    let seed =
        name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(byte)));
    Ids::seeded(seed).uuid()
}

pub(crate) fn session(name: &str) -> Session {
    Session {
        key: key(name),
        session_id: uuid(name),
        agent_id: agent("main"),
        label: None,
        created_at: START,
        updated_at: START,
        revision: 0,
        message_count: 0,
        settings: SessionSettings::default(),
        totals: Totals::default(),
        aborted_last_run: false,
    }
}

pub(crate) fn labelled(name: &str, label: &str) -> Session {
    Session { label: Some(label.to_owned()), ..session(name) }
}

pub(crate) fn message(text: &str) -> NewMessage {
    NewMessage { id: uuid(text), run_id: None, body: json!({ "role": "user", "content": text }) }
}

pub(crate) fn append(name: &str, texts: impl IntoIterator<Item = String>) -> Change {
    let messages = texts.into_iter().map(|text| message(&text)).collect();
    Change::AppendMessages { key: key(name), messages, totals_add: Totals::default(), aborted_last_run: None }
}

pub(crate) fn run(name: &str, session: &str) -> Run {
    Run {
        run_id: run_id(name),
        session_key: key(session),
        principal: "device:test".to_owned(),
        request_hash: "abc".to_owned(),
        state: RunState::Accepted,
        accepted_at: START,
        started_at: None,
        ended_at: None,
        outcome: None,
    }
}

pub(crate) fn audit(event: &str) -> AuditEvent {
    AuditEvent {
        event: event.to_owned(),
        severity: "info".to_owned(),
        actor: "device:test".to_owned(),
        ip: Some("127.0.0.1".to_owned()),
        method: Some("test.call".to_owned()),
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({ "n": 1 }),
    }
}

pub(crate) fn transaction(changes: Vec<Change>) -> Transaction {
    Transaction { changes, audit: audit("test.changed"), idempotency: None }
}

pub(crate) fn repeatable(changes: Vec<Change>, idempotency: Idempotency) -> Transaction {
    Transaction { idempotency: Some(idempotency), ..transaction(changes) }
}
