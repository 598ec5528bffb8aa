//! Puts a configuration in force that was built, and tells everybody.

use std::sync::Arc;

use openclaw_auth::AuthMethod;
use openclaw_core::record::AuditEvent;
use openclaw_protocol::{
    close,
    event::{ConfigChanged, Event},
};
use openclaw_store::{Error, Idempotency, Transaction};
use serde_json::json;
use tracing::{info, warn};

use super::{
    AUTH_CHANGED, Report, blocking, change, no_longer_admits,
    owner::{Author, Owner},
};
use crate::{active::Active, audit::gateway_audit, health::Health, state::State};

/// What is in force now, and what that changed.
pub(super) struct Applied {
    before_hash: String,
    hash: String,
    changed_paths: Vec<String>,
    restart_required: Vec<String>,
    /// Whether whoever asked was let in by a credential that was changed.
    pub(super) ends_asker: bool,
}

impl Applied {
    /// Nothing has changed, and somebody should know that.
    pub(super) fn nothing(report: &Report, state: &State) -> Self {
        let hash = state.active().loaded.hash.clone();
        let restart_required = report.restart_required.clone();
        Self { before_hash: hash.clone(), hash, changed_paths: Vec::new(), restart_required, ends_asker: false }
    }
}

impl Owner {
    /// Puts it in force: from here on every new piece of work goes by it.
    pub(super) async fn apply(&self, active: Active, author: &Author) -> Applied {
        let state = &self.state;
        let (old, active) = (state.active.load_full(), Arc::new(active));
        let plan = openclaw_config::plan(&old.loaded, &active.loaded);
        let restart_required = self.waiting(&active.loaded);
        state.throttle().configure(active.throttle);
        state.active.store(Arc::clone(&active));
        state.hub.follow_rules(active.guard.clone());
        state.metrics.config_reloads.inc();
        (self.follow_logging)(&active.loaded.config.logging);
        state.promised.reloaded();
        state.cron.reloaded();
        state.heartbeats.reloaded();
        state.watch.reloaded();
        let ends_asker = self.close_former(&old, &active, author);
        state.reload.report.store(Arc::new(Report {
            applied_hash: active.loaded.hash.clone(),
            restart_required: restart_required.clone(),
            last_reload_at: Some(state.clock.now_ms()),
            rejected: None,
        }));
        Health::refresh(state).await;
        self.keep(Arc::clone(&active.loaded)).await;
        self.forget_former_secrets(&old, &active).await;
        for notice in active.loaded.notices.iter().filter(|notice| !old.loaded.notices.contains(notice)) {
            warn!(path = notice.path.as_str(), "{}", notice.message);
        }
        Applied {
            before_hash: old.loaded.hash.clone(),
            hash: active.loaded.hash.clone(),
            changed_paths: plan.changes.into_iter().map(|change| change.path).collect(),
            restart_required,
            ends_asker,
        }
    }

    /// Ends the connections whose credential no longer counts. Tells whether the author's is among them, who is still owed an
    /// answer.
    fn close_former(&self, old: &Active, new: &Active, author: &Author) -> bool {
        let ends = |method| no_longer_admits(method, &old.policy, &new.policy);
        // Mostly nobody's does, and then the list of connections is not gone through.
        if !AuthMethod::ALL.into_iter().any(ends) {
            return false;
        }
        let (closed, asker) = self.state.hub.close_admitted_by(close::FINAL, AUTH_CHANGED, author.asker, ends);
        if closed > 0 {
            info!(connections = closed as u64, "Connections ended because their credential was changed");
        }
        asker
    }

    /// A secret that was replaced must not stay behind in the history (SECURITY T91).
    async fn forget_former_secrets(&self, old: &Active, new: &Active) {
        let still = |secret: &openclaw_core::Secret| {
            change::shared_secrets(&new.loaded.config).any(|kept| kept.matches(secret.expose()))
        };
        let former: Vec<_> = change::shared_secrets(&old.loaded.config).filter(|old| !still(old)).cloned().collect();
        for secret in former {
            let file = self.file.clone();
            if let Some(Err(error)) = blocking(move || file.scrub(&secret)).await {
                warn!(%error, "a replaced secret could not be taken out of the configuration's history");
            }
        }
    }

    /// Writes the audit record; it is on stable storage when this returns.
    pub(super) async fn write_down(
        &self,
        applied: &Applied,
        author: &Author,
        idempotency: Option<Idempotency>,
    ) -> Result<(), Error> {
        info!(
            changed = applied.changed_paths.join(", ").as_str(),
            by = author.actor.as_str(),
            "Configuration reloaded"
        );
        if !applied.restart_required.is_empty() {
            let keys = applied.restart_required.join(", ");
            warn!(keys = keys.as_str(), "Restart the gateway to put these keys in force");
        }
        let detail = json!({
            "paths": applied.changed_paths, "before": applied.before_hash, "after": applied.hash,
            "restartRequired": applied.restart_required,
        });
        let audit = AuditEvent {
            actor: author.actor.clone(),
            ip: author.ip.clone(),
            method: author.method.map(str::to_owned),
            target: Some(self.state.config_path()),
            ..gateway_audit("config.changed", detail)
        };
        self.state.store.write(Transaction { changes: Vec::new(), audit, idempotency }).await.map(drop)
    }

    /// Has readers told as soon as whoever asked is answered.
    pub(super) fn tell(&mut self, applied: &Applied, author: &Author) {
        self.news.push(Event::ConfigChanged(Arc::new(ConfigChanged {
            path: self.state.config_path(),
            hash: applied.hash.clone(),
            ts: self.state.clock.now_ms(),
            changed_paths: applied.changed_paths.clone(),
            restart_required: applied.restart_required.clone(),
            actor: author.actor.clone(),
        })));
    }
}
