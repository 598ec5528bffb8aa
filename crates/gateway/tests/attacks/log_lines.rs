//! What strangers write stays what it is: within its line of the log (T52), and it teaches them nothing about the machine (T82).

use std::fs;

use openclaw_gateway::LogFile;
use openclaw_testkit::gateway::{TestGateway, connect_params};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

/// Texts that try to be a line of their own, or to steer whoever reads it.
const TEXTS: [&str; 8] = [
    "x\r\n{\"level\":\"error\",\"msg\":\"planted\"}",
    "x\n{\"level\":\"error\",\"msg\":\"planted\"}\n",
    "x\u{85}planted\u{2028}planted\u{2029}planted",
    "x\u{1b}[2J\u{1b}[31mplanted\u{7}\u{8}",
    "x\u{9b}2J planted",
    "x\u{202e}detnalp",
    "x\",\"level\":\"planted",
    "x\u{0}planted",
];

#[tokio::test]
async fn t52_nothing_that_strangers_write_begins_a_line_of_the_log() {
    let gateway = TestGateway::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    gateway.log().also_to(LogFile::open(&file, 0o600, None, gateway.clock().now_ms()).unwrap());
    let _kept = openclaw_testkit::log::kept(gateway.log(), LevelFilter::TRACE);
    let long = "planted".repeat(2200);
    for text in TEXTS.iter().copied().chain([long.as_str()]) {
        for place in
            ["id", "version", "displayName", "platform", "mode", "deviceFamily", "modelIdentifier", "instanceId"]
        {
            let mut params = connect_params(&["operator.read"]);
            params["client"][place] = json!(text);
            let mut raw = gateway.raw().await;
            raw.challenge().await;
            raw.send(&json!({ "type": "req", "id": text, "method": "connect", "params": params })).await;
            // Let in or refused: one answer is enough. A wrong credential would cost a delay each time.
            raw.next().await;
        }
        let mut raw = gateway.raw().await;
        raw.shake(&connect_params(&["operator.read"])).await;
        raw.send(&json!({ "type": "req", "id": "1", "method": text, "params": { text: text } })).await;
        raw.response("1").await;
        let plain: String = text.chars().filter(|c| !c.is_control()).take(4000).collect();
        for line in ["User-Agent", "Origin", "X-Forwarded-For", "Referer", "X-OpenClaw-Agent-Id", "X-OpenClaw-Scopes"] {
            gateway.get("/metrics", &format!("{line}: {plain}\r\n")).await;
        }
    }
    for line in ["Authorization: Bearer", "X-Agent-Token:"] {
        gateway.get("/metrics", &format!("{line} {}\r\n", TEXTS[6])).await;
    }
    let log = fs::read_to_string(&file).unwrap();
    assert!(log.lines().count() > 50, "what strangers do is logged");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert!(["trace", "debug", "info", "warn", "error"].contains(&entry["level"].as_str().unwrap()), "{line}");
        assert!(entry["msg"] != "planted", "{line}");
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
        assert!(line.len() < 20 * 1024, "{} bytes in one line", line.len());
    }
}

#[tokio::test]
async fn t82_whoever_is_not_in_learns_no_path_and_no_version() {
    let gateway = TestGateway::start().await;
    let dir = gateway.dir().display().to_string();
    let mut told = String::new();
    for params in [
        json!({}),
        json!([]),
        json!("x"),
        json!({ "minProtocol": "4" }),
        json!({ "minProtocol": 4, "maxProtocol": 4, "client": {} }),
        json!({ "minProtocol": 900, "maxProtocol": 901, "client": { "id": "cli", "version": "1", "platform": "x", "mode": "cli" } }),
        {
            let mut params = connect_params(&["operator.admin"]);
            params["auth"] = json!({ "token": "wrong" });
            params
        },
    ] {
        let mut raw = gateway.raw().await;
        let challenge = raw.next().await.frame();
        told.push_str(&challenge.to_string());
        raw.send(&json!({ "type": "req", "id": "1", "method": "connect", "params": params })).await;
        while let openclaw_testkit::gateway::Got::Frame(frame) = raw.next().await {
            told.push_str(&frame.to_string());
        }
    }
    for path in [
        "/metrics",
        "/events",
        "/openapi.json",
        "/v1/models",
        "/sessions/main/history",
        "/no/such",
        "/rpc/health",
        "/hooks/agent",
        "/tools/invoke",
    ] {
        told.push_str(&gateway.get(path, "").await);
    }
    for secret in
        [dir.as_str(), openclaw_protocol::VERSION, "/src/", ".rs:", "panicked", "gateway.sqlite", "openclaw.json"]
    {
        assert!(!told.contains(secret), "{secret:?} was told: {told}");
    }
}
