//! The gateway as its parts see it. Every piece of state here has one owner; this only holds the handles.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
};

use arc_swap::ArcSwap;
use openclaw_agents::{Failover, ModelRef};
use openclaw_auth::{Principal, Throttle, limits::Limiter};
use openclaw_config::AuthMode;
use openclaw_core::{Clock, Ids, Tasks, record::AuditEvent};
use openclaw_protocol::{AgentId, WireError, detail, frame::StateVersion};
use openclaw_store::{Store, Transaction};
use tokio::time::Instant;

use crate::{
    access_tokens::AccessTokens,
    active::Active,
    agent_tokens::AgentTokens,
    approvals::Approvals,
    audit_export::AuditExport,
    audit_watch::AuditWatch,
    call::Conn,
    cron::Cron,
    devices::DeviceTable,
    features::Features,
    fleet::Fleet,
    health::Health,
    heartbeat::Heartbeats,
    history::History,
    http::{Hooks, LoginCodes},
    hub::Hub,
    lockdown::Lockdown,
    log::LogRing,
    metrics::Metrics,
    nodes::Nodes,
    outbox::{Outbox, Together},
    passkeys::Passkeys,
    presence::Presence,
    refusals::Refusals,
    reload::Reload,
    rpc,
    runs::Runs,
    settings::{self, AgentSettings, Limits},
    setup_codes::SetupCodes,
    spawns::Spawns,
    ticks::Promised,
    tls::Tls,
};

/// The gateway.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) tasks: Tasks,
    pub(crate) store: Store,
    /// The audit file.
    pub(crate) audit_export: AuditExport,
    /// Whether the record of what was done is as it was written.
    pub(crate) audit_watch: AuditWatch,
    /// The emergency stop, while it holds.
    pub(crate) lockdown: Lockdown,
    pub(crate) hub: Hub,
    pub(crate) metrics: Arc<Metrics>,
    /// The same over time.
    pub(crate) history: History,
    /// Method lists of hellos.
    pub(crate) features: Features,
    pub(crate) presence: Presence,
    pub(crate) health: Health,
    pub(crate) runs: Runs,
    /// What people are asked.
    pub(crate) approvals: Approvals,
    /// Scheduled work, and what agents are to be told.
    pub(crate) cron: Cron,
    /// Regular looks of agents.
    pub(crate) heartbeats: Heartbeats,
    /// What is known of providers and keys that failed; it outlives every configuration.
    pub(crate) failover: Failover,
    /// Other gateways that people reach through this one.
    pub(crate) fleet: Fleet,
    /// Programs that clients had started.
    pub(crate) spawns: Spawns,
    pub(crate) devices: DeviceTable,
    /// Machines that offer commands.
    pub(crate) nodes: Nodes,
    pub(crate) agent_tokens: AgentTokens,
    /// Named access tokens.
    pub(crate) access_tokens: AccessTokens,
    /// Keys in authenticators, with which people confirm that it is them.
    pub(crate) passkeys: Passkeys,
    /// Codes by which one device each comes in.
    pub(crate) setup_codes: SetupCodes,
    /// Where it listens.
    pub(crate) listening: Vec<std::net::SocketAddr>,
    /// What is remembered of web hooks.
    pub(crate) hooks: Hooks,
    pub(crate) throttle: Mutex<Throttle>,
    /// How often who has asked.
    pub(crate) limiter: Mutex<Limiter>,
    /// Bytes of answers that wait for connections.
    pub(crate) unread: Arc<AtomicUsize>,
    pub(crate) log: Arc<LogRing>,
    /// Login links that still work.
    pub(crate) login_codes: LoginCodes,
    /// Keeps a storm of refusals small.
    pub(crate) refusals: Refusals,
    /// Stable numbers of the agents.
    pub(crate) agent_numbers: Mutex<HashMap<AgentId, i64>>,
    /// Names this start of the gateway.
    pub(crate) boot_id: String,
    /// Host name.
    pub(crate) host: String,
    /// Tailscale on this machine.
    pub(crate) tailscale: crate::tailscale::Tailscale,
    /// Passwords against the hash of the right one.
    pub(crate) passwords: crate::password::Passwords,
    /// TLS of the listener; `None` when it speaks in the clear.
    pub(crate) tls: Option<Tls>,
    pub(crate) state_dir: std::path::PathBuf,
    /// Variables that it was started with.
    pub(crate) environment: openclaw_core::Environment,
    /// What is unusual, and who is told.
    pub(crate) watch: crate::watch::Watch,
    /// Guided setups.
    pub(crate) wizards: crate::wizards::Wizards,
    /// How models follow from a configuration.
    pub(crate) models: crate::active::MakesModels,
    /// Sums of installed skills.
    pub(crate) skill_pins: Arc<openclaw_skills::Pins>,
    /// Held by whoever installs a skill.
    pub(crate) installing: tokio::sync::Mutex<()>,
    /// Home folder of whoever runs it.
    pub(crate) home: Option<std::path::PathBuf>,
    pub(crate) started: Instant,
    pub(crate) active: ArcSwap<Active>,
    /// The way to the owner of the configuration, and what it reports.
    pub(crate) reload: Reload,
    /// Tick intervals that connections were told.
    pub(crate) promised: Arc<Promised>,
}

impl State {
    /// What follows from the configuration in force.
    pub(crate) fn active(&self) -> arc_swap::Guard<Arc<Active>> {
        self.active.load()
    }

    /// Sizes and times of connections.
    pub(crate) fn limits(&self) -> Limits {
        self.active().limits
    }

    /// The agents, the default one first.
    pub(crate) fn agents(&self) -> Vec<AgentSettings> {
        self.active().agents.clone()
    }

    /// The agent with this id.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn agent(&self, id: &AgentId) -> Result<AgentSettings, WireError> {
        self.active().agents.iter().find(|agent| agent.id == *id).cloned().ok_or_else(|| {
            WireError::invalid(
                detail::UNKNOWN_AGENT_ID,
                format!("agent \"{id}\" not found: unknown agent id; agents.list names them"),
            )
            .with("agentId", id.as_str())
        })
    }

    /// The agent of short session keys.
    pub(crate) fn default_agent(&self) -> AgentId {
        self.active().agents[0].id.clone()
    }

    /// The model of an agent: its own, or the discovered default.
    pub(crate) fn agent_model(&self, agent: &AgentSettings) -> ModelRef {
        let active = self.active();
        agent.model.as_deref().and_then(settings::model_ref).unwrap_or_else(|| active.registry.default_model().clone())
    }

    /// Whether a real model answers, rather than the demo.
    pub(crate) fn model_configured(&self) -> bool {
        self.agents().first().is_some_and(|agent| self.agent_model(agent).provider != "demo")
    }

    /// The stable number of an agent.
    pub(crate) fn agent_number(&self, agent: &AgentId) -> Option<i64> {
        self.numbers().get(agent).copied()
    }

    /// The stable numbers of all agents.
    pub(crate) fn numbers(&self) -> MutexGuard<'_, HashMap<AgentId, i64>> {
        self.agent_numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A queue for what a connection is sent.
    pub(crate) fn outbox(&self) -> Arc<Outbox> {
        let limits = self.limits();
        Outbox::sharing(limits.max_buffered_bytes, Together::of(&self.unread, limits.max_buffered_bytes_total))
    }

    /// The guard against guessing.
    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often who has asked.
    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `deviceAuthRequired` of the challenge.
    pub(crate) fn device_auth_required(&self) -> bool {
        self.active().policy.device_auth_required()
    }

    /// `token`, `password`, `none` or `trusted-proxy`.
    pub(crate) fn auth_mode(&self) -> &'static str {
        match self.active().loaded.config.gateway.auth.effective_mode() {
            AuthMode::Token => "token",
            AuthMode::Password => "password",
            AuthMode::None => "none",
            AuthMode::TrustedProxy => "trusted-proxy",
        }
    }

    /// The credential that a login link hands over; `None` where there is none to hand over: nothing is asked for, a proxy asks, or
    /// only the hash of the password is known.
    pub(crate) fn login_credential(&self) -> Option<openclaw_core::Secret> {
        let active = self.active();
        let auth = &active.loaded.config.gateway.auth;
        let secret = match auth.effective_mode() {
            AuthMode::Token => auth.token.clone(),
            AuthMode::Password => auth.password.clone(),
            AuthMode::None | AuthMode::TrustedProxy => None,
        };
        secret.filter(|secret| !openclaw_auth::is_hash(secret.expose()))
    }

    /// Whether `gateway.trustedProxies` names this address.
    pub(crate) fn is_trusted_proxy(&self, ip: IpAddr) -> bool {
        let active = self.active();
        crate::network::listed(&active.loaded.config.gateway.trusted_proxies, ip)
    }

    /// The value of `Strict-Transport-Security` for an answer over TLS, when one is configured.
    pub(crate) fn strict_transport_security(&self, over_tls: bool) -> Option<http::HeaderValue> {
        let active = self.active();
        let configured = active.loaded.config.gateway.http.security_headers.strict_transport_security.as_ref();
        configured.filter(|_| over_tls).and_then(|value| value.parse().ok())
    }

    /// Counters of presence and health.
    pub(crate) fn state_version(&self) -> StateVersion {
        StateVersion { presence: self.presence.version(), health: self.health.version() }
    }

    /// Milliseconds since the start.
    pub(crate) fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Path of the configuration file.
    pub(crate) fn config_path(&self) -> String {
        self.active().loaded.path.display().to_string()
    }

    /// Path of the state directory.
    pub(crate) fn state_dir(&self) -> String {
        self.state_dir.display().to_string()
    }

    /// Path of the database.
    pub(crate) fn store_path(&self) -> String {
        self.state_dir.join("gateway.sqlite").display().to_string()
    }

    /// Keeps the refusal of a call in the audit: group-committed, not awaited.
    pub(crate) fn refused_call(&self, conn: &Conn, method: &str, error: &WireError) {
        // The method, not its name as it was sent: a caller could make up thousands of those.
        self.refused_caller(conn.ip, &conn.principal, rpc::find(method).map_or("unknown", |row| row.name), error);
    }

    /// The same for a way in that is no method.
    pub(crate) fn refused_caller(&self, ip: IpAddr, principal: &Principal, known: &'static str, error: &WireError) {
        let event = match &*error.details.code {
            detail::MISSING_SCOPE | detail::UNAUTHORIZED_ROLE | detail::ACCESS_DENIED => "authz.denied",
            detail::RATE_LIMITED => "auth.rate_limited",
            _ => return,
        };
        if event == "authz.denied" {
            self.metrics.authz_denied.inc();
        }
        let source = format!("{ip}:{}:{event}:{known}", principal.audit_name());
        if !self.refusals.should_record(&source, self.clock.now_ms()) {
            return;
        }
        self.audit_detached(AuditEvent {
            event: event.to_owned(),
            severity: "warn".to_owned(),
            actor: principal.audit_name(),
            ip: Some(ip.to_string()),
            method: Some(known).filter(|known| *known != "unknown").map(str::to_owned),
            target: None,
            outcome: "denied".to_owned(),
            reason: Some(error.message.to_string()),
            detail: rule_of(error),
        });
    }

    /// Keeps an audit record without waiting for it.
    pub(crate) fn audit_detached(&self, audit: AuditEvent) {
        self.store.write_detached(Transaction { changes: Vec::new(), audit, idempotency: None });
    }
}

/// The rule and the role that a refusal names.
fn rule_of(error: &WireError) -> serde_json::Value {
    let named: serde_json::Map<_, _> = error
        .details
        .members
        .iter()
        .filter(|(name, _)| matches!(*name, "rule" | "user" | "role"))
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    if named.is_empty() { serde_json::Value::Null } else { named.into() }
}
