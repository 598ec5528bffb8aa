//! Tokens of agents (SPEC-NOTES 28).

use openclaw_testkit::gateway::{Setup, TestGateway};
use serde_json::{Value, json};

use crate::support::{post, post_with, send};

fn setup() -> Setup {
    let endpoints = json!({ "chatCompletions": { "enabled": true } });
    let config = json!({
        "gateway": { "http": { "endpoints": endpoints } }, "agents": { "list": [{ "id": "main" }, { "id": "helper" }] },
    });
    Setup { config, ..Setup::default() }
}

async fn issued(gateway: &TestGateway, agent: &str) -> String {
    let reply = post(gateway, "/rpc/agents.token.create", &json!({ "agentId": agent })).await.json();
    reply["payload"]["token"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
}

fn shown(token: &str) -> [(&'static str, String); 1] {
    [("X-Agent-Token", token.to_owned())]
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let gateway = TestGateway::with(setup()).await;
    let token = issued(&gateway, "main").await;
    assert!(token.starts_with("oat_") && token.len() > 40, "{token}");
    let second = post(&gateway, "/rpc/agents.token.create", &json!({ "agentId": "main" })).await;
    assert_eq!(second.status, 409, "one per agent: {second:?}");
    let list = post(&gateway, "/rpc/agents.token.list", &json!({})).await;
    assert!(!list.body.contains(&token), "{list:?}");
    let row = &list.json()["payload"]["tokens"][0];
    assert_eq!(
        (&row["agentId"], &row["status"], row["fingerprint"].as_str().map(str::len)),
        (&json!("main"), &json!("live"), Some(12))
    );
    let secret = token.trim_start_matches("oat_");
    gateway.stop().await;
    let _ = secret;
}

#[tokio::test]
async fn its_holder_may_call_what_is_its_agents_own_and_nothing_else() {
    let gateway = TestGateway::with(setup()).await;
    let token = issued(&gateway, "helper").await;
    let bearer = [("Authorization", format!("Bearer {token}"))];
    for headers in [&shown(&token)[..], &bearer[..]] {
        assert_eq!(post_with(&gateway, "/rpc/health", headers, &json!({})).await.status, 200);
    }
    for (method, params, status) in [
        ("agent", json!({ "agentId": "helper", "message": "hi", "idempotencyKey": "h1" }), 200),
        ("chat.history", json!({ "sessionKey": "agent:helper:main" }), 200),
        ("sessions.list", json!({ "agentId": "helper" }), 200),
        ("agent.identity.get", json!({ "agentId": "helper" }), 200),
        ("agent", json!({ "message": "hi", "idempotencyKey": "h2" }), 403),
        ("agent", json!({ "agentId": "main", "message": "hi", "idempotencyKey": "h3" }), 403),
        (
            "agent",
            json!({ "agentId": "helper", "sessionKey": "agent:main:main", "message": "hi", "idempotencyKey": "h4" }),
            403,
        ),
        ("chat.history", json!({ "sessionKey": "main" }), 403),
        ("sessions.list", json!({}), 403),
        ("sessions.preview", json!({ "keys": ["agent:helper:main", "agent:main:main"] }), 403),
        ("config.get", json!({}), 403),
        ("agents.token.list", json!({}), 403),
        ("agents.list", json!({}), 403),
        ("logs.tail", json!({}), 403),
        // What is not named is not its own, though it be about its agent and take no scope that it lacks.
        ("agents.workspace.list", json!({ "agentId": "helper" }), 403),
        ("skills.status", json!({ "agentId": "helper" }), 403),
        ("sessions.patch", json!({ "key": "agent:helper:main", "label": "mine" }), 403),
        ("sessions.reset", json!({ "key": "agent:helper:main" }), 403),
    ] {
        let answer = post_with(&gateway, &format!("/rpc/{method}"), &shown(&token), &params).await;
        assert_eq!(answer.status, status, "{method} {params}: {answer:?}");
    }
    for (line, status) in [
        ("GET /sessions/agent%3Ahelper%3Amain/history", 200),
        ("GET /sessions/main/history", 403),
        ("GET /events", 403),
        ("GET /metrics", 404),
    ] {
        assert_eq!(send(&gateway, line, &shown(&token), None).await.status, status, "{line}");
    }
    let models = send(&gateway, "GET /v1/models", &shown(&token), None).await.json();
    assert_eq!(models["data"].as_array().unwrap().len(), 3, "{models}");
    let chat = |model: &str| json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
    assert_eq!(
        post_with(&gateway, "/v1/chat/completions", &shown(&token), &chat("openclaw")).await.status,
        200,
        "its own agent"
    );
    let other = post_with(&gateway, "/v1/chat/completions", &shown(&token), &chat("openclaw/main")).await;
    assert_eq!(other.status, 403, "{other:?}");
}

#[tokio::test]
async fn a_replaced_or_withdrawn_token_ends_at_once_and_survives_no_restart() {
    let gateway = TestGateway::with(setup()).await;
    let first = issued(&gateway, "main").await;
    let health = async |gateway: &TestGateway, token: &str| {
        post_with(gateway, "/rpc/health", &shown(token), &json!({})).await.status
    };
    let rotated = post(&gateway, "/rpc/agents.token.rotate", &json!({ "agentId": "main" })).await.json();
    let second = rotated["payload"]["token"].as_str().unwrap().to_owned();
    assert_eq!((health(&gateway, &first).await, health(&gateway, &second).await), (401, 200));
    let gateway = gateway.restart(setup()).await;
    assert_eq!((health(&gateway, &first).await, health(&gateway, &second).await), (401, 200));
    let revoked = post(&gateway, "/rpc/agents.token.revoke", &json!({ "agentId": "main" })).await;
    assert_eq!((revoked.status, &revoked.json()["payload"]["status"]), (200, &json!("revoked")));
    assert_eq!(health(&gateway, &second).await, 401);
    for method in ["rotate", "revoke"] {
        let again = post(&gateway, &format!("/rpc/agents.token.{method}"), &json!({ "agentId": "main" })).await;
        assert_eq!(again.status, 404, "{method}: {again:?}");
    }
    let third = issued(&gateway, "main").await;
    assert_eq!(health(&gateway, &third).await, 200);
    for (method, params, status) in [
        ("create", json!({ "agentId": "nobody" }), 404),
        ("create", json!({}), 400),
        ("rotate", json!({ "agentId": "helper" }), 404),
        ("list", json!({ "wrong": 1 }), 400),
    ] {
        let answer = post(&gateway, &format!("/rpc/agents.token.{method}"), &params).await;
        assert_eq!(answer.status, status, "{method} {params}: {answer:?}");
    }
    let reader = gateway.connect_with(&["operator.write"]).await;
    let refused = reader.call::<Value>("agents.token.list", json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("missing scope: operator.admin"), "{refused}");
}

#[tokio::test]
async fn wrong_tokens_are_logged_by_agent_address_and_reason_and_the_twenty_first_waits() {
    let gateway = TestGateway::with(setup()).await;
    let live = issued(&gateway, "main").await;
    for at in 0..20 {
        let headers = [("X-Agent-Token", format!("oat_wrong-{at}-zzz")), ("x-openclaw-agent-id", "main".to_owned())];
        assert_eq!(post_with(&gateway, "/rpc/health", &headers, &json!({})).await.status, 401);
    }
    let limited = post_with(&gateway, "/rpc/health", &shown(&live), &json!({})).await;
    assert_eq!((limited.status, limited.json()["error"]["type"].as_str()), (429, Some("rate_limited")));
    assert!(limited.header("retry-after").is_some_and(|wait| wait.parse::<u64>().unwrap() <= 60), "{limited:?}");
    let owner = post(&gateway, "/rpc/health", &json!({})).await;
    assert_eq!(owner.status, 200, "the gateway's own credential is counted apart");
}
