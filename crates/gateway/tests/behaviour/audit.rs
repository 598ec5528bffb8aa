//! Reads the audit of a gateway that may still be running, from a copy of its database.

use std::path::Path;

use openclaw_core::{Clock, record::AuditRecord};
use openclaw_store::{Settings, StateDir, Store};
use openclaw_testkit::gateway::TestGateway;

/// All records, oldest first. The chain of the copy is checked on the way.
pub(crate) async fn records(gateway: &TestGateway) -> Vec<AuditRecord> {
    records_in(&gateway.dir().join("state")).await
}

pub(crate) async fn records_in(state: &Path) -> Vec<AuditRecord> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "audit.key"] {
        let from = state.join(name);
        if from.exists() {
            std::fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    let claim = StateDir::claim(copy.path()).unwrap();
    let store = Store::open(&claim, Clock::system(), Settings::default()).unwrap().store;
    let (records, chain) =
        store.read(|reader| Ok((reader.audit_after(0, 10_000)?, reader.verify_chain()?))).await.unwrap();
    assert!(chain.is_ok(), "the audit chain is broken: {chain:?}");
    store.close().await.unwrap();
    records
}
