//! Roles, rates and named tokens over HTTP.

use openclaw_testkit::{
    gateway::TestGateway,
    llm::{FakeLlm, Fault},
};
use serde_json::json;

use crate::support::{bearer, get, post, post_with, send, with_vendor_and, words};

fn shown(token: &str) -> [(&'static str, String); 1] {
    [("Authorization", format!("Bearer {token}"))]
}

#[tokio::test]
async fn a_named_token_lets_in_over_http_as_far_as_it_goes() {
    let gateway = TestGateway::start().await;
    let made = post_with(
        &gateway,
        "/rpc/gateway.token.create",
        &[bearer()],
        &json!({ "name": "ci", "scopes": ["operator.read"] }),
    )
    .await;
    assert_eq!(made.status, 200, "{made:?}");
    let token = made.json()["payload"]["token"].as_str().unwrap().to_owned();
    assert_eq!(post_with(&gateway, "/rpc/sessions.list", &shown(&token), &json!({})).await.status, 200);
    assert_eq!(post_with(&gateway, "/rpc/sessions.delete", &shown(&token), &json!({ "key": "x" })).await.status, 403);
    assert_eq!(post_with(&gateway, "/rpc/sessions.list", &shown("oct_guess"), &json!({})).await.status, 401);
    let revoked = post_with(&gateway, "/rpc/gateway.token.revoke", &[bearer()], &json!({ "name": "ci" })).await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    let refused = post_with(&gateway, "/rpc/sessions.list", &shown(&token), &json!({})).await;
    assert_eq!(
        (refused.status, refused.json()["error"]["type"].as_str()),
        (401, Some("access_token_revoked")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn roles_and_rates_hold_over_http() {
    let config = json!({ "security": {
        "authorization": {
            "enabled": true,
            "roles": { "readonly": { "permissions": ["read"] } },
            "users": { "vera": { "role": "readonly" } },
        },
        "rateLimit": { "roleLimits": { "readonly": { "windowMs": 60_000, "maxRequests": 3 } } },
    } });
    let gateway = TestGateway::with_config(config).await;
    let made = post_with(
        &gateway,
        "/rpc/gateway.token.create",
        &[bearer()],
        &json!({ "name": "vera", "scopes": ["operator.admin"] }),
    )
    .await;
    let token = made.json()["payload"]["token"].as_str().unwrap().to_owned();
    let denied = post_with(&gateway, "/rpc/sessions.delete", &shown(&token), &json!({ "key": "x" })).await;
    assert_eq!(
        (denied.status, denied.json()["error"]["details"]["code"].as_str()),
        (403, Some("ACCESS_DENIED")),
        "{denied:?}"
    );
    let chat =
        post_with(&gateway, "/v1/responses", &shown(&token), &json!({ "model": "openclaw", "input": "x" })).await;
    assert!(matches!(chat.status, 403 | 404), "{chat:?}");
    for _ in 0..3 {
        let fine = send(&gateway, "POST /rpc/ping", &shown(&token), None).await;
        assert_eq!(fine.status, 200, "{fine:?}");
    }
    let over = send(&gateway, "POST /rpc/ping", &shown(&token), None).await;
    assert_eq!(over.status, 429, "{over:?}");
    let wait: u64 = over.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{over:?}");
}

#[tokio::test]
async fn what_does_not_count_is_given_back_over_http_too() {
    let llm = FakeLlm::start().await;
    let limit = |skips: &str| json!({ "security": { "rateLimit": { "perUser": { "windowMs": 3_600_000, "maxRequests": 1, (skips): true } } } });
    let chat = json!({ "model": "openclaw", "messages": [{ "role": "user", "content": "hello" }] });
    let streamed = json!({ "model": "openclaw", "stream": true, "messages": [{ "role": "user", "content": "hello" }] });
    let gateway = with_vendor_and(&llm, &limit("skipSuccessfulRequests")).await;
    for body in [&chat, &streamed, &chat] {
        llm.script(words(2, 0));
        let answer = post(&gateway, "/v1/chat/completions", body).await;
        assert_eq!(answer.status, 200, "one that succeeded does not count: {answer:?}");
    }
    assert_eq!(post(&gateway, "/v1/chat/completions", &json!({ "messages": 7 })).await.status, 400);
    assert_eq!(post(&gateway, "/v1/chat/completions", &chat).await.status, 429, "one that failed does");

    let gateway = with_vendor_and(&llm, &limit("skipFailedRequests")).await;
    for _ in 0..3 {
        assert_eq!(post(&gateway, "/v1/chat/completions", &json!({ "messages": 7 })).await.status, 400);
    }
    for _ in 0..3 {
        // The stream begins well and ends badly: that is a failure.
        for _ in 0..12 {
            llm.script(words(1, 0).with(Fault::Status(401, None)));
        }
        let answer = post(&gateway, "/v1/chat/completions", &streamed).await;
        assert_ne!(answer.status, 429, "{answer:?}");
    }
    assert_eq!(get(&gateway, "/v1/models").await.status, 200);
    assert_eq!(get(&gateway, "/v1/models").await.status, 429);
}

#[tokio::test]
async fn a_tool_that_is_asked_for_counts() {
    let limits = json!({ "security": { "rateLimit": { "perUser": { "windowMs": 3_600_000, "maxRequests": 2 } } } });
    let gateway = TestGateway::with_config(limits).await;
    let invoke = json!({ "name": "no.such" });
    for _ in 0..2 {
        assert_eq!(post(&gateway, "/tools/invoke", &invoke).await.status, 404);
    }
    assert_eq!(post(&gateway, "/tools/invoke", &invoke).await.status, 429);
}

#[tokio::test]
async fn work_over_http_that_cannot_be_recorded_is_refused() {
    let llm = FakeLlm::start().await;
    let folder = tempfile::tempdir().unwrap();
    // A link is not written through, so the file cannot be written from the start on.
    let (target, file) = (folder.path().join("target"), folder.path().join("audit.jsonl"));
    std::fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &file).unwrap();
    let more = json!({
        "logging": { "audit": { "required": true, "file": file } },
        "hooks": { "enabled": true, "token": "token-of-the-hooks-0123456789" },
        "security": { "rateLimit": { "commandLimits": { "ask": { "windowMs": 3_600_000, "maxRequests": 1 } } } },
    });
    let gateway = with_vendor_and(&llm, &more).await;
    let tries = async {
        for at in 0.. {
            let params = json!({ "key": format!("s{at}") });
            let made = post_with(&gateway, "/rpc/sessions.create", &[bearer()], &params).await;
            if made.json()["error"]["details"]["code"] == "AUDIT_UNAVAILABLE" {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(30), tries).await.is_ok(), "nothing was refused");
    let chat = json!({ "model": "openclaw", "messages": [{ "role": "user", "content": "hello" }] });
    for _ in 0..3 {
        // Nor is it counted: the limit of one is never reached.
        let answer = post(&gateway, "/v1/chat/completions", &chat).await;
        assert_eq!((answer.status, answer.body.contains("audit file cannot be written")), (503, true), "{answer:?}");
    }
    let hook = [("Authorization", "Bearer token-of-the-hooks-0123456789".to_owned())];
    for (path, work) in [("/hooks/agent", json!({ "message": "look" })), ("/hooks/wake", json!({ "text": "look" }))] {
        let answer = post_with(&gateway, path, &hook, &work).await;
        assert_eq!((answer.status, answer.body.contains("audit file cannot be written")), (503, true), "{answer:?}");
    }
    assert_eq!(llm.requests().len(), 0, "no model was asked");
}
