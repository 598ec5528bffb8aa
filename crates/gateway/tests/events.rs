//! Who gets which event, and how often.

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_testkit::gateway::{Got, Raw, TOKEN, TestGateway, connect_params};
use openclaw_testkit::llm::{FakeLlm, Wire};
use serde_json::{Value, json};

/// A connection whose mode is `ui`, in a dialect.
async fn ui(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let client = json!({ "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" });
    let hello =
        raw.shake(&json!({ "minProtocol": 1, "maxProtocol": 1, "client": client, "auth": { "token": TOKEN } })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

async fn plain(gateway: &TestGateway, scopes: &[&str]) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(scopes)).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// Events until the answer to a ping that is sent now.
async fn events_until_now(raw: &mut Raw) -> Vec<Value> {
    raw.send(&json!({ "type": "req", "id": "now", "method": "ping" })).await;
    let mut events = Vec::new();
    loop {
        let frame = raw.next().await.frame();
        if frame["id"] == "now" {
            return events;
        }
        events.push(frame);
    }
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

#[tokio::test]
async fn ticks_carry_sessions_for_connections_of_mode_ui_only() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "tickIntervalMs": 1000 } })).await;
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    plain.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    plain.call("w", "agent.wait", json!({ "runId": "r" })).await;
    let tick = loop {
        let tick = ui.event("tick").await;
        if !tick["payload"]["snapshot"]["sessions"].as_array().unwrap().is_empty() {
            break tick;
        }
    };
    let row = &tick["payload"]["snapshot"]["sessions"][0];
    assert_eq!(row["key"], "agent:main:main", "{tick}");
    for field in ["kind", "model", "totalTokens", "contextTokens", "messageCount", "cost", "updatedAt", "active"] {
        assert!(row.get(field).is_some(), "{field} in {row}");
    }
    let tick = plain.event("tick").await;
    let members = tick["payload"].as_object().unwrap();
    assert!(members.len() == 1 && members["ts"].is_i64(), "{tick}");
}

#[tokio::test]
async fn log_lines_go_to_connections_of_mode_ui_only() {
    let gateway = TestGateway::start().await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::TRACE);
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    tracing::info!("a line for the page");
    tracing::debug!("a line for nobody");
    loop {
        let event = ui.event("log").await;
        let message = event["payload"]["message"].as_str().unwrap();
        assert_ne!(message, "a line for nobody");
        if message == "a line for the page" {
            assert!(event["payload"]["timestamp"].is_i64() && event["payload"]["level"] == "info", "{event}");
            break;
        }
    }
    assert!(!names(&events_until_now(&mut plain).await).contains(&"log"));
}

#[tokio::test]
async fn agent_status_is_told_to_mode_ui_when_it_changes() {
    // A model that takes its time: a newer status takes the place of one that still waits to be told.
    let llm = FakeLlm::start().await;
    let provider =
        json!({ "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "apiKey": "any-key" });
    let gateway = TestGateway::with_config(json!({
        "models": { "providers": { "fake": provider } }, "agents": { "defaults": { "model": "fake/model" } },
    }))
    .await;
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    plain.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    let busy = ui.event("agent.status").await;
    assert_eq!((&busy["payload"]["status"], busy["payload"]["id"].is_i64()), (&json!("busy"), true), "{busy}");
    let idle = loop {
        let event = ui.event("agent.status").await;
        if event["payload"]["status"] == "idle" {
            break event;
        }
    };
    assert_eq!(idle["payload"]["id"], busy["payload"]["id"]);
    let seen = idle["payload"]["last_seen"].as_i64().unwrap();
    assert!(seen < 100_000_000_000, "seconds, not milliseconds: {seen}");
    plain.call("w", "agent.wait", json!({ "runId": "r" })).await;
    assert!(!names(&events_until_now(&mut plain).await).contains(&"agent.status"));
}

#[tokio::test]
async fn without_read_nobody_sees_chat_and_without_pairing_nobody_sees_pairing() {
    let gateway = TestGateway::start().await;
    let mut nothing = plain(&gateway, &[]).await;
    let mut pairing = plain(&gateway, &["operator.pairing"]).await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let mut admin = plain(&gateway, &["operator.admin"]).await;
    admin.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    admin.call("w", "agent.wait", json!({ "runId": "r" })).await;
    // A device that nobody knows, without any secret.
    let device = DeviceIdentity::generate(&Ids::system(), &Clock::system());
    let mut stranger = gateway.raw().await;
    let nonce = stranger.challenge().await;
    let now = Clock::system().now_ms();
    let text = format!("v2|{}|gateway-client|ui|operator|operator.read|{now}||{nonce}", device.device_id());
    let refused = stranger
        .call("c", "connect", json!({
            "minProtocol": 3, "maxProtocol": 3, "role": "operator", "scopes": ["operator.read"],
            "client": { "id": "gateway-client", "version": "1", "platform": "web", "mode": "ui" },
            "device": { "id": device.device_id(), "publicKey": device.public_key(), "signature": device.sign(&text), "signedAt": now, "nonce": nonce },
        }))
        .await;
    assert_eq!(refused["error"]["code"], "NOT_PAIRED", "{refused}");
    assert!(matches!(stranger.next().await, Got::Closed(..)));
    for (raw, chat, pair) in [
        (&mut nothing, false, false),
        (&mut pairing, false, true),
        (&mut reader, true, false),
        (&mut admin, true, true),
    ] {
        let events = events_until_now(raw).await;
        let names = names(&events);
        let asked = names.contains(&"device.pair.requested");
        assert_eq!((names.contains(&"chat") || chat, asked), (chat, pair), "{names:?}");
        // An administrator's own answers came after the events, which were passed over with them.
    }
}

#[tokio::test]
async fn session_messages_reach_followers_only() {
    let gateway = TestGateway::start().await;
    let mut follower = plain(&gateway, &["operator.admin"]).await;
    let mut other = plain(&gateway, &["operator.admin"]).await;
    other.call("m", "chat.inject", json!({ "sessionKey": "main", "message": "first" })).await;
    follower.call("s", "sessions.messages.subscribe", json!({ "key": "main" })).await;
    other.call("m2", "chat.inject", json!({ "sessionKey": "main", "message": "second" })).await;
    assert!(follower.event("session.message").await.to_string().contains("second"));
    follower.call("u", "sessions.messages.unsubscribe", json!({ "key": "main" })).await;
    other.call("m3", "chat.inject", json!({ "sessionKey": "main", "message": "third" })).await;
    for raw in [&mut follower, &mut other] {
        assert!(!names(&events_until_now(raw).await).contains(&"session.message"));
    }
}

#[tokio::test]
async fn events_are_numbered_from_one_without_gaps_per_connection() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "tickIntervalMs": 1000 } })).await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let mut nothing = plain(&gateway, &[]).await;
    let mut writer = plain(&gateway, &["operator.admin"]).await;
    for number in 0..3 {
        let params = json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": format!("r{number}") });
        writer.call("s", "chat.send", params).await;
        writer.call("w", "agent.wait", json!({ "runId": format!("r{number}") })).await;
    }
    for raw in [&mut reader, &mut nothing] {
        let mut events = events_until_now(raw).await;
        events.push(raw.event("tick").await);
        let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn presence_lists_who_is_there_with_its_version() {
    let gateway = TestGateway::start().await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let first = ui(&gateway).await;
    let list = |event: &Value| event["payload"]["presence"].as_array().unwrap().len();
    let joined = reader.event("presence").await;
    assert_eq!(list(&joined), 2, "{joined}");
    drop(first);
    let left = reader.event("presence").await;
    assert_eq!(list(&left), 1, "{left}");
    let version = |event: &Value| event["stateVersion"]["presence"].as_u64().unwrap();
    assert!(version(&left) > version(&joined));
}
