//! Another gateway that does what a test says.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use openclaw_core::Tasks;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

/// Answers a request with these frames; `None` for what every gateway answers.
type Script = dyn Fn(&Value) -> Option<Vec<Value>> + Send + Sync;

/// A gateway of which a test says what it answers.
pub(crate) struct Far {
    pub(crate) url: String,
    open: watch::Receiver<usize>,
    asked: watch::Receiver<Vec<Value>>,
}

impl Far {
    pub(crate) async fn new(script: impl Fn(&Value) -> Option<Vec<Value>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (opened, open) = watch::channel(0);
        let (asking, asked) = watch::channel(Vec::new());
        let (opened, asking, script): (_, _, Arc<Script>) = (Arc::new(opened), Arc::new(asking), Arc::new(script));
        let tasks = Tasks::new();
        tasks.clone().spawn("far gateway", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (opened, asking, script) = (Arc::clone(&opened), Arc::clone(&asking), Arc::clone(&script));
                tasks.spawn("far connection", async move {
                    opened.send_modify(|open| *open += 1);
                    converse(stream, &asking, &*script).await;
                    opened.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { url, open, asked }
    }

    /// What adds it.
    pub(crate) fn named(&self, name: &str) -> Value {
        json!({ "name": name, "url": self.url, "token": "far-token-0123456789", "allowPrivateNetwork": true })
    }

    /// Waits until so many connections are open.
    pub(crate) async fn until_open(&self, count: usize) {
        let mut open = self.open.clone();
        let wait = tokio::time::timeout(Duration::from_secs(15), open.wait_for(|open| *open == count)).await;
        assert!(wait.is_ok(), "{} connections are open and not {count}", *self.open.borrow());
    }

    /// Waits until it was asked so many times, and tells with which parameters.
    pub(crate) async fn until_asked(&self, count: usize, which: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut asked = self.asked.clone();
        let wanted = |asked: &Vec<Value>| asked.iter().filter(|one| which(one)).count() >= count;
        let wait = tokio::time::timeout(Duration::from_secs(15), asked.wait_for(wanted)).await;
        let asked = wait.expect("it is asked within 15 s").unwrap();
        asked.iter().filter(|one| which(one)).map(|one| one["params"].clone()).collect()
    }
}

/// Whether a request is the connect of somebody's own connection, and not that of the gateway in between.
pub(crate) fn is_line(request: &Value) -> bool {
    request["method"] == "connect" && request["params"]["client"]["displayName"].as_str().unwrap_or("").contains(" (")
}

/// The answer to a request.
pub(crate) fn answer(request: &Value, payload: &Value) -> Value {
    json!({ "type": "res", "id": request["id"], "ok": true, "payload": payload })
}

/// The refusal of a request.
pub(crate) fn refuse(request: &Value, error: &Value) -> Value {
    json!({ "type": "res", "id": request["id"], "ok": false, "error": error })
}

/// Not sent: what follows is sent later.
pub(crate) fn pause(ms: u64) -> Value {
    json!({ "pauseMs": ms })
}

fn usual(request: &Value) -> Vec<Value> {
    let payload = match request["method"].as_str().unwrap() {
        "connect" => json!({
            "type": "hello-ok", "protocol": 4, "server": { "version": "2026.11.20", "connId": "c-1", "bootId": "far" },
            "features": { "methods": ["health"], "events": ["tick"] }, "snapshot": {},
            "auth": { "role": "operator", "scopes": request["params"]["scopes"] },
            "policy": { "maxPayload": 26_214_400, "maxBufferedBytes": 52_428_800, "tickIntervalMs": 30_000 },
        }),
        _ => json!({}),
    };
    vec![answer(request, &payload)]
}

async fn converse(stream: TcpStream, asking: &watch::Sender<Vec<Value>>, script: &Script) {
    let Ok(mut socket) = accept_async(stream).await else { return };
    let challenge = json!({ "type": "event", "event": "connect.challenge", "payload": { "nonce": "n-1", "ts": 1 } });
    let _ = socket.send(Message::text(challenge.to_string())).await;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap();
        let frames = script(&request).unwrap_or_else(|| usual(&request));
        asking.send_modify(|asked| asked.push(request));
        for frame in frames {
            match frame["pauseMs"].as_u64() {
                Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                None => drop(socket.send(Message::text(frame.to_string())).await),
            }
        }
    }
}
