//! A real gateway on a loopback port, in this process, with its own state directory.

use std::{os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use futures_util::{SinkExt, StreamExt};
use openclaw_client::{ClientInfo, Connection, Credentials, GatewayUrl, Handles, Options};
use openclaw_config::{LoadRequest, load};
use openclaw_core::{Clock, Environment, Ids, Secret, Tasks};
use openclaw_gateway::{LogFormat, LogRing, Running, start};
use openclaw_store::StateDir;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

/// The shared token of every test gateway.
pub const TOKEN: &str = "test-token-0123456789abcdef0123456789";

/// Name of the configuration in the folder of a test gateway.
const CONFIG_FILE: &str = "openclaw.json";

/// A running gateway. Its state directory goes when this is dropped.
pub struct TestGateway {
    running: Option<Running>,
    dir: Arc<TempDir>,
    clock: Clock,
    log: Arc<LogRing>,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The configuration, JSON5, beside what every test gateway has.
    pub config: Value,
    /// Variables for model discovery.
    pub environment: Vec<(String, String)>,
    /// Time.
    pub clock: Clock,
}

impl Default for Setup {
    fn default() -> Self {
        Self { config: json!({}), environment: Vec::new(), clock: Clock::system() }
    }
}

/// A test that is through leaves nothing open: others of the same process run on.
impl Drop for TestGateway {
    fn drop(&mut self) {
        if let (Some(running), Ok(runtime)) = (self.running.take(), tokio::runtime::Handle::try_current()) {
            let dir = Arc::clone(&self.dir);
            runtime.spawn(async move {
                running.stop("test over").await;
                drop(dir);
            });
        }
    }
}

impl TestGateway {
    /// A gateway with token auth and the demo model.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// A gateway whose configuration has these keys besides.
    pub async fn with_config(config: Value) -> Self {
        Self::with(Setup { config, ..Setup::default() }).await
    }

    /// A gateway.
    pub async fn with(setup: Setup) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().expect("a temporary folder")), setup).await
    }

    async fn start_in(dir: Arc<TempDir>, setup: Setup) -> Self {
        let options = gateway_options(dir.path(), &setup);
        let log = Arc::clone(&options.log);
        let running = start(options).await.expect("a test gateway starts");
        Self { running: Some(running), dir, clock: setup.clock, log }
    }

    /// Stops the gateway and starts it again on the same state.
    pub async fn restart(self, setup: Setup) -> Self {
        self.restart_after(setup, || {}).await
    }

    /// The same, and does something to its state while it does not run.
    pub async fn restart_after(mut self, setup: Setup, meanwhile: impl FnOnce()) -> Self {
        if let Some(running) = self.running.take() {
            running.stop("restart").await;
        }
        meanwhile();
        Self::start_in(Arc::clone(&self.dir), setup).await
    }

    /// Says goodbye and ends.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop("stop").await;
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the gateway runs until it is stopped")
    }

    /// `ws://…`
    #[must_use]
    pub fn url(&self) -> String {
        self.running().url()
    }

    /// `http://…` or `https://…`, without a slash at the end.
    #[must_use]
    pub fn http(&self) -> String {
        self.url().replacen("ws", "http", 1)
    }

    /// SHA-256 of its certificate, hex, when it speaks TLS.
    #[must_use]
    pub fn tls_fingerprint(&self) -> Option<String> {
        self.running().tls_fingerprint()
    }

    /// `host:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        self.url().split_once("://").map_or_else(String::new, |(_, authority)| authority.to_owned())
    }

    /// The link that signs a browser in.
    #[must_use]
    pub fn login_url(&self) -> Option<String> {
        self.running().login_url()
    }

    /// Time as the gateway has it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The log that `logs.tail` reads. A test that looks at it installs its layer as the subscriber of its thread.
    #[must_use]
    pub fn log(&self) -> &Arc<LogRing> {
        &self.log
    }

    /// Sends bytes over plain TCP and reads until the gateway closes, at most 20 s.
    pub async fn tcp(&self, bytes: &[u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = TcpStream::connect(self.authority()).await.expect("the gateway listens");
        stream.write_all(bytes).await.expect("the gateway takes a request");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(std::time::Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        // A reset after the answer is an end like any other.
        let _ = read.expect("the gateway closes within 20 s");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The answer to `GET path` with these header lines besides `Host`, as it stands on the wire.
    pub async fn get(&self, path: &str, headers: &str) -> String {
        let host = self.authority();
        self.tcp(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n").as_bytes()).await
    }

    /// A TCP connection that was upgraded on this path and has read nothing of the protocol yet.
    pub async fn upgraded(&self, path: &str) -> TcpStream {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = TcpStream::connect(self.authority()).await.expect("the gateway listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.authority()
        );
        stream.write_all(request.as_bytes()).await.expect("the gateway takes a request");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the gateway answers the upgrade"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        stream
    }

    /// The folder of the state directory and the configuration.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The configuration's file.
    #[must_use]
    pub fn config_path(&self) -> std::path::PathBuf {
        self.dir.path().join(CONFIG_FILE)
    }

    /// Writes the configuration as somebody with an editor does: these keys besides what every test gateway has.
    pub fn edit(&self, config: &Value) {
        self.edit_text(&whole(config));
    }

    /// Writes this text over the configuration.
    pub fn edit_text(&self, text: &str) {
        write_private(&self.config_path(), text);
    }

    /// Asks it to read its configuration again and waits until it has.
    pub async fn reload(&self) {
        self.running().reload("SIGHUP").await;
    }

    /// How an administrator's program on this machine connects.
    #[must_use]
    pub fn options(&self) -> Options {
        let url: GatewayUrl = self.url().parse().expect("the gateway's own address");
        let client = ClientInfo::new("cli", "cli");
        let mut options = Options::new(url, client, Handles::system());
        options.credentials = Credentials { token: Some(Secret::new(TOKEN)), ..Credentials::default() };
        options.scopes = vec!["operator.admin".to_owned()];
        options
    }

    /// An administrator's connection.
    pub async fn connect(&self) -> Connection {
        openclaw_client::connect(&self.options()).await.expect("the shared token admits")
    }

    /// A connection with these scopes.
    pub async fn connect_with(&self, scopes: &[&str]) -> Connection {
        let mut options = self.options();
        options.scopes = scopes.iter().map(ToString::to_string).collect();
        openclaw_client::connect(&options).await.expect("the shared token admits")
    }

    /// A bare socket that has read nothing yet.
    pub async fn raw(&self) -> Raw {
        Raw::open(&self.url(), &[]).await
    }

    /// A bare socket with headers of its own.
    pub async fn raw_with(&self, headers: &[(&'static str, &str)]) -> Raw {
        Raw::open(&self.url(), headers).await
    }
}

/// A WebSocket without a protocol on top: for frames that no client would send.
pub struct Raw {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// A frame.
    Frame(Value),
    /// The other side closed with this code and reason.
    Closed(u16, String),
    /// The connection is gone without a word.
    Gone,
}

impl Got {
    /// The frame.
    ///
    /// # Panics
    /// When something else came.
    #[must_use]
    pub fn frame(self) -> Value {
        match self {
            Self::Frame(frame) => frame,
            other => panic!("a frame was expected, not {other:?}"),
        }
    }
}

impl Raw {
    /// Opens a socket.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Self {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let mut request = url.into_client_request().expect("an address");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header value"));
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("the gateway upgrades");
        Self { socket }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) {
        self.text(frame.to_string()).await;
    }

    /// The next frame, or `None` when nothing more comes within `wait`.
    pub async fn within(&mut self, wait: std::time::Duration) -> Option<Got> {
        tokio::time::timeout(wait, self.next()).await.ok()
    }

    /// Takes frames until the other side ends, and says how.
    pub async fn end(&mut self) -> Got {
        loop {
            match self.next().await {
                Got::Frame(_) => {}
                end => return end,
            }
        }
    }

    /// Sends text as it is.
    pub async fn text(&mut self, text: impl Into<String>) {
        // The other side may have closed already; the test looks at what it said.
        let _ = self.socket.send(Message::text(text.into())).await;
    }

    /// Sends bytes as they are.
    pub async fn binary(&mut self, bytes: Vec<u8>) {
        let _ = self.socket.send(Message::binary(bytes)).await;
    }

    /// Takes what comes next, passing over pings.
    pub async fn next(&mut self) -> Got {
        loop {
            let wait = tokio::time::timeout(std::time::Duration::from_secs(20), self.socket.next());
            return match wait.await.expect("the gateway says something within 20 s") {
                Some(Ok(Message::Text(text))) => Got::Frame(serde_json::from_str(&text).expect("a frame is JSON")),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    Got::Closed(code.into(), reason.to_string())
                }
                Some(Ok(Message::Close(None))) => Got::Closed(1005, String::new()),
                Some(Ok(other)) => panic!("no such frame was expected: {other:?}"),
                Some(Err(_)) | None => Got::Gone,
            };
        }
    }

    /// Takes frames until this response comes.
    pub async fn response(&mut self, id: &str) -> Value {
        loop {
            let frame = self.next().await.frame();
            if frame["type"] == "res" && frame["id"] == id {
                return frame;
            }
        }
    }

    /// Takes frames until this event comes.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.next().await.frame();
            if frame["type"] == "event" && frame["event"] == name {
                return frame;
            }
        }
    }

    /// Takes the challenge and returns its nonce.
    pub async fn challenge(&mut self) -> String {
        let frame = self.next().await.frame();
        assert_eq!(frame["event"], "connect.challenge", "{frame}");
        frame["payload"]["nonce"].as_str().expect("a nonce").to_owned()
    }

    /// Takes the challenge, sends `connect` with these parameters, returns the answer.
    pub async fn shake(&mut self, params: &Value) -> Value {
        self.challenge().await;
        self.send(&json!({ "type": "req", "id": "connect-1", "method": "connect", "params": params })).await;
        self.response("connect-1").await
    }

    /// Calls a method.
    pub async fn call(&mut self, id: &str, method: &str, params: Value) -> Value {
        self.send(&json!({ "type": "req", "id": id, "method": method, "params": params })).await;
        self.response(id).await
    }
}

/// `connect` parameters of a program on this machine that knows the token, in dialect 4.
#[must_use]
pub fn connect_params(scopes: &[&str]) -> Value {
    json!({
        "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": scopes,
        "client": { "id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli" },
        "auth": { "token": TOKEN },
    })
}

/// What a test gateway is started with: its state below `dir`, token auth, the demo model, no metrics.
///
/// # Panics
/// When the configuration does not load or the state directory is taken.
#[must_use]
pub fn gateway_options(dir: &Path, setup: &Setup) -> openclaw_gateway::Options {
    let path = dir.join(CONFIG_FILE);
    write_private(&path, &whole(&setup.config));
    // Nothing that happens to run on this machine may answer a test.
    let quiet = [("OLLAMA_HOST", "127.0.0.1:9"), ("HOME", "/nonexistent")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment: Environment = quiet.into_iter().chain(setup.environment.clone()).collect();
    let request = LoadRequest {
        config_path: Some(path),
        environment: environment.clone(),
        home: Some(dir.to_path_buf()),
        ..LoadRequest::default()
    };
    openclaw_gateway::Options {
        config: load(&request).expect("a test's configuration loads"),
        load: request,
        state_dir: StateDir::claim(&dir.join("state")).expect("a fresh state directory"),
        environment,
        clock: setup.clock.clone(),
        ids: Ids::system(),
        tasks: Tasks::new(),
        log: LogRing::new(setup.clock.clone(), LogFormat::Off),
        follow_logging: Arc::new(|_| {}),
        guard: None,
        host: "test-host".to_owned(),
    }
}

fn whole(config: &Value) -> String {
    let mut whole = json!({
        "gateway": { "port": 0, "auth": { "mode": "token", "token": TOKEN } },
        "metrics": { "enabled": false },
    });
    merge(&mut whole, config);
    format!("{whole:#}")
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn write_private(path: &Path, text: &str) {
    use std::io::Write;
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a private file");
}
