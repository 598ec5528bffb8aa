//! The production listener in a simulated network: minutes of silence, partitions, storms; and in `bad_days` whole days that
//! are made from numbers.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what helpers of tests cannot do fails the test, and whoever runs them chooses the days"
)]

mod bad_days;
mod client;
mod device;
mod find;
mod history;
mod invariants;
mod link;
mod spec;

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use openclaw_core::Clock;
use openclaw_gateway::{Listen, LogRing, start_on};
use openclaw_testkit::gateway::{Setup, connect_params, gateway_options};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

const PORT: u16 = 18789;
/// Long enough, in simulated time, for the store's real thread to answer.
const PATIENCE: Duration = Duration::from_secs(600);

struct Simulated(turmoil::net::TcpListener);

impl Listen for Simulated {
    type Io = turmoil::net::TcpStream;

    async fn accept(&mut self) -> io::Result<(Self::Io, SocketAddr)> {
        self.0.accept().await
    }
}

fn simulation() -> turmoil::Sim<'static> {
    let fixed = Duration::from_millis(1);
    turmoil::Builder::new()
        .simulation_duration(Duration::from_secs(3600))
        .min_message_latency(fixed)
        .max_message_latency(fixed)
        .tcp_capacity(4096)
        .enable_tokio_io()
        .build()
}

/// Starts a gateway as the host `gateway`; its log comes back. Its peers are not on its machine, so the configuration lets
/// the secret replace a signature.
fn host(sim: &mut turmoil::Sim<'static>, config: Value) -> Arc<std::sync::OnceLock<Arc<LogRing>>> {
    let log = Arc::new(std::sync::OnceLock::new());
    let told = Arc::clone(&log);
    sim.host("gateway", move || {
        let (config, told) = (config.clone(), Arc::clone(&told));
        async move {
            let dir = tempfile::tempdir()?;
            let begun = Instant::now();
            // The clock on the wall goes with the simulation.
            let clock =
                Clock::from_fn(move || 1_800_000_000_000 + i64::try_from(begun.elapsed().as_millis()).unwrap_or(0));
            let options = gateway_options(dir.path(), &Setup { config, clock, ..Setup::default() });
            let _ = told.set(Arc::clone(&options.log));
            let listener = Simulated(turmoil::net::TcpListener::bind(("0.0.0.0", PORT)).await?);
            let _running = start_on(options, vec![(SocketAddr::from(([127, 0, 0, 1], PORT)), listener)]).await?;
            std::future::pending::<()>().await;
            Ok(())
        }
    });
    log
}

/// Runs the simulation to its end, not much faster than the store's real thread can follow.
fn run(mut sim: turmoil::Sim<'static>) {
    while !sim.step().expect("the simulation goes on") {
        std::thread::sleep(Duration::from_micros(20));
    }
}

struct Peer(WebSocketStream<turmoil::net::TcpStream>);

impl Peer {
    async fn connect(params: &Value) -> Option<Self> {
        let stream = turmoil::net::TcpStream::connect(("gateway", PORT)).await.ok()?;
        let url = format!("ws://127.0.0.1:{PORT}/");
        let (socket, _) = timeout(PATIENCE, tokio_tungstenite::client_async(url, stream)).await.ok()?.ok()?;
        let mut peer = Self(socket);
        peer.until(|frame| frame["event"] == "connect.challenge").await;
        let connect = json!({ "type": "req", "id": "c", "method": "connect", "params": params });
        peer.0.send(Message::text(connect.to_string())).await.ok()?;
        let hello = peer.until(|frame| frame["id"] == "c").await?;
        assert_eq!(hello["ok"], true, "{hello}");
        Some(peer)
    }

    async fn connected() -> Self {
        Self::connected_with(&connect_params(&["operator.read"])).await
    }

    async fn connected_with(params: &Value) -> Self {
        loop {
            match Self::connect(params).await {
                Some(peer) => return peer,
                None => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    /// Takes what comes until the gateway closes; code and reason.
    async fn end(&mut self) -> (u16, String) {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("something is said") {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("a close was expected, not {other:?}"),
            }
        }
    }

    /// Frames until one fits; `None` when the connection ends.
    async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("something is said")? {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).expect("a frame is JSON");
                    if fits(&frame) {
                        return Some(frame);
                    }
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                _ => return None,
            }
        }
    }
}

#[test]
fn three_silent_intervals_close_the_connection_and_the_log_says_heartbeat_timeout() {
    let mut sim = simulation();
    let log = host(&mut sim, json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } } } }));
    sim.client("client", async move {
        let mut lost = Peer::connected().await;
        let _logged = openclaw_testkit::log::kept(log.get().unwrap(), tracing::level_filters::LevelFilter::INFO);
        turmoil::partition("client", "gateway");
        tokio::time::sleep(Duration::from_secs(100)).await;
        turmoil::repair("client", "gateway");
        // Whoever comes back finds the old connection closed and a new one served.
        let mut again = Peer::connected().await;
        let tail = json!({ "type": "req", "id": "t", "method": "logs.tail", "params": {} });
        again.0.send(Message::text(tail.to_string())).await.unwrap();
        let tail = again.until(|frame| frame["id"] == "t").await.unwrap();
        let lines: Vec<&str> = tail["payload"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let line = lines.iter().find(|line| line.contains("Heartbeat timeout"));
        let line = line.unwrap_or_else(|| panic!("{lines:?}"));
        assert!(
            line.starts_with(r#"{"level":"warn","msg":"Heartbeat timeout","client_id":"cli","missed_pongs":3"#),
            "{line}"
        );
        drop(again);
        let _ = timeout(Duration::from_secs(1), lost.0.next()).await;
        Ok(())
    });
    run(sim);
}

#[test]
fn a_peer_that_answers_pings_stays_and_hears_a_tick_every_thirty_seconds() {
    let mut sim = simulation();
    host(&mut sim, json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } } } }));
    sim.client("client", async {
        let mut peer = Peer::connected().await;
        let mut before: Option<Instant> = None;
        for _ in 0..5 {
            peer.until(|frame| frame["event"] == "tick").await.expect("the connection stays");
            if let Some(before) = before {
                let gap = before.elapsed().as_secs_f64();
                assert!((29.9..31.0).contains(&gap), "{gap}");
            }
            before = Some(Instant::now());
        }
        Ok(())
    });
    run(sim);
}

#[test]
fn whoever_asks_for_nothing_is_closed_after_the_idle_timeout_and_whoever_asks_stays() {
    let mut sim = simulation();
    host(
        &mut sim,
        json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } }, "limits": { "idleTimeoutMs": 20_000 } } }),
    );
    sim.client("client", async {
        let (mut idle, mut busy, mut waiting) = (Peer::connected().await, Peer::connected().await, Peer::connected().await);
        let begun = Instant::now();
        // What is at work counts as long as it lasts.
        let wait = json!({ "type": "req", "id": "w", "method": "agent.wait", "params": { "runId": "nobody", "timeoutMs": 50_000 } });
        waiting.0.send(Message::text(wait.to_string())).await?;
        let asking = async {
            for _ in 0..4 {
                tokio::time::sleep(Duration::from_secs(15)).await;
                let ping = json!({ "type": "req", "id": "p", "method": "ping" });
                busy.0.send(Message::text(ping.to_string())).await.unwrap();
                assert_eq!(busy.until(|frame| frame["id"] == "p").await.unwrap()["ok"], true);
            }
        };
        let watching = async {
            assert_eq!(idle.end().await, (1008, "idle timeout".to_owned()));
            assert!((19..25).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
            assert_eq!(waiting.until(|frame| frame["id"] == "w").await.unwrap()["ok"], true);
            assert_eq!(waiting.end().await, (1008, "idle timeout".to_owned()));
            assert!((69..80).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        };
        tokio::join!(asking, watching);
        Ok(())
    });
    run(sim);
}

#[test]
fn a_hundred_peers_that_come_back_at_once_are_all_served() {
    let mut sim = simulation();
    host(
        &mut sim,
        json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } }, "limits": { "preauthPerAddress": 200 } } }),
    );
    let served = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&served);
    sim.client("client", async move {
        let mut peers = Vec::new();
        for round in 0..2 {
            let storm = (0..100).map(|_| Peer::connected());
            peers = futures_util::future::join_all(storm).await;
            counted.fetch_add(peers.len(), Ordering::Relaxed);
            if round == 0 {
                turmoil::partition("client", "gateway");
                tokio::time::sleep(Duration::from_secs(100)).await;
                turmoil::repair("client", "gateway");
            }
        }
        for peer in &mut peers {
            let ping = json!({ "type": "req", "id": "p", "method": "ping" });
            peer.0.send(Message::text(ping.to_string())).await?;
            assert_eq!(peer.until(|frame| frame["id"] == "p").await.unwrap()["ok"], true);
        }
        Ok(())
    });
    run(sim);
    assert_eq!(served.load(Ordering::Relaxed), 200);
}

#[test]
fn presence_is_told_at_most_once_in_250_ms() {
    let mut sim = simulation();
    host(&mut sim, json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } } } }));
    sim.client("client", async {
        let mut reader = Peer::connected().await;
        let joining = async {
            let mut backend = connect_params(&["operator.read"]);
            backend["client"]["id"] = json!("gateway-client");
            backend["client"]["mode"] = json!("backend");
            let mut peers = Vec::new();
            for _ in 0..20 {
                peers.push(Peer::connected_with(&backend).await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            peers
        };
        let watching = async {
            let mut before: Option<Instant> = None;
            loop {
                let event = reader.until(|frame| frame["event"] == "presence").await.unwrap();
                if let Some(before) = before {
                    assert!(before.elapsed() >= Duration::from_millis(245), "{:?}", before.elapsed());
                }
                before = Some(Instant::now());
                if event["payload"]["presence"].as_array().unwrap().len() > 20 {
                    return;
                }
            }
        };
        let _ = tokio::join!(joining, watching);
        Ok(())
    });
    run(sim);
}

#[test]
fn what_nobody_answers_is_over_when_its_time_is_and_not_before() {
    let mut sim = simulation();
    host(&mut sim, json!({ "gateway": { "auth": { "deviceAuth": { "requireSignature": false } } } }));
    sim.client("client", async {
        let mut params = connect_params(&["operator.approvals"]);
        params["caps"] = json!(["exec-approvals"]);
        let mut reviewer = Peer::connected_with(&params).await;
        let mut asker = Peer::connected_with(&params).await;
        let ask = |id: &str, timeout_ms: u64| {
            let params = json!({ "id": id, "command": "ls", "timeoutMs": timeout_ms, "twoPhase": true });
            Message::text(
                json!({ "type": "req", "id": id, "method": "exec.approval.request", "params": params }).to_string(),
            )
        };
        let begun = Instant::now();
        let mut due = BTreeMap::new();
        for (id, timeout_ms) in [("later", 45_000), ("sooner", 20_000)] {
            asker.0.send(ask(id, timeout_ms)).await?;
            let accepted = asker.until(|frame| frame["id"] == id).await.unwrap();
            assert_eq!(accepted["payload"]["status"], "accepted", "{accepted}");
            due.insert(id, accepted["payload"]["createdAtMs"].as_i64().unwrap() + i64::try_from(timeout_ms)?);
        }
        // When the end of the one before was told, by the gateway's clock.
        let mut told_ms = 0;
        for (id, seconds) in [("sooner", 20.0), ("later", 45.0)] {
            let told = reviewer.until(|frame| frame["event"] == "exec.approval.resolved").await.unwrap();
            let took = begun.elapsed().as_secs_f64();
            assert_eq!((&told["payload"]["id"], &told["payload"]["reason"]), (&json!(id), &json!("timeout")), "{told}");
            // It was over on time, unless the end of the other was still being stored. When it is told is no matter of the gateway:
            // the store's thread is real, and while it syncs on a busy disk a simulated minute passes.
            let over_ms = told["payload"]["ts"].as_i64().unwrap();
            assert!(took >= seconds, "{id}: {took}");
            assert!((due[id]..due[id].max(told_ms) + 1000).contains(&over_ms), "{id}: {over_ms} is not {}", due[id]);
            told_ms = due["later"] - 45_000 + i64::try_from(begun.elapsed().as_millis())?;
            let answer = asker.until(|frame| frame["id"] == id).await.unwrap();
            assert_eq!(answer["payload"]["decision"], Value::Null, "{answer}");
        }
        Ok(())
    });
    run(sim);
}
