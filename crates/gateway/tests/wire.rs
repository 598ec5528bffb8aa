//! Handshakes, dialects and answers, seen from the outside.

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_testkit::gateway::{Got, Raw, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

/// What differs from start to start, replaced by its name.
fn redacted(value: &Value) -> Value {
    const CHANGING: [&str; 22] = [
        "connId",
        "bootId",
        "ts",
        "uptimeMs",
        "appliedConfigHash",
        "instanceId",
        "version",
        "serverVersion",
        "platform",
        "configPath",
        "stateDir",
        "deviceToken",
        "issuedAtMs",
        "sessionId",
        "durationMs",
        "deviceId",
        "methods",
        "health",
        "capabilities",
        "features",
        "nonce",
        "recoveryScope",
    ];
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match value {
                Value::Null => (name.clone(), Value::Null),
                _ if CHANGING.contains(&name.as_str()) && name != "features" => {
                    (name.clone(), json!(format!("[{name}]")))
                }
                // Who else is there, and how often that changed, is a matter of time.
                Value::Array(list) if name == "presence" => (name.clone(), list.iter().take(1).map(redacted).collect()),
                Value::Number(_) if name == "presence" => (name.clone(), json!("[presence]")),
                Value::Array(_) if name == "features" => (name.clone(), json!("[features]")),
                value => (name.clone(), redacted(value)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(redacted).collect(),
        other => other.clone(),
    }
}

fn params(dialect: u64, id: &str, mode: &str) -> Value {
    json!({
        "minProtocol": dialect, "maxProtocol": dialect, "role": "operator", "scopes": ["operator.admin"],
        "client": { "id": id, "version": "1.0.0", "platform": "web", "mode": mode },
        "auth": { "token": TOKEN },
    })
}

/// The connect of spec 001: an Ed25519 device beside the shared token.
fn signed(mut params: Value, nonce: &str, device: &DeviceIdentity) -> Value {
    let now = Clock::system().now_ms();
    let client = &params["client"];
    let text = format!(
        "v2|{}|{}|{}|operator|operator.admin|{now}|{TOKEN}|{nonce}",
        device.device_id(),
        client["id"].as_str().expect("a word"),
        client["mode"].as_str().expect("a word")
    );
    params["device"] = json!({
        "id": device.device_id(), "publicKey": device.public_key(), "signature": device.sign(&text), "signedAt": now, "nonce": nonce,
    });
    params
}

async fn connect_signed(raw: &mut Raw, params: Value) -> Value {
    let nonce = raw.challenge().await;
    let device = DeviceIdentity::generate(&Ids::system(), &Clock::system());
    let params = signed(params, &nonce, &device);
    raw.call("connect-1", "connect", params).await
}

#[tokio::test]
async fn the_challenge_comes_at_once_on_any_path() {
    let gateway = TestGateway::start().await;
    for path in ["/", "/foo", "/v1/chat/completions", "/health"] {
        let mut raw = Raw::open(&format!("{}{path}", gateway.url()), &[]).await;
        let challenge = raw.next().await.frame();
        assert_eq!(challenge["event"], "connect.challenge", "{path}");
        assert_eq!(challenge["payload"]["protocols"], json!([1, 3, 4]));
        assert!(challenge["payload"]["nonce"].as_str().unwrap().len() >= 32);
        assert!(challenge["payload"]["ts"].is_i64() && challenge["payload"]["deviceAuthRequired"].is_boolean());
        assert!(challenge.get("seq").is_none());
    }
}

#[tokio::test]
async fn hello_of_dialects_1_3_and_4_and_of_the_spec_001_client() {
    let gateway = TestGateway::start().await;
    for (name, dialect, id, mode) in
        [("dialect_1", 1, "control-ui", "frontend"), ("dialect_3", 3, "cli", "cli"), ("dialect_4", 4, "cli", "cli")]
    {
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&params(dialect, id, mode)).await;
        assert_eq!(hello["ok"], true, "{hello}");
        insta::assert_json_snapshot!(format!("hello_{name}"), redacted(&hello));
    }
    let mut raw = gateway.raw().await;
    let hello = connect_signed(&mut raw, params(3, "gateway-client", "ui")).await;
    assert_eq!(hello["ok"], true, "{hello}");
    assert_eq!(hello["payload"], hello["result"]);
    for feature in ["spawn", "cron", "logs"] {
        assert!(hello["result"]["features"].as_array().unwrap().contains(&json!(feature)), "{hello}");
    }
    assert!(hello["result"]["sessionId"].is_string() && hello["result"]["deviceToken"].is_string());
    insta::assert_json_snapshot!("hello_spec_001", redacted(&hello));
    let pong = raw.call("p", "ping", json!({})).await;
    assert_eq!(pong["payload"], pong["result"]);
}

#[tokio::test]
async fn only_the_spec_001_client_gets_a_result_beside_the_payload() {
    let gateway = TestGateway::start().await;
    for (dialect, id, mode) in [(3, "cli", "cli"), (4, "cli", "cli"), (1, "control-ui", "frontend")] {
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&params(dialect, id, mode)).await;
        assert!(hello.get("result").is_none(), "{hello}");
    }
}

#[tokio::test]
async fn the_highest_common_version_is_spoken() {
    let gateway = TestGateway::start().await;
    for (min, max, spoken) in [(1, 9, 4), (1, 3, 3), (3, 4, 4), (1, 2, 1), (2, 3, 3)] {
        let mut params = params(4, "cli", "cli");
        params["minProtocol"] = json!(min);
        params["maxProtocol"] = json!(max);
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&params).await;
        assert_eq!(hello["payload"]["protocol"], spoken, "{min}..{max}: {hello}");
    }
}

#[tokio::test]
async fn the_connect_that_spec_003_prints_works_and_answers_twice() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let hello = raw
        .shake(&json!({
            "minProtocol": 1, "maxProtocol": 1, "auth": { "token": TOKEN },
            "client": { "id": "control-ui", "displayName": "Control UI", "version": "1.0.0", "platform": "web", "mode": "frontend" },
        }))
        .await;
    let payload = &hello["payload"];
    assert_eq!((&payload["event"], &payload["protocolVersion"]), (&json!("hello-ok"), &json!(1)), "{hello}");
    assert!(payload["capabilities"].is_array() && payload["serverVersion"].is_string());
    let send = json!({ "sessionId": "abc-123", "message": "hello" });
    let accepted = raw.call("c", "chat.send", send).await;
    assert_eq!(accepted["payload"]["status"], "accepted", "{accepted}");
    let mut streamed = String::new();
    let answer = loop {
        let frame = raw.next().await.frame();
        match (frame["type"].as_str(), frame["event"].as_str()) {
            (Some("res"), _) => break frame,
            (_, Some("chat.delta")) => streamed.push_str(&frame["payload"].to_string()),
            _ => {}
        }
    };
    assert_eq!((&answer["id"], &answer["ok"]), (&json!("c"), &json!(true)));
    assert!(answer["payload"]["content"].as_str().unwrap().len() > 3 && !streamed.is_empty(), "{answer} {streamed}");
}

#[tokio::test]
async fn chat_streams_in_dialect_3_as_cumulative_messages_and_in_4_with_delta_texts() {
    let gateway = TestGateway::start().await;
    for dialect in [3, 4] {
        let mut raw = gateway.raw().await;
        raw.shake(&params(dialect, "cli", "cli")).await;
        let send = json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": format!("run-{dialect}") });
        raw.send(&json!({ "type": "req", "id": "c", "method": "chat.send", "params": send })).await;
        let mut last = String::new();
        loop {
            let event = raw.next().await.frame();
            if event["event"] != "chat" {
                continue;
            }
            let payload = &event["payload"];
            let text = payload["message"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
            if payload["state"] == "final" {
                assert!(text.starts_with(&last) && !last.is_empty(), "dialect {dialect}: {last:?} {text:?}");
                break;
            }
            assert!(text.starts_with(&last), "cumulative: {last:?} then {text:?}");
            if dialect == 4 {
                assert!(text.ends_with(payload["deltaText"].as_str().unwrap()), "{event}");
            }
            last = text;
        }
    }
}

#[tokio::test]
async fn a_method_that_works_for_long_answers_accepted_then_its_result() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    let ask = json!({ "message": "hi", "idempotencyKey": "two-phase" });
    let accepted = raw.call("a", "agent", ask).await;
    assert_eq!(accepted["payload"]["status"], "accepted", "{accepted}");
    let end = raw.response("a").await;
    assert_eq!((&end["ok"], &end["payload"]["status"]), (&json!(true), &json!("ok")), "{end}");
}

#[tokio::test]
async fn the_same_idempotency_key_does_the_work_once() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    let send = |text: &str| json!({ "sessionKey": "main", "message": text, "idempotencyKey": "once" });
    raw.call("1", "chat.send", send("hi")).await;
    raw.call("w", "agent.wait", json!({ "runId": "once" })).await;
    let again = raw.call("2", "chat.send", send("hi")).await;
    assert_eq!(again["payload"], json!({ "runId": "once", "status": "ok" }));
    let other = raw.call("3", "chat.send", send("something else")).await;
    assert_eq!(other["ok"], false, "{other}");
    let history = raw.call("h", "chat.history", json!({ "sessionKey": "main" })).await;
    assert_eq!(history["payload"]["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn ping_answers_in_every_dialect() {
    let gateway = TestGateway::start().await;
    for (dialect, id, mode) in [(1, "control-ui", "frontend"), (3, "cli", "cli"), (4, "cli", "cli")] {
        let mut raw = gateway.raw().await;
        raw.shake(&params(dialect, id, mode)).await;
        assert!(raw.call("p", "ping", json!({})).await["payload"]["ts"].is_i64());
    }
}

#[tokio::test]
async fn a_traceparent_is_accepted_and_other_unknown_frame_keys_are_ignored() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.read"])).await;
    for extra in [
        json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        json!("nonsense"),
        json!("x".repeat(4000)),
        Value::Null,
    ] {
        raw.send(&json!({ "type": "req", "id": "t", "method": "ping", "traceparent": extra, "expectFinal": true }))
            .await;
        assert_eq!(raw.response("t").await["ok"], true);
    }
}

#[tokio::test]
async fn every_error_has_code_message_and_details_code() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    for (method, params) in [
        ("no.such", json!({})),
        ("chat.history", json!({ "sessionKey": 5 })),
        ("ping", json!({ "unknown": 1 })),
        ("spawn", json!({ "command": "rm" })),
        ("agent.identity.get", json!({ "agentId": "nobody" })),
        ("connect", json!({})),
    ] {
        let answer = raw.call("e", method, params).await;
        let error = &answer["error"];
        assert_eq!(answer["ok"], false, "{answer}");
        for word in [&error["code"], &error["message"], &error["details"]["code"]] {
            assert!(word.as_str().is_some_and(|word| !word.is_empty()), "{answer}");
        }
    }
}

#[tokio::test]
async fn the_non_retryable_texts_of_spec_001_are_exact_and_close_its_client_with_4001() {
    let gateway = TestGateway::start().await;
    let origin = ("origin", "https://evil.example");
    for (id, mode, dialect, close) in [("gateway-client", "ui", 3, 4001), ("openclaw-control-ui", "webchat", 4, 1008)] {
        let mut raw = gateway.raw_with(&[origin]).await;
        let answer = raw.shake(&params(dialect, id, mode)).await;
        assert!(answer["error"]["message"].as_str().unwrap().starts_with("origin not allowed"), "{answer}");
        let Got::Closed(code, reason) = raw.next().await else { panic!("a close was expected") };
        assert!(code == close && reason.starts_with("origin not allowed"), "{code} {reason}");
    }
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let device = DeviceIdentity::generate(&Ids::system(), &Clock::system());
    let mut forged = signed(params(3, "gateway-client", "ui"), &nonce, &device);
    forged["device"]["signature"] = json!(device.sign("something else"));
    let answer = raw.call("c", "connect", forged).await;
    assert!(answer["error"]["message"].as_str().unwrap().starts_with("device signature invalid"), "{answer}");
    assert!(matches!(raw.next().await, Got::Closed(4001, _)));

    let strict = TestGateway::with_config(json!({ "gateway": { "controlUi": { "requireDeviceAuth": true } } })).await;
    let mut raw = strict.raw().await;
    let answer = raw.shake(&params(3, "gateway-client", "ui")).await;
    assert!(answer["error"]["message"].as_str().unwrap().starts_with("device identity required"), "{answer}");
    assert!(matches!(raw.next().await, Got::Closed(4001, _)));
}

#[tokio::test]
async fn a_wrong_token_is_refused_without_repeating_it() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = json!("a-wrong-token-0123456789");
    let answer = raw.shake(&params).await;
    assert!(answer["ok"] == false && !answer.to_string().contains("a-wrong-token"), "{answer}");
    assert!(matches!(raw.next().await, Got::Closed(1008, _)));
}

#[tokio::test]
async fn a_stop_says_so_then_closes_for_a_restart() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.read"])).await;
    let mut stranger = gateway.raw().await;
    stranger.challenge().await;
    let watch = async {
        let shutdown = raw.event("shutdown").await;
        assert!(shutdown["payload"]["reason"].is_string());
        assert_eq!(raw.next().await, Got::Closed(1012, "service restart".to_owned()));
        assert_eq!(stranger.next().await, Got::Closed(1012, "service restart".to_owned()));
    };
    tokio::join!(gateway.stop(), watch);
}

#[tokio::test]
async fn the_pages_of_logs_tail_continue_at_the_cursor() {
    let gateway = TestGateway::start().await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::TRACE);
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.read"])).await;
    let first = raw.call("1", "logs.tail", json!({})).await["payload"].clone();
    let hello = first["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line.as_str().unwrap().contains("WebSocket connection established"));
    assert!(hello.is_some(), "{first}");
    tracing::info!("between the pages");
    let next = raw.call("2", "logs.tail", json!({ "cursor": first["cursor"] })).await["payload"].clone();
    assert_eq!(next["lines"].as_array().unwrap().len(), 1, "{next}");
    let reset = raw.call("3", "logs.tail", json!({ "cursor": 1_u64 << 50, "limit": 1 })).await["payload"].clone();
    assert_eq!((&reset["reset"], reset["lines"].as_array().unwrap().len()), (&json!(true), 1));
    for bad in [json!({ "limit": 0 }), json!({ "limit": 5001 }), json!({ "maxBytes": 0 }), json!({ "cursor": -1 })] {
        assert_eq!(raw.call("4", "logs.tail", bad).await["error"]["code"], "INVALID_REQUEST");
    }
    assert!(!first.to_string().contains(TOKEN));
}
