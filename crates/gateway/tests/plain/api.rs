//! `/api/…`, `/tools/invoke` and `/sessions/{key}/history`.

use openclaw_testkit::gateway::TestGateway;
use serde_json::json;

use crate::support::{Live, bearer, get, post, send};

#[tokio::test]
async fn the_addresses_of_a_mission_control_are_methods_and_want_the_credential() {
    let gateway = TestGateway::start().await;
    for (line, status) in [
        ("GET /api/channels/status", 200),
        ("GET /api/channels/status?probe=true&timeoutMs=100", 200),
        ("POST /api/channels/status", 200),
        ("GET /api/channels/probe", 200),
        ("GET /api/config/schema", 200),
        ("POST /api/config/apply", 200),
        ("GET /api/channels/status?probe=maybe", 400),
        ("PUT /api/channels/nostr/main/profile", 501),
        ("GET /api/config/apply", 405),
        ("GET /api/nothing", 404),
    ] {
        let answer = send(&gateway, line, &[bearer()], None).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        if status != 404 && status != 405 {
            assert_eq!(send(&gateway, line, &[], None).await.status, 401, "{line} without a credential");
        }
    }
    for line in [
        "GET /api/exec-approvals",
        "POST /api/exec-approvals/respond",
        "POST /api/channels/whatsapp/link",
        "POST /api/config/update",
    ] {
        let answer = send(&gateway, line, &[], None).await;
        assert_eq!(answer.status, 401, "{line}");
        let known = send(&gateway, line, &[bearer()], None).await;
        assert!([200, 400, 404, 501, 503].contains(&known.status), "{line}: {known:?}");
    }
    let wrong = post(&gateway, "/api/exec-approvals/respond", &json!({ "id": "x", "action": "maybe" })).await;
    assert_eq!(wrong.status, 400, "{wrong:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_no_success_of_apply() {
    let gateway = TestGateway::start().await;
    gateway.edit(&json!({ "gateway": { "port": "nonsense" } }));
    let refused = send(&gateway, "POST /api/config/apply", &[bearer()], None).await;
    assert_eq!((refused.status, refused.json()["error"]["details"]["code"].as_str()), (400, Some("INVALID_CONFIG")));
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_said_in_the_known_words() {
    let gateway = TestGateway::start().await;
    for body in [
        json!({ "tool": "x" }),
        json!({ "name": "x", "dryRun": true }),
        json!({ "name": "x", "args": {}, "sessionKey": "main" }),
    ] {
        let answer = post(&gateway, "/tools/invoke", &body).await;
        assert_eq!(answer.status, 404, "{body}");
        assert_eq!(
            answer.json(),
            json!({ "ok": false, "error": { "type": "not_found", "message": "Tool not available: x" } })
        );
    }
    let nameless = post(&gateway, "/tools/invoke", &json!({})).await;
    assert_eq!((nameless.status, &nameless.json()["error"]["message"]), (400, &json!("tools.invoke requires name")));
    for body in [
        json!({ "name": 5 }),
        json!({ "name": "x", "args": [] }),
        json!({ "name": "x", "sessionKey": "agent:other:main", "agentId": "main" }),
    ] {
        assert_eq!(post(&gateway, "/tools/invoke", &body).await.status, 400, "{body}");
    }
    assert_eq!(send(&gateway, "POST /tools/invoke", &[], None).await.status, 401);
}

#[tokio::test]
async fn a_tool_begins_no_session_whatever_it_is_called() {
    let gateway = TestGateway::start().await;
    for name in
        ["sessions_spawn", "sessions_send", "sessions.create", "chat.send", "agent", "cron", "gateway", "node.invoke"]
    {
        for session in ["main", "agent:main:fresh"] {
            let arguments = json!({ "task": "x", "message": "x", "sessionKey": session, "key": session });
            let body = json!({ "name": name, "args": arguments, "sessionKey": session });
            let answer = post(&gateway, "/tools/invoke", &body).await;
            assert_eq!(answer.status, 404, "{name}: {answer:?}");
        }
    }
    let sessions = post(&gateway, "/rpc/sessions.list", &json!({})).await.json();
    assert_eq!(sessions["payload"]["sessions"], json!([]), "{sessions}");
}

#[tokio::test]
async fn a_conversation_is_read_at_once_or_as_it_goes_on() {
    let gateway = TestGateway::start().await;
    let none = get(&gateway, "/sessions/agent%3Amain%3Amain/history").await;
    assert_eq!(none.status, 404, "{none:?}");
    post(&gateway, "/rpc/agent", &json!({ "message": "hello", "idempotencyKey": "r1" })).await;
    let shown = get(&gateway, "/sessions/main/history?limit=1").await.json();
    assert_eq!(
        (shown["messages"].as_array().unwrap().len(), &shown["sessionKey"]),
        (1, &json!("agent:main:main")),
        "{shown}"
    );
    assert_eq!(shown["items"], shown["messages"]);
    assert_eq!(get(&gateway, "/sessions/main/history?limit=0").await.status, 400);
    assert_eq!(get(&gateway, "/sessions/main/history?limit=x").await.status, 400);
    assert_eq!(send(&gateway, "GET /sessions/main/history", &[], None).await.status, 401);
    let accept = [bearer(), ("Accept", "text/event-stream".to_owned())];
    let mut live = Live::open(&gateway, "GET /sessions/main/history", &accept, None).await;
    live.until(|text| text.contains("event: history\n")).await;
    post(&gateway, "/rpc/agent", &json!({ "message": "further", "idempotencyKey": "r2" })).await;
    let text = live.until(|text| text.matches("event: session.message\n").count() >= 2).await;
    assert!(text.contains("further") && !text.contains("event: chat\n"), "{text}");
}
