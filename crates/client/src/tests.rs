//! The client against a scripted gateway, under paused time.

#![expect(clippy::disallowed_methods, reason = "scripted gateways run beside the client that they test")]

mod handshake;
mod requests;
mod supervised;
mod tls;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use openclaw_core::{Clock, Ids, Secret, Tasks};
use serde_json::{Value, json};
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use crate::{ClientInfo, Dial, GatewayUrl, Handles, Options, Transport};

/// When the scripted gateway says it is, milliseconds.
const NOW: i64 = 1_764_000_000_000;

/// The gateway's end of a connection.
struct Gateway {
    socket: WebSocketStream<DuplexStream>,
}

impl Gateway {
    async fn send(&mut self, frame: Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    async fn raw(&mut self, message: Message) {
        let _ = self.socket.send(message).await;
    }

    async fn challenge(&mut self) {
        self.send(json!({"type": "event", "event": "connect.challenge", "payload": {"nonce": "n-1", "ts": NOW}})).await;
    }

    /// The next request; `None` when the client is gone.
    async fn request(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    async fn answer(&mut self, request: &Value, payload: Value) {
        self.send(json!({"type": "res", "id": request["id"], "ok": true, "payload": payload})).await;
    }

    async fn refuse(&mut self, request: &Value, error: Value, code: u16, reason: &'static str) {
        self.send(json!({"type": "res", "id": request["id"], "ok": false, "error": error})).await;
        self.raw(crate::socket::close(code, reason)).await;
    }

    /// Challenge, connect, hello; the connect's parameters.
    async fn greet(&mut self) -> Value {
        self.challenge().await;
        let connect = self.request().await.unwrap();
        self.answer(&connect, hello(4)).await;
        connect["params"].clone()
    }

    /// Keeps the connection open until the client goes, and tells the close code that it gave.
    async fn idle(&mut self) -> Option<u16> {
        while let Some(Ok(message)) = self.socket.next().await {
            if let Message::Close(frame) = message {
                // One more read answers the close.
                let _ = self.socket.next().await;
                return frame.map(|frame| frame.code.into());
            }
        }
        None
    }
}

fn hello(protocol: u8) -> Value {
    json!({
        "type": "hello-ok", "protocol": protocol,
        "server": {"version": "2026.11.20", "connId": "c-1", "bootId": "b-1"},
        "features": {"methods": ["health"], "events": ["tick"]},
        "snapshot": {"presence": [], "health": {}, "stateVersion": {"presence": 1, "health": 1}, "uptimeMs": 1},
        "auth": {"role": "operator", "scopes": ["operator.read"]},
        "policy": {"maxPayload": 26_214_400, "maxBufferedBytes": 52_428_800, "tickIntervalMs": 30_000},
    })
}

fn options(dial: Dial) -> Options {
    let handles = Handles { clock: Clock::manual(NOW).0, ids: Ids::seeded(7), tasks: Tasks::new() };
    let url: GatewayUrl = "ws://127.0.0.1:18789".parse().unwrap();
    Options { dial, ..Options::new(url, ClientInfo::new("cli", "cli"), handles) }
}

/// A gateway that serves every connection with `serve`, which also gets the connection's number, from 0.
fn gateway<F>(serve: impl Fn(Gateway, usize) -> F + Send + Sync + Clone + 'static) -> Options
where
    F: Future<Output = ()> + Send + 'static,
{
    let count = Arc::new(AtomicUsize::new(0));
    options(Dial::from_fn(move |_| {
        let (near, far) = duplex(64 * 1024);
        let (serve, number) = (serve.clone(), count.fetch_add(1, Ordering::Relaxed));
        tokio::spawn(async move {
            if let Ok(socket) = accept_async(far).await {
                serve(Gateway { socket }, number).await;
            }
        });
        async move { Ok(Box::new(near) as Box<dyn Transport>) }
    }))
}

/// Something that is no gateway: it answers every connection with these bytes.
fn speaks(bytes: &'static str) -> Options {
    options(Dial::from_fn(move |_| async move {
        let (near, mut far) = duplex(64 * 1024);
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let _ = far.read(&mut [0; 4096]).await;
            let _ = far.write_all(bytes.as_bytes()).await;
        });
        Ok(Box::new(near) as Box<dyn Transport>)
    }))
}

/// What happened, for scripts that run elsewhere.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<VecDeque<Value>>>);

impl Diary {
    fn write(&self, line: impl Into<Value>) {
        self.0.lock().unwrap().push_back(line.into());
    }

    fn lines(&self) -> Vec<Value> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text))
}
