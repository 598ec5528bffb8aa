//! The thin line through all layers: challenge, connect, health, a turn on the demo model, kept over a restart.

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use serde_json::{Value, json};

#[tokio::test]
async fn a_turn_streams_and_is_there_after_a_restart() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!((&hello["ok"], &hello["payload"]["protocol"]), (&json!(true), &json!(4)), "{hello}");
    let health = raw.call("h", "health", json!({})).await;
    assert_eq!(health["payload"]["ok"], true, "{health}");
    let started = raw
        .call("c", "chat.send", json!({ "sessionKey": "main", "message": "hello there", "idempotencyKey": "run-1" }))
        .await;
    assert_eq!(started["payload"], json!({ "runId": "run-1", "status": "started" }), "{started}");
    let mut text = String::new();
    let end = loop {
        let event = raw.event("chat").await;
        match event["payload"]["state"].as_str() {
            Some("delta") => text.push_str(event["payload"]["deltaText"].as_str().unwrap()),
            _ => break event,
        }
    };
    assert_eq!(end["payload"]["state"], "final", "{end}");
    assert_eq!(end["payload"]["message"]["content"][0]["text"], json!(text));
    assert!(text.contains("demo"), "{text}");
    let again = raw
        .call("c2", "chat.send", json!({ "sessionKey": "main", "message": "hello there", "idempotencyKey": "run-1" }))
        .await;
    assert_eq!(again["payload"], json!({ "runId": "run-1", "status": "ok" }));
    drop(raw);

    let gateway = gateway.restart(Setup::default()).await;
    let connection = gateway.connect().await;
    let history: Value = connection.call("chat.history", json!({ "sessionKey": "main" })).await.unwrap();
    let roles: Vec<&str> =
        history["messages"].as_array().unwrap().iter().filter_map(|message| message["role"].as_str()).collect();
    assert_eq!(roles, ["user", "assistant"]);
    gateway.stop().await;
}
