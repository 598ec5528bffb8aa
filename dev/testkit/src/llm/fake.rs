//! The fake's outside: start it, script it, ask what it saw.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use openclaw_core::Tasks;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

use super::{
    connection,
    script::{Record, Script, Settings, Wire},
};

/// The most requests that are kept; older ones are forgotten.
pub const MAX_RECORDED: usize = 1_000;

/// One request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The wire; nothing for the lists of models.
    pub wire: Option<Wire>,
    /// Which connection it came on, counted from 0.
    pub connection: u64,
    /// Path and query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; null when there was none.
    pub body: Value,
}

impl Recorded {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How many connections there are and were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// Ever accepted.
    pub accepted: u64,
    /// Open now.
    pub open: u64,
    /// Closed by the client while an answer was under way.
    pub abandoned: u64,
}

/// A vendor on loopback. Dropping it closes every connection.
pub struct FakeLlm {
    address: SocketAddr,
    state: Arc<State>,
    tasks: Tasks,
}

pub(super) struct State {
    inner: Mutex<Inner>,
    pub(super) changed: Notify,
    pub(super) settings: Settings,
}

#[derive(Default)]
struct Inner {
    scripts: VecDeque<Script>,
    always: Option<Arc<Script>>,
    key: Option<String>,
    models: Vec<String>,
    requests: VecDeque<Recorded>,
    request_count: u64,
    violations: Vec<String>,
    connections: Connections,
}

impl FakeLlm {
    /// Starts on a free loopback port.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_on(any, Settings::default()).await.expect("loopback has a free port")
    }

    /// Starts on this address, for example for the load tool.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_on(address: SocketAddr, settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let inner = Inner { models: vec!["fake-model".into()], ..Inner::default() };
        let state = Arc::new(State { inner: Mutex::new(inner), changed: Notify::new(), settings });
        let tasks = Tasks::new();
        let (accepting, serving) = (Arc::clone(&state), tasks.clone());
        tasks.spawn("fake llm", async move {
            let stop = serving.stop_token();
            while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
                let (state, stop) = (Arc::clone(&accepting), stop.clone());
                let id = state.connected();
                serving.spawn("fake llm connection", async move {
                    let abandoned = stop.run_until_cancelled(connection::serve(stream, &state, id)).await;
                    state.disconnected(abandoned.unwrap_or(connection::Ended::Quiet));
                });
            }
        });
        Ok(Self { address, state, tasks })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address for a provider of this wire.
    #[must_use]
    pub fn base_url(&self, wire: Wire) -> String {
        format!("http://{}{}", self.address, wire.base_path())
    }

    /// Answers the next unscripted request with this script, once.
    pub fn script(&self, script: Script) {
        self.state.lock().scripts.push_back(script);
    }

    /// Answers every request that has no script of its own with this one.
    pub fn always(&self, script: Script) {
        self.state.lock().always = Some(Arc::new(script));
    }

    /// Refuses every key but this one with 401. Without it any key will do.
    pub fn require_key(&self, key: impl Into<String>) {
        self.state.lock().key = Some(key.into());
    }

    /// The models that `/api/tags` and `/v1/models` list.
    pub fn serve_models(&self, models: &[&str]) {
        self.state.lock().models = models.iter().map(|&model| model.to_owned()).collect();
    }

    /// The latest requests, oldest first, those that were refused among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.lock().requests.iter().cloned().collect()
    }

    /// How many requests there were.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.state.lock().request_count
    }

    /// What requests did that the vendors refuse.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().violations.clone()
    }

    /// How many connections there are and were.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.state.lock().connections
    }

    /// Waits until `condition` holds for the connections.
    ///
    /// # Panics
    /// When it does not within 10 s.
    pub async fn until(&self, condition: impl Fn(Connections) -> bool) {
        let waiting = async {
            loop {
                let changed = self.state.changed.notified();
                if condition(self.connections()) {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "the connections stay at {:?}", self.connections());
    }
}

impl Drop for FakeLlm {
    fn drop(&mut self) {
        self.tasks.stop_token().cancel();
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A test that panicked elsewhere must not hide its own failure behind this one.
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn connected(&self) -> u64 {
        let mut inner = self.lock();
        inner.connections.open += 1;
        inner.connections.accepted += 1;
        let id = inner.connections.accepted - 1;
        drop(inner);
        self.changed.notify_waiters();
        id
    }

    fn disconnected(&self, ended: connection::Ended) {
        let mut inner = self.lock();
        inner.connections.open -= 1;
        if ended == connection::Ended::Abandoned {
            inner.connections.abandoned += 1;
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    pub(super) fn record(&self, request: Recorded) {
        let mut inner = self.lock();
        inner.request_count += 1;
        if self.settings.record == Record::Latest {
            if inner.requests.len() == MAX_RECORDED {
                inner.requests.pop_front();
            }
            inner.requests.push_back(request);
        }
    }

    pub(super) fn violated(&self, what: String) {
        let mut inner = self.lock();
        if inner.violations.len() < MAX_RECORDED {
            inner.violations.push(what);
        }
    }

    pub(super) fn required_key(&self) -> Option<String> {
        self.lock().key.clone()
    }

    pub(super) fn models(&self) -> Vec<String> {
        self.lock().models.clone()
    }

    pub(super) fn next_script(&self) -> Option<Arc<Script>> {
        let mut inner = self.lock();
        inner.scripts.pop_front().map(Arc::new).or_else(|| inner.always.clone())
    }
}
