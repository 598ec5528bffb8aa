//! From a configuration to a running gateway, and back.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use openclaw_agents::{DiscoverySettings, Failover, HttpSettings, Registry, Timeouts, discover, http_client};
use openclaw_auth::Throttle;
use openclaw_config::{Config, ConfigFile, LoadRequest, Loaded};
use openclaw_core::{Clock, Environment, Ids, Secret, Tasks, record::AuditEvent};
use openclaw_protocol::{close, event::Event, hello::PresenceEntry};
use openclaw_store::{Reader, StateDir, Store, Transaction};
use serde_json::json;
use tokio::{net::TcpListener, time::Instant};
use tracing::{info, warn};

use crate::{
    access_tokens::AccessTokens,
    active::{Active, MakesModels, Models},
    address_file::AddressFile,
    agent_tokens::AgentTokens,
    approvals::{self, Approvals, PolicyFile},
    audit::gateway_audit,
    audit_export::{self, AuditExport},
    audit_watch::{self, AuditWatch},
    backups,
    connection::Door,
    cron::{self, Cron},
    devices::DeviceTable,
    features::Features,
    fleet::{self, Fleet},
    health::Health,
    heartbeat::{self, Heartbeats},
    history::{self, History},
    http::{self, Hooks, LoginCodes},
    hub::Hub,
    key_rotation,
    listener::{self, Doorkeeper, Listen},
    lockdown::{self, Lockdown},
    log::LogRing,
    memory,
    metrics::Metrics,
    nodes::Nodes,
    numbers,
    passkeys::Passkeys,
    password::Passwords,
    presence::Presence,
    refusals::Refusals,
    reload::{self, Cause, FollowLogging, Owner, Reload, Report},
    runs::Runs,
    sealing, settings,
    setup_codes::{self, SetupCodes},
    spawns::{self, Spawns},
    state::State,
    tailscale::{self, Tailscale},
    ticks,
    tls::{self, Tls, TlsError},
    watch::{self, Watch},
    wizards::Wizards,
};

/// How long connections get to read the goodbye when the gateway stops.
const GRACE: Duration = Duration::from_secs(5);

/// Everything a gateway needs.
pub struct Options {
    /// The configuration.
    pub config: Loaded,
    /// What was asked for to get it, for loading it again when the file changes.
    pub load: LoadRequest,
    /// The state directory, claimed.
    pub state_dir: StateDir,
    /// Variables, for keys of model vendors and proxies.
    pub environment: Environment,
    /// Time.
    pub clock: Clock,
    /// Identifiers and secrets.
    pub ids: Ids,
    /// Where its tasks run.
    pub tasks: Tasks,
    /// The log that `logs.tail` reads.
    pub log: Arc<LogRing>,
    /// Called with the logging settings whenever another configuration comes into force.
    pub follow_logging: FollowLogging,
    /// The program that, called with [`openclaw_sandbox::guard::ARGUMENT`], ends started programs when this process is killed.
    /// Without it that is left to the next start.
    pub guard: Option<PathBuf>,
    /// Name of this machine.
    pub host: String,
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The password's hash cannot be used.
    #[error("gateway.auth.password: {0}")]
    Password(String),
    /// A key of the configuration needs a part that does not exist yet.
    #[error("{what} is not supported yet: {instead}")]
    Unsupported {
        /// Which key.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// The address is not ours to take.
    #[error("cannot listen on {address}: {source}{hint}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
        /// What to do.
        hint: String,
    },
    /// The address is no address.
    #[error("{key}: {value:?} is not an IP address")]
    Address {
        /// Which key.
        key: &'static str,
        /// What it says.
        value: String,
    },
    /// A rule of the configuration names what there is not.
    #[error("{key}: {problem}")]
    Rule {
        /// Which key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// TLS is wanted and cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What is to be encrypted cannot be.
    #[error("security.encryption: {0}")]
    Keys(#[from] openclaw_seal::KeyError),
    /// A log is wanted and cannot be written.
    #[error("logging.security: cannot write {0}")]
    SecurityLog(#[from] watch::NoLog),
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] openclaw_store::Error),
    /// The HTTP client for models does not start.
    #[error("cannot prepare the connection to model providers: {0}")]
    Models(String),
}

/// A gateway that serves.
pub struct Running {
    pub(crate) state: Arc<State>,
    addresses: Vec<SocketAddr>,
    state_dir: StateDir,
}

/// Starts a gateway. When this returns it serves.
///
/// # Errors
/// [`RunError`] says what is wrong and what to do.
pub async fn start(options: Options) -> Result<Running, RunError> {
    let listeners = bind(&options.config).await?;
    let listeners =
        listeners.into_iter().filter_map(|listener| Some((listener.local_addr().ok()?, listener))).collect();
    start_on(options, listeners).await
}

/// As [`start`], on listeners that are already there, each with its address: sockets that a supervisor passed on, or a
/// simulated network.
///
/// # Errors
/// As [`start`], but for addresses that are taken.
pub async fn start_on<L: Listen>(options: Options, listeners: Vec<(SocketAddr, L)>) -> Result<Running, RunError> {
    let Options { config, load, state_dir, environment, clock, ids, tasks, log, follow_logging, guard, host } = options;
    settings::supported(&config.config)?;
    let tls = tls::load(&config.config.gateway.tls, state_dir.path(), environment.get("HOME"), &host, &clock)?;
    let file = ConfigFile::new(load.clone(), state_dir.path());
    let config = sealing::configuration(&file, config, clock.now_ms());
    let content = sealing::database(&config.config, state_dir.path(), &environment, &ids, &clock)?;
    if content.on() && state_dir.path().join("snapshots").exists() {
        warn!("snapshots/ may hold copies of the database from before it was encrypted; remove what you do not need");
    }
    let settings = openclaw_store::Settings { sealing: content, ..openclaw_store::Settings::default() };
    let opened = Store::open(&state_dir, clock.clone(), settings)?;
    let store = opened.store;
    if !opened.recovered.interrupted.is_empty() {
        warn!(runs = opened.recovered.interrupted.len() as u64, "Runs were interrupted when the gateway last ended");
    }
    spawns::recover(&store, &clock).await?;
    let models = models(&environment).await?;
    let active = Active::build(Arc::new(config), &models)?;
    let agent_numbers = numbers::ensure(&store, &active.agents).await?;
    let devices = store.read(Reader::devices).await?;
    let nodes = store.read(Reader::nodes).await?;
    let agent_tokens = store.read(Reader::agent_tokens).await?;
    let access_tokens = store.read(Reader::access_tokens).await?;
    let passkeys = store.read(Reader::passkeys).await?;
    let setup_codes = store.read(|reader| reader.setting(setup_codes::SETTING)).await?;
    let cron = Cron::new(local_zone(&active.loaded.config, &environment).as_deref(), skips_cron(&environment));
    cron.events.load(&store).await?;
    let publishing = &active.loaded.config.gateway.tailscale;
    let tailscale = Tailscale::new(publishing.mode, publishing.reset_on_exit, &environment);
    let heartbeats_off = store.read(|reader| reader.setting(heartbeat::SETTING)).await?.is_some();
    let lockdown = Lockdown::new(store.read(|reader| reader.setting(lockdown::SETTING)).await?);
    if let Some(record) = lockdown.record() {
        warn!(by = record.by.as_str(), "The gateway is locked down; to end that: openclaw security lockdown --undo");
    }
    let metrics = Metrics::new();
    let boot_id = ids.uuid().to_string();
    let own = PresenceEntry {
        text: Some(format!("Gateway: {host}")),
        host: Some(host.clone()).filter(|host| !host.is_empty()),
        version: Some(openclaw_protocol::VERSION.to_owned()),
        platform: Some(std::env::consts::OS.to_owned()),
        mode: Some("gateway".to_owned()),
        reason: Some("self".to_owned()),
        instance_id: Some(boot_id.clone()),
        ts: clock.now_ms(),
        ..PresenceEntry::default()
    };
    let home = load.home;
    let audit_export = AuditExport::new(&active.loaded.config, state_dir.path(), home.as_deref());
    let (watch, alerts) = Watch::new(&active.loaded, state_dir.path(), home.as_deref(), &clock)?;
    let waiting = store.read(Reader::pending_approvals).await?;
    let policy = PolicyFile::new(state_dir.path(), environment.get("HOME"));
    let (waiting, asked) = Approvals::new(waiting, policy);
    let surroundings = environment.clone();
    let (reload, requests) = Reload::new(Report::started(&active.loaded.hash), file);
    let state = Arc::new(State {
        throttle: Mutex::new(Throttle::new(active.throttle)),
        limiter: Mutex::default(),
        unread: Arc::default(),
        audit_watch: AuditWatch::default(),
        lockdown,
        hub: Hub::new(&boot_id, active.limits.resume, Arc::clone(&metrics)),
        history: History::new(&metrics, clock.now_ms()),
        metrics,
        features: Features::default(),
        presence: Presence::new(own),
        health: Health::new(),
        runs: Runs::default(),
        passwords: Passwords::new(&ids),
        tailscale,
        approvals: waiting,
        cron,
        heartbeats: Heartbeats::default(),
        fleet: Fleet::default(),
        spawns: Spawns::new(&tasks, guard, environment.clone()),
        environment,
        wizards: Wizards::default(),
        watch,
        models: MakesModels(Arc::clone(&models)),
        skill_pins: Arc::default(),
        installing: tokio::sync::Mutex::default(),
        failover: Failover::new(clock.clone()),
        devices: DeviceTable::new(devices),
        nodes: Nodes::new(nodes),
        agent_tokens: AgentTokens::new(agent_tokens),
        access_tokens: AccessTokens::new(access_tokens),
        passkeys: Passkeys::new(passkeys),
        setup_codes: SetupCodes::new(setup_codes),
        listening: listeners.iter().map(|(address, _)| *address).collect(),
        hooks: Hooks::default(),
        login_codes: LoginCodes::default(),
        refusals: Refusals::default(),
        agent_numbers: Mutex::new(agent_numbers),
        log,
        boot_id,
        host,
        tls,
        state_dir: state_dir.path().to_path_buf(),
        home,
        started: Instant::now(),
        active: ArcSwap::from_pointee(active),
        reload,
        promised: Arc::default(),
        store,
        audit_export,
        clock,
        ids,
        tasks,
    });
    state.hub.follow_rules(state.active().guard.clone());
    state.heartbeats.set_enabled(!heartbeats_off);
    Health::refresh(&state).await;
    // Before anything is served, so that nothing is changed that cannot be recorded where that is demanded.
    // One page shows whether the file can be written; what is behind follows while people are served.
    audit_export::round(&state, 1).await;
    let tasks = &state.tasks;
    watch::start(&state, alerts);
    tasks.spawn("audit file", audit_export::run(Arc::clone(&state)));
    tasks.spawn("audit trail", audit_watch::run(Arc::clone(&state)));
    tasks.spawn("presence", Presence::tell(Arc::clone(&state)));
    tasks.spawn("health", Health::keep(Arc::clone(&state)));
    tasks.spawn("ticks", ticks::tick(Arc::clone(&state)));
    tasks.spawn("history", history::run(Arc::clone(&state)));
    tasks.spawn("log", LogRing::tell(Arc::clone(&state)));
    tasks.spawn("cron", cron::run(Arc::clone(&state)));
    tasks.spawn("backups", backups::run(Arc::clone(&state), surroundings.clone()));
    tasks.spawn("key rotation", key_rotation::run(Arc::clone(&state), surroundings));
    tasks.spawn("heartbeats", heartbeat::run(Arc::clone(&state)));
    tasks.spawn("memory", memory::keep(Arc::clone(&state)));
    let owner = reload::Settings { models, follow_logging };
    tasks.spawn("configuration", Owner::new(Arc::clone(&state), owner, requests).run());
    tasks.spawn("approvals", approvals::Owner::new(Arc::clone(&state), asked).run());
    fleet::start(&state).await?;
    metrics_listener(&state).await?;
    let doorkeeper = Arc::new(Doorkeeper::default());
    let mut addresses = Vec::new();
    for (address, listener) in listeners {
        addresses.push(address);
        tasks.spawn("listener", listener::listen(listener, Door::Main, Arc::clone(&doorkeeper), Arc::clone(&state)));
    }
    if !state.lockdown.holds() {
        tailscale::start(&state, &doorkeeper).await;
    }
    let running = Running { state, addresses, state_dir };
    let file = running.address_file();
    file.write(running.tls_fingerprint().as_deref());
    let certificates = tls::follow(Arc::clone(&running.state), move |fingerprint| file.write(Some(fingerprint)));
    running.state.tasks.spawn("certificates", certificates);
    running.state.tasks.spawn("certificate authority", tls::acme::keep(Arc::clone(&running.state)));
    running.state.audit_detached(running.audit("gateway.started"));
    info!(url = %running.url(), version = openclaw_protocol::VERSION, "Gateway is listening");
    Ok(running)
}

async fn bind(config: &Loaded) -> Result<Vec<TcpListener>, RunError> {
    settings::supported(&config.config)?;
    let port = config.config.gateway.listening_port();
    let (first, second) = settings::listening_addresses(&config.config)?;
    let listener = listen_on(SocketAddr::new(first, port)).await?;
    // Port 0 is picked once; the second address follows the first.
    let port = listener.local_addr().map_or(port, |address| address.port());
    let mut listeners = vec![listener];
    if let Some(second) = second {
        match listen_on(SocketAddr::new(second, port)).await {
            Ok(listener) => listeners.push(listener),
            // Machines without IPv6 are served over IPv4.
            Err(_) if second.is_ipv6() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(listeners)
}

async fn listen_on(address: SocketAddr) -> Result<TcpListener, RunError> {
    TcpListener::bind(address).await.map_err(|source| {
        let hint = match source.kind() {
            io::ErrorKind::AddrInUse => format!(
                "; another program has the port: stop it (`openclaw gateway stop` if it is a gateway), or choose another with --port, now {}",
                address.port()
            ),
            io::ErrorKind::AddrNotAvailable => "; this machine does not have that address".to_owned(),
            io::ErrorKind::PermissionDenied => "; ports below 1024 need privileges, choose a higher one".to_owned(),
            _ => String::new(),
        };
        RunError::Listen { address, source, hint }
    })
}

/// Proxies as the environment names them, read once.
fn proxies(environment: &Environment) -> HttpSettings {
    let read = |upper: &str, lower: &str| environment.get(lower).or_else(|| environment.get(upper)).map(str::to_owned);
    HttpSettings {
        http_proxy: read("HTTP_PROXY", "http_proxy").map(Secret::new),
        https_proxy: read("HTTPS_PROXY", "https_proxy").map(Secret::new),
        no_proxy: read("NO_PROXY", "no_proxy"),
        ..HttpSettings::default()
    }
}

/// Name of the zone that schedules without one mean: as configured, else as the environment says, else the machine's.
fn local_zone(config: &Config, environment: &Environment) -> Option<String> {
    let named = config
        .cron
        .timezone
        .clone()
        .or_else(|| environment.get("TZ").map(|zone| zone.trim_start_matches(':').to_owned()));
    named.filter(|name| !name.is_empty()).or_else(|| {
        let link = std::fs::read_link("/etc/localtime").ok()?;
        let path = link.to_str()?;
        path.split_once("zoneinfo/").map(|(_, name)| name.to_owned())
    })
}

/// Whether the environment forbids jobs to run by themselves.
fn skips_cron(environment: &Environment) -> bool {
    environment.get("OPENCLAW_SKIP_CRON").is_some_and(|value| matches!(value, "1" | "true" | "yes"))
}

/// Looks once for what the environment and this machine offer.
async fn models(environment: &Environment) -> Result<Models, RunError> {
    let http = http_client(&proxies(environment)).map_err(|error| RunError::Models(error.to_string()))?;
    let discovered = discover(environment, &DiscoverySettings::default(), &http).await;
    for note in &discovered.notes {
        info!(note = note.as_str(), "Model discovery");
    }
    Ok(Arc::new(move |config: &Config| {
        Registry::build(&http, settings::providers(config), discovered.clone(), Timeouts::default())
    }))
}

/// Prometheus text on its own listener (SPEC-NOTES 11).
async fn metrics_listener(state: &Arc<State>) -> Result<(), RunError> {
    let config = Arc::clone(&state.active().loaded.config);
    let Some(address) = settings::metrics_address(&config)? else { return Ok(()) };
    match listen_on(address).await {
        Ok(listener) => {
            let serving = Arc::clone(state);
            state.tasks.spawn("metrics", async move {
                let stop = serving.tasks.stop_token();
                let routes = http::metrics_router(&serving);
                let _ = axum_serve(listener, routes, stop).await;
            });
            Ok(())
        }
        Err(error) if config.metrics.required => Err(error),
        Err(error) => {
            warn!(%error, "Metrics are not served; set metrics.port, or metrics.required to make this an error");
            Ok(())
        }
    }
}

async fn axum_serve(
    listener: TcpListener,
    routes: axum::Router,
    stop: tokio_util::sync::CancellationToken,
) -> io::Result<()> {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = stream else {
            // Out of file descriptors, for example: others may end and free some.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = hyper_util::service::TowerToHyperService::new(routes.clone());
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(hyper_util::rt::TokioTimer::new())
            .header_read_timeout(Duration::from_secs(10))
            .keep_alive(false)
            .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
        // A scrape is one short request; a slow one must not hold up the next for ever.
        let _ = tokio::time::timeout(Duration::from_secs(10), connection).await;
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The WebSocket address for programs on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let address = self
            .addresses
            .iter()
            .find(|address| address.ip().is_loopback())
            .or(self.addresses.first())
            .copied()
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
        let scheme = if self.state.tls.is_some() { "wss" } else { "ws" };
        format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
    }

    /// A link that signs one browser in, once, within ten minutes. `None` when no credential is needed.
    #[must_use]
    pub fn login_url(&self) -> Option<String> {
        self.state.login_credential()?;
        let code = self.state.login_codes.issue(&self.state.ids, self.state.clock.now_ms());
        Some(self.url().replacen("ws", "http", 1) + &LoginCodes::path(&code))
    }

    /// Changes that somebody waits for and that are not on stable storage yet. A simulated network lets no time pass while
    /// there are some, because the thread that writes them is real.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.state.store.stats().awaited
    }

    /// The page for people.
    #[must_use]
    pub fn page_url(&self) -> String {
        // ws becomes http, and wss https.
        format!("{}/", self.url().replacen("ws", "http", 1))
    }

    /// The model that answers when nothing else is chosen, as `provider/model`.
    #[must_use]
    pub fn default_model(&self) -> String {
        self.state.agents().first().map(|agent| self.state.agent_model(agent).to_string()).unwrap_or_default()
    }

    /// SHA-256 of the certificate that it shows, hex; `None` without TLS.
    #[must_use]
    pub fn tls_fingerprint(&self) -> Option<String> {
        self.state.tls.as_ref().map(Tls::fingerprint)
    }

    fn audit(&self, event: &str) -> AuditEvent {
        gateway_audit(
            event,
            json!({
                "bootId": self.state.boot_id, "version": openclaw_protocol::VERSION, "url": self.url(),
                "configHash": self.state.active().loaded.hash,
            }),
        )
    }

    fn address_file(&self) -> AddressFile {
        AddressFile {
            path: self.state_dir.path().join("gateway.json"),
            url: self.url(),
            started_at: self.state.clock.now_ms(),
            boot_id: self.state.boot_id.clone(),
        }
    }

    /// Reads the configuration again, because `signal` asked for it; resolves when that is done. A file that cannot be used
    /// changes nothing and is reported in the log, `health` and `status`.
    pub async fn reload(&self, signal: &'static str) {
        // A gateway that is stopping has no use for another configuration.
        let _ = self.state.reload.again(Cause::Signal(signal)).await;
    }

    /// Says goodbye to everybody, lets what is at work come to rest, and ends.
    pub async fn stop(self, reason: &'static str) {
        let state = &self.state;
        info!(reason, "Gateway is stopping");
        state.hub.publish(Event::Shutdown { reason, restart_expected_ms: None });
        state.hub.close_where(close::RESTART, "service restart", |_| true);
        let left = state.tasks.shutdown(GRACE).await;
        if left > 0 {
            warn!(tasks = left as u64, "some work did not come to rest in time");
        }
        state.tailscale.withdraw().await;
        let stopped = Transaction { changes: Vec::new(), audit: self.audit("gateway.stopped"), idempotency: None };
        if let Err(error) = state.store.write(stopped).await {
            warn!(%error, "the stop is not in the audit trail");
        }
        audit_export::round(state, usize::MAX).await;
        self.address_file().remove();
        if let Err(error) = state.store.clone().close().await {
            warn!(%error, "the store did not close cleanly; it recovers at the next start");
        }
    }
}
