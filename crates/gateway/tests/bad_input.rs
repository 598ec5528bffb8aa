//! Frames and requests that no well-behaved client sends, each with its answer (SPEC-NOTES 8).

use std::time::Duration;

use openclaw_testkit::gateway::{Got, Raw, TestGateway, connect_params};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn connected(gateway: &TestGateway, scopes: &[&str]) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(scopes)).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

async fn still_there(raw: &mut Raw) {
    assert_eq!(raw.call("still", "ping", json!({})).await["ok"], true);
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

fn message(answer: &Value) -> &str {
    answer["error"]["message"].as_str().unwrap_or_default()
}

fn nested() -> String {
    format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))
}

#[tokio::test]
async fn before_auth_text_that_is_not_json_closes_1007() {
    let gateway = TestGateway::start().await;
    for text in ["", "hello", "{", "{\"type\":\"req\"", "{}x", &nested(), "\u{0}"] {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        raw.text(text).await;
        match raw.end().await {
            Got::Closed(1007 | 1008, _) => {}
            other => panic!("{:?}: {other:?}", &text[..text.len().min(20)]),
        }
    }
    let mut raw = gateway.raw().await;
    raw.challenge().await;
    raw.text("hello").await;
    assert!(matches!(raw.next().await, Got::Closed(1007, _)));
}

#[tokio::test]
async fn before_auth_binary_closes_1003() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    raw.challenge().await;
    raw.binary(b"{}".to_vec()).await;
    assert!(matches!(raw.next().await, Got::Closed(1003, _)));
}

#[tokio::test]
async fn a_first_frame_that_is_not_connect_is_told_then_closed_1008() {
    let gateway = TestGateway::start().await;
    for method in ["health", "ping", "no.such", "Connect"] {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        let answer = raw.call("x", method, json!({})).await;
        assert_eq!((code(&answer), &answer["ok"]), ("INVALID_REQUEST", &json!(false)), "{answer}");
        assert!(matches!(raw.next().await, Got::Closed(1008, _)));
    }
}

#[tokio::test]
async fn connect_without_a_common_version_closes_1002() {
    let gateway = TestGateway::start().await;
    for (min, max) in [(5, 9), (2, 2), (0, 0), (4, 3)] {
        let mut params = connect_params(&[]);
        params["minProtocol"] = json!(min);
        params["maxProtocol"] = json!(max);
        let mut raw = gateway.raw().await;
        let answer = raw.shake(&params).await;
        assert_eq!(answer["error"]["details"]["code"], "PROTOCOL_MISMATCH", "{answer}");
        assert_eq!(raw.next().await, Got::Closed(1002, "protocol mismatch".to_owned()));
    }
}

#[tokio::test]
async fn connect_parameters_of_the_wrong_shape_name_the_path() {
    let gateway = TestGateway::start().await;
    for (params, path) in [
        (Value::Null, "minProtocol"),
        (json!({}), "minProtocol"),
        (json!([]), "root"),
        (json!({ "minProtocol": 4, "maxProtocol": 4, "client": { "id": 5 } }), "/client/id"),
        (
            json!({ "minProtocol": 4, "maxProtocol": 4, "client": { "id": "nobody", "mode": "cli", "version": "1", "platform": "x" } }),
            "/client/id",
        ),
        (
            json!({ "minProtocol": 4, "maxProtocol": 4, "client": { "id": "cli", "mode": "cli", "version": "1", "platform": "x" }, "scopes": "all" }),
            "/scopes",
        ),
    ] {
        let mut raw = gateway.raw().await;
        let answer = raw.shake(&params).await;
        assert!(
            message(&answer).starts_with("invalid connect params: ") && message(&answer).contains(path),
            "{answer}"
        );
        assert!(matches!(raw.next().await, Got::Closed(1008, _)));
    }
}

#[tokio::test]
async fn connect_twice_is_refused_and_the_socket_stays() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    let answer = raw.call("again", "connect", connect_params(&["operator.admin"])).await;
    assert_eq!(code(&answer), "INVALID_REQUEST", "{answer}");
    still_there(&mut raw).await;
}

#[tokio::test]
async fn after_auth_a_bad_frame_is_answered_and_the_socket_stays() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    let long = "i".repeat(257);
    for (text, id) in [
        ("hello".to_owned(), "invalid"),
        (String::new(), "invalid"),
        (nested(), "invalid"),
        ("[]".to_owned(), "invalid"),
        ("null".to_owned(), "invalid"),
        (r#"{"type":"req","id":"x","method":"ping"} trailing"#.to_owned(), "invalid"),
        (r#"{"type":"req","id":"m"}"#.to_owned(), "m"),
        (r#"{"type":"req","id":"m","method":5}"#.to_owned(), "m"),
        (r#"{"type":"req","id":"m","method":""}"#.to_owned(), "m"),
        (r#"{"type":"event","id":"m","method":"ping"}"#.to_owned(), "m"),
        (r#"{"type":"req","id":"","method":"ping"}"#.to_owned(), "invalid"),
        (r#"{"type":"req","id":5,"method":"ping"}"#.to_owned(), "invalid"),
        (format!(r#"{{"type":"req","id":"{long}","method":"ping"}}"#), "invalid"),
    ] {
        raw.text(text.clone()).await;
        let answer = raw.response(id).await;
        assert_eq!(code(&answer), "INVALID_REQUEST", "{answer} to {:?}", &text[..text.len().min(60)]);
        assert!(message(&answer).starts_with("invalid request frame"), "{answer}");
        assert!(answer.to_string().len() < 1000);
    }
    raw.send(&json!({ "type": "req", "id": "i".repeat(256), "method": "ping" })).await;
    assert_eq!(raw.response(&"i".repeat(256)).await["ok"], true);
}

#[tokio::test]
async fn after_auth_binary_is_read_as_json() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.read"]).await;
    raw.binary(br#"{"type":"req","id":"b","method":"ping"}"#.to_vec()).await;
    assert_eq!(raw.response("b").await["ok"], true);
    raw.binary(vec![0xff, 0xfe, 0x00]).await;
    assert_eq!(code(&raw.response("invalid").await), "INVALID_REQUEST");
    still_there(&mut raw).await;
}

#[tokio::test]
async fn deep_nesting_in_parameters_is_an_error_of_that_call_alone() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for params in
        [deep.clone(), format!(r#"{{"sessionKey":{deep}}}"#), format!(r#"{{"sessionKey":"main","x":{deep}}}"#)]
    {
        raw.text(format!(r#"{{"type":"req","id":"d","method":"chat.history","params":{params}}}"#)).await;
        let answer = raw.response("d").await;
        assert_eq!(code(&answer), "INVALID_REQUEST", "{answer}");
    }
    raw.text(deep.clone()).await;
    assert_eq!(code(&raw.response("invalid").await), "INVALID_REQUEST");
    still_there(&mut raw).await;
    let mut dialect_1 = gateway.raw().await;
    dialect_1.shake(&json!({ "minProtocol": 1, "maxProtocol": 1, "client": { "id": "cli" }, "auth": { "token": openclaw_testkit::gateway::TOKEN } })).await;
    dialect_1
        .text(format!(r#"{{"type":"req","id":"d","method":"chat.history","params":{{"sessionId":{deep}}}}}"#))
        .await;
    assert_eq!(code(&dialect_1.response("d").await), "INVALID_REQUEST");
    let mut stranger = gateway.raw().await;
    stranger.challenge().await;
    stranger.text(format!(r#"{{"type":"req","id":"d","method":"connect","params":{}}}"#, nested())).await;
    assert_eq!(code(&stranger.response("d").await), "INVALID_REQUEST");
    assert!(matches!(stranger.next().await, Got::Closed(1008, _)));
}

#[tokio::test]
async fn an_unknown_method_tells_nothing_to_whoever_may_not_do_everything() {
    let gateway = TestGateway::start().await;
    let mut admin = connected(&gateway, &["operator.admin"]).await;
    let answer = admin.call("u", "no.such\u{7}", json!({})).await;
    assert_eq!(message(&answer), "unknown method: no.such", "{answer}");
    let mut reader = connected(&gateway, &["operator.read"]).await;
    let unknown = reader.call("u", "no.such", json!({})).await;
    let forbidden = reader.call("u", "spawn", json!({})).await;
    assert!(message(&unknown).starts_with("missing scope: operator."), "{unknown}");
    assert!(message(&forbidden).starts_with("missing scope: operator."), "{forbidden}");
    assert_eq!(unknown["error"]["details"]["code"], "MISSING_SCOPE");
}

#[tokio::test]
async fn a_missing_scope_is_named_before_parameters_are_looked_at() {
    let gateway = TestGateway::start().await;
    let mut reader = connected(&gateway, &["operator.read"]).await;
    for params in [json!({ "nonsense": true }), json!(5)] {
        let answer = reader.call("s", "chat.send", params).await;
        assert_eq!((code(&answer), message(&answer)), ("FORBIDDEN", "missing scope: operator.write"), "{answer}");
    }
}

#[tokio::test]
async fn unknown_and_mistyped_parameters_name_the_path() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    for (method, params, path) in [
        ("chat.history", json!({ "sessionKey": "main", "colour": 1 }), "colour"),
        ("chat.history", json!({ "sessionKey": 5 }), "sessionKey"),
        ("chat.history", json!({}), "sessionKey"),
        ("chat.history", json!({ "sessionKey": "main", "limit": "ten" }), "limit"),
        ("chat.send", json!({ "sessionKey": "a\u{1}b", "message": "x", "idempotencyKey": "k" }), "sessionKey"),
        ("chat.send", json!({ "sessionKey": "", "message": "x", "idempotencyKey": "k" }), "sessionKey"),
        (
            "chat.send",
            json!({ "sessionKey": "main", "message": "x", "idempotencyKey": "k", "attachments": [{ "content": 5 }] }),
            "attachments",
        ),
    ] {
        let answer = raw.call("p", method, params).await;
        assert_eq!(code(&answer), "INVALID_REQUEST", "{answer}");
        assert!(
            message(&answer).contains(path) && message(&answer).starts_with(&format!("invalid {method} params")),
            "{answer}"
        );
    }
    for params in [json!(5), json!("x"), json!([])] {
        assert_eq!(code(&raw.call("p", "ping", params).await), "INVALID_REQUEST");
    }
    still_there(&mut raw).await;
}

#[tokio::test]
async fn an_id_in_use_is_refused_until_its_answer_has_come() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    let wait =
        json!({ "type": "req", "id": "w", "method": "agent.wait", "params": { "runId": "nobody", "timeoutMs": 300 } });
    raw.send(&wait).await;
    raw.send(&wait).await;
    let refused = raw.response("w").await;
    assert!(message(&refused).starts_with("duplicate request id"), "{refused}");
    assert_eq!(raw.response("w").await["payload"]["status"], "timeout");
    raw.send(&wait).await;
    assert_eq!(raw.response("w").await["payload"]["status"], "timeout");
}

#[tokio::test]
async fn work_goes_on_when_its_caller_has_left() {
    let gateway = TestGateway::start().await;
    let mut raw = connected(&gateway, &["operator.admin"]).await;
    raw.send(&json!({ "type": "req", "id": "a", "method": "agent", "params": { "message": "hi", "idempotencyKey": "left" } })).await;
    raw.response("a").await;
    drop(raw);
    let mut other = connected(&gateway, &["operator.admin"]).await;
    let end = other.call("w", "agent.wait", json!({ "runId": "left", "timeoutMs": 20_000 })).await;
    assert_eq!(end["payload"]["status"], "ok", "{end}");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_closed_1008() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "handshakeTimeoutMs": 200 } })).await;
    let mut raw = gateway.raw().await;
    raw.challenge().await;
    assert_eq!(raw.next().await, Got::Closed(1008, "handshake timeout".to_owned()));
}

/// Reads frames until a close frame and returns its code.
async fn close_code(stream: &mut TcpStream) -> u16 {
    loop {
        let first = stream.read_u8().await.expect("the gateway closes with a frame");
        let len = match stream.read_u8().await.expect("the gateway closes with a frame") {
            126 => usize::from(stream.read_u16().await.expect("the gateway closes with a frame")),
            127 => usize::try_from(stream.read_u64().await.expect("the gateway closes with a frame"))
                .expect("the gateway closes with a frame"),
            len => usize::from(len),
        };
        let mut payload = vec![0; len];
        stream.read_exact(&mut payload).await.expect("the gateway closes with a frame");
        if first & 0x0f == 8 {
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

#[tokio::test]
async fn a_header_that_claims_2_to_the_63_bytes_is_refused_from_the_header() {
    let gateway = TestGateway::start().await;
    for claimed in [1_u64 << 62, (1 << 63) - 1, 64 * 1024 + 1] {
        let mut stream = gateway.upgraded("/").await;
        stream.write_all(&[0x81, 0x80 | 127]).await.unwrap();
        stream.write_u64(claimed).await.unwrap();
        stream.write_all(&[1, 2, 3, 4]).await.unwrap();
        assert_eq!(close_code(&mut stream).await, 1009, "{claimed}");
    }
}

#[tokio::test]
async fn broken_framing_is_a_protocol_error() {
    let gateway = TestGateway::start().await;
    for bytes in [&[0x81, 0x00][..], &[0xf1, 0x80, 0, 0, 0, 0], &[0x83, 0x80, 0, 0, 0, 0], &[0x80, 0x80, 0, 0, 0, 0]] {
        let mut stream = gateway.upgraded("/").await;
        stream.write_all(bytes).await.unwrap();
        assert_eq!(close_code(&mut stream).await, 1002, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_peer_that_ends_its_half_is_let_go() {
    let gateway = TestGateway::start().await;
    let mut stream = gateway.upgraded("/").await;
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn calls_of_a_role_that_may_not_make_them_end_the_connection() {
    let gateway = TestGateway::start().await;
    let identity =
        openclaw_client::DeviceIdentity::generate(&openclaw_core::Ids::system(), &openclaw_core::Clock::system());
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let now = openclaw_core::Clock::system().now_ms();
    let text =
        format!("v2|{}|node-host|node|node||{now}|{}|{nonce}", identity.device_id(), openclaw_testkit::gateway::TOKEN);
    let hello = raw
        .call("c", "connect", json!({
            "minProtocol": 4, "maxProtocol": 4, "role": "node", "scopes": [], "auth": { "token": openclaw_testkit::gateway::TOKEN },
            "client": { "id": "node-host", "version": "1", "platform": "linux", "mode": "node" },
            "device": { "id": identity.device_id(), "publicKey": identity.public_key(), "signature": identity.sign(&text), "signedAt": now, "nonce": nonce },
        }))
        .await;
    assert_eq!(hello["payload"]["auth"]["role"], "node", "{hello}");
    assert_eq!(raw.call("h", "health", json!({})).await["ok"], true);
    for _ in 0..11 {
        let answer = raw.call("n", "sessions.list", json!({})).await;
        assert_eq!(message(&answer), "unauthorized role: node", "{answer}");
    }
    assert!(matches!(raw.end().await, Got::Closed(1008, reason) if reason.contains("unauthorized")));
}
