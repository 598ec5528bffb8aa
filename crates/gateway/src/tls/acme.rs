//! Certificates that an authority signs (ACME, RFC 8555): when it is asked, and what is served meanwhile.
//!
//! Everything goes through [`crate::egress`], address by address: an authority's directory names further addresses, and none of them may
//! lead within. Names are proved by `tls-alpn-01`, on the gateway's own port.

mod order;

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_config::Acme as Settings;
use openclaw_core::record::AuditEvent;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Tls, certificate::Facts, write_private};
use crate::{audit::gateway_audit, state::State};

/// Where it all is, below the folder of certificates: one folder for each authority, so that trying one leaves nothing to another.
const FOLDER: &str = "acme";
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// For one certificate, from the first question on.
const WHOLE: Duration = Duration::from_secs(300);
/// After the first failure; each further one doubles it. Authorities allow about five failures of a name in an hour.
const FIRST_WAIT_MS: i64 = 5 * 60 * 1000;
const LONGEST_WAIT_MS: i64 = 6 * 60 * 60 * 1000;
/// Of what an authority says, in an answer to people.
const MOST_SAID: usize = 400;

/// The authority that is asked, and how it stands.
#[derive(Debug)]
pub(crate) struct Acme {
    settings: Settings,
    folder: PathBuf,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// What it has signed, when that is there.
    facts: Option<Facts>,
    failures: u32,
    /// Not before.
    wait_until: i64,
    problem: Option<String>,
}

/// How it stands, as people are told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Standing {
    domains: Vec<String>,
    authority: String,
    /// Until when what it signed is good; absent while it has signed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<i64>,
    /// When it is asked next.
    next_at: i64,
    pub(super) problem: Option<String>,
}

impl Acme {
    pub(super) fn new(settings: &Settings, tls_folder: &Path) -> Self {
        let name = openclaw_core::hex(&Sha256::digest(settings.directory.as_bytes())[..8]);
        let folder = tls_folder.join(FOLDER).join(name);
        Self { settings: settings.clone(), folder, held: Mutex::default() }
    }

    /// Key and certificates in one file, so that the two always fit.
    pub(super) fn pair(&self) -> PathBuf {
        self.folder.join("pair.pem")
    }

    fn account(&self) -> PathBuf {
        self.folder.join("account.json")
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of it is there.
    pub(super) fn holds(&self, facts: Option<&Facts>) {
        self.held().facts = facts.cloned();
    }

    /// When it is asked next.
    fn next_at(&self, held: &Held) -> i64 {
        let good = held.facts.as_ref().filter(|facts| facts.covers(&self.settings.domains));
        good.map_or(0, Facts::renewed_at).max(held.wait_until)
    }

    pub(super) fn standing(&self) -> Standing {
        let held = self.held();
        Standing {
            domains: self.settings.domains.clone(),
            authority: self.settings.directory.clone(),
            not_after: held.facts.as_ref().map(|facts| facts.not_after),
            next_at: self.next_at(&held),
            problem: held.problem.clone(),
        }
    }

    /// Notes a failure and when it is tried again. Tells whether it is the first of its series.
    fn failed(&self, why: &str, now: i64) -> bool {
        let mut held = self.held();
        held.failures = held.failures.saturating_add(1);
        let wait = FIRST_WAIT_MS.saturating_mul(1 << (held.failures - 1).min(16)).min(LONGEST_WAIT_MS);
        held.wait_until = now.saturating_add(wait);
        held.problem = Some(why.to_owned());
        held.failures == 1
    }

    fn succeeded(&self, facts: Option<Facts>) {
        *self.held() = Held { facts, ..Held::default() };
    }

    /// Puts it where it is served from.
    fn keep(&self, pair: &[u8]) -> std::io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        write_private(&self.pair(), pair)
    }
}

/// Asks the authority whenever the time has come, until the gateway stops.
pub(crate) async fn keep(state: Arc<State>) {
    let Some((tls, acme)) = state.tls.as_ref().and_then(|tls| Some((tls, tls.acme.as_ref()?))) else { return };
    loop {
        let due = acme.next_at(&acme.held()) <= state.clock.now_ms();
        // While it is locked down nobody gets in to look at a proof.
        if due && !state.lockdown.holds() {
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = ask(&state, tls, acme) => {}
            }
            state.health.touch();
        }
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn ask(state: &Arc<State>, tls: &Tls, acme: &Acme) {
    tracing::info!(authority = acme.settings.directory, domains = ?acme.settings.domains, "an authority is asked for a certificate");
    let ordered = tokio::time::timeout(WHOLE, order::place(acme, &tls.proofs)).await;
    let ordered = ordered.unwrap_or_else(|_| Err("it took more than five minutes".to_owned()));
    let taken = match ordered {
        Err(why) => Err(why),
        Ok(pair) => taken(state, pair).await,
    };
    match taken {
        Ok(facts) => {
            let not_after = facts.as_ref().map(|facts| facts.not_after);
            acme.succeeded(facts);
            tracing::info!(not_after, "the authority has signed a certificate");
            let detail = json!({ "domains": acme.settings.domains, "notAfter": not_after });
            state.audit_detached(gateway_audit("tls.certificate.obtained", detail));
        }
        Err(why) => {
            let why = shown(&why);
            let first = acme.failed(&why, state.clock.now_ms());
            tracing::warn!(why, "no certificate from the authority; what was served before still is");
            if first {
                state.audit_detached(AuditEvent {
                    severity: "warn".to_owned(),
                    outcome: "error".to_owned(),
                    reason: Some(why),
                    ..gateway_audit("tls.certificate.failed", json!({ "domains": acme.settings.domains }))
                });
            }
        }
    }
}

/// Keeps what came, and serves it when it can be served.
async fn taken(state: &Arc<State>, pair: zeroize::Zeroizing<Vec<u8>>) -> Result<Option<Facts>, String> {
    let state = Arc::clone(state);
    let kept = tokio::task::spawn_blocking(move || {
        let (tls, acme) = state.tls.as_ref().and_then(|tls| Some((tls, tls.acme.as_ref()?))).ok_or("TLS is off")?;
        acme.keep(&pair).map_err(|error| format!("{} cannot be written: {error}", acme.folder.display()))?;
        let facts = tls.take_over(&acme.pair()).map_err(|error| error.to_string())?;
        let covers = facts.as_ref().is_some_and(|facts| facts.covers(&acme.settings.domains));
        if covers { Ok(facts) } else { Err("it signed a certificate for other names".to_owned()) }
    });
    kept.await.unwrap_or_else(|error| Err(error.to_string()))
}

/// What an authority says is a stranger's text.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_SAID).collect()
}

/// What is wrong, for the reply to `health`.
pub(crate) fn health(state: &State) -> Option<Value> {
    let problem = state.tls.as_ref()?.problem()?;
    Some(json!({ "problem": problem }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> Acme {
        let settings = Settings { domains: vec!["a.example".to_owned()], ..Settings::default() };
        Acme::new(&settings, Path::new("/nowhere"))
    }

    #[test]
    fn it_waits_longer_after_each_failure_and_not_after_a_success() {
        let acme = acme();
        let mut now = 1_000_000;
        let mut waits = Vec::new();
        for at in 0..10 {
            assert_eq!(acme.failed("no", now), at == 0);
            waits.push((acme.standing().next_at - now) / 60_000);
            now = acme.standing().next_at;
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 360, 360, 360]);
        let facts = Facts { not_before: now, not_after: now + 90, names: vec!["a.example".to_owned()] };
        acme.succeeded(Some(facts));
        assert_eq!((acme.standing().next_at, acme.standing().problem), (now + 60, None));
        assert!(acme.failed("no", now), "a series of its own");
    }

    #[test]
    fn what_is_good_for_other_names_is_replaced_at_once() {
        let acme = acme();
        acme.holds(Some(&Facts { not_before: 0, not_after: i64::MAX / 2, names: vec!["b.example".to_owned()] }));
        assert_eq!(acme.standing().next_at, 0);
    }

    #[test]
    fn what_a_stranger_says_is_one_line_of_bounded_length() {
        assert_eq!(shown("no\r\nway\u{1b}[2J"), "no  way [2J");
        assert_eq!(shown(&"ä".repeat(5000)).chars().count(), MOST_SAID);
    }
}
