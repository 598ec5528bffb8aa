//! Bytes that no well-meaning client sends.

use std::time::Duration;

use openclaw_testkit::gateway::{TOKEN, TestGateway};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{bearer, bytes};

async fn answer(gateway: &TestGateway, request: &str) -> String {
    let request = request.replace("HOST", &gateway.authority());
    gateway.tcp(request.as_bytes()).await
}

#[tokio::test]
async fn smuggled_requests_reach_no_handler() {
    let gateway = TestGateway::start().await;
    let inner = format!(
        "POST /rpc/sessions.patch HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n{{\"key\":\"main\",\"label\":\"smuggled\"}}"
    );
    let head = |lines: &str| {
        format!("POST /rpc/health HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n{lines}\r\n")
    };
    for request in [
        format!("{}0\r\n\r\n{inner}", head("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")),
        format!("{}{inner}", head("Content-Length: 0\r\nContent-Length: 200\r\n")),
        format!("{}{inner}", head("Content-Length: -1\r\n")),
        format!("{}{inner}", head("Content-Length: 0x10\r\n")),
        format!("{}{inner}", head("Content-Length : 5\r\n")),
        format!("{}0\r\n\r\n{inner}", head("Transfer-Encoding: xchunked\r\n")),
        format!("{}0\r\n\r\n{inner}", head("Transfer-Encoding: chunked, identity\r\n")),
        format!("{}{inner}", head("X: a\r\n folded\r\n")),
        format!("{}zz\r\n{inner}", head("Transfer-Encoding: chunked\r\n")),
        format!("{}{inner}", head("X-Bad\u{0}: 1\r\n")),
        format!("POST /rpc/health HTTP/1.1 \r\nHost: HOST\r\n\r\n{inner}"),
    ] {
        let answers = answer(&gateway, &request).await;
        assert!(!answers.contains("smuggled"), "{request}: {answers}");
        let described: serde_json::Value =
            gateway.connect().await.call("sessions.describe", json!({ "key": "main" })).await.unwrap();
        assert!(described["session"].is_null(), "{request} reached a handler: {answers}");
    }
}

#[tokio::test]
async fn requests_one_after_another_are_answered_in_order() {
    let gateway = TestGateway::start().await;
    let mut all = bytes(&gateway, "POST /rpc/health", &[bearer()], None);
    all.extend(bytes(&gateway, "GET /no/such/page", &[], None));
    all.extend(bytes(&gateway, "GET /health", &[("Connection", "close".to_owned())], None));
    let answers = gateway.tcp(&all).await;
    let codes: Vec<&str> = answers.matches("HTTP/1.1 ").map(|_| "").collect();
    assert_eq!(codes.len(), 3, "{answers}");
    let at = |text: &str| answers.find(text).unwrap_or_else(|| panic!("{text} in {answers}"));
    assert!(at("HTTP/1.1 200") < at("HTTP/1.1 404") && at("HTTP/1.1 404") < at("\"status\":\"live\""), "{answers}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_from_its_head_or_where_it_becomes_so() {
    let gateway = TestGateway::start().await;
    let head = format!(
        "POST /rpc/health HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
    );
    let said = answer(&gateway, &format!("{head}Content-Length: 999999999\r\n\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    let mut stream = TcpStream::connect(gateway.authority()).await.unwrap();
    let head = head.replace("HOST", &gateway.authority());
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let writing = async {
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        for _ in 0..64 {
            if writer.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let mut start = [0; 12];
    tokio::select! {
        () = writing => {}
        read = tokio::time::timeout(Duration::from_secs(10), reader.read_exact(&mut start)) => {
            read.unwrap().unwrap();
        }
    }
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[tokio::test]
async fn control_characters_and_long_names_are_answered() {
    let gateway = TestGateway::start().await;
    for path in [
        "/rpc/%00",
        "/rpc/%0d%0aX",
        "/rpc/%ff%fe",
        &format!("/rpc/{}", "x".repeat(5000)),
        "/rpc/..%2f..%2fetc",
        "/sessions/%00/history",
    ] {
        let answers = answer(&gateway, &format!("POST {path} HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")).await;
        let code = answers.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(["400", "404", "405", "414", "431"].contains(&code.as_str()), "{path}: {answers}");
    }
}
