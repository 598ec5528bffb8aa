//! Roles, rates and named tokens over HTTP.

use openclaw_testkit::gateway::TestGateway;
use serde_json::json;

use crate::support::{bearer, post_with, send};

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
