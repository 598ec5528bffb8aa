//! One connection of a client, and the day that it belongs to.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use openclaw_core::Clock;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::{
    PORT,
    history::{Entry, History, What},
};

/// How long a client waits for each step of coming in.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a day has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Things break.
    Storm,
    /// Nothing breaks any more.
    Mended,
    /// Everybody has been served.
    Calm,
    /// What the gateway remembers was looked at: whoever has heard everything goes home.
    Over,
}

/// What all clients of a day share.
pub(crate) struct Day {
    pub(crate) phase: Cell<Phase>,
    pub(crate) history: RefCell<History>,
    /// The gateway's, which devices follow.
    pub(crate) clock: Clock,
    /// The name of each device, by client.
    pub(crate) devices: Vec<Option<String>>,
    connections: Cell<u32>,
}

impl Day {
    pub(crate) fn new(clock: Clock, devices: Vec<Option<String>>) -> Self {
        let phase = Cell::new(Phase::Storm);
        Self { phase, history: RefCell::default(), clock, devices, connections: Cell::new(0) }
    }

    pub(crate) fn note(&self, at_ms: u64, client: usize, conn: u32, what: What) {
        self.history.borrow_mut().note(Entry { at_ms, client, conn, what });
    }
}

/// Simulated milliseconds since the day began.
pub(crate) fn now_ms() -> u64 {
    turmoil::sim_elapsed().map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

/// A connection that takes frames and notes them.
pub(crate) struct Link<'a> {
    day: &'a Day,
    client: usize,
    pub(crate) conn: u32,
    socket: WebSocketStream<turmoil::net::TcpStream>,
    next_id: u64,
}

impl<'a> Link<'a> {
    /// Connects and takes the challenge.
    pub(crate) async fn open(day: &'a Day, client: usize) -> Option<(Self, String)> {
        let stream = timeout(PATIENCE, turmoil::net::TcpStream::connect(("gateway", PORT))).await.ok()?.ok()?;
        let url = format!("ws://127.0.0.1:{PORT}/");
        let (socket, _) = timeout(PATIENCE, tokio_tungstenite::client_async(url, stream)).await.ok()?.ok()?;
        let conn = day.connections.get() + 1;
        day.connections.set(conn);
        let mut link = Self { day, client, conn, socket, next_id: 0 };
        let challenge = timeout(PATIENCE, link.frame()).await.ok()?.ok()?;
        Some((link, challenge["payload"]["nonce"].as_str().unwrap_or_default().to_owned()))
    }

    pub(crate) fn note(&self, what: What) {
        self.day.note(now_ms(), self.client, self.conn, what);
    }

    /// Asks to come in; the answer.
    pub(crate) async fn shake(&mut self, params: &Value, device: Option<String>) -> Option<Value> {
        let token = params["auth"]["deviceToken"].as_str().map(str::to_owned);
        self.note(What::Asks { device, token });
        self.put(&json!({ "type": "req", "id": "c", "method": "connect", "params": params })).await.ok()?;
        loop {
            let frame = timeout(PATIENCE, self.frame()).await.ok()?.ok()?;
            if frame["id"] == "c" {
                return Some(frame);
            }
        }
    }

    /// Sends a request; its id.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        params: &Value,
        about: &str,
        value: &str,
    ) -> Result<String, String> {
        self.next_id += 1;
        let id = format!("r{}", self.next_id);
        let (method_sent, about, value) = (method.to_owned(), about.to_owned(), value.to_owned());
        self.note(What::Sent { id: id.clone(), method: method_sent, about, value });
        self.put(&json!({ "type": "req", "id": id, "method": method, "params": params })).await?;
        Ok(id)
    }

    async fn put(&mut self, frame: &Value) -> Result<(), String> {
        match timeout(PATIENCE, self.socket.send(Message::text(frame.to_string()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("sending fails: {error}")),
            Err(_) => Err("nothing is taken for 20 s".to_owned()),
        }
    }

    /// The next frame, noted unless it answers `connect`; or how the connection ended. May be dropped at any time.
    pub(crate) async fn frame(&mut self) -> Result<Value, String> {
        loop {
            let text = match self.socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(frame))) => {
                    let said = frame.map(|frame| format!("{} {}", frame.code, frame.reason));
                    return Err(said.unwrap_or_else(|| "the gateway says nothing".to_owned()));
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Err(format!("reading fails: {error}")),
                None => return Err("the end of the stream".to_owned()),
            };
            let frame: Value = serde_json::from_str(&text).map_err(|error| format!("a frame is no JSON: {error}"))?;
            if frame["type"] == "event" {
                let name = frame["event"].as_str().unwrap_or_default().to_owned();
                self.note(What::Event { name, seq: frame["seq"].as_u64(), payload: frame["payload"].clone() });
            } else if frame["id"] != "c" {
                let ok = frame["ok"] == true;
                let payload = if ok { &frame["payload"] } else { &frame["error"] };
                let id = frame["id"].as_str().unwrap_or_default().to_owned();
                self.note(What::Answer { id, ok, payload: payload.clone() });
            }
            return Ok(frame);
        }
    }

    /// Says goodbye.
    pub(crate) async fn leave(mut self) {
        let _ = timeout(PATIENCE, self.socket.close(None)).await;
    }
}
