//! The same port over plain HTTP.

use openclaw_core::Tasks;
use openclaw_gateway::{RunError, start};
use openclaw_testkit::gateway::{Setup, TOKEN, TestGateway, connect_params, gateway_options};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn assert_secured(answer: &str) {
    let head = answer.split("\r\n\r\n").next().expect("an answer has a head").to_ascii_lowercase();
    for line in [
        "x-frame-options: deny",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'self'",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let gateway = TestGateway::start().await;
    for (path, headers, code) in [
        ("/", "", "200"),
        ("/health", "", "200"),
        ("/ready", "", "200"),
        ("/no/such/page", "", "404"),
        ("/api/login", "", "405"),
        ("/", "X-Forwarded-For: 10.0.0.1\r\n", "403"),
        ("/", &format!("{UPGRADE}Sec-WebSocket-Version: 12\r\n"), "426"),
        ("/", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", "400"),
    ] {
        let host = gateway.authority();
        let connection = if headers.contains("Upgrade") { "" } else { "Connection: close\r\n" };
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{connection}{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(head).unwrap();
        assert_eq!(status(&answer), code, "{path} {headers}: {answer}");
        assert_secured(&answer);
    }
}

#[tokio::test]
async fn a_foreign_host_name_is_refused_but_for_health() {
    let gateway = TestGateway::start().await;
    for (host, code) in [
        (gateway.authority().as_str(), "200"),
        ("localhost", "200"),
        ("localhost:18789", "200"),
        ("attacker.example", "421"),
        ("localhost.attacker.example:18789", "421"),
    ] {
        let answer =
            gateway.tcp(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(status(&answer), code, "{host}: {answer}");
    }
    let foreign = "Host: attacker.example\r\n";
    let open = gateway.tcp(format!("GET /health HTTP/1.1\r\n{foreign}Connection: close\r\n\r\n").as_bytes()).await;
    assert!(status(&open) == "200" && open.contains(r#""ok":true"#), "{open}");
    let version = "Sec-WebSocket-Version: 13\r\n";
    for path in ["/", "/health"] {
        let request = format!("GET {path} HTTP/1.1\r\n{foreign}{UPGRADE}{version}\r\n");
        let mut stream = TcpStream::connect(gateway.authority()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 403", "an upgrade on {path}");
    }
}

#[tokio::test]
async fn forwarded_headers_of_a_proxy_that_is_not_trusted_are_refused_but_for_health() {
    let gateway = TestGateway::start().await;
    for header in
        ["X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4", "X-Forwarded-Proto: https"]
    {
        let answer = gateway.get("/", &format!("{header}\r\n")).await;
        assert_eq!(status(&answer), "403", "{header}");
        assert!(answer.contains("proxy_attribution_required") && answer.contains("gateway.trustedProxies"), "{answer}");
        assert_eq!(status(&gateway.get("/health", &format!("{header}\r\n")).await), "200");
    }
    let trusted = TestGateway::with_config(json!({ "gateway": { "trustedProxies": ["127.0.0.1"] } })).await;
    assert_eq!(status(&trusted.get("/", "X-Forwarded-For: 1.2.3.4\r\n").await), "200");
    assert_eq!(status(&trusted.get("/", "X-Forwarded-For: nonsense\r\n").await), "403");
}

#[tokio::test]
async fn a_head_or_a_body_that_does_not_arrive_ends_the_connection() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": { "headerTimeoutMs": 200 } } })).await;
    let host = gateway.authority();
    assert!(!gateway.tcp(b"GET / HTTP/1.1\r\nHos").await.starts_with("HTTP/1.1 200"));
    let head = format!(
        "POST /api/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    let answer = gateway.tcp(head.as_bytes()).await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert_secured(&answer);
}

#[tokio::test]
async fn garbage_is_refused_before_and_after_a_request() {
    let gateway = TestGateway::start().await;
    let host = gateway.authority();
    assert_eq!(status(&gateway.tcp(b"\x16\x03\x01\x02\x00garbage\r\n\r\n").await), "400");
    let answers = gateway
        .tcp(format!("GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n\x01\x02\x03 garbage\r\n\r\n").as_bytes())
        .await;
    assert!(answers.starts_with("HTTP/1.1 200") && answers.contains("HTTP/1.1 400"), "{answers}");
    let many: String = (0..100).map(|number| format!("X-{number}: 1\r\n")).collect();
    assert_eq!(status(&gateway.get("/", &many).await), "431");
}

#[tokio::test]
async fn a_login_link_works_once() {
    let gateway = TestGateway::start().await;
    let printed = gateway.login_url().unwrap();
    let asked: Value = gateway.connect().await.call("dashboard.link", json!({})).await.unwrap();
    let path = asked["path"].as_str().unwrap();
    assert!(asked["expiresAtMs"].as_i64().unwrap() > gateway.clock().now_ms(), "{asked}");
    for link in [printed.as_str(), path] {
        let code = link.split("#login=").nth(1).unwrap();
        redeemed_once(&gateway, code).await;
    }
}

#[tokio::test]
async fn there_is_no_login_link_without_a_page_and_none_is_needed_without_a_credential() {
    let off = TestGateway::with_config(json!({ "gateway": { "controlUi": { "enabled": false } } })).await;
    let refused = off.connect().await.call::<Value>("dashboard.link", json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("gateway.controlUi.enabled"), "{refused}");
    let open = TestGateway::with_config(json!({ "gateway": { "auth": { "mode": "none" } } })).await;
    let link: Value = open.connect().await.call("dashboard.link", json!({})).await.unwrap();
    assert_eq!(link, json!({ "path": "/" }));
}

async fn redeemed_once(gateway: &TestGateway, code: &str) {
    let host = gateway.authority();
    let body = json!({ "code": code }).to_string();
    let request = |origin: &str| {
        format!(
            "POST /api/login HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    assert_eq!(status(&gateway.tcp(request("https://evil.example").as_bytes()).await), "403");
    let own = request(&format!("http://{host}"));
    assert_eq!(status(&gateway.tcp(own.as_bytes()).await), "200");
    assert_eq!(status(&gateway.tcp(own.as_bytes()).await), "403");
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.expect("a loopback socket").local_addr().expect("a loopback socket").port()
}

#[tokio::test]
async fn figures_have_the_names_of_spec_001_on_a_listener_of_their_own() {
    let port = free_port().await;
    let gateway = TestGateway::with_config(json!({ "metrics": { "enabled": true, "port": port } })).await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&[])).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_secured(&answer);
    for line in [
        "openclaw_gateway_connections_total 1",
        "openclaw_gateway_messages_sent_total 2",
        "openclaw_gateway_messages_received_total 1",
        "openclaw_gateway_spawn_requests_total 0",
        "openclaw_gateway_auth_failures_total 0",
    ] {
        assert!(answer.lines().any(|found| found == line), "{line} in {answer}");
    }
}

#[tokio::test]
async fn a_taken_port_of_the_figures_is_survived_unless_they_are_required() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let gateway = TestGateway::with_config(json!({ "metrics": { "enabled": true, "port": port } })).await;
    assert_eq!(status(&gateway.get("/health", "").await), "200");
    let dir = tempfile::tempdir().unwrap();
    let config = json!({ "metrics": { "enabled": true, "port": port, "required": true } });
    let mut options = gateway_options(dir.path(), &Setup { config, ..Setup::default() });
    options.tasks = Tasks::new();
    let refused = start(options).await;
    assert!(matches!(refused.err(), Some(RunError::Listen { address, .. }) if address.port() == port));
}

#[tokio::test]
async fn the_figures_are_on_the_main_port_for_those_who_show_the_credential() {
    let gateway = TestGateway::start().await;
    let ask = async |authorization: &str| {
        let host = gateway.authority();
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{authorization}\r\n");
        gateway.tcp(request.as_bytes()).await
    };
    let answer = ask(&format!("Authorization: Bearer {TOKEN}\r\n")).await;
    assert!(status(&answer) == "200" && answer.contains("\nopenclaw_gateway_connections_total 0\n"), "{answer}");
    assert_secured(&answer);
    for authorization in ["", "Authorization: Bearer \r\n", "Authorization: Basic c2VjcmV0\r\n"] {
        let answer = ask(authorization).await;
        assert_eq!(status(&answer), "401", "{authorization}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("www-authenticate: bearer"), "{answer}");
        assert!(!answer.contains("openclaw_gateway_"), "{answer}");
    }
    let wrong = ask("Authorization: Bearer wrong\r\n").await;
    assert!(status(&wrong) == "401" && !wrong.contains("wrong"), "{wrong}");
    let counted = ask(&format!("Authorization: Bearer {TOKEN}\r\n")).await;
    assert!(counted.contains("\nopenclaw_gateway_auth_failures_total 4\n"), "{counted}");
}
