//! Users whom a reverse proxy names, and passwords that are kept as a hash.

use openclaw_core::Secret;
use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{closed, code},
};

pub(crate) fn config(more: Value) -> Value {
    let mut config = json!({ "gateway": {
        "trustedProxies": ["127.0.0.1"],
        "controlUi": { "allowedOrigins": ["https://mc.example.com"] },
        "auth": {
            "mode": "trusted-proxy", "token": null, "password": "the password of this machine",
            "identityScopes": { "ann@example.com": ["operator.read"] },
            "trustedProxy": { "userHeader": "X-Forwarded-User", "allowUsers": ["ann@example.com"], "allowLoopback": true },
        },
    } });
    if let (Value::Object(auth), Value::Object(more)) = (&mut config["gateway"]["auth"], more) {
        auth.extend(more);
    }
    config
}

pub(crate) const PROXIED: [(&str, &str); 2] =
    [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-user", "ann@example.com")];

pub(crate) fn page() -> Value {
    json!({
        "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.admin"], "auth": {},
        "client": { "id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat" },
    })
}

#[tokio::test]
async fn a_user_of_the_proxy_is_let_in_holds_what_is_written_down_and_is_named_in_the_audit() {
    let gateway = TestGateway::with_config(config(json!({}))).await;
    let headers = [&PROXIED[..], &[("origin", "https://mc.example.com")]].concat();
    let mut raw = gateway.raw_with(&headers).await;
    let hello = raw.shake(&page()).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(["operator.read"]), "{hello}");
    let mut seen = None;
    for _ in 0..100 {
        let records = audit::records(&gateway).await;
        seen = records.into_iter().find(|record| record.event.actor == "user:ann@example.com");
        if seen.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let seen = seen.expect("the audit names the user");
    assert_eq!((seen.event.event.as_str(), seen.event.ip.as_deref()), ("auth.success", Some("203.0.113.9")));

    // The origin is checked all the same (T02), and cookies do not make another site's page a user.
    let headers = [&PROXIED[..], &[("origin", "https://evil.example")]].concat();
    let mut raw = gateway.raw_with(&headers).await;
    assert_eq!(code(&raw.shake(&page()).await), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    assert_eq!(closed(&mut raw).await.0, 1008);
}

async fn beside(gateway: &TestGateway) -> (openclaw_testkit::gateway::Raw, Value) {
    let mut raw = gateway.raw().await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"] = json!({ "password": "the password of this machine" });
    let hello = raw.shake(&params).await;
    (raw, hello)
}

#[tokio::test]
async fn over_http_the_proxys_user_is_asked_for_nothing_more_and_others_are_refused_by_name() {
    let gateway = TestGateway::with_config(config(json!({}))).await;
    let lines = |headers: &[(&str, &str)]| -> String {
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    };
    let user = lines(&PROXIED);
    assert!(gateway.get("/metrics", &user).await.starts_with("HTTP/1.1 200"));
    let capped = format!("{user}x-openclaw-scopes: \r\n");
    assert!(gateway.get("/metrics", &capped).await.starts_with("HTTP/1.1 403"));
    for (headers, status) in [
        (format!("{user}Sec-Fetch-Site: cross-site\r\n"), "403"),
        (format!("{user}Origin: https://evil.example\r\n"), "403"),
        (lines(&[("x-forwarded-for", "203.0.113.9")]), "401"),
        (lines(&[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-user", "eve@example.com")]), "401"),
        (format!("{user}x-forwarded-user: ann@example.com\r\n"), "401"),
        // Beside the proxy, or with nobody behind it.
        (lines(&[("x-forwarded-user", "ann@example.com")]), "403"),
        (lines(&[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-user", "ann@example.com")]), "403"),
        (String::new(), "401"),
    ] {
        let answer = gateway.get("/metrics", &headers).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{headers}: {answer}");
    }
}

#[tokio::test]
async fn who_is_taken_off_the_list_loses_the_connection_at_once() {
    let gateway = TestGateway::with_config(config(json!({}))).await;
    let headers = [&PROXIED[..], &[("origin", "https://mc.example.com")]].concat();
    let mut raw = gateway.raw_with(&headers).await;
    assert_eq!(raw.shake(&page()).await["ok"], true);
    let (mut local, _) = beside(&gateway).await;
    let rules = json!({ "userHeader": "X-Forwarded-User", "allowUsers": ["bob@example.com"], "allowLoopback": true });
    gateway.edit(&config(json!({ "trustedProxy": rules })));
    gateway.reload().await;
    assert_eq!(closed(&mut raw).await, (4001, "gateway auth changed".to_owned()));
    let mut raw = gateway.raw_with(&headers).await;
    assert_eq!(code(&raw.shake(&page()).await), "AUTH_VERIFIED_USER_REQUIRED");
    assert_eq!(local.call("1", "ping", json!({})).await["ok"], true, "others stay");
}

#[tokio::test]
async fn no_login_link_hands_out_a_secret_where_a_proxy_asks_or_only_a_hash_is_known() {
    let gateway = TestGateway::with_config(config(json!({}))).await;
    assert_eq!(gateway.login_url(), None);
    let hash = openclaw_auth::password::hash(&Secret::new("correct horse battery"), [3; 16]).unwrap();
    let auth = json!({ "mode": "password", "token": null, "password": hash.expose() });
    let gateway = TestGateway::with_config(json!({ "gateway": { "auth": auth } })).await;
    assert_eq!(gateway.login_url(), None);
}

#[tokio::test]
async fn a_password_that_is_kept_as_a_hash_admits_and_others_are_counted() {
    let hash = openclaw_auth::password::hash(&Secret::new("correct horse battery"), [3; 16]).unwrap();
    let auth = json!({ "mode": "password", "token": null, "password": hash.expose() });
    let mut config = json!({ "gateway": { "auth": auth } });
    config["gateway"]["auth"]["rateLimit"] = json!({ "maxAttempts": 3, "exemptLoopback": false });
    let gateway = TestGateway::with(Setup { config, ..Setup::default() }).await;
    let attempt = async |password: &str| {
        let mut raw = gateway.raw().await;
        let mut params = connect_params(&["operator.read"]);
        params["auth"] = json!({ "password": password });
        raw.shake(&params).await
    };
    for _ in 0..2 {
        let answer = attempt("correct horse battery").await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    // The hash itself is no password.
    for wrong in ["battery horse correct", hash.expose(), "x"] {
        assert_eq!(code(&attempt(wrong).await), "AUTH_PASSWORD_MISMATCH", "{wrong}");
    }
    assert_eq!(code(&attempt("correct horse battery").await), "AUTH_RATE_LIMITED");
}
