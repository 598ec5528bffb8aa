//! A lockdown of a gateway that does not run, and its end: by the command line, which holds the claim on the state directory.

use openclaw_config::{Attempt, ChangeError, ConfigFile, Loaded, Mode};
use openclaw_core::{Clock, Environment, Ids, record::AuditEvent};
use openclaw_store::{Reader, StateDir, Store, Transaction};

use super::{EVENT, Outcome, Record, SETTING, UNDONE, Wish, detail, locked, plan, running};
use crate::sealing;

/// Who the audit names.
const ACTOR: &str = "cli";

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The store does not open, or cannot keep it.
    #[error(transparent)]
    Store(#[from] openclaw_store::Error),
    /// What is encrypted does not open.
    #[error(transparent)]
    Keys(#[from] openclaw_seal::KeyError),
    /// The configuration cannot be changed.
    #[error(transparent)]
    Configuration(#[from] ChangeError),
    /// None holds.
    #[error("the gateway is not locked down, so there is nothing to undo")]
    NotLocked,
}

/// A gateway that does not run.
pub struct Offline {
    store: Store,
    file: ConfigFile,
    loaded: Loaded,
    clock: Clock,
    // Keeps a gateway from starting meanwhile.
    _claim: StateDir,
}

impl Offline {
    /// Opens what it has left.
    ///
    /// # Errors
    /// The store does not open.
    pub fn open(
        claim: StateDir,
        file: ConfigFile,
        loaded: Loaded,
        environment: &Environment,
        ids: &Ids,
        clock: Clock,
    ) -> Result<Self, NotDone> {
        let sealing = sealing::database(&loaded.config, claim.path(), environment, ids, &clock)?;
        let settings = openclaw_store::Settings { sealing, ..openclaw_store::Settings::default() };
        let store = Store::open(&claim, clock.clone(), settings)?.store;
        Ok(Self { store, file, loaded, clock, _claim: claim })
    }

    async fn record(&self) -> Result<Option<Record>, NotDone> {
        let kept = self.store.read(|reader| reader.setting(SETTING)).await?;
        Ok(super::Lockdown::new(kept).record().map(|record| (*record).clone()))
    }

    fn change(&self, edits: &[openclaw_config::Edit], note: &str) -> Result<(), ChangeError> {
        if edits.is_empty() {
            return Ok(());
        }
        let attempt = Attempt {
            base_hash: Some(&self.loaded.hash),
            who: ACTOR,
            note: Some(note),
            now_ms: self.clock.now_ms(),
            mode: Mode::Write,
        };
        self.file.change(edits, &attempt).map(drop)
    }

    async fn keep(&self, changes: Vec<openclaw_store::Change>, audit: AuditEvent) -> Result<(), NotDone> {
        let audit = AuditEvent { actor: ACTOR.to_owned(), ..audit };
        self.store.write(Transaction { changes, audit, idempotency: None }).await?;
        Ok(())
    }

    /// Locks it down, so that it starts locked.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn lock(self, wish: &Wish) -> Result<Outcome, NotDone> {
        let before = self.record().await?;
        let steps = plan::steps(&self.loaded);
        let devices = self.store.read(Reader::devices).await?;
        let now = self.clock.now_ms();
        let tokens = running::device_tokens(&devices, now);
        let (edits, changes) = plan::edits(&steps);
        let record = locked(before.as_ref(), steps, ACTOR, wish, now);
        let shown = if wish.dry_run { before.as_ref() } else { Some(&record) };
        let mut outcome = Outcome::of(shown, wish);
        (outcome.locked, outcome.already) = (before.is_some() || !wish.dry_run, before.is_some());
        outcome.revoked_device_tokens = tokens.len();
        if !wish.dry_run {
            let audit = record.audit(EVENT, detail(&changes, tokens.len()));
            for kept in running::batches(&record, tokens) {
                self.keep(kept, audit.clone()).await?;
            }
            self.change(&edits, "security lockdown")?;
        }
        outcome.changes = changes;
        self.store.close().await?;
        Ok(outcome)
    }

    /// Ends its lockdown.
    ///
    /// # Errors
    /// [`NotDone`]; then it goes on.
    pub async fn unlock(self, wish: &Wish) -> Result<Outcome, NotDone> {
        let Some(record) = self.record().await? else {
            self.store.close().await?;
            return Err(NotDone::NotLocked);
        };
        let (edits, changes) = plan::restored(&record, &self.loaded);
        let mut outcome = Outcome::of(Some(&record), wish);
        outcome.locked = wish.dry_run;
        outcome.changes = changes;
        if !wish.dry_run {
            self.change(&edits, "security lockdown --undo")?;
            let audit = AuditEvent {
                severity: "warn".to_owned(),
                reason: None,
                ..record.audit(UNDONE, detail(&outcome.changes, 0))
            };
            self.keep(vec![running::kept(None)], audit).await?;
        }
        self.store.close().await?;
        Ok(outcome)
    }
}
