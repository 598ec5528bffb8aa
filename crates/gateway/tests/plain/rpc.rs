//! Every method as `POST /rpc/<method>`.

use openclaw_testkit::gateway::{TOKEN, TestGateway};
use serde_json::{Value, json};

use crate::support::{bearer, get, post, post_with, send};

#[tokio::test]
async fn methods_answer_as_over_a_socket() {
    let gateway = TestGateway::start().await;
    let health = post(&gateway, "/rpc/health", &json!({})).await;
    assert_eq!(
        (health.status, &health.json()["ok"], &health.json()["payload"]["ok"]),
        (200, &json!(true), &json!(true))
    );
    let empty = send(&gateway, "POST /rpc/health", &[bearer()], None).await;
    assert_eq!(empty.status, 200, "parameters may be left out: {empty:?}");
    let patched = post(&gateway, "/rpc/sessions.patch", &json!({ "key": "main", "label": "mine" })).await;
    assert_eq!(patched.status, 200, "{patched:?}");
    let mine: Value = gateway.connect().await.call("sessions.describe", json!({ "key": "main" })).await.unwrap();
    assert_eq!(mine["session"]["label"], "mine", "the change is the same change");
}

#[tokio::test]
async fn requests_are_counted_over_sockets_and_http_with_those_that_were_refused() {
    let gateway = TestGateway::start().await;
    let client = gateway.connect().await;
    // At once, by a task of its own, and not at all.
    for method in ["ping", "sessions.list", "no.such.method"] {
        let _ = client.call::<Value>(method, json!({})).await;
    }
    for (method, status) in [("health", 200), ("no.such.method", 404), ("sessions.subscribe", 400)] {
        assert_eq!(post(&gateway, &format!("/rpc/{method}"), &json!({})).await.status, status, "{method}");
    }
    let figures = send(&gateway, "GET /metrics", &[bearer()], None).await.body;
    for line in ["openclaw_gateway_requests_total 6", "openclaw_gateway_request_errors_total 3"] {
        assert!(figures.lines().any(|found| found == line), "{line} in {figures}");
    }
}

#[tokio::test]
async fn errors_have_the_status_of_their_code() {
    let gateway = TestGateway::start().await;
    for (method, body, status, code) in [
        ("no.such.method", json!({}), 404, "UNKNOWN_METHOD"),
        ("chat.history", json!({}), 400, "INVALID_PARAMS"),
        ("chat.history", json!({ "sessionKey": "main", "wrong": 1 }), 400, "INVALID_PARAMS"),
        ("chat.history", json!([]), 400, "INVALID_PARAMS"),
        ("agent.identity.get", json!({ "agentId": "nobody" }), 404, "UNKNOWN_AGENT_ID"),
        ("sessions.subscribe", json!({}), 400, "INVALID_PARAMS"),
    ] {
        let answer = post(&gateway, &format!("/rpc/{method}"), &body).await;
        let error = answer.json();
        assert_eq!(
            (answer.status, error["error"]["details"]["code"].as_str()),
            (status, Some(code)),
            "{method}: {error}"
        );
        assert_eq!(error["ok"], json!(false));
    }
    for path in ["/rpc", "/rpc/", "/rpc/a/b"] {
        assert_eq!(post(&gateway, path, &json!({})).await.status, 404, "{path}");
    }
    let read = get(&gateway, "/rpc/health").await;
    assert_eq!((read.status, read.header("allow"), read.body.as_str()), (405, Some("POST"), "Method Not Allowed"));
}

#[tokio::test]
async fn nobody_gets_in_without_a_right_credential() {
    let gateway = TestGateway::start().await;
    for headers in [
        vec![],
        vec![("Authorization", "Bearer wrong".to_owned())],
        vec![("Authorization", format!("Basic {TOKEN}"))],
        vec![("X-OpenClaw-Token", TOKEN.to_owned())],
        vec![("X-Agent-Token", TOKEN.to_owned())],
    ] {
        let answer = post_with(&gateway, "/rpc/health", &headers, &json!({})).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["type"].as_str()),
            (401, Some("unauthorized")),
            "{headers:?}"
        );
        assert!(!answer.body.contains(TOKEN));
    }
    let by_query = send(&gateway, &format!("POST /rpc/health?token={TOKEN}"), &[], None).await;
    assert_eq!(by_query.status, 401, "a token in the query shows nothing");
    let scoped = [bearer(), ("x-openclaw-scopes", "operator.read".to_owned())];
    assert_eq!(
        post_with(&gateway, "/rpc/config.get", &scoped, &json!({})).await.status,
        200,
        "the secret has every right"
    );
}

#[tokio::test]
async fn whoever_has_nothing_to_show_may_ask_for_less() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "auth": { "mode": "none", "token": null } } })).await;
    let patch = json!({ "key": "main", "label": "x" });
    assert_eq!(post_with(&gateway, "/rpc/sessions.patch", &[], &patch).await.status, 200);
    let less = [("x-openclaw-scopes", "operator.read".to_owned())];
    let refused = post_with(&gateway, "/rpc/sessions.patch", &less, &patch).await;
    assert_eq!((refused.status, refused.json()["error"]["details"]["code"].as_str()), (403, Some("MISSING_SCOPE")));
}

#[tokio::test]
async fn what_another_site_makes_a_browser_send_is_refused() {
    let gateway = TestGateway::start().await;
    let body = json!({}).to_string();
    for (headers, status) in [
        (
            vec![
                bearer(),
                ("Origin", "https://evil.example".to_owned()),
                ("Content-Type", "application/json".to_owned()),
            ],
            403,
        ),
        (
            vec![
                bearer(),
                ("Sec-Fetch-Site", "cross-site".to_owned()),
                ("Content-Type", "application/json".to_owned()),
            ],
            403,
        ),
        (vec![bearer(), ("Content-Type", "text/plain".to_owned())], 415),
        (vec![bearer(), ("Content-Type", "application/x-www-form-urlencoded".to_owned())], 415),
        (vec![bearer()], 415),
        (
            vec![
                bearer(),
                ("Sec-Fetch-Site", "same-origin".to_owned()),
                ("Content-Type", "application/json".to_owned()),
            ],
            200,
        ),
    ] {
        for path in ["/rpc/health", "/tools/invoke"] {
            let answer = send(&gateway, &format!("POST {path}"), &headers, Some(&body)).await;
            let expected = if path == "/tools/invoke" && status == 200 { 400 } else { status };
            assert_eq!(answer.status, expected, "{path} {headers:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn work_is_named_by_the_header_and_answered_last_or_first() {
    let gateway = TestGateway::start().await;
    let ask = json!({ "message": "hello" });
    let key = |key: &str| vec![bearer(), ("Idempotency-Key", key.to_owned())];
    let whole = post_with(&gateway, "/rpc/agent", &key("k1"), &ask).await;
    assert_eq!(
        (whole.status, &whole.json()["payload"]["runId"], &whole.json()["payload"]["status"]),
        (200, &json!("k1"), &json!("ok"))
    );
    let again = post_with(&gateway, "/rpc/agent", &key("k1"), &ask).await;
    assert_eq!(again.json()["payload"], whole.json()["payload"], "it did not run twice");
    let other = post_with(&gateway, "/rpc/agent", &key("k1"), &json!({ "message": "other" })).await;
    assert_eq!(other.status, 409, "{other:?}");
    let mut headers = key("k2");
    headers.push(("Prefer", "respond-async".to_owned()));
    let first = post_with(&gateway, "/rpc/agent", &headers, &ask).await;
    assert_eq!((first.status, &first.json()["payload"]["status"]), (202, &json!("accepted")), "{first:?}");
    let waited = post(&gateway, "/rpc/agent.wait", &json!({ "runId": "k2" })).await;
    assert_eq!(waited.json()["payload"]["status"], "ok", "it went on by itself");
    let prefers = [bearer(), ("Prefer", "respond-async".to_owned())];
    assert_eq!(
        post_with(&gateway, "/rpc/health", &prefers, &json!({})).await.status,
        200,
        "there is nothing to wait for"
    );
    let both = post_with(&gateway, "/rpc/agent", &key("k3"), &json!({ "message": "x", "idempotencyKey": "k4" })).await;
    assert_eq!(both.status, 400, "{both:?}");
}

#[tokio::test]
async fn the_document_is_for_those_with_the_credential() {
    let gateway = TestGateway::start().await;
    assert_eq!(send(&gateway, "GET /openapi.json", &[], None).await.status, 401);
    let document = get(&gateway, "/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/rpc/chat.send"]["post"]["requestBody"].is_object());
}
