//! `GET /events`.

use openclaw_testkit::gateway::TestGateway;
use serde_json::json;

use crate::support::{Live, bearer, post, send};

#[tokio::test]
async fn events_come_as_on_a_socket_and_only_those_that_are_wanted() {
    let gateway = TestGateway::start().await;
    assert_eq!(send(&gateway, "GET /events", &[], None).await.status, 401);
    assert_eq!(send(&gateway, "GET /events?nonsense=1", &[bearer()], None).await.status, 400);
    let mut all = Live::open(&gateway, "GET /events?messages=main", &[bearer()], None).await;
    let mut some = Live::open(&gateway, "GET /events?events=chat", &[bearer()], None).await;
    let head = all.until(|text| text.contains("event: ready\n")).await;
    assert!(head.contains("text/event-stream") && head.contains("\"status\":\"new\""), "{head}");
    some.until(|text| text.contains("event: ready\n")).await;
    post(&gateway, "/rpc/agent", &json!({ "message": "hello", "idempotencyKey": "r1" })).await;
    let ends = |text: &str| text.contains("\"state\":\"final\"");
    let text = all.until(ends).await;
    assert!(text.contains("event: session.message\n") && text.contains("event: agent\n"), "{text}");
    assert!(
        text.contains("{\"type\":\"event\",\"event\":\"chat\",\"payload\":") && text.contains("\"seq\":1"),
        "{text}"
    );
    let text = some.until(ends).await;
    assert!(!text.contains("event: agent\n") && !text.contains("event: session.message\n"), "{text}");
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_what_it_missed() {
    let gateway = TestGateway::start().await;
    let mut live = Live::open(&gateway, "GET /events?events=chat", &[bearer()], None).await;
    live.until(|text| text.contains("event: ready\n")).await;
    let id = live.last_id();
    drop(live);
    post(&gateway, "/rpc/agent", &json!({ "message": "hello", "idempotencyKey": "r1" })).await;
    let back = [bearer(), ("Last-Event-ID", id.clone())];
    let mut live = Live::open(&gateway, "GET /events?events=chat", &back, None).await;
    let text = live.until(|text| text.contains("\"state\":\"final\"")).await;
    assert!(text.contains("\"status\":\"resumed\""), "{text}");
    let gone = [bearer(), ("Last-Event-ID", format!("other.{}", id.split_once('.').unwrap().1))];
    let mut live = Live::open(&gateway, "GET /events", &gone, None).await;
    let text = live.until(|text| text.contains("event: ready\n")).await;
    assert!(text.contains("\"status\":\"snapshot\"") && text.contains("\"reason\":\"restarted\""), "{text}");
    let nonsense = [bearer(), ("Last-Event-ID", "nonsense".to_owned())];
    assert_eq!(send(&gateway, "GET /events", &nonsense, None).await.status, 400);
}

#[tokio::test]
async fn a_stream_ends_with_the_gateway_and_with_its_credential() {
    let gateway = TestGateway::start().await;
    let mut live = Live::open(&gateway, "GET /events", &[bearer()], None).await;
    live.until(|text| text.contains("event: ready\n")).await;
    gateway.edit(&json!({ "gateway": { "auth": { "token": "another-token-0123456789abcdef" } } }));
    gateway.reload().await;
    let text = live.until(|text| text.contains("event: close\n")).await;
    assert!(text.contains("gateway auth changed"), "{text}");
    assert_eq!(send(&gateway, "GET /events", &[bearer()], None).await.status, 401);
    gateway.stop().await;
}
